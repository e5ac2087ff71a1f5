"""Forms of claims that the system works out: a co-owner's share, rent for a sole home, advanced taxes and appraisal fees."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from auction.fund.settlement.record_late_interest import MAX_STRETCHES, Stretch, slices_of, working_text
from auction.fund.settlement.record_title_interest import (
    BEARING,
    StretchOfTitle,
    title_stretches_of,
    title_working,
)
from auction.kernel.db import Transaction
from auction.kernel.errors import Refusal
from auction.kernel.money import Money
from auction.law.fees import InterestDaysInvalid, doubled_interest
from auction.law.title_interest import TitleInterestMalformed, simple_interest
from auction.sale.cases.parties import PartyRole
from valuation.appraisals.rules.case_file import AppraisalFile
from web.display import day as day_text
from web.display import figures
from web.dues_of_appraisals import stated_dues
from web.pages.steps.choices import Options, first_of, fixed, parties, purchases
from web.pages.steps.fields import Group, Option, Typed
from web.pages.steps.forms_of_money import claims_on_file, person_of
from web.pages.steps.known import Known
from web.pages.steps.parts import choice, day, fingerprint, text, ticks, whole, yuan
from web.pages.steps.step_form import Making, Stage, StepForm
from web.texts import N_, _

BEARERS = {"seller": N_("被执行人"), "buyer": N_("买受人")}
LAW_SAYS = {**BEARERS, "silent": N_("法律没有规定或者规定不明")}
_CO_OWNERS = parties(PartyRole.CO_OWNER)
_DEBTORS = parties(PartyRole.JUDGMENT_DEBTOR)
_APPLICANTS = parties(PartyRole.APPLICANT)


def _assessed(known: Known) -> list[Option]:
    """Offer the sales whose taxes are assessed."""
    assessed = {str(tax.round_id) for tax in known.taxes if tax.state == "assessed"}
    return [option for option in purchases(known) if option.value in assessed]


def _not_advanced(known: Known) -> list[Option]:
    """Offer the sales whose taxes are assessed and of which no advance is on record."""
    advanced = {str(tax.round_id) for tax in known.taxes if tax.reimbursed_fen is not None}
    return [option for option in _assessed(known) if option.value not in advanced]


def _claim_id(making: Making) -> UUID:
    return making.id_of("worked-out claim")


def _owes_proceeds(file: AppraisalFile, known: Known) -> bool:
    """Whether a fee is stated, takes something from the proceeds, and is not taken over yet."""
    if file.statement is None:
        return False
    taken = {claim.source_ref for claim in known.claims}
    return any(f"appraisal:{file.appraisal_id}:{due.to}" not in taken for due in stated_dues(file.statement).dues)


def _stated(known: Known) -> list[Option]:
    return [
        Option(
            str(file.appraisal_id),
            _("{day} 委托的评估").format(day=day_text(file.started_at)),
            "，".join(f"{_(PAID_TO[due.to])} {figures(due.amount_fen)}" for due in stated_dues(file.statement).dues),
        )
        for file in known.appraisals
        if file.statement is not None and _owes_proceeds(file, known)
    ]


PAID_TO = {"applicant": N_("退还垫付人"), "agency": N_("付评估机构")}
_STATED: Options = _stated

RECORD_CO_OWNER_SHARE = StepForm(
    name="record-co-owner-share",
    path="fund/record-co-owner-share",
    stage=Stage.MONEY,
    heading=N_("登记共有人份额"),
    explains=N_("按成交价扣除处置费用和核定税费后的余额，乘以共有份额，由系统计算；费用、税费变动的须重新登记。"),
    article="查扣冻 12",
    parts=(
        choice("round_id", N_("成交"), _assessed, default=first_of(_assessed)),
        choice("party_id", N_("共有人"), _CO_OWNERS, default=first_of(_CO_OWNERS), hint=N_("须先登记为共有人")),
        whole("numerator", N_("共有份额的分子"), hint=N_("如二分之一填1")),
        whole("denominator", N_("共有份额的分母"), hint=N_("如二分之一填2")),
        text("basis", N_("依据"), hint=N_("如 不动产登记、析产判决的文号")),
        fingerprint("evidence_sha256", N_("证明文件")),
    ),
    derived={"claim_id": _claim_id, "person_id": person_of("party_id")},
)
RECORD_REPLACEMENT_RENT = StepForm(
    name="record-replacement-rent",
    path="fund/record-replacement-rent",
    stage=Stage.MONEY,
    heading=N_("登记唯一住房的租金"),
    explains=N_("处置被执行人唯一住房的，参照当地平均租金扣除五至八年租金，先于债权人给付被执行人。"),
    article="异议复议规定 20",
    parts=(
        choice("round_id", N_("成交"), purchases, default=first_of(purchases)),
        choice("party_id", N_("被执行人"), _DEBTORS, default=first_of(_DEBTORS)),
        yuan("rent_per_year_fen", N_("一年的租金")),
        whole("years", N_("年数"), hint=N_("五至八年")),
        text("basis", N_("依据"), hint=N_("如 当地房屋租赁市场平均租金标准")),
        fingerprint("evidence_sha256", N_("证明文件")),
    ),
    derived={"claim_id": _claim_id, "person_id": person_of("party_id")},
)
REIMBURSE_TAX_ADVANCE = StepForm(
    name="reimburse-tax-advance",
    path="fund/reimburse-tax-advance",
    stage=Stage.MONEY,
    heading=N_("退还买受人垫付的税费"),
    explains=N_(
        "逐项登记买受人已缴的税费；应由被执行人负担的，在核定数额以内从价款中退还，并相应减少应付税务机关的数额。"
    ),
    article="网拍 30",
    parts=(
        choice("round_id", N_("成交"), _not_advanced, default=first_of(_not_advanced)),
        Group(
            name="lines",
            label=N_("买受人已缴的税费"),
            row_label=N_("税费"),
            hint=N_("买受人自己应当负担的也要填写：其缴款先抵自己的部分"),
            fields=(
                text("name", N_("税种或者费用名称")),
                choice("law_says", N_("法律规定由谁负担"), fixed(LAW_SAYS)),
                choice(
                    "court_says",
                    N_("法院确定由谁负担"),
                    fixed(BEARERS),
                    optional=True,
                    hint=N_("仅在法律没有规定或者规定不明时填写"),
                ),
                yuan("assessed_fen", N_("核定数额")),
                yuan("paid_fen", N_("实缴数额")),
            ),
            counts=("name", "assessed_fen", "paid_fen"),
        ),
        fingerprint("receipts_sha256", N_("完税凭证")),
    ),
)
TAKE_OVER_APPRAISAL_FEE = StepForm(
    name="take-over-appraisal-fee",
    path="fund/take-over-appraisal-fee",
    stage=Stage.MONEY,
    heading=N_("接收评估费结算单"),
    explains=N_(
        "评估费结算单中应当从处置价款支付的款项登记为处置费用：垫付的退还垫付人，其余付评估机构；金额取自结算单。"
    ),
    article="参考价 32, 33",
    parts=(
        choice("appraisal_id", N_("评估费结算单"), _STATED, default=first_of(_STATED)),
        choice("applicant_party_id", N_("垫付的申请执行人"), _APPLICANTS, default=first_of(_APPLICANTS)),
        choice(
            "agency_party_id",
            N_("评估机构"),
            parties(PartyRole.THIRD_PARTY, PartyRole.OTHER_CREDITOR),
            optional=True,
            hint=N_("结算单中有应付评估机构的款项时选择；须先登记为案外人或者其他债权人"),
        ),
    ),
    derived={
        "applicant_person_id": person_of("applicant_party_id"),
        "agency_person_id": person_of("agency_party_id"),
    },
)


async def _late_interest(_tx: Transaction, _known: Known, typed: Typed) -> Mapping[str, Any]:
    """Work the rows that are complete out, or say why they cannot be."""
    rows = [
        {
            name: typed.get(f"stretches.{row}.{name}", "").strip()
            for name in ("principal_fen", "from_day", "to_day", "deducted_days")
        }
        for row in range(MAX_STRETCHES)
    ]
    complete = [row for row in rows if row["principal_fen"] and row["from_day"] and row["to_day"]]
    if not complete:
        return {"text": None, "why_not": None}
    try:
        slices = slices_of([_stretch(row) for row in complete])
        return {"text": working_text(slices, doubled_interest(slices)), "why_not": None}
    except Refusal as refusal:
        return {"text": None, "why_not": refusal}


def _stretch(row: Mapping[str, str]) -> Stretch:
    try:
        return Stretch(
            principal_fen=Money.parse_yuan(row["principal_fen"]).fen,
            from_day=date.fromisoformat(row["from_day"]),
            to_day=date.fromisoformat(row["to_day"]),
            deducted_days=int(row["deducted_days"] or "0"),
        )
    except ValueError as fault:
        raise InterestDaysInvalid from fault


RECORD_LATE_INTEREST = StepForm(
    name="record-late-interest",
    path="fund/record-late-interest",
    stage=Stage.MONEY,
    heading=N_("登记加倍部分债务利息"),
    explains=N_(
        "按未清偿的本金和日数由系统计算，单独登记为一项债权，在各项本金之后受偿；执行依据确定的一般利息计入普通债权。"
    ),
    article="迟延利息解释 1, 2, 3, 4",
    parts=(
        choice("party_id", N_("债权人"), parties()),
        Group(
            name="stretches",
            label=N_("计息期间"),
            row_label=N_("期间"),
            hint=N_("本金有部分清偿的，清偿前后分段填写"),
            fields=(
                yuan("principal_fen", N_("未清偿的本金")),
                day("from_day", N_("履行期限届满之日或者上一次清偿之日"), hint=N_("当日不计")),
                day("to_day", N_("计算至"), hint=N_("当日计入")),
                whole("deducted_days", N_("不计息的日数"), optional=True, hint=N_("非因被执行人申请的中止、暂缓期间")),
            ),
            counts=("principal_fen", "from_day", "to_day"),
        ),
        ticks(
            "debtor_party_ids",
            N_("债务人"),
            parties(PartyRole.JUDGMENT_DEBTOR),
            optional=True,
            hint=N_("不选的，视为本案全体被执行人的债务"),
        ),
        text("basis", N_("依据"), hint=N_("如 判决书文号")),
        fingerprint("evidence_sha256", N_("执行依据")),
    ),
    derived={"claim_id": _claim_id, "person_id": person_of("party_id")},
    shows="steps/late_interest.html",
    again=N_("重新计算"),
    shows_of=_late_interest,
)


def _bearing(known: Known) -> list[Option]:
    """Offer the claims that may bear interest by a title; interest itself bears none."""
    return [
        option
        for option, claim in zip(claims_on_file(known), known.claims, strict=True)
        if claim.kind in BEARING and claim.source_ref is None
    ]


async def _title_interest(_tx: Transaction, _known: Known, typed: Typed) -> Mapping[str, Any]:
    """Work the rows that are complete out, or say why they cannot be."""
    names = ("principal_fen", "annual_percent", "year_days", "from_day", "to_day")
    rows = [{name: typed.get(f"stretches.{row}.{name}", "").strip() for name in names} for row in range(MAX_STRETCHES)]
    complete = [row for row in rows if all(row.values())]
    if not complete:
        return {"text": None, "why_not": None}
    try:
        stretches = title_stretches_of([_title_stretch(row) for row in complete])
        return {"text": title_working(stretches, simple_interest(stretches)), "why_not": None}
    except Refusal as refusal:
        return {"text": None, "why_not": refusal}


def _title_stretch(row: Mapping[str, str]) -> StretchOfTitle:
    try:
        return StretchOfTitle(
            principal_fen=Money.parse_yuan(row["principal_fen"]).fen,
            annual_percent=row["annual_percent"],
            year_days=int(row["year_days"]),
            from_day=date.fromisoformat(row["from_day"]),
            to_day=date.fromisoformat(row["to_day"]),
        )
    except ValueError as fault:
        raise TitleInterestMalformed from fault


RECORD_TITLE_INTEREST = StepForm(
    name="record-title-interest",
    path="fund/record-title-interest",
    stage=Stage.MONEY,
    heading=N_("登记一般债务利息"),
    explains=N_(
        "按执行依据确定的利率，在一项债权的本金上由系统按日计算单利；单独登记，顺位与该项债权相同，同一本金不重复计息。"
    ),
    article="迟延利息解释 1",
    parts=(
        choice("of_claim_id", N_("计息的债权"), _bearing, default=first_of(_bearing)),
        Group(
            name="stretches",
            label=N_("计息期间"),
            row_label=N_("期间"),
            hint=N_("本金有部分清偿或者利率变动的，分段填写"),
            fields=(
                yuan("principal_fen", N_("未清偿的本金")),
                text("annual_percent", N_("年利率（百分之）"), hint=N_("如 3.85")),
                whole("year_days", N_("一年的日数"), hint=N_("365或者360，按执行依据")),
                day("from_day", N_("起算之日"), hint=N_("当日计入")),
                day("to_day", N_("计算至"), hint=N_("当日计入")),
            ),
            counts=("principal_fen", "annual_percent", "year_days", "from_day", "to_day"),
        ),
        text("basis", N_("依据"), hint=N_("如 判决书文号")),
        fingerprint("evidence_sha256", N_("执行依据")),
    ),
    derived={"claim_id": _claim_id},
    shows="steps/late_interest.html",
    again=N_("重新计算"),
    shows_of=_title_interest,
)
SHARE_FORMS = (
    RECORD_TITLE_INTEREST,
    RECORD_LATE_INTEREST,
    RECORD_CO_OWNER_SHARE,
    RECORD_REPLACEMENT_RENT,
    REIMBURSE_TAX_ADVANCE,
    TAKE_OVER_APPRAISAL_FEE,
)
