"""A clerk of the drills at work: writes, confirms, answers, reverses, produces, and remembers what was acknowledged."""

from __future__ import annotations

import random
import re
import time
from collections.abc import Callable
from threading import Event
from uuid import UUID

from django.utils import timezone

from config.drills.browser import Answer, Asking, Form, Lost
from config.drills.memory import Memory

BREATH = 0.1  # seconds after a lost answer
HIDDEN = re.compile(r'name="(token|version)" value="([^"]+)"')
DETAIL = re.compile(r"^/ledgers/(?:invoice|run)/(\d+)/$")
REVIEW = re.compile(r"^/ledgers/(?:invoice|run)/(\d+)/review/$")
WAITING = re.compile(r'name="receipt" value="(\d+)"')
CLAIMED = re.compile(r"/ledgers/receipt/(\d+)/")


class Clerk:
    """Keeps the books of one trader whose `goods` are (item number, lot), and deals with `partners`, by name."""

    def __init__(self, browser: Asking, partners: list[str], goods: list[tuple[str, str]], name: str) -> None:
        self.browser, self.partners, self.goods, self.name = browser, partners, goods, name
        self.memory, self.made = Memory(), 0

    def work(self, stop: Event) -> None:
        """One deed after the other until somebody says stop; what was begun is brought to its end."""
        deeds = (
            self.sell, self.sell, self.sell, self.sell, self.accept, self.differ, self.reject, self.settle,
            self.reverse, self.produce, self.release, self.unmake,
        )  # fmt: skip
        while not stop.is_set():
            self._try(random.choice(deeds))

    def repeat_the_last(self, count: int) -> None:
        """Send the last confirmations again: the answer must be the same paper."""
        for pk, (token, _lines) in list(self.memory.papers.items())[-count:]:
            answer = self._insist(f"/ledgers/invoice/{pk}/confirm/", {"token": str(token), "version": "0"})
            if answer.location != f"/ledgers/invoice/{pk}/":
                self.memory.faults.append(f"Asked again, the confirmation of {pk} was answered by {answer.location}.")

    def sell(self) -> None:
        lines = random.sample(self.goods, random.randint(1, min(4, len(self.goods))))
        columns = {
            "code": [code for code, _lot in lines], "lot": [lot for _code, lot in lines],
            "quantity": [random.choice(("1", "2.5", "0.125")) for _line in lines],
        }  # fmt: skip
        pk = self._draft(
            "/ledgers/sale/add/", {"partner": random.choice(self.partners), "traded_on": _today(), **columns}
        )
        if pk and (token := self._confirm("invoice", pk)):
            self.memory.papers[pk] = token, len(lines)

    def produce(self) -> None:
        self.made += 1
        (code, lot), _other = random.sample(self.goods, 2)
        form = {
            "produced_on": _today(), "note": "演练", "in_lot": [lot], "in_quantity": ["1"],
            "out_code": [code], "out_lot": [f"{self.name}-{self.made}"], "out_until": [""], "out_quantity": ["1"],
        }  # fmt: skip
        pk = self._draft("/ledgers/run/add/", form)
        if pk and (token := self._confirm("run", pk)):
            self.memory.runs[pk] = token

    def release(self) -> None:
        if pk := _some(set(self.memory.runs) - self.memory.released - set(self.memory.reversed_runs)):
            form = {"certificate": "YL-1", "conclusion": "passed"}
            if self.browser.ask(f"/ledgers/run/{pk}/release/", form).status == 302:
                self.memory.released.add(pk)

    def reverse(self) -> None:
        if pk := _some(set(list(self.memory.papers)[-20:]) - set(self.memory.reversed_papers)):
            self._reverse("invoice", pk, self.memory.reversed_papers)

    def unmake(self) -> None:
        if pk := _some(set(list(self.memory.runs)[-5:]) - set(self.memory.reversed_runs)):
            self._reverse("run", pk, self.memory.reversed_runs)

    def accept(self) -> None:
        waiting = self._waiting()[:5]
        if waiting and self.browser.ask("/ledgers/inbox/accept/", {"receipt": waiting}).status == 302:
            self.memory.answered.update(map(int, waiting))

    def differ(self) -> None:
        self._answer("differences", self._waiting(), self.memory.claimed, {"1-received": "0.1", "1-cause": "short"})

    def reject(self) -> None:
        self._answer("reject", self._waiting(), self.memory.claimed, {"cause": "damaged", "reason": "演练"})

    def settle(self) -> None:
        """Agree to what a customer claims of us; what we claim ourselves we may only withdraw."""
        page = self.browser.ask("/ledgers/inbox/").text
        claims = sorted(set(CLAIMED.findall(page)) - set(WAITING.findall(page)))
        self._answer(random.choice(("agree", "withdraw")), claims, self.memory.settled, {})

    def _answer(self, step: str, receipts: list[str], told: set[int], form: Form) -> None:
        if receipts:
            pk = random.choice(receipts)
            if self.browser.ask(f"/ledgers/receipt/{pk}/answer/", {"step": step, **form}).status == 302:
                told.add(int(pk))

    def _waiting(self) -> list[str]:
        return WAITING.findall(self.browser.ask("/ledgers/inbox/").text)

    def _draft(self, path: str, form: Form) -> int | None:
        answer = self.browser.ask(path, {**form, "step": "review", "version": "0"})
        written = REVIEW.match(answer.location)
        if not written:
            self.memory.faults.append(f"{path} answered {answer.status} {answer.location}")
        return int(written[1]) if written else None

    def _confirm(self, kind: str, pk: int) -> UUID | None:
        """The token of the form where the paper was acknowledged; asked again until it is answered."""
        shown = dict(HIDDEN.findall(self.browser.ask(f"/ledgers/{kind}/{pk}/review/").text))
        answer = self._insist(f"/ledgers/{kind}/{pk}/confirm/", {**shown, "reason": "演练"})
        return UUID(shown["token"]) if DETAIL.match(answer.location) else None

    def _reverse(self, kind: str, pk: int, told: dict[int, int]) -> None:
        answer = self.browser.ask(f"/ledgers/{kind}/{pk}/reverse/", {"reason": "演练"})
        if (reversal := DETAIL.match(answer.location)) and int(reversal[1]) != pk:
            told[pk] = int(reversal[1])

    def _insist(self, path: str, form: Form) -> Answer:
        while True:
            try:
                return self.browser.ask(path, form)
            except Lost:
                self.memory.asked_again += 1
                time.sleep(BREATH)

    def _try(self, deed: Callable[[], None]) -> None:
        try:
            deed()
        except Lost:
            self.memory.lost += 1
            time.sleep(BREATH)


def _some(papers: set[int]) -> int | None:
    return random.choice(sorted(papers)) if papers else None


def _today() -> str:
    return timezone.localdate().isoformat()
