"""The shared catalogue as JSON: one product by its barcode, and all of them in the order of their changes."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated, Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.http import http_date
from django.utils.translation import gettext as _
from ninja import Field, Path, Query, Router, Schema
from pydantic import WithJsonSchema

from accounts.problems import Problem
from catalog.barcodes import parse
from catalog.changes import Wanted, last_change, page, settled_until
from catalog.facts import facts_for_clients, shared_products

LIMIT, LIMIT_MAX, TEXT_MAX, CURSOR_MAX = 100, 500, 100, 120
MOMENT = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+\- ]\d\d:\d\d)", re.ASCII)
router = Router(tags=["products"])


class Named(Schema):
    code: str = Field(description="The key of this platform")
    name_zh: str
    name_en: str


class Code(Schema):
    gtin: str = Field(description="GTIN, always 14 digits", pattern=r"^[0-9]{14}$")
    printed: str = Field(description="The same as printed under the bars: 8, 12, 13 or 14 digits")
    pieces: str = Field(description="How many base units the code stands for, as a decimal: 1, or those in a case")


class Amount(Schema):
    nutrient: str = Field(description="energy, protein, fat, saturated, trans, carbohydrate, sugars, fibre or sodium")
    amount: str = Field(description="A decimal")
    unit: str = Field(description="kJ, g or mg")


class Panel(Schema):
    per: str = Field(description="What the amounts are in: 100g, 100ml or serving")
    amounts: list[Amount]


class ProductOut(Schema):
    name: str
    codes: list[Code] = Field(description="All barcodes that stand for these goods, the smallest package first")
    kind: str = Field(description="prepacked, raw (main edible material), additive or bulk")
    brand: str
    specification: str
    unit: Named = Field(description="The base unit")
    category: Named | None = Field(description="The class of the food production licence")
    shelf_life_days: int | None
    origin: str
    maker: str
    maker_licence: str = Field(description="The maker's production licence as printed on the package")
    maker_address: str = Field(description="Of a maker on the platform, else empty; so is maker_telephone")
    maker_telephone: str
    storage: str = Field(description="How the package says that it is stored")
    ingredients: str = Field(description="As printed on the package")
    nutrition: Panel | None = Field(description="The nutrition panel of the package")
    updated_at: str = Field(
        description="When any of these facts changed last", json_schema_extra={"format": "date-time"}
    )


class ProductsOut(Schema):
    products: list[ProductOut] = Field(description="The oldest change first")
    next_cursor: str | None = Field(
        description="Give it as `cursor` for the page behind this one; keep it to ask later what changed since"
    )
    has_more: bool = Field(description="Whether there is a page behind this one now")


Gtin = Annotated[
    str,
    Path(
        min_length=1, max_length=200,
        description="A barcode in any written form: 8, 12, 13 or 14 digits, with or without leading zeros",
        examples=["6901234567892"],
    ),
]  # fmt: skip
Text = Annotated[
    str, Query(max_length=TEXT_MAX, description="Words of the name, pinyin initials, brand, maker; or a barcode")
]
Category = Annotated[
    str, Query(max_length=12, pattern=r"^[0-9A-Za-z_.\-]*$", description="The code of a food category")
]
Since = Annotated[
    str,
    WithJsonSchema({"type": "string", "format": "date-time"}),
    Query(description="Only what changed at this moment or later, such as 2026-01-05T08:00:00+08:00"),
]
Cursor = Annotated[str, Query(max_length=CURSOR_MAX, description="`next_cursor` of the page before, unchanged")]
Limit = Annotated[int, Query(ge=1, le=LIMIT_MAX, description="Products on a page")]


@router.get("/{gtin}", response=ProductOut, url_name="product", summary="One product by its barcode")
def product(request: HttpRequest, gtin: Gtin) -> HttpResponse:
    """All written forms of a barcode lead to the same product; a case's barcode leads to the goods in it."""
    _refuse_others(request, ())
    try:
        barcode = parse(gtin)
    except ValidationError as refusal:
        raise _no_barcode(refusal) from refusal
    found = next(iter(shared_products().filter(codes__gtin=barcode.gtin).order_by()), None)  # one at most
    if found is None:
        detail = _("Nobody has entered goods with the barcode %(gtin)s yet.") % {"gtin": barcode.shown}
        raise Problem(404, _("Not found"), detail)
    return _answer(request, facts_for_clients(found), changed_at=found.updated_at, cache="private, max-age=60")


