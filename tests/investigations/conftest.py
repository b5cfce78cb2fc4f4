"""Browsers of the officers who work in cases."""

from __future__ import annotations

from tests.ledgers.conftest import signed_in

__all__ = ["signed_in"]
