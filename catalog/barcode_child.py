"""The child process that looks for codes in a photo: a JPEG in on stdin, what was read out as JSON, within limits."""

from __future__ import annotations

import io
import json
import sys

import zxingcpp
from PIL import Image

MEMORY_MAX = 768 * 1024 * 1024
SECONDS_MAX = 10
CODES_MAX = 20
FORMATS = zxingcpp.barcode_formats_from_str("EAN13,EAN8,UPCA,UPCE,Code128,ITF,DataBarOmni,DataBarExp,DataMatrix,QRCode")


def main() -> None:
    limit()
    photo = Image.open(io.BytesIO(sys.stdin.buffer.read()), formats=("JPEG",))
    json.dump(codes_in(photo), sys.stdout)


def limit() -> None:
    try:
        import resource  # noqa: PLC0415  # Windows has none
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_MAX, MEMORY_MAX))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS_MAX, SECONDS_MAX))


def codes_in(photo: Image.Image) -> list[str]:
    """What a hand scanner would deliver: the symbology identifier, then the text with its separators; each once."""
    found = zxingcpp.read_barcodes(photo, formats=FORMATS, text_mode=zxingcpp.TextMode.Plain)
    return list(dict.fromkeys(code.symbology_identifier + code.text for code in found))[:CODES_MAX]


main()
