"""Which use cases the command API offers, and to whom (the use case checks the actor again)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from auction.kernel.actors import Role
from auction.kernel.db import Command
from auction.sale.cases import (
    add_party,
    bar_person,
    choose_platform,
    issue_document,
    open_case,
    record_asset,
    record_seizure,
    seal,
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
from auction.sale.rounds import confirm_agent, register_bidder, resume_round, stop_round, view_registrant
from valuation.facts import establish_facts
from valuation.methods import agree_on_inquiry, start_online_inquiry
from valuation.objections import decide_objection, raise_objection
from web.command_route import CommandRoute

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
) -> CommandRoute[Any, Any]:
    """Offer one use case at ``/api/<path>`` to ``roles``."""
    return CommandRoute(path, command, use_case, result, frozenset(roles), ports)


def _cases() -> list[CommandRoute[Any, Any]]:
    return [
        offer("sale/open-case", open_case.OpenCase, open_case.open_case, UUID, OFFICERS),
        offer("sale/add-party", add_party.AddParty, add_party.add_party, UUID, OFFICERS),
        offer("sale/bar-person", bar_person.BarPerson, bar_person.bar_person, type(None), OFFICERS),
        offer("sale/record-asset", record_asset.RecordAsset, record_asset.record_asset, UUID, OFFICERS),
        offer("sale/describe-asset", record_asset.DescribeAsset, record_asset.describe_asset, UUID, OFFICERS),
        offer("sale/record-seizure", record_seizure.RecordSeizure, record_seizure.record_seizure, UUID, OFFICERS),
        offer("sale/lift-seizure", record_seizure.LiftSeizure, record_seizure.lift_seizure, UUID, OFFICERS),
        offer("sale/choose-platform", choose_platform.ChoosePlatform, choose_platform.choose_platform, UUID, OFFICERS),
        offer(
            "sale/issue-document",
            issue_document.IssueDocument,
            issue_document.issue_document,
            UUID,
            (*OFFICERS, R.PRESIDING_JUDGE),
        ),
        offer(
            "sale/seal-document",
            seal_document.SealDocument,
            seal_document.seal_document,
            seal.SealMark,
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
        ),
        offer("sale/list-lot", list_lot.ListLot, list_lot.list_lot, list_lot.Listed, proposers),
        offer(
            "sale/put-question",
            put_question.PutQuestion,
            put_question.put_question,
            UUID,
            (*proposers, R.PRESIDING_JUDGE),
        ),
        offer("sale/cast-vote", cast_vote.CastVote, cast_vote.cast_vote, UUID, PANEL),
        offer(
            "sale/decide-listing",
            decide_listing.DecideListing,
            decide_listing.decide_listing,
            decide_listing.Decision,
            (R.PRESIDING_JUDGE, R.CLERK),
        ),
        offer(
            "sale/confirm-first-refusal",
            confirm_first_refusal.ConfirmFirstRefusal,
            confirm_first_refusal.confirm_first_refusal,
            UUID,
            (R.CASE_HANDLER, R.CLERK, R.PRESIDING_JUDGE),
        ),
        offer("sale/notify", notify.Notify, notify.notify, notices.Notified, OFFICERS),
        offer(
            "sale/publish-notice",
            publish_notice.PublishNotice,
            publish_notice.publish_notice,
            publish_notice.Published,
            OFFICERS,
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
        ),
        offer("sale/resume-round", resume_round.ResumeRound, resume_round.resume_round, datetime, stoppers),
        offer("sale/stop-round", stop_round.StopRound, stop_round.stop_round, UUID, stoppers),
        offer(
            "sale/view-registrant",
            view_registrant.ViewRegistrant,
            view_registrant.view_registrant,
            view_registrant.Registrant,
            (R.CLERK,),
        ),
    ]


def _valuation() -> list[CommandRoute[Any, Any]]:
    return [
        offer(
            "valuation/establish-facts",
            establish_facts.EstablishFacts,
            establish_facts.establish_facts,
            establish_facts.FactsEstablished,
            OFFICERS,
        ),
        offer(
            "valuation/agree-on-inquiry",
            agree_on_inquiry.AgreeOnInquiry,
            agree_on_inquiry.agree_on_inquiry,
            agree_on_inquiry.InquiryAgreed,
            OFFICERS,
        ),
        offer(
            "valuation/start-online-inquiry",
            start_online_inquiry.StartOnlineInquiry,
            start_online_inquiry.start_online_inquiry,
            start_online_inquiry.InquiryStarted,
            (R.CASE_HANDLER, R.JUDICIAL_TECHNOLOGY),
            "platforms",
        ),
        offer(
            "valuation/raise-objection",
            raise_objection.RaiseObjection,
            raise_objection.raise_objection,
            raise_objection.ObjectionRaised,
            OFFICERS,
        ),
        offer(
            "valuation/decide-objection",
            decide_objection.DecideObjection,
            decide_objection.decide_objection,
            decide_objection.ObjectionDecided,
            PANEL,
        ),
    ]


def commands() -> list[CommandRoute[Any, Any]]:
    """Give all use cases of the command API."""
    return [*_cases(), *_lots(), *_rounds(), *_valuation()]
