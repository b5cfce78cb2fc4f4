"""The case of the peanuts: what officers of two cities weigh, write down and freeze after the failed test."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from accounts.models import User
from catalog.models import Lot
from config.story.rows import rows
from enterprises.models import Enterprise
from investigations import services


def open_the_case(cast: Mapping[str, Enterprise]) -> None:
    """One case of the Harbin bureau, shared with Liuzhou: the failed lot and two places where people fell ill."""
    harbin, liuzhou = (User.objects.get(username=name) for name in ("harbin", "liuzhou"))
    failed = next(row for row in rows("lots") if row["lot"] == "LSF-3")
    lot = Lot.objects.filter(code__startswith=failed["prefix"], code__endswith=failed["suffix"], producer=cast["L1"])
    case = services.open_case(
        title="示例花生黄曲霉毒素", reason="抽检不合格：花生包黄曲霉毒素B1 38.6 µg/kg，限量 20 µg/kg",
        lot=lot.order_by("produced_on").first(), actor=harbin,
    )  # fmt: skip
    services.change_subject(case.subjects.get(), weight=Decimal(3), mixes=False, ends=False, actor=harbin)
    for key, weight in (("H3", 2), ("H2-01", 1)):
        services.add_subject(case, cast[key], weight=Decimal(weight), actor=harbin)
    services.share(case, liuzhou, actor=harbin)
    services.add_note(case, text="已通知鱼峰区、柳江区核查生产环节。", actor=harbin)
    services.add_note(case, text="柳江配料厂三批花生包均用同一批花生。", actor=liuzhou)
    services.take_snapshot(case, actor=harbin)
