"""Loads what the catalogue needs before its first product: units and food categories."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from catalog.reference import load_reference


class Command(BaseCommand):
    help = "Loads units and food categories; safe to repeat."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print the counts as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        counts = load_reference()
        if options["json"]:
            self.stdout.write(json.dumps(counts))
        elif options["verbosity"]:
            self.stdout.write("\n".join(f"{name}: {count}" for name, count in counts.items()))
