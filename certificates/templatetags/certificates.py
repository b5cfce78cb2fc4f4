"""What pages of lower apps show of certificates: the reports of goods."""

from __future__ import annotations

from typing import Any

from django import template
from django.template.context import RequestContext

from catalog.models import Product
from certificates.models import ConformityDocument

register = template.Library()
SHOWN = 5


@register.inclusion_tag("certificates/of_product.html", takes_context=True)
def papers_of_product(context: RequestContext, product: Product) -> dict[str, Any]:
    """The latest papers about these goods that the reader may see, test reports first."""
    request = context["request"]
    rows = ConformityDocument.objects.visible_to(request.scope).standing().filter(product=product)
    latest = rows.select_related("kind", "holder").order_by("-kind__is_report", "-valid_from", "-pk")[:SHOWN]
    may_add = request.user.has_perm("certificates.add_conformitydocument")
    return {"papers": latest, "product": product, "may_add": may_add}
