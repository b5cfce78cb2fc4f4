"""What a scan means on a paper, asked by the form and understood without it."""

from __future__ import annotations

import datetime

import pytest
from django.urls import reverse
from django.utils import translation

from attachments.models import Attachment
from catalog.barcodes import check_digit
from catalog.models import Listing, Product, Unit
from ledgers.drafts import save_draft
from ledgers.models import Invoice
from ledgers.own_lots import lots_called
from ledgers.scanning import meaning_of, placed
from ledgers.services import confirm_invoice
from ledgers.typed import read
from tests.attachments.samples import REFUSED, as_file, encoded, phone_photo
from tests.conftest import make_draft

EAN, GTIN = "9520004000017", "09520004000017"
GS = "\x1d"
SCAN = f"]C101{GTIN}10LSF-1{GS}1125092817301231"
LINE = {"code": EAN, "lot": "LSF-1", "made": "2025-09-28", "until": "2030-12-31", "quantity": ""}


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


def row(**typed):
    return {"code": "", "lot": "", "made": "", "until": "", "quantity": "", "unit": "", "price": "", **typed}


# Without scripts: a typed line puts the scan where it belongs


@pytest.mark.parametrize("field", ["code", "lot"])
def test_a_scan_in_the_goods_or_lot_field_fills_the_line(field):
    assert placed(row(**{field: SCAN})) == row(**LINE)


def test_what_was_typed_stays_and_a_scan_of_other_goods_changes_nothing():
    typed = row(code=SCAN, lot="B2", quantity="7")
    assert placed(typed) == row(**{**LINE, "lot": "B2", "quantity": "7"})
    other = row(code="9520004000024", lot=SCAN)
    assert placed(other) == other


def test_the_lot_of_the_same_goods_comes_out_of_the_lot_field():
    assert placed(row(code=EAN, lot=SCAN, quantity="7")) == row(**{**LINE, "quantity": "7"})


def test_a_barcode_alone_in_the_lot_field_is_the_goods():
    assert placed(row(lot=EAN)) == row(code=EAN)


@pytest.mark.parametrize("text", ["LSF-1", f"01{GTIN[:-1]}9", "]C1", "https://food.example/v/1", "二〇二六"])
def test_what_is_no_good_scan_stays_where_it_was_typed(text):
    assert placed(row(code=text)) == row(code=text)
    assert placed(row(lot=text)) == row(lot=text)


def test_how_many_are_in_the_code_is_the_quantity():
    assert placed(row(code=f"{SCAN}3024"))["quantity"] == "24"


def test_a_paper_of_scans_alone_makes_sense(seller, buyer, peanuts, customer, today):
    code = f"01{GTIN}10LSF-1{GS}11250928"
    typed = {"partner": buyer.name, "traded_on": str(today), "lines": [{"code": code, "quantity": "3"}]}
    reading = read(typed, author=seller, role="customer")
    assert reading.is_complete
    (line,) = reading.lines
    assert (line.product, line.lot_code, line.produced_on) == (peanuts, "LSF-1", datetime.date(2025, 9, 28))


def test_a_draft_keeps_the_scan_in_its_places(seller, clerk, peanuts):
    draft, _reading = save_draft(
        None, {"lines": [row(code=SCAN)]}, author=seller, is_purchase=False, version=0, actor=clerk
    )
    assert draft.typed["lines"] == [row(**LINE)]


def test_a_wrong_digit_in_a_scanned_code_is_told_with_the_right_one(seller, buyer, customer, today):
    typed = {"partner": buyer.name, "traded_on": str(today), "lines": [{"code": f"01{GTIN[:-1]}910A", "quantity": "3"}]}
    assert GTIN in read(typed, author=seller, role="customer").line_errors[0]["code"]


# What the form asks


@pytest.fixture
def mean(seller):
    def mean(text, *, enterprise=seller, partner=None, is_purchase=False):
        return meaning_of(text, enterprise=enterprise, partner=partner, is_purchase=is_purchase)

    return mean


@pytest.fixture
def delivered(seller, buyer, peanuts, clerk, today):
    """Three deliveries to the buyer: lot OLD, then lot NEW, and long ago one that has expired."""
    for lot, days, keeps in (("NEW", 1, 90), ("OLD", 9, 30), ("GONE", 99, 9)):
        day = today - datetime.timedelta(days=days)
        draft = make_draft(seller, buyer, peanuts, lot=lot, day=day)
        draft.lines.update(expires_on=day + datetime.timedelta(days=keeps))
        confirm_invoice(draft, actor=clerk)


def test_a_whole_code_says_all_and_proposes_nothing(mean, peanuts, delivered):
    meaning = mean(SCAN)
    assert (meaning.product, dict(meaning.fill)) == (peanuts, LINE)
    assert not meaning.last


def test_of_a_plain_barcode_the_last_lot_from_this_supplier_is_proposed(mean, seller, buyer, stranger, delivered):
    assert mean(EAN, enterprise=buyer, partner=seller, is_purchase=True).last["lot"] == "NEW"
    assert not mean(EAN, enterprise=buyer, partner=stranger, is_purchase=True).last


def test_when_selling_the_lot_that_expires_first_is_proposed(mean, buyer, delivered):
    assert mean(EAN, enterprise=buyer).last["lot"] == "OLD"


def test_a_label_with_a_lot_number_of_one_s_own_names_its_goods(mean, buyer, peanuts, delivered):
    meaning = mean("new", enterprise=buyer)
    assert (meaning.product, meaning.fill["lot"], meaning.fill["code"]) == (peanuts, "NEW", EAN)


def weighed(owner, unit="kg", code="2100042"):
    goods = Product.objects.create(
        name="示例散装花生", unit=Unit.objects.get(code=unit), owner=owner, self_code=code, kind="bulk"
    )
    return Listing.objects.create(enterprise=owner, product=goods).product


