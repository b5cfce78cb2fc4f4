"""Regions from published lists, and what every loading command does with any file."""

from __future__ import annotations

import gzip
from io import StringIO

import openpyxl
import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError

from accounts.bulk.tables import Table, as_text
from accounts.loading import RegionLoader, places_above, shortened
from accounts.models import Region
from tests.loads import became, load, real, rejected, table

pytestmark = pytest.mark.django_db
PROVINCE, CITY, DISTRICT = "23,黑龙江省", "2301,哈尔滨市,23", "230103,南岗区,2301,23"


@pytest.fixture
def tree(tmp_path):
    """A folder with one file for each level, as the published lists have them."""
    folder = tmp_path / "lists"
    folder.mkdir()
    table(folder / "areas.csv", "code,name,cityCode,provinceCode", DISTRICT)
    table(folder / "cities.csv", "code,name,provinceCode", CITY)
    table(folder / "provinces.csv", "code,name", PROVINCE, "45,广西壮族自治区")
    return folder


@pytest.mark.requirement("H-036")
def test_a_folder_is_loaded_parents_first_whatever_its_files_are_called(tree):
    assert became(load("load_regions", tree)) == (4, 0, 0, 0)
    assert Region.objects.get(code="230103").full_name == "黑龙江省哈尔滨市南岗区"


def test_loading_again_changes_nothing(tree):
    load("load_regions", tree)
    assert became(load("load_regions", tree)) == (0, 0, 4, 0)


def test_a_renamed_city_renames_what_lies_in_it(tree):
    load("load_regions", tree)
    table(tree / "cities.csv", "code,name,provinceCode", "2301,滨江市,23")
    assert became(load("load_regions", tree)) == (0, 1, 3, 0)
    assert Region.objects.get(code="230103").full_name == "黑龙江省滨江市南岗区"


def test_the_full_name_is_what_saving_a_region_writes(tmp_path):
    load("load_regions", table(tmp_path / "a.csv", "code,name", "11,北京市", "1101,市辖区", "110101,东城区"))
    for region in Region.objects.all():
        loaded = region.full_name
        region.save()
        assert region.full_name == loaded


def test_under_loads_one_region_and_what_it_lies_in(tree):
    table(tree / "more.csv", "code,name,cityCode", "450203,鱼峰区,4502")
    assert became(load("load_regions", tree, "--under", "2301")) == (3, 0, 0, 0)


def test_a_region_without_its_parent_is_rejected_with_the_reason(tree, tmp_path):
    table(tree / "more.csv", "code,name,cityCode", "450203,鱼峰区,4502")
    assert became(load("load_regions", tree, "--rejected", tmp_path / "out.csv")) == (4, 0, 0, 1)
    (row,) = rejected(tmp_path / "out.csv")
    assert (row["row"], row["file"], row["column"], row["code"]) == ("2", "more.csv", "code", "450203")
    assert "4502" in row["reason"]


@pytest.mark.parametrize(
    "line", ["230,短", "23x1,字母", "2301,", f"2301,{'长' * 81}", "4501,南宁市,23", "23,黑龙江省,,"]
)
def test_a_row_that_is_no_region_is_rejected(tmp_path, line):
    path = table(tmp_path / "a.csv", "code,name,provinceCode", "23,黑龙江省,", line)
    assert load("load_regions", path)["rejected"] == 1


def test_a_list_that_fills_its_codes_up_with_zeros_is_understood(tmp_path):
    path = table(tmp_path / "a.csv", "代码,名称", "230000,黑龙江省", "230100,哈尔滨市", "230103,南岗区")
    load("load_regions", path)
    assert list(Region.objects.values_list("code", flat=True)) == ["23", "2301", "230103"]


def test_a_street_may_hang_on_a_city_without_districts(tmp_path):
    path = table(tmp_path / "a.csv", "code,name", "44,广东省", "4419,东莞市", "441900003,东城街道")
    assert became(load("load_regions", path)) == (3, 0, 0, 0)
    assert (places_above("441900003"), places_above("230103001")) == (["441900", "4419"], ["230103"])


def test_zeros_of_a_list_with_parents_are_kept():
    assert shortened({"code": "441900", "district_parent": "4419"}) == "441900"


