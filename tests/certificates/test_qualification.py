"""The concentrated check of qualifications: whose food licence is in order, and one message to all others."""

from __future__ import annotations

import datetime

import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from alerts.models import Conversation
from alerts.recipients import Choice
from certificates.models import Licence
from certificates.qualification import STATES, counts, in_state, standings, to_check
from enterprises.models import Enterprise
from enterprises.scoping import Scope

pytestmark = pytest.mark.requirement("H-006")
LIST, WRITE = reverse("certificates:qualification-list"), reverse("alerts:message-add")
DAY = datetime.timedelta(days=1)


def licence(holder, until, **fields) -> Licence:
    facts = {"kind_id": "food_business", "number": f"JY{holder.pk:014}", "uploaded_for": holder, "state": "verified"}
    return Licence.objects.create(holder=holder, valid_from=until - 1000 * DAY, valid_until=until, **facts | fields)


@pytest.fixture
def shops(seller, buyer, stranger, today):
    """One in order, one whose licence has ended, one without; all in the officer's district but the last."""
    licence(seller, today + 200 * DAY)
    licence(buyer, today - DAY)
    return seller, buyer, stranger


@pytest.mark.parametrize(
    ("days", "state"), [(-1, "expired"), (0, "expiring"), (29, "expiring"), (30, "have"), (400, "have")]
)
def test_a_licence_stands_as_its_last_day_says_in_the_list_and_on_the_row(seller, today, days, state):
    licence(seller, today + days * DAY)
    assert standings([seller])[seller.pk].state == state
    rows = Enterprise.objects.filter(pk=seller.pk)
    assert [name for name in STATES if in_state(rows, name).exists()] == [state]


@pytest.mark.parametrize("fields", [{"kind_id": "business"}, {"state": "withdrawn"}])
def test_another_paper_or_one_that_was_taken_back_is_none(seller, today, fields):
    ended = {"ended_at": datetime.datetime.now(datetime.UTC)} if "state" in fields else {}
    licence(seller, today + 400 * DAY, **fields, **ended)
    assert standings([seller])[seller.pk].state == "missing"
    assert counts(Enterprise.objects.filter(pk=seller.pk)) == {"have": 0, "expiring": 0, "expired": 0, "missing": 1}


def test_a_headquarters_licence_serves_its_places(seller, buyer, today):
    licence(seller, today + 400 * DAY)
    Enterprise.objects.filter(pk=buyer.pk).update(headquarters=seller)
    buyer.refresh_from_db()
    assert standings([buyer])[buyer.pk].state == "have"
    assert in_state(Enterprise.objects.filter(pk=buyer.pk), "have").exists()


def test_the_new_licence_counts_and_not_the_old_one_beside_it(seller, today):
    licence(seller, today - DAY), licence(seller, today + 400 * DAY, number="JY12301030000999")
    assert standings([seller])[seller.pk].state == "have"
    assert not in_state(Enterprise.objects.filter(pk=seller.pk), "expired").exists()


def test_whoever_needs_no_food_licence_is_not_checked(seller, buyer, stranger):
    Enterprise.objects.filter(pk=seller.pk).update(roles=["LABORATORY"])
    Enterprise.objects.filter(pk=buyer.pk).update(status="closed")
    assert list(to_check(Enterprise.objects.filter(pk__in=[seller.pk, buyer.pk, stranger.pk]))) == [stranger]


def test_an_officer_sees_the_figures_of_the_area_and_each_leads_to_its_rows(client, officer, shops):
    client.force_login(officer)
    page = client.get(LIST)
    figures = {query: number for _words, number, query, _tone in page.context["figures"]}
    assert sum(figures.values()) == page.context["page"].paginator.count
    for query, number in figures.items():
        assert client.get(f"{LIST}?{query}").context["page"].paginator.count == number


def test_all_of_those_whose_licence_has_ended_are_written_to_at_once(client, officer, shops):
    _seller, buyer, _stranger = shops
    client.force_login(officer)
    address = client.get(f"{LIST}?state=expired").context["write_to"]
    form = client.get(address).context["form"]
    typed = {**form.initial, "subject": "证照集中检查", "words": "请尽快换证。", "only": form.initial["only"]}
    typed.pop("region")
    response = client.post(WRITE, typed)
    assert response.status_code == 302, response.context["form"].errors
    assert [row.enterprise for row in Conversation.objects.all()] == [buyer]
    assert not mail.outbox


def test_who_has_renewed_meanwhile_is_not_written_to(officer, shops, today):
    _seller, buyer, _stranger = shops
    licence(buyer, today + 400 * DAY, number="JY12301030000999")
    assert not Choice(only="licence_expired").of(Scope.of(officer)).exists()


def test_a_region_that_a_message_cannot_name_is_not_widened(client, officer, shops):
    client.force_login(officer)
    assert client.get(f"{LIST}?state=expired&region=230103").context["write_to"]
    assert not client.get(f"{LIST}?state=expired&region=23010").context["write_to"]
    assert not client.get(f"{LIST}?region=230103").context["write_to"], "nothing was chosen"


def test_an_enterprise_has_no_such_list(client, clerk):
    client.force_login(clerk)
    assert client.get(LIST).status_code == 403


def test_the_list_takes_as_many_statements_however_many_rows(client, officer, seller, today):
    client.force_login(officer)
    client.get(LIST)
    with CaptureQueriesContext(connection) as few:
        client.get(LIST)
    for number in range(12):
        copy = Enterprise.objects.create(
            name=f"示例店{number}", uscc="", legacy_number=f"9{number:014}", roles=["RETAILER"], status="active",
            region_id=seller.region_id,
        )  # fmt: skip
        licence(copy, today + number * DAY)
    with CaptureQueriesContext(connection) as many:
        page = client.get(LIST)
    assert page.context["page"].paginator.count >= 12
    assert len(many) == len(few)
