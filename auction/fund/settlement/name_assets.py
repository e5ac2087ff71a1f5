"""Say of which asset a claim is and who owes it, and which debtor owned a lot: facts on which prices are told apart (`plans.one_asset`).

1. A claim names its asset once; what was named wrongly is withdrawn and recorded anew.
2. Who owned a lot may be recorded anew with better proof; a plan that was drawn before is then drawn anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import func, select

from auction.fund.case_file import JUDGMENT_DEBTOR, CasePartyRow, NotTheDebtor, require_debtor
from auction.fund.claims.claims import NO_DEBT, OF_ONE_SALE, OFFICERS, ON_AN_ASSET, ClaimKind, ClaimUnknown
from auction.fund.claims.tables import ClaimRow
from auction.fund.deposits.store import add
from auction.fund.plans.assets import lots_of_case
from auction.fund.plans.one_asset import AssetNotNamed
from auction.fund.plans.tables import ClaimDebtorRow, ClaimLotRow, LotOwnerRow
from auction.kernel.actors import Actor, require_role
from auction.kernel.db import Command, Database, Transaction
from auction.kernel.errors import Conflict, NotFound


class LotNotOfCase(NotFound):
    """The case has no such lot, or the claim is of no lot that could be named."""

    code = "lot_not_of_case"
    article = "Civil Code 386"
    zh = "本案没有该标的物，或者该项债权不写明标的物。"
    en = "This case has no such lot, or a claim of this kind names none."


class AssetNamedAlready(Conflict):
    """The claim names its asset already (rule 1)."""

    code = "claim_asset_named_already"
    article = "Civil Code 386"
    zh = "该项债权已经写明标的物；写错的，撤销登记后重新登记。"
    en = "This claim names its asset already; one named wrongly is withdrawn and recorded anew."


class NameClaimAsset(Command, frozen=True, kw_only=True):
    """Say in which lot a claim on record has its priority, or whose cost it is."""

    claim_id: UUID
    case_id: UUID
    lot_id: UUID


class RecordLotOwner(Command, frozen=True, kw_only=True):
    """Record which judgment debtor owned a lot; ``basis``: the register's entry, ``evidence_sha256``: fingerprint of what proves it."""

    lot_id: UUID
    case_id: UUID
    party_id: UUID
    person_id: UUID
    basis: str
    evidence_sha256: str


async def name_claim_asset(db: Database, actor: Actor, command: NameClaimAsset) -> UUID:
    """Name the asset of a claim and give the claim's id. Raises `ClaimUnknown`, `LotNotOfCase`, `AssetNamedAlready`. Source: Civil Code 386."""
    require_role(actor, *OFFICERS)

    async def work(tx: Transaction) -> UUID:
        await tx.about_case(command.case_id)
        row = await tx.session.get(ClaimRow, command.claim_id)
        if row is None or row.case_id != command.case_id or row.state != "recorded":
            raise ClaimUnknown(claim_id=command.claim_id)
        if await tx.session.get(ClaimLotRow, command.claim_id) is not None:
            raise AssetNamedAlready(claim_id=command.claim_id)
        await name_asset(tx, command.case_id, command.claim_id, ClaimKind(row.kind), command.lot_id)
        return command.claim_id

    return await db.carry_out(actor, command, work, UUID)


async def record_lot_owner(db: Database, actor: Actor, command: RecordLotOwner) -> UUID:
    """Record whose a lot was and give the lot's id. Raises `LotNotOfCase`, `PartyNotOfCase`, `NotTheDebtor`. Source: 执行工作规定 34."""
    require_role(actor, *OFFICERS)

    async def work(tx: Transaction) -> UUID:
        await tx.about_case(command.case_id)
        if command.lot_id not in await lots_of_case(tx, command.case_id):
            raise LotNotOfCase(field="lot_id")
        await require_debtor(tx, case_id=command.case_id, party_id=command.party_id, person_id=command.person_id)
        earlier = select(func.coalesce(func.max(LotOwnerRow.number), 0)).where(LotOwnerRow.lot_id == command.lot_id)
        row = LotOwnerRow(
            lot_id=command.lot_id,
            number=int(await tx.session.scalar(earlier) or 0) + 1,
            case_id=command.case_id,
            party_id=command.party_id,
            person_id=command.person_id,
            basis=command.basis.strip(),
            evidence_sha256=command.evidence_sha256,
            recorded_by=actor.person_id,
            recorded_at=tx.now,
        )
        await add(tx, row)
        return command.lot_id

    return await db.carry_out(actor, command, work, UUID)


async def name_asset(tx: Transaction, case_id: UUID, claim_id: UUID, kind: ClaimKind, lot_id: UUID | None) -> None:
    """Note the asset of a claim; of several lots one must be named for a priority in a thing (`AssetNotNamed`, `LotNotOfCase`)."""
    lots = await lots_of_case(tx, case_id) if lot_id is not None or kind in ON_AN_ASSET else set()
    if lot_id is None:
        if kind in ON_AN_ASSET and len(lots) > 1:
            raise AssetNotNamed(count=1)
        return
    if lot_id not in lots or kind in OF_ONE_SALE | NO_DEBT:
        raise LotNotOfCase(field="lot_id")
    await add(tx, ClaimLotRow(claim_id=claim_id, case_id=case_id, lot_id=lot_id, named_at=tx.now))


async def name_alike(tx: Transaction, case_id: UUID, claim_id: UUID, other_id: UUID) -> None:
    """Note that a claim is of the asset and the debtors of another one: interest goes with what bears it (民法典 389, from general knowledge)."""
    lot = await tx.session.get(ClaimLotRow, other_id)
    if lot is not None:
        await add(tx, ClaimLotRow(claim_id=claim_id, case_id=case_id, lot_id=lot.lot_id, named_at=tx.now))
    owing = await tx.session.scalars(select(ClaimDebtorRow.party_id).where(ClaimDebtorRow.claim_id == other_id))
    await name_debtors(tx, case_id, claim_id, owing.all())


async def name_debtors(tx: Transaction, case_id: UUID, claim_id: UUID, party_ids: Sequence[UUID]) -> None:
    """Note who owes a claim; nobody named: all debtors of the case (`NotTheDebtor`)."""
    for party_id in dict.fromkeys(party_ids):
        party = await tx.session.get(CasePartyRow, party_id)
        if party is None or party.case_id != case_id or party.role != JUDGMENT_DEBTOR:
            raise NotTheDebtor(party_id=party_id)
        row = ClaimDebtorRow(
            claim_id=claim_id, person_id=party.person_id, case_id=case_id, party_id=party_id, named_at=tx.now
        )
        await add(tx, row)
