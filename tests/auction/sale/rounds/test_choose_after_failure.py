from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

import msgspec
import pytest

from auction.kernel.clock import local
from auction.kernel.errors import Refusal
from auction.kernel.ids import new_id
from auction.kernel.money import Money
from auction.sale.cases.parties import PartyRole
from auction.sale.lots.lint import ListingUnlawful
from auction.sale.lots.lots import LotState
from auction.sale.lots.panel import AfterFailureProposal, PanelDisapproved, ProposalDiffers, Vote
from auction.sale.lots.put_question import PutQuestion, put_question
from auction.sale.rounds.choose_after_failure import ChooseAfterFailure, choose_after_failure
from auction.sale.rounds.rounds import (
    Choice,
    ChoiceAlreadyMade,
    ChoiceNotLawful,
    NotACreditor,
    RoundMoveNotAllowed,
    SatisfactionBelowReserve,
    check_choice,
    lawful_choices,
)
from tests.auction.sale.world import RESERVE, World
from tests.stages import staged

Creditor = tuple[UUID, int]
SECOND_RESERVE = Money.yuan(1_680_000)
SECOND_OPENS = local(date(2027, 5, 6), 10)


@staged
async def failed(world: World) -> None:
    """Go to a failed first round; it failed on 8 April 2027."""
    published = await world.announced()
    await world.close(world.outcome(published, None))


async def choose(
    world: World, choice: Choice, *, asked: Choice | None = None, approve: bool = True, creditor: Creditor | None = None
) -> LotState:
    """Ask the panel, then record the choice."""
    question_id = new_id()
    proposal = AfterFailureProposal(lot_id=world.lot_id, round_id=world.round_id, choice=asked or choice)
    await put_question(
        world.db, world.handler, PutQuestion(command_id=new_id(), question_id=question_id, proposal=proposal)
    )
    vote: Vote = "approve" if approve else "reject"
    await world.vote(question_id, vote, vote, vote)
    command = ChooseAfterFailure(
        command_id=new_id(), round_id=world.round_id, choice=choice, reason="示例理由", question_id=question_id
    )
    if creditor is not None:
        command = msgspec.structs.replace(command, creditor_party_id=creditor[0], price_fen=creditor[1])
    return (await choose_after_failure(world.db, world.handler, command)).lot_state


@pytest.mark.parametrize(
    ("kind", "lawful"),
    [
        ("first", {"in_satisfaction", "second_round", "other_measures"}),
        ("second", {"in_satisfaction", "sell_off", "other_measures", "lift_and_return"}),
        ("sell_off", {"in_satisfaction", "other_measures", "lift_and_return"}),
    ],
)
def test_choices_follow_the_kind_of_round(kind: str, lawful: set[str]) -> None:
    """An online auction has two rounds, then a sell-off, then other measures or the return (网拍 26)."""
    assert set(lawful_choices(kind)) == lawful
    for choice in lawful:
        check_choice(kind, choice)  # type: ignore[arg-type]  # a choice


async def test_third_auction_is_not_lawful(world: World) -> None:
    """After the first failure no sell-off and no return: the second auction comes first (网拍 26)."""
    await failed(world)

    for choice in ("sell_off", "lift_and_return"):
        with pytest.raises(ChoiceNotLawful):
            await choose(world, choice)


async def test_choice_needs_the_panel(world: World) -> None:
    """What the panel rejected, or was not asked, is not chosen."""
    await failed(world)

    with pytest.raises(PanelDisapproved):
        await choose(world, "second_round", approve=False)
    with pytest.raises(ProposalDiffers):
        await choose(world, "second_round", asked="other_measures")


async def test_choice_is_recorded_once(world: World) -> None:
    """A failed round ends in one recorded choice (practice 16)."""
    await failed(world)
    await choose(world, "second_round")

    with pytest.raises(ChoiceAlreadyMade):
        await choose(world, "other_measures")


async def test_only_a_failed_round_has_a_choice(world: World) -> None:
    """A sold round leaves nothing to choose."""
    await world.sold()

    with pytest.raises(RoundMoveNotAllowed):
        await choose(world, "second_round")


@pytest.mark.parametrize(
    ("price", "role", "refusal"),
    [
        (RESERVE.fen, PartyRole.APPLICANT, None),
        (RESERVE.fen - 1, PartyRole.APPLICANT, SatisfactionBelowReserve),
        (RESERVE.fen + 1, PartyRole.APPLICANT, SatisfactionBelowReserve),
        (RESERVE.fen, PartyRole.JUDGMENT_DEBTOR, NotACreditor),
    ],
)
async def test_creditor_takes_the_asset_at_that_rounds_reserve(
    world: World, price: int, role: PartyRole, refusal: type[Refusal] | None
) -> None:
    """A creditor may take the asset at the reserve of the failed round, to the fen (拍变 16)."""
    await failed(world)
    creditor = (world.parties[role], price)
    if refusal is None:
        assert await choose(world, "in_satisfaction", creditor=creditor) is LotState.SATISFIED
        return
    with pytest.raises(refusal):
        await choose(world, "in_satisfaction", creditor=creditor)


@pytest.mark.parametrize(
    ("reserve", "opens_on", "code"),
    [
        (SECOND_RESERVE.fen, date(2027, 5, 6), None),
        (SECOND_RESERVE.fen - 1, date(2027, 5, 6), "second_reserve_below_floor"),
        (SECOND_RESERVE.fen, date(2027, 5, 10), "second_round_too_late"),
    ],
)
async def test_second_round_is_listed_by_law(world: World, reserve: int, opens_on: date, code: str | None) -> None:
    """After a failure on 8 April the second round opens by 8 May, at 80 % of the first start at least (网拍 26)."""
    await failed(world)
    await choose(world, "second_round")
    opens_at = local(opens_on, 10)
    changes: dict[str, object] = {
        "kind": "second",
        "reserve_fen": reserve,
        "deposit_fen": reserve // 10,
        "opens_at": opens_at,
        "closes_at": opens_at + timedelta(days=1),
    }
    if code is None:
        assert (await world.list(**changes)).version == 2
        return
    with pytest.raises(ListingUnlawful) as refused:
        await world.list(**changes)
    assert refused.value.facts["codes"] == code


async def test_second_round_is_announced_on_the_same_lot(world: World) -> None:
    """The second round is a round of its own: new session, number 2, fifteen days' notice (网拍 26)."""
    await failed(world)
    await choose(world, "second_round")
    listed = await world.list(
        kind="second",
        reserve_fen=SECOND_RESERVE.fen,
        deposit_fen=SECOND_RESERVE.fen // 10,
        opens_at=SECOND_OPENS,
        closes_at=SECOND_OPENS + timedelta(days=1),
    )
    await world.vote(listed.question_id, "approve", "approve", "approve")
    await world.decide()
    await world.rule_and_notify(local(date(2027, 4, 8), 10))
    await world.at(local(date(2027, 4, 12), 9))

    published = await world.publish(new_id())

    assert published.number == 2
    assert {row.number for row in await world.rows("SELECT number FROM sale.round")} == {1, 2}


async def test_second_round_needs_its_recorded_choice(world: World) -> None:
    """Without the recorded choice the lot is not listed again (practice 16)."""
    await failed(world)

    with pytest.raises(ListingUnlawful) as refused:
        await world.list(
            kind="second",
            reserve_fen=SECOND_RESERVE.fen,
            deposit_fen=SECOND_RESERVE.fen // 10,
            opens_at=SECOND_OPENS,
            closes_at=SECOND_OPENS + timedelta(days=1),
        )
    assert refused.value.facts["codes"] == "round_kind_out_of_turn"
