"""What each firm has on its lists: its partners and its goods, read from the steps."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from catalog.models import Listing
from config.story.goods import Goods
from config.story.steps import Paper, Step
from enterprises.models import Enterprise, Partnership


def load_lists(steps: Iterable[Step], cast: Mapping[str, Enterprise], goods: Mapping[str, Goods]) -> None:
    """Enter the partners and goods of everybody on the platform; places use those of their headquarters."""
    steps = list(steps)
    Partnership.objects.bulk_create(_partnerships([step for step in steps if isinstance(step, Paper)], cast))
    Listing.objects.bulk_create(_listings(steps, cast, goods))


def _partnerships(papers: Iterable[Paper], cast: Mapping[str, Enterprise]) -> Iterator[Partnership]:
    pairs = dict.fromkeys((cast[paper.seller].firm, cast[paper.buyer].firm) for paper in papers)
    for seller, buyer in pairs:
        if seller == buyer:
            continue
        for owner, partner, role in ((buyer, seller, "SUPPLIER"), (seller, buyer, "CUSTOMER")):
            if owner.is_active:
                yield Partnership(
                    owner=owner,
                    partner=partner,
                    role=Partnership.Role[role],
                    contact_name=partner.contact_name,
                    telephone=partner.telephone,
                )


def _listings(steps: Iterable[Step], cast: Mapping[str, Enterprise], goods: Mapping[str, Goods]) -> Iterator[Listing]:
    for firm, products in _handled(steps, cast).items():
        if firm.is_active:
            for number, product in enumerate(products, start=1):
                yield Listing(
                    enterprise=firm,
                    product=goods[product].product,
                    item_number=f"{number:04d}",
                    price=goods[product].price,
                )


def _handled(steps: Iterable[Step], cast: Mapping[str, Enterprise]) -> dict[Enterprise, dict[str, None]]:
    """The products that each firm made, bought or sold, in the order it met them."""
    handled: dict[Enterprise, dict[str, None]] = {}
    for step in steps:
        parties = (step.seller, step.buyer) if isinstance(step, Paper) else (step.plant,)
        lines = step.lines if isinstance(step, Paper) else step.outputs
        for party in parties:
            handled.setdefault(cast[party].firm, {}).update((line.batch.product, None) for line in lines)
    return handled
