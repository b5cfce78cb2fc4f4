"""The books add up after any sequence of deeds, refused ones included.

A verb is a rule of the machine below; what must hold after each of them is an invariant. Longer runs, with other
sequences each time: ANY_SEQUENCE_EXAMPLES=2000 python3 manage.py test tests/ledgers/test_any_sequence.py
"""

from __future__ import annotations

import datetime
import os
from collections import defaultdict
from decimal import Decimal

import pytest
import time_machine
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection, transaction
from django.utils import timezone
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from ledgers.models import (
    Acknowledgement,
    CorrectionProposal,
    InvoiceLine,
    LedgerEntry,
    ProductionRun,
    ReceiptClaim,
    RunInput,
    RunOutput,
    StockBalance,
    StockPaper,
    StockPaperLine,
    StockState,
    purchases_of,
    sales_of,
)
from ledgers.receiving import Complaint
from ledgers.services import fold_trade_deltas
from ledgers.verifying import STATEMENTS
from tests.ledgers.company import CAUSES, CODES, FACTORS, GOODS, QUANTITIES, Company, fingerprint, one_of

FEW = 10
EXAMPLES = int(os.environ.get("ANY_SEQUENCE_EXAMPLES", FEW))
BUDGET = settings(
    max_examples=EXAMPLES, stateful_step_count=30, deadline=None, derandomize=EXAMPLES == FEW, database=None,
    phases=[Phase.generate] if EXAMPLES == FEW else [Phase.generate, Phase.shrink],  # shrinking takes minutes
    suppress_health_check=list(HealthCheck), print_blob=False,
)  # fmt: skip

WHICH = st.integers(0, 11)
GOOD, CODE, AMOUNT = st.integers(0, GOODS - 1), st.sampled_from(CODES), st.sampled_from(QUANTITIES)
MADE = st.dictionaries(st.tuples(GOOD, st.sampled_from((*CODES, "R"))), AMOUNT, min_size=1, max_size=2)
LINES = st.lists(st.tuples(GOOD, CODE, AMOUNT, st.sampled_from(FACTORS)), min_size=1, max_size=3)
COMPLAINTS = st.lists(
    st.builds(Complaint, st.sampled_from((1, 1, 2)), AMOUNT, st.sampled_from(CAUSES), st.just("x")), min_size=1,
    max_size=2, unique_by=lambda complaint: complaint.position,
)  # fmt: skip
ENDS = ((), ("withdraw",), ("agree",), ("refuse", "order"), ("refuse", "dismiss"), ("refuse", "withdraw"))
VERBS = {
    "sell", "confirm twice", "take back", "buy", "acknowledge", "reverse", "adjust", "accept", "differ", "reject",
    "dispute", "withdraw", "agree", "refuse", "order", "dismiss", "silence", "produce", "release", "unmake", "hold",
    "unhold", "fold", "ask", "say_yes", "say_no", "order_correction", "give back", "link", "count", "write_off",
    "destruction", "own_use", "undo",
}  # fmt: skip
DIFFERENCES = st.dictionaries(st.integers(1, 3), AMOUNT | AMOUNT.map(lambda n: -n), min_size=1, max_size=3)


