"""What products are searched by: a line of text for each, in the order of its rank; and which grams are frequent."""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Func, Value

from accounts.scope import SharedQuerySet
from catalog.models.goods import Product

SEPARATOR = "\x1f"


def grams(text: Any) -> Func:
    """The single signs and pairs of signs of a text, as the database counts them."""
    return Func(text, function="catalog_grams", output_field=ArrayField(models.TextField()))


def first_of(text: Any) -> Func:
    """The name in a line of search text."""
    return Func(text, Value(SEPARATOR), Value(1), function="split_part", output_field=models.TextField())


class ProductSearch(models.Model):
    """A product as it is searched: name, brand, maker, licence, pinyin and initials in small letters (NFKC).

    Rank is (popularity, the shorter name, the key): how many enterprises list the product, counted every night. Goods
    under a self-made code have popularity -1: they come after the shared ones. Kept by triggers of the database.
    """

    product = models.OneToOneField(
        Product, models.DO_NOTHING, primary_key=True, db_constraint=False, related_name="search"
    )
    popularity = models.IntegerField()
    length = models.SmallIntegerField()
    text = models.TextField()

    objects = SharedQuerySet.as_manager()

    class Meta:
        verbose_name = "product as it is searched"
        verbose_name_plural = "products as they are searched"
        default_permissions = ()
        indexes = [
            models.Index(
                F("popularity").desc(), "length", "product", include=["text"], name="search_by_rank"
            ),
            models.Index(first_of(F("text")), name="search_by_name"),
            GinIndex(grams(F("text")), name="search_by_grams", fastupdate=False),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.text


class FrequentGram(models.Model):
    """A gram that so many products have that walking them by rank finds enough; counted every night.

    The row without a gram says how many products there are.
    """

    gram = models.CharField(max_length=2, primary_key=True)
    products = models.PositiveIntegerField()

    objects = SharedQuerySet.as_manager()

    class Meta:
        verbose_name = "frequent gram"
        verbose_name_plural = "frequent grams"
        default_permissions = ()

    def __str__(self) -> str:
        return self.gram
