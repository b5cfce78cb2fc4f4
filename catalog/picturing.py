"""Pictures of goods: whoever lists the goods adds them, and takes its own away; a data steward takes away any."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from accounts.scope import Scope
from attachments.checking import Checked
from attachments.models import Attachment
from attachments.services import store
from catalog.models import ImageRemoval, Listing, Product, ProductImage
from enterprises.models import Enterprise

IMAGES_MAX = 6  # standing at once, of one product by one enterprise


def may_add(product: Product, *, enterprise: Enterprise | None, actor: User) -> bool:
    """Whether this person may add pictures of these goods: as their steward, or for an enterprise that lists them."""
    if product.owner_id is None and actor.has_perm("catalog.steward_product"):
        return True
    if enterprise is None or not actor.has_perm("catalog.change_listing"):
        return False
    return Listing.objects.filter(enterprise=enterprise.firm, product=product).exists()


def may_remove(image: ProductImage, *, enterprise: Enterprise | None, actor: User) -> bool:
    """Whether this person may take the picture away: a steward, or the enterprise that gave it."""
    if image.product.owner_id is None and actor.has_perm("catalog.steward_product"):
        return True
    is_theirs = enterprise is not None and image.enterprise_id == enterprise.firm.pk
    return is_theirs and actor.has_perm("catalog.change_listing")


@transaction.atomic
def add_pictures(
    product: Product, photos: Sequence[Checked], *, enterprise: Enterprise | None, actor: User
) -> list[ProductImage]:
    """Show these photos with the goods; the same photo again changes nothing.

    ValidationError for a PDF, or where there are IMAGES_MAX of this giver already; PermissionDenied otherwise.
    """
    product = Product.objects.select_for_update(no_key=True).get(pk=product.pk)
    if not may_add(product, enterprise=enterprise, actor=actor):
        raise PermissionDenied
    if any(photo.kind != Attachment.Kind.IMAGE for photo in photos):
        raise ValidationError(_("A picture of goods is a photo, not a PDF."))
    giver = None if actor.has_perm("catalog.steward_product") or enterprise is None else enterprise.firm
    theirs = ProductImage.objects.standing().filter(product=product, enterprise=giver)
    known = set(theirs.values_list("attachment__sha256", flat=True))
    stored = {file.sha256: file for file in (store(photo, actor=actor) for photo in photos)}
    new = [file for sha256, file in stored.items() if sha256 not in known]
    if len(known) + len(new) > IMAGES_MAX:
        told = ngettext(
            "At most %(max)s picture of one product. Take one away first.",
            "At most %(max)s pictures of one product. Take one away first.",
            IMAGES_MAX,
        )
        raise ValidationError(told % {"max": IMAGES_MAX})
    return ProductImage.objects.bulk_create(
        ProductImage(product=product, attachment=file, enterprise=giver, author=actor) for file in new
    )


@transaction.atomic
def remove_picture(image: ProductImage, *, reason: str, enterprise: Enterprise | None, actor: User) -> None:
    """Show a picture no more. ValidationError without a reason; PermissionDenied for a stranger."""
    if not may_remove(image, enterprise=enterprise, actor=actor):
        raise PermissionDenied
    if not reason.strip():
        raise ValidationError({"reason": _("Say why the picture is taken away.")})
    ImageRemoval.objects.get_or_create(image=image, defaults={"reason": reason.strip()[:200], "author": actor})


def pictures_in_sight(scope: Scope) -> QuerySet[ProductImage, Any]:
    """The attachments that pictures of goods open to whoever has this scope."""
    return ProductImage.objects.visible_to(scope).values_list("attachment_id")
