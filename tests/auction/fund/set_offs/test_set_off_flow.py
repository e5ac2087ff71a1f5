"""A creditor buys and sets his share off: fixed once, used up by the plan, gone with the purchase."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from auction.fund.cancel_purchase import ProceedsSpent, cancel_purchase, forfeit_deposit
from auction.fund.case_file import DocumentNotSealed
from auction.fund.claims.claims import ClaimKind
from auction.fund.claims.store import claim_rows
from auction.fund.deposits.purchases import PurchaseNotOpen, PurchaseUnknown, purchase_view
from auction.fund.deposits.store import purchase_row
from auction.fund.ledger.export_books import export_books
from auction.fund.ledger.trace import trace_case
from auction.fund.payouts.disbursements import ShareExceeded
from auction.fund.plans.plan import TaxesNotAssessed
from auction.fund.set_offs.decision import set_off_decision
from auction.fund.set_offs.fix_set_off import FixSetOff, fix_set_off
from auction.fund.set_offs.propose_set_off import ProposeSetOff, SetOffView, propose_set_off
from auction.fund.set_offs.second_person import (
    BuyerActs,
    SetOffOtherPaper,
    SetOffProposalUnknown,
    SetOffProposalWaits,
    SetOffSecondPerson,
)
from auction.fund.set_offs.set_off_text import SetOffTextDiffers
from auction.fund.set_offs.set_offs import (
    BuyerIsNoCreditor,
    ClaimSetOff,
    SetOffDisputed,
    SetOffExceedsBalance,
    SetOffExceedsShare,
    SetOffFirst,
    SetOffFixed,
    SetOffUncovered,
)
from auction.fund.settlement.draw_plan import DrawPlan, draw_plan
from auction.fund.settlement.name_assets import NameClaimAsset, name_claim_asset
from auction.fund.settlement.object_to_plan import DecideObjection, ObjectToPlan, decide_objection, object_to_plan
from auction.fund.settlement.propose_plan import PlanWish, propose_plan
from auction.fund.settlement.record_claim import WithdrawClaim, withdraw_claim
from auction.fund.settlement.take_tax_assessment import ReserveTaxes, reserve_taxes
from auction.kernel.actors import Actor, Role, RoleLacking
from auction.kernel.clock import day_start
from auction.kernel.db import Database
from auction.kernel.errors import Refusal
from auction.kernel.ids import AccountId, PersonId, new_id
from auction.kernel.money import AmountNotPositive, Money
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
        await self.buy()

    async def buy(self) -> None:
        """Let the mortgagee win the present round."""
        self.buyer = await self.world.bidder(DEPOSIT, name="示范mortgagee", person_id=self.persons["mortgagee"])
        await self.world.pay_by_bank(self.buyer, DEPOSIT)
        await self.world.close(self.buyer, PRICE)

    async def another_lot(self) -> None:
        """Let him win a second lot of the same case."""
        first = self.world.lot_id
        self.world.round_id, self.world.lot_id = new_id(), new_id()
        await self.buy()
        await self.assess()
        async with self.world.db.reading() as tx:
            secured = [
                row.claim_id
                for row in await claim_rows(tx, self.world.case_id)
                if row.kind in ("mortgage", "construction")
            ]
        for claim_id in secured:
            named = NameClaimAsset(command_id=new_id(), claim_id=claim_id, case_id=self.world.case_id, lot_id=first)
            await name_claim_asset(self.world.db, self.handler, named)

    async def draw_of(self, round_id: UUID) -> None:
        """Draw the plan of one price."""
        wish = PlanWish(
            case_id=self.world.case_id,
            debtor=self.debtor(),
            ordinary_order="pro_rata",
            forfeited_fen=0,
            round_id=round_id,
        )
        async with self.world.db.reading() as tx:
            body = (await propose_plan(tx, wish)).text
        document_id = await self.world.document("distribution_plan", body=body)
        command = DrawPlan(
            command_id=new_id(),
            plan_id=new_id(),
            case_id=self.world.case_id,
            document_id=document_id,
            debtor=self.debtor(),
            panel_document_id=await self.world.document(),
            round_id=round_id,
        )
        self.plan = await draw_plan(self.world.db, self.handler, command)

    async def settled_now(self) -> None:
        """Serve the drawn plan, let the window end, settle."""
        await self.serve()
        await move_clock(self.world.db, to=day_start(await self.window_end() + timedelta(days=1)))
        self.plan = await self.settle()

    @staged
    async def ready(self, owed: int = OWED) -> None:
        """Come as far as assessed taxes and recorded claims."""
        await self.prepare()
        await self.assess()
        await self.claim("mortgagee", ClaimKind.MORTGAGE, owed, date(2020, 1, 1))
        await self.claim("applicant", ClaimKind.ORDINARY, 50_000_00)

    async def decision(self, fen: int) -> UUID:
        """Seal the decision that the system writes now; where it writes none, some other text."""
        try:
            async with self.world.db.reading() as tx:
                purchase = await purchase_row(tx, self.world.round_id)
                assert purchase is not None
                body = await set_off_decision(tx, purchase, Money(fen), ordinary_order="pro_rata")
        except Refusal:
            body = "示范正文"
        return await self.world.document("set_off_decision", body=body)

    async def propose(self, fen: int, **changes: Any) -> SetOffView:  # noqa: ANN401 - any field of the command
        """Propose the set-off as the first person."""
        command = ProposeSetOff(
            command_id=new_id(),
            proposal_id=new_id(),
            round_id=self.world.round_id,
            amount_fen=fen,
            application_sha256="ab" * 32,
            document_id=changes.pop("document_id", None) or await self.decision(fen),
        )
        return await propose_set_off(self.world.db, self.handler, msgspec.structs.replace(command, **changes))

    async def vouch(self, proposal_id: UUID, officer: Actor | None = None, **changes: Any) -> SetOffView:  # noqa: ANN401
        """Vouch for a proposal as the second person."""
        second = officer or await self.world.officer(Role.CLERK)
        command = FixSetOff(command_id=new_id(), proposal_id=proposal_id, application_sha256="ab" * 32)
        return await fix_set_off(self.world.db, second, msgspec.structs.replace(command, **changes))

    async def fix(self, fen: int, **changes: Any) -> SetOffView:  # noqa: ANN401 - any field of the command
        """Let one officer propose and another fix the set-off."""
        return await self.vouch((await self.propose(fen, **changes)).proposal_id)

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

    assert sorted(isinstance(one, SetOffFixed | SetOffProposalWaits) for one in found) == [False, True]
    command_id = new_id()
    with pytest.raises(SetOffFixed):
        await sale.fix(100_00, command_id=command_id)
    assert (await sale.world.totals())["set_off"] in (100_00, 200_00)


async def test_one_officer_alone_fixes_nothing(sale: CreditorsSale) -> None:
    """A proposal books nothing; its own officer, whichever account he uses, and the buyer cannot vouch for it, another can."""
    await sale.ready()
    before = await sale.world.totals()
    proposed = await sale.propose(100_00)
    assert (proposed.is_fixed, await sale.world.totals()) == (False, before)

    own = Actor(account_id=AccountId(new_id()), person_id=sale.handler.person_id, roles=frozenset({Role.CLERK}))
    with pytest.raises(SetOffSecondPerson):
        await sale.vouch(proposed.proposal_id, own)
    buyer = Actor(
        account_id=AccountId(new_id()), person_id=PersonId(sale.persons["mortgagee"]), roles=frozenset({Role.CLERK})
    )
    with pytest.raises(BuyerActs):
        await sale.vouch(proposed.proposal_id, buyer)
    with pytest.raises(SetOffOtherPaper):
        await sale.vouch(proposed.proposal_id, application_sha256="cd" * 32)
    with pytest.raises(SetOffProposalUnknown):
        await sale.vouch(new_id())
    with pytest.raises(SetOffProposalWaits):
        await sale.propose(200_00)
    assert await sale.world.totals() == before

    assert (await sale.vouch(proposed.proposal_id)).is_fixed
    with pytest.raises(SetOffFixed):
        await sale.vouch(proposed.proposal_id)
    assert (await sale.world.totals())["set_off"] == 100_00


async def test_buyer_who_is_an_officer_proposes_nothing(sale: CreditorsSale) -> None:
    """Nobody has a part in fixing his own set-off."""
    await sale.ready()
    sale.handler = Actor(
        account_id=AccountId(new_id()), person_id=PersonId(sale.persons["mortgagee"]), roles=frozenset({Role.CLERK})
    )

    with pytest.raises(BuyerActs):
        await sale.propose(100_00)


async def test_what_was_typed_wrong_is_typed_anew(sale: CreditorsSale) -> None:
    """The second person turns a proposal down; it never counts, and the next one may be made."""
    await sale.ready()
    wrong = await sale.propose(100_00)
    turned_down = await sale.vouch(wrong.proposal_id, agrees=False)

    assert not turned_down.is_fixed
    assert "set_off" not in await sale.world.totals()
    with pytest.raises(SetOffProposalUnknown):
        await sale.vouch(wrong.proposal_id)
    await sale.fix(200_00)
    assert (await sale.world.totals())["set_off"] == 200_00


async def test_claims_that_changed_between_the_two_persons_stop_the_second(sale: CreditorsSale) -> None:
    """What the decision follows from is computed anew when it is fixed."""
    await sale.ready()
    proposed = await sale.propose(100_00)
    await sale.claim("applicant", ClaimKind.CONSTRUCTION, 1_00)

    with pytest.raises(SetOffTextDiffers):
        await sale.vouch(proposed.proposal_id)
    assert "set_off" not in await sale.world.totals()


async def test_vouching_twice_at_once_books_once(sale: CreditorsSale) -> None:
    """Two others vouch at the same moment: one entry."""
    await sale.ready()
    proposed = await sale.propose(100_00)
    found = await asyncio.gather(
        *(sale.vouch(proposed.proposal_id) for _ in range(2)),
        return_exceptions=True,
    )

    assert sorted(isinstance(one, Refusal) for one in found) == [False, True]
    assert (await sale.world.totals())["set_off"] == 100_00


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
    columns = "round_id, case_id, person_id, amount_fen, ceiling_fen, working, ordinary_order, application_sha256, document_id, entry_id, fixed_at"
    statements = [
        "UPDATE fund.set_off SET amount_fen = 1",
        "DELETE FROM fund.set_off",
        copied.format(columns),
        copied.format(columns.replace("round_id", "gen_random_uuid()")),
        copied.format(columns.replace("amount_fen", "ceiling_fen + 1")),
        "UPDATE fund.set_off_proposal SET amount_fen = 1",
        "DELETE FROM fund.set_off_check",
        "INSERT INTO fund.set_off_check SELECT gen_random_uuid(), proposed_by, proposed_by, true, checked_at FROM fund.set_off_check",
    ]
    for statement in statements:
        with pytest.raises(DBAPIError):
            async with sale.world.db.transaction() as tx:
                await tx.session.execute(text(statement))


async def test_one_claim_stands_for_one_amount(sale: CreditorsSale) -> None:
    """Who buys two lots of the case sets his claim off once: secured in the first and not lacking anything there, he has no share in the second."""
    await sale.ready(owed=900_000_00)
    await sale.fix(900_000_00)
    await sale.another_lot()

    with pytest.raises(BuyerIsNoCreditor):
        await sale.fix(1_00)


async def test_second_purchase_sets_off_what_the_first_price_leaves(sale: CreditorsSale) -> None:
    """Secured in the first lot, he sets his lack off against the second: all of it, to the fen, and both plans use both set-offs up."""
    lack = 60_000_00
    await sale.ready(owed=CEILING + lack)
    first = sale.world.round_id
    await sale.fix(PRICE - DEPOSIT)
    await sale.another_lot()
    second = sale.world.round_id

    with pytest.raises(SetOffExceedsShare):
        await sale.fix(lack + 1)
    await sale.fix(lack)
    await sale.world.pay_by_bank(sale.buyer, PRICE - DEPOSIT - lack)
    await sale.draw_of(second)
    for round_id in (first, second):
        await sale.draw_of(round_id)
        await sale.settled_now()

    assert "set_off" not in await sale.world.totals()
    await sale.world.require_straight()


async def test_price_against_which_he_set_off_is_distributed_first(sale: CreditorsSale) -> None:
    """A plan of another price that would pay his claim in money is not drawn, and one drawn before the set-off is not settled, until the first price is distributed."""
    await sale.prepare()
    await sale.assess()
    await sale.claim("mortgagee", ClaimKind.ORDINARY, PRICE - DEPOSIT)
    first = sale.world.round_id
    await sale.another_lot()
    second = sale.world.round_id
    await sale.world.pay_by_bank(sale.buyer, PRICE - DEPOSIT)
    await sale.draw_of(second)
    await sale.serve()
    sale.world.round_id = first
    await sale.fix(PRICE - DEPOSIT)
    await move_clock(sale.world.db, to=day_start(await sale.window_end() + timedelta(days=1)))

    with pytest.raises(SetOffFirst):
        await sale.settle()
    with pytest.raises(SetOffFirst):
        await sale.draw_of(second)
    for round_id in (first, second):
        await sale.draw_of(round_id)
        await sale.settled_now()
    assert {line.kind: line.share_fen for line in sale.plan.lines}["surplus"] == PRICE - TAX
    assert "set_off" not in await sale.world.totals()
    await sale.world.require_straight()


async def test_decision_binds_amount_and_sale(sale: CreditorsSale) -> None:
    """A decision on another amount, or on working that changed since, fixes nothing; nor does one a second time."""
    await sale.ready()
    ten = await sale.decision(10_00)
    with pytest.raises(SetOffTextDiffers):
        await sale.fix(11_00, document_id=ten)
    await sale.claim("applicant", ClaimKind.CONSTRUCTION, 1_00)
    with pytest.raises(SetOffTextDiffers):
        await sale.fix(10_00, document_id=ten)
    again = await sale.decision(10_00)
    await sale.fix(10_00, document_id=again)
    await sale.world.pay_by_bank(sale.buyer, PRICE - DEPOSIT - 10_00)
    await sale.another_lot()
    with pytest.raises(SetOffTextDiffers):
        await sale.fix(10_00, document_id=again)


async def test_reserve_is_no_assessment(sale: CreditorsSale) -> None:
    """A reserve of one fen would make room for a set-off that the assessment takes away again."""
    await sale.prepare()
    sale.world.tax.state = "pending"
    await sale.assess()
    await sale.claim("mortgagee", ClaimKind.MORTGAGE, OWED, date(2020, 1, 1))
    reserve = ReserveTaxes(command_id=new_id(), round_id=sale.world.round_id, amount_fen=1, reason="未复")
    await reserve_taxes(sale.world.db, sale.handler, reserve)

    with pytest.raises(TaxesNotAssessed):
        await sale.fix(1_00)


async def test_claim_that_stands_for_a_price_is_not_withdrawn(sale: CreditorsSale) -> None:
    """A plan without it would leave the price unpaid."""
    await sale.ready()
    view = await sale.fix(PRICE - DEPOSIT)
    own = next(line.claim_id for line in view.working if line.is_buyers)
    withdraw = WithdrawClaim(command_id=new_id(), claim_id=own, case_id=sale.world.case_id)

    with pytest.raises(ClaimSetOff):
        await withdraw_claim(sale.world.db, sale.handler, withdraw)


async def test_disputed_share_does_not_settle_a_set_off(sale: CreditorsSale) -> None:
    """While another creditor sues over the buyer's line the plan waits; the buyer may pay the difference in, and it settles."""
    await sale.ready()
    await sale.fix(PRICE - DEPOSIT)
    await sale.draw()
    await sale.serve()
    party = Actor(
        account_id=AccountId(new_id()), person_id=PersonId(sale.persons["applicant"]), roles=frozenset({Role.PARTY})
    )
    objection = ObjectToPlan(
        command_id=new_id(),
        objection_id=new_id(),
        plan_id=sale.plan.plan_id,
        party_id=sale.parties["applicant"],
        line_id=sale.line("mortgage"),
        disputed_fen=500_000_00,
        grounds="抵押权未登记",
    )
    await object_to_plan(sale.world.db, party, objection)
    await move_clock(sale.world.db, to=day_start(await sale.window_end() + timedelta(days=1)))
    decision = DecideObjection(
        command_id=new_id(),
        objection_id=objection.objection_id,
        plan_id=sale.plan.plan_id,
        outcome="suit",
        document_id=await sale.world.document("plan_suit_notice"),
        notice_document_id=await sale.world.document("plan_opposition_notice"),
        filed_on=await sale.today(),
    )
    await decide_objection(sale.world.db, sale.handler, decision)
    with pytest.raises(SetOffDisputed):
        await sale.settle()

    missing = (PRICE - DEPOSIT) - (CEILING - 500_000_00)
    await sale.world.pay_by_bank(sale.buyer, missing)
    assert (await sale.world.totals())["set_off"] == PRICE - DEPOSIT - missing
    sale.plan = await sale.settle()

    totals = await sale.world.totals()
    assert "set_off" not in totals
    assert totals["escrow"] == 500_000_00
    assert totals["bank"] == sum(fen for kind, fen in totals.items() if kind != "bank")
    await sale.world.require_straight()


