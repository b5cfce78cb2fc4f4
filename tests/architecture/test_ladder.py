"""What import-linter cannot see: foreign keys named by string, and apps that nobody put on the ladder."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings

CONTRACTS = tomllib.loads((Path(settings.BASE_DIR) / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
LAYERS = [layer.split("|") for layer in reversed(CONTRACTS[0]["layers"])]
RANK = {name.strip(): rank for rank, layer in enumerate(LAYERS) for name in layer}
MODELS = [model for model in apps.get_models() if model._meta.app_label in RANK]


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
def test_foreign_keys_point_down(model):
    for field in model._meta.get_fields():
        if field.is_relation and field.concrete and field.related_model in MODELS:
            own, other = model._meta.app_label, field.related_model._meta.app_label
            assert own == other or RANK[other] < RANK[own], field


def test_every_app_has_its_rung():
    assert set(settings.HOUSE_APPS) == set(RANK)


def test_the_contracts_hold():
    linter = Path(sys.executable).with_name("lint-imports")
    assert subprocess.run([linter], cwd=settings.BASE_DIR, capture_output=True).returncode == 0
