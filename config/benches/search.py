"""What a search costs in 400,000 products: beside tantivy in process, LIKE on trigrams, and a bare round trip."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from statistics import median, quantiles
from typing import Any

import psycopg2
from psycopg2.extras import execute_values

from catalog.models import FrequentGram, Unit
from catalog.search import best, grams_of, refresh_search, words_of
from config.benches.foods import names
from config.benches.measures import Measure, Report, in_turns
from config.benches.place import address, vacuum

LIMIT = 20
PAUSE = 0.003  # seconds
FILL = """
INSERT INTO catalog_product (name, name_pinyin, name_initials, kind, brand, pack_size, unit_id, origin, maker_name,
                             maker_licence, self_code)
VALUES %s
"""
# A few goods are everywhere, most are nowhere.
POPULAR = "UPDATE catalog_productsearch SET popularity = floor(200 * power(random(), 9)) WHERE popularity >= 0"
CODES = """
INSERT INTO catalog_productcode (product_id, gtin, factor)
SELECT id, lpad((95200000000000 + id)::text, 14, '0'), 1 FROM catalog_product WHERE unit_id = 'bench'
"""
TRIGRAMS = """
CREATE TABLE bench_names AS
SELECT product_id, split_part(text, chr(31), 1) AS name, popularity, length FROM catalog_productsearch;
CREATE INDEX ON bench_names USING gin (name gin_trgm_ops);
"""
BY_RANK = """
SELECT product_id, split_part(text, chr(31), 1) FROM catalog_productsearch ORDER BY popularity DESC, length, product_id
"""
LIKE = "SELECT product_id FROM bench_names WHERE name LIKE %s ORDER BY popularity DESC, length, product_id LIMIT 20"
KINDS = {"1 sign": (1,), "2 signs": (2,), "3 signs": (3,), "4 and more": (4, 5, 7), "2 words": (), "nothing": ()}


@dataclass(frozen=True)
class Size:
    products: int = 400_000
    queries: int = 100  # of each kind
    checked: int = 20  # of each kind, beside looking at every name
    codes: int = 200


class DifferentAnswers(Exception):
    """A search does not find the first twenty: there is nothing to measure."""


def run(size: Size) -> Report:
    """Fill, compare answers with brute force, then time every query by each way in turns."""
    _fill(size)
    with closing(psycopg2.connect(**address("default"))) as link:
        link.autocommit = True
        cursor = link.cursor()
        cursor.execute(BY_RANK)
        rows = cursor.fetchall()
        frequent = dict(FrequentGram.objects.values_list("gram", "products"))
        ours = partial(_ours, cursor, frequent)
        asked = {kind: list(_queries(kind, rows, size.queries)) for kind in KINDS}
        for query in (query for queries in asked.values() for query in queries[: size.checked]):
            if ours(query) != _brute(rows, query):
                raise DifferentAnswers(query)
        every = [query for queries in asked.values() for query in queries]
        measures, notes = _beside_tantivy(every, ours, rows)
        pairs = asked["2 signs"][: size.checked]
        measures.append(
            Measure("two_signs_of_trigrams", _middle(ours, pairs), _middle(partial(_like, cursor), pairs), "ms")
        )
        measures.append(_barcode(cursor, size))
        facts: dict[str, object] = {
            f"p50 of {kind}": round(_middle(ours, queries), 3) for kind, queries in asked.items()
        }
    return Report("search", measures, facts, notes)


def _ours(cursor: Any, frequent: dict[str, int], query: str) -> list[int]:
    def execute(statement: str, values: dict[str, Any]) -> list[tuple[bool, int]]:
        cursor.execute(statement, values)
        rows: list[tuple[bool, int]] = cursor.fetchall()
        return rows

    return best(words_of(query), LIMIT, frequent=frequent, run=execute)


def _like(cursor: Any, query: str) -> list[int]:
    cursor.execute(LIKE, [f"%{query}%"])
    return [pk for (pk,) in cursor.fetchall()]


def _brute(rows: list[tuple[int, str]], query: str) -> list[int]:
    words = words_of(query)
    found = [(name != " ".join(words), pk) for pk, name in rows if all(word in name for word in words)]
    return [pk for _is_other, pk in sorted(found, key=lambda row: row[0])[:LIMIT]]


def _queries(kind: str, rows: list[tuple[int, str]], count: int) -> Iterator[str]:
    dice = random.Random(kind)
    for _ in range(count):
        name = dice.choice(rows)[1]
        if kind == "2 words":
            yield f"{name[:2]} {name[3:5]}"
        elif kind == "nothing":
            yield name[:2] + "蟹螯"
        else:
            length = dice.choice(KINDS[kind])
            start = dice.randrange(max(1, len(name) - length))
            yield name[start : start + length]


def _beside_tantivy(queries: list[str], ours: Callable[[str], Any], rows: Any) -> tuple[list[Measure], list[str]]:
    try:
        theirs = _tantivy(rows)
    except ImportError:
        return [], ["tantivy is not installed: pip install tantivy, and run again."]
    mine, others = _times(ours, queries), _times(theirs, queries)
    return [
        Measure("p50_of_tantivy", median(mine), median(others), "ms"),
        Measure("p99_of_tantivy", quantiles(mine, n=100)[98], quantiles(others, n=100)[98], "ms"),
    ], []


def _tantivy(rows: list[tuple[int, str]]) -> Callable[[str], Any]:
    """The same question to an index in this process: every gram, and the first by rank."""
    import tantivy  # noqa: PLC0415  # not part of the project: only beside it

    builder = tantivy.SchemaBuilder()
    builder.add_text_field("name", tokenizer_name="grams", index_option="basic")
    builder.add_unsigned_field("rank", fast=True, stored=True)
    schema = builder.build()
    index = tantivy.Index(schema)
    index.register_tokenizer("grams", tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.ngram(1, 2, False)).build())
    writer = index.writer()
    for place, (_pk, name) in enumerate(rows):
        document = tantivy.Document(name=name)
        document.add_unsigned("rank", len(rows) - place)
        writer.add_document(document)
    writer.commit()
    index.reload()
    searcher = index.searcher()

    def ask(query: str) -> Any:
        terms = sorted(set().union(*map(grams_of, words_of(query))))
        each = [(tantivy.Occur.Must, tantivy.Query.term_query(schema, "name", term)) for term in terms]
        return searcher.search(tantivy.Query.boolean_query(each), LIMIT, order_by_field="rank").hits

    return ask


def _barcode(cursor: Any, size: Size) -> Measure:
    cursor.execute("SELECT gtin FROM catalog_productcode ORDER BY random() LIMIT %s", [size.codes])
    codes = [gtin for (gtin,) in cursor.fetchall()]

    def look_up(gtin: str) -> None:
        cursor.execute("SELECT product_id, factor FROM catalog_productcode WHERE gtin = %s", [gtin])
        cursor.fetchall()

    def select_one(_gtin: str) -> None:
        cursor.execute("SELECT %s", [1])
        cursor.fetchall()

    ours, reference = in_turns(partial(_rested, look_up, codes), partial(_rested, select_one, codes), rounds=5)
    return Measure("barcode_of_select_1", ours, reference, "ms")


def _times(ask: Callable[[str], Any], queries: list[str]) -> list[float]:
    """Milliseconds of each query, the better of two."""
    return [min(_time(ask, query), _time(ask, query)) for query in queries]


def _middle(ask: Callable[[str], Any], queries: list[str]) -> float:
    return median(_times(ask, queries))


def _rested(ask: Callable[[str], Any], queries: list[str]) -> float:
    """The median where each question comes after a pause, as people ask: the server has to be woken for it."""
    times = []
    for query in queries:
        time.sleep(PAUSE)
        times.append(_time(ask, query))
    return median(times)


def _time(ask: Callable[[str], Any], query: str) -> float:
    started = time.perf_counter()
    ask(query)
    return (time.perf_counter() - started) * 1000


def _fill(size: Size) -> None:
    Unit.objects.create(code="bench", name_zh="袋", name_en="bag")
    with closing(psycopg2.connect(**address("owner"))) as link:
        link.autocommit = True
        cursor = link.cursor()
        rows = ((name, "", "", "prepacked", "", "", "bench", "", "", "", "") for name in names(size.products))
        execute_values(cursor, FILL, rows, page_size=10_000)
        cursor.execute(CODES)
        refresh_search()
        cursor.execute(POPULAR)
        cursor.execute(TRIGRAMS)
        cursor.execute(f"GRANT SELECT ON bench_names TO {address('default')['user']}")
    vacuum("catalog_productsearch", "catalog_productcode", "bench_names")
