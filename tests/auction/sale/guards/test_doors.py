"""The guards at the door of a registration: one code, records kept, objections decided."""

from __future__ import annotations

from datetime import date, datetime
from functools import partial
from uuid import UUID

import msgspec
import pytest

from auction.kernel.actors import Actor, Role
from auction.kernel.clock import local
from auction.kernel.errors import Refusal
from auction.kernel.ids import new_id
from auction.kernel.persons import identity_of, record_person
from auction.kernel.signed_questions import Gap
from auction.sale.guards import store
from auction.sale.guards.control import ControlQuestion, ControlReply
from auction.sale.guards.decide_guard_objection import DecideGuardObjection, GuardDecided, decide_guard_objection
from auction.sale.guards.joint import JointMember
from auction.sale.guards.object_to_refusal import ObjectToRefusal, object_to_refusal
from auction.sale.guards.objections import LinkStandsUnexplained
from auction.sale.guards.store import refusals_of
from auction.sale.links.decide_link import DecideLink, decide_link
from auction.sale.links.decided import Relation
from auction.sale.links.revoke_link import RevokeLink, revoke_link
from auction.sale.lots.options import Options
from auction.sale.rounds.declare_joint_bidders import DeclareJointBidders, declare_joint_bidders
from auction.sale.rounds.register_bidder import Agent, RegisterBidder, register_bidder
from tests.auction.sale.world import World, actor, resident_number

AGENT = Agent(name="钱代理", identity_number=resident_number(date(1980, 2, 2), 900), document_ref="委托书1号")
CHILD = date(2012, 1, 1)


async def refused(world: World, bidder: Actor, **changes: object) -> Refusal:
    """Register and give the refusal."""
    with pytest.raises(Refusal) as caught:
        await world.register(bidder, **changes)
    return caught.value


async def applications(world: World, outcome: str) -> list[tuple[str, str]]:
    """Give guard and reason of what was kept of registrations."""
    rows = await world.rows(
        "SELECT guard, refusal FROM sale.guard_application WHERE place = 'registration' AND outcome = :outcome "
        "ORDER BY guard",
        outcome=outcome,
    )
    return [(row.guard, row.refusal) for row in rows]


async def decided(
    world: World, refusal: Refusal, bidder: Actor, *, uphold: bool, link_stands: str = ""
) -> GuardDecided:
    """Object to a refusal and let the presiding judge decide."""
    objection_id = await object_to_refusal(
        world.db,
        bidder,
        ObjectToRefusal(
            command_id=new_id(),
            application_id=UUID(str(refusal.facts["application_id"])),
            grounds="认定有误，附户籍证明。",
        ),
    )
    return await decide_guard_objection(
        world.db,
        world.presiding,
        DecideGuardObjection(
            command_id=new_id(),
            objection_id=objection_id,
            uphold=uphold,
            reason="经核对户籍证明。",
            article="民诉法 236",
            link_stands=link_stands,
        ),
    )


async def test_refusal_is_kept_although_its_transaction_is_undone(world: World) -> None:
    """A refused registration leaves the record of the guard that refused it, once however often the command comes."""
    await world.announced()
    child = await world.bidder("周少年", CHILD)
    command_id = new_id()

    await refused(world, child, command_id=command_id, registration_id=command_id)
    refusal = await refused(world, child, command_id=command_id, registration_id=command_id)

    assert (refusal.code, refusal.facts["guard"]) == ("not_of_full_capacity", "G10")
    assert await applications(world, "refused") == [("G10", "not_of_full_capacity")]
    assert await world.rows("SELECT 1 FROM sale.registration") == []


async def test_what_is_no_guards_is_not_kept(world: World) -> None:
    """A box that is not ticked is refused by no guard, so nothing is kept of it."""
    await world.announced()

    refusal = await refused(world, await world.bidder(), accepts_warnings=False)

    assert "guard" not in refusal.facts
    assert await applications(world, "refused") == []


