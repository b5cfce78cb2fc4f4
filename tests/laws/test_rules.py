"""Numbers of the law: their versions, what may be changed, and when a clock runs out."""

from __future__ import annotations

import datetime
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone, translation

from laws.models import RuleParameter
from laws.parameters import NoSuchParameter, clocks, deadline, in_force, last_day

LIST, ADD = reverse("laws:ruleparameter-list"), reverse("laws:ruleparameter-add")
DAY = datetime.timedelta(days=1)


def day(text: str) -> datetime.date:
    return datetime.date.fromisoformat(text)


def moment(text: str) -> datetime.datetime:
    return timezone.make_aware(datetime.datetime.fromisoformat(text))


def make(key="x.y", value="3", unit="d", valid_from="2020-01-01", **fields) -> RuleParameter:
    return RuleParameter.objects.create(
        key=key, value=value, unit=unit, valid_from=valid_from, **{"source": "示例法", **fields}
    )


def typed(**changes: str) -> dict[str, str]:
    return {"key": "x.y", "value": "3", "unit": "d", "source": "示例法", "valid_from": "2099-01-01", **changes}


@pytest.fixture
def keeper(client, administrator):
    client.force_login(administrator)
    return client


# Which version holds


def test_the_version_in_force_is_the_last_one_whose_day_has_come(db, today):
    make(value="1"), make(value="2", valid_from=today), make(value="3", valid_from=today + DAY)
    assert in_force("x.y").value == 2
    assert [in_force("x.y", on=on).value for on in (today - DAY, today, today + DAY)] == [1, 2, 3]


def test_a_rule_that_nobody_gave_fails_and_says_which(db):
    with pytest.raises(NoSuchParameter, match=r"x\.y .* 2026-03-01"):
        in_force("x.y", on=day("2026-03-01"))


def test_a_rule_is_not_in_force_before_its_first_version(db):
    make(valid_from="2026-03-02")
    with pytest.raises(NoSuchParameter):
        in_force("x.y", on=day("2026-03-01"))


def test_asking_costs_one_question(db, django_assert_num_queries):
    with django_assert_num_queries(1):
        in_force("receipt.answer")


def test_what_an_administrator_adds_holds_at_once(db, today):
    assert in_force("receipt.answer").value == 3
    make("receipt.answer", "5", valid_from=today)
    assert in_force("receipt.answer").value == 5


# When a clock runs out


@pytest.mark.parametrize(
    ("value", "unit", "start", "end"),
    [
        ("24", "h", "2026-02-14 10:30", "2026-02-15 10:30"),
        ("0.5", "h", "2026-02-14 10:30", "2026-02-14 11:00"),
        ("3", "d", "2026-11-02 00:00", "2026-11-06 00:00"),
        ("3", "d", "2026-11-02 23:59", "2026-11-06 00:00"),
        ("5", "wd", "2026-02-13 09:00", "2026-02-28 00:00"),
        ("1", "m", "2026-01-31 09:00", "2026-03-01 00:00"),
        ("2", "y", "2024-02-29 09:00", "2026-03-01 00:00"),
        ("0", "d", "2026-11-02 09:00", "2026-11-03 00:00"),
    ],
)  # fmt: skip
def test_a_clock_runs_out_as_the_civil_code_counts(db, value, unit, start, end):
    make(value=value, unit=unit)
    assert deadline("x.y", moment(start)) == moment(end)


def test_the_day_is_the_local_one(db):
    """23:00 in London is already tomorrow in Shanghai."""
    make(value="1")
    start = datetime.datetime(2026, 11, 2, 23, 0, tzinfo=datetime.UTC)
    assert deadline("x.y", start) == moment("2026-11-05 00:00")


def test_a_case_keeps_the_version_in_force_when_its_clock_started(db):
    make(value="48", unit="h"), make(value="36", unit="h", valid_from="2026-02-11")
    assert deadline("x.y", moment("2026-02-10 23:59")) == moment("2026-02-12 23:59")
    assert deadline("x.y", moment("2026-02-11 00:00")) == moment("2026-02-12 12:00")


def test_the_last_day_is_told_for_people(db):
    make(value="3")
    assert last_day("x.y", day("2026-11-02")) == day("2026-11-05")


@pytest.mark.parametrize("unit", ["n", "pct"])
def test_a_number_is_no_deadline(db, unit):
    make(unit=unit)
    with pytest.raises(ValueError, match=r"x\.y"):
        deadline("x.y", timezone.now())


def test_hours_have_no_last_day(db):
    make(unit="h")
    with pytest.raises(ValueError, match=r"x\.y"):
        last_day("x.y", day("2026-11-02"))


# What the database refuses


@pytest.mark.parametrize(
    ("constraint", "fields"),
    [
        ("rule_parameter_has_one_version_a_day", {"key": "notrade"}),
        ("rule_parameter_is_not_negative", {"value": "-0.01", "unit": "pct"}),
        ("rule_parameter_counts_whole_days", {"value": "1.5"}),
    ],
)
def test_a_row_that_makes_no_sense_is_refused(db, constraint, fields):
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        make(**fields)


@pytest.mark.parametrize(
    ("field", "value"),
    [("value", "-1"), ("value", "1.5"), ("value", "viele"), ("unit", "weeks"), ("key", "a b"), ("key", ".a"),
     ("source", ""), ("valid_from", "")],
)  # fmt: skip
def test_what_is_wrong_is_told(keeper, field, value):
    assert keeper.post(ADD, typed(**{field: value})).status_code == 422
    assert not RuleParameter.objects.filter(source="示例法").exists()


