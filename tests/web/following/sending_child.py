"""A worker that sends one message, to be killed between the carrier's taking it and its note."""

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
from web.following.following import Channel
from web.following.message_client import MessageClient
from web.following.send_message import PostOffice, handle_send_message
from web.following.store import SEND_MESSAGE, SendMessage


class Errand(msgspec.Struct, frozen=True, kw_only=True):
    """What the child is told."""

    database_url: str
    sealer_secret: str
    partner: dict[str, str]
    message_id: UUID


async def main(errand: Errand) -> None:
    """Run the job once, as the worker does."""
    db = Database(errand.database_url, Sealer(errand.sealer_secret.encode()))
    carrier = MessageClient(SignedClient(msgspec.convert(errand.partner, Partner)))
    office = PostOffice(messengers=dict.fromkeys(Channel, carrier), site_url="http://127.0.0.1:8000")
    payload = msgspec.json.encode(SendMessage(message_id=errand.message_id))
    await handle_send_message(db, office, Job(job_id=uuid.uuid4(), kind=SEND_MESSAGE, payload=payload, attempts=0))


if __name__ == "__main__":
    asyncio.run(main(msgspec.json.decode(sys.stdin.buffer.read(), type=Errand)))
