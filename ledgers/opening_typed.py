"""The rows of an opening stock, read, and until when one may be written down."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.lookup import Goods, goods_meant
from catalog.models import Lot, lot_key
from catalog.packing import Measures
from enterprises.models import Enterprise
from enterprises.services import joined_on
from laws.parameters import last_day
from ledgers.own_lots import lots_known
from ledgers.scanning import why_unknown
from ledgers.stock_reading import StockReading, StockRow
from ledgers.typed import LineForm, in_their_unit, line_of
from ledgers.typed_rows import LARGEST, THOUSANDTH, Row, sentences

OPENING = "stock.opening"


class OpeningForm(LineForm):
    unit = price = None  # type: ignore[assignment]
    supplier = forms.CharField(label=gettext_lazy("Supplier"), max_length=120, required=False)


def opening_is_over(enterprise: Enterprise) -> str:
    """That it is too late to write down an opening stock, with the last day it was possible; empty where it is not.

    The days are those of `stock.opening`, counted from the day the enterprise joined.
    """
    until = last_day(OPENING, joined_on(enterprise))
    if timezone.localdate() <= until:
        return ""
    return _("Opening stock could be written down until %(day)s. Write down purchases, or count what is there.") % {
        "day": until
    }


def read_opening(reading: StockReading, rows: Sequence[Row], *, enterprise: Enterprise) -> None:
    """Make sense of what was there when `enterprise` joined."""
    day = reading.happened_on or timezone.localdate()
    meant = goods_meant({str(row.get("code", "")).strip() for row in rows}, enterprise=enterprise)
    measures = Measures(enterprise)
    for number, row in enumerate(rows):
        form = OpeningForm(row)
        form.is_valid()
        typed = form.cleaned_data
        goods = meant.get(typed.get("code", ""))
        goods, errors = _goods_in_unit(typed, goods, measures, day=day)
        errors |= sentences(form)
        if goods and not errors:
            opened = _opened(typed, goods, enterprise=enterprise, day=day)
            errors = _wrong_with_opening(opened, reading)
            reading.rows[number] = opened
        if errors:
            reading.rows.pop(number, None)
            reading.row_errors[number] = errors
    _find_own_lots(reading, enterprise)


def _goods_in_unit(
    typed: Mapping[str, Any], goods: Goods | None, measures: Measures, *, day: datetime.date
) -> tuple[Goods | None, dict[str, str]]:
    if goods is None:
        return None, {"code": why_unknown(typed.get("code", ""))}
    goods, errors = in_their_unit(typed, goods, measures)
    if typed.get("made") and typed["made"] > day:
        errors["made"] = _("Made after the day of this paper. Check both dates.")
    return goods, errors


def _opened(typed: Mapping[str, Any], goods: Goods, *, enterprise: Enterprise, day: datetime.date) -> StockRow:
    line = line_of(typed, goods, supplier=enterprise, day=day)
    return StockRow(
        line.product, None, line.lot_code, (line.quantity * line.factor).quantize(THOUSANDTH),
        lot_is_generated=line.lot_is_generated, produced_on=line.produced_on, expires_on=line.expires_on,
        supplier=typed["supplier"], is_new_here=line.is_new_here,
    )  # fmt: skip


def _wrong_with_opening(opened: StockRow, reading: StockReading) -> dict[str, str]:
    others = {(row.product.pk, lot_key(row.lot_code)) for row in reading.rows.values()}
    if (opened.product.pk, lot_key(opened.lot_code)) in others:
        return {"lot": _("This lot stands in another row already. Put both quantities into one row.")}
    if not 0 < opened.quantity <= LARGEST:
        return {"quantity": _("A quantity is too large for the books. Check the quantities.")}
    return {}


def _find_own_lots(reading: StockReading, enterprise: Enterprise) -> None:
    """What the books know already is that lot, not another one of the same number."""
    known = lots_known(list(reading.rows.values()), enterprise=enterprise)
    lots = Lot.objects.in_bulk(known.values())
    for number, row in reading.rows.items():
        if (key := known.get((row.product.pk, lot_key(row.lot_code)))) is not None:
            reading.rows[number] = replace(row, lot=lots[key], lot_code=lots[key].code)
