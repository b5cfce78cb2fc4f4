"""`requirements`: each thing the project promises beside the tests that hold it to the promise."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from config.requirements import TABLE, Coverage, coverage


class Command(BaseCommand):
    help = "Prints the rows of docs/requirements.csv with their tests; fails where a test names an unknown id."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="print the rows as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            found = coverage(settings.BASE_DIR)
        except FileNotFoundError as fault:
            raise CommandError(f"{TABLE} is not here: run this in a whole checkout of the project.") from fault
        self.stdout.write(
            json.dumps(_as_json(found), ensure_ascii=False) if options["json"] else "\n".join(_told(found))
        )
        if found.unknown:
            raise CommandError(" ".join(_refusals(found)))


def _told(found: Coverage) -> Iterator[str]:
    for requirement in found.requirements:
        yield f"{requirement.id}  {requirement.row['requirement']}"
        yield from (f"       {test}" for test in requirement.tests)
    tests = {test for requirement in found.requirements for test in requirement.tests}
    yield f"{found.covered} of {len(found.requirements)} requirements have a test; marked tests: {len(tests)}."


def _as_json(found: Coverage) -> list[dict[str, Any]]:
    """The rows of the table as they are, each with its tests."""
    return [{**requirement.row, "tests": requirement.tests} for requirement in found.requirements]


def _refusals(found: Coverage) -> Iterator[str]:
    for name, tests in found.unknown.items():
        yield f"No row of {TABLE} has the id {name}, which {', '.join(tests)} names."
