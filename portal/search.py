"""What the one box of the portal finds: a product by its barcode, a voucher by its code, else goods and enterprises."""

from __future__ import annotations

import re
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from catalog.barcodes import SCIENTIFIC, Barcode, parse, tidy
from catalog.models import Product
from catalog.search import find
from certificates.models import Licence
from enterprises.models import Enterprise
from portal.facts import LicenceFacts, address_of, product_behind
from portal.models import PublishedVoucher

TEXT_MAX, ROWS_MAX, WORDS_MAX = 100, 20, 8
TOKEN = re.compile(r"[A-Za-z0-9_-]{22}")
LIKE_A_BARCODE = re.compile(r"\d{8,14}", re.ASCII)


@dataclass(frozen=True)
class FoundProduct:
    name: str
    details: str
    address: str
    matched: tuple[str, ...]


@dataclass(frozen=True)
class FoundEnterprise:
    name: str
    kinds: str
    region: str
    licences: tuple[LicenceFacts, ...]


@dataclass(frozen=True)
class Found:
    """Either an address to go to at once, or lists to choose from and a sentence about what was typed."""

    address: str = ""
    sentence: str = ""
    products: tuple[FoundProduct, ...] = ()
    enterprises: tuple[FoundEnterprise, ...] = ()


def tidy_text(text: str) -> str:
    """What was typed on one line, at most 100 characters."""
    return " ".join(text.replace("\0", "").split())[:TEXT_MAX]


def look_up(text: str) -> Found:
    """Answer one search of the public."""
    token = text.rsplit("/", 1)[-1]  # people paste the whole address of a voucher
    if voucher_behind(token):
        return Found(address=reverse("portal:voucher", args=[token]))
    sentence = ""
    if LIKE_A_BARCODE.fullmatch(tidy(text)) or SCIENTIFIC.fullmatch(tidy(text)):
        try:
            barcode = parse(text)
        except ValidationError as refusal:
            sentence = " ".join(refusal.messages)
        else:
            if product_behind(barcode):
                return Found(address=reverse("portal:product", args=[address_of(barcode)]))
            sentence = _("Nobody has entered goods with this barcode yet.")
    return Found("", sentence, _products(text), _enterprises(text))


def voucher_behind(token: str) -> PublishedVoucher | None:
    """The published voucher with this code, or None."""
    return PublishedVoucher.objects.filter(token=token).first() if TOKEN.fullmatch(token) else None


def _products(text: str) -> tuple[FoundProduct, ...]:
    return tuple(_as_found(hit.product, hit.matched) for hit in find(text, limit=ROWS_MAX))


def _as_found(product: Product, matched: tuple[str, ...]) -> FoundProduct:
    details = (product.brand, product.pack_size, product.maker_name)
    code = next(iter(product.codes.all()), None)  # the piece comes before the case
    address = reverse("portal:product", args=[address_of(Barcode(code.gtin, code.gtin))]) if code else ""
    return FoundProduct(product.name, " · ".join(filter(None, details)), address, matched)


def _enterprises(text: str) -> tuple[FoundEnterprise, ...]:
    """Enterprises in business: what hangs on their wall, nothing more."""
    if not text:
        return ()
    found = Enterprise.objects.in_registry().active().select_related("region")
    for word in text.split()[:WORDS_MAX]:
        found = found.filter(Q(name__icontains=word) | Q(name_initials__contains=word.lower()))
    shown = list(found.order_by("name_pinyin", "pk")[:ROWS_MAX])
    licences = _licences(shown)
    return tuple(
        FoundEnterprise(row.name, row.get_roles_display(), str(row.region or ""), licences[row.pk]) for row in shown
    )


def _licences(enterprises: list[Enterprise]) -> dict[int, tuple[LicenceFacts, ...]]:
    """The licences of each, its headquarters' included: they cover its places."""
    today = timezone.localdate()
    holders = {row.pk: {row.pk, row.headquarters_id} for row in enterprises}
    rows = (
        Licence.objects.public().filter(holder__in=set().union(*holders.values()) - {None}).order_by("kind", "number")
    )
    facts = [(row.holder_id, LicenceFacts.of(row, today)) for row in rows]
    return {pk: tuple(fact for holder, fact in facts if holder in theirs) for pk, theirs in holders.items()}
