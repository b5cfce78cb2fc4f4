"""What people type of certificates."""

from __future__ import annotations

from datetime import date
from typing import Any, cast

from django import forms
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from attachments.forms import FilesForm
from catalog.lookup import by_barcode, own_goods, produce_called
from catalog.models import Product
from certificates.asking import ask
from certificates.health import keep
from certificates.models import (
    Certificate,
    CertificateKind,
    CertificateRequest,
    ConformityDocument,
    EvidenceRule,
    HealthCertificate,
    Licence,
)
from certificates.services import correct, submit
from enterprises.forms import CodeField
from enterprises.identifiers import normalise, validate_resident_number
from enterprises.models import Enterprise, Partnership
from enterprises.request import EnterpriseRequest, who
from laws.parameters import last_day
from registers.forms import HouseForm


def goods_called(words: str, enterprise: Enterprise | None) -> Product:
    """The goods that somebody means by a code or a name; ValidationError where there are none."""
    own = own_goods(words, enterprise=enterprise) if enterprise else None
    found = own[0].product if own else by_barcode(words) or produce_called(words)
    if found is None:
        raise ValidationError(_("No goods with this code or name. Type the barcode, or enter the goods first."))
    return found


class CertificateForm(FilesForm, HouseForm):
    """What licences and papers about goods share: whose they are, their pages, and who may give them."""

    subject = CertificateKind.Subject.ENTERPRISE
    needs_pages = False
    holder = CodeField(
        label=gettext_lazy("Holder's licence number"), max_length=30,
        help_text=gettext_lazy("The unified social credit code of the holder: yours, or that of a partner."),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.file_owner = self.request.user
        kinds = cast("forms.ModelChoiceField[CertificateKind]", self.fields["kind"])
        kinds.queryset = CertificateKind.objects.about(self.subject).order_by("is_legacy", "position")
        if self.instance.replaces_id:  # a version is of the same kind and holder
            del self.fields["kind"], self.fields["holder"]
        elif self.instance.pk:
            self.initial["holder"] = self.instance.holder.licence_number
        elif self.enterprise:
            self.initial["holder"] = self.enterprise.firm.licence_number

    @property
    def enterprise(self) -> Enterprise | None:
        """Whom one acts for; None for an authority."""
        return cast("EnterpriseRequest", self.request).enterprise

    def clean_holder(self) -> Enterprise:
        """Somebody one looks after, or a partner whose paper one has in the hand."""
        mine = Q(pk__in=Enterprise.objects.visible_to(self.request.scope).values("pk"))
        if self.enterprise:
            listed = Partnership.objects.current().filter(owner=self.enterprise.firm)
            mine |= Q(pk__in=listed.values("partner"))
        known = Enterprise.objects.by_number(self.cleaned_data["holder"]).filter(mine)
        found = known.order_by("place", "pk").first()
        if found is None:
            raise ValidationError(_("No enterprise you look after has this number, and no partner of yours."))
        return found

    def clean(self) -> dict[str, Any] | None:
        typed = super().clean()
        has_pages = self.files_given or (self.instance.pk and self.instance.pages.exists())
        if self.needs_pages and not has_pages and "pages" not in self.errors:
            self.add_error("pages", _("Add a photo or a PDF of the paper."))
        return typed

    def _post_clean(self) -> None:
        """The row is whole before its rules are asked, constraints included."""
        if self.errors:
            return
        super()._post_clean()  # type: ignore[misc]

    def save(self, commit: bool = True) -> Certificate:
        step = correct if self.instance.pk else submit
        by = who(cast("EnterpriseRequest", self.request))
        try:
            return step(self.instance, pages=self.files_given, **by)
        except PermissionDenied:
            raise ValidationError({"holder": _("You may not give papers of this holder.")}) from None


class LicenceForm(CertificateForm):
    class Meta:
        model = Licence
        fields = [
            "kind", "holder", "number", "holder_name", "issuer", "issued_on", "valid_from", "valid_until", "pages",
        ]  # fmt: skip
        help_texts = {"valid_until": gettext_lazy("Empty where the paper says “long term”.")}


class ConformityDocumentForm(CertificateForm):
    """A paper about goods; what it says is good from its date of issue."""

    subject = CertificateKind.Subject.GOODS
    needs_pages = True
    goods = forms.CharField(
        label=gettext_lazy("Goods"), max_length=120, widget=forms.TextInput({"list": "goods"}),
        help_text=gettext_lazy("Barcode, self-made code, item number or exact name."),
    )  # fmt: skip
    issued_on = forms.DateField(label=gettext_lazy("Issued on"))

    class Meta:
        model = ConformityDocument
        fields = ["kind", "lot_code", "number", "holder", "issuer", "issued_on", "valid_until", "conforms", "pages"]
        help_texts = {
            "lot_code": gettext_lazy("As printed; empty where the paper is for all lots of these goods."),
            "valid_until": gettext_lazy("Only where the paper itself names a last day."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.order_fields(["kind", "goods", *self.Meta.fields])
        if "holder" in self.fields:
            self.fields["holder"].label = gettext_lazy("Licence number of the maker or supplier")
        if self.instance.pk or self.instance.replaces_id:
            del self.fields["goods"]

    def clean_goods(self) -> Product:
        return goods_called(self.cleaned_data["goods"], self.enterprise)

    def _post_clean(self) -> None:
        if not self.errors:
            self.instance.valid_from = self.cleaned_data["issued_on"]
            if "goods" in self.fields:
                self.instance.product = self.cleaned_data["goods"]
        super()._post_clean()


class RequestForm(HouseForm):
    """What is asked of a supplier: its licence, or a paper of goods."""

    asked = CodeField(label=gettext_lazy("Supplier's licence number"), max_length=30)
    goods = forms.CharField(
        label=gettext_lazy("Goods"), max_length=120, required=False, widget=forms.TextInput({"list": "goods"}),
        help_text=gettext_lazy("Barcode, item number or name; empty to ask for the food licence."),
    )  # fmt: skip

    class Meta:
        model = CertificateRequest
        fields = ["asked", "goods", "lot_code", "words"]

    def clean_asked(self) -> Enterprise:
        known = Enterprise.objects.by_number(self.cleaned_data["asked"]).order_by("place", "pk").first()
        if known is None:
            raise ValidationError(_("No enterprise has this number. Enter it among your suppliers first."))
        return known

    def clean_goods(self) -> Product | None:
        words = self.cleaned_data["goods"]
        return goods_called(words, cast("EnterpriseRequest", self.request).enterprise) if words.strip() else None

    def _post_clean(self) -> None:
        """The service makes the row and checks it."""

    def save(self, commit: bool = True) -> CertificateRequest:
        by, typed = who(cast("EnterpriseRequest", self.request)), self.cleaned_data
        if by["enterprise"] is None:
            raise PermissionDenied
        return ask(
            typed["asked"], product=typed["goods"], lot_code=typed["lot_code"], words=typed["words"],
            enterprise=by["enterprise"], actor=by["actor"],
        )  # fmt: skip


class HealthCertificateForm(FilesForm, HouseForm):
    identity = forms.CharField(
        label=gettext_lazy("Identity number"), max_length=18, widget=forms.TextInput({"autocomplete": "off"}),
        help_text=gettext_lazy("Kept sealed: only the last four signs are shown, and who reads it all says why."),
    )  # fmt: skip
    valid_until = forms.DateField(
        label=gettext_lazy("Valid until"), required=False, help_text=gettext_lazy("Empty: a year after it was issued.")
    )

    class Meta:
        model = HealthCertificate
        fields = ["person", "identity", "job", "number", "issued_on", "valid_until", "left_on", "pages"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.file_owner = self.request.user
        if self.instance.pk:
            self.fields["identity"].required = False
            self.fields["identity"].help_text = _("Empty: it stays %(masked)s.") % {"masked": self.instance.identity}
        else:
            del self.fields["left_on"]

    def clean_identity(self) -> str:
        number = normalise(self.cleaned_data["identity"])
        if number:
            validate_resident_number(number)
        return number

    def clean_issued_on(self) -> date:
        issued: date = self.cleaned_data["issued_on"]
        if issued > timezone.localdate():
            raise ValidationError(_("The paper cannot be issued on a day to come."))
        return issued

    def clean(self) -> dict[str, Any] | None:
        typed = super().clean()
        issued, until = self.cleaned_data.get("issued_on"), self.cleaned_data.get("valid_until")
        if issued and not until and "valid_until" not in self.errors:
            self.cleaned_data["valid_until"] = last_day("health.validity", issued)
        elif issued and until and until > last_day("health.validity", issued):
            self.add_error("valid_until", _("A health certificate is good for a year at most."))
        return typed

    def _post_clean(self) -> None:
        if not self.instance.pk:
            self.instance.enterprise = cast("EnterpriseRequest", self.request).enterprise
        super()._post_clean()  # type: ignore[misc]

    def save(self, commit: bool = True) -> HealthCertificate:
        typed = self.cleaned_data
        return keep(self.instance, identity=typed["identity"], pages=self.files_given, actor=self.file_owner)


class ReasonForm(forms.Form):
    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=200)


class EvidenceRuleForm(HouseForm):
    kinds = forms.ModelMultipleChoiceField(
        label=gettext_lazy("One of these papers"), queryset=CertificateKind.objects.about("goods"), required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("None: from that day on the rule asks for nothing."),
    )  # fmt: skip

    class Meta:
        model = EvidenceRule
        fields = [
            "key", "name_zh", "name_en", "category", "goods", "origins", "kinds", "per", "months", "level", "source",
            "valid_from",
        ]  # fmt: skip

    def clean_kinds(self) -> list[str]:
        return [kind.pk for kind in self.cleaned_data["kinds"]]
