"""Why a line of a plan stands in its rank: one sentence and its article for each ground. Pure.

1. Every kind of line and every ground of `auction.fund.claims.ranks.Ground` has its sentence; lines of before carry no
   ground and are explained by their kind.
2. The sentence says what the law says of such a line; figures stand in the line itself.
"""

from __future__ import annotations

from dataclasses import dataclass

from auction.fund.claims.ranks import Ground
from auction.kernel.sentences import Said

SURPLUS = "surplus"
"""The kind of the line that goes back to the debtor."""
ESTATE = "bankruptcy_estate"
"""The kind of the one line of a hand-over to a bankruptcy court."""


@dataclass(frozen=True, slots=True)
class Reason:
    """Why, in both languages; the article as pages cite it, and as a Chinese document does."""

    said: Said
    article: str
    article_zh: str


def _reason(zh: str, en: str, article: str, article_zh: str = "") -> Reason:
    return Reason(Said(zh, en), article, article_zh or article.replace(" ", ""))


REASONS: dict[str, Reason] = {
    "third_party": _reason(
        "标的物系案外人所有，以该标的物的变价款为限，先行给付胜诉的案外人。",
        "The thing was the third party's: what it brought, and no other lot's money, is his before anybody is paid.",
        "法释〔2025〕10号 6",
    ),
    "sale_cost": _reason(
        "处置费用从价款中先行扣除。",
        "The costs of the sale come off the price before anybody is paid.",
        "执行工作规定 34",
    ),
    "appraisal_advance": _reason(
        "申请执行人垫付的评估费由被执行人负担，从处置价款中先行退还垫付人。",
        "The debtor bears the appraisal fee: what was advanced on it goes back to whoever advanced it, out of the proceeds first.",
        "参考价 33",
    ),
    "sale_tax": _reason(
        "本次处置中应由被执行人负担的税费，从价款中先行缴纳。",
        "The seller's taxes of this sale are paid out of the price before the creditors.",
        "网拍 30",
    ),
    "tax_reimbursement": _reason(
        "买受人垫付了应由被执行人负担的税费，在核定数额以内从价款中退还。",
        "The buyer advanced taxes that the debtor bears: within what was assessed they go back to him out of the price.",
        "网拍 30",
    ),
    "co_owner_share": _reason(
        "共有人的份额不是被执行人的财产，扣除处置费用和税费后按份额给付。",
        "A co-owner's share never was the debtor's: it is given to him after the costs and taxes of the sale.",
        "查扣冻 12",
    ),
    "housing": _reason(
        "处置唯一住房的，从价款中扣除五至八年的租金，保障被执行人及所扶养家属居住。",
        "Where a sole home is sold, five to eight years' rent is left to the debtor and his family for a home.",
        "异议复议规定 20",
    ),
    "medical": _reason(
        "人身损害赔偿中的医疗费用，先于一切优先受偿权支付。",
        "Medical costs of injured persons are paid before every priority.",
        "刑事财产规定 13",
    ),
    "construction": _reason(
        "建设工程价款优先受偿权优先于抵押权和其他债权。",
        "A contractor's priority goes before mortgages and other claims.",
        "建设工程解释 36",
        "建设工程解释（一）36",
    ),
    "old_tax": _reason(
        "欠税先于无担保债权，并先于欠税发生以后设定的担保物权；同日的，担保物权在先。",
        "An old tax goes before claims without security, and before security created after it fell due; on one day the security goes first.",
        "税收征管法 45",
    ),
    "mortgage": _reason(
        "担保物权按照登记（质权按照交付）的先后受偿，同日的按债权比例；先于普通债权。",
        "Security is paid by the day of registration (a pledge: of delivery), on one day in proportion; before ordinary claims.",
        "Civil Code 414, 415",
        "民法典414、415",
    ),
    Ground.AFTER_SEIZURE.value: _reason(
        "担保物权在财产被查封之后登记，不得对抗申请查封的债权人，不按担保物权优先受偿。",
        "The security was registered after the asset was seized: it cannot be held against the creditor who seized, and gives no priority.",
        "查扣冻 24",
    ),
    Ground.UNREGISTERED.value: _reason(
        "动产担保物权未经登记，不得对抗已申请查封、执行或者参与分配的债权人，不优先于普通债权受偿。",
        "Security of movables that was never registered cannot be held against creditors who seized or joined: it gives no priority before ordinary claims.",
        "担保制度解释 54; Civil Code 403",
        "担保制度解释54、民法典403",
    ),
    Ground.OF_OTHER_ASSET.value: _reason(
        "该项优先权利只及于其标的物的价款；不足部分仍由债务人清偿，在其他财产的价款中按普通债权受偿。",
        "The priority is in the price of its own thing only; what that lacks the debtor still owes, and in another thing's price it is an ordinary claim.",
        "Civil Code 413",
        "民法典413",
    ),
    "restitution": _reason(
        "退赔被害人的损失先于其他民事债务。",
        "Restitution to the victims goes before other civil debts.",
        "刑事财产规定 13",
    ),
    "ordinary": _reason(
        "普通债权按照占全部申请参与分配债权数额的比例受偿。",
        "Ordinary claims are paid in proportion to all ordinary claims that joined.",
        "Interp. 508",
        "民诉法解释508",
    ),
    Ground.BY_SEIZURE.value: _reason(
        "被执行人为企业法人且未进入破产程序的，普通债权按照查封的先后顺序受偿。",
        "Against an enterprise that is not in bankruptcy ordinary claims are paid by the order of seizure.",
        "Interp. 514",
        "民诉法解释514",
    ),
    Ground.CIVIL_DEBT.value: _reason(
        "其他民事债务在退赔被害人损失之后、罚金之前，按债权比例受偿。",
        "Other civil debts come after restitution and before the fine, in proportion.",
        "刑事财产规定 13",
    ),
    "late_interest": _reason(
        "迟延履行期间的加倍部分债务利息，在全部金钱债务清偿之后受偿。",
        "The doubled part of late interest is paid after all judgment debts.",
        "迟延利息解释 4",
    ),
    "fine": _reason(
        "罚金在民事债务之后执行，上缴国库。",
        "A fine is enforced after the civil debts, for the treasury.",
        "刑事财产规定 13",
    ),
    "confiscation": _reason(
        "没收财产最后执行，上缴国库。",
        "Confiscation is enforced last, for the treasury.",
        "刑事财产规定 13",
    ),
    "reward": _reason(
        "悬赏金从受益的申请执行人应得的款项中扣减，不增加被执行人的负担。",
        "A reward comes out of the share of the applicant whom the lead helped; the debtor owes nothing more for it.",
        "财产调查规定 24",
    ),
    SURPLUS: _reason(
        "清偿全部债权后的余款退还被执行人。",
        "What is left when every claim is paid goes back to the debtor.",
        "执行工作规定 34",
    ),
    ESTATE: _reason(
        "受移送法院裁定受理破产案件后，尚未发放的执行款移交管理人。",
        "The bankruptcy court opened the proceedings: what was not paid out goes to the administrator.",
        "Interp. 513",
        "民诉法解释513",
    ),
}


def reason_of(ground: str | None, kind: str) -> Reason:
    """Say why a line stands where it does; without a ground its kind says it (rule 1)."""
    return REASONS[ground or kind]
