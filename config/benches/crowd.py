"""Several processes that do one piece of work after the other until none is left: how many they do in a second."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Callable, Sequence
from typing import Any

from django.db import connections

CLIENTS = 8
Step = Callable[[Any], object]


class Stumbled(Exception):
    """A process of the crowd failed; its own words are on the standard error."""


def per_second(begin: Callable[[], Step], work: Sequence[Any]) -> float:
    """Pieces of `work` done in a second by CLIENTS processes; each calls `begin` once, before the clock starts.

    The processes are forks, so that they begin with everything imported; the database's connections are their own.
    """
    connections.close_all()
    context = multiprocessing.get_context("fork")
    taken, start = context.Value("q", 0), context.Barrier(CLIENTS + 1)
    crowd = [context.Process(target=_member, args=(begin, work, taken, start), daemon=True) for _ in range(CLIENTS)]
    for member in crowd:
        member.start()
    start.wait(timeout=60)
    started = time.perf_counter()
    for member in crowd:
        member.join()
    seconds = time.perf_counter() - started
    if any(member.exitcode for member in crowd):
        raise Stumbled
    return len(work) / seconds


def _member(begin: Callable[[], Step], work: Sequence[Any], taken: Any, start: Any) -> None:
    try:
        step = begin()
    except BaseException:
        start.abort()
        raise
    start.wait()
    while True:
        with taken.get_lock():
            place, taken.value = taken.value, taken.value + 1
        if place >= len(work):
            return
        step(work[place])
