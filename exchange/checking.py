"""What is wrong with the documents of a file, by row and column, and which of them are there already."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from operator import itemgetter
from typing import Any

from django.utils import formats
from django.utils.translation import gettext as _
from openpyxl.utils import get_column_letter

from catalog.models import lot_key
from exchange.headings import HEAD, LINE
from exchange.models import ImportedDocument, ImportProblem, ImportRun
from exchange.papers import Paper, Plan, papers_in
from exchange.proposals import Proposals
from ledgers.drafts import partner_role
from ledgers.models import Invoice
from ledgers.typed import Reader, Reading
from registers.spreadsheets import Sheet

AT_ONCE = 250  # documents judged, and written, together
SAME_LINE = itemgetter("code", "lot", "made", "until", "quantity", "price")
SHOWN = 60


@dataclass
class Judged:
    """A document with what it means and what is wrong with it, or the paper that it is already."""

    paper: Paper
    reading: Reading
    problems: list[ImportProblem] = field(default_factory=list)
    known_as: int | None = None

    @property
    def is_good(self) -> bool:
        return self.known_as is None and not self.problems

    @property
    def key(self) -> tuple[int, str]:
        assert self.reading.partner is not None
        return self.reading.partner.pk, number_key(self.reading.paper_number)

    @property
    def content_hash(self) -> str:
        lines = ("\t".join(line.values()) for line in self.paper.typed["lines"])
        return hashlib.sha256("\n".join([str(self.reading.traded_on), *lines]).encode()).hexdigest()


def number_key(number: str) -> str:
    """What makes two written document numbers the same: width, case and outer blanks only."""
    return lot_key(number)


class Judge:
    """Judges the documents of one table for one enterprise; trial and import run this same code."""

    def __init__(self, run: ImportRun, sheet: Sheet, plan: Plan) -> None:
        self.run, self.sheet, self.plan = run, sheet, plan
        role = partner_role(is_purchase=run.is_purchase)
        self.reader = Reader(author=run.enterprise, role=role)
        self.proposals = Proposals(author=run.enterprise, role=role)
        self.unsaid = _unsaid(sheet, plan)
        self._seen: dict[tuple[int, str], int] = {}

    def judged(self) -> Iterator[list[Judged]]:
        """The documents in portions: a few statements each, whatever the file's length."""
        papers = papers_in(self.sheet, self.plan)
        while some := list(islice(papers, AT_ONCE)):
            self.reader.learn(paper.typed for paper in some)
            portion = [Judged(paper, self.reader.read(paper.typed)) for paper in some]
            there = self._there_already(portion)
            for one in portion:
                self._judge(one, there)
            yield portion

    def _judge(self, one: Judged, there: Mapping[tuple[int, str], tuple[int, str, Any]]) -> None:
        found = there.get(one.key) if one.reading.partner else None
        if found and found[1] in ("", one.content_hash):
            one.known_as = found[0]
        elif found:
            day = formats.date_format(found[2], "SHORT_DATE_FORMAT")
            sentence = _("This document came in on %(day)s with other lines. Change that draft, or correct that paper.")
            one.problems = [self._problem(one.paper.rows[0], "paper_number", sentence % {"day": day})]
        else:
            one.problems = [*self._head_problems(one), *self._line_problems(one)]

    def _head_problems(self, one: Judged) -> Iterator[ImportProblem]:
        first, reading = one.paper.rows[0], one.reading
        if not reading.paper_number and "paper_number" not in reading.head_errors:
            sentence = _("Type the document number: by it a paper is known when it comes again.")
            yield self._problem(first, "paper_number", sentence)
        for name, sentence in reading.head_errors.items():
            yield self._problem(first, name, sentence, text=one.paper.typed[name] if name in HEAD else "")
        for row in one.paper.other_dates:
            sentence = _("This document has another date in row %(row)s. A document has one date.") % {"row": first + 1}
            yield self._problem(row, "traded_on", sentence, proposal=one.paper.typed["traded_on"])
        if reading.partner and reading.paper_number:
            row = self._seen.setdefault(one.key, first)
            if row != first:
                sentence = _("This document begins in row %(row)s already, with the partner written otherwise.")
                yield self._problem(first, "partner", sentence % {"row": row + 1})

    def _line_problems(self, one: Judged) -> Iterator[ImportProblem]:
        lines, seen = one.paper.typed["lines"], dict[tuple[str, ...], int]()
        for number, (row, line) in enumerate(zip(one.paper.rows, lines, strict=True)):
            errors = one.reading.line_errors.get(number, {})
            for name, sentence in errors.items():
                if (row, name) not in self.unsaid:
                    yield self._problem(row, name, sentence, text=line[name], unit=self._unit_of(line))
            twin = seen.setdefault(SAME_LINE(line), row)
            if twin != row and not errors:
                sentence = _("The same line stands in row %(row)s. Delete one of them, or add up the quantities.")
                yield self._problem(row, "code", sentence % {"row": twin + 1}, text=line["code"])
            for name in LINE if self.unsaid else ():
                if (row, name) in self.unsaid:
                    yield self._problem(row, name, self.unsaid[row, name])

    def _unit_of(self, line: Mapping[str, str]) -> str:
        goods = self.reader.goods(line["code"])
        return str(goods.product.unit) if goods else ""

    def _problem(
        self, row: int, name: str, sentence: str, *, text: str = "", proposal: str = "", unit: str = ""
    ) -> ImportProblem:
        place = self._place(row, name)
        return ImportProblem(
            run=self.run, row=row + 1, column=get_column_letter(place + 1) if place is not None else "", field=name,
            value=text[:SHOWN], sentence=sentence,
            proposal=(proposal or self.proposals.of(name, text, unit=unit))[:SHOWN],
        )  # fmt: skip

    def _place(self, row: int, name: str) -> int | None:
        """The column a field of this row was read from: goods without a code go by their name."""
        columns, cells = self.plan.columns, self.sheet.rows[row]
        other = {"code": "name", "partner": "partner_number"}.get(name, name)
        place, instead = columns.get(name), columns.get(other)
        is_blank = place is None or place >= len(cells) or not cells[place]
        return instead if is_blank and instead is not None else place

    def _there_already(self, portion: Iterable[Judged]) -> dict[tuple[int, str], tuple[int, str, Any]]:
        """By partner and number: the paper, the hash of what came in (nothing where it was typed), and its day."""
        heads = [one.reading for one in portion if one.reading.partner and one.reading.paper_number]
        partners = {head.partner.pk for head in heads if head.partner}
        own = "seller" if self.run.is_purchase else "buyer"
        typed = Invoice.objects.exclude(paper_number="").filter(
            author=self.run.enterprise, paper_number__in={head.paper_number for head in heads}, reverses=None,
            adjusts=None, reversed_by=None, **{f"{own}__in": partners},
        ).values_list(own, "paper_number", "pk", "created_at")  # fmt: skip
        came = ImportedDocument.objects.filter(
            enterprise=self.run.enterprise, kind=self.run.kind, partner__in=partners,
            number_key__in={number_key(head.paper_number) for head in heads},
        ).values_list("partner", "number_key", "invoice", "content_hash", "invoice__created_at")  # fmt: skip
        there = {(partner, number_key(number)): (pk, "", day) for partner, number, pk, day in typed}
        return there | {(partner, key): (pk, told, day) for partner, key, pk, told, day in came}


def _unsaid(sheet: Sheet, plan: Plan) -> dict[tuple[int, str], str]:
    """Cells whose value is not in the file, by row and field: a formula nobody worked out, a part of a merged cell."""
    fields = {place: name for name, place in plan.columns.items() if name in LINE}
    formula = _("This cell has a formula without its result. Copy the column, paste it as values and save the file.")
    unsaid = {(row, fields[place]): formula for row, place in sheet.formulas if place in fields}
    merged = _("This cell is merged with others, so its value belongs to no line. Undo that and fill in every row.")
    for top, left, bottom, right in sheet.merged:
        if bottom > top and top > plan.heading:
            for place in range(left, min(right, max(fields, default=-1)) + 1):
                rows = range(top, min(bottom + 1, len(sheet.rows))) if place in fields else ()
                unsaid |= {(row, fields[place]): merged for row in rows}
    return unsaid
