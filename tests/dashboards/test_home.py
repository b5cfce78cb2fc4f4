"""The start page: one light, at most three things to do, and counts that lead to as many rows."""

from __future__ import annotations

import datetime
import re

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from accounts.roles import Role
from certificates.models import Licence
from dashboards.home import TODOS_MAX
from enterprises.models import Claim, Enterprise, Proposal
from enterprises.services import appoint
from ledgers.models import Invoice
from ledgers.services import acknowledge_purchase, confirm_invoice, reverse_invoice
from tests.conftest import make_draft

HOME, FIND = reverse("home"), reverse("find")


@pytest.fixture
def trader(client, clerk):
    client.force_login(clerk)
    return client


def licence(holder, *, days: int) -> Licence:
    ends = timezone.localdate() + datetime.timedelta(days=days)
    return Licence.objects.create(
        holder=holder,
        kind_id="business",
        number=f"L{days}",
        valid_from=ends - datetime.timedelta(days=900),
        valid_until=ends,
    )


def light(client) -> str:
    return client.get(HOME).context["light"]


def todos(client) -> list[dict]:
    return client.get(HOME).context["todos"]


# The light


def test_when_nothing_waits_the_light_is_green(trader):
    assert light(trader) == "green"
    assert todos(trader) == []


def test_an_expired_licence_turns_it_red_and_leads_to_it(trader, seller):
    licence(seller, days=-3)
    assert light(trader) == "red"
    assert trader.get(todos(trader)[0]["url"]).context["page"].paginator.count == 1


def test_a_licence_that_ends_soon_turns_it_amber(trader, seller):
    licence(seller, days=10)
    assert light(trader) == "amber"
    assert trader.get(todos(trader)[0]["url"]).context["page"].paginator.count == 1


def test_a_draft_waits_to_be_confirmed(trader, draft):
    assert light(trader) == "amber"
    assert [row.pk for row in trader.get(todos(trader)[0]["url"]).context["page"]] == [draft.pk]


def test_a_customer_s_purchase_waits_for_the_seller_s_yes(trader, seller, buyer, peanuts, clerk, buyer_clerk):
    paper = confirm_invoice(make_draft(seller, buyer, peanuts, author=buyer), actor=buyer_clerk)
    assert len(todos(trader)) == 1
    assert paper in trader.get(todos(trader)[0]["url"]).context["page"]
    acknowledge_purchase(paper, actor=clerk)
    assert todos(trader) == []


def test_a_reversed_purchase_waits_no_more(trader, seller, buyer, peanuts, buyer_clerk):
    paper = confirm_invoice(make_draft(seller, buyer, peanuts, author=buyer), actor=buyer_clerk)
    reverse_invoice(paper, reason="x", actor=buyer_clerk)
    assert todos(trader) == []


def test_a_correction_waits_for_the_owner(trader, seller, buyer_clerk):
    Proposal.objects.create(enterprise=seller, author=buyer_clerk, changes={"address": "x"})
    assert len(todos(trader)) == 1


def test_at_most_three_things_stand_there_the_urgent_first(trader, seller, buyer_clerk, draft):
    licence(seller, days=10)
    licence(seller, days=-1)
    Proposal.objects.create(enterprise=seller, author=buyer_clerk, changes={"address": "x"})
    assert [todo["tone"] for todo in todos(trader)] == ["red", *["amber"] * (TODOS_MAX - 1)]


def test_what_waits_for_others_is_not_ours(client, stranger_clerk, seller, draft):
    licence(seller, days=-3)
    client.force_login(stranger_clerk)
    assert light(client) == "green"


# The counts


def test_each_count_leads_to_as_many_rows(trader, seller, buyer, peanuts, clerk, today):
    for days in (0, 6, 7):
        confirm_invoice(make_draft(seller, buyer, peanuts, day=today - datetime.timedelta(days=days)), actor=clerk)
    page = trader.get(HOME)
    assert (page.context["sales"], page.context["purchases"]) == (2, 0)
    links = [link.replace("&amp;", "&") for link in re.findall(r'<li><a href="([^"]+)"><b>', page.text)]
    counted = [trader.get(link).context["page"].paginator.count for link in links]
    assert counted == [page.context["purchases"], page.context["sales"], *(n for _, _, n in page.context["stock"])]


