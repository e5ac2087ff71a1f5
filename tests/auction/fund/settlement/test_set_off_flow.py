"""A creditor buys and sets his share off: fixed once, used up by the plan, gone with the purchase."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from auction.fund.cancel_purchase import cancel_purchase, forfeit_deposit
from auction.fund.case_file import DocumentNotSealed
from auction.fund.deposits.purchases import PurchaseNotOpen, PurchaseUnknown, purchase_view
from auction.fund.ledger.export_books import export_books
from auction.fund.settlement.claims import ClaimKind
from auction.fund.settlement.disbursements import ShareExceeded
from auction.fund.settlement.draw_plan import TaxesNotAssessed
from auction.fund.settlement.fix_set_off import FixSetOff, SetOffView, fix_set_off
from auction.fund.settlement.set_offs import (
    BuyerIsNoCreditor,
    SetOffExceedsBalance,
    SetOffExceedsShare,
    SetOffFixed,
    SetOffUncovered,
)
from auction.kernel.actors import Role, RoleLacking
from auction.kernel.clock import day_start
from auction.kernel.db import Database
from auction.kernel.errors import Refusal
from auction.kernel.ids import new_id
from auction.kernel.money import AmountNotPositive
from auction.kernel.move_clock import move_clock
from tests.auction.fund.ledger.beans import bean_check, sums_of
from tests.auction.fund.settlement.test_settlement_flow import DEPOSIT, PRICE, ROLES, Sale
from tests.auction.fund.world import Bidder, World
from tests.stages import staged

TAX = PRICE // 100
OWED = 2_000_000_00
CEILING = PRICE - TAX


class CreditorsSale(Sale):
    """A sale whose buyer is the mortgagee."""

    buyer: Bidder

    @staged
    async def prepare(self) -> None:
        """Let the mortgagee buy; only his deposit is paid."""
        await self.world.open()
        for name in ROLES:
            await self.add_party(name)
        self.handler = await self.world.officer(Role.CASE_HANDLER)
        self.buyer = await self.world.bidder(DEPOSIT, name="示范mortgagee", person_id=self.persons["mortgagee"])
        await self.world.pay_by_bank(self.buyer, DEPOSIT)
        await self.world.close(self.buyer, PRICE)

    @staged
    async def ready(self, owed: int = OWED) -> None:
        """Come as far as assessed taxes and recorded claims."""
        await self.prepare()
        await self.assess()
        await self.claim("mortgagee", ClaimKind.MORTGAGE, owed, date(2020, 1, 1))
        await self.claim("applicant", ClaimKind.ORDINARY, 50_000_00)

    async def fix(self, fen: int, **changes: Any) -> SetOffView:  # noqa: ANN401 - any field of the command
        """Fix the set-off."""
        command = FixSetOff(
            command_id=new_id(),
            round_id=self.world.round_id,
            amount_fen=fen,
            application_sha256="ab" * 32,
            document_id=await self.world.document("set_off_decision"),
        )
        return await fix_set_off(self.world.db, self.handler, msgspec.structs.replace(command, **changes))

    async def state(self) -> tuple[str, int]:
        """The purchase's state and what is missing."""
        async with self.world.db.reading() as tx:
            view = await purchase_view(tx, self.world.round_id)
        return view.state, view.balance_fen


@pytest.fixture
def sale(db: Database) -> CreditorsSale:
    """A sale to the mortgagee, in a world in which nothing happened yet."""
    return CreditorsSale(World(db))


async def test_share_stands_for_the_price_and_is_used_up_by_the_plan(sale: CreditorsSale, tmp_path: Path) -> None:
    """Deposit and set-off make the price; the plan pays the set-off back, the tax in money, and the case closes at zero."""
    await sale.ready()
    view = await sale.fix(PRICE - DEPOSIT)
    assert view.ceiling_fen == CEILING
    assert [(line.kind, line.share_fen, line.is_buyers) for line in view.working] == [
        ("sale_tax", TAX, False),
        ("mortgage", CEILING, True),
        ("ordinary", 0, False),
    ]
    assert await sale.state() == ("paid", 0)
    assert await sale.world.totals() == {"bank": DEPOSIT, "set_off": PRICE - DEPOSIT, "proceeds": PRICE}

    await sale.draw()
    await sale.serve()
    await move_clock(sale.world.db, to=day_start(await sale.window_end() + timedelta(days=1)))
    sale.plan = await sale.settle()
    left = CEILING - (PRICE - DEPOSIT)
    assert await sale.world.totals() == {"bank": DEPOSIT, "taxes_payable": TAX, "claims_payable": left}

    for name in sale.persons:
        await sale.record_account(name, f"62220000000{len(name):04d}")
    with pytest.raises(ShareExceeded):
        await sale.prepared("mortgage", left + 1)
    view_of_payout = await sale.prepared("mortgage", left)
    assert view_of_payout.amount_fen == left
    await sale.world.require_straight()
    file = tmp_path / "case.beancount"
    file.write_text(await export_books(sale.world.db), encoding="utf-8")
    assert bean_check(file).returncode == 0
    assert not any(fen for name, fen in sums_of(file).items() if "Set-off" in name)


async def test_the_rest_is_paid_in(sale: CreditorsSale) -> None:
    """A creditor with a smaller claim sets that off; the purchase is paid only with the last fen in money."""
    await sale.ready(owed=300_000_00)
    await sale.fix(300_000_00)
    missing = PRICE - DEPOSIT - 300_000_00
    assert await sale.state() == ("open", missing)

    await sale.world.pay_by_bank(sale.buyer, missing - 1)
    assert await sale.state() == ("open", 1)
    await sale.world.pay_by_bank(sale.buyer, 1)

    assert await sale.state() == ("paid", 0)
    await sale.world.require_straight()


