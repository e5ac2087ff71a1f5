"""Claims that the system works out: advanced taxes, co-owners, rent for a home, rewards, appraisal fees; and when a surplus waits."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

import msgspec
import pytest

from auction.fund.case_file import NotTheDebtor, PartyNotOfCase
from auction.fund.claims.appraisal_dues import (
    AppraisalPayeeMissing,
    AppraisalPayeeWrong,
    DueFromProceeds,
    FeeNotStated,
    StatedDues,
)
from auction.fund.claims.claims import ClaimKind, ClaimOfTaxOffice, OrderNotCriminal
from auction.fund.claims.entitlements import (
    CoOwnersExceedWhole,
    CoOwnerShareOutdated,
    OwnershipMalformed,
    RentYearsOutside,
)
from auction.fund.claims.store import claim_rows
from auction.fund.claims.tables import ClaimRow
from auction.fund.claims.taxes import (
    LawDecidesTax,
    NothingAdvanced,
    TaxBearerUndecided,
    TaxLinesMalformed,
    TaxPaidFromProceeds,
)
from auction.fund.deposits.store import purchase_row
from auction.fund.plans.plan import TaxesNotAssessed
from auction.fund.plans.planned import ReserveExceeded, SurplusWaits
from auction.fund.plans.store import PlanView, paid_on_claim
from auction.fund.settlement.draw_plan import DrawPlan, draw_plan
from auction.fund.settlement.propose_plan import PlanWish, propose_plan
from auction.fund.settlement.record_claim import (
    ClaimTakenAlready,
    RecordClaim,
    WithdrawClaim,
    record_claim,
    withdraw_claim,
)
from auction.fund.settlement.record_co_owner_share import RecordCoOwnerShare, record_co_owner_share
from auction.fund.settlement.record_replacement_rent import RecordReplacementRent, record_replacement_rent
from auction.fund.settlement.reimburse_tax_advance import ReimburseTaxAdvance, TaxLine, reimburse_tax_advance
from auction.fund.settlement.take_over_appraisal_fee import (
    FeeTakenOver,
    TakeOverAppraisalFee,
    take_over_appraisal_fee,
)
from auction.fund.settlement.take_tax_assessment import ReserveTaxes, reserve_taxes
from auction.kernel.clock import day_start
from auction.kernel.db import Transaction
from auction.kernel.ids import new_id
from auction.kernel.money import Money
from auction.kernel.move_clock import move_clock
from auction.kernel.persons import identity_of
from tests.auction.fund.settlement.test_settlement_flow import MORTGAGE, ORDINARY, PRICE, TAX, Sale
from tests.auction.fund.world import World
from tests.stages import staged

COSTS = 3_000_00


class Household(Sale):
    """A sale with its buyer and a co-owner on file as parties, taxes assessed."""

    @staged
    async def assessed(self) -> None:
        """Come as far as assessed taxes, with costs of the sale on record."""
        await self.prepare()
        await self.assess()
        await self.claim("tax", ClaimKind.SALE_COST, COSTS)
        async with self.db.reading() as tx:
            purchase = await purchase_row(tx, self.world.round_id)
        assert purchase is not None
        self.persons["buyer"] = purchase.person_id
        self.parties["buyer"] = await self.world.party(purchase.person_id, "buyer")
        self.persons["owner"] = await self.world.person("示范共有人")
        self.parties["owner"] = await self.world.party(self.persons["owner"], "co_owner")

    async def claims(self) -> dict[str, list[int]]:
        """Amounts on record by kind."""
        found: dict[str, list[int]] = {}
        for row in await self.rows():
            found.setdefault(row.kind, []).append(row.amount_fen)
        return found

    async def rows(self) -> list[ClaimRow]:
        """The claims on record."""
        async with self.db.reading() as tx:
            return list(await claim_rows(tx, self.world.case_id))

    async def withdraw(self, claim_id: UUID) -> None:
        """Take a claim off the record."""
        command = WithdrawClaim(command_id=new_id(), claim_id=claim_id, case_id=self.world.case_id)
        await withdraw_claim(self.db, self.handler, command)

    async def advance(self, *lines: TaxLine, command_id: UUID | None = None) -> UUID:
        """Reimburse what the buyer paid."""
        command = ReimburseTaxAdvance(
            command_id=command_id or new_id(), round_id=self.world.round_id, lines=lines, receipts_sha256="00"
        )
        return await reimburse_tax_advance(self.db, self.handler, command)

    async def co_owned(self, numerator: int, denominator: int, name: str = "owner") -> UUID:
        """Record a co-owner's share."""
        command = RecordCoOwnerShare(
            command_id=new_id(),
            claim_id=new_id(),
            round_id=self.world.round_id,
            party_id=self.parties[name],
            person_id=self.persons[name],
            numerator=numerator,
            denominator=denominator,
            basis="示范登记",
            evidence_sha256="00",
        )
        return await record_co_owner_share(self.db, self.handler, command)

    async def rent(self, years: int, name: str = "debtor") -> UUID:
        """Record the rent for a home."""
        command = RecordReplacementRent(
            command_id=new_id(),
            claim_id=new_id(),
            round_id=self.world.round_id,
            party_id=self.parties[name],
            person_id=self.persons[name],
            rent_per_year_fen=36_000_00,
            years=years,
            basis="示范标准",
            evidence_sha256="00",
        )
        return await record_replacement_rent(self.db, self.handler, command)

    async def lines(self) -> dict[str, tuple[int, int]]:
        """Rank and share by kind in the plan that would be drawn now."""
        wish = PlanWish(case_id=self.world.case_id, debtor=self.debtor(), ordinary_order="pro_rata", forfeited_fen=0)
        async with self.db.reading() as tx:
            proposal = await propose_plan(tx, wish)
        return {line.kind: (line.rank, line.share.fen) for line in proposal.lines}


