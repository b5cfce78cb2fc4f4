"""What a buyer types about the lines of a delivery: how much really came, and what is wrong with the rest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from attachments.forms import PhotoField
from catalog.numbers import NumberField
from ledgers.models import InvoiceLine, Receipt, ReceiptClaim
from ledgers.receiving import Complaint, open_claims
from ledgers.services import quantities_now


class PhotosForm(forms.Form):
    photos = PhotoField()


class ComplaintForm(forms.Form):
    received = NumberField(label=gettext_lazy("Received"), max_digits=14, decimal_places=3, required=False)
    cause = forms.ChoiceField(label=gettext_lazy("What is wrong"), choices=ReceiptClaim.Cause, required=False)
    reason = forms.CharField(label=gettext_lazy("In your words"), max_length=200, required=False)

    def __init__(self, *args: object, left: Decimal, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.left = left

    def clean_received(self) -> Decimal:
        received: Decimal | None = self.cleaned_data["received"]
        if received is None:
            return self.left
        if received > self.left:
            raise ValidationError(_("More than the paper says: accept it, and ask the seller for a paper of the rest."))
        return received


@dataclass(frozen=True)
class Row:
    """A line of a delivery, how much of it stands undisputed, and what is typed about it."""

    line: InvoiceLine
    left: Decimal
    claim: ReceiptClaim | None
    form: ComplaintForm


def complaint_rows(receipt: Receipt, typed: Mapping[str, object] | None = None) -> list[Row]:
    """The lines of a delivery, each with its form."""
    left = quantities_now(receipt.invoice)
    claims = {claim.line_id: claim for claim in open_claims(receipt)}
    lines = receipt.invoice.lines.select_related("entry", "unit", "product__unit")
    return [
        Row(line, left[line.position], claims.get(line.pk), _form(line, left[line.position], typed)) for line in lines
    ]


def _form(line: InvoiceLine, left: Decimal, typed: Mapping[str, object] | None) -> ComplaintForm:
    return ComplaintForm(typed, left=left, prefix=str(line.position), initial={"received": left.normalize()})


def read_complaints(rows: list[Row]) -> list[Complaint]:
    """What is typed, as complaints; raises ValidationError where a number makes no sense, its form says which."""
    if not all([row.form.is_valid() for row in rows]):  # noqa: C419 -- every form shall say what is wrong with it
        raise ValidationError(_("Some quantities do not make sense. See the lines below."))
    found = ((row, row.left - row.form.cleaned_data["received"]) for row in rows if row.claim is None)
    return [
        Complaint(
            row.line.position, missing, row.form.cleaned_data["cause"] or "short", row.form.cleaned_data["reason"]
        )
        for row, missing in found
        if missing > 0
    ]
