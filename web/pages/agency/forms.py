"""Forms of an agency's steps, of the same kind as the court's; what they offer is of one mandate."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from auction.kernel.clock import SHANGHAI
from auction.sale.cases.parties import PartyRole
from valuation.appraisals.rules.agency_steps import AgencyStep
from valuation.appraisals.rules.agency_view import MandateView
from web.display import figures
from web.pages import appraisal_words as words
from web.pages import desk_words
from web.pages.steps.choices import first_of, fixed
from web.pages.steps.fields import Field, Group, Kind, Option
from web.pages.steps.known import Known
from web.pages.steps.parts import choice, day, instant, long_text, text, tick, ticks, today, whole, yuan
from web.pages.steps.step_form import Making, Stage, StepForm
from web.texts import N_, _


class AgencyKnown(Known, frozen=True, kw_only=True):
    """What an agency's form knows: the mandate, and the parties by their part in the case."""

    view: MandateView
    party_roles: dict[UUID, PartyRole]


def _view(known: Known) -> MandateView:
    assert isinstance(known, AgencyKnown), "these forms are an agency's"
    return known.view


def _paper(name: str, label: str) -> Field:
    """Ask for the fingerprint of a file; an agency has no papers of the case to choose from."""
    return Field(name=name, label=label, kind=Kind.FINGERPRINT, at=name)


def _mandate_id(making: Making) -> UUID:
    return _view(making.known).mandate.mandate_id


def _form(
    name: AgencyStep,
    path: str,
    heading: str,
    explains: str,
    article: str,
    *parts: Field | Group,
    **derived: Callable[[Making], object],
) -> StepForm:
    return StepForm(
        name=name,
        path=f"valuation/{path}",
        stage=Stage.PRICE,
        heading=heading,
        explains=explains,
        article=article,
        parts=parts,
        derived={"mandate_id": _mandate_id, **{key.replace("__", "."): value for key, value in derived.items()}},
    )


# The mandate ---------------------------------------------------------------------------------------------------------


ACCEPT = _form(
    "accept",
    "accept-mandate",
    N_("接受委托"),
    N_(
        "接受后开始计算三十日评估期限（已登记收到的，自收到之次日起算）。填写本机构在委托之前向行业协会备案的收费标准。"
    ),
    "参考价 17, 19(1); 评估规范",
    text("rates.association", N_("备案的行业协会")),
    day("rates.filed_on", N_("备案日期"), hint=N_("须早于委托日期")),
    Group(
        name="rates.bands",
        label=N_("收费标准（分段累进）"),
        row_label=N_("分段"),
        hint=N_("最后一段不填上限。比率写作分数，如 1/200。"),
        fields=(
            yuan("up_to_fen", N_("评估价值上限"), optional=True, null=True),
            text("ratio", N_("收费比率"), hint=N_("如 1/200")),
        ),
        counts=("ratio",),
        rows=lambda known: ({}, {}),
    ),
    yuan("rates.least_fen", N_("最低收费"), optional=True),
    _paper("rates.document_sha256", N_("备案文件")),
)
DECLINE = _form(
    "decline",
    "decline-mandate",
    N_("不接受委托"),
    N_("理由将予公布，不得写任何人的姓名；没有正当理由的，可能从名单库除名。"),
    "参考价 15; 评估规范; 资产评估法 20",
    choice("ground", N_("理由类别"), fixed(words.DECLINE_GROUNDS)),
    long_text("reason", N_("理由（将公布）"), optional=True),
)
ASK = _form(
    "ask",
    "ask-court",
    N_("询问法院或者请求补充材料"),
    N_("询问不停止期限计算；材料缺失致使不能评估的，由法院决定暂缓，暂缓期间扣除。"),
    "参考价 17, 28",
    tick("for_material", N_("请求补充评估材料"), optional=True),
    long_text("text", N_("内容")),
)


def _parties(known: Known) -> list[Option]:
    assert isinstance(known, AgencyKnown), "these forms are an agency's"
    return [
        Option(str(party), f"{desk_words.party_name(known.party_roles[party])} {number}")
        for number, party in enumerate(known.view.parties, start=1)
        if party in known.party_roles
    ]


def _planned(known: Known) -> str:
    planned = _view(known).planned_at
    if planned is None:
        return ""
    return planned.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")


def _lines(name: str) -> Callable[[Making], list[str]]:
    return lambda making: [line.strip() for line in (making.values[name] or "").split("\n") if line.strip()]


INSPECT = _form(
    "inspect",
    "record-inspection",
    N_("提交现场勘验记录"),
    N_("记录到场的当事人；有当事人未到场的，应当有见证人。记录由在场人员、见证人签名，此处登记其指纹。"),
    "参考价 18",
    instant("inspection.held_at", N_("勘验时间"), default=_planned),
    long_text("appraisers", N_("勘验人员执业证号"), at="", hint=N_("每行一个")),
    ticks("inspection.present", N_("到场的当事人"), _parties, optional=True),
    tick("inspection.has_witness", N_("有见证人在场并签名"), optional=True),
    _paper("inspection.record_sha256", N_("勘验记录")),
    inspection__appraisers=_lines("appraisers"),
)
EXTEND = _form(
    "extend",
    "ask-extension",
    N_("申请延长期限"),
    N_("应当在期限届满五日前书面申请；最多延长两次，每次不超过十五日，由法院决定。"),
    "参考价 19(2)",
    whole("days", N_("申请延长日数")),
    long_text("reason", N_("理由")),
    _paper("document_sha256", N_("书面申请")),
)


