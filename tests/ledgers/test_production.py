"""Runs: what goes in and what comes out."""

from __future__ import annotations

import uuid
from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, IntegrityError, connection, transaction

from catalog.models import Lot, LotAlias, Product
from documents.errors import DocumentIsConfirmed
from ledgers.models import InvoiceLine, LotHold, LotLink, ProductionRun, StockBalance
from ledgers.runs import confirm_run, discard_run, release_outputs, reverse_run
from ledgers.services import confirm_invoice, hold_lots, release_lots, reverse_invoice
from tests.conftest import make_draft
from tests.ledgers.conftest import make_lot, make_run


@pytest.fixture
def draft_run(seller, flour, peanuts):
    return make_run(seller, {flour: 10}, {"CAKE": 4, "BREAD": 5}, peanuts)


@pytest.fixture
def run(draft_run, clerk):
    return confirm_run(draft_run, actor=clerk)


@pytest.fixture
def cake(run) -> Lot:
    return run.outputs.get(lot_code="CAKE").lot


def sell(lot, seller, buyer, clerk, quantity="10"):
    draft = make_draft(seller, buyer, lot.product, quantity=quantity)
    InvoiceLine.objects.filter(invoice=draft).update(known_lot=lot, lot_code=lot.code)
    return confirm_invoice(draft, actor=clerk)


@pytest.mark.requirement("H-092", "H-104")
def test_a_run_is_numbered_and_signed(run, clerk):
    assert run.number.startswith("SC")
    assert run.confirmed_by == clerk
    assert run.confirmed_at


def test_stock_leaves_and_enters(run, flour, cake, seller):
    stock = dict(StockBalance.objects.filter(enterprise=seller).values_list("lot__code", "quantity"))
    assert stock == {"FLOUR": Decimal(0), "CAKE": Decimal(4), "BREAD": Decimal(5)}


@pytest.mark.requirement("H-092", "H-101")
def test_every_input_is_linked_to_every_output(run, flour, seller):
    links = {(link.from_lot.code, link.to_lot.code) for link in LotLink.objects.filter(run=run, enterprise=seller)}
    assert links == {("FLOUR", "CAKE"), ("FLOUR", "BREAD")}


def test_what_comes_out_is_the_makers_lot_of_that_day(cake, seller, run):
    cake.refresh_from_db()
    assert (cake.producer, cake.declared_by, cake.is_confirmed_by_maker) == (seller, seller, True)
    assert str(cake.produced_on) == "2026-01-05"


@pytest.mark.requirement("H-108")
def test_what_comes_out_is_not_sold_before_its_release(cake, seller, buyer, clerk):
    assert set(LotHold.objects.values_list("cause", "lot__code")) == {("release", "CAKE"), ("release", "BREAD")}
    with pytest.raises(ValidationError, match="CAKE") as refusal:
        sell(cake, seller, buyer, clerk)
    assert refusal.value.code == "held"
    release_lots([cake], reason="HG-1", actor=clerk, cause=LotHold.Cause.RELEASE)
    assert sell(cake, seller, buyer, clerk).entries.get().lot == cake


def test_a_release_does_not_lift_the_hold_of_an_authority(cake, seller, buyer, clerk, officer):
    hold_lots([cake], reason="疑似不合格", actor=officer)
    release_lots([cake], reason="HG-1", actor=clerk, cause=LotHold.Cause.RELEASE)
    with pytest.raises(ValidationError, match="CAKE"):
        sell(cake, seller, buyer, clerk)


def test_what_is_not_released_may_be_worked_on_inside(cake, seller, peanuts, clerk):
    chained = confirm_run(make_run(seller, {cake: 4}, {"BOX": 4}, peanuts), actor=clerk)
    assert LotLink.objects.get(run=chained).from_lot == cake


def test_what_an_authority_holds_is_not_worked_on(draft_run, flour, clerk, officer):
    hold_lots([flour], reason="疑似不合格", actor=officer)
    with pytest.raises(ValidationError, match="FLOUR"):
        confirm_run(draft_run, actor=clerk)
    release_lots([flour], reason="复检合格", actor=officer)
    confirm_run(draft_run, actor=clerk)


