"""Steps of an objection in a made-up court, for tests."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from auction.kernel.actors import Actor, Role
from auction.kernel.ids import new_id
from auction.sale.lots.panel import Member, Vote
from auction.sale.objections.decide_objection import (
    DecideEnforcementObjection,
    ObjectionDecided,
    VoteOnObjection,
    decide_enforcement_objection,
    vote_on_objection,
)
from auction.sale.objections.docket_objection import DocketObjection, docket_objection
from auction.sale.objections.form_review_panel import FormReviewPanel, form_review_panel
from auction.sale.objections.objections import Capacity, ObjectionKind
from auction.sale.objections.raise_objection import RaiseEnforcementObjection, raise_enforcement_objection
from tests.auction.sale.world import World, actor

HEAD = actor(Role.BUREAU_HEAD)
REVIEWERS = (
    actor(Role.PRESIDING_JUDGE, Role.PANEL_MEMBER),
    actor(Role.PANEL_MEMBER),
    actor(Role.PANEL_MEMBER),
)
CLAIM = ObjectionKind.THIRD_PARTY_CLAIM


async def raised(
    world: World,
    who: Actor,
    kind: ObjectionKind = CLAIM,
    capacity: Capacity = Capacity.THIRD_PARTY,
    *,
    lot_id: UUID | None = None,
    of_case: bool = False,
) -> UUID:
    """Object to the lot, or with ``of_case`` to something else in the case; gives the objection's id."""
    command = RaiseEnforcementObjection(
        command_id=new_id(),
        objection_id=new_id(),
        case_id=world.case_id,
        kind=kind,
        capacity=capacity,
        asks="请求中止对涉案房屋的执行。",
        grounds="房屋系异议人于查封前购买并实际居住。",
        papers=("ab" * 32,),
        lot_id=None if of_case else lot_id or world.lot_id,
    )
    return await raise_enforcement_objection(world.db, who, command)


async def docketed(world: World, objection_id: UUID, number: int = 1) -> None:
    """Docket it under a number of its own."""
    command = DocketObjection(
        command_id=new_id(),
        objection_id=objection_id,
        admit=True,
        document_id=new_id(),
        number=f"(2027)京0105执异{number}号",
    )
    await docket_objection(world.db, world.clerk, command)


async def panelled(world: World, objection_id: UUID, who: Sequence[Actor] = REVIEWERS, *, former: Actor = HEAD) -> None:
    """Form the panel that reviews it; the first presides."""
    members = tuple(
        Member(person_id=one.person_id, name=f"审查法官{number}", is_presiding=number == 1)
        for number, one in enumerate(who, start=1)
    )
    command = FormReviewPanel(command_id=new_id(), objection_id=objection_id, members=members)
    await form_review_panel(world.db, former, command)


async def voted(world: World, objection_id: UUID, *votes: Vote, who: Sequence[Actor] = REVIEWERS) -> None:
    """Let the members vote in their order."""
    for one, vote in zip(who, votes, strict=False):
        command = VoteOnObjection(command_id=new_id(), objection_id=objection_id, vote=vote)
        await vote_on_objection(world.db, one, command)


async def ruled(
    world: World, objection_id: UUID, *, uphold: bool, who: Actor = REVIEWERS[0], command_id: UUID | None = None
) -> ObjectionDecided:
    """Rule; the ruling stays a draft."""
    command = DecideEnforcementObjection(
        command_id=command_id or new_id(),
        objection_id=objection_id,
        uphold=uphold,
        reason="异议人在查封前已签订合法有效的书面买卖合同并占有房屋。",
        article="《民事诉讼法》第238条",
        operative="中止对该房屋的执行。" if uphold else "驳回异议请求。",
        document_id=command_id or new_id(),
    )
    return await decide_enforcement_objection(world.db, who, command)
