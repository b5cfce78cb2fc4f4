"""Who may open a file, and how strictly it is answered."""

from __future__ import annotations

import re

import pytest
from django.urls import reverse

from attachments import storage
from attachments.access import opened_by
from attachments.models import Attachment
from attachments.services import store
from enterprises.models import Enterprise
from enterprises.scoping import Scope
from tests.attachments.samples import as_file, pdf, phone_photo

DOWNLOAD, THUMBNAIL = "attachments:attachment-download", "attachments:attachment-thumbnail"
EVERYBODY = ["clerk", "buyer_clerk", "stranger_clerk", "officer", "officer_elsewhere", "laboratory", "administrator"]


@pytest.fixture
def look(client, request):
    """Open an address as one of the cast."""

    def look(who, address, pk, **headers):
        client.force_login(request.getfixturevalue(who))
        return client.get(reverse(address, args=[pk]), headers=headers)

    return look


def of_the_seller(photo, seller):
    """A rule as an upper app would have it: the photo belongs to the seller."""

    def rule(scope):
        mine = Enterprise.objects.filter(scope.as_q("pk"), pk=seller.pk)
        return Attachment.objects.filter(pk=photo.pk if mine.exists() else None).values_list("pk")

    return rule


# Who


@pytest.mark.parametrize("address", [DOWNLOAD, THUMBNAIL])
@pytest.mark.parametrize("who", EVERYBODY)
def test_without_a_rule_only_who_uploaded_it_opens_a_file(look, photo, who, address):
    assert look(who, address, photo.pk).status_code == (200 if who == "clerk" else 404)


@pytest.mark.parametrize(
    ("who", "status"),
    [("officer", 200), ("administrator", 200), ("buyer_clerk", 404), ("officer_elsewhere", 404), ("laboratory", 404)],
)
def test_a_rule_opens_it_for_those_whom_it_names(look, photo, seller, who, status):
    opened_by(of_the_seller(photo, seller))
    assert look(who, DOWNLOAD, photo.pk).status_code == status
    assert look(who, THUMBNAIL, photo.pk).status_code == status


def test_rules_add_up_and_open_nothing_else(photo, report, officer, seller):
    opened_by(of_the_seller(photo, seller))
    assert list(Attachment.objects.visible_to(Scope.of(officer))) == [photo]
    opened_by(of_the_seller(report, seller))
    assert list(Attachment.objects.visible_to(Scope.of(officer))) == [photo, report]
    assert not Attachment.objects.visible_to(Scope()).exists()


def test_one_opened_twice_is_listed_once(photo, report, clerk, seller):
    for _time in range(2):
        opened_by(of_the_seller(photo, seller))
    assert list(Attachment.objects.visible_to(Scope.of(clerk))) == [photo, report]


def test_who_lost_the_right_is_refused_at_once(look, photo, seller, rules):
    opened_by(of_the_seller(photo, seller))
    etag = look("officer", DOWNLOAD, photo.pk)["ETag"]
    rules.clear()
    assert look("officer", DOWNLOAD, photo.pk, if_none_match=etag).status_code == 404


def test_the_same_content_of_somebody_else_opens_only_the_own_row(look, photo, buyer_clerk):
    own = store(as_file(phone_photo()), actor=buyer_clerk)
    assert look("buyer_clerk", DOWNLOAD, own.pk).status_code == 200
    assert look("buyer_clerk", DOWNLOAD, photo.pk).status_code == 404


def test_who_is_not_signed_in_goes_to_sign_in(client, photo):
    for address in (DOWNLOAD, THUMBNAIL):
        response = client.get(reverse(address, args=[photo.pk]))
        assert response.status_code == 302
        assert "/accounts/login/" in response["Location"]


