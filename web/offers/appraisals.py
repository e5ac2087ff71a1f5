"""Use cases of the entrusted appraisal: the court's, and those of an agency for its own mandates."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar
from uuid import UUID

from auction.kernel.actors import Role
from auction.kernel.db import Command
from valuation.agencies.staff import name_staff
from valuation.appraisals.disputes import (
    decide_objection,
    explain_objection,
    link_explanation,
    object_as_party,
    object_to_report,
    review_report,
)
from valuation.appraisals.fees import claim_fee, record_advance, state_fee
from valuation.appraisals.keep_history import Moved
from valuation.appraisals.mandates import (
    answer_mandate,
    ask_court,
    extend_term,
    inspect_site,
    mandate_agency,
    replace_agency,
)
from valuation.appraisals.procedure import end_appraisal, pause_appraisal, start_appraisal
from valuation.appraisals.reports import check_report, submit_report
from valuation.appraisals.rules.fees import FeeStatement
from valuation.objections import supervise_price
from web.asset_file import require_right_to_sell_again
from web.case_of import by_appraisal, by_asset, by_case
from web.command_route import CaseOf, CommandRoute, DoorCheck
from web.price_recipients import (
    require_appraisal_document,
    require_appraisal_recipients,
    require_explanation_document,
)

R = Role
OFFICERS = (R.CASE_HANDLER, R.JUDGE_ASSISTANT, R.CLERK)
DECIDERS = (R.CASE_HANDLER, R.PRESIDING_JUDGE)
STARTERS = (R.CASE_HANDLER, R.JUDGE_ASSISTANT)

T = TypeVar("T")


def _court(
    name: str,
    command: type[Command],
    use_case: Callable[..., Awaitable[T]],
    roles: Sequence[Role],
    *ports: str,
    result: type[Any] = Moved,
    case_of: CaseOf = by_appraisal,
    door_check: DoorCheck | None = None,
) -> CommandRoute[Any, Any]:
    return CommandRoute(
        f"valuation/{name}",
        command,
        use_case,
        result,
        frozenset(roles),
        ports=ports,
        case_of=case_of,
        door_check=door_check,
    )


def _agency(
    name: str, command: type[Command], use_case: Callable[..., Awaitable[T]], *ports: str, result: type[Any] = Moved
) -> CommandRoute[Any, Any]:
    return CommandRoute(f"valuation/{name}", command, use_case, result, frozenset({R.AGENCY}), ports=ports)


def _party(
    name: str, command: type[Command], use_case: Callable[..., Awaitable[Moved]], *ports: str
) -> CommandRoute[Any, Any]:
    return CommandRoute(f"valuation/{name}", command, use_case, Moved, frozenset({R.PARTY}), ports=ports)


def _mandates() -> list[CommandRoute[Any, Any]]:
    answer, ask, site = answer_mandate, ask_court, inspect_site
    start, replace = start_appraisal, replace_agency
    return [
        _court(
            "start-appraisal",
            start.StartAppraisal,
            start.start_appraisal,
            STARTERS,
            case_of=by_asset,
            door_check=require_appraisal_recipients,
        ),
        _court(
            "reissue-report",
            start.ReissueReport,
            start.reissue_report,
            STARTERS,
            "announcements",
            door_check=require_right_to_sell_again,
        ),
        _court("mandate-agency", mandate_agency.MandateAgency, mandate_agency.mandate_agency, OFFICERS),
        _court("note-mandate-received", answer.NoteMandateReceived, answer.note_mandate_received, OFFICERS),
        _court("replace-agency", replace.ReplaceAgency, replace.replace_silent_agency, DECIDERS),
        _court("note-file-returned", replace.NoteFileReturned, replace.note_file_returned, OFFICERS),
        _court("answer-agency", ask.AnswerAgency, ask.answer_agency, OFFICERS),
        _court("tell-inspection", site.TellInspection, site.tell_inspection, OFFICERS),
        _court("decide-extension", extend_term.DecideExtension, extend_term.decide_extension, DECIDERS),
        _agency("accept-mandate", answer.AcceptMandate, answer.accept_mandate),
        _agency("decline-mandate", answer.DeclineMandate, answer.decline_mandate),
        _agency("ask-court", ask.AskCourt, ask.ask_court),
        _agency("record-inspection", site.RecordInspection, site.record_inspection),
        _agency("ask-extension", extend_term.AskExtension, extend_term.ask_extension),
    ]


def _procedure() -> list[CommandRoute[Any, Any]]:
    pause, end = pause_appraisal, end_appraisal
    return [
        _court("pause-appraisal", pause.PauseAppraisal, pause.pause_appraisal, DECIDERS),
        _court("resume-appraisal", pause.ResumeAppraisal, pause.resume_appraisal, DECIDERS),
        _court("withdraw-appraisal", end.WithdrawAppraisal, end.withdraw_appraisal, DECIDERS),
        _court("decide-exhausted", end.DecideExhausted, end.decide_exhausted, (R.PRESIDING_JUDGE, R.BUREAU_HEAD)),
    ]


def _reports() -> list[CommandRoute[Any, Any]]:
    submit = submit_report
    checkers = (R.CASE_HANDLER, R.JUDGE_ASSISTANT, R.PRESIDING_JUDGE)
    return [
        _court(
            "check-report",
            check_report.CheckReport,
            check_report.check_report,
            checkers,
            door_check=require_appraisal_document,
        ),
        _agency("submit-report", submit.SubmitReport, submit.submit_report),
        _agency("confirm-report", submit.ConfirmReport, submit.confirm_report),
        _agency("correct-report", submit.CorrectReport, submit.correct_report),
        _agency("explain-report", submit.ExplainReport, submit.explain_report),
    ]


def _disputes() -> list[CommandRoute[Any, Any]]:
    decide, explain, review = decide_objection, explain_objection, review_report
    supervise, judges = supervise_price, (R.PRESIDING_JUDGE, R.PANEL_MEMBER)
    return [
        _court("object-to-report", object_to_report.ObjectToReport, object_to_report.object_to_report, OFFICERS),
        _party(
            "object-to-appraisal", object_as_party.ObjectToAppraisal, object_as_party.object_to_appraisal, "parties"
        ),
        _court("decide-report-objection", decide.DecideReportObjection, decide.decide_report_objection, judges),
        _court("forward-objection", decide.ForwardObjection, decide.forward_objection, OFFICERS),
        _agency("explain-objection", explain.ExplainObjection, explain.explain_objection),
        _court(
            "link-explanation",
            link_explanation.LinkExplanation,
            link_explanation.link_explanation,
            OFFICERS,
            "services",
            door_check=require_explanation_document,
        ),
        _court("dispute-explanation", explain.DisputeExplanation, explain.dispute_explanation, OFFICERS),
        _court("ask-review", review.AskReview, review.ask_review, DECIDERS),
        _court("record-review", review.RecordReview, review.record_review, OFFICERS),
        _court(
            "ask-supervision",
            supervise.AskSupervision,
            supervise.ask_supervision,
            OFFICERS,
            "announcements",
            result=UUID,
            case_of=by_case,
        ),
        _court(
            "decide-supervision",
            supervise.DecideSupervision,
            supervise.decide_supervision,
            (R.PRESIDING_JUDGE, R.BUREAU_HEAD),
            result=bool,
            case_of=by_case,
        ),
    ]


def _fees() -> list[CommandRoute[Any, Any]]:
    payers = (*OFFICERS, R.FINANCE)
    return [
        _court("record-advance", record_advance.RecordAdvance, record_advance.record_advance, payers),
        _agency("claim-fee", claim_fee.ClaimFee, claim_fee.claim_fee),
        _court("state-fee", state_fee.StateFee, state_fee.state_fee, STARTERS, "sale", result=FeeStatement),
    ]


def _staff() -> list[CommandRoute[Any, Any]]:
    return [
        _agency("name-staff", name_staff.NameStaff, name_staff.name_staff, "people", result=UUID),
        _agency("end-staff", name_staff.EndStaff, name_staff.end_staff, "people", result=UUID),
    ]


def appraisal_commands() -> list[CommandRoute[Any, Any]]:
    """Give all use cases of the entrusted appraisal."""
    return [*_mandates(), *_procedure(), *_reports(), *_disputes(), *_fees(), *_staff()]
