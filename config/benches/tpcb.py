"""TPC-B as pgbench runs it, the yardstick for small writing transactions: by pgbench, else by its four statements."""

from __future__ import annotations

import os
import random
import re
import shutil
import subprocess
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path

import psycopg2

from config.benches.crowd import CLIENTS, per_second
from config.benches.place import Address
from config.embedded import Postgres, ServerFailed

ACCOUNTS, TELLERS = 100_000, 10  # of each branch
MANY = 1_000_000
TABLES = f"""
CREATE TABLE pgbench_branches (bid int PRIMARY KEY, bbalance int, filler char(88));
CREATE TABLE pgbench_tellers (tid int PRIMARY KEY, bid int, tbalance int, filler char(84));
CREATE TABLE pgbench_accounts (aid int NOT NULL, bid int, abalance int, filler char(84));
CREATE TABLE pgbench_history (tid int, bid int, aid int, delta int, mtime timestamp, filler char(22));
INSERT INTO pgbench_branches SELECT n, 0, '' FROM generate_series(1, %(branches)s) n;
INSERT INTO pgbench_tellers
SELECT n, (n - 1) / {TELLERS} + 1, 0, '' FROM generate_series(1, %(branches)s * {TELLERS}) n;
INSERT INTO pgbench_accounts
SELECT n, (n - 1) / {ACCOUNTS} + 1, 0, '' FROM generate_series(1, %(branches)s * {ACCOUNTS}) n;
ALTER TABLE pgbench_accounts ADD PRIMARY KEY (aid);
"""
TRANSACTION = """
UPDATE pgbench_accounts SET abalance = abalance + {delta} WHERE aid = {account};
SELECT abalance FROM pgbench_accounts WHERE aid = {account};
UPDATE pgbench_tellers SET tbalance = tbalance + {delta} WHERE tid = {teller};
UPDATE pgbench_branches SET bbalance = bbalance + {delta} WHERE bid = {branch};
INSERT INTO pgbench_history (tid, bid, aid, delta, mtime)
VALUES ({teller}, {branch}, {account}, {delta}, CURRENT_TIMESTAMP);
"""


def make_tables(where: Address, *, branches: int) -> None:
    """Fill an empty database as `pgbench -i -s branches` does."""
    with closing(psycopg2.connect(**where)) as link:
        link.autocommit = True
        cursor = link.cursor()
        cursor.execute(TABLES, {"branches": branches})
        cursor.execute("VACUUM ANALYZE")


def program() -> Path | None:
    """Where pgbench is: beside the server of the wheel, on the path, or where Debian puts it; None without one."""
    found = [Path(path) for path in (shutil.which("pgbench"),) if path]
    with suppress(ServerFailed):
        found.insert(0, Postgres("pg18").tool("pgbench"))
    found += sorted(Path("/usr/lib/postgresql").glob("*/bin/pgbench"), reverse=True)
    return next((path for path in found if path.exists()), None)


def by_pgbench(pgbench: Path, where: Address, *, seconds: int) -> Callable[[], float]:
    """A round of pgbench: 8 clients, simple protocol; transactions per second."""
    command = [
        str(pgbench), "--no-vacuum", "--protocol=simple", f"--client={CLIENTS}", "--jobs=2", f"--time={seconds}",
        f"--host={where['host']}", f"--port={where['port']}", f"--username={where['user']}", where["dbname"],
    ]  # fmt: skip

    def round_() -> float:
        environment = os.environ | {"PGPASSWORD": str(where["password"])}
        told = subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout
        found = re.search(r"tps = ([\d.]+) \(without initial", told)
        assert found, told
        return float(found[1])

    return round_


def by_statements(where: Address, *, branches: int, seconds: int) -> Callable[[], float]:
    """The same statements from 8 processes of our own, where there is no pgbench."""

    def begin() -> Callable[[int], object]:
        link = psycopg2.connect(**where)
        link.autocommit = True
        cursor = link.cursor()
        return lambda _: [cursor.execute(statement) for statement in _transaction(branches)]

    return lambda: per_second(begin, [0] * MANY, seconds=seconds)


def _transaction(branches: int) -> list[str]:
    chosen = {
        "account": random.randint(1, branches * ACCOUNTS),
        "teller": random.randint(1, branches * TELLERS),
        "branch": random.randint(1, branches),
        "delta": random.randint(-5000, 5000),
    }
    return ["BEGIN", *(part for part in TRANSACTION.format(**chosen).split(";") if part.strip()), "COMMIT"]
