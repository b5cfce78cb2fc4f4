"""Wrong data in the shared catalogue: it is reported, and a data steward puts it right or says why it is not so."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.scope import Scope
from alerts.raising import look_again
from attachments.checking import Checked
from attachments.services import store
from catalog.models import FieldDecision, Product, ProductReport, ReportPhoto
from catalog.models.reporting import OTHER_FIELDS
from catalog.provenance import FIELDS, label_of, present_value
from catalog.stewarding import correct_product
from enterprises.models import Enterprise

OPEN_MAX = 50  # of one product by the public
STATE = ProductReport.State


@dataclass(frozen=True)
class Told:
    """What somebody says is wrong: the field, the words on the package, and what shows it."""

    field: str
    says: str
    note: str = ""
    photos: Iterable[Checked] = ()


def reported_fields() -> list[tuple[str, str]]:
    """What can be wrong, as (field, words)."""
    others = [(key, str(words)) for key, words in OTHER_FIELDS.items()]
    return [*((field, label_of(field)) for field in FIELDS), *others]


@transaction.atomic
def report_product(
    product: Product, told: Told, *, enterprise: Enterprise | None = None, actor: User | None
) -> ProductReport:
    """Say what is wrong with a shared product. Without `actor` it is the public; the same said again is one report.

    ValidationError beside `field` or `says`, or where the public has said enough of these goods.
    """
    product = Product.objects.select_related("merged_into").get(pk=product.pk)
    product = product.merged_into or product
    _refuse_nonsense(product, told)
    said = {"product": product, "field": told.field, "says": told.says.strip()}
    if actor is None:
        return _by_the_public(said)
    report, is_new = ProductReport.objects.open().get_or_create(
        **said, author=actor, defaults={"note": told.note.strip(), "enterprise": enterprise}
    )
    stored = [ReportPhoto(report=report, attachment=store(photo, actor=actor)) for photo in told.photos]
    ReportPhoto.objects.bulk_create(stored, ignore_conflicts=True)
    if is_new:
        _look_again([report])
    return report


@transaction.atomic
def accept_reports(
    report: ProductReport, *, same: Iterable[ProductReport] = (), value: str, answer: str, actor: User
) -> FieldDecision | None:
    """It is so: the field says `value` from now on, unless it is empty or stands there already. Others that say the
    `same` are answered with it. Returns the decision, where one was needed.

    ValidationError beside `value` or `answer`; PermissionDenied for whoever is no steward.
    """
    rows = _taken_up([report, *same], answer, actor)
    product, field, decision = rows[0].product, report.field, None
    if value and field in FIELDS and value != present_value(product, field):
        decision = correct_product(product, field=field, value=value, reason=answer, actor=actor)
    _answer(rows, STATE.ACCEPTED, answer, actor, decision)
    return decision


@transaction.atomic
def reject_reports(report: ProductReport, *, same: Iterable[ProductReport] = (), answer: str, actor: User) -> None:
    """It is not so, and `answer` says why.

    ValidationError beside `answer`; PermissionDenied for whoever is no steward.
    """
    _answer(_taken_up([report, *same], answer, actor), STATE.REJECTED, answer, actor, None)


def like(report: ProductReport) -> QuerySet[ProductReport]:
    """Other open reports about the same field of the same goods."""
    rows = ProductReport.objects.open().filter(product=report.product_id, field=report.field)
    return rows.exclude(pk=report.pk).select_related("author", "enterprise")


def photos_in_sight(scope: Scope) -> QuerySet[ReportPhoto, Any]:
    """The attachments that reports open to whoever has this scope."""
    return ReportPhoto.objects.filter(report__in=ProductReport.objects.visible_to(scope)).values_list("attachment_id")


def _refuse_nonsense(product: Product, told: Told) -> None:
    if product.owner_id is not None:
        raise ValidationError(_("Goods under a self-made code belong to their enterprise."))
    if told.field not in (*FIELDS, *OTHER_FIELDS):
        raise ValidationError({"field": _("Choose what is wrong.")})
    if not told.says.strip():
        raise ValidationError({"says": _("Say what the package says.")})


def _by_the_public(said: dict[str, Any]) -> ProductReport:
    Product.objects.select_for_update(no_key=True).get(pk=said["product"].pk)
    theirs = ProductReport.objects.open().filter(product=said["product"], author=None)
    if same := theirs.filter(**said).first():
        theirs.filter(pk=same.pk).update(times=F("times") + 1)
        return same
    if theirs.count() >= OPEN_MAX:
        raise ValidationError(_("Many people have told us of these goods. They are being looked at."))
    report = ProductReport.objects.create(**said)
    _look_again([report])
    return report


def _taken_up(reports: Iterable[ProductReport], answer: str, actor: User) -> list[ProductReport]:
    if not actor.has_perm("catalog.steward_product"):
        raise PermissionDenied
    if not answer.strip():
        raise ValidationError({"answer": _("Say why: whoever reported it reads this.")})
    wanted = {row.pk for row in reports}
    locked = ProductReport.objects.open().select_for_update(of=("self",)).select_related("product")
    rows = list(locked.filter(pk__in=wanted).order_by("pk"))
    if len(rows) < len(wanted):
        raise ValidationError(_("One of these reports was answered meanwhile. Look at it again."))
    if len({(row.product_id, row.field) for row in rows}) > 1:
        raise ValidationError(_("These reports are not about the same."))
    return rows


def _answer(rows: list[ProductReport], state: str, answer: str, actor: User, decision: FieldDecision | None) -> None:
    for row in rows:
        row.state, row.answer, row.decision = state, answer.strip(), decision
        row.answered_by, row.answered_at = actor, timezone.now()
        row.save()
    _look_again(rows)


def _look_again(rows: Iterable[ProductReport]) -> None:
    keys = [row.pk for row in rows]
    transaction.on_commit(lambda: look_again("PRODUCT_REPORTED", "REPORT_ANSWERED", about=keys), robust=True)
