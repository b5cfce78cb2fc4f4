"""The screens of production: a run written with keyboard alone, looked over, confirmed, released, reversed."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from django.urls import reverse

from catalog.models import Listing, Lot, Product
from enterprises.scoping import Scope
from ledgers.models import InvoiceLine, LotHold, LotLink, ProductionRun, StockBalance
from ledgers.run_typed import read_run
from ledgers.runs import confirm_run
from ledgers.services import confirm_invoice, hold_lots
from tests.conftest import make_draft
from tests.ledgers.conftest import make_lot, make_run

ADD, LIST = reverse("ledgers:run-add"), reverse("ledgers:run-list")


@pytest.fixture
def browser(signed_in, clerk):
    return signed_in(clerk)


def address(verb, run):
    return reverse(f"ledgers:run-{verb}", args=[run.pk])


def typed(today, *, outputs=(("H-1", "", "", "10"),), inputs=(("FLOUR", "10"),), **more):
    """The form as a browser sends it."""
    columns = {
        f"out_{name}": [row[at] for row in outputs] for at, name in enumerate(("code", "lot", "until", "quantity"))
    }
    columns |= {f"in_{name}": [row[at] for row in inputs] for at, name in enumerate(("lot", "quantity"))}
    return {"produced_on": today.isoformat(), "note": "", "step": "review", **columns, **more}


@pytest.fixture
def run(browser, flour, today):
    """A draft that all makes sense."""
    browser.post(ADD, typed(today))
    return ProductionRun.objects.get()


@pytest.fixture
def made(run, clerk):
    return confirm_run(run, actor=clerk)


def problems(page):
    reading = page.context["reading"]
    return reading.head_errors, reading.output_errors, reading.input_errors


# Writing


@pytest.mark.requirement("H-092", "H-104")
def test_a_run_is_written_looked_over_and_confirmed(browser, flour, seller, today):
    answer = browser.post(ADD, typed(today))
    run = ProductionRun.objects.get()
    assert answer["Location"] == address("review", run)
    page = browser.get(address("review", run))
    assert "100.0 %" in page.content.decode()
    assert not page.context["warnings"]
    answer = browser.post(address("confirm", run), {"token": page.context["token"], "version": run.version})
    assert answer["Location"] == address("detail", run)
    output = ProductionRun.objects.get().outputs.get()
    assert output.lot_code == output.lot.code == f"{today:%Y%m%d}01"
    assert output.lot.expires_on == today + timedelta(days=180)
    assert LotLink.objects.get().from_lot == flour
    assert StockBalance.objects.get(lot=flour, enterprise=seller).quantity == 0


def test_the_same_press_twice_is_one_run(browser, run):
    form = {"token": uuid.uuid4(), "version": run.version}
    first, second = (browser.post(address("confirm", run), form) for _ in range(2))
    assert first["Location"] == second["Location"] == address("detail", run)
    assert LotLink.objects.count() == 1


def test_a_form_without_its_token_confirms_nothing(browser, run):
    assert browser.post(address("confirm", run), {"version": run.version})["Location"] == address("edit", run)
    run.refresh_from_db()
    assert run.is_draft


def test_what_was_changed_after_the_look_is_not_confirmed(browser, run, today):
    browser.post(address("edit", run), typed(today, version=run.version, note="第二班"))
    browser.post(address("confirm", run), {"token": uuid.uuid4(), "version": run.version})
    run.refresh_from_db()
    assert (run.is_draft, run.note) == (True, "第二班")


def test_a_refusal_of_the_books_leads_back_to_the_draft(browser, run, flour, officer):
    hold_lots([flour], reason="疑似不合格", actor=officer)
    page = browser.get(address("review", run))
    assert "FLOUR" in " ".join(page.context["warnings"])
    page = browser.post(address("confirm", run), {"token": page.context["token"], "version": run.version}, follow=True)
    assert "held by an authority" in page.content.decode()


@pytest.mark.parametrize(
    ("changes", "side", "name"),
    [
        ({"produced_on": "2099-01-01"}, 0, "produced_on"),
        ({"produced_on": "x"}, 0, "produced_on"),
        ({"outputs": [("H-1", "", "", "1")]}, 0, "note"),
        ({"outputs": [("nothing", "", "", "10")]}, 1, "code"),
        ({"outputs": [("", "", "", "10")]}, 1, "code"),
        ({"outputs": [("H-1", "㍿" * 20, "", "10")]}, 1, "lot"),
        ({"outputs": [("H-1", "", "2020-01-01", "10")]}, 1, "until"),
        ({"outputs": [("H-1", "", "", "0")]}, 1, "quantity"),
        ({"outputs": [("H-1", "", "", "-1")]}, 1, "quantity"),
        ({"outputs": [("H-1", "", "", "1e3")]}, 1, "quantity"),
        ({"outputs": [("H-1", "A", "", "5"), ("H-1", "a", "", "5")]}, 1, "lot"),
        ({"inputs": [("NOTHING", "10")]}, 2, "lot"),
        ({"inputs": [("", "10")]}, 2, "lot"),
        ({"inputs": [("FLOUR", "")]}, 2, "quantity"),
        ({"inputs": [("FLOUR", "0")]}, 2, "quantity"),
        ({"inputs": [("FLOUR", "5"), ("flour", "5")]}, 2, "lot"),
        ({"outputs": []}, 0, "outputs"),
    ],
)
def test_what_makes_no_sense_is_told_beside_its_field_and_kept(browser, flour, today, changes, side, name):
    page = browser.post(ADD, typed(today, **changes))
    assert page.status_code == 422
    told = problems(page)[side]
    assert name in (told if side == 0 else next(reversed(told.values())))
    run = ProductionRun.objects.get()
    assert not run.outputs.exists()
    again = browser.get(address("edit", run)).content.decode()
    for key in ("outputs", "inputs"):
        for row in changes.get(key, []):
            assert all(f'value="{cell}"' in again for cell in row if cell)
    assert "error-summary" in again


def test_a_note_explains_what_is_missing(browser, flour, today):
    form = typed(today, outputs=[("H-1", "", "", "1")], note="锅炉停电，报废")
    assert browser.post(ADD, form)["Location"].endswith("/review/")
    page = browser.get(address("review", ProductionRun.objects.get()))
    assert "10.0 %" in " ".join(page.context["warnings"])


def test_that_nothing_went_in_is_said(browser, peanuts, today):
    browser.post(ADD, typed(today, inputs=[]))
    page = browser.get(address("review", ProductionRun.objects.get()))
    assert "No lot went in" in page.context["warnings"][0]


def test_an_expired_lot_is_named_beside_its_row(browser, flour, today):
    Lot.objects.filter(pk=flour.pk).update(expires_on=today - timedelta(days=1))
    page = browser.post(ADD, typed(today))
    assert "FLOUR" in page.context["reading"].input_errors[0]["lot"]
    assert browser.post(ADD, typed(today - timedelta(days=1))).status_code == 302


def test_a_lot_that_goes_in_does_not_come_out(browser, made, today):
    code = made.outputs.get().lot.code
    page = browser.post(ADD, typed(today, outputs=[("H-1", code, "", "10")], inputs=[(code, "10")]))
    assert code in page.context["reading"].output_errors[0]["lot"]


def test_an_empty_form_makes_no_draft(browser, flour, today):
    assert browser.post(ADD, typed(today, outputs=[("", "", "", "")], inputs=[("", "")])).status_code == 422
    assert not ProductionRun.objects.exists()


def test_a_case_counts_as_its_pieces(browser, flour, peanuts, today):
    peanuts.codes.create(gtin="19520004000014", factor=24)
    browser.post(ADD, typed(today, outputs=[("19520004000014", "", "", "2")], note="x"))
    assert ProductionRun.objects.get().outputs.get().quantity == 48


def test_more_than_there_is_is_said_but_not_refused(browser, flour, today):
    browser.post(ADD, typed(today, outputs=[("H-1", "", "", "12")], inputs=[("FLOUR", "12")]))
    page = browser.get(address("review", ProductionRun.objects.get()))
    assert "-2" in " ".join(page.context["warnings"])
    assert 'data-label="Left after it">-2<' in page.content.decode()


def test_lot_numbers_of_one_day_do_not_meet(browser, made, flour, today):
    rows = [("H-1", "", "", "3"), ("H-1", f"{today:%Y%m%d}03", "", "3"), ("H-1", "", "", "4")]
    browser.post(ADD, typed(today, outputs=rows))
    run = ProductionRun.objects.drafts().get()
    assert list(run.outputs.order_by("pk").values_list("lot_code", flat=True)) == [
        f"{today:%Y%m%d}{n}" for n in ("02", "03", "04")
    ]
    page = browser.get(address("edit", run)).content.decode()
    assert f'placeholder="{today:%Y%m%d}02"' in page


def test_a_second_run_of_a_lot_is_said(browser, made, flour, today):
    code = made.outputs.get().lot_code
    browser.post(ADD, typed(today, outputs=[("H-1", code, "", "10")]))
    page = browser.get(address("review", ProductionRun.objects.drafts().get()))
    assert any(code in sentence for sentence in page.context["warnings"])


# Choosing from stock


def test_what_expires_first_is_offered_first(browser, flour, seller, buyer, peanuts, buyer_clerk, today):
    for code, days in (("LATE", 90), ("SOON", 9), ("OVER", -1)):
        lot = confirm_invoice(make_draft(buyer, seller, peanuts, lot=code), actor=buyer_clerk).entries.get().lot
        Lot.objects.filter(pk=lot.pk).update(expires_on=today + timedelta(days=days))
    offered = [name for name, _balance in browser.get(ADD).context["lots"]]
    assert offered == ["SOON", "LATE", "FLOUR"]


@pytest.fixture
def twins(flour, seller, buyer, buyer_clerk):
    """Two lots of the same number in the seller's stock."""
    other = Product.objects.create(name="示例玉米", unit_id="bag")
    return confirm_invoice(make_draft(buyer, seller, other, lot="FLOUR"), actor=buyer_clerk).entries.get().lot


