"""An act that moves a case's money waits for its second person, on real PostgreSQL."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import msgspec
import pytest
from sqlalchemy.exc import DBAPIError

from auction.fund.acts.second_person import (
    ActLapsed,
    ActUnknown,
    ActWaits,
    ConcernedPersonActs,
    EffectChanged,
    NotWhoProposed,
    OtherPaper,
    SamePerson,
)
from auction.fund.acts.store import ActShown, waiting_acts
from auction.fund.agree_to_act import AgreeToAct, WithdrawAct, agree_to_act, withdraw_act
from auction.fund.undoings.end_recovery import EndRecovery, end_recovery
from auction.fund.undoings.reverse_enforcement import ReverseEnforcement, carry_out_reversal, reverse_enforcement
from auction.fund.undoings.store import undoings_of_case
from auction.kernel.actors import Actor, Role
from auction.kernel.db import Database, Transaction
from auction.kernel.ids import PersonId, new_id
from auction.kernel.move_clock import move_clock
from tests.auction.fund.settlement.test_settlement_flow import ORDINARY
from tests.auction.fund.undoings.test_undoing_flow import UndoneSale
from tests.auction.fund.world import World


class ProposedSale(UndoneSale):
    """A sale of which one officer proposed the reversal."""

    async def command(self, **changes: object) -> ReverseEnforcement:
        """Make the command that reverses the ordinary claim."""
        claim_id = next(line.claim_id for line in self.plan.lines if line.kind == "ordinary")
        assert claim_id is not None
        command = ReverseEnforcement(
            command_id=new_id(),
            undoing_id=new_id(),
            case_id=self.world.case_id,
            claim_id=claim_id,
            document_id=new_id(),
        )
        command = msgspec.structs.replace(command, document_id=await self.world.reversal_paper(command))
        return msgspec.structs.replace(command, **changes)

    async def propose(self, by: Actor | None = None) -> ActShown:
        """Propose it."""
        return await reverse_enforcement(self.db, by or self.handler, await self.command())

    async def waiting(self) -> tuple[ActShown, ...]:
        """What waits in the case."""
        async with self.db.reading() as tx:
            return await waiting_acts(tx, self.world.case_id)

    async def was_reversed(self) -> bool:
        """Whether anything was ordered."""
        async with self.db.reading() as tx:
            return bool(await undoings_of_case(tx, self.world.case_id))

    async def as_person(self, person_id: UUID, role: Role = Role.CLERK) -> Actor:
        """Give another account of a person."""
        return msgspec.structs.replace(await self.world.officer(role), person_id=PersonId(person_id))


@pytest.fixture
def sale(db: Database) -> ProposedSale:
    """A sale in a world in which nothing happened yet."""
    return ProposedSale(World(db))


async def test_nothing_moves_on_one_word(sale: ProposedSale) -> None:
    """The proposal waits where it is seen, with what it would do; the proposer's other account, the creditor and another paper do not move it."""
    await sale.settled()
    before = await sale.world.totals()
    act = await sale.propose()

    assert await sale.world.totals() == before
    assert not await sale.was_reversed()
    assert await sale.waiting() == (act,)
    assert act.effect == {"held_fen": ORDINARY, "owed_back_fen": 0, "keeps_fen": 0}
    with pytest.raises(SamePerson):
        await sale.world.agree(act, by=await sale.as_person(sale.handler.person_id))
    with pytest.raises(ConcernedPersonActs):
        await sale.world.agree(act, by=await sale.as_person(sale.persons["applicant"]))
    with pytest.raises(OtherPaper):
        await sale.world.agree(msgspec.structs.replace(act, paper_sha256="ff" * 32))
    assert await sale.waiting() == (act,)

    assert (await sale.world.agree(act)).outcome == "agreed"
    assert await sale.was_reversed()
    assert await sale.waiting() == ()
    with pytest.raises(ActUnknown):
        await sale.world.agree(act)
    await sale.world.require_straight()


async def test_each_word_is_given_once_however_often_it_comes(sale: ProposedSale) -> None:
    """A repeated command gives the first answer; a second proposal of the same act waits for the first."""
    await sale.settled()
    command = await sale.command()
    act = await reverse_enforcement(sale.db, sale.handler, command)

    assert await reverse_enforcement(sale.db, sale.handler, command) == act
    with pytest.raises(ActWaits):
        await sale.propose()
    clerk = await sale.world.officer(Role.CLERK)
    agree = AgreeToAct(command_id=new_id(), act_id=act.act_id, paper_sha256=act.paper_sha256)
    done = await agree_to_act(sale.db, clerk, agree)
    assert await agree_to_act(sale.db, clerk, agree) == done
    await sale.world.require_straight()


async def test_a_proposal_is_turned_down_withdrawn_or_lapses(sale: ProposedSale) -> None:
    """Each of the three ends it without a move of money; only the proposer withdraws; the last instant still counts."""
    await sale.settled()
    turned_down = await sale.world.agree(await sale.propose(), agrees=False)
    assert turned_down.outcome == "refused"

    act = await sale.propose()
    other = await sale.world.officer(Role.CLERK)
    with pytest.raises(NotWhoProposed):
        await withdraw_act(sale.db, other, WithdrawAct(command_id=new_id(), act_id=act.act_id))
    withdrawn = await withdraw_act(sale.db, sale.handler, WithdrawAct(command_id=new_id(), act_id=act.act_id))
    assert withdrawn.outcome == "withdrawn"

    late = await sale.propose()
    await move_clock(sale.db, to=late.lapses_at + timedelta(seconds=1))
    with pytest.raises(ActLapsed):
        await sale.world.agree(late)
    assert await sale.waiting() == ()
    assert not await sale.was_reversed()
    assert (await sale.world.agree(await sale.propose())).outcome == "agreed"


async def test_an_act_that_would_do_something_else_by_now_is_not_agreed(sale: ProposedSale) -> None:
    """Money that came in between makes another amount: it is proposed anew, and nothing is written off meanwhile."""
    await sale.paid_out()
    await sale.reverse("ordinary")
    owed = await sale.owed_by("applicant")
    command = EndRecovery(
        command_id=new_id(),
        recovery_id=owed.recovery_id,
        case_id=sale.world.case_id,
        document_id=await sale.world.document("recovery_end_ruling"),
        reason="下落不明",
    )
    act = await end_recovery(sale.db, sale.handler, command)
    await sale.give_back("applicant", 1)

    with pytest.raises(EffectChanged):
        await sale.world.agree(act)
    assert (await sale.owed_by("applicant")).left_fen == ORDINARY - 1


async def test_the_database_refuses_what_nobody_agreed_to(sale: ProposedSale) -> None:
    """A process that carries the act out without the second word cannot commit it."""
    await sale.settled()
    command = await sale.command()

    async def alone(tx: Transaction) -> None:
        await tx.about_case(sale.world.case_id)
        await carry_out_reversal(tx, command)

    with pytest.raises(DBAPIError, match="act_two_persons"):
        await sale.db.transact(alone)
    assert not await sale.was_reversed()
