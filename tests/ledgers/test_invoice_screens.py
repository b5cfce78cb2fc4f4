"""The paper's screens, as a browser meets them."""

from __future__ import annotations

import threading
import uuid

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.urls import NoReverseMatch, reverse

from catalog.models import Product
from documents.errors import DocumentIsConfirmed
from ledgers.drafts import save_draft
from ledgers.models import Invoice, LedgerEntry, StockBalance, purchases_of, sales_of
from ledgers.services import confirm_invoice, hold_lots, reverse_invoice
from tests.conftest import make_draft

JSON = {"accept": "application/json"}


@pytest.fixture
def browser(signed_in, clerk, peanuts, customer):
    """The seller's clerk at work."""
    return signed_in(clerk)


@pytest.fixture
def form(buyer, today):
    """A filled sale of three bags; what is given replaces a field."""

    def form(**changes):
        filled = {"partner": buyer.name, "traded_on": today.isoformat(), "code": "H-1", "lot": "PN-1", "quantity": "3"}
        return {**filled, "price": "77.31", "step": "review", "version": "0", **changes}

    return form


def at(name, pk=None):
    return reverse(f"ledgers:{name}", args=[pk] if pk else [])


def token(invoice, **changes):
    return {"token": uuid.uuid4(), "version": invoice.version, "reason": "进货单还没录", **changes}


@pytest.fixture
def written(browser, form) -> Invoice:
    """A draft written through the form, ready to be looked over."""
    browser.post(at("sale-add"), form())
    return Invoice.objects.get()


@pytest.fixture
def invoice(written, clerk):
    return confirm_invoice(written, actor=clerk)


# Writing


@pytest.mark.requirement("H-106")
def test_a_sale_goes_from_the_form_over_the_review_into_the_books(browser, form, buyer):
    review = browser.post(at("sale-add"), form(), follow=True)
    written = Invoice.objects.get()
    assert review.redirect_chain == [(at("invoice-review", written.pk), 302)]
    shown = review.content.decode()
    for words in (buyer.name, buyer.uscc, buyer.telephone, buyer.address, "PN-1", "9520004000017", "77.31"):
        assert words in shown
    browser.post(at("invoice-edit", written.pk), form(quantity="4", version=written.version))
    written.refresh_from_db()
    browser.post(at("invoice-confirm", written.pk), token(written))
    assert LedgerEntry.objects.get().quantity == 4
    refused = browser.post(at("invoice-edit", written.pk), form(quantity="9", version=written.version + 1))
    assert (refused.status_code, LedgerEntry.objects.get().quantity) == (409, 4)


@pytest.mark.requirement("H-087", "H-118")
def test_a_purchase_is_written_by_the_buyer_and_then_frozen(signed_in, buyer_clerk, supplier, form, seller, buyer):
    Product.objects.create(name="示例白菜", kind=Product.Kind.RAW, unit_id="kg")
    browser = signed_in(buyer_clerk)
    browser.post(at("purchase-add"), form(partner=seller.uscc, code="示例白菜", lot=""))
    written = Invoice.objects.get()
    browser.post(at("invoice-confirm", written.pk), token(written))
    entry = LedgerEntry.objects.get()
    assert (entry.seller, entry.buyer, entry.author, entry.product.name) == (seller, buyer, buyer, "示例白菜")
    assert browser.post(at("invoice-edit", written.pk), form(version="2")).status_code == 409


@pytest.mark.parametrize("book", ["purchases", "sales"])
@pytest.mark.requirement("H-088")
def test_a_ledger_has_no_address_to_write_to(book, invoice, signed_in, officer):
    for verb in ("add", "edit", "delete", "import"):
        with pytest.raises(NoReverseMatch):
            at(f"{book}-{verb}", 1 if verb in ("edit", "delete") else None)
    browser, entry = signed_in(officer), LedgerEntry.objects.get()
    for address in (at(f"{book}-list"), at(f"{book}-detail", entry.pk)):
        assert "示例花生" in browser.get(address).content.decode()
        assert browser.post(address, {"quantity": "1"}).status_code in (403, 405)


def test_the_form_saves_by_itself_and_says_where(browser, form):
    first = browser.post(at("sale-add"), form(step="save"), headers=JSON).json()
    draft = Invoice.objects.get()
    assert first == {"version": 1, "url": at("invoice-edit", draft.pk)}
    second = browser.post(first["url"], form(quantity="x", version=1), headers=JSON).json()
    assert second["version"] == 2
    assert Invoice.objects.get().typed["lines"][0]["quantity"] == "x"


