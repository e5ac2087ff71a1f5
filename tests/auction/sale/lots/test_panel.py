from __future__ import annotations

from datetime import date

import msgspec
import pytest

from auction.kernel.actors import Role, RoleLacking
from auction.kernel.ids import new_id
from auction.sale.lots import store
from auction.sale.lots.cast_vote import CastVote, cast_vote
from auction.sale.lots.lots import LotState
from auction.sale.lots.panel import (
    AlreadyDecided,
    AlreadyVoted,
    Member,
    NotPanelMember,
    PanelMalformed,
    ProposalDiffers,
    Vote,
    VotesOutstanding,
    check_members,
    decide,
)
from auction.sale.views import panel_desk
from tests.auction.sale.world import World, actor

ONE, TWO, THREE = new_id(), new_id(), new_id()
TODAY = date(2027, 3, 1)


def member(person_id: object = None, *, presiding: bool = False) -> Member:
    """Give a member; a fresh person unless named."""
    return Member(person_id=person_id or new_id(), name="法官", is_presiding=presiding)  # type: ignore[arg-type]  # an id


@pytest.mark.parametrize(
    "members",
    [
        (),
        (member(presiding=True), member()),
        (member(), member(), member()),
        (member(presiding=True), member(presiding=True), member()),
        (member(presiding=True), member(), member(), member()),
        (member(ONE, presiding=True), member(TWO), member(TWO)),
    ],
)
def test_panel_is_odd_distinct_and_presided(members: tuple[Member, ...]) -> None:
    """Too few, even, repeated, or not exactly one presiding: no panel (CPL 40, 42)."""
    with pytest.raises(PanelMalformed):
        check_members(members, on=TODAY)


def test_panel_of_three_is_lawful() -> None:
    """Three different persons, one presiding, are a panel; five are, too."""
    check_members((member(presiding=True), member(), member()), on=TODAY)
    check_members((member(presiding=True), member(), member(), member(), member()), on=TODAY)


@pytest.mark.parametrize(
    ("votes", "approved"),
    [
        (("approve", "approve", "approve"), True),
        (("approve", "approve", "reject"), True),
        (("approve", "reject", "reject"), False),
    ],
)
def test_majority_decides(votes: tuple[Vote, ...], approved: bool) -> None:
    """Two of three decide (CPL 45)."""
    assert decide({ONE, TWO, THREE}, votes) is approved


def test_nothing_is_decided_before_all_have_voted() -> None:
    """Two equal votes decide nothing while the third is out."""
    with pytest.raises(VotesOutstanding):
        decide({ONE, TWO, THREE}, ("approve", "approve"))


async def listed(world: World) -> CastVote:
    """List the lot; give a vote for it."""
    await world.open()
    await world.price()
    question_id = (await world.list()).question_id
    question = await world.read(lambda tx: store.open_question(tx, question_id))
    return CastVote(
        command_id=new_id(), question_id=question_id, vote="approve", proposal_sha256=question.proposal_sha256
    )


async def test_nobody_votes_twice(world: World) -> None:
    """A second vote of one natural person is refused, from whatever account."""
    vote = await listed(world)
    await cast_vote(world.db, world.presiding, vote)
    other_account = actor(Role.PANEL_MEMBER, person_id=world.presiding.person_id)
    again = CastVote(
        command_id=new_id(),
        question_id=vote.question_id,
        vote="reject",
        proposal_sha256=vote.proposal_sha256,
    )

    for judge in (world.presiding, other_account):
        with pytest.raises(AlreadyVoted):
            await cast_vote(world.db, judge, again)


async def test_strangers_do_not_vote(world: World) -> None:
    """A judge of another panel, and an officer who is no judge, cannot vote."""
    vote = await listed(world)

    with pytest.raises(NotPanelMember):
        await cast_vote(world.db, actor(Role.PANEL_MEMBER), vote)
    with pytest.raises(RoleLacking):
        await cast_vote(world.db, world.handler, vote)


async def test_vote_is_bound_to_what_was_shown(world: World) -> None:
    """A vote on another text than the proposal counts for nothing."""
    vote = await listed(world)
    other = CastVote(command_id=new_id(), question_id=vote.question_id, vote="approve", proposal_sha256="0" * 64)

    with pytest.raises(ProposalDiffers):
        await cast_vote(world.db, world.presiding, other)


async def test_votes_are_sealed_in_the_closed_file(world: World) -> None:
    """No row and no stored result shows how anybody voted; the decision alone leaves the closed file."""
    vote = await listed(world)
    await world.vote(vote.question_id, "approve", "reject", "approve")

    decision = await world.decide()

    assert decision.approved
    ballots = await world.rows("SELECT vote_sealed FROM sale.ballot")
    assert all(b"approve" not in bytes(row.vote_sealed) for row in ballots)
    results = await world.rows("SELECT result FROM kernel.command WHERE kind = 'CastVote'")
    assert all(b"approve" not in bytes(row.result) and b"reject" not in bytes(row.result) for row in results)


async def test_outvoted_listing_goes_back_to_draft(world: World) -> None:
    """A rejected listing may be proposed again as a new version."""
    vote = await listed(world)
    await world.vote(vote.question_id, "approve", "reject", "reject")

    assert not (await world.decide()).approved
    again = await world.list(balance_days=20)
    assert (again.version, again.question_id != vote.question_id) == (2, True)


async def test_listing_is_not_decided_early(world: World) -> None:
    """Two votes of three leave the listing undecided."""
    vote = await listed(world)
    await world.vote(vote.question_id, "approve", "approve")

    with pytest.raises(VotesOutstanding):
        await world.decide()
    lot = await world.read(lambda tx: store.open_lot(tx, world.lot_id))
    assert lot.state == LotState.LISTED


async def test_no_vote_after_the_decision(world: World) -> None:
    """What is decided takes no more votes."""
    vote = await listed(world)
    await world.vote(vote.question_id, "approve", "approve", "approve")
    await world.decide()

    with pytest.raises((AlreadyDecided, AlreadyVoted)):
        await cast_vote(world.db, world.presiding, msgspec.structs.replace(vote, command_id=new_id()))


async def test_desk_shows_what_awaits_a_member(world: World) -> None:
    """A member sees undecided questions of his panels and whether he voted, never how others did."""
    vote = await listed(world)
    await cast_vote(world.db, world.presiding, vote)

    (mine,) = await world.read(lambda tx: panel_desk(tx, world.presiding.person_id))
    (other,) = await world.read(lambda tx: panel_desk(tx, world.judges[1].person_id))
    assert (mine.i_voted, mine.i_preside, mine.voted, mine.members) == (True, True, 1, 3)
    assert (other.i_voted, other.proposal["type"]) == (False, "listing")
    assert not await world.read(lambda tx: panel_desk(tx, new_id()))
