"""Two rows of the shared catalogue that are one trade item become one, and can become two again.

What is booked is never rewritten. Lots follow to the survivor, and stock and traces follow them; a lot number that both
have stays where it is, and an alias says that it is one lot. The merged row stays, is found no more, and leads to the
survivor.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from accounts.models import User
from catalog.models import Component, Listing, Lot, LotAlias, Packing, Product, ProductCode, ProductMerge, ProductReport
from catalog.provenance import present_value
from catalog.stewarding import correct_product

Moved = dict[str, list[Any]]
FOLLOWERS: list[Callable[[Product, Product], None]] = []


def follow(*steps: Callable[[Product, Product], None]) -> None:
    """Apps above say what of theirs goes along when `merged` becomes `survivor`: step(merged, survivor)."""
    FOLLOWERS.extend(step for step in steps if step not in FOLLOWERS)


@transaction.atomic
def merge_products(
    survivor: Product, merged: Product, *, values: Mapping[str, str], reason: str, actor: User
) -> ProductMerge:
    """From now on `merged` is `survivor`: barcodes, lists, recipes and lots follow. `values` are what fields of the
    survivor shall say, where that is another than now; each is a steward's decision.

    ValidationError where they cannot be one item; PermissionDenied for whoever is no steward.
    """
    survivor, merged = _taken_up(survivor, merged, reason, actor)
    _refuse_what_is_not_one(survivor, merged)
    for field, value in values.items():
        if value and value != present_value(survivor, field):
            correct_product(survivor, field=field, value=value, reason=reason, actor=actor)
    moved: Moved = {
        "merged": _all_to(Product.objects.filter(merged_into=merged), "merged_into", survivor),
        "lots": _move_lots(merged, survivor, reason, actor),
        "codes": _all_to(ProductCode.objects.filter(product=merged), "product", survivor),
        "reports": _all_to(ProductReport.objects.open().filter(product=merged), "product", survivor),
        "packings": _move_packings(merged, survivor),
        **_move_listings(merged, survivor),
        **_move_components(merged, survivor),
    }
    Product.objects.filter(pk=merged.pk).update(merged_into=survivor)
    for step in FOLLOWERS:
        step(merged, survivor)
    return ProductMerge.objects.create(
        survivor=survivor, merged=merged, moved=moved, reason=reason.strip(), author=actor
    )


@transaction.atomic
def undo_merge(merge: ProductMerge, *, reason: str, actor: User) -> ProductMerge:
    """Two items again: what followed goes back, as far as it is still the survivor's. What came since stays with it.

    ValidationError where it is undone already; PermissionDenied for whoever is no steward.
    """
    survivor, merged = _taken_up(merge.survivor, merge.merged, reason, actor)
    if not ProductMerge.objects.in_force().filter(pk=merge.pk).exists() or merged.merged_into_id != survivor.pk:
        raise ValidationError(_("This merge is undone already, or its product was merged on."))
    moved = merge.moved
    Product.objects.filter(pk=merged.pk).update(merged_into=None)
    back = {
        "merged": _all_to(Product.objects.filter(pk__in=moved["merged"], merged_into=survivor), "merged_into", merged),
        "codes": _all_to(ProductCode.objects.filter(pk__in=moved["codes"], product=survivor), "product", merged),
        "reports": _all_to(
            ProductReport.objects.open().filter(pk__in=moved["reports"], product=survivor), "product", merged
        ),
        "lots": _all_to(Lot.objects.filter(pk__in=moved["lots"], product=survivor), "product", merged),
        "packings": _all_to(
            Packing.objects.filter(pk__in=moved.get("packings", []), product=survivor), "product", merged
        ),
        "listings": _all_to(Listing.objects.filter(pk__in=moved["listings"], product=survivor), "product", merged),
        "components": [
            *_all_to(Component.objects.filter(pk__in=moved["made"], product=survivor), "product", merged),
            *_all_to(Component.objects.filter(pk__in=moved["parts"], part=survivor), "part", merged),
        ],
    }
    _put_back(moved, survivor, merged)
    return ProductMerge.objects.create(
        survivor=survivor, merged=merged, moved=back, reason=reason.strip(), author=actor, undoes=merge
    )


def _taken_up(survivor: Product, merged: Product, reason: str, actor: User) -> tuple[Product, Product]:
    if not actor.has_perm("catalog.steward_product"):
        raise PermissionDenied
    if not reason.strip():
        raise ValidationError({"reason": _("Say why: whoever looks for these goods later will read it.")})
    rows = Product.objects.select_for_update(no_key=True).filter(pk__in=(survivor.pk, merged.pk)).order_by("pk")
    locked = {row.pk: row for row in rows}
    return locked[survivor.pk], locked[merged.pk]


def _refuse_what_is_not_one(survivor: Product, merged: Product) -> None:
    if survivor.pk == merged.pk:
        raise ValidationError(_("Choose another product: these are the same already."))
    if survivor.owner_id or merged.owner_id:
        raise ValidationError(_("Goods under a self-made code belong to their enterprise."))
    if survivor.merged_into_id or merged.merged_into_id:
        raise ValidationError(_("One of them was merged already. Open the product that stays."))
    if survivor.codes.exists() != merged.codes.exists():
        raise ValidationError(_("Produce without a barcode and goods with one are not the same item."))
    if survivor.unit_id != merged.unit_id and Lot.objects.filter(product__in=(survivor, merged)).exists():
        raise ValidationError(_("They are counted in different units, and there are lots: they cannot be one."))
    if survivor.maker_id and merged.maker_id and survivor.maker_id != merged.maker_id:
        raise ValidationError(_("Two makers keep them here, each its own. They are different goods."))


def _all_to(rows: Any, name: str, product: Product) -> list[int]:
    """Point the column `name` of the rows at a product; returns which rows."""
    keys = list(rows.order_by("pk").values_list("pk", flat=True))
    rows.model._base_manager.filter(pk__in=keys).update(**{name: product})
    return keys


def _move_lots(merged: Product, survivor: Product, reason: str, actor: User) -> list[int]:
    there = {(lot.producer_id, lot.code_key): lot for lot in Lot.objects.filter(product=survivor)}
    both = [lot for lot in Lot.objects.filter(product=merged) if (lot.producer_id, lot.code_key) in there]
    for lot in both:
        same = there[lot.producer_id, lot.code_key]
        if not LotAlias.objects.filter(Q(lot=lot, same_as=same) | Q(lot=same, same_as=lot)).exists():
            LotAlias.objects.create(lot=lot, same_as=same, reason=reason.strip(), author=actor)
    return _all_to(Lot.objects.filter(product=merged).exclude(pk__in=[lot.pk for lot in both]), "product", survivor)


def _move_packings(merged: Product, survivor: Product) -> list[int]:
    """Those that the survivor does not have; what is counted in another unit says nothing of it."""
    if merged.unit_id != survivor.unit_id:
        return []
    same = Packing.objects.filter(product=survivor, owner=OuterRef("owner"), unit=OuterRef("unit"))
    return _all_to(Packing.objects.filter(~Exists(same), product=merged), "product", survivor)


def _move_listings(merged: Product, survivor: Product) -> Moved:
    """Of an enterprise that lists both, the merged one's is put aside; its item number serves on where it can."""
    ours = {row.enterprise_id: row for row in Listing.objects.filter(product=survivor)}
    aside = []
    for row in Listing.objects.filter(product=merged, enterprise__in=ours):
        kept, number, price = ours[row.enterprise_id], row.item_number, row.price
        row.delete()
        lent = bool(number) and not kept.item_number
        if lent:
            kept.item_number = number
            kept.save()
        aside.append([row.enterprise_id, number, None if price is None else str(price), lent])
    return {
        "listings": _all_to(Listing.objects.filter(product=merged), "product", survivor), "listings_aside": aside,
    }  # fmt: skip


