"""What is sent outside the site: once, soon, to whom it concerns, and never lost however a sender ends."""

from __future__ import annotations

import datetime
import threading

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, connection, transaction
from django.utils import timezone, translation

from alerts import outbox
from alerts.gateways import Standing, Unavailable
from alerts.gateways.local import File
from alerts.models import Alert, AlertRule, ContactPoint, Delivery
from alerts.outbox import ask_providers, resend, send_due, write_daily
from alerts.raising import close_gone, escalate, raise_alerts
from alerts.services import acknowledge
from enterprises.scoping import Scope
from laws.models import RuleParameter
from tests.alerts.conftest import BOTH, OWN, a_fact, an_alert, reached, read_file
from tests.conftest import make_officer

pytestmark = pytest.mark.requirement("H-039")
State, Lane, Why = Delivery.State, Delivery.Lane, Delivery.Why


def at(hour: int, minute: int = 0, *, days: int = 0) -> datetime.datetime:
    """That time of day here, some days from today."""
    day = timezone.localdate() + datetime.timedelta(days=days)
    return timezone.make_aware(datetime.datetime.combine(day, datetime.time(hour, minute)))


@pytest.fixture
def urgent(db):
    """A rule whose alerts are urgent."""
    AlertRule.objects.filter(pk=OWN).update(severity=3)


@pytest.fixture
def told(seller, clerk, urgent) -> Delivery:
    """One urgent alert that waits to be sent to the clerk's telephone."""
    reached(clerk)
    raise_alerts(OWN, [a_fact(seller)], now=at(12))
    Delivery.objects.update(not_before=timezone.now())
    return Delivery.objects.get()


# Written


def test_what_is_urgent_is_written_for_every_address_of_whom_it_concerns(seller, clerk, buyer_clerk, urgent):
    reached(clerk), reached(clerk, "email"), reached(buyer_clerk)
    raise_alerts(OWN, [a_fact(seller)])
    assert sorted(Delivery.objects.values_list("recipient", "channel")) == [(clerk.pk, "email"), (clerk.pk, "sms")]


@pytest.mark.parametrize("missing", [{"confirmed_at": None}, {"urgent": False}])
def test_nothing_goes_to_an_address_that_is_not_confirmed_or_wants_nothing(seller, clerk, urgent, missing):
    reached(clerk, **missing)
    raise_alerts(OWN, [a_fact(seller)])
    assert not Delivery.objects.exists()


def test_what_is_not_urgent_waits_for_the_summary(seller, clerk):
    reached(clerk)
    raise_alerts(OWN, [a_fact(seller)])
    assert not Delivery.objects.exists()


def test_raised_twice_is_written_once_and_raised_again_is_written_again(seller, clerk, urgent):
    reached(clerk)
    for _time in range(2):
        raise_alerts(OWN, [a_fact(seller)], now=at(12))
    assert Delivery.objects.count() == 1
    close_gone(OWN, still=[], now=at(13))
    raise_alerts(OWN, [a_fact(seller)], now=at(14))
    assert Delivery.objects.count() == 2


def test_the_urgent_of_one_run_go_to_an_address_as_one_message_that_counts_them(seller, clerk, urgent):
    """A chain's office learns in one message that five of its shops hold expired goods."""
    reached(clerk)
    raise_alerts(OWN, [a_fact(seller, subject=str(number)) for number in range(5)], now=at(12))
    Delivery.objects.update(not_before=timezone.now())
    first = Delivery.objects.get().alert
    acknowledge(first, actor=clerk)
    with translation.override("en"):
        ContactPoint.objects.update(language="en")
        send_due()
    [sent] = read_file()
    assert "And 3 more like this." in sent["text"], "the one that somebody takes care of is not among them"


def test_an_alert_that_is_not_raised_leaves_nothing_to_send(seller, clerk, urgent):
    reached(clerk)
    with transaction.atomic():
        raise_alerts(OWN, [a_fact(seller)])
        transaction.set_rollback(True)
    assert not Delivery.objects.exists()


