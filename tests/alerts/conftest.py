"""Alerts as a rule would raise them, without the books that cause them."""

from __future__ import annotations

import pytest

from alerts.models import Alert
from alerts.raising import raise_alerts
from alerts.rules import Fact, Link

BOTH, OWN = "OVERSALE", "RECEIPT_DUE"  # told to the enterprise and its officers; told to the enterprise alone


def a_fact(enterprise, *, subject="1", **fields) -> Fact:
    facts = {
        "goods": "示例花生",
        "lot": "PN-1",
        "quantity": "3",
        "paper": "XS1",
        "partner": "示例",
        "traded_on": "2026-01-05",
    }
    link = Link("ledgers:stock-list", query={"state": "oversold"})
    return Fact(subject, enterprise.pk, **{"facts": facts, "link": link, **fields})


def an_alert(enterprise, **fields) -> Alert:
    """Told to the enterprise; another row tells its officers."""
    fact = a_fact(enterprise, **fields)
    raise_alerts(BOTH, [fact])
    return Alert.objects.get(enterprise=enterprise, subject=fact.subject, audience="enterprise")


@pytest.fixture
def alert(seller) -> Alert:
    return an_alert(seller)


@pytest.fixture
def officers_alert(alert) -> Alert:
    """The same, told to the officers of its district."""
    return Alert.objects.get(audience="officers")