def _move_components(merged: Product, survivor: Product) -> Moved:
    """Lines of recipes; one that would stand twice, or make goods of themselves, is put aside."""
    aside = []
    for row in Component.objects.filter(Q(product=merged) | Q(part=merged)):
        product, part = (survivor.pk if key == merged.pk else key for key in (row.product_id, row.part_id))
        if product == part or Component.objects.filter(owner=row.owner_id, product=product, part=part).exists():
            aside.append([row.owner_id, row.product_id, row.part_id, str(row.quantity)])
            row.delete()
    return {
        "made": _all_to(Component.objects.filter(product=merged), "product", survivor),
        "parts": _all_to(Component.objects.filter(part=merged), "part", survivor), "components_aside": aside,
    }  # fmt: skip


def _put_back(moved: Moved, survivor: Product, merged: Product) -> None:
    for enterprise, number, price, lent in moved["listings_aside"]:
        if lent:
            Listing.objects.filter(enterprise=enterprise, product=survivor, item_number=number).update(item_number="")
        taken = Listing.objects.filter(enterprise=enterprise, item_number=number).exclude(item_number="").exists()
        Listing.objects.get_or_create(
            enterprise_id=enterprise, product=merged, defaults={"item_number": "" if taken else number, "price": price}
        )
    for owner, product, part, quantity in moved["components_aside"]:
        Component.objects.get_or_create(
            owner_id=owner, product_id=product, part_id=part, defaults={"quantity": quantity}
        )
