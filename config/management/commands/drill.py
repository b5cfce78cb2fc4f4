"""Runs one of the long exercises; ends with an error where what must hold did not."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

import psycopg2
from django.core.management.base import BaseCommand, CommandError

from config.drills import DRILLS
from config.embedded import ServerFailed


class Command(BaseCommand):
    help = "Runs a drill in a database of its own and prints what was done, found and measured."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", choices=sorted(DRILLS))
        parser.add_argument("--times", type=int, help="how often: confirmations of cross (10000), kills of kill (200)")

    def handle(self, *args: Any, **options: Any) -> None:
        asked = {name: options[name] for name in ("times",) if options[name] is not None}
        try:
            DRILLS[options["name"]](self.stdout, **asked)
        except (ServerFailed, psycopg2.OperationalError) as fault:
            raise CommandError(f"The drill has no database: {fault}") from fault
