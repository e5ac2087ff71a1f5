"""Record the doubled part of the interest for late performance, worked out to a day (加倍部分债务利息; 迟延利息解释 1–3, 7).

The officer types what the title and the payments say: for each stretch in which the unpaid principal stayed the same, its principal, the
last day for performance (or the part payment before it), the day to which it runs, and days that do not count. The sum is a claim of its
own that ranks after all principals; its working stands in its basis, so that the plan shows it. Interest that the title itself grants
is worked out by `record_title_interest`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from uuid import UUID

import msgspec

from auction.fund.claims.claims import OFFICERS, ClaimKind
from auction.fund.settlement.record_claim import Origin, RecordClaim, add_claim
from auction.kernel.actors import Actor, require_role
from auction.kernel.db import Command, Database, Transaction
from auction.kernel.errors import Malformed
from auction.kernel.money import Money
from auction.law.fees import InterestSlice, doubled_interest, interest_days
from auction.law.parameters import LAW

MAX_STRETCHES = 20


class StretchesMalformed(Malformed):
    """No stretch is given, or more than one claim takes."""

    code = "interest_stretches_malformed"
    article = "迟延利息解释 1"
    zh = "应当填写1至{most}段计息期间。"
    en = "Give 1 to {most} stretches in which interest ran."


class Stretch(msgspec.Struct, frozen=True, kw_only=True):
    """A stretch in which the unpaid principal stayed the same: ``from_day`` is not counted, ``to_day`` is."""

    principal_fen: int
    from_day: date
    to_day: date
    deducted_days: int = 0


class RecordLateInterest(Command, frozen=True, kw_only=True):
    """Work out the doubled part for this creditor's title and record it; ``basis`` names the title.

    ``debtor_party_ids``: the judgment debtors whom the title binds; none: all of the case.
    """

    claim_id: UUID
    case_id: UUID
    party_id: UUID
    person_id: UUID
    stretches: tuple[Stretch, ...]
    basis: str
    evidence_sha256: str
    debtor_party_ids: tuple[UUID, ...] = ()


async def record_late_interest(db: Database, actor: Actor, command: RecordLateInterest) -> UUID:
    """Work out, record as a claim that ranks last, and give its id. Once for a creditor and a title.

    Raises `StretchesMalformed`, `InterestDaysInvalid`, `AmountNotPositive`, `ParameterNotInForce`, `PartyNotOfCase`, `NotTheDebtor`,
    `ClaimTakenAlready`.
    Source: 迟延利息解释 1–4, 7.
    """
    require_role(actor, *OFFICERS)
    slices = slices_of(command.stretches)
    amount = Money.positive(doubled_interest(slices).fen)
    claim = RecordClaim(
        command_id=command.command_id,
        claim_id=command.claim_id,
        case_id=command.case_id,
        party_id=command.party_id,
        person_id=command.person_id,
        kind=ClaimKind.LATE_INTEREST,
        amount_fen=amount.fen,
        basis=f"{command.basis.strip()}（{working_text(slices, amount)}）",
        evidence_sha256=command.evidence_sha256,
        debtor_party_ids=command.debtor_party_ids,
    )
    source = f"late-interest:{command.party_id}:{command.evidence_sha256}"
    figures = {"stretches": msgspec.to_builtins(command.stretches), "amount_fen": amount.fen}

    async def work(tx: Transaction) -> UUID:
        await tx.about_case(command.case_id)
        await add_claim(tx, claim, origin=Origin(source_ref=source, working=figures))
        return command.claim_id

    return await db.carry_out(actor, command, work, UUID)


def slices_of(stretches: Sequence[Stretch]) -> tuple[InterestSlice, ...]:
    """Read the stretches. Raises `StretchesMalformed`, `AmountNotPositive`."""
    if not 0 < len(stretches) <= MAX_STRETCHES:
        raise StretchesMalformed(field="stretches", most=MAX_STRETCHES)
    return tuple(
        InterestSlice(
            principal=Money.positive(one.principal_fen),
            from_day=one.from_day,
            to_day=one.to_day,
            deducted_days=one.deducted_days,
        )
        for one in stretches
    )


def working_text(slices: Sequence[InterestSlice], amount: Money) -> str:
    """Write the working as the plan shows it: each principal with its days, and the sum."""
    parts = [f"{one.principal}×每日{_percent(one)}×{interest_days(one)}日" for one in slices]
    return f"加倍部分债务利息：{' + '.join(parts)} = {amount}"


def _percent(part: InterestSlice) -> str:
    rate = 100 * LAW.ratio("money.double_interest_daily", on=part.to_day)
    return f"{Decimal(rate.numerator) / Decimal(rate.denominator)}%"
