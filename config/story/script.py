"""The steps that are told one by one: the way of the peanuts, another lot that is safe, small mishaps."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date

from config.story.goods import Goods
from config.story.rows import days_from, rows
from config.story.steps import Batch, Line, Paper, Run, Step


def scripted(goods: Mapping[str, Goods], today: date) -> list[Step]:
    """The papers and runs of the tables, each day's runs before its papers."""
    batches = {row["lot"]: _batch(row, goods, today) for row in rows("lots")}
    return [*_runs(batches, today), *_papers(batches, today)]


def _batch(row: Mapping[str, str], goods: Mapping[str, Goods], today: date) -> Batch:
    made_on = days_from(today, row["made"])
    return Batch.of(row["product"], lot_code(row, today), made_on, goods)


def lot_code(row: Mapping[str, str], today: date) -> str:
    """The number of a lot of the table `lots`, which carries the day on which it was made."""
    return f"{row['prefix']}{days_from(today, row['made']):%Y%m%d}{row['suffix']}"


def _papers(batches: Mapping[str, Batch], today: date) -> Iterable[Paper]:
    lines = defaultdict(list)
    for row in rows("lines"):
        lines[row["paper"]].append(Line(batches[row["lot"]], int(row["quantity"]), int(row["factor"])))
    for row in rows("papers"):
        yield Paper(
            day=days_from(today, row["day"]),
            seller=row["seller"],
            buyer=row["buyer"],
            author=row["author"],
            lines=tuple(lines[row["paper"]]),
            then=row["then"],
            reason=row["reason"],
            difference=int(row["difference"] or 0),
        )


def _runs(batches: Mapping[str, Batch], today: date) -> Iterable[Run]:
    lines = defaultdict(list)
    for row in rows("run_lines"):
        lines[row["run"], row["side"]].append(Line(batches[row["lot"]], int(row["quantity"])))
    for row in rows("runs"):
        outputs = tuple(lines[row["run"], "out"])
        certificate = row["certificate"].format(lot=outputs[0].batch.code)
        yield Run(days_from(today, row["day"]), row["plant"], tuple(lines[row["run"], "in"]), outputs, certificate)
