"""One controller, one bidder (一控制人一竞买人): what the company register says, asked before the transaction. Pure but for the port.

1. Only where the notice carries the clause is a second company under one controller refused (网拍 12, 13, 31(5)).
2. The register's answer decides, not our guess; while it does not answer, companies are admitted on their undertaking, which is recorded as
   unknown, and the court checks again before the ruling.
3. Without the clause nobody is refused: that two companies share a controller is recorded for the judge.
"""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

import msgspec

from auction.kernel.errors import Unlawful


class OneControllerRegistered(Unlawful):
    """The notice carries the clause, and another company under the same controller is registered."""

    code = "one_controller_one_bidder"
    article = "网拍 12, 13; house: options of the notice"
    zh = "公告载明“一控制人一竞买人”，受同一人控制的另一竞买人已经报名。"
    en = "The notice says one controller, one bidder, and another bidder under the same controller is registered."


class ControlAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Who controls a company: identity numbers and company codes, as the register had them at ``as_of``."""

    controllers: tuple[str, ...]
    as_of: datetime
    source: str


class CompanyRegister(Protocol):
    """The register of companies."""

    async def controllers_of(self, credit_code: str) -> ControlAnswer | None:
        """Give who controls a company; ``None``: the register does not answer. Never called inside a transaction."""
        ...
