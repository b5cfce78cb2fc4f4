"""What the screens of a stock paper show: its form, its lines, how it stands, and who may do what with it now."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from catalog.models import Listing
from enterprises.models import Enterprise
from enterprises.services import keeps_books
from ledgers.complaints import PhotosForm
from ledgers.models import StockBalance, StockPaper
from ledgers.own_lots import CHOICES_MAX, lots_there, lots_to_count, named, names_of
from ledgers.stock import sells_to_consumers
from ledgers.stock_papers import PHOTOGRAPHED
from ledgers.stock_reading import StockReading
from ledgers.stock_typed import LINES_MAX

Kind = StockPaper.Kind
BLANK_ROWS = {Kind.COUNT: 1}
BLANK_ROWS_ELSE = 3
NEW = {
    Kind.OPENING: "ledgers:opening-add",
    Kind.COUNT: "ledgers:count-add",
    Kind.WRITE_OFF: "ledgers:write-off-add",
    Kind.DESTRUCTION: "ledgers:destruction-add",
    Kind.OWN_USE: "ledgers:own-use-add",
}


def paper_state(paper: StockPaper) -> tuple[str, Any]:
    """The colour and the words for what became of a stock paper."""
    if paper.is_draft:
        return "amber", _("Draft")
    if paper.reverses_id:
        return "grey", _("Reversal")
    return ("red", _("Reversed")) if reversal_of(paper) else ("green", _("Confirmed"))


def reversal_of(paper: StockPaper) -> StockPaper | None:
    """The confirmed paper that reverses this one."""
    reversal: StockPaper | None = getattr(paper, "reversed_by", None)
    return reversal if reversal and not reversal.is_draft else None


def stock_paper_page(request: Any, paper: StockPaper) -> dict[str, Any]:
    """A stock paper for one reader, with what this reader may do."""
    is_keeper, reversal = keeps_books(request.user, paper.enterprise), reversal_of(paper)
    in_force = not (paper.is_draft or paper.reverses_id or reversal)
    related = ("product__unit", "lot__unit", "paper")
    return {
        "lines": paper.lines.select_related(*related).prefetch_related("product__codes").order_by("position"),
        "reversal": reversal,
        "photos": [photo.attachment for photo in paper.photos.select_related("attachment")],
        "photos_form": PhotosForm(),
        "may_write": is_keeper and paper.is_draft,
        "may_add_photos": is_keeper and in_force and paper.kind in PHOTOGRAPHED,
        "may_reverse": is_keeper and in_force and request.user.has_perm("ledgers.reverse_stockpaper"),
    }


def new_paper(enterprise: Enterprise, kind: str, *, goods: str, chosen: Collection[int]) -> dict[str, Any]:
    """What a new form begins with: a count with what the books say is there, the others with the lots asked for.

    `goods`, a part of a name, narrows a count; `chosen` are the ids of balances of which all leaves.
    """
    rows: list[dict[str, str]] = []
    if kind == Kind.COUNT:
        rows = [_to_count(balance) for balance in lots_to_count(enterprise, goods=goods, at_most=LINES_MAX)]
    elif kind != Kind.OPENING:
        rows = _asked_for(enterprise, chosen)
    return {"happened_on": timezone.localdate().isoformat(), "rows": rows}


def _to_count(balance: StockBalance) -> dict[str, str]:
    return {"lot": names_of(balance.lot)[2], "quantity": "", "booked": str(balance.quantity)}


def _asked_for(enterprise: Enterprise, chosen: Collection[int]) -> list[dict[str, str]]:
    there = [(name, balance) for name, balance in lots_there(enterprise) if balance.pk in chosen]
    return [{"lot": name, "quantity": f"{balance.quantity.normalize():f}"} for name, balance in there[:LINES_MAX]]


def stock_form(paper: StockPaper, *, typed: Mapping[str, Any], reading: StockReading) -> dict[str, Any]:
    """The form of a stock paper: what was typed, what is wrong with it, and what may be chosen."""
    enterprise, is_opening = paper.enterprise, paper.kind == Kind.OPENING
    rows = [
        {
            "typed": row, "errors": reading.row_errors.get(at, {}), "meant": reading.rows.get(at),
            "balance": reading.balances.get(at), "number": at + 1,
        }
        for at, row in enumerate(typed.get("rows", []))
    ]  # fmt: skip
    blank = BLANK_ROWS.get(Kind(paper.kind), BLANK_ROWS_ELSE)
    return {
        "paper": paper,
        "kind": paper.kind,
        "typed": typed,
        "reading": reading,
        "rows": rows + [{"typed": {}, "errors": {}, "number": len(rows) + 1 + at} for at in range(blank)],
        "listings": _listings(enterprise) if is_opening else [],
        "lots": [] if is_opening else _lots(paper),
        "sells_to_consumers": sells_to_consumers(enterprise),
        "is_full": len(rows) >= LINES_MAX,
    }


def _listings(enterprise: Enterprise) -> Any:
    listings = Listing.objects.filter(enterprise=enterprise.firm).select_related("product__unit")
    return listings.prefetch_related("product__codes")[:CHOICES_MAX]


def _lots(paper: StockPaper) -> list[tuple[str, StockBalance]]:
    if paper.kind == Kind.COUNT:
        return named(lots_to_count(paper.enterprise, goods="", at_most=CHOICES_MAX))
    return lots_there(paper.enterprise)
