"""Targeted inquiry (定向询价): the authority that holds a tax base, government or guide price is asked by letter.

1. The letter says what is asked and until when; the court sets the time (参考价 6).
2. An answer received by the last day is the reference price; one that comes later is silence (6). Silence is noted by an
   officer, not by a timer: what was received in time may be recorded later.
3. The answer comes on paper: one officer records it with its scan, another natural person confirms it (practice 8). Then it
   is sent to the parties and interested persons by a document of the file (21(1)), and it is the price when it reached them all.
4. The price is valid as long as the authority says, at most a year; where it says nothing, a year from the day of the answer
   (a declared reading of 27).
5. Nobody may object to it (24), so its service opens no window; a false answer is a matter of supervision, before the first
   announcement (25).
6. Asked is the authority of the place where the property lies when the price is determined, wherever it was seized (5(1)).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Literal

import msgspec

from auction.kernel.errors import Conflict, Malformed, NotFound, Unlawful
from auction.kernel.money import BOUND_FEN
from auction.kernel.sentences import Said
from auction.law.parameters import LAW
from auction.law.periods import add_months, is_in_time

PriceKind = Literal["tax_base", "government_price", "guide_price"]
TargetedState = Literal["asking", "answered", "priced", "failed", "withdrawn"]
"""``answered``: two persons vouch for the answer, and it is on its way to the parties."""
TEXT_LIMIT = 2000


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What the authority answered; ``valid_until`` is ``None`` where it names no validity."""

    received_on: date
    amount_fen: int
    valid_until: date | None


class Whereabouts(msgspec.Struct, frozen=True, kw_only=True):
    """Where the property lies, from a day on."""

    since: date
    place: str


class LetterMalformed(Malformed):
    """The letter lacks its addressee, what it asks, or a time that is to come."""

    code = "targeted_letter_malformed"
    article = "参考价 6"
    zh = "定向询价函不符合要求：{reason}。"
    en = "The letter of inquiry is not acceptable: {reason}."


class AnswerMalformed(Malformed):
    """The answer is no price, or its days cannot be."""

    code = "targeted_answer_malformed"
    article = "参考价 6, 27"
    zh = "定向询价结果不符合要求：{reason}。"
    en = "The answer is not acceptable: {reason}."


class AnswerLate(Unlawful):
    """The answer was received after the last day that the letter set."""

    code = "targeted_answer_late"
    article = "参考价 6"
    zh = "定向询价结果于 {received_on} 收到，晚于函定期限 {until}，不能作为参考价。"
    en = "The answer was received on {received_on}, after {until}, the last day that the letter set."


class TargetedOver(Conflict):
    """The inquiry has ended."""

    code = "targeted_inquiry_over"
    article = "参考价 6"
    zh = "该次定向询价已经结束。"
    en = "This targeted inquiry has ended."


class ResultServiceMissing(Malformed):
    """An answer is found right without saying by which document it is served, and on whom."""

    code = "targeted_service_missing"
    article = "参考价 21(1)"
    zh = "复核无误的，应当指明送达所用文书和受送达人；一份文书只用于送达一次询价的结果。"
    en = "A right answer needs the document by which it is served, used for no other result, and those on whom."


class AnswerStillPossible(Conflict):
    """Silence is noted before the last day is over, or while an answer waits for its second person."""

    code = "targeted_answer_possible"
    article = "参考价 6"
    zh = "函定期限尚未届满，或者已有待复核的结果，不能认定未答复。"
    en = "The time of the letter is not over, or an answer waits for its second person; this is no silence."


class PlaceUnknown(Conflict):
    """Nobody found out where the property lies, so that no authority can be named."""

    code = "targeted_place_unknown"
    article = "参考价 5(1)"
    zh = "财产所在地尚未查明，不能确定询价机关。"
    en = "Nobody has found out where the property lies, so no authority can be asked."


class TargetedUnknown(NotFound):
    """No such targeted inquiry, or no such answer."""

    code = "targeted_inquiry_unknown"
    article = "参考价 6"
    zh = "没有该次定向询价或者该项结果。"
    en = "There is no such targeted inquiry, or no such answer."


def check_letter(*, authority: str, requirements: str, until: date, today: date) -> None:
    """Refuse a letter without addressee or requirements, or whose time does not end after today (rule 1)."""
    if not 0 < len(authority.strip()) <= TEXT_LIMIT:
        raise LetterMalformed(reason=Said("未写明询价机关", "it names no authority"))
    if not 0 < len(requirements.strip()) <= TEXT_LIMIT:
        raise LetterMalformed(reason=Said("未写明询价要求", "it does not say what is asked"))
    if until <= today:
        raise LetterMalformed(reason=Said("期限应当晚于今天", "its time does not end after today"))


def check_answer(answer: Answer, *, asked_on: date, until: date, today: date) -> None:
    """Refuse an answer that is no price, is dated outside the inquiry, or came late (rule 2)."""
    if not 0 < answer.amount_fen < BOUND_FEN:
        raise AnswerMalformed(
            reason=Said("价格应当大于零且在可记金额之内", "the price is above zero and within bounds")
        )
    if not asked_on <= answer.received_on <= today:
        raise AnswerMalformed(
            reason=Said("收到日期不在发函日与今天之间", "it was not received between the letter and today")
        )
    if answer.received_on > until:
        raise AnswerLate(received_on=answer.received_on.isoformat(), until=until.isoformat())
    if not answer.received_on <= validity_of(answer) <= _longest(answer.received_on):
        raise AnswerMalformed(reason=Said("有效期不在法定范围内", "its validity is not lawful"))


def check_silent(at: datetime, *, deadline_at: datetime, is_answer_waiting: bool) -> None:
    """Refuse to note silence before the time is over, or while an answer waits for its second person (rule 2)."""
    if is_in_time(at, deadline_at) or is_answer_waiting:
        raise AnswerStillPossible


def place_asked(lay: Sequence[Whereabouts], *, on: date) -> str:
    """Give the place whose authority is asked on this day; raises `PlaceUnknown` (rule 6). Source: 参考价 5(1)."""
    known = [found for found in lay if found.since <= on]
    if not known:
        raise PlaceUnknown
    return max(known, key=lambda found: found.since).place


def validity_of(answer: Answer) -> date:
    """Give the last day on which the price is valid (rule 4)."""
    return answer.valid_until or _longest(answer.received_on)


def _longest(received_on: date) -> date:
    return add_months(received_on, LAW.months("reference_price.validity_max_months", on=received_on))
