"""What people type when they write to each other, and when they say how they want to be told."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar, cast

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.models import Region
from alerts.contacts import keep_contact
from alerts.messaging import send, write
from alerts.models import ContactPoint, Conversation, Message
from alerts.models.messages import WORDS_MAX
from alerts.recipients import Choice, narrowings, regions_to_choose
from attachments.forms import FilesForm
from enterprises.identifiers import normalise
from enterprises.models import EnterpriseRole
from enterprises.request import EnterpriseRequest
from registers.forms import HouseForm

NUMBERS_MAX, NAMES_SHOWN = 500, 5
ASKED = ("to", "region", "roles", "only")  # what an address may fill in


def offered() -> list[tuple[str, Any]]:
    """The narrowings that a message may be given."""
    return [("", gettext_lazy("All of them")), *((key, one.label) for key, one in narrowings.items())]


class WritingForm(FilesForm, HouseForm):
    """What every message has: subject, text, files, and a token so that one press is one message."""

    token = forms.UUIDField(widget=forms.HiddenInput, required=False)
    texts: ClassVar[tuple[str, ...]] = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.file_owner = self.request.user
        self.initial["token"] = uuid.uuid4()
        self.fields["pages"].label = gettext_lazy("Photos or PDF that go with it")
        self.fields["words"].widget = forms.Textarea(attrs={"rows": 6, "maxlength": WORDS_MAX})

    def _post_clean(self) -> None:
        """Who writes, and to whom, is the service's business; it checks the row as a whole."""
        if not self.errors:
            for name in self.texts:
                setattr(self.instance, name, self.cleaned_data[name])
            self.instance.token = self.cleaned_data["token"] or uuid.uuid4()