@pytest.fixture
async def home(world: World) -> Household:
    """A sale whose taxes are assessed."""
    made = Household(world)
    await made.assessed()
    return made


def vat(paid: int, **more: object) -> TaxLine:
    """The seller's tax, paid by the buyer."""
    line = TaxLine(name="增值税", law_says="seller", assessed_fen=TAX, paid_fen=paid)
    return msgspec.structs.replace(line, **more)


DEED = TaxLine(name="契税", law_says="buyer", assessed_fen=500_00, paid_fen=500_00)


# Taxes that the buyer advanced ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("paid", "back"), [(1, 1), (TAX - 1, TAX - 1), (TAX, TAX), (TAX + 1, TAX)], ids=["a fen", "-1", "0", "+1"]
)
async def test_buyer_has_back_what_he_advanced_up_to_the_assessment(home: Household, paid: int, back: int) -> None:
    """His claim is what he advanced; the tax office keeps the rest of its claim: together they are what was assessed."""
    await home.advance(vat(paid), DEED)

    claims = await home.claims()
    assert claims["tax_reimbursement"] == [back]
    assert claims.get("sale_tax", []) == ([TAX - back] if back < TAX else [])
    lines = await home.lines()
    assert lines["tax_reimbursement"] == (2, back)


async def test_buyers_payment_counts_for_his_own_taxes_first(home: Household) -> None:
    """Who paid no more than his own taxes has nothing back; a fen above comes back."""
    with pytest.raises(NothingAdvanced):
        await home.advance(msgspec.structs.replace(DEED, assessed_fen=600_00), vat(100_00))

    await home.advance(msgspec.structs.replace(DEED, assessed_fen=600_00), vat(100_01))
    assert (await home.claims())["tax_reimbursement"] == [1]


async def test_a_fee_on_which_the_law_is_silent_is_the_courts_to_put(home: Household) -> None:
    """The court's word lets it be reimbursed beside the office's claim; without it, and against the law, nothing is."""
    fee = TaxLine(name="过户手续费", law_says="silent", assessed_fen=80_00, paid_fen=80_00)

    with pytest.raises(TaxBearerUndecided):
        await home.advance(fee)
    with pytest.raises(LawDecidesTax):
        await home.advance(vat(TAX, court_says="buyer"))
    await home.advance(msgspec.structs.replace(fee, court_says="seller"))
    assert (await home.claims())["tax_reimbursement"] == [80_00]
    assert (await home.claims())["sale_tax"] == [TAX]


async def test_an_advance_is_reimbursed_once_and_not_withdrawn(home: Household) -> None:
    """The same command gives the same claim; another for the same purchase is refused, and so is taking it off by hand."""
    command_id = new_id()
    claim_id = await home.advance(vat(TAX), command_id=command_id)

    assert await home.advance(vat(TAX), command_id=command_id) == claim_id
    with pytest.raises(ClaimTakenAlready):
        await home.advance(vat(TAX))
    with pytest.raises(ClaimOfTaxOffice):
        await home.withdraw(claim_id)
    assert (await home.claims())["tax_reimbursement"] == [TAX]


@pytest.mark.parametrize(
    "lines",
    [(), (vat(0),), (vat(-1),), (vat(TAX, name=" "),), (vat(10**15),)],
    ids=["none", "nothing", "-1", "name", "bound"],
)
async def test_lines_that_are_no_payment_are_refused(home: Household, lines: tuple[TaxLine, ...]) -> None:
    """Each line has a name and figures that are none below nothing; at least one fen was paid."""
    with pytest.raises(TaxLinesMalformed):
        await home.advance(*lines)


