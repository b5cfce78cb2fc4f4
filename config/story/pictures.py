"""Pictures of some goods of the story: packages drawn here, that nobody's true package resembles."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from io import BytesIO

from django.core.files.base import ContentFile
from PIL import Image, ImageDraw

from accounts.models import User
from attachments.services import store
from catalog.models import ProductImage
from config.story.goods import Goods

SIDE = 900
PAPER, SHADE = (244, 242, 236), (222, 218, 208)


def load_pictures(goods: Mapping[str, Goods], *, actor: User) -> int:
    """Show the drawn packages with their goods, as given by their makers; returns how many."""
    for key, draw in DRAWN.items():
        product = goods[key].product
        picture = Image.new("RGB", (SIDE, SIDE), PAPER)
        canvas = ImageDraw.Draw(picture)
        canvas.ellipse((150, 770, 750, 850), fill=SHADE)
        draw(canvas)
        file = BytesIO()
        picture.save(file, "JPEG", quality=85)
        attachment = store(ContentFile(file.getvalue(), name=f"{product.name}.jpg"), actor=actor)
        ProductImage.objects.create(product=product, attachment=attachment, enterprise=product.maker, author=actor)
    return len(DRAWN)


def _pouch(colour: tuple[int, int, int], ink: tuple[int, int, int]) -> Callable[[ImageDraw.ImageDraw], None]:
    """A bag with a bowl of noodles on it."""

    def draw(canvas: ImageDraw.ImageDraw) -> None:
        canvas.polygon([(220, 110), (680, 110), (710, 800), (190, 800)], fill=colour)
        canvas.rectangle((215, 110, 685, 160), fill=ink)
        canvas.ellipse((270, 250, 630, 610), fill=PAPER)
        canvas.chord((310, 330, 590, 610), 0, 180, fill=ink)
        for bend in range(5):
            left = 335 + bend * 45
            canvas.arc((left, 360, left + 70, 480), 180, 360, fill=(236, 196, 120), width=12)
        canvas.rectangle((260, 670, 640, 700), fill=PAPER)
        canvas.rectangle((320, 725, 580, 745), fill=PAPER)

    return draw


def _carton(canvas: ImageDraw.ImageDraw) -> None:
    """A carton of milk with a gable top."""
    blue, pale = (52, 112, 178), (214, 228, 243)
    canvas.polygon([(300, 260), (600, 260), (600, 810), (300, 810)], fill=pale)
    canvas.polygon([(300, 260), (360, 130), (540, 130), (600, 260)], fill=blue)
    canvas.rectangle((360, 95, 540, 135), fill=pale)
    canvas.rectangle((300, 560, 600, 810), fill=blue)
    canvas.ellipse((380, 340, 520, 480), fill=PAPER)
    canvas.polygon([(450, 350), (505, 440), (395, 440)], fill=blue)
    canvas.ellipse((393, 400, 507, 480), fill=blue)


def _sausage(canvas: ImageDraw.ImageDraw) -> None:
    """Two sausages on a tray."""
    red, dark = (156, 58, 44), (112, 36, 30)
    canvas.rounded_rectangle((150, 300, 750, 800), 40, fill=(232, 236, 232), outline=SHADE, width=8)
    for top in (380, 560):
        canvas.rounded_rectangle((210, top, 690, top + 140), 70, fill=red)
        canvas.arc((240, top + 15, 660, top + 190), 200, 340, fill=dark, width=10)
        canvas.ellipse((185, top + 55, 225, top + 85), fill=dark)
        canvas.ellipse((675, top + 55, 715, top + 85), fill=dark)


DRAWN: Mapping[str, Callable[[ImageDraw.ImageDraw], None]] = {
    "luosifen": _pouch((178, 44, 38), (96, 22, 20)),
    "luosifen-hot": _pouch((206, 96, 30), (120, 44, 12)),
    "milk": _carton,
    "sausage": _sausage,
}
