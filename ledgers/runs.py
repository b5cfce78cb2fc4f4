"""What can happen to a production run: written, discarded, confirmed, reversed, and what it made released."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from catalog.models import Lot
from documents.locking import is_confirmed_by, locked, opened, require_in_force
from documents.numbering import number_prefix
from enterprises.models import Enterprise
from enterprises.services import require_keeper
from ledgers import sql
from ledgers.booking import writing_the_books
from ledgers.lot_order import take_lots
from ledgers.models import LotHold, ProductionRun, RunInput, RunOutput
from ledgers.run_rules import refuse_what_is_gone, refuse_what_is_wrong, refuse_what_the_books_show
from ledgers.run_typed import RunReading, read_run, tidy_run
from ledgers.services import release_lots

CERTIFICATE_MAX = 60


class Conclusion(models.TextChoices):
    """What the inspection before goods leave the plant found."""

    PASSED = "passed", gettext_lazy("Passed")
    FAILED = "failed", gettext_lazy("Failed")


@transaction.atomic
def save_run(
    run: ProductionRun | None, typed: Mapping[str, Any], *, enterprise: Enterprise, version: int, actor: User
) -> tuple[ProductionRun, RunReading]:
    """Keep what was typed; where all of it makes sense, write inputs and outputs. Returns the draft and what it means.

    Raises SavedBySomebodyElse where `version` is not the draft's, DocumentIsConfirmed where it is none any more.
    """
    run = opened(run, version, "enterprise") if run else ProductionRun(enterprise=enterprise, version=0)
    require_keeper(actor, run.enterprise)
    run.typed = tidy_run(typed)
    reading = read_run(run.typed, enterprise=run.enterprise, run_id=run.pk)
    run.produced_on, run.note = reading.produced_on or timezone.localdate(), reading.note
    run.version += 1
    run.save()
    run.inputs.all().delete()
    run.outputs.all().delete()
    if reading.is_complete:
        _write_rows(run, reading)
    return run, reading


@transaction.atomic
def discard_run(run: ProductionRun, *, actor: User) -> None:
    """Throw a draft away. Raises DocumentIsConfirmed where it is none any more, ValidationError where it is gone."""
    run = locked(run, "enterprise")
    require_keeper(actor, run.enterprise)
    run.delete()


@transaction.atomic
def confirm_run(
    run: ProductionRun, *, actor: User, token: UUID | None = None, version: int | None = None
) -> ProductionRun:
    """Close a production run: inputs leave stock, outputs enter it on hold until released, lots are linked.

    The same `token` again answers with the same run; with `version` only what was looked over is confirmed. Refusals
    are ValidationErrors with a sentence; PermissionDenied where `actor` does not keep the books.
    """
    run = locked(run, "enterprise")
    require_keeper(actor, run.enterprise)
    if is_confirmed_by(run, token=token, version=version):
        return run
    refuse_what_is_wrong(run)
    _book(run, "SC", actor=actor, token=token)
    refuse_what_the_books_show(run)
    return run


@transaction.atomic
def reverse_run(run: ProductionRun, *, reason: str, actor: User) -> ProductionRun:
    """Undo a confirmed run by a second one that mirrors it; the first is not touched, and its lots no longer join.

    Refused where some of what it made has been sold or used: the sentence says how much is missing.
    """
    run = locked(run, "enterprise")
    require_keeper(actor, run.enterprise)
    if not reason.strip():
        raise ValidationError({"reason": _("Say why the run is reversed: your station will read it.")})
    require_in_force(run, _("Only a confirmed run that is still in force can be reversed."))
    reversal = ProductionRun.objects.create(
        enterprise=run.enterprise, produced_on=run.produced_on, reverses=run, reason=reason.strip()
    )
    _write_mirror(run, reversal)
    _book(reversal, "HC", actor=actor, token=None)
    refuse_what_is_gone(reversal)
    return reversal


@transaction.atomic
def release_outputs(run: ProductionRun, *, certificate: str, conclusion: str, actor: User) -> int:
    """Let out what a run made, on the strength of its inspection (Food Safety Law 52). Returns how many lots.

    A hold of an authority stays. Refused without the number of the certificate, and where the inspection was failed.
    """
    run = locked(run, "enterprise")
    require_keeper(actor, run.enterprise)
    require_in_force(run, _("Only what a run in force has made can be released."))
    certificate = certificate.strip()
    if not 0 < len(certificate) <= CERTIFICATE_MAX:
        raise ValidationError({"certificate": _("Type the number of the inspection certificate, in 60 signs at most.")})
    if conclusion != Conclusion.PASSED:
        raise ValidationError({"conclusion": _("Only what has passed its inspection is released. It stays on hold.")})
    lots = Lot.objects.filter(pk__in=run.outputs.values("lot"))
    released = release_lots(lots, reason=certificate, actor=actor, cause=LotHold.Cause.RELEASE)
    if not released:
        raise ValidationError(_("Nothing of this run waits for its release any more."))
    return released


def _write_rows(run: ProductionRun, reading: RunReading) -> None:
    take_lots(row.lot.pk for row in reading.inputs.values())
    RunInput.objects.bulk_create(
        RunInput(run=run, lot=row.lot, quantity=row.quantity) for row in reading.inputs.values()
    )
    RunOutput.objects.bulk_create(
        RunOutput(run=run, product=row.product, lot_code=row.lot_code, expires_on=row.expires_on, quantity=row.quantity)
        for row in reading.outputs.values()
    )


def _write_mirror(run: ProductionRun, reversal: ProductionRun) -> None:
    RunInput.objects.bulk_create(
        RunInput(run=reversal, lot_id=row.lot_id, quantity=-row.quantity) for row in run.inputs.order_by("pk")
    )
    same = ("product_id", "lot_code", "expires_on")
    RunOutput.objects.bulk_create(
        RunOutput(run=reversal, quantity=-row.quantity, **{name: getattr(row, name) for name in same})
        for row in run.outputs.order_by("pk")
    )


def _book(run: ProductionRun, kind: str, *, actor: User, token: UUID | None) -> None:
    prefix = number_prefix(kind, timezone.localdate())
    with writing_the_books() as cursor:
        cursor.execute(sql.CONFIRM_RUN, [run.pk, prefix, actor.pk, str(token) if token else None])
    take_lots([*run.inputs.values_list("lot_id", flat=True), *run.outputs.values_list("lot_id", flat=True)])
    run.refresh_from_db()
