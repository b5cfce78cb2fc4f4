"""Health certificates: whose they are, that their numbers are sealed, and that who reads one says why."""

from __future__ import annotations

import datetime

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, connection, transaction
from django.urls import reverse

from accounts.models import AccessRecord
from accounts.sealing import seal, unseal
from alerts.models import Alert
from alerts.raising import run_rules
from certificates.health import keep, read_identity
from certificates.models import HealthCertificate, IdentityReading
from enterprises.scoping import Scope
from laws.models import RuleParameter

NUMBER = "11010519491231002X"
ADD = reverse("certificates:healthcertificate-add")
DAY = datetime.timedelta(days=1)


@pytest.fixture
def row(seller, clerk, today) -> HealthCertificate:
    health = HealthCertificate(
        enterprise=seller, person="王示例", job="厨师", number="JK-1", issued_on=today - 30 * DAY,
        valid_until=today + 300 * DAY,
    )  # fmt: skip
    return keep(health, identity=NUMBER, pages=[], actor=clerk)


def reveal(client, row, reason="体检核对"):
    return client.post(reverse("certificates:healthcertificate-reveal", args=[row.pk]), {"reason": reason})


def test_the_number_is_nowhere_in_the_database(row):
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT count(*) FROM "{table}" t WHERE t::text LIKE %s', [f"%{NUMBER[:14]}%"])
            assert cursor.fetchone() == (0,), table


def test_a_clerk_enters_it_and_sees_four_signs(client, clerk, photo, today):
    client.force_login(clerk)
    typed = {"person": "李示例", "identity": NUMBER.lower(), "number": "JK-2", "issued_on": str(today),
             "pages": [photo()]}  # fmt: skip
    assert client.post(ADD, typed).status_code == 302
    health = HealthCertificate.objects.get()
    assert health.valid_until == today.replace(year=today.year + 1)
    for address in (reverse("certificates:healthcertificate-list"),
                    reverse("certificates:healthcertificate-detail", args=[health.pk])):  # fmt: skip
        page = client.get(address).text
        assert "002X" in page
        assert NUMBER not in page
    exported = client.get(reverse("certificates:healthcertificate-export"), {"format": "csv"})
    assert NUMBER not in b"".join(exported.streaming_content).decode()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"identity": "110105194912310021"}, "identity"), ({"identity": ""}, "identity"),
        ({"issued_on": "2999-01-01"}, "issued_on"), ({"valid_until": "2026-01-01"}, "valid_until"),
        ({"valid_until": "2028-01-02"}, "valid_until"), ({"person": ""}, "person"),
    ],
)  # fmt: skip
def test_bad_input_is_told_and_the_number_is_not_repeated_in_the_log(client, clerk, caplog, changes, field):
    client.force_login(clerk)
    typed = {"person": "李示例", "identity": NUMBER, "number": "JK-2", "issued_on": "2026-02-01"} | changes
    page = client.post(ADD, typed)
    assert page.status_code == 422
    assert field in page.context["form"].errors or page.context["form"].non_field_errors()
    assert NUMBER not in caplog.text


def test_a_reading_needs_a_reason_and_leaves_its_trace(client, clerk, row):
    client.force_login(clerk)
    refused = reveal(client, row, reason=" ")
    assert refused.status_code == 422
    assert NUMBER not in refused.text
    shown = reveal(client, row)
    assert NUMBER in shown.text
    assert "no-store" in shown["Cache-Control"]
    assert IdentityReading.objects.get().reader == clerk
    assert AccessRecord.objects.filter(action="identity number read", user=clerk).count() == 1


def test_so_many_are_read_a_day(row, clerk):
    RuleParameter.objects.filter(key="reveal.daily").update(value=2)
    for _ in range(2):
        assert read_identity(row, reason="x", actor=clerk) == NUMBER
    with pytest.raises(ValidationError, match="24 hours"):
        read_identity(row, reason="x", actor=clerk)


def test_partners_and_strangers_see_nothing(client, row, buyer_clerk, stranger_clerk, laboratory, officer):
    seen = {user: HealthCertificate.objects.visible_to(Scope.of(user)).exists()
            for user in (buyer_clerk, stranger_clerk, officer)}  # fmt: skip
    assert seen == {buyer_clerk: False, stranger_clerk: False, officer: True}
    client.force_login(stranger_clerk)
    assert reveal(client, row).status_code == 404
    with pytest.raises(PermissionDenied):
        read_identity(row, reason="x", actor=laboratory)


def test_an_edit_without_the_number_keeps_it(client, clerk, row, today):
    client.force_login(clerk)
    typed = {"person": "王示例", "identity": "", "number": "JK-9", "issued_on": str(row.issued_on)}
    assert client.post(reverse("certificates:healthcertificate-edit", args=[row.pk]), typed).status_code == 302
    row.refresh_from_db()
    assert (row.number, unseal(row.identity_sealed)) == ("JK-9", NUMBER)


def test_two_seals_of_one_number_differ_and_both_open():
    assert seal(NUMBER) != seal(NUMBER)
    assert unseal(seal(NUMBER)) == NUMBER


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE certificates_identityreading SET reason = 'x'", "DELETE FROM certificates_identityreading",
        "INSERT INTO certificates_identityreading (certificate_id, reader_id, reason, read_at) "
        "SELECT c.id, u.id, '', now() FROM certificates_healthcertificate c, accounts_user u",
        "UPDATE certificates_healthcertificate SET valid_until = issued_on",
    ],
)  # fmt: skip
def test_the_database_keeps_who_has_read(row, clerk, statement):
    read_identity(row, reason="x", actor=clerk)
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.parametrize(("left", "period"), [(31, None), (29, "soon"), (0, "soon"), (-1, "ended")])
def test_the_enterprise_is_told_before_one_ends(row, seller, today, left, period):
    HealthCertificate.objects.update(valid_until=today + left * DAY)
    run_rules()
    told = Alert.objects.open().filter(rule="HEALTH_EXPIRY", enterprise=seller).values_list("period", flat=True)
    assert list(told) == ([period] if period else [])


def test_a_new_one_or_leaving_ends_it(row, seller, clerk, today):
    HealthCertificate.objects.update(valid_until=today + DAY)
    run_rules()
    again = HealthCertificate(enterprise=seller, person="王示例", number="JK-2", issued_on=today,
                              valid_until=today + 365 * DAY)  # fmt: skip
    keep(again, identity=NUMBER, pages=[], actor=clerk)
    run_rules()
    assert not Alert.objects.open().filter(rule="HEALTH_EXPIRY").exists()
