"""Pages of a list whose rows stand in order in several indexes, such as those of the two sides of a paper."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet

DEPTH_MAX = 5_000


class MergedPaginator(Paginator):  # type: ignore[type-arg]  # Django's own takes no parameter when it runs
    """`parts` together are the rows, each in their order from an index: the page is made of the first rows of each.

    An OR over two columns has no index that holds it in order, so the whole of it would be sorted for its first page.
    """

    def __init__(self, rows: QuerySet[Any], page_size: int, *, parts: Sequence[QuerySet[Any]]) -> None:
        super().__init__(rows, page_size)
        self.parts = parts

    def page(self, number: int | str) -> Page[Any]:
        number = self.validate_number(number)
        bottom, top = (number - 1) * self.per_page, min(number * self.per_page, self.count)
        if not 0 < top <= DEPTH_MAX or len([part for part in self.parts if not part.query.is_empty()]) < 2:
            return super().page(number)
        rows: Any = self.object_list
        order = rows.query.order_by or rows.model._meta.ordering
        fields = [name.removeprefix("-") for name in order]
        heads = [part.select_related(None).values_list(*fields)[:top] for part in self.parts]
        merged = heads[0].union(*heads[1:]).order_by(*order)[bottom:top]
        return Page(rows.filter(pk__in=[row[fields.index("pk")] for row in merged]), number, self)
