"""Messages as lists: what one's enterprise or one's officers have in hand, and what an authority has sent."""

from __future__ import annotations

from typing import Any, cast

from django.db.models import Count, Model, Q, QuerySet
from django.forms import HiddenInput
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django_filters import CharFilter, ChoiceFilter, FilterSet

from accounts.request import HouseRequest
from alerts.forms import ConversationForm, MessageForm
from alerts.models import Audience, Conversation, Message, Reading
from enterprises.request import EnterpriseRequest
from enterprises.services import keeps_books
from registers.actions import Action
from registers.columns import Column
from registers.register import Register

STATES = {
    "owed": ("amber", _("Answer asked for")), "read": ("green", _("Read")),
    "closed": ("grey", _("Closed")),
}  # fmt: skip
UNREAD = {
    Audience.OFFICERS: ("amber", _("Enterprise has not read it")),
    Audience.ENTERPRISE: ("amber", _("Officers have not read it")),
}
PK_MAX, SILENT_SHOWN = 18, 20


def _state(row: Conversation) -> tuple[str, Any]:
    return UNREAD[Audience(row.last_side)] if row.state == "unread" else STATES[row.state]


class ConversationFilters(FilterSet):
    state = ChoiceFilter(
        label=_("State"), method="in_state",
        choices=[("unanswered", _("Enterprise waits for an answer")), ("unread", _("Enterprise has not read it")),
                 ("owed", _("Enterprise owes an answer")), ("closed", _("Closed"))],
    )  # fmt: skip
    region = CharFilter(label=_("Region code"), field_name="enterprise__region__code", lookup_expr="startswith")
    enterprise = CharFilter(label=_("Enterprise number"), method="by_number")
    message = CharFilter(label=_("Message number"), method="by_number", widget=HiddenInput)

    def in_state(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        if value == "unanswered":
            return rows.filter(last_side=Audience.ENTERPRISE, closed_at=None)
        if value == "unread":
            return rows.filter(last_side=Audience.OFFICERS, seen_at=None)
        if value == "owed":
            return rows.filter(message__answer_due_on__isnull=False, answered_at=None)
        return rows.exclude(closed_at=None)

    def by_number(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return rows.filter(**{name: int(value)}) if value.isdecimal() and len(value) < PK_MAX else rows


class ConversationRegister(Register):
    """What officers and enterprises write to each other, the latest words in front."""

    model = Conversation
    form_class = ConversationForm
    columns = [
        Column(_("Topic"), str, "message"), "enterprise", "last_side", "last_at",
        Column(_("State"), lambda row: _state(row)[1], tone=lambda row: _state(row)[0]),
        "message__answer_due_on",
    ]  # fmt: skip
    search_fields = ["message__subject", "enterprise__name", "enterprise__name_initials"]
    search_help = _("Topic or enterprise")
    filterset_class = ConversationFilters
    actions = (Action.LIST, Action.ADD, Action.EXPORT)
    empty_help = _("Nothing was written yet. Enterprises and the officers of their region write to each other here.")

    def rows(self, scope: Any) -> QuerySet[Any]:
        return super().rows(scope).select_related("enterprise", "message__authority")

    def allows(self, action: Action, request: HouseRequest) -> bool:
        """An enterprise's people begin here; officers choose their recipients first: MessageRegister."""
        allowed = super().allows(action, request)
        if not allowed or not action.writes:
            return allowed
        enterprise = cast("EnterpriseRequest", request).enterprise
        return enterprise is not None and keeps_books(request.user, enterprise)

    def leads_to(self, row: Model) -> str:
        return reverse("alerts:conversation-detail", args=[row.pk])


class MessageRegister(Register):
    """What the authorities of one's area have written, to how many, and how many have read and answered it."""

    model = Message
    form_class = MessageForm
    columns = [
        Column(_("Topic"), str), "sent_at", "authority", "is_urgent",
        Column(_("Recipients"), lambda row: row.sent_to, is_number=True),
        Column(_("Have read it"), lambda row: row.read_by, is_number=True),
        Column(_("Have answered"), lambda row: row.answered_by, is_number=True),
        "answer_due_on",
    ]  # fmt: skip
    details = [*columns, "author", "to_region", "to_roles", "to_only", "to_numbers"]
    search_fields = ["subject", "words"]
    search_help = _("Topic or text")
    actions = (Action.LIST, Action.ADD, Action.EXPORT, Action.DETAIL)
    empty_help = _("Write to one enterprise, to a list, or to all of a region or a kind of business.")

    def complete(self, rows: list[Any], scope: Any) -> None:
        """The figures of a page by two statements."""
        sent = Conversation.objects.filter(message__in=rows).order_by().values("message")
        figures = {
            row["message"]: row
            for row in sent.annotate(sent=Count("pk"), answered=Count("pk", filter=Q(answered_at__isnull=False)))
        }
        readings = Reading.objects.filter(conversation__message__in=rows, side=Audience.ENTERPRISE).order_by()
        read = readings.values("conversation__message").annotate(n=Count("conversation", distinct=True))
        read_by = {row["conversation__message"]: row["n"] for row in read}
        for row in rows:
            known = figures.get(row.pk, {"sent": 0, "answered": 0})
            row.sent_to, row.answered_by, row.read_by = known["sent"], known["answered"], read_by.get(row.pk, 0)

    def context(self, request: HouseRequest, action: Action, row: Model | None) -> dict[str, Any]:
        if action is not Action.DETAIL or not isinstance(row, Message):
            return {}
        mine = Conversation.objects.visible_to(request.scope).filter(message=row).select_related("enterprise")
        files = [file.attachment for file in row.files.select_related("attachment")]
        return {"photos": files, "silent": mine.filter(answered_at=None, seen_at=None)[:SILENT_SHOWN]}
