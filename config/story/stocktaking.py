"""What is said of stock at the end of the story: a count, what has expired, and what was there before joining."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from itertools import groupby

from django.db.models import QuerySet

from accounts.models import User
from config.story.goods import Goods
from config.story.rows import days_from, rows
from config.story.script import lot_code
from enterprises.models import Enterprise
from ledgers.models import StockBalance, StockPaper
from ledgers.own_lots import names_of
from ledgers.stock_papers import confirm_stock_paper, save_stock_paper

LOTS_MAX = 12
COUNTED = "-8"  # day 13 of the recall


def take_stock(cast: Mapping[str, Enterprise], goods: Mapping[str, Goods], today: date, *, actor: User) -> int:
    """Write and confirm the stock papers of the tables, all of today; returns how many."""
    told = {row["product"] for row in rows("lots")}  # whose quantities the story of the peanuts counts on
    scripted = [goods[key].product.pk for key in told]
    for row in rows("openings"):
        _write(cast[row["enterprise"]], "opening", {"rows": [_opened(row, goods, today)]}, today, actor)
    for row in rows("stock_papers"):
        balances = StockBalance.objects.filter(enterprise=cast[row["enterprise"]], quantity__gt=0)
        typed = {**row, "rows": _rows(row, balances.exclude(lot__product__in=scripted), today)}
        _write(cast[row["enterprise"]], row["kind"], typed, today, actor)
    recalled = _count_for_the_recall(cast, today, actor)
    return len(rows("openings")) + len(rows("stock_papers")) + recalled


def _count_for_the_recall(cast: Mapping[str, Enterprise], today: date, actor: User) -> int:
    """Everybody who had bags of the recalled lots says how many are left; returns how many did."""
    told = {row["lot"]: row for row in rows("lots")}
    counts = [(key, [*some]) for key, some in groupby(rows("recall_counts"), key=lambda row: row["enterprise"])]
    for key, counted in counts:
        left = {lot_code(told[row["lot"]], today): row for row in counted}
        balances = StockBalance.objects.filter(enterprise=cast[key], lot__code__in=left).select_related("lot__product")
        typed = {
            "note": next(iter(left.values()))["note"],
            "rows": [
                {"lot": names_of(balance.lot)[2], "quantity": left[balance.lot.code]["left"]}
                for balance in balances.order_by("lot_id")
            ],
        }
        _write(cast[key], "count", typed, days_from(today, COUNTED), actor)
    return len(counts)


def _opened(row: Mapping[str, str], goods: Mapping[str, Goods], today: date) -> dict[str, str]:
    made = days_from(today, row["made"]).isoformat()
    return {
        "code": goods[row["product"]].product.code, "made": made, "quantity": row["quantity"],
        "supplier": row["supplier"],
    }  # fmt: skip


def _rows(row: Mapping[str, str], balances: QuerySet[StockBalance], today: date) -> list[dict[str, str]]:
    """Some of the lots: of what is counted a part is left, of what leaves nothing."""
    fits = {"lot__expires_on__lt": today} if row["lots"] == "expired" else {"lot__expires_on__gte": today}
    chosen = balances.filter(**fits).select_related("lot__product").order_by("lot__expires_on", "lot_id")[:LOTS_MAX]
    part = int(row["left"] or 1)
    return [{"lot": names_of(balance.lot)[2], "quantity": str(balance.quantity // part)} for balance in chosen]


def _write(enterprise: Enterprise, kind: str, typed: Mapping[str, object], today: date, actor: User) -> None:
    paper = StockPaper(enterprise=enterprise, kind=kind)
    typed = {**typed, "happened_on": today.isoformat()}
    paper, reading = save_stock_paper(paper, typed, version=0, actor=actor)
    assert reading.is_complete, (kind, enterprise, reading.head_errors, reading.row_errors)
    confirm_stock_paper(paper, actor=actor)
