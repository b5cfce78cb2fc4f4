"""The things a person can do with a register."""

from __future__ import annotations

from enum import Enum


class Action(Enum):
    LIST = ("list", "", "view")
    ADD = ("add", "add/", "add")
    IMPORT = ("import", "import/", "add")
    EXPORT = ("export", "export/", "view")
    DETAIL = ("detail", "<{pk}:pk>/", "view")
    EDIT = ("edit", "<{pk}:pk>/edit/", "change")
    DELETE = ("delete", "<{pk}:pk>/delete/", "delete")

    def __init__(self, slug: str, path: str, permission: str) -> None:
        self.slug = slug
        self.path = path
        self.permission = permission

    @property
    def needs_row(self) -> bool:
        return "pk" in self.path

    @property
    def writes(self) -> bool:
        return self.permission != "view"


READ_ONLY = (Action.LIST, Action.EXPORT, Action.DETAIL)
