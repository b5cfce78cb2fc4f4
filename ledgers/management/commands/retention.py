"""Tells what of the papers must be kept by law and what need not be kept any more; deletes nothing."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from ledgers.retention import count_years, free_papers


class Command(BaseCommand):
    help = "Counts, for each year of trade, the papers that must be kept and those that need not; deletes nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--papers", action="store_true", help="name every paper that need not be kept any more")

    def handle(self, *args: Any, **options: Any) -> None:
        for year in count_years():
            until = f", the last until {year.kept_until}" if year.kept_until else ""
            self.stdout.write(f"{year.year}: {year.papers} papers, {year.free} need not be kept any more{until}")
        for paper in free_papers() if options["papers"] else ():
            self.stdout.write(f"{paper.number} of {paper.traded_on}: was to be kept until {paper.kept_until}")
        self.stdout.write("Nothing has been deleted.")
