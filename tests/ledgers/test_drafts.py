"""A paper being written: what was typed is kept, whatever it is."""

from __future__ import annotations

import datetime
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils import timezone

from catalog.models import Listing, Lot, Product, ProductCode
from documents.errors import DocumentIsConfirmed, SavedBySomebodyElse
from enterprises.models import Enterprise, Partnership
from ledgers.drafts import enter_customer, save_draft, tidy
from ledgers.models import Invoice, InvoiceLine
from ledgers.services import confirm_invoice, hold_lots
from tests.conftest import make_draft

GOOD = {"code": "H-1", "lot": "PN-1", "made": "", "until": "", "quantity": "3", "unit": "", "price": "12.50"}


@pytest.fixture
def save(seller, buyer, clerk, peanuts, customer, today):
    """Saves a sale of the seller as its clerk would."""

    def save(*rows, invoice=None, version=None, actor=clerk, author=seller, **head):
        typed = {"partner": buyer.name, "traded_on": today.isoformat(), **head, "lines": list(rows)}
        version = (invoice.version if invoice else 0) if version is None else version
        return save_draft(invoice, typed, author=author, is_purchase=False, version=version, actor=actor)

    return save


def test_a_draft_that_makes_sense_has_its_lines(save, buyer):
    invoice, reading = save(GOOD)
    line = invoice.lines.get()
    assert reading.is_complete
    assert (invoice.buyer, line.quantity, line.price) == (buyer, Decimal(3), Decimal("12.50"))


def test_all_that_was_typed_is_kept_with_its_mistakes(save):
    wrong = {**GOOD, "quantity": "three", "made": "31.2."}
    invoice, reading = save(GOOD, wrong, partner="谁?", paper_number="A/7", note="下午到")
    invoice.refresh_from_db()
    assert invoice.typed["lines"] == [GOOD, wrong]
    assert (invoice.typed["partner"], invoice.typed["paper_number"], invoice.typed["note"]) == ("谁?", "A/7", "下午到")
    assert not reading.is_complete


@pytest.mark.parametrize("mistake", [{"quantity": "0"}, {"code": "?"}, {"unit": "kg"}])
def test_lines_exist_only_when_everything_makes_sense(save, mistake):
    invoice, _reading = save(GOOD)
    save({**GOOD, **mistake}, GOOD, invoice=invoice)
    assert not invoice.lines.exists()


def test_a_wrong_head_has_no_lines_either(save):
    invoice, _reading = save(GOOD, partner="?")
    assert not invoice.lines.exists()
    assert invoice.buyer is None


def test_saving_again_replaces_the_lines_and_counts(save):
    invoice, _reading = save(GOOD, GOOD)
    again, _reading = save({**GOOD, "quantity": "8"}, invoice=invoice)
    assert again.lines.get().quantity == 8
    assert (invoice.version, again.version) == (1, 2)


def test_empty_rows_are_ignored(save):
    invoice, reading = save(*tidy({"lines": [{}, GOOD, {"code": " "}]})["lines"])
    assert len(reading.lines) == invoice.lines.count() == 1


@pytest.mark.parametrize("version", [0, 1, 3])
def test_an_older_form_is_refused_and_nothing_is_lost(save, version):
    invoice, _reading = save(GOOD)
    newer, _reading = save({**GOOD, "quantity": "8"}, invoice=invoice)
    with pytest.raises(SavedBySomebodyElse):
        save(GOOD, invoice=newer, version=version)
    newer.refresh_from_db()
    assert newer.typed["lines"][0]["quantity"] == "8"


def test_a_confirmed_paper_is_not_saved_any_more(save, clerk):
    invoice, _reading = save(GOOD)
    confirm_invoice(invoice, actor=clerk)
    with pytest.raises(DocumentIsConfirmed):
        save({**GOOD, "quantity": "8"}, invoice=invoice)
    assert invoice.lines.get().quantity == 3


def test_goods_from_the_shared_catalogue_enter_the_list_once(save, seller):
    shared = Product.objects.create(name="示例酱油", unit_id="bag")
    ProductCode.objects.create(product=shared, gtin="06921168509256")
    row = {**GOOD, "code": "6921168509256"}
    invoice, _reading = save(row, {**row, "lot": "B"})
    save(row, invoice=invoice)
    assert Listing.objects.filter(enterprise=seller, product=shared).count() == 1


