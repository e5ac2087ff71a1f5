"""Record a seizure, its renewal, or its lifting."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from auction.fund.case_seizures import note_seizure, note_seizure_lifted
from auction.kernel.actors import Actor, require_role
from auction.kernel.db import Command, Database, Transaction
from auction.law.case_numbers import parse_case_number
from auction.sale.cases import store
from auction.sale.cases.assets import AssetClass
from auction.sale.cases.cases import OFFICERS, require_text
from auction.sale.cases.seizures import Seizure, SeizureKind, SeizureOfOtherAsset, check_rank_free, check_term
from auction.sale.cases.tables import SeizureLiftRow, SeizureRow
from auction.sale.columns import add


class RecordSeizure(Command, frozen=True, kw_only=True):
    """Record this seizure; ``rank`` 1 is the first seizure (首封), higher ranks wait (轮候).

    ``renews`` names the seizure that this one continues; ``handover_ref`` the letter with which another court handed
    the sale over, empty for our own seizure.
    """

    seizure_id: UUID
    asset_id: UUID
    case_id: UUID
    court: str
    case_number: str
    kind: SeizureKind
    rank: int
    valid_from: date
    valid_until: date
    document_ref: str
    renews: UUID | None = None
    handover_ref: str = ""


class LiftSeizure(Command, frozen=True, kw_only=True):
    """Record that a seizure was lifted; ``lifted_on`` is the first day without it."""

    seizure_id: UUID
    case_id: UUID
    lifted_on: date
    document_ref: str


async def record_seizure(db: Database, actor: Actor, command: RecordSeizure) -> UUID:
    """Record the seizure and give its id.

    Raises: `CaseNumberMalformed`, `FieldMissing`, `SeizureEndsBeforeStart`, `SeizureTooLong`, `FirstSeizureTaken`, `SeizureUnknown`,
    `SeizureOfOtherAsset`.
    Source: Interp. 485; 查扣冻 26.
    """
    require_role(actor, *OFFICERS)
    case_number = str(parse_case_number(command.case_number))
    court = require_text("seizure.court", command.court)
    document_ref = require_text("seizure.document_ref", command.document_ref)
    if not 1 <= command.rank <= 99:
        require_text("seizure.rank", "")

    async def work(tx: Transaction) -> UUID:
        await tx.about_case(command.case_id)
        asset = await store.asset_row(tx, command.case_id, command.asset_id)
        check_term(AssetClass(asset.asset_class), valid_from=command.valid_from, valid_until=command.valid_until)
        if command.renews is not None:
            renewed = await store.seizure_row(tx, command.case_id, command.renews)
            if renewed.asset_id != command.asset_id:
                raise SeizureOfOtherAsset(field="renews")
        check_rank_free(await store.seizures_of(tx, command.asset_id), _noun(command, court, case_number))
        row = SeizureRow(
            seizure_id=command.seizure_id,
            asset_id=command.asset_id,
            case_id=command.case_id,
            court=court,
            case_number=case_number,
            kind=command.kind,
            rank=command.rank,
            valid_from=command.valid_from,
            valid_until=command.valid_until,
            renews=command.renews,
            handover_ref=command.handover_ref.strip(),
            document_ref=document_ref,
            recorded_at=tx.now,
        )
        await add(tx, row)
        case = await store.case_row(tx, command.case_id)
        await note_seizure(
            tx,
            case_id=command.case_id,
            asset_id=command.asset_id,
            seizure_id=command.seizure_id,
            is_own=case.case_number == case_number,
            rank=command.rank,
            valid_from=command.valid_from,
            valid_until=command.valid_until,
            renews=command.renews,
            case_number=case_number,
        )
        return command.seizure_id

    return await db.carry_out(actor, command, work, UUID)


async def lift_seizure(db: Database, actor: Actor, command: LiftSeizure) -> UUID:
    """Record the lifting. Raises: `SeizureUnknown`, `OtherCase`, `FieldMissing`."""
    require_role(actor, *OFFICERS)
    document_ref = require_text("seizure.document_ref", command.document_ref)

    async def work(tx: Transaction) -> UUID:
        await tx.about_case(command.case_id)
        await store.seizure_row(tx, command.case_id, command.seizure_id)
        row = SeizureLiftRow(
            seizure_id=command.seizure_id,
            lifted_on=command.lifted_on,
            document_ref=document_ref,
            recorded_at=tx.now,
        )
        await add(tx, row)
        await note_seizure_lifted(tx, seizure_id=command.seizure_id, lifted_on=command.lifted_on)
        return command.seizure_id

    return await db.carry_out(actor, command, work, UUID)


def _noun(command: RecordSeizure, court: str, case_number: str) -> Seizure:
    return Seizure(
        seizure_id=command.seizure_id,
        court=court,
        case_number=case_number,
        rank=command.rank,
        valid_from=command.valid_from,
        valid_until=command.valid_until,
        handover_ref=command.handover_ref,
    )
