"""The alert board: exact for the region that is asked for, and each figure leads to as many rows."""

from __future__ import annotations

import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from alerts.models import Alert, AlertRule
from alerts.raising import close_gone, raise_alerts
from alerts.services import acknowledge, close
from dashboards.alert_board import WEEKS, alert_board
from tests.alerts.conftest import BOTH, a_fact
from tests.conftest import make_officer

BOARD, LIST = reverse("dashboards:alerts"), reverse("alerts:alert-list")


@pytest.fixture
def raised(seller, officer):
    """Told the officers of the district: two open, one of them overdue, one seen; one closed after two hours, one that
    went; and one that ended before the weeks of the board began."""
    now = timezone.now()
    begun = now - datetime.timedelta(hours=2)
    late = a_fact(seller, subject="late", due_at=now - datetime.timedelta(minutes=5))
    raise_alerts(BOTH, [late, *(a_fact(seller, subject=name) for name in ("seen", "done", "gone"))], now=begun)
    told = {row.subject: row for row in Alert.objects.filter(audience="officers")}
    acknowledge(told["seen"], actor=officer)
    close(told["done"], note="核对无误", actor=officer)
    Alert.objects.filter(pk=told["done"].pk).update(closed_at=now)
    close_gone(BOTH, still=[(name, "") for name in ("late", "seen", "done")], now=now)
    long_ago = now - datetime.timedelta(weeks=WEEKS + 1)
    raise_alerts(BOTH, [a_fact(seller, subject="old")], now=long_ago)
    close_gone(BOTH, still=[(name, "") for name in ("late", "seen", "done")], now=long_ago)
    return now


def test_the_figures_are_exact(raised):
    [row] = alert_board("230103").rules
    assert (row.rule.pk, row.open, row.unseen, row.overdue, row.raised, row.closed) == (BOTH, 2, 1, 1, 4, 2)
    assert row.hours == pytest.approx(2, abs=0.1)


def test_the_weeks_end_with_this_one_and_add_up(raised):
    weeks = alert_board("230103").weeks
    today = timezone.localdate()
    assert [week.begins for week in weeks] == [
        today - datetime.timedelta(days=today.weekday(), weeks=n) for n in reversed(range(WEEKS))
    ]
    assert (sum(week.raised for week in weeks), sum(week.closed for week in weeks)) == (4, 2)


def test_nothing_of_another_region_is_counted(raised):
    elsewhere = alert_board("4502")
    assert (elsewhere.rules, elsewhere.areas, set(elsewhere.totals.values())) == ([], [], {0})


def test_the_areas_below_say_who_is_behind(raised):
    [area] = alert_board("2301").areas
    assert (area.region.code, area.open, area.overdue) == ("230103", 2, 1)


@pytest.mark.parametrize("figure", [("open", "open"), ("waiting", "unseen"), ("overdue", "overdue")])
def test_each_figure_leads_to_as_many_rows_also_above_the_region_that_is_told(client, raised, figure):
    AlertRule.objects.update(reach=6)
    Alert.objects.filter(audience="officers").update(reach=6)
    client.force_login(make_officer("harbin", "2301"))
    state, name = figure
    address = f"{LIST}?whose=area&region=2301&state={state}"
    page = client.get(BOARD)
    assert address.replace("&", "&amp;") in page.text
    assert len(client.get(address).context["page"].object_list) == page.context["board"].totals[name]
    assert not client.get(LIST).context["page"].object_list, "the city itself is asked to do nothing"


def test_another_region_is_not_to_be_looked_at(client, officer, raised):
    client.force_login(officer)
    assert client.get(BOARD, {"region": "4502"}).status_code == 404
    assert client.get(BOARD, {"region": "2301"}).status_code == 404
    assert client.get(BOARD, {"region": "230103"}).status_code == 200


def test_an_enterprise_has_no_board(client, clerk):
    client.force_login(clerk)
    assert client.get(BOARD).status_code == 404


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_the_board_is_taken_away_as_a_file(client, officer, raised, kind):
    client.force_login(officer)
    response = client.get(BOARD, {"format": kind})
    assert f"alerts-230103.{kind}" in response["Content-Disposition"]
    if kind == "csv":
        lines = response.getvalue().decode("utf-8-sig").splitlines()
        assert lines[1].split(",")[1:] == ["2", "1", "1", "4", "2", "2.0"]


def test_the_board_takes_as_many_statements_however_much_was_raised(client, officer, seller, raised):
    client.force_login(officer)
    client.get(BOARD)
    with CaptureQueriesContext(
        connection,
    ) as few:
        client.get(BOARD)
    raise_alerts(BOTH, [a_fact(seller, subject=str(number)) for number in range(20)])
    with CaptureQueriesContext(connection) as many:
        client.get(BOARD)
    assert len(many) == len(few)
