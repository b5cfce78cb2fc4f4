"""Whoever takes several lots takes them in one order: a hold that waits in the midst of them stops nobody for ever."""

from __future__ import annotations

import threading
import time
from contextlib import closing, suppress

import psycopg2
import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, OperationalError, connection, transaction

from catalog.models import Product
from config.benches.place import address
from ledgers.drafts import save_draft
from ledgers.models import LotHold, ProductionRun
from ledgers.runs import confirm_run, save_run
from ledgers.services import confirm_invoice, hold_lots
from tests.conftest import make_draft
from tests.ledgers.conftest import make_run

WAITING = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"

CODES = ("L1", "L2", "L3")
NEW_LOT = """
INSERT INTO catalog_lot (product_id, producer_id, code, code_key, unit_id, declared_by_id, is_generated)
VALUES (%(product)s, %(maker)s, '[', '[', 'bag', %(maker)s, false)
"""


@pytest.fixture
def crossing(real_database, request):
    """Three lots in the seller's stock, and whoever is called by name."""
    seller, buyer, peanuts, buyer_clerk = map(request.getfixturevalue, ("seller", "buyer", "peanuts", "buyer_clerk"))
    request.getfixturevalue("customer")
    papers = [confirm_invoice(make_draft(buyer, seller, peanuts, lot=code), actor=buyer_clerk) for code in CODES]
    request.node.lots = [paper.entries.get().lot for paper in papers]
    return request


def write_a_draft(request):
    lines = [{"code": "H-1", "lot": code, "quantity": "1"} for code in CODES[::-2]]
    typed = {"partner": "小街示例便利店", "traded_on": "20260105", "lines": lines}
    seller, clerk = map(request.getfixturevalue, ("seller", "clerk"))
    return lambda: save_draft(None, typed, author=seller, is_purchase=False, version=0, actor=clerk)


def write_a_run(request):
    seller, clerk = map(request.getfixturevalue, ("seller", "clerk"))
    inputs = [{"lot": code, "quantity": "1"} for code in CODES[::-2]]
    typed = {"produced_on": "20260105", "outputs": [{"code": "H-1", "quantity": "2"}], "inputs": inputs}
    return lambda: save_run(None, typed, enterprise=seller, version=0, actor=clerk)


def confirm_a_run(request):
    seller, clerk, peanuts = map(request.getfixturevalue, ("seller", "clerk", "peanuts"))
    first, _second, third = request.node.lots
    run = make_run(seller, {third: 1, first: 1}, {"NEW": 2}, peanuts)
    return lambda: confirm_run(run, actor=clerk)


def start(work, faults):
    def alone():
        try:
            with suppress(ValidationError):
                work()
        except (OperationalError, IntegrityError) as fault:
            faults.append(str(fault))
        finally:
            connection.close()

    thread = threading.Thread(target=alone)
    thread.start()
    return thread


def wait_for(waiting):
    """Until so many sessions wait for a lock, or as long as it may take where none has to."""
    with closing(psycopg2.connect(**address("default"))) as link, link.cursor() as cursor:
        link.autocommit = True
        for _ in range(40):
            cursor.execute(WAITING)
            if cursor.fetchone()[0] >= waiting:
                return
            time.sleep(0.02)


@pytest.mark.parametrize("deed", [write_a_draft, write_a_run, confirm_a_run])
def test_a_hold_in_the_midst_of_its_lots_and_who_uses_them_backwards_both_come_through(crossing, deed):
    officer, work, faults = crossing.getfixturevalue("officer"), deed(crossing), []
    lots = crossing.node.lots
    with closing(psycopg2.connect(**address("default"))) as blocker:
        blocker.cursor().execute("SELECT FROM catalog_lot WHERE id = %s FOR KEY SHARE", [lots[1].pk])
        threads = [start(lambda: hold_lots(lots, reason="x", actor=officer), faults)]
        wait_for(1)
        threads.append(start(work, faults))
        wait_for(2)
    for thread in threads:
        thread.join()
    assert faults == []
    assert LotHold.objects.filter(cause="authority").count() == 3


def test_a_hold_that_is_being_placed_is_waited_for_and_seen(crossing):
    officer, work, faults = crossing.getfixturevalue("officer"), confirm_a_run(crossing), []
    with transaction.atomic():
        hold_lots(crossing.node.lots[:1], reason="x", actor=officer)
        thread = start(work, faults)
        wait_for(1)
    thread.join()
    assert faults == []
    assert not ProductionRun.objects.confirmed().exists()


def test_new_lots_are_made_in_one_order_by_runs_and_by_sales(crossing):
    """By its letters `a` stands behind `Z`, by its key before it."""
    seller, buyer, peanuts, clerk = map(crossing.getfixturevalue, ("seller", "buyer", "peanuts", "clerk"))
    Product.objects.filter(pk=peanuts.pk).update(maker=seller)
    run = make_run(seller, {crossing.node.lots[0]: 3}, {"Z": 1, "[": 1, "a": 1}, peanuts)
    sale, faults = make_draft(seller, buyer, peanuts, lot="A"), []
    sale.lines.create(position=2, product=peanuts, lot_code="Z", quantity=1, unit=peanuts.unit)
    lot = {"product": peanuts.pk, "maker": seller.pk}
    with closing(psycopg2.connect(**address("default"))) as blocker:
        blocker.cursor().execute(NEW_LOT, lot)
        threads = [start(lambda: confirm_run(run, actor=clerk), faults)]
        wait_for(1)
        threads.append(start(lambda: confirm_invoice(sale, actor=clerk), faults))
        wait_for(2)
    for thread in threads:
        thread.join()
    assert faults == []
    assert ProductionRun.objects.confirmed().exists()


def test_a_line_that_comes_while_its_paper_is_confirmed_waits_and_is_refused(real_database, request):
    draft, clerk = request.getfixturevalue("draft"), request.getfixturevalue("clerk")
    late, faults = draft.lines.get(), []
    late.pk, late.position = None, 9
    with transaction.atomic():
        confirm_invoice(draft, actor=clerk)
        thread = start(lambda: late.save(force_insert=True), faults)
        wait_for(1)
    thread.join()
    assert "is confirmed" in str(faults[0])
    assert draft.lines.count() == 1
