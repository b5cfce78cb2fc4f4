"""Measures how fast we are beside a reference, in a database of its own that is gone afterwards."""

from __future__ import annotations

import json
import os
from argparse import ArgumentParser
from collections.abc import Callable
from typing import Any

import psycopg2
from django.core.management.base import BaseCommand, CommandError

from config.benches import api, confirm, dashboard, load, resolve, search, trace, trace_data
from config.benches.measures import Report
from config.benches.place import throw_away
from config.embedded import ServerFailed

BENCHES: dict[str, Callable[[bool], Report]] = {
    "api": lambda full: api.run(api.Size(rounds=11) if full else api.Size()),
    "confirm": lambda full: confirm.run(confirm.Size(rounds=11, seconds=5, papers=4_000) if full else confirm.Size()),
    "dashboard": lambda full: dashboard.run(
        dashboard.Size(entries=11_000_000, traders=45_000, rounds=5) if full else dashboard.Size()
    ),
    "load": lambda full: load.run(load.Size() if full else load.Size(rows=100_000)),
    "resolve": lambda full: resolve.run(resolve.Size(products=400_000) if full else resolve.Size()),
    "search": lambda full: search.run(search.Size(queries=300) if full else search.Size()),
    "trace": lambda full: trace.run(trace_data.LARGE if full else trace_data.Size()),
}
NOT_BUILT = ("pages",)


class Command(BaseCommand):
    help = "Measures one thing beside its reference and prints both figures and their ratio."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", choices=(*BENCHES, *NOT_BUILT))
        parser.add_argument("--json", action="store_true", help="print the measures as JSON")
        parser.add_argument("--full", action="store_true", help="longer, with the sizes the goals are stated for")

    def handle(self, *args: Any, **options: Any) -> None:
        name = options["name"]
        if name not in BENCHES:
            raise CommandError(f"The bench {name} is not built yet. There are: {', '.join(BENCHES)}.")
        try:
            with throw_away(server_of_our_own=not os.environ.get("DATABASE_URL")):
                report = BENCHES[name](options["full"])
        except (ServerFailed, psycopg2.OperationalError) as fault:
            raise CommandError(f"The bench has no database: {fault}") from fault
        self._tell(report, as_json=options["json"])

    def _tell(self, report: Report, *, as_json: bool) -> None:
        if as_json:
            self.stdout.write(json.dumps(report.as_json()))
            return
        for measure in report.measures:
            figures = f"ours {measure.ours:.1f} {measure.unit}, reference {measure.reference:.1f} {measure.unit}"
            self.stdout.write(f"{measure.name}: {figures}, ratio {measure.ratio:.3f}")
        for name, fact in report.facts.items():
            self.stdout.write(f"{name}: {fact}")
        for note in report.notes:
            self.stdout.write(note)
