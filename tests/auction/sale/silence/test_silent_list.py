"""A list that is silent or contradicted before the ruling: the wait, the paper, the panel; and the court's own ban."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Literal
from uuid import UUID

import pytest
from sqlalchemy.exc import IntegrityError

from auction.contracts import Admission
from auction.kernel.actors import Actor
from auction.kernel.clock import local, local_day
from auction.kernel.db import Database, Transaction
from auction.kernel.errors import Refusal
from auction.kernel.ids import new_id
from auction.kernel.persons import identity_of
from auction.kernel.signed_questions import Gap
from auction.sale.cases.bar_person import BarPerson, bar_person
from auction.sale.cases.lift_ban import LiftBan, NoOwnBan, lift_ban
from auction.sale.desk import open_clocks
from auction.sale.guards.joint import JointMember
from auction.sale.lots.panel import (
    AlreadyDecided,
    BarredBuyerProposal,
    PanelDisapproved,
    UnclearListProposal,
    Vote,
    VotesOutstanding,
)
from auction.sale.lots.put_question import PutQuestion, put_question
from auction.sale.registers.ask_lists import ask_before
from auction.sale.registers.lists import Entry, Keepers, Question, Reply
from auction.sale.registers.papers import PaperNeedsAnother, PaperNumberTaken, PaperWord
from auction.sale.registers.refusals import ConsumptionRestricted
from auction.sale.rounds.declare_joint_bidders import DeclareJointBidders, declare_joint_bidders
from auction.sale.silence.bring_paper_answer import BringPaperAnswer, bring_paper_answer
from auction.sale.silence.decide_paper_answer import DecidePaperAnswer, decide_paper_answer
from auction.sale.silence.unclear import WAIT, ListSilent, ListUnclear, NoPaperWaits, NothingUnclear
from auction.sale.title.rule_on_sale import RuleOnSale, rule_on_sale
from auction.sale.title.title import BuyerBarredSince
from tests.auction.sale.world import DEPOSIT, RESERVE, World, resident_number

PAID_AT = local(date(2027, 4, 12), 10)
SECOND = timedelta(seconds=1)
Mood = Literal["down", "clear", "listed"]


class MoodyKeeper:
    """A keeper that says of everybody what it is told to say."""

    def __init__(self, key: str, mood: Mood) -> None:
        """Set the mood."""
        self.key, self.title, self.mood = key, f"示例机关{key}", mood

    async def ask(self, question: Question, *, business_at: datetime) -> Reply | Gap:
        """Answer in the mood."""
        if self.mood == "down":
            return Gap(reason="down", detail="")
        return Reply(
            question_id=question.question_id,
            identity_number=question.identity_number,
            answer_no="答 1",
            as_of=business_at,
            entries=tuple(Entry(list=each, state=self.mood) for each in question.lists),
            content=b"{}",
            signature="00",
        )


@pytest.fixture
def world(database: Database, database_url: str) -> World:
    """A made-up court with one case."""
    return World(database, database_url)


def keepers(*moods: Mood) -> Keepers:
    """Give a keeper for each mood."""
    return {str(number): MoodyKeeper(str(number), mood) for number, mood in enumerate(moods, start=1)}


async def paid(world: World) -> Actor:
    """Sell, and let the whole price arrive; gives the buyer."""
    buyer, registered = await world.sold()
    await world.at(PAID_AT)
    await world.pay_balance(registered, RESERVE - DEPOSIT)
    return buyer


async def rule(world: World, lists: Keepers) -> UUID:
    """Make the ruling."""
    command = RuleOnSale(command_id=new_id(), lot_id=world.lot_id, document_id=new_id(), body="裁定示例正文")
    return (await rule_on_sale(world.db, world.presiding, command, lists=lists)).lot_id


async def ask_panel(world: World, *votes: Vote) -> UUID:
    """Put the silence to the panel, and let it vote."""
    question_id = new_id()
    proposal = UnclearListProposal(lot_id=world.lot_id, round_id=world.round_id)
    command = PutQuestion(command_id=new_id(), question_id=question_id, proposal=proposal)
    await put_question(world.db, world.handler, command)
    await world.vote(question_id, *votes)
    return question_id


async def bring(world: World, says: Literal["listed", "clear"], list_: str, number: str = "复函 1 号") -> None:
    """Bring a paper of the first keeper."""
    command = BringPaperAnswer(
        command_id=new_id(),
        paper_id=new_id(),
        case_id=world.case_id,
        round_id=world.round_id,
        list="dishonest" if list_ == "dishonest" else "restriction",
        keeper_title="示例机关1",
        says=says,
        as_of=await world.read(_now),
        document_ref=number,
    )
    await bring_paper_answer(world.db, world.clerk, command)


async def compare(
    world: World, number: str = "复函 1 号", says: PaperWord = "confirmed", by: Actor | None = None
) -> UUID:
    """Compare a paper."""
    command = DecidePaperAnswer(
        command_id=new_id(),
        case_id=world.case_id,
        round_id=world.round_id,
        document_ref=number,
        says=says,
        reason="与原件一致",
    )
    return await decide_paper_answer(world.db, by or world.handler, command)


async def _now(tx: Transaction) -> datetime:
    found: datetime = tx.now
    return found


async def test_silence_neither_lets_a_ruling_pass_nor_holds_it_up_for_ever(world: World) -> None:
    """Refused while the wait runs, to its last instant; then the panel's, whose word the ruling counts."""
    await paid(world)
    silent = keepers("down", "down")
    with pytest.raises(ListSilent):
        await rule(world, silent)
    with pytest.raises(ListSilent):
        await ask_panel(world)
    await world.at(PAID_AT + WAIT - SECOND)
    with pytest.raises(ListSilent):
        await rule(world, silent)
    await world.at(PAID_AT + WAIT)
    with pytest.raises(ListUnclear):
        await rule(world, silent)
    question_id = await ask_panel(world)
    with pytest.raises(VotesOutstanding):
        await rule(world, silent)
    await world.vote(question_id, "approve", "approve", "approve")

    assert await rule(world, silent) == world.lot_id