def test_officers_are_told_in_the_region_that_the_alert_has_reached(seller, officer, officer_elsewhere):
    AlertRule.objects.filter(pk=BOTH).update(severity=3, reach=6)
    city = make_officer("harbin", "2301")
    for person in (officer, officer_elsewhere, city):
        reached(person)
    raise_alerts(BOTH, [a_fact(seller)])
    assert [row.recipient for row in Delivery.objects.all()] == [officer]


@pytest.mark.requirement("H-135")
def test_recalls_and_failed_tests_go_at_once_to_every_address_at_any_hour(seller, buyer, clerk, buyer_clerk):
    AlertRule.objects.filter(pk=OWN).update(at_once=True)
    for person in (clerk, buyer_clerk):
        reached(person, urgent=False, daily=False), reached(person, "email", urgent=False, daily=False)
    raise_alerts(OWN, [a_fact(seller), a_fact(buyer, subject="2")], now=at(23, 30))
    assert set(Delivery.objects.values_list("lane", "not_before")) == {(Lane.AT_ONCE, at(23, 30))}
    assert Delivery.objects.count() == 4
    assert Alert.objects.count() == 2, "and it stands on the site"


@pytest.mark.parametrize(
    ("now", "sent"),
    [(at(20, 59), at(20, 59)), (at(21), at(7, days=1)), (at(2), at(7)), (at(7), at(7)), (at(12), at(12))],
)
def test_quiet_hours_put_off_what_can_wait(seller, clerk, urgent, now, sent):
    contact = reached(clerk)
    raise_alerts(OWN, [a_fact(seller)], now=now)
    assert Delivery.objects.get().not_before == sent == contact.quiet_ends(now)


@pytest.mark.parametrize(("now", "sent"), [(at(12, 30), at(14)), (at(11), at(11)), (at(14), at(14))])
def test_quiet_hours_may_lie_within_a_day(seller, clerk, urgent, now, sent):
    contact = reached(clerk, quiet_from=datetime.time(12), quiet_until=datetime.time(14))
    raise_alerts(OWN, [a_fact(seller)], now=now)
    assert Delivery.objects.get().not_before == sent == contact.quiet_ends(now)


# Sent


def test_what_is_due_is_sent_with_the_sentence_and_its_address(told):
    assert send_due() == 1
    told.refresh_from_db()
    [line] = read_file()
    assert (told.state, told.provider, line["uid"], line["to"]) == (State.SENT, "file", str(told.uid), "13900000001")
    assert f"/alerts/alert/{told.alert_id}/" in line["text"]
    assert ask_providers() == 1
    told.refresh_from_db()
    assert told.state == State.DELIVERED


def test_what_is_not_due_yet_waits(told):
    Delivery.objects.update(not_before=timezone.now() + datetime.timedelta(minutes=1))
    assert send_due() == 0


def test_recalls_are_sent_before_everything_else(seller, clerk, urgent):
    reached(clerk)
    raise_alerts(OWN, [a_fact(seller)], now=at(12))
    AlertRule.objects.filter(pk=OWN).update(at_once=True)
    raise_alerts(OWN, [a_fact(seller, subject="2")], now=at(12))
    Delivery.objects.update(not_before=timezone.now())
    assert send_due(most=1) == 1
    assert Delivery.objects.get(state=State.SENT).lane == Lane.AT_ONCE


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (lambda row: acknowledge(row.alert, actor=row.recipient), Why.SETTLED),
        (lambda row: close_gone(OWN, still=[]), Why.SETTLED),
        (lambda row: row.recipient.groups.clear(), Why.NOT_THEIRS),
        (lambda row: ContactPoint.objects.all().delete(), Why.NO_ADDRESS),
        (lambda row: ContactPoint.objects.update(confirmed_at=None), Why.NO_ADDRESS),
    ],
)
def test_what_nobody_needs_any_more_is_not_sent(told, spoil, why):
    spoil(told)
    send_due()
    told.refresh_from_db()
    assert (told.state, told.why) == (State.DROPPED, why)
    assert read_file() == []


def test_nothing_is_sent_while_deliveries_are_paused(told, settings):
    settings.DELIVERIES_PAUSED = True
    assert send_due() == 0


