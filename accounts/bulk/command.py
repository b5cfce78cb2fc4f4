"""What every loading command says and takes: paths in, counts out, bad rows into a file of their own."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pghistory
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from accounts.bulk.loading import Counts, Loader, Run
from accounts.bulk.rejected import RejectedRows
from accounts.bulk.rows import Sheet, recognise
from accounts.bulk.tables import NoTable, Table, files_in, tables_in

ALWAYS = ("read", "created", "updated", "unchanged", "rejected")


class LoadCommand(BaseCommand):
    """A command that loads the rows of one kind; `loader` makes its Loader from the options."""

    def loader(self, options: dict[str, Any]) -> Loader:
        raise NotImplementedError

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="csv, csv.gz, xls, xlsx or a folder")
        parser.add_argument("--rejected", type=Path, metavar="OUT.csv", help="write the bad rows with reasons here")
        parser.add_argument("--json", action="store_true", help="print the counts as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        loader = self.loader(options)
        sheets = self._sheets(loader, options["paths"])
        with ExitStack() as stack:
            rejected = None
            if options["rejected"]:
                file = stack.enter_context(options["rejected"].open("w", encoding="utf-8-sig", newline=""))
                rejected = RejectedRows(file, sheets)
            stack.enter_context(pghistory.context(loaded_from=[sheet.table.name for sheet in sheets]))
            counts = Run(loader, sheets, rejected, progress=self._show)()
        self._tell(counts, options)

    def _show(self, counts: Counts) -> None:
        """How far it is, to somebody who waits at a terminal."""
        if self.stderr.isatty():
            self.stderr.write(f"\r{counts.read:,}", ending="")

    def _sheets(self, loader: Loader, paths: list[Path]) -> list[Sheet]:
        try:
            tables = [table for path in files_in(paths) for table in tables_in(path)]
            found = [self._sheet(loader, table) for table in tables]
        except NoTable as sentence:
            raise CommandError(str(sentence)) from sentence
        if sheets := [sheet for sheet in found if sheet]:
            return sheets
        raise CommandError(
            _("No table there has the headings that are needed: %(headings)s.")
            % {"headings": ", ".join(" / ".join(loader.columns[field]) for field in loader.required)}
        )

    def _sheet(self, loader: Loader, table: Table) -> Sheet | None:
        sheet = recognise(table, loader.columns, loader.required)
        if sheet is None:
            self.stderr.write(_("Not loaded: %(file)s has other headings.") % {"file": table.name})
        return sheet

    def _tell(self, counts: Counts, options: dict[str, Any]) -> None:
        if self.stderr.isatty():
            self.stderr.write("\r", ending="")
        if options["json"]:
            self.stdout.write(json.dumps(asdict(counts), ensure_ascii=False))
            return
        for name in (*ALWAYS, *(["warned"] if counts.warned else [])):
            self.stdout.write(f"{name}: {getattr(counts, name)}")
        for sentence, count in counts.warnings.items():
            self.stdout.write(f"  {count} × {sentence}")
        if counts.rejected and not options["rejected"]:
            self.stdout.write(_("Run it again with --rejected OUT.csv to see the rejected rows and the reasons."))
