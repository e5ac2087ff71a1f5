"""The lot: its terms and the states through which it may move.

1. A lot moves only along `MOVES`; each move is stored as an event with its name, actor and reason.
2. Terms belong to one version of the listing; what the panel decided on is never edited, only replaced by a new version
   that is decided again (网拍 27).
3. An asset has at most one lot that is not withdrawn or returned.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Literal

import msgspec

from auction.kernel.errors import Conflict, Malformed, NotFound
from auction.sale.lots.options import Options


class LotState(StrEnum):
    """Where a lot stands; the value is stored."""

    DRAFT = "draft"  # 草拟
    LISTED = "listed"  # 已提交合议
    DECIDED = "decided"  # 合议通过
    ANNOUNCED = "announced"  # 已公告
    OPEN = "open"  # 竞价中
    STOPPED = "stopped"  # 暂缓或者中止
    SOLD = "sold"  # 成交
    FAILED = "failed"  # 流拍
    RULED = "ruled"  # 已作成交裁定
    TITLE_PASSED = "title_passed"  # 裁定送达，所有权转移
    COMPLETED = "completed"  # 过户、交付完毕
    DEFAULTED = "defaulted"  # 悔拍
    SET_ASIDE = "set_aside"  # 撤销
    SATISFIED = "satisfied"  # 以物抵债
    RETURNED = "returned"  # 解除查封、退还
    WITHDRAWN = "withdrawn"  # 撤回


class Move(StrEnum):
    """Name of a move, as its event stores it."""

    LISTED = "listed"
    APPROVED = "approved"
    REJECTED = "rejected"
    REVISED = "revised"
    ANNOUNCED = "announced"
    OPENED = "opened"
    STOPPED = "stopped"
    RESUMED = "resumed"
    WITHDRAWN = "withdrawn"
    SOLD = "sold"
    FAILED = "failed"
    RELISTED = "relisted"
    TAKEN_IN_SATISFACTION = "taken_in_satisfaction"
    RETURNED = "returned"
    RULED = "ruled"
    TITLE_PASSED = "title_passed"
    COMPLETED = "completed"
    DEFAULTED = "defaulted"
    SET_ASIDE = "set_aside"


_S = LotState
MOVES: dict[tuple[LotState, LotState], Move] = {
    (_S.DRAFT, _S.LISTED): Move.LISTED,
    (_S.LISTED, _S.DECIDED): Move.APPROVED,
    (_S.LISTED, _S.DRAFT): Move.REJECTED,
    (_S.DECIDED, _S.ANNOUNCED): Move.ANNOUNCED,
    (_S.DECIDED, _S.DRAFT): Move.REVISED,
    (_S.ANNOUNCED, _S.OPEN): Move.OPENED,
    (_S.ANNOUNCED, _S.STOPPED): Move.STOPPED,
    (_S.OPEN, _S.STOPPED): Move.STOPPED,
    (_S.STOPPED, _S.ANNOUNCED): Move.RESUMED,
    (_S.STOPPED, _S.OPEN): Move.RESUMED,
    (_S.DRAFT, _S.WITHDRAWN): Move.WITHDRAWN,
    (_S.LISTED, _S.WITHDRAWN): Move.WITHDRAWN,
    (_S.DECIDED, _S.WITHDRAWN): Move.WITHDRAWN,
    (_S.ANNOUNCED, _S.WITHDRAWN): Move.WITHDRAWN,
    (_S.OPEN, _S.WITHDRAWN): Move.WITHDRAWN,
    (_S.STOPPED, _S.WITHDRAWN): Move.WITHDRAWN,
    (_S.FAILED, _S.WITHDRAWN): Move.WITHDRAWN,
    (_S.DEFAULTED, _S.WITHDRAWN): Move.WITHDRAWN,
    (_S.SET_ASIDE, _S.WITHDRAWN): Move.WITHDRAWN,
    (_S.ANNOUNCED, _S.SOLD): Move.SOLD,
    (_S.OPEN, _S.SOLD): Move.SOLD,
    (_S.ANNOUNCED, _S.FAILED): Move.FAILED,
    (_S.OPEN, _S.FAILED): Move.FAILED,
    (_S.STOPPED, _S.SOLD): Move.SOLD,
    (_S.STOPPED, _S.FAILED): Move.FAILED,
    (_S.FAILED, _S.LISTED): Move.RELISTED,
    (_S.DEFAULTED, _S.LISTED): Move.RELISTED,
    (_S.SET_ASIDE, _S.LISTED): Move.RELISTED,
    (_S.FAILED, _S.SATISFIED): Move.TAKEN_IN_SATISFACTION,
    (_S.FAILED, _S.RETURNED): Move.RETURNED,
    (_S.SOLD, _S.RULED): Move.RULED,
    (_S.SOLD, _S.DEFAULTED): Move.DEFAULTED,
    (_S.SOLD, _S.SET_ASIDE): Move.SET_ASIDE,
    (_S.RULED, _S.SET_ASIDE): Move.SET_ASIDE,
    (_S.TITLE_PASSED, _S.SET_ASIDE): Move.SET_ASIDE,
    (_S.COMPLETED, _S.SET_ASIDE): Move.SET_ASIDE,
    (_S.RULED, _S.TITLE_PASSED): Move.TITLE_PASSED,
    (_S.TITLE_PASSED, _S.COMPLETED): Move.COMPLETED,
}
"""Every allowed move; the database holds the same table (``sale.lot_move``) and a test compares them."""

RoundKind = Literal["first", "second", "re_auction", "sell_off"]
DepositChannel = Literal["bank", "card"]
PUBLIC_STATES = frozenset(LotState) - {_S.DRAFT, _S.LISTED, _S.DECIDED}
"""Nothing of a lot is public before its notice."""


class LotUnknown(NotFound):
    """No such lot, or the caller may not know of it."""

    code = "lot_unknown"
    article = "house: a lot is known by its id"
    zh = "没有该拍品。"
    en = "There is no such lot."


class MoveNotAllowed(Conflict):
    """The lot's present state does not allow this step."""

    code = "lot_move_not_allowed"
    article = "house: a state moves only along its table of moves"
    zh = "拍品当前状态为“{state}”，不能进行此步骤（{wanted}）。"
    en = "The lot is {state}; it cannot become {wanted}."


