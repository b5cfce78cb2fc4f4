"""Where a chain has spread to: regions on a map, how many hold some there, and what went from one to another."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from math import cos, radians, sqrt

from accounts.models import CODE_LENGTHS, Region
from ledgers.tracing import Holder, Movement

WIDTH, HEIGHT, EDGE = 900, 560, 70
SMALLEST = 0.02  # degrees that are always seen, so that one place alone is not blown up


@dataclass(frozen=True)
class Place:
    """A region of the level that is looked at; `can_open` says that there are smaller ones in it."""

    region: Region
    enterprises: int
    holders: int
    came: int
    went: int
    can_open: bool
    x: float | None = None
    y: float | None = None
    radius: float = 0


@dataclass(frozen=True)
class Flow:
    """Hand-overs from one region to another, as a bent line on the map."""

    path: str
    count: int
    width: float


@dataclass(frozen=True)
class Spread:
    """The map: places with and without a known position, flows, and how many firms stand in no region at all."""

    within: Region | None
    places: list[Place]
    flows: list[Flow]
    nowhere: int
    elsewhere: int
    width: int = WIDTH
    height: int = HEIGHT


def spread(
    homes: Mapping[int, str | None], movements: Iterable[Movement], holders: Iterable[Holder], within: str = ""
) -> Spread:
    """The regions of these enterprises ({id: region code}), one level below `within`, or below what they share."""
    codes = {code for code in homes.values() if code}
    within = within if any(code.startswith(within) for code in codes) else ""
    level = _level(codes, within)
    inside = {pk: code[:level] for pk, code in homes.items() if code and code.startswith(within)}
    moves = Counter(
        (inside[move.seller_id], inside[move.buyer_id])
        for move in movements
        if move.seller_id in inside and move.buyer_id in inside
    )
    having = Counter(inside[pk] for pk in {holder.enterprise_id for holder in holders} if pk in inside)
    deeper = {code[:level] for code in codes if len(code) > level}
    regions = _regions({*inside.values()})
    counts = Counter(inside.values())
    came, went = _sums(moves)
    places = [
        Place(regions[code], counts[code], having[code], came[code], went[code], code in deeper)
        for code in sorted(regions, key=lambda code: (-having[code], code))
    ]
    placed = _on_paper(places)
    spots = {place.region.code: place for place in placed}
    return Spread(
        Region.objects.filter(code=within).first() if within else None,
        placed,
        [flow for pair, count in sorted(moves.items()) if (flow := _flow(pair, count, spots))],
        sum(1 for code in homes.values() if not code),
        sum(1 for code in homes.values() if code and not code.startswith(within)),
    )


def _level(codes: Collection[str], within: str) -> int:
    """How many digits the regions have that are told apart: the first at which they differ."""
    longer = [length for length in CODE_LENGTHS if length > len(within)]
    for length in longer:
        if len({code[:length] for code in codes if code.startswith(within)}) > 1:
            return length
    return longer[0] if longer else CODE_LENGTHS[-1]


def _regions(codes: Collection[str]) -> dict[str, Region]:
    known: dict[str, Region] = Region.objects.in_bulk(list(codes))
    return known


def _sums(moves: Mapping[tuple[str, str], int]) -> tuple[Counter[str], Counter[str]]:
    came, went = Counter[str](), Counter[str]()
    for (start, end), count in moves.items():
        came[end] += count
        went[start] += count
    return came, went


def _on_paper(places: list[Place]) -> list[Place]:
    """Degrees as places on the sheet: east to the right, a degree of longitude as long as it is there."""
    known = [place for place in places if place.region.latitude is not None]
    if not known:
        return places
    norths = [float(place.region.latitude or 0) for place in known]
    middle = cos(radians((min(norths) + max(norths)) / 2))
    easts = [float(place.region.longitude or 0) * middle for place in known]
    scale = min(
        (WIDTH - 2 * EDGE) / max(max(easts) - min(easts), SMALLEST),
        (HEIGHT - 2 * EDGE) / max(max(norths) - min(norths), SMALLEST),
    )
    left, top = (min(easts) + max(easts)) / 2, (min(norths) + max(norths)) / 2
    spots = {
        place.region.code: (WIDTH / 2 + (east - left) * scale, HEIGHT / 2 - (north - top) * scale)
        for place, east, north in zip(known, easts, norths, strict=True)
    }
    most = max(place.enterprises for place in known)
    return [_spot(place, spots, most) for place in places]


def _spot(place: Place, spots: Mapping[str, tuple[float, float]], most: int) -> Place:
    if (spot := spots.get(place.region.code)) is None:
        return place
    radius = round(8 + 22 * sqrt(place.enterprises / most), 1)
    return Place(**{**vars(place), "x": round(spot[0], 1), "y": round(spot[1], 1), "radius": radius})


def _flow(pair: tuple[str, str], count: int, spots: Mapping[str, Place]) -> Flow | None:
    start, end = (spots.get(code) for code in pair)
    if start is None or end is None or start is end or start.x is None or end.x is None:
        return None
    if start.y is None or end.y is None:
        return None
    bend_x = (start.x + end.x) / 2 - (end.y - start.y) / 6
    bend_y = (start.y + end.y) / 2 + (end.x - start.x) / 6
    path = f"M{start.x} {start.y}Q{bend_x:.1f} {bend_y:.1f} {end.x} {end.y}"
    return Flow(path, count, round(min(1 + sqrt(count) / 2, 8), 1))
