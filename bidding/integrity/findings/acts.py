"""The court's acts on a finding: who may take which, on what each rests, and what the finding is labelled by them. Pure.

1. Only the court acts on a finding; each act is a numbered word with its reason, and none is ever changed or taken away.
2. An act orders nothing by itself: a stay, a setting aside, a fine are carried out by the step that the law knows for them.
3. Nobody is fined or detained before the roster is opened on the record; the president of the court approves it by a word of his own,
   and never the person who proposed it. A document beside the proposal replaces no approval.
4. The newest concluding word labels the finding: acted on, cleared, or still open. Cleared ones count as controls. What only begins
   (an examination under art. 31, a referral) labels nothing before its result: the sale set aside, the written answer.
5. An agreement that only holds a price down at an auction is no 串通投标罪: who refers to the police is told so.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final, Literal, Protocol, TypeVar

import msgspec

from auction.kernel.actors import Role
from auction.kernel.errors import Conflict, Malformed, NotFound, Unlawful
from auction.kernel.sentences import Said

Act = Literal["stay", "rule_31", "fine", "detention", "police", "cleared"]
"""What a judge may do about a finding, besides asking and opening the roster."""
Word = Literal[
    "stay",
    "rule_31",
    "fine",
    "detention",
    "police",
    "cleared",
    "ask",
    "open_roster",
    "approved",
    "not_approved",
    "police_answered",
    "pack",
]
"""Every word that stands on a finding."""
Label = Literal["open", "cleared", "acted_on"]
JUDGES: Final = (Role.CASE_HANDLER, Role.PRESIDING_JUDGE)
"""Who acts on findings and opens rosters."""
READERS: Final = (Role.CASE_HANDLER, Role.PRESIDING_JUDGE, Role.PANEL_MEMBER, Role.SUPERVISOR, Role.PRESIDENT)
"""Who reads findings of the cases in which he has a part; the president those on which a fine or a detention was proposed."""
SANCTIONS: Final = frozenset({"fine", "detention"})
ACTED_ON: Final = frozenset({"police_answered", "approved"})
WITH_RESULT: Final = "rule_31"
"""A word that labels once the sale of its finding was set aside."""
CONCLUDING: Final = frozenset({"cleared", *ACTED_ON})
"""Words that label a finding (rule 4)."""
BEGINNING: Final = frozenset({"rule_31", "police"})
"""Words that begin what only its result concludes."""
REASON_MOST: Final = 4_000
ASK_DAYS_MOST: Final = 30
"""Longest time that the court gives for an answer, in days."""
WORDS_MOST: Final = 500
"""Most words on one finding."""


class Rests(msgspec.Struct, frozen=True, kw_only=True):
    """What an act is called, and on which article it rests."""

    said: Said
    article: str


RESTS: Final[Mapping[Word, Rests]] = {
    "ask": Rests(said=Said("要求说明", "Explanation asked for"), article="网拍 31(3)"),
    "stay": Rests(said=Said("暂缓或者中止", "Deferral or stay"), article="网拍 28"),
    "rule_31": Rests(said=Said("依第三十一条审查成交", "Sale examined under art. 31"), article="网拍 31"),
    "fine": Rests(said=Said("拟予罚款", "Fine proposed"), article="CPL 114, 118"),
    "detention": Rests(said=Said("拟予拘留", "Detention proposed"), article="CPL 114, 118"),
    "approved": Rests(said=Said("院长批准", "Approved by the president"), article="CPL 119"),
    "not_approved": Rests(said=Said("院长不予批准", "Not approved by the president"), article="CPL 119"),
    "police": Rests(said=Said("移送公安机关", "Referred to the police"), article="CPL 114"),
    "police_answered": Rests(said=Said("公安机关书面答复", "Written answer of the police"), article="CPL 114"),
    "cleared": Rests(
        said=Said("排除，不作处理", "Cleared, nothing done"), article="house: findings point, only the court acts"
    ),
    "open_roster": Rests(said=Said("开启名册", "Roster opened"), article="网拍 18(2)"),
    "pack": Rests(said=Said("制作证据包", "Evidence pack made"), article="网拍 29, 31(3)"),
}
"""All words."""
NO_BID_RIGGING_CRIME: Final = Said(
    "串通投标罪（刑法第二百二十三条）不适用于拍卖（最高人民检察院指导性案例第90号）。单纯串通压价属于民事、行政责任；"
    "涉嫌强迫交易、敲诈勒索、诈骗或者拒不执行判决、裁定的，方可移送。",
    "The crime of collusive tendering (Criminal Law, art. 223) does not cover auctions (guiding case 90 of the Supreme People's "
    "Procuratorate). A mere agreement to hold a price down is a civil and administrative matter; refer where forced trading, extortion, "
    "fraud or refusal to carry out a judgment is suspected.",
)


class FindingUnknown(NotFound):
    """There is no such finding in the cases of whoever asks."""

    code = "finding_unknown"
    article = "house: a finding is read in its own case"
    zh = "该案没有这一发现。"
    en = "The case has no such finding."


class ReasonNeeded(Malformed):
    """The court says why."""

    code = "finding_reason_needed"
    article = "house: every act on a finding has its reason"
    zh = "请写明理由，最多{most}字。"
    en = "Please give the reason, in at most {most} characters."


class CodeNotOfFinding(NotFound):
    """The finding is about no such code of that round."""

    code = "finding_code_unknown"
    article = "house: only whom a finding is about is asked"
    zh = "该发现不涉及这一拍次的竞买代码{code}。"
    en = "The finding is not about code {code} of that round."


class AskDaysNotAllowed(Malformed):
    """The time for the answer is too short or too long."""

    code = "finding_ask_days_not_allowed"
    article = "house: an answer has its time"
    zh = "说明期限应当为1至{most}天。"
    en = "The time for an answer is 1 to {most} days."


class RosterSealed(Unlawful):
    """The round still runs, or is not recorded: nobody learns who bids."""

    code = "finding_roster_sealed"
    article = "网拍 18(2)"
    zh = "竞价程序结束前，竞买人的身份信息不得公开，名册不能开启。"
    en = "Nobody learns who the bidders are before the bidding is over; the roster cannot be opened."


class RosterOpen(Conflict):
    """The roster was opened before."""

    code = "finding_roster_open"
    article = "house: a roster is opened once, each look is logged"
    zh = "该拍次的名册已经开启。"
    en = "The roster of this round was opened before."


class RosterNotOpen(Unlawful):
    """Nobody is fined or detained under a code."""

    code = "finding_roster_not_open"
    article = "CPL 114; 网拍 18(2)"
    zh = "须先依法开启名册，查明身份后，才能提出罚款或者拘留。"
    en = "Open the roster on the record first: nobody is fined or detained under a code."


class SanctionNotComplete(Malformed):
    """A fine has its sum, a detention its days, both say against whom."""

    code = "finding_sanction_not_complete"
    article = "CPL 118"
    zh = "罚款须写明金额和对象，拘留须写明天数和对象；其他处理不填。"
    en = "A fine needs its sum and whom it is against, a detention its days and whom; no other act takes them."


class SanctionRepeated(Conflict):
    """The same conduct was sanctioned so already, or that is proposed."""

    code = "finding_sanction_repeated"
    article = "Interp. 184"
    zh = "对同一行为的罚款、拘留不得连续适用；此前已提出或者批准。"
    en = "A fine or detention is not repeated for the same conduct; one was proposed or approved before."


class SanctionTooHigh(Unlawful):
    """The sum or the days are outside what the law allows."""

    code = "finding_sanction_not_allowed"
    article = "CPL 118"
    zh = "超出法律规定的范围：{least}至{most}。"
    en = "The law allows {least} to {most}."


class SanctionNotOfUnit(Unlawful):
    """A natural person would be fined as a unit, up to ten times his limit."""

    code = "finding_sanction_not_of_unit"
    article = "CPL 118"
    zh = "该竞买代码的竞买人是自然人，不得按单位罚款。"
    en = "A natural person bid under this code; he is not fined as a unit."


class NothingToDecide(Conflict):
    """There is no such proposal, or it was decided before."""

    code = "finding_nothing_to_decide"
    article = "CPL 119"
    zh = "没有待决定的罚款、拘留，或者已经决定。"
    en = "No fine or detention waits for a decision there."


class OwnProposal(Unlawful):
    """Nobody approves his own proposal."""

    code = "finding_own_proposal"
    article = "CPL 119"
    zh = "不得批准本人提出的罚款、拘留。"
    en = "Nobody approves a fine or detention that he proposed himself."


class NoReferral(Conflict):
    """The police were not asked, or their answer is on file."""

    code = "finding_no_referral"
    article = "house: one answer to one referral"
    zh = "没有待答复的移送，或者答复已经记录。"
    en = "No referral waits for an answer, or the answer is on file."


class TooManyWords(Conflict):
    """The finding has as many words as one page holds."""

    code = "finding_too_many_words"
    article = "house: every list has its limit"
    zh = "该发现的处理记录已达上限。"
    en = "The finding has as many words as it may have."


class ExplanationUnknown(NotFound):
    """There is no such request to this bidder."""

    code = "explanation_unknown"
    article = "house: whoever is asked answers for himself"
    zh = "没有向您提出的这一说明要求。"
    en = "There is no such request to you."


class ExplanationGiven(Conflict):
    """The request was answered before."""

    code = "explanation_given"
    article = "house: one request, one answer"
    zh = "您已作出说明；需要补充的，请书面提交法院。"
    en = "You have answered already; send anything further to the court in writing."


class Proposed(Protocol):
    """A word as far as it proposes or decides a sanction."""

    @property
    def number(self) -> int:
        """Its number."""
        ...

    @property
    def act(self) -> str:
        """What it is."""
        ...

    @property
    def of_number(self) -> int | None:
        """On which word it decides."""
        ...


W = TypeVar("W", bound=Proposed)


def not_refused(words: Iterable[W]) -> list[W]:
    """Give the proposed fines and detentions that the president approved or has yet to decide."""
    said = list(words)
    refused = {word.of_number for word in said if word.act == "not_approved"}
    return [word for word in said if word.act in SANCTIONS and word.number not in refused]


def approved_among(words: Iterable[W]) -> list[tuple[W, W]]:
    """Give each fine or detention that the president approved, with his approval."""
    said = list(words)
    approvals = {word.of_number: word for word in said if word.act == "approved"}
    return [(word, approvals[word.number]) for word in said if word.act in SANCTIONS and word.number in approvals]


class Spoken(msgspec.Struct, frozen=True, kw_only=True):
    """One word on a finding, as far as the label needs it."""

    number: int
    act: str
    of_number: int | None = None


def require_reason(text: str) -> str:
    """Give the reason without blanks around it, or refuse (`ReasonNeeded`)."""
    reason = text.strip()
    if not reason or len(reason) > REASON_MOST:
        raise ReasonNeeded(most=REASON_MOST, field="reason")
    return reason


def label_of(words: Iterable[Spoken], *, is_set_aside: bool) -> Label:
    """Give what the court's words say of the finding (rule 4); a fine counts once it is approved.

    ``is_set_aside``: whether a sale that the finding is about was set aside in the case of whoever asks.
    """
    label: Label = "open"
    for word in sorted(words, key=lambda word: word.number):
        if word.act == "cleared":
            label = "cleared"
        elif word.act in ACTED_ON or (word.act == WITH_RESULT and is_set_aside):
            label = "acted_on"
    return label
