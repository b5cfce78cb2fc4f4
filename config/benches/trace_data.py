"""The network that the trace bench walks: one lot that went into many, in the midst of other people's trade."""

from __future__ import annotations

import random
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import date

import psycopg2
from django.utils import timezone

from catalog.models import Lot, Product, Unit
from config.benches.place import address, vacuum
from enterprises.models import Enterprise
from ledgers.models import Invoice, ProductionRun

LINES = 10

# Written by the owner straight into the books, on papers that stay drafts: a trace does not read them. Every step-th
# line is of the traced goods, so they lie as scattered as after a year of trade; each line after `entries` that has
# an even place takes back the one before it.
LINKS = """
INSERT INTO ledgers_lotlink (run_id, enterprise_id, kind, from_lot_id, to_lot_id)
SELECT %(run)s, %(maker)s, 'transformation', went_in, came_out
FROM unnest(%(from_lots)s::bigint[], %(to_lots)s::bigint[]) AS pair (went_in, came_out)
"""
INVOICE_LINES = """
INSERT INTO ledgers_invoiceline (invoice_id, position, product_id, known_lot_id, lot_code,
                                 lot_is_generated, quantity, unit_id, factor)
SELECT (%(papers)s::bigint[])[1 + (n - 1) / %(lines)s], 1 + (n - 1) %% %(lines)s, %(product)s,
       CASE WHEN n > %(entries)s THEN (%(traced)s::bigint[])[1 + (n - 1) / 2 %% cardinality(%(traced)s::bigint[])]
            WHEN n %% %(step)s = 0 THEN (%(traced)s::bigint[])[1 + n / %(step)s %% cardinality(%(traced)s::bigint[])]
            ELSE (%(others)s::bigint[])[1 + floor(random() * cardinality(%(others)s::bigint[]))] END,
       'L', false, CASE WHEN n > %(entries)s AND n %% 2 = 0 THEN -1 ELSE 1 END, %(unit)s, 1
FROM generate_series(1, %(entries)s + %(reversals)s * 2) n
ORDER BY n
"""
ENTRIES = """
INSERT INTO ledgers_ledgerentry (invoice_id, line_id, seller_id, buyer_id, author_id, product_id, lot_id, goods,
                                 goods_code, quantity, traded_on, recorded_at, needs_acknowledgement, reverses_id)
SELECT l.invoice_id, l.id, i.seller_id, i.buyer_id, i.seller_id, l.product_id, l.known_lot_id, '', '',
       l.quantity, i.traded_on, now(), false, original.id
FROM ledgers_invoiceline l
JOIN ledgers_invoice i ON i.id = l.invoice_id
LEFT JOIN ledgers_invoiceline undone
    ON l.quantity < 0 AND undone.invoice_id = l.invoice_id AND undone.position = l.position - 1
LEFT JOIN ledgers_ledgerentry original ON original.line_id = undone.id
WHERE (l.quantity < 0) = %(taking_back)s
ORDER BY l.id
"""
BALANCES = """
INSERT INTO ledgers_stockbalance (enterprise_id, lot_id, quantity, disputed)
SELECT buyer_id, lot_id, CASE WHEN random() < 0.4 THEN 0 ELSE sum(quantity) END, 0
FROM ledgers_ledgerentry GROUP BY buyer_id, lot_id
"""


@dataclass(frozen=True)
class Size:
    """How much is made: the lots reached from one lot over two steps moved `answer` times in all."""

    answer: int = 10_000
    halfway: int = 12
    made: int = 200
    entries: int = 200_000
    reversals: int = 200
    traders: int = 2_000
    other_lots: int = 20_000
    rounds: int = 31
    weighted: int = 100


LARGE = Size(answer=40_000, entries=1_000_000, other_lots=100_000, traders=20_000)


def make(size: Size) -> tuple[Lot, Lot]:
    """Fill the books; returns the lot to trace, and one of those made of it, with a smaller trace of its own."""
    random.seed(7)
    product = Product.objects.create(name="商品", unit=Unit.objects.get(code="bag"))
    traders = Enterprise.objects.bulk_create(Enterprise(name=f"企业 {n}") for n in range(size.traders))
    lots = _lots(product, traders[0], 1 + size.halfway + size.made + size.other_lots)
    traced, others = lots[: 1 + size.halfway + size.made], lots[1 + size.halfway + size.made :]
    papers = _papers(traders, (size.entries + 2 * size.reversals) // LINES + 1)
    from_lots = [traced[0]] * size.halfway + [traced[1 + n % size.halfway] for n in range(size.made)]
    values = {
        "run": ProductionRun.objects.create(enterprise=traders[0], produced_on=timezone.localdate()).pk,
        "maker": traders[0].pk,
        "from_lots": [lot.pk for lot in from_lots],
        "to_lots": [lot.pk for lot in traced[1:]],
        "papers": [paper.pk for paper in papers],
        "lines": LINES,
        "product": product.pk,
        "unit": product.unit_id,
        "step": size.entries // size.answer,
        "entries": size.entries,
        "reversals": size.reversals,
        "traced": [lot.pk for lot in traced],
        "others": [lot.pk for lot in others],
    }
    _fill(values)
    return traced[0], traced[1]


def _fill(values: dict[str, object]) -> None:
    with closing(psycopg2.connect(**address("owner"))) as link:
        link.autocommit = True
        cursor = link.cursor()
        cursor.execute("ALTER TABLE ledgers_ledgerentry DISABLE TRIGGER portal_publish_booked")  # no paper is confirmed
        for statement in (LINKS, INVOICE_LINES):
            cursor.execute(statement, values)
        for taking_back in (False, True):
            cursor.execute(ENTRIES, {"taking_back": taking_back})
        cursor.execute(BALANCES)
    vacuum()


def _lots(product: Product, maker: Enterprise, count: int) -> list[Lot]:
    return Lot.objects.bulk_create(
        Lot(product=product, code=f"L{n}", code_key=f"L{n}", unit=product.unit, declared_by=maker) for n in range(count)
    )


def _papers(traders: Sequence[Enterprise], count: int) -> list[Invoice]:
    day: date = timezone.localdate()
    pairs = (random.sample(traders, 2) for _ in range(count))
    return Invoice.objects.bulk_create(
        Invoice(author=seller, seller=seller, buyer=buyer, traded_on=day) for seller, buyer in pairs
    )