def test_a_hold_reaches_the_same_lot_under_another_code(draft_run, flour, peanuts, seller, clerk, officer):
    mistyped = make_lot(peanuts, "FL0UR", producer=None, declared_by=seller)
    LotAlias.objects.create(lot=mistyped, same_as=flour, reason="0 = O", author=officer)
    hold_lots([mistyped], reason="疑似不合格", actor=officer)
    with pytest.raises(ValidationError, match="FLOUR"):
        confirm_run(draft_run, actor=clerk)


def test_holding_twice_is_one_hold(flour, officer):
    assert len(hold_lots([flour], reason="x", actor=officer)) == 1
    assert hold_lots([flour], reason="x", actor=officer) == []


def test_the_same_token_twice_is_one_run(draft_run, clerk):
    token = uuid.uuid4()
    first = confirm_run(draft_run, actor=clerk, token=token)
    assert confirm_run(draft_run, actor=clerk, token=token).number == first.number
    with pytest.raises(DocumentIsConfirmed):
        confirm_run(draft_run, actor=clerk, token=uuid.uuid4())
    assert LotLink.objects.count() == 2


def test_the_token_of_another_run_is_refused(draft_run, seller, flour, peanuts, clerk):
    token = uuid.uuid4()
    confirm_run(draft_run, actor=clerk, token=token)
    with pytest.raises(ValidationError):
        confirm_run(make_run(seller, {flour: 1}, {"OTHER": 1}, peanuts), actor=clerk, token=token)


def test_a_run_makes_something(seller, flour, peanuts, clerk):
    with pytest.raises(ValidationError, match=r"at least one|至少"):
        confirm_run(make_run(seller, {flour: 1}, {}, peanuts), actor=clerk)


def test_only_who_keeps_the_books_confirms_a_run(draft_run, buyer_clerk, officer):
    for somebody in (buyer_clerk, officer):
        with pytest.raises(PermissionDenied):
            confirm_run(draft_run, actor=somebody)


@pytest.mark.requirement("H-104")
def test_a_second_run_may_add_to_a_lot(seller, cake, flour, peanuts, clerk):
    confirm_run(make_run(seller, {flour: 3}, {" cake ": 3}, peanuts), actor=clerk)
    assert StockBalance.objects.get(lot=cake).quantity == 7


def expire(lot, day):
    Lot.objects.filter(pk=lot.pk).update(produced_on=day - timedelta(days=9), expires_on=day)


@pytest.mark.requirement("H-101")
def test_only_a_lot_the_enterprise_has_had_goes_in(seller, buyer, peanuts, clerk):
    foreign = make_lot(peanuts, "FOREIGN", producer=None, declared_by=buyer)
    with pytest.raises(ValidationError, match="FOREIGN"):
        confirm_run(make_run(seller, {foreign: 1}, {"CAKE": 1}, peanuts), actor=clerk)


@pytest.mark.parametrize(("days", "is_refused"), [(-1, True), (0, False)])
def test_what_is_past_its_best_before_does_not_go_in(draft_run, flour, clerk, days, is_refused):
    draft_run.refresh_from_db()
    expire(flour, draft_run.produced_on + timedelta(days=days))
    if not is_refused:
        confirm_run(draft_run, actor=clerk)
        return
    with pytest.raises(ValidationError, match="FLOUR"):
        confirm_run(draft_run, actor=clerk)


def test_a_lot_is_not_made_of_itself(seller, cake, peanuts, clerk):
    with pytest.raises(ValidationError, match="cake"):
        confirm_run(make_run(seller, {cake: 4}, {" cake ": 4}, peanuts), actor=clerk)
    assert StockBalance.objects.get(lot=cake).quantity == 4


def test_nor_over_two_steps(seller, cake, peanuts, clerk):
    box = confirm_run(make_run(seller, {cake: 4}, {"BOX": 4}, peanuts), actor=clerk).outputs.get().lot
    case = confirm_run(make_run(seller, {box: 4}, {"CASE": 4}, peanuts), actor=clerk)
    again = make_run(seller, {case.outputs.get().lot: 4}, {"CAKE": 4}, peanuts)
    with pytest.raises(ValidationError, match="CAKE"):
        confirm_run(again, actor=clerk)
    again.refresh_from_db()
    assert again.is_draft
    reverse_run(case, reason="错", actor=clerk)
    confirm_run(make_run(seller, {box: 4}, {"CASE": 4}, peanuts), actor=clerk)