async def test_what_the_proceeds_paid_to_the_office_is_not_paid_twice(home: Household) -> None:
    """After a settled plan paid the seller's taxes a late receipt of the buyer is the tax office's to return."""
    await settle(home)

    with pytest.raises(TaxPaidFromProceeds):
        await home.advance(vat(TAX))


async def test_no_reimbursement_before_the_assessment(world: World) -> None:
    """What was not assessed bounds nothing: there is no reimbursement of a reserve."""
    sale = Household(world)
    await sale.prepare()

    with pytest.raises(TaxesNotAssessed):
        await sale.advance(vat(TAX))


async def test_an_assessment_above_the_reserve_says_so(world: World) -> None:
    """A plan drawn with a reserve that is too small is not settled, and the refusal names both figures."""
    sale = Household(world)
    await sale.prepare()
    world.tax.state = "pending"
    await sale.assess()
    reserve = ReserveTaxes(command_id=new_id(), round_id=world.round_id, amount_fen=TAX - 1, reason="未复")
    await reserve_taxes(sale.db, sale.handler, reserve)
    await sale.draw()
    await sale.serve()
    world.tax.state = "done"
    await world.look_now()
    await move_clock(sale.db, to=day_start(await sale.window_end() + timedelta(days=1)))

    with pytest.raises(ReserveExceeded) as refused:
        await sale.settle()
    assert "¥10,000.00" in refused.value.sentence("zh")


# Co-owners and the home ----------------------------------------------------------------------------------------------


async def test_co_owner_has_his_part_of_what_costs_and_taxes_leave(home: Household) -> None:
    """A third of the price less costs and taxes, before every creditor; the figures stand beside the claim."""
    await home.claim("mortgagee", ClaimKind.MORTGAGE, PRICE, date(2020, 1, 1))
    claim_id = await home.co_owned(1, 3)

    third = Money(PRICE - COSTS - TAX).split([1, 2])[0].fen
    row = next(row for row in await home.rows() if row.claim_id == claim_id)
    assert row.amount_fen == third
    assert row.working is not None
    assert row.working["sale"] == {"price_fen": PRICE, "costs_fen": COSTS, "taxes_fen": TAX}
    lines = await home.lines()
    assert lines["co_owner_share"] == (3, third)
    assert lines["mortgage"] == (4, PRICE - COSTS - TAX - third)


async def test_a_share_whose_costs_changed_is_worked_out_anew(home: Household) -> None:
    """A cost recorded afterwards makes the plan refuse the old share, until it is withdrawn and recorded again."""
    old = await home.co_owned(1, 2)
    await home.claim("tax", ClaimKind.SALE_COST, 1)

    with pytest.raises(CoOwnerShareOutdated):
        await home.lines()
    await home.withdraw(old)
    await home.co_owned(1, 2)
    assert (await home.lines())["co_owner_share"][1] == Money(PRICE - COSTS - TAX - 1).split([1, 1])[0].fen


@pytest.mark.parametrize(("numerator", "denominator"), [(0, 2), (2, 2), (3, 2), (1, 100_001), (-1, 2)])
async def test_a_share_is_a_part_of_the_whole(home: Household, numerator: int, denominator: int) -> None:
    """Nothing, the whole and more are no share of a co-owner."""
    with pytest.raises(OwnershipMalformed):
        await home.co_owned(numerator, denominator)


async def test_co_owners_leave_the_debtor_something_and_are_recorded_once(home: Household) -> None:
    """A second record of one co-owner is refused, and shares that come to the whole; others than co-owners have none."""
    await home.co_owned(1, 2)

    with pytest.raises(ClaimTakenAlready):
        await home.co_owned(1, 4)
    home.persons["second"] = await home.world.person("示范共有人二")
    home.parties["second"] = await home.world.party(home.persons["second"], "co_owner")
    with pytest.raises(CoOwnersExceedWhole):
        await home.co_owned(1, 2, "second")
    await home.co_owned(49, 100, "second")
    with pytest.raises(PartyNotOfCase):
        await home.co_owned(1, 100, "applicant")


async def test_rent_for_a_sole_home_is_the_debtors_and_once(home: Household) -> None:
    """Five to eight years, to the judgment debtor only, once for a home, before the creditors."""
    for years in (4, 9):
        with pytest.raises(RentYearsOutside):
            await home.rent(years)
    with pytest.raises(NotTheDebtor):
        await home.rent(5, "applicant")
    await home.rent(5)
    with pytest.raises(ClaimTakenAlready):
        await home.rent(8)
    assert (await home.lines())["housing"][1] == 180_000_00


