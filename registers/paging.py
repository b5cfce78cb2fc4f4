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
        if not self.parts or top > DEPTH_MAX:
            return super().page(number)
        rows: Any = self.object_list
        fields = [name.removeprefix("-") for name in rows.query.order_by or rows.model._meta.ordering]
        heads = [part.select_related(None).values_list(*fields)[:top] for part in self.parts]
        merged = heads[0].union(*heads[1:]).order_by(*(rows.query.order_by or rows.model._meta.ordering))
        keys = [row[fields.index("pk")] for row in merged[bottom:top]]
        return Page(rows.filter(pk__in=keys), number, self)
