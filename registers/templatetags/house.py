"""What every template of the house needs: a styled field, a changed query, the plain text of a cell."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

import segno
from django import template
from django.db.models import Model
from django.forms import BoundField, CheckboxInput, FileInput, Select
from django.template.context import RequestContext
from django.utils import formats, timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from registers.actions import Action
from registers.columns import Column
from registers.register import Register

register = template.Library()
QUIET = 4  # modules of white around a QR code, as its standard asks
SQUARE_CODE = (
    '<svg class="square-code" role="img" aria-label="{words}" viewBox="{quiet} {quiet} {side} {side}"'
    ' shape-rendering="crispEdges"><path d="{dark}"/></svg>'
)


@register.simple_tag
def styled(field: BoundField) -> SafeString:
    """The field's widget in the house's look, tied to its help and its error."""
    widget = field.field.widget
    looks = "form-select" if isinstance(widget, Select) else "form-control"
    if isinstance(widget, CheckboxInput):
        looks = "form-check-input"
    attributes: dict[str, Any] = {"class": f"{looks} is-invalid" if field.errors else looks}
    if field.errors:
        described = f"{field.auto_id}_error" + (f" {field.auto_id}_helptext" if field.help_text else "")
        attributes |= {"aria-invalid": "true", "aria-describedby": described}
    if isinstance(widget, FileInput):
        attributes["class"] = "form-control"
    return field.as_widget(attrs=attributes)


@register.simple_tag(takes_context=True)
def change_query(context: RequestContext, **changes: Any) -> str:
    """The address's query with some values changed; None takes one out."""
    query = context["request"].GET.copy()
    for name, value in changes.items():
        if value is None:
            query.pop(name, None)
        else:
            query[name] = value
    return str(query.urlencode())


@register.simple_tag
def cell(row: Model, column: Column) -> Any:
    """One cell as a person reads it; a state keeps its colour beside its words."""
    value = column.read(row)
    address = column.leads_to(row) if column.leads_to else ""
    if address:
        return format_html('<a href="{}">{}</a>', address, _plain_cell(row, column, value))
    return _plain_cell(row, column, value)


def _plain_cell(row: Model, column: Column, value: Any) -> Any:
    if column.tone is not None and value not in (None, ""):
        return format_html('<span class="state state-{}">{}</span>', column.tone(row), value)
    if value is None or value == "":
        return "–"
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if isinstance(value, datetime):
        return formats.date_format(timezone.localtime(value), "DATETIME_FORMAT")
    return quantity(value) if isinstance(value, Decimal) else formats.localize(value)


@register.filter
def quantity(value: Any) -> str:
    """A quantity without useless zeros, with its thousands apart: 12,000 or 0.5."""
    if value in (None, ""):
        return "–"
    return f"{Decimal(value).normalize():,f}"


@register.simple_tag
def row_url(the_register: Register, row: Model, may: dict[str, bool]) -> str:
    """Where a press on this row leads: to its own page, to that of what it speaks of, or nowhere."""
    return the_register.url(Action.DETAIL, row) if may.get("detail") else the_register.leads_to(row)


@register.simple_tag
def square_code(text: str, words: str) -> SafeString:
    """A QR code of `text`, as large as its place; `words` say what it is to those who cannot see it."""
    modules = segno.make(text, error="m", micro=False).matrix
    dark = (f"M{x} {y}h1v1h-1z" for y, row in enumerate(modules) for x, is_dark in enumerate(row) if is_dark)
    return format_html(SQUARE_CODE, words=words, quiet=-QUIET, side=len(modules) + 2 * QUIET, dark="".join(dark))


@register.simple_tag
def action_url(the_register: Register, slug: str, row: Model | None = None) -> str:
    return the_register.url(next(action for action in Action if action.slug == slug), row)