async def test_what_a_plan_paid_is_not_taken_over_again(home: Household) -> None:
    """Withdrawn before a plan paid it the rent is taken over anew; withdrawn afterwards it would be paid twice, and is refused."""
    await home.withdraw(await home.rent(5))
    rent = await home.rent(5)
    await home.claim("mortgagee", ClaimKind.MORTGAGE, MORTGAGE, date(2020, 1, 1))
    await home.draw()
    await home.serve(*home.parties)
    await move_clock(home.db, to=day_start(await home.window_end() + timedelta(days=1)))
    await home.settle()
    await home.withdraw(rent)

    with pytest.raises(ClaimTakenAlready):
        await home.rent(5)


# Rewards -------------------------------------------------------------------------------------------------------------


async def test_a_reward_is_paid_out_of_its_applicants_share(home: Household) -> None:
    """The reward has a line of its own; the applicant's claim counts as paid by the whole share."""
    await home.claim("applicant", ClaimKind.ORDINARY, ORDINARY)
    applicants = next(row.claim_id for row in await home.rows() if row.kind == "ordinary")
    reward = RecordClaim(
        command_id=new_id(),
        claim_id=new_id(),
        case_id=home.world.case_id,
        party_id=home.parties["mortgagee"],
        person_id=home.persons["mortgagee"],
        kind=ClaimKind.REWARD,
        amount_fen=20_000_00,
        basis="悬赏公告",
        evidence_sha256="00",
        out_of_claim_id=applicants,
    )
    await record_claim(home.db, home.handler, reward)
    await settle(home, claims=False)

    shares = {line.kind: line.share_fen for line in home.plan.lines}
    assert (shares["ordinary"], shares["reward"]) == (ORDINARY - 20_000_00, 20_000_00)
    async with home.db.reading() as tx:
        assert await paid_on_claim(tx, applicants) == Money(ORDINARY)
    assert (await home.world.totals())["claims_payable"] == ORDINARY


# The order of criminal judgments -------------------------------------------------------------------------------------


async def test_a_plan_in_the_order_of_criminal_judgments(home: Household) -> None:
    """Such claims need that order; in it the plan is drawn, and each line says so (刑事财产规定 13)."""
    await home.claim("mortgagee", ClaimKind.MEDICAL, 10_000_00)
    await home.claim("mortgagee", ClaimKind.MORTGAGE, MORTGAGE, date(2020, 1, 1))
    await home.claim("applicant", ClaimKind.ORDINARY, ORDINARY)
    await home.claim("tax", ClaimKind.FINE, 5_000_00)
    with pytest.raises(OrderNotCriminal):
        await home.lines()
    wish = PlanWish(case_id=home.world.case_id, debtor=home.debtor(), ordinary_order="criminal", forfeited_fen=0)
    async with home.db.reading() as tx:
        text = (await propose_plan(tx, wish)).text
    command = DrawPlan(
        command_id=new_id(),
        plan_id=new_id(),
        case_id=home.world.case_id,
        document_id=await home.world.document("distribution_plan", body=text),
        debtor=home.debtor(),
        ordinary_order="criminal",
    )
    plan = await draw_plan(home.db, home.handler, command)

    assert [line.kind for line in plan.lines] == [
        *("sale_cost", "sale_tax", "medical", "mortgage", "ordinary", "fine", "surplus"),
    ]
    assert (plan.ordinary_order, plan.lines[4].ground) == ("criminal", "ordinary_beside_criminal")
    assert "先于一切优先受偿权支付（刑事财产规定13）" in text


# Appraisal fees ------------------------------------------------------------------------------------------------------


class Stated:
    """A statement that takes these amounts from the proceeds."""

    def __init__(self, home: Household, **dues: int) -> None:
        """Keep what is owed to whom."""
        self.home, self.case_id, self.dues = home, home.world.case_id, dues

    async def stated_dues(self, tx: Transaction, appraisal_id: UUID) -> StatedDues | None:
        """Give the statement; the agency of these tests is the party named ``tax``."""
        _, code = await identity_of(tx, self.home.persons["tax"])
        dues = tuple(DueFromProceeds(to=to, amount_fen=fen) for to, fen in self.dues.items())  # type: ignore[arg-type]  # one of two
        return StatedDues(
            appraisal_id=appraisal_id,
            case_id=self.case_id,
            statement_sha256="ab",
            dues=dues,
            agency_codes=frozenset({code}),
        )


