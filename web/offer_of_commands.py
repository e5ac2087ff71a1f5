"""Which use cases the command API offers, and to whom (the use case checks the actor again)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from auction.contracts import InquiryFee
from auction.fund.channels import attribute_receipt, open_case_account
from auction.fund.deposits import open_virtual_account, start_card_payment
from auction.fund.loans import apply_for_loan, commit_loan, draw_loan, loans
from auction.fund.settlement import (
    close_case_account,
    confirm_payee_account,
    draw_plan,
    object_to_plan,
    prepare_disbursement,
    record_claim,
    settle_case,
    sign_step,
    take_tax_assessment,
    void_disbursements,
)
from auction.fund.settlement import store as plans
from auction.fund.settlement.disbursements import STEP_ROLES, Step
from auction.kernel.actors import Role
from auction.kernel.db import Command
from auction.sale.cases import (
    add_party,
    ask_handover,
    bar_person,
    choose_platform,
    issue_document,
    issue_plan_document,
    open_case,
    open_case_at_bank,
    record_asset,
    record_seizure,
    seal_document,
    serve,
)
from auction.sale.lots import (
    cast_vote,
    confirm_first_refusal,
    decide_listing,
    form_panel,
    list_lot,
    notices,
    notify,
    publish_notice,
    put_question,
)
from auction.sale.rounds import (
    answer_room_report,
    choose_after_failure,
    confirm_agent,
    register_bidder,
    resume_round,
    stop_round,
    view_registrant,
)
from auction.sale.title import declare_default, record_delivery, record_transfer, rule_on_sale, set_sale_aside
from valuation.agencies import (
    commit_court_secret,
    commit_entropy,
    commit_second_secret,
    decide_change,
    decide_sub_list,
    execute_draw,
    freeze_pool,
    open_entropy,
    open_second_secret,
    open_selection,
    propose_agencies,
    propose_amendment,
    propose_entry,
    propose_recusal,
    propose_removal,
    propose_suspension,
    proposing,
    proposing_agencies,
    record_agency_proposal,
    request_draw,
    restart_draw,
    set_rules_of_court,
)
from valuation.facts import ask_register, establish_facts, record_paper_answer
from valuation.inquiries import check_reports, reissue_inquiry, state_fee, stay_inquiry, withdraw_inquiry
from valuation.listed_platforms import judge_lateness, keep_register
from valuation.methods import (
    ask_for_method,
    invite_to_agree,
    note_targeted_silence,
    propose_price,
    record_circumstance,
    record_proposal,
    record_targeted_answer,
    request_method,
    start_online_inquiry,
    start_targeted_inquiry,
    withdraw_method,
)
from valuation.objections import (
    check_targeted_answer,
    confirm_agreement,
    decide_objection,
    object_as_party,
    raise_objection,
)
from web.asset_file import on_file, require_right_to_sell, require_right_to_sell_again
from web.auth import end_role, grant_role, issue_opening_code, verify_identity
from web.case_of import (
    by_asset,
    by_case,
    by_case_on_file,
    by_disbursement,
    by_draw,
    by_inquiry,
    by_line,
    by_lot,
    by_plan,
    by_price_step,
    by_proposal,
    by_purchase,
    by_question,
    by_receipt,
    by_registration,
    by_round,
    by_subject,
)
from web.command_route import CaseOf, CommandRoute, DoorCheck
from web.offer_of_appraisals import appraisal_commands
from web.panel_door import require_panel_roles
from web.price_door import require_price_of_listing, require_price_of_notice
from web.price_recipients import require_inquiry_recipients, require_report_document

R = Role
OFFICERS = (R.CASE_HANDLER, R.JUDGE_ASSISTANT, R.CLERK)
PANEL = (R.PRESIDING_JUDGE, R.PANEL_MEMBER)

T = TypeVar("T")


def offer(
    path: str,
    command: type[Command],
    use_case: Callable[..., Awaitable[T]],
    result: type[T],
    roles: Sequence[Role],
    *ports: str,
    case_of: CaseOf | None = None,
    no_case: str = "",
    by_office: Sequence[Role] = (),
    door_check: DoorCheck | None = None,
) -> CommandRoute[Any, Any]:
    """Offer one use case at ``/api/<path>`` to ``roles``; a command that names its case needs no ``case_of``."""
    if case_of is None and not no_case and "case_id" in command.__struct_fields__:
        case_of = by_case
    return CommandRoute(
        path,
        command,
        use_case,
        result,
        frozenset(roles),
        ports,
        case_of=case_of,
        no_case=no_case,
        by_office=frozenset(by_office),
        door_check=door_check,
    )


def _cases() -> list[CommandRoute[Any, Any]]:
    return [
        offer(
            "sale/open-case",
            open_case.OpenCase,
            open_case_at_bank.open_case_at_bank,
            UUID,
            OFFICERS,
            "bank",
            no_case="the command opens the case",
        ),
        offer("sale/add-party", add_party.AddParty, add_party.add_party, UUID, OFFICERS),
        offer("sale/bar-person", bar_person.BarPerson, bar_person.bar_person, type(None), OFFICERS),
        offer("sale/record-asset", record_asset.RecordAsset, record_asset.record_asset, UUID, OFFICERS),
        offer("sale/describe-asset", record_asset.DescribeAsset, record_asset.describe_asset, UUID, OFFICERS),
        offer("sale/record-seizure", record_seizure.RecordSeizure, record_seizure.record_seizure, UUID, OFFICERS),
        offer("sale/lift-seizure", record_seizure.LiftSeizure, record_seizure.lift_seizure, UUID, OFFICERS),
        offer(
            "sale/ask-handover",
            ask_handover.AskHandover,
            ask_handover.ask_handover,
            UUID,
            OFFICERS,
            case_of=by_asset,
        ),
        offer(
            "sale/record-handover-answer",
            ask_handover.RecordHandoverAnswer,
            ask_handover.record_handover_answer,
            UUID,
            OFFICERS,
            case_of=by_asset,
        ),
        offer("sale/choose-platform", choose_platform.ChoosePlatform, choose_platform.choose_platform, UUID, OFFICERS),
        offer(
            "sale/issue-document",
            issue_document.IssueDocument,
            issue_document.issue_document,
            UUID,
            (*OFFICERS, R.PRESIDING_JUDGE),
        ),
        offer(
            "sale/issue-plan-document",
            issue_plan_document.IssuePlanDocument,
            issue_plan_document.issue_plan_document,
            UUID,
            OFFICERS,
        ),
        offer(
            "sale/seal-document",
            seal_document.SealDocument,
            seal_document.seal_document,
            seal_document.Sealing,
            (R.CASE_HANDLER, R.CLERK, R.PRESIDING_JUDGE),
            "seal",
        ),
        offer("sale/serve", serve.Serve, serve.serve, serve.Served, OFFICERS),
    ]


def _lots() -> list[CommandRoute[Any, Any]]:
    proposers = (R.CASE_HANDLER, R.JUDGE_ASSISTANT)
    return [
        offer(
            "sale/form-panel",
            form_panel.FormPanel,
            form_panel.form_panel,
            UUID,
            (R.BUREAU_HEAD, R.PRESIDING_JUDGE, R.CASE_HANDLER),
            door_check=require_panel_roles,
        ),
        offer(
            "sale/list-lot",
            list_lot.ListLot,
            list_lot.list_lot,
            list_lot.Listed,
            proposers,
            door_check=require_price_of_listing,
        ),
        offer(
            "sale/put-question",
            put_question.PutQuestion,
            put_question.put_question,
            UUID,
            (*proposers, R.PRESIDING_JUDGE),
            case_of=by_proposal,
        ),
        offer("sale/cast-vote", cast_vote.CastVote, cast_vote.cast_vote, UUID, PANEL, case_of=by_question),
        offer(
            "sale/decide-listing",
            decide_listing.DecideListing,
            decide_listing.decide_listing,
            decide_listing.Decision,
            (R.PRESIDING_JUDGE, R.CLERK),
            case_of=by_lot,
        ),
        offer(
            "sale/confirm-first-refusal",
            confirm_first_refusal.ConfirmFirstRefusal,
            confirm_first_refusal.confirm_first_refusal,
            UUID,
            (R.CASE_HANDLER, R.CLERK, R.PRESIDING_JUDGE),
            case_of=by_lot,
        ),
        offer("sale/notify", notify.Notify, notify.notify, notices.Notified, OFFICERS, case_of=by_lot),
        offer(
            "sale/publish-notice",
            publish_notice.PublishNotice,
            publish_notice.publish_notice,
            publish_notice.Published,
            OFFICERS,
            case_of=by_lot,
            door_check=require_price_of_notice,
        ),
    ]


def _rounds() -> list[CommandRoute[Any, Any]]:
    stoppers = (R.PRESIDING_JUDGE, R.CASE_HANDLER, R.BUREAU_HEAD)
    return [
        offer(
            "sale/register-bidder",
            register_bidder.RegisterBidder,
            register_bidder.register_bidder,
            register_bidder.Registered,
            (R.BIDDER,),
        ),
        offer(
            "sale/confirm-agent",
            confirm_agent.ConfirmAgent,
            confirm_agent.confirm_agent,
            UUID,
            (R.CLERK, R.CASE_HANDLER),
            case_of=by_registration,
        ),
        offer(
            "sale/choose-after-failure",
            choose_after_failure.ChooseAfterFailure,
            choose_after_failure.choose_after_failure,
            choose_after_failure.Chosen,
            (R.CASE_HANDLER, R.PRESIDING_JUDGE),
            case_of=by_round,
        ),
        offer(
            "sale/resume-round",
            resume_round.ResumeRound,
            resume_round.resume_round,
            datetime,
            stoppers,
            case_of=by_round,
        ),
        offer(
            "sale/answer-room-report",
            answer_room_report.AnswerRoomReport,
            answer_room_report.answer_room_report,
            UUID,
            stoppers,
            "reports",
            case_of=by_round,
        ),
        offer("sale/stop-round", stop_round.StopRound, stop_round.stop_round, UUID, stoppers, case_of=by_round),
        offer(
            "sale/view-registrant",
            view_registrant.ViewRegistrant,
            view_registrant.view_registrant,
            view_registrant.Registrant,
            (R.CLERK,),
            case_of=by_registration,
        ),
    ]


def _facts() -> list[CommandRoute[Any, Any]]:
    return [
        offer(
            "valuation/establish-facts",
            establish_facts.EstablishFacts,
            on_file(establish_facts.establish_facts),
            establish_facts.FactsEstablished,
            OFFICERS,
            case_of=by_asset,
        ),
        offer(
            "valuation/ask-register",
            ask_register.AskRegister,
            on_file(ask_register.ask_register),
            ask_register.RegisterAsked,
            OFFICERS,
            "registers",
            case_of=by_asset,
        ),
        offer(
            "valuation/record-paper-answer",
            record_paper_answer.RecordPaperAnswer,
            on_file(record_paper_answer.record_paper_answer),
            UUID,
            OFFICERS,
            case_of=by_asset,
        ),
        offer(
            "valuation/confirm-paper-answer",
            record_paper_answer.ConfirmPaperAnswer,
            record_paper_answer.confirm_paper_answer,
            record_paper_answer.PaperConfirmed,
            OFFICERS,
            case_of=by_asset,
        ),
    ]


def _valuation() -> list[CommandRoute[Any, Any]]:
    return [
        offer(
            "valuation/start-online-inquiry",
            start_online_inquiry.StartOnlineInquiry,
            start_online_inquiry.start_online_inquiry,
            start_online_inquiry.InquiryStarted,
            (R.CASE_HANDLER, R.JUDICIAL_TECHNOLOGY),
            "platforms",
            case_of=by_asset,
            by_office=(R.JUDICIAL_TECHNOLOGY,),
            door_check=require_inquiry_recipients,
        ),
        *_inquiries(),
        offer(
            "valuation/raise-objection",
            raise_objection.RaiseObjection,
            raise_objection.raise_objection,
            raise_objection.ObjectionRaised,
            OFFICERS,
            case_of=by_inquiry,
        ),
        offer(
            "valuation/object-as-party",
            object_as_party.ObjectAsParty,
            object_as_party.object_as_party,
            raise_objection.ObjectionRaised,
            (R.PARTY,),
            "parties",
        ),
        offer(
            "valuation/decide-objection",
            decide_objection.DecideObjection,
            decide_objection.decide_objection,
            decide_objection.ObjectionDecided,
            PANEL,
            case_of=by_inquiry,
        ),
    ]


def _order_of_methods() -> list[CommandRoute[Any, Any]]:
    return [
        offer(
            "valuation/request-method",
            request_method.RequestMethod,
            request_method.request_method,
            request_method.MethodRequested,
            OFFICERS,
            case_of=by_asset,
        ),
        offer(
            "valuation/withdraw-method",
            withdraw_method.WithdrawMethod,
            withdraw_method.withdraw_method,
            type(None),
            (R.PRESIDING_JUDGE,),
            case_of=by_price_step,
        ),
        offer(
            "valuation/record-circumstance",
            record_circumstance.RecordCircumstance,
            record_circumstance.record_circumstance,
            record_circumstance.LawfulNow,
            OFFICERS,
            case_of=by_asset,
        ),
    ]


def _agreements() -> list[CommandRoute[Any, Any]]:
    return [
        offer(
            "valuation/invite-to-agree",
            invite_to_agree.InviteToAgree,
            invite_to_agree.invite_to_agree,
            invite_to_agree.AgreementInvited,
            OFFICERS,
            "parties",
            case_of=by_asset,
            door_check=require_right_to_sell,
        ),
        offer(
            "valuation/propose-price",
            propose_price.ProposePrice,
            propose_price.propose_price,
            propose_price.ProposalTaken,
            (R.PARTY,),
            "parties",
        ),
        offer(
            "valuation/ask-for-method",
            ask_for_method.AskForMethod,
            on_file(ask_for_method.ask_for_method),
            request_method.MethodRequested,
            (R.PARTY,),
            "parties",
        ),
        offer(
            "valuation/record-proposal",
            record_proposal.RecordProposal,
            record_proposal.record_proposal,
            propose_price.ProposalTaken,
            OFFICERS,
            case_of=by_price_step,
        ),
        offer(
            "valuation/confirm-agreement",
            confirm_agreement.ConfirmAgreement,
            confirm_agreement.confirm_agreement,
            confirm_agreement.AgreementConfirmed,
            (R.CASE_HANDLER,),
            case_of=by_price_step,
        ),
    ]


def _targeted_inquiries() -> list[CommandRoute[Any, Any]]:
    return [
        offer(
            "valuation/start-targeted-inquiry",
            start_targeted_inquiry.StartTargetedInquiry,
            start_targeted_inquiry.start_targeted_inquiry,
            start_targeted_inquiry.TargetedStarted,
            OFFICERS,
            case_of=by_asset,
            door_check=require_right_to_sell,
        ),
        offer(
            "valuation/record-targeted-answer",
            record_targeted_answer.RecordTargetedAnswer,
            record_targeted_answer.record_targeted_answer,
            UUID,
            OFFICERS,
            case_of=by_price_step,
        ),
        offer(
            "valuation/check-targeted-answer",
            check_targeted_answer.CheckTargetedAnswer,
            check_targeted_answer.check_targeted_answer,
            check_targeted_answer.TargetedAnswerChecked,
            OFFICERS,
            case_of=by_price_step,
        ),
        offer(
            "valuation/note-targeted-silence",
            note_targeted_silence.NoteTargetedSilence,
            note_targeted_silence.note_targeted_silence,
            type(None),
            OFFICERS,
            case_of=by_price_step,
        ),
    ]


def _register() -> list[CommandRoute[Any, Any]]:
    keepers, nobodys = proposing.KEEPERS, "the register is the court's, not a case's"
    entry, amendment = propose_entry, propose_amendment
    suspension, removal, recusal = propose_suspension, propose_removal, propose_recusal
    setting = set_rules_of_court
    return [
        offer("valuation/propose-entry", entry.ProposeEntry, entry.propose_entry, UUID, keepers, no_case=nobodys),
        offer(
            "valuation/propose-amendment",
            amendment.ProposeAmendment,
            amendment.propose_amendment,
            UUID,
            keepers,
            no_case=nobodys,
        ),
        offer(
            "valuation/propose-suspension",
            suspension.ProposeSuspension,
            suspension.propose_suspension,
            UUID,
            keepers,
            no_case=nobodys,
        ),
        offer(
            "valuation/propose-removal", removal.ProposeRemoval, removal.propose_removal, UUID, keepers, no_case=nobodys
        ),
        offer(
            "valuation/propose-recusal",
            recusal.ProposeRecusal,
            recusal.propose_recusal,
            UUID,
            recusal.PROPOSERS,
            by_office=keepers,
        ),
        offer(
            "valuation/decide-change",
            decide_change.DecideChange,
            decide_change.decide_change,
            decide_change.ChangeDecision,
            proposing.DECIDERS,
            no_case=nobodys,
        ),
        offer(
            "valuation/set-rules-of-court",
            setting.SetRulesOfCourt,
            setting.set_rules_of_court,
            int,
            setting.LEADERS,
            no_case="a court's setting is of no case",
        ),
    ]


def _selections() -> list[CommandRoute[Any, Any]]:
    proposed = proposing_agencies.AgenciesProposed
    return [
        offer(
            "valuation/open-selection",
            open_selection.OpenSelection,
            open_selection.open_selection,
            UUID,
            (R.CASE_HANDLER,),
            "case_desk",
            case_of=by_asset,
        ),
        offer(
            "valuation/propose-agencies",
            propose_agencies.ProposeAgencies,
            propose_agencies.propose_agencies,
            proposed,
            (R.PARTY,),
            "case_desk",
        ),
        offer(
            "valuation/record-agency-proposal",
            record_agency_proposal.RecordAgencyProposal,
            record_agency_proposal.record_agency_proposal,
            proposed,
            record_agency_proposal.RECORDERS,
            "case_desk",
        ),
        offer(
            "valuation/decide-sub-list",
            decide_sub_list.DecideSubList,
            decide_sub_list.decide_sub_list,
            UUID,
            (R.PRESIDING_JUDGE, R.BUREAU_HEAD),
        ),
        offer(
            "valuation/request-draw",
            request_draw.RequestDraw,
            request_draw.request_draw,
            UUID,
            (R.CASE_HANDLER,),
            "case_desk",
        ),
    ]


def _draws() -> list[CommandRoute[Any, Any]]:
    drawing, second = (R.JUDICIAL_TECHNOLOGY, R.BUREAU_HEAD), (R.SUPERVISOR,)
    office = (R.JUDICIAL_TECHNOLOGY,)
    court_secret, second_secret = commit_court_secret, commit_second_secret
    return [
        offer(
            "valuation/commit-court-secret",
            court_secret.CommitCourtSecret,
            court_secret.commit_court_secret,
            UUID,
            drawing,
            "case_desk",
            case_of=by_draw,
            by_office=office,
        ),
        offer(
            "valuation/commit-second-secret",
            second_secret.CommitSecondSecret,
            second_secret.commit_second_secret,
            UUID,
            second,
            "case_desk",
            case_of=by_draw,
        ),
        offer(
            "valuation/freeze-pool",
            freeze_pool.FreezePool,
            freeze_pool.freeze_pool,
            freeze_pool.PoolPublished,
            drawing,
            "case_desk",
            "draw_key",
            case_of=by_draw,
            by_office=office,
        ),
    ]


def _openings() -> list[CommandRoute[Any, Any]]:
    drawing, office = (R.JUDICIAL_TECHNOLOGY, R.BUREAU_HEAD), (R.JUDICIAL_TECHNOLOGY,)
    entropy, opening = commit_entropy.EntropyTaken, open_second_secret
    return [
        offer(
            "valuation/commit-entropy",
            commit_entropy.CommitEntropy,
            commit_entropy.commit_entropy,
            entropy,
            (R.PARTY,),
            "case_desk",
        ),
        offer(
            "valuation/open-entropy",
            open_entropy.OpenEntropy,
            open_entropy.open_entropy,
            entropy,
            (R.PARTY,),
            "case_desk",
        ),
        offer(
            "valuation/open-second-secret",
            opening.OpenSecondSecret,
            opening.open_second_secret,
            datetime,
            (R.SUPERVISOR,),
            "case_desk",
            case_of=by_draw,
        ),
        offer(
            "valuation/execute-draw",
            execute_draw.ExecuteDraw,
            execute_draw.execute_draw,
            execute_draw.DrawResult,
            drawing,
            "case_desk",
            "draw_key",
            case_of=by_draw,
            by_office=office,
        ),
        offer(
            "valuation/restart-draw",
            restart_draw.RestartDraw,
            restart_draw.restart_draw,
            UUID,
            restart_draw.ENTERERS,
            case_of=by_draw,
        ),
    ]


def _inquiries() -> list[CommandRoute[Any, Any]]:
    return [
        offer(
            "valuation/check-reports",
            check_reports.CheckReports,
            check_reports.check_reports,
            check_reports.ReportsChecked,
            check_reports.CHECKERS,
            case_of=by_inquiry,
            door_check=require_report_document,
        ),
        offer(
            "valuation/stay-inquiry",
            stay_inquiry.StayInquiry,
            stay_inquiry.stay_inquiry,
            UUID,
            stay_inquiry.JUDGES,
            case_of=by_inquiry,
        ),
        offer(
            "valuation/resume-inquiry",
            stay_inquiry.ResumeInquiry,
            stay_inquiry.resume_inquiry,
            stay_inquiry.StayEnded,
            stay_inquiry.JUDGES,
            case_of=by_inquiry,
        ),
        offer(
            "valuation/withdraw-inquiry",
            withdraw_inquiry.WithdrawInquiry,
            withdraw_inquiry.withdraw_inquiry,
            withdraw_inquiry.InquiryEnded,
            stay_inquiry.JUDGES,
            case_of=by_inquiry,
        ),
        offer(
            "valuation/reissue-inquiry",
            reissue_inquiry.ReissueInquiry,
            reissue_inquiry.reissue_inquiry,
            start_online_inquiry.InquiryStarted,
            (R.CASE_HANDLER,),
            "platforms",
            "sale",
            case_of=by_inquiry,
            door_check=require_right_to_sell_again,
        ),
        offer(
            "valuation/state-inquiry-fee",
            state_fee.StateInquiryFee,
            state_fee.state_inquiry_fee,
            InquiryFee,
            state_fee.STATERS,
            "sale",
            case_of=by_inquiry,
        ),
        *_register_of_platforms(),
    ]


def _register_of_platforms() -> list[CommandRoute[Any, Any]]:
    no_case = "the register of platforms belongs to no case"
    return [
        offer(
            "valuation/judge-lateness",
            judge_lateness.JudgeLateness,
            judge_lateness.judge_lateness,
            judge_lateness.LatenessJudged,
            judge_lateness.JUDGES,
            case_of=by_inquiry,
        ),
        offer(
            "valuation/list-platform",
            keep_register.ListPlatform,
            keep_register.list_platform,
            keep_register.PlatformListed,
            keep_register.KEEPERS,
            no_case=no_case,
        ),
        offer(
            "valuation/remove-platform",
            keep_register.RemovePlatform,
            keep_register.remove_platform,
            keep_register.PlatformRemoved,
            keep_register.KEEPERS,
            no_case=no_case,
        ),
    ]


def _title() -> list[CommandRoute[Any, Any]]:
    judges = (R.PRESIDING_JUDGE, R.CASE_HANDLER)
    return [
        offer(
            "sale/rule-on-sale",
            rule_on_sale.RuleOnSale,
            rule_on_sale.rule_on_sale,
            rule_on_sale.Ruled,
            judges,
            case_of=by_lot,
        ),
        offer(
            "sale/declare-default",
            declare_default.DeclareDefault,
            declare_default.declare_default,
            declare_default.Defaulted,
            judges,
            case_of=by_lot,
        ),
        offer(
            "sale/grant-more-time",
            declare_default.GrantMoreTime,
            declare_default.grant_more_time,
            datetime,
            judges,
            case_of=by_lot,
        ),
        offer(
            "sale/set-sale-aside",
            set_sale_aside.SetSaleAside,
            set_sale_aside.set_sale_aside,
            set_sale_aside.SetAside,
            judges,
            case_of=by_lot,
        ),
        offer(
            "sale/record-transfer",
            record_transfer.RecordTransfer,
            record_transfer.record_transfer,
            UUID,
            OFFICERS,
            case_of=by_lot,
        ),
        offer(
            "sale/record-delivery",
            record_delivery.RecordDelivery,
            record_delivery.record_delivery,
            bool,
            OFFICERS,
            case_of=by_lot,
        ),
    ]


def _deposits_and_loans() -> list[CommandRoute[Any, Any]]:
    borrowers = (R.BIDDER,)
    view = loans.LoanView
    return [
        offer(
            "fund/open-case-account",
            open_case_account.OpenCaseAccount,
            open_case_account.open_case_account,
            open_case_account.CaseAccountOpened,
            (R.CASE_HANDLER, R.CLERK, R.FINANCE),
            "bank",
            case_of=by_case_on_file,
        ),
        offer(
            "fund/start-card-payment",
            start_card_payment.StartCardPayment,
            start_card_payment.start_card_payment,
            start_card_payment.CardPaymentView,
            (R.BIDDER,),
            "policy",
        ),
        offer(
            "fund/open-virtual-account",
            open_virtual_account.OpenVirtualAccount,
            open_virtual_account.open_virtual_account,
            open_virtual_account.VirtualAccountView,
            (R.BIDDER,),
        ),
        offer("fund/apply-for-loan", apply_for_loan.ApplyForLoan, apply_for_loan.apply_for_loan, view, (R.BIDDER,)),
        offer("fund/commit-loan", commit_loan.CommitLoan, commit_loan.commit_loan, view, borrowers),
        offer("fund/draw-loan", draw_loan.DrawLoan, draw_loan.draw_loan, view, borrowers),
        offer("fund/cancel-loan", draw_loan.CancelLoan, draw_loan.cancel_loan, view, borrowers),
    ]


def _settlement() -> list[CommandRoute[Any, Any]]:
    plan, account = plans.PlanView, confirm_payee_account.PayeeAccountView
    return [
        offer("fund/record-claim", record_claim.RecordClaim, record_claim.record_claim, UUID, OFFICERS),
        offer("fund/withdraw-claim", record_claim.WithdrawClaim, record_claim.withdraw_claim, UUID, OFFICERS),
        offer(
            "fund/ask-tax-assessment",
            take_tax_assessment.AskTaxAssessment,
            take_tax_assessment.ask_tax_assessment,
            UUID,
            OFFICERS,
            case_of=by_purchase,
        ),
        offer(
            "fund/reserve-taxes",
            take_tax_assessment.ReserveTaxes,
            take_tax_assessment.reserve_taxes,
            UUID,
            OFFICERS,
            case_of=by_purchase,
        ),
        offer("fund/draw-plan", draw_plan.DrawPlan, draw_plan.draw_plan, plan, OFFICERS),
        offer(
            "fund/decide-objection",
            object_to_plan.DecideObjection,
            object_to_plan.decide_objection,
            UUID,
            OFFICERS,
            case_of=by_plan,
        ),
        offer("fund/settle-case", settle_case.SettleCase, settle_case.settle_case, plan, OFFICERS, case_of=by_plan),
        offer(
            "fund/record-payee-account",
            confirm_payee_account.RecordPayeeAccount,
            confirm_payee_account.record_payee_account,
            account,
            OFFICERS,
        ),
        offer(
            "fund/confirm-payee-account",
            confirm_payee_account.ConfirmPayeeAccount,
            confirm_payee_account.confirm_payee_account,
            account,
            OFFICERS,
        ),
        offer(
            "fund/release-escrow",
            settle_case.ReleaseEscrow,
            settle_case.release_escrow,
            UUID,
            OFFICERS,
            case_of=by_plan,
        ),
        offer("fund/object-to-plan", object_to_plan.ObjectToPlan, object_to_plan.object_to_plan, UUID, (R.PARTY,)),
    ]


def _payouts() -> list[CommandRoute[Any, Any]]:
    payout = plans.DisbursementView
    return [
        offer(
            "fund/prepare-disbursement",
            prepare_disbursement.PrepareDisbursement,
            prepare_disbursement.prepare_disbursement,
            payout,
            tuple(STEP_ROLES[Step.PREPARE]),
            case_of=by_line,
        ),
        offer(
            "fund/approve-disbursement",
            sign_step.ApproveDisbursement,
            sign_step.approve_disbursement,
            payout,
            tuple(STEP_ROLES[Step.APPROVE]),
            case_of=by_disbursement,
        ),
        offer(
            "fund/check-disbursement",
            sign_step.CheckDisbursement,
            sign_step.check_disbursement,
            payout,
            tuple(STEP_ROLES[Step.CHECK]),
            case_of=by_disbursement,
        ),
        offer(
            "fund/pay-disbursement",
            sign_step.PayDisbursement,
            sign_step.pay_disbursement,
            payout,
            tuple(STEP_ROLES[Step.PAY]),
            case_of=by_disbursement,
        ),
        offer(
            "fund/close-case-account",
            close_case_account.CloseCaseAccount,
            close_case_account.close_case_account,
            datetime,
            (R.CASE_HANDLER, R.FINANCE),
        ),
        offer(
            "fund/void-disbursement",
            void_disbursements.VoidDisbursement,
            void_disbursements.void_disbursement,
            UUID,
            (R.CASE_HANDLER, R.BUREAU_HEAD, R.VICE_PRESIDENT, R.FINANCE, R.CASHIER),
            case_of=by_disbursement,
        ),
    ]


def _attributions() -> list[CommandRoute[Any, Any]]:
    return [
        offer(
            "fund/propose-attribution",
            attribute_receipt.ProposeAttribution,
            attribute_receipt.propose_attribution,
            UUID,
            (R.CASE_HANDLER, R.CLERK),
            case_of=by_subject,
        ),
        offer(
            "fund/withdraw-attribution",
            attribute_receipt.WithdrawAttribution,
            attribute_receipt.withdraw_attribution,
            UUID,
            (R.CASE_HANDLER, R.CLERK),
            case_of=by_receipt,
        ),
        offer(
            "fund/confirm-attribution",
            attribute_receipt.ConfirmAttribution,
            attribute_receipt.confirm_attribution,
            UUID,
            (R.FINANCE,),
            case_of=by_receipt,
        ),
    ]


def _access() -> list[CommandRoute[Any, Any]]:
    administrators, nobodys = (R.ADMINISTRATOR,), "roles belong to accounts, not to cases"
    return [
        offer(
            "access/grant-role",
            grant_role.GrantRole,
            grant_role.grant_role,
            grant_role.GrantState,
            administrators,
            no_case=nobodys,
        ),
        offer(
            "access/verify-identity",
            verify_identity.VerifyIdentity,
            verify_identity.verify_identity,
            verify_identity.IdentityVerified,
            (R.CLERK,),
            no_case="an identity belongs to a person, not to a case",
        ),
        offer(
            "access/issue-opening-code",
            issue_opening_code.IssueOpeningCode,
            issue_opening_code.issue_opening_code,
            issue_opening_code.OpeningCodeIssued,
            (R.CLERK,),
            no_case="an identity belongs to a person, not to a case",
        ),
        offer("access/end-role", end_role.EndRole, end_role.end_role, bool, administrators, no_case=nobodys),
    ]


def commands() -> list[CommandRoute[Any, Any]]:
    """Give all use cases of the command API."""
    return [
        *_cases(),
        *_lots(),
        *_rounds(),
        *_title(),
        *_deposits_and_loans(),
        *_settlement(),
        *_payouts(),
        *_attributions(),
        *_facts(),
        *_valuation(),
        *_order_of_methods(),
        *_agreements(),
        *_targeted_inquiries(),
        *appraisal_commands(),
        *_register(),
        *_selections(),
        *_draws(),
        *_openings(),
        *_access(),
    ]
