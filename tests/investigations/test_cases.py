"""Cases: weights, suppositions, the ranking and its ways, sharing, frozen evidence, and what is refused."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.urls import reverse

from investigations import services
from investigations.analysis import Analysis
from investigations.evidence import compare, digest, gathered
from investigations.models import Case, CaseMerge, CaseNote, CaseSnapshot, CaseSubject
from ledgers.models import LedgerEntry
from tests.ledgers.test_tracing import world  # noqa: F401 -- a fixture


@pytest.fixture
def case(officer) -> Case:
    return services.open_case(title="示例腹泻", reason="三人发病", actor=officer)


@pytest.fixture
def outbreak(world, seller, buyer, stranger):  # noqa: F811
    """The seller's L0 went to both others; L1 of the buyer went to the stranger."""
    world.sell(seller, buyer, world.lots[0])
    world.sell(seller, stranger, world.lots[0])
    world.sell(buyer, stranger, world.lots[1])
    return world


@pytest.fixture
def browser(signed_in, officer):
    return signed_in(officer)


def address(name, *args) -> str:
    return reverse(f"investigations:{name}", args=args)


def weigh(case, officer, **weights):
    return [
        services.add_subject(case, subject, weight=Decimal(weight), actor=officer)
        for subject, weight in weights.values()
    ]


# The ranking


@pytest.mark.requirement("H-101")
def test_who_reaches_most_of_the_weight_stands_first(case, officer, outbreak, seller, buyer, stranger):
    weigh(case, officer, sick=(buyer, 3), also=(stranger, 1))
    ranked = [(suspect.row, suspect.percent) for suspect in Analysis(case).enterprises()]
    assert ranked == [(seller, 100.0), (buyer, 100.0), (stranger, 25.0)]
    assert [suspect.percent for suspect in Analysis(case).lots()][:1] == [100.0]


def test_the_way_behind_a_rank_is_every_hand_over_on_it(case, officer, outbreak, seller, buyer, stranger):
    weigh(case, officer, sick=(buyer, 1))
    assert [move[:2] for move in Analysis(case).ways(seller)] == [(seller.pk, buyer.pk)]
    assert Analysis(case).ways(stranger) == []


def test_each_switch_changes_the_ranking(case, officer, outbreak, seller, buyer, stranger):
    [subject] = weigh(case, officer, sick=(stranger, 1))

    def scores():
        return {suspect.row.pk for suspect in Analysis(case).enterprises()}

    assert scores() == {seller.pk, buyer.pk, stranger.pk}
    entry = LedgerEntry.objects.get(seller=buyer)
    row = services.ignore_entry(case, entry, reason="错录", actor=officer)
    assert scores() == {seller.pk, stranger.pk}
    services.heed_entry(row, actor=officer)
    place = services.add_subject(case, buyer, weight=Decimal(0), actor=officer)
    services.change_subject(place, weight=Decimal(0), mixes=True, ends=True, actor=officer)
    assert (Analysis(case).supposed.cross_contamination, Analysis(case).supposed.kill) == ({buyer.pk}, {buyer.pk})
    services.drop_subject(place, actor=officer)
    services.count_time(case, in_time=True, actor=officer)
    assert Analysis(case).supposed.in_time
    services.drop_subject(subject, actor=officer)
    assert scores() == set()


def test_two_places_taken_for_one_hand_on_what_either_had(case, officer, world, seller, buyer, stranger):  # noqa: F811
    """The seller's lot ends at the buyer; the same lot leaves from the stranger's other door."""
    lot, other = world.lots[0], world.lots[2]
    world.sell(seller, buyer, lot)
    world.sell(stranger, seller, other)
    weigh(case, officer, sick=(buyer, 1))
    assert Analysis(case).scores.enterprises == pytest.approx({seller.pk: 1, buyer.pk: 1})
    merge = services.merge_places(case, stranger, seller, actor=officer)
    assert Analysis(case).scores.enterprises == pytest.approx({seller.pk: 1, buyer.pk: 1, stranger.pk: 1})
    services.split_places(merge, actor=officer)
    assert stranger.pk not in Analysis(case).scores.enterprises


def test_a_lot_weighs_too_and_has_no_suppositions_of_a_place(case, officer, outbreak):
    [row] = weigh(case, officer, failed=(outbreak.lots[0], 2))
    row = services.change_subject(row, weight=Decimal(2), mixes=True, ends=True, actor=officer)
    assert (row.mixes, row.ends) == (False, False)
    assert Analysis(case).lots()[0].own_weight == 2


# Who sees a case


def test_a_case_is_for_those_it_is_shared_with(signed_in, case, officer, officer_elsewhere, outbreak):
    stranger = signed_in(officer_elsewhere)
    assert stranger.get(address("case", case.pk)).status_code == 404
    assert stranger.post(address("note-add", case.pk), {"text": "x"}).status_code == 404
    services.share(case, officer_elsewhere, actor=officer)
    assert stranger.get(address("case", case.pk)).status_code == 200
    assert stranger.post(address("note-add", case.pk), {"text": "查了进货"}).status_code == 302
    assert [note.author for note in case.notes.all()] == [officer_elsewhere]


