"""Shared products that are likely one trade item under two barcodes."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection

from catalog import sql
from catalog.models import Product

AT_MOST = 50


@dataclass(frozen=True)
class Pair:
    """Two products that look alike; what more enterprises list comes first."""

    product: Product
    other: Product


def likely_duplicates() -> list[Pair]:
    """Products with a barcode whose name, specification, brand and maker are the same but for blanks and letter size,
    at most fifty pairs, those that most enterprises list first."""
    with connection.cursor() as cursor:
        cursor.execute(sql.LIKELY_DUPLICATES, {"most": AT_MOST})
        keys = cursor.fetchall()
    products = Product.objects.prefetch_related("codes").in_bulk({key for pair in keys for key in pair})
    return [Pair(products[first], products[second]) for first, second in keys]
