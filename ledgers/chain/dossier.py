"""A chain as a PDF of A4 pages for the file of a case: who has some, how to reach them, every hand-over, the gaps."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from typing import Any

from django.utils import formats, timezone
from django.utils.translation import gettext as _
from reportlab.lib.units import mm
from reportlab.platypus import Spacer, Table

from accounts.models import User
from catalog.models import Lot
from enterprises.models import Enterprise
from ledgers.chain.balance import balance_of_chain
from ledgers.chain.page import UNEXPLAINED
from ledgers.chain.wanted import Chain, Wanted
from ledgers.completeness import completeness_of
from ledgers.fonts import register_fonts
from ledgers.typesetting import FACTS, WIDTH, Sheet, on_a4, part
from registers.templatetags.house import quantity

ROWS_MAX = 2_000  # holders and hand-overs together: about a hundred pages, made while the reader waits
DASH = "–"


def fits_on_paper(chain: Chain) -> bool:
    """Longer chains are for the workbook; nothing is cut."""
    return len(chain.movements) + len(chain.down.holders) <= ROWS_MAX


def fingerprint(chain: Chain) -> str:
    """SHA-256 of the chain's facts in a fixed order: two dossiers with the same one say the same."""
    facts = [sorted(chain.lots), sorted(map(str, chain.movements)), sorted(map(str, chain.down.holders))]
    return hashlib.sha256(json.dumps(facts).encode()).hexdigest()


def dossier_pdf(lot: Lot, wanted: Wanted, chain: Chain, *, made_for: User, why: str) -> bytes:
    """The whole dossier in the active language. Raises FontsNotReady while the fonts are not built."""
    register_fonts()
    sheet, lots = Sheet(), Lot.objects.select_related("product", "producer", "unit").in_bulk(chain.lots)
    gaps = completeness_of(chain.lots)
    everybody = chain.down.enterprises | chain.up.enterprises | {*gaps.enterprises}
    parties = Enterprise.objects.select_related("region").in_bulk(everybody)
    story = [
        *_cover(sheet, lot, wanted, chain, {_("Made for"): made_for, _("Reason"): why}),
        *_lots(sheet, chain, lots), *_holders(sheet, chain, lots, parties),
        *_balance(sheet, chain, lots), *_gaps(sheet, gaps.gaps, lots, parties), *_moves(sheet, chain, lots, parties),
    ]  # fmt: skip
    return on_a4([*story, Spacer(WIDTH, 4 * mm), *sheet.apology()], title=f"{_('Trace dossier')} · {lot}")


def _cover(sheet: Sheet, lot: Lot, wanted: Wanted, chain: Chain, made: dict[str, Any]) -> Iterator[Any]:
    yield sheet.set(_("Trace dossier"), "title")
    yield Spacer(WIDTH, 4 * mm)
    counts = chain.down.counts
    facts: dict[str, Any] = {
        _("Goods"): lot.product, _("Lot number"): lot.code, _("Maker"): lot.producer or lot.product.maker_name or DASH,
        _("Made on"): lot.produced_on or DASH, _("Best before"): lot.expires_on or DASH,
        _("Lots in the chain"): len(chain.lots), _("Holders now"): counts["holders"],
        _("Hand-overs"): len(chain.movements), _("As of"): wanted.on or _("today"),
        _("Only the part of"): wanted.at or DASH, **made,
        _("Made at"): formats.date_format(timezone.localtime(), "Y-m-d H:i"),
        _("Fingerprint (SHA-256)"): fingerprint(chain),
    }  # fmt: skip
    yield Table([[sheet.set(name), sheet.set(fact)] for name, fact in facts.items()], [38 * mm, None], style=FACTS)
    if wanted.in_time:
        yield sheet.set(_("Only what left after it arrived is shown; a late or mistyped date may hide a holder."))
    if wanted.as_known:
        yield sheet.set(_("From what was written by the end of that day."))


