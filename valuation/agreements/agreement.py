"""Agreement of the parties (当事人议价): each proposes a price, sealed; equal prices are the reference price.

1. Every applicant and judgment debtor of the case is asked, unless it stated another of its side as its representative
   (`valuation.sides.speaking`), and given the same time, set by the court (参考价 4).
2. A proposal is sealed: nobody, not the court either, sees it before all are in or the time is over. It is made once.
3. Equal prices become the reference price after the court has seen that they harm nobody else (4); otherwise the method failed.
4. The parties say until when their price is valid, at most a year (27). Where they name different days the earliest counts:
   only that one all of them wanted (a declared reading).
5. A party that proposes nothing in time has not agreed; the method failed, and the file says who was silent.
6. What came on paper is as old as its recording, and counts once a second person vouches for it; no seal is opened before.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Literal
from uuid import UUID

import msgspec

from auction.kernel.errors import Conflict, Malformed, NotFound, NotPermitted, Unlawful
from auction.kernel.money import BOUND_FEN
from auction.kernel.sentences import Said
from auction.law.parameters import LAW
from auction.law.periods import add_months, is_in_time

AgreementState = Literal["open", "equal", "priced", "failed", "withdrawn"]
Failure = Literal["silent", "prices_differ", "harms_others"]


class Proposal(msgspec.Struct, frozen=True, kw_only=True):
    """What one party proposes."""

    amount_fen: int
    valid_until: date


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """What the proposals make once nothing more can come; ``agreed`` is ``None`` where the method failed."""

    agreed: Proposal | None
    silent: tuple[UUID, ...]
    """Parties that proposed nothing."""


class ProposalMalformed(Malformed):
    """A proposal is no price, or its validity is not lawful."""

    code = "proposal_malformed"
    article = "参考价 4, 27"
    zh = "议价提案不符合要求：{reason}。"
    en = "The proposal is not acceptable: {reason}."


class AgreementTimeWrong(Malformed):
    """The court set a time that is no time."""

    code = "agreement_time_wrong"
    article = "参考价 4"
    zh = "议价期限应当晚于今天。"
    en = "The time for proposals ends after today."


class SideMissing(Conflict):
    """The case has no party on one side that could be asked."""

    code = "agreement_side_missing"
    article = "参考价 4"
    zh = "案件缺少申请执行人或者被执行人，无法议价。"
    en = "The case has no applicant or no judgment debtor, so there is nobody to agree."


class NotInvited(NotPermitted):
    """This party was not asked."""

    code = "agreement_not_invited"
    article = "参考价 4"
    zh = "该当事人不在本次议价之列。"
    en = "This party was not asked in this agreement."


class ProposalLate(Unlawful):
    """The time for proposals is over."""

    code = "proposal_late"
    article = "参考价 4"
    zh = "提交议价结果的期限已于 {until} 届满。"
    en = "The time for proposals ended on {until}."


class ProposalRepeated(Unlawful):
    """This party has proposed before; a sealed proposal stays as it is."""

    code = "proposal_repeated"
    article = "house: a sealed proposal is made once (参考价 4)"
    zh = "该当事人已经提交，密封后不能更改。"
    en = "This party has proposed; a sealed proposal cannot be changed."


class AgreementOver(Conflict):
    """The agreement is not in the state that this step needs."""

    code = "agreement_over"
    article = "参考价 4"
    zh = "该次议价已经结束或者尚无一致结果。"
    en = "This agreement has ended, or has no equal result."


class AgreementUnknown(NotFound):
    """No such agreement."""

    code = "agreement_unknown"
    article = "参考价 4"
    zh = "没有该次议价。"
    en = "There is no such agreement."


def check_proposal(proposal: Proposal, *, today: date) -> None:
    """Refuse a proposal that is no price or whose validity is over or beyond a year (rule 4)."""
    if not 0 < proposal.amount_fen < BOUND_FEN:
        raise ProposalMalformed(
            reason=Said("价格应当大于零且在可记金额之内", "the price is above zero and within bounds")
        )
    longest = add_months(today, LAW.months("reference_price.validity_max_months", on=today))
    if not today <= proposal.valid_until <= longest:
        until = proposal.valid_until.isoformat()
        said = Said(f"有效期至 {until} 不在法定范围内", f"its validity until {until} is not lawful")
        raise ProposalMalformed(reason=said)


def check_time(at: datetime, *, until: date, deadline_at: datetime) -> None:
    """Refuse a proposal after the time that the court set; ``until`` is its last day."""
    if not is_in_time(at, deadline_at):
        raise ProposalLate(until=until.isoformat())


def may_close(
    invited: Sequence[UUID], proposals: Mapping[UUID, Proposal], *, now: datetime, deadline_at: datetime
) -> bool:
    """Whether nothing more can come: all are in, or the time is over (rule 2)."""
    return now >= deadline_at or all(party in proposals for party in invited)


def result_of(invited: Sequence[UUID], proposals: Mapping[UUID, Proposal]) -> Result:
    """Give what the proposals make (rules 3–5)."""
    silent = tuple(party for party in invited if party not in proposals)
    amounts = {proposal.amount_fen for proposal in proposals.values()}
    if silent or len(amounts) != 1:
        return Result(agreed=None, silent=silent)
    earliest = min(proposal.valid_until for proposal in proposals.values())
    return Result(agreed=Proposal(amount_fen=amounts.pop(), valid_until=earliest), silent=())


def failure_of(result: Result, *, is_harmless: bool = True) -> Failure | None:
    """Say why the method failed, ``None`` where the agreed price stands; ``is_harmless``: what the court found (rules 3, 5)."""
    if result.silent:
        return "silent"
    if result.agreed is None:
        return "prices_differ"
    return None if is_harmless else "harms_others"
