"""Commands on cases and lots, and whom they are offered to (each use case checks the actor again)."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from auction.sale.cases import (
    add_party,
    ask_handover,
    bar_person,
    choose_platform,
    issue_document,
    issue_escrow_decision,
    issue_escrow_order,
    issue_plan_document,
    issue_set_off_document,
    lift_ban,
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
    leave_round,
    register_bidder,
    resume_round,
    stop_round,
    view_registrant,
)
from auction.sale.title import (
    declare_default,
    file_registry_steps,
    record_delivery,
    record_transfer,
    rule_on_sale,
    set_sale_aside,
)
from web.case_of import (
    by_asset,
    by_line,
    by_lot,
    by_plan,
    by_proposal,
    by_purchase,
    by_question,
    by_registration,
    by_round,
)
from web.command_route import CommandRoute
from web.offers.offering import OFFICERS, PANEL, R, offer
from web.panel_door import require_panel_roles
from web.price_door import require_price_of_listing, require_price_of_notice


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
        offer("sale/lift-ban", lift_ban.LiftBan, lift_ban.lift_ban, int, OFFICERS),
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
    ]


def _documents() -> list[CommandRoute[Any, Any]]:
    return [
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
            "sale/issue-set-off-document",
            issue_set_off_document.IssueSetOffDocument,
            issue_set_off_document.issue_set_off_document,
            UUID,
            OFFICERS,
            case_of=by_purchase,
        ),
        offer(
            "sale/issue-escrow-decision",
            issue_escrow_decision.IssueEscrowDecision,
            issue_escrow_decision.issue_escrow_decision,
            UUID,
            OFFICERS,
            case_of=by_plan,
        ),
        offer(
            "sale/issue-escrow-order",
            issue_escrow_order.IssueEscrowOrder,
            issue_escrow_order.issue_escrow_order,
            UUID,
            OFFICERS,
            case_of=by_line,
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
            "policy",
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
            "policy",
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
            "lists",
            "companies",
        ),
        offer("sale/leave-round", leave_round.LeaveRound, leave_round.leave_round, datetime, (R.BIDDER,), "rooms"),
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


def _title() -> list[CommandRoute[Any, Any]]:
    judges = (R.PRESIDING_JUDGE, R.CASE_HANDLER)
    return [
        offer(
            "sale/rule-on-sale",
            rule_on_sale.RuleOnSale,
            rule_on_sale.rule_on_sale,
            rule_on_sale.Ruled,
            judges,
            "lists",
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
        *_registry(),
    ]


def _registry() -> list[CommandRoute[Any, Any]]:
    """What follows a title that has passed: the registry's entries and the delivery."""
    return [
        offer(
            "sale/record-transfer",
            record_transfer.RecordTransfer,
            record_transfer.record_transfer,
            UUID,
            OFFICERS,
            case_of=by_lot,
        ),
        offer(
            "sale/file-registry-steps",
            file_registry_steps.FileRegistrySteps,
            file_registry_steps.file_registry_steps,
            file_registry_steps.StepsFiled,
            OFFICERS,
            case_of=by_lot,
        ),
        offer(
            "sale/record-registry-entry",
            file_registry_steps.RecordRegistryEntry,
            file_registry_steps.record_registry_entry,
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


def case_commands() -> list[CommandRoute[Any, Any]]:
    """Give the commands on cases and lots."""
    return [*_cases(), *_documents(), *_lots(), *_rounds(), *_title()]