def _lots(sheet: Sheet, chain: Chain, lots: dict[int, Lot]) -> Iterator[Any]:
    headings = [_("Goods"), _("Lot number"), _("Maker"), _("Made on"), _("Best before"), _("Side")]
    rows = (
        (
            lots[pk].product, lots[pk].code, lots[pk].producer or DASH, lots[pk].produced_on or DASH,
            lots[pk].expires_on or DASH, _("Where to") if pk in chain.forward else _("Where from"),
        )
        for pk in sorted(chain.lots, key=lambda pk: (pk in chain.forward, str(lots[pk].produced_on), lots[pk].code))
    )  # fmt: skip
    yield from part(sheet, _("Lots"), (44, 34, 0, 18, 18, 16), headings, rows)


def _holders(sheet: Sheet, chain: Chain, lots: dict[int, Lot], parties: dict[int, Enterprise]) -> Iterator[Any]:
    headings = [_("Enterprise"), _("Contact and telephone"), _("Address"), _("Lot"), _("Quantity")]
    rows = (
        (
            (parties[row.enterprise_id].name, parties[row.enterprise_id].licence_number),
            (parties[row.enterprise_id].contact_name, parties[row.enterprise_id].telephone),
            parties[row.enterprise_id].address or DASH, lots[row.lot_id],
            f"{quantity(row.quantity)} {lots[row.lot_id].unit}",
        )
        for row in sorted(chain.down.holders, key=lambda row: (row.lot_id, -row.quantity))
    )  # fmt: skip
    yield from part(sheet, _("Who has it"), (42, 26, 0, 44, 24), headings, rows)


def _balance(sheet: Sheet, chain: Chain, lots: dict[int, Lot]) -> Iterator[Any]:
    headings = [
        _("Lot"), _("Made"), _("From outside"), _("In stock"), _("Sold to consumers"), _("Used"), _("Written off"),
        _("Unexplained"),
    ]  # fmt: skip
    found = balance_of_chain(chain.lots)
    rows = [
        (
            f"{lots[pk]} ({lots[pk].unit})", *(
                quantity(amount)
                for amount in (
                    row.made, row.imported, row.in_stock, row.sold_to_consumers, row.used, row.written_off,
                    row.unexplained,
                )
            ),
        )
        for pk, row in sorted(found.by_lot().items())
    ]  # fmt: skip
    yield from part(sheet, _("Balance, by the books of today"), (0, 18, 18, 18, 18, 18, 18, 18), headings, rows)
    parties = Enterprise.objects.in_bulk({row.enterprise_id for row in found.unexplained})
    open_ends = (
        (parties[row.enterprise_id], lots[row.lot_id], quantity(row.quantity), UNEXPLAINED[row.why])
        for row in found.unexplained
    )
    yield from part(
        sheet,
        _("What is unexplained"),
        (50, 50, 20, 0),
        [_("Enterprise"), _("Lot"), _("Quantity"), _("Why")],
        open_ends,
    )


def _gaps(sheet: Sheet, gaps: Any, lots: dict[int, Lot], parties: dict[int, Enterprise]) -> Iterator[Any]:
    rows = (((parties[gap.enterprise_id], parties[gap.enterprise_id].telephone), lots[gap.lot_id]) for gap in gaps)
    yield from part(sheet, _("Where the chain breaks"), (70, 0), [_("Enterprise"), _("Lot")], rows)


def _moves(sheet: Sheet, chain: Chain, lots: dict[int, Lot], parties: dict[int, Enterprise]) -> Iterator[Any]:
    headings = [_("Date"), _("Seller"), _("Buyer"), _("Lot"), _("Quantity")]
    rows = (
        (
            move.traded_on, parties[move.seller_id], parties[move.buyer_id], lots[move.lot_id],
            f"{quantity(move.quantity)} {lots[move.lot_id].unit}",
        )
        for move in chain.movements
    )  # fmt: skip
    yield from part(sheet, _("Hand-overs"), (17, 44, 44, 0, 24), headings, rows)
