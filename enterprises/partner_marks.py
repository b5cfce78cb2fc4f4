"""What upper apps know of partners and the list of partners shows, such as whether their licences are in order."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from accounts.scope import Scope
from enterprises.models import Partnership

Rule = Callable[[Sequence[Partnership], Scope], None]

rules: list[Rule] = []


def marks_partners(rule: Rule) -> Rule:
    """Register `rule`: it gives each partnership of a page `papers`, its state in words, with `papers_tone` and
    `papers_url`. For `AppConfig.ready()`."""
    rules.append(rule)
    return rule