async def test_every_guard_that_was_passed_is_kept(world: World) -> None:
    """A registration keeps each guard of its door with its version."""
    await world.announced()

    await world.register(await world.bidder())

    passed = [guard for guard, _ in await applications(world, "passed")]
    assert passed == ["G10", "G11", "G12", "G13", "G16", "G17", "G18"]


async def test_listing_keeps_the_guards_that_passed_and_those_that_refused(world: World) -> None:
    """A refused listing and the mended one both stand in the record, the refusal by its guard."""
    await world.open()
    await world.price()
    with pytest.raises(Refusal):
        await world.list(increment_fen=1)
    await world.list()

    rows = await world.rows("SELECT guard, version, outcome FROM sale.guard_application WHERE place = 'listing'")
    assert ("G01", 2, "refused") in {tuple(row) for row in rows}
    assert ("G01", 2, "passed") in {tuple(row) for row in rows}


async def test_same_person_by_two_accounts_has_one_code(world: World) -> None:
    """A second account of one person is refused a second code (guard G16)."""
    await world.announced()
    first = await world.bidder()
    await world.register(first)

    refusal = await refused(world, actor(Role.BIDDER, person_id=first.person_id))

    assert (refusal.code, refusal.facts["guard"]) == ("already_registered", "G16")


async def link(world: World, first: Actor, second: Actor, relation: Relation) -> None:
    """Let the court decide that two persons are linked, after both were heard."""
    numbers = [(await world.read(partial(identity_of, person_id=one.person_id)))[1] for one in (first, second)]
    heard = date(2027, 3, 2)
    command = DecideLink(
        command_id=new_id(),
        link_id=new_id(),
        case_id=world.case_id,
        relation=relation,
        first_number=numbers[0],
        second_number=numbers[1],
        first_heard_on=heard,
        second_heard_on=heard,
        reason="听证查明。",
        record_ref="听证笔录1号",
    )
    await decide_link(world.db, world.presiding, command)


async def test_persons_whom_the_court_decided_to_be_one_have_one_code(world: World) -> None:
    """A decided link refuses the second code; after an objection upheld with a word on the link he registers."""
    await world.announced()
    first, second = await world.bidder(), await world.bidder("张示例二")
    await link(world, first, second, Relation.SAME_PERSON)
    await world.register(first)

    refusal = await refused(world, second)
    assert (refusal.code, refusal.facts["guard"]) == ("same_person_registered", "G16")
    answer = await decided(world, refusal, second, uphold=True, link_stands="认定所指为另案，本次各自出资。")
    await world.register(second)
    (shown,) = await world.read(lambda tx: refusals_of(tx, second.person_id))

    assert (answer.guard, answer.upheld) == ("G16", True)
    assert (shown.state, shown.link_stands) == ("upheld", "认定所指为另案，本次各自出资。")
    assert len(await world.rows("SELECT 1 FROM sale.registration")) == 2


@pytest.mark.parametrize("revoked", [False, True])
async def test_upheld_objection_does_not_leave_the_link_standing_in_silence(world: World, *, revoked: bool) -> None:
    """Without a word on the link nothing is decided; once it was revoked no word is owed, and a rejection owes none either."""
    await world.announced()
    first, second = await world.bidder(), await world.bidder("张示例二")
    await link(world, first, second, Relation.SAME_PERSON)
    await world.register(first)
    refusal = await refused(world, second)
    if revoked:
        (row,) = await world.rows("SELECT link_id FROM sale.decided_link")
        await revoke_link(
            world.db, world.handler, RevokeLink(command_id=new_id(), link_id=row.link_id, reason="证据不足")
        )
        assert (await decided(world, refusal, second, uphold=True)).upheld
    else:
        objection_id = await object_to_refusal(
            world.db,
            second,
            ObjectToRefusal(
                command_id=new_id(), application_id=UUID(str(refusal.facts["application_id"])), grounds="认定有误。"
            ),
        )
        command = DecideGuardObjection(
            command_id=new_id(), objection_id=objection_id, uphold=True, reason="经核对。", article="民诉法 236"
        )
        with pytest.raises(LinkStandsUnexplained):
            await decide_guard_objection(world.db, world.presiding, command)
        rejected = msgspec.structs.replace(command, command_id=new_id(), uphold=False)
        assert not (await decide_guard_objection(world.db, world.presiding, rejected)).upheld

    assert [row.link_stands for row in await world.rows("SELECT link_stands FROM sale.guard_decision")] == [None]