# The report ----------------------------------------------------------------------------------------------------------


def _report_parts() -> tuple[Field | Group, ...]:
    return (
        text(
            "report.scope_sha256",
            N_("委托范围指纹"),
            default=lambda known: _view(known).scope_sha256,
            hint=N_("须与报告所附委托书一致；与委托不符的报告不予接收"),
        ),
        text(
            "report.agency_licence_no",
            N_("签章机构备案（证书）号"),
            default=lambda known: _view(known).mandate.licence_no,
        ),
        day("report.signed_on", N_("签署日期"), default=today),
        Group(
            name="report.signers",
            label=N_("署名评估人员"),
            row_label=N_("评估人员"),
            hint=N_("至少两名，执业资格在签署日有效。"),
            fields=(
                text("licence_no", N_("执业证号")),
                day(
                    "licence_until",
                    N_("资格有效期至"),
                    optional=True,
                    null=True,
                    hint=N_("名册已载明的可以不填；填写的，以较早者为准"),
                ),
            ),
            counts=("licence_no",),
            rows=lambda known: ({}, {}),
        ),
        long_text("report.basics", N_("财产基本情况"), hint=N_("不写任何人的姓名")),
        ticks("report.methods", N_("评估方法"), fixed(words.APPROACHES)),
        text("report.one_method_reason", N_("仅用一种方法的准则依据"), optional=True),
        text("report.standard", N_("评估标准"), hint=N_("如 GB/T 50291-2015")),
        yuan("report.value_fen", N_("评估价值")),
        day("report.valid_until", N_("有效期至"), hint=N_("自签署之日起不超过一年")),
        _paper("report.pdf_sha256", N_("签章报告（PDF）")),
    )


SUBMIT = _form(
    "submit",
    "submit-report",
    N_("提交评估报告"),
    N_(
        "填写报告的结构化数据和签章 PDF 的指纹；机构、签名、执业资格、范围或者有效期不符的，不予接收。"
        "至少两名署名评估师各以本人账户确认后，报告才提交法院；署名评估师本人填写的，视为其已确认。"
    ),
    "参考价 17, 18, 19, 20",
    *_report_parts(),
    text("no_inspection_reason", N_("未现场勘验的理由"), optional=True, hint=N_("已提交勘验记录的不填")),
)


def _order_id(making: Making) -> UUID | None:
    order = _view(making.known).order
    return None if order is None else order.order_id


def _waiting(known: Known) -> list[Option]:
    """Offer the only report that waits, by what identifies it: who confirms says which one."""
    draft = _view(known).draft
    if draft is None:
        return []
    value = figures(draft.report.value_fen)
    return [Option(str(draft.draft_id), value, f"PDF {draft.report.pdf_sha256[:16]}…")]


CONFIRM = _form(
    "confirm",
    "confirm-report",
    N_("确认署名报告"),
    N_("署名评估师以本人账户确认报告由其署名；两名确认后报告即提交法院，提交期限以第二名确认的时间为准。"),
    "资产评估法 27, 28; 参考价 20(4)",
    choice("draft_id", N_("待确认的报告"), _waiting, default=first_of(_waiting)),
)
CORRECT = _form(
    "correct",
    "correct-report",
    N_("提交补正报告"),
    N_("按责令补正的事项重新提交完整报告。"),
    "参考价 20, 23",
    *_report_parts(),
    order_id=_order_id,
)
EXPLAIN = _form(
    "explain",
    "explain-report",
    N_("提交书面说明"),
    N_("对责令说明的事项作出书面说明，报告不变。"),
    "参考价 20",
    long_text("text", N_("说明")),
    _paper("document_sha256", N_("说明文件")),
    order_id=_order_id,
)


def _forwarded(known: Known) -> list[Option]:
    separator = _("、")
    return [
        Option(
            str(one.objection_id),
            separator.join(desk_words.name_in(words.OBJECTION_GROUNDS, ground) for ground in one.grounds),
            f"{one.document_sha256[:16]}…",
        )
        for one in _view(known).objections
        if one.state == "forwarded"
    ]


EXPLAIN_OBJECTION = _form(
    "explain-objection",
    "explain-objection",
    N_("对异议作出说明"),
    N_("收到转交的异议后五日内书面说明；逾期的，交专业技术评审。"),
    "参考价 23(1)",
    choice("objection_id", N_("异议"), _forwarded),
    long_text("text", N_("说明")),
    _paper("document_sha256", N_("说明文件")),
)
CLAIM = _form(
    "claim-fee",
    "claim-fee",
    N_("申报合理实际支出"),
    N_("未成交、撤回评估的，评估费按合理实际支出结算，法院核定的数额不超过本机构申报的数额；结算前可以重新申报。"),
    "参考价 32",
    yuan("expense_fen", N_("合理实际支出")),
    _paper("document_sha256", N_("支出凭证")),
)
AGENCY_FORMS = (ACCEPT, DECLINE, ASK, INSPECT, EXTEND, SUBMIT, CONFIRM, CORRECT, EXPLAIN, EXPLAIN_OBJECTION, CLAIM)
