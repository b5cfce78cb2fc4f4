"""What papers and runs are written from: a customer, a lot in stock, and a browser that reads English."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from accounts.models import User
from catalog.models import Lot, lot_key
from enterprises.models import Partnership
from ledgers import sql
from ledgers.models import ProductionRun, RunInput, RunOutput, StockPaper, StockPaperLine
from ledgers.services import confirm_invoice
from tests.conftest import make_draft


@pytest.fixture
def customer(seller, buyer) -> Partnership:
    """The buyer stands on the seller's list."""
    return Partnership.objects.create(owner=seller, partner=buyer, role="customer")


@pytest.fixture
def supplier(seller, buyer) -> Partnership:
    """The seller stands on the buyer's list."""
    return Partnership.objects.create(owner=buyer, partner=seller, role="supplier")


@pytest.fixture
def flour(seller, buyer, buyer_clerk, peanuts) -> Lot:
    """Ten bags that the seller has bought and works with."""
    paper = confirm_invoice(make_draft(buyer, seller, peanuts, lot="FLOUR"), actor=buyer_clerk)
    return paper.entries.get().lot


def make_lot(product, code, *, producer, declared_by) -> Lot:
    """A lot that nobody has traded yet."""
    return Lot.objects.create(
        product=product,
        producer=producer,
        code=code,
        code_key=lot_key(code),
        declared_by=declared_by,
        unit=product.unit,
    )


def make_run(enterprise, inputs, outputs, product, **fields) -> ProductionRun:
    """A draft that uses {lot: quantity} and makes {lot number: quantity} of one product."""
    run = ProductionRun.objects.create(enterprise=enterprise, **{"produced_on": "2026-01-05", **fields})
    RunInput.objects.bulk_create(RunInput(run=run, lot=lot, quantity=quantity) for lot, quantity in inputs.items())
    for code, quantity in outputs.items():
        RunOutput.objects.create(run=run, product=product, lot_code=code, quantity=quantity)
    return run


def make_opening(enterprise, product, *, lot="OLD", quantity="5", **fields) -> StockPaper:
    """A draft of an opening stock of one lot."""
    fields = {"happened_on": timezone.localdate(), **fields}
    paper = StockPaper.objects.create(enterprise=enterprise, kind=StockPaper.Kind.OPENING, **fields)
    StockPaperLine.objects.create(paper=paper, position=1, product=product, lot_code=lot, quantity=quantity)
    return paper


def book_run(run: ProductionRun, actor: User) -> ProductionRun:
    """Write a run into the books past every rule of its service: what a trace must bear, whoever wrote it."""
    with connection.cursor() as cursor:
        cursor.execute(sql.CONFIRM_RUN, [run.pk, "SC", actor.pk, None])
    run.refresh_from_db()
    return run


@pytest.fixture
def signed_in(database) -> Callable[[User], Client]:
    def browser(user: User) -> Client:
        client = Client(headers={"accept-language": "en"})
        client.force_login(user)
        return client

    return browser
