"""What stands in the header and on the left: the work one may do, grouped as people speak of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from alerts.models import Alert
from config.story import is_loaded
from enterprises.models import Enterprise


@dataclass(frozen=True)
class Link:
    title: Any
    name: str
    permission: str = ""
    query: str = ""

    @property
    def url(self) -> str:
        return reverse(self.name) + self.query


@dataclass(frozen=True)
class Group:
    title: Any
    links: Sequence[Link]
    audience: str = "all"


TODO_COUNT_MAX = 1000
TRADER, OFFICER, ALL = "trader", "officer", "all"
GROUPS = (
    Group(
        _("Today"),
        [
            Link(_("Start"), "home"),
            Link(_("To do"), "alerts:alert-list", "alerts.view_alert"),
            Link(_("Messages"), "alerts:conversation-list", "alerts.view_conversation"),
            Link(_("Ways to reach me"), "alerts:contactpoint-list", "alerts.view_contactpoint"),
        ],
    ),
    Group(
        _("Buy and sell"),
        [
            Link(_("Deliveries"), "ledgers:inbox", "ledgers.answer_receipt"),
            Link(_("New sale"), "ledgers:sale-add", "ledgers.add_invoice"),
            Link(_("New purchase"), "ledgers:purchase-add", "ledgers.add_invoice"),
            Link(_("Papers"), "ledgers:invoice-list", "ledgers.view_invoice"),
            Link(_("Purchase ledger"), "ledgers:purchases-list", "ledgers.view_ledgerentry"),
            Link(_("Sales ledger"), "ledgers:sales-list", "ledgers.view_ledgerentry"),
            Link(_("Stock"), "ledgers:stock-list", "ledgers.view_stockbalance"),
            Link(_("Stock papers"), "ledgers:stockpaper-list", "ledgers.view_stockpaper"),
            Link(_("Production"), "ledgers:run-list", "ledgers.view_productionrun"),
            Link(_("Import papers"), "exchange:importrun-list", "exchange.view_importrun"),
            Link(_("Trace a lot"), "ledgers:trace-search", "ledgers.view_ledgerentry"),
            Link(_("Show my book"), "ledgers:book-code", "ledgers.view_ledgerentry"),
        ],
        TRADER,
    ),
    Group(
        _("Partners and goods"),
        [
            Link(_("Suppliers and customers"), "enterprises:partnership-list", "enterprises.view_partnership"),
            Link(_("Our products"), "catalog:listing-list", "catalog.view_listing"),
            Link(_("Packings"), "catalog:packing-list", "catalog.view_packing"),
            Link(_("Recipes"), "catalog:component-list", "catalog.view_component"),
            Link(_("Shared catalogue"), "catalog:product-list", "catalog.view_product"),
        ],
        TRADER,
    ),
    Group(
        _("Our enterprise"),
        [
            Link(_("Record"), "enterprises:enterprise-list", "enterprises.view_enterprise"),
            Link(_("Declared closures"), "enterprises:closure-list", "enterprises.view_closure"),
            Link(_("Proposed corrections"), "enterprises:proposal-list", "enterprises.view_proposal"),
            Link(_("Claim an enterprise"), "enterprises:claim-add", "enterprises.add_claim"),
        ],
        TRADER,
    ),
    Group(
        _("My area"),
        [
            Link(_("Dashboard"), "dashboards:region", "ledgers.view_ledgerentry"),
            Link(_("Alert board"), "dashboards:alerts", "alerts.view_alert"),
            Link(_("Check of qualifications"), "certificates:qualification-list", "certificates.view_licence"),
            Link(_("Enterprises"), "enterprises:enterprise-list", "enterprises.view_enterprise"),
            Link(_("Claims"), "enterprises:claim-list", "enterprises.decide_claim"),
            Link(_("Proposed corrections"), "enterprises:proposal-list", "enterprises.decide_proposal"),
            Link(_("Deliveries in dispute"), "ledgers:receipt-list", "ledgers.decide_receipt"),
            Link(_("Statements that differ"), "ledgers:mismatch-list", "ledgers.decide_receipt"),
            Link(_("Proposed corrections of papers"), "ledgers:correction-list", "ledgers.decide_receipt"),
            Link(_("Warnings on papers"), "ledgers:warning-list", "ledgers.decide_receipt"),
            Link(_("Late entries"), "ledgers:late-list", "ledgers.view_invoice"),
            Link(
                _("Sold beyond stock"),
                "ledgers:stock-list",
                "ledgers.view_stockbalance",
                "?state=oversold&status=active",
            ),
        ],
        OFFICER,
    ),
    Group(
        _("Trace"),
        [
            Link(_("Trace a lot"), "ledgers:trace-search", "catalog.trace_lot"),
            Link(_("Who sells what"), "dashboards:monitors", "catalog.trace_lot"),
            Link(_("Completeness of chains"), "dashboards:chains", "catalog.trace_lot"),
            Link(_("Cases"), "investigations:case-list", "investigations.view_case"),
            Link(_("Opened traces"), "ledgers:traceopening-list", "ledgers.view_traceopening"),
            Link(_("Papers"), "ledgers:invoice-list", "ledgers.view_invoice"),
            Link(_("Purchase ledgers"), "ledgers:purchases-list", "ledgers.view_ledgerentry"),
            Link(_("Sales ledgers"), "ledgers:sales-list", "ledgers.view_ledgerentry"),
            Link(_("Stock"), "ledgers:stock-list", "ledgers.view_stockbalance"),
            Link(_("Stock papers"), "ledgers:stockpaper-list", "ledgers.view_stockpaper"),
            Link(_("Shared catalogue"), "catalog:product-list", "catalog.view_product"),
        ],
        OFFICER,
    ),
    Group(
        _("Evidence"),
        [
            Link(_("Licences"), "certificates:licence-list", "certificates.view_licence"),
            Link(_("Papers about goods"), "certificates:document-list", "certificates.view_conformitydocument"),
            Link(_("Goods without their papers"), "ledgers:gap-list", "ledgers.view_stockbalance"),
            Link(_("Requests for papers"), "certificates:request-list", "certificates.view_certificaterequest"),
            Link(_("Papers to check"), "certificates:review-list", "certificates.verify_certificate"),
            Link(
                _("Health certificates"), "certificates:healthcertificate-list", "certificates.view_healthcertificate"
            ),
            Link(_("Evidence rules"), "certificates:rule-list", "certificates.view_evidencerule"),
        ],
    ),
    Group(
        _("Catalogue"),
        [
            Link(_("Shared catalogue"), "catalog:product-list", "catalog.steward_product"),
            Link(_("Disagreements"), "catalog:conflict-list", "catalog.steward_product"),
            Link(_("Reports of wrong data"), "catalog:productreport-list", "catalog.steward_product", "?state=open"),
            Link(_("Likely duplicates"), "catalog:duplicates", "catalog.steward_product"),
            Link(_("Merges of products"), "catalog:productmerge-list", "catalog.steward_product"),
        ],
    ),
    Group(
        _("Administration"),
        [
            Link(_("Users"), "accounts:user-list", "accounts.view_user"),
            Link(_("Authorities"), "accounts:authority-list", "accounts.add_authority"),
            Link(_("Regions"), "accounts:region-list", "accounts.add_region"),
            Link(_("Units"), "catalog:unit-list", "catalog.view_unit"),
            Link(_("Food categories"), "catalog:foodcategory-list", "catalog.view_foodcategory"),
            Link(_("Limits of additives"), "catalog:additivelimit-list", "catalog.view_additivelimit"),
            Link(_("Kinds of certificates"), "certificates:certificatekind-list", "certificates.view_certificatekind"),
            Link(_("Rule parameters"), "laws:ruleparameter-list", "laws.view_ruleparameter"),
            Link(_("Alert rules"), "alerts:rule-list", "alerts.view_alertrule"),
            Link(_("Deliveries of messages"), "alerts:delivery-list", "alerts.view_delivery"),
            Link(_("Working calendar"), "laws:calendarday-list", "laws.view_calendarday"),
            Link(_("Opened traces"), "ledgers:traceopening-list", "ledgers.view_traceopening"),
            Link(_("Retention of papers"), "ledgers:retention-list", "ledgers.view_retentionyear"),
            Link(_("API clients"), "exchange:apiclient-list", "exchange.view_apiclient"),
        ],
    ),
)
TABS = {
    TRADER: ("home", "ledgers:inbox", "ledgers:sale-add", "ledgers:purchase-add"),
    OFFICER: ("home", "enterprises:enterprise-list", "ledgers:trace-search", "dashboards:region"),
    ALL: ("home",),
}


def house(request: HttpRequest) -> dict[str, Any]:
    """The context of every page: navigation, tabs, whom one acts for, and whether this is the demo."""
    common = {"is_demo": demo_is_loaded()}
    if not getattr(request, "user", None) or not request.user.is_authenticated:
        return common
    scope, audience = request.scope, _audience(request)  # type: ignore[attr-defined]
    groups = [group for group in _groups(request, audience) if group["links"]]
    by_name = {link["name"]: link for group in groups for link in group["links"]}
    choices = Enterprise.objects.filter(pk__in=scope.enterprise_ids, merged_into=None).order_by("name_pinyin")
    return common | {
        "navigation": groups,
        "tabs": [by_name[name] for name in TABS[audience] if name in by_name],
        "todo_count": _todo_count(request),
        "acting_for": request.enterprise,  # type: ignore[attr-defined]
        "acting_choices": choices if len(scope.enterprise_ids) > 1 else [],
    }


def _todo_count(request: HttpRequest) -> int:
    """How many alerts nobody has seen yet; counted no further than anybody would read."""
    if not request.user.has_perm("alerts.view_alert"):
        return 0
    waiting = Alert.objects.telling(request.scope).waiting()  # type: ignore[attr-defined]
    return int(waiting.order_by()[:TODO_COUNT_MAX].count())


def _audience(request: HttpRequest) -> str:
    scope = request.scope  # type: ignore[attr-defined]
    if scope.is_officer or scope.everything:
        return OFFICER
    return TRADER if request.user.has_perm("enterprises.view_partnership") else ALL


def _groups(request: HttpRequest, audience: str) -> Iterator[dict[str, Any]]:
    """The links one may follow, each once: where two groups have it, in the first."""
    shown: set[str] = set()
    for group in GROUPS:
        if group.audience in (ALL, audience):
            mine = [link for link in group.links if not link.permission or request.user.has_perm(link.permission)]
            allowed = [link for link in mine if link.url not in shown]
            shown.update(link.url for link in allowed)
            links = [
                {
                    "title": link.title,
                    "url": link.url,
                    "name": link.name,
                    "is_current": link.url == (request.get_full_path() if link.query else request.path),
                }
                for link in allowed
            ]
            yield {"title": group.title, "links": links}


@lru_cache(maxsize=1)
def demo_is_loaded() -> bool:
    """Asked once per process: production never has the demo."""
    return not settings.PRODUCTION and not settings.TESTING and is_loaded()
