"""Recomputes balances, disputes, entries and day figures from the papers, and tells every difference."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from ledgers.verifying import differences


class Command(BaseCommand):
    help = "Works the books out again from the papers; exits with 1 and the differences where they do not agree."

    def handle(self, *args: Any, **options: Any) -> None:
        count = 0
        for difference in differences():
            self.stdout.write(str(difference))
            count += 1
        if count:
            raise CommandError(f"The books differ from the papers in {count} places.")
        self.stdout.write("The books agree with the papers.")
