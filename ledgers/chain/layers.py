"""Where the boxes of a layered drawing stand: sources on the left, what follows on the right, few crossing lines."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

COLUMN, ROW, BOX_WIDTH, BOX_HEIGHT, MARGIN = 262, 66, 176, 54, 12
SWEEPS = 2


@dataclass(frozen=True)
class Box:
    """One thing of a drawing: up to three lines of text, where it leads, and how it is marked."""

    key: Hashable
    lines: Sequence[str]
    url: str = ""
    tone: str = ""
    title: str = ""
    x: int = 0
    y: int = 0


@dataclass(frozen=True)
class Arrow:
    """From the right side of one box to the left side of another, or around where it leads back."""

    path: str
    words: str = ""
    x: float = 0
    y: float = 0


@dataclass(frozen=True)
class Drawing:
    """Boxes and arrows in their places; `width` and `height` of the sheet."""

    boxes: list[Box] = field(default_factory=list)
    arrows: list[Arrow] = field(default_factory=list)
    width: int = 0
    height: int = 0


def layered(boxes: Iterable[Box], edges: Iterable[tuple[Hashable, Hashable, str]]) -> Drawing:
    """The boxes in columns by how many steps lie before them, and an arrow for each edge (from, to, words)."""
    known = {box.key: box for box in boxes}
    lines = [edge for edge in edges if edge[0] in known and edge[1] in known and edge[0] != edge[1]]
    pairs = [(start, end) for start, end, _words in lines]
    places = _places(_columns(list(known), pairs), pairs)
    placed = {key: _at(known[key], column, row) for key, (column, row) in places.items()}
    return Drawing(
        list(placed.values()),
        [_arrow(placed[start], placed[end], words) for start, end, words in lines],
        max((box.x + BOX_WIDTH + MARGIN for box in placed.values()), default=0),
        max((box.y + BOX_HEIGHT + MARGIN for box in placed.values()), default=0),
    )


def _columns(keys: list[Hashable], pairs: list[tuple[Hashable, Hashable]]) -> dict[Hashable, int]:
    """The longest way to each; what stands in a circle comes after what leads into it."""
    after, waiting = defaultdict(list), dict.fromkeys(keys, 0)
    for start, end in pairs:
        after[start].append(end)
        waiting[end] += 1
    columns = dict.fromkeys(keys, 0)
    ready, done = [key for key in keys if not waiting[key]], set[Hashable]()
    while len(done) < len(keys):
        if not ready:  # only circles are left: one is cut open where the fewest lines come in
            ready = [min((key for key in keys if key not in done), key=lambda key: waiting[key])]
        key = ready.pop()
        if key in done:
            continue
        done.add(key)
        for end in after[key]:
            if end not in done:
                columns[end] = max(columns[end], columns[key] + 1)
                waiting[end] -= 1
                if not waiting[end]:
                    ready.append(end)
    return columns


def _places(columns: dict[Hashable, int], pairs: list[tuple[Hashable, Hashable]]) -> dict[Hashable, tuple[int, float]]:
    """Column and row of each: beside the middle of what it is tied to, so that few lines cross."""
    by_column: dict[int, list[Hashable]] = defaultdict(list)
    for key, column in columns.items():
        by_column[column].append(key)
    ties: dict[Hashable, list[Hashable]] = defaultdict(list)
    for start, end in pairs:
        ties[start].append(end)
        ties[end].append(start)
    tallest = max((len(keys) for keys in by_column.values()), default=0)
    rows: dict[Hashable, float] = {key: n for keys in by_column.values() for n, key in enumerate(keys)}
    for _sweep in range(SWEEPS):
        for column in sorted(by_column):
            keys = sorted(by_column[column], key=lambda key: _middle(key, ties, rows))
            begin = (tallest - len(keys)) / 2
            rows |= {key: begin + n for n, key in enumerate(keys)}
    return {key: (column, rows[key]) for key, column in columns.items()}


def _middle(key: Hashable, ties: dict[Hashable, list[Hashable]], rows: dict[Hashable, float]) -> float:
    tied = ties[key]
    return sum(rows[other] for other in tied) / len(tied) if tied else rows[key]


def _at(box: Box, column: int, row: float) -> Box:
    place: dict[str, Any] = {"x": MARGIN + column * COLUMN, "y": round(MARGIN + row * ROW)}
    return Box(box.key, box.lines, box.url, box.tone, box.title, **place)


def _arrow(start: Box, end: Box, words: str) -> Arrow:
    x1, y1 = start.x + BOX_WIDTH, start.y + BOX_HEIGHT // 2
    x2, y2 = end.x, end.y + BOX_HEIGHT // 2
    bend = max((x2 - x1) // 2, 28)
    middle = (x1 + x2) / 2, (y1 + y2) / 2
    return Arrow(f"M{x1} {y1}C{x1 + bend} {y1} {x2 - bend} {y2} {x2} {y2}", words, *middle)
