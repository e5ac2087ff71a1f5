"""Files as people bring them: photographs with all that cameras write into them, and what only pretends to be one."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Final

from PIL import Image, ImageCms

GPS_IFD: Final = 0x8825
ORIENTATION: Final = 0x0112
MAKER: Final = "CameraOfSomebody"
PLACE: Final = (116.0, 23.0, 29.0)
COMMENT: Final = b"taken by a neighbour, telephone 010-12345678"


def photograph(width: int = 1200, height: int = 900, *, form: str = "JPEG", salt: int = 0, turned: int = 1) -> bytes:
    """Make a picture whose left half is red and right half blue, with place, maker, comment and colour profile in it."""
    canvas = Image.new("RGB", (width, height), (200, 20, 20))
    canvas.paste((20, 20, 200), (width // 2, 0, width, height))
    exif = Image.Exif()
    exif[0x010F] = MAKER
    exif[0x0131] = f"camera {salt}"
    exif[ORIENTATION] = turned
    exif.get_ifd(GPS_IFD)[2] = PLACE
    written = io.BytesIO()
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    more = {"comment": COMMENT} if form == "JPEG" else {}
    canvas.save(written, form, exif=exif, icc_profile=profile, **more)
    return written.getvalue()


def transparent(width: int = 400, height: int = 400) -> bytes:
    """Make a PNG that is see-through everywhere, with a colour hidden below."""
    written = io.BytesIO()
    Image.new("RGBA", (width, height), (255, 0, 0, 0)).save(written, "PNG")
    return written.getvalue()


def bomb(width: int = 60_000, height: int = 60_000) -> bytes:
    """Make a PNG of a few bytes that says to be enormous."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")
    )


SVG: Final = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
PDF: Final = b"%PDF-1.7\n1 0 obj<</Type/Catalog/OpenAction<</S/JavaScript/JS(app.alert(1))>>>>endobj\n"
ZIP: Final = b"PK\x03\x04" + bytes(200)
GIF: Final = b"GIF89a" + bytes(200)
HTML: Final = b"<!doctype html><script>alert(1)</script>"
NO_PICTURES: Final = {
    "svg": SVG,
    "pdf": PDF,
    "zip": ZIP,
    "gif": GIF,
    "html": HTML,
    "empty": b"",
    "riff": b"RIFF0000WAVE",
}
