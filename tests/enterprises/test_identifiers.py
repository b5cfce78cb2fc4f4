"""The numbers that name an enterprise or a person."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given, settings
from hypothesis import strategies as st

from enterprises.identifiers import (
    has_valid_organisation_code,
    is_uscc,
    normalise,
    uscc_check_character,
    validate_legacy_number,
    validate_resident_number,
    validate_uscc,
)
from tests.loads import real

SIGNS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
GOOD = ["91450200198589518Y", "91110000600037341L", "92140702MA0K2AX62M", "91450200MA5QFK3G6Y", "911101083303521997"]
bodies = st.builds(
    "{}{}{}".format, st.text(SIGNS, min_size=2, max_size=2), st.from_regex(r"[0-9]{6}", fullmatch=True),
    st.text(SIGNS, min_size=9, max_size=9),
)  # fmt: skip


@pytest.mark.parametrize("number", GOOD)
def test_real_codes_are_valid_and_so_is_the_code_inside(number):
    validate_uscc(number)
    assert has_valid_organisation_code(number)


@pytest.mark.parametrize(
    "number", ["91110000600037341N", "91110000MA001234XX", "91510100MA00000000", "12345", "", "911100006000373411L",
               "91110000600037341l", "91110000600O37341L", "9111000060003734１L", "91１10000600037341L"],
)  # fmt: skip
def test_codes_with_a_wrong_shape_or_check_are_refused(number):
    with pytest.raises(ValidationError):
        validate_uscc(number)


def test_the_refusal_says_what_would_be_right():
    with pytest.raises(ValidationError, match="L") as refusal:
        validate_uscc("91110000600037341N")
    assert refusal.value.code == "check"


@settings(deadline=None)  # the machine may be busy
@given(bodies)
def test_exactly_one_last_character_fits_any_first_seventeen(body):
    right = uscc_check_character(body)
    validate_uscc(body + right)
    assert sum(_is_valid(body + sign) for sign in SIGNS) == 1


@settings(deadline=None)  # the machine may be busy
@given(bodies, st.integers(0, 16), st.sampled_from(SIGNS))
def test_one_changed_character_never_stays_unseen(body, place, sign):
    number = body + uscc_check_character(body)
    changed = number[:place] + sign + number[place + 1 :]
    assert changed == number or not _is_valid(changed)


@settings(deadline=None)  # the machine may be busy
@given(st.text(max_size=24))
def test_whatever_is_typed_is_refused_in_words_or_accepted(text):
    number = normalise(text)
    assert not _is_valid(number) or is_uscc(number)
    assert not is_uscc(number) or normalise(number) == number


@pytest.mark.parametrize(
    "typed", [" 91450200 198589518y ", "９１４５０２００１９８５８９５１８Ｙ", "91450200-198589518-Y"]
)
def test_what_people_type_is_normalised(typed):
    assert normalise(typed) == GOOD[0]


@pytest.mark.parametrize("number", ["320404000009558", "320404000009559", "3209231100626", "32040400000955X", ""])
def test_an_old_number_has_fifteen_digits_and_a_check_digit(number):
    if number == "320404000009558":
        validate_legacy_number(number)
    else:
        with pytest.raises(ValidationError):
            validate_legacy_number(number)


def test_an_identity_number_is_checked():
    validate_resident_number("11010519491231002X")
    with pytest.raises(ValidationError):
        validate_resident_number("110105194912310021")


@pytest.mark.parametrize("name", ["uscc_valid_sample.txt", "python_stdnum_uscc_valid.txt"])
def test_real_codes_of_every_kind_are_valid(name):
    numbers = real(f"04_enterprises/{name}").read_text(encoding="utf-8").split()
    assert [number for number in numbers if not _is_valid(number)] == []


def _is_valid(number: str) -> bool:
    try:
        validate_uscc(number)
    except ValidationError:
        return False
    return True
