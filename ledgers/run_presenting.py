"""What the screens of a production run show: its form, its lots, how they stand, and who may do what with it now."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from catalog.models import Component, Listing, Lot, Product
from enterprises.request import EnterpriseRequest
from enterprises.services import keeps_books
from ledgers.additives import Dose, doses
from ledgers.mass_balance import balance_of
from ledgers.models import LotHold, ProductionRun, RunOutput, StockBalance
from ledgers.own_lots import CHOICES_MAX, lots_to_use
from ledgers.run_typed import RunReading
from ledgers.runs import CERTIFICATE_MAX, Conclusion

BLANK_INPUTS, BLANK_OUTPUTS = 3, 1


@dataclass(frozen=True)
class Made:
    """One lot that came out, how it stands, and who let it out on what ground."""

    row: RunOutput
    tone: str = "grey"
    state: Any = "–"
    hold: LotHold | None = None


@dataclass(frozen=True)
class Used:
    """One lot that went in, and what the books had and will have of it; None where that is over."""

    lot: Lot
    quantity: Decimal
    left: Decimal | None = None
    doses: Sequence[Dose] = ()

    @property
    def after(self) -> Decimal | None:
        return None if self.left is None else self.left - self.quantity


def run_state(run: ProductionRun) -> tuple[str, Any]:
    """The colour and the words for what became of a run."""
    if run.is_draft:
        return "amber", _("Draft")
    if run.reverses_id:
        return "grey", _("Reversal")
    return ("red", _("Reversed")) if reversal_of(run) else ("green", _("Confirmed"))


def reversal_of(run: ProductionRun) -> ProductionRun | None:
    """The confirmed run that reverses this one."""
    reversal: ProductionRun | None = getattr(run, "reversed_by", None)
    return reversal if reversal and not reversal.is_draft else None


def run_page(request: Any, run: ProductionRun, *, with_stock: bool = False) -> dict[str, Any]:
    """A run for one reader, with what this reader may do; `with_stock` with what the books have of its inputs."""
    is_keeper, reversal = keeps_books(request.user, run.enterprise), reversal_of(run)
    in_force = not (run.is_draft or run.reverses_id or reversal)
    made, used = lots_made(run), lots_used(run, with_stock=with_stock)
    found = [] if run.reverses_id else _doses(run, made, used)
    waits = any(lot.hold and lot.hold.released_at is None and lot.hold.cause == LotHold.Cause.RELEASE for lot in made)
    return {
        "made": made,
        "used": [replace(row, doses=brought_by(row.lot, found)) for row in used],
        "balance": None if run.reverses_id else balance_of(*_amounts(made, used)),
        "doses": found,
        "reversal": reversal,
        "may_write": is_keeper and run.is_draft,
        "may_release": is_keeper and in_force and waits,
        "may_reverse": is_keeper and in_force and request.user.has_perm("ledgers.reverse_productionrun"),
        "conclusions": Conclusion.choices,
        "certificate_max": CERTIFICATE_MAX,
    }


def brought_by(lot: Lot, found: Iterable[Dose]) -> list[Dose]:
    """The doses that this lot has a part in."""
    return [dose for dose in found if lot.pk in dose.lots]


def _doses(run: ProductionRun, made: Iterable[Made], used: Iterable[Used]) -> list[Dose]:
    went_in, came_out = _amounts(made, used)
    return doses(went_in, came_out, day=run.produced_on)


def _amounts(
    made: Iterable[Made], used: Iterable[Used]
) -> tuple[list[tuple[Lot, Decimal]], list[tuple[Product, Decimal]]]:
    return [(row.lot, row.quantity) for row in used], [(lot.row.product, lot.row.quantity) for lot in made]


def lots_made(run: ProductionRun) -> list[Made]:
    """What came out, each lot with its hold, or with its last release."""
    rows = run.outputs.select_related("product__unit", "lot").prefetch_related("product__codes").order_by("pk")
    holds = defaultdict(list)
    for hold in LotHold.objects.filter(lot__in=run.outputs.values("lot")).select_related("released_by").order_by("pk"):
        holds[hold.lot_id].append(hold)
    return [_made(row, holds[row.lot_id] if row.lot_id else []) for row in rows]


def _made(row: RunOutput, holds: list[LotHold]) -> Made:
    waiting = {hold.cause: hold for hold in holds if hold.released_at is None}
    if hold := waiting.get(LotHold.Cause.AUTHORITY):
        return Made(row, "red", hold.get_cause_display(), waiting.get(LotHold.Cause.RELEASE, hold))
    if hold := waiting.get(LotHold.Cause.RELEASE):
        return Made(row, "amber", _("On hold until it is released"), hold)
    released = [hold for hold in holds if hold.cause == LotHold.Cause.RELEASE]
    return Made(row, "green", _("Released"), released[-1]) if released else Made(row)


def lots_used(run: ProductionRun, *, with_stock: bool) -> list[Used]:
    """What went in; `with_stock` beside it what the books have of it today."""
    rows = run.inputs.select_related("lot__product", "lot__unit").prefetch_related("lot__product__codes").order_by("pk")
    if not with_stock:
        return [Used(row.lot, row.quantity) for row in rows]
    balances = StockBalance.objects.filter(enterprise=run.enterprise_id, lot__in=run.inputs.values("lot"))
    left = dict(balances.values_list("lot_id", "quantity"))
    return [Used(row.lot, row.quantity, left.get(row.lot_id, Decimal(0))) for row in rows]


def run_form(
    request: EnterpriseRequest, *, run: ProductionRun | None, typed: Mapping[str, Any], reading: RunReading
) -> dict[str, Any]:
    """The production form: what was typed, what is wrong with it, and what may be chosen."""
    enterprise = run.enterprise if run else request.enterprise
    assert enterprise is not None
    listings = Listing.objects.filter(enterprise=enterprise.firm).select_related("product__unit")
    return {
        "run": run,
        "typed": typed,
        "reading": reading,
        "outputs": _rows(typed.get("outputs", []), reading.output_errors, reading.outputs, blank=BLANK_OUTPUTS),
        "inputs": _inputs(typed, reading),
        "listings": listings.prefetch_related("product__codes")[:CHOICES_MAX],
        "lots": lots_to_use(enterprise),
        "has_recipes": Component.objects.filter(owner=enterprise.firm).exists(),
    }


def _inputs(typed: Mapping[str, Any], reading: RunReading) -> list[dict[str, Any]]:
    """The rows of what went in, each with the doses that its lot has a part in."""
    rows = _rows(typed.get("inputs", []), reading.input_errors, reading.inputs, blank=BLANK_INPUTS)
    return [row | {"doses": brought_by(row["meant"].lot, reading.doses) if row.get("meant") else []} for row in rows]


def _rows(
    typed: Iterable[Mapping[str, str]], errors: Mapping[int, Any], meant: Mapping[int, Any], *, blank: int
) -> list[dict[str, Any]]:
    rows = [
        {"typed": row, "errors": errors.get(at, {}), "meant": meant.get(at), "number": at + 1}
        for at, row in enumerate(typed)
    ]
    return rows + [{"typed": {}, "errors": {}, "number": len(rows) + 1 + at} for at in range(blank)]
