"""What goods weigh, as far as their unit or the specification on the package says so."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal

from catalog.models import Product, Unit

GRAMS = {
    "mg": Decimal("0.001"), "毫克": Decimal("0.001"), "g": Decimal(1), "克": Decimal(1), "kg": Decimal(1000),
    "千克": Decimal(1000), "公斤": Decimal(1000), "斤": Decimal(500), "t": Decimal(1_000_000), "吨": Decimal(1_000_000),
}  # fmt: skip
NUMBER, TIMES = r"\d{1,9}(?:\.\d{1,6})?", r"\s*[x×*]\s*"
PACKAGE = r"(?![克斤吨千公毫])[\u4e00-\u9fff]"
SPECIFICATION = re.compile(
    rf"(?:(?P<before>\d{{1,6}}){TIMES})?(?P<weight>{NUMBER})\s*(?P<unit>{'|'.join(GRAMS)})"
    rf"(?:{TIMES}(?P<after>\d{{1,6}})\s*(?:{PACKAGE})?)?(?:\s*/\s*{PACKAGE})?",
    re.IGNORECASE,
)


def grams_of(product: Product, unit: Unit) -> Decimal | None:
    """The grams of one `unit` of these goods; None where neither the unit nor the specification is a weight."""
    return unit.grams if unit.grams is not None else grams_on_package(product.pack_size)


def grams_on_package(pack_size: str) -> Decimal | None:
    """The grams that a specification speaks of: `335g`, `0.5 kg`, `500克`, `24×335g`, `335g×24袋`, `25kg/袋`.

    None where it says something else, or more than one thing: a weight is never guessed.
    """
    found = SPECIFICATION.fullmatch(unicodedata.normalize("NFKC", pack_size).strip())
    if found is None or (found["before"] and found["after"]):
        return None
    pieces = int(found["before"] or found["after"] or 1)
    grams = Decimal(found["weight"]) * GRAMS[found["unit"].lower()] * pieces
    return grams or None
