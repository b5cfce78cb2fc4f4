"""Answers from the command line where a lot went, or where it came from: lots, movements and holders."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from catalog.barcodes import parse
from catalog.models import Lot, ProductCode, lot_key
from enterprises.models import Enterprise
from ledgers.tracing import Trace, downstream, upstream

DIRECTIONS = {"down": downstream, "up": upstream}


class Command(BaseCommand):
    help = "Prints the complete trace of a lot."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--gtin", help="the barcode of the product, in any written form")
        parser.add_argument("--lot", help="the lot number as printed")
        parser.add_argument("--lot-id", type=int, help="the lot's own id, in place of barcode and lot number")
        parser.add_argument("--direction", choices=list(DIRECTIONS), default="down")
        parser.add_argument("--json", action="store_true", help="print ids and quantities as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        trace = _joined(DIRECTIONS[options["direction"]](lot) for lot in _lots_meant(options))
        lots = Lot.objects.select_related("product", "unit").in_bulk(trace.lots)
        names = Enterprise.objects.in_bulk(trace.enterprises)
        if options["json"]:
            self.stdout.write(json.dumps(_as_json(trace, lots, names), ensure_ascii=False))
        else:
            self.stdout.write("\n".join(_told(trace, lots, names)))


def _joined(traces: Iterable[Trace]) -> Trace:
    """One answer for several lots: what two of them reach is told once."""
    whole = Trace([], [], [])
    for trace in traces:
        new = set(trace.lots).difference(whole.lots)
        whole.lots.extend(lot for lot in trace.lots if lot in new)
        whole.movements.extend(move for move in trace.movements if move.lot_id in new)
        whole.holders.extend(holder for holder in trace.holders if holder.lot_id in new)
    return whole


def _lots_meant(options: dict[str, Any]) -> list[Lot]:
    """The lots asked for: one code of one product may be several makers'. Raises CommandError in words."""
    if options["lot_id"] is not None:
        lots = list(Lot.objects.filter(pk=options["lot_id"]))
        missing = _("There is no lot with the id %(lot_id)s.") % options
    elif options["gtin"] and options["lot"]:
        lots = list(
            Lot.objects.filter(product=_product(options["gtin"]), code_key=lot_key(options["lot"])).order_by("pk")
        )
        missing = _("The product is known, but no lot %(lot)s of it. Check the number on the package.") % options
    else:
        raise CommandError(_("Say which lot: --gtin and --lot, or --lot-id."))
    if not lots:
        raise CommandError(missing)
    return lots


def _product(gtin: str) -> int:
    try:
        code = parse(gtin).gtin
    except ValidationError as fault:
        raise CommandError(" ".join(fault.messages)) from fault
    product = ProductCode.objects.filter(gtin=code).values_list("product", flat=True).first()
    if product is None:
        raise CommandError(_("No product has the barcode %(gtin)s.") % {"gtin": gtin})
    return int(product)


def _told(trace: Trace, lots: dict[int, Lot], names: dict[int, Enterprise]) -> Iterator[str]:
    yield ", ".join(f"{name}: {count}" for name, count in trace.counts.items())
    yield _("Lots")
    for pk in trace.lots:
        yield f"  {pk}  {lots[pk]}"
    yield _("Movements")
    for move in sorted(trace.movements, key=lambda move: (move.traded_on, move.lot_id, move.seller_id)):
        parties = f"{names[move.seller_id]} → {names[move.buyer_id]}"
        yield f"  {move.traded_on}  {parties}  {_shown(move.quantity, lots[move.lot_id])}"
    yield _("Holders")
    for holder in sorted(trace.holders, key=lambda holder: (holder.lot_id, holder.enterprise_id)):
        yield f"  {names[holder.enterprise_id]}  {_shown(holder.quantity, lots[holder.lot_id])}"


def _shown(quantity: Decimal, lot: Lot) -> str:
    return f"{lot}  {quantity.normalize():f} {lot.unit}"


def _as_json(trace: Trace, lots: dict[int, Lot], names: dict[int, Enterprise]) -> dict[str, Any]:
    """Ids and exact quantities as in `ledgers.tracing.Trace`, and beside them what the ids stand for."""
    movements = [
        {**move._asdict(), "quantity": str(move.quantity), "traded_on": move.traded_on.isoformat()}
        for move in trace.movements
    ]
    return {
        "lots": trace.lots,
        "movements": movements,
        "holders": [{**holder._asdict(), "quantity": str(holder.quantity)} for holder in trace.holders],
        "counts": trace.counts,
        "lot_names": {pk: str(lot) for pk, lot in lots.items()},
        "enterprise_names": {pk: str(enterprise) for pk, enterprise in names.items()},
    }
