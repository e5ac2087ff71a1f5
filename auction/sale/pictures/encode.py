"""Make a picture anew: decoded, turned upright, without any metadata, in three sizes and two formats. Runs in a process of its own.

1. Only JPEG, PNG and WebP are decoded, by what they hold. The header is read first: too many pixels are never decoded.
2. What is written is made of the pixels alone. Place, camera, comments, thumbnails, colour profiles and whatever hid behind the
   picture stay behind.
3. The process has little memory, little time and may write no file: whatever a decoder does, it does it here and to itself.
"""

from __future__ import annotations

import io
import resource
import sys
from typing import Final

import msgspec
from PIL import Image, ImageOps

from auction.sale.pictures.pictures import BYTES_MOST, FORMATS, PIXELS_MOST, SIDE_LEAST, SIZES, Format, Outcome, Size

MEMORY_MOST: Final = 2 * 1024**3
SECONDS_MOST: Final = 30
QUALITY: Final[dict[Format, int]] = {"webp": 80, "jpeg": 82}


class MadeFile(msgspec.Struct, frozen=True, kw_only=True):
    """One size in one format."""

    size: Size
    format: Format
    width: int
    height: int
    content: bytes


class Made(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a picture; the files are there if it is fit."""

    outcome: Outcome
    files: tuple[MadeFile, ...] = ()


def make(content: bytes) -> Made:
    """Make all sizes of a picture; one that cannot be decoded is *unreadable*."""
    try:
        with Image.open(io.BytesIO(content), formats=("JPEG", "PNG", "WEBP")) as opened:
            unfit = _unfit(opened.size)
            if unfit is not None:
                return Made(outcome=unfit)
            plain = _plain(opened)
    except Image.DecompressionBombError:  # Pillow's own limit, far beyond ours, speaks before the header is given
        return Made(outcome="too_many_pixels")
    except Exception:  # noqa: BLE001 - decoders raise anything; this process is the outermost place
        return Made(outcome="unreadable")
    return Made(outcome="fit", files=tuple(_file(plain, size, form) for size in _sizes() for form in _formats()))


def _unfit(sides: tuple[int, int]) -> Outcome | None:
    if sides[0] * sides[1] > PIXELS_MOST:
        return "too_many_pixels"
    return "too_small" if min(sides) < SIDE_LEAST else None


def _plain(opened: Image.Image) -> Image.Image:
    """Decode, turn upright, put on white, and copy the pixels into a picture that knows nothing else (rule 2)."""
    largest = SIZES["large"]
    opened.draft("RGB", (largest, largest))
    upright = ImageOps.exif_transpose(opened)
    upright.thumbnail((largest, largest), Image.Resampling.LANCZOS)
    plain = Image.new("RGB", upright.size, "white")
    if upright.has_transparency_data:
        seen = upright.convert("RGBA")
        plain.paste(seen, mask=seen.getchannel("A"))
    else:
        plain.paste(upright.convert("RGB"))
    return plain


def _file(plain: Image.Image, size: Size, form: Format) -> MadeFile:
    scaled = plain.copy()
    scaled.thumbnail((SIZES[size], SIZES[size]), Image.Resampling.LANCZOS)
    written = io.BytesIO()
    if form == "webp":
        scaled.save(written, "WEBP", quality=QUALITY[form], method=4)
    else:
        scaled.save(written, "JPEG", quality=QUALITY[form], optimize=True, progressive=True)
    return MadeFile(size=size, format=form, width=scaled.width, height=scaled.height, content=written.getvalue())


def _sizes() -> tuple[Size, ...]:
    return msgspec.convert(tuple(SIZES), tuple[Size, ...])


def _formats() -> tuple[Format, ...]:
    return msgspec.convert(FORMATS, tuple[Format, ...])


def _bind_hands() -> None:
    """Limit this process (rule 3)."""
    for what, most in (
        (resource.RLIMIT_AS, MEMORY_MOST),
        (resource.RLIMIT_CPU, SECONDS_MOST),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))


def main() -> None:
    """Read a picture from standard input, write what became of it to standard output."""
    _bind_hands()
    sys.stdout.buffer.write(msgspec.msgpack.encode(make(sys.stdin.buffer.read(BYTES_MOST + 1))))


if __name__ == "__main__":
    main()
