"""Alerts in a browser, raised and sent by a real worker and a real beat on Valkey: nobody here runs a rule by hand."""

from __future__ import annotations

import json
import os
import time
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from alerts.models import Alert, AlertRule, Conversation, RuleRun
from certificates.models import Licence
from config.demo_server import CELERY, Supervisor, start_worker
from config.valkey import Valkey
from enterprises.models import Enterprise
from tests.alerts.conftest import reached
from tests.conftest import make_clerk, make_enterprise

TODO, BOARD = reverse("alerts:alert-list"), reverse("dashboards:alerts")
DAY = timedelta(days=1)
SOON = 40  # seconds that the queue may take on a busy machine


@pytest.fixture(scope="module")
def sent(tmp_path_factory) -> Path:
    """The file into which the worker's gateways write."""
    return tmp_path_factory.mktemp("sent") / "deliveries.jsonl"


@pytest.fixture(scope="module")
def queue(cast, sent, tmp_path_factory):
    """A worker and a beat of their own on a Valkey of their own, in the database of the browser."""
    if Valkey.program() is None:
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)("There is no Valkey here.")
    home = tmp_path_factory.mktemp("queue")
    valkey = Valkey(home=home)
    valkey.start()
    login = settings.DATABASES["default"]
    database = f"postgres://{login['USER']}:{login['PASSWORD']}@{login['HOST']}:{login['PORT']}/{login['NAME']}"
    environment = {
        **os.environ, "DATABASE_URL": database, "DATABASE_OWNER_URL": "", "REDIS_URL": valkey.url(),
        "ALERTS_EVERY": "1", "DELIVERIES_FILE": str(sent),
    }  # fmt: skip
    supervisor = Supervisor(environment, log=home / "log")
    start_worker(supervisor)
    supervisor.start("beat", [*CELERY, "beat", "--loglevel", "WARNING", "--schedule", str(home / "schedule")])
    yield
    supervisor.stop()
    valkey.stop()


def comes(page, words: str) -> None:
    """Look again until it is there, as somebody does who waits."""
    until = time.monotonic() + SOON
    while not page.get_by_text(words).count() and time.monotonic() < until:
        time.sleep(1)
        page.reload()
    expect(page.get_by_text(words).first).to_be_visible()


def goes(page, words: str) -> None:
    until = time.monotonic() + SOON
    while page.get_by_text(words).count() and time.monotonic() < until:
        time.sleep(1)
        page.reload()
    expect(page.get_by_text(words)).to_have_count(0)


def tonight(rule: str) -> None:
    """As if the night had come: the rule has not run in this period."""
    RuleRun.objects.filter(rule=rule).delete()


def texts(sent: Path) -> list[str]:
    lines = sent.read_text(encoding="utf-8").splitlines() if sent.exists() else []
    return [json.loads(line)["text"] for line in lines]


@pytest.mark.requirement("H-177")
def test_a_silent_shop_is_asked_then_its_officers_see_it_and_a_closure_ends_it(visit, cast, queue):
    shop = make_enterprise("静默示例食杂店", "91230103DEMT90001X", "230103", roles=["RETAILER"])
    clerk = make_clerk("quiet", shop)
    Enterprise.objects.filter(pk=shop.pk).update(last_trade_at=timezone.now() - 15 * DAY)
    for rule in ("NO_TRADE", "NO_TRADE_GRID", "NO_TRADE_STATION"):
        tonight(rule)

    page = visit(TODO, clerk, viewport={"width": 390, "height": 800})
    comes(page, "No purchase or sale was entered for 15 days")
    station = visit(TODO, cast.officer)
    comes(station, f"{shop.name} has not entered a trade for 15 days")
    station.goto(BOARD)
    expect(station.get_by_role("link", name="Nothing traded (station)")).to_be_visible()

    page.get_by_role("link", name="Declare a closure").click()
    page.get_by_label("Closed from").fill(str(timezone.localdate() - 14 * DAY))
    page.get_by_label("Last day closed").fill(str(timezone.localdate() + DAY))
    page.get_by_label("Reason").fill("装修")
    page.get_by_role("button", name="Save").click()
    page.goto(TODO)
    goes(page, "No purchase or sale was entered")
    station.goto(TODO)
    goes(station, f"{shop.name} has not entered a trade")


