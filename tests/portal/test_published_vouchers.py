"""Published vouchers: the public may check the paper in its hand, and learns nothing from it that it did not know."""

from __future__ import annotations

import pytest
from django.db import ProgrammingError, transaction

from enterprises.models import Enterprise
from ledgers.services import confirm_invoice, reverse_invoice
from portal.models import PublishedVoucher
from tests.conftest import make_draft
from tests.portal.conftest import text


def page_of(visitor, invoice):
    return text(visitor.get(f"/v/{invoice.voucher_token}"))


@pytest.mark.requirement("H-128")
def test_a_voucher_can_be_checked_against_the_paper(visitor, published):
    page = page_of(visitor, published)
    for fact in ("In force", published.number, "示例花生 500g", "PN-1", "7,331", "北谷**粮油", "小街**利店"):
        assert fact in page


def test_names_prices_and_telephones_stay_with_the_parties(visitor, published):
    page = page_of(visitor, published)
    for secret in ("北谷示例", "小街示例", "12.5", "13800001234", "路 1 号"):
        assert secret not in page


def test_a_reversed_voucher_says_so_on_both_papers(visitor, published, clerk):
    reversal = reverse_invoice(published, reason="数量录错", actor=clerk)
    page = page_of(visitor, published)
    assert f"Reversed by {reversal.number}" in page
    assert "In force" not in page
    assert "reverses an earlier one" in page_of(visitor, reversal)


def test_search_engines_do_not_keep_vouchers(visitor, published):
    response = visitor.get(f"/v/{published.voucher_token}")
    assert "noindex" in response["X-Robots-Tag"]
    assert "no-store" in response["Cache-Control"]


@pytest.mark.parametrize("token", ["nope", "x" * 22, "%00", "x" * 500])
def test_an_unknown_code_is_a_404_in_plain_words(visitor, database, token):
    response = visitor.get(f"/v/{token}")
    assert response.status_code == 404
    assert "There is no voucher with this code" in text(response)


def test_confirming_publishes_in_the_same_transaction(draft, clerk):
    invoice = confirm_invoice(draft, actor=clerk)
    assert PublishedVoucher.objects.get().token == invoice.voucher_token


def test_reversing_publishes_both(draft, clerk):
    reversal = reverse_invoice(confirm_invoice(draft, actor=clerk), reason="x", actor=clerk)
    assert set(PublishedVoucher.objects.values_list("reversed_by", flat=True)) == {"", reversal.number}


def test_only_the_paper_that_is_reversed_says_so(seller, buyer, product, clerk):
    first, second = (confirm_invoice(make_draft(seller, buyer, product, lot=lot), actor=clerk) for lot in ("L1", "L2"))
    reversal = reverse_invoice(second, reason="x", actor=clerk)
    shown = dict(PublishedVoucher.objects.values_list("invoice_id", "reversed_by"))
    assert (shown[first.pk], shown[second.pk]) == ("", reversal.number)


def test_a_draft_is_never_published(draft):
    assert not PublishedVoucher.objects.exists()


@pytest.mark.parametrize(
    "change",
    [
        lambda: PublishedVoucher.objects.update(reversed_by="XS-1"),
        lambda: PublishedVoucher.objects.all().delete(),
        lambda: PublishedVoucher.objects.create(
            token="a", invoice_id=1, number="XS-1", traded_on="2026-01-01", lines=[]
        ),
    ],
)
def test_only_the_books_publish(published, change):
    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        change()


def test_of_a_natural_person_only_the_first_character_is_shown(seller, buyer, product, buyer_clerk):
    farmer = Enterprise.objects.create(name="李四光", is_person=True, kept_by=buyer, status="stub")
    confirm_invoice(make_draft(farmer, buyer, product, author=buyer), actor=buyer_clerk)
    assert PublishedVoucher.objects.get().seller == "李*"


@pytest.mark.parametrize(
    ("name", "shown"), [("哈尔滨示例公司", "哈尔**公司"), ("北谷粮油行", "北**行"), ("老王", "老*"), (" A ", "A*")]
)
def test_a_name_is_shown_in_part(seller, buyer, product, clerk, name, shown):
    Enterprise.objects.filter(pk=buyer.pk).update(name=name)
    confirm_invoice(make_draft(seller, buyer, product), actor=clerk)
    assert PublishedVoucher.objects.get().buyer == shown
