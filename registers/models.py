"""Files on their way in: an import is looked at before it is done, so the file waits here."""

from __future__ import annotations

import uuid
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class UploadQuerySet(models.QuerySet[Any]):
    def of(self, user: Any) -> Self:
        return self.filter(author=user)


class Upload(models.Model):
    """One uploaded table, as rows of text, until its import is done or a day has passed."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    register = models.CharField(max_length=80)
    name = models.CharField(max_length=200)
    rows = models.JSONField(default=list)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = UploadQuerySet.as_manager()

    class Meta:
        verbose_name = _("Upload")
        verbose_name_plural = _("Uploads")
        ordering = ["-created_at"]
        default_permissions = ()

    def __str__(self) -> str:
        return self.name