@pytest.mark.requirement("H-025", "H-135")
def test_a_licence_that_ended_over_night_is_asked_for_and_the_new_one_settles_it(visit, cast, queue):
    today = timezone.localdate()
    Licence.objects.filter(pk=cast.licence.pk).update(valid_until=today - DAY)
    administrator = visit(reverse("alerts:rule-edit", args=["CERT_EXPIRY"]), cast.administrator)
    administrator.get_by_label("At", exact=True).fill(f"{timezone.localtime() - timedelta(minutes=1):%H:%M}")
    administrator.get_by_role("button", name="Save").click()
    expect(administrator.get_by_text("Licence that expires").first).to_be_visible()
    tonight("CERT_EXPIRY_PARTNER")

    page = visit(TODO, cast.clerk)
    comes(page, f"{cast.licence.number} is good until")
    customer = visit(TODO, cast.buyer_clerk)
    comes(customer, f"The food licence of {cast.seller.name} ended")

    alert = page.locator("li.card", has_text=f"{cast.licence.number} is good until")
    alert.get_by_role("link", name="Upload the new licence").click()
    page.get_by_label("Valid from").fill(str(today))
    page.get_by_label("Valid until").fill(str(today + 1500 * DAY))
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Other versions")).to_be_visible()
    page.goto(TODO)
    expect(page.get_by_text(f"{cast.licence.number} is good until")).to_have_count(0)
    assert not Alert.objects.open().filter(rule="CERT_EXPIRY", enterprise=cast.seller).exists()


@pytest.mark.requirement("H-028", "H-039")
def test_an_urgent_message_reaches_a_telephone_and_is_read_and_answered(visit, cast, queue, sent):
    reached(cast.buyer_clerk, quiet_from="00:00", quiet_until="00:00", language="en")
    officer = visit(f"{reverse('alerts:message-add')}?to={cast.buyer.uscc}", cast.officer)
    officer.get_by_label("Topic").fill("冷柜温度")
    officer.get_by_label("Text", exact=True).fill("请今日自查并答复。")
    officer.get_by_label("Urgent").check()
    officer.get_by_role("button", name="Send", exact=True).click()
    expect(officer.get_by_text("Have not read it yet")).to_be_visible()

    until = time.monotonic() + SOON
    while not any("冷柜温度" in text for text in texts(sent)) and time.monotonic() < until:
        time.sleep(0.5)
    told = [text for text in texts(sent) if "冷柜温度" in text]
    assert len(told) == 1, "told once"

    conversation = Conversation.objects.get(message__subject="冷柜温度")
    address = reverse("alerts:conversation-detail", args=[conversation.pk])
    page = visit(address, cast.buyer_clerk, viewport={"width": 390, "height": 800})
    page.get_by_label("Answer").fill("已自查，温度正常。")
    page.get_by_role("button", name="Send answer").click()
    expect(page.get_by_text("已自查，温度正常。")).to_be_visible()
    officer.goto(address)
    expect(officer.get_by_text("Read by buyer")).to_be_visible()
    expect(officer.get_by_text("已自查，温度正常。")).to_be_visible()


def test_the_administrator_sees_what_each_rule_did(visit, cast, queue):
    page = visit(reverse("alerts:rule-detail", args=["MESSAGE_URGENT"]), cast.administrator)
    comes(page, "Done")
    assert RuleRun.objects.filter(rule="MESSAGE_URGENT", finished_at__isnull=False).exists()
    assert AlertRule.objects.filter(runs__error="").exists()
