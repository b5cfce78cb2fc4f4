"""What a scan means on an enterprise's paper: which goods, lot, dates and quantity, and which lot of them came last."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from catalog.barcodes import is_barcode, parse
from catalog.lookup import by_barcode, own_goods, produce_called
from catalog.models import Listing, Lot, Product
from catalog.scans import Kind, Scan, gs1_scan, read_scan
from enterprises.models import Enterprise
from ledgers.models import LedgerEntry, StockBalance
from ledgers.own_lots import lots_called

UNITS_IN_A_KILOGRAM = {"kg": Decimal(1), "g": Decimal(1000), "jin": Decimal(2), "t": Decimal("0.001")}
THOUSANDTH = Decimal("0.001")


@dataclass(frozen=True)
class Meaning:
    """What one scan means. `fill` is by field of a line, as it is typed there; `last` the lot to propose."""

    product: Product | None = None
    listing: Listing | None = None
    fill: Mapping[str, str] = field(default_factory=dict)
    last: Mapping[str, str] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()
    refusal: str = ""


def placed(row: Mapping[str, str]) -> dict[str, str]:
    """A typed line with what was scanned into its goods or lot field where it belongs; typed fields are left alone.

    Asks no database: a line whose scan cannot be read, or speaks of other goods, stays as it is.
    """
    goods, lot = row.get("code", ""), row.get("lot", "")
    aimed = gs1_scan(goods)
    scan = aimed or gs1_scan(lot) or (read_scan(lot) if not goods and is_barcode(lot) else None)
    if scan is None or not (aimed or not goods or _is_of(goods, scan)):
        return dict(row)
    left = dict(row) if aimed else {**row, "lot": ""}
    filled = {**facts_of(scan), "quantity": _plain(scan.count) if scan.count else ""}
    return left | {name: value for name, value in filled.items() if value and not left.get(name)} | {"code": scan.code}


def meaning_of(text: str, *, enterprise: Enterprise, partner: Enterprise | None, is_purchase: bool) -> Meaning:
    """What `text` means on a paper that `enterprise` writes; `partner` narrows down which lot came last."""
    try:
        scan = read_scan(text)
    except ValidationError as refusal:
        return Meaning(refusal=" ".join(refusal.messages))
    product, listing, code = _goods(scan, enterprise)
    if product is None:
        return _a_lot(scan, enterprise)
    weight = scan.weight or (scan.amount if code != scan.text else None)
    last = last_lot(product, enterprise=enterprise, partner=partner, is_purchase=is_purchase)
    fill = {**facts_of(scan), "code": code, "quantity": _quantity(product, scan.count, weight)}
    remarks = scan.remarks
    if scan.amount and code != scan.text and fill["quantity"]:
        remarks += (_("The quantity is the weight in the shop's own code: check the label."),)
    return Meaning(product, listing, fill, lot_facts(last) if last and not scan.lot else {}, remarks)


def facts_of(scan: Scan) -> dict[str, str]:
    """Goods, lot and dates of a scan, as they are typed into a line."""
    return {"code": scan.code, "lot": scan.lot, "made": str(scan.made_on or ""), "until": str(scan.until or "")}


def lot_facts(lot: Lot) -> dict[str, str]:
    """Number and dates of a lot, as they are typed into a line."""
    return {"lot": lot.code, "made": str(lot.produced_on or ""), "until": str(lot.expires_on or "")}


def last_lot(product: Product, *, enterprise: Enterprise, partner: Enterprise | None, is_purchase: bool) -> Lot | None:
    """The lot to propose: bought, the last one from this partner; sold, what is left and expires first."""
    today = timezone.localdate()
    if is_purchase:
        entries = LedgerEntry.objects.in_force().filter(buyer=enterprise, lot__product=product)
        entries = entries.filter(seller=partner) if partner else entries
        found = entries.select_related("lot").order_by("-traded_on", "-pk").first()
    else:
        stock = StockBalance.objects.of_goods([product.pk]).filter(enterprise=enterprise, quantity__gt=0)
        found = (
            stock.exclude(lot__expires_on__lt=today).select_related("lot").order_by("lot__expires_on", "lot").first()
        )
    return found.lot if found and not (found.lot.expires_on and found.lot.expires_on < today) else None


def why_unknown(code: str) -> str:
    """Why `code` stands for no goods, and what to do."""
    try:
        scan = read_scan(code)
    except ValidationError as refusal:
        return " ".join(refusal.messages)
    if scan.gtin:
        return _("Nobody has entered this barcode yet. Add the goods to your products first.")
    return _("These goods are not among your products. Scan the barcode, or type the item number or the exact name.")


def _is_of(goods: str, scan: Scan) -> bool:
    return is_barcode(goods) and parse(goods).gtin == scan.gtin


def _goods(scan: Scan, enterprise: Enterprise) -> tuple[Product | None, Listing | None, str]:
    """The goods and the code that names them; of a weighed package's code the beginning, or the item number in it."""
    whole = scan.text if scan.kind in (Kind.BARCODE, Kind.IN_STORE, Kind.TEXT) else ""
    for code in dict.fromkeys(filter(None, (whole, scan.code, scan.item, scan.item[2:]))):
        if own := own_goods(code, enterprise=enterprise):
            return own[0].product, own[0], code
    product = by_barcode(scan.code) or produce_called(scan.code)
    return product, None, scan.code


def _a_lot(scan: Scan, enterprise: Enterprise) -> Meaning:
    """Not goods: the number of a lot that the enterprise has, on a label of its own; else why it is nothing."""
    found = lots_called([scan.text], enterprise=enterprise)[scan.text] if scan.kind == Kind.TEXT and scan.text else []
    if len(found) != 1:
        return Meaning(remarks=scan.remarks, refusal="" if scan.remarks else why_unknown(scan.code))
    lot = found[0].lot
    listing = Listing.objects.filter(enterprise=enterprise.firm, product=lot.product).first()
    return Meaning(lot.product, listing, {"code": lot.product.code or lot.product.name, **lot_facts(lot)})


def _quantity(product: Product, count: Decimal | None, weight: Decimal | None) -> str:
    """In the goods' own unit: the weight where they are weighed, else how many pieces the code tells of."""
    if weight and product.unit_id in UNITS_IN_A_KILOGRAM:
        return _plain(weight * UNITS_IN_A_KILOGRAM[product.unit_id])
    return _plain(count) if count else ""


def _plain(number: Decimal) -> str:
    return f"{number.quantize(THOUSANDTH).normalize():f}"


def described(meaning: Meaning) -> dict[str, Any] | None:
    """The goods of a scan for the form that shows them."""
    product = meaning.product
    if product is None:
        return None
    price = meaning.listing.price if meaning.listing else None
    return {
        "product": product.pk, "name": product.name, "pack_size": product.pack_size, "kind": product.kind,
        "unit_name": str(product.unit), "price": str(price or ""),
    }  # fmt: skip
