"""Wrong data is reported by anybody, stands as it was said, and is answered once by a data steward."""

from __future__ import annotations

import pytest
from django.core.cache import cache
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import translation

from alerts.models import Alert
from alerts.raising import run_rules
from alerts.reference import load_alert_rules
from catalog.merging import merge_products, undo_merge
from catalog.models import FieldDecision, Lot, Product, ProductCode, ProductReport
from catalog.reporting import OPEN_MAX, Told, accept_reports, reject_reports
from catalog.reporting import report_product as keep_report
from enterprises.scoping import Scope
from laws.reference import load_laws
from tests.attachments.samples import as_file, phone_photo

GTIN = "9520004000017"


@pytest.fixture(autouse=True)
def in_english():
    with translation.override("en"):
        yield


@pytest.fixture(autouse=True)
def nobody_reported_from_here():
    cache.clear()


@pytest.fixture(autouse=True)
def root(settings, tmp_path):
    settings.ATTACHMENTS_ROOT = tmp_path


def report_product(product, *, actor, enterprise=None, **told):
    return keep_report(product, Told(**told), enterprise=enterprise, actor=actor)


@pytest.fixture
def report(peanuts, buyer, buyer_clerk):
    return report_product(peanuts, field="brand", says="乙牌", enterprise=buyer, actor=buyer_clerk)


@pytest.fixture
def visitor(peanuts):
    return Client(headers={"accept-language": "en"}, enforce_csrf_checks=True)


def tell(browser, **changes):
    return browser.post(reverse("portal:report", args=[GTIN]), {"field": "brand", "says": "乙牌"} | changes)


def answered(report):
    report.refresh_from_db()
    return report.state, report.answer


# What is put right


def test_what_is_so_becomes_the_steward_s_decision(report, peanuts, steward):
    accept_reports(report, value="乙牌", answer="包装照片如此", actor=steward)
    peanuts.refresh_from_db()
    assert peanuts.brand == "乙牌"
    assert answered(report) == ("accepted", "包装照片如此")
    assert report.decision == FieldDecision.objects.get()


def test_what_stands_there_already_needs_no_decision(report, peanuts, steward):
    Product.objects.filter(pk=peanuts.pk).update(brand="乙牌")
    assert accept_reports(report, value="乙牌", answer="已更正", actor=steward) is None
    assert answered(report) == ("accepted", "已更正")


def test_what_is_not_so_changes_nothing(report, peanuts, steward):
    reject_reports(report, answer="包装上是甲牌", actor=steward)
    peanuts.refresh_from_db()
    assert peanuts.brand == ""
    assert answered(report) == ("rejected", "包装上是甲牌")


def test_those_like_it_are_answered_with_it(report, peanuts, steward, clerk):
    same = report_product(peanuts, field="brand", says="乙", actor=clerk)
    accept_reports(report, same=[same], value="乙牌", answer="已核对", actor=steward)
    assert answered(same) == answered(report) == ("accepted", "已核对")


def test_those_about_something_else_are_not(report, peanuts, steward, clerk):
    other = report_product(peanuts, field="origin", says="山东", actor=clerk)
    with pytest.raises(ValidationError, match="not about the same"):
        reject_reports(report, same=[other], answer="不属实", actor=steward)
    assert answered(report)[0] == answered(other)[0] == "open"


def test_nobody_else_answers_and_an_answer_is_given_once_and_with_words(report, clerk, administrator, steward):
    with pytest.raises(PermissionDenied):
        reject_reports(report, answer="不属实", actor=clerk)
    with pytest.raises(ValidationError, match="Say why"):
        reject_reports(report, answer="  ", actor=steward)
    reject_reports(report, answer="不属实", actor=administrator)
    with pytest.raises(ValidationError, match="answered meanwhile"):
        accept_reports(report, value="乙牌", answer="属实", actor=steward)


def test_a_value_that_is_refused_leaves_the_report_open(report, peanuts, steward, seller):
    Lot.objects.create(product=peanuts, code="L1", declared_by=seller, unit=peanuts.unit)
    wrong = report_product(peanuts, field="unit", says="公斤", actor=steward)
    with pytest.raises(ValidationError, match="keep their unit"):
        accept_reports(wrong, value="kg", answer="按重量卖", actor=steward)
    assert answered(wrong)[0] == "open"