async def test_link_decided_after_admission_refuses_no_bid(world: World) -> None:
    """Both were registered before the court decided: neither registration changes."""
    await world.announced()
    first, second = await world.bidder(), await world.bidder("张示例二")
    for bidder in (first, second):
        await world.pay_deposit(await world.register(bidder))
    await link(world, first, second, Relation.SAME_PERSON)

    rows = await world.rows("SELECT state FROM sale.registration")
    assert [row.state for row in rows] == ["admitted", "admitted"]


@pytest.mark.parametrize(("clause", "code"), [(True, "one_controller_one_bidder"), (False, "")])
async def test_decided_controller_counts_only_with_the_clause(world: World, clause: bool, code: str) -> None:
    """Two persons under one controller by the court's decision: the second is refused only where the notice carries the clause."""
    await world.announced(**({"options": Options(one_controller=True)} if clause else {}))
    first, second = await world.bidder(), await world.bidder("张示例二")
    await link(world, first, second, Relation.ONE_CONTROLLER)
    await world.register(first)

    if code:
        assert (await refused(world, second)).code == code
    else:
        await world.register(second)


async def test_linked_person_may_register_after_the_other_withdrew(world: World) -> None:
    """A registration that ended stands in nobody's way."""
    await world.announced()
    first, second = await world.bidder(), await world.bidder("张示例二")
    await link(world, first, second, Relation.SAME_PERSON)
    await world.register(first)
    await world.rows("UPDATE sale.registration SET state = 'released' RETURNING 1")

    await world.register(second)


async def test_one_agent_acts_for_one_bidder_of_a_lot(world: World) -> None:
    """The same agent for a second bidder is refused, and the agent does not register himself (guard G17)."""
    await world.announced()
    await world.register(await world.bidder(), agent=AGENT)

    second = await refused(world, await world.bidder("李示例"), agent=AGENT)
    person = await world.read(
        lambda tx: record_person(
            tx, kind="natural", name=AGENT.name, identity_number=AGENT.identity_number, masked="钱**"
        )
    )
    himself = await refused(world, actor(Role.BIDDER, person_id=person))

    assert second.code == himself.code == "agent_of_another_bidder"
    assert second.facts["guard"] == "G17"


async def test_agent_who_is_registered_himself_is_no_agent(world: World) -> None:
    """Who bids himself is not another bidder's agent."""
    await world.announced()
    first = await world.bidder()
    await world.register(first)
    _, number = await world.read(lambda tx: identity_of(tx, first.person_id))
    agent = msgspec.structs.replace(AGENT, identity_number=number)

    assert (await refused(world, await world.bidder("李示例"), agent=agent)).code == "agent_of_another_bidder"


def joint(number: str, share_bp: int, name: str = "孙共同") -> JointMember:
    """Give a joint bidder."""
    return JointMember(kind="natural", name=name, identity_number=number, share_bp=share_bp)


async def declare(world: World, bidder: Actor, registration_id: UUID, *others: JointMember, own_bp: int = 6000) -> None:
    """Declare joint bidders with the bidder himself first."""
    _, number = await world.read(lambda tx: identity_of(tx, bidder.person_id))
    members = (joint(number, own_bp, "张示例"), *others)
    await declare_joint_bidders(
        world.db,
        bidder,
        DeclareJointBidders(
            command_id=new_id(), registration_id=registration_id, members=members, document_ref="共同竞买协议"
        ),
    )


