"""What in the books is raised as an alert, whom it tells, and that it goes when its cause goes."""

from __future__ import annotations

import datetime
import threading
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation

from alerts.models import Alert, AlertRule
from alerts.raising import look_again, run_rules
from catalog.models import Lot
from enterprises.models import Enterprise
from laws.models import RuleParameter
from ledgers.correcting import correct_invoice, refuse_correction
from ledgers.models import InvoiceLine, Receipt
from ledgers.receiving import (
    Complaint,
    accept_deliveries,
    accept_with_differences,
    agree_to_claims,
    refuse_claims,
    reject_delivery,
    withdraw_claims,
)
from ledgers.services import acknowledge_purchase, confirm_invoice, reverse_invoice
from ledgers.twins import link_twin
from tests.conftest import make_draft

DAY = datetime.timedelta(days=1)


@pytest.fixture
def receipt(draft, clerk) -> Receipt:
    """Ten bags have come, says the seller."""
    return confirm_invoice(draft, actor=clerk).receipt


@pytest.fixture
def claimed(receipt, buyer_clerk) -> Receipt:
    """Two of the ten did not come, says the buyer."""
    complaint = Complaint(position=1, quantity=Decimal(2), cause="short", reason="少到")
    return accept_with_differences(receipt, complaints=[complaint], actor=buyer_clerk)


def alerts(rule, **which) -> list[Alert]:
    """What is open of a rule after all rules have run."""
    run_rules()
    return list(Alert.objects.open().filter(rule=rule, **which).order_by("pk"))


def in_stock(buyer, seller, product, clerk, *, lot, days) -> Lot:
    """Ten bags of the buyer that are good for so many days more."""
    draft = make_draft(seller, buyer, product, lot=lot)
    InvoiceLine.objects.filter(invoice=draft).update(produced_on=None, expires_on=timezone.localdate() + days * DAY)
    return confirm_invoice(draft, actor=clerk).entries.get().lot


# Deliveries


def test_a_delivery_asks_the_buyer_until_it_is_answered(receipt, buyer, buyer_clerk, seller):
    (alert,) = alerts("RECEIPT_DUE")
    assert (alert.enterprise, alert.audience) == (buyer, "enterprise")
    assert seller.name in alert.sentence
    assert alert.url.endswith(f"/receipt/{receipt.pk}/")
    accept_deliveries([receipt], actor=buyer_clerk)
    assert alerts("RECEIPT_DUE") == []
    alert.refresh_from_db()
    assert alert.outcome == "gone"


def test_it_is_due_when_silence_would_accept_it(receipt):
    (alert,) = alerts("RECEIPT_DUE")
    last = timezone.localdate(receipt.opened_at) + 3 * DAY
    assert timezone.localtime(alert.due_at) == timezone.make_aware(
        datetime.datetime.combine(last + DAY, datetime.time.min)
    )


def test_a_delivery_keeps_the_version_of_the_rule_it_began_under(receipt, today):
    RuleParameter.objects.create(key="receipt.answer", value=9, unit="d", source="x", valid_from=today + DAY)
    (alert,) = alerts("RECEIPT_DUE")
    assert timezone.localdate(alert.due_at) == today + 4 * DAY


def test_a_reversed_delivery_asks_nobody(receipt, clerk):
    assert alerts("RECEIPT_DUE")
    reverse_invoice(receipt.invoice, reason="错", actor=clerk)
    assert alerts("RECEIPT_DUE") == []


def test_an_objection_asks_the_seller_until_it_is_settled(claimed, seller, buyer, clerk):
    (alert,) = alerts("CLAIM_OPEN")
    assert (alert.enterprise, alert.audience) == (seller, "enterprise")
    assert buyer.name in alert.sentence
    agree_to_claims(claimed, actor=clerk)
    assert alerts("CLAIM_OPEN") == []


def test_a_withdrawn_objection_asks_nobody(claimed, buyer_clerk):
    assert alerts("CLAIM_OPEN")
    withdraw_claims(claimed, actor=buyer_clerk)
    assert alerts("CLAIM_OPEN") == []


def test_what_is_refused_goes_to_the_station(claimed, clerk, seller):
    assert alerts("CLAIM_OPEN")
    refuse_claims(claimed, reason="已足量", actor=clerk)
    (alert,) = alerts("CLAIM_ESCALATED")
    assert (alert.enterprise, alert.audience) == (seller, "officers")
    assert alerts("CLAIM_OPEN") == []


