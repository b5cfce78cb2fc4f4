"""The chain of a lot on the screen: opened for a reason, as of a day, drawn, weighed out, taken away."""

from __future__ import annotations

import datetime
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from django.urls import reverse
from django.utils import timezone

from accounts.models import AccessRecord, Region
from catalog.models import Lot
from enterprises.models import Enterprise
from ledgers.chain.as_of import downstream_as_of, upstream_as_of
from ledgers.chain.balance import Balance, balance_of_chain
from ledgers.chain.dossier import fingerprint
from ledgers.chain.layers import Box, layered
from ledgers.chain.opening import open_trace, opened
from ledgers.chain.spread import spread
from ledgers.chain.wanted import Chain, Wanted
from ledgers.font_building import build_fonts
from ledgers.models import Invoice, StockPaper, TraceOpening
from ledgers.stock_papers import confirm_stock_paper, save_stock_paper
from ledgers.tracing import Holder, Movement, downstream, upstream
from tests.conftest import open_trace_of
from tests.ledgers.test_tracing import world  # noqa: F401 -- a fixture
from tests.ledgers.test_vouchers import layout, needs_poppler

HTML_CODE = "<b>&L1"


@pytest.fixture
def chain(world, seller, buyer, stranger):  # noqa: F811
    """The seller's L0 goes to the buyer, who bakes L1 of it and sells that to the stranger."""
    first, second = world.lots[:2]
    world.sell(seller, buyer, first, day=timezone.localdate() - timedelta(days=9))
    world.bake(buyer, [first], second, produced_on=timezone.localdate() - timedelta(days=6))
    world.sell(buyer, stranger, second, quantity=1, day=timezone.localdate() - timedelta(days=3))
    return first, second


@pytest.fixture
def browser(signed_in, officer):
    return signed_in(officer)


@pytest.fixture
def look(browser):
    def page(lot, **query):
        open_trace_of(browser, lot)
        return browser.get(reverse("ledgers:trace-lot", args=[lot.pk]), query)

    return page


# Opened for a reason


@pytest.mark.requirement("H-047")
def test_a_chain_is_seen_after_a_reason_is_given_and_not_before(browser, officer, chain, buyer):
    address = reverse("ledgers:trace-lot", args=[chain[0].pk])
    asked = browser.get(address)
    assert buyer.telephone not in asked.text
    assert "down" not in asked.context
    browser.post(reverse("ledgers:trace-open", args=[chain[0].pk]), {"why": "illness", "note": "12"})
    assert buyer.telephone in browser.get(address).text
    opening = TraceOpening.objects.get()
    assert (opening.user, opening.lot, opening.why, opening.note) == (officer, chain[0], "illness", "12")
    assert AccessRecord.objects.filter(action="trace").count() == 1


@pytest.mark.parametrize("typed", [{}, {"why": "curiosity"}, {"why": "other"}, {"why": "other", "note": "  \0"}])
def test_without_a_reason_nothing_is_opened(browser, chain, typed):
    refused = browser.post(reverse("ledgers:trace-open", args=[chain[0].pk]), typed)
    assert refused.status_code == 422
    assert "error-summary" in refused.text
    assert not TraceOpening.objects.exists()


def test_no_file_is_had_without_a_reason(browser, chain, buyer):
    for kind in ("csv", "xlsx", "json", "pdf"):
        answer = browser.get(reverse("ledgers:trace-lot", args=[chain[0].pk]), {"format": kind})
        assert "text/html" in answer["Content-Type"]
        assert buyer.telephone not in answer.text


def test_an_opening_covers_its_chain_and_no_other_lot(officer, chain, world):  # noqa: F811
    open_trace(lot=chain[1], why="recall", note="", actor=officer)
    assert opened(chain[0], by=officer)
    assert opened(world.lots[4], by=officer) is None


def test_an_opening_is_of_one_person_and_ends_after_a_day(officer, officer_elsewhere, chain):
    opening = open_trace(lot=chain[0], why="recall", note="", actor=officer)
    assert opened(chain[0], by=officer_elsewhere) is None
    later = timezone.now() + timedelta(hours=25)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("ledgers.chain.opening.timezone.now", lambda: later)
        assert opened(chain[0], by=officer) is None
    assert str(opening) == str(chain[0])


