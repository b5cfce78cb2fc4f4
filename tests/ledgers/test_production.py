"""Runs: what goes in and what comes out."""

from __future__ import annotations

import uuid
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, IntegrityError, connection, transaction

from catalog.models import Lot, LotAlias
from catalog.services import declare_lot
from documents.errors import DocumentIsConfirmed
from ledgers.models import InvoiceLine, LotHold, LotLink, ProductionRun, RunInput, RunOutput, StockBalance
from ledgers.services import confirm_invoice, confirm_run, hold_lots, release_lots
from tests.conftest import make_draft


@pytest.fixture
def flour(seller, peanuts) -> Lot:
    """A lot that the seller has to work with."""
    return declare_lot(peanuts, "FLOUR", producer=None, declared_by=seller)


def make_run(enterprise, inputs, outputs, product, **fields):
    """A draft that uses {lot: quantity} and makes {lot number: quantity} of one product."""
    run = ProductionRun.objects.create(enterprise=enterprise, produced_on="2026-01-05", **fields)
    RunInput.objects.bulk_create(RunInput(run=run, lot=lot, quantity=quantity) for lot, quantity in inputs.items())
    for code, quantity in outputs.items():
        RunOutput.objects.create(run=run, product=product, lot_code=code, quantity=quantity)
    return run


@pytest.fixture
def draft_run(seller, flour, peanuts):
    return make_run(seller, {flour: 10}, {"CAKE": 4, "BREAD": 5}, peanuts)


@pytest.fixture
def run(draft_run, clerk):
    return confirm_run(draft_run, actor=clerk)


@pytest.fixture
def cake(run) -> Lot:
    return run.outputs.get(lot_code="CAKE").lot


def sell(lot, seller, buyer, clerk):
    draft = make_draft(seller, buyer, lot.product)
    InvoiceLine.objects.filter(invoice=draft).update(known_lot=lot, lot_code=lot.code)
    return confirm_invoice(draft, actor=clerk)


def test_a_run_is_numbered_and_signed(run, clerk):
    assert run.number.startswith("SC")
    assert run.confirmed_by == clerk
    assert run.confirmed_at


def test_stock_leaves_and_enters(run, flour, cake, seller):
    stock = dict(StockBalance.objects.filter(enterprise=seller).values_list("lot__code", "quantity"))
    assert stock == {"FLOUR": Decimal(-10), "CAKE": Decimal(4), "BREAD": Decimal(5)}


def test_every_input_is_linked_to_every_output(run, flour, seller):
    links = {(link.from_lot.code, link.to_lot.code) for link in LotLink.objects.filter(run=run, enterprise=seller)}
    assert links == {("FLOUR", "CAKE"), ("FLOUR", "BREAD")}


def test_what_comes_out_is_the_makers_lot_of_that_day(cake, seller, run):
    cake.refresh_from_db()
    assert (cake.producer, cake.declared_by, cake.is_confirmed_by_maker) == (seller, seller, True)
    assert str(cake.produced_on) == "2026-01-05"


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
    chained = confirm_run(make_run(seller, {cake: 4}, {"BOX": 1}, peanuts), actor=clerk)
    assert LotLink.objects.get(run=chained).from_lot == cake


def test_what_an_authority_holds_is_not_worked_on(draft_run, flour, clerk, officer):
    hold_lots([flour], reason="疑似不合格", actor=officer)
    with pytest.raises(ValidationError, match="FLOUR"):
        confirm_run(draft_run, actor=clerk)
    release_lots([flour], reason="复检合格", actor=officer)
    confirm_run(draft_run, actor=clerk)


def test_a_hold_reaches_the_same_lot_under_another_code(draft_run, flour, peanuts, seller, clerk, officer):
    mistyped = declare_lot(peanuts, "FL0UR", producer=None, declared_by=seller)
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


def test_a_run_may_add_to_a_lot_it_used(seller, cake, peanuts, clerk):
    release_lots([cake], reason="HG-1", actor=clerk, cause=LotHold.Cause.RELEASE)
    confirm_run(make_run(seller, {cake: 4}, {" cake ": 3}, peanuts), actor=clerk)
    assert StockBalance.objects.get(lot=cake).quantity == 3
    assert not LotLink.objects.filter(from_lot=cake).exists()


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
