"""Claims on the proceeds: their kinds, and what a claim must say of itself. Pure. Their order is in `ranks`.

1. A claim names its kind, its amount and what ranks it: the day of its registration, the day a tax fell due, the seizure
   under which its creditor seized. The day and the place of a seizure come from the register (`seizures`).
2. The enforcement fee and fines of the enforcement court are not claims: they go to the treasury with bills of their own
   (`bills`; practice 30). A fine or confiscation of a criminal judgment is one (刑事财产规定 13).
3. A reward (悬赏金) is paid out of the share of the applicant whose claim it helped, never beside it (财产调查规定 24).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Literal
from uuid import UUID

from auction.kernel.actors import Role
from auction.kernel.errors import Conflict, Malformed, NotFound
from auction.kernel.ids import named_id
from auction.kernel.money import Money
from auction.kernel.sentences import Said

OrdinaryOrder = Literal["pro_rata", "by_seizure", "criminal"]
"""How claims without a priority are paid: in proportion (Interp. 508), by seizure (514), or as 刑事财产规定 13 says."""
MAX_CLAIMS = 190
"""A plan is one entry: its lines, proceeds, forfeited money, escrow and surplus stay within the entry's limit."""
SEIZURE_ORDER_MOST = 999
"""More courts than that never seized one asset."""
OFFICERS = (Role.CASE_HANDLER, Role.JUDGE_ASSISTANT, Role.CLERK)
"""Who writes claims, plans and their objections into the file."""


class ClaimKind(StrEnum):
    """What a claim is; the value is stable and stored."""

    THIRD_PARTY = "third_party"  # 胜诉案外人应得的变价款
    SALE_COST = "sale_cost"  # 拍卖、评估等处置费用
    APPRAISAL_ADVANCE = "appraisal_advance"  # 垫付的评估费
    SALE_TAX = "sale_tax"  # 本次处置应由出卖方负担的税费
    TAX_REIMBURSEMENT = "tax_reimbursement"  # 买受人垫付的出卖方税费
    CO_OWNER_SHARE = "co_owner_share"  # 共有人份额
    HOUSING = "housing"  # 唯一住房的租金、安置费用
    MEDICAL = "medical"  # 人身损害赔偿中的医疗费用（刑事裁判涉财产部分）
    CONSTRUCTION = "construction"  # 建设工程价款优先权
    OLD_TAX = "old_tax"  # 欠税
    MORTGAGE = "mortgage"  # 抵押权等担保物权
    RESTITUTION = "restitution"  # 退赔被害人的损失
    ORDINARY = "ordinary"  # 普通债权
    LATE_INTEREST = "late_interest"  # 迟延履行利息的加倍部分
    FINE = "fine"  # 罚金
    CONFISCATION = "confiscation"  # 没收财产
    REWARD = "reward"  # 悬赏金


CRIMINAL_KINDS = frozenset({ClaimKind.MEDICAL, ClaimKind.RESTITUTION, ClaimKind.FINE, ClaimKind.CONFISCATION})
"""Kinds that only the order of criminal judgments knows."""
TAKEN_OVER = frozenset(
    {
        *(ClaimKind.APPRAISAL_ADVANCE, ClaimKind.TAX_REIMBURSEMENT, ClaimKind.CO_OWNER_SHARE, ClaimKind.HOUSING),
        ClaimKind.THIRD_PARTY,
    }
)
"""Kinds whose amount the system works out, or a judgment gives; each has a command of its own, none is typed."""


ON_A_TITLE = frozenset(
    {
        *(ClaimKind.ORDINARY, ClaimKind.LATE_INTEREST, ClaimKind.MORTGAGE, ClaimKind.CONSTRUCTION, ClaimKind.OLD_TAX),
        *(ClaimKind.MEDICAL, ClaimKind.RESTITUTION, ClaimKind.FINE, ClaimKind.CONFISCATION),
    }
)
"""What rests on a title or decision that may be reduced to an amount."""
ON_AN_ASSET = frozenset({ClaimKind.MORTGAGE, ClaimKind.CONSTRUCTION})
"""Kinds whose priority is in one thing, which is named where a case has several (民法典 386, 394, 807, from memory)."""
OF_ONE_SALE = frozenset(
    {
        *(ClaimKind.THIRD_PARTY, ClaimKind.SALE_TAX, ClaimKind.TAX_REIMBURSEMENT, ClaimKind.CO_OWNER_SHARE),
        ClaimKind.HOUSING,
    }
)
"""Kinds that say themselves of which sale they are."""
NO_DEBT = frozenset({ClaimKind.THIRD_PARTY, ClaimKind.CO_OWNER_SHARE, ClaimKind.HOUSING})
"""What one price gives, and what nobody owes beyond it."""
NOT_THE_DEBTORS = frozenset({ClaimKind.THIRD_PARTY, ClaimKind.CO_OWNER_SHARE})
"""What was never the debtor's: no bankruptcy of his takes it (企业破产法 38, from memory)."""


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