class AnySequence(RuleBasedStateMachine):
    """What traders, the station and time may do, in any order."""

    def __init__(self, company: Company) -> None:
        super().__init__()
        self.company = company
        self.all_of_it = transaction.atomic()

    @initialize()
    def begin(self):
        self.all_of_it.__enter__()
        for trader in self.company.traders[:2]:  # so that there is something to sell and to make of
            lines = [(good, CODES[0], Decimal(40), 1) for good in range(GOODS)]
            self.company.confirm(self.company.write(self.company.outside, trader, trader, lines))

    def teardown(self):
        transaction.set_rollback(True)
        self.all_of_it.__exit__(None, None, None)

    # Papers

    @rule(seller=WHICH, buyer=WHICH, lines=LINES)
    def sell(self, seller, buyer, lines):
        self._sell("sell", seller, buyer, lines)

    @rule(seller=WHICH, buyer=WHICH, lines=LINES)
    def sell_and_press_twice(self, seller, buyer, lines):
        paper = self._write(seller, buyer, lines)
        self.company.attempt("confirm twice", self.company.confirm_twice, paper)

    @rule(seller=WHICH, buyer=WHICH, lines=LINES)
    def sell_and_take_back(self, seller, buyer, lines):
        before = balances()
        paper = self._sell("sell", seller, buyer, lines)
        if paper and self.company.attempt("take back", self.company.reverse, paper):
            assert balances() == before

    @rule(seller=WHICH, buyer=WHICH, lines=LINES)
    def buy(self, seller, buyer, lines):
        everybody = [*self.company.traders, self.company.outside]
        seller, buyer = everybody[seller % 5], self.company.traders[buyer % 4]
        if seller != buyer:
            paper = self.company.write(seller, buyer, buyer, lines)
            self.company.attempt("buy", self.company.confirm, paper)

    @rule(chosen=WHICH)
    def acknowledge(self, chosen):
        self._with_one("acknowledge", self.company.papers(), chosen, self.company.acknowledge)

    @rule(chosen=WHICH)
    def reverse(self, chosen):
        self._with_one("reverse", self.company.papers(), chosen, self.company.reverse)

    @rule(chosen=WHICH, differences=DIFFERENCES)
    def adjust(self, chosen, differences):
        self._with_one("adjust", self.company.papers(), chosen, self.company.adjust, differences)

    @rule(chosen=WHICH, differences=st.just({}) | DIFFERENCES)
    def ask_for_a_correction(self, chosen, differences):
        self._with_one("ask", self.company.papers(), chosen, self.company.ask, differences)

    @rule(chosen=WHICH, answer=st.sampled_from(("say_yes", "say_yes", "say_no", "order_correction")))
    def answer_a_correction(self, chosen, answer):
        waiting = self.company.proposals()
        waiting = waiting if answer == "order_correction" else waiting.waiting()
        self._with_one(answer, waiting, chosen, getattr(self.company, answer))

    @rule(seller=WHICH, buyer=WHICH, lines=LINES, differences=st.just({}) | DIFFERENCES, yes=st.booleans())
    def correct_what_was_accepted(self, seller, buyer, lines, differences, yes):
        paper = self._sell("sell", seller, buyer, lines)
        if paper and hasattr(paper, "receipt"):
            self.company.attempt("accept", self.company.accept, [self.company.receipts().get(pk=paper.receipt.pk)])
            asked = self.company.attempt("ask", self.company.ask, paper, differences)
            if isinstance(asked, CorrectionProposal):
                name = "say_yes" if yes else "say_no"
                self.company.attempt(name, getattr(self.company, name), asked)

    @rule(chosen=WHICH, quantity=AMOUNT)
    def give_back(self, chosen, quantity):
        self._with_one("give back", self.company.papers(), chosen, self.company.give_back, quantity)

    @rule(seller=WHICH, buyer=WHICH, lines=LINES, by_buyer=st.booleans())
    def write_one_delivery_twice(self, seller, buyer, lines, by_buyer):
        paper = self._sell("sell", seller, buyer, lines)
        if paper:
            theirs = self.company.write(paper.seller, paper.buyer, paper.buyer, lines)
            if self.company.attempt("buy", self.company.confirm, theirs):
                self.company.attempt("link", self.company.link, theirs if by_buyer else paper)

    @rule(chosen=WHICH, kind=st.sampled_from(("count", "write_off", "destruction", "own_use")), quantity=AMOUNT)
    def write_a_stock_paper(self, chosen, kind, quantity):
        rows = StockBalance.objects.filter(enterprise__in=self.company.traders)
        balance = one_of(rows.select_related("lot__product", "enterprise"), chosen) if rows else None
        if balance and (kind != "count" or quantity != balance.quantity):
            paper = self.company.stock_paper(balance, kind, quantity)
            self.company.attempt(kind, self.company.confirm_stock_paper, paper)

    @rule(chosen=WHICH)
    def undo_a_stock_paper(self, chosen):
        papers = StockPaper.objects.confirmed().select_related("enterprise")
        self._with_one("undo", papers, chosen, self.company.reverse_stock_paper)

    # Deliveries

    @rule(chosen=WHICH)
    def accept(self, chosen):
        self._with_one("accept", self.company.receipts(), chosen, lambda receipt: self.company.accept([receipt]))

    @rule(chosen=WHICH, complaints=COMPLAINTS)
    def differ(self, chosen, complaints):
        waiting = self.company.receipts().waiting()
        self._with_one("differ", waiting, chosen, self.company.differ, complaints)

    @rule(chosen=WHICH, cause=st.sampled_from(CAUSES))
    def reject(self, chosen, cause):
        self._with_one("reject", self.company.receipts(), chosen, self.company.reject, cause)

    @rule(chosen=WHICH, complaints=COMPLAINTS)
    def dispute(self, chosen, complaints):
        accepted = self.company.receipts().filter(state__in=("accepted", "auto_accepted", "settled"))
        self._with_one("dispute", accepted, chosen, self.company.dispute, complaints)

    @rule(chosen=WHICH, complaints=COMPLAINTS)
    def dispute_too_late(self, chosen, complaints):
        answered = self.company.receipts().exclude(answered_at=None)
        with time_machine.travel(timezone.now() + datetime.timedelta(days=40)):
            self._with_one("dispute too late", answered, chosen, self.company.dispute, complaints)

    @rule(chosen=WHICH)
    def withdraw(self, chosen):
        self._with_one("withdraw", self.company.receipts().claimed(), chosen, self.company.withdraw)

    @rule(chosen=WHICH)
    def agree(self, chosen):
        self._with_one("agree", self.company.receipts().claimed(), chosen, self.company.agree)

    @rule(chosen=WHICH)
    def refuse(self, chosen):
        self._with_one("refuse", self.company.receipts(), chosen, self.company.refuse)

    @rule(chosen=WHICH)
    def order(self, chosen):
        self._with_one("order", self._escalated(), chosen, self.company.order)

    @rule(chosen=WHICH)
    def dismiss(self, chosen):
        self._with_one("dismiss", self._escalated(), chosen, self.company.dismiss)

    @rule(seller=WHICH, buyer=WHICH, lines=LINES, complaints=COMPLAINTS, ends=st.sampled_from(ENDS))
    def object_to_a_sale(self, seller, buyer, lines, complaints, ends):
        paper = self._sell("sell", seller, buyer, lines)
        if paper and hasattr(paper, "receipt"):
            receipt = self.company.receipts().get(pk=paper.receipt.pk)
            if self.company.attempt("differ", self.company.differ, receipt, complaints):
                for name in ends:
                    self.company.attempt(name, getattr(self.company, name), receipt)

    @rule(days=st.sampled_from((1, 5, 20)))
    def silence(self, days):
        self.company.attempt("silence", self.company.silence, days)

    # Production and holds

    @rule(maker=WHICH, used=st.lists(st.tuples(WHICH, AMOUNT), max_size=2), made=MADE, release=st.booleans())
    def produce(self, maker, used, made, release):
        enterprise = self.company.traders[maker % 2]
        stock = list(StockBalance.objects.filter(enterprise=enterprise).select_related("lot").order_by("pk"))
        inputs = {stock[place % len(stock)].lot: quantity for place, quantity in used if stock}
        run = self.company.produce(enterprise, inputs, made)
        if self.company.attempt("produce", self.company.confirm_run, run) and release:
            self.company.attempt("release", self.company.release, run)

    @rule(chosen=WHICH)
    def release(self, chosen):
        self._with_one("release", ProductionRun.objects.confirmed(), chosen, self.company.release)

    @rule(chosen=WHICH)
    def unmake(self, chosen):
        self._with_one("unmake", ProductionRun.objects.confirmed(), chosen, self.company.reverse_run)

    @rule(chosen=WHICH)
    def hold(self, chosen):
        lot = self._lot(chosen)
        self.company.attempt("hold", self.company.hold, [lot])

    @rule(chosen=WHICH)
    def unhold(self, chosen):
        lot = self._lot(chosen)
        self.company.attempt("unhold", self.company.unhold, [lot])

    @rule()
    def fold(self):
        self.company.attempt("fold", fold_trade_deltas)

    # Whom it is none of their business

    @rule(chosen=WHICH)
    def meddle(self, chosen):
        """A trader that has no part in a paper does nothing with it."""
        with_receipt = self.company.papers().exclude(receipt=None)
        if not with_receipt:
            return
        paper, before = one_of(with_receipt, chosen), fingerprint()
        others = [trader for trader in self.company.traders if trader not in (paper.seller, paper.buyer)]
        with as_somebody_else(self.company, paper, others[chosen % len(others)]):
            for verb in (self.company.reverse, self.company.acknowledge):
                with pytest.raises((PermissionDenied, ValidationError)):
                    verb(paper)
        assert fingerprint() == before

    # What always holds

    @invariant()
    def the_books_agree_with_the_papers(self):
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
            for name, statement in STATEMENTS.items():
                cursor.execute(statement)
                assert (name, cursor.fetchall()) == (name, [])

    @invariant()
    def stock_is_what_moved_and_claims_are_kept_apart(self):
        assert balances() == balances_by_hand()
        disputed = {(row.enterprise_id, row.lot_id): row.disputed for row in StockBalance.objects.exclude(disputed=0)}
        assert disputed == in_dispute_by_hand()

    @invariant()
    def every_oversale_is_flagged_once(self):
        flagged = [
            (row.enterprise_id, row.lot_id)
            for row in StockBalance.objects.with_state(timezone.localdate(), expiring_within=30)
            if row.state == StockState.OVERSOLD
        ]
        disputed = in_dispute_by_hand()
        stock = balances_by_hand()
        short = [key for key in {*stock, *disputed} if stock.get(key, 0) - disputed.get(key, 0) < 0]
        assert sorted(flagged) == sorted(short)

    @invariant()
    def each_line_is_in_exactly_the_two_books_it_belongs_to(self):
        lines = InvoiceLine.objects.filter(invoice__status="confirmed").select_related("invoice")
        parties = {line.pk: (line.invoice.seller_id, line.invoice.buyer_id) for line in lines}
        bought, sold = defaultdict(list), defaultdict(list)
        for trader in [*self.company.traders, self.company.outside]:
            for book, read in ((bought, purchases_of), (sold, sales_of)):
                for line in read(trader).values_list("line", flat=True):
                    book[line].append(trader.pk)
        acknowledged = set(LedgerEntry.objects.acknowledged().values_list("line", flat=True))
        assert bought == {line: [buyer] for line, (_seller, buyer) in parties.items()}
        assert sold == {line: [seller] for line, (seller, _buyer) in parties.items() if line in acknowledged}

    # Helpers

    def _write(self, seller, buyer, lines):
        traders = self.company.traders
        seller, others = traders[seller % 4], [trader for trader in traders if trader != traders[seller % 4]]
        return self.company.write(seller, others[buyer % 3], seller, lines)

    def _sell(self, name, seller, buyer, lines):
        return self.company.attempt(name, self.company.confirm, self._write(seller, buyer, lines))

    def _with_one(self, name, rows, chosen, verb, *args):
        """Do it with one of these; where there is none, that is a refusal."""
        self.company.attempt(name, lambda: verb(one_of(rows, chosen), *args))

    def _escalated(self):
        claimed = self.company.receipts().claimed()
        return escalated if (escalated := claimed.filter(state="escalated")) else claimed

    def _lot(self, chosen):
        lots = list(StockBalance.objects.select_related("lot").order_by("pk"))
        return lots[chosen % len(lots)].lot