def test_one_number_for_two_lots_is_asked_back(browser, twins, today):
    page = browser.post(ADD, typed(today))
    assert "lot" in page.context["reading"].input_errors[0]
    name = next(name for name, balance in page.context["lots"] if balance.lot == twins)
    assert browser.post(ADD, typed(today, inputs=[(name, "10")])).status_code == 302
    assert ProductionRun.objects.latest("pk").inputs.get().lot == twins


def test_of_two_lots_of_one_number_that_in_stock_is_meant(twins, flour, seller, clerk, today):
    confirm_run(make_run(seller, {twins: 10}, {"CAKE": 10}, flour.product), actor=clerk)
    reading = read_run({"produced_on": str(today), "inputs": [{"lot": "FLOUR", "quantity": "1"}]}, enterprise=seller)
    assert reading.inputs[0].lot == flour


def test_the_form_costs_the_same_however_much_there_is(
    browser, run, seller, buyer, peanuts, buyer_clerk, today, django_assert_max_num_queries
):
    codes = [f"L{n}" for n in range(12)]
    for code in codes:
        confirm_invoice(make_draft(buyer, seller, peanuts, lot=code), actor=buyer_clerk)
    inputs = [("FLOUR", "10"), *((code, "10") for code in codes)]
    form = typed(today, inputs=inputs, outputs=[("H-1", "", "", "130")], version=run.version)
    assert browser.post(address("edit", run), form).status_code == 302
    for verb in ("edit", "review", "detail"):
        with django_assert_max_num_queries(27):
            assert browser.get(address(verb, run)).status_code == 200


