"""Screens of data stewards: products that look like one item, two of them side by side, and the way back."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.request import HouseRequest
from catalog import merging
from catalog.duplicates import likely_duplicates
from catalog.models import Product, ProductMerge
from catalog.provenance import Fact, facts_of
from catalog.search import coded

OURS, THEIRS = "ours", "theirs"


class MergeForm(forms.Form):
    """Of two products that are one: which value of each field shall stay, and why they are one."""

    reason = forms.CharField(
        label=gettext_lazy("Why are they the same goods?"), max_length=200,
        help_text=gettext_lazy("For example: the same package with an old and a new barcode."),
    )  # fmt: skip

    def __init__(self, *args: object, survivor: Product, other: Product, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.ours, self.theirs = facts_of(survivor), {fact.field: fact for fact in facts_of(other)}
        for fact in self.ours:
            self._ask(fact, self.theirs[fact.field])
        self.order_fields([*(name for name in self.fields if name != "reason"), "reason"])

    def _ask(self, ours: Fact, theirs: Fact) -> None:
        if theirs.value and theirs.value != ours.value:
            self.fields[ours.field] = forms.ChoiceField(
                label=ours.label, widget=forms.RadioSelect, initial=OURS if ours.value else THEIRS,
                choices=[(OURS, ours.words or "–"), (THEIRS, theirs.words)],
            )  # fmt: skip

    def values(self) -> dict[str, str]:
        """What the survivor shall take over."""
        return {name: self.theirs[name].value for name, pick in self.cleaned_data.items() if pick == THEIRS}


@require_safe
@permission_required("catalog.steward_product", raise_exception=True)
def duplicates(request: HouseRequest) -> HttpResponse:
    """Products that look like one item: the same name, specification and maker."""
    return render(request, "catalog/duplicates.html", {"pairs": likely_duplicates()})


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("catalog.steward_product", raise_exception=True)
def product_merge(request: HouseRequest, pk: int) -> HttpResponse:
    """Choose the other product by its barcode, look at both side by side, and merge it into this one."""
    survivor = get_object_or_404(Product.objects.visible_to(request.scope).shared(), pk=pk)
    asked = request.GET.get("with", "")[:100]
    other = coded(asked)
    if other is None or other == survivor:
        refusal = _("No other product has this barcode. Scan it, or type all its digits.") if asked else ""
        context = {"survivor": survivor, "asked": asked, "refusal": refusal}
        return render(
            request, "catalog/product_merge.html", context, status=422 if refusal or request.method == "POST" else 200
        )
    form = MergeForm(request.POST if request.method == "POST" else None, survivor=survivor, other=other)
    if request.method == "POST" and form.is_valid():
        try:
            merging.merge_products(
                survivor, other, values=form.values(), reason=form.cleaned_data["reason"], actor=request.user
            )
        except ValidationError as refusal:
            form.add_error(None, refusal.messages)
        else:
            messages.success(request, _("Merged: both barcodes mean these goods now."))
            return redirect("catalog:product-detail", pk)
    both = [(ours.label, ours.words, form.theirs[ours.field].words) for ours in form.ours]
    context = {"survivor": survivor, "other": other, "asked": asked, "form": form, "both": both}
    return render(request, "catalog/product_merge.html", context, status=422 if form.errors else 200)


@require_POST
@permission_required("catalog.steward_product", raise_exception=True)
@transaction.atomic
def merge_undo(request: HouseRequest, pk: int) -> HttpResponse:
    """Two products again."""
    merge = get_object_or_404(ProductMerge.objects.visible_to(request.scope), pk=pk)
    reason = request.POST.get("reason", "").replace("\0", "")[:200]
    try:
        merging.undo_merge(merge, reason=reason, actor=request.user)
    except ValidationError as refusal:
        messages.error(request, " ".join(refusal.messages))
        return redirect("catalog:productmerge-detail", pk)
    messages.success(request, _("They are two products again. What came since stays where it is."))
    return redirect("catalog:product-detail", merge.merged_id)
