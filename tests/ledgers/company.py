"""A small world of traders, and what a number out of a hat makes them do; every verb goes through a public service."""

from __future__ import annotations

import datetime
from collections import Counter
from decimal import Decimal

from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.utils import timezone

from accounts.models import User
from accounts.roles import Role
from catalog.models import Lot, Product, Unit, lot_key
from documents.models import new_token
from enterprises.models import Enterprise
from enterprises.services import appoint
from ledgers import correcting, receiving, returning, runs, services, stock_papers, twins
from ledgers.models import (
    CorrectionProposal,
    Invoice,
    InvoiceLine,
    ProductionRun,
    Receipt,
    RunInput,
    RunOutput,
    StockBalance,
    StockPaper,
    StockPaperLine,
)

GOODS, CODES, FACTORS = 4, ("A", "B", "C"), (1, 1, 12)
QUANTITIES = tuple(map(Decimal, ("0.125", "1", "2.5", "7", "40")))
CAUSES = ("short", "damaged", "quality")
TABLES = (
    "ledgers_invoice", "ledgers_invoiceline", "ledgers_ledgerentry", "ledgers_stockbalance", "ledgers_receipt",
    "ledgers_receiptclaim", "ledgers_claimsettlement", "ledgers_acknowledgement", "ledgers_productionrun",
    "ledgers_runinput", "ledgers_runoutput", "ledgers_lotlink", "ledgers_lothold", "ledgers_tradedelta",
    "ledgers_enterpriseday", "ledgers_correctionproposal", "ledgers_stockpaper",
    "ledgers_stockpaperline", "catalog_lot", "portal_publishedvoucher",
)  # fmt: skip
FINGERPRINT = " UNION ALL ".join(
    f"SELECT '{table}', md5(string_agg(t::text, '|' ORDER BY t::text)) FROM {table} t" for table in TABLES
)


class NothingThere(ValidationError):
    """What the hat asks for does not exist yet: as good as a refusal."""

    def __init__(self) -> None:
        super().__init__("nothing there")


def fingerprint() -> list[tuple[str, str]]:
    """What the books, their papers and their lots say, every column of it."""
    with connection.cursor() as cursor:
        cursor.execute(FINGERPRINT)
        return sorted(cursor.fetchall())


def one_of(rows, chosen: int):
    """The row that the number `chosen` means, in the order in which they were made."""
    found = list(rows.order_by("pk").values_list("pk", flat=True))
    if not found:
        raise NothingThere
    return rows.get(pk=found[chosen % len(found)])


