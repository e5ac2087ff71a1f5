"""Claims on the proceeds: their kinds and the order in which they are paid. Pure.

1. What comes off the price before anybody is paid: costs of the sale, then the taxes of this sale (执行工作规定 34;
   网拍 30). The enforcement fee and fines are not claims: they go to the treasury with bills of their own (practice 30).
2. What never was the debtor's, or is left to him by law: a co-owner's share, the rent for his housing (查扣冻 12;
   异议复议规定 20).
3. A contractor's priority goes before mortgages (建工解释一 36).
4. Mortgages and pledges by the day of registration, the same day in proportion; unregistered ones after all
   registered ones, in proportion (Civil Code 414, 415). An old tax debt goes before security that was created after the
   tax fell due (Tax Collection Law 45); on the same day the security goes first.
5. Ordinary claims in proportion (Interp. 508), or, against an enterprise without bankruptcy, by the order of
   seizure (Interp. 514); the doubled part of late interest after all judgment debts (迟延利息解释 4).
6. What is left goes back to the debtor (执行工作规定 34).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Literal
from uuid import UUID

from auction.kernel.actors import Role
from auction.kernel.errors import Conflict, Malformed, NotFound
from auction.kernel.money import Money
from auction.kernel.sentences import Said

OrdinaryOrder = Literal["pro_rata", "by_seizure"]
MAX_CLAIMS = 190
"""A plan is one entry: its lines, proceeds, forfeited money, escrow and surplus stay within the entry's limit."""
SEIZURE_ORDER_MOST = 999
"""More courts than that never seized one asset."""
OFFICERS = (Role.CASE_HANDLER, Role.JUDGE_ASSISTANT, Role.CLERK)
"""Who writes claims, plans and their objections into the file."""


class ClaimKind(StrEnum):
    """What a claim is; the value is stable and stored."""

    SALE_COST = "sale_cost"  # 拍卖、评估等处置费用
    SALE_TAX = "sale_tax"  # 本次处置应由出卖方负担的税费
    CO_OWNER_SHARE = "co_owner_share"  # 共有人份额
    HOUSING = "housing"  # 唯一住房的租金、安置费用
    CONSTRUCTION = "construction"  # 建设工程价款优先权
    OLD_TAX = "old_tax"  # 欠税
    MORTGAGE = "mortgage"  # 抵押权等担保物权
    ORDINARY = "ordinary"  # 普通债权
    LATE_INTEREST = "late_interest"  # 迟延履行利息的加倍部分


class ClaimIncomplete(Malformed):
    """The claim lacks the day by which it is ranked, or its place in the order of seizure."""

    code = "claim_incomplete"
    article = "Interp. 508, 514"
    zh = "债权登记缺少确定顺位所需的信息：{missing}。"
    en = "The claim lacks what ranks it: {missing}."


class ClaimUnknown(NotFound):
    """There is no such claim in this case."""

    code = "claim_unknown"
    article = "Interp. 507"
    zh = "本案没有该项债权登记。"
    en = "There is no such claim in this case."


class ClaimOfTaxOffice(Conflict):
    """The claim is what the tax office assessed of this sale, or the reserve for it."""

    code = "claim_of_tax_office"
    article = "网拍 30"
    zh = "该项为本次处置的核定税费或者税费预留，不得撤销登记。"
    en = "This claim is the assessed tax of the sale, or the reserve for it; it is not withdrawn by hand."


class SeizureOrderMalformed(Malformed):
    """A place in the order of seizure is a number from 1."""

    code = "seizure_order_malformed"
    article = "Interp. 514"
    zh = "查封顺序应当为1至{most}的整数。"
    en = "The place in the order of seizure is a number from 1 to {most}."


class TooManyClaims(Malformed):
    """One plan takes a limited number of claims."""

    code = "too_many_claims"
    article = "house: a plan is one entry"
    zh = "一份分配方案最多列入 {limit} 项债权。"
    en = "One plan takes at most {limit} claims."


@dataclass(frozen=True, slots=True)
class Claim:
    """One claim as the plan reads it.

    ``ranked_on``: day of registration of a security (``None``: unregistered), day on which an old tax fell due.
    ``seizure_order``: place in the order of seizure, 1 first, for ordinary claims where that order rules.
    """

    claim_id: UUID
    kind: ClaimKind
    amount: Money
    ranked_on: date | None = None
    seizure_order: int | None = None


def require_place(seizure_order: int | None) -> None:
    """Refuse a place in the order of seizure that is none (`SeizureOrderMalformed`)."""
    if seizure_order is not None and not 1 <= seizure_order <= SEIZURE_ORDER_MOST:
        raise SeizureOrderMalformed(field="seizure_order", most=SEIZURE_ORDER_MOST)


def require_complete(kind: ClaimKind, *, ranked_on: date | None) -> None:
    """Refuse an old tax without its day (`ClaimIncomplete`); an unregistered security needs none."""
    if kind is ClaimKind.OLD_TAX and ranked_on is None:
        raise ClaimIncomplete(missing=Said("税款应缴日期", "the day on which the tax fell due"))


def ranked(claims: Sequence[Claim], *, ordinary_order: OrdinaryOrder) -> list[list[Claim]]:
    """Put claims into their ranks, first to be paid first; within a rank they share in proportion.

    Raises `ClaimIncomplete` where the order of seizure rules and an ordinary claim has no place in it.
    """
    by_place: dict[tuple[int, date, int], list[Claim]] = {}
    for claim in claims:
        by_place.setdefault(_place(claim, ordinary_order), []).append(claim)
    return [by_place[place] for place in sorted(by_place)]


_BEFORE_SECURITY = (
    ClaimKind.SALE_COST,
    ClaimKind.SALE_TAX,
    ClaimKind.CO_OWNER_SHARE,
    ClaimKind.HOUSING,
    ClaimKind.CONSTRUCTION,
)
_SECURED, _ORDINARY, _LAST = 10, 20, 30


def _place(claim: Claim, ordinary_order: OrdinaryOrder) -> tuple[int, date, int]:
    if claim.kind in _BEFORE_SECURITY:
        return _BEFORE_SECURITY.index(claim.kind), date.min, 0
    if claim.kind is ClaimKind.MORTGAGE:
        return _SECURED, claim.ranked_on or date.max, 0
    if claim.kind is ClaimKind.OLD_TAX:
        require_complete(claim.kind, ranked_on=claim.ranked_on)
        assert claim.ranked_on is not None, "required above"
        return _SECURED, claim.ranked_on, 1
    if claim.kind is ClaimKind.LATE_INTEREST:
        return _LAST, date.min, 0
    if ordinary_order == "pro_rata":
        return _ORDINARY, date.min, 0
    if claim.seizure_order is None:
        raise ClaimIncomplete(missing=Said("查封顺序", "its place in the order of seizure"))
    return _ORDINARY, date.min, claim.seizure_order
