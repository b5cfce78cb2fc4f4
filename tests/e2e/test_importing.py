"""A clerk brings in what another program wrote: sees what is wrong, imports the good, takes the rest back."""

from __future__ import annotations

from ledgers.models import Invoice
from tests.e2e.conftest import barcode, expect

ROWS = """销售单导出
单据编号,客户,日期,条码,批号,数量
E-1,{buyer},2026/1/5,{code},PN-1,3
E-2,{buyer},2026/1/5,{code},PN-1,三
"""


def test_a_gbk_file_with_one_bad_row_comes_in_but_for_that(visit, cast):
    page = visit("/exchange/importrun/", cast.clerk)
    page.get_by_role("link", name="Import sales").click()
    content = ROWS.format(buyer=cast.buyer.name, code=barcode(1)).encode("gbk")
    page.get_by_label("File").set_input_files({"name": "sales.csv", "mimeType": "text/csv", "buffer": content})
    page.get_by_role("button", name="Upload and check").click()
    problem = page.get_by_role("region", name="Problems").locator("tbody tr")
    expect(problem).to_contain_text("Type a number, such as 12 or 0.5.")
    assert problem.locator("td").all_inner_texts()[:3] == ["4", "F", "三"]
    page.get_by_role("button", name="Import the 1 good document").click()
    expect(page.get_by_role("region", name="Drafts of this import")).to_contain_text("E-1")
    with page.expect_download() as download:
        page.get_by_role("link", name="Download what stays out").click()
    kept = download.value.path().read_text(encoding="utf-8-sig").splitlines()
    assert kept[1].startswith("E-2,")
    assert "F: Type a number" in kept[1]
    assert [*Invoice.objects.filter(paper_number__startswith="E-").values_list("paper_number", flat=True)] == ["E-1"]
    page.get_by_role("region", name="Drafts of this import").get_by_role("link").click()
    expect(page.get_by_role("button", name="Confirm for ever")).to_be_visible()
