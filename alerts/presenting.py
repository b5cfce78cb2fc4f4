"""What the screens of an alert show: what was done about it, and what its reader may do now."""

from __future__ import annotations

from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db.models import Q
from guardian.models import UserObjectPermission

from accounts.models import User
from accounts.request import HouseRequest
from alerts.models import Alert, Audience
from alerts.services import WORDS_MAX, may_handle
from enterprises.models import Enterprise

COLLEAGUES_MAX = 200


def alert_page(request: HouseRequest, alert: Alert) -> dict[str, Any]:
    """One alert for one reader."""
    handles = may_handle(alert, request.user)
    return {
        "row": alert,
        "notes": alert.notes.select_related("author"),
        "may_handle": handles,
        "colleagues": colleagues(alert) if handles and alert.is_open else [],
        "words_max": WORDS_MAX,
    }


def colleagues(alert: Alert) -> list[User]:
    """Whom it can be given to: the people of the enterprise, or the officers who answer for its region."""
    people = User.objects.filter(is_active=True)
    if alert.audience == Audience.ENTERPRISE:
        places = [str(pk) for pk in (alert.enterprise_id, alert.enterprise.headquarters_id) if pk]
        granted = UserObjectPermission.objects.filter(
            content_type=ContentType.objects.get_for_model(Enterprise), object_pk__in=places,
            permission__codename="keep_books",
        )  # fmt: skip
        people = people.filter(pk__in=granted.values("user"))
    else:
        code = alert.enterprise.region_id or ""
        above = [code[:length] for length in (2, 4, 6, 9, 12, 15) if length <= len(code)]
        people = people.filter(Q(authority__regions__in=above)).distinct()
    return list(people.order_by("username")[:COLLEAGUES_MAX])
