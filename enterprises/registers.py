"""The registers of the registry: enterprises, one's own partners, corrections and claims."""

from __future__ import annotations

from typing import Any, ClassVar, cast

from django.db.models import Model, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_filters import CharFilter, ChoiceFilter, DateFilter, FilterSet, NumberFilter

from accounts.request import HouseRequest
from enterprises import partner_marks
from enterprises.forms import ClosureForm, EnterpriseForm, PartnerForm
from enterprises.identifiers import normalise
from enterprises.models import Claim, Closure, Enterprise, EnterpriseRole, Partnership, Proposal
from enterprises.request import EnterpriseRequest
from enterprises.services import keeps_books
from registers.actions import Action
from registers.columns import Column
from registers.register import Register

TONES = {"active": "green", "stub": "grey", "suspended": "amber", "closed": "red"}
DECISIONS = {"waiting": ("amber", _("Waiting")), "accepted": ("green", _("Accepted")), "refused": ("red", _("Refused"))}

state_column = Column(_("State"), lambda row: row.get_status_display(), tone=lambda row: TONES[row.status])
decision_column = Column(_("State"), lambda row: DECISIONS[row.state][1], tone=lambda row: DECISIONS[row.state][0])


class KeeperRegister(Register):
    """Rows that are written only by people who keep the books of the enterprise they act for."""

    def allows(self, action: Action, request: HouseRequest) -> bool:
        allowed = super().allows(action, request)
        if not action.writes or not allowed:
            return allowed
        return keeps_books(request.user, cast("EnterpriseRequest", request).enterprise)


class BookRegister(KeeperRegister):
    """Rows that belong to the enterprise one acts for. `owner` names the foreign key to it."""

    owner: ClassVar[str]

    def changeable(self, request: HouseRequest) -> QuerySet[Any]:
        """Not the rows of another enterprise that one only sees, or has no books to keep of."""
        enterprise = cast("EnterpriseRequest", request).enterprise
        rows = super().changeable(request)
        return rows.filter(**{self.owner: enterprise.firm}) if enterprise else rows.none()


