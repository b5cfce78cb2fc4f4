"""What a data steward decides about a shared product: a value for a field, with a reason, until it is taken back."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from catalog.models import FieldDecision, Product
from catalog.provenance import FIELDS, present_value
from catalog.resolving import take_in_decision
from enterprises.models import Enterprise


@transaction.atomic
def correct_product(product: Product, *, field: str, value: str, reason: str, actor: User) -> FieldDecision:
    """Decide what a field of a shared product says; nobody's word changes it until the decision is taken back.

    ValidationError beside `value` or `reason`; PermissionDenied for whoever is no steward.
    """
    product = _taken_up(product, field, actor)
    if not value.strip():
        raise ValidationError({"value": _("Say what the field should be.")})
    if field == "unit" and value != product.unit_id and product.lots.exists():
        raise ValidationError({"value": _("Goods that have lots keep their unit.")})
    if field == "maker" and not Enterprise.objects.in_registry().filter(pk=value).exists():
        raise ValidationError({"value": _("Choose one of those who say that they make it.")})
    return _decide(product, field, value.strip(), reason, actor)


@transaction.atomic
def take_back(product: Product, *, field: str, reason: str, actor: User) -> FieldDecision:
    """Take the decision in force back: what was there before it returns, and the others' words count again."""
    product = _taken_up(product, field, actor)
    if decision_in_force(product, field) is None:
        raise ValidationError(_("No decision is in force here."))
    return _decide(product, field, None, reason, actor)


def decision_in_force(product: Product, field: str) -> FieldDecision | None:
    """The steward's decision that holds a field now, or None."""
    latest = FieldDecision.objects.filter(product=product, field=field).order_by("-pk").first()
    return latest if latest and latest.value is not None else None


def _taken_up(product: Product, field: str, actor: User) -> Product:
    if not actor.has_perm("catalog.steward_product"):
        raise PermissionDenied
    if field not in FIELDS:
        raise ValidationError(_("This field is not decided here."))
    product = Product.objects.select_for_update(no_key=True).get(pk=product.pk)
    if product.owner_id is not None:
        raise ValidationError(_("Goods under a self-made code belong to their enterprise."))
    return product


def _decide(product: Product, field: str, value: str | None, reason: str, actor: User) -> FieldDecision:
    if not reason.strip():
        raise ValidationError({"reason": _("Say why: whoever entered something else will read it.")})
    before = decision_in_force(product, field)
    decision = FieldDecision.objects.create(
        product=product, field=field, value=value, reason=reason.strip(), author=actor,
        instead_of=before.instead_of if before else present_value(product, field),
    )  # fmt: skip
    take_in_decision(decision)
    if field == "maker":
        take_in_decision(decision)  # a new maker's words count from now on
    return decision