# What stands


@pytest.mark.parametrize(
    "change",
    ["says = 'x'", "author_id = NULL", "note = 'x'", "enterprise_id = NULL", "field = 'name'", "created_at = now()"],
)
def test_the_database_keeps_what_was_said(report, change):
    with pytest.raises(DatabaseError, match="stands"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE catalog_productreport SET {change}")


def test_the_database_keeps_an_answer_and_deletes_none(report, steward):
    with pytest.raises(DatabaseError, match="stands"), transaction.atomic():
        ProductReport.objects.all()._raw_delete("default")
    reject_reports(report, answer="不属实", actor=steward)
    with pytest.raises(DatabaseError, match="stands"), transaction.atomic():
        ProductReport.objects.update(answer="x")


@pytest.mark.parametrize(
    "change", ["says = ''", "answer = 'x'", "state = 'accepted'", "state = 'rejected', answer = 'x'"]
)
def test_the_database_refuses_halves(report, change):
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE catalog_productreport SET {change}")


def test_nonsense_and_self_made_goods_are_refused(peanuts, seller, clerk):
    own = Product.objects.create(name="自制", owner=seller, self_code="A1", unit=peanuts.unit)
    for product, field, says, words in (
        (peanuts, "brand", " ", "what the package says"),
        (peanuts, "owner", "x", "Choose what"),
        (own, "brand", "x", "self-made"),
    ):
        with pytest.raises(ValidationError, match=words):
            report_product(product, field=field, says=says, actor=clerk)


def test_the_same_person_saying_the_same_is_one_report(report, peanuts, buyer, buyer_clerk):
    assert report_product(peanuts, field="brand", says=" 乙牌 ", enterprise=buyer, actor=buyer_clerk) == report


def test_open_reports_follow_a_merge_and_come_back(report, peanuts, steward):
    survivor = Product.objects.create(name="示例花生", unit=peanuts.unit)
    ProductCode.objects.create(product=survivor, gtin="06901234567892")
    merge = merge_products(survivor, peanuts, values={}, reason="同一商品", actor=steward)
    report.refresh_from_db()
    assert report.product == survivor
    assert report_product(peanuts, field="origin", says="山东", actor=steward).product == survivor
    undo_merge(merge, reason="不是", actor=steward)
    report.refresh_from_db()
    assert report.product == peanuts


# Who sees it


def test_everybody_sees_what_concerns_them(request, report, peanuts, stranger):
    def seen(name):
        return ProductReport.objects.visible_to(Scope.of(request.getfixturevalue(name))).exists()

    who = ("steward", "administrator", "buyer_clerk", "clerk", "stranger_clerk", "officer", "laboratory")
    assert [name for name in who if seen(name)] == ["steward", "administrator", "buyer_clerk"]
    Product.objects.filter(pk=peanuts.pk).update(maker=stranger)
    assert [name for name in who if seen(name)] == ["steward", "administrator", "buyer_clerk", "stranger_clerk"]


def test_its_photo_is_seen_by_those_who_see_the_report(client, peanuts, clerk, steward, stranger_clerk):
    client.force_login(clerk)
    told = {"field": "brand", "says": "乙牌", "note": "看照片", "photos": as_file(phone_photo())}
    assert client.post(reverse("catalog:product-report", args=[peanuts.pk]), told).status_code == 302
    photo = ProductReport.objects.get().photos.get()
    address = reverse("attachments:attachment-download", args=[photo.attachment_id])
    for who, status in ((clerk, 200), (steward, 200), (stranger_clerk, 404)):
        client.force_login(who)
        assert client.get(address).status_code == status
    with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
        type(photo).objects.all()._raw_delete("default")


def test_maker_and_reporter_are_told(report, peanuts, stranger, buyer, steward):
    load_laws()
    load_alert_rules()
    Product.objects.filter(pk=peanuts.pk).update(maker=stranger)
    run_rules()
    assert [(row.rule_id, row.enterprise) for row in Alert.objects.open()] == [("PRODUCT_REPORTED", stranger)]
    reject_reports(report, answer="包装上是甲牌", actor=steward)
    run_rules()
    told = Alert.objects.open().get()
    assert (told.rule_id, told.enterprise) == ("REPORT_ANSWERED", buyer)
    assert told.sentence == "示例花生, “乙牌”: 包装上是甲牌"


# On the screens


def test_a_steward_answers_from_the_queue(client, report, peanuts, steward, clerk):
    same = report_product(peanuts, field="brand", says="乙", actor=clerk)
    client.force_login(steward)
    queue = client.get(reverse("catalog:productreport-list")).text
    assert "乙牌" in queue
    address = reverse("catalog:productreport-answer", args=[report.pk])
    assert 'value="乙牌"' in client.get(address).text
    assert client.post(address, {"value": "乙牌"}).status_code == 422
    typed = {"value": "乙牌", "answer": "已核对", "same": [same.pk]}
    assert client.post(address, typed).status_code == 302
    peanuts.refresh_from_db()
    assert peanuts.brand == "乙牌"
    assert answered(same)[0] == "accepted"
    assert client.get(address).status_code == 302
    client.force_login(clerk)
    assert "已核对" in client.get(reverse("catalog:product-detail", args=[peanuts.pk])).text


def test_a_steward_says_why_it_is_not_so(client, report, steward):
    client.force_login(steward)
    client.post(reverse("catalog:productreport-answer", args=[report.pk]), {"answer": "包装上是甲牌", "reject": "1"})
    assert answered(report) == ("rejected", "包装上是甲牌")


@pytest.mark.parametrize("field", ["maker", "barcode", "category", "shelf_life_days", "kind"])
def test_every_field_can_be_answered(client, peanuts, clerk, steward, field):
    report = report_product(peanuts, field=field, says="180", actor=clerk)
    client.force_login(steward)
    address = reverse("catalog:productreport-answer", args=[report.pk])
    assert client.get(address).status_code == 200
    assert client.post(address, {"answer": "已核对"}).status_code == 302
    assert answered(report)[0] == "accepted"


# The public


def test_anybody_reports_without_signing_in_or_a_cookie(visitor):
    page = visitor.get(reverse("portal:report", args=[GTIN]))
    assert "What does the package say?" in page.text
    told = tell(visitor)
    assert "Thank you" in visitor.get(told.url).text
    assert not visitor.cookies
    report = ProductReport.objects.get()
    assert (report.author, report.enterprise, report.says) == (None, None, "乙牌")


def test_the_same_again_counts_and_is_no_second_report(visitor):
    for _time in range(3):
        tell(visitor)
    assert ProductReport.objects.get().times == 3


def test_one_address_reports_so_many_times_an_hour(visitor):
    statuses = [tell(visitor, says=str(n)).status_code for n in range(22)]
    assert statuses == [302] * 20 + [429] * 2


def test_the_public_says_so_much_of_one_product(peanuts, clerk):
    for n in range(OPEN_MAX):
        report_product(peanuts, field="brand", says=str(n), actor=None)
    with pytest.raises(ValidationError, match="being looked at"):
        report_product(peanuts, field="brand", says="又一个", actor=None)
    assert report_product(peanuts, field="brand", says="又一个", actor=clerk)


def test_a_machine_that_fills_in_everything_is_thanked_and_forgotten(visitor):
    assert tell(visitor, website="http://spam.example").status_code == 302
    assert not ProductReport.objects.exists()


def test_another_site_s_form_is_refused(visitor):
    address = reverse("portal:report", args=[GTIN])
    typed = {"field": "brand", "says": "乙牌"}
    assert visitor.post(address, typed, headers={"origin": "https://elsewhere.example"}).status_code == 403
    assert visitor.post(address, typed, headers={"origin": "http://testserver"}).status_code == 302


@pytest.mark.parametrize("typed", [{}, {"field": "owner", "says": "x"}, {"field": "brand", "says": "x" * 201}])
def test_bad_input_is_told_beside_the_field(visitor, typed):
    page = visitor.post(reverse("portal:report", args=[GTIN]), typed)
    assert page.status_code == 422
    assert "Nothing was saved yet" in page.text


@pytest.mark.parametrize("gtin", ["1", "9520004000024", "a%00"])
def test_goods_that_nobody_knows_have_no_form(visitor, gtin):
    assert visitor.get(f"/01/{gtin}/report").status_code == 404
