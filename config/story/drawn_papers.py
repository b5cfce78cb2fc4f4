"""Pages of certificates for the story: drawn here, marked as a demonstration, like no true paper."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

import justmytype_intl_cjk
from django.core.files.base import ContentFile
from PIL import Image, ImageDraw, ImageFont

from accounts.models import User
from attachments.models import Attachment
from attachments.services import store

WIDTH, HEIGHT, MARGIN = 1_000, 1_400, 90
PAPER, INK, LINE, SEAL = (252, 251, 246), (28, 36, 48), (170, 170, 165), (190, 40, 40)


def draw_page(title: str, facts: Sequence[tuple[str, str]], *, actor: User) -> Attachment:
    """One page with a title, its facts as a table, and a seal that says what it is."""
    picture = Image.new("RGB", (WIDTH, HEIGHT), PAPER)
    canvas = ImageDraw.Draw(picture)
    canvas.rectangle((40, 40, WIDTH - 40, HEIGHT - 40), outline=LINE, width=4)
    canvas.text((WIDTH / 2, 150), title, font=_font(56), fill=INK, anchor="mm")
    for place, (name, value) in enumerate(facts):
        top = 260 + place * 100
        canvas.line((MARGIN, top + 80, WIDTH - MARGIN, top + 80), fill=LINE, width=2)
        canvas.text((MARGIN, top + 40), name, font=_font(30), fill=LINE, anchor="lm")
        canvas.text((MARGIN + 220, top + 40), value, font=_font(34), fill=INK, anchor="lm")
    canvas.ellipse((640, 1_040, 900, 1_300), outline=SEAL, width=8)
    canvas.text((770, 1_170), "演示专用", font=_font(44), fill=SEAL, anchor="mm")
    file = BytesIO()
    picture.save(file, "JPEG", quality=80)
    return store(ContentFile(file.getvalue(), name=f"{title}.jpg"), actor=actor)


def _font(size: int) -> ImageFont.FreeTypeFont:
    fonts = Path(justmytype_intl_cjk.__file__).parent
    font = ImageFont.truetype(str(next(fonts.rglob("NotoSansSC*wght*.ttf"))), size)
    font.set_variation_by_axes([500])
    return font
