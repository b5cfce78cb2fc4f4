"""The nutrition panel: read as packages print it, kept as one line, refused where it cannot be true."""

from __future__ import annotations

from contextlib import suppress

import pytest
from django.core.exceptions import ValidationError
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from catalog.nutrition import NUTRIENTS, NUTRITION_MAX, Nutrition, NutritionFormField, panel_words

KEPT = "100g energy=1850 protein=24.5 fat=44 carbohydrate=20 sodium=10"
PRINTED = [
    "每100克：能量1850千焦，蛋白质24.5克，脂肪44.0克，碳水化合物20克，钠10毫克",
    "营养成分表 项目 每100g NRV% 能量 1850kJ 22% 蛋白质 24.5g 41% 脂肪 44g 73% 碳水化合物 20g 7% 钠 10mg 1%",
    "每１００克　能量：１，８５０千焦　蛋白质：２４．５克　脂肪：４４克　碳水化合物：２０克　钠：１０毫克",
    "Per 100 g: energy 1,850 kJ; protein 24.5 g; fat 44 g; carbohydrate 20 g; sodium 0.01 g",
    "per 100g Energy (kJ) 1850, Protein (g) 24.5, Total fat (g) 44, Carbohydrates (g) 20, Sodium (mg) 10",
    KEPT,
]


@pytest.mark.parametrize("text", PRINTED)
def test_it_is_read_as_it_is_printed(text):
    assert str(Nutrition.read(text)) == KEPT


def test_kilocalories_become_kilojoules():
    assert "energy=1849" in str(Nutrition.read(PRINTED[0].replace("1850千焦", "442千卡")))


def test_fat_and_the_fats_it_is_made_of_are_told_apart():
    panel = Nutrition.read(PRINTED[0] + "，饱和脂肪酸 8 克，反式脂肪酸 0 克，糖 4.1 克，膳食纤维 5 克")
    assert str(panel).startswith("100g energy=1850 protein=24.5 fat=44 saturated=8 trans=0 carbohydrate=20 sugars=4.1")


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (("每100克", ""), "per 100 g, per 100 ml"),
        (("，钠10毫克", ""), "sodium"),
        (("脂肪44.0克", "脂肪74.0克"), "more than the 100 g"),
        (("1850千焦", "442千焦"), "too little"),
        (("1850千焦", "18500千焦"), "No food"),
        (("钠10毫克", "钠10毫克，饱和脂肪60克"), "saturated fat than fat"),
    ],
)
def test_what_cannot_be_true_is_refused_with_a_sentence(change, told):
    with translation.override("en"), pytest.raises(ValidationError, match=told):
        NutritionFormField().clean(PRINTED[0].replace(*change))


grams = st.decimals(0, 20, places=2)


@given(amounts=st.fixed_dictionaries(dict.fromkeys(NUTRIENTS, grams)), language=st.sampled_from(["en", "zh-hans"]))
def test_what_a_page_shows_is_read_back_as_it_was(amounts, language):
    amounts |= {"energy": 3000, "trans": min(amounts["trans"], amounts["fat"])}
    amounts |= {"saturated": min(amounts["saturated"], amounts["fat"])}
    amounts |= {"sugars": min(amounts["sugars"], amounts["carbohydrate"])}
    kept = str(Nutrition.read("100g " + " ".join(f"{key}={amount}" for key, amount in amounts.items())))
    with translation.override(language):
        assert str(Nutrition.read(panel_words(kept))) == kept
    assert len(kept) <= NUTRITION_MAX


@given(st.text())
def test_any_text_is_read_or_refused(text):
    with suppress(ValidationError):
        Nutrition.read("每100克" + text).refuse_nonsense()