def test_a_provider_that_does_not_answer_is_tried_again_and_at_last_given_up(told, monkeypatch):
    monkeypatch.setattr(File, "send", lambda *_named: (_ for _ in ()).throw(Unavailable("busy")))
    waits = []
    for _time in range(outbox.TRIES_MAX):
        before = timezone.now()
        send_due()
        told.refresh_from_db()
        waits.append(round((told.not_before - before).total_seconds() / 60))
        Delivery.objects.update(not_before=timezone.now())
    assert waits[:5] == [1, 2, 4, 8, 16]
    assert (told.state, told.why, told.provider_said) == (State.FAILED, Why.GAVE_UP, "busy")


def test_an_address_gets_no_more_than_its_number_a_day_but_recalls(told, clerk, seller):
    RuleParameter.objects.filter(key="outbox.daily").update(value=1)
    send_due()
    raise_alerts(OWN, [a_fact(seller, subject="2")], now=at(12))
    AlertRule.objects.filter(pk=OWN).update(at_once=True)
    raise_alerts(OWN, [a_fact(seller, subject="3")], now=at(12))
    Delivery.objects.filter(state=State.PENDING).update(not_before=timezone.now())
    send_due()
    states = Delivery.objects.order_by("lane", "pk").values_list("lane", "state", "why")
    assert list(states) == [
        (Lane.AT_ONCE, "sent", ""), (Lane.URGENT, "sent", ""), (Lane.URGENT, "dropped", "enough"),
    ]  # fmt: skip


# A sender that dies


class Killed(BaseException):
    """The process ends here."""


def dies_after_sending(monkeypatch):
    """The provider has it, and the sender cannot say so any more."""
    whole = File.send

    def send(self, outgoing):
        whole(self, outgoing)
        raise Killed

    monkeypatch.setattr(File, "send", send)
    with pytest.raises(Killed):
        send_due()
    monkeypatch.setattr(File, "send", whole)


def test_killed_after_sending_and_before_noting_it_is_not_sent_twice(told, monkeypatch):
    dies_after_sending(monkeypatch)
    assert send_due() == 0, "it is held until the lease ends"
    assert send_due(now=timezone.now() + outbox.LEASE * 1.1) == 1
    told.refresh_from_db()
    assert (told.state, len(read_file())) == (State.SENT, 1)


def test_killed_before_sending_it_is_sent_later(told, monkeypatch):
    monkeypatch.setattr(File, "send", lambda *_named: (_ for _ in ()).throw(Killed()))
    with pytest.raises(Killed):
        send_due()
    monkeypatch.undo()
    send_due(now=timezone.now() + outbox.LEASE * 1.1)
    told.refresh_from_db()
    assert (told.state, len(read_file())) == (State.SENT, 1)


def test_where_the_provider_cannot_be_asked_a_person_decides(told, monkeypatch, administrator):
    dies_after_sending(monkeypatch)
    monkeypatch.setattr(File, "look_up", lambda *_named: Standing.CANNOT_SAY)
    send_due(now=timezone.now() + outbox.LEASE * 1.1)
    told.refresh_from_db()
    assert (told.state, Delivery.objects.count()) == (State.UNKNOWN, 1)
    resend(told, actor=administrator)
    send_due()
    assert [line["text"].count("再次发送") for line in read_file()] == [0, 1]


def test_a_recall_of_which_nobody_knows_goes_out_once_more_and_says_so(told, monkeypatch):
    Delivery.objects.update(lane=Lane.AT_ONCE)
    dies_after_sending(monkeypatch)
    monkeypatch.setattr(File, "look_up", lambda *_named: Standing.CANNOT_SAY)
    send_due(now=timezone.now() + outbox.LEASE * 1.1)
    assert sorted(Delivery.objects.values_list("state", flat=True)) == ["sent", "unknown"]


def test_a_sender_that_comes_back_late_does_not_overwrite(told, monkeypatch):
    whole, late = File.send, timezone.now() + outbox.LEASE * 1.1

    def slow(self, outgoing):
        monkeypatch.setattr(File, "send", whole)
        send_due(now=late)
        raise Unavailable("too late")

    monkeypatch.setattr(File, "send", slow)
    send_due()
    told.refresh_from_db()
    assert (told.state, len(read_file())) == (State.SENT, 1)


