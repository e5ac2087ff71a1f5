"""Send a message, and ask later what became of it (handlers).

1. A message is sent under its own id: the one who carries it takes an id once, so that a worker that died between sending and noting it
   sends nothing twice.
2. What is ended before it is sent, is not sent.
3. A line that is down is tried again as every job is; a refusal is final. Each stands in the message's state.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Final, Protocol
from uuid import UUID

import msgspec
from sqlalchemy import select

from auction.kernel.db import Database, Transaction
from auction.kernel.errors import FaultOfOthers
from auction.kernel.jobs import MAX_ATTEMPTS, Job, enqueue
from auction.kernel.log import get_log
from auction.kernel.signed_calls import PartnerRefused
from web.catalogue.store import cards_of
from web.following import wording
from web.following.follow import link_token
from web.following.following import Channel, MessageState
from web.following.store import SendMessage, note_state
from web.following.tables import ContactRow, FollowedRow, MessageRow, NewsRow
from web.following.wording import Outgoing
from web.texts import read_locale, speaking

CHECK_MESSAGE: Final = "web.check_message"
CHECKS: Final = 6
FIRST_CHECK: Final = timedelta(minutes=1)
NO_LINE: Final = "no_line"

log = get_log("web.following")


class Messenger(Protocol):
    """Whoever carries messages of one channel."""

    async def send(self, message: Outgoing) -> MessageState:
        """Hand a message over, once per id, however often it is called; gives how it stands.

        Raises: `PartnerRefused` (for good), `FaultOfOthers` (try again).
        """
        ...

    async def state_of(self, message_id: UUID) -> MessageState:
        """Ask how a message stands; *accepted* where no more is known."""
        ...


class PostOffice(msgspec.Struct, frozen=True, kw_only=True):
    """Who carries what, and where the site stands to which messages lead."""

    messengers: Mapping[Channel, Messenger]
    site_url: str


async def handle_send_message(db: Database, office: PostOffice, job: Job) -> None:
    """Send one message; one that was sent or ended is left."""
    message_id = job.decode(SendMessage).message_id
    message = await db.transact(lambda tx: _compose(tx, message_id, office.site_url))
    if message is None:
        return
    messenger = office.messengers.get(message.channel)
    if messenger is None:
        await db.transact(lambda tx: note_state(tx, message_id, MessageState.GIVEN_UP, fault=NO_LINE))
        return
    try:
        state = await messenger.send(message)
    except PartnerRefused as refused:
        code = refused.code
        await db.transact(lambda tx: note_state(tx, message_id, MessageState.REFUSED, fault=code))
        return
    except FaultOfOthers as fault:
        said, is_last = type(fault).__name__, job.attempts + 1 >= MAX_ATTEMPTS
        after = MessageState.GIVEN_UP if is_last else MessageState.WAITING
        await db.transact(lambda tx: note_state(tx, message_id, after, fault=said))
        raise
    await db.transact(lambda tx: _note_sent(tx, message_id, state, asked=0))


async def handle_check_message(db: Database, office: PostOffice, job: Job) -> None:
    """Ask what became of a message, after growing pauses, `CHECKS` times; then it stays *accepted*."""
    payload = job.decode(SendMessage)
    async with db.reading() as tx:
        found = select(MessageRow.state, ContactRow.channel).join(
            ContactRow, ContactRow.contact_id == MessageRow.contact_id
        )
        row = (await tx.session.execute(found.where(MessageRow.message_id == payload.message_id))).one()
    messenger = office.messengers.get(Channel(row.channel))
    if row.state != MessageState.ACCEPTED or messenger is None:
        return
    state = await messenger.state_of(payload.message_id)
    await db.transact(lambda tx: _note_sent(tx, payload.message_id, state, asked=payload.asked + 1))


async def _note_sent(tx: Transaction, message_id: UUID, state: MessageState, *, asked: int) -> None:
    await note_state(tx, message_id, state)
    if state is MessageState.ACCEPTED and asked < CHECKS:
        payload = SendMessage(message_id=message_id, asked=asked)
        await enqueue(tx, CHECK_MESSAGE, payload, due_at=tx.now + FIRST_CHECK * 2**asked)


async def _compose(tx: Transaction, message_id: UUID, site_url: str) -> Outgoing | None:
    """Give the message as it leaves and count the try; ``None``: it has left, or is not wanted any more."""
    row = await tx.session.get(MessageRow, message_id, with_for_update=True)
    assert row is not None, "a message is made with its job"
    if row.state != MessageState.WAITING:
        return None
    contact = await tx.session.get_one(ContactRow, row.contact_id)
    followed = None if row.followed_id is None else await tx.session.get_one(FollowedRow, row.followed_id)
    is_over = followed is not None and followed.ended_at is not None
    if is_over or contact.address_sealed is None or (followed is None and contact.code_sealed is None):
        await note_state(tx, message_id, MessageState.ENDED)
        return None
    row.tries += 1
    channel = Channel(contact.channel)
    if followed is None:
        assert contact.code_sealed is not None, "looked at above"
        subject, said = wording.code_words(tx.sealer.open(contact.code_sealed))
        ends_at = ""
    else:
        ends_at = f"{site_url}/unfollow/{followed.followed_id}/{link_token(tx, followed.followed_id)}"
        subject, said = await _say(tx, row, followed, channel=channel, site_url=site_url, ends_at=ends_at)
    return Outgoing(
        message_id=message_id,
        channel=channel,
        recipient=tx.sealer.open(contact.address_sealed),
        subject=subject,
        text=said,
        ends_at=ends_at,
    )


async def _say(
    tx: Transaction, row: MessageRow, followed: FollowedRow, *, channel: Channel, site_url: str, ends_at: str
) -> tuple[str, str]:
    about = select(NewsRow.lot_id).where(NewsRow.message_id == row.message_id).distinct().order_by(NewsRow.lot_id)
    cards, _ = await cards_of(tx, (await tx.session.scalars(about)).all())
    with speaking(read_locale(followed.locale) or "zh"):
        if row.kind == "reminder":
            return wording.reminder_words(cards[0], channel=channel, site_url=site_url, ends_at=ends_at)
        return wording.news_words(cards, channel=channel, site_url=site_url, ends_at=ends_at)
