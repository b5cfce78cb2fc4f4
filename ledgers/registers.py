"""Query-only registers: papers, and the purchase and sales ledgers that confirming them wrote."""

from __future__ import annotations

from datetime import date
from typing import Any, cast

from django.db.models import Model, Q, QuerySet
from django.utils.dateparse import parse_date
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django_filters import CharFilter, ChoiceFilter, DateFilter, FilterSet

from accounts.request import HouseRequest
from documents.models import Status
from ledgers.evidence_marks import evidence_column, mark_entries, papers_of
from ledgers.gap_register import GapRegister
from ledgers.late_register import LateEntryRegister
from ledgers.models import Invoice, LedgerEntry, ReceiptClaim
from ledgers.models.entries import LedgerEntryQuerySet
from ledgers.officer_registers import CorrectionRegister, MismatchRegister, WarningRegister
from ledgers.opening_register import TraceOpeningRegister
from ledgers.presenting import invoice_page
from ledgers.receipt_register import ReceiptRegister
from ledgers.retention_register import RetentionYearRegister
from ledgers.run_register import ProductionRunRegister
from ledgers.stock_paper_register import StockPaperRegister
from ledgers.stock_register import StockRegister
from registers.actions import READ_ONLY, Action
from registers.columns import Column
from registers.paging import MergedPaginator
from registers.register import Register

PARTS_MAX = 40  # a firm with more places is better sorted


def paper_state(invoice: Invoice) -> tuple[str, Any]:
    """The colour and the words for what became of a paper."""
    if invoice.is_draft:
        return "amber", _("Draft")
    if invoice.reverses_id:
        return "grey", _("Reversal")
    if invoice.adjusts_id:
        return "grey", _("Difference")
    if invoice.kind == Invoice.Kind.RETURN and not hasattr(invoice, "reversed_by"):
        return "green", invoice.get_kind_display()
    if hasattr(invoice, "reversed_by"):
        return "red", _("Reversed")
    return "green", _("Confirmed")