def test_nor_as_the_same_lot_under_another_code(seller, cake, peanuts, clerk, officer):
    confirm_run(make_run(seller, {cake: 4}, {"BOX": 4}, peanuts), actor=clerk)
    box = Lot.objects.get(code="BOX")
    mistyped = make_lot(peanuts, "CAKF", producer=seller, declared_by=seller)
    LotAlias.objects.create(lot=mistyped, same_as=cake, reason="F = E", author=officer)
    with pytest.raises(ValidationError, match="CAKF"):
        confirm_run(make_run(seller, {box: 1}, {"CAKF": 1}, peanuts), actor=clerk)


def test_one_lot_stands_once_among_what_comes_out(seller, flour, peanuts, clerk):
    with pytest.raises(ValidationError, match="a1"):
        confirm_run(make_run(seller, {flour: 2}, {"A1": 1, "a1": 1}, peanuts), actor=clerk)


@pytest.mark.parametrize("side", ["inputs", "outputs"])
def test_quantities_are_more_than_zero(draft_run, clerk, side):
    getattr(draft_run, side).update(quantity=-1)
    with pytest.raises(ValidationError, match=r"more than zero|大于"):
        confirm_run(draft_run, actor=clerk)


def test_nothing_is_made_tomorrow(draft_run, clerk, today):
    ProductionRun.objects.filter(pk=draft_run.pk).update(produced_on=today + timedelta(days=1))
    with pytest.raises(ValidationError, match=r"future|未来|以后|将来"):
        confirm_run(draft_run, actor=clerk)


def test_more_may_be_used_than_there_is(seller, flour, peanuts, clerk):
    confirm_run(make_run(seller, {flour: 12}, {"CAKE": 12}, peanuts), actor=clerk)
    assert StockBalance.objects.get(lot=flour, enterprise=seller).quantity == -2


@pytest.mark.parametrize(("made", "is_refused"), [("8.99", True), (9, False), (11, False), ("11.01", True)])
def test_more_than_a_tenth_apart_needs_a_note(seller, flour, peanuts, clerk, made, is_refused):
    draft = make_run(seller, {flour: 10}, {"CAKE": made}, peanuts)
    if is_refused:
        with pytest.raises(ValidationError, match="%"):
            confirm_run(draft, actor=clerk)
        ProductionRun.objects.filter(pk=draft.pk).update(note="烘干失水")
    assert confirm_run(draft, actor=clerk).number


def test_lots_of_different_units_are_not_weighed_against_each_other(seller, flour, clerk):
    noodles = Product.objects.create(name="示例挂面", unit_id="kg")
    assert confirm_run(make_run(seller, {flour: 10}, {"NOODLES": 500}, noodles), actor=clerk).number


def test_what_changed_since_it_was_looked_over_is_not_confirmed(draft_run, clerk):
    with pytest.raises(ValidationError):
        confirm_run(draft_run, actor=clerk, version=draft_run.version + 1)
    confirm_run(draft_run, actor=clerk, version=draft_run.version)


def test_a_run_that_is_gone_is_not_confirmed(draft_run, clerk):
    discard_run(draft_run, actor=clerk)
    for step in (confirm_run, discard_run):
        with pytest.raises(ValidationError):
            step(draft_run, actor=clerk)


# Reversal


def all_balances():
    return {(row.enterprise_id, row.lot_id): row.quantity for row in StockBalance.objects.exclude(quantity=0)}


@pytest.mark.requirement("H-104")
def test_a_reversal_leaves_every_balance_as_it_was(draft_run, clerk):
    before = all_balances()
    run = confirm_run(draft_run, actor=clerk)
    links, holds, lots = LotLink.objects.count(), LotHold.objects.count(), Lot.objects.count()
    reversal = reverse_run(run, reason="投料记错", actor=clerk)
    assert all_balances() == before
    assert (LotLink.objects.count(), LotHold.objects.count(), Lot.objects.count()) == (links, holds, lots)
    assert set(reversal.outputs.values_list("lot")) == set(run.outputs.values_list("lot"))
    assert (reversal.reverses, reversal.reason, reversal.produced_on) == (run, "投料记错", run.produced_on)


