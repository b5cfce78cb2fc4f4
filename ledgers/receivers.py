"""What the books do when something happened below them."""

from __future__ import annotations

from typing import Any

from alerts.raising import look_again
from certificates.models import Certificate
from ledgers.models import StockBalance


def look_for_papers_again(certificate: Certificate, **_named: Any) -> None:
    """A paper came or went: the lots of its goods, all of them or the one it names, may lack it or not."""
    if certificate.product_id is None:
        return
    lots = StockBalance.objects.of_goods([certificate.product_id])
    if certificate.lot_key:
        lots = lots.filter(lot__code_key=certificate.lot_key)
    look_again("COA_MISSING", about=lots.order_by().values_list("lot", flat=True).distinct())
