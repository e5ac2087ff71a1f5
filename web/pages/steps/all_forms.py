"""All steps that are taken by form, and where the others have a page of their own."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from auction.kernel.actors import Role
from web.command_route import CommandRoute
from web.errors import PageUnknown
from web.offers.all_commands import commands
from web.pages.steps.forms_of_acts import ACT_FORMS
from web.pages.steps.forms_of_alarms import ALARM_FORMS
from web.pages.steps.forms_of_appraisals import APPRAISAL_FORMS
from web.pages.steps.forms_of_bills import BILL_FORMS
from web.pages.steps.forms_of_distribution import DISTRIBUTION_FORMS
from web.pages.steps.forms_of_doors import DOOR_FORMS
from web.pages.steps.forms_of_draws import DRAW_FORMS
from web.pages.steps.forms_of_facts import FACT_FORMS
from web.pages.steps.forms_of_file import FILE_FORMS, OPENING
from web.pages.steps.forms_of_inquiry import INQUIRY_FORMS
from web.pages.steps.forms_of_links import LINK_FORMS
from web.pages.steps.forms_of_list_papers import LIST_PAPER_FORMS
from web.pages.steps.forms_of_lists import LIST_FORMS
from web.pages.steps.forms_of_lots import LISTING_FORMS
from web.pages.steps.forms_of_methods import METHOD_FORMS
from web.pages.steps.forms_of_money import MONEY_FORMS
from web.pages.steps.forms_of_notices import NOTIFY
from web.pages.steps.forms_of_papers import PAPER_FORMS
from web.pages.steps.forms_of_payouts import PAYOUT_FORMS
from web.pages.steps.forms_of_plan_objections import OBJECTION_FORMS
from web.pages.steps.forms_of_price import PRICE_FORMS
from web.pages.steps.forms_of_receipts import RECEIPT_FORMS
from web.pages.steps.forms_of_register import REGISTER_FORMS
from web.pages.steps.forms_of_rounds import ROUND_FORMS
from web.pages.steps.forms_of_set_offs import SET_OFF_FORMS
from web.pages.steps.forms_of_shares import SHARE_FORMS
from web.pages.steps.forms_of_undoing import UNDOING_FORMS
from web.pages.steps.step_form import StepForm

FORMS: tuple[StepForm, ...] = (
    *OPENING,
    *REGISTER_FORMS,
    *FILE_FORMS,
    *FACT_FORMS,
    *METHOD_FORMS,
    *PAPER_FORMS,
    *PRICE_FORMS,
    *APPRAISAL_FORMS,
    *DRAW_FORMS,
    *INQUIRY_FORMS,
    *LISTING_FORMS,
    NOTIFY,
    *ROUND_FORMS,
    *LIST_FORMS,
    *LIST_PAPER_FORMS,
    *LINK_FORMS,
    *MONEY_FORMS,
    *RECEIPT_FORMS,
    *SHARE_FORMS,
    *BILL_FORMS,
    *PAYOUT_FORMS,
    *UNDOING_FORMS,
    *ALARM_FORMS,
    *ACT_FORMS,
    *SET_OFF_FORMS,
    *OBJECTION_FORMS,
    *DISTRIBUTION_FORMS,
    *DOOR_FORMS,
)

OWN_PAGES: Mapping[str, str] = {
    "sale/seal-document": "/court/cases/{case_id}/documents/{document_id}",
    "sale/serve": "/court/cases/{case_id}/documents/{document_id}/serve",
    "sale/cast-vote": "/court/questions/{question_id}",
    "sale/decide-listing": "/court/questions/{question_id}",
    "sale/confirm-first-refusal": "/court/questions/{question_id}",
    "sale/publish-notice": "/court/lots/{lot_id}/publish",
    "sale/rule-on-sale": "/court/lots/{lot_id}/rule",
    "sale/record-transfer": "/court/lots/{lot_id}/transfer",
    "sale/record-delivery": "/court/lots/{lot_id}/delivery",
    "sale/set-viewing": "/court/lots/{lot_id}/visitors",
    "sale/cancel-viewing": "/court/lots/{lot_id}/visitors",
    "sale/answer-about-lot": "/court/lots/{lot_id}/visitors",
    "sale/bring-picture": "/court/lots/{lot_id}/pictures",
    "sale/remove-picture": "/court/lots/{lot_id}/pictures",
    "sale/supersede-picture": "/court/lots/{lot_id}/pictures",
    "sale/arrange-pictures": "/court/lots/{lot_id}/pictures",
    "sale/docket-objection": "/court/objections/{objection_id}",
    "sale/form-review-panel": "/court/objections/{objection_id}",
    "sale/vote-on-objection": "/court/objections/{objection_id}",
    "sale/decide-enforcement-objection": "/court/objections/{objection_id}",
    "fund/record-payee-account": "/finance/cases/{case_id}",
    "fund/confirm-payee-account": "/finance/cases/{case_id}",
    "fund/prepare-disbursement": "/finance/lines/{line_id}/prepare",
    "fund/approve-disbursement": "/finance/payouts/{payout_id}/{step}",
    "fund/check-disbursement": "/finance/payouts/{payout_id}/{step}",
    "fund/pay-disbursement": "/finance/payouts/{payout_id}/{step}",
    "fund/void-disbursement": "/finance/payouts/{payout_id}",
    "fund/confirm-attribution": "/finance",
    "fund/retry-refund": "/finance/refunds",
    "fund/record-refund-account": "/finance/refunds",
    "fund/confirm-refund-account": "/finance/refunds",
    "fund/withdraw-refund-account": "/finance/refunds",
    "fund/take-line-as-receipt": "/finance",
    "fund/sign-monthly-report": "/finance/reconciliations",
    "fund/bring-statement": "/finance/bank-files",
    "fund/confirm-statement": "/finance/bank-files",
    "valuation/list-platform": "/court/platforms",
    "valuation/remove-platform": "/court/platforms",
    "integrity/ask-explanation": "/court/cases/{case_id}/findings/{finding_id}/ask",
    "integrity/act-on-finding": "/court/cases/{case_id}/findings/{finding_id}/act",
    "integrity/record-police-answer": "/court/cases/{case_id}/findings/{finding_id}/police",
    "integrity/open-roster": "/court/cases/{case_id}/findings/{finding_id}/open",
    "integrity/make-pack": "/court/cases/{case_id}/findings/{finding_id}/pack",
    "integrity/decide-sanction": "/court/cases/{case_id}/findings/{finding_id}/decide",
    "access/verify-identity": "/counter",
    "access/issue-opening-code": "/counter/opening-code",
}
"""Commands of officers that are given on a page of their own, with its address."""


@cache
def routes_by_path() -> Mapping[str, CommandRoute[Any, Any]]:
    """Give the routes of the command API by their paths."""
    return {route.path: route for route in commands()}


def route_of(form: StepForm) -> CommandRoute[Any, Any]:
    """Give the route of the command that a form sends."""
    return routes_by_path()[form.path]


def form_named(name: str) -> StepForm:
    """Give the form of an address; another name names nothing (`PageUnknown`)."""
    found = next((form for form in FORMS if form.name == name), None)
    if found is None:
        raise PageUnknown
    return found


def is_opening(form: StepForm) -> bool:
    """Whether the step is taken before there is a case, or is of none."""
    return form in (*OPENING, *REGISTER_FORMS)


@cache
def takers() -> frozenset[Role]:
    """Give everybody who may take one of these steps."""
    return frozenset(role for form in FORMS for role in route_of(form).roles)
