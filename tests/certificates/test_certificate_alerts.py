"""What is raised about certificates and about silence, whom it tells, and that it goes when its cause goes."""

from __future__ import annotations

import datetime

import pytest
from django.utils import timezone

from accounts.models import Authority
from alerts.models import Alert
from alerts.raising import look_again, run_rules
from alerts.trade_rules import end_silences
from catalog.models import Product
from certificates import services
from certificates.models import Licence
from enterprises.models import Closure, Enterprise, Partnership
from enterprises.scoping import Scope
from ledgers.services import confirm_invoice, fold_trade_deltas
from tests.certificates.conftest import report
from tests.conftest import make_draft, make_officer

DAY = datetime.timedelta(days=1)


def alerts(rule: str, **which) -> list[Alert]:
    """What is open of a rule after all rules have run."""
    run_rules()
    return list(Alert.objects.open().filter(rule=rule, **which).order_by("pk"))


def licence(holder, until, **fields) -> Licence:
    facts = {"kind_id": "food_business", "number": "JY12301030000016", "uploaded_for": holder, "state": "verified"}
    return Licence.objects.create(holder=holder, valid_from=until - 1000 * DAY, valid_until=until, **facts | fields)


def silent(enterprise: Enterprise, days: int) -> None:
    Enterprise.objects.filter(pk=enterprise.pk).update(last_trade_at=timezone.now() - days * DAY)


# Expiry


@pytest.mark.requirement("H-025")
@pytest.mark.parametrize(
    ("left", "step"), [(91, None), (89, "90"), (60, "90"), (59, "60"), (29, "30"), (6, "7"), (0, "7"), (-1, "0")]
)
def test_a_licence_is_told_at_each_step_before_it_ends(seller, today, left, step):
    licence(seller, today + left * DAY)
    assert [alert.period for alert in alerts("CERT_EXPIRY", enterprise=seller)] == ([step] if step else [])


@pytest.mark.requirement("H-025")
def test_the_station_is_told_later_than_the_holder(seller, today, officer):
    row = licence(seller, today + 59 * DAY)
    assert alerts("CERT_EXPIRY_STATION") == []
    Licence.objects.filter(pk=row.pk).update(valid_until=today + 20 * DAY)
    (alert,) = alerts("CERT_EXPIRY_STATION")
    assert alert.audience == "officers"
    assert Alert.objects.visible_to(Scope.of(officer)).filter(pk=alert.pk).exists()
    assert seller.name in alert.sentence


def test_the_next_step_takes_the_place_of_the_last(seller, today):
    row = licence(seller, today + 89 * DAY)
    (first,) = alerts("CERT_EXPIRY")
    Licence.objects.filter(pk=row.pk).update(valid_until=today + 29 * DAY)
    (second,) = alerts("CERT_EXPIRY")
    first.refresh_from_db()
    assert (first.outcome, second.period) == ("gone", "30")
    assert "Food business licence JY12301030000016" in second.sentence


@pytest.mark.requirement("H-025")
def test_a_renewal_closes_it_at_once(seller, clerk, today, officer, django_capture_on_commit_callbacks):
    old = licence(seller, today + 5 * DAY)
    (alert,) = alerts("CERT_EXPIRY")
    new = Licence(
        holder=seller, kind=old.kind, number=old.number, valid_from=today, valid_until=today + 1500 * DAY, replaces=old
    )
    with django_capture_on_commit_callbacks(execute=True):
        services.submit(new, pages=[], enterprise=seller, actor=clerk)
    alert.refresh_from_db()
    assert alert.outcome == "gone"


def test_customers_are_told_of_a_supplier_s_expired_licence(seller, buyer, knows_seller, today):
    row = licence(seller, today - DAY)
    (alert,) = alerts("CERT_EXPIRY_PARTNER")
    assert (alert.enterprise, alert.subject) == (buyer, f"{row.pk}:{buyer.pk}")
    Partnership.objects.update(ended_on=today)
    assert alerts("CERT_EXPIRY_PARTNER") == []


def test_what_is_withdrawn_or_open_ended_is_not_told(seller, clerk, today):
    row = licence(seller, today + 5 * DAY)
    Licence.objects.create(holder=seller, kind_id="business", number="L-1", valid_from=today)
    services.withdraw(row, reason="x", enterprise=seller, actor=clerk)
    assert alerts("CERT_EXPIRY") == []


# Checking


@pytest.mark.requirement("H-065")
def test_who_gave_a_paper_is_told_that_it_was_sent_back(seller, buyer, officer, today):
    row = licence(seller, today + 900 * DAY, state="pending")
    services.send_back(row, reason="too dark", enterprise=None, actor=officer)
    (alert,) = alerts("CERT_RETURNED")
    assert alert.enterprise == seller
    assert "too dark" in alert.sentence
    assert alert.url.endswith(f"/licence/{row.pk}/edit/")


