"""Production starts with safe values only, and says what is missing."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from django.conf import settings

SAFE = {
    "APP_ENV": "production",
    "SECRET_KEY": "k3y-" + "0a1b2c3d4e5f" * 5,
    "FIELD_KEYS": "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=",
    "ALLOWED_HOSTS": "foodtrace.example",
    "SITE_URL": "https://foodtrace.example",
    "DATABASE_URL": "postgres://a:b@127.0.0.1:1/none",
    "REDIS_URL": "redis://127.0.0.1:1/0",
}
UNSAFE = {
    "no secret": {"SECRET_KEY": ""},
    "the demo's secret": {"SECRET_KEY": "demo-only-" + "0" * 50},
    "no key for personal data": {"FIELD_KEYS": ""},
    "the demo's key": {"FIELD_KEYS": "ZGVtby1vbmx5LTAwMDAwMDAwMDAwMDAwMDAwMDAwMDA="},
    "debugging": {"DEBUG": "true"},
    "any host": {"ALLOWED_HOSTS": "*"},
    "no host": {"ALLOWED_HOSTS": ""},
    "plain http": {"SITE_URL": "http://foodtrace.example"},
    "no database": {"DATABASE_URL": ""},
}


def start(**changes):
    kept = {name: value for name, value in os.environ.items() if name not in SAFE}
    command = [sys.executable, "-c", "import config.settings"]
    return subprocess.run(command, env=kept | SAFE | changes, cwd=settings.BASE_DIR, capture_output=True, text=True)


def test_safe_values_start():
    assert start().returncode == 0


@pytest.mark.parametrize("change", UNSAFE.values(), ids=UNSAFE)
def test_unsafe_values_do_not(change):
    answer = start(**change)
    assert answer.returncode != 0
    assert "Production refuses to start." in answer.stderr
