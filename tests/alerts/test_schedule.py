"""When rules run: each once a period, by whoever comes first, and what a run leaves."""

from __future__ import annotations

import datetime
import threading

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.urls import reverse
from django.utils import timezone

from alerts import raising
from alerts.models import AlertRule, RuleRun
from alerts.raising import forget_runs, run_due
from alerts.reference import load_alert_rules
from alerts.rules import watches

MINUTE = datetime.timedelta(minutes=1)


def at(text: str) -> datetime.datetime:
    return timezone.make_aware(datetime.datetime.fromisoformat(text))


def test_a_rule_runs_once_a_period(db):
    now = at("2026-11-05 09:02")
    first = run_due(now=now)
    assert set(first) == set(watches)
    assert run_due(now=now + 2 * MINUTE) == {}
    often = set(AlertRule.objects.filter(rhythm="often").values_list("key", flat=True))
    assert set(run_due(now=now + 3 * MINUTE)) == often


@pytest.mark.parametrize(
    ("now", "period"),
    [("2026-11-05 09:02", "2026-11-05 00:10"), ("2026-11-05 00:09", "2026-11-04 00:10"),
     ("2026-11-07 23:59", "2026-11-07 00:10")],
)  # fmt: skip
def test_the_night_s_run_is_that_of_the_last_night(db, now, period):
    assert AlertRule.objects.get(key="NO_TRADE").period_of(at(now)) == at(period)


@pytest.mark.requirement("H-025")
def test_after_two_days_of_silence_each_runs_once(db):
    run_due(now=at("2026-11-05 09:00"))
    RuleRun.objects.all().delete()
    found = run_due(now=at("2026-11-07 09:00"))
    assert set(found) == set(watches)
    assert RuleRun.objects.count() == len(watches)


def test_what_was_killed_is_begun_again_and_what_runs_is_left_alone(db):
    now = at("2026-11-05 09:00")
    run_due(now=now)
    RuleRun.objects.filter(rule="NO_TRADE").update(finished_at=None, started_at=now)
    assert "NO_TRADE" not in run_due(now=now + 9 * MINUTE)
    assert "NO_TRADE" in run_due(now=now + 11 * MINUTE)


def test_one_that_fails_is_noted_and_leaves_the_others_alone(db, monkeypatch):
    def broken(look):
        raise RuntimeError("no luck")

    watch = watches["OVERSALE"]
    monkeypatch.setitem(watches, "OVERSALE", type(watch)(watch.key, watch.title, watch.sentence, watch.button, broken))
    found = run_due(now=at("2026-11-05 09:00"))
    assert set(found) == set(watches) - {"OVERSALE"}
    run = RuleRun.objects.get(rule="OVERSALE")
    assert (run.state, run.error) == ("failed", "RuntimeError: no luck")


def test_three_beats_at_once_run_each_rule_once(real_database):
    now, ran = at("2026-11-05 09:00"), []

    def beat():
        try:
            ran.extend(run_due(now=now))
        finally:
            connection.close()

    threads = [threading.Thread(target=beat) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(ran) == sorted(watches)


def test_one_that_is_switched_off_does_not_run(db):
    AlertRule.objects.filter(key="NO_TRADE").update(is_on=False)
    assert "NO_TRADE" not in run_due(now=at("2026-11-05 09:00"))


def test_old_runs_are_forgotten(db):
    run_due(now=at("2026-11-05 09:00"))
    assert forget_runs(now=at("2026-12-01 09:00")) == 0
    assert forget_runs(now=at("2026-12-10 09:00")) == len(watches)


@pytest.mark.parametrize("every", [0, 1441])
def test_a_rule_runs_every_day_at_least(db, every):
    rule = AlertRule.objects.get(key="NO_TRADE")
    rule.every = every
    with pytest.raises(ValidationError):
        rule.full_clean()
    with pytest.raises(IntegrityError), transaction.atomic():
        rule.save()


def test_an_administrator_sees_and_sets_the_schedule(client, administrator):
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    client.force_login(administrator)
    run_due(now=timezone.now())
    assert "every 5 minutes" in client.get(reverse("alerts:rule-list")).text
    edit = reverse("alerts:rule-edit", args=["OVERSALE"])
    typed = {"is_on": "on", "severity": "3", "rhythm": "often", "every": "30", "at": "00:10"}
    assert client.post(edit, typed).status_code == 302
    load_alert_rules()
    assert AlertRule.objects.get(key="OVERSALE").every == 30
    page = client.get(reverse("alerts:rule-detail", args=["OVERSALE"])).text
    assert "every 30 minutes" in page
    assert "Done" in page


def test_officers_do_not_set_it(client, officer):
    client.force_login(officer)
    assert client.get(reverse("alerts:rule-edit", args=["OVERSALE"])).status_code == 403


def test_the_number_of_statements_is_that_of_the_rules(db, django_assert_max_num_queries):
    assert raising.STALE_MINUTES
    with django_assert_max_num_queries(14 * len(watches)):
        run_due(now=at("2026-11-05 09:00"))
