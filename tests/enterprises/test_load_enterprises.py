"""Enterprises from the export of a register: taken or reported, none lost."""

from __future__ import annotations

import gzip

import pytest

from enterprises.models import Enterprise
from tests.loads import became, load, real, rejected, table

HEADINGS = "企业名称,统一社会信用代码,注册日期,法人代表,经营范围,注册地址"
GOOD = "91450200198589518Y"


def row(number=GOOD, name="北谷示例粮油", day="1978-08-24", address="示例路１号"):
    return f"{name},{number},{day},钟某,N/A,{address}"


@pytest.fixture
def load_rows(nangang, tmp_path):
    """Load these lines, with the regions of the cast."""

    def loaded(*rows):
        path = table(tmp_path / "register.csv", HEADINGS, *rows)
        return load("load_enterprises", path, "--rejected", tmp_path / "out.csv")

    return loaded


@pytest.fixture
def reasons(tmp_path):
    return lambda: [row["reason"] for row in rejected(tmp_path / "out.csv")]


@pytest.mark.requirement("H-036")
def test_a_new_enterprise_is_a_stub_with_everything_its_row_says(load_rows):
    assert became(load_rows(row())) == (1, 0, 0, 0)
    firm = Enterprise.objects.get(uscc=GOOD)
    assert (firm.status, firm.name_pinyin, firm.registered_on.year) == ("stub", "bei gu shi li liang you", 1978)
    assert (firm.legal_representative, firm.business_scope, firm.address) == ("钟某", "", "示例路１号")


@pytest.mark.parametrize(
    ("number", "region", "given"),
    [
        ("91230103MA19491E4Y", "230103", "230103"),
        ("912301997386254882", "23", "230199"),
        ("91110000600037341L", None, "110000"),
        ("320404000009558", None, "320404"),
    ],
)
def test_the_region_is_the_longest_known_prefix_and_the_original_is_kept(load_rows, number, region, given):
    load_rows(row(number=number))
    firm = Enterprise.objects.get()
    assert (firm.region_id and firm.region_id[: len(region or "")], firm.region_as_given) == (region, given)


def test_loading_again_changes_nothing(load_rows):
    rows = [row(), row("320404000009558"), row("91230000MA193N7X0R")]
    load_rows(*rows)
    assert load_rows(*rows)["unchanged"] == 3


def test_a_stub_takes_over_what_the_register_says_and_keeps_what_it_does_not(load_rows):
    load_rows(row())
    assert became(load_rows(row(name="新名示例粮油", address=""))) == (0, 1, 0, 0)
    firm = Enterprise.objects.get()
    assert (firm.name, firm.name_initials, firm.address) == ("新名示例粮油", "xmslly", "示例路１号")


def test_an_enterprise_with_its_people_keeps_its_words(load_rows, seller):
    load_rows(row(number=seller.uscc, name="别的名字", address="别处"))
    before, seller.legal_representative = seller.address, ""
    seller.refresh_from_db()
    assert (seller.name, seller.address, seller.legal_representative) == ("北谷示例粮油", before, "钟某")
    assert seller.status == "active"


def test_lower_case_and_wide_codes_are_the_same_code(load_rows):
    assert became(load_rows(row("91230000ma193n7x0r"), row("９1230000 MA193N7X0R"))) == (1, 0, 0, 1)
    assert Enterprise.objects.get().uscc == "91230000MA193N7X0R"


def test_a_wrong_check_character_is_a_warning_because_registers_hold_some(load_rows):
    counts = load_rows(row("91510100201920161Y"))
    assert (counts["created"], counts["warned"]) == (1, 1)


def test_an_old_number_goes_where_old_numbers_go(load_rows):
    load_rows(row("320404000009558"))
    firm = Enterprise.objects.get()
    assert (firm.uscc, firm.legacy_number) == ("", "320404000009558")


def test_an_old_number_finds_the_firm_that_has_a_code_by_now(load_rows, seller):
    Enterprise.objects.filter(pk=seller.pk).update(legacy_number="320404000009558")
    assert load_rows(row("320404000009558"))["created"] == 0


@pytest.mark.parametrize(
    "bad",
    [
        row("12345"),
        row("3209231100626"),
        row("320404000009559"),
        row("9111000060003****L"),
        row("9111O000600037341L"),
        row(""),
        row(name=""),
        row(name="长" * 121),
        row(day="昨天"),
        row(address="路" * 201),
        row(name="坏\ufffd字"),
    ],
)
def test_a_row_that_cannot_be_taken_is_reported_with_a_reason(load_rows, reasons, bad):
    assert became(load_rows(bad)) == (0, 0, 0, 1)
    assert len(reasons()) == 1
    assert reasons()[0]


def test_the_second_row_with_a_code_is_reported_and_names_the_first(load_rows, reasons):
    assert became(load_rows(row(), row(name="另一个"))) == (1, 0, 0, 1)
    assert "2" in reasons()[0]
    assert "register.csv" in reasons()[0]


def test_a_number_that_was_merged_away_does_not_come_back(load_rows, reasons, seller, buyer):
    Enterprise.objects.filter(pk=buyer.pk).update(merged_into=seller)
    assert load_rows(row(number=buyer.uscc))["rejected"] == 1
    assert seller.name in reasons()[0]


def test_every_change_leaves_an_event_that_names_the_file(load_rows):
    load_rows(row())
    load_rows(row(name="新名示例粮油"))
    events = Enterprise.pgh_event_model.objects.order_by("pgh_id")
    assert [event.name for event in events] == ["北谷示例粮油", "新名示例粮油"]
    assert events[0].pgh_context.metadata == {"loaded_from": ["register.csv"]}


@pytest.mark.requirement("H-036")
def test_the_real_register_is_loaded_without_losing_a_row(nangang, tmp_path):
    with gzip.open(real("04_enterprises/heilongjiang_1978_2004.csv.gz"), "rt", encoding="utf-8") as file:
        lines = file.read().splitlines()
    path = table(tmp_path / "part.csv", lines[0], *lines[10_501:12_001])  # ten of these rows lost their letters
    assert became(load("load_enterprises", path, "--rejected", tmp_path / "out.csv")) == (1_490, 0, 0, 10)
    assert len(rejected(tmp_path / "out.csv")) == 10
    assert set(Enterprise.objects.filter(region_as_given="230199").values_list("region", flat=True)) == {"2301"}
