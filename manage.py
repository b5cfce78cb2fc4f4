#!/usr/bin/env python3
"""The door to every command; makes the project's own environment first, so that a bare Python suffices."""

import importlib.util
import os
import sys


def main() -> None:
    """Run the command given; this file keeps to the syntax of Python 3.6, to be able to refuse that."""
    python = tuple(sys.version_info[:2])
    if not (3, 11) <= python <= (3, 14):
        sys.exit(
            f"FoodTrace needs Python 3.11 to 3.14, and this is Python {python[0]}.{python[1]}: "
            "run the command with another one, for example python3.11 manage.py demo."
        )
    bare = importlib.util.find_spec("django") is None
    if os.environ.get("APP_ENV") == "production":
        if bare:
            sys.exit("Django is not installed here: install the packages of requirements/production.txt.")
    elif bare or sys.argv[1:2] in (["demo"], ["test"]):
        from config import bootstrap  # noqa: PLC0415 -- its syntax is newer than this file's

        bootstrap.ensure_and_reexec(sys.argv)
    run()


def run() -> None:
    """Hand over to pytest or to Django, now that both are installed."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    if sys.argv[1:2] == ["test"]:
        import pytest  # noqa: PLC0415 -- absent in production

        os.chdir(os.path.dirname(os.path.abspath(__file__)))
        given = sys.argv[2:]
        is_whole = not any(os.path.exists(argument.split("::")[0]) for argument in given)
        sys.exit(pytest.main([*(["-n", "auto", "--dist", "loadfile"] if is_whole else []), *given]))
    from django.core.management import execute_from_command_line  # noqa: PLC0415 -- absent on a bare Python

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
