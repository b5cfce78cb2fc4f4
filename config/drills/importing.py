"""A hundred thousand lines from xlsx to drafts: no slower than openpyxl reads them, and every mistake told."""

from __future__ import annotations

import os
import resource
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from django.core.files import File
from django.core.management.base import CommandError, OutputWrapper
from django.db import connections
from openpyxl import load_workbook

from accounts.models import User
from config.benches.place import throw_away
from config.drills.big_file import Size, furnish, mistakes, write_file
from enterprises.models import Enterprise
from exchange.services import ask_to_write, check_run, start_run, write_run
from ledgers.models import Invoice, InvoiceLine

MEMORY_MAX = 250  # megabytes over what the process had before


@dataclass(frozen=True)
class Found:
    """Seconds of each step and of processor, megabytes over base, of the child that opens the file too, and counts."""

    check: float
    write: float
    processor: float
    memory: int
    child_memory: int
    told: set[tuple[int, str]]
    drafts: int
    lines: int


def run(stdout: OutputWrapper, *, times: int = 1) -> None:
    """The drill in its full size, so many times. Raises CommandError where a promise does not hold."""
    for _time in range(times):
        with throw_away(server_of_our_own=not os.environ.get("DATABASE_URL")):
            drill(stdout, Size())


def drill(stdout: OutputWrapper, size: Size, *, measured: bool = True) -> None:
    """Make the file, read it with openpyxl, import it, compare. Small sizes are not `measured`: starting costs more."""
    shop, clerk = furnish(size)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "papers.xlsx"
        _apart(write_file, path, size)
        reference, processor = _apart(read_with_openpyxl, path)
        found: Found = _apart(bring_in, path, shop, clerk)
    ours = found.check + found.write
    stdout.write(f"openpyxl, read only: {reference:.1f} s")
    stdout.write(f"ours: {ours:.1f} s, of it checking {found.check:.1f} s; ratio {ours / reference:.2f}")
    stdout.write(f"processor, without the database: openpyxl {processor:.1f} s, ours {found.processor:.1f} s")
    stdout.write(f"memory over base: {found.memory} MB, the reading child {found.child_memory} MB")
    stdout.write(f"{found.drafts} drafts with {found.lines} lines, {len(found.told)} mistakes told")
    faults = [*_faults(found, size), *(_too_much(found, ours / reference) if measured else [])]
    if faults:
        raise CommandError("The drill import failed: " + "; ".join(faults))


def _faults(found: Found, size: Size) -> list[str]:
    planted = {(n + 2, column) for n, (column, _text) in mistakes(size)}
    spoilt = {n // size.per_document for n, _mistake in mistakes(size)}
    checks = (
        (found.told == planted, f"mistakes told otherwise than planted: {sorted(found.told ^ planted)[:5]}"),
        (found.drafts == size.documents - len(spoilt), f"{found.drafts} drafts"),
        (found.lines == size.lines - size.per_document * len(spoilt), f"{found.lines} lines"),
    )
    return [fault for holds, fault in checks if not holds]


def _too_much(found: Found, ratio: float) -> list[str]:
    checks = (
        (ratio <= 1, f"slower than openpyxl: {ratio:.2f}"),
        (max(found.memory, found.child_memory) <= MEMORY_MAX, f"more than {MEMORY_MAX} MB over base"),
    )
    return [fault for holds, fault in checks if not holds]


def read_with_openpyxl(path: Path) -> tuple[float, float]:
    """Seconds openpyxl takes to read every cell in its read-only mode, by the clock and of processor."""
    started, used = time.perf_counter(), _processor()
    book = load_workbook(path, read_only=True, data_only=True)
    for _row in book.worksheets[0].iter_rows(values_only=True):
        pass
    return time.perf_counter() - started, _processor() - used


def bring_in(path: Path, shop: Enterprise, clerk: User) -> Found:
    """Upload, check, write."""
    base, used = _megabytes(resource.RUSAGE_SELF), _processor()
    started = time.perf_counter()
    with path.open("rb") as file:
        run = check_run(start_run(File(file, "papers.xlsx"), enterprise=shop, kind="purchase", actor=clerk))
    checked = time.perf_counter()
    run = write_run(ask_to_write(run, actor=clerk))
    ended = time.perf_counter()
    return Found(
        check=checked - started, write=ended - checked, processor=_processor() - used,
        memory=_megabytes(resource.RUSAGE_SELF) - base,
        child_memory=_megabytes(resource.RUSAGE_CHILDREN),
        told=set(run.problems.values_list("row", "column")), drafts=Invoice.objects.count(),
        lines=InvoiceLine.objects.count(),
    )  # fmt: skip


def _processor() -> float:
    """Seconds of processor of this process and of those it waited for."""
    return sum(os.times()[:4])


def _megabytes(who: int) -> int:
    return resource.getrusage(who).ru_maxrss // 1024


def _apart(work: Callable[..., Any], *args: Any) -> Any:
    """What `work` answers, done in a process of its own: what it takes is its own, and goes with it."""
    connections.close_all()
    with get_context("fork").Pool(1) as pool:
        return pool.apply(work, args)