# Two people, one draft


def test_a_stale_form_is_told_and_keeps_what_was_typed(browser, run, today):
    version = run.version
    browser.post(address("edit", run), typed(today, version=version, note="甲"))
    page = browser.post(address("edit", run), typed(today, version=version, note="乙"))
    assert page.status_code == 409
    assert 'value="乙"' in page.content.decode()
    run.refresh_from_db()
    assert run.note == "甲"


def test_a_page_that_saves_by_itself_is_answered_in_its_language(browser, run, today):
    headers = {"accept": "application/json"}
    answer = browser.post(address("edit", run), typed(today, version=run.version), headers=headers)
    assert answer.json() == {"version": run.version + 1, "url": address("edit", run)}
    answer = browser.post(address("edit", run), typed(today, version=run.version), headers=headers)
    assert (answer.status_code, list(answer.json())) == (409, ["refusal"])


def test_a_draft_is_thrown_away_and_a_run_is_not(browser, run, clerk):
    assert browser.post(address("discard", run))["Location"] == LIST
    assert not ProductionRun.objects.exists()


def test_a_confirmed_run_is_neither_edited_nor_discarded(browser, made, today):
    assert browser.get(address("edit", made))["Location"] == address("detail", made)
    assert browser.post(address("edit", made), typed(today, version=made.version)).status_code == 409
    assert browser.post(address("discard", made))["Location"] == address("detail", made)
    assert browser.get(address("review", made))["Location"] == address("detail", made)
    assert ProductionRun.objects.confirmed().get().outputs.get().quantity == 10


# Releasing and reversing


@pytest.mark.requirement("H-108")
def test_what_was_made_is_released_with_its_certificate_and_then_sold(browser, made, seller, buyer, peanuts, clerk):
    lot = made.outputs.get().lot
    page = browser.get(address("detail", made)).content.decode()
    assert "On hold until it is released" in page
    page = browser.post(address("release", made), {"certificate": "", "conclusion": "passed"})
    assert page.status_code == 422
    page = browser.post(address("release", made), {"certificate": "HG-7", "conclusion": "failed"})
    assert 'value="HG-7"' in page.content.decode()
    assert LotHold.objects.get(lot=lot).released_at is None
    browser.post(address("release", made), {"certificate": "HG-7", "conclusion": "passed"})
    page = browser.get(address("detail", made)).content.decode()
    assert "HG-7" in page
    assert 'name="certificate"' not in page


