"""Which kinds of things the fund has on file of a case: one question before many.

A page of a case's money shows some thirty kinds of things, and most cases have a few of them. What a case has none of is not asked for.
"""

from __future__ import annotations

from typing import Final
from uuid import UUID

import msgspec
from sqlalchemy import text

from auction.kernel.db import Transaction

_PRESENT: Final = text("""
    SELECT EXISTS (SELECT FROM fund.set_off WHERE case_id = :case_id) AS set_offs,
           EXISTS (SELECT FROM fund.set_off_proposal WHERE case_id = :case_id) AS set_off_proposals,
           EXISTS (SELECT FROM fund.undoing WHERE case_id = :case_id) AS undoings,
           EXISTS (SELECT FROM fund.proposed_act WHERE case_id = :case_id) AS acts,
           EXISTS (SELECT FROM fund.loan WHERE case_id = :case_id) AS loans,
           EXISTS (SELECT FROM fund.plan_objection JOIN fund.plan USING (plan_id) WHERE case_id = :case_id) AS objections,
           EXISTS (SELECT FROM fund.case_join WHERE case_id = :case_id) AS joins,
           EXISTS (SELECT FROM fund.treasury_bill WHERE case_id = :case_id) AS bills,
           EXISTS (SELECT FROM fund.share_escrow WHERE case_id = :case_id) AS escrows,
           EXISTS (SELECT FROM fund.unclaimed WHERE case_id = :case_id) AS unclaimed,
           EXISTS (SELECT FROM fund.payout_delay WHERE case_id = :case_id) AS delays,
           EXISTS (SELECT FROM fund.bankruptcy_referral WHERE case_id = :case_id) AS referrals,
           EXISTS (SELECT FROM fund.alarm WHERE case_id = :case_id) AS alarms,
           EXISTS (SELECT FROM fund.disbursement WHERE case_id = :case_id) AS payouts,
           EXISTS (SELECT FROM fund.card_payment WHERE case_id = :case_id
                     AND state IN ('asked', 'open', 'authorised')) AS open_cards
""")


class CaseContents(msgspec.Struct, frozen=True, kw_only=True):
    """Whether the fund has anything of a kind on file of a case, in whatever state (but for ``open_cards``)."""

    set_offs: bool
    set_off_proposals: bool
    undoings: bool
    acts: bool
    loans: bool
    objections: bool
    joins: bool
    bills: bool
    escrows: bool
    unclaimed: bool
    delays: bool
    referrals: bool
    alarms: bool
    payouts: bool
    open_cards: bool
    """Card payments from which money may still come (`open_payments.UNFINISHED`); the only kind here that counts by its state."""


async def no_rows() -> tuple[()]:
    """Give nothing, where there is nothing to ask for."""
    return ()


async def contents_of_case(tx: Transaction, case_id: UUID) -> CaseContents:
    """Say which kinds of things the fund has of a case."""
    found = await tx.session.execute(_PRESENT, {"case_id": case_id})
    return CaseContents(**found.mappings().one())