class MessageForm(WritingForm):
    """Officers write: to single numbers, or to everybody of a region or a kind of business."""

    numbers = forms.CharField(
        label=gettext_lazy("Licence numbers"), required=False, max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("One or many, with blanks or line ends between. Empty for everybody of the region."),
    )  # fmt: skip
    region = forms.ModelChoiceField(
        label=gettext_lazy("Region"), queryset=Region.objects.none(), required=False,
        empty_label=gettext_lazy("All of our area"),
    )  # fmt: skip
    roles = forms.MultipleChoiceField(
        label=gettext_lazy("Kind of business"), choices=EnterpriseRole, required=False,
        widget=forms.CheckboxSelectMultiple, help_text=gettext_lazy("None chosen: all of them."),
    )  # fmt: skip
    only = forms.ChoiceField(label=gettext_lazy("Only those"), choices=offered, required=False)
    sure = forms.CharField(required=False, widget=forms.HiddenInput)
    texts = ("subject", "words", "is_urgent", "answer_due_on")

    class Meta:
        model = Message
        fields = ["subject", "words", "is_urgent", "answer_due_on"]
        help_texts: ClassVar[dict[str, Any]] = {
            "is_urgent": gettext_lazy("Also told at once by text message or e-mail, outside quiet hours."),
            "answer_due_on": gettext_lazy("Empty where no answer is needed."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        region = cast("forms.ModelChoiceField[Region]", self.fields["region"])
        region.queryset = regions_to_choose(self.request.scope)
        asked = {name: self.request.GET.get(name, "")[:20_000].replace("\0", "") for name in ASKED}
        roles = asked["roles"].split()
        self.initial.update(numbers=asked["to"], only=asked["only"], region=asked["region"], roles=roles)
        self.order_fields(["numbers", "region", "only", "roles", *self.texts, "pages"])

    def clean_numbers(self) -> list[str]:
        numbers = [normalise(word) for word in self.cleaned_data["numbers"].replace(",", " ").split()]
        if len(numbers) > NUMBERS_MAX:
            raise ValidationError(_("At most %(max)s numbers at once.") % {"max": NUMBERS_MAX})
        return numbers

    def clean_answer_due_on(self) -> Any:
        due = self.cleaned_data["answer_due_on"]
        if due and due < timezone.localdate():
            raise ValidationError(_("This day is over. Choose a later one."))
        return due

    def clean(self) -> dict[str, Any] | None:
        """Who is not found is named; more than one recipient is counted and asked about before anything is sent."""
        typed = super().clean()
        if "numbers" in self.errors or "region" in self.errors:
            return typed
        self._name_the_missing()
        recipients = self.choice.of(self.request.scope)
        count = recipients.count()
        if not count and not self.errors:
            self.add_error(None, _("Nobody who is chosen here is in business in your area. Choose others."))
        elif count > 1 and not self.errors and self.cleaned_data["sure"] != str(count):
            names = "、".join(recipients.order_by("name_pinyin").values_list("name", flat=True)[:NAMES_SHOWN])
            self.data["sure"] = str(count)  # type: ignore[index]  # a copy, see FilesForm
            self.add_error(None, ngettext(
                "This goes to %(n)s enterprise: %(names)s. Press Send again, and it is sent.",
                "This goes to %(n)s enterprises: %(names)s … Press Send again, and it is sent.", count,
            ) % {"n": count, "names": names})  # fmt: skip
        return typed

    def _name_the_missing(self) -> None:
        numbers = self.cleaned_data["numbers"]
        found = Choice(numbers=numbers).of(self.request.scope).values_list("uscc", "legacy_number") if numbers else ()
        known = {number for pair in found for number in pair}
        if missing := [number for number in numbers if number not in known]:
            shown = ", ".join(missing[:NAMES_SHOWN])
            self.add_error("numbers", _("In business in your area, nobody has this number: %(n)s") % {"n": shown})

    @property
    def choice(self) -> Choice:
        """Whom it goes to."""
        typed = self.cleaned_data
        roles, numbers, only = typed.get("roles", ()), typed.get("numbers", ()), typed.get("only", "")
        return Choice(region=typed.get("region"), roles=roles, numbers=numbers, only=only)

    def save(self, commit: bool = True) -> Message:
        return send(self.instance, self.choice, files=self.files_given, actor=self.request.user)


class ConversationForm(WritingForm):
    """An enterprise writes to the officers of its region."""

    field_order = ("subject", "words", "pages")
    subject = forms.CharField(label=gettext_lazy("Topic"), max_length=100)
    words = forms.CharField(label=gettext_lazy("Text"), max_length=WORDS_MAX)

    class Meta:
        model = Conversation
        fields: ClassVar[list[str]] = []

    def save(self, commit: bool = True) -> Conversation:
        typed = self.cleaned_data
        message = Message(subject=typed["subject"], words=typed["words"], token=self.instance.token)
        acting_for = cast("EnterpriseRequest", self.request).enterprise
        return write(message, files=self.files_given, enterprise=acting_for, actor=self.request.user)


class ReplyForm(FilesForm):
    field_order = ("words", "pages")
    words = forms.CharField(
        label=gettext_lazy("Answer"), max_length=WORDS_MAX,
        widget=forms.Textarea(attrs={"rows": 4, "maxlength": WORDS_MAX}),
    )  # fmt: skip
    token = forms.UUIDField(widget=forms.HiddenInput)


class ContactPointForm(HouseForm):
    """One's own telephone or mailbox; a known address is shown in part and changed by typing a new one."""

    address = forms.CharField(
        label=gettext_lazy("Telephone or e-mail address"), max_length=120,
        help_text=gettext_lazy("A code is sent there; nothing else comes before you have typed it."),
    )  # fmt: skip

    class Meta:
        model = ContactPoint
        fields = ["channel", "language", "urgent", "daily", "daily_at", "quiet_from", "quiet_until"]
        widgets = {
            name: forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
            for name in ("daily_at", "quiet_from", "quiet_until")
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.order_fields(["channel", "address"])
        self.instance.user = self.request.user
        if self.instance.pk:
            del self.fields["channel"]
            self.fields["address"].required = False
            self.fields["address"].help_text = _("Now: %(address)s. Leave it empty to keep it.") % {
                "address": self.instance.shown
            }

    def _get_validation_exclusions(self) -> set[str]:
        """Also the owner is known here."""
        return super()._get_validation_exclusions() - {"user"}  # type: ignore[misc]

    def save(self, commit: bool = True) -> ContactPoint:
        return keep_contact(self.instance, address=self.cleaned_data["address"], actor=self.request.user)