@pytest.mark.requirement("H-108")
def test_a_sale_that_is_typed_means_the_lot_that_was_made(browser, made, customer, buyer, seller, clerk):
    """The catalogue names no maker: the sale must not begin another lot, which nobody holds."""
    lot = made.outputs.get().lot
    line = {"code": "H-1", "lot": lot.code, "made": "", "until": "", "quantity": "1", "unit": "", "price": ""}
    browser.post(reverse("ledgers:sale-add"), {"partner": buyer.name, "traded_on": str(made.produced_on), **line})
    draft = InvoiceLine.objects.get(lot_code=lot.code, quantity=1)
    assert draft.known_lot == lot
    page = browser.post(
        reverse("ledgers:invoice-confirm", args=[draft.invoice_id]), {"token": uuid.uuid4(), "version": 1}, follow=True
    )
    assert "on hold" in page.content.decode()


@pytest.mark.requirement("H-101")
def test_a_run_links_to_the_traces_of_its_lots(browser, made, flour):
    page = browser.get(address("detail", made)).content.decode()
    for lot in (flour, made.outputs.get().lot):
        where = reverse("ledgers:trace-lot", args=[lot.pk])
        assert where in page
        assert browser.get(where).status_code == 200


def test_a_run_is_reversed_with_a_reason(browser, made):
    assert "FLOUR" in browser.get(address("reverse", made)).content.decode()
    assert browser.post(address("reverse", made), {"reason": " "}).status_code == 422
    answer = browser.post(address("reverse", made), {"reason": "投料记错"})
    reversal = ProductionRun.objects.get(reverses=made)
    assert answer["Location"] == address("detail", reversal)
    for paper in (made, reversal):
        page = browser.get(address("detail", paper)).content.decode()
        assert "投料记错" in page
        assert address("reverse", paper) not in page
        assert 'name="certificate"' not in page
    assert {"Reversed", "Reversal"} <= set(browser.get(LIST).content.decode().replace(">", "<").split("<"))


def test_what_cannot_be_unmade_says_how_much_is_missing(browser, made, seller, peanuts, clerk):
    confirm_run(make_run(seller, {made.outputs.get().lot: 4}, {"BOX": 4}, peanuts), actor=clerk)
    page = browser.post(address("reverse", made), {"reason": "错"})
    assert page.status_code == 422
    assert ": 4 " in page.context["refusal"]


# Who may


def test_a_draft_is_its_enterprise_s_own_business(
    signed_in, run, made, seller, flour, peanuts, officer, stranger_clerk
):
    draft = make_run(seller, {flour: 1}, {"OTHER": 1}, peanuts)
    station = signed_in(officer)
    assert station.get(address("detail", made)).status_code == 200
    assert station.get(address("detail", draft)).status_code == 404
    assert list(ProductionRun.objects.visible_to(Scope.of(officer))) == [made]
    for paper in (draft, made):
        assert signed_in(stranger_clerk).get(address("detail", paper)).status_code == 404


@pytest.mark.parametrize("verb", ["edit", "review", "confirm", "discard", "reverse", "release"])
def test_a_stranger_s_run_is_not_there(signed_in, run, stranger_clerk, verb):
    browser = signed_in(stranger_clerk)
    method = browser.get if verb == "review" else browser.post
    assert method(address(verb, run), {"reason": "x", "token": uuid.uuid4()}).status_code == 404


def test_an_officer_reads_and_does_nothing_else(signed_in, made, officer):
    page = signed_in(officer).get(address("detail", made)).content.decode()
    assert 'name="certificate"' not in page
    assert address("reverse", made) not in page
    assert signed_in(officer).post(address("release", made)).status_code == 403


def test_a_stranger_s_lot_and_goods_are_not_known_here(browser, flour, stranger, peanuts, today):
    theirs = Product.objects.create(name="示例豆干", unit_id="bag")
    Listing.objects.create(enterprise=stranger, product=theirs, item_number="D-1")
    make_lot(peanuts, "THEIRS", producer=stranger, declared_by=stranger)
    page = browser.post(ADD, typed(today, outputs=[("D-1", "", "", "10")], inputs=[("THEIRS", "10")]))
    _head, outputs, inputs = problems(page)
    assert (list(outputs[0]), list(inputs[0])) == (["code"], ["lot"])


def test_runs_are_found_by_lot_and_day(browser, made, today):
    for query, found in (({"lot": "FLOUR"}, 1), ({"lot": made.outputs.get().lot_code}, 1), ({"lot": "X"}, 0),
                         ({"until": str(today - timedelta(days=1))}, 0)):  # fmt: skip
        assert len(browser.get(LIST, query).context["page"].object_list) == found
