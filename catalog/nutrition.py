"""The nutrition panel of a package (GB 28050): read from what is typed as printed, kept as one canonical line."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple, Self

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

KILOJOULES = Decimal("4.184")  # in a kilocalorie
FULL = Decimal(101)  # grams in 100 grams of food, each nutrient rounded for itself
KILOJOULES_MAX, MILLIGRAMS_MAX = Decimal(3_800), Decimal(40_000)  # in 100 g: of pure fat, of pure salt
NUTRITION_MAX, TYPED_MAX = 160, 1_000  # as kept, as typed


class Nutrient(NamedTuple):
    """A line of a panel: the unit in which it is kept, how packages call it, and how pages do."""

    unit: str
    printed: tuple[str, ...]
    name: Any


NUTRIENTS = {
    "energy": Nutrient("kJ", ("能量", "热量", "energy"), pgettext_lazy("nutrient", "energy")),
    "protein": Nutrient("g", ("蛋白质", "protein"), pgettext_lazy("nutrient", "protein")),
    "fat": Nutrient("g", ("总脂肪", "脂肪", "total fat", "fat"), pgettext_lazy("nutrient", "fat")),
    "saturated": Nutrient(
        "g", ("饱和脂肪酸", "饱和脂肪", "saturated fat", "saturates", "saturated"),
        pgettext_lazy("nutrient", "saturated fat"),
    ),
    "trans": Nutrient(
        "g", ("反式脂肪酸", "反式脂肪", "trans fat", "trans"), pgettext_lazy("nutrient", "trans fat")
    ),
    "carbohydrate": Nutrient(
        "g", ("总碳水化合物", "碳水化合物", "carbohydrates", "carbohydrate"), pgettext_lazy("nutrient", "carbohydrate")
    ),
    "sugars": Nutrient("g", ("糖", "sugars", "sugar"), pgettext_lazy("nutrient", "sugars")),
    "fibre": Nutrient(
        "g", ("膳食纤维", "dietary fibre", "dietary fiber", "fibre", "fiber"),
        pgettext_lazy("nutrient", "dietary fibre"),
    ),
    "sodium": Nutrient("mg", ("钠", "sodium"), pgettext_lazy("nutrient", "sodium")),
}  # fmt: skip
NEEDED = ("energy", "protein", "fat", "carbohydrate", "sodium")  # GB 28050-2011, 4.1
PARTS = {"saturated": "fat", "trans": "fat", "sugars": "carbohydrate"}
KILOJOULES_OF = {"protein": 17, "fat": 37, "carbohydrate": 17}  # a gram of it: GB 28050-2011, table of factors
BASES = {
    "100g": pgettext_lazy("nutrition", "per 100 g"),
    "100ml": pgettext_lazy("nutrition", "per 100 ml"),
    "serving": pgettext_lazy("nutrition", "per serving"),
}
BASIS = re.compile(r"100\s*(?P<of>ml|毫升|g|克)(?![a-z])|(?P<serving>每份|per serving|per portion|serving)")
UNITS = {
    "kj": "kJ", "千焦": "kJ", "kcal": "kcal", "千卡": "kcal", "大卡": "kcal", "mg": "mg", "毫克": "mg", "g": "g",
    "克": "g",
}  # fmt: skip
FACTORS = {("kcal", "kJ"): KILOJOULES, ("mg", "g"): Decimal("0.001"), ("g", "mg"): Decimal(1000)}
KEYS = {word: key for key, nutrient in NUTRIENTS.items() for word in nutrient.printed}
UNIT = "|".join(sorted(UNITS, key=len, reverse=True))
LINE = re.compile(
    rf"(?<![a-z葡萄蔗乳果麦])(?P<name>{'|'.join(sorted(KEYS, key=len, reverse=True))})(?![a-z醇])"
    rf"\s*\(?(?P<before>{UNIT})?\)?[\s:=|,.…<≤-]*"
    rf"(?P<number>\d{{1,3}}(?:,\d{{3}})+(?:\.\d+)?|\d+(?:\.\d+)?)(?![\d.,]*\s*%)\s*(?P<after>{UNIT})?"
)


@dataclass(frozen=True)
class Nutrition:
    """A panel: what its amounts are in (a key of BASES), and each amount in the unit of its nutrient."""

    basis: str
    amounts: Mapping[str, Decimal]

    @classmethod
    def read(cls, text: str) -> Self:
        """A panel as printed or as kept; other nutrients than NUTRIENTS are passed over.

        ValidationError where it does not say what the amounts are in.
        """
        plain = unicodedata.normalize("NFKC", text).lower()
        basis = BASIS.search(plain)
        if basis is None:
            raise ValidationError(_("Say what the amounts are in: per 100 g, per 100 ml or per serving."))
        lines = plain[: basis.start()] + ";" + plain[basis.end() :]
        amounts: dict[str, Decimal] = {}
        for line in LINE.finditer(lines):
            key = KEYS[line["name"]]
            amounts.setdefault(key, _amount(line["number"], line["after"] or line["before"], NUTRIENTS[key].unit))
        kind = "serving" if basis["serving"] else "100ml" if basis["of"] in ("ml", "毫升") else "100g"
        return cls(kind, {key: amounts[key] for key in NUTRIENTS if key in amounts})

    def __str__(self) -> str:
        """As it is kept: two panels that say the same are written the same."""
        return " ".join([self.basis, *(f"{key}={_plain(amount)}" for key, amount in self.amounts.items())])

    @property
    def basis_words(self) -> str:
        return str(BASES[self.basis])

    @property
    def lines(self) -> list[tuple[str, str]]:
        """Each nutrient as pages call it, and its amount with the unit."""
        return [
            (str(NUTRIENTS[key].name), f"{_plain(amount)} {NUTRIENTS[key].unit}")
            for key, amount in self.amounts.items()
        ]

    @property
    def words(self) -> str:
        """The panel in one line of the reader's language."""
        return " · ".join([self.basis_words, *(" ".join(line) for line in self.lines)])

    def refuse_nonsense(self) -> None:
        """ValidationError where a panel leaves out what it has to name, or cannot be true."""
        amounts = self.amounts
        if missing := [str(NUTRIENTS[key].name) for key in NEEDED if key not in amounts]:
            told = _("Not found, though every panel names it: %(missing)s. Type it as printed, such as: %(example)s")
            raise ValidationError(told % {"missing": ", ".join(missing), "example": EXAMPLE.words})
        for part, whole in PARTS.items():
            if amounts.get(part, 0) > amounts[whole]:
                names = {"part": NUTRIENTS[part].name, "whole": NUTRIENTS[whole].name}
                raise ValidationError(_("More %(part)s than %(whole)s, of which it is a part. Compare.") % names)
        if self.basis != "serving":
            self._refuse_more_than_100()
        if amounts["energy"] * 3 < sum(amounts[key] * factor for key, factor in KILOJOULES_OF.items()):
            raise ValidationError(_("The energy is too little for so much fat, protein and carbohydrate. Is it in kJ?"))

    def _refuse_more_than_100(self) -> None:
        amounts = self.amounts
        if sum(amounts[key] for key in KILOJOULES_OF) > FULL and self.basis == "100g":
            raise ValidationError(_("Fat, protein and carbohydrate come to more than the 100 g they are in. Compare."))
        if amounts["energy"] > KILOJOULES_MAX or amounts["sodium"] > MILLIGRAMS_MAX:
            raise ValidationError(_("No food has so much energy or sodium in 100 g. Compare the numbers and units."))


