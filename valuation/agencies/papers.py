"""Papers on which a step rests: known by the SHA-256 of their file."""

from __future__ import annotations

import re

from auction.kernel.errors import Malformed

_SHA256 = re.compile(r"[0-9a-f]{64}")


class PaperNeeded(Malformed):
    """The step rests on a paper whose fingerprint is missing or misshapen."""

    code = "paper_needed"
    article = "house: a paper is known by the SHA-256 of its file"
    zh = "缺少依据文件的指纹（SHA-256）。"
    en = "The fingerprint (SHA-256) of the paper on which this rests is missing."


def require_paper(sha256: str) -> str:
    """Give the fingerprint of a paper, or refuse (`PaperNeeded`)."""
    if _SHA256.fullmatch(sha256) is None:
        raise PaperNeeded
    return sha256
