"""Papers and the functions of the database that write the books: take a paper up, book it, say what forbids it."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DataError, IntegrityError, connection
from django.db.backends.utils import CursorWrapper
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from documents.models import Status
from documents.numbering import number_prefix
from ledgers import sql
from ledgers.models import Invoice


class TakenUp(NamedTuple):
    """A paper, locked and without what was typed or printed; whether the person keeps its author's books; and which
    rule of confirming it breaks first, at which line."""

    invoice: Invoice
    is_keeper: bool
    refusal: str | None
    at_line: int | None


TAKEN_UP = (
    "id", "number", "status", "version", "token", "reverses_id", "confirmed_at", "confirmed_by_id", "kind", "author_id",
    "seller_id", "buyer_id", "traded_on", "adjusts_id", "voucher_token",
)  # fmt: skip


class Written(NamedTuple):
    """What the function that writes the books answers: what forbids the paper, or what it wrote."""

    held: str | None
    suspended: str | None
    number: str
    confirmed_at: datetime


REFUSALS = {
    "no partner": gettext_lazy("Choose the partner before you confirm."),
    "no lines": gettext_lazy("A paper without lines cannot be confirmed. Add a line, or correct the marked ones."),
    "not yet": gettext_lazy("The date lies in the future. Confirm the paper on the day of the delivery."),
    "no quantity": gettext_lazy("Line %(n)s: a quantity is more than zero."),
    "no lot": gettext_lazy("Line %(n)s: type the lot number or the production date."),
    "made later": gettext_lazy("Line %(n)s: made after it was delivered. Check the date."),
    "expired": gettext_lazy(
        "Line %(n)s: it had expired when it was delivered, and may not be sold. Take it off the paper."
    ),
}


def take_up(invoice: Invoice, actor: User) -> TakenUp:
    """The paper, locked. ValidationError where somebody has thrown the draft away."""
    with connection.cursor() as cursor:
        cursor.execute(sql.TAKE_UP, [invoice.pk, actor.pk, timezone.localdate()])
        return _taken_up(cursor.fetchone())


def take_up_and_book(
    invoice: Invoice, actor: User, *, token: UUID | None, version: int | None
) -> tuple[TakenUp, Written]:
    """The paper, locked, and booked in the same round trip unless it breaks a rule, is no draft, is another version
    or not this person's to confirm: what was written is empty then, and the caller refuses."""
    day = timezone.localdate()
    asked: dict[str, int | str | date | None] = {
        "paper": invoice.pk, "person": actor.pk, "may_all": actor.is_active and actor.is_superuser, "day": day,
        "version": version, "token": str(token) if token else None, "voucher": _new_voucher(),
        "sale": number_prefix("XS", day), "return": number_prefix("TH", day),
    }  # fmt: skip
    with writing_the_books() as cursor:
        cursor.execute(sql.CONFIRM_DRAFT, asked)
        row = cursor.fetchone() or ()
    return _taken_up(row[:-4]), Written(*row[-4:])


def require_author(actor: User, paper: TakenUp) -> None:
    """PermissionDenied for whoever does not keep the books of the paper's author."""
    if not (actor.is_active and (actor.is_superuser or paper.is_keeper)):
        raise PermissionDenied


def refuse_what_is_wrong(paper: TakenUp) -> None:
    """What the form has checked too: a paper may come from an import, the API or a second clerk."""
    if paper.refusal:
        raise ValidationError(REFUSALS[paper.refusal] % {"n": paper.at_line})


def book(correction: Invoice, *, actor: User) -> Invoice:
    """Write a correction, whose lines are there and looked over, into the books."""
    prefix = number_prefix("HC" if correction.reverses_id else "CY", timezone.localdate())
    with writing_the_books() as cursor:
        cursor.execute(sql.CONFIRM_INVOICE, [correction.pk, prefix, actor.pk, None, _new_voucher()])
        written = Written(*cursor.fetchone())
    return as_booked(correction, written, actor)


def as_booked(invoice: Invoice, written: Written, actor: User) -> Invoice:
    """Refuse what the books forbid, or say on the instance what was written on the row."""
    if written.suspended:
        raise ValidationError(
            _("%(party)s is suspended: nothing may be bought from it or sold to it. Ask your station.")
            % {"party": written.suspended},
            code="suspended",
        )
    if written.held:
        raise ValidationError(
            _("These lots are on hold and may not be sold: %(lots)s. Take them off the paper and keep them apart.")
            % {"lots": written.held},
            code="held",
        )
    invoice.status, invoice.number, invoice.version = Status.CONFIRMED, written.number, invoice.version + 1
    invoice.confirmed_at, invoice.confirmed_by = written.confirmed_at, actor
    for read_anew in ("printed", "token", "voucher_token"):
        invoice.__dict__.pop(read_anew, None)
    return invoice


@contextmanager
def writing_the_books() -> Iterator[CursorWrapper]:
    """A cursor for a function that writes the books; what they cannot take is a refusal in a sentence."""
    try:
        with connection.cursor() as cursor:
            yield cursor
    except DataError as overflow:
        raise ValidationError(_("A quantity is too large for the books. Check the quantities.")) from overflow
    except IntegrityError as refusal:
        if "token" not in str(refusal):
            raise
        raise ValidationError(_("This form has confirmed another paper. Open the draft again.")) from refusal


def _taken_up(row: Sequence[Any] | None) -> TakenUp:
    if not row:
        raise ValidationError(_("The draft is gone."))
    locked, others = row[: len(TAKEN_UP)], row[len(TAKEN_UP) :]
    return TakenUp(Invoice.from_db(connection.alias, TAKEN_UP, locked), *others)


def _new_voucher() -> str:
    return secrets.token_urlsafe(16)
