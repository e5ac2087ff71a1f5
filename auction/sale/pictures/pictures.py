"""The picture of a lot: what may be brought, when, and how it ends. Pure.

1. A picture is a JPEG, PNG or WebP by its content, whatever it is called; nothing else is taken (security 7). Its file has at most
   `BYTES_MOST`, its shorter side at least `SIDE_LEAST` and its area at most `PIXELS_MOST`; a lot has at most `PICTURES_MOST`.
2. What was brought is shown to nobody. It is examined by the scanner, decoded apart and made anew without metadata, and shown
   only as that; then it is erased. What the scanner found infected stays sealed for `QUARANTINE_KEPT` and is erased then.
3. Each picture says in both languages what it shows, and on which day it was taken; that text is public (`check_public_text`).
4. While bids are taken nothing is added, and nothing is arranged otherwise: everybody bids on the same pictures.
5. Before the lot's first notice a picture is removed, and erased. After it a picture is superseded with a reason, which is public; it
   stays on the record, and visible, unless it is withheld because it shows what may not be public.

Source: 网拍 7 (who makes photographs), 13(5) (they are published with the notice).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Final, Literal
from uuid import UUID

import msgspec

from auction.kernel.errors import Conflict, Malformed, NotFound
from auction.sale.lots.lots import LotState

BYTES_MOST: Final = 10 * 1024 * 1024
PIXELS_MOST: Final = 64_000_000
SIDE_LEAST: Final = 300
PICTURES_MOST: Final = 40
CAPTION_MOST: Final = 120
REASON_MOST: Final = 300
QUARANTINE_KEPT: Final = timedelta(days=30)
SIZES: Final[dict[str, int]] = {"small": 400, "medium": 960, "large": 1920}
"""The longer side of each size, in pixels; a smaller picture is not made larger."""
FORMATS: Final = ("webp", "jpeg")

Size = Literal["small", "medium", "large"]
Format = Literal["webp", "jpeg"]
Outcome = Literal["fit", "infected", "unreadable", "too_small", "too_many_pixels"]
Ending = Literal["removed", "superseded"]

_S = LotState
TAKES_PICTURES: Final = frozenset(
    {_S.DRAFT, _S.LISTED, _S.DECIDED, _S.ANNOUNCED, _S.STOPPED, _S.FAILED, _S.DEFAULTED, _S.SET_ASIDE}
)
"""States in which pictures are added and arranged (rule 4)."""


class PictureTypeWrong(Malformed):
    """The file is no JPEG, PNG or WebP (rule 1)."""

    code = "picture_type_wrong"
    article = "house: pictures rule 1"
    zh = "只接受 JPEG、PNG、WebP 照片；以文件内容为准，与文件名无关。"
    en = "Only JPEG, PNG and WebP photographs are taken, by what the file holds and not by its name."


class PictureTooLarge(Malformed):
    """The file is larger than `BYTES_MOST` (rule 1)."""

    code = "picture_too_large"
    article = "house: pictures rule 1"
    zh = "照片文件超过{most}MB，请缩小后上传。"
    en = "The file is larger than {most} MB; please make it smaller."


class PicturesFull(Conflict):
    """The lot has as many pictures as it may have (rule 1)."""

    code = "pictures_full"
    article = "house: pictures rule 1"
    zh = "该拍品已有{most}张照片，请先移除或者更换。"
    en = "The lot has {most} pictures already; remove or supersede one first."


class PictureTwice(Conflict):
    """The lot has this very file already."""

    code = "picture_twice"
    article = "house: a lot shows a picture once"
    zh = "该照片已上传过。"
    en = "This picture was brought before."


class PictureUnknown(NotFound):
    """No such picture, or not for the one who asks."""

    code = "picture_unknown"
    article = "house: a picture is known by its id"
    zh = "没有该照片。"
    en = "There is no such picture."


class PictureEnded(Conflict):
    """The picture was removed or superseded before."""

    code = "picture_ended"
    article = "house: a picture ends once"
    zh = "该照片已移除或者更换。"
    en = "The picture was removed or superseded before."


class PicturesStandStill(Conflict):
    """Bids are being taken, or the sale is over (rule 4)."""

    code = "pictures_stand_still"
    article = "house: pictures rule 4"
    zh = "竞价期间和成交以后不能增加或者调整照片。"
    en = "While bids are taken, and after the sale, pictures are neither added nor arranged."


class PicturePublic(Conflict):
    """The picture was shown with a notice: it is superseded, not removed (rule 5)."""

    code = "picture_public"
    article = "house: pictures rule 5"
    zh = "公告后照片不能移除，只能更换并说明理由。"
    en = "After the notice a picture is not removed but superseded, with a reason."


class PictureNotPublic(Conflict):
    """The lot was not announced yet: the picture is simply removed (rule 5)."""

    code = "picture_not_public"
    article = "house: pictures rule 5"
    zh = "尚未公告，直接移除照片即可。"
    en = "The lot was not announced yet: simply remove the picture."


class PictureOrderWrong(Malformed):
    """The order names other pictures than the lot's."""

    code = "picture_order_wrong"
    article = "house: an order names each picture of the lot once"
    zh = "照片顺序与现有照片不一致，请刷新后重试。"
    en = "The order does not name the lot's pictures, each once; reload and try again."


