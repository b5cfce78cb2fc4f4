"""The dashboard's figures are exact, and every number's link leads to as many rows."""

from __future__ import annotations

import datetime

import pytest
from django.urls import reverse

from certificates.models import Licence
from dashboards.queries import overview
from enterprises.models import Enterprise
from ledgers.models import EnterpriseDay, TradeDelta
from ledgers.services import confirm_invoice, fold_trade_deltas, reverse_invoice
from tests.conftest import make_draft

LINKS = {
    "enterprises": "enterprises:enterprise-list", "purchase_lines": "ledgers:purchases-list",
    "sale_lines": "ledgers:sales-list", "active": "enterprises:enterprise-list",
    "silent": "enterprises:enterprise-list",
}  # fmt: skip


@pytest.fixture
def trade(seller, buyer, stranger, peanuts, clerk, buyer_clerk, today):
    """Two sales inside the district, one out of it, one reversed, over a few days."""
    for days, party in ((0, buyer), (3, stranger), (9, buyer)):
        confirm_invoice(make_draft(seller, party, peanuts, day=today - datetime.timedelta(days=days)), actor=clerk)
    reverse_invoice(confirm_invoice(make_draft(seller, buyer, peanuts), actor=clerk), reason="x", actor=clerk)


def figures(region="230103"):
    found = overview(region)
    return (found.purchase_lines, found.sale_lines, found.active, found.enterprises)


def test_the_figures_are_exact_before_and_after_folding(trade):
    assert figures() == (4, 5, 2, 2)
    fold_trade_deltas()
    assert not TradeDelta.objects.exists()
    assert figures() == (4, 5, 2, 2)
    assert figures("4502") == (1, 0, 1, 1)


def test_a_chart_has_every_day_also_the_silent_ones(trade):
    days = overview("230103", days=7).days
    assert [day.purchase_lines for day in days] == [0, 0, 0, 0, 0, 0, 3]
    assert [day.sale_lines for day in days] == [0, 0, 0, 1, 0, 0, 3]


def test_folding_twice_counts_once(trade):
    fold_trade_deltas()
    before = list(EnterpriseDay.objects.values_list("enterprise", "day", "sale_lines").order_by("pk"))
    assert fold_trade_deltas() == 0
    assert list(EnterpriseDay.objects.values_list("enterprise", "day", "sale_lines").order_by("pk")) == before


def test_last_trade_is_the_latest_day_whatever_the_order(seller, buyer, peanuts, clerk, today):
    for days in (2, 20):
        confirm_invoice(make_draft(seller, buyer, peanuts, day=today - datetime.timedelta(days=days)), actor=clerk)
        fold_trade_deltas()
    seller.refresh_from_db()
    assert (today - seller.last_trade_at.astimezone(datetime.timezone(datetime.timedelta(hours=8))).date()).days == 2


def test_the_silent_are_those_without_trade_for_seven_days(trade, seller, buyer):
    fold_trade_deltas()
    assert overview("230103").silent == 0
    Enterprise.objects.filter(pk=buyer.pk).update(last_trade_at=None)
    assert overview("230103").silent == 1


@pytest.mark.parametrize("figure", LINKS)
def test_each_number_leads_to_as_many_rows(client, officer, trade, figure):
    fold_trade_deltas()
    client.force_login(officer)
    page = client.get(reverse("dashboards:region"))
    number = getattr(page.context["figures"], figure)
    links = [
        part.split('"')[0].replace("&amp;", "&")
        for part in page.text.split('<ul class="tiles">')[1].split('href="')[1:]
    ]
    link = links[list(LINKS).index(figure)]
    assert link.startswith(reverse(LINKS[figure]))
    assert client.get(link).context["page"].paginator.count == number


def test_an_officer_sees_no_other_area(client, officer):
    client.force_login(officer)
    for code in ("4502", "2301", "23", "nonsense"):
        assert client.get(reverse("dashboards:region"), {"region": code}).status_code == 404


@pytest.mark.requirement("H-170")
def test_an_enterprise_s_file_counts_what_it_has(client, officer, trade, seller):
    client.force_login(officer)
    page = client.get(reverse("dashboards:enterprise", args=[seller.pk]))
    assert page.context["counts"] == {"suppliers": 0, "customers": 0, "products": 1, "purchases": 0, "sales": 5}
    assert seller.name in page.text


@pytest.mark.requirement("H-172", "H-171")
def test_an_enterprise_s_file_shows_its_suppliers_and_their_licences(client, officer, trade, seller, buyer, today):
    client.force_login(officer)
    address = reverse("dashboards:enterprise", args=[buyer.pk])
    assert "食品许可证: 缺" in client.get(address).text
    row = Licence.objects.create(
        holder=seller, kind_id="food_business", number="JY12301030000016", valid_from=today, valid_until=today,
        uploaded_for=seller,
    )  # fmt: skip
    page = client.get(address).text
    licence = reverse("certificates:licence-detail", args=[row.pk])
    assert seller.name in page
    assert licence in page
    assert client.get(licence).status_code == 200
