"""What comes in: photos leave everything but their pixels at the door, and what is neither photo nor PDF stays out."""

from __future__ import annotations

import io
import time

import pytest
from django.core.exceptions import ValidationError
from PIL import Image

from attachments import checking
from attachments.checking import check, tidy_name
from attachments.models import Attachment
from attachments.services import store
from tests.attachments import samples
from tests.attachments.conftest import files
from tests.attachments.samples import REFUSED, as_file, bomb, encoded, exif, halves, pdf, phone_photo

RED, BLUE, WHITE = (254, 0, 0), (0, 0, 254), (255, 255, 255)


def picture_of(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(content))


def is_near(pixel, colour) -> bool:
    return all(abs(one - other) < 12 for one, other in zip(pixel, colour, strict=True))


# Photos


def test_a_photo_leaves_its_place_and_its_camera_at_the_door():
    before = phone_photo()
    assert picture_of(before).getexif().get_ifd(samples.GPS)
    checked = check(as_file(before))
    for content in (checked.content, checked.thumbnail):
        picture = picture_of(content)
        assert not picture.getexif()
        assert set(picture.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
        assert not any(
            trace in content for trace in (samples.COMMENT, samples.MAKER.encode(), b"45.75N", b"Exif", b"xmpmeta")
        )


def test_what_is_hidden_behind_or_inside_a_photo_is_gone():
    hidden = encoded(halves(), "PNG") + samples.SCRIPT
    assert samples.SCRIPT not in check(as_file(hidden)).content
    assert samples.SCRIPT not in check(as_file(encoded(halves(), comment=samples.SCRIPT))).content


@pytest.mark.parametrize("encoding", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("name", ["photo.jpg", "photo.exe", "photo.pdf", ""])
def test_every_photo_becomes_a_jpeg_whatever_its_name(encoding, name):
    checked = check(as_file(encoded(halves(), encoding), name))
    assert (checked.kind, checked.width, checked.height) == (Attachment.Kind.IMAGE, 80, 40)
    assert picture_of(checked.content).format == "JPEG"


@pytest.mark.parametrize(
    ("orientation", "size", "red_at"),
    [
        (1, (80, 40), (5, 20)), (2, (80, 40), (75, 20)), (3, (80, 40), (75, 20)), (4, (80, 40), (5, 20)),
        (5, (40, 80), (20, 5)), (6, (40, 80), (20, 5)), (7, (40, 80), (20, 75)), (8, (40, 80), (20, 75)),
    ],
)  # fmt: skip
@pytest.mark.parametrize("encoding", ["JPEG", "PNG", "WEBP"])
def test_a_photo_is_turned_as_it_was_held(encoding, orientation, size, red_at):
    checked = check(as_file(encoded(halves(), encoding, exif=exif(orientation))))
    picture = picture_of(checked.content)
    assert picture.size == (checked.width, checked.height) == size
    assert is_near(picture.getpixel(red_at), RED)
    assert is_near(picture.getpixel((size[0] - 1 - red_at[0], size[1] - 1 - red_at[1])), BLUE)


def test_a_large_photo_is_made_smaller_and_its_thumbnail_far_smaller():
    checked = check(as_file(encoded(halves(4000, 2000))))
    assert picture_of(checked.content).size == (checked.width, checked.height) == (2400, 1200)
    assert picture_of(checked.thumbnail).size == (320, 160)


def test_a_small_photo_is_not_made_larger():
    assert picture_of(check(as_file(encoded(halves()))).thumbnail).size == (80, 40)


def test_what_is_transparent_becomes_white():
    clear = Image.new("RGBA", (20, 20), (0, 0, 0, 0))
    for encoding in ("PNG", "WEBP"):
        picture = picture_of(check(as_file(encoded(clear, encoding))).content)
        assert is_near(picture.getpixel((10, 10)), WHITE)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "CMYK", "I;16"])
def test_every_kind_of_colour_is_read(mode):
    picture = Image.new("I;16", (20, 20), 32_896) if mode == "I;16" else halves(20, 20).convert(mode)
    checked = check(as_file(encoded(picture, "JPEG" if mode == "CMYK" else "PNG")))
    red = {"CMYK": RED, "P": RED, "I;16": (128, 128, 128), "1": None}.get(mode, (76, 76, 76))
    assert red is None or is_near(picture_of(checked.content).getpixel((3, 3)), red)


# What stays out


@pytest.mark.parametrize(("content", "words"), REFUSED.values(), ids=REFUSED)
@pytest.mark.parametrize("name", ["photo.jpg", "report.pdf"])
def test_what_is_no_photo_and_no_pdf_is_refused_in_a_sentence_and_nothing_stays(content, words, name, root, clerk):
    with pytest.raises(ValidationError, match=words) as refusal:
        store(as_file(content, name), actor=clerk)
    assert str(refusal.value.messages[0]).endswith(".")
    assert not files(root)
    assert not Attachment.objects.exists()


def test_a_bomb_is_refused_at_once():
    begin = time.monotonic()
    with pytest.raises(ValidationError):
        check(as_file(bomb()))
    assert time.monotonic() - begin < 5


def test_one_pixel_less_than_too_many_is_read():
    assert check(as_file(encoded(Image.new("1", (5000, 5000)), "PNG"))).width == 2400


def test_a_photo_that_takes_too_long_is_given_up(monkeypatch, tmp_path):
    child = tmp_path / "child.py"
    child.write_text("while True: pass")
    monkeypatch.setattr(checking, "CHILD", child)
    monkeypatch.setattr(checking, "SECONDS_MAX", 0.2)
    with pytest.raises(ValidationError, match="takes too long"):
        check(as_file(phone_photo()))


def test_ten_megabytes_are_still_taken():
    assert len(check(as_file(pdf(inside=b" " * (10 * 1024 * 1024 - len(pdf()))))).content) == 10 * 1024 * 1024


# PDFs


@pytest.mark.parametrize("content", [pdf(), pdf(after=b"\r\n \0\n"), pdf(inside=b"/OpenAction [1 0 R /Fit]")])
def test_a_pdf_stays_as_it_is(content):
    checked = check(as_file(content, "report.jpg"))
    assert (checked.kind, checked.content, checked.thumbnail) == (Attachment.Kind.PDF, content, b"")


# Names


@pytest.mark.parametrize(
    ("name", "tidied"),
    [
        ("门口.jpg", "门口.jpg"), ("../../etc/passwd", "passwd"), ("..\\..\\boot.ini", "boot.ini"), ("/", "-"),
        ("a\r\nSet-Cookie: b.jpg", "aSet-Cookie: b.jpg"), ("photo\u202egpj.exe", "photogpj.exe"), ("a\0.jpg", "a.jpg"),
        ("", "-"), ("x" * 300 + ".jpg", "x" * 196 + ".jpg"), ("\ud800.jpg", ".jpg"),
    ],
)  # fmt: skip
def test_a_name_is_only_ever_read(name, tidied):
    assert tidy_name(name) == tidied