def test_hours_and_percents_may_have_parts(keeper):
    assert keeper.post(ADD, typed(value="1.5", unit="h")).status_code == 302
    assert keeper.post(ADD, typed(value="1.5", unit="pct", key="x.z")).status_code == 302


def test_two_versions_do_not_begin_on_one_day(keeper):
    keeper.post(ADD, typed())
    page = keeper.post(ADD, typed(value="4"))
    assert page.status_code == 422
    assert RuleParameter.objects.get(key="x.y").value == 3


# The past stays


@pytest.mark.parametrize("ago", [0, 1, 400])
@pytest.mark.parametrize("change", [{"value": Decimal(9)}, {"valid_from": datetime.date(2099, 1, 1)}, {"note": "x"}])
def test_a_row_whose_day_has_come_is_not_changed(db, today, ago, change):
    row = make(valid_from=today - ago * DAY)
    for name, value in change.items():
        setattr(row, name, value)
    with translation.override("en"), pytest.raises(ValidationError, match=r"x\.y .* stays as it is\."):
        row.save()


def test_a_row_whose_day_has_come_is_not_deleted(db, today):
    with translation.override("en"), pytest.raises(ValidationError, match="Add a version with a later first day"):
        make(valid_from=today).delete()
    assert RuleParameter.objects.filter(key="x.y").exists()


def test_the_screens_do_not_offer_it_either(keeper, today):
    row = make(valid_from=today)
    assert "edit/" not in keeper.get(f"{LIST}{row.pk}/").text
    assert keeper.post(f"{LIST}{row.pk}/edit/", typed(value="4")).status_code == 404
    assert keeper.post(f"{LIST}{row.pk}/delete/").status_code == 404


def test_a_row_to_come_may_be_changed_and_taken_back(keeper, today):
    row = make(valid_from=today + DAY)
    assert keeper.post(f"{LIST}{row.pk}/edit/", typed(value="4")).status_code == 302
    row.refresh_from_db()
    assert row.value == 4
    assert keeper.post(f"{LIST}{row.pk}/delete/").status_code == 302


def test_a_known_rule_gets_no_new_version_in_the_past(keeper, today):
    make(valid_from=today - 9 * DAY)
    page = keeper.post(ADD, typed(valid_from=(today - DAY).isoformat()))
    assert page.status_code == 422
    assert "valid_from" in page.context["form"].errors
    assert keeper.post(ADD, typed(valid_from=today.isoformat())).status_code == 302


def test_a_row_to_come_is_not_moved_into_the_past(keeper, today):
    make(valid_from=today - 9 * DAY)
    row = make(valid_from=today + DAY)
    page = keeper.post(f"{LIST}{row.pk}/edit/", typed(valid_from=(today - DAY).isoformat()))
    assert "valid_from" in page.context["form"].errors


def test_a_new_rule_may_have_held_for_long(keeper):
    assert keeper.post(ADD, typed(valid_from="2015-10-01")).status_code == 302


# The list


def test_the_list_says_which_version_holds(keeper, today):
    make(value="1"), make(value="2", valid_from=today), make(value="3", valid_from=today + DAY)
    found = {
        state: [row.value for row in keeper.get(LIST, {"q": "x.y", "state": state}).context["page"]]
        for state in ("replaced", "in_force", "coming")
    }
    assert found == {"replaced": [1], "in_force": [2], "coming": [3]}


def test_an_officer_reads_the_rules_and_changes_none(client, officer):
    client.force_login(officer)
    assert "receipt.answer" in client.get(LIST).text
    assert client.get(ADD).status_code == 403


# Many cases at once


@pytest.mark.parametrize("unit", ["h", "d", "wd", "m", "y"])
@pytest.mark.parametrize("start", ["2026-01-31 23:59", "2026-02-13 00:00", "2026-09-30 12:00", "2028-02-29 08:00"])
def test_a_clock_says_what_the_function_says_and_asks_nothing_more(db, unit, start, django_assert_num_queries):
    make(value="3", unit=unit), make(value="7", unit=unit, valid_from="2026-02-01")
    clock, expected = clocks("x.y")["x.y"], deadline("x.y", moment(start))
    with django_assert_num_queries(0):
        assert clock.deadline(moment(start)) == expected
        assert clock.in_force(day(start[:10])).value == in_force_value(start)


def in_force_value(start: str) -> int:
    return 3 if start < "2026-02-01" else 7


def test_clocks_are_loaded_by_one_query_or_two_with_the_calendar(db, django_assert_num_queries):
    make(), make(key="y.z", unit="wd")
    with django_assert_num_queries(1):
        clocks("x.y", "nothing")
    with django_assert_num_queries(2):
        clocks("x.y", "y.z")


def test_a_clock_without_a_version_for_the_day_says_so(db):
    make(valid_from="2026-03-02")
    for clock in clocks("x.y", "nothing").values():
        with pytest.raises(NoSuchParameter):
            clock.deadline(moment("2026-03-01 12:00"))


def test_hours_after_a_day_are_for_rules_in_hours(db):
    make(unit="d")
    with pytest.raises(ValueError, match="hours"):
        clocks("x.y")["x.y"].after("valid_from")
