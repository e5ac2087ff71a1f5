"""The provider's payouts to the operator stand in the books once, and once back (F56)."""

from __future__ import annotations

import pytest

from auction.fund.channels import note_provider_payouts as module
from auction.fund.channels.note_provider_payouts import note_provider_payouts
from auction.fund.channels.reconcile import reconcile
from auction.fund.gateway import OutcomeUnknown, PayoutState
from auction.fund.ledger.accounts import AccountKind
from tests.auction.fund.deposits.test_flow import pay_by_card
from tests.auction.fund.world import World

DEPOSIT = 50_000_00
PRICE = 400_000_00


async def operator(world: World) -> tuple[int, int]:
    """The operator's claim on the provider, and his own money that stands in."""
    return (
        await world.house(AccountKind.OPERATOR_CARD_CLEARING),
        await world.house(AccountKind.OPERATOR_ADVANCE),
    )


@pytest.fixture
async def advanced(world: World) -> World:
    """The operator advanced a winner's deposit and waits for the provider."""
    winner = await world.bidder(DEPOSIT)
    await pay_by_card(world, winner)
    await world.close(winner, PRICE)
    assert await operator(world) == (DEPOSIT, DEPOSIT)
    return world


async def test_payout_brings_the_advance_back_once(advanced: World) -> None:
    """A paid payout lowers claim and advance, however often it is read; the case is not touched, the comparison finds nothing."""
    advanced.cards.pay_out(DEPOSIT - 1)
    case_before = await advanced.totals()

    made = [await note_provider_payouts(advanced.db, advanced.cards) for _ in range(3)]

    assert made == [1, 0, 0]
    assert await operator(advanced) == (1, 1)
    assert await advanced.totals() == case_before
    reports = await reconcile(advanced.db, cards=advanced.cards, bank=advanced.bank)
    assert [report.differences for report in reports] == [(), (), (), ()]
    await advanced.require_straight()


async def test_no_payout_books_nothing(advanced: World) -> None:
    """Where none was made nothing is booked and nobody is called."""
    assert await note_provider_payouts(advanced.db, advanced.cards) == 0

    assert await operator(advanced) == (DEPOSIT, DEPOSIT)
    assert module.PROVIDER_PAYOUTS not in await advanced.alarms()


@pytest.mark.parametrize(("state", "rings"), [("pending", False), ("failed", True)])
async def test_payout_that_never_arrived_is_not_booked(advanced: World, state: PayoutState, rings: bool) -> None:
    """On its way it is not booked yet; failed before it was paid it never is, and a person is called."""
    advanced.cards.pay_out(DEPOSIT, state)

    assert await note_provider_payouts(advanced.db, advanced.cards) == 0

    assert await operator(advanced) == (DEPOSIT, DEPOSIT)
    assert (module.PROVIDER_PAYOUTS in await advanced.alarms()) is rings


async def test_payout_that_failed_after_it_was_paid_is_booked_back_once(advanced: World) -> None:
    """What the bank sends back is the operator's claim again; it rings until another payout has arrived."""
    payout = advanced.cards.pay_out(DEPOSIT)
    await note_provider_payouts(advanced.db, advanced.cards)
    advanced.cards.payout_becomes(payout, "failed")

    made = [await note_provider_payouts(advanced.db, advanced.cards) for _ in range(2)]

    assert made == [1, 0]
    assert await operator(advanced) == (DEPOSIT, DEPOSIT)
    assert module.PROVIDER_PAYOUTS in await advanced.alarms()
    advanced.cards.pay_out(DEPOSIT)
    assert await note_provider_payouts(advanced.db, advanced.cards) == 1
    assert await operator(advanced) == (0, 0)
    assert module.PROVIDER_PAYOUTS not in await advanced.alarms()
    await advanced.require_straight()


async def test_all_pages_are_read_and_beyond_the_bound_nothing_is_booked(
    advanced: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As many payouts as the pages hold are booked; one more books none of them and calls a person, until the bound is raised."""
    monkeypatch.setattr(module, "PAGE", 2)
    monkeypatch.setattr(module, "MAX_PAGES", 2)
    for _ in range(4):
        advanced.cards.pay_out(1)
    assert await note_provider_payouts(advanced.db, advanced.cards) == 4
    assert advanced.cards.pages == [None, advanced.cards.paid_out[1].provider_id]
    advanced.cards.pay_out(1)

    assert await note_provider_payouts(advanced.db, advanced.cards) == 0
    assert module.PROVIDER_PAYOUTS in await advanced.alarms()
    assert await operator(advanced) == (DEPOSIT - 4, DEPOSIT - 4)
    monkeypatch.setattr(module, "MAX_PAGES", 3)
    assert await note_provider_payouts(advanced.db, advanced.cards) == 1
    assert await operator(advanced) == (DEPOSIT - 5, DEPOSIT - 5)
    assert module.PROVIDER_PAYOUTS not in await advanced.alarms()


async def test_night_that_breaks_off_is_made_up_for(advanced: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The work that dies between two payouts books the rest the next time, none of them twice."""
    for amount in (1, 2, 3):
        advanced.cards.pay_out(amount)
    note, count = module._note, 0

    async def dying(db: object, payout: object) -> bool:
        nonlocal count
        count += 1
        if count == 2:
            raise OutcomeUnknown("the process died")
        return await note(db, payout)  # type: ignore[arg-type]  # passed through

    monkeypatch.setattr(module, "_note", dying)
    with pytest.raises(OutcomeUnknown):
        await note_provider_payouts(advanced.db, advanced.cards)
    assert await operator(advanced) == (DEPOSIT - 1, DEPOSIT - 1)

    assert await note_provider_payouts(advanced.db, advanced.cards) == 2
    assert await operator(advanced) == (DEPOSIT - 6, DEPOSIT - 6)
    await advanced.require_straight()
