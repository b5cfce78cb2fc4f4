"""What enterprises say of shared goods in the story: some agree, some do not, and a maker has the last word."""

from __future__ import annotations

from collections.abc import Mapping

from accounts.models import User
from catalog.services import contribute
from config.story.goods import Goods
from config.story.rows import rows
from enterprises.models import Enterprise


def load_sayings(cast: Mapping[str, Enterprise], goods: Mapping[str, Goods], *, actor: User) -> int:
    """Contribute what the table says, in its order; returns how many words that were."""
    table = rows("sayings")
    for row in table:
        contribute(
            goods[row["product"]].product, {row["field"]: row["value"]},
            enterprise=cast[row["enterprise"]].firm, actor=actor,
        )  # fmt: skip
    return len(table)