def test_many_senders_at_once_send_everything_once(real_database, seller, clerk):
    AlertRule.objects.filter(pk=OWN).update(at_once=True)
    reached(clerk)
    raise_alerts(OWN, [a_fact(seller, subject=str(number)) for number in range(30)])

    def send() -> None:
        send_due()
        connection.close()

    senders = [threading.Thread(target=send) for _number in range(4)]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    sent = [line["uid"] for line in read_file()]
    assert len(sent) == len(set(sent)) == 30
    assert set(Delivery.objects.values_list("state", flat=True)) == {State.SENT}


# By hand


def test_what_failed_is_sent_again_by_an_administrator_once(told, administrator, clerk, client):
    Delivery.objects.update(state=State.FAILED, why=Why.REFUSED)
    with pytest.raises(PermissionDenied):
        resend(told, actor=clerk)
    client.force_login(administrator)
    assert "138" not in client.get(f"/alerts/delivery/{told.pk}/").text
    client.post(f"/alerts/delivery/{told.pk}/resend/")
    assert Delivery.objects.filter(again_of=told, state=State.PENDING).count() == 1
    with pytest.raises(ValidationError):
        resend(told, actor=administrator)


@pytest.mark.parametrize("state", [State.PENDING, State.SENT, State.DELIVERED])
def test_what_is_on_its_way_is_not_sent_again(told, administrator, state):
    Delivery.objects.update(state=state)
    with pytest.raises(ValidationError, match="无需重发"):
        resend(told, actor=administrator)


@pytest.mark.parametrize(
    ("fields", "name"),
    [({"state": "sending"}, "delivery_is_held_while_it_is_sent"), ({"state": "failed"}, "delivery_says_why_it_failed")],
)
def test_the_database_refuses_half_a_state(told, fields, name):
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        Delivery.objects.update(**fields)


# Daily summaries


def test_a_summary_is_written_once_a_day_from_its_hour_on_when_something_waits(seller, clerk, buyer_clerk):
    reached(clerk), reached(buyer_clerk)
    an_alert(seller)
    assert write_daily(now=at(7, 59)) == 0
    assert write_daily(now=at(8)) == 1
    assert write_daily(now=at(15)) == 0
    assert write_daily(now=at(9, days=3)) == 1, "after a pause the last day only"


def test_a_summary_counts_what_waits_and_is_dropped_when_nothing_does(seller, clerk):
    reached(clerk)
    alert = an_alert(seller)
    write_daily(now=at(12))
    Delivery.objects.update(not_before=timezone.now())
    acknowledge(alert, actor=clerk)
    send_due()
    assert Delivery.objects.get().why == Why.SETTLED
    an_alert(seller, subject="2", due_at=timezone.now() - datetime.timedelta(hours=1))
    write_daily(now=at(12, days=1))
    Delivery.objects.filter(state=State.PENDING).update(not_before=timezone.now())
    send_due()
    assert "1" in read_file()[0]["text"]


def test_officers_get_a_summary_of_their_region(seller, officer, officer_elsewhere):
    reached(officer), reached(officer_elsewhere)
    an_alert(seller)
    assert write_daily(now=at(12)) == 1
    assert Delivery.objects.get().recipient == officer


# Passed on


def test_what_no_officer_looks_at_is_shown_to_the_next_higher_authority(seller, officer):
    AlertRule.objects.filter(pk=BOTH).update(reach=6)
    city = make_officer("harbin", "2301")
    raise_alerts(BOTH, [a_fact(seller)], now=at(1, days=-4))
    alert = Alert.objects.get(audience="officers")
    seen = Alert.objects.telling(Scope.of(city))
    assert not seen.exists()
    assert escalate() == 1
    assert seen.get() == alert
    assert escalate() == 0, "each step takes as long again, and there is none above the city"
    raise_alerts(BOTH, [a_fact(seller, facts={**alert.facts, "quantity": "4"})])
    assert seen.exists(), "it stays there while the cause lasts"


def test_what_somebody_has_seen_is_not_passed_on(seller, officer):
    AlertRule.objects.filter(pk=BOTH).update(reach=6)
    raise_alerts(BOTH, [a_fact(seller)], now=at(1, days=-4))
    acknowledge(Alert.objects.get(audience="officers"), actor=officer)
    assert escalate() == 0
