"""Goods that go back to whoever delivered them: a paper of its own kind, the other way round."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_FLOOR, Decimal
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from enterprises.services import require_keeper
from ledgers.models import Invoice, InvoiceLine, StockBalance
from ledgers.services import confirm_invoice, quantities_now

THOUSANDTH = Decimal("0.001")


def returnable(invoice: Invoice) -> dict[int, Decimal]:
    """By position how much of a delivery may still go back: what it brought, less what went back, as far as the buyer
    has it, in the line's unit; a thousandth that is not full stays."""
    gone = InvoiceLine.objects.filter(invoice__in=Invoice.objects.in_force().filter(returns=invoice))
    back = dict(gone.values_list("position").annotate(Sum("quantity")).order_by())
    brought = quantities_now(invoice)
    left = dict(
        StockBalance.objects.filter(enterprise=invoice.buyer_id, lot__entries__invoice=invoice).values_list(
            "lot", "quantity"
        )
    )
    here = {
        line.position: (left.get(line.entry.lot_id, Decimal(0)) / line.factor).quantize(THOUSANDTH, ROUND_FLOOR)
        for line in invoice.lines.select_related("entry")
    }
    return {
        position: max(Decimal(0), min(quantity - back.get(position, Decimal(0)), here[position]))
        for position, quantity in brought.items()
    }


@transaction.atomic
def return_goods(
    invoice: Invoice, *, quantities: Mapping[int, Decimal], reason: str, actor: User, token: UUID | None = None
) -> Invoice:
    """Send goods of a delivery back: {line position: quantity, in its unit}. Returns the confirmed paper.

    The supplier's book takes them in at once, and a supplier of the platform answers the delivery as any other.
    PermissionDenied for who does not keep the buyer's books; ValidationError beyond what came and is left.
    """
    locked = Invoice.objects.select_for_update(of=("self",)).select_related("seller", "buyer").get(pk=invoice.pk)
    require_keeper(actor, locked.buyer)
    if token is not None and (done := Invoice.objects.filter(token=token, returns=locked).first()):
        return done
    _refuse(locked, quantities, reason)
    paper = Invoice.objects.create(
        kind=Invoice.Kind.RETURN, author=locked.buyer, seller=locked.buyer, buyer=locked.seller, returns=locked,
        traded_on=timezone.localdate(), reason=reason.strip()[:200],
    )  # fmt: skip
    copied = ("position", "product_id", "lot_code", "produced_on", "expires_on", "unit_id", "factor", "price")
    InvoiceLine.objects.bulk_create(
        InvoiceLine(
            invoice=paper, quantity=quantities[line.position], known_lot_id=line.entry.lot_id,
            **{name: getattr(line, name) for name in copied},
        )
        for line in locked.lines.select_related("entry")
        if quantities.get(line.position)
    )  # fmt: skip
    return confirm_invoice(paper, actor=actor, token=token)


def _refuse(invoice: Invoice, quantities: Mapping[int, Decimal], reason: str) -> None:
    if not Invoice.objects.in_force().filter(pk=invoice.pk, kind=Invoice.Kind.SALE, adjusts=None).exists():
        raise ValidationError(_("Only goods of a confirmed paper that is still in force can go back."))
    if not any(quantities.values()):
        raise ValidationError(_("Say on at least one line how much goes back."))
    if not reason.strip():
        raise ValidationError({"reason": _("Say why the goods go back: the supplier will read it.")})
    most = returnable(invoice)
    for position, quantity in quantities.items():
        if quantity < 0 or quantity > most.get(position, Decimal(0)):
            raise ValidationError(
                _("Line %(n)s: at most %(quantity)s can go back.")
                % {"n": position, "quantity": f"{most.get(position, Decimal(0)).normalize():f}"}
            )
