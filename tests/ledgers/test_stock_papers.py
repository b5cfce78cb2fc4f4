"""Stock papers: what was there, counted, written off, destroyed, used; and that nothing else moves stock."""

from __future__ import annotations

import threading
import uuid
from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.utils import translation

from attachments.checking import check
from catalog.models import Lot
from documents.errors import DocumentIsConfirmed, SavedBySomebodyElse
from enterprises.scoping import Scope
from enterprises.services import claim_enterprise, decide_claim, joined_on
from ledgers import opening_typed, sql, stock_typed
from ledgers.models import Invoice, LotHold, StockBalance, StockPaper, StockPaperLine, StockPaperPhoto
from ledgers.receiving import accept_with_differences
from ledgers.services import confirm_invoice, hold_lots
from ledgers.stock_papers import (
    add_photos,
    confirm_stock_paper,
    discard_stock_paper,
    reverse_stock_paper,
    save_stock_paper,
)
from ledgers.stock_rules import warnings
from ledgers.verifying import differences
from tests.attachments.samples import as_file, phone_photo
from tests.conftest import make_draft
from tests.ledgers.test_production import sell
from tests.ledgers.test_receiving import short

DESTROYED = {"note": "过期", "method": "无害化处理", "witness": "示例见证人"}


@pytest.fixture(autouse=True)
def english():
    """Refusals are looked for in the words of the source."""
    with translation.override("en"):
        yield


def draft_of(enterprise, kind, *rows, actor, today, **head):
    """What `save_stock_paper` makes of rows: (lot, quantity) or, for an opening, whole rows."""
    rows = [
        row if isinstance(row, dict) else dict(zip(("lot", "quantity", "booked"), row, strict=False)) for row in rows
    ]
    typed = {"happened_on": today.isoformat(), "note": "", **head, "rows": rows}
    paper = StockPaper(enterprise=enterprise, kind=kind)
    return save_stock_paper(paper, typed, version=0, actor=actor)


@pytest.fixture
def write(seller, clerk, today):
    """Write and confirm a paper of the seller's."""

    def written(kind, *rows, **head):
        paper, reading = draft_of(seller, kind, *rows, actor=clerk, today=today, **head)
        assert not reading.problems, (reading.head_errors, reading.row_errors)
        return confirm_stock_paper(paper, actor=clerk)

    return written


@pytest.fixture
def refused(seller, clerk, today):
    """What is wrong with a paper of the seller's: by field of the head, and by field of the first row."""

    def problems(kind, *rows, **head):
        reading = draft_of(seller, kind, *rows, actor=clerk, today=today, **head)[1]
        return reading.head_errors | reading.row_errors.get(0, {})

    return problems


def left(enterprise, code="FLOUR"):
    return StockBalance.objects.get(enterprise=enterprise, lot__code=code).quantity


def opening(quantity="5", **row):
    return {"code": "H-1", "lot": "OLD", "made": "", "until": "", "quantity": quantity, "supplier": "旧示例行", **row}


# Opening stock


def test_opening_stock_makes_its_lot_as_an_invoice_does(write, seller, buyer, peanuts, clerk, buyer_clerk, today):
    peanuts.maker = buyer
    peanuts.save()
    paper = write("opening", opening(lot=" old－1 ", until=f"{today + timedelta(9):%Y-%m-%d}"))
    line = paper.lines.get()
    assert (line.lot.producer, line.lot.code_key, line.lot.declared_by) == (buyer, "OLD-1", seller)
    assert left(seller, line.lot.code) == 5
    bought = confirm_invoice(make_draft(buyer, seller, peanuts, lot="OLD-1"), actor=buyer_clerk)
    assert bought.entries.get().lot == line.lot


def test_opening_stock_of_a_known_lot_is_added_to_it(write, flour, seller, clerk, today):
    paper, _reading = draft_of(seller, "opening", opening(lot="flour"), actor=clerk, today=today)
    assert "10 " in warnings(paper)[0]
    confirm_stock_paper(paper, actor=clerk)
    assert (paper.lines.get().lot, left(seller)) == (flour, 15)


def test_a_case_opens_as_its_pieces(write, seller, peanuts):
    peanuts.codes.create(gtin="19520004000014", factor=24)
    write("opening", opening(code="19520004000014", quantity="2"))
    assert left(seller, "OLD") == 48