def test_a_run_is_reversed_once_with_a_reason_and_no_reversal_is(run, clerk):
    with pytest.raises(ValidationError) as refusal:
        reverse_run(run, reason=" ", actor=clerk)
    assert "reason" in refusal.value.message_dict
    reversal = reverse_run(run, reason="错", actor=clerk)
    for paper in (run, reversal):
        with pytest.raises(ValidationError):
            reverse_run(paper, reason="错", actor=clerk)


def test_a_draft_is_not_reversed(draft_run, clerk):
    with pytest.raises(ValidationError):
        reverse_run(draft_run, reason="错", actor=clerk)


def test_what_was_sold_cannot_be_unmade(run, cake, seller, buyer, clerk):
    release_outputs(run, certificate="HG-1", conclusion="passed", actor=clerk)
    sale = sell(cake, seller, buyer, clerk, quantity="3")
    before = all_balances()
    with pytest.raises(ValidationError, match=r"CAKE: 3 "):
        reverse_run(run, reason="错", actor=clerk)
    assert all_balances() == before
    reverse_invoice(sale, reason="退货", actor=clerk)
    assert reverse_run(run, reason="错", actor=clerk).number


def test_what_another_run_used_cannot_be_unmade(run, cake, seller, peanuts, clerk):
    boxed = confirm_run(make_run(seller, {cake: 1}, {"BOX": 1}, peanuts), actor=clerk)
    with pytest.raises(ValidationError, match=r"CAKE: 1 "):
        reverse_run(run, reason="错", actor=clerk)
    reverse_run(boxed, reason="错", actor=clerk)
    reverse_run(run, reason="错", actor=clerk)


def test_only_what_is_missing_stands_in_the_way(run, cake, flour, seller, buyer, peanuts, clerk):
    second = confirm_run(make_run(seller, {flour: 4}, {"CAKE": 4}, peanuts), actor=clerk)
    release_outputs(second, certificate="HG-1", conclusion="passed", actor=clerk)
    sell(cake, seller, buyer, clerk, quantity="4")
    reverse_run(second, reason="错", actor=clerk)
    with pytest.raises(ValidationError, match=r"CAKE: 4 "):
        reverse_run(run, reason="错", actor=clerk)


def test_what_was_reversed_may_be_made_again(run, seller, flour, peanuts, clerk):
    reverse_run(run, reason="错", actor=clerk)
    again = confirm_run(make_run(seller, {flour: 9}, {"CAKE": 9}, peanuts), actor=clerk)
    assert LotLink.objects.get(run=again).to_lot.code == "CAKE"
    assert release_outputs(again, certificate="HG-2", conclusion="passed", actor=clerk) == 1


def test_only_who_keeps_the_books_reverses_and_releases(run, buyer_clerk, officer):
    for somebody in (buyer_clerk, officer):
        with pytest.raises(PermissionDenied):
            reverse_run(run, reason="错", actor=somebody)
        with pytest.raises(PermissionDenied):
            release_outputs(run, certificate="HG-1", conclusion="passed", actor=somebody)
        with pytest.raises(PermissionDenied):
            discard_run(run, actor=somebody)


# Release


@pytest.mark.requirement("H-108")
def test_a_release_keeps_the_number_of_the_certificate(run, cake, clerk):
    assert release_outputs(run, certificate=" HG-20261123 ", conclusion="passed", actor=clerk) == 2
    hold = cake.holds.get()
    assert (hold.release_note, hold.released_by) == ("HG-20261123", clerk)


@pytest.mark.requirement("H-108")
@pytest.mark.parametrize(
    ("certificate", "conclusion", "field"),
    [("", "passed", "certificate"), (" ", "passed", "certificate"), ("9" * 61, "passed", "certificate"),
     ("HG-1", "failed", "conclusion"), ("HG-1", "", "conclusion")],
)  # fmt: skip
def test_without_a_certificate_that_passed_it_nothing_leaves(run, clerk, certificate, conclusion, field):
    with pytest.raises(ValidationError) as refusal:
        release_outputs(run, certificate=certificate, conclusion=conclusion, actor=clerk)
    assert field in refusal.value.message_dict
    assert LotHold.objects.filter(released_at=None).count() == 2


