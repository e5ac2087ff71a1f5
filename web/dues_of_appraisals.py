"""What appraisals are owed out of the proceeds, as their fee statements say it: the fund takes it over."""

from __future__ import annotations

import hashlib
from typing import Literal
from uuid import UUID

import msgspec

from auction.fund.claims.appraisal_dues import DueFromProceeds, StatedDues
from auction.kernel.db import Transaction
from valuation.agencies.register_store import register
from valuation.appraisals.rules.fees import FeeStatement
from valuation.appraisals.store import AppraisalUnknown, file_of

PAYEES: dict[str, Literal["applicant", "agency"]] = {"applicant": "applicant", "agency": "agency"}
"""Who may be owed out of the proceeds; an insurer never is."""


class DuesOfAppraisals:
    """See `auction.fund.claims.appraisal_dues.AppraisalDues`."""

    async def stated_dues(self, tx: Transaction, appraisal_id: UUID) -> StatedDues | None:
        """Give what a stated fee takes from the proceeds; ``None`` while it is not stated, or of an unknown appraisal."""
        try:
            file = await file_of(tx, appraisal_id)
        except AppraisalUnknown:
            return None
        if file.statement is None:
            return None
        known = await register(tx)
        took_on = {held.agency_id for held in file.mandates if held.accepted_at is not None}
        codes = frozenset(known[agency_id].credit_code for agency_id in took_on if agency_id in known)
        return msgspec.structs.replace(stated_dues(file.statement), agency_codes=codes)


def stated_dues(statement: FeeStatement) -> StatedDues:
    """Read a statement: one amount for each payee of the proceeds. Pure."""
    owed: dict[Literal["applicant", "agency"], int] = {}
    for due in statement.dues:
        if due.payer == "proceeds" and due.payee in PAYEES:
            owed[PAYEES[due.payee]] = owed.get(PAYEES[due.payee], 0) + due.amount_fen
    return StatedDues(
        appraisal_id=statement.appraisal_id,
        case_id=statement.case_id,
        statement_sha256=hashlib.sha256(msgspec.json.encode(statement, order="deterministic")).hexdigest(),
        dues=tuple(DueFromProceeds(to=payee, amount_fen=fen) for payee, fen in owed.items() if fen),
    )
