"""What the clerks of the crossing do: each deed takes the same lots as the others, in an order of its own."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone

from catalog.models import Lot, Product
from config.drills.world import World
from ledgers.drafts import save_draft
from ledgers.models import Invoice, InvoiceLine, LotHold, ProductionRun, Receipt
from ledgers.receiving import (
    Complaint,
    accept_deliveries,
    accept_with_differences,
    agree_to_claims,
    reject_delivery,
    withdraw_claims,
)
from ledgers.runs import confirm_run, release_outputs, reverse_run, save_run
from ledgers.services import (
    acknowledge_purchase,
    adjust_invoice,
    confirm_invoice,
    fold_trade_deltas,
    hold_lots,
    release_lots,
    reverse_invoice,
)

Deed = Callable[[World, list[int], int], None]
BEHIND = 200  # papers a deed may reach back
PATIENCE, PAUSE = 200, 0.02
NEW_LOTS_EVERY = 8


@dataclass(frozen=True)
class Piece:
    """A deed, and among how many papers it stands."""

    place: int
    deed: Deed


def new_lots(place: int) -> tuple[str, str]:
    """Two lot numbers that several papers and runs bring up at the same time; by case they stand in another order."""
    group = place // NEW_LOTS_EVERY
    return f"Z{group}", f"a{group}"


def make_drafts(world: World, count: int) -> list[int]:
    """Sales and purchases among all traders with a line for every lot, every other one from the last to the first."""
    pairs = [(seller, buyer) for seller in world.traders for buyer in world.traders if seller != buyer]
    papers = []
    for place in range(count):
        seller, buyer = pairs[place % len(pairs)]
        author = buyer if place % 10 == 0 else seller
        papers.append(Invoice(author=author, seller=seller, buyer=buyer, traded_on=timezone.localdate()))
    Invoice.objects.bulk_create(papers, batch_size=2_000)
    lines = (line for place, paper in enumerate(papers) for line in _lines(world, paper, place))
    InvoiceLine.objects.bulk_create(lines, batch_size=2_000)
    return [paper.pk for paper in papers]


def _lines(world: World, paper: Invoice, place: int) -> list[InvoiceLine]:
    goods: list[tuple[Product, Lot | None, str]] = [(lot.product, lot, lot.code) for lot in world.lots]
    goods += [(world.products[0], None, code) for code in new_lots(place)]
    return [
        InvoiceLine(
            invoice=paper, position=position, product=product, known_lot=lot, lot_code=code, quantity=Decimal("1.5"),
            unit_id=product.unit_id,
        )
        for position, (product, lot, code) in enumerate(goods[:: 1 if place % 2 else -1], start=1)
    ]  # fmt: skip


def confirm(world: World, drafts: list[int], place: int) -> None:
    """Confirm the draft of this place; one on hold is tried again, for somebody is about to release it."""
    draft = Invoice.objects.get(pk=drafts[place])
    for _ in range(PATIENCE):
        try:
            confirm_invoice(draft, actor=world.clerks[draft.author_id])
        except ValidationError as refusal:
            if getattr(refusal, "code", "") != "held":
                raise
            time.sleep(PAUSE)
        else:
            return
    raise ValidationError("It is on hold still.")


def _reverse(world: World, drafts: list[int], place: int) -> None:
    paper = _paper(drafts, place)
    reverse_invoice(paper, reason="演练", actor=world.clerks[paper.author_id])


def _adjust(world: World, drafts: list[int], place: int) -> None:
    paper = _paper(drafts, place)
    differences = {line: Decimal(random.choice((-1, 1))) for line in random.sample(range(1, 11), 3)}
    adjust_invoice(paper, differences=differences, reason="演练", actor=world.clerks[paper.author_id])


def _acknowledge(world: World, drafts: list[int], place: int) -> None:
    paper = _paper(drafts, place - place % 10)
    acknowledge_purchase(paper, actor=world.clerks[paper.seller_id or 0])


def _accept(world: World, drafts: list[int], place: int) -> None:
    trader = random.choice(world.traders)
    waiting = list(Receipt.objects.waiting().filter(buyer=trader)[:5])
    random.shuffle(waiting)
    accept_deliveries(waiting, actor=world.clerks[trader.pk])


def _object(world: World, drafts: list[int], place: int) -> None:
    receipt = _receipt(drafts, place)
    wrong = [Complaint(line, Decimal(1), "short", "演练") for line in random.sample(range(1, 11), 4)]
    accept_with_differences(receipt, complaints=wrong, actor=world.clerks[receipt.buyer_id])


def _reject(world: World, drafts: list[int], place: int) -> None:
    receipt = _receipt(drafts, place)
    reject_delivery(receipt, cause="damaged", reason="演练", actor=world.clerks[receipt.buyer_id])


def _agree(world: World, drafts: list[int], place: int) -> None:
    receipt = _claimed()
    agree_to_claims(receipt, actor=world.clerks[receipt.invoice.seller_id or 0])


def _withdraw(world: World, drafts: list[int], place: int) -> None:
    receipt = _claimed()
    withdraw_claims(receipt, actor=world.clerks[receipt.buyer_id])


def _produce(world: World, drafts: list[int], place: int) -> None:
    """The maker of the new lots makes some of them out of the old ones, and releases them at once."""
    maker = world.traders[0]
    clerk = world.clerks[maker.pk]
    typed = {
        "produced_on": timezone.localdate().isoformat(), "note": "演练",
        "outputs": [{"code": "D-0", "lot": code, "quantity": "1"} for code in new_lots(place)],
        "inputs": [{"lot": lot.code, "quantity": "1"} for lot in random.sample(list(world.lots), 4)],
    }  # fmt: skip
    run, _reading = save_run(None, typed, enterprise=maker, version=0, actor=clerk)
    confirm_run(run, actor=clerk)
    release_outputs(run, certificate="YL-1", conclusion="passed", actor=clerk)


def _unmake(world: World, drafts: list[int], place: int) -> None:
    runs = list(ProductionRun.objects.in_force().order_by("-pk")[:10])
    if runs:
        reverse_run(random.choice(runs), reason="演练", actor=world.clerks[world.traders[0].pk])


def _hold(world: World, drafts: list[int], place: int) -> None:
    lots = random.sample(list(world.lots), 4)
    hold_lots(lots, reason="演练", actor=world.officer)
    release_lots(random.sample(lots, 4), reason="演练", actor=world.officer, cause=LotHold.Cause.AUTHORITY)


def _write(world: World, drafts: list[int], place: int) -> None:
    """A draft of everything in stock, as a clerk types it, in any order."""
    seller, buyer = random.sample(list(world.traders), 2)
    lines = [{"code": lot.product.name, "lot": lot.code, "quantity": "1"} for lot in world.lots]
    random.shuffle(lines)
    typed = {"partner": buyer.name, "traded_on": timezone.localdate().isoformat(), "lines": lines}
    save_draft(None, typed, author=seller, is_purchase=False, version=0, actor=world.clerks[seller.pk])


def _tidy(world: World, drafts: list[int], place: int) -> None:
    fold_trade_deltas()


def _paper(drafts: list[int], place: int) -> Invoice:
    reached = drafts[random.randint(max(0, place - BEHIND), place)] if place % 10 else drafts[place]
    paper: Invoice = Invoice.objects.get(pk=reached)
    return paper


def _receipt(drafts: list[int], place: int) -> Receipt:
    return _some(Receipt.objects.waiting().filter(invoice__in=drafts[max(0, place - BEHIND) : place]))


def _claimed() -> Receipt:
    return _some(Receipt.objects.claimed())


def _some(receipts: models.QuerySet[Receipt]) -> Receipt:
    found = list(receipts.select_related("invoice").order_by("-pk")[:20])
    if not found:
        raise ValidationError("There is none.")
    return random.choice(found)


DEEDS: tuple[Deed, ...] = (
    _reverse, _reverse, _adjust, _acknowledge, _accept, _accept, _object, _object, _reject, _agree, _agree, _withdraw,
    _produce, _unmake, _hold, _hold, _write, _write, _tidy,
)  # fmt: skip
