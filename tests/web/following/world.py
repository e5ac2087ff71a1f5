"""Somebody who follows, the sandbox that carries messages, and a worker that works off what is due."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from auction.kernel.actors import Actor
from auction.kernel.db import Database
from auction.kernel.errors import FaultOfOthers
from auction.kernel.ids import new_id
from auction.kernel.jobs import Job
from tests.auction.sale.world import World as Sale
from tests.web.partners.conftest import Street, eventually
from web.following.follow import Follow, follow
from web.following.following import Channel
from web.following.keep_contact import AddContact, ConfirmContact, add_contact, confirm_contact
from web.following.message_client import MessageClient
from web.following.send_message import (
    CHECK_MESSAGE,
    PostOffice,
    handle_check_message,
    handle_send_message,
)
from web.following.store import SEND_MESSAGE

SITE = "http://127.0.0.1:8000"
MAIL, MOBILE = "Buyer.One@example.com", "138 0013 8000"


class Following:
    """All that a test of following needs."""

    def __init__(self, sale: Sale, street: Street, person: Actor, **changes: str) -> None:
        """Bind; nothing is stored yet."""
        self.sale, self.street, self.person = sale, street, person
        carrier = MessageClient(street.signed("messages", **changes))
        self.office = PostOffice(messengers=dict.fromkeys(Channel, carrier), site_url=SITE)

    @property
    def db(self) -> Database:
        """The database."""
        return self.sale.db

    async def work(self, kind: str = SEND_MESSAGE) -> list[str]:
        """Work off what is due of one kind, each once, as a worker does; gives the faults."""
        handle = {SEND_MESSAGE: handle_send_message, CHECK_MESSAGE: handle_check_message}[kind]
        faults = []
        for row in await self.sale.jobs(kind):
            job = Job(job_id=row.job_id, kind=kind, payload=bytes(row.payload), attempts=0)
            try:
                await handle(self.db, self.office, job)
            except FaultOfOthers as fault:
                faults.append(type(fault).__name__)
        return faults

    async def taken(self) -> list[dict[str, Any]]:
        """Give the messages that the carrier took."""
        found: list[dict[str, Any]] = (await self.street.order("messages", do="messages"))["messages"]
        return found

    async def delivered(self, count: int) -> list[dict[str, Any]]:
        """Wait until the carrier has settled so many messages."""
        return await eventually(
            self.taken, lambda rows: len(rows) == count and all(row["state"] != "accepted" for row in rows)
        )

    async def states(self) -> list[tuple[str, str, str]]:
        """Give kind, state and fault of every message, the oldest first."""
        rows = await self.sale.rows("SELECT kind, state, fault FROM web.message ORDER BY made_at, message_id")
        return [(row.kind, row.state, row.fault) for row in rows]

    async def contact(self, address: str = MAIL, *, person: Actor | None = None) -> UUID:
        """Add an address and confirm it by the code that came."""
        owner = person or self.person
        contact_id = await add_contact(
            self.db, owner, AddContact(command_id=new_id(), contact_id=new_id(), address=address)
        )
        assert await self.work() == []
        code = code_in((await self.taken())[-1])
        command = ConfirmContact(command_id=new_id(), contact_id=contact_id, typed=code)
        assert await confirm_contact(self.db, owner, command)
        return contact_id

    async def follow(self, contact_id: UUID, **what: Any) -> UUID:  # noqa: ANN401 - fields of the command
        """Follow a search or a lot."""
        command = Follow(command_id=new_id(), followed_id=new_id(), contact_id=contact_id, **what)
        return await follow(self.db, self.person, command)


def code_in(message: Mapping[str, Any]) -> str:
    """Find the code in a message."""
    return next(
        part for part in "".join(c if c.isdecimal() else " " for c in message["text"]).split() if len(part) == 6
    )
