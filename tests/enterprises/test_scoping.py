"""Jurisdiction is a prefix, and everybody else sees only what is theirs."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group

from accounts.models import Region
from enterprises.models import Enterprise
from enterprises.scoping import Scope
from registers.forms import visible
from tests.conftest import make_enterprise, make_officer

CODES = ["23", "2301", "230103", "230103001", "230103001001", "2302", "230110", "230103010", "45", "450203"]


@pytest.fixture
def everywhere(nangang):
    """One enterprise in each place, two of them with codes that begin alike without containing each other."""
    for number, code in enumerate(CODES):
        Region.objects.get_or_create(code=code, defaults={"name": f"地区{code}"})
        make_enterprise(f"示例{code}", "", code, legacy_number=f"32040400000{number:04d}")
    return CODES


@pytest.mark.requirement("H-033")
@pytest.mark.parametrize("code", CODES)
def test_an_officer_of_any_level_sees_exactly_the_own_jurisdiction(everywhere, code):
    officer = make_officer("somebody", code)
    seen = set(Enterprise.objects.visible_to(Scope.of(officer)).values_list("region_id", flat=True))
    assert seen == {other for other in CODES if other.startswith(code)}


def test_a_station_may_answer_for_several_streets(everywhere):
    officer = make_officer("station", "230103001")
    officer.authority.regions.add("230103010")
    assert Enterprise.objects.visible_to(Scope.of(officer)).count() == 3


def test_covers_agrees_with_the_query(everywhere):
    scope = Scope.of(make_officer("somebody", "2301"))
    seen = set(Enterprise.objects.visible_to(scope))
    assert seen == {row for row in Enterprise.objects.all() if scope.covers(row)}


def test_who_moved_to_another_district_is_seen_there_alone(everywhere, officer):
    row = Enterprise.objects.get(region="230103001")
    row.region_id = "230110"
    row.save()
    assert row not in Enterprise.objects.visible_to(Scope.of(officer))
    assert row.events.count() == 2


def test_places_and_merged_rows_are_in_the_scope_of_their_people(seller, clerk):
    place = Enterprise.objects.create(name="分店", uscc=seller.uscc, place="2", headquarters=seller)
    old = Enterprise.objects.create(name="旧号", legacy_number="320404000009558", merged_into=seller)
    assert Scope.of(clerk).enterprise_ids == {seller.pk, place.pk, old.pk}


def test_nobody_in_particular_sees_nothing(seller, laboratory):
    laboratory.is_active = False
    for scope in (Scope(), Scope.of(laboratory)):
        assert not Enterprise.objects.visible_to(scope).exists()


def test_a_table_nobody_thought_about_is_not_shown(database):
    with pytest.raises(AttributeError):
        visible(Group.objects.all(), Scope())
