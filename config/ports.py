"""The port of the demo: which one is asked for, and whether it is free; standard library only."""

import argparse
import errno
import socket
import sys

HOST = "127.0.0.1"
DEFAULT = 8000


class Taken(Exception):
    """The port cannot be listened on; the text is a sentence for the user."""


def number(text: str) -> int:
    """The port written in `text`, for argparse."""
    if not text.isdecimal() or not 1 <= int(text) <= 65535:
        raise argparse.ArgumentTypeError(f"{text} is not a port: name a number from 1 to 65535.")
    return int(text)


def listen(port: int) -> socket.socket:
    """A socket that listens on `port` of this machine; raises Taken."""
    listener = socket.socket()
    if sys.platform != "win32":  # there the option would let two programs share the port
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
        listener.listen(64)
    except OSError as fault:
        listener.close()
        raise Taken(_sentence(port, fault)) from fault
    return listener


def refuse_taken(arguments: list[str]) -> None:
    """End with a sentence when the port that `demo` is to serve on is taken; called before anything slow."""
    parser = argparse.ArgumentParser(prog="manage.py demo", add_help=False)
    parser.add_argument("--port", type=number, default=DEFAULT)
    parser.add_argument("--no-serve", "--help", "-h", action="store_true", dest="no_serve")
    asked, _ = parser.parse_known_args(arguments)
    if asked.no_serve:
        return
    try:
        listen(asked.port).close()
    except Taken as sentence:
        sys.exit(str(sentence))


def _sentence(port: int, fault: OSError) -> str:
    choose = f"choose another, for example --port {port + 1 if port < 65535 else DEFAULT}."
    if fault.errno == errno.EADDRINUSE:
        return f"Port {port} is in use: stop the program that uses it, or {choose}"
    return f"Port {port} cannot be used ({fault.strerror}): {choose}"
