"""A place of its own for the files of each test, and a photo in it."""

from __future__ import annotations

import pytest
from django.utils import translation

from attachments import access
from attachments.services import store
from tests.attachments.samples import as_file, pdf, phone_photo


@pytest.fixture(autouse=True)
def root(settings, tmp_path):
    """Where the files of this test lie."""
    settings.ATTACHMENTS_ROOT = tmp_path / "attachments"
    return settings.ATTACHMENTS_ROOT


@pytest.fixture(autouse=True)
def rules(monkeypatch):
    """No rules but those that the test registers."""
    monkeypatch.setattr(access, "rules", [])
    return access.rules


@pytest.fixture(autouse=True)
def in_english():
    with translation.override("en"):
        yield


@pytest.fixture
def photo(clerk):
    return store(as_file(phone_photo(), "门口.jpg"), actor=clerk)


@pytest.fixture
def report(clerk):
    return store(as_file(pdf(), "report.pdf"), actor=clerk)


def files(root):
    """Whatever lies there."""
    return sorted(path for path in root.rglob("*") if path.is_file())
