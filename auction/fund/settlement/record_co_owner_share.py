"""Record a co-owner's share of a sold thing: his fraction of what is left after the costs and taxes of its sale."""

from __future__ import annotations

from fractions import Fraction
from uuid import UUID

import msgspec

from auction.fund.case_file import CO_OWNER, PartyNotOfCase, require_party
from auction.fund.claims import store as claim_store
from auction.fund.claims.claims import OFFICERS, ClaimKind
from auction.fund.claims.entitlements import co_owner_share, require_less_than_whole
from auction.fund.deposits.purchases import PurchaseUnknown
from auction.fund.deposits.store import purchase_row
from auction.fund.settlement.net_of_sale import STANDING, net_of_sale
from auction.fund.settlement.record_claim import Origin, RecordClaim, add_claim
from auction.kernel.actors import Actor, require_role
from auction.kernel.db import Command, Database, Transaction


class RecordCoOwnerShare(Command, frozen=True, kw_only=True):
    """This co-owner owned ``numerator``/``denominator`` of what was sold in the round; ``basis`` says by which register or judgment."""

    claim_id: UUID
    round_id: UUID
    party_id: UUID
    person_id: UUID
    numerator: int
    denominator: int
    basis: str
    evidence_sha256: str


async def record_co_owner_share(db: Database, actor: Actor, command: RecordCoOwnerShare) -> UUID:
    """Work the share out and record it as a claim, with its figures; give the claim's id.

    Raises `PurchaseUnknown`, `PartyNotOfCase`, `TaxesNotAssessed`, `OwnershipMalformed`, `CoOwnersExceedWhole`,
    `AmountNotPositive`, `ClaimTakenAlready`. Source: 查扣冻 12.
    """
    require_role(actor, *OFFICERS)

    async def work(tx: Transaction) -> UUID:
        purchase = await purchase_row(tx, command.round_id)
        if purchase is None or purchase.state not in STANDING:
            raise PurchaseUnknown(round_id=command.round_id)
        await tx.about_case(purchase.case_id)
        party = await require_party(
            tx, case_id=purchase.case_id, party_id=command.party_id, person_id=command.person_id
        )
        if party.role != CO_OWNER:
            raise PartyNotOfCase(field="party_id")
        sale = await net_of_sale(tx, purchase)
        share, _ = co_owner_share(sale.net, numerator=command.numerator, denominator=command.denominator)
        earlier = await _fractions(tx, purchase.case_id, command.round_id)
        require_less_than_whole([*earlier, Fraction(command.numerator, command.denominator)])
        claim = RecordClaim(
            command_id=command.command_id,
            claim_id=command.claim_id,
            case_id=purchase.case_id,
            party_id=command.party_id,
            person_id=command.person_id,
            kind=ClaimKind.CO_OWNER_SHARE,
            amount_fen=share.fen,
            basis=f"{command.basis}（{command.numerator}/{command.denominator}）",
            evidence_sha256=command.evidence_sha256,
        )
        figures = {
            "round_id": str(command.round_id),
            "sale": msgspec.to_builtins(sale),
            "numerator": command.numerator,
            "denominator": command.denominator,
        }
        source = f"co-owner:{command.round_id}:{command.party_id}"
        await add_claim(tx, claim, origin=Origin(source_ref=source, working=figures))
        return command.claim_id

    return await db.carry_out(actor, command, work, UUID)


async def _fractions(tx: Transaction, case_id: UUID, round_id: UUID) -> list[Fraction]:
    """Give the shares that other co-owners of the same thing have on record."""
    return [
        Fraction(row.working["numerator"], row.working["denominator"])
        for row in await claim_store.claim_rows(tx, case_id)
        if row.kind == ClaimKind.CO_OWNER_SHARE.value
        and row.working is not None
        and row.working["round_id"] == str(round_id)
    ]
