"""Take a card provider's event into the inbox, and act on it later, once.

1. The signature is verified on the raw bytes; nothing else of the event is believed.
2. The event is stored under the provider's own id before anybody is answered; a second arrival changes nothing.
3. A job reads the object again from the provider and acts on what it is *now*; so events may come twice, late and
   in any order.
"""

from __future__ import annotations

import msgspec
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from auction.fund.channels.tables import ProviderEventRow
from auction.fund.deposits import store
from auction.fund.deposits.send_refund import note_refund_seen
from auction.fund.deposits.start_card_payment import push_card_payment
from auction.fund.deposits.tables import CardPaymentRow, RefundRow
from auction.fund.gateway import CardGateway
from auction.kernel.db import Database, Transaction
from auction.kernel.jobs import Job, enqueue

ACT_ON_EVENT = "fund.act_on_event"
MAX_BODY_BYTES = 256 * 1024


class EventTaken(msgspec.Struct, frozen=True, kw_only=True):
    """Payload of the job that acts on an event."""

    event_id: str
    payment_provider_id: str | None


async def take_provider_event(db: Database, cards: CardGateway, *, body: bytes, signature: str) -> bool:
    """Store an event and say whether it is new. Raises `EventForged`; the caller answers only after this returned."""
    assert len(body) <= MAX_BODY_BYTES, "the site refuses longer bodies before it reads them"
    event = cards.read_event(body, signature)

    async def work(tx: Transaction) -> bool:
        stored = await tx.session.execute(
            insert(ProviderEventRow)
            .values(
                event_id=event.event_id,
                kind=event.kind,
                object_id=event.object_id,
                body_sealed=tx.sealer.seal(body.decode("utf-8", "replace")),
                received_at=tx.now,
            )
            .on_conflict_do_nothing()
            .returning(ProviderEventRow.event_id)
        )
        if stored.scalar_one_or_none() is None:
            return False
        taken = EventTaken(event_id=event.event_id, payment_provider_id=event.payment_provider_id)
        await enqueue(tx, ACT_ON_EVENT, taken)
        return True

    return await db.transact(work)


async def handle_act_on_event(db: Database, cards: CardGateway, job: Job) -> None:
    """Read the payment that an event is about, and its open refunds, and act on what they are now (rule 3)."""
    taken = job.decode(EventTaken)
    if taken.payment_provider_id is not None:
        await _act_on_payment(db, cards, taken.payment_provider_id)

    async def note(tx: Transaction) -> None:
        row = await tx.session.get(ProviderEventRow, taken.event_id)
        if row is not None and row.acted_at is None:
            row.acted_at = tx.now
            await tx.session.flush()

    await db.transact(note)


async def _act_on_payment(db: Database, cards: CardGateway, provider_id: str) -> None:
    async with db.reading() as tx:
        payment = await store.payment_by_provider(tx, provider_id)
        refunds = [] if payment is None else await _refunds_of(tx, payment)
    if payment is None:
        # Perhaps the event overtook the answer to our own call: the provider's copy of our id tells.
        await _adopt(db, cards, provider_id)
        return
    await push_card_payment(db, cards, payment.payment_id)
    for refund in refunds:
        seen = await cards.find_refund(refund.provider_id) if refund.provider_id is not None else None
        if seen is not None:
            picture, refund_id = seen, refund.refund_id
            await db.transact(lambda tx, r=refund_id, s=picture: note_refund_seen(tx, r, s))  # type: ignore[misc]  # bound early


async def _adopt(db: Database, cards: CardGateway, provider_id: str) -> None:
    seen = await cards.find(provider_id)
    async with db.reading() as tx:
        found = await tx.session.execute(
            select(CardPaymentRow.payment_id).where(CardPaymentRow.provider_id.is_(None)).limit(store.MAX_ROWS)
        )
        waiting = {str(payment_id): payment_id for payment_id in found.scalars()}
    if seen.payment_id in waiting:
        await push_card_payment(db, cards, waiting[seen.payment_id])


async def _refunds_of(tx: Transaction, payment: CardPaymentRow) -> list[RefundRow]:
    found = await tx.session.execute(
        select(RefundRow).where(RefundRow.payment_id == payment.payment_id, RefundRow.channel == "card")
    )
    return list(found.scalars())
