"""The rows that every database has: loaded, loaded again, and true to their form."""

from __future__ import annotations

import csv
import datetime

import pytest
from django.conf import settings
from django.core.management import call_command

from laws.models import CalendarDay, RuleParameter
from laws.parameters import in_force
from laws.reference import DATA, load_laws


def rows() -> list[dict[str, str]]:
    with (DATA / "rule_parameters.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_the_rows_can_be_loaded_again_and_again(db):
    before = RuleParameter.objects.count(), CalendarDay.objects.count()
    assert load_laws() == {"rule_parameters": before[0], "calendar_days": before[1]}
    assert (RuleParameter.objects.count(), CalendarDay.objects.count()) == before


def test_loading_again_writes_no_history(db):
    rule = in_force("notrade")
    before = rule.events.count()
    load_laws()
    assert rule.events.count() == before


def test_rows_of_the_files_are_written_anew(db):
    RuleParameter.objects.filter(key="notrade").update(value=99)
    CalendarDay.objects.filter(day="2026-02-14").update(is_working=False)
    load_laws()
    assert in_force("notrade").value == 7
    assert CalendarDay.objects.get(day="2026-02-14").is_working


def test_rows_that_somebody_added_stay(db, today):
    RuleParameter.objects.create(key="notrade", value=9, unit="d", source="x", valid_from=today)
    CalendarDay.objects.create(day="2099-01-01")
    load_laws()
    assert in_force("notrade").value == 9
    assert CalendarDay.objects.filter(day="2099-01-01").exists()


def test_the_command_loads_them_too(db, capsys):
    call_command("load_reference")
    assert "rule_parameters: " in capsys.readouterr().out


def test_every_row_is_as_the_form_would_have_it(db):
    for rule in RuleParameter.objects.all():
        rule.clean_fields()
        assert rule.note


@pytest.mark.parametrize(
    ("key", "value", "unit"),
    [
        ("receipt.answer", 3, "d"), ("receipt.dispute", 15, "d"), ("receipt.escalate", 7, "d"),
        ("stock.expiring", 30, "d"), ("entry.late", 24, "h"), ("licence.expiring", 30, "d"), ("stock.opening", 90, "d"),
        ("stock.balance_tolerance", 10, "pct"), ("notrade", 7, "d"),
    ],
)  # fmt: skip
def test_what_the_platform_asks_for_is_there_for_old_papers_too(db, key, value, unit):
    rule = in_force(key, on=datetime.date(2020, 1, 1))
    assert (rule.value, rule.unit) == (value, unit)


def test_the_recall_clocks_have_the_version_of_2015_and_that_of_2026(db):
    hours = [
        [int(in_force(f"recall.L{level}.start", on=datetime.date(year, 6, 1)).value) for level in (1, 2, 3)]
        for year in (2025, 2026)
    ]
    assert hours == [[24, 48, 72], [24, 36, 48]]


def test_every_source_is_a_law_or_a_requirement_that_exists():
    known = (settings.BASE_DIR / "docs/requirements.csv").read_text("utf-8")
    for row in rows():
        law, _blank, requirement = row["source"].partition(" ")
        assert law.startswith("《") or law == "平台规则"
        assert not requirement or f"\n{requirement}," in known, row
