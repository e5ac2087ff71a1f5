from __future__ import annotations

import pytest

from auction.kernel.actors import Role, RoleLacking
from auction.sale.cases.cases import NotASaleFile
from auction.sale.cases.open_case_at_bank import CaseAccountNotOfBank, open_case_at_bank
from tests.auction.fund.world import FakeBank
from tests.auction.sale.world import World, actor

GIVEN = "880010020030040010000000"


@pytest.mark.parametrize("typed", [GIVEN, "8800 1002 0030 0400 1000 0000"])
async def test_case_is_opened_under_the_banks_number(world: World, typed: str) -> None:
    """What the bank gave for this case is taken, blanks apart, also when the command comes twice."""
    bank, command = FakeBank(), world.opening(case_account_number=typed)
    for _twice in range(2):
        assert await open_case_at_bank(world.db, world.handler, command, bank=bank) == world.case_id


@pytest.mark.parametrize("typed", ["6222 0000 0000 1234", GIVEN[:-1] + "1"])
async def test_case_is_opened_under_no_other_number(world: World, typed: str) -> None:
    """Loans are paid to the case's number: one that was typed, or prefilled by a link, opens nothing."""
    with pytest.raises(CaseAccountNotOfBank):
        await open_case_at_bank(world.db, world.handler, world.opening(case_account_number=typed), bank=FakeBank())

    assert await world.rows("SELECT 1 FROM sale.case_file") == []


async def test_bank_is_not_asked_for_what_is_refused_anyway(world: World) -> None:
    """Neither a stranger nor a file in which nothing is sold opens an account at the bank."""
    bank = FakeBank()
    with pytest.raises(RoleLacking):
        await open_case_at_bank(world.db, actor(Role.PARTY), world.opening(case_account_number=GIVEN), bank=bank)
    with pytest.raises(NotASaleFile):
        await open_case_at_bank(world.db, world.handler, world.opening(case_number="(2026)京0105民初1号"), bank=bank)

    assert bank.accounts == {}
