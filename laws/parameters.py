"""Numbers that the law gives, as they were in force on a day, and the moments at which its clocks run out."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from time import monotonic

from django.db.models import Case, DateTimeField, DurationField, F, Func, Value, When
from django.db.models.expressions import Combinable
from django.utils import timezone

from laws.calendar import add_working_days, all_exceptions
from laws.models import RuleParameter

Unit = RuleParameter.Unit
REMEMBERED_SECONDS = 600


class NoSuchParameter(LookupError):
    """A rule was asked for that has no version in force on that day."""

    def __init__(self, key: str, on: date) -> None:
        super().__init__(f"No rule {key} is in force on {on}: run load_reference, or add it to the rule parameters.")


def in_force(key: str, *, on: date | None = None) -> RuleParameter:
    """The version of the rule that holds on that day, by default today. Raises NoSuchParameter where there is none."""
    on = on or timezone.localdate()
    rule: RuleParameter | None = RuleParameter.objects.in_force(on).filter(key=key).first()
    if rule is None:
        raise NoSuchParameter(key, on)
    return rule


def days_soon(key: str, on: date) -> timedelta:
    """A rule in days that every row of a list asks for: each process asks the database again after ten minutes."""
    return _days_soon(key, on, int(monotonic() // REMEMBERED_SECONDS))


@lru_cache(maxsize=32)
def _days_soon(key: str, on: date, _moment: int) -> timedelta:
    return timedelta(days=int(in_force(key, on=on).value))


def in_force_under(prefix: str, *, on: date | None = None) -> dict[str, RuleParameter]:
    """Every rule whose key begins with `prefix` as it holds on that day, by the rest of its key; one statement."""
    rules = RuleParameter.objects.in_force(on or timezone.localdate()).filter(key__startswith=prefix)
    return {rule.key.removeprefix(prefix): rule for rule in rules}


def deadline(key: str, start: datetime) -> datetime:
    """When a clock that started then runs out, by the version in force when it started: later than this is too late.

    Hours run from the moment itself. Days, working days, months and years do not count the first day and run to
    24:00 of the last one, so the answer is 00:00 of the day after `last_day` (Civil Code, articles 201 to 203). A last
    day that is a holiday stays the last day: the law's other way, the next working day, is what `wd` is for.
    """
    return _runs_out(in_force(key, on=timezone.localdate(start)), start)


def last_day(key: str, start: date) -> date:
    """The last day of a time that started on that day, for people to read; not for rules in hours."""
    return _last_day(in_force(key, on=start), start)


@dataclass(frozen=True)
class Clock:
    """One rule in all its versions, the latest first: it times any number of cases without asking the database."""

    key: str
    versions: Sequence[RuleParameter] = ()
    exceptions: Mapping[date, bool] = field(default_factory=dict)

    def in_force(self, on: date | None = None) -> RuleParameter:
        """As the function of the same name."""
        on = on or timezone.localdate()
        for rule in self.versions:
            if rule.valid_from <= on:
                return rule
        raise NoSuchParameter(self.key, on)

    def deadline(self, start: datetime) -> datetime:
        """As the function of the same name."""
        return _runs_out(self.in_force(timezone.localdate(start)), start, self.exceptions)

    def after(self, day: str) -> Combinable:
        """For a queryset: the moment so many hours after the end of the day in the field `day`.

        That is 24:00 local time, plus the hours in force on that day; for rules in hours.
        """
        hours = [(rule.valid_from, Value(_hours(rule), DurationField())) for rule in self.versions]
        span = Case(*(When(**{f"{day}__gte": since}, then=length) for since, length in hours))
        zone = Value(timezone.get_default_timezone_name())
        end = Func(zone, F(day) + timedelta(days=1), function="timezone", output_field=DateTimeField())
        return end + span


def clocks(*keys: str) -> dict[str, Clock]:
    """A clock for each of these rules; one query, and one more for the calendar where working days are counted."""
    versions = list(RuleParameter.objects.filter(key__in=keys).order_by("-valid_from"))
    exceptions = all_exceptions() if any(rule.unit == Unit.WORKING_DAYS for rule in versions) else {}
    return {key: Clock(key, [rule for rule in versions if rule.key == key], exceptions) for key in keys}


def midnight(day: date) -> datetime:
    """The moment with which a day begins here."""
    return timezone.make_aware(datetime.combine(day, time.min))


def _runs_out(rule: RuleParameter, start: datetime, exceptions: Mapping[date, bool] | None = None) -> datetime:
    if rule.unit == Unit.HOURS:
        return start + _hours(rule)
    last = _last_day(rule, timezone.localdate(start), exceptions)
    return midnight(last + timedelta(days=1))


def _hours(rule: RuleParameter) -> timedelta:
    if rule.unit != Unit.HOURS:
        raise ValueError(f"{rule} is in {rule.get_unit_display()}: that is no number of hours.")
    return timedelta(seconds=int(rule.value * 3600))


def _last_day(rule: RuleParameter, start: date, exceptions: Mapping[date, bool] | None = None) -> date:
    if rule.unit == Unit.WORKING_DAYS:
        return add_working_days(start, int(rule.value), exceptions)
    if rule.unit not in COUNT:
        raise ValueError(f"{rule} is in {rule.get_unit_display()}: that is no number of days.")
    return COUNT[rule.unit](start, int(rule.value))


def add_months(start: date, count: int) -> date:
    """The same day so many months later or earlier, or the last one of a month that is too short.

    Civil Code, article 202.
    """
    year, month = divmod(start.year * 12 + start.month - 1 + count, 12)
    return date(year, month + 1, min(start.day, monthrange(year, month + 1)[1]))


COUNT: Mapping[str, Callable[[date, int], date]] = {
    Unit.DAYS: lambda start, count: start + timedelta(days=count),
    Unit.MONTHS: add_months,
    Unit.YEARS: lambda start, count: add_months(start, 12 * count),
}
