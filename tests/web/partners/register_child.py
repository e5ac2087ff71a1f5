"""A worker that asks one register, to be killed between the answer and its note."""

from __future__ import annotations

import asyncio
import sys
import uuid
from uuid import UUID

import msgspec

from auction.kernel.db import Database
from auction.kernel.jobs import Job
from auction.kernel.partners import Partner
from auction.kernel.sealing import Sealer
from auction.kernel.signed_calls import SignedClient
from valuation.facts.ask_register import ASK_REGISTER, AskNow, handle_ask_register
from valuation.facts.register_client import RegisterClient


class Errand(msgspec.Struct, frozen=True, kw_only=True):
    """What the child is told."""

    database_url: str
    sealer_secret: str
    partner: dict[str, str]
    question_id: UUID


async def main(errand: Errand) -> None:
    """Run the job once, as the worker does."""
    db = Database(errand.database_url, Sealer(errand.sealer_secret.encode()))
    partner = msgspec.convert(errand.partner, Partner)
    register = RegisterClient("registry", partner, SignedClient(partner))
    payload = msgspec.json.encode(AskNow(question_id=errand.question_id))
    job = Job(job_id=uuid.uuid4(), kind=ASK_REGISTER, payload=payload, attempts=0)
    await handle_ask_register(db, {"registry": register}, job)


if __name__ == "__main__":
    asyncio.run(main(msgspec.json.decode(sys.stdin.buffer.read(), type=Errand)))
