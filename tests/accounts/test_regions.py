"""Regions and authorities: a parent's code is a prefix, an authority answers for one or more regions."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.db.models import ProtectedError
from django.urls import reverse

from accounts.models import CODE_LENGTHS, AccessRecord, Authority, Region, record_access
from enterprises.models import Enterprise
from enterprises.scoping import Scope


@pytest.fixture
def administered(client, administrator):
    client.force_login(administrator)
    return client


def codes(regions) -> list[str]:
    return [region.code for region in regions]


# The tree


@pytest.mark.parametrize("length", range(1, 16))
def test_a_code_has_one_of_six_lengths(db, length):
    region = Region(code="9" * length, name="某地")
    if length in CODE_LENGTHS:
        region.full_clean()
        region.save()
    else:
        with pytest.raises(ValidationError):
            region.full_clean()
        with pytest.raises(IntegrityError, match="region_code_has_a_level"), transaction.atomic():
            region.save()


@pytest.mark.parametrize("code", ["2a", "２３", " 23", "23-1"])
def test_a_code_is_of_plain_digits(db, code):
    with pytest.raises(IntegrityError, match="region_code_has_a_level"), transaction.atomic():
        Region.objects.create(code=code, name="某地")


def test_a_region_does_not_replace_itself(nangang):
    with pytest.raises(IntegrityError, match="region_is_not_its_own_successor"), transaction.atomic():
        Region.objects.filter(pk=nangang.pk).update(successor=nangang)


def test_what_holds_a_place_comes_from_the_province_down(nangang):
    assert codes(Region.objects.containing("230103001")) == ["23", "2301", "230103", "230103001"]


def test_what_lies_within_does_not_take_in_a_neighbour_whose_code_begins_alike(nangang):
    Region.objects.create(code="230104", name="道外区")
    assert codes(Region.objects.within("230103")) == ["230103", "230103001"]


def test_the_children_are_one_level_below(nangang):
    assert codes(Region.objects.children_of("23")) == ["2301"]
    assert codes(Region.objects.children_of("230103")) == ["230103001"]
    assert codes(Region.objects.children_of("230103001")) == []


def test_a_city_without_districts_has_its_streets_as_children(db):
    for code in ("44", "4419", "441900003", "441900003001"):
        Region.objects.create(code=code, name=code)
    assert codes(Region.objects.children_of("4419")) == ["441900003"]


@pytest.mark.parametrize(
    ("code", "nearest"), [("230103001", "230103001"), ("230103999", "230103"), ("2399", "23"), ("99", None), ("", None)]
)
def test_the_nearest_known_region_holds_the_code(nangang, code, nearest):
    found = Region.objects.nearest(code)
    assert (found and found.code) == nearest


def test_a_region_is_called_by_its_whole_name(nangang):
    assert str(nangang) == "黑龙江省哈尔滨市南岗区"


def test_the_filler_below_a_municipality_is_not_spoken(db):
    for code, name in (("11", "北京市"), ("1101", "市辖区"), ("110108", "海淀区")):
        Region.objects.create(code=code, name=name)
    assert str(Region.objects.get(code="110108")) == "北京市海淀区"


def test_a_city_that_stands_on_two_levels_is_spoken_once(db):
    for code, name in (("44", "广东省"), ("4419", "东莞市"), ("441900", "东莞市"), ("441900003", "东城街道")):
        Region.objects.create(code=code, name=name)
    assert [str(region) for region in Region.objects.filter(code__startswith="4419").order_by("code")] == [
        "广东省东莞市", "广东省东莞市", "广东省东莞市东城街道",
    ]  # fmt: skip


# The screens


def test_a_code_never_changes_once_it_is_entered(administered, nangang):
    edit = reverse("accounts:region-edit", args=["230103"])
    assert administered.post(edit, {"code": "230199", "name": "新南岗"}).status_code == 302
    assert Region.objects.get(code="230103").name == "新南岗"
    assert not Region.objects.filter(code="230199").exists()


def test_a_region_says_what_replaced_it(administered, nangang):
    edit = reverse("accounts:region-edit", args=["230103"])
    assert administered.post(edit, {"name": "南岗区", "successor": "230103999"}).status_code == 422
    administered.post(edit, {"name": "南岗区", "successor": "4502"})
    assert Region.objects.get(code="230103").successor_id == "4502"


def test_a_region_in_use_stays(administered, seller):
    administered.post(reverse("accounts:region-delete", args=["230103"]))
    assert Region.objects.filter(code="230103").exists()
    with pytest.raises(ProtectedError):
        Region.objects.get(code="230103").delete()


def test_a_region_that_an_authority_answers_for_stays(administered, nangang):
    street = Region.objects.create(code="230103998", name="新街道")
    Authority.objects.create(name="新所").regions.add(street)
    administered.post(reverse("accounts:region-delete", args=[street.pk]))
    assert Authority.objects.get(name="新所").regions.get() == street


def test_regions_are_narrowed_by_where_they_lie(administered, nangang):
    page = administered.get(reverse("accounts:region-list"), {"under": "2301"}).context["page"]
    assert codes(page) == ["2301", "230103", "230103001"]


def test_an_officer_reads_regions_and_changes_none(client, officer):
    client.force_login(officer)
    assert client.get(reverse("accounts:region-list")).status_code == 200
    assert client.get(reverse("accounts:region-edit", args=["230103"])).status_code == 403


# Authorities


@pytest.mark.requirement("H-033")
def test_a_station_may_answer_for_several_streets(administered, nangang):
    Region.objects.create(code="230103002", name="奋斗路街道")
    typed = {"name": "某监管所", "regions": " 230103001，230103002、"}
    assert administered.post(reverse("accounts:authority-add"), typed).status_code == 302
    station = Authority.objects.get()
    assert codes(station.regions.all()) == ["230103001", "230103002"]
    page = administered.get(reverse("accounts:authority-edit", args=[station.pk]))
    assert 'value="230103001, 230103002"' in page.text


@pytest.mark.parametrize("regions", ["", "，", "9999", "230103 4502", "\0", "x" * 600])
def test_a_jurisdiction_is_of_known_regions(administered, nangang, regions):
    page = administered.post(reverse("accounts:authority-add"), {"name": "某所", "regions": regions})
    assert page.status_code == 422
    assert page.context["form"].errors["regions"]


def test_a_new_jurisdiction_counts_with_the_next_look(officer, stranger):
    assert stranger not in Enterprise.objects.visible_to(Scope.of(officer))
    officer.authority.regions.add("4502")
    assert stranger in Enterprise.objects.visible_to(Scope.of(officer))


def test_an_authority_with_officers_stays(administered, officer):
    administered.post(reverse("accounts:authority-delete", args=[officer.authority.pk]))
    assert Authority.objects.filter(pk=officer.authority.pk).exists()


# The access log


@pytest.mark.parametrize("statement", ["UPDATE {} SET action = 'x'", "DELETE FROM {}", "TRUNCATE {}"])
def test_who_looked_is_never_rewritten(officer, statement):
    record_access(officer, "trace", "lot 1" * 100)
    with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement.format("accounts_accessrecord"))
    assert len(AccessRecord.objects.get().subject) == 200