@router.get("", response=ProductsOut, url_name="products", summary="Products in the order of their changes")
def products(
    request: HttpRequest, q: Text = "", category: Category = "", updated_since: Since | None = None,
    cursor: Cursor = "", limit: Limit = LIMIT,
) -> HttpResponse:  # fmt: skip
    """Begin without a cursor, go on with `next_cursor` while `has_more`. What changes meanwhile comes at the end.

    A change appears once everything that was being written when it was made is written, mostly at once.
    """
    _refuse_others(request, ("q", "category", "updated_since", "cursor", "limit"))
    until = settled_until()
    wanted = Wanted(" ".join(q.replace("\0", " ").split()), category, _moment(updated_since))
    try:
        found = page(wanted, cursor=cursor, limit=limit, until=until)
    except ValidationError as refusal:
        raise _senseless({name: {"detail": texts[0]} for name, texts in refusal.message_dict.items()}) from refusal
    body = {
        "products": [facts_for_clients(row) for row in found.products],
        "next_cursor": found.cursor or None,
        "has_more": found.has_more,
    }
    return _answer(request, body, changed_at=last_change(until), cache="private, no-cache")


def _refuse_others(request: HttpRequest, known: Sequence[str]) -> None:
    """A parameter with a mistyped name would be no parameter, and the answer a wrong one."""
    if others := sorted(set(request.GET) - set(known)):
        said = _("There is no such parameter here. There are: %(names)s.") % {"names": ", ".join(known) or "–"}
        raise _senseless({name: {"detail": said} for name in others})


def _answer(request: HttpRequest, body: dict[str, Any], *, changed_at: datetime | None, cache: str) -> HttpResponse:
    """The facts, or 304 where the asker has them. Within the second of a change no Last-Modified is told: HTTP counts
    in whole seconds, and a second change in it would go unseen.
    """
    content = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
    response = HttpResponse(content, content_type="application/json")
    etag, modified = f'"{hashlib.sha256(content).hexdigest()[:32]}"', None
    if changed_at and timezone.now() - changed_at > timedelta(seconds=1):
        modified = int(changed_at.timestamp())
        response["Last-Modified"] = http_date(modified)
    response["ETag"], response["Cache-Control"] = etag, cache
    told: HttpResponse = get_conditional_response(request, etag, modified, response)  # type: ignore[assignment]
    told["Cache-Control"] = cache
    return told


def _moment(text: str | None) -> datetime | None:
    """A moment of RFC 3339. A plus sign that got lost in the address, as a blank, is put back."""
    if text is None:
        return None
    try:
        if not MOMENT.fullmatch(text):
            raise ValueError(text)
        day, clock = text[:10], text[11:].upper().replace(" ", "+")
        return datetime.fromisoformat(f"{day}T{clock}")
    except ValueError as fault:
        told = _("Write a moment with its time zone, such as 2026-01-05T08:00:00+08:00.")
        raise _senseless({"updated_since": {"detail": told}}) from fault


def _no_barcode(refusal: ValidationError) -> Problem:
    """What is wrong with the digits, and the right ones where only the last is wrong."""
    error = refusal.error_list[0]
    right = (error.params or {}).get("right", "")
    return _senseless({"gtin": {"detail": error.messages[0]} | ({"proposal": right} if right else {})})


def _senseless(errors: dict[str, dict[str, str]]) -> Problem:
    detail = " ".join(error["detail"] for error in errors.values())
    told = [{"parameter": name} | error for name, error in errors.items()]
    return Problem(422, _("This makes no sense"), detail, errors=told)