class ClaimTakenOver(Conflict):
    """The claim was worked out or taken over by the system."""

    code = "claim_taken_over"
    article = "house: what the system worked out is not typed"
    zh = "该类债权由系统按核定、结算的数额登记，不得手工登记。"
    en = "Claims of this kind are recorded by the system from what was assessed or settled, never by hand."


class OrderNotCriminal(Conflict):
    """Claims out of a criminal judgment are recorded, and another order was chosen."""

    code = "order_not_criminal"
    article = "刑事财产规定 13"
    zh = "登记的债权中有刑事裁判涉财产部分，应当按照刑事裁判的受偿顺序分配。"
    en = "Claims out of a criminal judgment are recorded; the money is distributed in the order of criminal judgments."


class RewardWithoutApplicant(Malformed):
    """A reward names no claim of an applicant out of whose share it is paid."""

    code = "reward_without_applicant"
    article = "财产调查规定 24"
    zh = "悬赏金应当指明从哪一位申请执行人的哪一项债权中扣减；其他债权不填此项。"
    en = "A reward names the applicant's claim out of whose share it is paid; no other claim names one."


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

    ``ranked_on``: day of registration of a security, or of delivery of a pledge (``None``: neither), day on which an old
    tax fell due. ``seizure_order``: place in the order of seizure, 1 first. ``seized_on``: since when its creditor's seizure
    has held without a gap, by the register (``None``: he seized nothing, or the register has no seizure of his).
    ``creditor``: who he is, where that matters (``None``: somebody else than every other). ``out_of``: the claim out of
    whose share a reward is paid. ``only_of``: the round out of whose price alone it is paid, ``at_most``: what of that is here (a third
    party's, `auction.fund.plans.awarded`; ``None``: out of all of it). ``lot_id``: the thing in which it has its priority, or of whose sale it
    is (``None``: none). ``debtors``: the persons who owe it (empty: all debtors of the case). ``elsewhere``: it stands in the price of another
    thing than its own, without its priority or its seizure (`auction.fund.plans.one_asset`).
    """

    claim_id: UUID
    kind: ClaimKind
    amount: Money
    ranked_on: date | None = None
    seizure_order: int | None = None
    seized_on: date | None = None
    creditor: UUID | None = None
    out_of: UUID | None = None
    only_of: UUID | None = None
    at_most: Money | None = None
    lot_id: UUID | None = None
    debtors: frozenset[UUID] = frozenset()
    elsewhere: bool = False

    @property
    def payable(self) -> Money:
        """What of it can be paid now."""
        return self.amount if self.at_most is None else min(self.amount, self.at_most)


def tax_claim_id(assessment_id: UUID, state: str) -> UUID:
    """Give the claim of an assessment: of the reserve for it, of the assessment itself, or of what a buyer's advance left."""
    return named_id("tax claim", str(assessment_id), state)


def require_place(seizure_order: int | None) -> None:
    """Refuse a place in the order of seizure that is none (`SeizureOrderMalformed`)."""
    if seizure_order is not None and not 1 <= seizure_order <= SEIZURE_ORDER_MOST:
        raise SeizureOrderMalformed(field="seizure_order", most=SEIZURE_ORDER_MOST)


def require_complete(kind: ClaimKind, *, ranked_on: date | None) -> None:
    """Refuse an old tax without its day (`ClaimIncomplete`); an unregistered security needs none."""
    if kind is ClaimKind.OLD_TAX and ranked_on is None:
        raise ClaimIncomplete(missing=Said("税款应缴日期", "the day on which the tax fell due"))


def require_source(kind: ClaimKind, *, out_of_claim_id: UUID | None) -> None:
    """Refuse a reward without its source, and a source for anything else (`RewardWithoutApplicant`)."""
    if (kind is ClaimKind.REWARD) != (out_of_claim_id is not None):
        raise RewardWithoutApplicant(field="out_of_claim_id")