def _amount(number: str, unit: str | None, kept_in: str) -> Decimal:
    amount = Decimal(number.replace(",", "")) * FACTORS.get((UNITS[unit] if unit else kept_in, kept_in), 1)
    return amount.quantize(Decimal(1) if kept_in == "kJ" else Decimal("0.01"))


def _plain(amount: Decimal) -> str:
    return f"{amount.normalize():f}"


EXAMPLE = Nutrition(
    "100g",
    {
        "energy": Decimal(1850), "protein": Decimal("24.5"), "fat": Decimal(44), "carbohydrate": Decimal(20),
        "sodium": Decimal(10),
    },
)  # fmt: skip


class NutritionFormField(forms.CharField):
    """A panel typed or pasted as printed; shown in the reader's language, kept in the canonical line."""

    widget = forms.Textarea(attrs={"rows": 3})

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs | {"max_length": TYPED_MAX})

    def prepare_value(self, value: Any) -> Any:
        return panel_words(value) if isinstance(value, str) else value

    def clean(self, value: Any) -> str:
        text = super().clean(value)
        if not text:
            return ""
        panel = Nutrition.read(text)
        panel.refuse_nonsense()
        return str(panel)


def panel_of(kept: str) -> Nutrition | None:
    """The panel behind a canonical line, or None where there is none."""
    try:
        return Nutrition.read(kept)
    except ValidationError:
        return None


def panel_words(text: str) -> str:
    """A canonical line as people read it; anything else as it stands."""
    panel = panel_of(text)
    return panel.words if panel and str(panel) == text else text


HELP = gettext_lazy("As printed: per 100 g, energy 1850 kJ, protein 24.5 g, fat 44 g, carbohydrate 20 g, sodium 10 mg.")
