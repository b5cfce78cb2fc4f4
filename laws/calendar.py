"""Which days are worked in China: Monday to Friday, save the exceptions of `CalendarDay`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from laws.models import CalendarDay

FRIDAY = 4


def add_working_days(day: date, count: int, exceptions: Mapping[date, bool] | None = None) -> date:
    """The day `count` working days after `day`, or before it where `count` is negative; `day` itself never counts.

    Whoever counts for many days gives `exceptions`, all of them, so that the database is asked once.
    """
    if exceptions is None:
        exceptions = _exceptions(day__gt=day) if count > 0 else _exceptions(day__lt=day)
    step = timedelta(days=1 if count > 0 else -1)
    left = abs(count)
    while left:
        day += step
        left -= _is_worked(day, exceptions)
    return day


def is_working_day(day: date) -> bool:
    """Whether authorities and firms work on this day. A year without rows is taken as its plain weekdays."""
    return _is_worked(day, _exceptions(day=day))


def all_exceptions() -> dict[date, bool]:
    """Every day that is unlike its weekday, and whether it is worked."""
    return _exceptions()


def _exceptions(**which: date) -> dict[date, bool]:
    return dict(CalendarDay.objects.filter(**which).values_list("day", "is_working"))


def _is_worked(day: date, exceptions: Mapping[date, bool]) -> bool:
    return exceptions.get(day, day.weekday() <= FRIDAY)