class PictureDayWrong(Malformed):
    """The picture was taken in the future, or long before (rule 3)."""

    code = "picture_day_wrong"
    article = "house: pictures rule 3"
    zh = "拍摄日期不能晚于今天，也不能早于十年前。"
    en = "The day on which it was taken is not in the future, and not more than ten years ago."


class NoScanner(Conflict):
    """This installation has no line to a scanner, and shows nothing that was not examined (rule 2)."""

    code = "no_scanner"
    article = "house: pictures rule 2"
    zh = "本系统未接入文件安全检查，暂不能上传照片。"
    en = "This installation has no line to a scanner; pictures are not taken."


class PictureShown(msgspec.Struct, frozen=True, kw_only=True):
    """A picture as pages show it."""

    picture_id: UUID
    lot_id: UUID
    caption_zh: str
    caption_en: str
    taken_on: date
    brought_at: datetime
    sha256: str
    """Of the largest JPEG, which everybody may take away and compare; empty while there is none."""
    sides: dict[str, tuple[int, int]]
    """Width and height by size; empty while there is no file."""
    outcome: Outcome | None = None
    """``None``: not examined yet."""
    ending: Ending | None = None
    replaced_by: UUID | None = None
    is_withheld: bool = False
    reason: str = ""
    ended_at: datetime | None = None

    @property
    def is_standing(self) -> bool:
        """Whether it is one of the lot's pictures."""
        return self.outcome == "fit" and self.ending is None


class PicturesOfLot(msgspec.Struct, frozen=True, kw_only=True):
    """A lot's pictures: those that stand, in their order, and all others, the newest first."""

    standing: tuple[PictureShown, ...]
    others: tuple[PictureShown, ...]

    @property
    def superseded(self) -> tuple[PictureShown, ...]:
        """Those that the public has seen and that were exchanged (rule 5)."""
        return tuple(one for one in self.others if one.ending == "superseded")


def check_file(content: bytes) -> None:
    """Refuse a file that is no picture, or too large (rule 1): `PictureTooLarge`, `PictureTypeWrong`."""
    if len(content) > BYTES_MOST:
        raise PictureTooLarge(field="file", most=BYTES_MOST // 1024 // 1024)
    is_webp = content[:4] == b"RIFF" and content[8:12] == b"WEBP"
    if not (content.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")) or is_webp):
        raise PictureTypeWrong(field="file")


def check_taken(taken_on: date, *, today: date) -> None:
    """Refuse a day that is not of the recent past (rule 3): `PictureDayWrong`."""
    if not date(today.year - 10, 1, 1) <= taken_on <= today:
        raise PictureDayWrong(field="taken_on")


def require_changeable(state: str) -> None:
    """Refuse while bids are taken, and after the sale (rule 4): `PicturesStandStill`."""
    if state not in TAKES_PICTURES:
        raise PicturesStandStill


def in_order(pictures: Sequence[PictureShown], order: Sequence[UUID]) -> tuple[PictureShown, ...]:
    """Put pictures in the order that was arranged; those that came later follow as they came."""
    place = {picture_id: number for number, picture_id in enumerate(order)}
    return tuple(
        sorted(pictures, key=lambda one: (place.get(one.picture_id, len(place)), one.brought_at, one.picture_id))
    )


def check_order(pictures: Sequence[PictureShown], order: Sequence[UUID]) -> None:
    """Refuse an order that does not name each picture once: `PictureOrderWrong`."""
    if sorted(order) != sorted(one.picture_id for one in pictures):
        raise PictureOrderWrong
