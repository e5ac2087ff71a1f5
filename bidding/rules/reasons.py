"""Every refusal of the hot path: code, article, sentences in Chinese and English.

1. On the hot path a refusal is a value with a `Code`; here each code is also a class in the one tree of refusals.
2. Codes are stable, listed once and never reused; a code that Lua answers and this file lacks fails a test.
3. ``transient`` reasons decide nothing about the bid: the same bid id may be sent again and is then decided.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from auction.kernel.amount_words import in_words
from auction.kernel.errors import Conflict, Malformed, NotPermitted, Refusal
from auction.kernel.money import AmountMalformed, Money
from auction.kernel.sentences import Locale, Said


class Code(StrEnum):
    """Codes that a call on the hot path can answer with."""

    AMOUNT_MALFORMED = "amount_malformed"
    BID_MALFORMED = "bid_malformed"
    WRONG_EPOCH = "wrong_epoch"
    ROOM_MISSING = "room_missing"
    ROOM_REBUILDING = "room_rebuilding"
    ROOM_STALLED = "room_stalled"
    RATE_LIMITED = "rate_limited"
    BID_ID_REUSED = "bid_id_reused"
    BID_ID_EXPIRED = "bid_id_expired"
    NOT_ADMITTED = "not_admitted"
    BEFORE_OPEN = "before_open"
    AFTER_END = "after_end"
    STOPPED = "stopped"
    WITHDRAWN = "withdrawn"
    OWN_LEAD = "own_lead"
    SAME_PERSON_LEADS = "same_person_leads"
    BID_BELOW_START = "bid_below_start"
    NOT_HIGHER = "not_higher"
    BELOW_INCREMENT = "below_increment"
    OFF_LADDER = "off_ladder"
    NO_FIRST_REFUSAL_RIGHT = "no_first_refusal_right"
    NO_PRICE_TO_MATCH = "no_price_to_match"
    MATCH_NOT_AT_PRICE = "match_not_at_price"
    OUTRANKED = "outranked"
    CONFIRMATION_REQUIRED = "confirmation_required"
    ABOVE_OWN_LIMIT = "above_own_limit"
    SESSION_EXISTS = "session_exists"
    ALREADY_OPENED = "already_opened"
    CODE_TAKEN = "code_taken"
    NOT_STOPPED = "not_stopped"
    STALE_TOKEN = "stale_token"  # noqa: S105 -- a refusal code, no secret


TRANSIENT = frozenset(
    {
        *(Code.WRONG_EPOCH, Code.ROOM_MISSING, Code.ROOM_REBUILDING, Code.ROOM_STALLED, Code.RATE_LIMITED),
        Code.ABOVE_OWN_LIMIT,
    }
)
"""Nothing was decided: not remembered under the bid id, may be sent again as it is."""


AT_THE_DOOR = frozenset({Code.ABOVE_OWN_LIMIT})
"""Given by gateway and site before the room is asked: the live state never answers with them."""


class BidMalformed(Malformed):
    """A bid id, bidder code or kind has not the documented shape."""

    code = Code.BID_MALFORMED
    article = "house: strict input on the hot path"
    zh = "出价请求格式不正确，未作处理。"
    en = "The bid is not of the documented form; nothing was done."


class WrongEpoch(Conflict):
    """The caller knows an older or newer tenure of the shard."""

    code = Code.WRONG_EPOCH
    article = "house: bid-core rule 2, a foreign epoch is refused"
    zh = "竞价服务刚刚完成切换，请重新获取现场状态后再试。"
    en = "The bidding service has just changed hands; fetch the room's state and try again."


class RoomMissing(Conflict):
    """The room is not in Redis: never opened, or lost and to be rebuilt."""

    code = Code.ROOM_MISSING
    article = "house: bid-core rule 3, loss is detected"
    zh = "该标的的竞价现场尚未就绪，本次出价未被受理。"
    en = "The room of this lot is not ready; the bid was not taken."


class RoomRebuilding(Conflict):
    """The room is being rebuilt from the journal."""

    code = Code.ROOM_REBUILDING
    article = "网拍 28; house: bid-core rule 12, a rebuild is an emergency pause"
    zh = "竞价现场正在恢复，计时已暂停，恢复后剩余时间不少于五分钟。"
    en = "The room is being restored; the clock stands, and at least five minutes will remain afterwards."


class RoomStalled(Conflict):
    """Nothing could be committed for two seconds: the clock stands."""

    code = Code.ROOM_STALLED
    article = "网拍 28; house: bid-core rule 11, a stall stops the clock"
    zh = "系统暂时无法保存出价，计时已停止，恢复后剩余时间不少于五分钟。"
    en = "Bids cannot be stored at the moment; the clock stands, and at least five minutes will remain afterwards."


class RateLimited(Conflict):
    """More bids per second than the published limit for one bidder."""

    code = Code.RATE_LIMITED
    article = "house: uniform published limit of bids per bidder"
    zh = "出价过于频繁，请稍候再试。"
    en = "Too many bids in a short time; wait a moment and try again."


class BidIdReused(Conflict):
    """The same bid id came with another amount or kind."""

    code = Code.BID_ID_REUSED
    article = "house: one bid id stands for one bid"
    zh = "该出价编号已用于另一笔出价，本次未作处理。"
    en = "This bid id already stands for another bid; nothing was done."


class BidIdExpired(Conflict):
    """The bid was refused so long ago that its answer is forgotten, or it is older than such a one."""

    code = Code.BID_ID_EXPIRED
    article = "house: bid-core rule 8, an old id never gets a new decision"
    zh = "该出价编号过旧，已确认未被接受；如仍需出价，请重新提交。"
    en = "This bid id is too old; it certainly was not accepted. Submit a new bid if you still want to."


class NotAdmitted(NotPermitted):
    """The code has no admission in this session."""

    code = Code.NOT_ADMITTED
    article = "网拍 18"
    zh = "您尚未取得本场竞买资格（保证金未确认）。"
    en = "You are not admitted to this session (deposit not confirmed)."


class BeforeOpen(Conflict):
    """The published hour of opening or resumption has not come."""

    code = Code.BEFORE_OPEN
    article = "网拍 12, 20(2)"
    zh = "竞价尚未开始。"
    en = "Bidding has not begun."


class AfterEnd(Conflict):
    """The bid reached the server at or after the end."""

    code = Code.AFTER_END
    article = "网拍 20(2)"
    zh = "竞价已经结束：出价时间以到达平台服务器的时间为准。"
    en = "Bidding has ended: the time that counts is arrival at the platform's server."


class SessionStopped(Conflict):
    """The court or an emergency has stopped the session."""

    code = Code.STOPPED
    article = "网拍 28, 36"
    zh = "本场竞价已暂停，恢复时间将另行公布。"
    en = "This session is stopped; the hour of resumption will be published."


class SessionWithdrawn(Conflict):
    """The court has withdrawn the lot; the session never resumes."""

    code = Code.WITHDRAWN
    article = "网拍 28; 拍变 17"
    zh = "本标的已撤回，竞价不再恢复。"
    en = "The lot is withdrawn; bidding will not resume."


class OwnLead(Conflict):
    """The bidder leads already."""

    code = Code.OWN_LEAD
    article = "house: published rule, a leader does not outbid himself (网拍 20)"
    zh = "您当前领先，无需再次出价。"
    en = "You are leading; there is no need to bid again."


class SamePersonLeads(Conflict):
    """Another code leads that the court decided to be the same person's."""

    code = Code.SAME_PERSON_LEADS
    article = "house: published rule, one person has one code and does not outbid himself (网拍 18, 20)"
    zh = "当前领先的竞买号经法院认定与您为同一竞买人，不得自我加价；对认定有异议的，请向法院提出。"
    en = "The code that leads is yours too by the court's decision, and nobody outbids himself; object to the court if that is wrong."


