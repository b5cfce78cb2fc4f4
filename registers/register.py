"""A register: one table of the business, declared once, shown on seven screens."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db.models import Model, Q, QuerySet
from django.forms import ModelForm, modelform_factory
from django.urls import reverse
from django_filters import FilterSet
from django_filters.filters import CharFilter

from accounts.request import HouseRequest
from accounts.scope import Scope
from registers.actions import Action
from registers.columns import Column
from registers.forms import HouseForm, dress, visible


class Register:
    """Declare `model` and `columns`; the rest has a default. Everything a screen asks is a method to override."""

    model: ClassVar[type[Model]]
    columns: ClassVar[Sequence[Column | str]]
    details: ClassVar[Sequence[Column | str]] = ()
    fields: ClassVar[Sequence[str]] = ()
    form_class: ClassVar[type[HouseForm] | None] = None
    search_fields: ClassVar[Sequence[str]] = ()
    search_help: ClassVar[Any] = ""
    list_help: ClassVar[Any] = ""
    filters: ClassVar[Mapping[str, Any] | Sequence[str]] = ()
    filterset_class: ClassVar[type[FilterSet]] = FilterSet
    import_key: ClassVar[Sequence[str]] = ()
    empty_help: ClassVar[Any] = ""
    page_size: ClassVar[int] = 50
    actions: ClassVar[Iterable[Action]] = tuple(Action)
    name: ClassVar[str] = ""

    # What it is called.

    @property
    def slug(self) -> str:
        return self.name or self.model._meta.model_name or ""

    @property
    def app(self) -> str:
        return self.model._meta.app_label

    @property
    def title(self) -> Any:
        return self.model._meta.verbose_name

    @property
    def title_plural(self) -> Any:
        return self.model._meta.verbose_name_plural

    def url_name(self, action: Action) -> str:
        return f"{self.slug}-{action.slug}"

    def url(self, action: Action, row: Model | None = None) -> str:
        kwargs = {"pk": row.pk} if row is not None else {}
        return reverse(f"{self.app}:{self.url_name(action)}", kwargs=kwargs)

    def leads_to(self, row: Model) -> str:
        """Where a press on a row leads that has no page of its own here, such as the paper it speaks of."""
        return ""

    def permission(self, action: Action) -> str:
        return f"{self.app}.{action.permission}_{self.model._meta.model_name}"

    def allows(self, action: Action, request: HouseRequest) -> bool:
        """Whether this person may do this at all. Narrow it by object permissions."""
        return action in self.actions and request.user.has_perm(self.permission(action))

    # What it holds.

    def rows(self, scope: Scope) -> QuerySet[Any]:
        """Every row this person may see. The only door to the table."""
        related = {column.related for column in self.table_columns() if column.related}
        return visible(self.model._default_manager.all(), scope).select_related(*sorted(related))

    def changeable(self, request: HouseRequest) -> QuerySet[Any]:
        """Those of them this person may edit or delete. Narrow it: drafts only, own rows only."""
        return self.rows(request.scope)

    def search(self, rows: QuerySet[Any], words: str) -> QuerySet[Any]:
        for word in words.split()[:8]:
            matches = Q()
            for field in self.search_fields:
                matches |= Q(**{f"{field}__icontains": word})
            rows = rows.filter(matches)
        return rows

    def filterset(self, request: HouseRequest, rows: QuerySet[Any]) -> FilterSet:
        """What was chosen and understood narrows the list; what makes no sense is ignored."""
        meta = type("Meta", (), {"model": self.model, "fields": self.filters, "filter_overrides": ARRAYS})
        filterset_class: Any = type("Filters", (self.filterset_class,), {"Meta": meta})
        filterset = filterset_class(request.GET, queryset=rows, request=request)
        dress(filterset.form, request.scope)
        return filterset

    def paginator(self, rows: QuerySet[Any], scope: Scope) -> Paginator[Any]:
        """How the list is cut into pages."""
        return Paginator(rows, self.page_size)

    def complete(self, rows: list[Any], scope: Scope) -> None:
        """Add to the rows of a page, or of a piece of an export, what is better asked once for all of them."""

    # How it is shown and typed in.

    def table_columns(self) -> list[Column]:
        return self._columns(self.columns)

    def detail_columns(self) -> list[Column]:
        return self._columns(self.details or self.columns)

    def _columns(self, declared: Sequence[Column | str]) -> list[Column]:
        return [column if isinstance(column, Column) else Column.of(self.model, column) for column in declared]

    def form(self, request: HouseRequest, **kwargs: Any) -> ModelForm[Any]:
        """A form that offers only what this person may point at; it is the validator of the import, too."""
        form_class: Any = self.form_class or modelform_factory(self.model, form=HouseForm, fields=self.fields)
        form: ModelForm[Any] = form_class(request=request, **kwargs)
        return form

    def existing(self, request: HouseRequest, typed: Mapping[str, Any]) -> Model | None:
        """The row that an imported line means, by `import_key`."""
        key = {name: str(typed.get(name) or "").strip() for name in self.import_key}
        if not key or not any(key.values()):
            return None
        try:
            row: Model | None = self.changeable(request).filter(**key).first()
        except ValidationError:  # no date where the key is one: the form says so beside the field
            return None
        return row

    def context(self, request: HouseRequest, action: Action, row: Model | None) -> dict[str, Any]:
        """More for the screen of this register. Override it beside a template of its own."""
        return {}


ARRAYS = {ArrayField: {"filter_class": CharFilter, "extra": lambda field: {"lookup_expr": "icontains"}}}
