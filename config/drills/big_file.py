"""A workbook of a hundred thousand lines with mistakes planted in known cells, and the enterprise that uploads it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from openpyxl import Workbook

from accounts.models import Region, User
from accounts.roles import sync_roles
from catalog.barcodes import check_digit
from catalog.models import Listing, Product, ProductCode
from enterprises.models import Enterprise, Partnership
from enterprises.services import appoint

HEADINGS = (
    "单据编号", "供应商", "日期", "条码", "商品名称", "批号", "生产日期", "保质期至", "数量", "单位", "单价", "备注",
)  # fmt: skip
PLANTED = (
    ("D", "9.52E+12"), ("G", "2026-13-45"), ("H", "2020-01-01"), ("I", "1.123456789012"), ("I", "x"), ("J", "kg"),
    ("K", "-1"),
)  # fmt: skip
FIRST_DAY = date(2026, 1, 5)


@dataclass(frozen=True)
class Size:
    """How many lines the file has, how many of them a document, and after how many a mistake stands."""

    lines: int = 100_000
    per_document: int = 20
    mistake_every: int = 997
    goods: int = 2_000
    partners: int = 40

    @property
    def documents(self) -> int:
        return -(-self.lines // self.per_document)


def furnish(size: Size) -> tuple[Enterprise, User]:
    """A shop with suppliers and goods, and its clerk."""
    sync_roles()
    region, _made = Region.objects.get_or_create(code="23", defaults={"name": "黑龙江省"})
    shop, *suppliers = (
        Enterprise.objects.create(name=f"示例商户{n}", legacy_number=f"{n:015d}", region=region)
        for n in range(1, size.partners + 2)
    )
    for supplier in suppliers:
        Partnership.objects.create(owner=shop, partner=supplier, role="supplier")
    goods = Product.objects.bulk_create(
        Product(name=f"示例商品{n}", unit_id="bag", shelf_life_days=180) for n in range(size.goods)
    )
    ProductCode.objects.bulk_create(
        ProductCode(product=product, gtin=barcode(n).zfill(14)) for n, product in enumerate(goods)
    )
    Listing.objects.bulk_create(Listing(enterprise=shop, product=product) for product in goods)
    clerk = User.objects.create_user("drill", None)
    appoint(clerk, enterprise=shop, keeps_books=True, manages_members=True, actor=clerk)
    return shop, clerk


def write_file(path: Path, size: Size) -> None:
    """The workbook, line by line."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    sheet.append(HEADINGS)
    wrong = dict(mistakes(size))
    for n in range(size.lines):
        line = _line(n, size)
        if n in wrong:
            column, text = wrong[n]
            line["ABCDEFGHIJKL".index(column)] = text
        sheet.append(line)
    book.save(path)


def mistakes(size: Size) -> Iterator[tuple[int, tuple[str, str]]]:
    """By line from 0, the column and the text of each planted mistake."""
    for number, n in enumerate(range(size.mistake_every, size.lines, size.mistake_every)):
        yield n, PLANTED[number % len(PLANTED)]


def barcode(n: int) -> str:
    body = f"952000{n:06d}"
    return body + check_digit(body)


def _line(n: int, size: Size) -> list[Any]:
    document = n // size.per_document
    day = FIRST_DAY + timedelta(days=document % 30)
    made, goods = day - timedelta(days=20 + n % 7), n % size.goods
    return [
        f"PO-{document:06d}", f"示例商户{document % size.partners + 2}", day, float(barcode(goods)), f"示例商品{goods}",
        f"L{n % 9_000:05d}", made, made + timedelta(days=180), float(n % 400 + 1), "袋",
        float(Decimal(n % 9_000 + 100) / 100), "",
    ]  # fmt: skip
