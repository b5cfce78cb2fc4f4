"""No acknowledged paper is lost and none is half: web, worker and database are killed while clerks work in browsers."""

from __future__ import annotations

import random
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from socket import socket
from statistics import median
from threading import Event, Thread

from django.core.management.base import CommandError, OutputWrapper
from django.db import connections

from config import ports
from config.benches.place import own_server
from config.demo_server import Supervisor, answers, environment
from config.drills.browser import Browser
from config.drills.findings import Findings
from config.drills.memory import Memory, faults_of
from config.drills.trading import Clerk
from config.drills.victims import Victims
from config.drills.world import PASSWORD, World, make_world
from config.embedded import DURABLE, Postgres
from config.logins import APP, DATABASE
from config.valkey import Valkey

KILLS, TRADERS, LOTS = 200, 8, 8
SHORT, LONG = 0.2, 1.2  # seconds between two kills
REPEATED = 3  # confirmations each clerk sends again at the end


def run(stdout: OutputWrapper, *, times: int = KILLS) -> None:
    """The drill with so many kills. Raises CommandError where something did not hold."""
    if not Path("/proc/self/task").exists():
        raise CommandError(f"This drill finds its victims in /proc, which {sys.platform} does not have.")
    with socket() as free:
        free.bind((ports.HOST, 0))
        fixed = {"port": str(free.getsockname()[1])}  # whoever comes back is looked for where it was
    with own_server({**DURABLE, **fixed}, name="drill18") as database:
        kill(database, times=times).tell(stdout)


def kill(database: Postgres, *, times: int) -> Findings:
    """Let clerks work and kill under them; then compare what they were told with what the books say."""
    world = make_world(traders=TRADERS, lots=LOTS)
    connections.close_all()
    queue = Valkey("drill-valkey")
    queue.start()
    try:
        with tempfile.TemporaryDirectory() as folder, ports.listen(0) as listener:
            memory, figures = _work(database, queue, Path(folder), listener, world, times)
    finally:
        queue.stop()
        shutil.rmtree(queue.folder, ignore_errors=True)
    found = Findings("kill", figures, faults_of(memory))
    if not found.faults:
        log_of(database).unlink(missing_ok=True)
    return found


def log_of(database: Postgres) -> Path:
    """Where the programs under fire say what happens to them; it stays where a fault was found."""
    return database.home / "drill.log"


def _work(
    database: Postgres, queue: Valkey, folder: Path, listener: socket, world: World, times: int
) -> tuple[Memory, dict[str, object]]:
    port: int = listener.getsockname()[1]
    known = environment(port, database.url(APP, DATABASE), queue.url())
    with Supervisor(known, log=log_of(database)) as supervisor:
        victims = Victims(database, supervisor, listener)
        victims.start_beat(folder)
        supervisor.wait(partial(answers, port))
        clerks = [_signed_in(port, world, number) for number in range(len(world.traders))]
        stop, started = Event(), time.monotonic()
        threads = [Thread(target=clerk.work, args=[stop]) for clerk in clerks]
        for thread in threads:
            thread.start()
        try:
            killed = _kill(victims, supervisor, times)
        finally:
            stop.set()
            _wait_for(threads, victims)
        took = time.monotonic() - started
        for clerk in clerks:
            clerk.repeat_the_last(REPEATED)
    memory = Memory()
    for clerk in clerks:
        memory.add(clerk.memory)
    return memory, _figures(memory, killed, victims, took)


def _figures(memory: Memory, killed: Counter[str], victims: Victims, seconds: float) -> dict[str, object]:
    return {
        "kills": killed.total(),
        "killed": killed,
        "seconds": round(seconds, 1),
        "acknowledged": memory.figures,
        "papers_per_second": round(len(memory.papers) / seconds, 1),
        "recoveries": len(victims.recoveries),
        "recovery_median_seconds": round(median(victims.recoveries or [0]), 2),
        "recovery_longest_seconds": round(max(victims.recoveries, default=0), 2),
    }


def _kill(victims: Victims, supervisor: Supervisor, times: int) -> Counter[str]:
    killed: Counter[str] = Counter()
    while killed.total() < times and not supervisor.asked_to_stop:
        time.sleep(random.uniform(SHORT, LONG))
        killed[victims.kill_one()] += 1
    return killed


def _wait_for(threads: Sequence[Thread], victims: Victims) -> None:
    victims.wait()
    for thread in threads:
        thread.join()


def _signed_in(port: int, world: World, number: int) -> Clerk:
    browser, trader = Browser(port), world.traders[number]
    browser.sign_in(world.clerks[trader.pk].username, PASSWORD)
    partners = [other.name for other in world.traders if other != trader]
    goods = [(f"D-{n}", lot.code) for n, lot in enumerate(world.lots)]
    return Clerk(browser, partners, goods, f"R{number}")
