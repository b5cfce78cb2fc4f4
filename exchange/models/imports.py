"""Files of papers on their way into the books: what was uploaded, how its columns are read, what came of it."""

from __future__ import annotations

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.scope import Scope
from enterprises.models import Enterprise
from ledgers.models import Invoice


class Kind(models.TextChoices):
    PURCHASE = "purchase", _("Purchases")
    SALE = "sale", _("Sales")


class OwnBusinessQuerySet(models.QuerySet[Any]):
    def visible_to(self, scope: Scope) -> Self:
        """How an enterprise brings its papers in is its own business; officers read the papers."""
        return self.filter(scope.as_q("enterprise", officers=False))


class ImportRun(models.Model):
    """One uploaded file: found or chosen columns, what the check found, what was written.

    `columns` says for each field the position of its column from 0, `constants` what holds for the whole file,
    `sample` the first documents as they were understood.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("Being checked")
        CHECKED = "checked", _("Checked")
        WRITING = "writing", _("Being imported")
        DONE = "done", _("Imported")
        REFUSED = "refused", _("Cannot be read")

    enterprise = models.ForeignKey(Enterprise, models.PROTECT, related_name="imports", verbose_name=_("Enterprise"))
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("By"))
    language = models.CharField(max_length=10)
    kind = models.CharField(_("Kind"), max_length=10, choices=Kind)
    file_name = models.CharField(_("File"), max_length=200)
    sha256 = models.CharField(_("SHA-256"), max_length=64)
    state = models.CharField(_("State"), max_length=10, choices=State, default=State.WAITING)
    refusal = models.TextField(blank=True)
    heading_row = models.PositiveIntegerField(_("Row of the headings"), null=True)
    headings = models.JSONField(default=list)
    columns = models.JSONField(default=dict)
    constants = models.JSONField(default=dict)
    sample = models.JSONField(default=list)
    progress = models.PositiveIntegerField(default=0)
    rows = models.PositiveIntegerField(_("Rows"), default=0)
    good = models.PositiveIntegerField(_("Good documents"), default=0)
    known = models.PositiveIntegerField(_("Already there"), default=0)
    bad = models.PositiveIntegerField(_("Documents with problems"), default=0)
    written = models.PositiveIntegerField(_("Drafts written"), default=0)
    created_at = models.DateTimeField(_("Uploaded"), auto_now_add=True)
    touched_at = models.DateTimeField(auto_now=True)
    finished_at = models.DateTimeField(_("Finished"), null=True)

    objects = OwnBusinessQuerySet.as_manager()

    class Meta:
        verbose_name = _("Import")
        verbose_name_plural = _("Imports")
        ordering = ["-created_at", "-pk"]
        default_permissions = ("view", "add")

    def __str__(self) -> str:
        return self.file_name

    @property
    def is_purchase(self) -> bool:
        return self.kind == Kind.PURCHASE

    @property
    def is_under_way(self) -> bool:
        return self.state in (self.State.WAITING, self.State.WRITING)


class ImportFile(models.Model):
    """The file of a run as it came, and what was read in it, packed: a foreign file is opened once."""

    run = models.OneToOneField(ImportRun, models.CASCADE, primary_key=True, related_name="file")
    content = models.BinaryField()
    told = models.BinaryField(null=True)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.run)


class ImportProblem(models.Model):
    """One thing that is wrong with one cell: where, what stands there, what to do, and what would be right."""

    run = models.ForeignKey(ImportRun, models.CASCADE, related_name="problems")
    row = models.PositiveIntegerField(_("Row"))
    column = models.CharField(_("Column"), max_length=3, blank=True)
    field = models.CharField(max_length=20)
    value = models.CharField(_("In the file"), max_length=60, blank=True)
    sentence = models.TextField(_("What to do"))
    proposal = models.CharField(_("Proposed"), max_length=60, blank=True)

    class Meta:
        ordering = ["row", "pk"]
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.column}{self.row}: {self.sentence}"


class ImportMapping(models.Model):
    """What an enterprise said of the columns of files with these headings; the next such file is read the same way."""

    enterprise = models.ForeignKey(Enterprise, models.CASCADE, related_name="+")
    kind = models.CharField(max_length=10, choices=Kind)
    shape = models.CharField(max_length=64)
    columns = models.JSONField(default=dict)

    objects = OwnBusinessQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint("enterprise", "kind", "shape", name="file_shape_is_remembered_once")]

    def __str__(self) -> str:
        return self.shape


class ImportedDocument(models.Model):
    """A document that came in by a file: the same number of the same partner never comes in twice.

    It goes with its draft: a draft that was thrown away may be imported again.
    """

    run = models.ForeignKey(ImportRun, models.PROTECT, related_name="documents")
    enterprise = models.ForeignKey(Enterprise, models.PROTECT, db_index=False, related_name="+")
    kind = models.CharField(max_length=10, choices=Kind)
    partner = models.ForeignKey(Enterprise, models.PROTECT, related_name="+")
    number_key = models.TextField()  # a written sign may stand for many
    content_hash = models.CharField(max_length=64)
    invoice = models.OneToOneField(Invoice, models.CASCADE, related_name="imported_document")

    objects = OwnBusinessQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                "enterprise", "kind", "partner", "number_key", name="document_is_imported_once",
                violation_error_message=_("This document was imported already."),
            ),
            models.CheckConstraint(
                name="imported_document_has_a_number",
                condition=~models.Q(number_key=""),
                violation_error_message=_("Type the document number: by it a paper is known when it comes again."),
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.number_key
