"""With whom certificates are shared: an upper app that knows who has held which goods says so here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet

from accounts.scope import Scope
from enterprises.models import Partnership

Held = Callable[[Scope], QuerySet[Any, Any]]

goods_held: list[Held] = []
traded_with: list[Held] = []


def shared_with_holders(rule: Held) -> Held:
    """Register `rule`: the ids of the products that the enterprises of a scope have held. For `AppConfig.ready()`.

    Their papers are open to this scope: one uploads, all use.
    """
    goods_held.append(rule)
    return rule


def shared_with_traders(rule: Held) -> Held:
    """Register `rule`: the ids of the enterprises with which those of a scope have traded. For `AppConfig.ready()`."""
    traded_with.append(rule)
    return rule


def partners_of(scope: Scope) -> QuerySet[Any, Any]:
    """The enterprises whose licences concern this scope: with whom its own trade, and the partners of its regions.

    A headquarters' licences serve its places.
    """
    lists = Partnership.objects.current().filter(scope.as_q("owner", shared=True)).order_by()
    headquarters = lists.exclude(partner__headquarters=None).values("partner__headquarters")
    return lists.values("partner").union(headquarters, *(rule(scope) for rule in traded_with))
