"""Screens for wrong data: a report from the page of a product, and a data steward's answer."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.request import HouseRequest
from catalog import reporting
from catalog.models import Product, ProductReport
from catalog.provenance import FIELDS, facts_of
from catalog.report_forms import AnswerForm, SignedReportForm


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("catalog.view_product", raise_exception=True)
def product_report(request: HouseRequest, pk: int) -> HttpResponse:
    """Say what is wrong with a shared product."""
    product = get_object_or_404(Product.objects.visible_to(request.scope).shared(), pk=pk)
    asked = {"field": request.GET.get("field", "")}
    form = SignedReportForm(*_sent(request), initial=asked)
    if request.method == "POST" and form.is_valid():
        try:
            enterprise = getattr(request, "enterprise", None)
            told = reporting.Told(**form.cleaned_data)
            reporting.report_product(product, told, enterprise=enterprise, actor=request.user)
        except ValidationError as refusal:
            form.add_error(None, refusal)
        else:
            messages.success(request, _("Thank you. A data steward looks at it; you can read the answer here."))
            return redirect("catalog:product-detail", pk)
    context = {"product": product, "form": form}
    return render(request, "catalog/product_report.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("catalog.steward_product", raise_exception=True)
def report_answer(request: HouseRequest, pk: int) -> HttpResponse:
    """Put right what was reported, or say why it is not so."""
    report = get_object_or_404(ProductReport.objects.visible_to(request.scope).select_related("product"), pk=pk)
    if report.state != ProductReport.State.OPEN:
        messages.info(request, _("This report was answered already."))
        return redirect("catalog:productreport-detail", pk)
    form = AnswerForm(*_sent(request)[:1], report=report)
    if request.method == "POST" and form.is_valid():
        try:
            done = _answer(request, report, form)
        except ValidationError as refusal:
            form.add_error(None, refusal.messages)
        else:
            messages.success(request, done)
            return redirect("catalog:productreport-list")
    fact = next((fact for fact in facts_of(report.product) if fact.field == report.field), None)
    context = {"report": report, "form": form, "fact": fact, "is_field": report.field in FIELDS}
    return render(request, "catalog/report_answer.html", context, status=422 if form.errors else 200)


def _answer(request: HouseRequest, report: ProductReport, form: AnswerForm) -> str:
    same, answer = form.cleaned_data.get("same", ()), form.cleaned_data["answer"]
    if "reject" in request.POST:
        reporting.reject_reports(report, same=same, answer=answer, actor=request.user)
        return _("Answered: it is not so.")
    reporting.accept_reports(report, same=same, value=form.value, answer=answer, actor=request.user)
    return _("Answered: put right.")


def _sent(request: HouseRequest) -> tuple[Any, Any]:
    return (request.POST, request.FILES) if request.method == "POST" else (None, None)
