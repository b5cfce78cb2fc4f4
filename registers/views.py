"""The screens of a register. Each knows HTTP; none knows a business word."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.mixins import PermissionRequiredMixin
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import transaction
from django.db.models import Model, ProtectedError, QuerySet
from django.forms import BaseForm
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views import View

from accounts.request import HouseRequest
from registers import exporting, history, importing
from registers.actions import Action
from registers.forms import UploadForm
from registers.refusals import in_words
from registers.register import Register
from registers.spreadsheets import Unreadable


class RegisterView(PermissionRequiredMixin, View):
    """What the screens share: who may come in, which row, which template."""

    register: Register = None  # type: ignore[assignment]  # given by urls_for()
    action: Action
    template: str
    request: HouseRequest
    raise_exception = True

    def has_permission(self) -> bool:
        return self.register.allows(self.action, self.request)

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if self.register is None:
            raise Http404
        return super().dispatch(request, *args, **kwargs)

    def rows(self) -> QuerySet[Any]:
        rows = self.register.rows(self.request.scope)
        return self.register.search(rows, self.request.GET.get("q", "").replace("\0", ""))

    def row(self, rows: QuerySet[Any]) -> Model:
        pk = self.kwargs["pk"]
        if "\0" in str(pk):  # PostgreSQL knows no such text, and says so by an error
            raise Http404
        row: Model = get_object_or_404(rows, pk=pk)
        return row

    def show(self, *, status: int = 200, row: Model | None = None, **context: Any) -> HttpResponse:
        register = self.register
        may = {action.slug: register.allows(action, self.request) for action in Action}
        context |= {"register": register, "row": row, "may": may}
        context |= register.context(self.request, self.action, row)
        names = [f"{register.app}/{register.slug}_{self.template}.html", f"registers/{self.template}.html"]
        return render(self.request, names, context, status=status)

    def done(self, message: str, row: Model | None = None) -> HttpResponse:
        messages.success(self.request, message)
        if row is not None and Action.DETAIL in self.register.actions:
            return redirect(self.register.url(Action.DETAIL, row))
        return redirect(self.register.url(Action.LIST))


class ListView(RegisterView):
    action = Action.LIST
    template = "list"

    def get(self, request: HouseRequest) -> HttpResponse:
        filterset = self.register.filterset(request, self.rows())
        page = self.register.paginator(filterset.qs, request.scope).get_page(request.GET.get("page"))
        page.object_list = list(page.object_list)
        self.register.complete(page.object_list, request.scope)
        return self.show(page=page, columns=self.register.table_columns(), filters=filterset.form)


class ExportView(RegisterView):
    action = Action.EXPORT
    template = "list"

    def get(self, request: HouseRequest) -> HttpResponseBase:
        rows = self.register.filterset(request, self.rows()).qs
        return exporting.download(self.register, rows, request)


class DetailView(RegisterView):
    action = Action.DETAIL
    template = "detail"

    def get(self, request: HouseRequest, pk: Any) -> HttpResponse:
        row = self.row(self.register.rows(request.scope))
        changeable = self.register.changeable(request).filter(pk=row.pk).exists()
        columns = self.register.detail_columns()
        self.register.complete([row], request.scope)
        return self.show(row=row, columns=columns, changeable=changeable, events=history.of(row))


class AddView(RegisterView):
    action = Action.ADD
    template = "form"

    def instance(self) -> Model | None:
        return None

    def get(self, request: HouseRequest, **kwargs: Any) -> HttpResponse:
        instance = self.instance()
        initial = {name: request.GET[name] for name in request.GET if name in self.register.fields}
        return self.show(row=instance, form=self.register.form(request, instance=instance, initial=initial))

    def post(self, request: HouseRequest, **kwargs: Any) -> HttpResponse:
        instance = self.instance()
        form = self.register.form(request, data=request.POST, files=request.FILES, instance=instance)
        if form.is_valid():
            try:
                with transaction.atomic(), in_words():
                    row = form.save()
            except ValidationError as refusal:
                _tell(form, refusal)
            else:
                return self.done(_("%(row)s is saved.") % {"row": row}, row)
        return self.show(row=instance, form=form, status=422)


def _tell(form: BaseForm, refusal: ValidationError) -> None:
    """Put a service's refusal beside the fields it speaks of; what is no field of the form goes on top."""
    told = refusal.message_dict if hasattr(refusal, "error_dict") else {NON_FIELD_ERRORS: refusal.messages}
    for name, sentences in told.items():
        form.add_error(name if name in form.fields else None, sentences)


class EditView(AddView):
    action = Action.EDIT

    def instance(self) -> Model:
        return self.row(self.register.changeable(self.request))


class DeleteView(RegisterView):
    action = Action.DELETE
    template = "delete"

    def get(self, request: HouseRequest, pk: Any) -> HttpResponse:
        return self.show(row=self.row(self.register.changeable(request)))

    def post(self, request: HouseRequest, pk: Any) -> HttpResponse:
        row = self.row(self.register.changeable(request))
        name = str(row)
        try:
            with transaction.atomic():
                row.delete()
        except ProtectedError:
            messages.error(request, _("%(row)s is used elsewhere and stays. End it instead.") % {"row": name})
            return redirect(self.register.url(Action.LIST))
        return self.done(_("%(row)s is deleted.") % {"row": name})


class ImportView(RegisterView):
    """Upload, look, import: the same code checks the rows for the preview and for the import itself."""

    action = Action.IMPORT
    template = "import"

    def get(self, request: HouseRequest) -> HttpResponse:
        fields = importing.fields(self.register, request)
        if "template" in request.GET:
            return exporting.as_xlsx(self.register.slug, [str(field.label) for field in fields.values()], [])
        return self.show(form=UploadForm(), fields=fields)

    def post(self, request: HouseRequest) -> HttpResponseBase:
        step = {"import": self.save, "rejected": self.rejected}.get(request.POST.get("step", ""), self.look)
        try:
            with transaction.atomic():
                return step(request)
        except Unreadable as refusal:
            form = UploadForm()
            fields = importing.fields(self.register, request)
            return self.show(status=422, form=form, fields=fields, refusal=refusal.sentence)

    def look(self, request: HouseRequest) -> HttpResponse:
        upload = importing.receive(self.register, request)
        trial = importing.run(self.register, request, upload, for_real=False)
        columns = importing.mapping(self.register, request, upload)
        known = any(position is not None for _name, _label, position in columns)
        refusal = "" if known else _("None of the headings is known here. Say which column is which.")
        return self.show(upload=upload, trial=trial, columns=columns, refusal=refusal)

    def save(self, request: HouseRequest) -> HttpResponse:
        upload = importing.take(self.register, request)
        result = importing.run(self.register, request, upload, for_real=True)
        upload.delete()
        message = _("%(created)s added, %(updated)s changed, %(rejected)s rows left out.")
        return self.done(message % result.totals)

    def rejected(self, request: HouseRequest) -> HttpResponseBase:
        upload = importing.take(self.register, request)
        trial = importing.run(self.register, request, upload, for_real=False)
        return exporting.download_table(f"{self.register.slug}-rejected", trial.rejected_table(upload))


VIEWS: dict[Action, type[RegisterView]] = {
    view.action: view for view in (ListView, AddView, ImportView, ExportView, DetailView, EditView, DeleteView)
}
