"""Numbers that name an enterprise: the unified social credit code and what came before it."""

from __future__ import annotations

import re
import unicodedata

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from stdnum.cn import ric, uscc
from stdnum.exceptions import ValidationError as StandardViolation
from stdnum.iso7064 import mod_11_10

USCC_SHAPE = re.compile(r"[0-9A-HJ-NPQRTUWXY]{2}[0-9]{6}[0-9A-HJ-NPQRTUWXY]{10}")
ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
LEGACY_SHAPE = re.compile(r"[0-9]{15}")


def normalise(text: str) -> str:
    """What a person meant: half-width, upper case, without spaces and hyphens."""
    return re.sub(r"[\s\-‐-―]", "", unicodedata.normalize("NFKC", text)).upper()


def is_uscc(number: str) -> bool:
    """Whether `number` has the shape of a code of GB 32100-2015; says nothing of its check character."""
    return USCC_SHAPE.fullmatch(number) is not None


def uscc_check_character(number: str) -> str:
    """The 18th character that GB 32100-2015 asks for after the first 17."""
    return str(uscc.calc_check_digit(number[:17]))


def validate_uscc(number: str) -> None:
    """Refuse a code whose shape or check character is wrong (GB 32100-2015), and say what would be right."""
    if not is_uscc(number):
        raise ValidationError(
            _("A unified social credit code has 18 characters: two, six digits, ten; no I, O, S, V or Z."),
            code="shape",
        )
    expected = uscc_check_character(number)
    if number[17] != expected:
        raise ValidationError(
            _("The last character of the code does not fit the rest: it should be %(expected)s. Check the licence."),
            code="check",
            params={"expected": expected},
        )


def has_valid_organisation_code(number: str) -> bool:
    """Whether the nine signs of the organisation code in a code check out (GB 11714). A few genuine ones do not."""
    body, check = number[8:16], number[16]
    total = sum(weight * int(sign, 36) for weight, sign in zip(ORGANISATION_WEIGHTS, body, strict=True))
    return check == "0123456789X0"[11 - total % 11]


def validate_legacy_number(number: str) -> None:
    """Refuse an old 15-digit business-licence number whose check digit is wrong (GB/T 17710, MOD 11,10)."""
    if not LEGACY_SHAPE.fullmatch(number):
        raise ValidationError(_("An old licence number has 15 digits."), code="shape")
    try:
        mod_11_10.validate(number)
    except StandardViolation:
        raise ValidationError(
            _("The last digit of the old licence number does not fit the rest. Check the licence."), code="check"
        ) from None


def validate_resident_number(number: str) -> None:
    """Refuse an identity number of a person that fails GB 11643."""
    try:
        ric.validate(number)
    except StandardViolation:
        raise ValidationError(
            _("This is no valid identity card number: check its 18 characters."), code="check"
        ) from None
