"""Pictures made anew: nothing but pixels goes in, and nothing that a file does leaves its process."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from auction.sale.pictures.encode import _unfit, make
from auction.sale.pictures.encode_apart import make_apart
from auction.sale.pictures.pictures import (
    BYTES_MOST,
    PIXELS_MOST,
    SIDE_LEAST,
    SIZES,
    PictureTooLarge,
    PictureTypeWrong,
    check_file,
)
from tests.auction.sale.pictures.photographs import (
    COMMENT,
    MAKER,
    NO_PICTURES,
    bomb,
    photograph,
    transparent,
)


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_nothing_but_pixels_is_left(form: str) -> None:
    """Place, maker, comment and colour profile of a photograph are in none of its files; each file is what its name says."""
    brought = photograph(form=form)
    made = make(brought)

    assert MAKER.encode() in brought
    assert made.outcome == "fit"
    assert [(one.size, one.format) for one in made.files] == [
        (size, form) for size in SIZES for form in ("webp", "jpeg")
    ]
    for one in made.files:
        with Image.open(io.BytesIO(one.content)) as shown:
            assert shown.format == one.format.upper()
            assert shown.size == (one.width, one.height)
            assert not dict(shown.getexif())
            assert {"exif", "icc_profile", "comment", "xmp", "photoshop"}.isdisjoint(shown.info)
        assert MAKER.encode() not in one.content
        assert COMMENT not in one.content
        assert b"Exif" not in one.content
        assert max(one.width, one.height) == min(1200, SIZES[one.size])


def test_picture_is_turned_upright() -> None:
    """A photograph that says that it lies on its side is shown upright, since what said so is gone."""
    (small, *_rest) = [one for one in make(photograph(1200, 600, turned=6)).files if one.format == "jpeg"]
    with Image.open(io.BytesIO(small.content)) as shown:
        above, below = shown.getpixel((shown.width // 2, 10)), shown.getpixel((shown.width // 2, shown.height - 10))

    assert (small.width, small.height) == (200, 400)
    assert isinstance(above, tuple)
    assert isinstance(below, tuple)
    assert above[0] > above[2]
    assert below[2] > below[0]


def test_what_lies_below_transparency_is_not_shown() -> None:
    """A see-through picture is shown on white; the colour below it is gone."""
    jpeg = next(one for one in make(transparent()).files if one.format == "jpeg")
    with Image.open(io.BytesIO(jpeg.content)) as shown:
        assert shown.getpixel((200, 200)) == (255, 255, 255)


@pytest.mark.parametrize(
    ("sides", "outcome"),
    [
        ((SIDE_LEAST - 1, 5000), "too_small"),
        ((5000, SIDE_LEAST - 1), "too_small"),
        ((SIDE_LEAST, SIDE_LEAST), None),
        ((SIDE_LEAST + 1, SIDE_LEAST), None),
        ((8000, PIXELS_MOST // 8000), None),
        ((PIXELS_MOST + 1, 1), "too_many_pixels"),
        ((8000, PIXELS_MOST // 8000 + 1), "too_many_pixels"),
    ],
)
def test_sides_and_area_have_limits(sides: tuple[int, int], outcome: str | None) -> None:
    """The shorter side and the area are judged at their limits to the pixel, before anything is decoded."""
    assert _unfit(sides) == outcome


def test_side_at_the_limit_is_shown() -> None:
    """A real picture with the least side is fit; one pixel less is too small."""
    assert make(photograph(SIDE_LEAST, 400)).outcome == "fit"
    assert make(photograph(SIDE_LEAST - 1, 400)).outcome == "too_small"


@pytest.mark.parametrize(
    ("content", "outcome"),
    [
        (bomb(), "too_many_pixels"),
        (bomb(400, 400), "unreadable"),
        (photograph()[: len(photograph()) // 2], "unreadable"),
        (b"\xff\xd8\xff" + bytes(100), "unreadable"),
        (b"RIFF\x10\x00\x00\x00WEBPVP8 ", "unreadable"),
    ],
    ids=["bomb", "too few rows", "cut off", "no jpeg", "no webp"],
)
async def test_malformed_files_end_in_their_process(content: bytes, outcome: str) -> None:
    """A bomb is never decoded, and a broken file is unreadable; who asked goes on."""
    check_file(content)

    assert (await make_apart(content)).outcome == outcome


async def test_process_that_takes_too_long_is_ended() -> None:
    """A picture whose process does not answer in time is unreadable, and the process is gone."""
    assert (await make_apart(photograph(), patience_s=0.001)).outcome == "unreadable"
    assert (await make_apart(photograph())).outcome == "fit"


@pytest.mark.parametrize("name", sorted(NO_PICTURES))
def test_only_pictures_are_taken(name: str) -> None:
    """SVG, PDF, archives, pages and films are refused by what they hold, before anything is stored."""
    with pytest.raises(PictureTypeWrong):
        check_file(NO_PICTURES[name])


def test_size_of_a_file_has_a_limit() -> None:
    """The largest file is taken, one byte more is not."""
    largest = b"\xff\xd8\xff" + bytes(BYTES_MOST - 3)
    check_file(largest)
    with pytest.raises(PictureTooLarge):
        check_file(largest + b"\0")
