"""Each command that officers may give says of which case it is, so that the door can ask for their part in it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from web import case_of
from web.command_route import COURT_ROLES, CommandRoute
from web.offers.all_commands import commands

FIELDS = {
    case_of.by_case: {"case_id"},
    case_of.by_case_on_file: {"case_id"},
    case_of.by_asset: {"case_id", "asset_id"},
    case_of.by_lot: {"lot_id"},
    case_of.by_proposal: {"proposal"},
    case_of.by_question: {"question_id"},
    case_of.by_round: {"round_id"},
    case_of.by_registration: {"registration_id"},
    case_of.by_bill: {"bill_id"},
    case_of.by_decided_link: {"link_id"},
    case_of.by_purchase: {"round_id"},
    case_of.by_plan: {"plan_id"},
    case_of.by_line: {"line_id"},
    case_of.by_disbursement: {"disbursement_id"},
    case_of.by_subject: {"belongs", "subject_id"},
    case_of.by_receipt: {"receipt_id"},
    case_of.by_refund: {"refund_id"},
    case_of.by_refund_account: {"refund_account_id"},
    case_of.by_bank_line: {"line_id"},
    case_of.by_deposit: {"deposit_id"},
    case_of.by_inquiry: {"inquiry_id"},
    case_of.by_appraisal: {"appraisal_id"},
    case_of.by_draw: {"draw_id"},
    case_of.by_price_step: {"step_id"},
    case_of.by_set_off_proposal: {"proposal_id"},
    case_of.by_act: {"act_id"},
    case_of.by_join_application: {"application_id"},
    case_of.by_guard_objection: {"objection_id"},
    case_of.by_enforcement_objection: {"objection_id"},
}
"""What each way of finding a case reads of its command."""
REGISTER = {
    "valuation/propose-entry",
    "valuation/propose-amendment",
    "valuation/propose-suspension",
    "valuation/propose-removal",
    "valuation/decide-change",
    "valuation/set-rules-of-court",
    "valuation/list-platform",
    "valuation/remove-platform",
}
WITHOUT_A_CASE = {
    "sale/open-case",
    "fund/bring-statement",
    "fund/confirm-statement",
    "fund/sign-monthly-report",
    "access/verify-identity",
    "access/issue-opening-code",
    *REGISTER,
}
BY_OFFICE = {
    "valuation/start-online-inquiry",
    "valuation/propose-recusal",
    "valuation/commit-court-secret",
    "valuation/freeze-pool",
    "valuation/execute-draw",
    "sale/vote-on-objection",
    "sale/decide-enforcement-objection",
}


def _for_officers() -> Iterator[CommandRoute[Any, Any]]:
    return (route for route in commands() if not route.roles.isdisjoint(COURT_ROLES))


@pytest.mark.parametrize("route", [pytest.param(route, id=route.path) for route in _for_officers()])
def test_officers_command_says_its_case(route: CommandRoute[Any, Any]) -> None:
    """It names a way to find its case that fits its fields; without a case is only what is named here."""
    if route.path in WITHOUT_A_CASE:
        assert route.no_case
        return
    assert route.case_of is not None, route.path
    assert not route.no_case
    assert set(route.command_type.__struct_fields__) >= FIELDS[route.case_of]  # type: ignore[index] # one of those above


def test_steps_taken_by_office_are_few() -> None:
    """Only the steps named here are taken in every case without a part in it."""
    assert {route.path for route in commands() if route.by_office} == BY_OFFICE


def test_officers_and_others_share_no_command() -> None:
    """A command for officers is for nobody else, so its check of the part is never passed by."""
    assert [route.path for route in _for_officers() if not route.roles <= COURT_ROLES] == []