class Company:
    """A producer, a wholesaler, two shops, and a supplier outside; `done` counts what was not refused."""

    def __init__(self) -> None:
        self.producer, self.wholesaler, *self.shops = self.traders = [
            Enterprise.objects.create(name=f"示例商行 {role}", roles=[role])
            for role in ("PRODUCER", "WHOLESALER", "RETAILER", "CATERER")
        ]
        self.outside = Enterprise.objects.create(name="示例外地供货商", status=Enterprise.Status.STUB)
        self.clerks = {trader.pk: User.objects.create_user(trader.name) for trader in self.traders}
        for trader in self.traders:
            clerk = self.clerks[trader.pk]
            appoint(clerk, enterprise=trader, keeps_books=True, manages_members=False, actor=clerk)
        self.officer = User.objects.create_user("station")
        self.officer.groups.add(Group.objects.get(name=Role.OFFICER))
        unit = Unit.objects.get(code="bag")
        self.goods = [Product.objects.create(name=f"示例食品 {n}", unit=unit) for n in range(GOODS)]
        Product.objects.filter(pk=self.goods[0].pk).update(maker=self.producer)
        self.done: Counter[str] = Counter()

    def clerk_of(self, enterprise) -> User:
        """Who keeps the books; for the supplier outside nobody does."""
        if enterprise is None or enterprise.pk not in self.clerks:
            raise NothingThere
        return self.clerks[enterprise.pk]

    # Papers

    def write(self, seller, buyer, author, lines) -> Invoice:
        """A draft with {good, code, quantity, factor} as lines."""
        paper = Invoice.objects.create(author=author, seller=seller, buyer=buyer, traded_on=timezone.localdate())
        for position, (good, code, quantity, factor) in enumerate(lines, start=1):
            product = self.goods[good]
            InvoiceLine.objects.create(
                invoice=paper, position=position, product=product, lot_code=code, factor=factor, unit=product.unit,
                quantity=quantity, known_lot=self.lot_of(author, product, code) if author == seller else None,
            )  # fmt: skip
        return paper

    def lot_of(self, enterprise, product, code) -> Lot | None:
        """The lot its books have under this code, as the form proposes it."""
        known = StockBalance.objects.filter(enterprise=enterprise, lot__product=product, lot__code_key=lot_key(code))
        balance = known.select_related("lot").order_by("-quantity", "lot").first()
        return balance.lot if balance else None

    def confirm(self, paper, token=None) -> Invoice:
        return services.confirm_invoice(paper, actor=self.clerk_of(paper.author), token=token)

    def confirm_twice(self, paper) -> None:
        token = new_token()
        number = self.confirm(paper, token).number
        before = fingerprint()
        assert self.confirm(paper, token).number == number
        assert fingerprint() == before

    def papers(self):
        return Invoice.objects.confirmed().select_related("author", "seller", "buyer")

    def reverse(self, paper) -> Invoice:
        return services.reverse_invoice(paper, reason="x", actor=self.clerk_of(paper.author))

    def adjust(self, paper, differences) -> Invoice:
        acknowledged = hasattr(paper, "acknowledgement")
        actor = self.clerk_of(paper.seller if acknowledged else paper.author)
        return services.adjust_invoice(paper, differences=differences, reason="x", actor=actor)

    def acknowledge(self, paper) -> Invoice:
        return services.acknowledge_purchase(paper, actor=self.clerk_of(paper.seller))

    # Corrections of what both sides have, returns, and two papers of one delivery

    def ask(self, paper, differences) -> object:
        actor = self.clerk_of(services.corrector(paper))
        return correcting.correct_invoice(paper, differences=differences, reason="x", actor=actor)

    def proposals(self):
        return CorrectionProposal.objects.select_related("invoice", "asked")

    def say_yes(self, proposal) -> Invoice:
        return correcting.agree_to_correction(proposal, actor=self.clerk_of(proposal.asked))

    def say_no(self, proposal) -> None:
        correcting.refuse_correction(proposal, reason="x", actor=self.clerk_of(proposal.asked))

    def order_correction(self, proposal) -> Invoice:
        return correcting.order_correction(proposal, reason="x", actor=self.officer)

    def give_back(self, paper, quantity) -> Invoice:
        actor = self.clerk_of(paper.buyer)
        return returning.return_goods(paper, quantities={1: quantity}, reason="x", actor=actor)

    def link(self, paper) -> Invoice:
        found = twins.twins_of(paper)
        if not found:
            raise NothingThere
        return twins.link_twin(paper, twin=found[0], actor=self.clerk_of(paper.author))

    # Stock papers

    def stock_paper(self, balance, kind, quantity) -> StockPaper:
        """A draft about one lot: `quantity` of it leaves, or of a count is there."""
        counted = {"counted": quantity, "booked": balance.quantity} if kind == "count" else {}
        paper = StockPaper.objects.create(
            enterprise=balance.enterprise,
            kind=kind,
            happened_on=timezone.localdate(),
            note="x",
            method="x",
            witness="x",
        )
        StockPaperLine.objects.create(
            paper=paper, position=1, product=balance.lot.product, lot=balance.lot, lot_code=balance.lot.code,
            quantity=quantity - balance.quantity if counted else -quantity, **counted,
        )  # fmt: skip
        return paper

    def confirm_stock_paper(self, paper) -> StockPaper:
        return stock_papers.confirm_stock_paper(paper, actor=self.clerk_of(paper.enterprise))

    def reverse_stock_paper(self, paper) -> StockPaper:
        return stock_papers.reverse_stock_paper(paper, reason="x", actor=self.clerk_of(paper.enterprise))

    # Deliveries

    def receipts(self):
        return Receipt.objects.select_related("invoice__seller", "buyer")

    def accept(self, receipts) -> int:
        return receiving.accept_deliveries(receipts, actor=self.clerk_of(receipts[0].buyer))

    def differ(self, receipt, complaints) -> Receipt:
        return receiving.accept_with_differences(receipt, complaints=complaints, actor=self.clerk_of(receipt.buyer))

    def reject(self, receipt, cause) -> Receipt:
        return receiving.reject_delivery(receipt, cause=cause, reason="x", actor=self.clerk_of(receipt.buyer))

    def dispute(self, receipt, complaints) -> Receipt:
        return receiving.dispute_delivery(receipt, complaints=complaints, actor=self.clerk_of(receipt.buyer))

    def withdraw(self, receipt) -> int:
        return receiving.withdraw_claims(receipt, actor=self.clerk_of(receipt.buyer))

    def agree(self, receipt) -> Invoice:
        return receiving.agree_to_claims(receipt, actor=self.clerk_of(receipt.invoice.seller))

    def refuse(self, receipt) -> Receipt:
        return receiving.refuse_claims(receipt, reason="x", actor=self.clerk_of(receipt.invoice.seller))

    def order(self, receipt) -> Invoice:
        return receiving.order_settlement(receipt, reason="x", actor=self.officer)

    def dismiss(self, receipt) -> int:
        return receiving.dismiss_claims(receipt, reason="x", actor=self.officer)

    def silence(self, days) -> int:
        """Let so many days pass in which nobody says anything."""
        later = timezone.now() + datetime.timedelta(days=days)
        return receiving.accept_silent_deliveries(now=later) + receiving.escalate_unsettled_claims(now=later)

    # Production and holds

    def produce(self, enterprise, inputs, outputs) -> ProductionRun:
        run = ProductionRun.objects.create(enterprise=enterprise, produced_on=timezone.localdate(), note="x")
        for lot, quantity in inputs.items():
            RunInput.objects.create(run=run, lot=lot, quantity=quantity)
        for (good, code), quantity in outputs.items():
            RunOutput.objects.create(run=run, product=self.goods[good], lot_code=code, quantity=quantity)
        return run

    def confirm_run(self, run, token=None) -> ProductionRun:
        return runs.confirm_run(run, actor=self.clerk_of(run.enterprise), token=token)

    def release(self, run) -> int:
        actor = self.clerk_of(run.enterprise)
        return runs.release_outputs(run, certificate="YL-1", conclusion="passed", actor=actor)

    def reverse_run(self, run) -> ProductionRun:
        return runs.reverse_run(run, reason="x", actor=self.clerk_of(run.enterprise))

    def hold(self, lots) -> object:
        return services.hold_lots(lots, reason="x", actor=self.officer)

    def unhold(self, lots) -> int:
        return services.release_lots(lots, reason="x", actor=self.officer)

    # Whoever does it

    def attempt(self, name, verb, *args):
        """Do it. What is refused leaves no trace; what is not is counted, and its answer given."""
        before = fingerprint()
        try:
            answer = verb(*args)
        except (ValidationError, PermissionDenied):
            assert fingerprint() == before, f"{name} was refused and left something behind"
            return None
        self.done[name] += 1
        return answer
