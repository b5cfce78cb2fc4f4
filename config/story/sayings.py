"""What is said of shared goods in the story: enterprises agree or do not, and wrong data is reported and answered."""

from __future__ import annotations

from collections.abc import Mapping

from accounts.models import User
from catalog.models import Product
from catalog.reporting import Told, accept_reports, reject_reports, report_product
from catalog.services import ListingFacts, contribute, list_product
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


def load_reports(goods: Mapping[str, Goods], *, actor: User) -> int:
    """Report what the table says, by the public where it names nobody, and answer what it answers; returns how many."""
    table = rows("reports")
    for row in table:
        author = User.objects.filter(username=row["reporter"]).first()
        product = goods[row["product"]].product
        report = report_product(product, Told(field=row["field"], says=row["says"]), actor=author)
        if row["answered"] == "accepted":
            accept_reports(report, value=row["says"], answer=row["answer"], actor=actor)
        elif row["answered"]:
            reject_reports(report, answer=row["answer"], actor=actor)
    return len(table)


def enter_twice(goods: Goods, *, barcode: str, enterprise: Enterprise, actor: User) -> Product:
    """A package with a new barcode that a wholesaler enters as new goods: for the data steward to merge."""
    known = Product.objects.get(pk=goods.product.pk)
    facts = {field: getattr(known, field) for field in ("name", "brand", "pack_size", "unit", "kind", "category")}
    facts["maker_name"] = known.maker.name if known.maker else known.maker_name
    return list_product(
        ListingFacts(barcode=barcode, self_code="", product=facts), enterprise=enterprise, actor=actor
    ).product
