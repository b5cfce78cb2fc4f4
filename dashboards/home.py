"""A trader's start page: one light, at most three things to do, this week's counts, the last papers."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db.models import Count
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import ngettext

from catalog.models import FieldConflict, ProductReport
from certificates.models import Licence
from enterprises.models import Claim, Enterprise, Proposal
from enterprises.request import EnterpriseRequest
from ledgers.models import Invoice, Receipt, StockBalance, StockState, purchases_of, sales_of
from ledgers.stock import stock_today

LAST_PAPERS = 8
TODOS_MAX = 3


def home_page(request: EnterpriseRequest) -> dict[str, Any]:
    """What stands on the start page of somebody who works for an enterprise; others see only where to go."""
    enterprise = request.enterprise
    if enterprise is None:
        claims = Claim.objects.filter(author=request.user).select_related("enterprise")
        return {"claims": claims, "catalogue": _catalogue(request)}
    todos = _todos(enterprise)
    week = timezone.localdate() - timedelta(days=6)
    papers = Invoice.objects.visible_to(request.scope).select_related("seller", "buyer", "reversed_by")
    return {
        "todos": todos[:TODOS_MAX],
        "light": "red" if any(todo["tone"] == "red" for todo in todos) else "amber" if todos else "green",
        "purchases": purchases_of(enterprise).filter(traded_on__gte=week).count(),
        "sales": sales_of(enterprise).filter(traded_on__gte=week).count(),
        "since": week,
        "stock": _stock(enterprise),
        "papers": papers.order_by("-pk")[:LAST_PAPERS],
        "may_write": request.user.has_perm("ledgers.add_invoice"),
    }


def _catalogue(request: EnterpriseRequest) -> list[tuple[int, str, str]]:
    """What waits for a data steward: how much, what it is, and where it is settled."""
    if not request.user.has_perm("catalog.steward_product"):
        return []
    reports, disputed = ProductReport.objects.open().count(), FieldConflict.objects.count()
    listed = (
        (reports, ngettext("open report of wrong data", "open reports of wrong data", reports),
         reverse("catalog:productreport-list") + "?state=open"),
        (disputed, ngettext(
            "field on which enterprises do not agree", "fields on which enterprises do not agree", disputed),
         reverse("catalog:conflict-list")),
    )  # fmt: skip
    return [row for row in listed if row[0]]


def _stock(enterprise: Enterprise) -> list[tuple[str, Any, int]]:
    """How many lots of the enterprise are in each state that needs somebody's eye."""
    rows = stock_today(StockBalance.objects.filter(enterprise=enterprise))
    counts = dict(rows.values_list("state").annotate(Count("pk")).order_by())
    watched = [state for state in StockState if state != StockState.GOOD]
    return [(state.value, state.label, counts[state]) for state in watched if counts.get(state)]


def _todos(enterprise: Enterprise) -> list[dict[str, Any]]:
    """What needs this enterprise, the most urgent first, each with the page that settles it."""
    today = timezone.localdate()
    licences = Licence.objects.standing().current().filter(holder=enterprise.firm)
    expired = licences.filter(valid_until__lt=today).count()
    expiring = licences.expiring_on(today).count()
    drafts = Invoice.objects.drafts().filter(author=enterprise).count()
    unacknowledged = Invoice.objects.in_force().filter(
        seller=enterprise, entries__needs_acknowledgement=True, acknowledgement=None, adjusts=None
    ).distinct().count()  # fmt: skip
    receipts = Receipt.objects.filter(buyer=enterprise).waiting().count()
    claims = Receipt.objects.filter(invoice__seller=enterprise).claimed().count()
    proposals = Proposal.objects.waiting().filter(enterprise=enterprise.firm).count()
    listed = (
        (expired, "red", ngettext("%(n)s licence has expired", "%(n)s licences have expired", expired),
         reverse("certificates:licence-list") + "?state=expired"),
        (receipts, "amber", ngettext("Accept %(n)s delivery", "Accept %(n)s deliveries", receipts),
         reverse("ledgers:inbox")),
        (claims, "amber", ngettext(
            "%(n)s delivery of yours is in dispute", "%(n)s deliveries of yours are in dispute", claims),
         reverse("ledgers:inbox")),
        (unacknowledged, "amber", ngettext(
            "%(n)s purchase a customer wrote down waits for your yes",
            "%(n)s purchases customers wrote down wait for your yes", unacknowledged),
         reverse("ledgers:invoice-list") + "?status=confirmed"),
        (expiring, "amber", ngettext("%(n)s licence expires soon", "%(n)s licences expire soon", expiring),
         reverse("certificates:licence-list") + "?state=expiring"),
        (proposals, "amber", ngettext("%(n)s correction is proposed", "%(n)s corrections are proposed", proposals),
         reverse("enterprises:proposal-list")),
        (drafts, "amber", ngettext("%(n)s draft is not confirmed", "%(n)s drafts are not confirmed", drafts),
         reverse("ledgers:invoice-list") + "?status=draft"),
    )  # fmt: skip
    return [{"tone": tone, "words": words % {"n": n}, "url": url} for n, tone, words, url in listed if n]
