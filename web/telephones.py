"""Mobile numbers of the mainland, as people type and know them."""

from __future__ import annotations

import re
from typing import Final

_MOBILE: Final = re.compile(r"(?:\+?86)?(1[3-9][0-9]{9})")
_BETWEEN: Final = re.compile(r"[\s-]")


def mobile_number(text: str) -> str | None:
    """Give a mobile number in its eleven digits; ``None``: the text is none."""
    found = _MOBILE.fullmatch(_BETWEEN.sub("", text))
    return None if found is None else found[1]


def mask_mobile(number: str) -> str:
    """Show a number as its owner knows it again: ``138****0000``."""
    return f"{number[:3]}****{number[-4:]}"
