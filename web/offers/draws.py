"""Commands on institutions: their register, their choice, and the draw, and whom they are offered to (each use case checks the actor again)."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from valuation.agencies import (
    decide_change,
    propose_amendment,
    propose_entry,
    propose_recusal,
    propose_removal,
    propose_suspension,
    proposing,
)
from valuation.draws import (
    commit_court_secret,
    commit_entropy,
    commit_second_secret,
    decide_sub_list,
    execute_draw,
    freeze_pool,
    open_entropy,
    open_second_secret,
    request_draw,
    restart_draw,
)
from valuation.selections import (
    open_selection,
    propose_agencies,
    proposing_agencies,
    record_agency_proposal,
    set_rules_of_court,
)
from web.case_of import (
    by_asset,
    by_draw,
)
from web.command_route import CommandRoute
from web.offers.offering import R, offer


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
            UUID,
            record_agency_proposal.RECORDERS,
            "case_desk",
        ),
        offer(
            "valuation/confirm-agency-proposal",
            record_agency_proposal.ConfirmAgencyProposal,
            record_agency_proposal.confirm_agency_proposal,
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
            "beacon_chain",
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
            "beacon_chain",
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


def draw_commands() -> list[CommandRoute[Any, Any]]:
    """Give the commands on institutions: their register, their choice, and the draw."""
    return [*_register(), *_selections(), *_draws(), *_openings()]
