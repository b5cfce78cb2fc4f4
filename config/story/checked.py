"""What waited for the stations in the last weeks and was settled since: what an alert board tells of."""

from __future__ import annotations

from datetime import date, timedelta

from alerts.raising import close_gone, raise_alerts
from alerts.rules import Fact, Link
from certificates.models import Licence
from laws.parameters import midnight

RULE, PAPERS, EVERY = "CERT_TO_CHECK", 38, 2  # days between one and the next


def tell_what_was_checked(today: date) -> None:
    """Licences of Harbin that are checked today, each told to its station on one morning and settled days later."""
    checked = (
        Licence.objects.verified().filter(holder__region__code__startswith="2301").select_related("holder", "kind")
    )
    for n, row in enumerate(checked.order_by("pk")[:PAPERS], start=1):
        told = midnight(today - timedelta(days=n * EVERY + 3)) + timedelta(hours=9)
        settled = told + timedelta(hours=5 + n * 7 % 60)
        kind = {"kind_zh": row.kind.name_zh, "kind_en": row.kind.name_en}
        link = Link("certificates:review-detail", [row.pk])
        facts = {"holder": row.holder.name, "number": row.number, **kind}
        raise_alerts(RULE, [Fact(str(row.pk), row.holder_id, facts, link)], now=told)
        close_gone(RULE, still=[], only=[str(row.pk)], now=settled)
