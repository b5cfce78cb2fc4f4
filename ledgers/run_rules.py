"""What a production run must be to be confirmed: refusals before and after the books are written, and warnings."""

from __future__ import annotations

from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.db import connection
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from catalog.models import Lot, lot_key
from ledgers import sql
from ledgers.additives import Dose, doses
from ledgers.mass_balance import MassBalance, balance_of
from ledgers.models import LotHold, ProductionRun, RunInput, RunOutput, StockBalance
from ledgers.own_lots import missing_of
from ledgers.recipes import missing_parts
from ledgers.run_notes import notes_needed
from ledgers.run_typed import in_and_out_sentence


def refuse_what_is_wrong(run: ProductionRun) -> None:
    """What the form has checked too: a run may come from an import, the API or a second clerk."""
    inputs = list(run.inputs.select_related("lot__product", "lot__unit"))
    outputs = list(run.outputs.select_related("product__unit"))
    if not outputs:
        raise ValidationError(_("A production run makes at least one lot. Add what came out."))
    if any(row.quantity <= 0 for row in inputs) or any(row.quantity <= 0 for row in outputs):
        raise ValidationError(_("A quantity is more than zero."))
    if run.produced_on > timezone.localdate():
        raise ValidationError(_("The date lies in the future. Confirm the run on the day of the production."))
    _refuse_unknown_lots(run, inputs)
    _refuse_expired_lots(run, inputs)
    _refuse_one_lot_twice(run, inputs, outputs)
    _require_a_note(run, inputs, outputs)


def refuse_what_the_books_show(run: ProductionRun) -> None:
    """Looked at after the booking, whose lots are locked: no hold and no other run slips in between."""
    if names := _names(_held_inputs(run)):
        raise ValidationError(_held(names))
    with connection.cursor() as cursor:
        cursor.execute(sql.SOURCES, {"lots": list(run.inputs.values_list("lot_id", flat=True))})
        sources = [row[0] for row in cursor.fetchall()]
    if names := _names(Lot.objects.filter(pk__in=run.outputs.values("lot")).filter(pk__in=sources)):
        raise ValidationError(
            _("%(lots)s would be made of itself: what goes in was made from it. Give what is made another lot number.")
            % {"lots": names}
        )


def refuse_what_is_gone(reversal: ProductionRun) -> None:
    """Looked at after the booking: what was sold or used on cannot be unmade."""
    if missing := missing_of(reversal.outputs.values("lot"), enterprise_id=reversal.enterprise_id):
        raise ValidationError(
            _("Some of it has been sold or used already; missing: %(missing)s. Reverse what came after it first.")
            % {"missing": missing}
        )


def warnings(run: ProductionRun, balance: MassBalance | None, found: Iterable[Dose]) -> list[str]:
    """What a clerk should know before confirming a run with this balance and these doses of additives."""
    return [
        *([] if run.inputs.exists() else [_without_source()]),
        *(_beyond_stock(short) for short in _used_beyond_stock(run)),
        *(_known_already(row) for row in _made_before(run)),
        *notes_needed(balance, found),
        *missing_parts(run),
        *(_held(names) for names in [_names(_held_inputs(run))] if names),
    ]


def _used_beyond_stock(run: ProductionRun) -> Iterable[StockBalance]:
    used = dict(run.inputs.values_list("lot_id", "quantity"))
    for balance in StockBalance.objects.filter(enterprise=run.enterprise_id, lot__in=used).select_related("lot__unit"):
        if balance.quantity < used[balance.lot_id]:
            balance.after = balance.quantity - used[balance.lot_id]
            yield balance


def _beyond_stock(balance: StockBalance) -> str:
    return _("More of %(lot)s is used than your books have: %(left)s %(unit)s before, %(after)s after.") % {
        "lot": balance.lot.code,
        "left": f"{balance.quantity.normalize():f}",
        "unit": balance.lot.unit,
        "after": f"{balance.after.normalize():f}",  # type: ignore[attr-defined]
    }


def _made_before(run: ProductionRun) -> Iterable[RunOutput]:
    outputs = list(run.outputs.all())
    keys = {(row.product_id, lot_key(row.lot_code)): row for row in outputs}
    known = Lot.objects.filter(producer=run.enterprise_id, product__in={row.product_id for row in outputs})
    known = known.filter(code_key__in=[key for _product, key in keys])
    return [keys[pair] for pair in known.values_list("product_id", "code_key") if pair in keys]


def _without_source() -> str:
    return _("No lot went in: a trace of what came out ends here. Go on only where nothing was bought for it.")


def _known_already(row: RunOutput) -> str:
    return _("You have made lot %(lot)s before: this run adds to it, and it keeps its best before.") % {
        "lot": row.lot_code
    }


def _held(names: str) -> str:
    return _("These lots are held by an authority and may not be used: %(lots)s.") % {"lots": names}


def _held_inputs(run: ProductionRun) -> Iterable[Lot]:
    held = LotHold.objects.filter(cause=LotHold.Cause.AUTHORITY, released_at=None, lot__in=run.inputs.values("lot"))
    return Lot.objects.filter(pk__in=held.values("lot"))


def _refuse_unknown_lots(run: ProductionRun, inputs: Iterable[RunInput]) -> None:
    had = set(StockBalance.objects.filter(enterprise=run.enterprise_id).filter(
        lot__in=[row.lot_id for row in inputs]).values_list("lot_id", flat=True))  # fmt: skip
    if names := _names(row.lot for row in inputs if row.lot_id not in had):
        raise ValidationError(_("Your books have never had these lots: %(lots)s.") % {"lots": names})


def _refuse_expired_lots(run: ProductionRun, inputs: Iterable[RunInput]) -> None:
    expired = run.inputs.filter(lot__expires_on__lt=F("run__produced_on")).values("lot")
    if names := _names(Lot.objects.filter(pk__in=expired)):
        raise ValidationError(_("Past their best before on that day, and may not be used: %(lots)s.") % {"lots": names})


def _require_a_note(run: ProductionRun, inputs: Iterable[RunInput], outputs: Iterable[RunOutput]) -> None:
    used = [(row.lot, row.quantity) for row in inputs]
    made = [(row.product, row.quantity) for row in outputs]
    sentences = notes_needed(balance_of(used, made), doses(used, made, day=run.produced_on))
    if sentences and not run.note.strip():
        raise ValidationError({"note": sentences})


def _refuse_one_lot_twice(run: ProductionRun, inputs: Iterable[RunInput], outputs: Iterable[RunOutput]) -> None:
    own = {(row.lot.product_id, row.lot.code_key) for row in inputs if row.lot.producer_id == run.enterprise_id}
    for row in outputs:
        key = row.product_id, lot_key(row.lot_code)
        if key in own:
            raise ValidationError(in_and_out_sentence(row.lot_code))
        own.add(key)


def _names(lots: Iterable[Lot]) -> str:
    return "、".join(lot.code for lot in lots)