def test_a_form_that_was_overtaken_is_refused_and_keeps_what_was_typed(browser, form, written):
    browser.post(at("invoice-edit", written.pk), form(version=written.version))
    late = form(version=written.version, note="mine")
    refused = browser.post(at("invoice-edit", written.pk), late, headers=JSON)
    assert (refused.status_code, list(refused.json())) == (409, ["refusal"])
    shown = browser.post(at("invoice-edit", written.pk), late)
    assert shown.status_code == 409
    assert 'value="mine"' in shown.content.decode()


def test_mistakes_are_shown_beside_what_was_typed(browser, form):
    shown = browser.post(at("sale-add"), form(quantity="three", partner="who?"))
    page = shown.content.decode()
    assert shown.status_code == 422
    assert 'value="three"' in page
    assert 'value="who?"' in page
    assert "Type a number" in page
    assert Invoice.objects.get().typed["partner"] == "who?"


def test_an_empty_form_makes_no_draft(browser):
    assert browser.post(at("sale-add"), {"step": "review"}).status_code == 422
    assert not Invoice.objects.exists()


def test_a_draft_is_gone_on_with_as_it_was_left(browser, form):
    browser.post(at("sale-add"), form(quantity="three"))
    draft = Invoice.objects.get()
    assert 'value="three"' in browser.get(at("invoice-edit", draft.pk)).content.decode()
    assert browser.get(at("invoice-review", draft.pk)).url == at("invoice-edit", draft.pk)


def test_a_draft_is_thrown_away_and_a_paper_is_not(browser, written, clerk, seller, buyer, peanuts):
    browser.post(at("invoice-discard", written.pk))
    assert not Invoice.objects.exists()
    paper = confirm_invoice(make_draft(seller, buyer, peanuts), actor=clerk)
    assert browser.post(at("invoice-discard", paper.pk)).url == at("invoice-detail", paper.pk)
    assert Invoice.objects.get() == paper


# Confirming


def test_a_double_click_is_one_paper(browser, written):
    press = token(written)
    answers = [browser.post(at("invoice-confirm", written.pk), press).url for _ in range(2)]
    answers.append(browser.post(at("invoice-confirm", written.pk), token(written)).url)
    assert set(answers) == {at("invoice-detail", written.pk)}
    assert LedgerEntry.objects.count() == 1


@pytest.mark.parametrize("version", ["1", "", "x", "-1", "9" * 30])
def test_only_what_was_looked_over_is_confirmed(browser, form, written, version):
    browser.post(at("invoice-edit", written.pk), form(quantity="300", version=written.version))
    refused = browser.post(at("invoice-confirm", written.pk), token(written, version=version))
    assert refused.url == at("invoice-edit", written.pk)
    assert not LedgerEntry.objects.exists()


@pytest.mark.parametrize("press", ["", "x", "0" * 32 + "0", "\0"])
def test_without_its_token_a_form_confirms_nothing(browser, written, press):
    assert browser.post(at("invoice-confirm", written.pk), token(written, token=press)).status_code == 302
    assert not LedgerEntry.objects.exists()


def test_the_token_of_another_paper_confirms_nothing(browser, form, written):
    press = token(written)
    browser.post(at("invoice-confirm", written.pk), press)
    browser.post(at("sale-add"), form())
    second = Invoice.objects.drafts().get()
    answer = browser.post(at("invoice-confirm", second.pk), {**press, "version": second.version})
    assert answer.url == at("invoice-edit", second.pk)
    assert LedgerEntry.objects.count() == 1


@pytest.mark.parametrize("rows", [1, 40])
def test_a_quantity_that_no_book_can_hold_is_refused(browser, form, peanuts, rows):
    browser.post(at("sale-add"), form(code=["H-1"] * rows, lot=["A"] * rows, quantity=["99999999999"] * rows, price=""))
    written = Invoice.objects.get()
    for _ in range(2):  # one line fits the book; forty of one lot do not, nor does a second paper
        answer = browser.post(at("invoice-confirm", written.pk), token(written))
        assert answer.status_code == 302
        written = make_draft(written.seller, written.buyer, peanuts, quantity="99999999999", lot="A")
    assert LedgerEntry.objects.count() == 1


# Afterwards


