"""Seal the decided links that a version before 0072 wrote in plain, and empty what its messages said of persons.

Each night and each start of a worker: a step at a time, each one transaction, until none is left. Killed, it goes on where it was; two at
once wait for each other's rows. A process of before may write in plain while it is being replaced, so the next night looks again.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import select, text

from auction.kernel.db import Database, Transaction
from auction.sale.links.decided import TELL_ROOMS, TELL_ROOMS_OF_REVOCATION
from auction.sale.links.store import seal_words, words_of
from auction.sale.links.tables import DecidedLinkRow, LinkRevocationRow

STEP: Final = 200
"""Rows of one step."""
_EMPTY_MESSAGES = text(
    "UPDATE kernel.job SET payload = convert_to('{}', 'UTF8') WHERE kind = ANY(:kinds) AND state = 'done' "
    "AND payload <> convert_to('{}', 'UTF8')"
)


async def seal_links(db: Database) -> int:
    """Seal all that stands in plain; gives how many rows were sealed. Repeatable."""
    sealed = 0
    while step := await db.transact(_step):
        sealed += step
    return sealed


async def _step(tx: Transaction) -> int:
    await tx.session.execute(_EMPTY_MESSAGES, {"kinds": [TELL_ROOMS, TELL_ROOMS_OF_REVOCATION]})
    links = select(DecidedLinkRow).where(DecidedLinkRow.words_sealed.is_(None)).limit(STEP).with_for_update()
    rows = (await tx.session.scalars(links)).all()
    for row in rows:
        seal_words(tx, row, words_of(tx, row))
    revoked = select(LinkRevocationRow).where(LinkRevocationRow.reason_sealed.is_(None)).limit(STEP).with_for_update()
    revocations = (await tx.session.scalars(revoked)).all()
    for revocation in revocations:
        assert revocation.reason is not None, "a revocation that is not sealed has its reason in plain"
        revocation.reason_sealed, revocation.reason = tx.sealer.seal(revocation.reason), None
    await tx.session.flush()
    return len(rows) + len(revocations)
