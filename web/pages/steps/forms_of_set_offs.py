"""Forms of a creditor's set-off: the decision is written, one officer proposes, another natural person vouches for it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import msgspec

from auction.fund.claims.claims import OrdinaryOrder
from auction.fund.deposits.purchases import balance_due
from auction.fund.deposits.store import purchase_row
from auction.fund.set_offs.decision import set_off_ceiling
from auction.kernel.clock import local_day
from auction.kernel.db import Transaction
from auction.kernel.errors import Refusal
from auction.kernel.money import Money
from auction.sale.cases.documents import DocumentKind
from web.display import day as day_text
from web.display import figures
from web.pages import desk_words as words
from web.pages.steps.choices import first_of, fixed, purchases, sealed_documents
from web.pages.steps.fields import Field, Option, Typed
from web.pages.steps.forms_of_facts import COMPARED
from web.pages.steps.forms_of_money import order_in
from web.pages.steps.known import Known
from web.pages.steps.parts import choice, fingerprint, yuan
from web.pages.steps.step_form import Stage, StepForm
from web.texts import N_, _


def _unpaid(known: Known) -> list[Option]:
    """Offer the sales whose price is not paid yet."""
    unpaid = {str(purchase.round_id) for purchase in known.file.purchases if purchase.state == "open"}
    return [option for option in purchases(known) if option.value in unpaid]


class SetOffLine(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the working: what this price gives a claim; the creditor is masked."""

    rank: int
    kind: str
    payee: str
    owed: Money
    share: Money
    is_buyers: bool


async def _ceiling(tx: Transaction, known: Known, typed: Typed) -> Mapping[str, Any]:
    """Compute what the buyer may set off, or say why he may not."""
    return await _working(tx, known, typed.get("round_id") or first_of(_unpaid)(known), order_in(typed))


async def _proposed(tx: Transaction, known: Known, typed: Typed) -> Mapping[str, Any]:
    """Show the working behind the proposal that is chosen."""
    chosen = typed.get("proposal_id") or first_of(_waiting)(known)
    found = next((one for one in known.set_offs_waiting if str(one.proposal_id) == chosen), None)
    if found is None:
        return {"ceiling": None, "lines": (), "why_not": None}
    return await _working(tx, known, str(found.round_id), order_in({"ordinary_order": found.ordinary_order}))


async def _working(tx: Transaction, known: Known, chosen: str, order: OrdinaryOrder) -> Mapping[str, Any]:
    purchase = await purchase_row(tx, UUID(chosen)) if chosen in {option.value for option in _unpaid(known)} else None
    if purchase is None:
        return {"ceiling": None, "lines": (), "why_not": None}
    try:
        ceiling = await set_off_ceiling(tx, purchase, ordinary_order=order)
    except Refusal as refusal:
        return {"ceiling": None, "lines": (), "why_not": refusal}
    masked = {claim.claim_id: claim.payee_masked for claim in known.claims}
    lines = [
        SetOffLine(
            rank=share.rank,
            kind=share.claim.kind.value,
            payee=masked.get(share.claim.claim_id, "—"),
            owed=share.claim.amount,
            share=share.amount,
            is_buyers=share in ceiling.own,
        )
        for share in ceiling.plan.shares
    ]
    missing = await balance_due(tx, purchase.round_id)
    return {"ceiling": ceiling, "missing": missing, "lines": lines, "why_not": None}


def _set_off_terms() -> tuple[Field, ...]:
    """Give the terms of a set-off: its decision and itself are made on the same."""
    return (
        choice("round_id", N_("成交"), _unpaid, default=first_of(_unpaid)),
        choice(
            "ordinary_order",
            N_("普通债权的受偿"),
            fixed(words.ORDERS),
            default=lambda known: "pro_rata",
            article="Interp. 508, 514; 刑事财产规定 13",
        ),
        yuan("amount_fen", N_("抵价数额")),
    )


ISSUE_SET_OFF_DOCUMENT = StepForm(
    name="issue-set-off-document",
    path="sale/issue-set-off-document",
    stage=Stage.MONEY,
    heading=N_("生成债权抵价决定书"),
    explains=N_("系统按现有债权写成决定书；用印后据以确定抵价。此后债权或者数额有变动的，须重新生成。"),
    article="拍变 20",
    parts=_set_off_terms(),
    derived={"document_id": lambda making: making.id_of("set-off document")},
    shows="steps/set_off.html",
    shows_of=_ceiling,
    again=N_("按所填内容重新计算"),
)
PROPOSE_SET_OFF = StepForm(
    name="propose-set-off",
    path="fund/propose-set-off",
    stage=Stage.MONEY,
    heading=N_("提出债权抵价"),
    explains=N_(
        "买受人是本案债权人的，以其应受偿数额抵作价款；在先的费用、税费和债权须以现金付足。由另一人复核后生效。"
    ),
    article="拍变 20",
    parts=(
        *_set_off_terms(),
        fingerprint("application_sha256", N_("买受人的抵价申请")),
        choice(
            "document_id",
            N_("债权抵价决定书"),
            sealed_documents(DocumentKind.SET_OFF_DECISION),
            hint=N_("须已用印"),
        ),
    ),
    derived={"proposal_id": lambda making: making.id_of("set-off")},
    shows="steps/set_off.html",
    shows_of=_ceiling,
    again=N_("按所填内容重新计算"),
)


def _waiting(known: Known) -> list[Option]:
    """Offer the set-offs that wait for their second person."""
    return [
        Option(
            str(one.proposal_id),
            _("{buyer}，抵价 {amount}").format(buyer=one.buyer_masked, amount=figures(one.amount_fen)),
            f"{_('{day}登记').format(day=day_text(local_day(one.proposed_at)))} · SHA-256 {one.application_sha256[:16]}…",
        )
        for one in known.set_offs_waiting
    ]


FIX_SET_OFF = StepForm(
    name="fix-set-off",
    path="fund/fix-set-off",
    stage=Stage.MONEY,
    heading=N_("复核并确定债权抵价"),
    explains=N_("提出人以外的另一人对照抵价申请和决定书核对；一致的自此入账，不一致的不予采用、重新提出。"),
    article="拍变 20",
    parts=(
        choice("proposal_id", N_("待复核的抵价"), _waiting, default=first_of(_waiting)),
        fingerprint("application_sha256", N_("所对照的抵价申请")),
        choice("found", N_("核对结果"), fixed(COMPARED), at=""),
    ),
    derived={"agrees": lambda making: making.values["found"] == "agrees"},
    shows="steps/set_off.html",
    shows_of=_proposed,
)
SET_OFF_FORMS = (ISSUE_SET_OFF_DOCUMENT, PROPOSE_SET_OFF, FIX_SET_OFF)
