"""Open a case: put an enforcement file on record."""

from __future__ import annotations

from uuid import UUID

from auction.fund.case_file import note_court
from auction.fund.ledger.open_case_fund import open_case_fund
from auction.kernel.actors import Actor, require_role
from auction.kernel.db import Command, Database, Transaction
from auction.sale.cases import store
from auction.sale.cases.cases import (
    OFFICERS,
    CaseNumberTaken,
    Instrument,
    check_instrument,
    check_sale_number,
    require_telephone,
    require_text,
)
from auction.sale.cases.tables import CaseRow
from auction.sale.columns import add


class OpenCase(Command, frozen=True, kw_only=True):
    """Open this file; ``handler_person_id`` is the natural person who handles it (承办)."""

    case_id: UUID
    case_number: str
    court: str
    handler_person_id: UUID
    handler_name: str
    telephone: str
    supervision_telephone: str
    instrument: Instrument
    case_account_number: str


async def open_case(db: Database, actor: Actor, command: OpenCase) -> UUID:
    """Put the file on record, open its fund under its own account number, and give its id.

    Raises: `CaseNumberMalformed`, `NotASaleFile`, `FieldMissing`, `CaseNumberTaken`, `CaseAccountTaken`.
    """
    require_role(actor, *OFFICERS)
    row = _checked(command)

    async def work(tx: Transaction) -> UUID:
        await tx.about_case(command.case_id)
        if await store.case_by_number(tx, row["case_number"]) is not None:
            raise CaseNumberTaken(case_number=row["case_number"])
        await add(
            tx,
            CaseRow(
                case_id=command.case_id,
                handler_person_id=command.handler_person_id,
                instrument_is_secret=command.instrument.is_secret,
                opened_at=tx.now,
                **row,
            ),
        )
        await open_case_fund(tx, case_id=command.case_id, account_number=row["case_account_number"])
        await note_court(tx, case_id=command.case_id, court=row["court"])
        return command.case_id

    return await db.carry_out(actor, command, work, UUID)


def _checked(command: OpenCase) -> dict[str, str]:
    """The texts of the file in canonical form; refuses whatever is missing."""
    number = check_sale_number(command.case_number)
    return {
        "case_number": str(number),
        "court": require_text("court", command.court),
        "court_code": number.court_code,
        "handler_name": require_text("handler_name", command.handler_name),
        "telephone": require_telephone("telephone", command.telephone),
        "supervision_telephone": require_telephone("supervision_telephone", command.supervision_telephone),
        "instrument": command.instrument.title.strip(),
        "instrument_number": check_instrument(command.instrument),
        "instrument_court": command.instrument.court.strip(),
        "case_account_number": require_text("case_account_number", command.case_account_number),
    }
