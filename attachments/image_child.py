"""The child process that opens a foreign photo: bytes in on stdin, two clean JPEGs out, within limits.

It knows nothing of the project and holds no secret; a photo that makes it burst takes nothing else along. What goes
out is drawn anew from the pixels: of the file that came in, no byte and no metadata remain.
"""

from __future__ import annotations

import io
import json
import sys

from PIL import Image, ImageOps

FORMATS = ("JPEG", "PNG", "WEBP")
PIXELS_MAX = 25_000_000
MEMORY_MAX = 768 * 1024 * 1024
SECONDS_MAX = 10
SIDE_MAX, THUMBNAIL_SIDE_MAX = 2_400, 320
QUALITY = 85
TOO_LARGE = 3  # the exit code that `checking` knows; any other says that the photo cannot be read


def main() -> None:
    limit()
    Image.MAX_IMAGE_PIXELS = None  # our own limit is lower, and refuses where Pillow's first one only warns
    try:
        picture = redrawn(sys.stdin.buffer.read())
    except MemoryError:
        raise SystemExit(TOO_LARGE) from None
    large = as_jpeg(picture)
    answer = {"width": picture.width, "height": picture.height, "bytes": len(large)}
    picture.thumbnail((THUMBNAIL_SIDE_MAX, THUMBNAIL_SIDE_MAX))
    sys.stdout.buffer.write(json.dumps(answer).encode() + b"\n" + large + as_jpeg(picture))


def limit() -> None:
    try:
        import resource  # noqa: PLC0415  # Windows has none
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_MAX, MEMORY_MAX))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS_MAX, SECONDS_MAX))


def redrawn(content: bytes) -> Image.Image:
    """The photo upright, opaque, no larger than it need be, and without anything that is not a pixel."""
    photo = Image.open(io.BytesIO(content), formats=FORMATS)
    if photo.width * photo.height > PIXELS_MAX:
        raise SystemExit(TOO_LARGE)
    ImageOps.exif_transpose(photo, in_place=True)
    picture = opaque(photo)
    picture.thumbnail((SIDE_MAX, SIDE_MAX))
    picture.info = {}  # else Pillow writes a comment again
    return picture


def opaque(photo: Image.Image) -> Image.Image:
    """In RGB, transparent parts white."""
    if photo.mode.startswith("I"):  # 16 bits of grey, which convert() would cut off instead of scaling
        return photo.point(lambda level: level * (1 / 256)).convert("L").convert("RGB")
    if not photo.has_transparency_data:
        return photo.convert("RGB")
    layer, white = photo.convert("RGBA"), Image.new("RGB", photo.size, "white")
    white.paste(layer, mask=layer)
    return white


def as_jpeg(picture: Image.Image) -> bytes:
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=QUALITY)
    return file.getvalue()


main()
