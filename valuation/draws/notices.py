"""Who was told of a draw's time and place beforehand (practice 9): a notice for each party on file, served like any paper.

1. Addressees are the parties on file when the pool is frozen; who comes later finds the publication.
2. A party was told beforehand when its service took effect before the day of the draw, or on that day and was on record before
   the hour. A service counts once, the first one.
3. Who was not told is a flaw that stands on the draw's page. Only where the court's setting says so (`all_told`) it is a refusal:
   a party that hides must not be able to stop every draw.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime
from uuid import UUID

import msgspec
from sqlalchemy import text

from auction.contracts import DocumentServed, DrawAnnounced
from auction.kernel.clock import local_day
from auction.kernel.db import Database, Transaction
from auction.kernel.errors import Conflict
from auction.kernel.ids import named_id
from auction.kernel.jobs import Job, enqueue
from valuation.draw_v1.draw_pool import BeaconRound, Pool, pool_sha256
from valuation.selections import store_of_draws
from valuation.selections.store_of_draws import Draw

ISSUE_DRAW_NOTICE = "sale.issue_draw_notice"
NOTICE_KIND = "draw_notice"


class Addressee(msgspec.Struct, frozen=True, kw_only=True):
    """A party to be told, and when it was; ``None``: no service is on record."""

    party_id: UUID
    effective_on: date | None
    noted_at: datetime | None


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """How many parties were to be told of a draw, and how many were beforehand: what is public of it."""

    addressees: int
    told: int

    @property
    def untold(self) -> int:
        """How many were not."""
        return self.addressees - self.told


class PartiesNotTold(Conflict):
    """By the court's setting every party on file is told before the draw; some were not."""

    code = "draw_parties_not_told"
    article = "practice 9; house: the court's setting"
    zh = "按照本院设置，摇号前应当通知全部当事人；尚有 {untold} 名没有送达记录。"
    en = "By the court's setting every party is told before the draw; of {untold} no service is on record in time."


def notice_id(draw_id: UUID) -> UUID:
    """Give the id of a draw's notice, by which its services are known again."""
    return named_id("notice of a draw", str(draw_id))


def was_told(addressee: Addressee, draw_at: datetime) -> bool:
    """Whether a party was told beforehand (rule 2)."""
    if addressee.effective_on is None or addressee.noted_at is None:
        return False
    day = local_day(draw_at)
    return addressee.effective_on < day or (addressee.effective_on == day and addressee.noted_at < draw_at)


def count_told(addressees: Sequence[Addressee], draw_at: datetime) -> Told:
    """Count who was told beforehand."""
    return Told(addressees=len(addressees), told=sum(was_told(one, draw_at) for one in addressees))


async def announce(tx: Transaction, made: Draw, pool: Pool, parties: Collection[UUID]) -> None:
    """Note whom to tell, and have the notice made; in the transaction that freezes the pool."""
    for party_id in parties:
        await tx.session.execute(
            text("INSERT INTO valuation.draw_addressee (draw_id, party_id) VALUES (:id, :party)"),
            {"id": made.draw_id, "party": party_id},
        )
    frozen = await store_of_draws.draw(tx, made.draw_id)
    announced = DrawAnnounced(
        draw_id=made.draw_id,
        case_id=made.case_id,
        document_id=notice_id(made.draw_id),
        asset=pool.asset,
        office=pool.drawn_by,
        second="drand" if isinstance(pool.second, BeaconRound) else "secret",
        pool_sha256=pool_sha256(pool),
        members=len(pool.members),
        commit_by=frozen.times.commit_by,
        reveal_by=frozen.times.reveal_by,
        draw_at=frozen.times.draw_at,
    )
    await enqueue(tx, ISSUE_DRAW_NOTICE, announced)


async def handle_note_notice(db: Database, job: Job) -> None:
    """Note that a notice reached a party; the first service counts, and one of another paper changes nothing."""
    served = job.decode(DocumentServed)
    if served.document_kind != NOTICE_KIND:
        return

    async def work(tx: Transaction) -> None:
        await tx.about_case(served.case_id)
        for draw_id in await _announced(tx, served.case_id):
            if notice_id(draw_id) == served.document_id:
                await _add_notice(tx, draw_id, served)

    await db.transact(work)


async def addressees_of(tx: Transaction, draw_id: UUID) -> list[Addressee]:
    """Give whom a draw's notice is for; nobody: frozen before there were notices, or not frozen."""
    rows = await tx.session.execute(
        text(
            "SELECT a.party_id, n.effective_on, n.noted_at FROM valuation.draw_addressee a "
            "LEFT JOIN valuation.draw_notice n USING (draw_id, party_id) WHERE a.draw_id = :id ORDER BY a.party_id"
        ),
        {"id": draw_id},
    )
    return [Addressee(**row) for row in rows.mappings()]


async def require_all_told(tx: Transaction, made: Draw) -> None:
    """Refuse (`PartiesNotTold`) while somebody was not told beforehand."""
    untold = await untold_of(tx, made)
    if untold:
        raise PartiesNotTold(untold=untold)


async def untold_of(tx: Transaction, made: Draw) -> int:
    """Count the parties whom the notice of a frozen draw did not reach beforehand."""
    return count_told(await addressees_of(tx, made.draw_id), made.times.draw_at).untold


async def notices_of(tx: Transaction, parties: Collection[UUID]) -> dict[UUID, date]:
    """Give for each draw when its notice reached one of these parties."""
    rows = await tx.session.execute(
        text(
            "SELECT draw_id, min(effective_on) AS effective_on FROM valuation.draw_notice "
            "WHERE party_id = ANY(:parties) GROUP BY draw_id"
        ),
        {"parties": list(parties)},
    )
    return {row.draw_id: row.effective_on for row in rows}


async def _announced(tx: Transaction, case_id: UUID) -> list[UUID]:
    rows = await tx.session.execute(
        text("SELECT draw_id FROM valuation.draw JOIN valuation.draw_pool USING (draw_id) WHERE case_id = :id"),
        {"id": case_id},
    )
    return [row.draw_id for row in rows]


async def _add_notice(tx: Transaction, draw_id: UUID, served: DocumentServed) -> None:
    """Keep the first service on an addressee; of anybody else nothing."""
    await tx.session.execute(
        text(
            "INSERT INTO valuation.draw_notice (draw_id, party_id, service_id, effective_on, noted_at) "
            "SELECT draw_id, party_id, :service, :on, :now FROM valuation.draw_addressee "
            "WHERE draw_id = :id AND party_id = :party ON CONFLICT DO NOTHING"
        ),
        {
            "id": draw_id,
            "party": served.party_id,
            "service": served.service_id,
            "on": served.effective_on,
            "now": tx.now,
        },
    )
