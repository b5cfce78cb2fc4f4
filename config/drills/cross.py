"""Never a deadlock: processes sell the same lots to each other in opposite orders, correct, hold and make them."""

from __future__ import annotations

import multiprocessing
import os
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management.base import OutputWrapper
from django.db import OperationalError, connection
from psycopg2.errors import DeadlockDetected, SerializationFailure

from accounts.models import User
from config.benches import crowd
from config.benches.place import throw_away
from config.drills.crossing_deeds import DEEDS, Piece, confirm, make_drafts
from config.drills.findings import Findings
from config.drills.world import World, make_world
from ledgers.models import Invoice
from ledgers.verifying import differences

CONFIRMS = 10_000
GIVEN_UP = (DeadlockDetected, SerializationFailure)
DEADLOCKS = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"


@dataclass(frozen=True)
class Size:
    """How many papers are confirmed, among so many traders, and how many other deeds are done meanwhile."""

    confirms: int = CONFIRMS
    traders: int = 4
    lots: int = 10

    @property
    def others(self) -> int:
        return self.confirms // 4


class Tally:
    """What the processes count together."""

    NAMES = ("confirmed", "done", "refused", "deadlocks")

    def __init__(self) -> None:
        self._counts = {name: multiprocessing.Value("q", 0) for name in self.NAMES}

    def add(self, name: str) -> None:
        with self._counts[name].get_lock():
            self._counts[name].value += 1

    def __getitem__(self, name: str) -> int:
        return int(self._counts[name].value)


def run(stdout: OutputWrapper, *, times: int = CONFIRMS) -> None:
    """The drill with `times` confirmations. Raises CommandError where something did not hold."""
    with throw_away(server_of_our_own=not os.environ.get("DATABASE_URL")):
        cross(Size(confirms=times)).tell(stdout)


def cross(size: Size) -> Findings:
    """Confirm, correct, hold and produce at once; then ask the server for deadlocks and the books for differences."""
    world = make_world(traders=size.traders, lots=size.lots)
    drafts = make_drafts(world, size.confirms)
    work = [Piece(n, confirm) for n in range(size.confirms)]
    work += [Piece(random.randrange(size.confirms), random.choice(DEEDS)) for _ in range(size.others)]
    work.sort(key=lambda piece: piece.place)
    tally, started = Tally(), time.perf_counter()
    crowd.per_second(lambda: _clerk_at_work(world, drafts, tally), work, seconds=float("inf"))
    took = time.perf_counter() - started
    return Findings("cross", _figures(tally, took), _faults(tally, size))


def _clerk_at_work(world: World, drafts: list[int], tally: Tally) -> Callable[[Piece], None]:
    random.seed()  # a fork would repeat what its brothers draw
    known = User.objects.in_bulk([clerk.pk for clerk in world.clerks.values()])
    clerks = {trader: known[clerk.pk] for trader, clerk in world.clerks.items()}
    here = World(world.traders, clerks, world.officer, world.lots)

    def step(piece: Piece) -> None:
        tally.add(_outcome(piece, here, drafts))

    return step


def _outcome(piece: Piece, world: World, drafts: list[int]) -> str:
    try:
        piece.deed(world, drafts, piece.place)
    except (ValidationError, PermissionDenied, Invoice.DoesNotExist):
        return "refused"
    except OperationalError as fault:
        if isinstance(fault.__cause__, GIVEN_UP):
            return "deadlocks"
        raise
    return "confirmed" if piece.deed is confirm else "done"


def _figures(tally: Tally, seconds: float) -> dict[str, Any]:
    return {
        "confirmed": tally["confirmed"],
        "other_deeds": tally["done"],
        "refused": tally["refused"],
        "deadlocks": tally["deadlocks"],
        "deadlocks_of_the_server": _deadlocks(),
        "seconds": round(seconds, 1),
        "confirms_per_second": round(tally["confirmed"] / seconds, 1),
    }


def _faults(tally: Tally, size: Size) -> list[str]:
    faults = [str(difference) for difference in differences()]
    if tally["deadlocks"] or _deadlocks():
        faults.append(f"{tally['deadlocks']} deeds were given up, the server counts {_deadlocks()} deadlocks.")
    if tally["confirmed"] < size.confirms:
        faults.append(f"{size.confirms - tally['confirmed']} papers could not be confirmed.")
    return faults


def _deadlocks() -> int:
    connection.close()  # a session keeps to the statistics it has read once
    with connection.cursor() as cursor:
        cursor.execute(DEADLOCKS)
        return int(cursor.fetchone()[0])
