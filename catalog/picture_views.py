"""Screens for pictures of goods: seen, added, taken away."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from attachments.forms import PhotoField
from catalog import picturing
from catalog.models import Product, ProductImage
from enterprises.request import EnterpriseRequest, who


class PicturesForm(forms.Form):
    photos = PhotoField(
        label=gettext_lazy("Add pictures"), files_max=picturing.IMAGES_MAX, required=True,
        help_text=gettext_lazy("Photos of the package, each of at most 10 MB. Everybody sees them: no people, please."),
    )  # fmt: skip


class RemovalForm(forms.Form):
    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=200)


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("catalog.view_product", raise_exception=True)
def product_pictures(request: EnterpriseRequest, pk: int) -> HttpResponse:
    """All pictures of these goods, with room for more where one may add them."""
    product = get_object_or_404(Product.objects.visible_to(request.scope).filter(merged_into=None), pk=pk)
    may_add = picturing.may_add(product, **who(request))
    if request.method == "POST" and not may_add:
        raise PermissionDenied
    form = PicturesForm(*((request.POST, request.FILES) if request.method == "POST" else ()))
    if request.method == "POST" and form.is_valid():
        try:
            picturing.add_pictures(product, form.cleaned_data["photos"], **who(request))
        except ValidationError as refusal:
            form.add_error("photos", refusal)
        else:
            messages.success(request, _("Thank you. Whoever looks these goods up sees the picture."))
            return redirect("catalog:product-pictures", pk)
    images = list(ProductImage.objects.visible_to(request.scope).of(product).select_related("product", "enterprise"))
    rows = [(image, picturing.may_remove(image, **who(request))) for image in images]
    context = {"product": product, "rows": rows, "form": form if may_add else None}
    return render(request, "catalog/product_pictures.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("catalog.view_product", raise_exception=True)
def image_remove(request: EnterpriseRequest, pk: int) -> HttpResponse:
    """Take a picture away, and say why."""
    rows = ProductImage.objects.visible_to(request.scope).select_related("product", "attachment")
    image = get_object_or_404(rows, pk=pk)
    if not picturing.may_remove(image, **who(request)):
        raise PermissionDenied
    form = RemovalForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        picturing.remove_picture(image, reason=form.cleaned_data["reason"], **who(request))
        messages.success(request, _("The picture is shown no more."))
        return redirect("catalog:product-pictures", image.product_id)
    context = {"image": image, "product": image.product, "form": form}
    return render(request, "catalog/image_remove.html", context, status=422 if form.errors else 200)
