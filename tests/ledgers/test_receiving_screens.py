"""The screens of deliveries: five accepted in one press, one looked at line by line, what the other side answers."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from ledgers.models import Invoice, Receipt, ReceiptClaim, StockBalance
from ledgers.receiving import accept_with_differences, refuse_claims
from ledgers.services import confirm_invoice
from tests.attachments.samples import as_file, phone_photo
from tests.conftest import make_draft
from tests.ledgers.test_receiving import short

INBOX, ACCEPT, HOME = (reverse(name) for name in ("ledgers:inbox", "ledgers:receipts-accept", "home"))


@pytest.fixture
def receipt(draft, clerk) -> Receipt:
    return confirm_invoice(draft, actor=clerk).receipt


@pytest.fixture
def browser(signed_in, buyer_clerk):
    return signed_in(buyer_clerk)


def detail(receipt):
    return reverse("ledgers:receipt-detail", args=[receipt.pk])


def answer(browser, receipt, step, **typed):
    return browser.post(reverse("ledgers:receipt-answer", args=[receipt.pk]), {"step": step, **typed})


@pytest.mark.requirement("H-107")
def test_five_deliveries_are_accepted_in_one_press(browser, seller, buyer, peanuts, clerk):
    for _ in range(5):
        confirm_invoice(make_draft(seller, buyer, peanuts), actor=clerk)
    assert "5 deliveries" in browser.get(HOME).content.decode()
    ticked = [receipt.pk for receipt in browser.get(INBOX).context["waiting"]]
    browser.post(ACCEPT, {"receipt": ticked})
    assert set(Receipt.objects.values_list("state", flat=True)) == {"accepted"}


def test_what_arrives_meanwhile_is_not_accepted_unseen(browser, receipt, seller, buyer, peanuts, clerk):
    later = confirm_invoice(make_draft(seller, buyer, peanuts), actor=clerk).receipt
    browser.post(ACCEPT, {"receipt": [receipt.pk]})
    later.refresh_from_db()
    assert later.state == "pending"


@pytest.mark.parametrize("ticked", [[], ["x"], ["9" * 40], ["-1"]])
def test_nonsense_ticks_nothing(browser, receipt, ticked):
    assert browser.post(ACCEPT, {"receipt": ticked}).status_code == 302
    assert Receipt.objects.get().state == "pending"


def test_a_stranger_s_tick_does_nothing(signed_in, stranger_clerk, receipt):
    signed_in(stranger_clerk).post(ACCEPT, {"receipt": [receipt.pk]})
    assert Receipt.objects.get().state == "pending"


@pytest.mark.requirement("H-044", "H-151")
def test_less_is_received_than_the_paper_says(browser, receipt, buyer):
    answer(browser, receipt, "differences", **{"1-received": "8", "1-cause": "short", "1-reason": "少两袋"})
    claim = ReceiptClaim.objects.get()
    assert (claim.quantity, claim.reason, claim.receipt.state) == (2, "少两袋", "partial")
    assert StockBalance.objects.get(enterprise=buyer).disputed == 2


@pytest.mark.parametrize("received", ["11", "-1", "x", "1e3", "10²"])
def test_a_quantity_that_makes_no_sense_is_told_beside_its_line(browser, receipt, received):
    page = answer(browser, receipt, "differences", **{"1-received": received})
    assert page.status_code == 422
    assert f'value="{received}"' in page.content.decode()
    assert page.context["rows"][0].form.errors["received"]
    assert Receipt.objects.get().state == "pending"


def test_a_rejection_says_why(browser, receipt):
    assert answer(browser, receipt, "reject", cause="quality", reason="").status_code == 422
    answer(browser, receipt, "reject", cause="quality", reason="有异味")
    assert Receipt.objects.get().state == "rejected"


@pytest.mark.parametrize("step", ["", "settled", "pending", "\0"])
def test_an_unknown_answer_changes_nothing(browser, receipt, step):
    assert answer(browser, receipt, step).status_code == 302
    assert Receipt.objects.get().state == "pending"


def test_the_seller_is_asked_and_agrees(signed_in, receipt, clerk, buyer_clerk):
    accept_with_differences(receipt, complaints=short(2), actor=buyer_clerk)
    seller = signed_in(clerk)
    assert "in dispute" in seller.get(HOME).content.decode()
    assert list(seller.get(INBOX).context["claimed_of_us"]) == [receipt]
    answer(seller, receipt, "agree")
    assert Invoice.objects.get(adjusts=receipt.invoice).lines.get().quantity == -2


def test_the_seller_does_not_agree_and_the_officer_decides(signed_in, receipt, clerk, buyer_clerk, officer):
    accept_with_differences(receipt, complaints=short(2), actor=buyer_clerk)
    assert answer(signed_in(clerk), receipt, "refuse", reason="").status_code == 422
    refuse_claims(receipt, reason="数量无误", actor=clerk)
    station = signed_in(officer)
    assert "数量无误" in station.get(detail(receipt)).content.decode()
    answer(station, receipt, "dismiss", reason="查无实据")
    assert Receipt.objects.get().state == "settled"


def test_the_officer_orders_the_paper(signed_in, receipt, clerk, buyer_clerk, officer, officer_elsewhere):
    accept_with_differences(receipt, complaints=short(2), actor=buyer_clerk)
    refuse_claims(receipt, reason="数量无误", actor=clerk)
    assert answer(signed_in(officer_elsewhere), receipt, "order", reason="x").status_code == 404
    assert answer(signed_in(officer), receipt, "order", reason="").status_code == 422
    answer(signed_in(officer), receipt, "order", reason="过磅单属实")
    assert Invoice.objects.get(adjusts=receipt.invoice).reason == "By order of the station: 过磅单属实"


def test_the_seller_cannot_answer_for_the_buyer(signed_in, receipt, clerk):
    page = signed_in(clerk).get(detail(receipt)).content.decode()
    assert 'value="accept"' not in page
    assert answer(signed_in(clerk), receipt, "accept").status_code == 403


def test_the_inbox_costs_the_same_however_much_came(
    browser, seller, buyer, peanuts, clerk, django_assert_max_num_queries
):
    for _ in range(6):
        confirm_invoice(make_draft(seller, buyer, peanuts), actor=clerk)
    with django_assert_max_num_queries(18):
        assert len(browser.get(INBOX).context["waiting"]) == 6


@pytest.mark.parametrize(
    ("who", "ledger"), [("buyer_clerk", "purchases"), ("clerk", "sales"), ("officer", "purchases")]
)
def test_both_books_show_the_claim_beside_the_entry(signed_in, request, receipt, buyer_clerk, who, ledger):
    accept_with_differences(receipt, complaints=short(2), actor=buyer_clerk)
    shown = signed_in(request.getfixturevalue(who)).get(reverse(f"ledgers:{ledger}-list")).content.decode()
    assert "In dispute: 2" in shown


def test_a_rejection_carries_a_photo_that_both_sides_see(signed_in, browser, receipt, clerk, stranger_clerk):
    answer(browser, receipt, "reject", cause="damaged", reason="破损", photos=as_file(phone_photo()))
    photo = reverse("attachments:attachment-download", args=[receipt.photos.get().attachment_id])
    assert photo in signed_in(clerk).get(detail(receipt)).content.decode()
    assert signed_in(clerk).get(photo).status_code == 200
    assert signed_in(stranger_clerk).get(photo).status_code == 404


def test_a_bad_photo_stops_the_answer_and_says_so(browser, receipt):
    page = answer(browser, receipt, "reject", cause="damaged", reason="破损", photos=SimpleUploadedFile("x.jpg", b"no"))
    assert page.status_code == 422
    assert "x.jpg" in page.context["refusal"]
    assert Receipt.objects.get().state == "pending"
