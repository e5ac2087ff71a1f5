"""Two natural persons stand behind an act that moves a case's money, and whom it concerns is neither of them. Pure.

1. What one officer proposed does nothing until another natural person agrees. Persons are compared, not accounts.
2. Whom the act pays, or makes owe, takes no part in it.
3. The second person names the paper he compared it with by its fingerprint; another paper is refused.
4. A proposal states what it would do. If that is no longer what it would do, nobody can agree to it; it is proposed anew.
5. One proposal of an act on the same thing waits at a time. It is looked at once, is withdrawn only by whoever made it, and lapses
   after `ACT_DAYS`.

Set-offs keep the same rules under names of their own (`auction.fund.set_offs.second_person`).
Source: house (practice 8; the four persons of a payout).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from auction.kernel.errors import Conflict, NotFound, NotPermitted

ACT_DAYS: Final = 10
"""A proposal lapses after this many days of 24 hours; long enough to seal and serve a paper, short enough not to be forgotten."""


class ActKind(StrEnum):
    """What needs two persons; the value is stored."""

    AWARD = "award"  # 变价款给付胜诉案外人
    REVERSAL = "reversal"  # 执行回转
    RECOVERY_END = "recovery_end"  # 应退款项不能返还
    BANKRUPTCY_ANSWER = "bankruptcy_answer"  # 受移送法院的答复
    HAND_OVER = "hand_over"  # 执行款移交管理人
    MISSING_DEPOSIT = "missing_deposit"  # 保证金缺额办结
    ORDER_IN_DOUBT = "order_in_doubt"  # 付款指令与流水不符办结


class ActOutcome(StrEnum):
    """What became of a proposal; the value is stored."""

    AGREED = "agreed"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class ActUnknown(NotFound):
    """There is no such proposal that waits: it was looked at, withdrawn, or never made."""

    code = "act_unknown"
    article = "house: money moves on two persons' words (practice 8)"
    zh = "没有该项待复核的事项。"
    en = "There is no such act that waits for its second person."


class ActWaits(Conflict):
    """The same act on the same thing waits for its second person."""

    code = "act_waits"
    article = "house: money moves on two persons' words (practice 8)"
    zh = "同一事项已有人提出，等待复核；复核或者撤回后方可再次提出。"
    en = "This act was proposed and waits for its second person; it is proposed again after that, or once it is withdrawn."


class ActLapsed(Conflict):
    """Nobody agreed in time."""

    code = "act_lapsed"
    article = "house: a proposal does not wait for ever (practice 8)"
    zh = "该事项提出后逾{days}日未复核，已失效，须重新提出。"
    en = "Nobody agreed to this within {days} days; it has lapsed and is proposed anew."


class SamePerson(NotPermitted):
    """Who proposed an act cannot agree to it."""

    code = "act_same_person"
    article = "house: money moves on two persons' words (practice 8)"
    zh = "提出人不能复核本人提出的事项，须由另一人复核。"
    en = "Whoever proposed this cannot agree to it; another person does."


class NotWhoProposed(NotPermitted):
    """Only whoever made a proposal withdraws it."""

    code = "act_not_who_proposed"
    article = "house: money moves on two persons' words (practice 8)"
    zh = "只有提出人可以撤回；其他人可以复核为不一致。"
    en = "Only whoever proposed this withdraws it; others may find that it is not so."


class ConcernedPersonActs(NotPermitted):
    """Whom the act pays, or makes owe, takes a part in it."""

    code = "act_concerned_person"
    article = "house: nobody decides on his own money (practice 31)"
    zh = "该事项涉及本人的款项，不得提出或者复核。"
    en = "This concerns your own money; you neither propose nor agree to it."


class OtherPaper(Conflict):
    """The second person compared with another paper."""

    code = "act_other_paper"
    article = "house: the second person compares with the same paper (practice 8)"
    zh = "所对照的文书不是提出时所依据的文书，不能复核。"
    en = "This is not the paper on which the act was proposed; it cannot be compared with it."


class EffectChanged(Conflict):
    """The act would no longer do what was proposed."""

    code = "act_effect_changed"
    article = "house: the second person agrees to what was shown (security 3)"
    zh = "提出后款项情况已有变化，办理结果与所示不同，须撤回后重新提出。"
    en = "Money has moved since this was proposed, and it would no longer do what was shown; withdraw it and propose it anew."


def lapses_at(proposed_at: datetime) -> datetime:
    """Give the last instant at which somebody may agree (rule 5)."""
    return proposed_at + timedelta(days=ACT_DAYS)


def require_unconcerned(
    person_id: UUID, concerned: Collection[UUID], *, refusal: type[NotPermitted] = ConcernedPersonActs
) -> None:
    """Refuse whom the act concerns (rule 2)."""
    if person_id in concerned:
        raise refusal


def require_second(
    person_id: UUID,
    *,
    proposed_by: UUID,
    concerned: Collection[UUID],
    same: type[NotPermitted] = SamePerson,
    own: type[NotPermitted] = ConcernedPersonActs,
) -> None:
    """Refuse whom the act concerns, and the first person (rules 1 and 2)."""
    require_unconcerned(person_id, concerned, refusal=own)
    if person_id == proposed_by:
        raise same


def require_same_paper(given_sha256: str, *, typed_sha256: str, other: type[Conflict] = OtherPaper) -> None:
    """Refuse another paper than the one that was proposed on (rule 3)."""
    if given_sha256.strip().lower() != typed_sha256.strip().lower():
        raise other


def require_same_effect(now: Mapping[str, int], *, shown: Mapping[str, int]) -> None:
    """Refuse an act that would do something else than was shown (rule 4, `EffectChanged`)."""
    if dict(now) != dict(shown):
        raise EffectChanged
