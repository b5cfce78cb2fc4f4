"""The benches in their smallest form: they measure what they say, and what is not built yet says so."""

from __future__ import annotations

import pytest
from django.core.management import CommandError, call_command

from catalog.models import Product
from config.benches import api, confirm, crowd, dashboard, load, place, resolve, search, tpcb, trace, trace_data
from config.benches.measures import Measure, in_turns

TINY_TRACE = trace_data.Size(
    answer=100, halfway=2, made=10, entries=400, reversals=5, traders=20, other_lots=30, rounds=2, weighted=5
)
TINY_CONFIRM = confirm.Size(sellers=2, products=10, lots_of_each=2, papers=12, rounds=1, seconds=1, branches=1)


def test_a_measure_is_written_with_its_ratio():
    measure = Measure("rows", 3.0, 2.0, "ms")
    assert measure.as_json() == {"name": "rows", "ours": 3.0, "reference": 2.0, "ratio": 1.5, "unit": "ms"}


def test_ways_are_taken_in_turns_and_answered_by_their_medians():
    taken = []
    ways = [lambda: taken.append("a") or 1.0, lambda: taken.append("b") or 2.0]
    assert in_turns(*ways, rounds=3) == [1.0, 2.0]
    assert taken == ["a", "b"] * 3


def test_the_trace_bench_compares_the_answers_and_counts_its_statements(real_database):
    report = trace.run(TINY_TRACE).as_json()
    assert report["statements"] == 3
    assert [measure["name"] for measure in report["measures"]] == [
        "rows_of_answer_100", "times_faster_than_erp_walk", "scores_of_5_singles",
    ]  # fmt: skip


def test_the_dashboard_bench_finds_the_silent_both_ways(real_database):
    report = dashboard.run(dashboard.Size(entries=5_000, traders=300, rounds=2)).as_json()
    (measure,) = report["measures"]
    assert measure["name"] == "times_faster_no_trade"
    assert measure["ratio"] == pytest.approx(measure["reference"] / measure["ours"], rel=0.05)


def test_the_resolve_bench_counts_all_and_one(real_database):
    report = resolve.run(resolve.Size(products=20, each=3, firms=4, crowd=30, rounds=2)).as_json()
    assert [measure["name"] for measure in report["measures"]] == [
        "first_count_of_grouping", "recount_of_grouping", "word_among_many_of_few",
    ]  # fmt: skip
    assert report["contributions"] == 20 * 3 + 30 + 2 * 2


def test_the_load_bench_loads_twice_and_the_second_time_nothing(real_database):
    report = load.run(load.Size(rows=300)).as_json()
    assert [measure["name"] for measure in report["measures"]] == ["load_of_copy", "again_of_load"]
    assert (report["rejected"], Product.objects.exclude(maker_name="").count()) == (3, 300 + 99 + 297)


def test_the_search_bench_finds_what_is_there(real_database):
    report = search.run(search.Size(products=300, queries=4, checked=4, codes=5)).as_json()
    measured = {measure["name"] for measure in report["measures"]}
    assert {"two_signs_of_trigrams", "barcode_of_select_1"} <= measured


def test_the_api_bench_asks_for_products_and_for_nothing(real_database, monkeypatch):
    monkeypatch.setattr(crowd, "CLIENTS", 2)
    report = api.run(api.Size(products=5, rounds=1, seconds=1, asked=40)).as_json()
    assert [measure["name"] for measure in report["measures"]] == ["product_of_nothing"]
    assert 0 < report["measures"][0]["ratio"] < 1


def test_the_confirm_bench_measures_both_crowds(real_database, monkeypatch):
    monkeypatch.setattr(confirm, "TPCB", "test_foodtrace_tpcb")
    monkeypatch.setattr(crowd, "CLIENTS", 2)
    monkeypatch.setattr(crowd, "WARM", 1)
    report = confirm.run(TINY_CONFIRM).as_json()
    assert [measure["name"] for measure in report["measures"]] == ["confirm_of_tpcb", "hot_seller_of_spread"]
    assert all(measure["ratio"] > 0 for measure in report["measures"])


def test_without_pgbench_its_statements_are_run_by_us(real_database):
    tpcb.make_tables(place.address("owner"), branches=1)
    assert tpcb.by_statements(place.address("owner"), branches=1, seconds=0.2)() > 0


def test_a_process_that_stumbles_is_told(real_database):
    def begin():
        raise SystemExit(3)

    with pytest.raises(crowd.Stumbled):
        crowd.per_second(begin, [0] * 9, seconds=1)


@pytest.mark.parametrize("name", ["pages"])
def test_a_bench_that_is_not_built_says_so(name):
    with pytest.raises(CommandError, match=f"{name} is not built yet"):
        call_command("bench", name)


def test_an_unknown_bench_is_refused():
    with pytest.raises(CommandError, match="invalid choice"):
        call_command("bench", "nonsense")
