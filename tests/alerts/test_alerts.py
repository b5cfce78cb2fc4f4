"""How alerts begin and end: once for a cause, again when it comes back, by its going or by a person."""

from __future__ import annotations

import datetime
import threading

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.utils import timezone
from guardian.shortcuts import remove_perm

from alerts.models import Alert, AlertNote, AlertRule
from alerts.raising import close_gone, raise_alerts, run_rules
from alerts.reference import load_alert_rules
from alerts.rules import watches
from alerts.services import acknowledge, assign, close, comment, dismiss
from enterprises.scoping import Scope
from laws.models import RuleParameter
from tests.alerts.conftest import BOTH, OWN, a_fact
from tests.conftest import make_clerk, make_officer

HOUR = datetime.timedelta(hours=1)


def later(hours=1):
    return timezone.now() + hours * HOUR


def seen_by(user) -> list[Alert]:
    return list(Alert.objects.visible_to(Scope.of(user)))


# Rules


def test_every_rule_in_code_has_its_row_and_every_row_its_code(db):
    assert set(AlertRule.objects.values_list("key", flat=True)) == set(watches)


def test_every_rule_goes_by_numbers_that_exist(db):
    numbers = {key for rule in AlertRule.objects.all() for key in (rule.limit, rule.keep) if key}
    assert numbers <= set(RuleParameter.objects.values_list("key", flat=True))


def test_the_rules_can_be_loaded_again(db):
    AlertRule.objects.filter(key=BOTH).update(severity=1, audience="officers")
    assert load_alert_rules() == {"alert_rules": len(watches)}
    rule = AlertRule.objects.get(key=BOTH)
    assert (rule.audience, rule.severity) == ("both", 1), "what an administrator has set stays"


def test_a_rule_that_fails_leaves_the_others_alone(db, monkeypatch, caplog, seller):
    broken = watches[BOTH].__class__(BOTH, "x", "x", "x", lambda look: 1 / 0)
    monkeypatch.setitem(watches, BOTH, broken)
    assert set(run_rules()) == set(watches) - {BOTH}
    assert BOTH in caplog.text


# Raised once


def test_raised_twice_is_one_alert_for_each_audience(seller):
    assert raise_alerts(BOTH, [a_fact(seller)]) == 2
    assert raise_alerts(BOTH, [a_fact(seller), a_fact(seller)]) == 0
    assert sorted(Alert.objects.values_list("audience", flat=True)) == ["enterprise", "officers"]


def test_another_period_is_another_alert(seller):
    assert raise_alerts(OWN, [a_fact(seller, period="a"), a_fact(seller, period="b")]) == 2


def test_the_database_refuses_a_second_one(alert):
    alert.pk = None
    with pytest.raises(IntegrityError, match="alert_is_raised_once"), transaction.atomic():
        alert.save(force_insert=True)


def test_an_open_alert_tells_how_things_stand_now(alert, seller):
    raise_alerts(BOTH, [a_fact(seller, facts={"goods": "示例花生", "lot": "PN-1", "quantity": "9"})])
    alert.refresh_from_db()
    assert "9" in alert.sentence


def test_a_rule_nobody_loaded_raises_nothing(seller):
    assert raise_alerts("NO_SUCH_RULE", [a_fact(seller)]) == 0


def test_two_who_raise_the_same_at_once_raise_it_once_and_wait_in_one_order(real_database, request):
    seller = request.getfixturevalue("seller")
    facts, raised = [a_fact(seller, subject=str(number)) for number in range(300)], []

    def run(order):
        try:
            raised.append(raise_alerts(OWN, order))
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[order]) for order in (facts, facts[::-1]) * 2]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(raised) == Alert.objects.count() == 300
    assert len(raised) == 4


# Closed by its cause


def test_it_closes_when_its_cause_is_gone(alert):
    assert close_gone(BOTH, still=[]) == 2
    alert.refresh_from_db()
    assert (alert.outcome, alert.closed_by, alert.is_open) == ("gone", None, False)
    assert close_gone(BOTH, still=[]) == 0


def test_it_stays_while_its_cause_lasts(alert):
    assert close_gone(BOTH, still=[("1", "")]) == 0
    assert close_gone(BOTH, still=[("1", "b")], only=["2"]) == 0
    assert close_gone(OWN, still=[]) == 0


def test_what_is_over_by_time_has_expired(seller):
    raise_alerts(OWN, [a_fact(seller, lapses_at=later(1))])
    close_gone(OWN, still=[], now=later(2))
    assert Alert.objects.get().outcome == "expired"


def test_a_cause_that_comes_back_raises_it_again(alert, seller, clerk):
    acknowledge(alert, actor=clerk)
    close_gone(BOTH, still=[])
    assert raise_alerts(BOTH, [a_fact(seller)]) == 2
    alert.refresh_from_db()
    assert (alert.state, alert.acknowledged_by) == ("waiting", None)
    assert list(alert.notes.values_list("kind", flat=True)) == ["acknowledged", "gone", "raised"]


