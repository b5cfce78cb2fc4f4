"""Asking for papers: answered at once, when the paper comes, after reminders, or in vain."""

from __future__ import annotations

import datetime

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from alerts.models import Alert
from alerts.raising import run_rules
from attachments.services import store
from catalog.models import Product
from certificates import services
from certificates.asking import ask, take_back
from certificates.models import CertificateRequest, ConformityDocument, Licence
from tests.attachments.samples import as_file, phone_photo

DAY = datetime.timedelta(days=1)
ADD = reverse("certificates:request-add")


@pytest.fixture
def milk(peanuts):
    Product.objects.filter(pk=peanuts.pk).update(category="05", kind="bulk")
    return peanuts


@pytest.fixture
def asked(buyer, seller, buyer_clerk):
    """The buyer asks the seller for its licence."""
    return ask(seller, product=None, lot_code="", words="", enterprise=buyer, actor=buyer_clerk)


def licence(seller, today, **fields) -> Licence:
    facts = {"kind_id": "food_business", "number": "JY12301030000016", "valid_from": today - DAY,
             "valid_until": today + 900 * DAY}  # fmt: skip
    return Licence(holder=seller, **facts | fields)


def alerts(rule):
    run_rules()
    return list(Alert.objects.open().filter(rule=rule))


@pytest.mark.requirement("H-125")
def test_a_shop_asks_from_the_list_and_the_supplier_reads_it(client, buyer_clerk, clerk, seller, milk):
    client.force_login(buyer_clerk)
    typed = {"asked": seller.uscc, "goods": milk.code, "lot_code": "M-1", "words": "请补"}
    assert client.get(ADD, typed).status_code == 200
    assert client.post(ADD, typed).status_code == 302
    row = CertificateRequest.objects.get()
    client.force_login(clerk)
    page = client.get(reverse("certificates:request-detail", args=[row.pk])).text
    assert "请补" in page
    assert f"?goods={milk.code}" in page


def test_what_is_here_already_is_the_answer(seller, buyer, buyer_clerk, today):
    row = licence(seller, today, uploaded_for=seller)
    row.save()
    found = ask(seller, product=None, lot_code="", words="", enterprise=buyer, actor=buyer_clerk)
    assert (found.certificate_id, found.state) == (row.pk, "answered")


@pytest.mark.requirement("H-125", "H-110")
def test_the_paper_answers_everybody_who_has_asked(
    asked, stranger, stranger_clerk, seller, clerk, today, django_capture_on_commit_callbacks
):
    other = ask(seller, product=None, lot_code="", words="", enterprise=stranger, actor=stranger_clerk)
    with django_capture_on_commit_callbacks(execute=True):
        services.submit(licence(seller, today), pages=[], enterprise=seller, actor=clerk)
    for row in (asked, other):
        row.refresh_from_db()
        assert row.state == "answered"


def test_a_lot_s_report_answers_those_who_asked_for_this_lot_or_the_goods(
    seller, buyer, buyer_clerk, clerk, milk, today, django_capture_on_commit_callbacks
):
    rows = {
        lot: ask(seller, product=milk, lot_code=lot, words="", enterprise=buyer, actor=buyer_clerk)
        for lot in ("", "m-1", "M-2")
    }
    report = ConformityDocument(
        kind_id="self_test", holder=seller, product=milk, lot_code="M-1", number="R", valid_from=today, issued_on=today
    )
    with django_capture_on_commit_callbacks(execute=True):
        page = store(as_file(phone_photo()), actor=clerk)
        services.submit(report, pages=[page], enterprise=seller, actor=clerk)
    states = {lot: CertificateRequest.objects.get(pk=row.pk).state for lot, row in rows.items()}
    assert states == {"": "answered", "m-1": "answered", "M-2": "open"}


def test_one_s_own_copy_answers_only_oneself(
    asked, knows_seller, stranger, stranger_clerk, seller, buyer, buyer_clerk, today,
    django_capture_on_commit_callbacks,
):  # fmt: skip
    other = ask(seller, product=None, lot_code="", words="", enterprise=stranger, actor=stranger_clerk)
    with django_capture_on_commit_callbacks(execute=True):
        services.submit(licence(seller, today), pages=[], enterprise=buyer, actor=buyer_clerk)
    asked.refresh_from_db()
    other.refresh_from_db()
    assert (asked.state, other.state) == ("answered", "open")


@pytest.mark.requirement("H-125")
@pytest.mark.parametrize(("days", "period"), [(0, "0"), (7, "1"), (15, "2"), (22, "3"), (60, "3")])
def test_the_supplier_is_reminded_three_times(asked, seller, days, period):
    CertificateRequest.objects.update(asked_at=timezone.now() - days * DAY)
    (alert,) = alerts("CERT_ASKED")
    assert (alert.enterprise, alert.period) == (seller, period)


def test_what_nobody_answers_goes_to_the_station(asked):
    CertificateRequest.objects.update(asked_at=timezone.now() - 27 * DAY)
    assert alerts("CERT_ASKED_LATE") == []
    CertificateRequest.objects.update(asked_at=timezone.now() - 30 * DAY)
    (alert,) = alerts("CERT_ASKED_LATE")
    assert alert.audience == "officers"


def test_the_same_is_asked_once_and_taken_back_by_who_asked(client, asked, seller, buyer, buyer_clerk, clerk):
    with pytest.raises(ValidationError, match="reminded by itself"):
        ask(seller, product=None, lot_code="", words="", enterprise=buyer, actor=buyer_clerk)
    with pytest.raises(PermissionDenied):
        take_back(asked, enterprise=seller, actor=clerk)
    client.force_login(buyer_clerk)
    assert client.post(reverse("certificates:request-withdraw", args=[asked.pk])).status_code == 302
    with pytest.raises(ValidationError, match="already"):
        take_back(asked, enterprise=buyer, actor=buyer_clerk)
    assert alerts("CERT_ASKED") == []


def test_bad_input_is_told(client, buyer, buyer_clerk, seller):
    client.force_login(buyer_clerk)
    for typed, field in (({"asked": "x"}, "asked"), ({"asked": seller.uscc, "goods": "nothing"}, "goods")):
        assert field in client.post(ADD, typed).context["form"].errors
    assert client.post(ADD, {"asked": buyer.uscc}).status_code == 422


def test_the_database_refuses_halves(asked, buyer):
    for change in ({"asked": buyer}, {"certificate": 1}):
        with pytest.raises(IntegrityError), transaction.atomic():
            CertificateRequest.objects.filter(pk=asked.pk).update(**change)
    with pytest.raises(IntegrityError, match="paper_is_asked_for_once"), transaction.atomic():
        CertificateRequest.objects.create(requester=buyer, asked=asked.asked, author=asked.author)


def test_who_is_not_on_the_platform_reads_nothing(client, asked, seller, buyer_clerk):
    type(seller).objects.filter(pk=seller.pk).update(status="stub")
    client.force_login(buyer_clerk)
    assert "is not on the platform" in client.get(reverse("certificates:request-detail", args=[asked.pk])).text
    assert alerts("CERT_ASKED") == []
