"""Pages that belong to no app: start, the search that takes anything, health, and the pages of refusal."""

from __future__ import annotations

import re
from typing import Any

import redis
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from catalog.barcodes import parse
from catalog.lookup import by_barcode
from dashboards.home import home_page
from enterprises.request import EnterpriseRequest
from ledgers.models import Invoice

LICENCE = re.compile(r"[A-Z]{2}\d{14}", re.ASCII | re.IGNORECASE)
PARTY = re.compile(r"[0-9A-Z]{15}|[0-9A-Z]{18}", re.ASCII | re.IGNORECASE)


@require_safe
def home(request: EnterpriseRequest) -> HttpResponse:
    """The person's own start page; an officer's is the area's dashboard."""
    if request.scope.region_codes and request.user.has_perm("ledgers.view_ledgerentry"):
        return redirect("dashboards:region")
    return render(request, "dashboards/home.html", home_page(request))


@require_safe
def find(request: EnterpriseRequest) -> HttpResponse:
    """One box for everything: a paper by its number, goods by barcode, else the list that fits the reader best."""
    words = request.GET.get("q", "").replace("\0", "").strip()[:100]
    paper = Invoice.objects.visible_to(request.scope).filter(number__iexact=words).first() if words else None
    if paper and request.user.has_perm("ledgers.view_invoice"):
        return redirect("ledgers:invoice-detail", paper.pk)
    return redirect(f"{_best_list(request, words)}?{urlencode({'q': words})}")


def _best_list(request: EnterpriseRequest, words: str) -> str:
    try:
        is_barcode = bool(parse(words))
    except ValidationError:
        is_barcode = False
    if request.user.has_perm("catalog.trace_lot") and is_barcode and by_barcode(words):
        return reverse("catalog:product-list")
    if LICENCE.fullmatch(words) and request.user.has_perm("certificates.view_licence"):
        return reverse("certificates:licence-list")
    if request.user.has_perm("enterprises.view_partnership"):
        if PARTY.fullmatch(words) and not is_barcode:
            return reverse("enterprises:partnership-list")
        return reverse("catalog:listing-list" if is_barcode else "ledgers:purchases-list")
    if request.user.has_perm("enterprises.view_enterprise"):
        return reverse("enterprises:enterprise-list")
    return reverse("portal:search")


@login_not_required
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """Alive."""
    return JsonResponse({"alive": True})


@login_not_required
@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """The database answers and has every migration; what else is missing is reported, not decisive."""
    try:
        executor = MigrationExecutor(connection)
        waiting = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    except DatabaseError:
        return JsonResponse({"database": "down"}, status=503)
    report = {"database": "up", "migrations_waiting": waiting, "queue": _queue_state()}
    return JsonResponse(report, status=503 if waiting else 200)


def _queue_state() -> str:
    """Whether the broker answers; without it everything but scheduled work goes on."""
    if not settings.REDIS_URL:
        return "none"
    try:
        redis.from_url(settings.REDIS_URL, socket_connect_timeout=0.5, socket_timeout=0.5).ping()
    except redis.RedisError:
        return "down"
    return "up"


@login_not_required
def not_found(request: HttpRequest, exception: Any = None) -> HttpResponse:
    return render(request, "404.html", status=404)


@login_not_required
def forbidden(request: HttpRequest, exception: Any = None) -> HttpResponse:
    return render(request, "403.html", status=403)


@login_not_required
def broken(request: HttpRequest) -> HttpResponse:
    """Without any context: whatever failed must not fail again here."""
    return HttpResponse(
        "<!doctype html><meta charset=utf-8><title>500</title><p>系统出错，本次操作没有保存，请稍后再试。"
        "<p>Something went wrong and nothing was saved. Please try again later.",
        status=500,
    )