def test_a_stranger_s_file_and_a_missing_one_answer_alike(look, photo):
    answers = {}
    for pk in (photo.pk, 999_999, 10**30):
        response = look("stranger_clerk", DOWNLOAD, pk)
        page = re.sub(r'value="\w{64}"', "", response.text.replace(f"/{pk}/", ""))  # a token differs each time
        answers[pk] = (response.status_code, page)
    assert {status for status, _page in answers.values()} == {404}
    assert len(set(answers.values())) == 1


def test_nothing_is_written_by_a_request(client, clerk, photo):
    client.force_login(clerk)
    assert client.post(reverse(DOWNLOAD, args=[photo.pk])).status_code == 405
    assert client.delete(reverse(DOWNLOAD, args=[photo.pk])).status_code == 405


# How


def test_a_photo_is_shown_as_what_it_is(look, photo):
    response = look("clerk", DOWNLOAD, photo.pk)
    assert response["Content-Type"] == "image/jpeg"
    assert response["Content-Disposition"] == "inline; filename*=utf-8''%E9%97%A8%E5%8F%A3.jpg"
    assert response.content == storage.place_of(photo.sha256).read_bytes()


def test_a_pdf_is_saved_and_never_shown(look, report):
    response = look("clerk", DOWNLOAD, report.pk)
    assert response["Content-Type"] == "application/pdf"
    assert response["Content-Disposition"] == 'attachment; filename="report.pdf"'
    assert response.content == pdf()
    assert look("clerk", THUMBNAIL, report.pk).status_code == 404


@pytest.mark.parametrize("address", [DOWNLOAD, THUMBNAIL])
def test_the_answer_is_strict(look, photo, address):
    response = look("clerk", address, photo.pk)
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in response["Content-Security-Policy"]
    assert "default-src 'none'" in response["Content-Security-Policy"]
    assert "script-src" not in response["Content-Security-Policy"]
    assert response["Cache-Control"] == "private, no-cache"


def test_a_browser_that_has_it_is_not_sent_it_again(look, photo):
    tags = {address: look("clerk", address, photo.pk)["ETag"] for address in (DOWNLOAD, THUMBNAIL)}
    assert photo.sha256 in tags[DOWNLOAD]
    assert tags[DOWNLOAD] != tags[THUMBNAIL]
    for address, tag in tags.items():
        again = look("clerk", address, photo.pk, if_none_match=tag)
        assert (again.status_code, again.content, again["ETag"]) == (304, b"", tag)
        assert again["Cache-Control"] == "private, no-cache"
        assert look("clerk", address, photo.pk, if_none_match='"other"').status_code == 200


@pytest.mark.parametrize(
    ("name", "saved_as"),
    [("a.png", "a.jpg"), ("a.JPG", "a.JPG"), ("virus.exe", "virus.jpg"), ("a.pdf", "a.jpg"), ("-", "-.jpg")],
)
def test_a_photo_is_saved_with_the_ending_of_what_it_is(name, saved_as):
    assert Attachment(name=name, kind="image").saved_as == saved_as


@pytest.mark.parametrize("name", ['a".jpg', "a\r\nSet-Cookie: x=y.jpg", "a;filename=b.html"])
def test_a_name_cannot_steer_the_header(look, clerk, name):
    header = look("clerk", DOWNLOAD, store(as_file(phone_photo(), name), actor=clerk).pk)["Content-Disposition"]
    assert "\n" not in header
    assert header.startswith("inline; filename")
    assert header.endswith('.jpg"')


def test_a_file_that_is_lost_is_a_404_and_is_told(look, photo, caplog):
    storage.place_of(photo.sha256).unlink()
    assert look("clerk", DOWNLOAD, photo.pk).status_code == 404
    assert photo.sha256 in caplog.text


def test_opening_one_costs_as_much_with_many_rules(photo, seller, clerk, django_assert_num_queries):
    for _time in range(3):
        opened_by(lambda scope: Attachment.objects.filter(size=0).values_list("pk"))
    scope = Scope.of(clerk)
    with django_assert_num_queries(1):
        Attachment.objects.visible_to(scope).get(pk=photo.pk)