async def test_wait_for_a_silent_list_is_a_clock_of_the_case(world: World) -> None:
    """From the first unanswered question until the panel may be asked, then overdue; gone once a keeper answers."""
    await paid(world)
    before = await clocks(world)
    with pytest.raises(ListSilent):
        await rule(world, keepers("down"))
    waiting = await clocks(world)
    await world.at(PAID_AT + WAIT + timedelta(days=1))
    late = await clocks(world)
    await ask_before(world.db, keepers("clear"), lot_id=world.lot_id, person_id=None, moment="ruling")

    assert before == []
    assert waiting
    assert set(waiting) == {(local_day(PAID_AT + WAIT), False)}
    assert set(late) == {(local_day(PAID_AT + WAIT), True)}
    assert await clocks(world) == []


async def clocks(world: World) -> list[tuple[date, bool]]:
    """Give the waits for lists among the clocks of the case: last day, and whether it is over."""
    found = await world.read(lambda tx: open_clocks(tx, world.case_id))
    return [(clock.due_on, clock.is_overdue) for clock in found if clock.kind == "list_unclear"]


async def test_answer_within_the_wait_lets_the_ruling_pass(world: World) -> None:
    """One keeper that says clear is enough while the other one is silent; nothing is left for the panel."""
    await paid(world)
    with pytest.raises(ListSilent):
        await rule(world, keepers("down", "down"))
    await ask_before(world.db, keepers("down", "clear"), lot_id=world.lot_id, person_id=None, moment="ruling")
    with pytest.raises(NothingUnclear):
        await ask_panel(world)

    assert await rule(world, keepers("down", "clear")) == world.lot_id


async def test_panel_that_does_not_approve_is_asked_again_after_another_wait(world: World) -> None:
    """Its no holds the ruling up until a keeper answers or it is asked again, not before three more days."""
    await paid(world)
    silent = keepers("down")
    with pytest.raises(ListSilent):
        await rule(world, silent)
    asked_at = PAID_AT + WAIT
    await world.at(asked_at)
    await ask_panel(world, "reject", "reject", "reject")
    with pytest.raises(PanelDisapproved):
        await rule(world, silent)
    await world.at(asked_at + WAIT - SECOND)
    with pytest.raises(AlreadyDecided):
        await ask_panel(world)
    await world.at(asked_at + WAIT)
    await ask_panel(world, "approve", "approve", "approve")

    assert await rule(world, silent) == world.lot_id


async def test_contradiction_is_for_the_panel_at_once_and_a_later_one_again(world: World) -> None:
    """Listed by one and clear by the other stops the ruling; what the panel approved it approved knowing the words of that day."""
    await paid(world)
    both = keepers("listed", "clear")
    with pytest.raises(ListUnclear):
        await rule(world, both)
    await world.at(PAID_AT + SECOND)
    await ask_panel(world, "approve", "approve", "approve")
    await world.at(PAID_AT + 2 * SECOND)
    with pytest.raises(ListUnclear):
        await rule(world, both)  # asked anew for this ruling, they contradicted each other anew
    await world.at(PAID_AT + 3 * SECOND)
    await ask_panel(world, "approve", "approve", "approve")

    assert await rule(world, keepers()) == world.lot_id