class EnterpriseFilters(FilterSet):
    role = ChoiceFilter(label=_("Kind of business"), choices=EnterpriseRole, field_name="roles", method="with_role")
    status = ChoiceFilter(label=_("State"), choices=Enterprise.Status)
    region = CharFilter(label=_("Region code"), method="in_region")
    traded_since = DateFilter(label=_("Traded since"), field_name="last_trade_at", lookup_expr="date__gte")
    silent = NumberFilter(label=_("No trade for days"), method="silent_for", min_value=1, max_value=3650)

    def with_role(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return rows.filter(roles__contains=[value])

    def in_region(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return rows.filter(region__code__startswith=value.strip()[:15])

    def silent_for(self, rows: QuerySet[Any], name: str, value: Any) -> QuerySet[Any]:
        return rows.silent_since(int(value))  # type: ignore[attr-defined]


class EnterpriseRegister(Register):
    model = Enterprise
    form_class = EnterpriseForm
    columns = [
        "name", "uscc", "roles",
        Column(_("Region"), lambda row: row.region and row.region.name, "region"),
        "telephone",
        Column(_("Last trade"), lambda row: row.last_trade_at and timezone.localdate(row.last_trade_at)),
        state_column,
    ]  # fmt: skip
    details = [
        "name", "uscc", "place", "legacy_number", "roles", state_column, "region", "address", "legal_representative",
        "contact_name", "telephone", "unit_type", "economic_type", "business_scope", "registered_on", "headquarters",
        "market", columns[-2],
    ]  # fmt: skip
    search_fields = ["name", "name_initials", "uscc", "legacy_number", "address", "region__full_name"]
    search_help = _("Name, pinyin initials, licence number or area")
    filterset_class = EnterpriseFilters
    actions = (Action.LIST, Action.ADD, Action.IMPORT, Action.EXPORT, Action.DETAIL, Action.EDIT)

    def rows(self, scope: Any) -> QuerySet[Any]:
        return super().rows(scope).filter(merged_into=None)

    def search(self, rows: QuerySet[Any], words: str) -> QuerySet[Any]:
        """A licence is registered higher up; its numbers are reached by the name it gives to its holder."""
        by_licence = Q(
            pk__in=self.model._default_manager.filter(
                certificates__number__iexact=words.strip(), certificates__product=None
            ).values("pk")
        )
        return super().search(rows, words) | rows.filter(by_licence) if words.strip() else rows

    def existing(self, request: HouseRequest, typed: Any) -> Model | None:
        """A row of a file means the place with this code or, where it gives none, with this old number."""
        uscc, legacy, place = (normalise(str(typed.get(name) or "")) for name in ("uscc", "legacy_number", "place"))
        key = {"uscc": uscc, "place": place} if uscc else {"uscc": "", "legacy_number": legacy}
        row: Model | None = self.changeable(request).filter(**key).first() if uscc or legacy else None
        return row

    def allows(self, action: Action, request: HouseRequest) -> bool:
        """Traders look after their own record; only authorities enter enterprises."""
        return super().allows(action, request) and (
            action not in (Action.ADD, Action.IMPORT) or request.user.has_perm("enterprises.add_enterprise")
        )

    def changeable(self, request: HouseRequest) -> QuerySet[Any]:
        """Officers edit the enterprises of their area, an enterprise's managers their own record."""
        rows = self.rows(request.scope)
        if request.user.has_perm("enterprises.add_enterprise"):
            return rows
        mine = [row.pk for row in rows if request.user.has_perm("enterprises.manage_members", row.firm)]
        return rows.filter(pk__in=mine)


class PartnershipFilters(FilterSet):
    role = ChoiceFilter(label=_("Role"), choices=Partnership.Role)


papers_column = Column(
    _("Licences"), lambda row: getattr(row, "papers", ""), tone=lambda row: getattr(row, "papers_tone", "grey"),
    leads_to=lambda row: getattr(row, "papers_url", ""),
)  # fmt: skip


class PartnershipRegister(BookRegister):
    model = Partnership
    owner = "owner"
    form_class = PartnerForm
    columns = [
        "partner", Column.of(Partnership, "partner__uscc"), "role", papers_column, "partner__address",
        "contact_name", "telephone",
        Column(_("On the platform"), lambda row: row.partner.get_status_display(), "partner",
               tone=lambda row: TONES[row.partner.status]),
    ]  # fmt: skip
    details = [
        "partner", "partner__uscc", "partner__legacy_number", "role", papers_column, "partner__legal_representative",
        "partner__address", "partner__telephone", "partner__unit_type", "contact_name", "telephone", "agreed_price",
        "ended_on",
    ]  # fmt: skip
    search_fields = ["partner__name", "partner__name_initials", "partner__uscc", "contact_name", "telephone"]
    search_help = _("Name, pinyin initials, licence number or telephone")
    filterset_class = PartnershipFilters
    empty_help = _("Your suppliers and customers belong here. Add one: its licence number fills in the rest.")

    def rows(self, scope: Any) -> QuerySet[Any]:
        return super().rows(scope).filter(ended_on=None)

    def complete(self, rows: list[Any], scope: Any) -> None:
        for mark in partner_marks.rules:
            mark(rows, scope)

    def existing(self, request: HouseRequest, typed: Any) -> Model | None:
        """A row of a file means the partner with this number in this role."""
        number = str(typed.get("number") or "")
        found = Enterprise.objects.by_number(number).first() if number else None
        row: Model | None = self.changeable(request).filter(partner=found, role=typed.get("role")).first()
        return row if found else None


class ProposalRegister(Register):
    model = Proposal
    columns = ["enterprise", "proposed_by", "created_at", decision_column]
    details = ["enterprise", "proposed_by", "author", "created_at", decision_column, "decided_by", "answer"]
    search_fields = ["enterprise__name", "enterprise__uscc"]
    actions = (Action.LIST, Action.DETAIL)
    empty_help = _("Corrections that partners propose for a record of yours, or that you proposed, appear here.")

    def context(self, request: HouseRequest, action: Action, row: Model | None) -> dict[str, Any]:
        changes = row.changes.items() if isinstance(row, Proposal) else ()
        return {"changes": [(Column.of(Enterprise, field).label, value) for field, value in changes]}


class ClaimRegister(Register):
    model = Claim
    columns = ["enterprise", "enterprise__uscc", "author", "created_at", decision_column]
    details = ["enterprise", "enterprise__uscc", "author", "evidence", "created_at", decision_column, "answer"]
    search_fields = ["enterprise__name", "enterprise__uscc"]
    actions = (Action.LIST, Action.DETAIL)
    empty_help = _("When somebody says that an enterprise of your area is theirs, you decide it here.")


class ClosureRegister(KeeperRegister):
    """Days on which a place is closed: its own people declare them, its officers read them."""

    model = Closure
    form_class = ClosureForm
    columns = [Column(_("Closed"), str), "enterprise", "reason"]
    details = ["enterprise", "since", "until", "reason"]
    search_fields = ["enterprise__name", "enterprise__name_initials", "reason"]
    search_help = _("Enterprise or reason")
    list_help = _("While a place is closed by its own word, nobody is reminded that nothing is traded.")
    empty_help = _("Holidays, renovations and quiet seasons belong here, so that no alert asks why nothing is traded.")
    actions = (Action.LIST, Action.ADD, Action.EXPORT, Action.DETAIL, Action.EDIT, Action.DELETE)

    def changeable(self, request: HouseRequest) -> QuerySet[Any]:
        """Of the place one acts for, as long as they are not over."""
        enterprise = cast("EnterpriseRequest", request).enterprise
        return super().changeable(request).filter(enterprise=enterprise, until__gte=timezone.localdate())


registers: list[Register] = [
    EnterpriseRegister(), PartnershipRegister(), ProposalRegister(), ClaimRegister(),
    ClosureRegister(),
]  # fmt: skip