def test_what_is_released_reversed_or_not_made_yet_is_not_released(run, draft_run, seller, flour, peanuts, clerk):
    released = {"certificate": "HG-1", "conclusion": "passed", "actor": clerk}
    release_outputs(run, **released)
    draft = make_run(seller, {flour: 1}, {"OTHER": 1}, peanuts)
    for paper in (run, draft):
        with pytest.raises(ValidationError):
            release_outputs(paper, **released)
    reverse_run(run, reason="错", actor=clerk)
    with pytest.raises(ValidationError):
        release_outputs(run, **released)


def test_the_hold_of_an_authority_survives_the_release(run, cake, clerk, officer):
    hold_lots([cake], reason="疑似不合格", actor=officer)
    release_outputs(run, certificate="HG-1", conclusion="passed", actor=clerk)
    assert cake.holds.get(released_at=None).cause == "authority"


# What the database refuses


CHANGES = {
    "renumber": lambda run: ProductionRun.objects.filter(pk=run.pk).update(number="X"),
    "remove": lambda run: ProductionRun.objects.filter(pk=run.pk)._raw_delete("default"),
    "change an input": lambda run: run.inputs.update(quantity=1),
    "remove an input": lambda run: run.inputs.all().delete(),
    "slip an input in": lambda run: run.inputs.create(lot=run.outputs.first().lot, quantity=1),
    "change an output": lambda run: run.outputs.update(quantity=1),
    "remove an output": lambda run: run.outputs.all().delete(),
    "slip an output in": lambda run: run.outputs.create(product=run.outputs.first().product, lot_code="X", quantity=1),
    "move an output away": lambda run: run.outputs.update(
        run=ProductionRun.objects.create(enterprise=run.enterprise, produced_on=run.produced_on)
    ),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_the_database_refuses_to_change_a_confirmed_run(run, change):
    with pytest.raises(IntegrityError, match="is confirmed"), transaction.atomic():
        change(run)


def test_the_model_refuses_too(run):
    for change in (run.save, run.delete):
        with pytest.raises(DocumentIsConfirmed):
            change()


@pytest.mark.parametrize("verb", ["UPDATE {t} SET run_id = 0", "DELETE FROM {t}", "TRUNCATE {t}"])
def test_the_application_may_not_touch_links(run, verb):
    with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(verb.format(t="ledgers_lotlink"))


TABLES = ["productionrun", "runinput", "runoutput", "lotlink"]


@pytest.mark.parametrize("table", TABLES)
def test_not_even_the_owner_empties_the_tables(table, db):
    """TRUNCATE is refused by a trigger of its own, which every session obeys."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgname, tgenabled FROM pg_trigger WHERE tgrelid = %s::regclass AND NOT tgisinternal",
            [f"ledgers_{table}"],
        )
        assert set(cursor.fetchall()) == {(f"ledgers_{table}_freeze", "A"), (f"ledgers_{table}_stays", "A")}


BROKEN = {
    "input_lot_stands_once": lambda run, lot: [run.inputs.create(lot=lot, quantity=1) for _ in range(2)],
    "input_is_used": lambda run, lot: run.inputs.update(quantity=0),
    "output_is_made": lambda run, lot: run.outputs.update(quantity=0),
    "output_lot_stands_once": lambda run, lot: run.outputs.create(product=lot.product, lot_code="CAKE", quantity=1),
    "confirmed_is_signed": lambda run, lot: ProductionRun.objects.filter(pk=run.pk).update(number="X"),
}


@pytest.mark.parametrize(("name", "change"), BROKEN.items())
def test_the_database_refuses_a_run_that_cannot_be(draft_run, flour, name, change):
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        change(draft_run, flour)


def test_a_release_is_signed(cake):
    with pytest.raises(IntegrityError, match="release_is_signed"), transaction.atomic():
        cake.holds.update(released_at="2026-01-06T08:00Z")


def test_a_lot_is_held_once_for_one_cause(cake, clerk):
    hold = cake.holds.get()
    with pytest.raises(IntegrityError, match="lot_is_held_once"), transaction.atomic():
        LotHold.objects.create(lot=cake, cause=hold.cause, reason="x", placed_by=clerk, placed_at=hold.placed_at)
