"""What can happen to papers and lots: confirm, reverse, correct, acknowledge, hold, release. Production: `runs.py`."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from decimal import Decimal
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.db.models import F, OuterRef, Q, Subquery, Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from catalog.models import Lot, LotAlias
from documents.locking import is_confirmed_by
from enterprises.models import Enterprise
from enterprises.services import require_keeper
from ledgers import sql
from ledgers.alert_rules import look_again_at
from ledgers.booking import (
    as_booked,
    book,
    refuse_what_is_wrong,
    require_author,
    take_up,
    take_up_and_book,
    writing_the_books,
)
from ledgers.models import Invoice, InvoiceLine, LotHold, Receipt, ReceiptClaim
from ledgers.own_lots import missing_of


@transaction.atomic
def confirm_invoice(invoice: Invoice, *, actor: User, token: UUID | None = None, version: int | None = None) -> Invoice:
    """Close a draft for ever and write it into the books of both sides, in one transaction (Food Safety Law 50-53).

    The same `token` again answers with the same paper, so a lost answer can be asked for again; with `version` only
    what was looked over is confirmed. Refusals are ValidationErrors with a sentence; PermissionDenied where `actor`
    does not keep the author's books.
    """
    paper, written = take_up_and_book(invoice, actor, token=token, version=version)
    require_author(actor, paper)
    if is_confirmed_by(paper.invoice, token=token, version=version):
        return paper.invoice
    refuse_what_is_wrong(paper)
    return as_booked(paper.invoice, written, actor)


@transaction.atomic
def reverse_invoice(invoice: Invoice, *, reason: str, actor: User, same_as: Invoice | None = None) -> Invoice:
    """Undo a confirmed invoice by a second one that mirrors it (红冲); the first is not touched.

    Refused where the other side has taken it in already (code "answered": `correcting.py` asks it), or the buyer has
    less left than a line brought: a difference paper serves then. `same_as` is the paper of the same delivery.
    """
    paper = take_up(invoice, actor)
    require_author(actor, paper)
    return _reverse(paper.invoice, reason=reason, actor=actor, same_as=same_as, is_agreed=False)


@transaction.atomic
def reverse_agreed(invoice: Invoice, *, reason: str, actor: User) -> Invoice:
    """The same, after the other side has said yes or the station has ordered it, which the caller has made sure of."""
    return _reverse(take_up(invoice, actor).invoice, reason=reason, actor=actor, same_as=None, is_agreed=True)


def _reverse(invoice: Invoice, *, reason: str, actor: User, same_as: Invoice | None, is_agreed: bool) -> Invoice:
    if not reason.strip():
        raise ValidationError({"reason": _("Say why the paper is reversed: both sides will read it.")})
    if not Invoice.objects.in_force().filter(pk=invoice.pk).exists():
        raise ValidationError(_("Only a confirmed paper that is still in force can be reversed."))
    if Invoice.objects.in_force().filter(adjusts=invoice).exists():
        raise ValidationError(_("A difference paper corrects this one. Reverse the difference first."))
    if not is_agreed:
        _refuse_what_was_answered(invoice)
    lines = [_mirrored(line, -line.quantity) for line in _booked(invoice)]
    link = {"reverses": invoice, "same_as": same_as}
    reversal = _follow_up(invoice, lines, link, reason=reason, actor=actor)
    _refuse_what_is_gone(reversal)
    return reversal


@transaction.atomic
def adjust_invoice(invoice: Invoice, *, differences: Mapping[int, Decimal], reason: str, actor: User) -> Invoice:
    """Correct quantities of a confirmed invoice by a difference paper: {line position: difference, in its unit}.

    The seller writes it where it has acknowledged a purchase, else whoever wrote the invoice. What the other side has
    taken in is corrected at once only as far as it has claimed it (else code "answered": `correcting.py` asks it).
    Refused where a line would come to less than nothing, or takes back what the buyer has no more.
    """
    invoice = take_up(invoice, actor).invoice
    require_keeper(actor, corrector(invoice))
    if is_taken_in(invoice) and set(differences) - _claimed_positions(invoice, differences):
        raise ValidationError(_answered(), code="answered")
    return _adjust(invoice, differences, reason=reason, actor=actor)


@transaction.atomic
def adjust_agreed(invoice: Invoice, *, differences: Mapping[int, Decimal], reason: str, actor: User) -> Invoice:
    """The same, after the other side has said yes or the station has ordered it, which the caller has made sure of."""
    return _adjust(take_up(invoice, actor).invoice, differences, reason=reason, actor=actor)


def _adjust(invoice: Invoice, differences: Mapping[int, Decimal], *, reason: str, actor: User) -> Invoice:
    if not Invoice.objects.in_force().filter(pk=invoice.pk, adjusts=None).exists():
        raise ValidationError(_("Only a confirmed paper that is still in force can be corrected."))
    lines = [_mirrored(line, differences[line.position]) for line in _booked(invoice) if differences.get(line.position)]
    if not lines or not reason.strip():
        raise ValidationError(_("A difference paper names the lines that differ, and the reason."))
    _refuse_less_than_nothing(invoice, lines)
    difference = _follow_up(invoice, lines, {"adjusts": invoice}, reason=reason, actor=actor)
    _refuse_what_is_gone(difference)
    return difference


@transaction.atomic
def acknowledge_purchase(invoice: Invoice, *, actor: User) -> Invoice:
    """The seller says: this purchase that the buyer wrote down is ours. Then it is in the seller's book and stock.

    What the buyer has corrected of it meanwhile comes along: the seller says yes to what it is now.
    """
    invoice = take_up(invoice, actor).invoice
    require_keeper(actor, invoice.seller)
    if not may_be_acknowledged(invoice):
        raise ValidationError(_("This paper needs no acknowledgement, or has it already."))
    differences = Invoice.objects.in_force().filter(adjusts=invoice).order_by("pk")
    with writing_the_books() as cursor:
        for paper in (invoice, *differences):
            cursor.execute(sql.ACKNOWLEDGE, [paper.pk, actor.pk])
    look_again_at(invoice.pk)
    return invoice


def may_be_acknowledged(invoice: Invoice) -> bool:
    """Whether the seller still has to say that this purchase is its own sale.

    What was bought of it before it joined the platform is in its book already: the entries know.
    """
    return bool(
        invoice.seller
        and invoice.seller.is_active
        and invoice.is_purchase
        and invoice.adjusts_id is None
        and Invoice.objects.in_force().filter(pk=invoice.pk, acknowledgement=None).exists()
        and invoice.entries.filter(needs_acknowledgement=True).exists()
    )


@transaction.atomic
def hold_lots(lots: Iterable[Lot], *, reason: str, actor: User, cause: str = LotHold.Cause.AUTHORITY) -> list[LotHold]:
    """Put lots, and what is the same lot under another code, on hold: after this commits no sale of them is confirmed.

    The lots are locked FOR UPDATE; a confirmation in flight holds them FOR KEY SHARE, so one of the two waits.
    """
    locked = list(Lot.objects.select_for_update(of=("self",)).filter(pk__in=with_aliases(lots)).order_by("pk"))
    held = set(LotHold.objects.filter(lot__in=locked, cause=cause, released_at=None).values_list("lot_id", flat=True))
    now = timezone.now()
    return LotHold.objects.bulk_create(
        LotHold(lot=lot, cause=cause, reason=reason, placed_by=actor, placed_at=now)
        for lot in locked
        if lot.pk not in held
    )


@transaction.atomic
def release_lots(lots: Iterable[Lot], *, reason: str, actor: User, cause: str = LotHold.Cause.AUTHORITY) -> int:
    """End the holds of this cause on lots; the reason is a certificate number or a decision. Returns how many."""
    waiting = LotHold.objects.filter(lot__in=with_aliases(lots), cause=cause, released_at=None)
    return waiting.update(released_at=timezone.now(), released_by=actor, release_note=reason)


def fold_trade_deltas() -> int:
    """Add what confirmations left behind to the day figures and last trades; returns how many deltas were folded."""
    with connection.cursor() as cursor:
        cursor.execute(sql.FOLD_TRADE_DELTAS)
        return int(cursor.fetchone()[0])


def corrector(invoice: Invoice) -> Enterprise:
    """Who corrects a paper: its author, until the seller has acknowledged it as its own sale."""
    return invoice.seller if invoice.seller and hasattr(invoice, "acknowledgement") else invoice.author


def is_taken_in(invoice: Invoice) -> bool:
    """Whether the other side has answered or acknowledged this paper: from then on it is asked before a correction."""
    answered = Receipt.objects.filter(invoice=invoice).exclude(state=Receipt.State.PENDING).exists()
    return answered or hasattr(invoice, "acknowledgement")


def _refuse_what_was_answered(invoice: Invoice) -> None:
    """A paper that is wholly in dispute may be reversed, one that the other side has taken in may not."""
    if is_taken_in(invoice):
        claimed = ReceiptClaim.objects.open().filter(quantity=F("line__entry__quantity"))
        if hasattr(invoice, "acknowledgement") or invoice.lines.exclude(claims__in=claimed).exists():
            raise ValidationError(_answered(), code="answered")


def _claimed_positions(invoice: Invoice, differences: Mapping[int, Decimal]) -> set[int]:
    """The lines on which a difference takes back no more than the other side claims."""
    claims = ReceiptClaim.objects.open().filter(receipt__invoice=invoice).select_related("line")
    return {
        claim.line.position
        for claim in claims
        if 0 < -differences.get(claim.line.position, Decimal(0)) * claim.line.factor <= claim.quantity
    }


def _answered() -> str:
    return _(
        "The other side has accepted this paper already: it has to agree to a correction, or your station orders it."
    )


def _refuse_what_is_gone(correction: Invoice) -> None:
    """Looked at after the booking, whose balances are locked: the buyer cannot give back what it has not.

    What it disputes it has: the claim has set that aside.
    """
    back = correction.lines.filter(quantity__lt=0, settles=None)
    if missing := missing_of(back.values("known_lot"), enterprise_id=correction.buyer_id):
        raise ValidationError(
            _("The buyer has used or sold some of it already; missing: %(missing)s. Correct only what is left.")
            % {"missing": missing}
        )


def quantities_now(invoice: Invoice) -> dict[int, Decimal]:
    """By position what each line brought, with every difference so far, in the line's own unit."""
    papers = Invoice.objects.in_force().filter(Q(pk=invoice.pk) | Q(adjusts=invoice))
    lines = InvoiceLine.objects.filter(invoice__in=papers)
    return dict(lines.values_list("position").annotate(Sum("quantity")).order_by())