def test_goods_new_to_the_list_are_put_on_it(buyer, buyer_clerk, peanuts, today):
    draft_of(buyer, "opening", opening(code="9520004000017"), actor=buyer_clerk, today=today)
    assert buyer.listings.get().product == peanuts


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"code": "nothing"}, "code"),
        ({"code": ""}, "code"),
        ({"lot": ""}, "lot"),
        ({"quantity": "0"}, "quantity"),
        ({"quantity": "1e3"}, "quantity"),
        ({"quantity": "1.0000000000001"}, "quantity"),
        ({"quantity": "99999999999"}, "quantity"),
        ({"made": "2099-01-01"}, "made"),
        ({"made": "2026-01-05", "until": "2026-01-04"}, "until"),
        ({"supplier": "长" * 121}, "supplier"),
    ],
)
def test_what_makes_no_sense_in_an_opening_row_is_told_beside_it(refused, peanuts, changes, field):
    peanuts.codes.create(gtin="19520004000014", factor=24)
    code = {"code": "19520004000014"} if changes.get("quantity") == "99999999999" else {}
    assert field in refused("opening", opening(**code | changes))


def test_the_production_date_names_a_lot_without_a_number(write, seller, peanuts):
    write("opening", opening(lot="", made="2026-01-05"))
    assert left(seller, "20260105") == 5


def test_one_lot_twice_is_told(seller, clerk, peanuts, today):
    reading = draft_of(seller, "opening", opening(lot="a"), opening(lot="Ａ"), actor=clerk, today=today)[1]
    assert "another row" in reading.row_errors[1]["lot"]


def test_ninety_days_after_joining_it_is_too_late(refused, write, monkeypatch, today, peanuts, clerk):
    monkeypatch.setattr(opening_typed, "joined_on", lambda enterprise: today - timedelta(days=90))
    assert not refused("opening", opening())
    monkeypatch.setattr(opening_typed, "joined_on", lambda enterprise: today - timedelta(days=91))
    assert str(today - timedelta(days=1)) in refused("opening", opening())["happened_on"]
    with pytest.raises(ValidationError, match="could be written down until"):
        confirm_stock_paper(StockPaper.objects.order_by("pk").first(), actor=clerk)


def test_a_claimed_enterprise_joins_when_its_station_approves(nangang, officer, clerk, buyer, today):
    assert joined_on(buyer) == today
    type(buyer).objects.filter(pk=buyer.pk).update(status="stub")
    buyer.refresh_from_db()
    decide_claim(claim_enterprise(buyer, evidence="x", actor=clerk), accept=True, actor=officer)
    assert joined_on(buyer) == today


# Counts


@pytest.fixture
def shelf(draft, clerk, buyer):
    """Ten bags that a shop has bought."""
    return confirm_invoice(draft, actor=clerk).entries.get().lot


@pytest.fixture
def count(buyer, buyer_clerk, today, shelf):
    """Count the shop's bags: a draft."""

    def counted(quantity, booked="10", **head):
        return draft_of(buyer, "count", ("PN-1", quantity, booked), actor=buyer_clerk, today=today, **head)

    return counted


@pytest.mark.requirement("H-072")
def test_what_a_shop_misses_is_sold_to_consumers(count, buyer, buyer_clerk):
    paper, reading = count("4")
    assert not reading.problems
    line = confirm_stock_paper(paper, actor=buyer_clerk).lines.get()
    assert (line.quantity, line.booked, line.counted) == (-6, 10, 4)
    assert str(line.what) == "Sold to consumers, by a count"
    assert paper.missing_is_sold
    assert left(buyer, "PN-1") == 4


def test_a_wholesaler_says_why_something_is_missing(refused, write, flour, seller):
    assert "say why" in refused("count", ("FLOUR", "9"))["note"]
    paper = write("count", ("FLOUR", "9"), note="破损")
    assert (paper.missing_is_sold, left(seller)) == (False, 9)


def test_more_than_the_books_is_found_and_needs_no_word(write, flour, seller):
    line = write("count", ("FLOUR", "12.5")).lines.get()
    assert (str(line.what), left(seller)) == ("Found by a count beyond the books", Decimal("12.5"))


