"""What is kept: once, privately, whole or not at all, and never changed."""

from __future__ import annotations

import hashlib
from pathlib import Path

import psycopg2
import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, IntegrityError, connections, transaction
from psycopg2.errors import RestrictViolation

from attachments import storage
from attachments.checking import check
from attachments.models import Attachment
from attachments.services import store
from tests.attachments.conftest import files
from tests.attachments.samples import as_file, encoded, halves, pdf, phone_photo


def test_a_photo_lies_under_its_hash_with_its_thumbnail_beside_it(photo, root):
    place = root / photo.sha256[:2] / photo.sha256[2:4] / photo.sha256
    content = place.read_bytes()
    assert files(root) == [place, place.with_name(f"{photo.sha256}.thumbnail")]
    assert (hashlib.sha256(content).hexdigest(), len(content)) == (photo.sha256, photo.size)


def test_the_row_tells_what_was_stored(photo, report, clerk):
    assert (photo.name, photo.kind, photo.content_type) == ("门口.jpg", "image", "image/jpeg")
    assert (photo.width, photo.height, photo.uploaded_by) == (80, 40, clerk)
    assert (report.kind, report.content_type, report.width, report.size) == ("pdf", "application/pdf", None, len(pdf()))
    assert report.fingerprint == hashlib.sha256(pdf()).hexdigest()[:12]


def test_the_same_content_twice_is_two_rows_and_one_file(photo, buyer_clerk, root):
    before = {path: path.stat().st_mtime_ns for path in files(root)}
    again = store(as_file(phone_photo(), "other.jpg"), actor=buyer_clerk)
    assert (again.sha256, again.pk != photo.pk) == (photo.sha256, True)
    assert {path: path.stat().st_mtime_ns for path in files(root)} == before


def test_what_a_form_has_checked_is_not_checked_again(clerk, monkeypatch):
    checked = check(as_file(phone_photo()))
    monkeypatch.setattr("attachments.services.check", None)
    assert store(checked, actor=clerk).sha256 == hashlib.sha256(checked.content).hexdigest()


def test_a_file_that_was_read_before_is_read_from_its_beginning(clerk):
    file = as_file(phone_photo())
    file.read()
    assert store(file, actor=clerk).is_image


@pytest.mark.parametrize("name", ["../../../tmp/owned.jpg", "/etc/passwd", "C:\\windows\\x.jpg", "a\0b"])
def test_a_name_leads_nowhere(name, clerk, root, tmp_path):
    store(as_file(phone_photo(), name), actor=clerk)
    assert files(tmp_path) == files(root)
    assert len(files(root)) == 2


def test_nobody_else_on_the_machine_may_read_the_files(photo, root):
    assert {path.stat().st_mode & 0o077 for path in [root, *root.rglob("*")]} == {0}


# When it breaks


def test_a_full_disk_is_told_and_leaves_nothing(clerk, root, monkeypatch):
    def full(number):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(storage.os, "fsync", full)
    with pytest.raises(ValidationError, match="cannot be stored at the moment"):
        store(as_file(phone_photo()), actor=clerk)
    assert not files(root)
    assert not Attachment.objects.exists()


def test_a_thumbnail_that_a_crash_left_out_is_made_up_for(photo, clerk, root):
    storage.thumbnail_of(photo.sha256).unlink()
    store(as_file(phone_photo()), actor=clerk)
    assert storage.thumbnail_of(photo.sha256).exists()


def test_a_transaction_that_fails_leaves_no_row(clerk):
    with transaction.atomic():
        store(as_file(pdf()), actor=clerk)
        transaction.set_rollback(True)
    assert not Attachment.objects.exists()


def test_files_lie_outside_of_what_is_served(settings):
    for served in (settings.STATIC_ROOT, *settings.STATICFILES_DIRS):
        assert Path(served) not in Path(settings.ATTACHMENTS_ROOT).parents


# What the database refuses


@pytest.mark.parametrize(
    "change",
    [
        lambda rows: rows.update(sha256="0" * 64), lambda rows: rows.delete(), lambda rows: rows.get().save(),
        lambda rows: rows.get().delete(),
    ],
    ids=["update", "delete", "save", "delete one"],
)  # fmt: skip
def test_the_application_cannot_change_or_remove_a_row(photo, change):
    with pytest.raises(DatabaseError, match=r"permission denied"), transaction.atomic():
        change(Attachment.objects.all())
    assert Attachment.objects.get() == photo


@pytest.mark.parametrize("change", ["UPDATE {} SET name = 'x'", "DELETE FROM {}", "TRUNCATE {} CASCADE"])
def test_not_even_the_owner_of_the_table_can(real_database, photo, change):
    owner = connections["owner"].settings_dict
    names = {"host": "HOST", "port": "PORT", "user": "USER", "password": "PASSWORD", "dbname": "NAME"}
    with psycopg2.connect(**{name: owner[key] for name, key in names.items()}) as link, link.cursor() as cursor:
        with pytest.raises(RestrictViolation, match="only ever added to"):
            cursor.execute(change.format("attachments_attachment"))
        link.rollback()
    link.close()


@pytest.mark.parametrize(
    ("changes", "constraint"),
    [
        ({"content_type": "text/html"}, "attachment_is_a_photo_or_a_pdf"),
        ({"kind": "pdf"}, "attachment_is_a_photo_or_a_pdf"),
        ({"width": None}, "attachment_is_a_photo_or_a_pdf"),
        ({"height": 0}, "attachment_is_a_photo_or_a_pdf"),
        ({"size": 0}, "attachment_has_content_and_its_hash"),
        ({"sha256": "../../etc/passwd"}, "attachment_has_content_and_its_hash"),
        ({"sha256": "A" * 64}, "attachment_has_content_and_its_hash"),
    ],
)
def test_a_row_that_makes_no_sense_is_refused(clerk, changes, constraint):
    fields = {"name": "x", "kind": "image", "content_type": "image/jpeg", "sha256": "a" * 64, "size": 1}
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Attachment.objects.create(**fields | {"width": 1, "height": 1, "uploaded_by": clerk} | changes)


def test_who_uploaded_something_cannot_be_deleted(photo, clerk):
    with pytest.raises(DatabaseError):
        clerk.delete()


def test_different_photos_are_different_files(photo, clerk):
    assert store(as_file(encoded(halves(40, 80))), actor=clerk).sha256 != photo.sha256
