"""Finding products by what people type: a barcode in any form, pieces of names, pinyin, brand, maker, licence."""

from __future__ import annotations

import time
import unicodedata
from collections.abc import Callable, Mapping, Sequence, Set
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
from catalog.scans import SCAN_MAX, Kind, gs1_scan, looks_like_gs1

WORDS_MAX, TEXT_MAX = 8, 100
FREQUENT = 800  # products with a gram, from which on walking by rank is faster than the index
WALKED = 12_000  # products at most
REMEMBERED = 600  # seconds
GRAM = 2
RAREST = 2  # grams of which the index is asked
ALL = ""  # in place of a gram: how many products there are
Run = Callable[[str, dict[str, Any]], list[tuple[bool, int]]]
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
    found = best(words, limit, frequent=_frequent_now(), run=_rows)
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
    wanted = Value(_rarest(words, _frequent_now()), output_field=ArrayField(TextField()))
    found = products.alias(grams=grams(F("search__text"))).filter(grams__contains=wanted)
    return found.order_by("-search__popularity", "search__length", "pk")


def coded(text: str) -> Product | None:
    """The product whose barcode `text` is in any written form, GS1 element strings and Digital Links included."""
    text = text[:SCAN_MAX].replace("\0", "").strip()
    if not text:
        return None
    if not looks_like_gs1(text):
        return by_barcode(text)
    scan = gs1_scan(text)  # a code that is broken is a text like another: the search box refuses nothing
    return by_barcode(scan.gtin) if scan and scan.kind in (Kind.ELEMENTS, Kind.LINK) else None


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


def best(words: Sequence[str], limit: int, *, frequent: Mapping[str, int], run: Run) -> list[int]:
    """The keys of the best, by the statement that `run` executes; `frequent` grams are walked to."""
    asked = {
        "name": " ".join(words), "like": [f"%{_escaped(word)}%" for word in words],
        "grams": _rarest(words, frequent), "limit": limit,
        "walked": _worth_walking(set().union(*map(grams_of, words)), limit, frequent),
    }  # fmt: skip
    return list(dict.fromkeys(pk for _is_named, pk in run(sql.FIND, asked)))[:limit]


def _rarest(words: Sequence[str], frequent: Mapping[str, int]) -> list[str]:
    """The grams that leave the fewest products to look at: each more costs the index more than it spares."""
    return sorted(set().union(*map(grams_of, words)), key=lambda gram: (frequent.get(gram, 0), gram))[:RAREST]


def _worth_walking(wanted: Set[str], limit: int, frequent: Mapping[str, int]) -> int:
    """How many products to walk: twice as far as one gram should need; a short way for several, which may not meet."""
    least = min(frequent.get(gram, 0) for gram in wanted)
    if not least:
        return 0
    return min(WALKED, 2 * limit * frequent[ALL] // least) if len(wanted) == 1 else WALKED // 6


def _rows(statement: str, asked: dict[str, Any]) -> list[tuple[bool, int]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, asked)
        rows: list[tuple[bool, int]] = cursor.fetchall()
        return rows


def _frequent_now() -> Mapping[str, int]:
    return _frequent(connection.alias, int(time.monotonic() / REMEMBERED))


@lru_cache(maxsize=2)
def _frequent(alias: str, while_: int) -> Mapping[str, int]:
    """The grams that are frequent, remembered for a while; without them everything is found, only slower."""
    return dict(FrequentGram.objects.using(alias).values_list("gram", "products"))


def _escaped(word: str) -> str:
    return word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).lower()
