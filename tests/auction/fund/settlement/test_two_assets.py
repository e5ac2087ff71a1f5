"""Two lots of two debtors, each price distributed by a plan of its own, to zero (issue 5; auction/DECISIONS F88–F91)."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

import pytest

from auction.fund.cancel_purchase import set_purchase_aside
from auction.fund.case_seizures import note_seizure
from auction.fund.claims.claims import ClaimKind
from auction.fund.deposits.store import purchases_of_case
from auction.fund.payouts.views import payee_accounts
from auction.fund.plans.assets import LotOwnerUnknown, SaleNotNamed, claims_of_sale, held_by_sale, note_lot
from auction.fund.plans.one_asset import AssetNotNamed
from auction.fund.plans.plan import PlanOutdated
from auction.fund.plans.store import PlanView, plan_view, still_open
from auction.fund.plans.tables import PlanSaleRow
from auction.fund.settlement.name_assets import (
    AssetNamedAlready,
    LotNotOfCase,
    NameClaimAsset,
    RecordLotOwner,
    name_claim_asset,
    record_lot_owner,
)
from auction.fund.settlement.propose_plan import DebtorAddressed, NotTheOwner, PlanWish, propose_plan
from auction.fund.settlement.record_claim import RecordClaim, record_claim
from auction.fund.settlement.record_late_interest import RecordLateInterest, Stretch, record_late_interest
from auction.fund.settlement.record_title_interest import RecordTitleInterest, StretchOfTitle, record_title_interest
from auction.kernel.clock import day_start
from auction.kernel.db import Database, Transaction
from auction.kernel.ids import new_id
from auction.kernel.money import ZERO
from auction.kernel.move_clock import move_clock
from tests.auction.fund.settlement.test_settlement_flow import DEPOSIT, PRICE, TAX, Sale
from tests.auction.fund.world import World

NET = PRICE - TAX
"""What one price leaves to the creditors after the taxes of its sale."""


class TwoAssets(Sale):
    """A case that sold two lots at one price each: the first was *debtor*'s, the second *other*'s."""

    first: UUID
    second: UUID
    first_lot: UUID
    second_lot: UUID
    claims: dict[str, UUID]

    async def sold(self, *, debtors: int = 2) -> None:
        """Sell both, have both paid and both taxed, and record who owned them."""
        await self.prepare()
        self.claims = {}
        self.first, self.first_lot = self.world.round_id, self.world.lot_id
        await self.assess()
        self.world.lot_id, self.world.round_id = new_id(), new_id()
        self.second, self.second_lot = self.world.round_id, self.world.lot_id
        winner = await self.world.bidder(DEPOSIT)
        await self.world.pay_by_bank(winner, DEPOSIT)
        await self.world.close(winner, PRICE)
        await self.world.pay_by_bank(winner, PRICE - DEPOSIT)
        await self.assess()
        for lot_id, title in ((self.first_lot, "示范住宅"), (self.second_lot, "示范商铺")):
            await self.note(lot_id, title)
        if debtors == 2:
            self.persons["other"] = await self.world.person("示范other")
            self.parties["other"] = await self.world.party(self.persons["other"], "judgment_debtor")

    async def note(self, lot_id: UUID, title: str) -> None:
        """Note a lot, its asset under the lot's own id."""
        await self.db.transact(
            lambda tx: note_lot(tx, lot_id=lot_id, case_id=self.world.case_id, asset_id=lot_id, title=title)
        )

    async def owned(self, lot_id: UUID, name: str) -> None:
        """Record whose a lot was."""
        command = RecordLotOwner(
            command_id=new_id(),
            lot_id=lot_id,
            case_id=self.world.case_id,
            party_id=self.parties[name],
            person_id=self.persons[name],
            basis="不动产登记簿",
            evidence_sha256="00",
        )
        await record_lot_owner(self.db, self.handler, command)

    async def owe(self, name: str, kind: ClaimKind, fen: int, *debtors: str, of: UUID | None = None) -> UUID:
        """Record a claim against these debtors, or all, in this lot."""
        command = RecordClaim(
            command_id=new_id(),
            claim_id=new_id(),
            case_id=self.world.case_id,
            party_id=self.parties[name],
            person_id=self.persons[name],
            kind=kind,
            amount_fen=fen,
            basis="示范依据",
            evidence_sha256="00",
            ranked_on=date(2020, 1, 1) if kind is ClaimKind.MORTGAGE else None,
            lot_id=of,
            debtor_party_ids=tuple(self.parties[debtor] for debtor in debtors),
        )
        await record_claim(self.db, self.handler, command)
        return command.claim_id

    async def drawn_of(self, round_id: UUID | None, debtor: str = "debtor") -> PlanView:
        """Write, seal and draw the plan of one price."""
        addressed = DebtorAddressed(party_id=self.parties[debtor], person_id=self.persons[debtor])
        wish = PlanWish(
            case_id=self.world.case_id,
            debtor=addressed,
            ordinary_order="pro_rata",
            forfeited_fen=0,
            round_id=round_id,
        )
        async with self.db.reading() as tx:
            body = (await propose_plan(tx, wish)).text
        document = await self.world.document("distribution_plan", body=body)
        return await self.draw(document_id=document, debtor=addressed, round_id=round_id)

    async def plan_document(self) -> UUID:
        """Give a paper in place of the usual one; `drawn_of` writes its own."""
        return await self.world.document()

    async def settled_of(self, round_id: UUID, debtor: str = "debtor") -> PlanView:
        """Draw, serve and settle the plan of one price."""
        await self.drawn_of(round_id, debtor)
        await self.serve()
        await move_clock(self.db, to=day_start(await self.window_end() + timedelta(days=1)))
        self.plan = await self.settle()
        return self.plan

    async def all_paid_out(self) -> None:
        """Pay every line of the last plan by four persons, each to its payee's own account."""
        async with self.db.reading() as tx:
            known = await payee_accounts(tx, self.world.case_id)
        names = {person_id: name for name, person_id in self.persons.items()}
        payees = {line.payee_person_id for line in self.plan.lines} - {one.person_id for one in known}
        for person_id in payees:
            await self.record_account(names[person_id], f"6222{person_id.int % 10**11:011d}")
        for line in self.plan.lines:
            if line.share_fen:
                await self.paid(line.kind)
        await self.world.settle_bank()

    def shares(self) -> dict[str, int]:
        """What the plan gives by kind of line."""
        return {line.kind: line.share_fen for line in self.plan.lines}


