"""Alerts as a rule would raise them, without the books that cause them."""

from __future__ import annotations

import json

import pytest
from django.conf import settings
from django.utils import timezone, translation

from accounts.sealing import fingerprint, seal
from alerts.models import Alert, ContactPoint
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
    return Alert.objects.get(rule=BOTH, enterprise=enterprise, subject=fact.subject, audience="enterprise")


@pytest.fixture
def alert(seller) -> Alert:
    return an_alert(seller)


@pytest.fixture
def officers_alert(alert) -> Alert:
    """The same, told to the officers of its district."""
    return Alert.objects.get(audience="officers")


def reached(user, channel="sms", **fields) -> ContactPoint:
    """A confirmed address of this person."""
    address = "13900000001" if channel == "sms" else f"{user}@example.com"
    known = {"address_sealed": seal(address), "address_hash": fingerprint(f"{user}{channel}"), "shown": "139****0001"}
    wants = {"confirmed_at": timezone.now(), **known, **fields}
    return ContactPoint.objects.create(user=user, channel=channel, **wants)


@pytest.fixture(autouse=True)
def deliveries_file(tmp_path, settings):
    """What the gateways of this test write."""
    settings.DELIVERIES_FILE = tmp_path / "deliveries.jsonl"


def read_file() -> list[dict[str, str]]:
    """What was sent so far, in its order."""
    path = settings.DELIVERIES_FILE
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.exists() else []


@pytest.fixture
def in_english(client):
    """Sentences are compared in English."""
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    with translation.override("en"):
        yield