async def test_paper_that_two_persons_saw_ends_the_silence(world: World) -> None:
    """Nothing counts before another person compared it; then it is an answer, for its list only."""
    await paid(world)
    silent = keepers("down")
    with pytest.raises(ListSilent):
        await rule(world, silent)
    await bring(world, "clear", "dishonest")
    with pytest.raises(PaperNumberTaken):
        await bring(world, "clear", "dishonest")
    with pytest.raises(PaperNeedsAnother):
        await compare(world, by=world.clerk)
    with pytest.raises(NoPaperWaits):
        await compare(world, "复函 9 号")
    with pytest.raises(ListSilent):
        await rule(world, silent)
    await compare(world)
    with pytest.raises(NoPaperWaits):
        await compare(world)
    with pytest.raises(ListSilent, match="restriction"):
        await rule(world, silent)
    await bring(world, "clear", "restriction", "复函 2 号")
    await compare(world, "复函 2 号")

    assert await rule(world, silent) == world.lot_id


async def test_paper_that_says_listed_is_for_the_panel(world: World) -> None:
    """A listing on paper bars like one over the line; a rejected paper does not."""
    await paid(world)
    silent = keepers("down")
    with pytest.raises(ListSilent):
        await rule(world, silent)
    await bring(world, "listed", "restriction")
    await compare(world, says="rejected")
    with pytest.raises(ListSilent):
        await rule(world, silent)
    await bring(world, "listed", "restriction", "复函 2 号")
    await compare(world, "复函 2 号")

    with pytest.raises(BuyerBarredSince):
        await rule(world, silent)


async def test_database_refuses_the_bringers_own_word(world: World) -> None:
    """Whatever the program says, nobody compares what he brought himself."""
    await paid(world)
    with pytest.raises(ListSilent):
        await rule(world, keepers("down"))
    await bring(world, "clear", "dishonest")

    with pytest.raises(IntegrityError, match="paper_two_persons"):
        await world.rows(
            "INSERT INTO sale.paper_answer_word SELECT paper_id, 'confirmed', '同意', person_id, account_id, brought_at "
            "FROM sale.paper_answer RETURNING 1"
        )


async def test_court_of_its_own_ban_is_not_overruled_by_a_keeper(world: World) -> None:
    """What this court decided stands until it lifts it; a note of another list gives way to a newer clear (S25)."""
    buyer = await paid(world)
    clear = keepers("clear", "clear")
    number = (await world.read(lambda tx: identity_of(tx, buyer.person_id)))[1]
    await ban(world, number, by_this_court=False)
    await world.at(PAID_AT + SECOND)
    await ask_before(world.db, clear, lot_id=world.lot_id, person_id=None, moment="ruling")
    with pytest.raises(NoOwnBan):
        await lift(world, number)
    with pytest.raises(NothingUnclear):
        await ask_panel(world)
    await ban(world, number, by_this_court=True)
    await world.at(PAID_AT + 2 * SECOND)
    with pytest.raises(BuyerBarredSince):
        await rule(world, clear)
    assert await lift(world, number) == 1

    assert await rule(world, clear) == world.lot_id


async def test_own_ban_refuses_at_the_door_until_it_is_lifted(world: World) -> None:
    """A person restricted by this court is refused though his keeper says clear, and registers once it lifted the ban."""
    await world.announced()
    bidder = await world.bidder()
    number = (await world.read(lambda tx: identity_of(tx, bidder.person_id)))[1]
    await ban(world, number, by_this_court=True)
    await ban(world, number, by_this_court=True)
    clear = keepers("clear")
    await world.at(await world.read(_now) + SECOND)
    await ask_before(world.db, clear, lot_id=world.lot_id, person_id=bidder.person_id, moment="registration")
    with pytest.raises(ConsumptionRestricted):
        await world.register(bidder)
    assert await lift(world, number) == 1

    assert (await world.register(bidder)).deposit_fen == DEPOSIT.fen