class Unstated:
    """An appraisal whose fee nobody stated."""

    async def stated_dues(self, tx: Transaction, appraisal_id: UUID) -> StatedDues | None:
        """Give nothing."""
        del tx, appraisal_id
        return None


async def take_over(
    home: Household, dues: Stated | Unstated, appraisal_id: UUID, agency: str = "", applicant: str = "applicant"
) -> FeeTakenOver:
    """Take a statement over."""
    command = TakeOverAppraisalFee(
        command_id=new_id(),
        appraisal_id=appraisal_id,
        case_id=home.world.case_id,
        applicant_party_id=home.parties[applicant],
        applicant_person_id=home.persons[applicant],
        agency_party_id=home.parties.get(agency),
        agency_person_id=home.persons.get(agency),
    )
    return await take_over_appraisal_fee(home.db, home.handler, command, appraisal_dues=dues)


async def test_a_stated_fee_is_taken_over_once_and_paid_first(home: Household) -> None:
    """What was advanced goes back and the rest is the agency's: both before everybody, booked as costs."""
    appraisal, stated = new_id(), Stated(home, applicant=2_000_00, agency=1_500_00)
    with pytest.raises(AppraisalPayeeMissing):
        await take_over(home, stated, appraisal)
    with pytest.raises(PartyNotOfCase):
        await take_over(home, stated, appraisal, "tax", applicant="mortgagee")
    with pytest.raises(AppraisalPayeeWrong):
        await take_over(home, stated, appraisal, "mortgagee")
    taken = await take_over(home, stated, appraisal, "tax")

    assert len(taken.claim_ids) == 2
    with pytest.raises(ClaimTakenAlready):
        await take_over(home, stated, appraisal, "tax")
    assert (await home.lines())["appraisal_advance"] == (1, 2_000_00)
    assert sorted((await home.claims())["sale_cost"]) == [1_500_00, COSTS]
    await settle(home)
    assert (await home.world.totals())["costs_payable"] == COSTS + 3_500_00


async def test_a_withdrawn_fee_can_be_taken_over_again(home: Household) -> None:
    """The statement still stands: what was taken off the record comes back by the same step."""
    appraisal, stated = new_id(), Stated(home, applicant=2_000_00)
    (first,) = (await take_over(home, stated, appraisal)).claim_ids
    await home.withdraw(first)

    (second,) = (await take_over(home, stated, appraisal)).claim_ids
    assert first != second
    assert (await home.claims())["appraisal_advance"] == [2_000_00]


async def test_a_fee_that_a_plan_paid_is_not_taken_over_again(home: Household) -> None:
    """Withdrawn after it was paid, it stays paid: the statement gives nothing a second time."""
    appraisal, stated = new_id(), Stated(home, applicant=2_000_00)
    (first,) = (await take_over(home, stated, appraisal)).claim_ids
    await settle(home)
    await home.withdraw(first)

    with pytest.raises(ClaimTakenAlready):
        await take_over(home, stated, appraisal)


async def test_no_statement_no_claim(home: Household) -> None:
    """Nothing is taken over while the fee is not stated, takes nothing from the proceeds, or is another case's."""
    foreign = Stated(home, applicant=1)
    foreign.case_id = new_id()
    for dues in (Unstated(), Stated(home), foreign):
        with pytest.raises(FeeNotStated):
            await take_over(home, dues, new_id())


# The surplus ---------------------------------------------------------------------------------------------------------


async def settle(home: Household, *, claims: bool = True) -> PlanView:
    """Draw, serve and settle a plan over what is on record, with a mortgage and an ordinary claim."""
    if claims:
        await home.claim("mortgagee", ClaimKind.MORTGAGE, MORTGAGE, date(2020, 1, 1))
        await home.claim("applicant", ClaimKind.ORDINARY, ORDINARY)
    await home.draw()
    await home.serve()
    await move_clock(home.db, to=day_start(await home.window_end() + timedelta(days=1)))
    home.plan = await home.settle()
    return home.plan


async def test_surplus_waits_while_a_claim_is_open(home: Household) -> None:
    """A claim recorded after the plan holds the debtor's surplus until it is settled or withdrawn (执行工作规定 34)."""
    await settle(home)
    await home.record_account("debtor", "622200000000042")
    await home.claim("applicant", ClaimKind.LATE_INTEREST, 1)
    late = next(row.claim_id for row in await home.rows() if row.kind == "late_interest")

    with pytest.raises(SurplusWaits):
        await home.prepared("surplus")
    await home.withdraw(late)
    assert (await home.prepared("surplus")).amount_fen == PRICE - COSTS - TAX - MORTGAGE - ORDINARY
