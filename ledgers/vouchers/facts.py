"""What every voucher says, whatever it is printed on: sentences about the paper, its parties and its sums."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import ROUND_HALF_UP, Decimal

from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ledgers.models import Invoice, InvoiceLine
from ledgers.typesetting import money

CENT = Decimal("0.01")


def title() -> str:
    """What the trade calls such a paper."""
    return _("Food safety voucher (食安E通)")


def kind(invoice: Invoice) -> str:
    """What sort of paper it is, in words."""
    if invoice.reverses_id:
        return _("Reversal of an earlier paper")
    if invoice.adjusts_id:
        return _("Correction of an earlier paper: the lines say the difference")
    return _("Return of goods") if invoice.kind == Invoice.Kind.RETURN else _("Trade voucher: goods handed over")


def number(invoice: Invoice) -> str:
    """The number of the paper, with its word."""
    return _("Number: %(number)s") % {"number": invoice.number}


def day(invoice: Invoice) -> str:
    """The day of the trade, with its word."""
    return _("Date: %(day)s") % {"day": formats.date_format(invoice.traded_on, "DATE_FORMAT")}


def partners_number(invoice: Invoice) -> list[str]:
    """The number on the partner's own paper, where one was typed."""
    sentence = _("Number on the partner's paper: %(number)s") % {"number": invoice.paper_number}
    return [sentence] if invoice.paper_number else []


def standing(invoice: Invoice) -> Iterator[tuple[str, str]]:
    """What became of the paper, or what it does to another, each with the reason; nothing where it is in force."""
    reversal = getattr(invoice, "reversed_by", None)
    if reversal:
        sentence = _("Reversed by %(number)s: this paper no longer counts.")
        yield sentence % {"number": reversal.number}, _because(reversal)
    if invoice.reverses:
        yield _("This paper reverses %(number)s.") % {"number": invoice.reverses.number}, _because(invoice)
    if invoice.adjusts:
        yield _("This paper corrects %(number)s.") % {"number": invoice.adjusts.number}, _because(invoice)
    for paper in invoice.adjusted_by.all():
        yield _("Corrected by %(number)s.") % {"number": paper.number}, _because(paper)


def _because(paper: Invoice) -> str:
    return _("Reason: %(reason)s") % {"reason": paper.reason}


def parties(invoice: Invoice) -> list[tuple[str, str, list[str]]]:
    """Seller and buyer: the word for the side, the name, and what else was known of it on the day."""
    sides = ((_("Seller"), invoice.printed.get("seller", {})), (_("Buyer"), invoice.printed.get("buyer", {})))
    return [(word, party.get("name", ""), _known_of(party)) for word, party in sides]


def _known_of(party: dict[str, str]) -> list[str]:
    facts = (
        (_("Licence: %(value)s"), "licence"), (_("Address: %(value)s"), "address"),
        (_("Telephone: %(value)s"), "telephone"),
    )  # fmt: skip
    return [sentence % {"value": party[key]} for sentence, key in facts if party.get(key)]


def amount(line: InvoiceLine) -> Decimal | None:
    """In yuan, rounded as on every till."""
    return None if line.price is None else (line.quantity * line.price).quantize(CENT, ROUND_HALF_UP)


def totals(lines: Sequence[InvoiceLine], *, with_prices: bool) -> Iterator[str]:
    """How many lines, and what they cost together where prices may be shown."""
    count = len(lines)
    yield ngettext("%(count)s line", "%(count)s lines", count) % {"count": count}
    amounts = [yuan for line in lines if (yuan := amount(line)) is not None]
    if with_prices and amounts:
        whole = len(amounts) == count
        sentence = _("Total: %(yuan)s yuan") if whole else _("Total of the lines with a price: %(yuan)s yuan")
        yield sentence % {"yuan": money(sum(amounts, Decimal(0)))}


def closing(invoice: Invoice) -> Iterator[str]:
    """The note, and who confirmed it when."""
    if invoice.note:
        yield _("Note: %(note)s") % {"note": invoice.note}
    if invoice.confirmed_at:
        moment = formats.date_format(timezone.localtime(invoice.confirmed_at), "Y-m-d H:i")
        yield _("Confirmed by %(person)s, %(moment)s") % {"person": invoice.confirmed_by, "moment": moment}


def how_to_check(invoice: Invoice, address: str) -> str:
    """Where whoever holds the paper finds out whether it is genuine and in force."""
    return _("Scan the square code to check this voucher, or open %(address)s. Code of this voucher: %(token)s") % {
        "address": address, "token": invoice.voucher_token,
    }  # fmt: skip
