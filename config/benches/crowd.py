"""Several processes that take one piece of work after the other until none is left or time is up."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from functools import partial
from itertools import islice
from threading import BrokenBarrierError
from typing import Any

from django.db import connections

CLIENTS = 8
WARM = 6
Step = Callable[[Any], object]


class Stumbled(Exception):
    """A process of the crowd failed; its own words are on the standard error."""


def per_second(begin: Callable[[], Step], work: list[Any], *, seconds: float) -> float:
    """Pieces of `work` done in a second by CLIENTS processes, for `seconds` at most; what was done leaves the list.

    The processes are forks, so that they begin with everything imported. Before the clock starts each calls `begin`,
    connects, and does WARM pieces: the server plans a statement anew the first five times. It stops with the last
    piece, before the processes take themselves apart, as pgbench's does. Raises Stumbled.
    """
    connections.close_all()
    context = multiprocessing.get_context("fork")
    taken, start, last = context.Value("q", 0), context.Barrier(CLIENTS + 1), context.Value("d", 0)
    member = partial(_member, begin, work, taken, start, last, seconds)
    crowd = [context.Process(target=member, daemon=True) for _ in range(CLIENTS)]
    for process in crowd:
        process.start()
    with suppress(BrokenBarrierError):
        start.wait(timeout=120)
    started = time.perf_counter()
    for process in crowd:
        process.join()
    took = last.value - started
    if any(process.exitcode for process in crowd):
        raise Stumbled("A process of the bench failed; see above.")
    done: int = min(taken.value, len(work))
    del work[:done]
    return (done - WARM * CLIENTS) / took


def _member(begin: Callable[[], Step], work: Sequence[Any], taken: Any, start: Any, last: Any, seconds: float) -> None:
    try:
        step, pieces = begin(), _pieces(work, taken)
        for piece in islice(pieces, WARM):
            step(piece)
    except BaseException:
        start.abort()
        raise
    start.wait()
    end = time.perf_counter() + seconds
    while time.perf_counter() < end and (piece := next(pieces, None)) is not None:
        step(piece)
    with last.get_lock():
        last.value = max(last.value, time.perf_counter())


def _pieces(work: Sequence[Any], taken: Any) -> Iterator[Any]:
    while True:
        with taken.get_lock():
            place = taken.value
            if place >= len(work):
                return
            taken.value += 1
        yield work[place]
