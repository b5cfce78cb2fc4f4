"""Which papers goods must have by category and day, and what the books show of them."""

from __future__ import annotations

import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from catalog.models import Product
from certificates import evidence, services
from certificates.evidence import Asked, states
from certificates.models import ConformityDocument, EvidenceRule, Licence
from enterprises.scoping import Scope
from ledgers.models import LedgerEntry, StockBalance
from ledgers.services import confirm_invoice
from tests.certificates.conftest import report
from tests.conftest import make_draft

DAY = datetime.timedelta(days=1)
GAPS = reverse("ledgers:gap-list")


@pytest.fixture
def milk(peanuts):
    """Dairy: a report for each lot, and one for the product each half-year."""
    Product.objects.filter(pk=peanuts.pk).update(category="05", kind="prepacked")
    peanuts.refresh_from_db()
    return peanuts


@pytest.fixture
def entry(seller, buyer, milk, clerk) -> LedgerEntry:
    return confirm_invoice(make_draft(seller, buyer, milk, lot="M-1"), actor=clerk).entries.get()


def stand(product, lot="", day=None, scope=None, known_at=None) -> dict[str, str]:
    """By rule, how it stands."""
    found = states([Asked(product.pk, lot, day or timezone.localdate())], scope=scope, known_at=known_at)[0]
    return {row.rule.key: row.state for row in found}


@pytest.mark.requirement("H-111")
def test_dairy_needs_a_report_of_the_lot_and_one_of_the_half_year(milk, seller, today):
    assert stand(milk, "M-1") == {"dairy_lot": "missing", "prepacked_half_year": "missing"}
    report(milk, seller, issued=today - 10 * DAY, lot="m-1")
    assert stand(milk, "M-1") == {"dairy_lot": "have", "prepacked_half_year": "have"}
    assert stand(milk, "M-2") == {"dairy_lot": "missing", "prepacked_half_year": "have"}


@pytest.mark.requirement("H-111")
def test_a_report_of_the_product_grows_old(milk, seller, today):
    report(milk, seller, issued=today - 200 * DAY)
    assert stand(milk)["prepacked_half_year"] == "expired"
    assert stand(milk, day=today - 100 * DAY)["prepacked_half_year"] == "have"


@pytest.mark.parametrize(
    ("name", "rules"),
    [("大白菜", {"produce_origin"}), ("猪肉", {"meat_quality", "meat_quarantine"}), ("鸡蛋", {"egg_origin"})],
)
def test_farm_produce_needs_its_own_papers(db, name, rules):
    assert set(stand(Product.objects.generic().get(name=name), "L")) == rules


def test_imported_food_needs_customs_papers(peanuts):
    Product.objects.filter(pk=peanuts.pk).update(origin="新西兰奥克兰", kind="raw")
    assert stand(peanuts, "L") == {"import_customs": "missing"}


def test_a_report_that_does_not_conform_is_none(milk, seller, today):
    report(milk, seller, issued=today, lot="M-1", conforms=False)
    assert stand(milk, "M-1")["dairy_lot"] == "missing"


def test_a_rule_holds_from_its_day_until_its_next_version(milk, today):
    EvidenceRule.objects.create(
        key="dairy_lot", name_zh="x", name_en="x", category_id="05", per="lot", source="x", valid_from=today
    )
    assert "dairy_lot" not in stand(milk, "M-1")
    assert "dairy_lot" in stand(milk, "M-1", today - DAY)


def test_a_private_paper_counts_for_its_giver_only(milk, seller, buyer, buyer_clerk, stranger_clerk, today):
    report(milk, seller, issued=today, lot="M-1", uploaded_for=buyer)
    assert stand(milk, "M-1", scope=Scope.of(buyer_clerk))["dairy_lot"] == "have"
    assert stand(milk, "M-1", scope=Scope.of(stranger_clerk))["dairy_lot"] == "missing"


def test_papers_of_goods_that_were_merged_count_for_both(milk, seller, today, db):
    other = Product.objects.create(name="x", unit=milk.unit, category_id="05", merged_into=milk)
    report(other, seller, issued=today, lot="M-1")
    assert stand(milk, "M-1")["dairy_lot"] == stand(other, "M-1")["dairy_lot"] == "have"


@pytest.mark.requirement("H-110")
def test_what_was_known_on_a_day_is_asked_for_that_day(milk, seller, clerk, today):
    row = report(milk, seller, issued=today - 30 * DAY, lot="M-1")
    then, now = timezone.now() - 10 * DAY, timezone.now() + DAY
    assert stand(milk, "M-1", known_at=then)["dairy_lot"] == "missing"
    assert stand(milk, "M-1", known_at=now)["dairy_lot"] == "have"
    found = states([Asked(milk.pk, "M-1", today - 5 * DAY)])[0][0]
    assert found.is_late
    services.withdraw(row, reason="wrong", enterprise=seller, actor=clerk)
    assert stand(milk, "M-1")["dairy_lot"] == "missing"


