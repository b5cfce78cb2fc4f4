"""How a person is told outside the site, and what was sent."""

from __future__ import annotations

from typing import Any

from django.db.models import Model, QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.request import HouseRequest
from alerts.forms import ContactPointForm
from alerts.models import ContactPoint, Delivery
from registers.actions import READ_ONLY, Action
from registers.columns import Column
from registers.register import Register

TONES = {
    "pending": "grey", "sending": "grey", "sent": "green", "delivered": "green", "failed": "red", "unknown": "amber",
    "dropped": "grey",
}  # fmt: skip
STATE = Column(_("State"), lambda row: row.get_state_display(), tone=lambda row: TONES[row.state])
LAST_SHOWN = 20
CONFIRMED = {True: ("green", _("Confirmed")), False: ("amber", _("Type the code that was sent"))}


class ContactPointRegister(Register):
    """One's own telephone and mailbox."""

    model = ContactPoint
    form_class = ContactPointForm
    columns = [
        Column(_("Way"), lambda row: row.get_channel_display()), "shown",
        Column(_("State"), lambda row: CONFIRMED[bool(row.confirmed_at)][1],
               tone=lambda row: CONFIRMED[bool(row.confirmed_at)][0]),
        "urgent", "daily",
    ]  # fmt: skip
    details = [*columns, "daily_at", "quiet_from", "quiet_until", "language"]
    list_help = _("What waits for you stands under “To do”. Here you say where else you want to be told, and when.")
    empty_help = _("Add your telephone or mailbox, and what is urgent finds you when you are not here.")
    actions = (Action.LIST, Action.ADD, Action.DETAIL, Action.EDIT, Action.DELETE)

    def context(self, request: HouseRequest, action: Action, row: Model | None) -> dict[str, Any]:
        if action is not Action.DETAIL or not isinstance(row, ContactPoint):
            return {}
        return {"sent": row.deliveries.order_by("-pk")[:LAST_SHOWN], "sent_columns": SENT_COLUMNS}


SENT_COLUMNS = [
    Column.of(Delivery, "created_at"), Column.of(Delivery, "lane"), STATE, Column.of(Delivery, "why"),
    Column.of(Delivery, "sent_at"),
]  # fmt: skip


class DeliveryRegister(Register):
    """What was sent to whom, as the providers tell it; of an address no more than its ends."""

    model = Delivery
    columns = [
        Column(_("Recipient"), lambda row: row.recipient, "recipient"), "channel", "shown",
        Column(_("What"), lambda row: row.get_lane_display()), STATE, "why",
        "created_at", "sent_at",
    ]  # fmt: skip
    details = [*columns, "attempts", "provider", "provider_ref", "provider_said", "again_of", "uid"]
    search_fields = ["recipient__username", "recipient__display_name", "provider_ref"]
    search_help = _("Recipient, or number at the provider")
    filters = ["state", "lane", "channel", "why"]
    actions = READ_ONLY
    empty_help = _("Nothing was sent yet.")

    def rows(self, scope: Any) -> QuerySet[Any]:
        return super().rows(scope).select_related("again_of")
