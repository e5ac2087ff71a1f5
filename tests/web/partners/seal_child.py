"""A process that has one document sealed, to be killed between asking and recording."""

from __future__ import annotations

import asyncio
import sys
from uuid import UUID

import msgspec

from auction.kernel.actors import Actor
from auction.kernel.db import Database
from auction.kernel.partners import Partner
from auction.kernel.sealing import Sealer
from auction.kernel.signed_calls import SignedClient
from auction.sale.cases.seal_client import SealClient
from auction.sale.cases.seal_document import SealDocument, seal_document


class Errand(msgspec.Struct, frozen=True, kw_only=True):
    """What the child is told."""

    database_url: str
    sealer_secret: str
    partner: dict[str, str]
    actor: Actor
    command_id: UUID
    case_id: UUID
    document_id: UUID


async def main(errand: Errand) -> None:
    """Click once, as the site does."""
    db = Database(errand.database_url, Sealer(errand.sealer_secret.encode()))
    seal = SealClient(SignedClient(msgspec.convert(errand.partner, Partner)))
    command = SealDocument(command_id=errand.command_id, case_id=errand.case_id, document_id=errand.document_id)
    await seal_document(db, errand.actor, command, seal=seal)


if __name__ == "__main__":
    asyncio.run(main(msgspec.json.decode(sys.stdin.buffer.read(), type=Errand)))
