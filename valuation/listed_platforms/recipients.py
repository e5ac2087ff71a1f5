"""To whom the mandates of an inquiry go (参考价 10): every listed platform, no other, all at one moment. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from auction.kernel.errors import Conflict
from valuation.listed_platforms.register import PlatformNotListed, PlatformUnconnected


class MandatesSentApart(Conflict):
    """One platform was asked later than another."""

    code = "mandates_sent_apart"
    article = "参考价 10"
    zh = "应当同时委托名单库中的全部平台，不得先后委托。"
    en = "All listed platforms are asked at the same moment, not one after another."


def check_recipients(listed: Collection[str], sent: Mapping[str, datetime]) -> None:
    """Refuse an inquiry that leaves a listed platform out, asks another, or asks one later.

    ``sent``: platform and instant of its mandate. Raises: `PlatformUnconnected`, `PlatformNotListed`, `MandatesSentApart`.
    Source: 参考价 10.
    """
    left_out = sorted(set(listed) - set(sent))
    if left_out:
        raise PlatformUnconnected(platforms=", ".join(left_out))
    if not set(sent) <= set(listed):
        raise PlatformNotListed
    if len(set(sent.values())) > 1:
        raise MandatesSentApart