def test_a_customer_s_purchase_asks_the_seller_for_its_yes(seller, buyer, peanuts, clerk, buyer_clerk):
    paper = confirm_invoice(make_draft(seller, buyer, peanuts, author=buyer), actor=buyer_clerk)
    (alert,) = alerts("ACKNOWLEDGE")
    assert (alert.enterprise, alert.url) == (seller, f"/ledgers/invoice/{paper.pk}/")
    acknowledge_purchase(paper, actor=clerk)
    assert alerts("ACKNOWLEDGE") == []


# Stock


def test_what_expires_soon_is_one_alert_a_day(buyer, seller, peanuts, clerk, today):
    for lot, days in (("A", 10), ("B", 30), ("C", 31)):
        in_stock(buyer, seller, peanuts, clerk, lot=lot, days=days)
    (alert,) = alerts("LOT_EXPIRING", enterprise=buyer)
    assert (alert.facts, alert.period) == ({"n": 2, "expires_on": str(today + 10 * DAY)}, str(today))
    run_rules(now=timezone.now() + DAY)
    alert.refresh_from_db()
    assert (alert.outcome, Alert.objects.open().get(rule="LOT_EXPIRING").facts["n"]) == ("expired", 3)


def test_what_leaves_the_stock_expires_no_more(buyer, seller, peanuts, clerk):
    lot = in_stock(buyer, seller, peanuts, clerk, lot="A", days=10)
    (alert,) = alerts("LOT_EXPIRING", enterprise=buyer)
    reverse_invoice(lot.entries.get().invoice, reason="错", actor=clerk)
    assert alerts("LOT_EXPIRING", enterprise=buyer) == []
    alert.refresh_from_db()
    assert alert.outcome == "gone"


def test_who_is_not_on_the_platform_has_no_stock_to_look_after(draft, clerk, seller, buyer):
    confirm_invoice(draft, actor=clerk)
    Enterprise.objects.update(status="stub")
    assert alerts("OVERSALE") == alerts("LOT_EXPIRING") == []


def test_what_has_expired_is_told_as_expired_and_no_longer_as_expiring(buyer, seller, peanuts, clerk):
    in_stock(buyer, seller, peanuts, clerk, lot="A", days=1)
    assert alerts("LOT_EXPIRING", enterprise=buyer)
    assert alerts("LOT_EXPIRED", enterprise=buyer) == []
    run_rules(now=timezone.now() + 2 * DAY)
    assert [alert.rule_id for alert in Alert.objects.open().filter(rule__key__startswith="LOT")] == ["LOT_EXPIRED"]


def test_a_lot_sold_beyond_stock_tells_the_enterprise_and_its_officers_once(draft, clerk, seller, buyer_clerk, peanuts):
    paper = confirm_invoice(draft, actor=clerk)
    assert sorted(alert.audience for alert in alerts("OVERSALE")) == ["enterprise", "officers"]
    assert len(alerts("OVERSALE", enterprise=seller)) == 2
    reverse_invoice(paper, reason="错", actor=clerk)
    assert alerts("OVERSALE") == []


# Late entries


def test_papers_written_late_are_one_alert_a_day_for_the_officers(seller, buyer, peanuts, clerk, today):
    for days in (2, 3, 9):
        confirm_invoice(make_draft(seller, buyer, peanuts, day=today - days * DAY), actor=clerk)
    (alert,) = alerts("LATE_ENTRY")
    assert (alert.enterprise, alert.audience, alert.facts["n"]) == (seller, "officers", 3)
    assert alert.period == str(today)


def test_a_late_entry_is_over_after_thirty_days(seller, buyer, peanuts, clerk, today):
    confirm_invoice(make_draft(seller, buyer, peanuts, day=today - 3 * DAY), actor=clerk)
    (alert,) = alerts("LATE_ENTRY")
    run_rules(now=timezone.now() + 29 * DAY)
    alert.refresh_from_db()
    assert alert.is_open
    run_rules(now=timezone.now() + 32 * DAY)
    alert.refresh_from_db()
    assert alert.outcome == "expired"


# Once, whoever and how often


@pytest.fixture
def everything(claimed, seller, buyer, peanuts, clerk, buyer_clerk, today):
    """A cause for every rule that tells an enterprise, and a late paper."""
    confirm_invoice(make_draft(seller, buyer, peanuts, author=buyer), actor=buyer_clerk)
    confirm_invoice(make_draft(seller, buyer, peanuts, day=today - 3 * DAY), actor=clerk)
    in_stock(buyer, seller, peanuts, clerk, lot="SOON", days=3)


def test_running_twice_raises_nothing_twice_and_closes_nothing(everything):
    first = run_rules()
    assert sum(counts.raised for counts in first.values()) >= 6
    assert set(run_rules().values()) == {(0, 0)}