def test_what_was_dismissed_stays_so_while_the_cause_lasts_and_comes_back_after_it(alert, seller, clerk):
    dismiss(alert, reason="盘点在途", actor=clerk)
    assert raise_alerts(BOTH, [a_fact(seller)]) == 0
    close_gone(BOTH, still=[])
    alert.refresh_from_db()
    assert alert.outcome == "dismissed"
    assert raise_alerts(BOTH, [a_fact(seller)]) == 2


# Who sees it


def test_each_audience_sees_its_own(alert, officers_alert, clerk, officer, officer_elsewhere, stranger_clerk):
    assert seen_by(clerk) == [alert]
    assert seen_by(officer) == [officers_alert]
    assert seen_by(officer_elsewhere) == seen_by(stranger_clerk) == []


def test_the_sentence_is_made_for_its_reader(alert, settings):
    assert "%" not in alert.sentence
    assert "示例花生" in str(alert)
    assert alert.url == "/ledgers/stock/?state=oversold"


def test_a_link_to_a_page_that_is_no_more_is_none(alert):
    alert.link = {"name": "ledgers:gone"}
    assert alert.url == ""


# What people do


def test_seen_is_no_longer_waiting_and_the_first_who_saw_it_is_kept(alert, seller, clerk):
    acknowledge(alert, actor=clerk)
    assert not Alert.objects.waiting().filter(pk=alert.pk).exists()
    assert acknowledge(alert, actor=make_clerk("second", seller)).acknowledged_by == clerk


def test_a_person_closes_it_with_a_note(alert, clerk):
    with pytest.raises(ValidationError):
        close(alert, note="  ", actor=clerk)
    assert close(alert, note="已补录进货单", actor=clerk).outcome == "done"
    note = alert.notes.get()
    assert (note.kind, note.author, note.words) == ("done", clerk, "已补录进货单")


def test_what_is_closed_is_only_remarked_on(alert, clerk):
    dismiss(alert, reason="x", actor=clerk)
    for act in (
        lambda: acknowledge(alert, actor=clerk),
        lambda: assign(alert, to=clerk, actor=clerk),
        lambda: close(alert, note="x", actor=clerk),
        lambda: dismiss(alert, reason="x", actor=clerk),
    ):
        with pytest.raises(ValidationError):
            act()
    assert comment(alert, words="x", actor=clerk).alert == alert


@pytest.mark.parametrize("who", ["stranger_clerk", "buyer_clerk", "officer", "administrator", "laboratory"])
def test_nobody_else_handles_an_enterprise_s_alert(alert, request, who):
    actor = request.getfixturevalue(who)
    for act in (
        lambda: acknowledge(alert, actor=actor),
        lambda: assign(alert, to=actor, actor=actor),
        lambda: comment(alert, words="x", actor=actor),
        lambda: close(alert, note="x", actor=actor),
        lambda: dismiss(alert, reason="x", actor=actor),
    ):
        with pytest.raises(PermissionDenied):
            act()


def test_who_does_not_keep_the_books_does_not_handle_it(alert, seller, clerk):
    remove_perm("enterprises.keep_books", clerk, seller)
    with pytest.raises(PermissionDenied):
        acknowledge(alert, actor=clerk)


def test_an_officer_of_the_region_handles_what_officers_are_told(officers_alert, officer, officer_elsewhere, clerk):
    for stranger in (officer_elsewhere, clerk):
        with pytest.raises(PermissionDenied):
            dismiss(officers_alert, reason="x", actor=stranger)
    assert dismiss(officers_alert, reason="已核实", actor=officer).closed_by == officer


def test_it_is_given_to_somebody_who_may_take_care_of_it(officers_alert, officer, officer_elsewhere):
    colleague = make_officer("second", "230103001")
    with pytest.raises(ValidationError):
        assign(officers_alert, to=officer_elsewhere, actor=officer)
    with pytest.raises(ValidationError):
        assign(officers_alert, to=colleague, actor=officer)  # answers for a street that is not the seller's
    assert assign(officers_alert, to=officer, actor=officer).assigned_to == officer


# What the database refuses


@pytest.mark.parametrize(
    "wrong",
    [
        {"outcome": "done"},
        {"closed_at": "2026-01-05T00:00Z", "outcome": "dismissed"},
        {"closed_at": "2026-01-05T00:00Z", "outcome": "gone"},
        {"gone_at": "2026-01-05T00:00Z"},
    ],
)
def test_an_alert_is_closed_in_one_way(alert, wrong):
    with pytest.raises(IntegrityError, match="alert_is_closed_in_one_way"), transaction.atomic():
        Alert.objects.filter(pk=alert.pk).update(**wrong)


def test_an_alert_is_seen_by_somebody(alert):
    with pytest.raises(IntegrityError, match="alert_is_seen_by_somebody"), transaction.atomic():
        Alert.objects.filter(pk=alert.pk).update(acknowledged_at=timezone.now())


def test_notes_are_only_added(alert, clerk):
    note = comment(alert, words="x", actor=clerk)
    for act in (lambda: AlertNote.objects.update(words="y"), note.delete, alert.delete):
        with pytest.raises((DatabaseError, IntegrityError)), transaction.atomic():
            act()