def test_a_case_is_shared_with_officers_only_and_once(browser, case, officer, clerk, officer_elsewhere):
    for name in (clerk.username, officer.username, "nobody", ""):
        assert browser.post(address("case-share", case.pk), {"username": name}).status_code == 422
    assert browser.post(address("case-share", case.pk), {"username": officer_elsewhere.username}).status_code == 302
    assert browser.post(address("case-share", case.pk), {"username": officer_elsewhere.username}).status_code == 422


# On the screen


def test_a_case_is_opened_from_a_lot(browser, outbreak):
    lot = outbreak.lots[0]
    assert str(lot) in browser.get(address("case-open"), {"lot": lot.pk}).text
    answer = browser.post(address("case-open") + f"?lot={lot.pk}", {"title": "示例", "reason": "抽检不合格"})
    case = Case.objects.get()
    assert answer["Location"] == address("case", case.pk)
    assert [row.lot for row in case.subjects.all()] == [lot]
    assert browser.post(address("case-open"), {"title": "", "reason": " "}).status_code == 422
    assert browser.get(address("case-open"), {"lot": "9" * 30}).status_code == 200


def test_subjects_are_found_by_whatever_is_known_of_them(browser, case, outbreak, buyer):
    for what in (buyer.uscc, f"l-{outbreak.lots[0].pk}"):
        assert browser.post(address("subject-add", case.pk), {"what": what, "weight": "2"}).status_code == 302
    assert browser.post(address("subject-add", case.pk), {"what": buyer.uscc, "weight": "2"}).status_code == 422
    several = browser.post(address("subject-add", case.pk), {"what": "示例花生", "weight": "1"})
    assert several.status_code == 422
    assert f'value="l-{outbreak.lots[1].pk}"' in several.text
    assert case.subjects.count() == 2


@pytest.mark.parametrize("typed", [
    {}, {"what": "没有这个", "weight": "1"}, {"what": "e-99999999", "weight": "1"}, {"what": "\0", "weight": "1"},
    {"what": "e-" + "9" * 40, "weight": "1"}, {"what": "<b>", "weight": "-1"}, {"what": "x", "weight": "NaN"},
])  # fmt: skip
def test_a_wrong_subject_is_said_and_nothing_is_written(browser, case, typed):
    answer = browser.post(address("subject-add", case.pk), typed)
    assert answer.status_code == 422
    assert "error-summary" in answer.text
    assert not case.subjects.exists()


def test_weights_are_changed_and_taken_out(browser, case, officer, buyer, outbreak):
    [row] = weigh(case, officer, sick=(buyer, 1))
    browser.post(address("subject-change", case.pk, row.pk), {"weight": "4", "mixes": "on"})
    row.refresh_from_db()
    assert (row.weight, row.mixes, row.ends) == (4, True, False)
    browser.post(address("subject-change", case.pk, row.pk), {"weight": "minus"})
    row.refresh_from_db()
    assert row.weight == 4
    browser.post(address("subject-change", case.pk, row.pk), {"drop": "1"})
    assert not case.subjects.exists()


def test_the_page_leads_to_ways_where_a_hand_over_is_left_out(browser, case, officer, outbreak, seller, buyer):
    weigh(case, officer, sick=(buyer, 1))
    assert address("case-way", case.pk, seller.pk) in browser.get(address("case", case.pk)).text
    page = browser.get(address("case-way", case.pk, seller.pk))
    entry = LedgerEntry.objects.get(seller=seller, buyer=buyer)
    assert [row["entry"] for row in page.context["page"]] == [entry.pk]
    for typed in ({}, {"entry": "x", "reason": "y"}, {"entry": entry.pk, "reason": " "}):
        browser.post(address("entry-ignore", case.pk), typed)
    assert not case.ignored.exists()
    browser.post(address("entry-ignore", case.pk), {"entry": entry.pk, "reason": "重复录入"})
    browser.post(address("entry-heed", case.pk, case.ignored.get().pk))
    assert not case.ignored.exists()
    assert browser.get(address("case", case.pk), {"format": "xlsx"}).status_code == 200


def test_places_are_merged_by_number_or_name(browser, case, seller, buyer):
    assert browser.post(address("places-merge", case.pk), {"one": seller.uscc, "other": seller.uscc}).status_code == 422
    assert browser.post(address("places-merge", case.pk), {"one": "示例", "other": "x"}).status_code == 422
    assert browser.post(address("places-merge", case.pk), {"one": seller.uscc, "other": buyer.name}).status_code == 302
    assert browser.post(address("places-merge", case.pk), {"one": buyer.uscc, "other": seller.name}).status_code == 422
    browser.post(address("places-split", case.pk, case.merges.get().pk))
    assert not case.merges.exists()


