"""Who trades in the story: enterprises, their places, the farmers they know, and their licences."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from django.utils import timezone

from certificates.models import Licence
from config.story.rows import days_from, rows
from enterprises.models import Enterprise
from enterprises.spelling import pinyin

COPIED = (
    "name", "status", "uscc", "place", "address", "legal_representative", "telephone", "unit_type",
    "economic_type", "business_scope",
)  # fmt: skip
JOINED = timedelta(days=400)  # ago; their licences were uploaded then
POINTS_TO = ("headquarters", "market", "kept_by")


def load_enterprises(today: date) -> dict[str, Enterprise]:
    """Enter the enterprises, those first that others point to; returns them by the key of their table."""
    cast: dict[str, Enterprise] = {}
    waiting = rows("enterprises")
    while waiting:
        ready = [row for row in waiting if all(row[field] in cast or not row[field] for field in POINTS_TO)]
        made = Enterprise.objects.bulk_create(_enterprise(row, cast, today) for row in ready)
        cast.update(zip((row["key"] for row in ready), made, strict=True))
        waiting = [row for row in waiting if row["key"] not in cast]
    return cast


def _enterprise(row: Mapping[str, str], cast: Mapping[str, Enterprise], today: date) -> Enterprise:
    name_pinyin, name_initials = pinyin(row["name"])
    return Enterprise(
        **{field: row[field] for field in COPIED},
        **{field: cast[row[field]] for field in POINTS_TO if row[field]},
        name_pinyin=name_pinyin,
        name_initials=name_initials,
        roles=row["roles"].split(),
        region_id=row["region"],
        contact_name=row["legal_representative"],
        registered_on=days_from(today, row["registered"]),
        is_person=bool(row["kept_by"]),
    )


def load_licences(cast: Mapping[str, Enterprise], today: date) -> int:
    """Enter the licences; some have expired, some expire within thirty days."""
    made = Licence.objects.bulk_create(
        Licence(
            holder=cast[row["holder"]],
            kind_id=row["kind"],
            number=row["number"],
            valid_from=days_from(today, row["valid_from"]),
            valid_until=days_from(today, row["valid_until"]),
            state=Licence.State.VERIFIED,
            uploaded_at=timezone.now() - JOINED,
        )
        for row in rows("licences")
    )
    return len(made)