@pytest.mark.parametrize(
    "statement", ["UPDATE ledgers_traceopening SET why = 'drill'", "DELETE FROM ledgers_traceopening"]
)
def test_an_opening_is_never_changed(officer, chain, statement):
    open_trace(lot=chain[0], why="recall", note="", actor=officer)
    with pytest.raises(Exception, match="permission denied"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.parametrize("fields", [
    {}, {"why": "other"}, {"since": "2026-01-01"}, {"enterprise": True}, {"enterprise": True, "since": "2026-01-02"},
    {"enterprise": True, "since": "2026-01-02", "until": "2026-01-01"},
])  # fmt: skip
def test_the_database_refuses_openings_of_nothing(officer, chain, seller, fields):
    about = {} if fields.get("enterprise") or not fields else {"lot": chain[0]}
    row = {"why": "drill", **fields, **about, "user": officer}
    if row.get("enterprise"):
        row["enterprise"] = seller
    with pytest.raises(IntegrityError), transaction.atomic():
        TraceOpening.objects.create(**row)


def test_a_trader_opens_nothing(signed_in, clerk, chain, seller):
    browser = signed_in(clerk)
    for name, pk in (("trace-open", chain[0].pk), ("trace-enterprise-open", seller.pk)):
        assert browser.post(reverse(f"ledgers:{name}", args=[pk]), {"why": "drill"}).status_code == 403


# One box


@pytest.mark.requirement("H-178")
@pytest.mark.parametrize("text", ["9520004000017", "花生", "L1", "花生 L1", "L1 示例花生", "(01)09520004000017(10)L1"])
def test_one_box_takes_everything_printed_on_goods(browser, chain, text):
    assert chain[1] in browser.get(reverse("ledgers:trace-search"), {"q": text}).context["lots"]


def test_one_box_takes_a_voucher_and_an_enterprise(browser, chain, stranger):
    paper = Invoice.objects.confirmed().latest("pk")
    found = browser.get(reverse("ledgers:trace-search"), {"q": paper.number.lower()})
    assert [lots for _paper, lots in found.context["found"].papers] == [[chain[1]]]
    for text in (stranger.name[:4], stranger.uscc):
        found = browser.get(reverse("ledgers:trace-search"), {"q": text})
        assert found.context["found"].enterprises == [stranger]
        assert reverse("ledgers:trace-enterprise", args=[stranger.pk]) in found.text


def test_a_trader_finds_no_enterprises_and_no_papers_of_others(signed_in, stranger_clerk, chain, seller):
    first = Invoice.objects.confirmed().earliest("pk")
    browser = signed_in(stranger_clerk)
    for text in (seller.name, first.number):
        found = browser.get(reverse("ledgers:trace-search"), {"q": text}).context["found"]
        assert (found.papers, found.enterprises, list(found.lots)) == ([], [], [])


@pytest.mark.parametrize(
    "text", ["\0", "%", "_" * 500, "🥜", "99999999", "'", "<script>", "(01)123", " ".join("abcdefghij")]
)
def test_the_box_answers_garbage(browser, chain, text):
    assert browser.get(reverse("ledgers:trace-search"), {"q": text}).status_code == 200


def test_one_number_at_three_makers_is_three_lots(browser, world, seller, buyer, stranger, peanuts):  # noqa: F811
    makers = [
        Lot.objects.create(
            product=peanuts, producer=maker, declared_by=maker, code="SAME", code_key="SAME", unit=peanuts.unit
        )
        for maker in (seller, buyer, stranger)
    ]
    found = browser.get(reverse("ledgers:trace-search"), {"q": "SAME"})
    assert set(found.context["lots"]) == set(makers)
    assert all(maker.name in found.text for maker in (seller, buyer, stranger))


# Parts of the page


PARTS = ("holders", "moves", "lots", "graph", "map", "timeline", "balance", "stock", "late")


@pytest.mark.parametrize("part", PARTS)
def test_every_part_answers_for_every_shape(look, world, chain, seller, part):  # noqa: F811
    lone, knotted = world.lots[3], world.lots[4]
    world.bake(knotted.producer, [chain[1]], knotted)
    Lot.objects.filter(pk=lone.pk).update(code=HTML_CODE)
    for lot in (*chain, lone, knotted):
        for query in ({}, {"in_time": "1"}, {"on": "2020-01-01"}, {"at": seller.pk}):
            page = look(lot, show=part, **query)
            assert page.status_code == 200
            assert HTML_CODE not in page.text


@pytest.mark.parametrize("query", [
    {"on": "tomorrow"}, {"on": "2999-01-01"}, {"at": "x"}, {"at": "9" * 40}, {"at": "99999999"}, {"show": "\0"},
    {"within": "<b>"}, {"within": "99", "show": "map"}, {"way": "x", "show": "graph"},
    {"goods": "9" * 40, "show": "graph"},
])  # fmt: skip
def test_what_makes_no_sense_is_said_or_left_out(look, chain, query):
    page = look(chain[0], **query)
    assert page.status_code == 200
    if {"on", "at"} & set(query):
        assert page.context["wanted"].fault


def test_the_drawing_holds_every_lot_and_leads_to_its_way(look, chain):
    page = look(chain[0], show="graph", way=chain[1].pk)
    assert {box.key for box in page.context["drawing"].boxes} == {lot.pk for lot in chain}
    assert len(page.context["drawing"].arrows) == 1
    assert {box.lines[0] for box in page.context["way"].boxes} == {"小街示例便利店", "鱼峰示例螺蛳粉"}


def test_from_one_place_only_its_part_is_followed(look, chain, buyer, seller):
    page = look(chain[0], at=buyer.pk)
    whole = look(chain[0])
    assert page.context["down"].counts["movements"] < whole.context["down"].counts["movements"]
    assert buyer.name in page.text


def test_time_is_a_switch_and_says_what_it_hides(look, world, seller, buyer, stranger):  # noqa: F811
    lot, today = world.lots[0], timezone.localdate()
    world.sell(seller, buyer, lot, day=today)
    world.sell(buyer, stranger, lot, day=today - timedelta(days=4))
    assert look(lot).context["moves"] == 2
    page = look(lot, in_time="1")
    assert (page.context["moves"], page.context["page_of"].holders_left_out) == (1, 1)
    assert stranger.name in look(lot, in_time="1", show="late").text


def test_nobody_reads_a_price_or_a_strangers_paper(signed_in, officer_elsewhere, chain):
    browser = signed_in(officer_elsewhere)
    open_trace_of(browser, chain[0])
    for part in PARTS:
        page = browser.get(reverse("ledgers:trace-lot", args=[chain[0].pk]), {"show": part})
        assert "12.5" not in page.text
    moves = browser.get(reverse("ledgers:trace-lot", args=[chain[0].pk]), {"show": "moves"}).context["page"]
    assert [row["may_open"] for row in moves] == [False, True]


# Where the boxes stand


def test_every_arrow_leads_to_the_right_but_those_of_a_circle():
    edges = [("a", "b", ""), ("a", "c", ""), ("b", "d", ""), ("c", "d", ""), ("a", "d", "")]
    places = {box.key: box.x for box in layered([Box(key, [key]) for key in "dcba"], edges).boxes}
    assert all(places[start] < places[end] for start, end, _words in edges)
    knot = layered([Box(key, [key]) for key in "abc"], [("a", "b", ""), ("b", "c", ""), ("c", "a", ""), ("a", "a", "")])
    assert len(knot.boxes) == len(knot.arrows) == 3


def test_no_two_boxes_stand_on_one_another():
    keys = range(30)
    drawing = layered([Box(key, []) for key in keys], [(n, n * 2 % 30, "") for n in keys] + [(3, n, "") for n in keys])
    assert len({(box.x, box.y) for box in drawing.boxes}) == 30


# The map


@pytest.mark.requirement("L-027")
def test_the_map_counts_holders_where_they_are(look, chain, nangang):
    Region.objects.filter(code="23").update(latitude="45.7", longitude="126.6")
    Region.objects.filter(code="45").update(latitude="22.8", longitude="108.3")
    found = look(chain[0], show="map").context["spread"]
    assert {place.region.code: place.holders for place in found.places} == {"23": 1, "45": 1}
    assert [flow.count for flow in found.flows] == [1]
    north, south = (next(place for place in found.places if place.region.code == code) for code in ("23", "45"))
    assert (north.x > south.x, north.y < south.y) == (True, True)
    inside = look(chain[0], show="map", within="23").context["spread"]
    assert inside.elsewhere == 1


def test_a_map_without_positions_is_still_a_table(nangang):
    found = spread(
        {1: "230103", 2: "450203", 3: None},
        [Movement(1, 2, 1, Decimal(1), datetime.date(2026, 1, 1))],
        [Holder(2, 1, Decimal(1))],
    )
    assert [place.x for place in found.places] == [None, None]
    assert (found.nowhere, found.flows) == (1, [])


# As of a day


@pytest.mark.requirement("H-101")
def test_a_chain_is_seen_as_it_was(chain, today):
    first, second = chain
    days = {back: downstream_as_of(first, today - timedelta(days=back)) for back in (10, 9, 5, 0)}
    assert [trace.counts["movements"] for trace in days.values()] == [0, 1, 1, 2]
    assert [len(trace.lots) for trace in days.values()] == [1, 1, 2, 2]
    assert sorted(days[0].movements) == sorted(downstream(first).movements)
    assert sorted(days[0].holders) == sorted(downstream(first).holders)
    assert sorted(upstream_as_of(second, today).movements) == sorted(upstream(second).movements)


def test_what_was_known_then_is_another_thing(chain, today, world):  # noqa: F811
    first, _second = chain
    assert downstream_as_of(first, today - timedelta(days=1), as_known=True).movements == [], "all was written today"
    paper = world.sell(first.producer, world.lots[1].producer, first)
    assert downstream_as_of(first, today, as_known=True).counts["movements"] == 3
    world.reverse(paper)
    assert downstream_as_of(first, today, as_known=True).counts["movements"] == 2


def test_a_past_trace_is_three_statements(chain, today, django_assert_num_queries):
    with django_assert_num_queries(3):
        downstream_as_of(chain[0], today)


# The balance


def counted(enterprise, lot, left, actor, note="盘点"):
    typed = {
        "note": note,
        "happened_on": timezone.localdate().isoformat(),
        "rows": [{"lot": lot.code, "quantity": left}],
    }
    paper, reading = save_stock_paper(StockPaper(enterprise=enterprise, kind="count"), typed, version=0, actor=actor)
    assert reading.is_complete, (reading.head_errors, reading.row_errors)
    return confirm_stock_paper(paper, actor=actor)


def adds_up(lots):
    whole = balance_of_chain(lots).by_lot()
    for balance in whole.values():
        left = balance.in_stock + balance.sold_to_consumers + balance.used + balance.written_off + balance.unexplained
        assert balance.came == left
    return whole


def test_the_balance_tells_what_became_of_it(chain, world, seller, buyer, buyer_clerk):  # noqa: F811
    first, second = chain
    assert adds_up([first.pk, second.pk]) == {
        first.pk: Balance(imported=Decimal(10), in_stock=Decimal(9), used=Decimal(1)),
        second.pk: Balance(made=Decimal(1), in_stock=Decimal(1)),
    }
    counted(buyer, first, "5", buyer_clerk)
    assert adds_up([first.pk])[first.pk].sold_to_consumers == 4


def test_what_a_wholesaler_misses_is_unexplained_and_named(world, seller, buyer, stranger, stranger_clerk):  # noqa: F811
    lot = world.lots[0]
    world.sell(seller, stranger, lot)
    counted(stranger, lot, "7", stranger_clerk)
    found = balance_of_chain([lot.pk])
    assert [(row.enterprise_id, row.quantity, row.why) for row in found.unexplained] == [(stranger.pk, 3, "missing")]
    counted(stranger, lot, "8", stranger_clerk)
    assert adds_up([lot.pk])[lot.pk].unexplained == 2


def test_goods_that_nobody_had_are_unexplained_below_zero(world, buyer, stranger):  # noqa: F811
    lot = world.lots[0]
    world.sell(buyer, stranger, lot)
    [row] = balance_of_chain([lot.pk]).unexplained
    assert (row.enterprise_id, row.quantity, row.why) == (buyer.pk, -10, "oversold")
    assert adds_up([lot.pk])[lot.pk].in_stock == 10


def test_the_balance_is_one_statement(chain, django_assert_num_queries):
    with django_assert_num_queries(1):
        balance_of_chain([lot.pk for lot in chain])


# The dossier


@pytest.mark.requirement("H-096")
@needs_poppler
def test_the_dossier_has_holders_contacts_and_its_fingerprint(look, chain, stranger):
    build_fonts()
    answer = look(chain[0], format="pdf")
    assert answer["Content-Type"] == "application/pdf"
    text = "".join("".join(layout(answer.content)).split())
    found = Chain(downstream(chain[0]), upstream(chain[0]))
    for words in (stranger.name, stranger.telephone, chain[1].code, fingerprint(found)):
        assert words.replace(" ", "") in text


def test_a_chain_too_long_for_paper_is_refused_with_a_way_out(look, chain, monkeypatch):
    monkeypatch.setattr("ledgers.chain.dossier.ROWS_MAX", 1)
    answer = look(chain[0], format="pdf")
    assert "too long for paper" in answer.text


# An enterprise and a time


def test_what_an_enterprise_handled_is_opened_for_a_reason_too(browser, officer, chain, buyer, stranger, today):
    address = reverse("ledgers:trace-enterprise", args=[buyer.pk])
    assert stranger.name not in browser.get(address).text
    days = {"since": today - timedelta(days=20), "until": today}
    opening = browser.post(reverse("ledgers:trace-enterprise-open", args=[buyer.pk]), {"why": "inspection", **days})
    assert opening.status_code == 302
    page = browser.get(opening["Location"])
    assert {lot.pk for lot in page.context["page"]} == {lot.pk for lot in chain}
    assert stranger.name in browser.get(opening["Location"] + "&show=holders").text
    assert browser.get(opening["Location"] + "&format=csv").status_code == 200
    narrow = browser.get(address, {"since": today - timedelta(days=4), "until": today})
    assert [lot.pk for lot in narrow.context["page"]] == [chain[1].pk]
    wide = browser.get(address, {"since": today - timedelta(days=400), "until": today})
    assert "period" not in wide.context, "a longer time asks again"


@pytest.mark.parametrize("days", [{"since": "x"}, {"since": "2026-02-01", "until": "2026-01-01"}, {"until": "\0"}])
def test_days_that_make_no_sense_are_said(browser, seller, days):
    address = reverse("ledgers:trace-enterprise", args=[seller.pk])
    assert browser.get(address, days).status_code in (200, 422)
    assert (
        browser.post(reverse("ledgers:trace-enterprise-open", args=[seller.pk]), {"why": "", **days}).status_code == 422
    )


def test_a_natural_person_has_no_such_page(browser, seller):
    person = Enterprise.objects.create(name="示例农户", is_person=True, kept_by=seller, status="stub")
    assert browser.get(reverse("ledgers:trace-enterprise", args=[person.pk])).status_code == 404


# The maker


@pytest.mark.requirement("L-004")
def test_the_maker_sees_where_its_lot_is_without_names(signed_in, world, clerk, seller, buyer, stranger):  # noqa: F811
    lot = world.lots[0]
    world.sell(seller, buyer, lot)
    world.sell(buyer, stranger, lot, quantity=4)
    page = signed_in(clerk).get(reverse("ledgers:trace-lot", args=[lot.pk]))
    assert [(row["city"], row["enterprises"], row["quantity"]) for row in page.context["forward"]] == [
        ("2301", 1, 6),
        ("4502", 1, 4),
    ]
    assert stranger.name not in page.text
    other = signed_in(world.people[buyer]).get(reverse("ledgers:trace-lot", args=[lot.pk]))
    assert other.context["forward"] is None


def test_wanted_is_kept_in_links():
    wanted = Wanted.read({"in_time": "1", "show": "map"})
    assert wanted.query == "in_time=1"
    assert Wanted.read({"on": "2026-01-02", "in_time": "1", "known": "1"}).query == "on=2026-01-02&known=1"
