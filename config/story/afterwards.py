"""What comes after a delivery was taken in: goods go back, papers are corrected by consent, one is written twice."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from accounts.models import User
from enterprises.models import Enterprise
from ledgers.correcting import agree_to_correction, correct_invoice
from ledgers.models import CorrectionProposal, Invoice, InvoiceLine, Receipt
from ledgers.returning import return_goods, returnable
from ledgers.services import confirm_invoice
from ledgers.twins import link_twin

TAKEN = (Receipt.State.ACCEPTED, Receipt.State.AUTO_ACCEPTED)
ONE_LESS = {1: Decimal(-1)}


def tell_what_came_after(cast: Mapping[str, Enterprise], *, actor: User) -> int:
    """Returns how many papers were written: a return, a correction, and two deliveries that both sides wrote."""
    _send_back(_taken(cast["H2"])[0], actor)
    agreed, asked = _taken(cast["H4"])[:2]
    proposal = correct_invoice(agreed, differences=ONE_LESS, reason="多记一件，双方已核对", actor=actor)
    assert isinstance(proposal, CorrectionProposal)
    agree_to_correction(proposal, actor=actor)
    correct_invoice(asked, differences=ONE_LESS, reason="少装一件，请确认", actor=actor)
    linked, offered = _taken(cast["H2"])[1:3]
    link_twin(_written_again(linked, actor), twin=linked, actor=actor)
    _written_again(offered, actor)
    return 5


def _taken(buyer: Enterprise) -> list[Invoice]:
    """The latest deliveries that a buyer took in as they came."""
    sales = Invoice.objects.in_force().filter(
        buyer=buyer, seller__status=Enterprise.Status.ACTIVE, receipt__state__in=TAKEN
    )
    return list(sales.select_related("seller", "buyer").order_by("-traded_on", "pk")[:3])


def _send_back(invoice: Invoice, actor: User) -> None:
    (position, most), *_others = returnable(invoice).items()
    return_goods(invoice, quantities={position: min(most, Decimal(2))}, reason="外包装破损", actor=actor)


def _written_again(invoice: Invoice, actor: User) -> Invoice:
    """The same delivery from the other side: its buyer did not see that the paper had come."""
    copied = (
        "position",
        "product_id",
        "lot_code",
        "produced_on",
        "expires_on",
        "quantity",
        "unit_id",
        "factor",
        "price",
    )
    assert invoice.buyer is not None
    own = Invoice.objects.create(
        author=invoice.buyer, seller=invoice.seller, buyer=invoice.buyer, traded_on=invoice.traded_on
    )
    InvoiceLine.objects.bulk_create(
        InvoiceLine(invoice=own, **{name: getattr(line, name) for name in copied}) for line in invoice.lines.all()
    )
    return confirm_invoice(own, actor=actor)