class as_somebody_else:  # noqa: N801 -- reads as a sentence
    """Inside, the clerk of every party of the paper is the clerk of `other`."""

    def __init__(self, company, paper, other):
        self.company, self.paper, self.other = company, paper, other

    def __enter__(self):
        self.before = dict(self.company.clerks)
        for party in (self.paper.seller_id, self.paper.buyer_id):
            self.company.clerks[party] = self.before[self.other.pk]

    def __exit__(self, *_):
        self.company.clerks = self.before


def balances():
    """What everybody has, what is in dispute included."""
    rows = StockBalance.objects.all()
    held = {(row.enterprise_id, row.lot_id): row.quantity + row.disputed for row in rows}
    return {key: quantity for key, quantity in held.items() if quantity}


def balances_by_hand():
    stock = defaultdict(Decimal)
    acknowledged = set(Acknowledgement.objects.values_list("invoice", flat=True))
    for entry in LedgerEntry.objects.all():
        stock[entry.buyer_id, entry.lot_id] += entry.quantity
        if not entry.needs_acknowledgement or entry.invoice_id in acknowledged:
            stock[entry.seller_id, entry.lot_id] -= entry.quantity
    for line in StockPaperLine.objects.filter(paper__status="confirmed").select_related("paper"):
        stock[line.paper.enterprise_id, line.lot_id] += line.quantity
    for sign, model in ((-1, RunInput), (1, RunOutput)):
        for row in model.objects.filter(run__status="confirmed").select_related("run"):
            stock[row.run.enterprise_id, row.lot_id] += sign * row.quantity
    return {key: quantity for key, quantity in stock.items() if quantity}


def in_dispute_by_hand():
    disputed = defaultdict(Decimal)
    for claim in ReceiptClaim.objects.open().select_related("line__entry"):
        disputed[claim.line.entry.buyer_id, claim.line.entry.lot_id] += claim.quantity
    return disputed


@pytest.mark.requirement("H-107")
def test_the_books_add_up_after_any_sequence(db):
    company = Company()
    run_state_machine_as_test(lambda: AnySequence(company), settings=BUDGET)
    never = VERBS - {name for name, times in company.done.items() if times}
    assert len(never) <= (0 if EXAMPLES > FEW else 3), f"the sequences say little: never done were {never}"