def test_zipped_gbk_and_workbook_files_are_read_alike(tmp_path):
    (tmp_path / "one.csv.gz").write_bytes(gzip.compress("code,name\n23,黑龙江省\n".encode("gb18030")))
    book = openpyxl.Workbook()
    for row in (["区划名单"], [], ["code", "name"], [2301, "哈尔滨市"]):
        book.active.append(row)
    book.save(tmp_path / "two.xlsx")
    table(tmp_path / "three.csv", "code\tname", "230103\t南岗区", encoding="utf-16")
    assert became(load("load_regions", tmp_path)) == (3, 0, 0, 0)


def test_a_row_that_lost_its_shape_is_reported_whole(tmp_path):
    path = table(tmp_path / "a.csv", "code,name", "23,黑龙江省,多余", "45", "", "12,天津市")
    assert became(load("load_regions", path, "--rejected", tmp_path / "out.csv")) == (1, 0, 0, 2)
    lines = (tmp_path / "out.csv").read_text(encoding="utf-8-sig").splitlines()
    assert lines[1].startswith("2,a.csv,")
    assert lines[1].endswith("23,黑龙江省,多余")


def test_rejected_rows_cannot_become_formulas_and_come_back_as_they_were(tmp_path):
    path = table(tmp_path / "a.csv", "code,name", "23,=1+1", "2,=2+2")
    load("load_regions", path, "--rejected", tmp_path / "out.csv")
    (row,) = rejected(tmp_path / "out.csv")
    assert row["name"] == "'=2+2"
    table(tmp_path / "again.csv", "code,name", "12,'=2+2")
    load("load_regions", tmp_path / "again.csv")
    assert Region.objects.get(code="12").name == "=2+2"


def test_a_number_twice_in_one_load_is_reported_with_the_first_row(tmp_path):
    path = table(tmp_path / "a.csv", "code,name", "23,黑龙江省", "23,黑龙江")
    load("load_regions", path, "--rejected", tmp_path / "out.csv")
    assert "2" in rejected(tmp_path / "out.csv")[0]["reason"]
    assert Region.objects.get().name == "黑龙江省"


def test_a_row_the_database_refuses_does_not_take_its_batch_along(tmp_path, monkeypatch):
    save = RegionLoader.write

    def write(self, new, changed):
        if any(region.code == "45" for region in new):
            raise IntegrityError("no")
        save(self, new, changed)

    monkeypatch.setattr(RegionLoader, "write", write)
    path = table(tmp_path / "a.csv", "code,name", "23,黑龙江省", "45,广西壮族自治区", "12,天津市")
    assert became(load("load_regions", path)) == (2, 0, 0, 1)


@pytest.mark.parametrize("content", [b"", b"nothing\nhere\n", b"PK\x03\x04broken", b"\x1f\x8bbroken"])
def test_a_file_that_is_no_list_of_regions_is_refused_in_words(tmp_path, content):
    (tmp_path / "a.csv").write_bytes(content)
    with pytest.raises(CommandError, match=r"\w"):
        call_command("load_regions", str(tmp_path / "a.csv"), stderr=StringIO())


def test_a_missing_file_is_refused_in_words(tmp_path):
    with pytest.raises(CommandError, match="nowhere"):
        call_command("load_regions", str(tmp_path / "nowhere"))


def test_the_counts_are_printed_in_lines(tree):
    out = StringIO()
    call_command("load_regions", str(tree), stdout=out)
    assert out.getvalue().splitlines()[:5] == ["read: 4", "created: 4", "updated: 0", "unchanged: 0", "rejected: 0"]


def test_cells_are_what_a_person_reads():
    assert [as_text(cell) for cell in (2301.0, 0.5, " a ", None, True)] == ["2301", "0.5", "a", "", "True"]


def test_line_numbers_count_as_a_spreadsheet_counts(tmp_path):
    path = table(tmp_path / "a.csv", "code,name", "", '"2', '3",x')
    assert [number for number, _line in Table(path).lines()] == [1, 3]


@pytest.mark.requirement("H-036")
def test_the_real_lists_of_one_province_load_completely():
    counts = load("load_regions", real("01_admin_divisions"), "--under", "23")
    assert became(counts) == (5001, 0, 0, 0)
    village = Region.objects.get(code="230102001001")
    assert village.full_name == "黑龙江省哈尔滨市道里区兆麟街道省报社社区居委会"
