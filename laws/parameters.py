"""Numbers that the law gives, as they were in force on a day, and the moments at which its clocks run out."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta

from django.utils import timezone

from laws.calendar import add_working_days
from laws.models import RuleParameter

Unit = RuleParameter.Unit


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


def deadline(key: str, start: datetime) -> datetime:
    """When a clock that started then runs out, by the version in force when it started: later than this is too late.

    Hours run from the moment itself. Days, working days, months and years do not count the first day and run to
    24:00 of the last one, so the answer is 00:00 of the day after `last_day` (Civil Code, articles 201 to 203). A last
    day that is a holiday stays the last day: the law's other way, the next working day, is what `wd` is for.
    """
    day = timezone.localdate(start)
    rule = in_force(key, on=day)
    if rule.unit == Unit.HOURS:
        return start + timedelta(seconds=int(rule.value * 3600))
    return timezone.make_aware(datetime.combine(_last_day(rule, day) + timedelta(days=1), time.min))


def last_day(key: str, start: date) -> date:
    """The last day of a time that started on that day, for people to read; not for rules in hours."""
    return _last_day(in_force(key, on=start), start)


def _last_day(rule: RuleParameter, start: date) -> date:
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
    Unit.WORKING_DAYS: add_working_days,
    Unit.MONTHS: add_months,
    Unit.YEARS: lambda start, count: add_months(start, 12 * count),
}
