"""Forms of objections to a plan: what became of one, the decision on what was set aside for it, and its release."""

from __future__ import annotations

from uuid import UUID

from auction.sale.cases.documents import DocumentKind
from web.display import figures
from web.pages import desk_words as words
from web.pages.steps.choices import Options, first_of, fixed, sealed_documents
from web.pages.steps.fields import Field, Option
from web.pages.steps.known import Known
from web.pages.steps.parts import choice, day, text, yuan
from web.pages.steps.step_form import Making, Stage, StepForm
from web.texts import N_, _

OUTCOMES = {
    "withdrawn": N_("异议人撤回"),
    "accepted": N_("其他人未反对，更正方案"),
    "no_suit": N_("有反对意见，异议人逾期未起诉"),
    "suit": N_("异议人已起诉，争议部分提存"),
}
_OBJECTION_PAPERS = sealed_documents(
    DocumentKind.PLAN_OBJECTION_RECORD, DocumentKind.PLAN_OPPOSITION_NOTICE, DocumentKind.PLAN_SUIT_NOTICE
)


def _objections(*states: str) -> Options:
    def options(known: Known) -> list[Option]:
        offered = []
        for objection in known.objections:
            if objection.state in states:
                party = known.file.parties.get(objection.party_id)
                name = "—" if party is None else party.masked
                said = _("第{line}项，争议 {amount}").format(
                    line=objection.line_number, amount=figures(objection.disputed_fen)
                )
                offered.append(Option(str(objection.objection_id), name, said))
        return offered

    return options


def _plan_of_objection(making: Making) -> UUID | None:
    wanted = making.values["objection_id"]
    return next((found.plan_id for found in making.known.objections if str(found.objection_id) == wanted), None)


def _lines(known: Known) -> list[Option]:
    """Offer the lines of the plans in which something is disputed before a court."""
    disputed = {objection.plan_id for objection in known.objections if objection.state == "suit"}
    return [
        Option(
            str(line.line_id),
            _("第{plan}号方案第{line}项").format(plan=plan.number, line=line.number),
            f"{words.name_in(words.LINE_KINDS, line.kind)} {line.payee_masked} {figures(line.share_fen)}",
        )
        for plan in known.file.plans
        if plan.plan_id in disputed
        for line in plan.lines
    ]


DECIDE_PLAN_OBJECTION = StepForm(
    name="decide-plan-objection",
    path="fund/decide-objection",
    stage=Stage.MONEY,
    heading=N_("处理对分配方案的异议"),
    explains=N_(
        "把异议通知未提出异议的债权人和被执行人，十五日内无人反对的才能更正方案；有反对意见而未起诉的，须附已送达异议人的反对意见通知。"
    ),
    article="Interp. 509, 510",
    parts=(
        choice("objection_id", N_("异议"), _objections("raised"), default=first_of(_objections("raised"))),
        choice("outcome", N_("结果"), fixed(OUTCOMES)),
        choice(
            "document_id",
            N_("依据文书"),
            _OBJECTION_PAPERS,
            hint=N_("异议提出后用印的处理笔录、反对意见通知书或者受理通知书"),
        ),
        choice(
            "notice_document_id",
            N_("通知书"),
            sealed_documents(DocumentKind.PLAN_OBJECTION_NOTICE, DocumentKind.PLAN_OPPOSITION_NOTICE),
            optional=True,
            hint=N_(
                "按无人反对更正方案的，选异议通知书：已送达其他全部收件人，且各自的十五日均已届满；已起诉的，选反对意见通知书；其他结果不填"
            ),
            article="Interp. 510",
        ),
        day(
            "filed_on",
            N_("起诉日"),
            optional=True,
            hint=N_("仅结果为已起诉时填写，以受理法院收到起诉状之日为准；反对意见通知书送达之日起十五日内有效"),
            article="Interp. 510",
        ),
    ),
    derived={"plan_id": _plan_of_objection},
)


def _release_terms() -> tuple[Field, ...]:
    """Give the terms on which an escrow is released: its decision and the release are made on the same."""
    return (
        choice("objection_id", N_("异议"), _objections("suit"), default=first_of(_objections("suit"))),
        choice(
            "judgment_document_id",
            N_("生效裁判文书"),
            sealed_documents(DocumentKind.PLAN_SUIT_JUDGMENT),
            hint=N_("须在异议提出之后入卷、用印"),
        ),
        text("judgment_number", N_("裁判文书案号")),
        choice("to_line_id", N_("判归"), _lines),
        yuan(
            "amount_fen",
            N_("判归数额"),
            optional=True,
            hint=N_("不填为全部提存款；判决部分支持异议的，填支持的数额，其余仍归原分配项"),
        ),
    )


ISSUE_ESCROW_DECISION = StepForm(
    name="issue-escrow-decision",
    path="sale/issue-escrow-decision",
    stage=Stage.MONEY,
    heading=N_("生成提存款处理决定书"),
    explains=N_("系统按异议、生效裁判文书和判归的一项写成决定书；用印后据以解除提存。"),
    article="Interp. 510",
    parts=_release_terms(),
    derived={"document_id": lambda making: making.id_of("escrow decision"), "plan_id": _plan_of_objection},
)
RELEASE_ESCROW = StepForm(
    name="release-escrow",
    path="fund/release-escrow",
    stage=Stage.MONEY,
    heading=N_("解除提存"),
    explains=N_("按已用印的决定书把提存款划入判归的一项；所填内容须与决定书一致。"),
    article="Interp. 510",
    parts=(
        *_release_terms(),
        choice(
            "document_id", N_("提存款处理决定书"), sealed_documents(DocumentKind.ESCROW_RELEASE), hint=N_("须已用印")
        ),
    ),
    derived={"plan_id": _plan_of_objection},
)
OBJECTION_FORMS = (DECIDE_PLAN_OBJECTION, ISSUE_ESCROW_DECISION, RELEASE_ESCROW)