def test_nothing_left_is_counted_as_nothing(write, flour, seller):
    write("count", ("FLOUR", "0"), note="售罄")
    assert left(seller) == 0


def test_a_count_that_agrees_changes_nothing(write, flour, seller):
    paper = write("count", ("FLOUR", "10"))
    assert (paper.lines.get().quantity, left(seller)) == (0, 10)
    assert not paper.lines.in_force()


def test_what_is_left_empty_is_not_counted(refused, write, flour, seller):
    assert "rows" in refused("count", ("FLOUR", "", "10"))
    assert left(seller) == 10


def test_oversold_goods_are_counted_straight(shelf, write, seller):
    assert left(seller, "PN-1") == -10
    write("count", ("PN-1", "3", "-10"))
    assert left(seller, "PN-1") == 3


def test_books_that_moved_after_the_form_are_counted_again(count, buyer, stranger, buyer_clerk, shelf):
    sell(shelf, buyer, stranger, buyer_clerk, quantity="2")
    reading = count("7")[1]
    assert "from 10 to 8" in reading.row_errors[0]["quantity"]


def test_books_that_moved_after_the_draft_are_counted_again(count, buyer, stranger, buyer_clerk, shelf):
    paper, _reading = count("7", booked="")
    sell(shelf, buyer, stranger, buyer_clerk, quantity="2")
    with pytest.raises(ValidationError, match="PN-1"):
        confirm_stock_paper(paper, actor=buyer_clerk)
    paper = StockPaper.objects.get()
    reading = stock_typed.read_stock_paper(paper.typed, kind="count", enterprise=buyer)
    assert "from 10 to 8" in reading.row_errors[0]["quantity"]


def test_a_shop_explains_what_is_missing_of_a_held_lot(count, shelf, officer, buyer_clerk):
    hold_lots([shelf], reason="疑似不合格", actor=officer)
    paper, _reading = count("7")
    assert "PN-1" in warnings(paper)[0]
    with pytest.raises(ValidationError, match="say why"):
        confirm_stock_paper(paper, actor=buyer_clerk)


def test_expired_goods_that_are_missing_are_asked_about(count, shelf, today):
    Lot.objects.filter(pk=shelf.pk).update(expires_on=today - timedelta(days=1))
    assert "Write it off" in warnings(count("7")[0])[0]


@pytest.mark.parametrize("booked", ["NaN", "x", "1E+99", "-", "9" * 30])
def test_spoilt_books_of_a_form_mean_those_of_now(count, booked):
    assert count("7", booked=booked)[0].lines.get().booked == 10


# What leaves


@pytest.mark.parametrize(
    ("kind", "head"), [("write_off", {"note": "破损"}), ("destruction", DESTROYED), ("own_use", {"note": "员工餐"})]
)
def test_what_leaves_is_not_in_stock(write, flour, seller, kind, head):
    paper = write(kind, ("FLOUR", "4"), **head)
    assert paper.number.startswith("KC")
    assert (paper.lines.get().quantity, left(seller)) == (-4, 6)


@pytest.mark.parametrize("kind", ["write_off", "destruction", "own_use"])
def test_more_than_is_there_does_not_leave(refused, flour, kind):
    assert "only 10" in refused(kind, ("FLOUR", "10.001"), **DESTROYED)["quantity"]


@pytest.mark.parametrize(
    ("kind", "missing"),
    [("write_off", "note"), ("own_use", "note"), ("destruction", "method"), ("destruction", "witness")],
)
def test_what_leaves_without_its_words_is_refused(refused, flour, kind, missing):
    assert missing in refused(kind, ("FLOUR", "1"), **DESTROYED | {missing: " "})


@pytest.mark.parametrize(("row", "field"), [(("NONE", "1"), "lot"), (("", "1"), "lot"), (("FLOUR", "0"), "quantity")])
def test_a_row_that_means_nothing_is_told(refused, flour, row, field):
    assert field in refused("write_off", row, note="x")


def test_disputed_goods_do_not_leave(shelf, buyer, buyer_clerk, today):
    accept_with_differences(Invoice.objects.get().receipt, complaints=short(2), actor=buyer_clerk)
    reading = draft_of(buyer, "write_off", ("PN-1", "9"), actor=buyer_clerk, today=today, note="x")[1]
    assert "only 8" in reading.row_errors[0]["quantity"]


