"""What a clerk is warned of before confirming, and what is kept of it."""

from __future__ import annotations

import datetime
from decimal import Decimal
from uuid import UUID

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, connection, transaction

from certificates.models import EvidenceRule, Licence
from enterprises.models import Enterprise
from laws.models import RuleParameter
from ledgers.confirming import ReasonMissing, confirm_with_reason
from ledgers.models import Invoice, InvoiceWarning
from ledgers.services import confirm_invoice
from ledgers.warning_rules import warnings_of
from ledgers.warning_words import in_words
from tests.conftest import make_draft


def rules(draft):
    return {found.rule for found in warnings_of(draft)}


def licence(holder, *, until, number="JY12301030012345"):
    return Licence.objects.create(
        holder=holder, kind_id="food_business", number=number, valid_from="2020-01-01", valid_until=until
    )


@pytest.fixture(autouse=True)
def no_papers_asked(database):
    """What goods must have, the tests of certificates look at."""
    EvidenceRule.objects.all().delete()


@pytest.fixture
def stocked(seller, buyer, peanuts, buyer_clerk) -> None:
    """The seller has ten bags of lot PN-1."""
    confirm_invoice(make_draft(buyer, seller, peanuts), actor=buyer_clerk)


@pytest.fixture
def level(database):
    def set_level(rule: str, value: int) -> None:
        RuleParameter.objects.filter(key=f"warning.{rule}").update(value=value)

    return set_level


def test_a_sale_from_stock_with_good_papers_has_no_warning(draft, stocked, seller):
    licence(seller, until="2099-01-01")
    assert rules(draft) == set()


@pytest.mark.requirement("H-126")
def test_more_than_the_books_have_is_told_with_both_figures(stocked, seller, buyer, peanuts):
    draft = make_draft(seller, buyer, peanuts, quantity="12")
    (found,) = warnings_of(draft)
    assert (found.rule, found.position, found.facts["left"], found.facts["after"]) == ("oversold", 1, "10", "-2")


def test_two_lines_of_one_lot_are_counted_together_and_told(stocked, draft):
    line = draft.lines.get()
    line.pk, line.position = None, 2
    line.save()
    assert rules(draft) == {"oversold", "lot_twice"}


def test_a_late_entry_is_told_once_its_day_is_well_over(seller, buyer, peanuts, today):
    def dated(days):
        return make_draft(seller, buyer, peanuts, day=today - datetime.timedelta(days=days))

    assert "late" in rules(dated(2))
    assert "late" not in rules(dated(1))


@pytest.mark.requirement("H-025")
def test_the_licence_of_a_supplier_counts_on_the_day_of_the_trade(seller, buyer, peanuts, today):
    draft = make_draft(seller, buyer, peanuts, author=buyer)
    assert "licence_missing" in rules(draft)
    expired = licence(seller, until=today - datetime.timedelta(days=1))
    assert rules(draft) & {"licence_missing", "licence_expired"} == {"licence_expired"}
    licence(seller, until=today, number="JY12301030012346")
    assert not rules(draft) & {"licence_missing", "licence_expired"}
    assert expired.valid_until < today


def test_ones_own_expired_licence_is_told_when_selling(draft, seller, today):
    licence(seller, until=today - datetime.timedelta(days=1))
    assert "own_licence" in rules(draft)


def test_an_outside_farmer_needs_no_licence(buyer, peanuts):
    farmer = Enterprise.objects.create(name="王示例", is_person=True, kept_by=buyer, status="stub")
    assert "licence_missing" not in rules(make_draft(farmer, buyer, peanuts, author=buyer))


def test_a_party_that_has_closed_is_told(draft, buyer):
    Enterprise.objects.filter(pk=buyer.pk).update(status="closed")
    assert "closed" in rules(Invoice.objects.get(pk=draft.pk))


@pytest.mark.parametrize(
    ("made", "until", "rule"), [(-5, 300, "shelf_life"), (-100, 20, "short_life"), (-5, 175, None)]
)
def test_dates_that_look_odd_are_told(draft, today, made, until, rule):
    draft.lines.update(
        produced_on=today + datetime.timedelta(days=made), expires_on=today + datetime.timedelta(days=until)
    )
    assert rules(draft) & {"shelf_life", "short_life"} >= ({rule} if rule else set())
    assert rule or not rules(draft) & {"shelf_life", "short_life"}


def test_a_sale_before_the_lot_came_is_told(stocked, seller, buyer, peanuts, today):
    assert "sold_before_received" in rules(make_draft(seller, buyer, peanuts, day=today - datetime.timedelta(days=1)))