class InvoiceFilters(FilterSet):
    since = DateFilter(label=_("From"), field_name="traded_on", lookup_expr="gte")
    until = DateFilter(label=_("To"), field_name="traded_on", lookup_expr="lte")
    status = ChoiceFilter(label=_("State"), choices=Status)
    seller = CharFilter(label=_("Seller"), field_name="seller__name", lookup_expr="icontains")
    buyer = CharFilter(label=_("Buyer"), field_name="buyer__name", lookup_expr="icontains")
    enterprise = CharFilter(label=_("Enterprise number"), method="of_enterprise")

    def of_enterprise(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        known = value.isdecimal() and len(value) < 18
        return rows.filter(Q(seller=int(value)) | Q(buyer=int(value))) if known else rows


class InvoiceRegister(Register):
    model = Invoice
    columns = [
        Column(_("Paper"), str),
        "traded_on", "seller", "buyer", "paper_number",
        Column(_("State"), lambda row: paper_state(row)[1], "reversed_by", tone=lambda row: paper_state(row)[0]),
    ]  # fmt: skip
    search_fields = ["number", "paper_number", "seller__name", "buyer__name", "seller__uscc", "buyer__uscc"]
    search_help = _("Number, partner or licence number")
    filterset_class = InvoiceFilters
    actions = READ_ONLY
    empty_help = _("Papers you write, and papers that partners write for you, appear here.")

    def rows(self, scope: Any) -> QuerySet[Any]:
        return super().rows(scope).select_related("reverses", "adjusts", "author")

    def paginator(self, rows: QuerySet[Any], scope: Any) -> MergedPaginator:
        """A trader's papers are in order by seller and by buyer; together they would have to be sorted."""
        own = [] if scope.is_officer else scope.enterprise_ids
        parts = [rows.filter(**{side: enterprise}) for enterprise in own for side in ("seller", "buyer")]
        return MergedPaginator(rows, self.page_size, parts=parts if len(parts) <= PARTS_MAX else [])

    def context(self, request: HouseRequest, action: Action, row: Model | None) -> dict[str, Any]:
        return invoice_page(request, row) if action is Action.DETAIL and isinstance(row, Invoice) else {}


class LedgerFilters(FilterSet):
    product = CharFilter(label=_("Product or code"), method="of_product")
    lot = CharFilter(label=_("Lot number"), field_name="lot__code", lookup_expr="icontains")
    partner = CharFilter(label=_("Partner"), method="with_partner")
    document = CharFilter(label=_("Paper"), field_name="invoice__number", lookup_expr="icontains")
    since = DateFilter(label=_("From"), field_name="traded_on", lookup_expr="gte")
    until = DateFilter(label=_("To"), field_name="traded_on", lookup_expr="lte")
    region = CharFilter(label=_("Region code"), method="in_region")
    enterprise = CharFilter(label=_("Enterprise number"), method="of_enterprise")

    own, other = "buyer", "seller"

    def of_product(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return rows.filter(Q(goods__icontains=value) | Q(goods_code=value.strip()))

    def with_partner(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        number, words = f"{self.other}__uscc__iexact", f"{self.other}__name__icontains"
        return rows.filter(Q(**{words: value}) | Q(**{number: value.strip()}))

    def in_region(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return rows.filter(**{f"{self.own}__region__code__startswith": value.strip()[:15]})

    def of_enterprise(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return rows.filter(**{self.own: int(value)}) if value.isdecimal() and len(value) < 18 else rows


class SalesFilters(LedgerFilters):
    own, other = "seller", "buyer"


def entry_state(entry: LedgerEntry) -> tuple[str, Any]:
    """The colour and the words for whether an entry still counts, and how much of it the buyer disputes."""
    if entry.reverses_id:
        return "grey", _("Reversal")
    if disputed := getattr(entry, "disputed", None):
        return "amber", gettext("In dispute: %(quantity)s") % {"quantity": f"{disputed.normalize():f}"}
    if hasattr(entry, "reversed_by"):
        return "red", _("Reversed")
    returned = entry.invoice.kind == Invoice.Kind.RETURN
    return ("grey", entry.invoice.get_kind_display()) if returned else ("green", _("In force"))


def ledger_columns(own: str, other: str, heading: Any) -> list[Column | str]:
    """The columns the law asks of a ledger (Food Safety Law 50-53), seen from one side."""
    partner = Column.of(LedgerEntry, other)
    return [
        "goods",
        "goods_code",
        Column(_("Lot number"), lambda row: row.lot.code, "lot"),
        evidence_column,
        "quantity",
        Column(_("Unit"), lambda row: row.lot.unit, "lot__unit"),
        "traded_on",
        Column(heading, partner.read, other),
        Column(_("Paper"), lambda row: row.invoice, "invoice"),
        Column(_("State"), lambda row: entry_state(row)[1], "reversed_by", tone=lambda row: entry_state(row)[0]),
        Column(_("Made on"), lambda row: row.line.produced_on, "line"),
        Column(_("Best before"), lambda row: row.line.expires_on, "line"),
        Column(_("Partner's number"), lambda row: getattr(row, other).licence_number, other),
        Column(_("Telephone"), lambda row: getattr(row, other).telephone, other),
        Column(_("Address"), lambda row: getattr(row, other).address, other),
        Column(_("In the book of"), lambda row: getattr(row, own), own),
    ]


def _with_claims(entries: QuerySet[Any]) -> QuerySet[Any]:
    return entries.annotate(disputed=ReceiptClaim.objects.of_line("line"))


class PurchaseLedger(Register):
    """进货台账: made by confirming papers, read only."""

    model = LedgerEntry
    name = "purchases"
    title = title_plural = _("Purchase ledger")
    columns = ledger_columns("buyer", "seller", _("Supplier"))
    search_fields = ["goods", "goods_code", "lot__code", "seller__name", "invoice__number"]
    search_help = _("Goods, code, lot, partner or paper")
    filterset_class = LedgerFilters
    actions = (Action.LIST, Action.EXPORT, Action.DETAIL)
    empty_help = _("Confirmed purchases and your suppliers' confirmed sales stand here; nobody types into a ledger.")

    def rows(self, scope: Any) -> QuerySet[Any]:
        return _with_claims(cast("LedgerEntryQuerySet", super().rows(scope)).in_purchase_book(scope))

    def complete(self, rows: list[Any], scope: Any) -> None:
        mark_entries(rows, scope)

    def context(self, request: HouseRequest, action: Action, row: Model | None) -> dict[str, Any]:
        """The papers of the line, as they are or, with `as_of`, as they were known on that day."""
        if action is not Action.DETAIL or not isinstance(row, LedgerEntry):
            return {}
        as_of = _day(request.GET.get("as_of", ""))
        return {"papers": papers_of(row, request.scope, as_of=as_of), "as_of": as_of}


def _day(typed: str) -> date | None:
    try:
        return parse_date(typed)
    except ValueError:
        return None


class SalesLedger(PurchaseLedger):
    """销货台账: the same entries from the other side."""

    name = "sales"
    title = title_plural = _("Sales ledger")
    columns = ledger_columns("seller", "buyer", _("Customer"))
    search_fields = ["goods", "goods_code", "lot__code", "buyer__name", "invoice__number"]
    filterset_class = SalesFilters
    empty_help = _("Your confirmed sales stand here; nobody types into a ledger.")

    def rows(self, scope: Any) -> QuerySet[Any]:
        return _with_claims(cast("LedgerEntryQuerySet", Register.rows(self, scope)).in_sales_book(scope))


registers: list[Register] = [
    InvoiceRegister(), PurchaseLedger(), SalesLedger(), ReceiptRegister(), StockRegister(), ProductionRunRegister(),
    WarningRegister(), MismatchRegister(), CorrectionRegister(),
    StockPaperRegister(),
    LateEntryRegister(),
    GapRegister(),
    RetentionYearRegister(),
    TraceOpeningRegister(),
]  # fmt: skip