@pytest.mark.parametrize("cause", LotHold.Cause.values)
def test_held_goods_are_destroyed_but_not_used(write, refused, flour, seller, clerk, officer, today, cause):
    hold_lots([flour], reason="x", actor=officer, cause=cause)
    paper, _reading = draft_of(seller, "own_use", ("FLOUR", "1"), actor=clerk, today=today, note="x")
    with pytest.raises(ValidationError, match="on hold"):
        confirm_stock_paper(paper, actor=clerk)
    write("destruction", ("FLOUR", "5"), **DESTROYED)
    write("write_off", ("FLOUR", "5"), note="x")


def test_expired_goods_are_written_off_but_not_used(write, refused, flour, today):
    Lot.objects.filter(pk=flour.pk).update(expires_on=today - timedelta(days=1))
    assert "may not be used" in refused("own_use", ("FLOUR", "1"), note="x")["lot"]
    write("write_off", ("FLOUR", "10"), note="过期")


# A paper's life


@pytest.fixture
def written_off(write, flour):
    return write("write_off", ("FLOUR", "4"), note="破损")


def test_a_paper_is_reversed_by_its_mirror(written_off, seller, clerk):
    reversal = reverse_stock_paper(written_off, reason="数错", actor=clerk)
    assert (reversal.lines.get().quantity, left(seller)) == (4, 10)
    assert not StockPaper.objects.in_force()
    with pytest.raises(ValidationError, match="still in force"):
        reverse_stock_paper(written_off, reason="x", actor=clerk)
    with pytest.raises(ValidationError, match="still in force"):
        reverse_stock_paper(reversal, reason="x", actor=clerk)


def test_every_kind_is_reversed_to_what_was_before(write, flour, seller, clerk, peanuts):
    for kind, row in (("opening", opening()), ("count", ("FLOUR", "3")), ("destruction", ("FLOUR", "2"))):
        before = {row.lot_id: row.quantity for row in StockBalance.objects.filter(enterprise=seller)}
        reverse_stock_paper(write(kind, row, **DESTROYED), reason="x", actor=clerk)
        after = {row.lot_id: row.quantity for row in StockBalance.objects.filter(enterprise=seller)}
        assert {lot: n for lot, n in after.items() if n} == {lot: n for lot, n in before.items() if n}


def test_an_opening_that_was_sold_on_is_not_reversed(write, seller, buyer, clerk, peanuts):
    paper = write("opening", opening())
    sell(paper.lines.get().lot, seller, buyer, clerk, quantity="3")
    with pytest.raises(ValidationError, match="OLD: 3"):
        reverse_stock_paper(paper, reason="x", actor=clerk)


def test_a_reversal_says_why(written_off, clerk):
    with pytest.raises(ValidationError, match="Say why"):
        reverse_stock_paper(written_off, reason=" ", actor=clerk)


def test_the_same_token_twice_is_one_paper(seller, clerk, flour, today):
    paper = draft_of(seller, "write_off", ("FLOUR", "4"), actor=clerk, today=today, note="x")[0]
    token = uuid.uuid4()
    first, second = (confirm_stock_paper(paper, actor=clerk, token=token) for _ in range(2))
    assert (first.number, left(seller)) == (second.number, 6)
    with pytest.raises(DocumentIsConfirmed):
        confirm_stock_paper(paper, actor=clerk, token=uuid.uuid4())


def test_an_old_form_is_refused(seller, clerk, flour, today):
    paper = draft_of(seller, "write_off", ("FLOUR", "4"), actor=clerk, today=today, note="x")[0]
    with pytest.raises(SavedBySomebodyElse):
        save_stock_paper(paper, {}, version=paper.version - 1, actor=clerk)
    with pytest.raises(ValidationError, match="Look again"):
        confirm_stock_paper(paper, actor=clerk, version=paper.version - 1)


def test_a_draft_is_thrown_away_and_a_confirmed_paper_not(seller, clerk, written_off, today):
    discard_stock_paper(
        draft_of(seller, "write_off", ("FLOUR", "1"), actor=clerk, today=today, note="x")[0], actor=clerk
    )
    with pytest.raises(DocumentIsConfirmed):
        discard_stock_paper(written_off, actor=clerk)