def test_each_rule_takes_three_statements_whatever_it_finds(everything):
    for rule in AlertRule.objects.all():
        with CaptureQueriesContext(
            connection,
        ) as queries:
            look_again(rule.key, about=range(1, 3))
        own = [query["sql"] for query in queries if not query["sql"].startswith(("SAVEPOINT", "RELEASE"))]
        numbers = ("laws_", 'FROM "certificates_evidencerule"')  # what the law says is read before
        assert len([sql for sql in own if not any(word in sql for word in numbers)]) == 1 + 3, rule  # and the rule


def test_two_at_once_raise_everything_once(real_database, request):
    request.getfixturevalue("everything")
    before, found = Alert.objects.count(), []

    def run():
        try:
            found.append(run_rules())
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    raised = sum(counts.raised for run in found for counts in run.values())
    assert before + raised == Alert.objects.count() == Alert.objects.open().count() >= 6
    assert set(run_rules().values()) == {(0, 0)}


def test_who_dies_in_the_middle_loses_nothing(everything):
    """Half the rules have run; the next run raises the rest and nothing again."""
    run_rules(rhythm="often")
    often = Alert.objects.count()
    assert sum(counts.raised for counts in run_rules().values()) == Alert.objects.count() - often > 0


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_every_sentence_can_be_said(everything, language, clerk):
    refuse_claims(Receipt.objects.claimed().get(), reason="x", actor=clerk)
    run_rules(now=timezone.now() + 9 * DAY)
    with translation.override(language):
        assert all("%(" not in alert.sentence and alert.button and alert.url for alert in Alert.objects.all())


# Just after something happened


def states() -> set[tuple[str, str]]:
    return set(Alert.objects.values_list("rule", "outcome"))


def test_an_answer_closes_its_alert_and_tells_the_other_side_at_once(
    receipt, clerk, buyer_clerk, django_capture_on_commit_callbacks
):
    run_rules(rhythm="often")
    Alert.objects.filter(rule__in=["OVERSALE", "COA_MISSING"]).delete()
    with django_capture_on_commit_callbacks(execute=True):
        reject_delivery(receipt, cause="damaged", reason="破损", actor=buyer_clerk)
    assert states() == {("RECEIPT_DUE", "gone"), ("CLAIM_OPEN", "")}
    with django_capture_on_commit_callbacks(execute=True):
        refuse_claims(receipt, reason="已足量", actor=clerk)
    assert states() == {("RECEIPT_DUE", "gone"), ("CLAIM_OPEN", "gone"), ("CLAIM_ESCALATED", "")}


@pytest.mark.parametrize("end", ["accept", "reverse"])
def test_what_was_accepted_or_reversed_waits_no_more(
    receipt, clerk, buyer_clerk, end, django_capture_on_commit_callbacks
):
    run_rules()
    with django_capture_on_commit_callbacks(execute=True):
        if end == "accept":
            accept_deliveries([receipt], actor=buyer_clerk)
        else:
            reverse_invoice(receipt.invoice, reason="错", actor=clerk)
    assert Alert.objects.get(rule="RECEIPT_DUE").outcome == "gone"


def test_only_what_was_asked_about_is_looked_at(receipt, seller, buyer, peanuts, clerk, buyer_clerk):
    confirm_invoice(make_draft(seller, buyer, peanuts), actor=clerk)
    assert look_again("RECEIPT_DUE", about=[receipt.pk]) == {"RECEIPT_DUE": (1, 0)}
    accept_deliveries([receipt], actor=buyer_clerk)
    assert look_again("RECEIPT_DUE", about=[receipt.pk]) == {"RECEIPT_DUE": (0, 1)}
    assert look_again("RECEIPT_DUE", about=[]) == {}


def test_a_correction_asks_the_other_side_until_it_answers(receipt, clerk, buyer, buyer_clerk):
    accept_deliveries([receipt], actor=buyer_clerk)
    proposal = correct_invoice(receipt.invoice, differences={}, reason="送错了", actor=clerk)
    (alert,) = alerts("CORRECTION_ASKED")
    assert alert.enterprise == buyer
    refuse_correction(proposal, reason="货在", actor=buyer_clerk)
    assert alerts("CORRECTION_ASKED") == []


def test_a_delivery_both_sides_wrote_is_told_to_officers_until_linked(receipt, seller, buyer, peanuts, buyer_clerk):
    purchase = confirm_invoice(make_draft(seller, buyer, peanuts, author=buyer), actor=buyer_clerk)
    assert [alert.subject for alert in alerts("MISMATCH")] == [str(purchase.pk)]
    link_twin(purchase, twin=receipt.invoice, actor=buyer_clerk)
    assert alerts("MISMATCH") == []
