"""Loads provinces, cities, districts, streets and villages from published lists."""

from argparse import ArgumentParser
from typing import Any

from accounts.bulk.command import LoadCommand
from accounts.loading import RegionLoader


class Command(LoadCommand):
    help = "Loads regions (GB/T 2260 and its 9- and 12-digit extensions); safe to repeat."

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--under", default="", metavar="CODE", help="only this region and what lies in it")

    def loader(self, options: dict[str, Any]) -> RegionLoader:
        return RegionLoader(under=options["under"])