@pytest.mark.parametrize(
    ("owed", "fen", "refused"),
    [
        (OWED, PRICE - DEPOSIT + 1, SetOffExceedsBalance),
        (300_000_00, 300_000_01, SetOffExceedsShare),
        (OWED, 0, AmountNotPositive),
        (OWED, -1, AmountNotPositive),
    ],
)
async def test_what_is_too_much_or_nothing_is_refused(
    sale: CreditorsSale, owed: int, fen: int, refused: type[Refusal]
) -> None:
    """One fen more than what is missing, or than the share, changes nothing."""
    await sale.ready(owed=owed)
    before = await sale.world.totals()

    with pytest.raises(refused):
        await sale.fix(fen)
    assert await sale.world.totals() == before


async def test_no_set_off_before_the_taxes_are_known(sale: CreditorsSale) -> None:
    """The share comes after the taxes of the sale: before their assessment or a reserve there is none (网拍 30)."""
    await sale.prepare()
    await sale.claim("mortgagee", ClaimKind.MORTGAGE, OWED, date(2020, 1, 1))

    with pytest.raises(TaxesNotAssessed):
        await sale.fix(1)


async def test_only_the_buyers_own_claim_counts(sale: CreditorsSale) -> None:
    """Another's claim in the case is no ground for the buyer."""
    await sale.prepare()
    await sale.assess()
    await sale.claim("applicant", ClaimKind.ORDINARY, OWED)

    with pytest.raises(BuyerIsNoCreditor):
        await sale.fix(1)


async def test_it_rests_on_its_own_sealed_decision(sale: CreditorsSale) -> None:
    """Neither another kind of document nor one of another case fixes a set-off; nor does a bidder."""
    await sale.ready()
    with pytest.raises(DocumentNotSealed):
        await sale.fix(1, document_id=await sale.world.document("other"))
    with pytest.raises(DocumentNotSealed):
        await sale.fix(1, document_id=new_id())
    with pytest.raises(PurchaseUnknown):
        await sale.fix(1, round_id=new_id())
    sale.handler = sale.buyer.actor
    with pytest.raises(RoleLacking):
        await sale.fix(1)


async def test_it_is_fixed_once_whoever_comes_first(sale: CreditorsSale) -> None:
    """Two officers at the same moment: one set-off stands, the other is refused; a repetition of the command is the same one."""
    await sale.ready()
    found = await asyncio.gather(sale.fix(100_00), sale.fix(200_00), return_exceptions=True)

    assert sorted(isinstance(one, SetOffFixed) for one in found) == [False, True]
    command_id = new_id()
    with pytest.raises(SetOffFixed):
        await sale.fix(100_00, command_id=command_id)
    assert (await sale.world.totals())["set_off"] in (100_00, 200_00)


async def test_paid_purchase_takes_no_set_off(sale: CreditorsSale) -> None:
    """Where the price is paid in money there is nothing to set off."""
    await sale.ready()
    await sale.world.pay_by_bank(sale.buyer, PRICE - DEPOSIT)

    with pytest.raises(PurchaseNotOpen):
        await sale.fix(1)


@pytest.mark.parametrize("is_default", [True, False])
async def test_it_falls_with_its_purchase(sale: CreditorsSale, is_default: bool) -> None:
    """On default, or when the sale is set aside, the claim is owed again; no money goes out for it."""
    await sale.ready()
    await sale.fix(100_000_00)
    world = sale.world

    async def fall(tx: Any) -> None:  # noqa: ANN401 - the transaction
        await tx.about_case(world.case_id)
        await (forfeit_deposit if is_default else cancel_purchase)(tx, round_id=world.round_id)

    await world.db.transact(fall)
    await world.settle_bank()

    assert await world.totals() == ({"bank": DEPOSIT, "forfeited": DEPOSIT} if is_default else {})
    await world.require_straight()


async def test_plan_that_would_give_him_less_is_not_drawn(sale: CreditorsSale) -> None:
    """A claim recorded later that goes before his leaves his set-off uncovered: the plan waits."""
    await sale.ready()
    await sale.fix(PRICE - DEPOSIT)
    await sale.claim("applicant", ClaimKind.CONSTRUCTION, DEPOSIT - TAX + 1)

    with pytest.raises(SetOffUncovered):
        await sale.draw()


async def test_database_holds_it_too(sale: CreditorsSale) -> None:
    """Append-only, one for a purchase, its own buyer's, never above the ceiling."""
    await sale.ready()
    await sale.fix(100_00)
    copied = "INSERT INTO fund.set_off SELECT {} FROM fund.set_off"
    columns = "round_id, case_id, person_id, amount_fen, ceiling_fen, working, application_sha256, document_id, entry_id, fixed_at"
    statements = [
        "UPDATE fund.set_off SET amount_fen = 1",
        "DELETE FROM fund.set_off",
        copied.format(columns),
        copied.format(columns.replace("round_id", "gen_random_uuid()")),
        copied.format(columns.replace("amount_fen", "ceiling_fen + 1")),
    ]
    for statement in statements:
        with pytest.raises(DBAPIError):
            async with sale.world.db.transaction() as tx:
                await tx.session.execute(text(statement))
