"""The registers of certificates: licences, papers about goods, what waits to be checked, kinds and rules."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar, cast

from django.db.models import Model, QuerySet
from django.forms import ModelForm
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_filters import CharFilter, ChoiceFilter, FilterSet, ModelChoiceFilter

from accounts.request import HouseRequest
from catalog.lookup import goods_offered
from certificates.forms import ConformityDocumentForm, EvidenceRuleForm, HealthCertificateForm, LicenceForm, RequestForm
from certificates.health import REVEAL
from certificates.models import (
    Certificate,
    CertificateKind,
    CertificateQuerySet,
    CertificateRequest,
    ConformityDocument,
    EvidenceRule,
    HealthCertificate,
    Licence,
)
from certificates.presenting import certificate_page
from certificates.qualification_register import QualificationRegister
from enterprises.models import Partnership
from enterprises.registers import KeeperRegister
from enterprises.request import EnterpriseRequest
from registers.actions import Action
from registers.columns import Column
from registers.register import Register

VALIDITY = {
    "valid": ("green", _("Valid")), "expiring": ("amber", _("Expires soon")), "expired": ("red", _("Expired")),
    "early": ("grey", _("Not valid yet")), "ended": ("red", _("Does not count")),
}  # fmt: skip
CHECKED = {"pending": "amber", "verified": "green", "returned": "red", "withdrawn": "grey", "revoked": "red"}
state_column = Column(_("State"), lambda row: VALIDITY[row.validity][1], tone=lambda row: VALIDITY[row.validity][0])
checked_column = Column(_("Checking"), lambda row: row.state_words, tone=lambda row: CHECKED[row.state])
ends_column = Column(_("Valid until"), lambda row: row.valid_until or _("without end"))


class CertificateFilters(FilterSet):
    state = ChoiceFilter(
        label=_("State"), method="in_state", choices=[(name, words) for name, (_tone, words) in VALIDITY.items()]
    )
    checking = ChoiceFilter(label=_("Checking"), field_name="state", choices=Certificate.State)
    region = CharFilter(label=_("Region code"), field_name="holder__region__code", lookup_expr="startswith")

    def in_state(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return cast("CertificateQuerySet", rows).in_state(value, timezone.localdate())


class CertificateRegister(Register):
    """What licences and papers about goods share."""

    filterset_class = CertificateFilters
    actions: ClassVar[Iterable[Action]] = (Action.LIST, Action.ADD, Action.EXPORT, Action.DETAIL, Action.EDIT)

    def rows(self, scope: Any) -> QuerySet[Any]:
        """The latest versions; older ones are reached from them, and by their address."""
        return super().rows(scope).select_related("kind", "holder", "uploaded_for")

    def filterset(self, request: HouseRequest, rows: QuerySet[Any]) -> FilterSet:
        return super().filterset(request, cast("CertificateQuerySet", rows).current())

    def changeable(self, request: HouseRequest) -> QuerySet[Any]:
        """Traders change what they gave, until it is checked; officers what belongs to their area."""
        rows = self.rows(request.scope)
        enterprise = cast("EnterpriseRequest", request).enterprise
        if enterprise:
            giver = [enterprise.pk, enterprise.firm.pk]
            return rows.filter(uploaded_for__in=giver, state__in=["pending", "returned"])
        return rows.filter(request.scope.as_q("holder", "uploaded_for"), state__in=["pending", "verified"])

    def form(self, request: HouseRequest, **kwargs: Any) -> ModelForm[Any]:
        """`replaces` in the address: a new version of that paper."""
        if kwargs.get("instance") is None and (number := request.GET.get("replaces", "")).isdecimal():
            old = self.rows(request.scope).filter(pk=int(number[:18])).first()
            if old:
                same = {"kind": old.kind, "holder": old.holder, "product": old.product, "lot_code": old.lot_code}
                kwargs["instance"] = self.model(replaces=old, number=old.number, issuer=old.issuer, **same)
        return super().form(request, **kwargs)

    def context(self, request: HouseRequest, action: Action, row: Model | None) -> dict[str, Any]:
        if action is Action.DETAIL and isinstance(row, Certificate):
            return certificate_page(cast("EnterpriseRequest", request), row)
        enterprise = cast("EnterpriseRequest", request).enterprise
        return {"listings": goods_offered(enterprise)} if enterprise and action is Action.ADD else {}


class LicenceRegister(CertificateRegister):
    model = Licence
    form_class = LicenceForm
    columns = ["number", "kind", "holder", "valid_from", ends_column, state_column, checked_column]
    details = [
        "number", "kind", "holder", "holder_name", "issuer", "issued_on", "valid_from", ends_column, state_column,
        checked_column, "uploaded_for", "uploaded_at",
    ]  # fmt: skip
    search_fields = ["number", "holder__name", "holder__name_initials", "holder__uscc"]
    search_help = _("Licence number or holder")
    filters = ["kind"]
    import_key = ["kind", "number"]
    actions = (Action.LIST, Action.ADD, Action.IMPORT, Action.EXPORT, Action.DETAIL, Action.EDIT)
    empty_help = _("Licences belong here: yours, and those of partners who cannot upload them. One uploads, all use.")


class ConformityDocumentRegister(CertificateRegister):
    model = ConformityDocument
    name = "document"
    fields = ["goods", "lot_code"]  # what an address may fill in
    form_class = ConformityDocumentForm
    columns = [
        "product", Column(_("Lot number"), lambda row: row.lot_code or _("all lots")), "kind", "number",
        Column.of(ConformityDocument, "holder"), "issued_on", state_column, checked_column,
    ]  # fmt: skip
    details = [
        "product", columns[1], "kind", "number", "holder", "issuer", "issued_on", ends_column, "conforms", state_column,
        checked_column, "uploaded_for", "uploaded_at",
    ]  # fmt: skip
    search_fields = ["product__name", "product__name_initials", "product__codes__gtin", "lot_code", "number",
                     "holder__name"]  # fmt: skip
    search_help = _("Goods, barcode, lot or number")
    filters = ["kind"]
    empty_help = _("Test reports and other papers about goods belong here: one uploads, every buyer has them.")

    def search(self, rows: QuerySet[Any], words: str) -> QuerySet[Any]:
        return super().search(rows, words).distinct() if words.strip() else rows


class ReviewFilters(FilterSet):
    kind = ModelChoiceFilter(label=_("Kind"), queryset=CertificateKind.objects.all())
    region = CharFilter(label=_("Region code"), field_name="holder__region__code", lookup_expr="startswith")


class ReviewRegister(Register):
    """What waits to be checked by whoever asks: the oldest first."""

    model = Certificate
    name = "review"
    title = title_plural = _("Papers to check")
    columns = [
        Column(_("Paper"), str), Column(_("Holder"), lambda row: row.holder, "holder"),
        Column(_("Goods"), lambda row: row.product or "", "product"), "uploaded_for", "uploaded_at", state_column,
    ]  # fmt: skip
    details = ["holder", "kind", "number"]
    search_fields = ["number", "holder__name", "holder__name_initials", "product__name"]
    search_help = _("Number, holder or goods")
    filterset_class = ReviewFilters
    actions = (Action.LIST, Action.DETAIL)
    empty_help = _("Nothing waits to be checked. What enterprises of your area or your suppliers upload appears here.")

    def permission(self, action: Action) -> str:
        return "certificates.verify_certificate"

    def rows(self, scope: Any) -> QuerySet[Any]:
        rows = super().rows(scope).filter(state="pending").order_by("uploaded_at", "pk").select_related("kind")
        if scope.everything or scope.is_officer:
            return rows.filter(scope.as_q("holder", "uploaded_for"))
        listed = Partnership.objects.visible_to(scope).current().suppliers().values("partner")
        mine = scope.enterprise_ids | scope.firm_ids
        return rows.filter(holder__in=listed).exclude(uploaded_for__in=mine)

    def context(self, request: HouseRequest, action: Action, row: Model | None) -> dict[str, Any]:
        if action is not Action.DETAIL or not isinstance(row, Certificate):
            return {}
        return certificate_page(cast("EnterpriseRequest", request), row)


REQUESTS = {
    "open": ("amber", _("Waiting")),
    "answered": ("green", _("Answered")),
    "withdrawn": ("grey", _("Taken back")),
}


class RequestFilters(FilterSet):
    state = ChoiceFilter(
        label=_("State"), method="in_state", choices=[(name, words) for name, (_tone, words) in REQUESTS.items()]
    )

    def in_state(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        if value == "open":
            return rows.filter(closed_at=None)
        return rows.filter(closed_at__isnull=False, certificate__isnull=value == "withdrawn")


class RequestRegister(KeeperRegister):
    """Papers that were asked for, by this enterprise and of it."""

    model = CertificateRequest
    name = "request"
    form_class = RequestForm
    fields = ["asked", "goods", "lot_code"]  # what an address may fill in
    columns = [
        Column(_("What"), str), "lot_code", "requester", "asked_at",
        Column(_("State"), lambda row: REQUESTS[row.state][1], tone=lambda row: REQUESTS[row.state][0]),
    ]  # fmt: skip
    details = ["asked", "product", "lot_code", "requester", "words", "asked_at", columns[-1], "closed_at"]
    search_fields = ["asked__name", "asked__name_initials", "requester__name", "product__name", "lot_code"]
    search_help = _("Partner, goods or lot")
    filterset_class = RequestFilters
    actions = (Action.LIST, Action.ADD, Action.EXPORT, Action.DETAIL)
    empty_help = _("What you ask of suppliers, and what customers ask of you, appears here.")

    def rows(self, scope: Any) -> QuerySet[Any]:
        return super().rows(scope).select_related("asked", "requester", "product", "certificate__kind")

    def context(self, request: HouseRequest, action: Action, row: Model | None) -> dict[str, Any]:
        enterprise = cast("EnterpriseRequest", request).enterprise
        if not enterprise:
            return {}
        if action is Action.ADD:
            return {"listings": goods_offered(enterprise)}
        is_ours = isinstance(row, CertificateRequest) and row.requester_id == enterprise.firm.pk
        is_asked = isinstance(row, CertificateRequest) and row.asked.firm.pk == enterprise.firm.pk
        return {"is_ours": is_ours, "is_asked": is_asked}


STAFF = {
    "valid": ("green", _("Valid")), "expiring": ("amber", _("Expires soon")), "expired": ("red", _("Expired")),
    "left": ("grey", _("Has left")),
}  # fmt: skip


class HealthCertificateRegister(KeeperRegister):
    """Health certificates of the place one acts for; officers read those of their area."""

    model = HealthCertificate
    form_class = HealthCertificateForm
    columns = [
        "person", "job", Column(_("Identity number"), lambda row: row.identity), "number", "issued_on", "valid_until",
        Column(_("State"), lambda row: STAFF[row.state][1], tone=lambda row: STAFF[row.state][0]), "enterprise",
    ]  # fmt: skip
    details = [*columns, "left_on"]
    search_fields = ["person", "number", "job", "enterprise__name"]
    search_help = _("Person, number or job")
    actions = (Action.LIST, Action.ADD, Action.EXPORT, Action.DETAIL, Action.EDIT)
    empty_help = _("Everybody who works with ready-to-eat food needs a health certificate each year. Enter them here.")

    def changeable(self, request: HouseRequest) -> QuerySet[Any]:
        return super().changeable(request).filter(enterprise=cast("EnterpriseRequest", request).enterprise)

    def context(self, request: HouseRequest, action: Action, row: Model | None) -> dict[str, Any]:
        if action is not Action.DETAIL or not isinstance(row, HealthCertificate):
            return {}
        return {
            "photos": [page.attachment for page in row.pages.select_related("attachment")],
            "readings": row.readings.select_related("reader"),
            "may_reveal": request.user.has_perm(REVEAL),
        }


class CertificateKindRegister(Register):
    model = CertificateKind
    columns = [
        Column(_("Kind"), str), "key", "subject", "validity", "years_max", "number_format", "check_digit",
        "is_food_licence", "is_report", "is_public",
    ]  # fmt: skip
    details = [*columns, "name_zh", "name_en", "needs_number", "region_at", "is_legacy", "position"]
    fields = [
        "key", "name_zh", "name_en", "subject", "validity", "years_max", "number_format", "format_zh", "format_en",
        "check_digit", "region_at", "needs_number", "is_food_licence", "is_report", "is_public",
        "is_legacy", "position",
    ]  # fmt: skip
    search_fields = ["key", "name_zh", "name_en"]
    search_help = _("Name or key")
    filters = ["subject"]
    actions = (Action.LIST, Action.ADD, Action.EXPORT, Action.DETAIL, Action.EDIT)


class EvidenceRuleRegister(Register):
    model = EvidenceRule
    name = "rule"
    form_class = EvidenceRuleForm
    columns = [
        Column(_("Rule"), str), "category", "goods", "origins",
        Column(_("One of these papers"), lambda row: row.papers), "per", "months", "level",
        "valid_from", "source",
    ]  # fmt: skip
    search_fields = ["key", "name_zh", "name_en", "source"]
    search_help = _("Name or source")
    filters = ["per", "category"]
    list_help = _("Which papers goods must have. A change is a new version with a later first day.")
    actions = (Action.LIST, Action.ADD, Action.EXPORT, Action.DETAIL, Action.DELETE)

    def complete(self, rows: list[Any], scope: Any) -> None:
        names = {kind.key: str(kind) for kind in CertificateKind.objects.all()}
        for row in rows:
            row.papers = "、".join(names.get(key, key) for key in row.kinds)

    def changeable(self, request: HouseRequest) -> QuerySet[Any]:
        """Only what does not hold yet: what was in force stays as it was."""
        return super().changeable(request).filter(valid_from__gt=timezone.localdate())


registers: list[Register] = [
    LicenceRegister(), ConformityDocumentRegister(), ReviewRegister(), RequestRegister(), HealthCertificateRegister(),
    CertificateKindRegister(), EvidenceRuleRegister(), QualificationRegister(),
]  # fmt: skip
