"""The working calendar: holidays, make-up workdays, and days counted by them."""

from __future__ import annotations

import datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.urls import reverse

from laws.calendar import add_working_days, is_working_day
from laws.models import CalendarDay

LIST = reverse("laws:calendarday-list")


def day(text: str) -> datetime.date:
    return datetime.date.fromisoformat(text)


@pytest.mark.parametrize(
    ("text", "is_worked"),
    [
        ("2026-02-13", True), ("2026-02-14", True), ("2026-02-15", False), ("2026-02-23", False),
        ("2026-02-24", True), ("2026-02-28", True), ("2026-03-01", False), ("2026-10-10", True),
        ("2025-10-08", False), ("2025-10-11", True), ("2027-01-01", False),
    ],
)  # fmt: skip
def test_a_day_is_worked_as_the_state_council_says(db, text, is_worked):
    assert is_working_day(day(text)) is is_worked


@pytest.mark.parametrize(
    ("start", "count", "end"),
    [
        ("2026-02-13", 1, "2026-02-14"),  # the Saturday before Spring Festival is worked
        ("2026-02-13", 2, "2026-02-24"),  # then nine days off
        ("2026-02-14", 5, "2026-02-28"),  # and the Saturday after it is worked again
        ("2026-02-18", 1, "2026-02-24"), ("2026-09-30", 3, "2026-10-10"), ("2025-04-25", 2, "2025-04-28"),
        ("2026-11-02", 0, "2026-11-02"), ("2026-02-24", -1, "2026-02-14"), ("2026-02-24", -2, "2026-02-13"),
    ],
)  # fmt: skip
def test_working_days_are_counted_over_holidays_and_make_up_days(db, start, count, end):
    assert add_working_days(day(start), count) == day(end)


def test_a_year_that_nobody_has_entered_has_plain_weeks(db):
    assert add_working_days(day("2050-09-30"), 1) == day("2050-10-03")
    assert not is_working_day(day("2050-10-01"))


def test_a_long_time_costs_one_question(db, django_assert_num_queries):
    with django_assert_num_queries(1):
        add_working_days(day("2025-01-01"), 400)


def test_a_day_that_is_entered_counts_at_once(db):
    CalendarDay.objects.create(day="2050-10-03")
    assert add_working_days(day("2050-09-30"), 1) == day("2050-10-04")


def test_a_day_is_entered_once(db):
    with pytest.raises(IntegrityError, match="laws_calendarday_day"), transaction.atomic():
        CalendarDay.objects.create(day="2026-01-01")


@pytest.mark.parametrize("count", [1, 5, 20])
@pytest.mark.parametrize("month", range(1, 13))
def test_the_day_reached_is_worked_and_so_many_worked_days_lie_behind(db, month, count):
    start = datetime.date(2026, month, 13)
    end = add_working_days(start, count)
    days = [start + datetime.timedelta(days=n) for n in range(1, (end - start).days + 1)]
    assert is_working_day(end)
    assert sum(map(is_working_day, days)) == count


# The screen


@pytest.fixture
def keeper(client, administrator):
    client.force_login(administrator)
    return client


def test_the_list_is_narrowed_to_a_year(keeper):
    rows = keeper.get(LIST, {"year": "2025"}).context["page"].object_list
    assert {row.day.year for row in rows} == {2025}


@pytest.mark.parametrize("year", ["0", "99999", "今年"])
def test_what_is_no_year_narrows_nothing(keeper, year):
    assert keeper.get(LIST, {"year": year}).context["page"].paginator.count == CalendarDay.objects.count()


def test_the_list_says_what_holds_without_rows(keeper):
    assert "Monday to Friday are worked" in keeper.get(LIST, headers={"accept-language": "en"}).text


def test_make_up_days_are_imported_as_they_are_published(keeper):
    file = "day,is_working,note\n2099-01-04,yes,元旦调休上班\n2099-01-01,,元旦\n"
    page = keeper.post(f"{LIST}import/", {"file": SimpleUploadedFile("days.csv", file.encode())})
    keeper.post(f"{LIST}import/", {"step": "import", "upload": page.context["upload"].pk})
    assert dict(CalendarDay.objects.filter(day__year=2099).values_list("note", "is_working")) == {
        "元旦": False, "元旦调休上班": True,
    }  # fmt: skip