@pytest.fixture
def sale(db: Database) -> TwoAssets:
    """Two assets in a world in which nothing happened yet."""
    return TwoAssets(World(db))


async def test_two_debtors_two_lots_run_to_zero(sale: TwoAssets) -> None:
    """Each price pays its taxes, its owner's creditors, and its owner; a joint debt is paid once; every fen is paid out, and the account closes."""
    await sale.sold()
    await sale.owned(sale.first_lot, "debtor")
    await sale.owned(sale.second_lot, "other")
    await sale.owe("mortgagee", ClaimKind.MORTGAGE, NET // 2, "debtor", of=sale.first_lot)
    await sale.owe("applicant", ClaimKind.ORDINARY, NET, "debtor", "other")

    first = await sale.settled_of(sale.first)
    assert sale.shares() == {"sale_tax": TAX, "mortgage": NET // 2, "ordinary": NET - NET // 2}
    assert (first.proceeds_fen, first.asset) == (PRICE, "示范住宅")
    await sale.all_paid_out()
    assert await sale.world.totals() == {"bank": PRICE, "proceeds": PRICE}
    second = await sale.settled_of(sale.second, "other")
    assert sale.shares() == {"sale_tax": TAX, "ordinary": NET // 2, "surplus": NET - NET // 2}
    assert next(x.payee_person_id for x in second.lines if x.kind == "surplus") == sale.persons["other"]

    totals = await sale.world.totals()
    assert "proceeds" not in totals
    assert sum(line.share_fen for plan in (first, second) for line in plan.lines) == 2 * PRICE
    async with sale.db.reading() as tx:
        assert await still_open(tx, sale.world.case_id, debtor=sale.persons["other"]) == set()
    await sale.all_paid_out()
    assert await sale.world.totals() == {}
    paid = [order.amount_fen for order, seen in sale.world.bank.orders.values() if order.to_name == "示范other"]
    assert paid == [NET - NET // 2]
    await sale.world.require_straight()
    await sale.close()


async def test_interest_goes_with_the_claim_that_bears_it(sale: TwoAssets) -> None:
    """Interest by the title shares asset and debtors of its mortgage; the doubled part is owed by whom its title names, and by nobody else."""
    await sale.sold()
    await sale.owned(sale.first_lot, "debtor")
    await sale.owned(sale.second_lot, "other")
    mortgage = await sale.owe("mortgagee", ClaimKind.MORTGAGE, 36_500_000, "debtor", of=sale.first_lot)
    stretch = StretchOfTitle(
        principal_fen=36_500_000,
        annual_percent="3.65",
        year_days=365,
        from_day=date(2025, 3, 1),
        to_day=date(2025, 3, 31),
    )
    title = RecordTitleInterest(
        command_id=new_id(),
        claim_id=new_id(),
        case_id=sale.world.case_id,
        of_claim_id=mortgage,
        stretches=(stretch,),
        basis="（2024）示01民初1号",
        evidence_sha256="ab" * 32,
    )
    await record_title_interest(sale.db, sale.handler, title)
    late = RecordLateInterest(
        command_id=new_id(),
        claim_id=new_id(),
        case_id=sale.world.case_id,
        party_id=sale.parties["applicant"],
        person_id=sale.persons["applicant"],
        stretches=(Stretch(principal_fen=36_500_000, from_day=date(2025, 3, 1), to_day=date(2025, 3, 11)),),
        basis="（2024）示01民初1号",
        evidence_sha256="ab" * 32,
        debtor_party_ids=(sale.parties["debtor"],),
    )
    await record_late_interest(sale.db, sale.handler, late)

    await sale.settled_of(sale.second, "other")
    assert sale.shares() == {"sale_tax": TAX, "surplus": NET}
    await sale.settled_of(sale.first)
    assert sum(line.share_fen for line in sale.plan.lines if line.kind == "mortgage") == 36_500_000 + 31 * 3_650
    assert sale.shares()["late_interest"] == 10 * 36_500_000 * 175 // 1_000_000
    await sale.world.require_straight()


async def test_one_debtors_surplus_does_not_wait_for_anothers_creditor(sale: TwoAssets) -> None:
    """What one debtor does not owe holds his surplus back neither in the plan nor at its payout; the other's waits."""
    await sale.sold()
    await sale.owned(sale.first_lot, "debtor")
    await sale.owned(sale.second_lot, "other")
    await sale.owe("applicant", ClaimKind.ORDINARY, 5 * PRICE, "other")

    await sale.settled_of(sale.first)
    assert sale.shares() == {"sale_tax": TAX, "surplus": NET}
    async with sale.db.reading() as tx:
        assert await still_open(tx, sale.world.case_id, debtor=sale.persons["debtor"]) == set()
        assert len(await still_open(tx, sale.world.case_id, debtor=sale.persons["other"])) == 2
    await sale.settled_of(sale.second, "other")
    assert sale.shares() == {"sale_tax": TAX, "ordinary": NET}
    await sale.world.require_straight()


@pytest.mark.parametrize("turned", [False, True])
async def test_mortgage_under_water_is_ordinary_in_the_other_price(sale: TwoAssets, *, turned: bool) -> None:
    """Whichever plan comes first, the mortgage has its own price, and of the other an ordinary creditor's part of what it lacks."""
    await sale.sold(debtors=1)
    await sale.owe("mortgagee", ClaimKind.MORTGAGE, NET + 400_000_00, of=sale.first_lot)
    await sale.owe("applicant", ClaimKind.ORDINARY, 3 * 400_000_00)
    got = {"mortgage": 0, "ordinary": 0}

    for round_id in (sale.second, sale.first) if turned else (sale.first, sale.second):
        await sale.settled_of(round_id)
        got = {kind: fen + sale.shares().get(kind, 0) for kind, fen in got.items()}

    assert got == {"mortgage": NET + NET // 4, "ordinary": NET * 3 // 4}
    assert "proceeds" not in await sale.world.totals()
    await sale.world.require_straight()


async def test_a_plan_over_both_prices_is_refused_until_it_names_one(sale: TwoAssets) -> None:
    """Not named: refused where the law tells the assets apart; the claim's asset and each lot's owner are asked for first."""
    await sale.sold()
    with pytest.raises(AssetNotNamed):
        await sale.owe("mortgagee", ClaimKind.MORTGAGE, NET)
    await sale.owe("mortgagee", ClaimKind.MORTGAGE, NET, of=sale.first_lot)
    with pytest.raises(SaleNotNamed):
        await sale.drawn_of(None)
    with pytest.raises(LotOwnerUnknown):
        await sale.drawn_of(sale.first)

    await sale.owned(sale.first_lot, "debtor")
    await sale.owned(sale.second_lot, "other")
    with pytest.raises(NotTheOwner):
        await sale.drawn_of(sale.first, "other")
    plan = await sale.drawn_of(sale.first)
    assert (plan.proceeds_fen, sale.shares()) == (PRICE, {"sale_tax": TAX, "mortgage": NET})


async def test_an_asset_is_named_later_and_once(sale: TwoAssets) -> None:
    """A claim that was recorded while the case had one lot names its asset before a plan of either price, once, and only a lot of the case."""
    await sale.prepare()
    await sale.assess()
    claim_id = await sale.owe("mortgagee", ClaimKind.MORTGAGE, NET)
    sale.first, sale.first_lot = sale.world.round_id, sale.world.lot_id
    await sale.note(new_id(), "示范车位")
    with pytest.raises(AssetNotNamed):
        await sale.drawn_of(sale.first)

    async def name(lot_id: UUID) -> None:
        command = NameClaimAsset(command_id=new_id(), claim_id=claim_id, case_id=sale.world.case_id, lot_id=lot_id)
        await name_claim_asset(sale.db, sale.handler, command)

    with pytest.raises(LotNotOfCase):
        await name(new_id())
    await name(sale.first_lot)
    with pytest.raises(AssetNamedAlready):
        await name(sale.first_lot)
    await sale.drawn_of(sale.first)
    assert sale.shares() == {"sale_tax": TAX, "mortgage": NET}


async def test_an_owner_recorded_anew_makes_the_plan_useless(sale: TwoAssets) -> None:
    """A plan drawn for one owner is not settled for another."""
    await sale.sold()
    await sale.owned(sale.first_lot, "debtor")
    await sale.owned(sale.second_lot, "other")
    await sale.drawn_of(sale.first)
    await sale.serve()
    await move_clock(sale.db, to=day_start(await sale.window_end() + timedelta(days=1)))
    await sale.owned(sale.first_lot, "other")
    with pytest.raises(PlanOutdated):
        await sale.settle()


async def test_setting_one_sale_aside_leaves_the_others_shares(sale: TwoAssets) -> None:
    """The shares of the sale that fell go back to its buyer, whole; those of the other sale stay as they are."""
    await sale.sold(debtors=1)
    await sale.owe("applicant", ClaimKind.ORDINARY, 5 * PRICE)
    await sale.settled_of(sale.first)
    await sale.settled_of(sale.second)
    ruling = await sale.world.document("setting_aside_ruling")

    async def work(tx: Transaction) -> None:
        await tx.about_case(sale.world.case_id)
        await set_purchase_aside(tx, undoing_id=new_id(), round_id=sale.first, ground="collusion", document_id=ruling)

    await sale.db.transact(work)
    await sale.world.settle_bank()

    totals = await sale.world.totals()
    assert (totals["claims_payable"], totals["taxes_payable"]) == (NET, TAX)
    async with sale.db.reading() as tx:
        assert await held_by_sale(tx, sale.world.case_id) == {sale.second: ZERO}
        assert (await plan_view(tx, sale.plan.plan_id)).asset == "示范商铺"
    await sale.world.require_straight()


async def test_a_seizure_of_one_asset_gives_no_place_in_another(sale: TwoAssets) -> None:
    """By the order of seizure an applicant who seized the first lot stands behind in the second, and in his place in the first."""
    await sale.sold(debtors=1)

    async def seize(tx: Transaction) -> None:
        await note_seizure(
            tx,
            case_id=sale.world.case_id,
            asset_id=sale.first_lot,
            seizure_id=new_id(),
            is_own=True,
            rank=1,
            valid_from=date(2025, 1, 1),
            valid_until=date(2030, 1, 1),
            renews=None,
            case_number="（2025）示0101执1号",
        )

    await sale.db.transact(seize)
    await sale.owe("applicant", ClaimKind.ORDINARY, NET)
    async with sale.db.reading() as tx:
        rows = {row.round_id: row for row in await purchases_of_case(tx, sale.world.case_id)}
        found = {
            round_id: next(
                (claim.seizure_order, claim.elsewhere)
                for row, claim in await claims_of_sale(tx, rows[round_id], ordinary_order="by_seizure")
                if row.kind == "ordinary"
            )
            for round_id in (sale.first, sale.second)
        }
    assert found == {sale.first: (1, False), sale.second: (None, True)}


async def test_the_database_keeps_the_sale_of_a_plan(sale: TwoAssets) -> None:
    """Of which sale a plan is stands for good."""
    await sale.sold(debtors=1)
    plan = await sale.drawn_of(sale.first)
    async with sale.db.reading() as tx:
        row = await tx.session.get(PlanSaleRow, plan.plan_id)
    assert row is not None
    assert row.round_id == sale.first