@pytest.mark.parametrize(
    "deed",
    [
        lambda paper, who: save_stock_paper(
            StockPaper(enterprise=paper.enterprise, kind="count"), {}, version=0, actor=who
        ),
        lambda paper, who: confirm_stock_paper(paper, actor=who),
        lambda paper, who: discard_stock_paper(paper, actor=who),
        lambda paper, who: reverse_stock_paper(paper, reason="x", actor=who),
        lambda paper, who: add_photos(paper, [], actor=who),
    ],
)
def test_only_who_keeps_the_books_writes_stock_papers(written_off, buyer_clerk, officer, deed):
    for stranger in (buyer_clerk, officer):
        with pytest.raises(PermissionDenied):
            deed(written_off, stranger)


def test_supervisors_see_confirmed_papers_of_their_area(written_off, seller, clerk, officer, officer_elsewhere, today):
    draft_of(seller, "write_off", ("FLOUR", "1"), actor=clerk, today=today, note="x")
    seen = [StockPaper.objects.visible_to(Scope.of(who)).count() for who in (clerk, officer, officer_elsewhere)]
    assert seen == [2, 1, 0]


def test_photos_are_kept_with_a_write_off(written_off, clerk, write, peanuts):
    photo = check(as_file(phone_photo()))
    add_photos(written_off, [photo], actor=clerk)
    assert written_off.photos.count() == 1
    with pytest.raises(ValidationError, match="shown in photos"):
        add_photos(write("opening", opening()), [photo], actor=clerk)


def test_photos_are_only_added(written_off, clerk):
    add_photos(written_off, [check(as_file(phone_photo()))], actor=clerk)
    with pytest.raises(DatabaseError), transaction.atomic():
        StockPaperPhoto.objects.all().delete()


# What the service refuses without the form


def make_paper(seller, kind, lot, quantity, **fields):
    paper = StockPaper.objects.create(enterprise=seller, kind=kind, happened_on="2026-01-05", **fields)
    counted = {name: fields.pop(name) for name in ("counted", "booked") if name in fields}
    StockPaperLine.objects.create(
        paper=paper, position=1, product=lot.product, lot=lot, lot_code=lot.code, quantity=quantity, **counted
    )
    return paper


@pytest.mark.parametrize(
    ("kind", "quantity", "fields", "told"),
    [
        ("write_off", -1, {}, "Say why"),
        ("destruction", -1, {"note": "x"}, "how the goods were destroyed"),
        ("write_off", -11, {"note": "x"}, "only 10"),
        ("write_off", -1, {"note": "x", "happened_on": "2099-01-01"}, "future"),
    ],
)
def test_a_paper_from_elsewhere_is_checked_again(seller, clerk, flour, kind, quantity, fields, told):
    day = fields.pop("happened_on", "2026-01-05")
    paper = make_paper(seller, kind, flour, quantity, **fields)
    StockPaper.objects.filter(pk=paper.pk).update(happened_on=day)
    with pytest.raises(ValidationError, match=told):
        confirm_stock_paper(paper, actor=clerk)


def test_a_paper_without_lines_is_not_confirmed(seller, clerk):
    paper = StockPaper.objects.create(enterprise=seller, kind="count", happened_on="2026-01-05")
    with pytest.raises(ValidationError, match="without lines"):
        confirm_stock_paper(paper, actor=clerk)


# What the database refuses


@pytest.mark.parametrize(
    ("kind", "fields", "constraint"),
    [
        ("write_off", {"number": "X", "note": ""}, "what_leaves_stock_has_a_reason"),
        ("destruction", {"number": "X", "note": "x", "method": "x"}, "destruction_says_how_and_who_saw_it"),
        ("own_use", {"missing_is_sold": True}, "only_a_count_finds_goods_sold"),
    ],
)
def test_a_paper_that_says_too_little_is_refused(seller, clerk, kind, fields, constraint):
    if "number" in fields:
        fields = {**fields, "status": "confirmed", "confirmed_by": clerk, "confirmed_at": "2026-01-05T00:00Z"}
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        StockPaper.objects.create(enterprise=seller, kind=kind, happened_on="2026-01-05", **fields)


