"""Record the interest that a title grants on a claim, worked out to a day (一般债务利息; 迟延利息解释 1(2)).

The officer types what title and payments say: for each stretch in which unpaid principal and rate stayed the same, both, and its first and
last day, which are both counted. The sum is a claim of its own of the kind and in the rank of the claim that bears it (民法典 389:
security reaches interest, from general knowledge); its working stands in its basis, so that the plan shows it. A contractor's priority does
not reach interest (建设工程解释 40, from general knowledge): that of his price is recorded on an ordinary claim.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import select

from auction.fund.claims.claims import OFFICERS, ClaimKind, ClaimUnknown
from auction.fund.claims.store import reduced_amounts
from auction.fund.claims.tables import ClaimRow
from auction.fund.plans.store import paid_on_claim
from auction.fund.settlement.record_claim import INTEREST_ON, Origin, RecordClaim, add_claim
from auction.fund.settlement.record_late_interest import MAX_STRETCHES, StretchesMalformed
from auction.kernel.actors import Actor, require_role
from auction.kernel.db import Command, Database, Transaction
from auction.kernel.errors import Conflict
from auction.kernel.money import Money
from auction.law.title_interest import TitleStretch, check_stretch, require_within_principal, simple_interest

BEARING = frozenset({ClaimKind.ORDINARY.value, ClaimKind.MORTGAGE.value})
"""Claims whose interest shares their rank."""


class ClaimBearsNoInterest(Conflict):
    """The claim is of a kind whose rank does not reach interest, or is itself interest."""

    code = "claim_bears_no_interest"
    article = "迟延利息解释 1"
    zh = "只能在普通债权或者担保债权的本金上登记一般债务利息。"
    en = "Interest by a title is recorded on the principal of an ordinary or a secured claim only."


class StretchOfTitle(msgspec.Struct, frozen=True, kw_only=True):
    """A stretch as it was typed and is kept; both days are counted."""

    principal_fen: int
    annual_percent: str
    year_days: int
    from_day: date
    to_day: date


class RecordTitleInterest(Command, frozen=True, kw_only=True):
    """Work out the interest of these stretches on this claim and record it; ``basis`` names the title."""

    claim_id: UUID
    case_id: UUID
    of_claim_id: UUID
    stretches: tuple[StretchOfTitle, ...]
    basis: str
    evidence_sha256: str


async def record_title_interest(db: Database, actor: Actor, command: RecordTitleInterest) -> UUID:
    """Work out, record in the rank of the claim that bears it, and give its id.

    Raises `StretchesMalformed`, `TitleInterestMalformed`, `AmountNotPositive`, `ClaimUnknown`, `ClaimBearsNoInterest`,
    `InterestAbovePrincipal` (with what is recorded or was paid on the same claim). Source: 迟延利息解释 1(2).
    """
    require_role(actor, *OFFICERS)
    stretches = title_stretches_of(command.stretches)
    amount = Money.positive(simple_interest(stretches).fen)

    async def work(tx: Transaction) -> UUID:
        await tx.about_case(command.case_id)
        bearing = await _bearing(tx, command)
        earlier = [one for row in await _interest_on(tx, bearing) for one in _kept(row)]
        reduced = (await reduced_amounts(tx, command.case_id)).get(bearing.claim_id, Money(bearing.amount_fen))
        require_within_principal([*earlier, *stretches], reduced)
        claim = _claim(command, bearing, amount, title_working(stretches, amount))
        figures = {"stretches": msgspec.to_builtins(command.stretches), "amount_fen": amount.fen}
        source = f"{INTEREST_ON}{bearing.claim_id}:{command.claim_id}"
        await add_claim(tx, claim, origin=Origin(source_ref=source, working=figures), follows=bearing)
        return command.claim_id

    return await db.carry_out(actor, command, work, UUID)


async def _bearing(tx: Transaction, command: RecordTitleInterest) -> ClaimRow:
    """Give the claim that bears the interest (`ClaimUnknown`, `ClaimBearsNoInterest`)."""
    row = await tx.session.get(ClaimRow, command.of_claim_id, populate_existing=True)
    if row is None or row.case_id != command.case_id or row.state != "recorded":
        raise ClaimUnknown(claim_id=command.of_claim_id)
    if row.kind not in BEARING or (row.source_ref or "").startswith(INTEREST_ON):
        raise ClaimBearsNoInterest(field="of_claim_id")
    return row


async def _interest_on(tx: Transaction, bearing: ClaimRow) -> Sequence[ClaimRow]:
    """Give the interest on a claim that stands: recorded, or paid by a plan before its record was withdrawn."""
    found = select(ClaimRow).where(
        ClaimRow.case_id == bearing.case_id,
        ClaimRow.source_ref.startswith(f"{INTEREST_ON}{bearing.claim_id}:", autoescape=True),
    )
    rows = (await tx.session.scalars(found)).all()
    return [row for row in rows if row.state == "recorded" or await paid_on_claim(tx, row.claim_id)]


def _kept(row: ClaimRow) -> tuple[TitleStretch, ...]:
    working: dict[str, Any] = row.working or {}
    return title_stretches_of(msgspec.convert(working["stretches"], tuple[StretchOfTitle, ...]))


def _claim(command: RecordTitleInterest, bearing: ClaimRow, amount: Money, working: str) -> RecordClaim:
    return RecordClaim(
        command_id=command.command_id,
        claim_id=command.claim_id,
        case_id=command.case_id,
        party_id=bearing.party_id,
        person_id=bearing.person_id,
        kind=ClaimKind(bearing.kind),
        amount_fen=amount.fen,
        ranked_on=bearing.ranked_on,
        basis=f"{command.basis.strip()}（{working}）",
        evidence_sha256=command.evidence_sha256,
    )


def title_stretches_of(typed: Sequence[StretchOfTitle]) -> tuple[TitleStretch, ...]:
    """Read the stretches. Raises `StretchesMalformed`, `TitleInterestMalformed`, `AmountNotPositive`."""
    if not 0 < len(typed) <= MAX_STRETCHES:
        raise StretchesMalformed(field="stretches", most=MAX_STRETCHES)
    found = tuple(
        TitleStretch(
            principal=Money.positive(one.principal_fen),
            annual_percent=one.annual_percent.strip(),
            year_days=one.year_days,
            from_day=one.from_day,
            to_day=one.to_day,
        )
        for one in typed
    )
    for one in found:
        check_stretch(one)
    return found


def title_working(stretches: Sequence[TitleStretch], amount: Money) -> str:
    """Write the working as the plan shows it: principal, rate, days and days of the year of each stretch, and the sum."""
    parts = [f"{one.principal}×年利率{one.annual_percent}%×{one.days}日÷{one.year_days}" for one in stretches]
    return f"一般债务利息：{' + '.join(parts)} = {amount}"