@pytest.mark.requirement("L-024")
def test_a_paper_that_waits_too_long_is_told_the_station(seller, today):
    licence(seller, today + 900 * DAY, state="pending", uploaded_at=timezone.now() - 20 * DAY)
    (alert,) = alerts("CERT_TO_CHECK")
    assert alert.audience == "officers"


# Papers of goods


@pytest.mark.requirement("H-111", "H-039")
def test_a_lot_sold_without_its_report_is_told_its_maker_until_the_report_is_there(
    seller, buyer, peanuts, clerk, today, django_capture_on_commit_callbacks
):
    Product.objects.filter(pk=peanuts.pk).update(category="05", kind="bulk")
    confirm_invoice(make_draft(seller, buyer, peanuts, lot="M-1"), actor=clerk)
    (alert,) = alerts("COA_MISSING")
    assert alert.enterprise == seller
    assert alert.link["query"] == {"goods": peanuts.code, "lot_code": "M-1"}
    with django_capture_on_commit_callbacks(execute=True):
        services.note(report(peanuts, seller, issued=today, lot="M-1"), "submitted", enterprise=seller, actor=clerk)
    alert.refresh_from_db()
    assert alert.outcome == "gone"


# Silence


@pytest.mark.requirement("H-177")
@pytest.mark.parametrize(
    ("days", "told"),
    [(4, set()), (5, {"NO_TRADE"}), (7, {"NO_TRADE", "NO_TRADE_GRID"}),
     (14, {"NO_TRADE", "NO_TRADE_GRID", "NO_TRADE_STATION"})],
)  # fmt: skip
def test_silence_is_told_one_after_the_other(seller, officer, days, told):
    silent(seller, days)
    run_rules()
    assert set(Alert.objects.open().filter(enterprise=seller).values_list("rule", flat=True)) == told


@pytest.mark.requirement("H-177")
def test_the_next_entry_ends_it(seller, buyer, peanuts, clerk):
    silent(seller, 9)
    (alert,) = alerts("NO_TRADE", enterprise=seller)
    silent(seller, 0)
    assert alerts("NO_TRADE", enterprise=seller) == []
    alert.refresh_from_db()
    assert alert.outcome == "gone"


@pytest.mark.requirement("H-177")
@pytest.mark.parametrize(("since", "until", "n"), [(-2, 2, 0), (-6, -3, 0), (-9, -7, 1), (1, 3, 1)])
def test_a_declared_closure_is_respected(seller, today, since, until, n):
    silent(seller, 9)
    Closure.objects.create(enterprise=seller, since=today + since * DAY, until=today + until * DAY, reason="装修")
    assert len(alerts("NO_TRADE", enterprise=seller)) == n


@pytest.mark.requirement("H-177")
def test_who_declares_a_closure_is_asked_no_more_at_once_and_again_when_it_is_taken_back(
    seller, today, django_capture_on_commit_callbacks
):
    silent(seller, 9)
    assert len(alerts("NO_TRADE", enterprise=seller)) == 1
    with django_capture_on_commit_callbacks(execute=True):
        closure = Closure.objects.create(enterprise=seller, since=today - DAY, until=today + DAY, reason="装修")
    assert not Alert.objects.open().filter(rule="NO_TRADE").exists()
    with django_capture_on_commit_callbacks(execute=True):
        closure.delete()
    assert Alert.objects.open().filter(rule="NO_TRADE").exists()


@pytest.mark.requirement("H-177")
def test_who_trades_is_asked_no_more_within_a_minute(seller, buyer, peanuts, clerk, stranger):
    for row in (seller, stranger):
        silent(row, 9)
    run_rules()
    assert end_silences() == 0
    confirm_invoice(make_draft(seller, buyer, peanuts), actor=clerk)
    fold_trade_deltas()
    assert end_silences() == 2, "the enterprise and its grid"
    assert set(Alert.objects.open().filter(rule="NO_TRADE").values_list("enterprise", flat=True)) == {stranger.pk}


def test_laboratories_people_and_closed_firms_are_not_silent(seller, buyer):
    Enterprise.objects.filter(pk=seller.pk).update(roles=["LABORATORY"])
    Enterprise.objects.filter(pk=buyer.pk).update(status="closed")
    for row in (seller, buyer):
        silent(row, 30)
    assert alerts("NO_TRADE") == []


def test_the_nearest_officers_are_told_and_higher_ones_where_there_are_none(seller, buyer, officer):
    """The seller lies in the district itself, the buyer in a street that has its own station."""
    station = make_officer("station", "230103001")
    for row in (seller, buyer):
        silent(row, 20)
    run_rules()
    for user, seen in ((officer, {seller.pk}), (station, {buyer.pk})):
        told = Alert.objects.telling(Scope.of(user)).filter(rule="NO_TRADE_STATION")
        assert set(told.values_list("enterprise", flat=True)) == seen
    Authority.objects.get(officers=station).regions.clear()
    silent(buyer, 21)
    look_again("NO_TRADE_STATION", about=[buyer.pk])
    told = Alert.objects.open().telling(Scope.of(officer)).filter(rule="NO_TRADE_STATION", enterprise=buyer)
    assert told.exists()
