"""Who trades nothing: told the enterprise itself first, then its grid, then its station (H-177)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import CharField, F
from django.db.models.functions import Cast, TruncDate
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from alerts.models import Alert
from alerts.raising import look_again
from alerts.rules import Fact, Link, Look, Watch
from enterprises.models import Closure, Enterprise

SILENCE = ("NO_TRADE", "NO_TRADE_GRID", "NO_TRADE_STATION")
CLOSURE, BOOK = "enterprises:closure-add", "dashboards:enterprise"


def silent(look: Look) -> Iterator[Fact]:
    """Traders that are quiet for as long as the rule says; a silence begins with its first day and is one alert."""
    for row in _quiet(look):
        yield _of(row, look, Link(CLOSURE))


def silent_for_officers(look: Look) -> Iterator[Fact]:
    """The same for those who look after the place."""
    for row in _quiet(look):
        yield _of(row, look, Link(BOOK, [row.pk]))


def end_silences() -> int:
    """Close what is told of enterprises that have traded since; returns how many. Confirming a paper does not wait
    for it: beat asks every minute."""
    told = Alert.objects.open().filter(rule__in=SILENCE)
    traded_on = Cast(TruncDate("enterprise__last_trade_at"), CharField())
    broken = told.annotate(traded_on=traded_on).filter(traded_on__gt=F("period"))  # the first day of the silence
    closed = look_again(*SILENCE, about=broken.order_by().values_list("subject", flat=True).distinct())
    return sum(counts.closed for counts in closed.values())


def look_at_closure(instance: Closure, **_named: Any) -> None:
    """A closure was declared or changed: nobody asks any more, or somebody does again."""
    transaction.on_commit(partial(look_again, *SILENCE, about=[instance.enterprise_id]), robust=True)


def _quiet(look: Look) -> Iterator[Enterprise]:
    """By an index on the last trade: the ledgers are not read."""
    today = timezone.localdate(look.now)
    since = today - timedelta(days=int(look.limit.in_force(today).value))
    rows = look.among(Enterprise.objects.traders().quiet_since(since, today=today))
    yield from rows.only("pk", "name", "last_trade_at").order_by("pk").iterator()


def _of(row: Enterprise, look: Look, link: Link) -> Fact:
    quiet_from = row.quiet_from  # type: ignore[attr-defined]
    facts = {"name": row.name, "n": (timezone.localdate(look.now) - quiet_from).days, "quiet_on": quiet_from}
    return Fact(str(row.pk), row.pk, facts, link, str(quiet_from))


SENTENCE = ngettext_lazy(
    "%(name)s has not entered a trade for %(n)s day, since %(quiet_on)s.",
    "%(name)s has not entered a trade for %(n)s days, since %(quiet_on)s.",
    "n",
)
LOOK = _("Look at the enterprise")
RULES = (
    Watch(
        "NO_TRADE",
        _("Nothing traded"),
        ngettext_lazy(
            "No purchase or sale was entered for %(n)s day, since %(quiet_on)s. Closed? Say so, and nobody asks.",
            "No purchase or sale was entered for %(n)s days, since %(quiet_on)s. Closed? Say so, and nobody asks.",
            "n",
        ),
        _("Declare a closure"),
        silent,
    ),
    Watch("NO_TRADE_GRID", _("Nothing traded (grid)"), SENTENCE, LOOK, silent_for_officers),
    Watch("NO_TRADE_STATION", _("Nothing traded (station)"), SENTENCE, LOOK, silent_for_officers),
)
