"""What the clients of the drill were told that it is done, and whether the books know it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from uuid import UUID

from django.db.models import Count

from ledgers.models import ClaimSettlement, Invoice, LotHold, ProductionRun, Receipt, ReceiptClaim
from ledgers.verifying import differences
from portal.models import PublishedVoucher


@dataclass
class Memory:
    """Everything one client was told: by paper its token and lines, by reversed paper its reversal, and so on."""

    papers: dict[int, tuple[UUID, int]] = field(default_factory=dict)
    runs: dict[int, UUID] = field(default_factory=dict)
    reversed_papers: dict[int, int] = field(default_factory=dict)
    reversed_runs: dict[int, int] = field(default_factory=dict)
    answered: set[int] = field(default_factory=set)
    claimed: set[int] = field(default_factory=set)
    settled: set[int] = field(default_factory=set)
    released: set[int] = field(default_factory=set)
    asked_again: int = 0
    lost: int = 0
    faults: list[str] = field(default_factory=list)

    def add(self, other: Memory) -> None:
        """Remember what another remembers, too."""
        for name in (
            "papers",
            "runs",
            "reversed_papers",
            "reversed_runs",
            "answered",
            "claimed",
            "settled",
            "released",
        ):
            getattr(self, name).update(getattr(other, name))
        self.asked_again, self.lost = self.asked_again + other.asked_again, self.lost + other.lost
        self.faults += other.faults

    @property
    def figures(self) -> dict[str, int]:
        """How much of each was acknowledged."""
        names = ("papers", "runs", "reversed_papers", "reversed_runs", "answered", "claimed", "settled", "released")
        return {
            **{name: len(getattr(self, name)) for name in names},
            "asked_again": self.asked_again,
            "lost": self.lost,
        }


def faults_of(memory: Memory) -> list[str]:
    """Everything that was acknowledged and is not so, is there twice, or half; and what the books differ in."""
    return [
        *memory.faults,
        *(f"The books differ: {difference}" for difference in differences()),
        *_lost_papers(memory),
        *_lost_reversals(memory),
        *_lost_runs(memory),
        *_lost_answers(memory),
        *_lost_vouchers(),
    ]


def _lost_papers(memory: Memory) -> Iterator[str]:
    kept = {
        paper.pk: (paper.token, paper.entries_count)
        for paper in Invoice.objects.confirmed().filter(reverses=None).annotate(entries_count=Count("entries"))
    }
    for pk, told in memory.papers.items():
        if kept.get(pk) != told:
            yield f"Paper {pk} was acknowledged with {told}, the books say {kept.get(pk)}."
    tokens = [token for token, _lines in memory.papers.values()]
    if len(tokens) != len(set(tokens)) or Invoice.objects.filter(token__in=tokens).count() != len(tokens):
        yield "A form has confirmed more than one paper."


def _lost_reversals(memory: Memory) -> Iterator[str]:
    for model, told in ((Invoice, memory.reversed_papers), (ProductionRun, memory.reversed_runs)):
        kept = dict(model._default_manager.exclude(number=None).values_list("pk", "reverses"))
        for original, reversal in told.items():
            if kept.get(reversal) != original:
                yield f"{model.__name__} {original} was reversed by {reversal}, the books say {kept.get(reversal)}."


def _lost_runs(memory: Memory) -> Iterator[str]:
    kept = dict(ProductionRun.objects.confirmed().values_list("pk", "token"))
    held = set(LotHold.objects.filter(cause="release", released_at=None).values_list("lot", flat=True))
    for pk, token in memory.runs.items():
        if kept.get(pk) != token:
            yield f"Run {pk} was acknowledged with {token}, the books say {kept.get(pk)}."
    for run in ProductionRun.objects.filter(pk__in=memory.released):
        if held & set(run.outputs.values_list("lot", flat=True)):
            yield f"What run {run} made was released and is on hold."


def _lost_answers(memory: Memory) -> Iterator[str]:
    pending = Receipt.objects.waiting().filter(pk__in=memory.answered)
    claimed = set(ReceiptClaim.objects.values_list("receipt", flat=True))
    settled = set(ClaimSettlement.objects.values_list("claim__receipt", flat=True))
    for pk in (*pending.values_list("pk", flat=True), *(memory.claimed - claimed), *(memory.settled - settled)):
        yield f"The answer to delivery {pk} was acknowledged and is not there."


def _lost_vouchers() -> Iterator[str]:
    published, confirmed = PublishedVoucher.objects.count(), Invoice.objects.confirmed().count()
    if published != confirmed:
        yield f"{confirmed} papers are confirmed, {published} vouchers published."
