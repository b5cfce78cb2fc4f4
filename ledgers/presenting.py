"""What the screens of a paper show: its parties, lines, links, and who may do what with it now."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, cast

from django.utils.translation import gettext_lazy as _

from catalog.models import Listing
from enterprises.models import Partnership
from enterprises.request import EnterpriseRequest
from enterprises.services import keeps_books
from ledgers.complaints import PhotosForm, complaint_rows
from ledgers.correcting import may_correct
from ledgers.drafts import partner_role
from ledgers.models import (
    Invoice,
    InvoiceWarning,
    Receipt,
    ReceiptClaim,
    StockBalance,
    corrected_price,
)
from ledgers.services import may_be_acknowledged
from ledgers.twins import twins_of
from ledgers.typed import Reading
from ledgers.warning_rules import warnings_of
from ledgers.warning_words import in_words, sentence_of

VOUCHER_WIDTH = "voucher_width"  # in the session: the roll somebody printed on last, None for A4
PRINTS = ((None, _("A4")), (80, _("80 mm")), (58, _("58 mm")))
BLANK_ROWS = 3
CHOICES_MAX = 2_000


def invoice_page(request: Any, invoice: Invoice) -> dict[str, Any]:
    """A confirmed paper or a draft, for one reader: prices never leave the two parties."""
    is_author = keeps_books(request.user, invoice.author)
    in_force = Invoice.objects.in_force().filter(pk=invoice.pk).exists()
    warned = _warned(request, invoice)
    return {
        "lines": _lines(invoice, warned),
        "warnings": [warning for warning in warned if warning["position"] is None],
        "given_reason": next((warning["reason"] for warning in warned), ""),
        "shows_prices": shows_prices(request, invoice),
        "may_write": is_author and invoice.is_draft,
        "may_repeat": is_author and not (invoice.is_draft or invoice.reverses_id or invoice.adjusts_id),
        "reversed_by": getattr(invoice, "reversed_by", None),
        "differences": invoice.adjusted_by.all(),
        "prints": voucher_choices(request.session.get(VOUCHER_WIDTH)),
        "receipt": getattr(invoice, "receipt", None),
        "acknowledgement": getattr(invoice, "acknowledgement", None),
        **(_corrections(request, invoice, is_author) if in_force else {}),
    }


def shows_prices(request: Any, invoice: Invoice) -> bool:
    """Whether the reader works for one of the two parties."""
    return bool({invoice.seller_id, invoice.buyer_id} & request.scope.enterprise_ids)


def _lines(invoice: Invoice, warned: Iterable[dict[str, Any]]) -> list[Any]:
    """The lines with what counts of them now: the price as corrected, and what was warned of beside them."""
    lines: list[Any] = list(
        invoice.lines.select_related("product__unit", "unit", "entry").annotate(price_now=corrected_price())
    )
    for line in lines:
        line.warned = [warning for warning in warned if warning["position"] == line.position]
    return lines


def _warned(request: Any, invoice: Invoice) -> list[dict[str, Any]]:
    """What its author was told on confirming; for the author and its officers."""
    seen = InvoiceWarning.objects.visible_to(request.scope).filter(invoice=invoice).order_by("pk")
    return [
        {"position": row.position, "sentence": sentence_of(row.rule, row.facts), "reason": row.reason} for row in seen
    ]


def _corrections(request: Any, invoice: Invoice, is_author: bool) -> dict[str, Any]:
    """How a paper in force may be put right by this reader, and what has been asked already."""
    may_reverse = request.user.has_perm("ledgers.reverse_invoice")
    is_first = invoice.adjusts_id is None
    twins = twins_of(invoice) if is_author and is_first else []
    buys = keeps_books(request.user, invoice.buyer)
    return {
        "may_reverse": is_author and may_reverse,
        "may_correct": may_reverse and may_correct(request.user, invoice),
        "may_return": is_first and invoice.kind == Invoice.Kind.SALE and buys,
        "may_acknowledge": keeps_books(request.user, invoice.seller) and may_be_acknowledged(invoice),
        "proposals": invoice.proposals.visible_to(request.scope).select_related("asked"),
        "returned_by": invoice.returned_by.all(),
        "twin": twins[0] if twins else None,
    }


def review_page(request: Any, invoice: Invoice) -> dict[str, Any]:
    """The sheet before confirming: the draft, and what the rules of the day say to it."""
    words = [in_words(found) for found in warnings_of(invoice)]
    lines = _lines(invoice, [{"position": told.position, "told": told} for told in words])
    return {
        "lines": lines,
        "shows_prices": shows_prices(request, invoice),
        "warnings": [told for told in words if told.position is None],
        "warned": len(words),
        "needs_reason": any(told.needs_reason for told in words),
        "is_refused": any(told.is_refused for told in words),
        "reason": request.POST.get("reason", ""),
    }


def voucher_choices(usual: int | None) -> list[dict[str, Any]]:
    """What a voucher can be printed on, what this person printed on last in front."""
    choices = [
        {"query": f"?width={width}" if width else "", "words": words, "is_usual": width == usual}
        for width, words in PRINTS
    ]
    return sorted(choices, key=lambda choice: not choice["is_usual"])


def receipt_page(request: Any, receipt: Receipt) -> dict[str, Any]:
    """A delivery for one reader: what each of the three sides may say to it now."""
    state, is_open = receipt.state, Receipt.objects.claimed().filter(pk=receipt.pk).exists()
    is_buyer = keeps_books(request.user, receipt.buyer)
    is_seller = keeps_books(request.user, receipt.invoice.seller)
    in_force = Invoice.objects.in_force().filter(pk=receipt.invoice_id).exists()
    answered = state in (Receipt.State.ACCEPTED, Receipt.State.AUTO_ACCEPTED, Receipt.State.PARTIAL)
    return {
        "receipt": receipt,
        "rows": complaint_rows(receipt),
        "photos_form": PhotosForm(),
        "typed": request.POST,
        "claims": receipt.claims.select_related("line__entry", "line__unit", "settlement__line__invoice", "claimed_by"),
        "photos": [photo.attachment for photo in receipt.photos.select_related("attachment")],
        "causes": ReceiptClaim.Cause.choices,
        "may_answer": is_buyer and in_force and state == Receipt.State.PENDING,
        "may_dispute": is_buyer and in_force and (answered or state == Receipt.State.SETTLED),
        "may_withdraw": is_buyer and is_open,
        "may_agree": is_seller and is_open,
        "may_refuse": is_seller and is_open and state != Receipt.State.ESCALATED,
        "may_dismiss": is_open and state == Receipt.State.ESCALATED and request.user.has_perm("ledgers.decide_receipt"),
    }


def draft_page(
    request: EnterpriseRequest, *, invoice: Invoice | None, typed: dict[str, Any], is_purchase: bool, reading: Reading
) -> dict[str, Any]:
    """The invoice form: what was typed, what is wrong with it, and what may be chosen."""
    author = invoice.author if invoice else request.enterprise
    assert author is not None
    rows = [
        {"typed": row, "errors": reading.line_errors.get(number, {}), "number": number + 1}
        for number, row in enumerate(typed.get("lines", []))
    ]
    blank = [{"typed": {}, "errors": {}, "number": len(rows) + 1 + number} for number in range(BLANK_ROWS)]
    partners = Partnership.objects.filter(owner=author.firm, role=partner_role(is_purchase=is_purchase)).current()
    listings = Listing.objects.filter(enterprise=author.firm).select_related("product__unit")
    return {
        "invoice": invoice,
        "typed": typed,
        "is_purchase": is_purchase,
        "reading": reading,
        "rows": rows + blank,
        "partners": partners.select_related("partner")[:CHOICES_MAX],
        "listings": listings.prefetch_related("product__codes")[:CHOICES_MAX],
        "stock": [] if is_purchase else lots_in_stock(author.pk),
        "problems": len(reading.head_errors) + sum(map(len, reading.line_errors.values())),
    }


def lots_in_stock(enterprise_id: int) -> list[StockBalance]:
    """What may be sold, the lots that expire first in front."""
    balances = StockBalance.objects.filter(enterprise=enterprise_id, quantity__gt=0).select_related("lot__product")
    return cast("list[StockBalance]", list(balances.order_by("lot__expires_on", "lot_id")[:CHOICES_MAX]))
