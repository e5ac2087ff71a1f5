"""Questions about a lot (提问): asked by whoever is signed in, answered by the court, public with the answer and without the asker.

1. Until it is answered a question is seen by its asker and by the officers who keep the file; the officers are not shown who
   asked. So nobody can speak to other bidders through it, and the seal on identities holds (web W-27).
2. Question and answer hold no telephone number, identity number, card number, e-mail address or messenger name (`contact_in`):
   they are refused, for what is masked by halves can be guessed.
3. A person has at most `OPEN_MOST` unanswered questions of one round.
4. Every question ends in one answer, given once: published, or not published with the reason, which its asker reads.
5. Questions are taken until the bidding of the round has ended.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime
from typing import Final, Literal
from uuid import UUID

import msgspec

from auction.kernel.errors import Conflict, Malformed, NotFound

QUESTION_MOST: Final = 500
ANSWER_MOST: Final = 2_000
OPEN_MOST: Final = 3
Outcome = Literal["published", "not_published"]

_CHINESE_DIGITS: Final = str.maketrans("零〇一二三四五六七八九幺两", "0012345678912")
_LONG_NUMBER: Final = re.compile(r"(?<![0-9])[0-9]{11,19}(?![0-9])|[0-9]{17}[Xx]|(?<![0-9])0[0-9]{9,11}(?![0-9])")
_SPLIT_NUMBER: Final = re.compile(r"(?<=[0-9])[\s\-‐-―.·()]+(?=[0-9])")
_LOCAL_NUMBER: Final = re.compile(r"(?:电话|手机|座机|热线|tel|phone|mobile)\D{0,6}[0-9]{7,}", re.IGNORECASE)
_MAIL: Final = re.compile(r"[\w.+-]+\s*@\s*[\w-]+\s*\.\s*[a-z]{2,}", re.IGNORECASE)
_MESSENGER: Final = re.compile(
    r"(?:微信|薇信|威信|加我|扣扣|wechat|weixin|(?<![a-z])(?:vx|wx|qq|whatsapp|telegram))\s*(?:号|id)?\s*[:是为]?\s*[a-z0-9_\-]{5,}",
    re.IGNORECASE,
)


class ContactInText(Malformed):
    """A text that will be public holds a number or address by which a person is found (rule 2)."""

    code = "lot_text_holds_contact"
    article = "house: lot questions rule 2"
    zh = "内容将公开，请删去电话号码、身份证号、银行卡号、邮箱、微信等个人信息后再提交。"
    en = "The text will be public: please take out telephone, identity and card numbers, e-mail addresses and messenger names."


class TextNeeded(Malformed):
    """A question or answer is empty or too long."""

    code = "lot_text_needed"
    article = "house: lot questions rule 4"
    zh = "请填写内容，不超过{most}字。"
    en = "Please write something, at most {most} characters."


class TooManyOpenQuestions(Conflict):
    """The person waits for as many answers as one may wait for (rule 3)."""

    code = "lot_questions_too_many"
    article = "house: lot questions rule 3"
    zh = "您有{most}个问题尚待答复，请待答复后再提问。"
    en = "{most} of your questions still wait for an answer; please ask again after that."


class NoQuestionsNow(Conflict):
    """The round's bidding has ended, or the lot is not announced (rule 5)."""

    code = "lot_questions_closed"
    article = "house: lot questions rule 5"
    zh = "该拍品本次竞价已结束或者未公告，不再接受提问。"
    en = "The bidding has ended or the lot is not announced; questions are not taken."


class LotQuestionUnknown(NotFound):
    """No such question about this lot."""

    code = "lot_question_unknown"
    article = "house: a question is known by its id"
    zh = "没有该问题。"
    en = "There is no such question."


class AlreadyAnswered(Conflict):
    """The question was answered before (rule 4)."""

    code = "lot_question_answered"
    article = "house: lot questions rule 4"
    zh = "该问题已答复。"
    en = "This question was answered before."


class AnswerShown(msgspec.Struct, frozen=True, kw_only=True):
    """A question with its answer, as everybody may read it."""

    question_id: UUID
    question: str
    answer: str
    answered_at: datetime


class AskedAboutLot(msgspec.Struct, frozen=True, kw_only=True):
    """A question as its asker and the officers see it; ``outcome`` ``None``: it waits for its answer."""

    question_id: UUID
    question: str
    asked_at: datetime
    outcome: Outcome | None
    answer: str
    answered_at: datetime | None


def check_public_text(field: str, text: str, *, most: int) -> str:
    """Give the stripped text, or refuse what may not become public: `TextNeeded`, `ContactInText`."""
    stripped = text.strip()
    if not stripped or len(stripped) > most:
        raise TextNeeded(field=field, most=most)
    if contact_in(stripped):
        raise ContactInText(field=field)
    return stripped


def contact_in(text: str) -> bool:
    """Whether a text holds what finds a person (rule 2); amounts, areas, dates and case numbers do not.

    Numbers are read through full-width and Chinese digits, and through spaces and dashes between digits.
    """
    plain = unicodedata.normalize("NFKC", text)
    joined = _SPLIT_NUMBER.sub("", plain.translate(_CHINESE_DIGITS))
    found = (_LONG_NUMBER.search(joined), _LOCAL_NUMBER.search(joined), _MAIL.search(plain), _MESSENGER.search(plain))
    return any(found)
