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
    batch: ClassVar[int] = 2_000  # rows in one transaction

    def rows(self, sheets: Sequence[Sheet]) -> Iterator[Row]:
        """The rows to load, in the order to load them."""
        return (row for sheet in sheets for row in sheet.rows())

    def check(self, cells: Mapping[str, str]) -> Facts:
        """The facts of one row, by themselves. Raises Refused or ValidationError."""
        raise NotImplementedError

    def settle(self, batch: Sequence[Facts]) -> Callable[[Facts], Facts]:
        """Look up what the rows of a batch refer to. The answer completes one row, or raises Refused."""
        return lambda facts: facts

    def save(self, batch: Sequence[Facts]) -> tuple[int, int]:
        """Write the rows of a batch, inside one transaction; how many are new and how many changed something."""
        known = self.known([facts.key for facts in batch])
        new = [self.make(facts) for facts in batch if facts.key not in known]
        changed = [known[facts.key] for facts in batch if facts.key in known and self.change(known[facts.key], facts)]
        self.write(new, changed)
        return len(new), len(changed)

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
        """What is left to do once, after the last batch, where something was written."""


class Run:
    """One loading of some sheets. A batch is written whole; where the database refuses it, in halves.

    Every batch is committed: a load that was killed is begun again, finds its rows unchanged and goes on from there.
    `progress` is told the counts after each.
    """

    def __init__(
        self,
        loader: Loader,
        sheets: Sequence[Sheet],
        rejected: RejectedRows | None = None,
        *,
        progress: Callable[[Counts], None] = lambda counts: None,
    ) -> None:
        self.loader, self.sheets, self.rejected, self.progress = loader, sheets, rejected, progress
        self.counts = Counts()
        self.order = {id(sheet): place for place, sheet in enumerate(sheets)}
        self.seen: dict[Hashable, int] = {}  # sheet and row in one number: there may be a million of them

    def __call__(self) -> Counts:
        """Load everything and say what became of it. What was committed stays, whatever happens later."""
        checked = self._checked()
        while batch := list(islice(checked, self.loader.batch)):
            self._save(self._settled(batch))
            self.progress(self.counts)
        if self.counts.created or self.counts.updated:
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
            with transaction.atomic():
                created, updated = self.loader.save([facts for _row, facts in batch])
        except (IntegrityError, DataError) as fault:
            self._save_in_halves(batch, fault)
            return
        self.counts.created += created
        self.counts.updated += updated
        self.counts.unchanged += len(batch) - created - updated
        self.counts.warned += sum(bool(facts.warnings) for _row, facts in batch)
        for warning in (warning for _row, facts in batch for warning in facts.warnings):
            self.counts.warnings[warning] = self.counts.warnings.get(warning, 0) + 1

    def _save_in_halves(self, batch: list[tuple[Row, Facts]], fault: Exception) -> None:
        """One row spoiled the batch, or somebody was faster: the halves that are sound go in."""
        if len(batch) == 1:
            self._reject(batch[0][0], Refused("", _("The database refuses the row: %(why)s") % {"why": fault}))
        else:
            middle = len(batch) // 2
            self._save(batch[:middle])
            self._save(batch[middle:])


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
