"""Runs one of the long exercises; ends with an error where what must hold did not."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from config.drills import DRILLS


class Command(BaseCommand):
    help = "Runs a drill in a database of its own and prints what was done, found and measured."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", choices=sorted(DRILLS))

    def handle(self, *args: Any, **options: Any) -> None:
        DRILLS[options["name"]](self.stdout)
