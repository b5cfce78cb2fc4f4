"""Who else may open an attachment: an upper app that refers to files says here which ones it opens for whom."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet

from accounts.scope import Scope

Rule = Callable[[Scope], QuerySet[Any, Any]]

rules: list[Rule] = []


def opened_by(rule: Rule) -> Rule:
    """Register `rule`: the ids of the attachments that whoever has this scope may open through the caller's rows.

    It answers with one column, such as `Photo.objects.visible_to(scope).values_list("attachment_id")`, and belongs in
    `AppConfig.ready()`. Rules only ever add up; without one nobody but the uploader sees a file.
    """
    rules.append(rule)
    return rule
