"""Forms of the round and of what follows it: agents, stops, the choice after a failure, default, setting aside."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from uuid import UUID

from auction.law.calendar import COURT_CALENDAR
from auction.law.parameters import LAW
from auction.law.periods import legal_period
from auction.sale.cases.documents import DocumentKind
from auction.sale.lots.lots import LotState
from auction.sale.lots.panel import AfterFailureProposal, DefaultProposal
from auction.sale.rounds.choose_after_failure import CREDITORS
from auction.sale.rounds.rounds import GROUNDS, LEAST_RESUME_NOTICE, STOP_DOCUMENTS, RoundState
from web.display import clock_time, day, figures
from web.pages import desk_words as words
from web.pages.amounts import plain_yuan
from web.pages.room_reports import RoomReport, to_answer
from web.pages.service_record import DayMalformed
from web.pages.steps.choices import first_of, fixed, lot_title, lots, parties, rounds, sealed_documents
from web.pages.steps.fields import Option, Typed, read_day
from web.pages.steps.known import Known, QuestionKnown
from web.pages.steps.parts import choice, instant, long_text, text, today, whole, yuan
from web.pages.steps.parts import day as day_field
from web.pages.steps.step_form import Making, Stage, StepForm
from web.texts import N_, _

PURPOSES = {
    "agent": N_("确认委托代理人"),
    "first_refusal": N_("核对优先购买权"),
    "joint_bidding": N_("核对共同竞买"),
    "exemption": N_("核对保证金减免"),
    "eligibility": N_("核对竞买资格"),
}


# Registrations -------------------------------------------------------------------------------------------------------


def _agents(known: Known) -> list[Option]:
    """Offer the registrations whose agent waits, by the number of their power of attorney."""
    return [
        Option(
            str(agent.registration_id),
            _("委托书 {reference}").format(reference=agent.document_ref),
            f"{day(agent.registered_at)} {clock_time(agent.registered_at)}",
        )
        for agent in known.agents
    ]


def _registration(making: Making) -> str:
    """Give the registration that was chosen, else the one whose number was filled in."""
    typed: str | None = making.values["number"]
    chosen: str | None = making.values["waiting"]
    return typed or chosen or ""


CONFIRM_AGENT = StepForm(
    name="confirm-agent",
    path="sale/confirm-agent",
    stage=Stage.ROUND,
    heading=N_("确认委托代理人"),
    explains=N_("委托他人竞买的，须在竞价开始前经法院确认；请先查看报名人并核对委托书原件。"),
    article="网拍 14(2)",
    parts=(choice("registration_id", N_("待确认的委托"), _agents, default=first_of(_agents)),),
)
VIEW_REGISTRANT = StepForm(
    name="view-registrant",
    path="sale/view-registrant",
    stage=Stage.ROUND,
    heading=N_("查看报名人"),
    explains=N_("仅为法定事项查看；每次查看记入日志，竞买代码不在其中。竞价结束前不得向任何人透露。"),
    article="网拍 14, 17-19",
    parts=(
        choice("purpose", N_("查看目的"), fixed(PURPOSES)),
        choice("waiting", N_("待确认的委托"), _agents, at="", optional=True),
        text("number", N_("竞买登记编号"), at="", optional=True, hint=N_("未在上面列出的，填写报名人出示的登记编号")),
    ),
    derived={"view_id": lambda making: making.id_of("view"), "registration_id": _registration},
    fits=lambda known: bool(known.rounds),
    answer="steps/registrant.html",
)


# Stops ---------------------------------------------------------------------------------------------------------------

STOPPABLE = (RoundState.ANNOUNCED, RoundState.OPEN)


def _grounds(known: Known) -> list[Option]:
    """Offer the grounds of all stops, each with the stop that it is a ground of."""
    found: dict[str, tuple[str, list[str]]] = {}
    for kind, grounds in GROUNDS.items():
        for code, titles in grounds.items():
            found.setdefault(code, (words.in_language(*titles), []))[1].append(words.name_in(words.STOPS, kind))
    return [Option(code, title, "、".join(kinds)) for code, (title, kinds) in found.items()]


def _stopped(known: Known) -> list[Option]:
    """Offer the stopped rounds whose hour of resumption was not published yet."""
    waiting = {
        str(shown.round_id) for _lot, shown in known.rounds if shown.stops and shown.stops[-1].resumes_at is None
    }
    return [option for option in rounds(RoundState.STOPPED)(known) if option.value in waiting]


def _resumes_note(known: Known, typed: Typed) -> str:
    """Say between which times the round may go on, from the day on which the ground ended."""
    ended = typed.get("ground_ended_on") or today(known)
    earliest = known.now + LEAST_RESUME_NOTICE
    said = _("最早 {earliest}").format(earliest=f"{day(earliest)} {clock_time(earliest)}")
    try:
        on = date.fromisoformat(read_day(ended))
    except DayMalformed:
        return said
    latest = legal_period(LAW.parameter("auction.resume_days", on=on), on, COURT_CALENDAR).end_day
    return _("{earliest}；事由消灭后最迟 {latest}").format(earliest=said, latest=day(latest))


STOP_ROUND = StepForm(
    name="stop-round",
    path="sale/stop-round",
    stage=Stage.ROUND,
    heading=N_("暂缓、中止、撤回拍卖"),
    explains=N_("凭已用印的决定书或者裁定书办理，立即停止竞价；撤回的，本次拍卖结束，保证金全部退还。"),
    article="网拍 28, 36; 拍变 17",
    parts=(
        choice("round_id", N_("拍次"), rounds(*STOPPABLE), default=first_of(rounds(*STOPPABLE))),
        choice("kind", N_("种类"), fixed(words.STOPS), from_address=True),
        choice("ground", N_("法定事由"), _grounds, from_address=True),
        choice("document_id", N_("决定书或者裁定书"), sealed_documents(*STOP_DOCUMENTS.values())),
        long_text("reason", N_("理由"), hint=N_("向社会公布")),
    ),
    derived={"stop_id": lambda making: making.id_of("stop")},
)
RESUME_ROUND = StepForm(
    name="resume-round",
    path="sale/resume-round",
    stage=Stage.ROUND,
    heading=N_("恢复拍卖"),
    explains=N_("暂缓、中止事由消灭后在法定期限内恢复，恢复时间提前公布。"),
    article="网拍 28",
    parts=(
        choice("round_id", N_("拍次"), _stopped, default=first_of(_stopped)),
        day_field("ground_ended_on", N_("事由消灭日期"), default=today),
        instant("resumes_at", N_("恢复时间"), note=_resumes_note, article="网拍 28"),
        long_text("reason", N_("理由"), hint=N_("向社会公布")),
    ),
    again=N_("按所填日期重新计算期限"),
)


# Reports of rooms ----------------------------------------------------------------------------------------------------


def _open_reports(known: Known) -> list[Option]:
    """Offer the reports that were not answered yet, the newest first."""
    return [
        Option(
            str(report.report_id),
            words.status_in(words.ROOM_REPORTS, report.kind).text,
            _report_note(report),
        )
        for report in to_answer(known.file.reports)
    ]


def _report_note(report: RoomReport) -> str:
    at = f"{day(report.reported_at)} {clock_time(report.reported_at)}"
    return at if report.alike == 1 else _("{at}，连同此前同类共{count}项").format(at=at, count=report.alike)


def _round_of_report(making: Making) -> UUID | None:
    wanted = making.values["report_id"]
    found = (report for report in making.known.file.reports if str(report.report_id) == wanted)
    return next((report.round_id for report in found), None)


ANSWER_ROOM_REPORT = StepForm(
    name="answer-room-report",
    path="sale/answer-room-report",
    stage=Stage.ROUND,
    heading=N_("答复竞价现场报告"),
    explains=N_("平台对竞价现场的技术情况自动报告法院。需要延长的，先办理暂缓并公布恢复时间，再在此答复。"),
    article="网拍 28",
    parts=(
        choice(
            "report_id",
            N_("报告"),
            _open_reports,
            default=lambda known: known.asked.get("report_id", "") or first_of(_open_reports)(known),
        ),
        choice("measure", N_("处理"), fixed(words.REPORT_MEASURES)),
        long_text("reason", N_("理由"), hint=N_("存入案卷")),
    ),
    derived={"round_id": _round_of_report},
)


# What the panel decided ----------------------------------------------------------------------------------------------


def _decided(subject: str, accepts: Callable[[QuestionKnown], bool]) -> Callable[[Known], list[Option]]:
    """Offer the questions of a subject that the panel did not reject."""

    def options(known: Known) -> list[Option]:
        return [
            Option(
                str(question.question_id), _wording(known, question), _("{day} 提交").format(day=day(question.put_at))
            )
            for question in known.questions
            if question.subject == subject and question.approved is not False and accepts(question)
        ]

    return options


def _wording(known: Known, question: QuestionKnown) -> str:
    lot = known.lot(question.lot_id)
    title = "" if lot is None else lot_title(lot)
    proposal = question.proposal
    if isinstance(proposal, AfterFailureProposal):
        return f"{words.name_in(words.CHOICES, proposal.choice)} · {title}"
    if isinstance(proposal, DefaultProposal) and proposal.balance_due_on:
        return _("延长至 {day} · {lot}").format(day=proposal.balance_due_on, lot=title)
    return _("认定悔拍 · {lot}").format(lot=title)


def _of(making: Making) -> QuestionKnown | None:
    wanted = making.values["question_id"]
    return next((found for found in making.known.questions if str(found.question_id) == wanted), None)


def _lot(making: Making) -> UUID | None:
    found = _of(making)
    return None if found is None else found.lot_id


def _round(making: Making) -> UUID | None:
    found = _of(making)
    return found.proposal.round_id if found is not None and isinstance(found.proposal, AfterFailureProposal) else None


def _choice(making: Making) -> str | None:
    found = _of(making)
    return found.proposal.choice if found is not None and isinstance(found.proposal, AfterFailureProposal) else None


def _is_open(state: LotState) -> Callable[[Known], bool]:
    return lambda known: any(lot.lot.state is state for lot in known.file.lots)


def _reserve_of_failed(known: Known) -> str:
    """Give the reserve at which a creditor takes the asset (拍变 16)."""
    failed = [lot.terms for lot in known.file.lots if lot.lot.state is LotState.FAILED and lot.terms is not None]
    return plain_yuan(failed[0].reserve_fen) if len(failed) == 1 else ""


def _reserve_note(known: Known, typed: Typed) -> str:
    failed = [lot.terms for lot in known.file.lots if lot.lot.state is LotState.FAILED and lot.terms is not None]
    return _("为该次拍卖保留价 {reserve}").format(reserve=figures(failed[0].reserve_fen)) if len(failed) == 1 else ""


_AFTER_FAILURE = _decided("after_failure", lambda question: True)
_DECLARED = _decided(
    "default",
    lambda question: isinstance(question.proposal, DefaultProposal) and question.proposal.outcome == "declare",
)
_MORE_TIME = _decided(
    "default",
    lambda question: isinstance(question.proposal, DefaultProposal) and question.proposal.outcome == "more_time",
)


def _due_on(making: Making) -> str | None:
    found = _of(making)
    return found.proposal.balance_due_on if found is not None and isinstance(found.proposal, DefaultProposal) else None


CHOOSE_AFTER_FAILURE = StepForm(
    name="choose-after-failure",
    path="sale/choose-after-failure",
    stage=Stage.ROUND,
    heading=N_("记录流拍后的处理"),
    explains=N_("按合议庭的决定记录，只记录一次；再次拍卖或者变卖的，随后提交新的上拍方案。"),
    article="网拍 26, 27; 拍变 16, 24, 25",
    parts=(
        choice("question_id", N_("合议庭决定"), _AFTER_FAILURE, default=first_of(_AFTER_FAILURE)),
        long_text("reason", N_("理由")),
        choice(
            "creditor_party_id",
            N_("接受抵债的债权人"),
            parties(*sorted(CREDITORS)),
            optional=True,
            hint=N_("以物抵债时选择"),
        ),
        yuan(
            "price_fen",
            N_("抵债价格"),
            optional=True,
            default=_reserve_of_failed,
            note=_reserve_note,
            hint=N_("以物抵债时填写"),
            article="拍变 16",
        ),
    ),
    derived={"round_id": _round, "choice": _choice},
    fits=_is_open(LotState.FAILED),
)
DECLARE_DEFAULT = StepForm(
    name="declare-default",
    path="sale/declare-default",
    stage=Stage.TITLE,
    heading=N_("认定悔拍"),
    explains=N_("买受人逾期未付清价款，经合议庭决定认定悔拍：保证金不予退还，原买受人不得参加重新拍卖。"),
    article="网拍 24",
    parts=(choice("question_id", N_("合议庭决定"), _DECLARED, default=first_of(_DECLARED)),),
    derived={"lot_id": _lot},
    fits=_is_open(LotState.SOLD),
)
GRANT_MORE_TIME = StepForm(
    name="grant-more-time",
    path="sale/grant-more-time",
    stage=Stage.TITLE,
    heading=N_("延长余款支付期限"),
    explains=N_("按合议庭决定的日期延长余款支付期限。"),
    article="网拍 24, 25",
    parts=(choice("question_id", N_("合议庭决定"), _MORE_TIME, default=first_of(_MORE_TIME)),),
    derived={"lot_id": _lot, "balance_due_on": _due_on},
    fits=_is_open(LotState.SOLD),
)
SET_ASIDE = StepForm(
    name="set-sale-aside",
    path="sale/set-sale-aside",
    stage=Stage.TITLE,
    heading=N_("撤销成交"),
    explains=N_("合议庭不同意维持成交的，凭已用印的裁定书撤销；已付款项全部退回，财产可以重新上拍。"),
    article="网拍 31(4), 34",
    parts=(
        choice("lot_id", N_("拍品"), lots(LotState.SOLD), default=first_of(lots(LotState.SOLD))),
        choice("document_id", N_("裁定书"), sealed_documents(DocumentKind.SETTING_ASIDE_RULING)),
    ),
)
_ENTERED = {step: words.REGISTRY_STEPS[step] for step in ("cancel", "new_mortgage")}
"""The transfer has a page of its own."""


def _unfiled(known: Known) -> bool:
    passed = (LotState.TITLE_PASSED, LotState.COMPLETED)
    return any(
        lot.lot.state in passed and lot.title is not None and lot.title.filing is None for lot in known.file.lots
    )


def _filed(known: Known) -> bool:
    return any(lot.title is not None and lot.title.filing is not None for lot in known.file.lots)


_PASSED = lots(LotState.TITLE_PASSED, LotState.COMPLETED)
FILE_REGISTRY_STEPS = StepForm(
    name="file-registry-steps",
    path="sale/file-registry-steps",
    stage=Stage.TITLE,
    heading=N_("一并申请登记"),
    explains=N_(
        "注销原抵押权、转移登记以及贷款银行的新抵押权一并申请；有无新抵押权由系统按贷款到账情况确定，并告知贷款银行。"
    ),
    article="拍变 28",
    parts=(
        choice("lot_id", N_("拍品"), _PASSED, default=first_of(_PASSED)),
        whole("old_mortgages", N_("原抵押权数量"), hint=N_("没有的填0")),
        text("registry", N_("登记机构")),
        text("receipt_number", N_("受理单号")),
        day_field("filed_on", N_("申请日期"), default=today),
    ),
    fits=_unfiled,
)
RECORD_REGISTRY_ENTRY = StepForm(
    name="record-registry-entry",
    path="sale/record-registry-entry",
    stage=Stage.TITLE,
    heading=N_("记录登簿"),
    explains=N_("记录原抵押权注销或者新抵押权登簿；新抵押权登簿后系统告知贷款银行。转移登记另行记录。"),
    article="拍变 28",
    parts=(
        choice("lot_id", N_("拍品"), _PASSED, default=first_of(_PASSED)),
        choice("step", N_("登记事项"), fixed(_ENTERED)),
        text("certificate_number", N_("登记证明号")),
        day_field("entered_on", N_("登簿日期"), default=today),
    ),
    fits=_filed,
)
ROUND_FORMS = (
    CONFIRM_AGENT,
    VIEW_REGISTRANT,
    STOP_ROUND,
    RESUME_ROUND,
    ANSWER_ROOM_REPORT,
    CHOOSE_AFTER_FAILURE,
    DECLARE_DEFAULT,
    GRANT_MORE_TIME,
    SET_ASIDE,
    FILE_REGISTRY_STEPS,
    RECORD_REGISTRY_ENTRY,
)
