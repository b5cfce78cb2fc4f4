"""What a warning says in the reader's language, and what to do about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.languages import reads_english
from ledgers.models import InvoiceWarning
from ledgers.warning_rules import WITH_REASON, Found

Rule = InvoiceWarning.Rule
SENTENCES: Mapping[str, tuple[Any, Any]] = {
    Rule.CLOSED: (
        gettext_lazy("%(party)s has closed."),
        gettext_lazy("Check that you chose the right partner."),
    ),
    Rule.LATE: (
        gettext_lazy("The trade was %(days)s days ago."),
        gettext_lazy("Enter papers on the day of the delivery; late ones are shown to your station."),
    ),
    Rule.LICENCE_EXPIRED: (
        gettext_lazy("The food licence of %(party)s was not valid on this day; the last one ended on %(until)s."),
        gettext_lazy("Ask for the new licence before you buy again."),
    ),
    Rule.LICENCE_MISSING: (
        gettext_lazy("No food licence of %(party)s is on file here."),
        gettext_lazy("Ask for a copy and keep it: the law makes you check it."),
    ),
    Rule.OWN_LICENCE: (
        gettext_lazy("Your own food licence was not valid on this day; it ended on %(until)s."),
        gettext_lazy("Enter the renewed licence, or stop selling."),
    ),
    Rule.LOT_TWICE: (
        gettext_lazy("Lot %(lot)s stands on an earlier line already."),
        gettext_lazy("Make one line of the two, unless they differ in price."),
    ),
    Rule.OVERSOLD: (
        gettext_lazy("More of lot %(lot)s goes out than your books have: %(left)s %(unit)s before, %(after)s after."),
        gettext_lazy("Enter the purchase or the opening stock first, or choose another lot."),
    ),
    Rule.PAPER_MISSING: (
        gettext_lazy("%(asks)s: no such paper is on file for lot %(lot)s."),
        gettext_lazy("Upload the paper, or ask the maker for it."),
    ),
    Rule.SHELF_LIFE: (
        gettext_lazy("Good for %(days)s days, while these goods usually keep %(known)s days."),
        gettext_lazy("Check both dates against the package."),
    ),
    Rule.SHORT_LIFE: (
        gettext_lazy("Only %(days)s days are left until %(until)s."),
        gettext_lazy("Agree with your customer, or choose a fresher lot."),
    ),
    Rule.SOLD_BEFORE_RECEIVED: (
        gettext_lazy("By your books lot %(lot)s came on %(came)s, after this sale."),
        gettext_lazy("Check the date of the sale."),
    ),
    Rule.TWIN: (
        gettext_lazy("The other side has written the same delivery already: %(paper)s of %(day)s."),
        gettext_lazy("Open it and say yes to it, then throw this draft away, or the goods are counted twice."),
    ),
    Rule.UNUSUAL: (
        gettext_lazy("%(quantity)s %(unit)s is far more than the usual %(usual)s."),
        gettext_lazy("Check the quantity and the unit."),
    ),
}
DATES = ("until", "came", "day")


@dataclass(frozen=True)
class Words:
    """A warning to be read: where, what is the matter, what to do, by which rule, and where a press leads."""

    position: int | None
    sentence: str
    fix: str
    source: str
    needs_reason: bool
    is_refused: bool
    url: str


def in_words(found: Found) -> Words:
    """One warning of a draft for its reader."""
    url = reverse("ledgers:invoice-detail", args=[found.facts["pk"]]) if found.rule == Rule.TWIN else ""
    return Words(
        found.position, sentence_of(found.rule, found.facts), str(SENTENCES[found.rule][1]), found.source,
        found.level >= WITH_REASON, found.level > WITH_REASON, url,
    )  # fmt: skip


def sentence_of(rule: str, facts: Mapping[str, str]) -> str:
    """The sentence of a rule with its figures; dates as the reader writes them."""
    told = {name: _told(name, value) for name, value in facts.items()}
    language = "en" if reads_english() else "zh"
    told |= {name: told.get(f"{name}_{language}", "") for name in ("unit", "asks")}
    return str(SENTENCES[rule][0]) % told


def _told(name: str, value: str) -> str:
    return date_format(date.fromisoformat(value), "DATE_FORMAT") if name in DATES else value


def refusal_of(found: Found) -> str:
    """Why a paper is not confirmed at all: the authority has decided that this rule stops it."""
    words = in_words(found)
    line = _("Line %(n)s: ") % {"n": found.position} if found.position else ""
    return f"{line}{words.sentence} {words.fix}"
