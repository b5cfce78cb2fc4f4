"""The demo's programs end together, whatever ends them, and its port is asked for first."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from config import ports
from config.demo_server import Died, Supervisor, answers, environment

ROOT = Path(__file__).resolve().parents[2]
FAMILY = "sleep 300 & trap '' TERM; sleep 300"  # a child of its own, and deaf to polite requests
DEMO = f"""
from config.demo_server import Supervisor
with Supervisor({{}}, grace=0.3) as supervisor:
    supervisor.start("web", ["/bin/sleep", "300"])
    supervisor.start("worker", ["/bin/sh", "-c", {FAMILY!r}])
    print(*[program.process.pid for program in supervisor.programs], flush=True)
    supervisor.wait(lambda: False)
"""


@pytest.fixture
def supervisor():
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    with Supervisor(os.environ, grace=0.3) as supervisor:
        yield supervisor
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.fixture
def taken_port():
    with ports.listen(free_port()) as listener:
        yield listener.getsockname()[1]


def free_port():
    with socket.socket() as free:
        free.bind((ports.HOST, 0))
        return free.getsockname()[1]


def is_alive(session):
    try:
        os.killpg(session, 0)
    except ProcessLookupError:
        return False
    return True


def gone(session):
    deadline = time.monotonic() + 5
    while is_alive(session) and time.monotonic() < deadline:
        time.sleep(0.02)
    return not is_alive(session)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_request_to_stop_leaves_no_program(number):
    with subprocess.Popen([sys.executable, "-c", DEMO], cwd=ROOT, stdout=subprocess.PIPE, text=True) as demo:
        sessions = [int(pid) for pid in demo.stdout.readline().split()]
        assert all(is_alive(session) for session in sessions)
        demo.send_signal(number)
    assert demo.returncode == 0
    assert all(gone(session) for session in sessions)


def test_a_dead_program_is_named(supervisor):
    supervisor.start("web", ["sleep", "300"])
    supervisor.start("beat", ["sh", "-c", "exit 3"])
    with pytest.raises(Died, match=r"The beat ended by itself \(exit code 3\)"):
        supervisor.wait(lambda: False)


def test_a_killed_program_is_named_with_its_signal(supervisor):
    supervisor.start("worker", ["sh", "-c", "kill -9 $$"])
    with pytest.raises(Died, match=r"The worker ended by itself \(killed by SIGKILL\)"):
        supervisor.wait(lambda: False)


def test_a_program_that_is_not_vital_may_end(supervisor):
    supervisor.start("maker of fonts", ["false"], vital=False)
    supervisor.programs[0].process.wait()
    assert supervisor.wait(lambda: True)


def test_what_the_programs_say_may_go_to_a_file(tmp_path):
    supervisor = Supervisor(os.environ, grace=0.3, log=tmp_path / "log")
    supervisor.start("web", ["sh", "-c", "echo out; echo fault >&2"]).process.wait()
    supervisor.start("beat", ["echo", "more"]).process.wait()
    supervisor.stop()
    assert (tmp_path / "log").read_text().split() == ["out", "fault", "more"]


def test_when_one_cannot_be_started_the_others_end():
    supervisor = Supervisor({}, grace=0.3)
    supervisor.start("web", ["/bin/sleep", "300"])
    session = supervisor.programs[0].process.pid
    with pytest.raises(FileNotFoundError):
        supervisor.start("worker", ["/no/such/program"])
    supervisor.stop()
    assert gone(session)


def test_a_port_in_use_is_told_before_anything_slow(taken_port, tmp_path):
    bare = [sys._base_executable, "-S", str(ROOT / "manage.py"), "demo", "--port", str(taken_port)]
    started = time.monotonic()
    done = subprocess.run(bare, cwd=tmp_path, capture_output=True, text=True)
    assert time.monotonic() - started < 2
    assert done.returncode == 1
    assert done.stderr.startswith(f"Port {taken_port} is in use: stop the program that uses it")
    assert f"--port {taken_port + 1}" in done.stderr


def test_a_port_can_be_taken_once(taken_port):
    with pytest.raises(ports.Taken, match="is in use"):
        ports.listen(taken_port)


def test_preparing_needs_no_port(taken_port):
    assert ports.refuse_taken(["--no-serve", "--port", str(taken_port)]) is None


@pytest.mark.parametrize("text", ["0", "65536", "-1", "web"])
def test_what_is_not_a_port_is_refused(text, capsys):
    with pytest.raises(SystemExit):
        ports.refuse_taken([f"--port={text}"])
    assert "name a number from 1 to 65535" in capsys.readouterr().err


def test_a_web_that_says_nothing_does_not_answer(taken_port):
    assert not answers(taken_port)
    assert not answers(free_port())


def test_programs_do_not_know_the_password_of_the_owner(monkeypatch):
    monkeypatch.setenv("DATABASE_OWNER_URL", "postgres://owner:secret@db/foodtrace")
    known = environment(8001, "postgres://app:word@db/foodtrace", "")
    assert "secret" not in " ".join(known.values())
    assert known["DATABASE_URL"] == "postgres://app:word@db/foodtrace"
    assert known["SITE_URL"] == "http://127.0.0.1:8001"