def test_the_last_papers_are_the_reader_s_own(trader, draft, seller, stranger, peanuts, stranger_clerk):
    make_draft(stranger, seller, peanuts)
    assert list(trader.get(HOME).context["papers"]) == [draft]


def test_the_start_page_costs_the_same_however_many_papers(trader, seller, buyer, peanuts):
    make_draft(seller, buyer, peanuts)
    costs = []
    for _more in range(2):
        with CaptureQueriesContext(connection) as queries:
            trader.get(HOME)
        costs.append(len(queries))
        for _n in range(5):
            make_draft(seller, buyer, peanuts)
    assert costs[0] == costs[1] <= 25


# Who one is


def test_an_officer_starts_with_the_own_area(client, officer):
    client.force_login(officer)
    assert client.get(HOME).url == reverse("dashboards:region")


@pytest.mark.parametrize("who", ["administrator", "laboratory"])
def test_who_has_no_books_is_told_where_to_go(client, request, who):
    client.force_login(request.getfixturevalue(who))
    page = client.get(HOME)
    assert page.status_code == 200
    assert "light" not in page.context


def test_a_newcomer_sees_what_became_of_the_claim(client, buyer, officer):
    newcomer = User.objects.create_user("newcomer", "pass")
    newcomer.groups.add(Group.objects.get(name=Role.TRADER))
    client.force_login(newcomer)
    assert reverse("enterprises:claim-add") in client.get(HOME).text
    Claim.objects.create(enterprise=buyer, evidence="x", author=newcomer)
    assert buyer.name in client.get(HOME).text


def test_one_who_works_for_two_chooses_whom_to_act_for(trader, clerk, seller, buyer):
    appoint(clerk, enterprise=buyer, keeps_books=True, manages_members=False, actor=clerk)
    trader.post(reverse("enterprises:act-for"), {"enterprise": buyer.pk})
    assert trader.get(HOME).context["acting_for"] == buyer
    trader.post(reverse("enterprises:act-for"), {"enterprise": seller.pk})
    assert trader.get(HOME).context["acting_for"] == seller


def test_whoever_is_merged_acts_for_the_survivor(trader, clerk, seller, buyer):
    Enterprise.objects.filter(pk=seller.pk).update(merged_into=buyer)
    assert trader.get(HOME).status_code == 200


# The one search box


def test_a_paper_s_number_leads_to_the_paper(trader, draft, clerk):
    paper = confirm_invoice(draft, actor=clerk)
    assert trader.get(FIND, {"q": f" {paper.number.lower()} "}).url == reverse(
        "ledgers:invoice-detail", args=[paper.pk]
    )


def test_a_stranger_s_number_leads_to_no_paper(client, stranger_clerk, draft, clerk):
    paper = confirm_invoice(draft, actor=clerk)
    client.force_login(stranger_clerk)
    assert "/ledgers/invoice/" not in client.get(FIND, {"q": paper.number}).url


def test_a_licence_number_leads_to_the_list_it_stands_on(trader, buyer):
    assert trader.get(FIND, {"q": buyer.uscc.lower()}).url.startswith(reverse("enterprises:partnership-list"))
    assert trader.get(FIND, {"q": "JY12301039091362"}).url.startswith(reverse("certificates:licence-list"))


@pytest.mark.parametrize("who", ["clerk", "officer", "administrator", "laboratory"])
@pytest.mark.parametrize("words", ["", "\0", "09520004000017", "花生", "²", "x" * 5_000])
def test_whatever_is_asked_leads_somewhere(client, request, peanuts, who, words):
    client.force_login(request.getfixturevalue(who))
    assert client.get(FIND, {"q": words}, follow=True).status_code == 200


def test_drafts_of_others_are_not_found(client, buyer_clerk, draft):
    client.force_login(buyer_clerk)
    assert Invoice.objects.exists()
    assert draft not in client.get(HOME).context["papers"]
