"""The documents in a table: rows put together by number and partner, each as the invoice form would have it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import lru_cache
from operator import itemgetter
from typing import Any

from exchange.headings import HEAD, LINE, is_total
from registers.spreadsheets import Sheet

EXAMPLE = "示例-请删除"  # the number of the example in our own templates: never imported
WHO = ("paper_number", "partner", "partner_number", "traded_on")
WITH_TIME = re.compile(r"(\d{4}-\d{1,2}-\d{1,2})[T ]\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?")
SERIAL = re.compile(r"[2-7]\d{4}(\.\d+)?", re.ASCII)
LICENCE = re.compile(r"[0-9A-Za-z]{15,18}", re.ASCII)


@dataclass(frozen=True)
class Plan:
    """How a table is to be read: its row of headings from 0, columns by field, and what holds for every row."""

    heading: int
    columns: Mapping[str, int]
    constants: Mapping[str, str]


@dataclass
class Paper:
    """One document: what stands in its rows (from 0), as it would have been typed; rows whose date is another one."""

    rows: list[int]
    typed: dict[str, Any]
    other_dates: list[int] = field(default_factory=list)


def papers_in(sheet: Sheet, plan: Plan) -> Iterator[Paper]:
    """The documents of the table in the order of their first rows."""
    groups: dict[tuple[str, str], list[int]] = {}
    heads: dict[tuple[str, str], dict[str, str]] = {}
    others: dict[tuple[str, str], list[int]] = {}
    said: dict[str, str] = {}
    take_head, take_line = Taker(plan, HEAD), Taker(plan, LINE)
    for row in lines_of(sheet, plan):
        said = _said(take_head(sheet.rows[row]), plan.constants, above=said)
        key = (_partner(said["partner"], said["partner_number"]), said["paper_number"])
        if key not in groups:
            groups[key], heads[key] = [], _head(said)
        groups[key].append(row)
        if day(said["traded_on"]) != heads[key]["traded_on"]:
            others.setdefault(key, []).append(row)
    for key, rows in groups.items():
        lines = [_line(take_line(sheet.rows[row])) for row in rows]
        yield Paper(rows, {**heads[key], "lines": lines}, others.get(key, []))


def lines_of(sheet: Sheet, plan: Plan) -> Iterator[int]:
    """The rows below the headings that hold goods: neither empty, nor a sum, nor the example of our template."""
    goods = [plan.columns[name] for name in ("code", "name") if name in plan.columns]
    number = plan.columns.get("paper_number", -1)
    for row in range(plan.heading + 1, len(sheet.rows)):
        cells = sheet.rows[row]
        if not any(cells) or (0 <= number < len(cells) and cells[number] == EXAMPLE):
            continue
        if any(cells[place] for place in goods if place < len(cells)) or not is_total(cells):
            yield row


class Taker:
    """Takes the cells of these fields out of a row; a column that the file does not have is empty."""

    def __init__(self, plan: Plan, names: Sequence[str]) -> None:
        self.names = names
        self._take = itemgetter(*(plan.columns.get(name, -1) for name in names))
        self._width = max(plan.columns.values(), default=0) + 1

    def __call__(self, cells: list[str]) -> dict[str, str]:
        missing = max(self._width - len(cells), 0) + 1  # the last one stands for every column that is not there
        return dict(zip(self.names, self._take(cells + [""] * missing), strict=True))


def _said(said: dict[str, str], constants: Mapping[str, str], *, above: Mapping[str, str]) -> dict[str, str]:
    """Who, when and which number: what a further row of a document leaves out, its first row says."""
    for name, text in constants.items():
        said[name] = said[name] or text
    same_number = said["paper_number"] and said["paper_number"] == above.get("paper_number")
    if above and (same_number or not any(said[name] for name in WHO)):
        return {name: text or above[name] for name, text in said.items()}
    return said


def _head(said: Mapping[str, str]) -> dict[str, str]:
    partner = _partner(said["partner"], said["partner_number"])
    return {
        "partner": partner, "traded_on": day(said["traded_on"]), "paper_number": said["paper_number"],
        "note": said["note"],
    }  # fmt: skip


def _partner(name: str, number: str) -> str:
    if number and LICENCE.fullmatch(number) and name:
        return f"{name} ({number})"
    return name or number


def _line(line: dict[str, str]) -> dict[str, str]:
    name = line.pop("name")
    line["code"] = line["code"] or name
    line["made"], line["until"] = day(line["made"]), day(line["until"])
    return line


@lru_cache(maxsize=10_000)
def day(text: str) -> str:
    """A date as spreadsheets write it, as the form takes it: without time, from 2026年11月22日, from Excel's number."""
    tidy = unicodedata.normalize("NFKC", text).strip().replace("/", "-").replace(".", "-")
    tidy = tidy.replace("年", "-").replace("月", "-").removesuffix("日")
    if timed := WITH_TIME.fullmatch(tidy):
        return timed[1]
    if SERIAL.fullmatch(text):
        return (date(1899, 12, 30) + timedelta(days=int(float(text)))).isoformat()
    return tidy if "-" in tidy else text
