"""Certificates from the upload to the end: who sees them, who checks them, what becomes of them."""

from __future__ import annotations

import datetime

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, connection, transaction
from django.urls import reverse

from attachments.models import Attachment
from attachments.services import store
from certificates import services
from certificates.findings import findings_of, mod_11_10_right
from certificates.models import Certificate, CertificatePage, CertificateStep, ConformityDocument, Licence
from enterprises.models import Partnership
from enterprises.scoping import Scope
from ledgers.services import confirm_invoice
from tests.attachments.samples import as_file, pdf
from tests.certificates.conftest import report
from tests.conftest import make_draft

ADD, LICENCE_ADD = reverse("certificates:document-add"), reverse("certificates:licence-add")
YEAR = datetime.timedelta(days=365)


def sees(user, row) -> bool:
    return Certificate.objects.visible_to(Scope.of(user)).filter(pk=row.pk).exists()


def typed_report(peanuts, today, **changes) -> dict[str, object]:
    return {
        "kind": "self_test", "goods": peanuts.code, "number": "R-1", "holder": "91230110DEMH0001XB",
        "issued_on": str(today), "conforms": "on", **changes,
    }  # fmt: skip


@pytest.fixture
def licence(seller, today) -> Licence:
    """The seller's own, uploaded by itself and not checked."""
    return Licence.objects.create(
        holder=seller, kind_id="food_business", number="JY12301030000016", valid_from=today - YEAR,
        valid_until=today + YEAR, uploaded_for=seller,
    )  # fmt: skip


@pytest.fixture
def trader(client, clerk):
    client.force_login(clerk)
    return client


# Uploading


@pytest.mark.requirement("H-049", "H-059", "H-123", "H-127", "H-140", "H-156")
def test_a_licence_is_uploaded_with_its_pages(trader, seller, photo, today):
    typed = {
        "kind": "food_business", "holder": seller.uscc, "number": "JY12301030000016", "issuer": "南岗区市场监管局",
        "valid_from": str(today), "valid_until": str(today + YEAR), "pages": [photo(), as_file(pdf(), "b.pdf")],
    }  # fmt: skip
    assert trader.post(LICENCE_ADD, typed).status_code == 302
    row = Licence.objects.get()
    assert (row.state, row.uploaded_for, row.pages.count()) == ("pending", seller, 2)
    assert row.steps.get().kind == "submitted"
    assert trader.get(reverse("certificates:licence-detail", args=[row.pk])).text.count("SHA-256") == 2


@pytest.mark.requirement("H-060", "H-091", "H-109", "H-122", "H-126")
def test_a_report_is_uploaded_for_goods_or_one_lot(trader, peanuts, photo, today):
    assert trader.post(ADD, typed_report(peanuts, today, lot_code=" pn-1", pages=[photo()])).status_code == 302
    row = ConformityDocument.objects.get()
    assert (row.product, row.lot_code, row.lot_key, row.valid_from) == (peanuts, "pn-1", "PN-1", today)


def test_a_report_needs_a_picture(trader, peanuts, today):
    page = trader.post(ADD, typed_report(peanuts, today))
    assert "pages" in page.context["form"].errors
    assert not ConformityDocument.objects.exists()


def test_a_mistake_elsewhere_does_not_lose_the_picture(trader, peanuts, photo, today):
    page = trader.post(ADD, typed_report(peanuts, today, number="", pages=[photo()]))
    assert page.status_code == 422
    kept = page.context["form"]["kept"].value()
    assert page.context["form"]["holder"].value() == "91230110DEMH0001XB"
    assert trader.post(ADD, typed_report(peanuts, today, kept=kept)).status_code == 302
    assert ConformityDocument.objects.get().pages.count() == 1


def test_nobody_takes_the_files_of_others_for_pages(trader, peanuts, buyer_clerk, photo, today):
    foreign = store(photo(), actor=buyer_clerk)
    assert trader.post(ADD, typed_report(peanuts, today, kept=str(foreign.pk))).status_code == 422


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"issued_on": "2999-01-01"}, "issued_on"), ({"goods": "nothing"}, "goods"), ({"kind": "business"}, "kind"),
        ({"valid_until": "2001-01-01"}, "valid_until"), ({"number": "x" * 41}, "number"), ({"holder": "x"}, "holder"),
        ({"valid_until": "2126-01-01"}, "valid_until"), ({"lot_code": "\0"}, "lot_code"),
    ],
)  # fmt: skip
def test_bad_input_is_told_beside_its_field(trader, peanuts, photo, today, changes, field):
    page = trader.post(ADD, typed_report(peanuts, today, **changes) | {"pages": [photo()]})
    assert page.status_code == 422
    assert field in page.context["form"].errors or page.context["form"].non_field_errors()
    assert not ConformityDocument.objects.exists()


@pytest.mark.parametrize(
    "content", [b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"MZ program", b"", b"%PDF-1.7 half"]
)
def test_what_is_no_photo_and_no_pdf_is_refused_whatever_its_name(trader, peanuts, today, content):
    page = trader.post(ADD, typed_report(peanuts, today) | {"pages": [as_file(content, "../../a.jpg")]})
    assert "pages" in page.context["form"].errors
    assert not Attachment.objects.exists()