# Frozen evidence


def test_a_snapshot_is_the_same_until_something_changes(case, officer, outbreak, seller, stranger):
    weigh(case, officer, sick=(stranger, 1), failed=(outbreak.lots[0], 1))
    snapshot = services.take_snapshot(case, actor=officer)
    same = compare(CaseSnapshot.objects.get(pk=snapshot.pk))
    assert (same.is_sound, same.is_same, same.new_movements, same.scores) == (True, True, [], [])
    outbreak.sell(stranger, seller, outbreak.lots[0], quantity=2)
    later = compare(CaseSnapshot.objects.get(pk=snapshot.pk))
    assert (later.is_sound, later.is_same, later.settings_differ) == (True, False, False)
    assert [(row[1], row[2]) for row in later.new_movements] == [(stranger.name, seller.name)]
    services.count_time(case, in_time=True, actor=officer)
    assert compare(CaseSnapshot.objects.get(pk=snapshot.pk)).settings_differ


def test_a_snapshot_that_somebody_touched_does_not_have_its_fingerprint(case, officer, outbreak):
    facts = gathered(case)
    row = CaseSnapshot(case=case, taken_by=officer, evidence={**facts, "case": {"id": 0}}, digest=digest(facts))
    assert not compare(row).is_sound


def test_a_snapshot_is_looked_at_on_its_page(browser, case, officer, outbreak, buyer):
    weigh(case, officer, sick=(buyer, 1))
    browser.post(address("snapshot-take", case.pk))
    page = browser.get(address("snapshot", case.pk, case.snapshots.get().pk))
    assert case.snapshots.get().digest in page.text
    assert "The same." in page.text


def test_too_much_evidence_is_refused_with_a_way_out(case, officer, outbreak, monkeypatch):
    weigh(case, officer, failed=(outbreak.lots[0], 1))
    monkeypatch.setattr("investigations.evidence.MOVEMENTS_MAX", 1)
    with pytest.raises(ValidationError):
        services.take_snapshot(case, actor=officer)


@pytest.mark.parametrize("statement", [
    "UPDATE investigations_casesnapshot SET digest = ''", "DELETE FROM investigations_casesnapshot",
    "UPDATE investigations_casenote SET text = 'x'", "DELETE FROM investigations_casenote",
])  # fmt: skip
def test_evidence_and_notes_are_only_added_to(case, officer, statement):
    services.take_snapshot(case, actor=officer)
    services.add_note(case, text="示例", actor=officer)
    with pytest.raises(Exception, match="permission denied"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_a_closed_case_freezes_its_evidence_and_takes_nothing_more(browser, case, officer, buyer, officer_elsewhere):
    [row] = weigh(case, officer, sick=(buyer, 1))
    assert browser.post(address("case-close", case.pk), {"conclusion": " "}).status_code == 422
    assert browser.post(address("case-close", case.pk), {"conclusion": "源头已查明"}).status_code == 302
    case.refresh_from_db()
    assert (case.is_open, case.snapshots.count()) == (False, 1)
    for refused in (
        lambda: services.add_note(case, text="x", actor=officer),
        lambda: services.drop_subject(row, actor=officer),
        lambda: services.share(case, officer_elsewhere, actor=officer),
        lambda: services.take_snapshot(case, actor=officer),
    ):
        with pytest.raises(ValidationError):
            refused()
    assert browser.get(address("case", case.pk)).status_code == 200


# What the database refuses


@pytest.mark.parametrize("wrong", [
    lambda case, seller, lot, officer: CaseSubject(case=case),
    lambda case, seller, lot, officer: CaseSubject(case=case, enterprise=seller, lot=lot),
    lambda case, seller, lot, officer: CaseSubject(case=case, enterprise=seller, weight=-1),
    lambda case, seller, lot, officer: CaseSubject(case=case, lot=lot, mixes=True),
    lambda case, seller, lot, officer: CaseMerge(case=case, one=seller, other=seller),
    lambda case, seller, lot, officer: CaseNote(case=case, author=officer, text=""),
    lambda case, seller, lot, officer: Case(title="x", reason="y", opened_by=officer, conclusion="z"),
])  # fmt: skip
def test_the_database_refuses(case, seller, outbreak, officer, wrong):
    with pytest.raises(IntegrityError), transaction.atomic():
        wrong(case, seller, outbreak.lots[0], officer).save()


def test_the_same_entry_is_left_out_once_and_for_a_reason(case, officer, outbreak):
    entry = LedgerEntry.objects.first()
    services.ignore_entry(case, entry, reason="x", actor=officer)
    for reason in ("x", " "):
        with pytest.raises(ValidationError):
            services.ignore_entry(case, entry, reason=reason, actor=officer)