async def test_joint_bidders_have_one_code_and_bid_nowhere_else(world: World) -> None:
    """Declared joint bidders stand behind one registration; none of them registers apart, is an agent elsewhere or joins another group."""
    await world.announced()
    first, second, third = await world.bidder(), await world.bidder("孙共同"), await world.bidder("吴示例")
    registered = await world.register(first)
    _, number = await world.read(lambda tx: identity_of(tx, second.person_id))
    await declare(world, first, registered.registration_id, joint(number, 4000))

    assert (await refused(world, second)).code == "already_registered"
    agent = msgspec.structs.replace(AGENT, identity_number=number)
    assert (await refused(world, third, agent=agent)).code == "agent_of_another_bidder"
    other = await world.register(third)
    with pytest.raises(Refusal) as caught:
        await declare(world, third, other.registration_id, joint(number, 4000))
    assert (caught.value.code, caught.value.facts["guard"]) == ("joint_bidder_not_allowed", "G19")


@pytest.mark.parametrize("share", [3999, 4001])
async def test_shares_that_do_not_come_to_the_whole_are_refused(world: World, share: int) -> None:
    """A hundredth of a per cent less or more than the whole is refused, and nothing of it is kept."""
    await world.announced()
    first = await world.bidder()
    registered = await world.register(first)

    with pytest.raises(Refusal) as caught:
        await declare(world, first, registered.registration_id, joint(resident_number(date(1985, 3, 3), 901), share))
    assert (caught.value.code, caught.value.facts["guard"]) == ("joint_shares_wrong", "G19")
    assert await world.rows("SELECT 1 FROM sale.joint_member") == []


async def test_shares_come_to_the_whole(world: World) -> None:
    """Shares that come to 100 per cent are kept, name and number sealed."""
    await world.announced()
    first = await world.bidder()
    registered = await world.register(first)

    await declare(world, first, registered.registration_id, joint(resident_number(date(1985, 3, 3), 901), 4000))

    rows = await world.rows("SELECT share_bp, member_sealed FROM sale.joint_member ORDER BY number")
    assert [row.share_bp for row in rows] == [6000, 4000]
    assert "孙共同".encode() not in bytes(rows[1].member_sealed)


async def test_joint_bidders_are_declared_before_the_opening(world: World) -> None:
    """At the opening it is too late."""
    published = await world.announced()
    first = await world.bidder()
    registered = await world.register(first)
    opens_at: datetime = (
        await world.rows("SELECT opens_at FROM sale.round WHERE round_id = :id", id=published.round_id)
    )[0].opens_at
    await world.at(opens_at)

    with pytest.raises(Refusal) as caught:
        await declare(world, first, registered.registration_id, joint(resident_number(date(1985, 3, 3), 901), 4000))
    assert caught.value.code == "joint_bidders_too_late"


def first_generation(number: str) -> str:
    """Give the 15 digits that this number was before 1999."""
    return number[:6] + number[8:17]


async def test_agent_named_by_fifteen_digits_meets_himself(world: World) -> None:
    """Two bidders name one agent, one of them by his old number: the second is refused (guard G17)."""
    await world.announced()
    await world.register(await world.bidder(), agent=AGENT)
    old = msgspec.structs.replace(AGENT, identity_number=first_generation(AGENT.identity_number))

    refusal = await refused(world, await world.bidder("李示例"), agent=old)

    assert (refusal.code, refusal.facts["guard"]) == ("agent_of_another_bidder", "G17")


async def test_joint_bidder_named_by_fifteen_digits_meets_himself(world: World) -> None:
    """A registered person is declared as a joint bidder elsewhere by his old number: refused, he takes part already."""
    await world.announced()
    first, second = await world.bidder(), await world.bidder("孙共同")
    registered = await world.register(first)
    await world.register(second)
    _, number = await world.read(lambda tx: identity_of(tx, second.person_id))

    with pytest.raises(Refusal) as caught:
        await declare(world, first, registered.registration_id, joint(first_generation(number), 4000))
    assert caught.value.code == "joint_bidder_not_allowed"


class Register:
    """A company register of the test's own; without controllers it does not answer."""

    key, title = "companies", "示例登记机关"

    def __init__(self, controllers: tuple[str, ...] | None) -> None:
        self.controllers = controllers

    async def ask(self, question: ControlQuestion, *, business_at: datetime) -> ControlReply | Gap:
        """Give the same controllers for every company."""
        if self.controllers is None:
            return Gap(reason="down", detail="")
        return ControlReply(
            question_id=question.question_id,
            credit_code=question.credit_code,
            answer_no="1",
            as_of=business_at,
            controllers=self.controllers,
            content=msgspec.json.encode({"document": {"controllers": self.controllers}}),
            signature="00",
        )


