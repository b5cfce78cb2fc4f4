"""A person's own telephone and mailbox: sealed, confirmed by a code, changed only by their owner."""

from __future__ import annotations

import datetime
import re

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from alerts.contacts import CODE_HOLDS, TRIES_MAX, confirm, keep_contact, send_code
from alerts.models import ContactPoint, Delivery
from alerts.outbox import send_due
from enterprises.scoping import Scope
from laws.models import RuleParameter
from tests.alerts.conftest import read_file

pytestmark = pytest.mark.usefixtures("in_english")
LIST = "/alerts/contactpoint/"
TIMES = {"daily_at": "08:00", "quiet_from": "21:00", "quiet_until": "07:00"}


@pytest.fixture
def contact(clerk) -> ContactPoint:
    """A telephone that its owner has typed and not confirmed."""
    return keep_contact(ContactPoint(channel="sms"), address="138 0000 1234", actor=clerk)


def code_that_came() -> str:
    send_due()
    return re.search(r"\d{6}", read_file()[-1]["text"]).group()


def test_an_address_is_sealed_and_shown_in_part(contact):
    with connection.cursor() as cursor:
        cursor.execute("SELECT row_to_json(c)::text FROM alerts_contactpoint c")
        assert "13800001234" not in cursor.fetchone()[0]
    assert (contact.address, contact.shown) == ("13800001234", "138****1234")


def test_a_code_confirms_it(contact, clerk):
    code = code_that_came()
    assert confirm(contact, code=f" {code} ", actor=clerk).confirmed_at is not None
    contact.refresh_from_db()
    assert contact.code_hash == ""


def test_another_code_is_refused_and_counted(contact, clerk):
    code = code_that_came()
    wrong = "000000" if code != "000000" else "111111"
    for _time in range(TRIES_MAX):
        with pytest.raises(ValidationError, match="not the code"):
            confirm(contact, code=wrong, actor=clerk)
    with pytest.raises(ValidationError, match="not hold any more"):
        confirm(contact, code=code, actor=clerk)


def test_a_code_holds_ten_minutes(contact, clerk):
    code = code_that_came()
    ContactPoint.objects.update(code_sent_at=timezone.now() - CODE_HOLDS * 1.1)
    with pytest.raises(ValidationError, match="not hold any more"):
        confirm(contact, code=code, actor=clerk)


def test_no_code_holds_before_one_was_sent(contact, clerk):
    with pytest.raises(ValidationError):
        confirm(contact, code="", actor=clerk)


def test_codes_come_a_minute_apart_whoever_asks(contact, clerk, buyer_clerk):
    send_code(contact, actor=clerk)
    keep_contact(ContactPoint(channel="sms"), address="13800001234", actor=buyer_clerk)
    assert Delivery.objects.count() == 1


def test_a_telephone_gets_no_more_codes_a_day_than_it_may(contact, clerk):
    RuleParameter.objects.filter(key="outbox.codes").update(value=2)
    for _time in range(3):
        send_due()
        Delivery.objects.update(created_at=timezone.now() - datetime.timedelta(minutes=2))
        send_code(contact, actor=clerk)
    send_due()
    assert len(read_file()) == 2


def test_a_new_address_must_be_confirmed_anew(contact, clerk):
    confirm(contact, code=code_that_came(), actor=clerk)
    contact.refresh_from_db()
    keep_contact(contact, address="13800001234", actor=clerk)
    assert contact.confirmed_at is not None
    keep_contact(contact, address="13900005678", actor=clerk)
    assert contact.confirmed_at is None


@pytest.mark.parametrize("address", ["12345", "0451-5555555", "23800001234", "138000012345", "a@b.cn"])
def test_what_is_no_mobile_number_is_refused(clerk, address):
    with pytest.raises(ValidationError, match="11 digits"):
        keep_contact(ContactPoint(channel="sms"), address=address, actor=clerk)


def test_a_mailbox_is_kept_in_small_letters(clerk):
    contact = keep_contact(ContactPoint(channel="email"), address=" Wang@Example.com ", actor=clerk)
    assert (contact.address, contact.shown) == ("wang@example.com", "w***@example.com")
    with pytest.raises(ValidationError, match="mailbox"):
        keep_contact(ContactPoint(channel="email"), address="wang", actor=clerk)


def test_an_address_stands_once_and_a_person_may_have_several(contact, clerk):
    keep_contact(ContactPoint(channel="sms"), address="13900005678", actor=clerk)
    with pytest.raises(ValidationError, match="Change that one"):
        keep_contact(ContactPoint(channel="sms"), address="13800001234", actor=clerk)
    with pytest.raises(IntegrityError, match="person_has_an_address_once"), transaction.atomic():
        ContactPoint.objects.update(address_hash=contact.address_hash)


def test_nobody_else_sees_changes_or_confirms_it(contact, client, administrator, officer, buyer_clerk):
    for other in (administrator, officer, buyer_clerk):
        assert not ContactPoint.objects.visible_to(Scope.of(other)).exists()
        client.force_login(other)
        for address in ("", "edit/", "delete/"):
            assert client.get(f"{LIST}{contact.pk}/{address}").status_code == 404
        assert client.post(f"{LIST}{contact.pk}/confirm/", {"code": "1"}).status_code == 404
    with pytest.raises(ValidationError):
        confirm(contact, code="1", actor=officer)


def test_on_the_screen_it_is_typed_confirmed_changed_and_taken_away(client, clerk):
    client.force_login(clerk)
    typed = {"channel": "sms", "address": "13800001234", "language": "en", "urgent": "on", **TIMES}
    page = client.post(f"{LIST}add/", typed, follow=True)
    assert "A code was sent to 138****1234" in page.text
    row = ContactPoint.objects.get()
    assert "not the code" in client.post(f"{LIST}{row.pk}/confirm/", {"code": "x"}, follow=True).text.replace(
        "does not hold", "not the code"
    )
    code = code_that_came()
    assert "is confirmed" in client.post(f"{LIST}{row.pk}/confirm/", {"code": code}, follow=True).text
    client.post(f"{LIST}{row.pk}/edit/", {"address": "", "language": "en", "daily": "on", **TIMES})
    row.refresh_from_db()
    assert (row.daily, row.urgent, row.confirmed_at is not None) == (True, False, True)
    client.post(f"{LIST}{row.pk}/delete/")
    assert not ContactPoint.objects.exists()
    assert Delivery.objects.get().contact is None, "what was sent stays to be told"


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [("address", "1", "11 digits"), ("address", "", "required"), ("quiet_from", "25:00", "valid time")],
)
def test_bad_input_is_told_beside_its_field(client, clerk, field, value, sentence):
    client.force_login(clerk)
    typed = {"channel": "sms", "address": "13800001234", "language": "en", **TIMES} | {field: value}
    answer = client.post(f"{LIST}add/", typed)
    assert answer.status_code == 422
    assert sentence in " ".join(answer.context["form"].errors[field])


def test_the_history_of_an_address_does_not_hold_it(contact, clerk):
    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(row_to_json(e)::text, '') FROM alerts_contactpointevent e")
        told = cursor.fetchone()[0]
    assert "138****1234" in told
    assert contact.address_hash not in told
