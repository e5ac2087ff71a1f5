"""A worker that asks one keeper of lists, to be killed between the answer and its note."""

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
from auction.sale.registers.ask_lists import ASK_LIST_QUESTION, AskNow, handle_list_question
from auction.sale.registers.lists_client import ListsClient


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
    keeper = ListsClient("lists-1", partner, SignedClient(partner))
    payload = msgspec.json.encode(AskNow(question_id=errand.question_id))
    job = Job(job_id=uuid.uuid4(), kind=ASK_LIST_QUESTION, payload=payload, attempts=0)
    await handle_list_question(db, {"lists-1": keeper}, job)


if __name__ == "__main__":
    asyncio.run(main(msgspec.json.decode(sys.stdin.buffer.read(), type=Errand)))
