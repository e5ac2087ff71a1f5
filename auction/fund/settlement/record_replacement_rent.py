"""Record the rent that is left to a debtor whose sole home is sold: five to eight years of it (异议复议规定 20)."""

from __future__ import annotations

from uuid import UUID

from auction.fund.case_file import require_debtor
from auction.fund.claims.claims import OFFICERS, ClaimKind
from auction.fund.claims.entitlements import replacement_rent
from auction.fund.deposits.purchases import PurchaseUnknown
from auction.fund.deposits.store import purchase_row
from auction.fund.settlement.net_of_sale import STANDING
from auction.fund.settlement.record_claim import Origin, RecordClaim, add_claim
from auction.kernel.actors import Actor, require_role
from auction.kernel.clock import local_day
from auction.kernel.db import Command, Database, Transaction
from auction.kernel.money import Money


class RecordReplacementRent(Command, frozen=True, kw_only=True):
    """The home sold in the round was the debtor's only one; ``basis`` says where the average rent comes from."""

    claim_id: UUID
    round_id: UUID
    party_id: UUID
    person_id: UUID
    rent_per_year_fen: int
    years: int
    basis: str
    evidence_sha256: str


async def record_replacement_rent(db: Database, actor: Actor, command: RecordReplacementRent) -> UUID:
    """Multiply, check the years, and record the rent as a claim of the debtor; give the claim's id. Once for a home.

    Raises `PurchaseUnknown`, `NotTheDebtor`, `AmountNotPositive`, `RentYearsOutside`, `ClaimTakenAlready`. Source: 异议复议规定 20.
    """
    require_role(actor, *OFFICERS)
    rent = Money.positive(command.rent_per_year_fen)

    async def work(tx: Transaction) -> UUID:
        purchase = await purchase_row(tx, command.round_id)
        if purchase is None or purchase.state not in STANDING:
            raise PurchaseUnknown(round_id=command.round_id)
        await tx.about_case(purchase.case_id)
        await require_debtor(tx, case_id=purchase.case_id, party_id=command.party_id, person_id=command.person_id)
        amount = replacement_rent(rent, years=command.years, on=local_day(tx.now))
        claim = RecordClaim(
            command_id=command.command_id,
            claim_id=command.claim_id,
            case_id=purchase.case_id,
            party_id=command.party_id,
            person_id=command.person_id,
            kind=ClaimKind.HOUSING,
            amount_fen=amount.fen,
            basis=command.basis,
            evidence_sha256=command.evidence_sha256,
        )
        figures = {"round_id": str(command.round_id), "rent_per_year_fen": rent.fen, "years": command.years}
        await add_claim(tx, claim, origin=Origin(source_ref=f"rent:{command.round_id}", working=figures))
        return command.claim_id

    return await db.carry_out(actor, command, work, UUID)
