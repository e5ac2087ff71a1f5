"""A lot that failed twice and is sold off, for tests of whoever meets one."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from auction.kernel.clock import local
from auction.kernel.ids import new_id
from auction.kernel.money import Money
from auction.sale.lots.panel import AfterFailureProposal, Vote
from auction.sale.lots.publish_notice import Published
from auction.sale.lots.put_question import PutQuestion, put_question
from auction.sale.rounds.choose_after_failure import ChooseAfterFailure, choose_after_failure
from auction.sale.rounds.rounds import Choice
from tests.auction.sale.world import World
from tests.stages import staged

PRICE = Money.yuan(1_680_000)
"""The start of the second auction, which nobody paid."""
DEPOSIT = Money.yuan(168_000)
SECOND_OPENS = local(date(2027, 5, 6), 10)
OPENS = local(date(2027, 6, 1), 10)
PERIOD = timedelta(days=60)
ALL: tuple[Vote, Vote, Vote] = ("approve", "approve", "approve")


async def choose(world: World, choice: Choice) -> None:
    """Let the panel decide what follows a failed round."""
    question_id = new_id()
    proposal = AfterFailureProposal(lot_id=world.lot_id, round_id=world.round_id, choice=choice)
    question = PutQuestion(command_id=new_id(), question_id=question_id, proposal=proposal)
    await put_question(world.db, world.handler, question)
    await world.vote(question_id, *ALL)
    command = ChooseAfterFailure(
        command_id=new_id(), round_id=world.round_id, choice=choice, reason="示例理由", question_id=question_id
    )
    await choose_after_failure(world.db, world.handler, command)


def offer(kind: str, opens_at: datetime, closes_at: datetime, **changes: object) -> dict[str, object]:
    """Give the terms of a later round."""
    money = {"reserve_fen": PRICE.fen, "deposit_fen": DEPOSIT.fen}
    return {"kind": kind, **money, "opens_at": opens_at, "closes_at": closes_at, **changes}


async def announce(world: World, told_on: date, announced_on: date, **terms: object) -> Published:
    """List, decide, tell and announce a later round."""
    listed = await world.list(**terms)
    await world.vote(listed.question_id, *ALL)
    await world.decide()
    await world.rule_and_notify(local(told_on, 9))
    await world.at(local(announced_on, 9))
    world.round_id = new_id()
    return await world.publish(world.round_id)


@staged
async def twice_failed(world: World) -> None:
    """Go to a lot that nobody wanted twice; the panel chose the sell-off on 7 May 2027."""
    published = await world.announced()
    await world.close(world.outcome(published, None))
    await choose(world, "second_round")
    second = offer("second", SECOND_OPENS, SECOND_OPENS + timedelta(days=1))
    published = await announce(world, date(2027, 4, 8), date(2027, 4, 12), **second)
    closed_at = SECOND_OPENS + timedelta(days=1)
    await world.close(world.outcome(published, None, closed_at=closed_at))
    await choose(world, "sell_off")


@staged
async def sell_off(world: World) -> Published:
    """Go to an announced sell-off."""
    await twice_failed(world)
    return await announce(world, date(2027, 5, 7), date(2027, 5, 12), **offer("sell_off", OPENS, OPENS + PERIOD))