def test_a_reversal_asks_why(browser, invoice):
    for reason in ("", "  ", "\0"):
        asked = browser.post(at("invoice-reverse", invoice.pk), {"reason": reason})
        assert asked.status_code == 422
    done = browser.post(at("invoice-reverse", invoice.pk), {"reason": "数量\0录错" + "长" * 300})
    reversal = Invoice.objects.get(reverses=invoice)
    assert done.url == at("invoice-detail", reversal.pk)
    assert reversal.reason.startswith("数量录错")
    assert browser.post(at("invoice-reverse", invoice.pk), {"reason": "again"}).status_code == 422


def test_the_seller_acknowledges_on_its_screen(signed_in, clerk, buyer_clerk, seller, buyer, peanuts):
    paper = confirm_invoice(make_draft(seller, buyer, peanuts, author=buyer), actor=buyer_clerk)
    browser = signed_in(clerk)
    assert at("invoice-acknowledge", paper.pk) in browser.get(at("invoice-detail", paper.pk)).content.decode()
    for _ in range(2):
        assert browser.post(at("invoice-acknowledge", paper.pk)).status_code == 302
    assert at("invoice-acknowledge", paper.pk) not in browser.get(at("invoice-detail", paper.pk)).content.decode()
    assert StockBalance.objects.get(enterprise=seller).quantity == -10


def test_the_buyer_does_not_acknowledge_for_the_seller(signed_in, buyer_clerk, seller, buyer, peanuts):
    paper = confirm_invoice(make_draft(seller, buyer, peanuts, author=buyer), actor=buyer_clerk)
    draft = Invoice.objects.create(author=buyer, buyer=buyer, traded_on=paper.traded_on)
    for pk in (paper.pk, draft.pk):
        assert signed_in(buyer_clerk).post(at("invoice-acknowledge", pk)).status_code == 403


def test_what_was_a_stubs_sale_is_not_acknowledged_when_it_joins(seller, buyer, peanuts, buyer_clerk, signed_in, clerk):
    seller.status = "stub"
    seller.save()
    paper = confirm_invoice(make_draft(seller, buyer, peanuts, author=buyer), actor=buyer_clerk)
    seller.status = "active"
    seller.save()
    signed_in(clerk).post(at("invoice-acknowledge", paper.pk))
    assert StockBalance.objects.get(enterprise=seller).quantity == -10


def test_a_stubs_sale_is_taken_back_whole_after_it_joined(seller, buyer, peanuts, buyer_clerk):
    seller.status = "stub"
    seller.save()
    paper = confirm_invoice(make_draft(seller, buyer, peanuts, author=buyer), actor=buyer_clerk)
    seller.status = "active"
    seller.save()
    reverse_invoice(paper, reason="错", actor=buyer_clerk)
    assert set(StockBalance.objects.values_list("quantity", flat=True)) == {0}
    assert sales_of(seller).count() == purchases_of(buyer).count() == 2


def test_the_voucher_is_for_confirmed_papers_only(browser, written, clerk):
    assert browser.get(at("invoice-voucher", written.pk)).status_code == 404
    confirm_invoice(written, actor=clerk)
    answer = browser.get(at("invoice-voucher", written.pk))
    assert answer.status_code in (200, 503)  # 503: the fonts are not built yet
    assert answer.status_code == 503 or answer.content.startswith(b"%PDF")


def test_prices_stay_between_the_two_parties(browser, invoice, signed_in, buyer_clerk, officer):
    for reader in (browser, signed_in(buyer_clerk)):
        assert "77.31" in reader.get(at("invoice-detail", invoice.pk)).content.decode()
    page = signed_in(officer).get(at("invoice-detail", invoice.pk))
    assert page.status_code == 200
    assert "77.31" not in page.content.decode()


SCREENS = ["edit", "review", "confirm", "discard", "reverse", "acknowledge", "voucher"]


@pytest.mark.parametrize("screen", SCREENS)
def test_a_strangers_paper_and_no_paper_are_the_same(written, screen, signed_in, stranger_clerk):
    browser = signed_in(stranger_clerk)
    verb = browser.get if screen in ("edit", "review", "voucher") else browser.post
    stranger, nobody = (verb(at(f"invoice-{screen}", pk)) for pk in (written.pk, 10**9))
    assert (stranger.status_code, nobody.status_code) == (404, 404)