async def test_barred_buyer_question_is_another_than_that_of_silence(world: World) -> None:
    """The panel's yes to silence upholds no listed buyer."""
    await paid(world)
    silent = keepers("down")
    with pytest.raises(ListSilent):
        await rule(world, silent)
    await world.at(PAID_AT + WAIT)
    await ask_panel(world, "approve", "approve", "approve")
    await world.at(PAID_AT + WAIT + SECOND)
    with pytest.raises(BuyerBarredSince):
        await rule(world, keepers("listed"))
    upheld = new_id()
    proposal = BarredBuyerProposal(lot_id=world.lot_id, round_id=world.round_id)
    await put_question(world.db, world.handler, PutQuestion(command_id=new_id(), question_id=upheld, proposal=proposal))
    await world.vote(upheld, "approve", "approve", "approve")

    assert await rule(world, keepers("listed")) == world.lot_id


PARTNER = resident_number(date(1985, 3, 3), 901)
"""Of nobody on file, who buys with the winner."""


async def bought_together(world: World) -> Actor:
    """Sell to two who declared themselves joint bidders, and let the whole price arrive; gives the registrant."""
    published = await world.announced()
    buyer = await world.bidder()
    registered = await world.register(buyer)
    _, number = await world.read(lambda tx: identity_of(tx, buyer.person_id))
    members = (
        JointMember(kind="natural", name="张示例", identity_number=number, share_bp=6000),
        JointMember(kind="natural", name="孙共同", identity_number=PARTNER, share_bp=4000),
    )
    command = DeclareJointBidders(
        command_id=new_id(), registration_id=registered.registration_id, members=members, document_ref="共同竞买协议"
    )
    await declare_joint_bidders(world.db, buyer, command)
    await world.pay_deposit(registered)
    admission: Admission = (await world.jobs("bidding.admit_bidder"))[-1].decode(Admission)
    await world.close(world.outcome(published, admission.bidder_code))
    await world.at(PAID_AT)
    await world.pay_balance(registered, RESERVE - DEPOSIT)
    return buyer


class KeeperOfOne(MoodyKeeper):
    """A keeper in a mood about one person only; of all others it says clear."""

    def __init__(self, key: str, mood: Mood, number: str) -> None:
        """Set whom the mood is about."""
        super().__init__(key, mood)
        self.number = number

    async def ask(self, question: Question, *, business_at: datetime) -> Reply | Gap:
        """Answer in the mood about the one."""
        about = self if question.identity_number == self.number else MoodyKeeper(self.key, "clear")
        return await MoodyKeeper.ask(about, question, business_at=business_at)


@pytest.mark.parametrize(("mood", "refused"), [("clear", None), ("down", ListSilent), ("listed", BuyerBarredSince)])
async def test_who_bought_with_the_buyer_is_asked_about_like_him(
    world: World, mood: Mood, refused: type[Refusal] | None
) -> None:
    """A list that is silent about a joint buyer is waited for, and one listed since goes before the panel (网拍 31(4), 34)."""
    await bought_together(world)
    lists = {"1": KeeperOfOne("1", mood, PARTNER)}
    if refused is None:
        assert await rule(world, lists) == world.lot_id
        return
    with pytest.raises(refused):
        await rule(world, lists)
    if mood == "down":
        await world.at(PAID_AT + WAIT)
        await ask_panel(world, "approve", "approve", "approve")
        assert await rule(world, lists) == world.lot_id


async def test_joint_buyer_who_is_barred_by_this_court_is_found_though_he_came_on_file_later(world: World) -> None:
    """The court's ban is of a person, the declaration of a number: they are the same man (网拍 34)."""
    await bought_together(world)
    await world.at(PAID_AT + SECOND)
    await ban(world, PARTNER, by_this_court=True)
    with pytest.raises(BuyerBarredSince):
        await rule(world, keepers("clear"))
    assert await lift(world, PARTNER) == 1

    assert await rule(world, keepers("clear")) == world.lot_id


async def ban(world: World, number: str, *, by_this_court: bool) -> None:
    """Bar a person by a restriction on consumption."""
    command = BarPerson(
        command_id=new_id(),
        case_id=world.case_id,
        kind="natural",
        name="张示例",
        identity_number=number,
        ground="consumption_restricted",
        document_ref="限制消费令 1 号",
        by_this_court=by_this_court,
    )
    await bar_person(world.db, world.handler, command)


async def lift(world: World, number: str) -> int:
    """Lift it."""
    command = LiftBan(
        command_id=new_id(),
        case_id=world.case_id,
        kind="natural",
        identity_number=number,
        ground="consumption_restricted",
        document_ref="解除限制消费令 1 号",
    )
    return await lift_ban(world.db, world.handler, command)