BOSS = (resident_number(date(1966, 6, 6), 902),)


async def company(world: World, code: str) -> Actor:
    """Make a company's account."""
    person = await world.read(
        lambda tx: record_person(
            tx, kind="organisation", name=f"示例公司{code[-1]}", identity_number=code, masked="示例公司"
        )
    )
    return actor(Role.BIDDER, person_id=person)


@pytest.mark.parametrize(
    ("clause", "controllers", "code", "outcome"),
    [
        (True, BOSS, "one_controller_one_bidder", ""),
        (False, BOSS, "", "passed"),
        (True, None, "", "unknown"),
    ],
)
async def test_one_controller_only_where_the_notice_says_so(
    world: World, clause: bool, controllers: tuple[str, ...] | None, code: str, outcome: str
) -> None:
    """With the clause a second company is refused by the register's answer; without it, or without an answer, nobody is."""
    await world.announced(**({"options": Options(one_controller=True)} if clause else {}))
    first, second = await company(world, "91110000600037341L"), await company(world, "91310000607228281B")
    answers = Register(controllers)

    async def register(bidder: Actor) -> None:
        command = RegisterBidder(
            command_id=new_id(), registration_id=new_id(), lot_id=world.lot_id, accepts_warnings=True
        )
        await register_bidder(world.db, bidder, command, companies=answers)

    await register(first)
    if code:
        with pytest.raises(Refusal) as caught:
            await register(second)
        assert (caught.value.code, caught.value.facts["guard"]) == (code, "G18")
        return
    await register(second)
    rows = await world.rows(
        "SELECT outcome, rested_on FROM sale.guard_application WHERE guard = 'G18' AND person_id = :id",
        id=second.person_id,
    )
    assert [row.outcome for row in rows] == [outcome]
    assert rows[0].rested_on["shared_controller"] is (controllers is not None)


async def test_rejected_objection_changes_nothing(world: World) -> None:
    """Rejected with its reason, the refusal stands; one refusal has one objection, and one decision."""
    await world.announced()
    child = await world.bidder("周少年", CHILD)
    refusal = await refused(world, child)

    answer = await decided(world, refusal, child, uphold=False)

    assert not answer.upheld
    assert (await refused(world, child)).code == "not_of_full_capacity"
    with pytest.raises(Refusal) as caught:
        await decided(world, refusal, child, uphold=True)
    assert caught.value.code == "guard_objection_made"
    shown = await world.read(lambda tx: store.refusals_of(tx, child.person_id))
    assert {one.state for one in shown} == {"refused", "rejected"}


async def test_objection_is_of_the_refused_person_only(world: World) -> None:
    """Another person's refusal is unknown to whoever asks."""
    await world.announced()
    refusal = await refused(world, await world.bidder("周少年", CHILD))

    with pytest.raises(Refusal) as caught:
        await decided(world, refusal, await world.bidder(), uphold=True)
    assert caught.value.code == "guard_refusal_unknown"


async def test_objection_is_decided_before_the_bidding_ends(world: World) -> None:
    """The court's list shows the objection by the day on which the bidding ends, if that is sooner than the legal period."""
    await world.announced()
    child = await world.bidder("周少年", CHILD)
    await world.at(local(date(2027, 4, 1), 9))
    refusal = await refused(world, child)
    await object_to_refusal(
        world.db,
        child,
        ObjectToRefusal(
            command_id=new_id(), application_id=UUID(str(refusal.facts["application_id"])), grounds="年龄有误"
        ),
    )

    (waiting,) = await world.read(lambda tx: store.open_objections(tx, [world.case_id]))

    assert (waiting.guard.number, waiting.decide_by) == ("G10", date(2027, 4, 8))
    assert waiting.person_masked == "周**"
