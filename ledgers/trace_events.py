"""A trace as rows, one for each tracking event: what was handed over, made and used, and what stock papers say."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from itertools import islice
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from catalog.models import Lot
from enterprises.models import Enterprise
from ledgers.models import LedgerEntry, ProductionRun
from ledgers.own_trace import stock_lines

EVENTS_MAX = 100_000
KEYS = (
    "event", "date", "goods", "barcode", "lot", "made_on", "best_before", "quantity", "unit", "from_name",
    "from_number", "from_address", "to_name", "to_number", "to_address", "to_telephone", "paper", "remark",
)  # fmt: skip


class Event(NamedTuple):
    """One row; `source` and `target` are None where there is no other side. Prices stay between two parties."""

    what: str
    day: date
    lot: Lot
    quantity: Any
    source: Enterprise | None
    target: Enterprise | None
    paper: str
    remark: str = ""


def events_of(lots: Iterable[int]) -> Iterator[Event]:
    """Every event of these lots, hand-overs first, at most EVENTS_MAX; the oldest in front of each kind."""
    yield from islice(_events(list(lots)), EVENTS_MAX)


def _events(lots: list[int]) -> Iterator[Event]:
    related = ("seller", "buyer", "lot__product", "lot__unit", "invoice")
    entries = LedgerEntry.objects.in_force().filter(lot__in=lots).select_related(*related).order_by("traded_on", "pk")
    yield from map(_handed_over, entries.iterator(chunk_size=2_000))
    runs = ProductionRun.objects.in_force().select_related("enterprise").order_by("produced_on", "pk")
    parts = ("inputs__lot__product", "inputs__lot__unit", "outputs__lot__product", "outputs__lot__unit")
    for run in runs.filter(links__to_lot__in=lots).distinct().prefetch_related(*parts):
        for used in run.inputs.all():
            yield Event(_("Used"), run.produced_on, used.lot, used.quantity, run.enterprise, None, run.number)
        for made in run.outputs.all():
            yield Event(_("Made"), run.produced_on, made.lot, made.quantity, None, run.enterprise, run.number)
    lines: Any = stock_lines(lots).select_related("lot__product")
    yield from map(_on_paper, lines)


def own_events(own: Mapping[str, Any]) -> Iterator[Event]:
    """What one enterprise's own books say of a lot, as `own_trace` found it: deliveries in and out, stock papers."""
    for side in ("came", "went"):
        yield from map(
            _handed_over, own[side].select_related("lot__product", "lot__unit", "seller", "buyer", "invoice")
        )
    yield from map(_on_paper, own["stock_lines"].select_related("lot__product"))


def _handed_over(row: LedgerEntry) -> Event:
    return Event(_("Handed over"), row.traded_on, row.lot, row.quantity, row.seller, row.buyer, str(row.invoice.number))


def _on_paper(line: Any) -> Event:
    day, place, paper = line.paper.happened_on, line.paper.enterprise, line.paper
    source, target = (place, None) if line.quantity < 0 else (None, place)
    return Event(line.what, day, line.lot, abs(line.quantity), source, target, paper.number, paper.note)


def headings() -> list[str]:
    """Of the rows that `as_row` makes, for people; KEYS are for programs."""
    return [
        _("Event"), _("Date"), _("Goods"), _("Barcode"), _("Lot number"), _("Made on"), _("Best before"), _("Quantity"),
        _("Unit"), _("From: name"), _("From: number"), _("From: address"), _("To: name"), _("To: number"),
        _("To: address"), _("To: telephone"), _("Paper"), _("Remark"),
    ]  # fmt: skip


def as_row(event: Event) -> list[Any]:
    """One event as cells."""
    lot, source, target = event.lot, event.source, event.target
    return [
        str(event.what), event.day, lot.product.name, lot.product.code, lot.code, lot.produced_on, lot.expires_on,
        event.quantity, str(lot.unit), *_party(source)[:3], *_party(target), event.paper, event.remark,
    ]  # fmt: skip


def _party(enterprise: Enterprise | None) -> tuple[str, str, str, str]:
    if enterprise is None:
        return "", "", "", ""
    return enterprise.name, enterprise.licence_number, enterprise.address, enterprise.telephone