def test_the_same_number_of_two_enterprises_is_refused(licence, stranger, today, officer_elsewhere):
    other = Licence(
        holder=stranger, kind=licence.kind, number=licence.number, valid_from=today, valid_until=today + YEAR
    )
    with pytest.raises(ValidationError, match="registered already"):
        services.submit(other, pages=[], enterprise=None, actor=officer_elsewhere)


# Who sees it


@pytest.mark.requirement("H-025", "H-110", "H-171")
def test_partners_and_officers_see_what_the_holder_uploaded(
    licence, knows_seller, buyer_clerk, clerk, officer, stranger_clerk, officer_elsewhere
):
    assert all(sees(user, licence) for user in (clerk, buyer_clerk, officer))
    assert not sees(stranger_clerk, licence)
    assert not sees(officer_elsewhere, licence)


@pytest.mark.requirement("H-064")
def test_what_a_buyer_uploads_of_its_supplier_is_private_until_checked(
    knows_seller, seller, buyer, stranger, buyer_clerk, stranger_clerk, officer, today
):
    Partnership.objects.create(owner=stranger, partner=seller, role="supplier")
    row = Licence(holder=seller, kind_id="business", number="L-9", valid_from=today)
    services.submit(row, pages=[], enterprise=buyer, actor=buyer_clerk)
    assert sees(buyer_clerk, row)
    assert not sees(stranger_clerk, row)
    services.approve(row, enterprise=None, actor=officer)
    assert sees(stranger_clerk, row)


@pytest.mark.requirement("H-017", "H-110")
def test_whoever_has_held_the_goods_sees_their_papers_without_asking(
    seller, buyer, peanuts, clerk, buyer_clerk, stranger_clerk, today, request
):
    row = report(peanuts, seller, issued=today)
    assert not sees(buyer_clerk, row)
    confirm_invoice(make_draft(seller, buyer, peanuts), actor=clerk)
    assert sees(buyer_clerk, row)
    assert not sees(stranger_clerk, row)


def test_its_pages_are_opened_by_the_same_rule(client, trader, peanuts, photo, today, stranger_clerk, officer):
    trader.post(ADD, typed_report(peanuts, today, pages=[photo()]))
    address = reverse("attachments:attachment-download", args=[CertificatePage.objects.get().attachment_id])
    for user, status in ((officer, 200), (stranger_clerk, 404)):
        client.force_login(user)
        assert client.get(address).status_code == status


def test_one_withdrawn_is_seen_by_its_own_people_only(licence, knows_seller, clerk, buyer_clerk, seller):
    services.withdraw(licence, reason="wrong", enterprise=seller, actor=clerk)
    assert sees(clerk, licence)
    assert not sees(buyer_clerk, licence)


@pytest.mark.requirement("H-022", "H-157", "H-179")
def test_the_page_of_goods_shows_its_latest_reports(client, officer, peanuts, seller, today):
    report(peanuts, seller, issued=today, lot="M-1")
    report(peanuts, seller, issued=today, number="R-2", conforms=False)
    client.force_login(officer)
    page = client.get(reverse("catalog:product-detail", args=[peanuts.pk])).text
    assert "Test report of the maker R-1" in page
    assert "does not conform" in page


# Checking


@pytest.mark.requirement("H-063", "H-065", "H-050", "L-024")
def test_an_officer_approves_from_the_queue(client, officer, licence):
    client.force_login(officer)
    assert str(licence.number) in client.get(reverse("certificates:review-list")).text
    page = client.get(reverse("certificates:review-detail", args=[licence.pk])).text
    assert "The check digit fits." in page
    answer = client.post(reverse("certificates:certificate-judge", args=[licence.pk]), {"step": "approve"})
    assert answer.url == reverse("certificates:review-list")
    licence.refresh_from_db()
    assert licence.state == "verified"


@pytest.mark.requirement("H-065", "L-024")
def test_what_is_sent_back_is_corrected_and_waits_again(client, officer, clerk, licence):
    judge = reverse("certificates:certificate-judge", args=[licence.pk])
    client.force_login(officer)
    assert client.post(judge, {"step": "return", "reason": ""}).status_code == 422
    assert client.post(judge, {"step": "return", "reason": "the photo is dark"}).status_code == 302
    client.force_login(clerk)
    assert "the photo is dark" in client.get(reverse("certificates:licence-detail", args=[licence.pk])).text
    edit = reverse("certificates:licence-edit", args=[licence.pk])
    typed = {"kind": "food_business", "holder": licence.holder.uscc, "number": "JY12301030000024",
             "valid_from": licence.valid_from, "valid_until": licence.valid_until}  # fmt: skip
    assert client.post(edit, typed).status_code == 302
    licence.refresh_from_db()
    assert (licence.state, licence.number, licence.ended_at) == ("pending", "JY12301030000024", None)


