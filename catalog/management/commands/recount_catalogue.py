"""Counts again what was ever said of the shared catalogue; needed after weights or rules have changed."""

from typing import Any

from django.core.management.base import BaseCommand

from catalog.resolving import recount


class Command(BaseCommand):
    help = "Counts all contributions again and lets the shared products follow; safe to repeat and to break off."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"fields changed: {sum(recount())}")
