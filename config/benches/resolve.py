"""What it costs to count everything that was ever said of the catalogue, and one word more where many have spoken."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from itertools import cycle

import psycopg2
from django.db import connection, transaction

from accounts.models import User
from catalog.models import Contribution, Product, Unit
from catalog.resolving import recount
from catalog.services import contribute
from config.benches.measures import Measure, Report, in_turns, milliseconds
from config.benches.place import address, vacuum
from enterprises.models import Enterprise

# Every product is spoken of by as many firms as the next; one in fifty words is another than the first.
SAID = """
INSERT INTO catalog_contribution (product_id, enterprise_id, facts, weight, created_at)
SELECT p.id, (%(firms)s::bigint[])[1 + (n * 7 + p.id) %% cardinality(%(firms)s::bigint[])],
       jsonb_build_object('name', p.name || CASE WHEN random() < 0.02 THEN ' 2' ELSE '' END,
           'brand', '示例' || CASE WHEN random() < 0.02 THEN p.id ELSE 0 END, 'pack_size', '500g',
           'origin', '示例地', 'maker_name', '示例厂' || p.id),
       1, now() - random() * interval '3 years'
FROM catalog_product p CROSS JOIN generate_series(1, %(each)s) n WHERE p.unit_id = 'bench'
"""
CROWD = """
INSERT INTO catalog_contribution (product_id, enterprise_id, facts, weight, created_at)
SELECT %(product)s, (%(firms)s::bigint[])[1 + n %% cardinality(%(firms)s::bigint[])],
       jsonb_build_object('name', '示例' || n %% 3, 'brand', '示例'), 1, now()
FROM generate_series(1, %(words)s) n
"""
GROUPED = """
SELECT count(*) FROM (
    SELECT c.product_id, f.key, f.value, count(*)
    FROM catalog_contribution c CROSS JOIN LATERAL jsonb_each_text(c.facts) f
    GROUP BY 1, 2, 3) grouped
"""


@dataclass(frozen=True)
class Size:
    """How much is said, by how many, and how many words the crowded product has had."""

    products: int = 40_000
    each: int = 5
    firms: int = 500
    crowd: int = 10_000
    rounds: int = 21


def run(size: Size) -> Report:
    """Count everything, beside one bare grouping of the same words; one word of many, beside one of few."""
    clerk = User.objects.create_user("bench-steward")
    firms = Enterprise.objects.bulk_create(
        Enterprise(name=f"示例{n}", name_pinyin=f"{n}", name_initials=f"{n}", roles=["RETAILER"])
        for n in range(size.firms)
    )
    bag = Unit.objects.create(code="bench", name_zh="袋", name_en="bag")
    Product.objects.bulk_create(
        (
            Product(name=f"示例食品{n}", name_pinyin=f"{n}", name_initials=f"{n}", unit=bag)
            for n in range(size.products)
        ),
        batch_size=5_000,
    )
    quiet, crowded = Product.objects.filter(unit=bag).order_by("pk")[:2]
    keys = [firm.pk for firm in firms]
    _say(SAID, {"firms": keys, "each": size.each})
    first, again, grouped = _seconds(_recount), _seconds(_recount), _seconds(_group)
    counted = [
        Measure("first_count_of_grouping", first, grouped, "s"),
        Measure("recount_of_grouping", again, grouped, "s"),
    ]
    _say(CROWD, {"product": crowded.pk, "firms": keys, "words": size.crowd})
    _recount()
    ways = [partial(milliseconds, _one_more(product, firms, clerk)) for product in (crowded, quiet)]
    many, few = in_turns(*ways, rounds=size.rounds)
    facts: dict[str, object] = {"products": size.products, "contributions": Contribution.objects.count()}
    return Report("resolve", [*counted, Measure("word_among_many_of_few", many, few, "ms")], facts, [])


def _one_more(product: Product, firms: list[Enterprise], clerk: User) -> Callable[[], object]:
    turns = cycle(firms)

    @transaction.atomic
    def say() -> None:
        contribute(product, {"name": "示例0", "brand": "示例"}, enterprise=next(turns), actor=clerk)

    return say


def _recount() -> None:
    for _changed in recount():
        pass


def _group() -> None:
    with connection.cursor() as cursor:
        cursor.execute(GROUPED)


def _seconds(step: Callable[[], object]) -> float:
    started = time.perf_counter()
    step()
    return time.perf_counter() - started


def _say(statement: str, values: Mapping[str, object]) -> None:
    with closing(psycopg2.connect(**address("owner"))) as link:
        link.autocommit = True
        link.cursor().execute(statement, values)
    vacuum()