@pytest.mark.requirement("H-050", "H-062")
def test_the_first_buyer_checks_its_supplier_s(licence, knows_seller, buyer, buyer_clerk):
    services.approve(licence, enterprise=buyer, actor=buyer_clerk)
    assert licence.steps.get().enterprise == buyer


@pytest.mark.parametrize("who", ["clerk", "stranger_clerk", "buyer_clerk", "officer_elsewhere", "laboratory"])
def test_nobody_else_checks_it(request, licence, who):
    user = request.getfixturevalue(who)
    fixtures = {"clerk": "seller", "stranger_clerk": "stranger", "buyer_clerk": "buyer"}
    enterprise = request.getfixturevalue(fixtures[who]) if who in fixtures else None
    with pytest.raises(PermissionDenied):
        services.approve(licence, enterprise=enterprise, actor=user)


def test_what_was_checked_is_not_checked_again_and_not_edited_by_its_giver(licence, officer, clerk, seller):
    services.approve(licence, enterprise=None, actor=officer)
    with pytest.raises(ValidationError, match="already"):
        services.send_back(licence, reason="x", enterprise=None, actor=officer)
    with pytest.raises(PermissionDenied):
        services.correct(licence, pages=[], enterprise=seller, actor=clerk)


# Its end


@pytest.mark.requirement("H-127")
def test_a_new_version_replaces_and_the_old_one_stays_for_its_days(trader, licence, officer, today):
    services.approve(licence, enterprise=None, actor=officer)
    typed = {"number": licence.number, "valid_from": today, "valid_until": today + 4 * YEAR}
    assert trader.post(f"{LICENCE_ADD}?replaces={licence.pk}", typed).status_code == 302
    new = Licence.objects.get(replaces=licence)
    assert new.holder == licence.holder
    assert list(Licence.objects.current()) == [new]
    assert list(Licence.objects.valid_on(today - datetime.timedelta(days=1))) == [licence]
    assert trader.post(f"{LICENCE_ADD}?replaces={licence.pk}", typed | {"valid_until": today}).status_code == 422


def test_taking_it_back_needs_a_reason_and_deletes_nothing(trader, licence):
    address = reverse("certificates:certificate-withdraw", args=[licence.pk])
    assert trader.post(address, {"reason": " "}).status_code == 422
    assert trader.post(address, {"reason": "sold the shop"}).status_code == 302
    licence.refresh_from_db()
    assert (licence.state, licence.validity) == ("withdrawn", "ended")
    assert trader.post(address, {"reason": "again"}).status_code == 403


def test_an_officer_revokes(licence, officer):
    services.withdraw(licence, reason="licence revoked", enterprise=None, actor=officer)
    assert licence.steps.get().kind == "revoked"


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM certificates_certificate", "UPDATE certificates_certificatestep SET reason = 'x'",
        "DELETE FROM certificates_certificatestep", "DELETE FROM certificates_certificatepage",
        "UPDATE certificates_certificate SET state = 'withdrawn'",
        "UPDATE certificates_certificate SET lot_key = 'X'", "UPDATE certificates_certificate SET replaces_id = id",
        "INSERT INTO certificates_certificatestep (certificate_id, kind, reason, author_id, taken_at) "
        "SELECT c.id, 'returned', '', u.id, now() FROM certificates_certificate c, accounts_user u",
    ],
)  # fmt: skip
def test_the_database_keeps_what_was_uploaded(licence, clerk, photo, statement):
    services.add_pages(licence, [store(photo(), actor=clerk)])
    services.note(licence, "submitted", enterprise=None, actor=clerk)
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert CertificateStep.objects.count() == 1


def test_two_new_versions_at_once_are_one(licence, today, seller):
    make = {"holder": seller, "kind": licence.kind, "valid_from": today, "valid_until": today + YEAR}
    Licence.objects.create(replaces=licence, number="JY12301030000024", **make)
    with pytest.raises(DatabaseError, match="certificate_is_replaced_once"), transaction.atomic():
        Licence.objects.create(replaces=licence, number="JY12301030000032", **make)


# Hints


def test_a_number_tells_while_it_is_typed(trader, seller):
    asked = {"kind": "food_business", "number": "JY12301030000010", "holder": seller.uscc}
    found = trader.get(reverse("certificates:number-look"), asked).json()["findings"]
    assert [row["tone"] for row in found] == ["amber", "green"]
    assert "it should be" in found[0]["sentence"]


@pytest.mark.parametrize(("number", "right"), [("SC10744030704994", "4"), ("SC11351090100010", "0"),
                                               ("JY13301080111719", "9")])  # fmt: skip
def test_real_numbers_have_their_check_digit(number, right):
    assert mod_11_10_right(number) == right


def test_the_same_file_under_other_data_is_noticed(trader, licence, peanuts, photo, clerk, today):
    services.add_pages(licence, [store(photo(), actor=clerk)])
    trader.post(ADD, typed_report(peanuts, today, pages=[photo()]))
    row = ConformityDocument.objects.get()
    assert any("same file" in finding.sentence for finding in findings_of(row))
