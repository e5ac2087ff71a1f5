"""Forms on who takes part in a distribution: joining it, the court's cut-off day, and the hand-over to a bankruptcy court."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from auction.kernel.db import Transaction
from auction.sale.cases.documents import DocumentKind
from auction.sale.cases.parties import PartyRole
from auction.sale.joining.joining import JOINING_KINDS
from auction.sale.joining.store import facts_of, grounds_of
from web.display import day as day_text
from web.display import figures
from web.pages import desk_words as words
from web.pages.steps.choices import assets, first_of, fixed, parties, sealed_documents
from web.pages.steps.fields import Option, Typed
from web.pages.steps.forms_of_file import PERSON_KINDS
from web.pages.steps.known import Known
from web.pages.steps.parts import choice, day, fingerprint, long_text, text, tick, today, yuan
from web.pages.steps.step_form import Making, Stage, StepForm
from web.texts import N_, _

JOINING = {kind.value: words.LINE_KINDS[kind.value] for kind in JOINING_KINDS}
DEBTORS = {
    "natural": N_("自然人"),
    "organisation": N_("其他组织（非企业法人）"),
    "enterprise": N_("企业法人"),
}
DECIDED = {"admit": N_("准许参与分配"), "refuse": N_("不予准许")}
ANSWERS = {"accepted": N_("裁定受理破产案件"), "declined": N_("不予受理")}
_DEBTORS = parties(PartyRole.JUDGMENT_DEBTOR)
_CONSENTERS = parties(PartyRole.APPLICANT, PartyRole.JUDGMENT_DEBTOR)
_OTHERS = parties(PartyRole.THIRD_PARTY, PartyRole.OTHER_CREDITOR)


def _open_applications(known: Known) -> list[Option]:
    """Offer the applications that wait for a decision, or for one on the objection to a refusal."""
    return [
        Option(
            str(one.application_id),
            f"{one.applicant_masked} {words.name_in(words.LINE_KINDS, one.kind)} {figures(one.amount_fen)}",
            _("{day}申请").format(day=day_text(one.applied_on)),
        )
        for one in known.joins
        if one.state in ("waits", "objected")
    ]


async def _application(tx: Transaction, known: Known, typed: Typed) -> Mapping[str, Any]:
    """Show what was applied for, with facts, reasons and the grounds of an objection."""
    chosen = typed.get("application_id") or first_of(_open_applications)(known)
    join = next((one for one in known.joins if str(one.application_id) == chosen), None)
    if join is None:
        return {"join": None, "facts": "", "grounds": ""}
    facts = await facts_of(tx, join.application_id)
    return {"join": join, "facts": facts, "grounds": await grounds_of(tx, join.application_id)}


def _person_of(name: str, making: Making) -> UUID | None:
    party = making.known.party(str(making.values[name]))
    return None if party is None else party.person_id


# Joining -------------------------------------------------------------------------------------------------------------

RECORD_JOIN = StepForm(
    name="record-join-application",
    path="sale/record-join-application",
    stage=Stage.MONEY,
    heading=N_("登记参与分配申请"),
    explains=N_("登记债权人提交的书面申请；申请人不必已是本案当事人，准许后列为当事人并登记债权。"),
    article="Interp. 506, 507",
    parts=(
        choice("applicant_kind", N_("申请人类型"), fixed(PERSON_KINDS)),
        text("name", N_("申请人姓名（名称）")),
        text("identity_number", N_("证件号码"), hint=N_("身份证号码或者统一社会信用代码")),
        text("telephone", N_("联系电话"), optional=True),
        text("address", N_("送达地址"), optional=True),
        day("received_on", N_("收到申请书的日期"), default=today),
        choice("kind", N_("性质"), fixed(JOINING)),
        yuan("amount_fen", N_("金额")),
        text("title_number", N_("执行依据文号"), optional=True, hint=N_("优先权、担保物权人可以不填")),
        day("ranked_on", N_("抵押权登记日"), optional=True, hint=N_("未登记的留空")),
        long_text("facts", N_("事实和理由")),
        fingerprint("document_sha256", N_("申请书扫描件")),
    ),
    derived={"application_id": lambda making: making.id_of("join application")},
)
DECIDE_JOIN = StepForm(
    name="decide-join",
    path="sale/decide-join",
    stage=Stage.MONEY,
    heading=N_("审查参与分配申请"),
    explains=N_(
        "准许的，申请人列为当事人并登记债权；不予准许的写明理由和依据，申请人可以提出一次异议，由另一人审查。决定书用印后送达申请人。"
    ),
    article="Interp. 506, 507",
    parts=(
        choice("application_id", N_("申请"), _open_applications, default=first_of(_open_applications)),
        choice("asset_id", N_("参与分配的财产"), assets, default=first_of(assets)),
        choice("debtor_kind", N_("被执行人类型"), fixed(DEBTORS)),
        choice("found", N_("审查结论"), fixed(DECIDED), at=""),
        long_text("reason", N_("理由")),
        text("article", N_("法律依据"), default=lambda known: "《民诉法解释》第506条、第507条"),
    ),
    derived={
        "admit": lambda making: making.values["found"] == "admit",
        "document_id": lambda making: making.id_of("join decision"),
    },
    shows="steps/join_application.html",
    shows_of=_application,
    again=N_("显示所选申请"),
)
SET_CUT_OFF = StepForm(
    name="set-join-cut-off",
    path="sale/set-join-cut-off",
    stage=Stage.MONEY,
    heading=N_("确定本院参与分配的截止日"),
    explains=N_("法律没有规定财产执行终结之日；本院按所属高级人民法院的规定确定，适用于此后的审查。"),
    article="Interp. 507",
    parts=(
        choice("cut_off", N_("截止日"), fixed(words.CUT_OFFS)),
        text("basis", N_("依据"), hint=N_("所属高级人民法院的规定")),
    ),
    derived={"setting_id": lambda making: making.id_of("join cut-off")},
)


# The bankruptcy court ------------------------------------------------------------------------------------------------


def _may_refer(known: Known) -> bool:
    return known.fund is not None and (known.referral is None or known.referral.accepted is False)


def _awaits_answer(known: Known) -> bool:
    return known.referral is not None and known.referral.accepted is None


def _may_hand_over(known: Known) -> bool:
    return known.referral is not None and bool(known.referral.accepted)


REFER = StepForm(
    name="refer-to-bankruptcy",
    path="fund/refer-to-bankruptcy",
    stage=Stage.MONEY,
    heading=N_("移送破产审查"),
    explains=N_(
        "被执行人为不能清偿全部债务的企业法人，经申请执行人之一或者被执行人书面同意的，中止执行并移送；受移送法院三十日内答复。"
    ),
    article="Interp. 511, 512",
    parts=(
        choice("debtor_party_id", N_("被执行人"), _DEBTORS, default=first_of(_DEBTORS)),
        choice("debtor_kind", N_("被执行人类型"), fixed(DEBTORS)),
        tick("is_insolvent", N_("财产不足以清偿全部债务"), optional=True),
        long_text("finding", N_("不能清偿的认定")),
        choice("consent_party_id", N_("同意移送的当事人"), _CONSENTERS, at=""),
        fingerprint("consent_sha256", N_("书面同意"), at=""),
        text("bankruptcy_court", N_("受移送法院"), hint=N_("被执行人住所地有管辖权的法院")),
        choice(
            "referral_document_id",
            N_("移送破产审查决定书"),
            sealed_documents(DocumentKind.BANKRUPTCY_REFERRAL),
            hint=N_("须已用印"),
        ),
        choice(
            "stay_document_id", N_("中止执行裁定书"), sealed_documents(DocumentKind.STAY_RULING), hint=N_("须已用印")
        ),
    ),
    derived={
        "referral_id": lambda making: making.id_of("bankruptcy referral"),
        "debtor_person_id": lambda making: _person_of("debtor_party_id", making),
        "consents": lambda making: [
            {"party_id": making.values["consent_party_id"], "document_sha256": making.values["consent_sha256"]}
        ],
    },
    fits=_may_refer,
)
ANSWER = StepForm(
    name="record-bankruptcy-answer",
    path="fund/record-bankruptcy-answer",
    stage=Stage.MONEY,
    heading=N_("登记受移送法院的答复"),
    explains=N_(
        "不予受理的，恢复执行；裁定受理的，已发放和已送达成交裁定的不再移送，其余款项移交管理人。由另一人复核后生效。"
    ),
    article="Interp. 512, 513",
    parts=(
        choice("found", N_("答复"), fixed(ANSWERS), at=""),
        day("answered_on", N_("答复日期"), default=today),
        fingerprint("document_sha256", N_("受移送法院的裁定")),
    ),
    derived={"accepted": lambda making: making.values["found"] == "accepted"},
    fits=_awaits_answer,
)
HAND_OVER = StepForm(
    name="hand-over-to-bankruptcy",
    path="fund/hand-over-to-bankruptcy",
    stage=Stage.MONEY,
    heading=N_("执行款移交管理人"),
    explains=N_("尚未发放的款项全部转入管理人一项，再由四人逐级审批发放；已发放的不动。由另一人复核后办理。"),
    article="Interp. 513",
    parts=(
        choice("administrator_party_id", N_("管理人"), _OTHERS, hint=N_("须先登记为案外人，收款账户以管理人名义开立")),
        choice(
            "document_id",
            N_("执行款移交管理人决定书"),
            sealed_documents(DocumentKind.BANKRUPTCY_HANDOVER),
            hint=N_("须已用印"),
        ),
    ),
    derived={
        "plan_id": lambda making: making.id_of("hand-over"),
        "administrator_person_id": lambda making: _person_of("administrator_party_id", making),
    },
    fits=_may_hand_over,
)
DISTRIBUTION_FORMS = (RECORD_JOIN, DECIDE_JOIN, SET_CUT_OFF, REFER, ANSWER, HAND_OVER)
