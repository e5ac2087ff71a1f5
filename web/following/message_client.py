"""The carrier of mail and text messages over signed HTTP: it takes a message under its id once, and says what became of it."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

import msgspec

from auction.kernel.signed_calls import SignedClient
from web.following.following import MessageState
from web.following.wording import Outgoing

PATH = "/v1/messages"


class _Standing(msgspec.Struct):
    state: Literal["accepted", "delivered", "refused"]


class _Answer(msgspec.Struct):
    message: _Standing


class MessageClient:
    """The carrier; see `web.following.send_message.Messenger`."""

    def __init__(self, client: SignedClient) -> None:
        """Bind to the carrier's client."""
        self._client = client

    async def send(self, message: Outgoing) -> MessageState:
        """Hand it over under its own id."""
        body: dict[str, object] = {
            "message_id": str(message.message_id),
            "channel": message.channel.value,
            "recipient": message.recipient,
            "subject": message.subject,
            "text": message.text,
        }
        return MessageState((await self._client.post(PATH, body, _Answer)).message.state)

    async def state_of(self, message_id: UUID) -> MessageState:
        """Ask how it stands."""
        return MessageState((await self._client.get(f"{PATH}/{message_id}", _Answer)).message.state)
