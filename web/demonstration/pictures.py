"""Pictures of the made-up properties, drawn by hand of this program: no photograph of anything that exists."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Final, NamedTuple

from PIL import Image, ImageDraw, ImageFont

WIDTH, HEIGHT = 1600, 1200
_SKY, _GROUND, _WALL, _GLASS, _FRAME = "#b9d2e6", "#8d9b84", "#d8cbb8", "#5f7f99", "#3f3a36"
_FLOOR, _ROOM, _INK = "#b48a5e", "#efe9df", "#28324a"

Draw = Callable[[ImageDraw.ImageDraw], None]


class SamplePicture(NamedTuple):
    """One drawn picture with its captions."""

    key: str
    caption_zh: str
    caption_en: str
    draw: Draw


def drawn(picture: SamplePicture) -> bytes:
    """Draw a picture and give its file, the same on each call."""
    canvas = Image.new("RGB", (WIDTH, HEIGHT), _SKY)
    pen = ImageDraw.Draw(canvas)
    picture.draw(pen)
    pen.rectangle((0, HEIGHT - 90, WIDTH, HEIGHT), fill=_INK)
    pen.text((40, HEIGHT - 74), "SAMPLE PICTURE - DRAWN, NOT TAKEN", fill="white", font=ImageFont.load_default(size=46))
    written = io.BytesIO()
    canvas.save(written, "JPEG", quality=85)
    return written.getvalue()


def _tower(pen: ImageDraw.ImageDraw) -> None:
    """A block of flats with lit and dark windows."""
    pen.rectangle((0, 900, WIDTH, HEIGHT), fill=_GROUND)
    pen.rectangle((420, 130, 1180, 960), fill=_WALL, outline=_FRAME, width=6)
    for row in range(9):
        for column in range(6):
            left, top = 470 + column * 118, 180 + row * 84
            lit = (row * 7 + column * 5) % 4 == 0
            pen.rectangle((left, top, left + 76, top + 52), fill="#f3e3a1" if lit else _GLASS, outline=_FRAME, width=4)
    pen.rectangle((750, 880, 850, 960), fill=_FRAME)


def _living_room(pen: ImageDraw.ImageDraw) -> None:
    """A room with a window, a sofa, and a water stain on its west wall."""
    pen.rectangle((0, 0, WIDTH, HEIGHT), fill=_ROOM)
    pen.polygon(((0, HEIGHT), (WIDTH, HEIGHT), (1250, 780), (350, 780)), fill=_FLOOR)
    pen.line((350, 780, 350, 120, 1250, 120, 1250, 780), fill=_FRAME, width=5)
    pen.line((0, 0, 350, 120), fill=_FRAME, width=5)
    pen.line((WIDTH, 0, 1250, 120), fill=_FRAME, width=5)
    pen.rectangle((600, 220, 1000, 560), fill=_SKY, outline=_FRAME, width=10)
    pen.line((800, 220, 800, 560), fill=_FRAME, width=8)
    pen.ellipse((60, 330, 250, 620), fill="#d3c19c", outline="#b79f6f", width=5)
    pen.rounded_rectangle((470, 720, 1130, 940), radius=40, fill="#6d7f8f", outline=_FRAME, width=6)


def _open_floor(pen: ImageDraw.ImageDraw) -> None:
    """An office floor with rows of desks and lamps."""
    pen.rectangle((0, 0, WIDTH, HEIGHT), fill=_ROOM)
    pen.polygon(((0, HEIGHT), (WIDTH, HEIGHT), (1150, 640), (450, 640)), fill="#9aa0a4")
    pen.rectangle((450, 260, 1150, 640), fill=_SKY, outline=_FRAME, width=6)
    for column in range(1, 6):
        pen.line((450 + column * 117, 260, 450 + column * 117, 640), fill=_FRAME, width=5)
    for row, (left, right, top) in enumerate(((430, 1170, 690), (330, 1270, 790), (200, 1400, 920))):
        pen.rectangle((left, top, right, top + 34 + row * 12), fill="#c9b48f", outline=_FRAME, width=4)
    for lamp in range(4):
        pen.rectangle((300 + lamp * 280, 90, 460 + lamp * 280, 112), fill="white", outline=_FRAME, width=3)


def _plan_of_flat(pen: ImageDraw.ImageDraw) -> None:
    """A plan of two bedrooms, a living room, kitchen and bath."""
    pen.rectangle((0, 0, WIDTH, HEIGHT), fill="white")
    pen.rectangle((200, 120, 1400, 1020), outline=_INK, width=16)
    pen.line((800, 120, 800, 560), fill=_INK, width=12)
    pen.line((200, 560, 620, 560), fill=_INK, width=12)
    pen.line((980, 560, 1400, 560), fill=_INK, width=12)
    pen.line((1000, 760, 1400, 760), fill=_INK, width=12)
    pen.line((1000, 760, 1000, 1020), fill=_INK, width=12)
    pen.arc((620, 470, 800, 650), 180, 270, fill=_INK, width=6)
    pen.line((420, 1020, 760, 1020), fill="white", width=20)


def _plan_of_floor(pen: ImageDraw.ImageDraw) -> None:
    """A plan of a floor with its core and columns."""
    pen.rectangle((0, 0, WIDTH, HEIGHT), fill="white")
    pen.rectangle((150, 150, 1450, 1000), outline=_INK, width=16)
    pen.rectangle((650, 430, 950, 720), outline=_INK, width=12)
    pen.line((650, 575, 950, 575), fill=_INK, width=8)
    for column in range(5):
        for row in (270, 860):
            pen.rectangle((290 + column * 250, row, 330 + column * 250, row + 40), fill=_INK)


PICTURES: Final[dict[str, tuple[SamplePicture, ...]]] = {
    "flat": (
        SamplePicture("tower", "楼栋外观，南侧（示例图）", "The building from the south (sample drawing)", _tower),
        SamplePicture(
            "living-room",
            "客厅，朝南；西墙有渗水痕迹（示例图）",
            "Living room facing south; water stain on the west wall (sample drawing)",
            _living_room,
        ),
        SamplePicture(
            "plan", "户型图：两室一厅一厨一卫（示例图）", "Plan: two bedrooms (sample drawing)", _plan_of_flat
        ),
    ),
    "building": (
        SamplePicture("house", "商务楼外观（示例图）", "The business house (sample drawing)", _tower),
        SamplePicture(
            "floor", "三层办公区，空置部分（示例图）", "Third floor, vacant part (sample drawing)", _open_floor
        ),
        SamplePicture("plan", "三层平面图（示例图）", "Plan of the third floor (sample drawing)", _plan_of_floor),
    ),
}
"""The pictures of each property, by its key."""
