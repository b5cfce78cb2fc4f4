"""The books add up, whatever is written in them."""

from __future__ import annotations

from collections import defaultdict
from contextlib import suppress
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from ledgers.models import (
    Acknowledgement,
    EnterpriseDay,
    Invoice,
    InvoiceLine,
    LedgerEntry,
    ProductionRun,
    Receipt,
    ReceiptClaim,
    RunInput,
    RunOutput,
    StockBalance,
    StockPaper,
    StockPaperLine,
    TradeDelta,
    purchases_of,
    sales_of,
)
from ledgers.receiving import (
    Complaint,
    accept_deliveries,
    accept_with_differences,
    agree_to_claims,
    dispute_delivery,
    reject_delivery,
    withdraw_claims,
)
from ledgers.runs import confirm_run, reverse_run
from ledgers.services import (
    acknowledge_purchase,
    adjust_invoice,
    confirm_invoice,
    fold_trade_deltas,
    reverse_invoice,
)
from ledgers.stock_papers import confirm_stock_paper, reverse_stock_paper, save_stock_paper
from tests.conftest import make_draft

FEW = settings(
    max_examples=12, deadline=None, derandomize=True, phases=[Phase.generate],  # to shrink a failure takes minutes
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip
DEEDS = st.lists(
    st.tuples(
        st.sampled_from(
            [
                "sale",
                "sale",
                "sale",
                "purchase",
                "purchase",
                "reverse",
                "differ",
                "acknowledge",
                "produce",
                "produce",
                "unmake",
                "fold",
                "accept",
                "claim",
                "claim",
                "agree",
                "agree",
                "reject",
                "withdraw",
                "count",
                "throw_away",
                "open",
                "undo",
            ]
        ),
        st.integers(0, 11),
        st.integers(1, 9),
    ),
    min_size=6,
    max_size=12,
)


class Company:
    """Three enterprises, and what a number out of a hat makes them do."""

    def __init__(self, people, product):
        self.people, self.product = people, product

    def do(self, deed, chosen, quantity):
        """One deed; a refusal is as good as a deed, for it must leave no trace."""
        with suppress(ValidationError):
            getattr(self, deed)(chosen, quantity)

    def sale(self, chosen, quantity, *, author=0):
        parties = list(self.people)
        seller, buyer = parties[chosen % 3], parties[(chosen + 1 + chosen // 6) % 3]
        if seller == buyer:
            buyer = parties[(chosen + 1) % 3]
        writer = (seller, buyer)[author]
        draft = make_draft(seller, buyer, self.product, quantity=str(quantity), lot=f"L{chosen % 2}", author=writer)
        draft.lines.create(
            position=2, product=self.product, lot_code="L2", quantity="0.125", unit=self.product.unit, factor=chosen + 1
        )
        return confirm_invoice(draft, actor=self.people[writer])

    def purchase(self, chosen, quantity):
        return self.sale(chosen, quantity, author=1)

    def paper(self, chosen):
        papers = Invoice.objects.confirmed().order_by("pk")
        if not papers:
            raise ValidationError("no paper yet")
        return papers[chosen % len(papers)]

    def reverse(self, chosen, quantity):
        paper = self.paper(chosen)
        reverse_invoice(paper, reason="x", actor=self.people[paper.author])

    def differ(self, chosen, quantity):
        paper = self.paper(chosen)
        corrector = paper.seller if hasattr(paper, "acknowledgement") else paper.author
        adjust_invoice(paper, differences={1: Decimal(quantity - 5)}, reason="x", actor=self.people[corrector])

    def acknowledge(self, chosen, quantity):
        paper = self.paper(chosen)
        acknowledge_purchase(paper, actor=self.people[paper.seller])

    def produce(self, chosen, quantity):
        entry = self.paper(chosen).entries.first()
        lot, enterprise = entry.lot, (entry.buyer, entry.seller)[chosen % 2]
        run = ProductionRun.objects.create(enterprise=enterprise, produced_on="2026-01-05", note="x")
        RunInput.objects.create(run=run, lot=lot, quantity=quantity)
        RunOutput.objects.create(run=run, product=self.product, lot_code=f"R{chosen}", quantity=quantity)
        confirm_run(run, actor=self.people[enterprise])

    def unmake(self, chosen, quantity):
        runs = ProductionRun.objects.in_force().order_by("pk")
        if not runs:
            raise ValidationError("nothing made yet")
        run = runs[chosen % len(runs)]
        reverse_run(run, reason="x", actor=self.people[run.enterprise])

    def count(self, chosen, quantity):
        who, balances = list(self.people)[chosen % 3], StockBalance.objects.order_by("lot")
        rows = [{"lot": row.lot.code, "quantity": str(quantity)} for row in balances.filter(enterprise=who)[:2]]
        self.stock_paper(who, "count", rows)

    def throw_away(self, chosen, quantity):
        who = list(self.people)[chosen % 3]
        self.stock_paper(who, "write_off", [{"lot": f"L{chosen % 2}", "quantity": str(quantity)}])

    def open(self, chosen, quantity):
        who = list(self.people)[chosen % 3]
        code = self.product.codes.get().gtin
        self.stock_paper(who, "opening", [{"code": code, "lot": f"L{chosen % 2}", "quantity": str(quantity)}])

    def stock_paper(self, who, kind, rows):
        paper = StockPaper(enterprise=who, kind=kind)
        typed = {"happened_on": "2026-01-05", "note": "x", "rows": rows}
        confirm_stock_paper(
            save_stock_paper(paper, typed, version=0, actor=self.people[who])[0], actor=self.people[who]
        )

    def undo(self, chosen, quantity):
        papers = StockPaper.objects.in_force().order_by("pk")
        if not papers:
            raise ValidationError("no stock paper yet")
        paper = papers[chosen % len(papers)]
        reverse_stock_paper(paper, reason="x", actor=self.people[paper.enterprise])

    def receipt(self, chosen):
        receipts = Receipt.objects.order_by("pk")
        if not receipts:
            raise ValidationError("nothing delivered yet")
        return receipts[chosen % len(receipts)]

    def accept(self, chosen, quantity):
        receipt = self.receipt(chosen)
        accept_deliveries([receipt], actor=self.people[receipt.buyer])

    def claim(self, chosen, quantity):
        receipt = self.receipt(chosen)
        say = accept_with_differences if receipt.state == "pending" else dispute_delivery
        say(receipt, complaints=[Complaint(1, Decimal(1), "short", "x")], actor=self.people[receipt.buyer])

    def reject(self, chosen, quantity):
        receipt = self.receipt(chosen)
        reject_delivery(receipt, cause="damaged", reason="x", actor=self.people[receipt.buyer])

    def agree(self, chosen, quantity):
        receipt = self.receipt(chosen)
        agree_to_claims(receipt, actor=self.people[receipt.invoice.seller])

    def withdraw(self, chosen, quantity):
        receipt = self.receipt(chosen)
        withdraw_claims(receipt, actor=self.people[receipt.buyer])

    def fold(self, chosen, quantity):
        fold_trade_deltas()


@pytest.fixture
def company(seller, buyer, stranger, clerk, buyer_clerk, stranger_clerk, peanuts) -> Company:
    return Company({seller: clerk, buyer: buyer_clerk, stranger: stranger_clerk}, peanuts)


def after(company, deeds, check):
    """Do the deeds, check, and forget them all."""
    with transaction.atomic():
        for deed in deeds:
            company.do(*deed)
        check()
        transaction.set_rollback(True)


def counts_for_seller(entry):
    return not entry.needs_acknowledgement or Acknowledgement.objects.filter(invoice=entry.invoice_id).exists()


def balances():
    """What everybody has, what is in dispute included."""
    rows = StockBalance.objects.all()
    held = {(row.enterprise_id, row.lot_id): row.quantity + row.disputed for row in rows}
    return {key: quantity for key, quantity in held.items() if quantity}


def in_dispute_by_hand():
    disputed = defaultdict(Decimal)
    for claim in ReceiptClaim.objects.open().select_related("line__entry"):
        disputed[claim.line.entry.buyer_id, claim.line.entry.lot_id] += claim.quantity
    return disputed


def balances_by_hand():
    stock = defaultdict(Decimal)
    for entry in LedgerEntry.objects.all():
        stock[entry.buyer_id, entry.lot_id] += entry.quantity
        if counts_for_seller(entry):
            stock[entry.seller_id, entry.lot_id] -= entry.quantity
    for sign, model in ((-1, RunInput), (1, RunOutput)):
        for row in model.objects.filter(run__status="confirmed").select_related("run"):
            stock[row.run.enterprise_id, row.lot_id] += sign * row.quantity
    for line in StockPaperLine.objects.filter(paper__status="confirmed").select_related("paper"):
        stock[line.paper.enterprise_id, line.lot_id] += line.quantity
    return {key: quantity for key, quantity in stock.items() if quantity}


@FEW
@given(deeds=DEEDS)
def test_stock_is_the_sum_of_what_moved(company, deeds):
    def check():
        assert balances() == balances_by_hand()
        disputed = {(row.enterprise_id, row.lot_id): row.disputed for row in StockBalance.objects.exclude(disputed=0)}
        assert disputed == in_dispute_by_hand()

    after(company, deeds, check)


@pytest.mark.requirement("H-107")
@FEW
@given(deeds=DEEDS)
def test_each_line_is_in_exactly_the_two_books_it_belongs_to(company, deeds):
    def check():
        lines = InvoiceLine.objects.filter(invoice__status="confirmed").select_related("invoice", "entry__lot")
        assert LedgerEntry.objects.count() == len(lines)
        for line in lines:
            entry, paper = line.entry, line.invoice
            assert entry.quantity == line.quantity * line.factor
            assert (entry.product_id, entry.lot.code) == (line.product_id, line.lot_code)
            bought = [who for who in company.people if purchases_of(who).filter(pk=entry.pk).exists()]
            sold = [who for who in company.people if sales_of(who).filter(pk=entry.pk).exists()]
            assert bought == [paper.buyer]
            assert sold == ([paper.seller] if counts_for_seller(entry) else [])

    after(company, deeds, check)


@FEW
@given(deeds=DEEDS, chosen=st.integers(0, 11), purchase=st.booleans())
def test_confirm_then_reverse_leaves_every_balance_as_it_was(company, deeds, chosen, purchase):
    def check():
        before = balances()
        buyer_has = StockBalance.objects.filter(quantity__lt=0).exists()
        paper = (company.purchase if purchase else company.sale)(chosen, 5)
        assert balances() != before
        try:
            reverse_invoice(paper, reason="x", actor=company.people[paper.author])
        except ValidationError:
            assert buyer_has  # it was short of the lot before
        else:
            assert balances() == before

    after(company, deeds, check)


@FEW
@given(deeds=DEEDS)
def test_the_figures_of_a_day_are_the_lines_of_its_books(company, deeds):
    def check():
        figures = defaultdict(lambda: [0, 0])
        for model in (EnterpriseDay, TradeDelta):
            for row in model.objects.all():
                figures[row.enterprise_id][0] += row.purchase_lines
                figures[row.enterprise_id][1] += row.sale_lines
        for who in company.people:
            assert figures[who.pk] == [purchases_of(who).count(), sales_of(who).count()]

    after(company, deeds, check)
