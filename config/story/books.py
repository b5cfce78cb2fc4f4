"""Writes the steps into the books: drafts in bulk, then each confirmed by the services, in order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import timedelta
from decimal import Decimal

from accounts.models import User
from catalog.models import Lot
from config.story.answers import DAYS_TO_ANSWER, answer_what_waits, claim, claim_and_agree, reject
from config.story.goods import Goods
from config.story.steps import Line, Paper, Run, Step
from enterprises.models import Enterprise, EnterpriseRole
from ledgers.drafts import save_draft
from ledgers.models import Invoice, InvoiceLine, LotHold, ProductionRun, RunInput, RunOutput
from ledgers.runs import confirm_run
from ledgers.services import (
    acknowledge_purchase,
    confirm_invoice,
    release_lots,
    reverse_invoice,
)

DRAFT, CASE = "draft", "case"
CENT = Decimal("0.01")
OF_THE_MAKER, OF_A_TRADER = Decimal("0.70"), Decimal("0.85")  # parts of the price in a shop
ROWS_AT_ONCE = 1000
NOTE_OF_A_RUN = "按配方投料，装袋规格不同"  # packets into packs: the numbers of bags need not be alike

FollowUp = Callable[[Invoice, Paper, User], object]
AND_THEN: dict[str, FollowUp] = {
    "": lambda invoice, paper, actor: None,
    "acknowledge": lambda invoice, paper, actor: acknowledge_purchase(invoice, actor=actor),
    "reverse": lambda invoice, paper, actor: reverse_invoice(invoice, reason=paper.reason, actor=actor),
    "claim": claim,
    "agree": claim_and_agree,
    "reject": reject,
}


def write_steps(
    steps: Iterable[Step], cast: Mapping[str, Enterprise], goods: Mapping[str, Goods], *, actor: User
) -> tuple[int, int]:
    """Write papers and runs in the order given; returns how many of each."""
    steps, is_answered = list(steps), False
    last_days = max(step.day for step in steps) - timedelta(days=DAYS_TO_ANSWER)
    papers = [step for step in steps if isinstance(step, Paper)]
    invoices = iter(_written([paper for paper in papers if paper.then != DRAFT], cast, goods))
    for step in steps:
        if step.day > last_days and not is_answered:
            answer_what_waits(actor)
            is_answered = True
        if isinstance(step, Run):
            _make(step, cast[step.plant], goods, actor)
        elif step.then == DRAFT:
            _begin(step, cast, goods, actor)
        else:
            AND_THEN[step.then](confirm_invoice(next(invoices), actor=actor), step, actor)
    return len(papers), len(steps) - len(papers)


def _begin(paper: Paper, cast: Mapping[str, Enterprise], goods: Mapping[str, Goods], actor: User) -> None:
    """Keep a paper as a clerk typed it, not confirmed yet."""
    partner = cast[paper.seller if paper.author == paper.buyer else paper.buyer]
    typed = {
        "partner": f"{partner.name} ({partner.licence_number})",
        "traded_on": paper.day.isoformat(),
        "lines": [_typed(line, goods) for line in paper.lines],
    }
    save_draft(
        None,
        typed,
        author=cast[paper.author],
        is_purchase=paper.author == paper.buyer,
        version=0,
        actor=actor,
    )


def _typed(line: Line, goods: Mapping[str, Goods]) -> dict[str, str]:
    return {
        "code": goods[line.batch.product].product.name,
        "lot": line.batch.code,
        "made": line.batch.made_on.isoformat(),
        "until": line.batch.expires_on.isoformat(),
        "quantity": str(line.quantity),
        "price": str(goods[line.batch.product].price),
    }


def _written(papers: list[Paper], cast: Mapping[str, Enterprise], goods: Mapping[str, Goods]) -> list[Invoice]:
    invoices = Invoice.objects.bulk_create((_invoice(paper, cast) for paper in papers), batch_size=ROWS_AT_ONCE)
    InvoiceLine.objects.bulk_create(
        (line for invoice, paper in zip(invoices, papers, strict=True) for line in _lines(invoice, paper, goods)),
        batch_size=ROWS_AT_ONCE,
    )
    return invoices


def _invoice(paper: Paper, cast: Mapping[str, Enterprise]) -> Invoice:
    theirs = f"{paper.seller}-{paper.day:%Y%m%d}" if paper.author == paper.buyer else ""
    return Invoice(
        author=cast[paper.author],
        seller=cast[paper.seller],
        buyer=cast[paper.buyer],
        traded_on=paper.day,
        paper_number=theirs,
    )


def _lines(invoice: Invoice, paper: Paper, goods: Mapping[str, Goods]) -> Iterator[InvoiceLine]:
    assert invoice.seller is not None
    share = OF_THE_MAKER if EnterpriseRole.PRODUCER in invoice.seller.roles else OF_A_TRADER
    for position, line in enumerate(paper.lines, start=1):
        article = goods[line.batch.product]
        yield InvoiceLine(
            invoice=invoice,
            position=position,
            product=article.product,
            lot_code=line.batch.code,
            lot_is_generated=line.batch.is_generated,
            produced_on=line.batch.made_on,
            expires_on=line.batch.expires_on,
            quantity=line.quantity,
            unit_id=CASE if line.factor > 1 else article.product.unit_id,
            factor=line.factor,
            price=(article.price * share * line.factor).quantize(CENT),
        )


def _make(step: Run, plant: Enterprise, goods: Mapping[str, Goods], actor: User) -> None:
    """Confirm a run and release what it made."""
    run = ProductionRun.objects.create(enterprise=plant, produced_on=step.day, note=NOTE_OF_A_RUN)
    RunInput.objects.bulk_create(
        RunInput(run=run, lot=lot, quantity=line.quantity) for line, lot in _lots_of(step.inputs, goods)
    )
    RunOutput.objects.bulk_create(
        RunOutput(
            run=run,
            product=goods[line.batch.product].product,
            lot_code=line.batch.code,
            expires_on=line.batch.expires_on,
            quantity=line.quantity,
        )
        for line in step.outputs
    )
    confirm_run(run, actor=actor)
    made = [lot for _line, lot in _lots_of(step.outputs, goods)]
    release_lots(made, reason=step.certificate, actor=actor, cause=LotHold.Cause.RELEASE)


def _lots_of(lines: Iterable[Line], goods: Mapping[str, Goods]) -> list[tuple[Line, Lot]]:
    """The lots that the lines speak of; earlier steps have made them."""
    lines = list(lines)
    products = {goods[line.batch.product].product for line in lines}
    known = Lot.objects.filter(product__in=products, code__in={line.batch.code for line in lines})
    lots = {(lot.product_id, lot.code): lot for lot in known}
    return [(line, lots[goods[line.batch.product].product.pk, line.batch.code]) for line in lines]