@pytest.mark.parametrize("screen", ["edit", "review", "confirm", "discard", "reverse"])
def test_the_buyer_does_not_touch_the_sellers_paper(invoice, screen, signed_in, buyer_clerk):
    assert signed_in(buyer_clerk).post(at(f"invoice-{screen}", invoice.pk)).status_code in (404, 405)


def test_looking_changes_nothing(browser, written):
    before = Invoice.objects.values().get()
    answers = {screen: browser.get(at(f"invoice-{screen}", written.pk)).status_code for screen in SCREENS}
    assert Invoice.objects.values().get() == before
    assert answers == {
        "edit": 200, "review": 200, "confirm": 405, "discard": 405, "reverse": 200, "acknowledge": 405, "voucher": 404,
    }  # fmt: skip


GARBAGE = [
    "\0",
    "\ud800".encode("utf-8", "surrogatepass"),
    "9" * 5000,
    "-1",
    "1e999",
    "{}",
    "🥜\u202e",
    "٣",
    "%s%(x)s",
    "0000",
]


@pytest.mark.parametrize("text", GARBAGE)
def test_garbage_is_answered_and_never_an_error(browser, form, written, text):
    fields = ("partner", "traded_on", "code", "lot", "made", "until", "quantity", "unit", "price", "version", "token")
    for address in (at("sale-add"), at("purchase-add"), *(at(f"invoice-{name}", written.pk) for name in SCREENS[:4])):
        posts = [
            dict.fromkeys(fields, text),
            form(**{"code": [text] * 3, "lot": "", "version": text}),
            {"partner": text},
        ]
        for post, headers in zip(posts, (JSON, {}, {}), strict=True):
            assert browser.post(address, post, headers=headers).status_code < 500


@pytest.mark.parametrize("text", ["\0", "9" * 5000, "🥜", "-1", "x"])
def test_a_search_for_garbage_finds_nothing(invoice, browser, text):
    names = ("q", "page", "product", "lot", "partner", "document", "since", "until", "region", "enterprise")
    for book in ("purchases", "sales", "invoice"):
        assert browser.get(at(f"{book}-list"), dict.fromkeys(names, text)).status_code < 500
        assert browser.get(at(f"{book}-list"), {"q": text, "page": text}).status_code < 500


# Races


def run_together(*jobs):
    def finish(job):
        try:
            job()
        finally:
            connection.close()

    threads = [threading.Thread(target=finish, args=[job]) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_an_edit_racing_a_confirm_leaves_lines_equal_to_the_books(real_database, request, form):
    seller, buyer, clerk, peanuts, _customer = map(
        request.getfixturevalue, ("seller", "buyer", "clerk", "peanuts", "customer")
    )
    rows = [{"code": "H-1", "lot": "NEW", "quantity": "7"}] * 3
    typed = {"partner": buyer.name, "traded_on": form()["traded_on"], "lines": rows}
    refusals = []

    def edit(draft):
        try:
            save_draft(draft, typed, author=seller, is_purchase=False, version=1, actor=clerk)
        except DocumentIsConfirmed as refusal:
            refusals.append(refusal)

    for _ in range(6):
        draft = make_draft(seller, buyer, peanuts)
        run_together(lambda: edit(draft), lambda: confirm_invoice(draft, actor=clerk))  # noqa: B023
        lines = set(draft.lines.values_list("pk", "lot_code", "quantity"))
        assert lines == set(draft.entries.values_list("line_id", "lot__code", "quantity"))
        assert len(lines) == (1 if refusals else 3)
        refusals.clear()


def test_no_sale_of_a_lot_slips_past_its_hold(real_database, request):
    seller, buyer, clerk, peanuts = map(request.getfixturevalue, ("seller", "buyer", "clerk", "peanuts"))
    lot = confirm_invoice(make_draft(seller, buyer, peanuts), actor=clerk).entries.get().lot
    drafts = [make_draft(seller, buyer, peanuts) for _ in range(12)]
    seen, codes = [], set()

    def sell(papers):
        for draft in papers:
            try:
                confirm_invoice(draft, actor=clerk)
            except ValidationError as refusal:
                codes.add(refusal.code)

    def hold():
        hold_lots([lot], reason="疑似不合格", actor=clerk)
        seen.append(LedgerEntry.objects.filter(lot=lot).count())

    run_together(*(lambda papers=drafts[n::4]: sell(papers) for n in range(4)), hold, hold)
    assert codes <= {"held"}
    assert lot.holds.count() == 1
    assert set(seen) == {LedgerEntry.objects.filter(lot=lot).count()}
