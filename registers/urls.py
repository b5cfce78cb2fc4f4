"""The addresses of registers."""

from collections.abc import Iterable

from django.urls import URLPattern, path

from registers.register import Register
from registers.views import VIEWS


def urls_for(registers: Iterable[Register]) -> list[URLPattern]:
    """One address per register and action: `<register>/`, `<register>/add/`, `<register>/<pk>/edit/`, ..."""
    return [
        path(
            f"{register.slug}/{action.path.format(pk=_converter(register))}",
            VIEWS[action].as_view(register=register),
            name=register.url_name(action),
        )
        for register in registers
        for action in register.actions
    ]


def _converter(register: Register) -> str:
    return "int" if register.model._meta.pk.get_internal_type() == "BigAutoField" else "str"
