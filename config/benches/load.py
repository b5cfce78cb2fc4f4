"""What loading goods costs: a file read, checked and written, beside COPY of such rows into the same two tables."""

from __future__ import annotations

import csv
import resource
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

import pghistory
import psycopg2

from accounts.bulk.loading import Counts, Run
from accounts.bulk.rows import recognise
from accounts.bulk.tables import Table
from catalog.barcodes import check_digit
from catalog.loading import ProductLoader
from config.benches.foods import names
from config.benches.measures import Measure, Report
from config.benches.place import address, vacuum
from documents.bulk import CHECK_AT_ONCE
from enterprises.spelling import pinyin

HEADINGS = ("条码", "品名", "规格", "单位", "品牌", "产地", "保质期", "生产企业", "生产许可证")
OURS, THEIRS = 1, 2
ONE_BAD_IN = 100
WARM = 100  # rows: what is imported at first use is no part of the peak
COPIED = (
    "COPY catalog_product (id, name, name_pinyin, name_initials, kind, brand, pack_size, unit_id, shelf_life_days,"
    " origin, maker_name, maker_licence, self_code) FROM STDIN WITH (FORMAT csv, FORCE_NOT_NULL (self_code))",
    "COPY catalog_productcode (product_id, gtin, factor) FROM STDIN WITH (FORMAT csv)",
)
NUMBERS = "SELECT setval(pg_get_serial_sequence('catalog_product', 'id'), max(id)) FROM catalog_product"
CONTEXT = "SELECT set_config('pghistory.context_id', %s, true), set_config('pghistory.context_metadata', '{}', true)"
FIRST_ID = 1_000_000
KILO = 1024  # ru_maxrss is told in kilobytes


@dataclass(frozen=True)
class Size:
    rows: int = 400_000


class WrongCounts(Exception):
    """The rows did not become what they should: there is nothing to measure."""


def run(size: Size) -> Report:
    """COPY first, into the emptier tables; then our file, then our file again."""
    copied = _copied(size)
    vacuum("catalog_product", "catalog_productcode", "catalog_productsearch")
    with tempfile.TemporaryDirectory() as folder:
        _load(_file(Path(folder) / "warm.csv", WARM, start=size.rows))
        base = _peak()
        path = _file(Path(folder) / "goods.csv", size.rows)
        first, counts = _load(path)
        memory = _peak() - base
        vacuum("catalog_product", "catalog_productcode", "catalog_productsearch")
        again, unchanged = _load(path)
    bad = size.rows // ONE_BAD_IN
    if (counts.created, counts.rejected) != (size.rows - bad, bad):
        raise WrongCounts(counts)
    if (unchanged.unchanged, unchanged.rejected) != (size.rows - bad, bad):
        raise WrongCounts(unchanged)
    facts: dict[str, object] = {"rows": size.rows, "rejected": bad, "peak_mb_over_base": memory}
    return Report(
        "load",
        [Measure("load_of_copy", first, copied, "s"), Measure("again_of_load", again, first, "s")],
        facts,
        [],
    )


def _load(path: Path) -> tuple[float, Counts]:
    loader = ProductLoader()
    sheet = recognise(Table(path), loader.columns, loader.required)
    assert sheet is not None
    started = time.perf_counter()
    with pghistory.context(loaded_from=[path.name]):
        counts = Run(loader, [sheet])()
    return time.perf_counter() - started, counts


def _copied(size: Size) -> float:
    """Seconds that COPY takes, the rows ready in memory and their pinyin known."""
    goods, codes = StringIO(), StringIO()
    lines, pairs = csv.writer(goods), csv.writer(codes)
    for number, row in enumerate(_goods(size.rows, THEIRS), FIRST_ID):
        gtin, name, pack, _unit, brand, origin, days, maker, licence = row
        lines.writerow([number, name, *pinyin(name), "prepacked", brand, pack, "bag", days, origin, maker, licence, ""])
        pairs.writerow([number, gtin.zfill(14), 1])
    with closing(psycopg2.connect(**address("owner"))) as link, link, link.cursor() as cursor:
        cursor.execute(CONTEXT, [str(uuid.uuid4())])
        cursor.execute(CHECK_AT_ONCE)
        started = time.perf_counter()
        for statement, text in zip(COPIED, (goods, codes), strict=True):
            text.seek(0)
            cursor.copy_expert(statement, text)
        cursor.execute(NUMBERS)
        link.commit()
        return time.perf_counter() - started


def _file(path: Path, rows: int, *, start: int = 0) -> Path:
    """A goods master in which every hundredth barcode has a wrong last digit."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADINGS)
        for place, (gtin, *rest) in enumerate(_goods(rows, OURS, start=start), 1):
            wrong = place % ONE_BAD_IN == 0
            writer.writerow([gtin[:-1] + str((int(gtin[-1]) + 5) % 10) if wrong else gtin, *rest])
    return path


def _goods(rows: int, series: int, *, start: int = 0) -> Iterator[list[str]]:
    """Fictional goods with barcodes of the demonstration prefix; each series has other ones."""
    for place, name in enumerate(names(rows, seed=series), start):
        body = f"952{series}{place:08d}"
        yield [
            body + check_digit(body), name, "500g", "袋", f"示例牌{place % 900}", "示例县", "365",
            f"示例食品厂{place % 5000}", "SC10723010000001",
        ]  # fmt: skip


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // KILO
