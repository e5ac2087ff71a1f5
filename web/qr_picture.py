"""A public address as a QR code that is its own picture. Never for secrets: what was drawn is kept in memory."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import segno

KEPT: Final = 1_000
"""Pictures kept; drawing one takes a few milliseconds of the page's sixty."""
SCALE: Final = 3


@lru_cache(maxsize=KEPT)
def qr_picture(address: str) -> str:
    """Draw a public address; dark on light in every scheme, for cameras."""
    return str(segno.make(address, error="m", micro=False).svg_data_uri(scale=SCALE, border=4, light="#fff"))