@pytest.mark.parametrize(
    ("fields", "constraint"),
    [
        ({"quantity": 0}, "stock_line_moves_or_counts"),
        ({"quantity": 1, "counted": 3, "booked": 1}, "count_is_what_differs_from_the_books"),
        ({"quantity": -2, "counted": -1, "booked": 1}, "count_is_what_differs_from_the_books"),
        ({"quantity": 1, "counted": 1}, "count_is_what_differs_from_the_books"),
        ({"quantity": 1, "produced_on": "2026-01-05", "expires_on": "2026-01-04"}, "opening_lot_expires_after"),
        ({"quantity": 1, "lot": None}, "stock_line_has_its_place"),
        ({"quantity": 1, "position": 2}, "lot_stands_once_on_a_stock_paper"),
    ],
)
def test_a_line_that_cannot_be_is_refused(seller, flour, fields, constraint):
    paper = make_paper(seller, "count", flour, 1)
    if constraint not in ("stock_line_has_its_place", "lot_stands_once_on_a_stock_paper"):
        fields = {"position": 2, "lot": None, **fields}
    line = {"position": 1, "lot": flour, **fields}
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        StockPaperLine.objects.create(paper=paper, product=flour.product, lot_code="x", **line)


@pytest.mark.parametrize(("kind", "quantity"), [("opening", -1), ("write_off", 1), ("own_use", 1), ("count", 1)])
def test_no_line_goes_the_wrong_way_whoever_calls_the_function(seller, clerk, flour, kind, quantity):
    paper = make_paper(seller, kind, flour, quantity, note="x", method="x", witness="x")
    with pytest.raises(IntegrityError, match="wrong way"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql.CONFIRM_STOCK_PAPER, [paper.pk, "KC", clerk.pk, None])


def test_a_confirmed_paper_is_frozen_in_the_database(written_off, clerk):
    for change in (
        lambda: StockPaper.objects.filter(pk=written_off.pk).update(note="x"),
        lambda: StockPaperLine.objects.filter(paper=written_off).update(quantity=-1),
        lambda: StockPaperLine.objects.filter(paper=written_off).delete(),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()
    with connection.cursor() as cursor, pytest.raises(DatabaseError, match="is confirmed"), transaction.atomic():
        cursor.execute(sql.CONFIRM_STOCK_PAPER, [written_off.pk, "KC", clerk.pk, None])


# Races


def at_once(*deeds):
    """Do all of these at the same time; what each refused."""
    refusals, start = [], threading.Barrier(len(deeds))

    def run(deed):
        start.wait()
        try:
            deed()
        except ValidationError as refusal:
            refusals.append(refusal)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[deed]) for deed in deeds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return refusals


def test_of_two_counts_at_once_one_counts_again(real_database, request, today):
    seller, clerk, _flour = (request.getfixturevalue(name) for name in ("seller", "clerk", "flour"))
    papers = [draft_of(seller, "count", ("FLOUR", n, "10"), actor=clerk, today=today, note="x")[0] for n in ("7", "6")]
    refusals = at_once(*(lambda paper=paper: confirm_stock_paper(paper, actor=clerk) for paper in papers))
    assert len(refusals) == 1
    assert left(seller) in (6, 7)
    assert not list(differences())


def test_a_sale_during_a_count_is_never_counted_twice(real_database, request, today):
    seller, buyer, clerk, flour = (request.getfixturevalue(name) for name in ("seller", "buyer", "clerk", "flour"))
    paper = draft_of(seller, "count", ("FLOUR", "7", "10"), actor=clerk, today=today, note="x")[0]
    refusals = at_once(
        lambda: confirm_stock_paper(paper, actor=clerk), lambda: sell(flour, seller, buyer, clerk, quantity="2")
    )
    assert left(seller) == (8 if refusals else 5)
    assert not list(differences())


def test_two_write_offs_at_once_never_take_more_than_is_there(real_database, request, today):
    seller, clerk, _flour = (request.getfixturevalue(name) for name in ("seller", "clerk", "flour"))
    papers = [draft_of(seller, "write_off", ("FLOUR", "6"), actor=clerk, today=today, note="x")[0] for _ in range(2)]
    refusals = at_once(*(lambda paper=paper: confirm_stock_paper(paper, actor=clerk) for paper in papers))
    assert (len(refusals), left(seller)) == (1, 4)
