"""What one enterprise handled in a time, and where all of that came from and went."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property

from django.db.models import Q

from catalog.models import Lot
from enterprises.models import Enterprise
from ledgers.chain.wanted import Chain
from ledgers.models import LedgerEntry, RunInput, RunOutput
from ledgers.models.papers import ProductionRun
from ledgers.tracing import downstream_of_holdings, upstream_of_holdings


@dataclass(frozen=True)
class Period:
    """From `since` to `until`, both included; where a lot went later is part of its chain."""

    enterprise: Enterprise
    since: date
    until: date

    @cached_property
    def lots(self) -> list[int]:
        """Every lot it bought, sold, made or used in the time, newest first."""
        days = (self.since, self.until)
        entries = LedgerEntry.objects.in_force().filter(
            Q(seller=self.enterprise) | Q(buyer=self.enterprise), traded_on__range=days
        )
        runs = ProductionRun.objects.in_force().filter(enterprise=self.enterprise, produced_on__range=days)
        ways = (
            Q(pk__in=entries.values("lot")) | Q(pk__in=RunInput.objects.filter(run__in=runs).values("lot"))
            | Q(pk__in=RunOutput.objects.filter(run__in=runs).values("lot"))
        )  # fmt: skip
        return list(Lot.objects.filter(ways).order_by("-produced_on", "-pk").values_list("pk", flat=True))

    @cached_property
    def chain(self) -> Chain:
        """Both directions of the enterprise's part of these lots."""
        holdings = [(lot, self.enterprise.pk) for lot in self.lots]
        return Chain(downstream_of_holdings(holdings), upstream_of_holdings(holdings), is_part=True)