def label(body):
    return body + check_digit(body)


@pytest.mark.parametrize(("unit", "quantity"), [("kg", "1.25"), ("g", "1250"), ("jin", "2.5"), ("bag", "")])
def test_a_shop_s_weighing_label_gives_goods_and_weight(mean, seller, unit, quantity):
    goods = weighed(seller, unit)
    meaning = mean(label("210004201250"))
    assert (meaning.product, meaning.fill["code"], meaning.fill["quantity"]) == (goods, "2100042", quantity)
    assert bool(meaning.remarks) == bool(quantity)


def test_a_code_that_stands_for_the_goods_as_a_whole_has_no_weight(mean, seller):
    whole = label("210004201250")
    goods = weighed(seller, code=whole)
    assert (mean(whole).product, mean(whole).fill["quantity"]) == (goods, "")


def test_a_net_weight_in_the_code_is_the_quantity_of_weighed_goods(mean, peanuts):
    peanuts.unit = Unit.objects.get(code="kg")
    peanuts.save()
    assert mean(f"01{GTIN}3103001250").fill["quantity"] == "1.25"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("9520004000018", EAN), ("9520004000024", "Nobody has entered"), ("NOTHING", "not among"), ("", "not among"),
        ("]C1x", "cannot be read"), ("https://x.example/", ""),
    ],
)  # fmt: skip
def test_what_means_nothing_says_what_to_do(mean, text, words):
    meaning = mean(text)
    assert meaning.product is None
    assert words in meaning.refusal
    assert meaning.refusal or meaning.remarks


def test_goods_of_another_enterprise_s_own_code_stay_its_secret(mean, stranger):
    weighed(stranger)
    assert mean("2100042").product is None


# In production


def test_a_lot_that_goes_into_a_run_may_be_scanned(buyer, delivered):
    (balance,) = lots_called([f"01{GTIN}10new"], enterprise=buyer).popitem()[1]
    assert balance.lot.code == "NEW"


@pytest.mark.parametrize("text", ["010952000400002410NEW", f"01{GTIN}10OTHER", f"01{GTIN}"])
def test_a_scan_of_other_goods_or_another_lot_is_none_of_them(buyer, delivered, text):
    assert lots_called([text], enterprise=buyer) == {text: []}


# The two addresses


def ask(client, **query):
    return client.get(reverse("ledgers:scan"), query)


def test_the_form_is_answered_in_fields(signed_in, clerk, peanuts):
    answer = ask(signed_in(clerk), code=EAN, partner="nobody", side="purchase").json()
    assert answer["found"]["name"] == peanuts.name
    assert answer["fill"]["code"] == EAN
    assert answer["found"]["price"] == "12.50"


@pytest.mark.parametrize("code", ["\0", "\ud800", "9" * 3000, "%00", "'; DROP TABLE", "]C1" + GS * 400])
def test_rubbish_is_answered_too(signed_in, clerk, code):
    code = code.encode("utf-8", "replace").decode()
    assert ask(signed_in(clerk), code=code, partner=code).json()["found"] is None


def test_a_question_is_a_few_statements(signed_in, clerk, peanuts, delivered, django_assert_max_num_queries):
    client = signed_in(clerk)
    with django_assert_max_num_queries(16):
        ask(client, code=SCAN)


def send(client, content):
    return client.post(reverse("ledgers:scan-photo"), {"photo": as_file(content)})


def drawn(text, kind, *, gs1=False):
    zxingcpp, pillow = pytest.importorskip("zxingcpp"), pytest.importorskip("PIL.Image")
    image = zxingcpp.create_barcode(text, getattr(zxingcpp.BarcodeFormat, kind), gs1=gs1).to_image(scale=4)
    return pillow.frombuffer("L", (image.shape[1], image.shape[0]), bytes(memoryview(image))).convert("RGB")


HUMAN = f"(01){GTIN}(10)LSF-1(11)250928"


@pytest.mark.parametrize("kind", ["Code128", "DataMatrix", "QRCode"])
def test_a_photo_is_read_like_a_scan(signed_in, clerk, kind):
    (code,) = send(signed_in(clerk), encoded(drawn(HUMAN, kind, gs1=True))).json()["codes"]
    assert placed(row(code=code)) == row(**{**LINE, "until": ""})


@pytest.mark.parametrize(("text", "kind"), [(EAN, "EAN13"), ("19520004000014", "ITF"), ("04252614", "UPCE")])
def test_a_photo_of_bars_gives_their_number(signed_in, clerk, text, kind):
    (code,) = send(signed_in(clerk), encoded(drawn(text, kind).rotate(7, expand=True, fillcolor="white"))).json()[
        "codes"
    ]
    assert code.endswith(text) or code == "]E00042100005264"


@pytest.mark.parametrize(
    ("content", "words"), [*REFUSED.values(), (phone_photo(), "No code")], ids=[*REFUSED, "no code"]
)
def test_a_photo_that_cannot_be_read_says_what_to_do(signed_in, clerk, content, words):
    answer = send(signed_in(clerk), content)
    assert answer.status_code == 422
    assert words in answer.json()["refusal"]


def test_without_a_photo_one_is_asked_for(signed_in, clerk):
    answer = signed_in(clerk).post(reverse("ledgers:scan-photo"))
    assert answer.json()["refusal"].startswith("Choose a photo")


def test_asking_writes_nothing(signed_in, clerk, peanuts):
    ask(signed_in(clerk), code=SCAN)
    send(signed_in(clerk), encoded(drawn(HUMAN, "QRCode", gs1=True)))
    assert not Invoice.objects.exists()
    assert not Attachment.objects.exists()
