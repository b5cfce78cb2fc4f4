"""The loading machine: rows are checked one by one and written in batches; each is counted exactly once."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db import DataError, IntegrityError, models, transaction
from django.utils.translation import gettext as _

from accounts.bulk.rejected import RejectedRows
from accounts.bulk.rows import Columns, Refused, Row, Sheet

BATCH = 2_000
SHEET = 2**32


@dataclass(slots=True)
class Facts:
    """What one row says: the key of the thing, its values, and what is odd but no reason to refuse it."""

    key: Hashable
    values: dict[str, Any]
    warnings: list[str] = field(default_factory=list)


@dataclass
class Counts:
    """What became of the rows: read = created + updated + unchanged + rejected, always."""

    read: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    rejected: int = 0
    warned: int = 0
    warnings: dict[str, int] = field(default_factory=dict)


class Loader:
    """What one kind of row is: its columns, its check, and how known rows are found, changed and made."""

    columns: ClassVar[Columns]
    required: ClassVar[tuple[str, ...]]

    def rows(self, sheets: Sequence[Sheet]) -> Iterator[Row]:
        """The rows to load, in the order to load them."""
        return (row for sheet in sheets for row in sheet.rows())

    def check(self, cells: Mapping[str, str]) -> Facts:
        """The facts of one row, by themselves. Raises Refused or ValidationError."""
        raise NotImplementedError

    def settle(self, batch: Sequence[Facts]) -> Callable[[Facts], Facts]:
        """Look up what the rows of a batch refer to. The answer completes one row, or raises Refused."""
        return lambda facts: facts

    def known(self, keys: Iterable[Hashable]) -> dict[Any, Any]:
        """The rows that are here already, by key, locked."""
        raise NotImplementedError

    def make(self, facts: Facts) -> models.Model:
        """A new row, not saved."""
        raise NotImplementedError

    def change(self, row: Any, facts: Facts) -> bool:
        """Write the facts into a known row, not saved; whether anything is different now."""
        raise NotImplementedError

    def write(self, new: Sequence[Any], changed: Sequence[Any]) -> None:
        """Save rows, set by set."""
        raise NotImplementedError

    def finish(self) -> None:
        """What is left to do once, after the last batch."""


class Run:
    """One loading of some sheets. A batch is written whole; where the database refuses it, row by row."""

    def __init__(self, loader: Loader, sheets: Sequence[Sheet], rejected: RejectedRows | None = None) -> None:
        self.loader, self.sheets, self.rejected = loader, sheets, rejected
        self.counts = Counts()
        self.order = {id(sheet): place for place, sheet in enumerate(sheets)}
        self.seen: dict[Hashable, int] = {}  # sheet and row in one number: there may be a million of them

    def __call__(self) -> Counts:
        """Load everything and say what became of it. What was committed stays, whatever happens later."""
        checked = self._checked()
        while batch := list(islice(checked, BATCH)):
            self._save(self._settled(batch))
        self.loader.finish()
        return self.counts

    def _checked(self) -> Iterator[tuple[Row, Facts]]:
        for row in self.loader.rows(self.sheets):
            self.counts.read += 1
            facts = self._judged(row, partial(self._facts, row))
            if facts is not None:
                yield row, facts

    def _settled(self, batch: list[tuple[Row, Facts]]) -> list[tuple[Row, Facts]]:
        complete = self.loader.settle([facts for _row, facts in batch])
        judged = ((row, self._judged(row, partial(complete, facts))) for row, facts in batch)
        return [(row, facts) for row, facts in judged if facts is not None]

    def _facts(self, row: Row) -> Facts:
        facts = self.loader.check(row.cells())
        if facts.key in self.seen:
            sheet, number = divmod(self.seen[facts.key], SHEET)
            raise Refused(
                "",
                _("Row %(number)s of %(file)s has this number already. Keep one of the two rows.")
                % {"number": number, "file": self.sheets[sheet].table.name},
            )
        self.seen[facts.key] = self.order[id(row.sheet)] * SHEET + row.number
        return facts

    def _judged(self, row: Row, step: Callable[[], Facts]) -> Facts | None:
        try:
            return step()
        except Refused as refused:
            self._reject(row, refused)
        except ValidationError as fault:
            self._reject(row, Refused("", " ".join(fault.messages)))
        return None

    def _reject(self, row: Row, refused: Refused) -> None:
        self.counts.rejected += 1
        if self.rejected is not None:
            self.rejected.write(row, refused)

    def _save(self, batch: list[tuple[Row, Facts]]) -> None:
        try:
            created, updated = self._write([facts for _row, facts in batch])
        except (IntegrityError, DataError) as fault:
            self._save_singly(batch, fault)
            return
        self.counts.created += created
        self.counts.updated += updated
        self.counts.unchanged += len(batch) - created - updated
        self.counts.warned += sum(bool(facts.warnings) for _row, facts in batch)
        for warning in (warning for _row, facts in batch for warning in facts.warnings):
            self.counts.warnings[warning] = self.counts.warnings.get(warning, 0) + 1

    def _save_singly(self, batch: list[tuple[Row, Facts]], fault: Exception) -> None:
        """One row spoiled the batch, or somebody was faster: found out by trying them one by one."""
        if len(batch) == 1:
            self._reject(batch[0][0], Refused("", _("The database refuses the row: %(why)s") % {"why": fault}))
        else:
            for one in batch:
                self._save([one])

    def _write(self, batch: list[Facts]) -> tuple[int, int]:
        with transaction.atomic():
            known = self.loader.known([facts.key for facts in batch])
            new = [self.loader.make(facts) for facts in batch if facts.key not in known]
            changed = [
                known[facts.key]
                for facts in batch
                if facts.key in known and self.loader.change(known[facts.key], facts)
            ]
            self.loader.write(new, changed)
        return len(new), len(changed)


def differs(row: models.Model, values: Mapping[str, Any], *, only_empty: bool = False) -> bool:
    """Write `values` into `row` and say whether anything changed. An empty value changes nothing; with
    `only_empty` neither does one for a field that is filled."""
    changed = False
    for name, value in values.items():
        before = getattr(row, name)
        if value in (None, "") or value == before or (only_empty and before not in (None, "")):
            continue
        setattr(row, name, value)
        changed = True
    return changed
