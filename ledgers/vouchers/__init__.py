"""The printed voucher (食安E通) of a confirmed paper: parties, lines, and a code to check it by."""

from __future__ import annotations

from ledgers.fonts import register_fonts
from ledgers.models import Invoice
from ledgers.vouchers.a4 import a4_voucher
from ledgers.vouchers.roll import ROLLS, roll_voucher

WIDTHS = tuple(ROLLS)  # of receipt printers, in mm


def voucher_pdf(invoice: Invoice, *, address: str, with_prices: bool, width: int | None = None) -> bytes:
    """The voucher of a confirmed invoice, in the active language, as the parties stood on its day.

    A4, or for a receipt printer of this `width` in mm, one of WIDTHS. `address` is the public page where it can be
    checked. Prices are printed only where the reader is a party. Raises FontsNotReady while the fonts are not built.
    """
    register_fonts()
    lines = list(invoice.lines.select_related("unit", "product__unit", "entry"))
    if width is None:
        return a4_voucher(invoice, lines, address=address, with_prices=with_prices)
    return roll_voucher(invoice, lines, address=address, with_prices=with_prices, width=width)