def test_far_more_than_usual_is_told(seller, buyer, peanuts, clerk):
    for _ in range(3):
        confirm_invoice(make_draft(seller, buyer, peanuts), actor=clerk)
    assert "unusual" in rules(make_draft(seller, buyer, peanuts, quantity="51"))
    assert "unusual" not in rules(make_draft(seller, buyer, peanuts, quantity="50"))


def test_rules_cost_a_few_statements_however_many_lines(stocked, draft, django_assert_max_num_queries):
    line = draft.lines.get()
    for position in range(2, 12):
        line.pk, line.position, line.lot_code = None, position, f"L{position}"
        line.save()
    with django_assert_max_num_queries(11):
        warnings_of(Invoice.objects.select_related("seller", "buyer", "author").get(pk=draft.pk))


# Confirming


def test_without_a_reason_nothing_is_confirmed(draft, clerk):
    with pytest.raises(ReasonMissing):
        confirm_with_reason(draft, reason="  ", actor=clerk)
    draft.refresh_from_db()
    assert draft.is_draft
    assert not InvoiceWarning.objects.exists()


def test_the_reason_stays_beside_the_warnings(draft, clerk):
    paper = confirm_with_reason(draft, reason="进货单还没录", actor=clerk)
    assert list(paper.warnings.values_list("rule", "position", "reason")) == [("oversold", 1, "进货单还没录")]


def test_asking_again_with_the_same_token_keeps_one_of_each(draft, clerk):
    token = UUID("6f1f6f44-8f7f-4a3b-9a51-4f0e6f4d9f11")
    for _ in range(2):
        paper = confirm_with_reason(draft, reason="急", actor=clerk, token=token)
    assert paper.warnings.count() == 1


def test_the_authority_may_make_a_rule_a_stop_or_silent(draft, clerk, level):
    level("oversold", 3)
    with pytest.raises(ValidationError, match="PN-1"):
        confirm_with_reason(draft, reason="急", actor=clerk)
    level("oversold", 0)
    assert confirm_with_reason(draft, reason="", actor=clerk).number


def test_nothing_is_traded_with_a_suspended_enterprise(draft, clerk, buyer):
    Enterprise.objects.filter(pk=buyer.pk).update(status="suspended")
    with pytest.raises(ValidationError, match=buyer.name):
        confirm_invoice(draft, actor=clerk)
    draft.refresh_from_db()
    assert draft.is_draft


def test_what_was_warned_of_is_never_changed(draft, clerk):
    warning = confirm_with_reason(draft, reason="急", actor=clerk).warnings.get()
    warning.reason = "另有原因"
    with pytest.raises(DatabaseError), transaction.atomic():
        warning.save()
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM ledgers_invoicewarning")


# Screens


def test_the_sheet_shows_the_warning_its_source_and_its_fix(signed_in, clerk, draft):
    page = signed_in(clerk).get(f"/ledgers/invoice/{draft.pk}/review/")
    told = in_words(warnings_of(draft)[0])
    for words in (told.sentence, told.fix, told.source, 'name="reason"'):
        assert words in page.content.decode()


def test_a_missing_reason_is_asked_for_on_the_sheet(signed_in, clerk, draft):
    browser = signed_in(clerk)
    form = {"token": "6f1f6f44-8f7f-4a3b-9a51-4f0e6f4d9f11", "version": draft.version}
    page = browser.post(f"/ledgers/invoice/{draft.pk}/confirm/", form)
    assert page.status_code == 422
    assert "Say why you go on" in page.content.decode()
    done = browser.post(f"/ledgers/invoice/{draft.pk}/confirm/", {**form, "reason": "late purchase"})
    assert done["Location"] == f"/ledgers/invoice/{draft.pk}/"


@pytest.mark.requirement("H-126")
def test_the_officer_reads_warnings_and_reason_and_the_other_side_does_not(
    signed_in, draft, clerk, buyer_clerk, officer, officer_elsewhere
):
    paper = confirm_with_reason(draft, reason="stock-to-come", actor=clerk)
    for reader, sees in ((clerk, True), (officer, True), (buyer_clerk, False)):
        page = signed_in(reader).get(f"/ledgers/invoice/{paper.pk}/").content.decode()
        assert ("stock-to-come" in page) is sees
    assert "stock-to-come" in signed_in(officer).get("/ledgers/warning/").content.decode()
    assert "stock-to-come" not in signed_in(officer_elsewhere).get("/ledgers/warning/").content.decode()


def test_a_warning_of_the_quantity_is_a_decimal_without_zeros(stocked, seller, buyer, peanuts):
    draft = make_draft(seller, buyer, peanuts, quantity=Decimal("10.500"))
    assert warnings_of(draft)[0].facts["after"] == "-0.5"