def _refuse_less_than_nothing(invoice: Invoice, differences: Iterable[InvoiceLine]) -> None:
    brought = quantities_now(invoice)
    for line in differences:
        if brought[line.position] + line.quantity < 0:
            raise ValidationError(
                _("Line %(n)s: it brought only %(quantity)s; a difference cannot take back more.")
                % {"n": line.position, "quantity": f"{brought[line.position].normalize():f}"}
            )


def _booked(invoice: Invoice) -> Iterable[InvoiceLine]:
    """The lines of a confirmed paper with their entries, and the claim that a correction of each would settle."""
    claim = ReceiptClaim.objects.open().filter(line=OuterRef("pk"))
    return invoice.lines.select_related("entry").annotate(open_claim=Subquery(claim.values("pk")[:1]))


def _mirrored(line: InvoiceLine, quantity: Decimal) -> InvoiceLine:
    copied = ("position", "product_id", "lot_code", "produced_on", "expires_on", "unit_id", "factor", "price")
    same = {name: getattr(line, name) for name in copied}
    claim = line.open_claim if quantity < 0 else None  # type: ignore[attr-defined]
    return InvoiceLine(quantity=quantity, known_lot_id=line.entry.lot_id, settles_id=claim, **same)


def _follow_up(
    invoice: Invoice, lines: Collection[InvoiceLine], link: Mapping[str, Invoice | None], *, reason: str, actor: User
) -> Invoice:
    """A second paper between the same two parties that corrects the first, confirmed at once."""
    paper = Invoice.objects.create(
        kind=invoice.kind, author=corrector(invoice), seller=invoice.seller, buyer=invoice.buyer,
        traded_on=timezone.localdate(), reason=reason.strip(), **link,
    )  # fmt: skip
    for line in lines:
        line.invoice = paper
    InvoiceLine.objects.bulk_create(lines)
    look_again_at(invoice.pk)
    return book(paper, actor=actor)


def with_aliases(lots: Iterable[Lot]) -> set[int]:
    """The lots and every lot joined to one of them by an alias, however long the chain."""
    found = {lot.pk for lot in lots}
    while True:
        pairs = LotAlias.objects.filter(lot__in=found).values_list("same_as_id", flat=True)
        back = LotAlias.objects.filter(same_as__in=found).values_list("lot_id", flat=True)
        more = {*pairs, *back} - found
        if not more:
            return found
        found |= more
