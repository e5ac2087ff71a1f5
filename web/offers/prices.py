"""Commands on facts and the ways to a price short of an appraisal, and whom they are offered to (each use case checks the actor again)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from auction.contracts import InquiryFee
from valuation.agreements import invite_to_agree, propose_price, record_proposal
from valuation.facts import ask_register, establish_facts, record_paper_answer
from valuation.inquiries import reissue_inquiry, start_online_inquiry
from valuation.inquiries.corrections import check_reports
from valuation.inquiries.fees import state_fee
from valuation.inquiries.stops import stay_inquiry, withdraw_inquiry
from valuation.listed_platforms import judge_lateness, keep_register
from valuation.methods import ask_for_method, confirm_method_paper, record_circumstance, request_method
from valuation.objections import (
    check_targeted_answer,
    confirm_agreement,
    decide_objection,
    object_as_party,
    raise_objection,
)
from valuation.sides import state_representative
from valuation.targeted_inquiries import note_targeted_silence, record_targeted_answer, start_targeted_inquiry
from valuation.ways import withdraw_method
from web.asset_file import on_file, require_right_to_sell, require_right_to_sell_again
from web.case_of import (
    by_asset,
    by_inquiry,
    by_price_step,
)
from web.command_route import CommandRoute
from web.offers.offering import OFFICERS, PANEL, R, offer
from web.price_recipients import require_inquiry_recipients, require_report_document, require_targeted_service


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
            UUID,
            OFFICERS,
            "parties",
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
            UUID,
            OFFICERS,
            case_of=by_asset,
        ),
        offer(
            "valuation/confirm-method-paper",
            confirm_method_paper.ConfirmMethodPaper,
            confirm_method_paper.confirm_method_paper,
            confirm_method_paper.LawfulNow,
            OFFICERS,
        ),
        offer(
            "valuation/state-representative",
            state_representative.StateRepresentative,
            state_representative.state_representative,
            UUID,
            OFFICERS,
            "parties",
        ),
        offer(
            "valuation/confirm-representative",
            state_representative.ConfirmRepresentative,
            state_representative.confirm_representative,
            state_representative.RepresentativeStated,
            OFFICERS,
            "parties",
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
            UUID,
            OFFICERS,
            case_of=by_price_step,
        ),
        offer(
            "valuation/confirm-proposal",
            record_proposal.ConfirmProposal,
            record_proposal.confirm_proposal,
            record_proposal.ProposalCompared,
            OFFICERS,
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
            door_check=require_targeted_service,
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


def price_commands() -> list[CommandRoute[Any, Any]]:
    """Give the commands on facts and the ways to a price short of an appraisal."""
    return [*_facts(), *_valuation(), *_order_of_methods(), *_agreements(), *_targeted_inquiries()]