def test_goods_of_a_draft_with_mistakes_are_not_listed(save, seller):
    Product.objects.create(name="示例白菜", kind=Product.Kind.RAW, unit_id="kg")
    save({**GOOD, "code": "示例白菜"}, {**GOOD, "quantity": ""})
    assert Listing.objects.filter(enterprise=seller).count() == 1


@pytest.mark.parametrize("text", ["\0", "a\0b", "长" * 10_000, "\u202eabc", "<script>", "'; DROP TABLE", "\ud7ff"])
@pytest.mark.parametrize("field", ["code", "lot", "made", "until", "quantity", "unit", "price"])
def test_nothing_typed_into_a_row_does_harm(save, field, text):
    invoice, _reading = save({**GOOD, field: text})
    invoice.refresh_from_db()
    assert "\0" not in str(invoice.typed)
    assert len(invoice.typed["lines"][0][field]) <= 200


@pytest.mark.parametrize("text", ["\0", "a\0b", "长" * 10_000])
@pytest.mark.parametrize("field", ["partner", "traded_on", "paper_number", "note"])
def test_nothing_typed_into_the_head_does_harm(save, field, text):
    invoice, _reading = save(GOOD, **{field: text})
    assert "\0" not in str(Invoice.objects.get(pk=invoice.pk).typed)


def test_only_who_keeps_the_books_writes(save, buyer_clerk, stranger_clerk, officer, administrator):
    invoice, _reading = save(GOOD)
    for somebody in (buyer_clerk, stranger_clerk, officer, administrator):
        with pytest.raises(PermissionDenied):
            save(GOOD, invoice=invoice, actor=somebody)
        with pytest.raises(PermissionDenied):
            save(GOOD, actor=somebody)


def test_the_clerk_of_the_headquarters_writes_for_its_places(save, seller, clerk):
    branch = Enterprise.objects.create(
        name="分店", uscc=seller.uscc, place="2", headquarters=seller, region=seller.region
    )
    invoice, _reading = save(GOOD, author=branch)
    assert invoice.author == branch


BROKEN = {
    "line_moves_something": {"quantity": 0},
    "line_moves_something ": {"factor": 0},
    "line_expires_after_it_is_made": {"produced_on": "2026-05-05", "expires_on": "2026-05-04"},
    "line_has_its_place": {"position": 1},
}


@pytest.mark.parametrize(("name", "broken"), BROKEN.items())
def test_the_database_refuses_a_line_that_cannot_be(draft, peanuts, name, broken):
    line = {"position": 2, "product": peanuts, "unit": peanuts.unit, "lot_code": "A", "quantity": 1, **broken}
    with pytest.raises(IntegrityError, match=name.strip()), transaction.atomic():
        InvoiceLine.objects.create(invoice=draft, **line)


def test_the_database_refuses_a_paper_with_one_party_twice(seller, today):
    with pytest.raises(IntegrityError, match="invoice_has_two_parties"), transaction.atomic():
        Invoice.objects.create(author=seller, seller=seller, buyer=seller, traded_on=today)


def test_the_database_refuses_a_paper_written_by_an_outsider(seller, buyer, stranger, today):
    with pytest.raises(IntegrityError, match="invoice_is_written_by_a_party"), transaction.atomic():
        Invoice.objects.create(author=stranger, seller=seller, buyer=buyer, traded_on=today)


@pytest.mark.parametrize("fields", [{"number": "X"}, {"status": "confirmed"}])
def test_the_database_refuses_a_paper_that_is_half_confirmed(draft, fields):
    with pytest.raises(IntegrityError, match="confirmed"), transaction.atomic():
        Invoice.objects.filter(pk=draft.pk).update(**fields)


def test_the_database_refuses_a_confirmed_paper_without_its_parties(seller, today, clerk, draft):
    signed = {"status": "confirmed", "number": "X", "confirmed_at": "2026-11-22T08:00Z", "confirmed_by": clerk}
    with pytest.raises(IntegrityError, match="confirmed_invoice_names_both_parties"), transaction.atomic():
        Invoice.objects.filter(pk=draft.pk).update(**signed)


def test_the_database_refuses_a_reversal_without_a_reason(draft, seller, buyer, today):
    with pytest.raises(IntegrityError, match="reversal_has_a_reason"), transaction.atomic():
        Invoice.objects.create(author=seller, seller=seller, buyer=buyer, traded_on=today, reverses=draft)


