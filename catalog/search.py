"""Finding products by what people type: a barcode in any form, pieces of names, pinyin, brand, maker, licence."""

from __future__ import annotations

import time
import unicodedata
from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import connection
from django.db.models import F, QuerySet, TextField, Value
from django.utils.translation import gettext_lazy as _

from catalog import sql
from catalog.lookup import by_barcode
from catalog.models import FrequentGram, Product
from catalog.models.searching import grams
from catalog.scans import SCAN_MAX, Kind, looks_like_gs1, read_scan

WORDS_MAX, TEXT_MAX = 8, 100
FREQUENT = 800  # products with a gram, from which on walking by rank is faster than the index
WALKED = 6_000
REMEMBERED = 600  # seconds
GRAM = 2
Run = Callable[[str, dict[str, Any]], list[tuple[int, int]]]
FIELDS = (
    ("name", _("Name")), ("brand", _("Brand")), ("maker_name", _("Maker")),
    ("maker_licence", _("Maker's production licence")), ("self_code", _("Self-made code")),
    ("name_pinyin", _("Pinyin")), ("name_initials", _("Pinyin initials")),
)  # fmt: skip


@dataclass(frozen=True)
class Hit:
    """A product that was found, and the names of the fields that hold what was typed."""

    product: Product
    matched: tuple[str, ...]


def find(text: str, *, limit: int = 20) -> list[Hit]:
    """Shared products for `text`, best first: the barcode's own product alone; else exactly this name, then by rank.

    Rank: listed by most enterprises, then the shorter name, then the older row. Every word must be somewhere.
    """
    if exact := coded(text):
        return [Hit(exact, (str(_("Barcode")),))] if exact.owner_id is None else []
    words = words_of(text)
    if not words:
        return []
    frequent = _frequent(connection.alias, int(time.monotonic() / REMEMBERED))
    found = best(words, limit, frequent=frequent, run=_rows)
    products = Product.objects.prefetch_related("codes").in_bulk(found)
    return [Hit(products[pk], matched(products[pk], words)) for pk in found if pk in products]


def matching(text: str, products: QuerySet[Product]) -> QuerySet[Product]:
    """Those of `products` that hold every word of `text`, by rank."""
    if exact := coded(text):
        return products.filter(pk=exact.pk)
    words = words_of(text)
    for word in words:
        products = products.filter(search__text__contains=word)
    if not words:
        return products.none() if text.strip() else products
    wanted = Value(sorted(set().union(*map(grams_of, words))), output_field=ArrayField(TextField()))
    found = products.alias(grams=grams(F("search__text"))).filter(grams__contains=wanted)
    return found.order_by("-search__popularity", "search__length", "pk")


def coded(text: str) -> Product | None:
    """The product whose barcode `text` is in any written form, GS1 element strings and Digital Links included."""
    text = text[:SCAN_MAX].replace("\0", "").strip()
    if not text:
        return None
    if not looks_like_gs1(text):
        return by_barcode(text)
    scan = read_scan(text)
    return by_barcode(scan.gtin) if scan.kind in (Kind.ELEMENTS, Kind.LINK) and scan.gtin else None


def words_of(text: str) -> list[str]:
    """The words to look for, as the search text is written: small letters, half width, no control characters."""
    folded = unicodedata.normalize("NFKC", text[:TEXT_MAX]).lower()
    plain = "".join(" " if unicodedata.category(sign)[0] in "CZ" else sign for sign in folded)
    return plain.split()[:WORDS_MAX]


def grams_of(word: str) -> set[str]:
    """The pairs of signs in a word; of a single sign the sign."""
    return {word[place : place + GRAM] for place in range(len(word) - 1)} or {word}


def matched(product: Product, words: Sequence[str]) -> tuple[str, ...]:
    """The names of the fields that hold one of the words, in the reader's language."""
    found = []
    for field, label in FIELDS:
        line = _folded(getattr(product, field).replace(" ", "") if field == "name_pinyin" else getattr(product, field))
        if any(word in line for word in words):
            found.append(str(label))
    return tuple(found)


def refresh_search() -> int:
    """Count popularity and frequent grams anew; returns how many products changed their rank."""
    with connection.cursor() as cursor:
        cursor.execute(sql.REFRESH_SEARCH, [FREQUENT])
        changed: int = cursor.fetchone()[0]
    _frequent.cache_clear()
    return changed


def best(words: Sequence[str], limit: int, *, frequent: Set[str], run: Run) -> list[int]:
    """The keys of the best, by two statements at most that `run` executes; words of `frequent` grams are walked to."""
    wanted = set().union(*map(grams_of, words))
    asked = {
        "name": " ".join(words), "like": [f"%{_escaped(word)}%" for word in words], "grams": sorted(wanted),
        "limit": limit, "walked": WALKED,
    }  # fmt: skip
    if wanted <= frequent:
        rows = run(sql.WALK, asked)
        if rows and rows[0][1] >= limit:
            return [pk for pk, _found in rows]
    return [pk for pk, _found in run(sql.BY_GRAMS, asked)]


def _rows(statement: str, asked: dict[str, Any]) -> list[tuple[int, int]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, asked)
        rows: list[tuple[int, int]] = cursor.fetchall()
        return rows


@lru_cache(maxsize=2)
def _frequent(alias: str, while_: int) -> frozenset[str]:
    """The grams that are frequent, remembered for a while; without them everything is found, only slower."""
    return frozenset(FrequentGram.objects.using(alias).values_list("gram", flat=True))


def _escaped(word: str) -> str:
    return word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).lower()