async def test_plan_of_another_lot_leaves_an_open_set_off_alone(sale: CreditorsSale) -> None:
    """What stands for a price that is not paid yet may still fall: a default is possible after another lot's plan was settled."""
    await sale.ready()
    first = sale.world.round_id
    await sale.world.pay_by_bank(sale.buyer, PRICE - DEPOSIT)
    await sale.another_lot()
    await sale.fix(100_000_00)
    await sale.draw_of(first)
    await sale.settled_now()
    assert (await sale.world.totals())["set_off"] == 100_000_00
    world = sale.world

    async def default(tx: Any) -> None:  # noqa: ANN401 - the transaction
        await tx.about_case(world.case_id)
        await forfeit_deposit(tx, round_id=world.round_id)

    await world.db.transact(default)
    assert "set_off" not in await world.totals()
    await world.require_straight()


async def test_sale_whose_set_off_was_used_is_not_simply_undone(sale: CreditorsSale) -> None:
    """A plan used the share up: setting aside needs the payees to return, also where other money lies in the case."""
    await sale.ready()
    await sale.fix(PRICE - DEPOSIT)
    first = sale.world.round_id
    await sale.draw()
    await sale.settled_now()
    await sale.another_lot()
    await sale.world.pay_by_bank(sale.buyer, PRICE - DEPOSIT)

    async def undo(tx: Any) -> None:  # noqa: ANN401 - the transaction
        await tx.about_case(sale.world.case_id)
        await cancel_purchase(tx, round_id=first)

    with pytest.raises(ProceedsSpent):
        await sale.world.db.transact(undo)