# From stock, and to new customers


def typed_sale(code="9520004000017", quantity="10", **more):
    head = {"partner": "小街示例便利店", "traded_on": timezone.localdate().isoformat()}
    row = {"code": code, "lot": "", "made": "", "until": "", "quantity": quantity, "unit": "", "price": ""}
    return {**head, **more, "lines": [row]}


def write(typed, seller, clerk):
    return save_draft(None, typed, author=seller, is_purchase=False, version=0, actor=clerk)


@pytest.fixture
def two_lots(seller, buyer, peanuts, buyer_clerk, customer, today):
    """Six bags that expire first, ten that expire later, and ten of a lot on hold."""
    for lot, quantity, days in (("LATE", 10, 60), ("SOON", 6, 30), ("HELD", 10, 20)):
        draft = make_draft(buyer, seller, peanuts, lot=lot, quantity=str(quantity))
        draft.lines.update(expires_on=today + datetime.timedelta(days=days))
        confirm_invoice(draft, actor=buyer_clerk)
    hold_lots(Lot.objects.filter(code="HELD"), reason="抽检", actor=buyer_clerk)


@pytest.mark.parametrize(
    ("quantity", "taken"),
    [("4", [("SOON", 4)]), ("9", [("SOON", 6), ("LATE", 3)]), ("20", [("SOON", 6), ("LATE", 14)])],
)
def test_a_sale_that_names_no_lot_takes_what_expires_first(two_lots, seller, clerk, quantity, taken):
    draft, reading = write(typed_sale(quantity=quantity), seller, clerk)
    assert reading.is_complete
    assert list(draft.lines.values_list("lot_code", "quantity")) == taken
    assert not draft.lines.filter(expires_on=None).exists()


def test_two_rows_of_the_same_goods_share_the_stock(two_lots, seller, clerk):
    typed = typed_sale(quantity="5")
    draft, _reading = write({**typed, "lines": typed["lines"] * 2}, seller, clerk)
    assert list(draft.lines.values_list("lot_code", "quantity")) == [("SOON", 5), ("SOON", 1), ("LATE", 4)]


def test_without_stock_the_lot_of_prepackaged_food_is_asked_for(seller, clerk, customer, peanuts):
    _draft, reading = write(typed_sale(), seller, clerk)
    assert list(reading.line_errors[0]) == ["lot"]


def test_loose_goods_of_two_suppliers_are_two_lots(buyer, seller, stranger, buyer_clerk, supplier):
    Product.objects.create(name="示例白菜", kind=Product.Kind.RAW, unit_id="kg")
    Partnership.objects.create(owner=buyer, partner=stranger, role="supplier")
    codes = set()
    for partner in (seller, stranger):
        typed = typed_sale(code="示例白菜", partner=partner.name)
        draft, _reading = save_draft(None, typed, author=buyer, is_purchase=True, version=0, actor=buyer_clerk)
        codes.add(draft.lines.get().lot_code)
    assert len(codes) == 2


def test_a_new_customer_needs_a_name_and_a_telephone_only(two_lots, seller, clerk):
    typed = typed_sale(partner="示例食堂", telephone="138 0000 1111")
    enter_customer(typed, author=seller, actor=clerk)
    draft, reading = write(typed, seller, clerk)
    assert reading.is_complete
    assert (draft.buyer.name, draft.buyer.telephone, draft.buyer.kept_by) == ("示例食堂", "138 0000 1111", seller)
    enter_customer(typed, author=seller, actor=clerk)
    assert Enterprise.objects.filter(name="示例食堂").count() == 1


@pytest.mark.parametrize(("telephone", "field"), [("", "partner"), ("none", "telephone"), ("1" * 40, "telephone")])
def test_without_a_telephone_that_makes_sense_nobody_is_entered(seller, clerk, peanuts, telephone, field):
    typed = typed_sale(partner="示例食堂", telephone=telephone)
    enter_customer(typed, author=seller, actor=clerk)
    assert not Partnership.objects.exists()
    assert field in write(typed, seller, clerk)[1].head_errors


def test_only_who_keeps_the_books_enters_a_customer(seller, stranger_clerk, peanuts):
    with pytest.raises(PermissionDenied):
        enter_customer(typed_sale(partner="示例食堂", telephone="13800001111"), author=seller, actor=stranger_clerk)
