"""Files as they come: photos with what phones write into them, and what should not come in at all."""

from __future__ import annotations

import io
import struct
import zlib

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image
from PIL.TiffImagePlugin import IFDRational

COMMENT = b"taken at the back door"
MAKER = "Camera of Harbin"
ORIENTATION, MAKE, GPS = 0x0112, 0x010F, 0x8825


def as_file(content: bytes, name: str = "photo.jpg") -> SimpleUploadedFile:
    """An upload under any name: a client that is no browser may send what Django's own setter would tidy."""
    file = SimpleUploadedFile("x", content)
    file._name = name
    return file


def halves(width: int = 80, height: int = 40) -> Image.Image:
    """A picture that is red on the left and blue on the right."""
    picture = Image.new("RGB", (width, height), "red")
    picture.paste("blue", (width // 2, 0, width, height))
    return picture


def encoded(picture: Image.Image, encoding: str = "JPEG", **options) -> bytes:
    file = io.BytesIO()
    picture.save(file, encoding, **options)
    return file.getvalue()


def exif(orientation: int = 1) -> Image.Exif:
    written = Image.Exif()
    written[ORIENTATION], written[MAKE] = orientation, MAKER
    written.get_ifd(GPS).update({1: "N", 2: (IFDRational(45), IFDRational(45), IFDRational(1234, 100)), 3: "E"})
    return written


def phone_photo(**changes) -> bytes:
    """A JPEG with its place, its camera, a comment, and XMP that names the place again."""
    return encoded(halves(), exif=exif(), comment=COMMENT, xmp=b"<x:xmpmeta>45.75N</x:xmpmeta>", **changes)


def bomb(side: int = 60_000) -> bytes:
    """A PNG of some hundred bytes that claims to be `side` pixels wide and high."""
    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", head) + _chunk(b"IDAT", zlib.compress(bytes(1000))) + _chunk(b"IEND")


def _chunk(kind: bytes, data: bytes = b"") -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def pdf(*, top: bytes = b"", inside: bytes = b"", after: bytes = b"") -> bytes:
    body = b"%PDF-1.7\n" + top + b"1 0 obj\n<< /Type /Catalog " + inside + b" >>\nendobj\ntrailer\n<< /Root 1 0 R >>\n"
    return body + b"startxref\n9\n%%EOF\n" + after


SCRIPT = b"<script>alert(1)</script>"
REFUSED = {
    "empty": (b"", "empty"),
    "over the limit": (b"\xff\xd8\xff" + bytes(10 * 1024 * 1024), "10 MB"),
    "an executable": (b"MZ\x90\x00" + bytes(200), "Only photos"),
    "another executable": (b"\x7fELF" + bytes(200), "Only photos"),
    "SVG with a script": (b'<svg xmlns="http://www.w3.org/2000/svg">' + SCRIPT + b"</svg>", "Only photos"),
    "HTML": (b"<!DOCTYPE html>" + SCRIPT, "Only photos"),
    "an archive": (b"PK\x03\x04" + bytes(200), "Only photos"),
    "GIF": (encoded(halves(), "GIF"), "Only photos"),
    "TIFF": (encoded(halves(), "TIFF"), "Only photos"),
    "HEIC": (b"\x00\x00\x00\x18ftypheic" + bytes(200), "HEIC"),
    "a truncated JPEG": (phone_photo()[:-200], "damaged"),
    "only the beginning of a JPEG": (b"\xff\xd8\xff\xe0", "damaged"),
    "a JPEG that is a script": (b"\xff\xd8\xff" + SCRIPT * 20, "damaged"),
    "a damaged WebP": (encoded(halves(), "WEBP")[:40], "damaged"),
    "a decompression bomb": (bomb(), "25 million"),
    "just too many pixels": (bomb(5_001), "25 million"),
    "a PDF after HTML": (b"<html>" + SCRIPT + pdf(), "Only photos"),
    "HTML at the top of a PDF": (pdf(top=b"<HTML>" + SCRIPT), "no PDF"),
    "HTML after a PDF": (pdf(after=b"<html>" + SCRIPT), "no PDF"),
    "an archive after a PDF": (pdf(after=b"PK\x03\x04" + bytes(40)), "no PDF"),
    "a truncated PDF": (pdf()[:-12], "not whole"),
    "a PDF with JavaScript": (pdf(inside=b"/OpenAction << /S /JavaScript /JS (app.alert(1)) >>"), "program"),
    "a PDF that starts a program": (pdf(inside=b"/OpenAction << /S /Launch /F (cmd.exe) >>"), "program"),
}