class BidBelowStart(Conflict):
    """The amount is below the starting price and void."""

    code = Code.BID_BELOW_START
    article = "网拍 20(1)"
    zh = "出价低于起拍价，无效。"
    en = "The bid is below the starting price and void."


class NotHigher(Conflict):
    """The amount does not exceed the leading price (or, with proxy bids, the bidder's own maximum)."""

    code = Code.NOT_HIGHER
    article = "网拍 20(1)"
    zh = "出价未高于当前最高价。"
    en = "The bid is not above the leading price."


class BelowIncrement(Conflict):
    """The amount exceeds the leading price by less than one increment."""

    code = Code.BELOW_INCREMENT
    article = "网拍 20(1)"
    zh = "加价不足一个增价幅度。"
    en = "The bid exceeds the leading price by less than one increment."


class OffLadder(Conflict):
    """The amount is not the start price plus a whole number of increments."""

    code = Code.OFF_LADDER
    article = "网拍 20(1), 27"
    zh = "出价不符合增价幅度：应为起拍价（或当前价）加增价幅度的整数倍。"
    en = "The bid is off the ladder: start (or leading) price plus a whole number of increments."


class NoFirstRefusalRight(NotPermitted):
    """Only a holder whom the court confirmed may match the price."""

    code = Code.NO_FIRST_REFUSAL_RIGHT
    article = "网拍 19, 21"
    zh = "未经法院确认为优先购买权人，不能以相同价格应价。"
    en = "Without a right of first refusal confirmed by the court the price cannot be matched."


