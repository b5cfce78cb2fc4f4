"""The demo story: fictional firms, two months of their papers, and the way of one lot of peanuts."""

from __future__ import annotations

from datetime import date

from django.conf import settings
from django.db import connections, transaction
from django.utils import timezone

from accounts.models import User
from alerts.raising import run_rules
from alerts.reference import load_alert_rules
from catalog.reference import load_reference
from catalog.search import refresh_search
from certificates.reference import load_certificates
from config.story.afterwards import tell_what_came_after
from config.story.books import write_steps
from config.story.checked import tell_what_was_checked
from config.story.clocks import set_clocks_back
from config.story.evidence import load_evidence
from config.story.goods import load_products
from config.story.letters import load_letters
from config.story.lists import load_lists
from config.story.making import load_making
from config.story.outbreak import open_the_case
from config.story.people import LOADER, PASSWORD, SIGN_INS, load_authorities, load_people, loading
from config.story.pictures import load_pictures
from config.story.regions import load_regions
from config.story.registry import load_enterprises, load_licences
from config.story.sayings import enter_twice, load_reports, load_sayings
from config.story.script import scripted
from config.story.stocktaking import take_stock
from config.story.trade import everyday
from laws.reference import load_laws
from ledgers.services import fold_trade_deltas

__all__ = ["PASSWORD", "SIGN_INS", "StoryRefused", "is_loaded", "load_story", "settle_story"]


class StoryRefused(Exception):
    """Why the story may not be loaded here, in a sentence for the person at the terminal."""


def is_loaded() -> bool:
    """Whether this database holds the story already; one small query."""
    loaded: bool = User.objects.filter(username=LOADER).exists()
    return loaded


def load_story() -> dict[str, int]:
    """Fill an empty database with the story, all of it or nothing; every date is counted back from today.

    Returns how many rows of each kind were written. Raises StoryRefused in production, and where the story is
    loaded already.
    """
    _refuse_where_it_does_not_belong()
    _sweep()
    with transaction.atomic():
        return _load(timezone.localdate())


def settle_story() -> None:
    """After the load is committed: its papers are dated to their trade, and what waits for somebody is told."""
    set_clocks_back()
    refresh_search()
    run_rules()


def _load(today: date) -> dict[str, int]:
    load_laws()
    load_alert_rules()
    load_reference()
    load_certificates()
    regions = load_regions()
    authorities = load_authorities()
    with loading() as actor:
        cast = load_enterprises(today)
        licences = load_licences(cast, today)
        load_people(cast, authorities, actor=actor)
        goods = load_products(cast)
        load_making(cast, goods, today)
        steps = sorted([*scripted(goods, today), *everyday(goods, today)], key=lambda step: step.day)
        load_lists(steps, cast, goods)
        load_sayings(cast, goods, actor=actor)
        load_reports(goods, actor=actor)
        load_pictures(goods, actor=actor)
        twice = enter_twice(goods["P6-07"], barcode="9520016000906", enterprise=cast["H3"], actor=actor)
        papers, runs = write_steps(steps, cast, goods, actor=actor)
        papers += tell_what_came_after(cast, actor=actor)
        stock_papers = take_stock(cast, goods, today, actor=actor)
        evidence = load_evidence(goods, cast, today, actor=actor)
        tell_what_was_checked(today)
        load_letters(cast, today)
        open_the_case(cast)
        fold_trade_deltas()
    return {
        "regions": regions,
        "enterprises": len(cast),
        "licences": licences,
        "products": len({*(known.product.pk for known in goods.values()), twice.pk}),
        "invoices": papers,
        "production runs": runs,
        "stock papers": stock_papers,
        "papers about goods": evidence,
    }


def _refuse_where_it_does_not_belong() -> None:
    if settings.PRODUCTION:
        raise StoryRefused("The demo story is fiction and has known passwords: production does not load it.")
    if is_loaded():
        raise StoryRefused("The demo story is in this database already; it is loaded once.")


def _sweep() -> None:
    """Clear away what a load that was killed has left on the disk.

    Of tables full of dead rows the server believes that they are empty, and plans every statement for that: the next
    load would take minutes. Only the owner of the tables can vacuum them.
    """
    if "owner" in connections.settings:
        with connections["owner"].cursor() as cursor:
            cursor.execute("VACUUM")
        connections["owner"].close()
