"""The field in other apps' forms, and the pictures that come of it."""

from __future__ import annotations

import pytest
from django import forms
from django.template.loader import render_to_string
from django.utils.datastructures import MultiValueDict

from attachments.forms import PhotoField
from attachments.models import Attachment
from attachments.services import store
from tests.attachments.samples import REFUSED, as_file, pdf, phone_photo


class Report(forms.Form):
    words = forms.CharField()
    photos = PhotoField(files_max=3)


class Proof(forms.Form):
    photos = PhotoField(required=True, capture="", label="Certificates")


def sent(*files, form=Report):
    return form({"words": "x"}, MultiValueDict({"photos": list(files)}))


def test_several_photos_come_at_once_and_are_stored(clerk):
    form = sent(as_file(phone_photo(), "1.jpg"), as_file(pdf(), "2.pdf"))
    assert form.is_valid(), form.errors
    rows = [store(photo, actor=clerk) for photo in form.cleaned_data["photos"]]
    assert [(row.name, row.kind) for row in rows] == [("1.jpg", "image"), ("2.pdf", "pdf")]


def test_none_is_needed():
    for form in (sent(), Report({"words": "x"})):
        assert form.is_valid()
        assert form.cleaned_data["photos"] == []
        assert not form.fields["photos"].has_changed(None, [])


def test_one_is_needed_where_the_form_says_so():
    assert "photos" in sent(form=Proof).errors
    assert sent(as_file(pdf()), form=Proof).is_valid()


@pytest.mark.parametrize(("content", "words"), REFUSED.values(), ids=REFUSED)
def test_the_field_refuses_what_the_service_refuses(content, words):
    form = sent(as_file(content))
    assert not form.is_valid()
    assert words in form.errors["photos"][0]


def test_each_refused_file_is_named_and_nothing_is_stored(db):
    form = sent(as_file(phone_photo()), as_file(b"", "empty.jpg"), as_file(b"MZ", "<b>program</b>.jpg"))
    assert [sentence.split(":")[0] for sentence in form.errors["photos"]] == ["empty.jpg", "b>.jpg"]
    assert "<b>" not in str(form.errors)
    assert not Attachment.objects.exists()


def test_too_many_are_refused_before_any_is_read(monkeypatch):
    monkeypatch.setattr("attachments.forms.check", None)
    assert "At most 3 files" in sent(*[as_file(phone_photo()) for _time in range(4)]).errors["photos"][0]


def test_a_phone_is_told_what_to_offer():
    assert Report().is_multipart()
    shown = str(Report()["photos"])
    for hint in ('type="file"', "multiple", 'accept="image/*,application/pdf"', 'capture="environment"'):
        assert hint in shown
    assert "capture" not in str(Proof()["photos"])


def test_photos_are_shown_with_their_links_and_fingerprints(photo, report):
    shown = render_to_string("attachments/photos.html", {"photos": [photo, report]})
    for words in (
        f'href="/attachments/{photo.pk}/"', f'src="/attachments/{photo.pk}/thumbnail/"', 'alt="Photo: 门口.jpg"',
        f'title="{photo.sha256}">{photo.sha256[:12]}<', f'href="/attachments/{report.pk}/"', "report.pdf",
    ):  # fmt: skip
        assert words in shown
    assert f'src="/attachments/{report.pk}' not in shown


def test_a_name_is_never_markup(clerk):
    photos = [store(as_file(pdf(), '"><script>x.pdf'), actor=clerk)]
    shown = render_to_string("attachments/photos.html", {"photos": photos})
    assert "<script>" not in shown


def test_without_photos_nothing_is_shown():
    assert not render_to_string("attachments/photos.html", {"photos": []}).strip()
