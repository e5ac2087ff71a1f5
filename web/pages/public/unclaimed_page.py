"""Money of cases that nobody claims, for everybody: case number, masked names, amount; who claims it asks the court."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import NamedTuple
from uuid import UUID

from litestar import get
from litestar.response import Template

from auction.fund.payouts.publish_unclaimed import unclaimed_shares
from auction.fund.payouts.put_in_escrow import escrows
from auction.kernel.clock import local_day
from auction.kernel.db import Transaction
from auction.kernel.persons import masked_of_all
from auction.sale.case_access import CaseSeen, cases_named
from auction.sale.cases import store as cases
from auction.sale.cases.parties import PartyRole
from web.auth.guards import PUBLIC
from web.injected import TheDb
from web.rendering import page

NAMED = (PartyRole.APPLICANT, PartyRole.JUDGMENT_DEBTOR)
"""Whose masked names lead a payee to his case."""


class MoneyWaiting(NamedTuple):
    """One sum; ``claim_until`` is ``None`` where no escrow counts five years."""

    case: CaseSeen
    parties: str
    payee: str
    amount_fen: int
    since: date
    claim_until: date | None


@get("/unclaimed", opt=dict(PUBLIC), include_in_schema=False)
async def show_unclaimed(db: TheDb) -> Template:
    """Show shares made public and shares in escrow, the oldest first; every name is masked."""
    async with db.reading() as tx:
        rows, now = await _waiting(tx), tx.now
    return page("public/unclaimed.html", rows=rows, now=now)


async def _waiting(tx: Transaction) -> list[MoneyWaiting]:
    public, kept = await unclaimed_shares(tx), await escrows(tx, standing_only=True)
    named = await cases_named(tx, {one.case_id for one in public} | {one.case_id for one in kept})
    parties = await _parties(tx, named)
    found = [
        MoneyWaiting(
            named[one.case_id],
            parties[one.case_id],
            one.payee_masked,
            one.left_fen,
            local_day(one.published_at),
            None,
        )
        for one in public
        if one.case_id in named
    ]
    found += [
        MoneyWaiting(
            named[one.case_id],
            parties[one.case_id],
            one.payee_masked,
            one.left_fen,
            one.deposited_on,
            one.claim_until,
        )
        for one in kept
        if one.case_id in named
    ]
    return sorted(found, key=lambda one: (one.since, one.case.case_number))


async def _parties(tx: Transaction, case_ids: Collection[UUID]) -> dict[UUID, str]:
    """Name the parties of each case, masked; two queries, for everybody may ask for this page."""
    rows = {
        case_id: [row.person_id for row in found if PartyRole(row.role) in NAMED]
        for case_id, found in (await cases.parties_of_cases(tx, case_ids)).items()
    }
    masked = await masked_of_all(tx, {person_id for found in rows.values() for person_id in found})
    return {case_id: "、".join(dict.fromkeys(masked[one] for one in found)) for case_id, found in rows.items()}
