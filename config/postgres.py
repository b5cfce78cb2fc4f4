"""A PostgreSQL server of our own: made, started, stopped and removed by its name."""

import os
import shlex
import shutil
import socket
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from config import causes
from config.locks import exclusive
from config.passwords import password_in, write_private
from config.postgres_programs import C_LOCALE, Programs, ServerFailed

LOCAL = Path(__file__).resolve().parent.parent / ".local"
DURABLE = {
    "max_connections": "100",
    "shared_buffers": "256MB",
    "timezone": "UTC",
    "jit": "off",
    "random_page_cost": "1.1",
    "autovacuum": "on",
    # what users type must not reach the log: neither with statements nor with the details of errors
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
}
FAST = DURABLE | {
    "max_connections": "200",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",  # what it learns of half-made tables only misleads the planner
}
LOCALE = [
    "--encoding=UTF8",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    f"--locale={C_LOCALE}",
]


class Postgres:
    """One cluster on a random port of this machine, or on the one of `conf`; `home` holds its data and passwords."""

    def __init__(self, name: str, conf: Mapping[str, str] = DURABLE, home: Path = LOCAL) -> None:
        self.name, self.conf, self.home = name, conf, home
        self.programs = Programs(home)
        self.data = self.programs.home / name

    def start(self) -> None:
        """Make and start the server unless it runs; after a crash it recovers. Raises ServerFailed."""
        with exclusive(self.home / f"{self.name}.lock"):
            if self.port():
                return
            if not self.data.exists():
                self._initialize()
            self._forget_foreign_pid()
            self._launch()

    def stop(self) -> None:
        """Stop the server if it runs; open transactions are rolled back."""
        if self._pid_lines():
            with suppress(ServerFailed):
                self.programs.run("pg_ctl", "stop", "--mode=fast", "--wait", "--pgdata", self.data)

    def remove(self) -> None:
        """Stop the server and delete its data and passwords."""
        self.stop()
        shutil.rmtree(self.data, ignore_errors=True)
        for path in self.home.glob(f"{self.name}.*"):
            path.unlink(missing_ok=True)

    def port(self) -> int | None:
        """The port on which this very cluster accepts connections; None when it does not."""
        lines = self._pid_lines()
        if len(lines) < 4 or not self._is_ours(lines[0]):
            return None
        with suppress(ServerFailed):
            self.programs.run("pg_isready", "--quiet", "--host=127.0.0.1", f"--port={lines[3]}")
            return int(lines[3])
        return None

    def tool(self, name: str) -> Path:
        """Where a program of this PostgreSQL is, for example `pgbench` or `psql`."""
        return self.programs.folder / name

    def password(self, role: str) -> str:
        """The random password of `role` on this server."""
        return password_in(self.home / f"{self.name}.{role}.secret")

    def pid(self) -> int | None:
        """The number of the server's process, as long as its file is there."""
        lines = self._pid_lines()
        return int(lines[0]) if lines else None

    def url(self, role: str, database: str) -> str:
        """The address of `database` for `role`; on port 0 when the server was never started."""
        port = (self._pid_lines()[3:4] or ["0"])[0]
        return f"postgres://{role}:{self.password(role)}@127.0.0.1:{port}/{database}"

    def superuser_url(self, database: str = "postgres") -> str:
        """The address of `database` for the superuser: for making roles and for benches only."""
        return self.url("postgres", database)

    def _initialize(self) -> None:
        # a cluster gets its name only when it is complete: whatever interrupts us, the next start begins anew
        half, password = (self.data.with_name(f"{self.name}-{part}") for part in ("half", "password"))
        shutil.rmtree(half, ignore_errors=True)
        try:
            half.mkdir(parents=True, mode=0o700)
            write_private(password, self.password("postgres"))
            self.programs.give_away(half, password)
            secure = ["--username=postgres", "--auth=scram-sha-256", f"--pwfile={password}"]
            hasty = ["--no-sync"] if self.conf.get("fsync") == "off" else []
            self.programs.run("initdb", "--pgdata", half, *LOCALE, *secure, *hasty)
            half.rename(self.data)
        except OSError as fault:
            raise ServerFailed(_sentence(str(fault))) from fault
        finally:
            password.unlink(missing_ok=True)
            shutil.rmtree(half, ignore_errors=True)

    def _launch(self) -> None:
        log = self.data / "server.log"
        if log.exists():
            log.replace(log.with_suffix(".old.log"))
        start = ("start", "--wait", "--pgdata", self.data, "--log", log)
        for _ in range(10):  # the orphans of a killed server need a moment to leave its memory
            with suppress(ServerFailed):
                self.programs.run("pg_ctl", *start, "--options", self._options())
                return
            if causes.sentence(_tail(log), causes.DISK):
                break
            time.sleep(0.5)
        raise ServerFailed(_sentence(_tail(log)))

    def _options(self) -> str:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = str(free.getsockname()[1])
        private = {"listen_addresses": "127.0.0.1", "unix_socket_directories": ""}
        settings = {"port": port, **self.conf, **private}
        return " ".join(f"-c {shlex.quote(f'{name}={value}')}" for name, value in settings.items())

    def _forget_foreign_pid(self) -> None:
        # after a restart of the machine another program may have the old number; PostgreSQL would not start
        for pid in self._pid_lines()[:1]:
            with suppress(OSError):
                if os.readlink(f"/proc/{pid}/cwd") != str(self.data.resolve()):
                    (self.data / "postmaster.pid").unlink()

    def _pid_lines(self) -> list[str]:
        try:
            return (self.data / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return []

    def _is_ours(self, pid: str) -> bool:
        try:
            return os.readlink(f"/proc/{pid}/cwd") == str(self.data.resolve())
        except FileNotFoundError:
            return not os.path.exists("/proc/self")  # where nobody can tell, the file is believed
        except PermissionError:
            return True


def _sentence(reason: str) -> str:
    return causes.sentence(reason, causes.DISK) or f"The embedded PostgreSQL did not start: {reason.strip()}"


def _tail(log: Path) -> str:
    return log.read_text(errors="replace")[-2000:] if log.exists() else ""
