"""Two papers of one delivery: the seller wrote one, the buyer the other. Found, linked, and counted once."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Collection, Iterable

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from catalog.models import lot_key
from ledgers.mismatches import DAYS_APART
from ledgers.models import Invoice, InvoiceLine
from ledgers.models.papers import InvoiceQuerySet
from ledgers.services import acknowledge_purchase, may_be_acknowledged, reverse_invoice


def twins_of(invoice: Invoice) -> list[Invoice]:
    """Confirmed papers of the other side that look like the same delivery, the most alike first.

    The same two parties, written by the other one, at most three days apart, with a line of the same goods and the
    same lot or the same quantity; a paper that others are linked to already is no candidate.
    """
    if not invoice.seller_id or not invoice.buyer_id or invoice.kind != Invoice.Kind.SALE:
        return []
    ours = list(invoice.lines.all())
    likeness = {paper: _likeness(ours, paper.lines.all()) for paper in _candidates(invoice)}
    return sorted((paper for paper, alike in likeness.items() if alike), key=lambda paper: -likeness[paper])


def _candidates(invoice: Invoice) -> InvoiceQuerySet:
    span = datetime.timedelta(days=DAYS_APART)
    others = Invoice.objects.in_force().filter(
        seller=invoice.seller_id, buyer=invoice.buyer_id, adjusts=None, kind=Invoice.Kind.SALE, twins=None,
        traded_on__range=(invoice.traded_on - span, invoice.traded_on + span),
    )  # fmt: skip
    return others.exclude(author=invoice.author_id).exclude(pk=invoice.pk).prefetch_related("lines").order_by("-pk")


def _likeness(ours: Collection[InvoiceLine], theirs: Iterable[InvoiceLine]) -> int:
    """How many of their lines are one of ours: the same goods, and the same lot or the same quantity."""
    lots = Counter((line.product_id, lot_key(line.lot_code)) for line in ours)
    amounts = Counter((line.product_id, line.quantity * line.factor) for line in ours)
    return sum(
        bool(lots[line.product_id, lot_key(line.lot_code)] or amounts[line.product_id, line.quantity * line.factor])
        for line in theirs
    )


@transaction.atomic
def link_twin(own: Invoice, *, twin: Invoice, actor: User) -> Invoice:
    """Say that both are one delivery: our paper is reversed, the other's stays and is acknowledged where it waits.

    Returns the reversal, which names the paper that stays. Raises ValidationError where they are no twins, or ours
    can no longer be reversed; PermissionDenied where `actor` does not keep our books.
    """
    if twin not in twins_of(own):
        raise ValidationError(_("These two papers are not of one delivery. Compare goods, lots and dates."))
    reversal = reverse_invoice(
        own, reason=_("The same delivery as %(paper)s.") % {"paper": twin}, actor=actor, same_as=twin
    )
    if may_be_acknowledged(twin):
        acknowledge_purchase(twin, actor=actor)
    return reversal
