"""How alerts begin and end by themselves: rules are asked for their causes, the new are raised, the gone closed."""

from __future__ import annotations

import json
import logging
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, transaction
from django.utils import timezone

from alerts import sql
from alerts.models import AlertRule, Delivery, RuleRun, Severity
from alerts.rules import Fact, Look, watches
from laws.parameters import clocks, in_force

logger = logging.getLogger(__name__)
STALE_MINUTES, KEPT_DAYS = 10, 30
PRESSING: dict[str, Any] = {
    "urgent": Severity.URGENT, "at_once_lane": Delivery.Lane.AT_ONCE, "urgent_lane": Delivery.Lane.URGENT,
    "zone": settings.TIME_ZONE,
}  # fmt: skip


class Counts(NamedTuple):
    """What one look of a rule changed, in alerts."""

    raised: int
    closed: int


def raise_alerts(rule: str, facts: Iterable[Fact], *, now: datetime | None = None) -> int:
    """Raise an alert for each of these causes, in one statement; returns how many are new or back again.

    Raised twice it is one alert. One that is open has its facts brought up to date; one that somebody closed stays
    closed while its cause lasts. What is urgent, or of a rule that is sent at once, is written into the outbox.
    """
    rows = json.dumps([asdict(fact) for fact in facts], cls=DjangoJSONEncoder)
    with connection.cursor() as cursor:
        cursor.execute(sql.RAISE, {"rule": rule, "facts": rows, "now": now or timezone.now(), **PRESSING})
        return int(cursor.fetchone()[0])


def close_gone(
    rule: str, *, still: Collection[tuple[str, str]], only: Collection[str] | None = None, now: datetime | None = None
) -> int:
    """Close the alerts of a rule whose cause is gone; returns how many.

    `still` are the (subject, period) whose cause lasts, `only` the subjects that were looked at, None is all.
    """
    subjects, periods = [subject for subject, _period in still], [period for _subject, period in still]
    looked_at = None if only is None else list(only)
    named = {"rule": rule, "subjects": subjects, "periods": periods, "only": looked_at, "now": now or timezone.now()}
    with connection.cursor() as cursor:
        cursor.execute(sql.CLOSE_GONE, named)
        return int(cursor.fetchone()[0])


def run_rules(*, rhythm: str | None = None, now: datetime | None = None) -> dict[str, Counts]:
    """Run every rule, or those of one rhythm, once: safe to repeat, and of two at once one does the work.

    A rule that fails is logged and leaves the others alone. Returns what each rule changed; nothing where another run
    is at work.
    """
    rules = AlertRule.objects.filter(key__in=watches)
    with _one_at_a_time() as is_ours:
        if not is_ours:
            return {}
        return dict(_run(list(rules.filter(rhythm=rhythm) if rhythm else rules), now=now or timezone.now()))


def run_due(*, now: datetime | None = None) -> dict[str, Counts]:
    """Run the rules whose time has come, each once a period however many ask; after a pause the last period only.

    Each run leaves a `RuleRun`. One that was begun STALE_MINUTES ago and never ended is begun again.
    """
    now = now or timezone.now()
    rules = {rule.pk: rule for rule in AlertRule.objects.filter(key__in=watches, is_on=True)}
    named: dict[str, Any] = {
        "rules": list(rules), "periods": [rule.period_of(now) for rule in rules.values()], "nows": [now] * len(rules),
        "stale": now - timedelta(minutes=STALE_MINUTES),
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(sql.TAKE_UP_DUE, named)
        runs = dict(cursor.fetchall())
    found: dict[str, Counts] = {}
    for rule, look in _looks([rules[key] for key in sorted(runs)], now=now):
        counts, error = Counts(0, 0), ""
        try:
            counts = found[rule.key] = _look(rule.key, look)
        except Exception as fault:
            logger.exception("The alert rule %s failed.", rule.key)
            error = f"{type(fault).__name__}: {fault}"[:200]
        RuleRun.objects.filter(pk=runs[rule.key]).update(
            finished_at=timezone.now(), raised=counts.raised, closed=counts.closed, error=error
        )
    return found


def escalate(*, now: datetime | None = None) -> int:
    """Show the alerts of officers that nobody has looked at for `alert.escalate` to the next higher authority, too.

    Up to the city; each step takes as long again. Returns how many went up.
    """
    now = now or timezone.now()
    days = int(in_force("alert.escalate", on=timezone.localdate(now)).value)
    with connection.cursor() as cursor:
        cursor.execute(sql.ESCALATE, {"now": now, "since": now - timedelta(days=days)})
        return int(cursor.fetchone()[0])


def forget_runs(*, now: datetime | None = None) -> int:
    """Take away the runs that are older than KEPT_DAYS; returns how many."""
    old = RuleRun.objects.filter(period__lt=(now or timezone.now()) - timedelta(days=KEPT_DAYS))
    return old.delete()[0]


def look_again(*keys: str, about: Iterable[int | str], now: datetime | None = None) -> dict[str, Counts]:
    """Run these rules for a few subjects only, just after something happened to them."""
    only, rules = [str(subject) for subject in about], AlertRule.objects.filter(key__in={*keys} & watches.keys())
    return dict(_run(list(rules), now=now or timezone.now(), only=only)) if only else {}


def _run(rules: list[AlertRule], *, now: datetime, only: list[str] | None = None) -> Iterator[tuple[str, Counts]]:
    """Each rule in a transaction of its own, by three statements whatever it finds."""
    for rule, look in _looks(rules, now=now, only=only):
        try:
            counts = _look(rule.key, look)
        except Exception:
            logger.exception("The alert rule %s failed.", rule.key)
        else:
            yield rule.key, counts


def _looks(rules: list[AlertRule], *, now: datetime, only: list[str] | None = None) -> Iterator[tuple[AlertRule, Look]]:
    """Each rule with what it looks by; the numbers of all of them are read once."""
    numbers = clocks(*{rule.limit for rule in rules}, *{rule.keep for rule in rules}) if rules else {}
    for rule in rules:
        yield rule, Look(now, numbers[rule.limit], numbers[rule.keep], only)


@transaction.atomic
def _look(key: str, look: Look) -> Counts:
    facts = list(watches[key].find(look))
    raised = raise_alerts(key, facts, now=look.now)
    still = {(fact.subject, fact.period) for fact in facts}
    return Counts(raised, close_gone(key, still=still, only=look.only, now=look.now))


@contextmanager
def _one_at_a_time() -> Iterator[bool]:
    with connection.cursor() as cursor:
        cursor.execute(sql.TAKE_TURN)
        is_ours = bool(cursor.fetchone()[0])
        try:
            yield is_ours
        finally:
            if is_ours:
                cursor.execute(sql.END_TURN)
