"""What an enterprise types of its goods."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, ClassVar, cast

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.barcodes import own_code, parse
from catalog.lookup import by_barcode, own_goods
from catalog.models import AdditiveLimit, Component, Listing, Packing, Product
from catalog.numbers import FineNumberField, NumberField
from catalog.nutrition import NutritionFormField
from catalog.provenance import Fact
from catalog.services import SHARED_FACTS, ListingFacts, list_product
from enterprises.models import Enterprise
from enterprises.request import EnterpriseRequest
from registers.forms import HouseForm


class ProductFactsForm(forms.ModelForm):  # type: ignore[type-arg]
    """The fields of a product, as the listing form borrows them."""

    class Meta:
        model = Product
        fields = SHARED_FACTS
        field_classes: ClassVar[dict[str, Any]] = {"nutrition": NutritionFormField}
        widgets: ClassVar[dict[str, Any]] = {"ingredients": forms.Textarea(attrs={"rows": 3})}


class ListingForm(HouseForm):
    """One's own goods: a barcode finds the shared product and fills in the rest; goods without one get a code."""

    barcode = forms.CharField(
        label=gettext_lazy("Barcode"), required=False, max_length=40,
        help_text=gettext_lazy("Scan it or type it: what is known of the goods fills itself in."),
    )  # fmt: skip
    self_code = forms.CharField(
        label=gettext_lazy("Self-made code"), required=False, max_length=20,
        help_text=gettext_lazy("Only for goods without a barcode; left empty, the platform makes one."),
    )  # fmt: skip
    is_maker = forms.BooleanField(label=gettext_lazy("We make it ourselves"), required=False)
    price = NumberField(label=gettext_lazy("Unit price in yuan"), max_digits=10, decimal_places=2, required=False)

    class Meta:
        model = Listing
        fields = ["item_number", "price"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.product = self.instance.product if self.instance.pk else None
        facts = ProductFactsForm(instance=self.product)
        for name, field in facts.fields.items():
            self.fields[name] = field
            self.initial.setdefault(name, facts.initial.get(name))
        self.fields["name"].required = self.fields["unit"].required = False
        self.order_fields(["barcode", "self_code", "name", "pack_size", "unit", "kind", "item_number", "price"])
        if self.product:
            del self.fields["barcode"], self.fields["self_code"], self.fields["is_maker"]

    def clean_barcode(self) -> str:
        barcode = self.cleaned_data["barcode"].strip()
        return parse(barcode).gtin if barcode else ""

    def clean_self_code(self) -> str:
        return own_code(self.cleaned_data["self_code"])

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or self.cleaned_data
        if typed.get("barcode") and typed.get("self_code"):
            self.add_error("self_code", _("Goods with a barcode need no self-made code. Leave it empty."))
        if self.product is None and not by_barcode(typed.get("barcode") or ""):
            for name in ("name", "unit"):
                if not typed.get(name) and name not in self.errors:
                    self.add_error(name, _("Nobody has entered these goods yet: this field is needed."))
            if not typed.get("barcode") and typed.get("kind") == Product.Kind.RAW and not typed.get("origin"):
                self.add_error("origin", _("Raw material without a barcode names its origin."))
        return typed

    def _post_clean(self) -> None:
        """The rows are made and checked by the service: a listing alone is not the whole of it."""

    def save(self, commit: bool = True) -> Listing:
        enterprise = cast("EnterpriseRequest", self.request).enterprise
        assert enterprise is not None
        typed = self.cleaned_data
        facts = {name: typed[name] for name in SHARED_FACTS if typed.get(name) not in (None, "")}
        known = self.product.codes.first() if self.product else None
        return list_product(
            ListingFacts(
                barcode=known.gtin if known else typed.get("barcode", ""),
                self_code=self.product.self_code if self.product else typed.get("self_code", ""),
                product=facts, item_number=typed["item_number"], price=typed["price"],
                is_maker=typed.get("is_maker", False),
            ),
            enterprise=enterprise, actor=self.request.user,
        )  # fmt: skip


class AdditiveLimitForm(HouseForm):
    max_grams_per_kg = FineNumberField(label=gettext_lazy("At most, in g per kg"), max_digits=10, decimal_places=5)

    class Meta:
        model = AdditiveLimit
        fields = ["additive", "category", "max_grams_per_kg", "source", "valid_from"]


class OwnGoodsForm(HouseForm):
    """A row about goods of one's own list, told as a scanner or a clerk tells them.

    `goods` are the fields that name them; they stay as they are once the row is there.
    """

    goods: ClassVar[tuple[str, ...]] = ("product",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.order_fields(self.goods)
        if self.instance.pk:
            for name in self.goods:
                del self.fields[name]

    def clean_product(self) -> Product:
        return self._goods("product")

    def _post_clean(self) -> None:
        """The row is whole before it is checked: what is wrong with it as a whole is told beside its field."""
        if not self.errors:
            if not self.instance.pk:
                self.instance.owner = self.enterprise.firm
                for name in self.goods:
                    setattr(self.instance, name, self.cleaned_data[name])
            super()._post_clean()  # type: ignore[misc]

    def _get_validation_exclusions(self) -> set[str]:
        """Nothing is left out: all of the row is known here."""
        return set()

    @property
    def enterprise(self) -> Enterprise:
        enterprise = cast("EnterpriseRequest", self.request).enterprise
        assert enterprise is not None
        return enterprise

    def _goods(self, name: str) -> Product:
        found = own_goods(self.cleaned_data[name], enterprise=self.enterprise)
        if found is None:
            raise ValidationError(_("These goods are not among your products. Add them there first."))
        return found[0].product


class ComponentForm(OwnGoodsForm):
    """A line of a recipe: both goods are told as a scanner or a clerk tells them, out of one's own list."""

    goods = ("product", "part")

    product = forms.CharField(
        label=gettext_lazy("What is made"), max_length=120, widget=forms.TextInput({"list": "goods"}),
        help_text=gettext_lazy("Barcode, self-made code, item number or exact name, as it stands on your list."),
    )  # fmt: skip
    part = forms.CharField(
        label=gettext_lazy("Part"), max_length=120, widget=forms.TextInput({"list": "goods"}),
        help_text=gettext_lazy("A sachet, a raw material: what has a lot of its own when it goes in."),
    )  # fmt: skip
    quantity = FineNumberField(
        label=gettext_lazy("Quantity in one unit"), max_digits=14, decimal_places=6,
        help_text=gettext_lazy("In the unit of the part: 1 sachet in a bag, or 0.02 kg."),
    )  # fmt: skip

    class Meta:
        model = Component
        fields = ["quantity"]

    def clean_part(self) -> Product:
        return self._goods("part")

    def clean_quantity(self) -> Decimal:
        quantity: Decimal = self.cleaned_data["quantity"]
        if quantity == 0:
            raise ValidationError(_("A quantity is more than zero."))
        return quantity


class PackingForm(OwnGoodsForm):
    """How many base units a package of goods holds; the goods as a scanner or a clerk tells them."""

    product = forms.CharField(
        label=gettext_lazy("Goods"), max_length=120, widget=forms.TextInput({"list": "goods"}),
        help_text=gettext_lazy("Barcode, self-made code, item number or exact name, as it stands on your list."),
    )  # fmt: skip
    quantity = NumberField(
        label=gettext_lazy("Holds"), max_digits=10, decimal_places=3,
        help_text=gettext_lazy("In the base unit of the goods: 24 where a case holds 24 bags."),
    )  # fmt: skip

    class Meta:
        model = Packing
        fields = ["unit", "quantity"]


OTHER = "…"


class DecisionForm(forms.Form):
    """A steward's decision about one field: one of the values that are said, or another, and why."""

    pick = forms.ChoiceField(label=gettext_lazy("What is right?"), widget=forms.RadioSelect)
    reason = forms.CharField(
        label=gettext_lazy("Reason"), max_length=200,
        help_text=gettext_lazy("Whoever entered something else reads it."),
    )  # fmt: skip

    def __init__(self, *args: Any, fact: Fact, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fact = fact
        said = [(said.value, f"{said.words} ({said.voices})") for said in fact.said]
        pick = cast("forms.ChoiceField", self.fields["pick"])
        pick.choices = said
        if fact.field != "maker":
            pick.choices = [*said, (OTHER, _("Something else:"))]
            self.fields["other"] = ProductFactsForm().fields[fact.field]
            self.fields["other"].required, self.fields["other"].label = False, _("Something else")
        self.order_fields(["pick", "other", "reason"])

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or self.cleaned_data
        other = typed.get("other")
        typed["value"] = str(getattr(other, "pk", other) or "") if typed.get("pick") == OTHER else typed.get("pick")
        if typed.get("pick") == OTHER and not typed["value"] and "other" not in self.errors:
            self.add_error("other", _("Say what the field should be."))
        return typed
