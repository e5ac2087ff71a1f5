"""An objection from its raising to its answer, and what it does to the sale, on a real database."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

import pytest
from sqlalchemy.exc import DBAPIError

from auction.kernel.actors import Actor, Role
from auction.kernel.clock import local
from auction.kernel.db import Transaction
from auction.kernel.errors import Refusal
from auction.kernel.ids import new_id
from auction.kernel.persons import record_person
from auction.sale.cases import store as cases
from auction.sale.cases.parties import PartyRole
from auction.sale.desk import open_clocks
from auction.sale.lots.publish_notice import PublishNotice, publish_notice
from auction.sale.objections import views
from auction.sale.objections.docket_objection import DocketObjection, docket_objection
from auction.sale.objections.objections import Capacity, ObjectionKind, ObjectionState
from auction.sale.objections.raise_objection import WithdrawEnforcementObjection, withdraw_enforcement_objection
from auction.sale.objections.views import ObjectionShown, own_objections
from tests.auction.sale.objections.objecting import (
    HEAD,
    REVIEWERS,
    docketed,
    panelled,
    raised,
    ruled,
    voted,
)
from tests.auction.sale.rounds.test_stop_round import resume, stop
from tests.auction.sale.world import ANNOUNCED_ON, FIRST_DAY, World, actor, resident_number

ACT = ObjectionKind.ACT
RESUMED_ON = local(date(2027, 4, 6), 9)


async def person(world: World, name: str = "孙示例", serial: int = 555) -> Actor:
    """Make the account of somebody who is no party."""
    number = resident_number(date(1982, 2, 3), serial)
    person_id = await world.db.transact(
        lambda tx: record_person(tx, kind="natural", name=name, identity_number=number, masked=name[0] + "**")
    )
    return actor(Role.PARTY, person_id=person_id)


async def refused(awaitable: object) -> str:
    """Give the code of the refusal."""
    with pytest.raises(Refusal) as caught:
        await awaitable  # type: ignore[misc]  # a coroutine
    return caught.value.code


async def mine(world: World, who: Actor) -> ObjectionShown:
    """Give the newest objection of somebody as he sees it."""
    return (await world.read(lambda tx: own_objections(tx, who.person_id)))[0]


async def clocks(world: World) -> dict[str, date]:
    """Give the clocks of objections."""
    found = await world.read(lambda tx: open_clocks(tx, world.case_id))
    return {one.kind: one.due_on for one in found if one.kind.startswith(("objection_", "claim_"))}


async def test_claim_stops_the_sale_until_it_is_rejected(world: World) -> None:
    """A docketed claim runs a clock that ends with the stop; the round resumes only after the claim was rejected (网拍 28, 36)."""
    await world.announced()
    who = await person(world)
    objection_id = await raised(world, who)
    assert await clocks(world) == {"objection_docketing": ANNOUNCED_ON + timedelta(days=3)}
    await docketed(world, objection_id)
    assert await clocks(world) == {
        "objection_decision": ANNOUNCED_ON + timedelta(days=15),
        "claim_stops_sale": ANNOUNCED_ON,
    }
    await stop(world, "stay")
    assert await clocks(world) == {"objection_decision": ANNOUNCED_ON + timedelta(days=15)}
    await panelled(world, objection_id)
    await world.at(RESUMED_ON)
    assert await refused(resume(world, ground_ended_on=date(2027, 4, 6))) == "third_party_claim_pending"

    await voted(world, objection_id, "reject", "approve", "reject")
    decided = await ruled(world, objection_id, uphold=False)
    await resume(world, ground_ended_on=date(2027, 4, 6))

    assert decided.upheld is False
    assert await clocks(world) == {}


async def test_founded_claim_lets_no_round_resume(world: World) -> None:
    """After a claim was upheld the stopped round is withdrawn, never resumed, and a clock says so (CPL 238; 拍变 17)."""
    await world.announced()
    objection_id = await raised(world, await person(world))
    await docketed(world, objection_id)
    await stop(world, "stay")
    await panelled(world, objection_id)
    await voted(world, objection_id, "approve", "approve", "reject")
    await world.at(RESUMED_ON)
    await ruled(world, objection_id, uphold=True)

    assert await refused(resume(world, ground_ended_on=date(2027, 4, 6))) == "third_party_claim_founded"
    assert await clocks(world) == {"claim_ends_sale": date(2027, 4, 6)}
    await stop(world, "withdrawal", ground="third_party_claim_founded")
    assert await clocks(world) == {}


async def test_no_notice_while_a_claim_is_under_review(world: World) -> None:
    """A party who is no applicant and no debtor claims before the notice; it is not published until he takes the claim back."""
    await world.open()
    await world.party(PartyRole.TENANT, "钱示例", identity_number=resident_number(date(1982, 2, 3), 556))
    tenant_id = (
        await world.read(lambda tx: cases.party_row(tx, world.case_id, world.parties[PartyRole.TENANT]))
    ).person_id
    tenant = actor(Role.PARTY, person_id=tenant_id)
    await world.price()
    listed = await world.list()
    await world.vote(listed.question_id, "approve", "approve", "reject")
    await world.decide()
    await world.rule_and_notify(local(FIRST_DAY, 9))
    objection_id = await raised(world, tenant)
    await docketed(world, objection_id)
    await world.at(local(ANNOUNCED_ON, 9))
    publish = PublishNotice(command_id=new_id(), lot_id=world.lot_id, round_id=world.round_id)

    assert await refused(publish_notice(world.db, world.handler, publish)) == "third_party_claim_pending"
    taken_back = WithdrawEnforcementObjection(command_id=new_id(), objection_id=objection_id)
    await withdraw_enforcement_objection(world.db, tenant, taken_back)
    await publish_notice(world.db, world.handler, publish)

    assert (await mine(world, tenant)).state is ObjectionState.WITHDRAWN


async def test_nobody_who_ran_the_case_sits(world: World) -> None:
    """Handler, panel of the case, the objector and who forms the panel are refused, by the program and by the database (异议复议规定 11)."""
    await world.announced()
    who = await person(world)
    objection_id = await raised(world, who, ACT, Capacity.INTERESTED)
    await docketed(world, objection_id)
    for insider in (world.handler, world.judges[1], who, HEAD):
        panel = (*REVIEWERS[:2], insider)
        assert await refused(panelled(world, objection_id, panel)) == "objection_ran_the_case"
    for insider in (world.handler, world.judges[1], who):
        with pytest.raises(DBAPIError, match="objection_ran_the_case"):
            await _put_in(world, objection_id, insider.person_id)

    await panelled(world, objection_id)
    assert len((await mine(world, who)).panel) == 3


async def _put_in(world: World, objection_id: UUID, person_id: UUID) -> None:
    await world.rows(
        "INSERT INTO sale.objection_panel_member VALUES (:objection, 9, :person, '某', false, :person, now()) RETURNING 1",
        objection=objection_id,
        person=person_id,
    )


async def test_account_that_took_a_step_does_not_vote(world: World) -> None:
    """Whoever took any step in the case by his account is refused at the vote, although he never sat in its panel."""
    await world.announced()
    objection_id = await raised(world, await person(world))
    await docketed(world, objection_id)
    clerk_who_judges = Actor(
        account_id=world.clerk.account_id,
        person_id=world.clerk.person_id,
        roles=world.clerk.roles | {Role.PANEL_MEMBER},
    )
    panel = (*REVIEWERS[:2], clerk_who_judges)
    await panelled(world, objection_id, panel)

    assert (
        await refused(voted(world, objection_id, "approve", "approve", "approve", who=panel))
        == "objection_ran_the_case"
    )


async def test_ruling_is_what_the_majority_decided_and_only_once_all_voted(world: World) -> None:
    """No ruling before the last vote, none against the majority, none by a member who does not preside; the same command counts once."""
    await world.announced()
    who = await person(world)
    objection_id = await raised(world, who)
    await docketed(world, objection_id)
    assert await refused(voted(world, objection_id, "approve")) == "objection_move_not_allowed"
    await panelled(world, objection_id)
    await voted(world, objection_id, "approve", "reject")
    assert await refused(ruled(world, objection_id, uphold=True)) == "votes_outstanding"
    assert await refused(voted(world, objection_id, "approve")) == "already_voted"
    await voted(world, objection_id, "approve", who=REVIEWERS[2:])
    assert await refused(ruled(world, objection_id, uphold=False)) == "objection_ruling_differs"
    assert await refused(ruled(world, objection_id, uphold=True, who=REVIEWERS[1])) == "role_lacking"
    command_id = new_id()

    first = await ruled(world, objection_id, uphold=True, command_id=command_id)
    again = await ruled(world, objection_id, uphold=True, command_id=command_id)

    assert first == again
    assert await refused(ruled(world, objection_id, uphold=True)) == "objection_move_not_allowed"
    assert await refused(panelled(world, objection_id)) == "objection_move_not_allowed"


async def test_answer_reaches_the_objector_with_its_term_once_sealed(world: World) -> None:
    """A draft says nothing; the sealed ruling gives reasons, operative part and the last day of the suit (CPL 238, 157)."""
    await world.announced()
    who = await person(world)
    objection_id = await raised(world, who)
    await docketed(world, objection_id)
    await panelled(world, objection_id)
    await voted(world, objection_id, "approve", "approve", "approve")
    decided = await ruled(world, objection_id, uphold=True)
    draft = await mine(world, who)
    await world.sealed(decided.document_id)
    answered = await mine(world, who)
    document = await world.read(lambda tx: cases.document_row(tx, world.case_id, decided.document_id))
    text = await world.read(lambda tx: _opened(tx, bytes(document.body_sealed)))

    assert (draft.state, draft.reason, draft.document_id) == (ObjectionState.BEFORE_PANEL, "", None)
    assert answered.state is ObjectionState.UPHELD
    assert answered.operative == "中止对该房屋的执行。"
    assert answered.next_is_suit
    assert answered.answered_on is not None
    assert answered.next_until == date(2027, 3, 22)  # the fifteenth day is a Saturday
    assert "(2027)京0105执异1号" in text
    assert "孙示例（案外人）" in text
    assert "审判长：审查法官1" in text


async def _opened(tx: Transaction, sealed: bytes) -> str:
    return tx.sealer.open(sealed)


async def test_bidder_is_sealed_to_the_officers_of_the_case(world: World) -> None:
    """The handler reads that a bidder objects, not who nor why; clerk and panel read both; the ruling does not name him (security 2)."""
    await world.announced()
    bidder = await world.bidder("周示例")
    await world.register(bidder)
    objection_id = await raised(world, bidder, ACT, Capacity.BIDDER)
    await docketed(world, objection_id)
    await panelled(world, objection_id)

    seen = {
        name: await world.read(lambda tx, one=one: views.objection_on_desk(tx, one, objection_id))  # type: ignore[misc]  # a test's lambda
        for name, one in (("handler", world.handler), ("clerk", world.clerk), ("member", REVIEWERS[1]))
    }
    listed = await world.read(lambda tx: views.objections_on_desk(tx, world.clerk))
    await voted(world, objection_id, "reject", "reject", "reject")
    decided = await ruled(world, objection_id, uphold=False)
    document = await world.read(lambda tx: cases.document_row(tx, world.case_id, decided.document_id))
    text = await world.read(lambda tx: _opened(tx, bytes(document.body_sealed)))

    assert (seen["handler"].objector, seen["handler"].grounds, seen["handler"].asks) == ("", "", "")
    assert seen["clerk"].objector == seen["member"].objector == "周**"
    assert seen["member"].grounds
    assert [(one.objector, one.grounds) for one in listed] == [("", "")]
    assert "周示例" not in text
    assert "副卷" in text


async def test_strangers_are_told_that_there_is_no_objection(world: World) -> None:
    """A judge with no part in case or panel, and another person, find nothing; the objector alone takes it back."""
    await world.announced()
    who, other = await person(world), await person(world, "李另", 557)
    objection_id = await raised(world, who)
    stranger = actor(Role.CASE_HANDLER)

    assert (
        await refused(world.read(lambda tx: views.objection_on_desk(tx, stranger, objection_id)))
        == "enforcement_objection_unknown"
    )
    foreign = WithdrawEnforcementObjection(command_id=new_id(), objection_id=objection_id)
    assert await refused(withdraw_enforcement_objection(world.db, other, foreign)) == "enforcement_objection_unknown"
    assert await refused(raised(world, who)) == "objection_already_pending"
    assert await refused(raised(world, other, ACT, Capacity.INTERESTED, of_case=True)) == "case_unknown"


async def test_refusal_to_docket_is_a_ruling_with_review(world: World) -> None:
    """An objection that is not docketed gets a reasoned ruling and ten days for review; it stops nothing (异议复议规定 2)."""
    await world.announced()
    who = await person(world)
    objection_id = await raised(world, who)
    document_id = new_id()
    bare = DocketObjection(command_id=new_id(), objection_id=objection_id, admit=False, document_id=document_id)
    assert await refused(docket_objection(world.db, world.clerk, bare)) == "objection_not_reasoned"
    refusal = DocketObjection(
        command_id=new_id(),
        objection_id=objection_id,
        admit=False,
        document_id=document_id,
        reason="异议指向的执行标的已经执行终结。",
        article="《异议复议规定》第2条",
    )
    await docket_objection(world.db, world.clerk, refusal)
    await world.sealed(document_id)

    answered = await mine(world, who)

    assert answered.state is ObjectionState.REFUSED
    assert not answered.next_is_suit
    assert answered.answered_on is not None
    assert answered.next_until is not None
    assert answered.next_until >= answered.answered_on + timedelta(days=10)
    assert await clocks(world) == {}


async def test_database_takes_no_ruling_before_all_voted(world: World) -> None:
    """The guard in the database refuses a ruling with a vote outstanding, whatever the program says (CPL 45)."""
    await world.announced()
    objection_id = await raised(world, await person(world))
    await docketed(world, objection_id)
    await panelled(world, objection_id)
    await voted(world, objection_id, "approve", "approve")

    with pytest.raises(DBAPIError, match="objection_votes_outstanding"):
        await world.rows(
            "INSERT INTO sale.objection_ruling VALUES (:objection, true, '理由', '条', '主文', :one, :one, now()) RETURNING 1",
            objection=objection_id,
            one=new_id(),
        )
