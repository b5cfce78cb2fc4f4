"""`demo`: a working FoodTrace with its story on this machine, in one command."""

import signal
from argparse import ArgumentParser
from functools import partial
from socket import socket
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError, connection, connections

from config import embedded, ports
from config.demo_server import Died, Supervisor, answers, environment, start_all
from config.locks import exclusive
from config.postgres import LOCAL
from config.story import SIGN_INS, is_loaded, load_story, settle_story


class Command(BaseCommand):
    help = "Prepare the database with the demo story and serve it on this machine until Ctrl-C."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=ports.number, default=ports.DEFAULT, help="where to serve (8000)")
        parser.add_argument("--no-serve", action="store_true", help="prepare only, and end")

    def handle(self, *args: Any, port: int, no_serve: bool, **options: Any) -> None:
        if settings.PRODUCTION:
            raise CommandError("The demo has known passwords: it does not run where APP_ENV is production.")
        for name in ("SIGTERM", "SIGHUP"):
            if hasattr(signal, name):
                signal.signal(getattr(signal, name), signal.default_int_handler)
        try:
            self._run(port, no_serve)
        except KeyboardInterrupt:
            self.stdout.write("Stopped.")
        finally:
            connections.close_all()
            embedded.stop_all()

    def _run(self, port: int, no_serve: bool) -> None:
        if no_serve:
            self._prepare()
            self.stdout.write("The demo is prepared: `python3 manage.py demo` serves it.")
            return
        try:
            listener = ports.listen(port)
        except ports.Taken as sentence:
            raise CommandError(str(sentence)) from sentence
        with listener:
            self._prepare()
            self._serve(port, listener)

    def _prepare(self) -> None:
        try:
            connection.ensure_connection()
        except OperationalError as fault:
            raise CommandError(f"The database does not answer; see DATABASE_URL. {fault}") from fault
        with exclusive(LOCAL / "demo.lock"):  # two demos of one checkout share their data
            self._say("Bringing the tables up to date ...")
            call_command("migrate", verbosity=0)
            if not is_loaded():
                self._say("Loading the demo story (only this once) ...")
                load_story()
                settle_story()
        connections.close_all()

    def _serve(self, port: int, listener: socket) -> None:
        self._say("Starting the web ...")
        with Supervisor(environment(port, settings.APP_URL, settings.REDIS_URL)) as supervisor:
            start_all(supervisor, listener, queue=bool(settings.REDIS_URL))
            try:
                if supervisor.wait(partial(answers, port)):
                    self._welcome(port)
                    supervisor.wait(lambda: False)
            except Died as sentence:
                raise CommandError(str(sentence)) from sentence
            self._say("Stopping ...")

    def _welcome(self, port: int) -> None:
        self._say(f"\nFoodTrace is ready: http://{ports.HOST}:{port}/")
        self._say("Sign in as one of these; the password of each is demo.\n")
        for username, description in SIGN_INS:
            self._say(f"  {username:<12} {description}")
        self._say("\nCtrl-C ends it; the data stay for the next time.")

    def _say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()