def test_the_public_call_tells_the_worst_of_all_rules(milk, entry, seller, today):
    report(milk, seller, issued=today)
    found = evidence.state(product=milk, lot=entry.lot)
    assert (found.state, found.rule.key) == ("missing", "dairy_lot")
    assert evidence.state(product=Product.objects.create(name="y", unit=milk.unit, kind="bulk")).state == "have"


def test_any_number_of_questions_takes_two_statements(milk, django_assert_num_queries, today):
    with django_assert_num_queries(2):
        assert len(states([Asked(milk.pk, f"L{n}", today) for n in range(200)])) == 200


# The seller's licence


def test_the_seller_s_licence_is_asked_for_the_day_of_the_trade(seller, today):
    assert evidence.licence_on(seller, today).state == "missing"
    Licence.objects.create(
        holder=seller, kind_id="food_business", number="JY12301030000016", valid_from=today - 10 * DAY,
        valid_until=today - 5 * DAY,
    )  # fmt: skip
    assert evidence.licence_on(seller, today).state == "expired"
    found = evidence.licence_on(seller, today - 7 * DAY)
    assert (found.state, found.is_late) == ("have", True)
    assert evidence.licence_on(seller, today - 7 * DAY, known_at=timezone.now() - DAY).state == "missing"


# In the books


@pytest.mark.requirement("H-110", "H-090")
def test_every_line_says_have_or_missing_and_opens_the_paper(client, buyer_clerk, entry, milk, seller, today):
    client.force_login(buyer_clerk)
    assert "Missing" in client.get(reverse("ledgers:purchases-list")).text
    report(milk, seller, issued=today, lot="M-1")
    page = client.get(reverse("ledgers:purchases-list")).text
    address = reverse("certificates:document-detail", args=[ConformityDocument.objects.get().pk])
    assert "Missing" not in page
    assert address in page
    assert client.get(address).status_code == 200


def test_marks_cost_the_same_for_any_number_of_lines(client, buyer_clerk, entry, milk, seller, buyer, clerk):
    client.force_login(buyer_clerk)
    with CaptureQueriesContext(connection) as few:
        client.get(reverse("ledgers:purchases-list"))
    for n in range(5):
        confirm_invoice(make_draft(seller, buyer, milk, lot=f"X-{n}"), actor=clerk)
    with CaptureQueriesContext(connection) as many:
        client.get(reverse("ledgers:purchases-list"))
    assert len(many) <= len(few)


def test_a_line_shows_its_papers_as_they_were_known(client, buyer_clerk, entry, milk, seller, today):
    report(milk, seller, issued=today, lot="M-1")
    client.force_login(buyer_clerk)
    address = reverse("ledgers:purchases-detail", args=[entry.pk])
    assert client.get(address).text.count('state-green">Have') >= 1
    page = client.get(address, {"as_of": str(today - 20 * DAY)}).text
    assert "As it was known here" in page
    assert '<li><span class="state state-red">Missing</span> Dairy' in page


@pytest.mark.parametrize("as_of", ["x", "2026-02-30", "９", "\0"])
def test_no_day_breaks_the_page(client, buyer_clerk, entry, as_of):
    client.force_login(buyer_clerk)
    address = reverse("ledgers:purchases-detail", args=[entry.pk])
    assert client.get(address, {"as_of": as_of}).status_code == 200


@pytest.mark.requirement("H-111")
def test_the_sheet_warns_of_a_paper_that_is_missing(client, clerk, seller, buyer, milk):
    client.force_login(clerk)
    draft = make_draft(seller, buyer, milk, lot="M-7")
    page = client.get(reverse("ledgers:invoice-review", args=[draft.pk])).text
    assert "Dairy: a report for each lot: no such paper is on file for lot M-7." in page


# Gaps


@pytest.mark.requirement("H-111")
def test_what_is_held_without_its_paper_is_listed_until_it_is_there(client, buyer_clerk, entry, milk, seller, today):
    client.force_login(buyer_clerk)
    page = client.get(GAPS).text
    assert "Dairy: a report for each lot" in page
    report(milk, seller, issued=today, lot="M-1")
    assert client.get(GAPS).context["page"].paginator.count == 0


def test_what_left_the_stock_is_listed_for_a_while(client, clerk, entry, seller):
    client.force_login(clerk)
    StockBalance.objects.filter(enterprise=seller)
    assert client.get(GAPS, {"where": "traded"}).context["page"].paginator.count == 1


@pytest.mark.requirement("H-123", "H-148")
def test_partners_show_the_state_of_their_licences(client, buyer_clerk, knows_seller, seller, today):
    client.force_login(buyer_clerk)
    address = reverse("enterprises:partnership-list")
    assert "Missing" in client.get(address).text
    Licence.objects.create(
        holder=seller, kind_id="food_business", number="JY12301030000016", valid_from=today - DAY,
        valid_until=today + DAY, uploaded_for=seller,
    )  # fmt: skip
    assert "Have" in client.get(address).text
