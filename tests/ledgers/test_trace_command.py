"""The trace from the command line: complete, in words or as JSON."""

from __future__ import annotations

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from catalog.models import Lot
from ledgers.services import confirm_invoice
from tests.conftest import make_draft


@pytest.fixture
def lot(draft, clerk) -> Lot:
    return confirm_invoice(draft, actor=clerk).entries.get().lot


def trace(*arguments) -> str:
    out = StringIO()
    call_command("trace", *map(str, arguments), stdout=out)
    return out.getvalue()


@pytest.mark.requirement("H-047", "H-133")
def test_a_lot_is_found_by_barcode_and_number_with_its_movements_and_holders(lot, seller, buyer):
    told = trace("--gtin", "9520004000017", "--lot", " pn-1 ")
    assert f"{seller} → {buyer}  {lot}  10" in told
    assert told.splitlines()[-1].startswith(f"  {buyer}  {lot}  10")


@pytest.mark.requirement("H-047")
def test_json_has_ids_exact_quantities_and_what_the_ids_stand_for(lot, seller, buyer):
    answer = json.loads(trace("--lot-id", lot.pk, "--json"))
    (movement,), (holder,) = answer["movements"], answer["holders"]
    assert answer["lots"] == [lot.pk]
    assert (movement["seller_id"], movement["buyer_id"], movement["quantity"]) == (seller.pk, buyer.pk, "10.000")
    assert (holder["enterprise_id"], answer["enterprise_names"][str(buyer.pk)]) == (buyer.pk, buyer.name)


def test_upstream_has_the_same_movement(lot, seller, buyer):
    assert f"{seller} → {buyer}" in trace("--lot-id", lot.pk, "--direction", "up")


def test_two_makers_lots_of_one_number_are_one_answer(lot, peanuts, seller, buyer, stranger, clerk):
    other = Lot.objects.create(
        product=peanuts, producer=stranger, code="PN-1", code_key="PN-1", unit=peanuts.unit, declared_by=stranger
    )
    answer = json.loads(trace("--gtin", "9520004000017", "--lot", "PN-1", "--json"))
    assert set(answer["lots"]) == {lot.pk, other.pk}
    assert answer["counts"]["movements"] == 1


def test_a_second_sale_of_the_lot_is_one_more_movement(lot, seller, stranger, peanuts, clerk):
    confirm_invoice(make_draft(seller, stranger, peanuts, quantity="2.5"), actor=clerk)
    answer = json.loads(trace("--lot-id", lot.pk, "--json"))
    assert sorted(move["quantity"] for move in answer["movements"]) == ["10.000", "2.500"]


@pytest.mark.parametrize(
    "arguments",
    [
        ["--lot-id", "0"],
        ["--gtin", "9520004000017", "--lot", "no such lot"],
        ["--gtin", "6921168509256", "--lot", "PN-1"],
        ["--gtin", "6921168509257", "--lot", "PN-1"],
        ["--gtin", "9520004000017"],
        [],
    ],
)
def test_what_cannot_be_found_is_refused_in_a_sentence(lot, arguments):
    with pytest.raises(CommandError, match=r"\w.+[.。]"):
        trace(*arguments)
