"""A worker that asks the company register, to be killed between the answer and its note."""

from __future__ import annotations

import asyncio
import sys
import uuid

import msgspec

from auction.kernel.db import Database
from auction.kernel.jobs import Job
from auction.kernel.partners import Partner
from auction.kernel.sealing import Sealer
from auction.kernel.signed_calls import SignedClient
from auction.sale.guards.ask_control import ASK_CONTROL, AskControl, handle_ask_control
from auction.sale.guards.control_client import ControlClient
from tests.web.partners.list_child import Errand


async def main(errand: Errand) -> None:
    """Run the job once, as the worker does."""
    db = Database(errand.database_url, Sealer(errand.sealer_secret.encode()))
    partner = msgspec.convert(errand.partner, Partner)
    payload = msgspec.json.encode(AskControl(question_id=errand.question_id))
    job = Job(job_id=uuid.uuid4(), kind=ASK_CONTROL, payload=payload, attempts=0)
    await handle_ask_control(db, ControlClient("companies", partner, SignedClient(partner)), job)


if __name__ == "__main__":
    asyncio.run(main(msgspec.json.decode(sys.stdin.buffer.read(), type=Errand)))