async def test_trace_pays_everybody_else_from_money(sale: CreditorsSale) -> None:
    """What was set off is used up in the buyer's own line; the tax comes from the deposit's cash, to the fen."""
    await sale.ready()
    await sale.fix(PRICE - DEPOSIT)
    await sale.draw()
    await sale.settled_now()
    async with sale.world.db.reading() as tx:
        streams = await trace_case(tx, sale.world.case_id)

    found = {(s.source.cause, s.end.account or s.end.cause): s.source.amount_fen for s in streams}
    assert found == {
        ("deposit_received", "taxes_payable"): TAX,
        ("deposit_received", "claims_payable"): DEPOSIT - TAX,
        ("set_off_applied", "set_off_settled"): PRICE - DEPOSIT,
    }


async def test_trace_follows_money_that_replaced_a_set_off(sale: CreditorsSale) -> None:
    """Half of it paid in later: that money stands in its place, and is what the buyer is paid out."""
    await sale.ready()
    await sale.fix(PRICE - DEPOSIT)
    await sale.world.pay_by_bank(sale.buyer, 400_000_00)
    async with sale.world.db.reading() as tx:
        streams = await trace_case(tx, sale.world.case_id)

    found = {(s.source.cause, s.end.account): s.source.amount_fen for s in streams}
    assert found == {
        ("deposit_received", "proceeds"): DEPOSIT,
        ("balance_received", "proceeds"): 400_000_00,
        ("set_off_applied", "proceeds"): PRICE - DEPOSIT - 400_000_00,
    }
