"""The way behind a rank: every hand-over between a suspect and the weighted places, drawn and listed."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from typing import Any

from django.core.paginator import Paginator

from catalog.models import Lot
from enterprises.models import Enterprise
from investigations.analysis import Analysis
from investigations.models import Case
from ledgers.chain.graph import party_box
from ledgers.chain.layers import Box, layered
from ledgers.models import LedgerEntry
from ledgers.tracing import Movement

ROWS_PER_PAGE, DRAWN_MAX = 100, 80


def way_of(case: Case, suspect: Enterprise, page: str | None) -> dict[str, Any]:
    """What the page of a way shows: a drawing of the places where they are few, and a page of the hand-overs."""
    analysis = Analysis(case)
    movements = analysis.ways(suspect)
    parties = Enterprise.objects.select_related("region").in_bulk(
        {party for move in movements for party in (move.seller_id, move.buyer_id)}
    )
    shown: Any = Paginator(movements, ROWS_PER_PAGE).get_page(page)
    shown.object_list = _rows(list(shown.object_list), parties)
    return {"page": shown, "drawing": _drawn(movements, parties, suspect, analysis), "score": _score(analysis, suspect)}


def entry_meant(number: str) -> LedgerEntry | None:
    """The hand-over that the button of a row names; None where it is no number of one."""
    known = number.isdecimal() and len(number) < 18
    return LedgerEntry.objects.in_force().filter(pk=int(number)).first() if known else None


def _score(analysis: Analysis, suspect: Enterprise) -> float:
    return round(analysis.scores.enterprises.get(suspect.pk, 0) * 100, 1)


def _rows(movements: list[Movement], parties: dict[int, Enterprise]) -> list[dict[str, Any]]:
    """Hand-overs with names, and the number of the entry behind each, to leave it out by."""
    lots = Lot.objects.select_related("product", "unit").in_bulk({move.lot_id for move in movements})
    entries: dict[Movement, int] = {}
    rows: Any = LedgerEntry.objects.in_force().filter(
        lot__in=lots, seller__in={move.seller_id for move in movements}, buyer__in={move.buyer_id for move in movements}
    )
    for row in rows:
        entries[Movement(row.seller_id, row.buyer_id, row.lot_id, row.quantity, row.traded_on)] = row.pk
    return [
        {
            "seller": parties[move.seller_id], "buyer": parties[move.buyer_id], "lot": lots[move.lot_id],
            "quantity": move.quantity, "traded_on": move.traded_on, "entry": entries.get(move),
        }
        for move in movements
    ]  # fmt: skip


def _drawn(movements: list[Movement], parties: dict[int, Enterprise], suspect: Enterprise, analysis: Analysis) -> Any:
    """The places and who gave whom how many deliveries; nothing where there are too many to see anything."""
    if not movements or len(parties) > DRAWN_MAX:
        return None
    counts: dict[tuple[int, int], Decimal] = defaultdict(Decimal)
    for move in movements:
        counts[move.seller_id, move.buyer_id] += 1
    boxes = []
    for pk, party in parties.items():
        lines, url, tone, title = party_box(party)
        tone = "subject" if pk == suspect.pk else "weighted" if pk in analysis.weights else tone
        boxes.append(Box(pk, lines, url, tone, title))
    return layered(boxes, [(seller, buyer, str(count)) for (seller, buyer), count in counts.items()])
