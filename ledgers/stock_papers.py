"""What can happen to a stock paper: written, discarded, confirmed, reversed, and shown in photos."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.scope import Scope
from attachments.checking import Checked
from attachments.services import store
from documents.locking import is_confirmed_by, locked, opened, require_in_force
from documents.numbering import number_prefix
from enterprises.services import require_keeper
from ledgers import sql
from ledgers.booking import writing_the_books
from ledgers.drafts import list_new_goods
from ledgers.lot_order import take_lots
from ledgers.models import StockPaper, StockPaperLine, StockPaperPhoto
from ledgers.own_lots import missing_of
from ledgers.stock import sells_to_consumers
from ledgers.stock_reading import StockReading
from ledgers.stock_rules import refuse_what_is_wrong
from ledgers.stock_typed import read_stock_paper, tidy_stock_paper

Kind = StockPaper.Kind
PHOTOGRAPHED = (Kind.WRITE_OFF, Kind.DESTRUCTION)


@transaction.atomic
def save_stock_paper(
    paper: StockPaper, typed: Mapping[str, Any], *, version: int, actor: User
) -> tuple[StockPaper, StockReading]:
    """Keep what was typed; where all of it makes sense, write the lines. Returns the draft and what it means.

    A new paper is given unsaved, with its enterprise and kind. Raises SavedBySomebodyElse where `version` is not the
    draft's, DocumentIsConfirmed where it is none any more.
    """
    if paper.pk:
        paper = opened(paper, version, "enterprise")
    require_keeper(actor, paper.enterprise)
    paper.typed = tidy_stock_paper(typed, kind=paper.kind)
    reading = read_stock_paper(paper.typed, kind=paper.kind, enterprise=paper.enterprise)
    _remember_what_was_counted_against(paper, reading)
    paper.happened_on = reading.happened_on or timezone.localdate()
    paper.note, paper.method, paper.witness = reading.note, reading.method, reading.witness
    paper.missing_is_sold = paper.kind == Kind.COUNT and sells_to_consumers(paper.enterprise)
    paper.version = paper.version + 1 if paper.pk else 1
    paper.save()
    paper.lines.all().delete()
    if reading.is_complete:
        _write_lines(paper, reading)
    return paper, reading


@transaction.atomic
def discard_stock_paper(paper: StockPaper, *, actor: User) -> None:
    """Throw a draft away. Raises DocumentIsConfirmed where it is none any more, ValidationError where it is gone."""
    paper = locked(paper, "enterprise")
    require_keeper(actor, paper.enterprise)
    paper.delete()


@transaction.atomic
def confirm_stock_paper(
    paper: StockPaper, *, actor: User, token: UUID | None = None, version: int | None = None
) -> StockPaper:
    """Close a stock paper for ever and move the stock by what it says.

    The same `token` again answers with the same paper; with `version` only what was looked over is confirmed. Refusals
    are ValidationErrors with a sentence: what is not there does not leave, what the books have moved since it was
    counted is counted again, what is on hold is not used.
    """
    paper = locked(paper, "enterprise")
    require_keeper(actor, paper.enterprise)
    if is_confirmed_by(paper, token=token, version=version):
        return paper
    refuse_what_is_wrong(paper)
    _book(paper, "KC", actor=actor, token=token)
    if missing := _missing(paper):
        raise ValidationError(
            _("More leaves than is there; missing: %(missing)s. Correct the quantities.") % {"missing": missing}
        )
    return paper


@transaction.atomic
def reverse_stock_paper(paper: StockPaper, *, reason: str, actor: User) -> StockPaper:
    """Undo a confirmed stock paper by a second one that mirrors it; the first is not touched.

    Refused where goods it brought into stock have been sold or used since: the sentence says how much is missing.
    """
    paper = locked(paper, "enterprise")
    require_keeper(actor, paper.enterprise)
    if not reason.strip():
        raise ValidationError({"reason": _("Say why the paper is reversed: your station will read it.")})
    require_in_force(paper, _("Only a confirmed paper that is still in force can be reversed."))
    same = ("enterprise", "kind", "happened_on", "note", "method", "witness", "missing_is_sold")
    reversal = StockPaper.objects.create(
        reverses=paper, reason=reason.strip(), **{name: getattr(paper, name) for name in same}
    )
    _write_mirror(paper, reversal)
    _book(reversal, "HC", actor=actor, token=None)
    if missing := _missing(reversal):
        raise ValidationError(
            _("Some of it has been sold or used already; missing: %(missing)s. Reverse what came after it first.")
            % {"missing": missing}
        )
    return reversal


@transaction.atomic
def add_photos(paper: StockPaper, photos: Iterable[Checked], *, actor: User) -> list[StockPaperPhoto]:
    """Keep photos of a confirmed write-off or destruction as evidence; whoever sees the paper sees them."""
    paper = locked(paper, "enterprise")
    require_keeper(actor, paper.enterprise)
    require_in_force(paper, _("Photos are added to a confirmed paper that is still in force."))
    if paper.kind not in PHOTOGRAPHED:
        raise ValidationError(_("Only a write-off or a destruction is shown in photos."))
    stored = {store(photo, actor=actor) for photo in photos}
    return StockPaperPhoto.objects.bulk_create(
        (StockPaperPhoto(paper=paper, attachment=attachment) for attachment in stored), ignore_conflicts=True
    )


def photos_in_sight(scope: Scope) -> QuerySet[StockPaperPhoto, Any]:
    """The attachments that whoever sees the stock paper may open."""
    papers = StockPaper.objects.visible_to(scope)
    return StockPaperPhoto.objects.filter(paper__in=papers).values_list("attachment_id")


def _remember_what_was_counted_against(paper: StockPaper, reading: StockReading) -> None:
    """A row added by hand was counted against the books of this moment."""
    if paper.kind == Kind.COUNT:
        for number, row in reading.rows.items():
            paper.typed["rows"][number]["booked"] = str(row.booked)


def _write_lines(paper: StockPaper, reading: StockReading) -> None:
    rows = reading.rows.values()
    list_new_goods(rows, enterprise=paper.enterprise)
    take_lots(row.lot.pk for row in rows if row.lot)
    StockPaperLine.objects.bulk_create(
        StockPaperLine(
            paper=paper, position=position, product=row.product, lot=row.lot, lot_code=row.lot_code,
            lot_is_generated=row.lot_is_generated, produced_on=row.produced_on, expires_on=row.expires_on,
            supplier=row.supplier, quantity=row.quantity, counted=row.counted, booked=row.booked,
        )
        for position, row in enumerate(rows, start=1)
    )  # fmt: skip


def _write_mirror(paper: StockPaper, reversal: StockPaper) -> None:
    copied = ("position", "product_id", "lot_id", "lot_code", "produced_on", "expires_on", "supplier")
    StockPaperLine.objects.bulk_create(
        StockPaperLine(paper=reversal, quantity=-line.quantity, **{name: getattr(line, name) for name in copied})
        for line in paper.lines.exclude(quantity=0)
    )


def _book(paper: StockPaper, kind: str, *, actor: User, token: UUID | None) -> None:
    prefix = number_prefix(kind, timezone.localdate())
    with writing_the_books() as cursor:
        cursor.execute(sql.CONFIRM_STOCK_PAPER, [paper.pk, prefix, actor.pk, str(token) if token else None])
        held, moved = cursor.fetchone()
    if held:
        raise ValidationError(_("These lots are on hold and may not be used: %(lots)s.") % {"lots": held})
    if moved:
        raise ValidationError(
            _("Your books have changed since you counted: %(lots)s. Count these lots again.") % {"lots": moved}
        )
    paper.refresh_from_db()


def _missing(paper: StockPaper) -> str:
    """What the paper took out beyond what was there; its balances are locked."""
    return missing_of(paper.lines.filter(quantity__lt=0).values("lot"), enterprise_id=paper.enterprise_id)