class AssetAlreadyListed(Conflict):
    """The asset has a lot already."""

    code = "asset_already_listed"
    article = "house: one asset, one lot"
    zh = "该财产已有拍品。"
    en = "This asset already has a lot."


class TermsMalformed(Malformed):
    """A text of the terms is empty or too long, or a number of days is out of reason."""

    code = "listing_terms_malformed"
    article = "网拍 6"
    zh = "上拍方案的“{field}”缺失或格式不正确。"
    en = "The field {field} of the listing is missing or malformed."


class Terms(msgspec.Struct, frozen=True, kw_only=True):
    """The terms on which a lot is offered; the five heads of 网拍 27 and what the notice needs besides.

    ``balance_days`` run from the day of the close to the last day for the balance (网拍 25: set in the announcement).
    ``prior_claims_fen`` is what priority claims and costs come to (拍变 6), zero if nobody has any; when the reserve does not
    exceed it, ``surplus_consent_ref`` names the applicant's request to go on.
    """

    kind: RoundKind
    title_zh: str
    title_en: str
    reserve_fen: int
    deposit_fen: int
    increment_fen: int
    opens_at: datetime
    closes_at: datetime
    balance_days: int
    tax_burden_zh: str
    tax_burden_en: str
    description_zh: str
    description_en: str
    bidder_conditions_zh: str = "具有完全民事行为能力的自然人、法人和其他组织均可参加竞买。"
    bidder_conditions_en: str = "Any person or organisation with full capacity may take part."
    has_lease: bool = False
    purchase_limited: bool = False
    warranty_excluded: bool = True
    deposit_channels: tuple[DepositChannel, ...] = ("bank",)
    prior_claims_fen: int = 0
    surplus_consent_ref: str = ""
    options: Options | msgspec.UnsetType = msgspec.UNSET
    """Unset, and unwritten, where the notice announces none."""
    excess_reason: str | msgspec.UnsetType = msgspec.UNSET
    """Why this lot is sold although others cover the claims (indivisible, the debtor's consent); unset: no reason was recorded."""

    def texts(self) -> dict[str, str]:
        """Give all free texts by field, for the check of forbidden phrases."""
        names = ("title", "tax_burden", "description", "bidder_conditions")
        return {f"{name}_{lang}": getattr(self, f"{name}_{lang}") for name in names for lang in ("zh", "en")}


def check_move(state: str, wanted: LotState) -> Move:
    """Give the name of the move, or refuse it (`MoveNotAllowed`)."""
    move = MOVES.get((LotState(state), wanted))
    if move is None:
        raise MoveNotAllowed(state=state, wanted=wanted.value)
    return move


MAX_BALANCE_DAYS = 180
TEXT_LIMIT = 8000


def check_terms(terms: Terms) -> None:
    """Refuse terms of a shape that nothing could mend (`TermsMalformed`)."""
    for field, value in terms.texts().items():
        if not value.strip() or len(value) > TEXT_LIMIT:
            raise TermsMalformed(field=field)
    if not 1 <= terms.balance_days <= MAX_BALANCE_DAYS:
        raise TermsMalformed(field="balance_days")
    if terms.opens_at.tzinfo is None or terms.closes_at.tzinfo is None:
        raise TermsMalformed(field="opens_at")
    if terms.options is not msgspec.UNSET and terms.options.is_empty:
        raise TermsMalformed(field="options")
    if terms.excess_reason is not msgspec.UNSET and not 0 < len(terms.excess_reason.strip()) <= TEXT_LIMIT:
        raise TermsMalformed(field="excess_reason")
    if not terms.deposit_channels or terms.prior_claims_fen < 0:
        raise TermsMalformed(field="deposit_channels" if not terms.deposit_channels else "prior_claims_fen")
