"""What a machine notices of a certificate, for whoever checks it and for whoever types it: hints, never a verdict."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from stdnum.iso7064 import mod_11_10

from certificates.models import Certificate, CertificateKind
from enterprises.identifiers import normalise, uscc_check_character
from enterprises.models import Enterprise

DISTRICT = 6  # digits of a region's code in a number


@dataclass(frozen=True)
class Finding:
    """One hint: `tone` is green, amber or red."""

    tone: str
    sentence: str


def findings_of(certificate: Certificate) -> list[Finding]:
    """Everything that can be compared without looking at the picture; in three statements at most."""
    return [
        *number_findings(certificate.kind, certificate.number, certificate.holder),
        *_of_the_name(certificate),
        *_of_the_days(certificate),
        *_of_the_result(certificate),
        *_of_the_pages(certificate),
        *_of_the_goods(certificate),
    ]


def number_findings(kind: CertificateKind, number: str, holder: Enterprise | None) -> Iterator[Finding]:
    """What the number itself tells: its form, its check digit (a hint: real ones break it), its region."""
    if not number:
        return
    if not kind.fits(number):
        yield Finding("red", kind.format_words)
        return
    if kind.check_digit == CertificateKind.CheckDigit.MOD_11_10 and (right := mod_11_10_right(number)) != number[-1]:
        sentence = _("One digit is wrong: the last one does not fit the rest, it should be %(right)s.")
        yield Finding("amber", sentence % {"right": right})
    elif kind.check_digit == CertificateKind.CheckDigit.MOD_11_10:
        yield Finding("green", _("The check digit fits."))
    if kind.check_digit == CertificateKind.CheckDigit.USCC and holder:
        yield from _of_the_code(number, holder)
    if kind.region_at is not None and holder and holder.region_id:
        yield from _of_the_region(number[kind.region_at : kind.region_at + DISTRICT], holder.region_id)


def mod_11_10_right(number: str) -> str:
    """The last digit that GB/T 17710 (ISO 7064 MOD 11,10) asks for after the digits before it."""
    digits = "".join(sign for sign in number if sign.isdigit())
    return str(mod_11_10.calc_check_digit(digits[:-1]))


def _of_the_code(number: str, holder: Enterprise) -> Iterator[Finding]:
    if number == holder.licence_number:
        yield Finding("green", _("It is the code of the holder."))
    elif len(number) == 18 and number[:17].isalnum() and uscc_check_character(number) != number[17]:
        yield Finding("amber", _("The last sign of the code does not fit the rest."))
    elif holder.licence_number:
        sentence = _("The holder has another code in the registry: %(code)s.")
        yield Finding("amber", sentence % {"code": holder.licence_number})


def _of_the_region(told: str, region: str) -> Iterator[Finding]:
    known = region[: min(len(region), DISTRICT)]
    if told.startswith(known):
        yield Finding("green", _("The region in the number is that of the holder."))
    else:
        sentence = _("The number was given in region %(told)s, while the holder is in %(region)s.")
        yield Finding("amber", sentence % {"told": told, "region": known})


def _of_the_name(certificate: Certificate) -> Iterator[Finding]:
    printed = certificate.holder_name
    if not printed:
        return
    if normalise(printed) == normalise(certificate.holder.name):
        yield Finding("green", _("The name on the paper is that of the registry."))
    else:
        yield Finding(
            "amber", _("The name on the paper is another than in the registry: %(name)s.") % {"name": printed}
        )


def _of_the_days(certificate: Certificate) -> Iterator[Finding]:
    until = certificate.valid_until
    day = {"day": date_format(until, "DATE_FORMAT")} if until else {}
    if certificate.validity == "expired" or (until and until < timezone.localdate()):
        yield Finding("red", _("It ended on %(day)s.") % day)
    elif certificate.validity == "expiring":
        yield Finding("amber", _("It ends soon, on %(day)s.") % day)
    elif certificate.validity == "early":
        first = {"day": date_format(certificate.valid_from, "DATE_FORMAT")}
        yield Finding("amber", _("It begins on %(day)s only.") % first)


def _of_the_result(certificate: Certificate) -> Iterator[Finding]:
    if not certificate.conforms:
        yield Finding("red", _("The result does not conform: these goods may not be sold."))


def _of_the_pages(certificate: Certificate) -> Iterator[Finding]:
    """No picture, or a picture that stands with other data already."""
    files = {page.attachment.sha256 for page in certificate.pages.select_related("attachment")}
    if not files:
        yield Finding("amber", _("There is no picture of it."))
        return
    others = Certificate.objects.filter(pages__attachment__sha256__in=files).exclude(pk=certificate.pk)
    other = others.exclude(holder=certificate.holder_id, number=certificate.number).select_related("kind").first()
    if other:
        sentence = _("The same file was uploaded with other data already: %(other)s.")
        yield Finding("red", sentence % {"other": other})


def _of_the_goods(certificate: Certificate) -> Iterator[Finding]:
    """The same number for goods of somebody else."""
    if not (certificate.is_about_goods and certificate.number):
        return
    same = Certificate.objects.standing().filter(kind=certificate.kind_id, number=certificate.number)
    if same.exclude(holder=certificate.holder_id).exists():
        yield Finding("red", _("Another enterprise has uploaded a paper of this number."))