class NoPriceToMatch(Conflict):
    """Nobody has bid yet; a holder bids like everybody else."""

    code = Code.NO_PRICE_TO_MATCH
    article = "网拍 21(1)"
    zh = "尚无人出价，请直接出价。"
    en = "There is no price to match yet; place a bid."


class MatchNotAtPrice(Conflict):
    """The amount of a match is not the leading price (it may have moved)."""

    code = Code.MATCH_NOT_AT_PRICE
    article = "网拍 21(1)"
    zh = "应价金额与当前最高价不一致，价格可能已变动。"
    en = "The amount is not the leading price, which may have moved."


class Outranked(Conflict):
    """The leader holds a right of the same or a higher rank and was earlier."""

    code = Code.OUTRANKED
    article = "网拍 21(2)"
    zh = "当前领先者的优先购买顺位在先，或顺位相同而出价在先。"
    en = "The leader's right of first refusal ranks higher, or equal and earlier."


class ConfirmationRequired(Conflict):
    """The bid would count, but the notice asks for a second confirmation of so high an amount (二次确认)."""

    code = Code.CONFIRMATION_REQUIRED
    article = "house: option of the notice, a second confirmation of a high bid (网拍 13(4))"
    zh = "此出价{amount}超出公告规定的幅度，须经二次确认方为有效；请核对金额后再次确认。"
    en = "The notice asks for a second confirmation of such a bid{amount}; it does not count before it is confirmed."


class AboveOwnLimit(Conflict):
    """The bidder asked the room to hold him to a limit of his own, and the bid is above it: the room never saw the bid."""

    code = Code.ABOVE_OWN_LIMIT
    article = "house: the bidder's own limit, enforced at his own wish"
    zh = "出价超过您自己设定并要求平台执行的限额，未提交竞价。您可以调整限额，调高须等待一段时间。"
    en = "The bid is above the limit that you set and had enforced; it was not placed. You may change the limit; a higher one holds after a pause."


class SessionExists(Conflict):
    """The lot has a session with other terms."""

    code = Code.SESSION_EXISTS
    article = "house: one lot has one live session"
    zh = "该标的已有条款不同的竞价场次。"
    en = "The lot already has a live session with other terms."


class AlreadyOpened(Conflict):
    """The opening instant lies in the past."""

    code = Code.ALREADY_OPENED
    article = "网拍 12"
    zh = "竞价结束时间已过，无法开设场次。"
    en = "The session's end has passed; it cannot be set up."


class CodeTaken(Conflict):
    """The bidder code was admitted with other facts."""

    code = Code.CODE_TAKEN
    article = "网拍 18, 19"
    zh = "该竞买代码已分配，信息不一致。"
    en = "This bidder code is assigned already, with other facts."


class NotStopped(Conflict):
    """Only a stopped session can be resumed."""

    code = Code.NOT_STOPPED
    article = "网拍 28"
    zh = "本场竞价未处于暂停状态。"
    en = "The session is not stopped."


class StaleToken(NotPermitted):
    """The caller no longer owns the shard."""

    code = Code.STALE_TOKEN
    article = "house: bid-core rule 4, publishing and trimming are fenced"
    zh = "本进程已不再负责该分片。"
    en = "This process no longer owns the shard."


def _by_code() -> dict[Code, type[Refusal]]:
    classes = [cls for base in (Malformed, NotPermitted, Conflict) for cls in base.__subclasses__()]
    own = {Code(cls.code): cls for cls in classes if cls.__module__ == __name__}
    return {**own, Code.AMOUNT_MALFORMED: AmountMalformed}


REASONS: Mapping[Code, type[Refusal]] = _by_code()
"""The refusal class of each code: article and sentences for pages and API."""


_UNSAID: Mapping[Code, Mapping[str, object]] = {
    Code.AMOUNT_MALFORMED: {"given": ""},
    Code.CONFIRMATION_REQUIRED: {"amount": ""},
}
"""Facts of sentences that are told without them."""


def refusal(code: Code, **facts: object) -> Refusal:
    """Make the refusal of ``code``, for use off the hot path (raised) or for its sentence."""
    return REASONS[code](**{**_UNSAID.get(code, {}), **facts})


def refusal_of_bid(code: Code, amount_fen: int) -> Refusal:
    """Make the refusal of a bid of this amount; one that asks for its confirmation brings the amount back in words."""
    if code is not Code.CONFIRMATION_REQUIRED:
        return refusal(code)
    said = in_words(Money(amount_fen))
    return refusal(code, amount=Said(zh=said.zh, en=f" of {said.en}"))


def sentence(code: Code, locale: Locale) -> str:
    """Give the sentence of ``code``."""
    return refusal(code).sentence(locale)
