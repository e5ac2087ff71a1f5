"""A pack is made once: sent twice, sent at the same time, cut off in the middle, or under another's id."""

from __future__ import annotations

import asyncio
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from auction.kernel.actors import Actor
from auction.kernel.db import Transaction
from auction.kernel.errors import FaultOfOthers, Refusal
from auction.kernel.ids import new_id
from bidding.integrity.evidence.kept_controls import KeptControls
from bidding.integrity.evidence.make_pack import MakePack, make_pack
from bidding.integrity.evidence.pack import PackKey
from tests.web.pages.market.market import Market
from tests.web.pages.market.test_findings_in_browser import closed, running
from web.participants_of_rounds import ParticipantsOfRounds

KEY = PackKey(b"\x31" * 32)


class DyingControls(KeptControls):
    """Controls in whose reading the connection of the making process is ended by the server, as by its death."""

    async def newest(self, tx: Transaction) -> bytes | None:
        """Die after word and look were written, before the pack is."""
        await tx.session.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))
        return await super().newest(tx)


async def made(market: Market, judge: Actor, command: MakePack, controls: KeptControls) -> UUID:
    """Make the pack."""
    return await make_pack(
        market.sale.db, judge, command, participants=ParticipantsOfRounds(), controls=controls, pack_key=KEY
    )


async def standing(market: Market) -> tuple[int, int, int]:
    """Count the packs, the words and the looks that stand."""
    async with market.sale.db.reading() as tx:
        counted = await tx.session.execute(
            text(
                "SELECT (SELECT count(*) FROM bidding.evidence_pack), "
                "(SELECT count(*) FROM bidding.finding_word WHERE act = 'pack'), "
                "(SELECT count(*) FROM bidding.finding_look WHERE what = 'pack')"
            )
        )
        packs, words, looks = counted.one()
    return packs, words, looks


@pytest.mark.timeout(300)
async def test_a_pack_is_made_once(market: Market, people: dict[str, Actor]) -> None:
    """Cut off, nothing stands; sent again and at the same time, one pack with one word and one look; its id is nobody else's."""
    address = await running(market, people)
    await closed(market)
    case_id, finding_id = (UUID(part) for part in address.split("/")[3::2])
    judge = people["judge1"]
    command = MakePack(command_id=new_id(), pack_id=new_id(), case_id=case_id, finding_id=finding_id, reason="审查成交")
    with pytest.raises((DBAPIError, FaultOfOthers, OSError)):
        await made(market, judge, command, DyingControls())
    cut_off = await standing(market)
    both = await asyncio.gather(*(made(market, judge, command, KeptControls()) for _ in range(2)))
    again = await made(market, judge, command, KeptControls())
    other = MakePack(
        command_id=new_id(), pack_id=command.pack_id, case_id=case_id, finding_id=finding_id, reason="另一目的"
    )
    with pytest.raises(Refusal, match="pack_made"):
        await made(market, judge, other, KeptControls())

    assert cut_off == (0, 0, 0)
    assert {*both, again} == {command.pack_id}
    assert await standing(market) == (1, 1, 1)
