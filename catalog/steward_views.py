"""Screens of data stewards: what a field of a shared product says is decided here, and a decision taken back."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.request import HouseRequest
from catalog import stewarding
from catalog.forms import DecisionForm
from catalog.models import Product
from catalog.provenance import facts_of


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("catalog.steward_product", raise_exception=True)
def product_decide(request: HouseRequest, pk: int, field: str) -> HttpResponse:
    """Decide what one field says, or take the decision back."""
    product = get_object_or_404(Product.objects.visible_to(request.scope).shared(), pk=pk)
    fact = next((fact for fact in facts_of(product) if fact.field == field), None)
    if fact is None:
        raise Http404
    form = DecisionForm(request.POST or None, fact=fact, initial={"pick": fact.value})
    context = {"product": product, "fact": fact, "form": form}
    if request.method != "POST":
        return render(request, "catalog/product_decide.html", context)
    try:
        done = _take_back(request, product, field) if "take_back" in request.POST else _decide(request, product, form)
    except ValidationError as refusal:
        form.add_error(None, refusal.messages)
        done = ""
    if not done:
        return render(request, "catalog/product_decide.html", context, status=422)
    messages.success(request, done)
    return redirect("catalog:product-detail", pk)


@transaction.atomic
def _decide(request: HouseRequest, product: Product, form: DecisionForm) -> str:
    if not form.is_valid():
        return ""
    typed = form.cleaned_data
    stewarding.correct_product(
        product, field=form.fact.field, value=typed["value"], reason=typed["reason"], actor=request.user
    )
    return _("Decided. Those who had entered something else are told.")


@transaction.atomic
def _take_back(request: HouseRequest, product: Product, field: str) -> str:
    reason = request.POST.get("reason", "").replace("\0", "")
    stewarding.take_back(product, field=field, reason=reason[:200], actor=request.user)
    return _("The decision is taken back: what enterprises say counts again.")
