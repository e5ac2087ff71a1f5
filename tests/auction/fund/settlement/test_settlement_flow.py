from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from uuid import UUID

import msgspec
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from auction.contracts import DocumentServed
from auction.fund.case_file import DocumentNotSealed, NotTheDebtor, PartyNotOfCase
from auction.fund.claims.claims import ClaimKind, ClaimOfTaxOffice, SeizureOrderMalformed
from auction.fund.claims.taxes import ReserveWaits
from auction.fund.ledger import store as ledger
from auction.fund.ledger.entries import chain_of
from auction.fund.ledger.export_books import export_books
from auction.fund.ledger.open_case_fund import CaseNotAtZero
from auction.fund.ledger.store import available_in
from auction.fund.ledger.trace import ReceiptUntraced, trace_case, trace_payout, trace_receipt
from auction.fund.payouts.confirm_payee_account import (
    ConfirmPayeeAccount,
    RecordPayeeAccount,
    confirm_payee_account,
    record_payee_account,
)
from auction.fund.payouts.disbursements import (
    AccountNameDiffers,
    NotPayeeOfCase,
    PanelDecisionMissing,
    PayeeAccountMissing,
    PayeeInChain,
    SamePersonTwice,
    SecondOfficerNeeded,
    ShareExceeded,
    ShownContentDiffers,
    StepOutOfTurn,
)
from auction.fund.payouts.prepare_disbursement import PrepareDisbursement, prepare_disbursement
from auction.fund.payouts.sign_step import (
    ApproveDisbursement,
    CheckDisbursement,
    PayDisbursement,
    approve_disbursement,
    check_disbursement,
    pay_disbursement,
)
from auction.fund.payouts.store import DisbursementView
from auction.fund.plans.payables import payable_account
from auction.fund.plans.plan import PlanOutdated, TaxesNotAssessed
from auction.fund.plans.plan_outcome import EscrowAboveClaim, EscrowPartWrong
from auction.fund.plans.plan_text import PlanTextDiffers
from auction.fund.plans.planned import SurplusWaits
from auction.fund.plans.store import PlanView, open_claims, plan_row, plan_view
from auction.fund.plans.tables import PlanObjectionRow
from auction.fund.settlement.close_case_account import CloseCaseAccount, close_case_account
from auction.fund.settlement.draw_plan import DrawPlan, draw_plan
from auction.fund.settlement.escrow_text import EscrowTextDiffers, JudgmentNumberMalformed
from auction.fund.settlement.object_to_plan import (
    DecideObjection,
    NotAddressee,
    ObjectionTooLate,
    ObjectionUnknown,
    ObjectToPlan,
    OppositionMissing,
    OppositionStillPossible,
    PlanClosed,
    ProofOfAnotherObjection,
    ProofOlderThanObjection,
    SuitDayWrong,
    SuitStillPossible,
    SuitTooLate,
    decide_objection,
    object_to_plan,
    opposition_until,
)
from auction.fund.settlement.propose_plan import (
    DebtorAddressed,
    ForfeitedExceeded,
    NothingToDistribute,
    PlanWish,
    propose_plan,
)
from auction.fund.settlement.record_claim import RecordClaim, WithdrawClaim, record_claim, withdraw_claim
from auction.fund.settlement.release_escrow import ReleaseEscrow, escrow_decision, release_escrow
from auction.fund.settlement.settle_case import (
    ObjectionsOpen,
    SettleCase,
    WindowStillOpen,
    settle_case,
)
from auction.fund.settlement.take_tax_assessment import (
    AskTaxAssessment,
    ReserveTaxes,
    ask_tax_assessment,
    reserve_taxes,
)
from auction.kernel.actors import Actor, Role, RoleLacking
from auction.kernel.clock import day_start, local_day
from auction.kernel.db import Database
from auction.kernel.errors import Refusal
from auction.kernel.ids import AccountId, PersonId, new_id
from auction.kernel.jobs import enqueue
from auction.kernel.money import AmountNotPositive
from auction.kernel.move_clock import move_clock
from auction.kernel.persons import name_of
from auction.law.calendar import COURT_CALENDAR
from auction.law.parameters import LAW
from auction.law.periods import legal_period
from tests.auction.fund.ledger.beans import bean_check, sums_of
from tests.auction.fund.world import World
from tests.stages import Made, staged

PRICE = 1_000_000_00
DEPOSIT = 100_000_00
MORTGAGE = 600_000_00
ORDINARY = 200_000_00
TAX = PRICE // 100


ROLES = {
    "applicant": "applicant",
    "mortgagee": "mortgagee",
    "tax": "third_party",
    "debtor": "judgment_debtor",
}


class Sale(metaclass=Made):
    """A sale that is paid, with a mortgagee, an applicant, a tax office and a debtor."""

    as_made: dict[str, object]

    def __init__(self, world: World) -> None:
        """Name the parties; `prepare` opens the case's fund and makes them."""
        self.db = world.db
        self._url = world.db.engine.url.render_as_string()
        self.world = world
        self.persons: dict[str, UUID] = {}
        self.parties: dict[str, UUID] = {}
        self.handler: Actor
        self.plan: PlanView

    async def add_party(self, name: str) -> None:
        """Put a party on the file."""
        self.persons[name] = await self.world.person(f"示范{name}")
        self.parties[name] = await self.world.party(self.persons[name], ROLES[name])

    def rewire(self) -> None:
        """Give the world that was remembered this test's database."""
        self.world.rewire(self.db)

    @staged
    async def prepare(self) -> None:
        """Have the price paid and the parties on record."""
        world = await self.world.open()
        for name in ROLES:
            await self.add_party(name)
        self.handler = await world.officer(Role.CASE_HANDLER)
        winner = await world.bidder(DEPOSIT)
        await world.pay_by_bank(winner, DEPOSIT)
        await world.close(winner, PRICE)
        await world.pay_by_bank(winner, PRICE - DEPOSIT)

    async def assess(self) -> None:
        """Have the taxes assessed."""
        command = AskTaxAssessment(
            command_id=new_id(),
            round_id=self.world.round_id,
            tax_party_id=self.parties["tax"],
            tax_person_id=self.persons["tax"],
            asset_class="home",
            seller_kind="individual",
        )
        await ask_tax_assessment(self.world.db, self.handler, command)
        await self.world.run_jobs()

    async def claim(self, name: str, kind: ClaimKind, fen: int, on: date | None = None) -> None:
        """Record a claim of a party."""
        claim_id = new_id()
        command = RecordClaim(
            command_id=new_id(),
            claim_id=claim_id,
            case_id=self.world.case_id,
            party_id=self.parties[name],
            person_id=self.persons[name],
            kind=kind,
            amount_fen=fen,
            basis="示范依据",
            evidence_sha256="00",
            ranked_on=on,
            due_on=date(2024, 8, 31) if kind is ClaimKind.CONSTRUCTION else None,
            used_on=date(2026, 2, 28) if kind is ClaimKind.CONSTRUCTION else None,
        )
        await record_claim(self.world.db, self.handler, command)

    async def plan_document(self) -> UUID:
        """Seal the document that the system writes of the plan as it would be now."""
        wish = PlanWish(case_id=self.world.case_id, debtor=self.debtor(), ordinary_order="pro_rata", forfeited_fen=0)
        async with self.world.db.reading() as tx:
            text = (await propose_plan(tx, wish)).text
        return await self.world.document("distribution_plan", body=text)

    def debtor(self) -> DebtorAddressed:
        """The judgment debtor."""
        return DebtorAddressed(party_id=self.parties["debtor"], person_id=self.persons["debtor"])

    async def draw(self, *, panel: bool = True, **changes: object) -> PlanView:
        """Draw the plan over the usual claims."""
        command = DrawPlan(
            command_id=new_id(),
            plan_id=new_id(),
            case_id=self.world.case_id,
            document_id=await self.plan_document(),
            debtor=self.debtor(),
            panel_document_id=await self.world.document() if panel else None,
        )
        self.plan = await draw_plan(self.world.db, self.handler, msgspec.structs.replace(command, **changes))
        return self.plan

    @staged
    async def drawn(self, *, panel: bool = True) -> None:
        """Come as far as a drawn plan."""
        await self.prepare()
        await self.assess()
        await self.claim("mortgagee", ClaimKind.MORTGAGE, MORTGAGE, date(2020, 1, 1))
        await self.claim("applicant", ClaimKind.ORDINARY, ORDINARY)
        await self.draw(panel=panel)

    async def serve(self, *names: str) -> date:
        """Serve the plan today on these parties, or on all."""
        async with self.world.db.transaction() as tx:
            today = local_day(tx.now)
            for name in names or tuple(self.parties):
                served = DocumentServed(
                    service_id=new_id(),
                    case_id=self.world.case_id,
                    document_id=self.plan.document_id,
                    document_kind="distribution_plan",
                    party_id=self.parties[name],
                    effective_on=today,
                )
                await enqueue(tx, "fund.note_service", served)
        await self.world.run_jobs()
        return today

    async def window_end(self) -> date:
        """The last day on which anybody may object."""
        async with self.world.db.reading() as tx:
            shown = await plan_view(tx, self.plan.plan_id)
        return max(a.window_ends_on for a in shown.addressees if a.window_ends_on is not None)

    async def settle(self) -> PlanView:
        """Settle the plan."""
        return await settle_case(
            self.world.db, self.handler, SettleCase(command_id=new_id(), plan_id=self.plan.plan_id)
        )

    @staged
    async def settled(self, *, panel: bool = True) -> None:
        """Come as far as a settled plan with confirmed payee accounts."""
        await self.drawn(panel=panel)
        await self.serve()
        await move_clock(self.world.db, to=day_start(await self.window_end() + timedelta(days=1)))
        self.plan = await self.settle()
        for name in self.persons:
            await self.record_account(name, f"62220000000{len(name):04d}")

    async def record_account(
        self, name: str, number: str, officer: Actor | None = None, *, account_name: str | None = None
    ) -> UUID:
        """Record a payee's account, in his own name unless another is given."""
        async with self.world.db.reading() as tx:
            own_name = await name_of(tx, self.persons[name])
        command = RecordPayeeAccount(
            command_id=new_id(),
            payee_account_id=new_id(),
            case_id=self.world.case_id,
            person_id=self.persons[name],
            account_number=number,
            account_name=own_name if account_name is None else account_name,
            evidence_sha256="11",
        )
        await record_payee_account(self.world.db, officer or self.handler, command)
        return command.payee_account_id

    async def told_of_change(self, name: str) -> None:
        """Serve the notice of a changed account on its payee."""
        await self.world.run_jobs()
        told = [payload for kind, payload in self.world.told if kind == "sale.issue_account_notice"]
        async with self.world.db.reading() as tx:
            today = local_day(tx.now)
        await self.world.served(UUID(told[-1]["document_id"]), self.parties[name], today)

    def line(self, kind: str) -> UUID:
        """The line of a kind."""
        return next(line.line_id for line in self.plan.lines if line.kind == kind)

    def share(self, kind: str) -> int:
        """The share of a kind."""
        return next(line.share_fen for line in self.plan.lines if line.kind == kind)

    async def prepared(self, kind: str, fen: int | None = None, handler: Actor | None = None) -> DisbursementView:
        """Prepare the payment of a line."""
        command = PrepareDisbursement(
            command_id=new_id(),
            disbursement_id=new_id(),
            line_id=self.line(kind),
            amount_fen=self.share(kind) if fen is None else fen,
        )
        return await prepare_disbursement(self.world.db, handler or self.handler, command)

    async def paid(self, kind: str, fen: int | None = None) -> DisbursementView:
        """Take a line, or so much of it, through the four steps."""
        db, world = self.world.db, self.world
        view = await self.prepared(kind, fen)
        named = {"disbursement_id": view.disbursement_id, "signed_sha256": view.signed_sha256}
        head = await world.officer(Role.BUREAU_HEAD)
        await approve_disbursement(db, head, ApproveDisbursement(command_id=new_id(), **named))  # type: ignore[arg-type]
        finance = await world.officer(Role.FINANCE)
        await check_disbursement(db, finance, CheckDisbursement(command_id=new_id(), **named))  # type: ignore[arg-type]
        cashier = await world.officer(Role.CASHIER)
        return await pay_disbursement(db, cashier, PayDisbursement(command_id=new_id(), **named))  # type: ignore[arg-type]

    async def objects(self, line: str, fen: int, *, name: str = "applicant") -> UUID:
        """Let a party object to a line; gives the objection."""
        party = Actor(
            account_id=AccountId(new_id()), person_id=PersonId(self.persons[name]), roles=frozenset({Role.PARTY})
        )
        objection = ObjectToPlan(
            command_id=new_id(),
            objection_id=new_id(),
            plan_id=self.plan.plan_id,
            party_id=self.parties[name],
            line_id=self.line(line),
            disputed_fen=fen,
            grounds="示范理由",
        )
        return await object_to_plan(self.world.db, party, objection)

    async def sued(self, objection_id: UUID, notice_id: UUID | None, filed_on: date | None) -> None:
        """Record that the objector sued on a day."""
        decision = DecideObjection(
            command_id=new_id(),
            objection_id=objection_id,
            plan_id=self.plan.plan_id,
            outcome="suit",
            document_id=await self.world.document("plan_suit_notice"),
            notice_document_id=notice_id,
            filed_on=filed_on,
        )
        await decide_objection(self.world.db, self.handler, decision)

    async def objected(self, line: str, fen: int, *, name: str = "applicant") -> UUID:
        """Let a party object to a line and sue; gives the objection."""
        objection_id = await self.objects(line, fen, name=name)
        await self.sued(objection_id, await self.world.document("plan_opposition_notice"), await self.today())
        return objection_id

    async def today(self) -> date:
        """The database's day."""
        async with self.db.reading() as tx:
            return local_day(tx.now)

    async def release(self, objection_id: UUID, to_line: str, fen: int | None = None) -> ReleaseEscrow:
        """Give the command that releases an escrow, or a part of it, to the first line of a kind."""
        return await self.release_to(objection_id, self.line(to_line), fen)

    async def release_to(self, objection_id: UUID, line_id: UUID, fen: int | None = None) -> ReleaseEscrow:
        """Give the command that releases an escrow, or a part of it, on the sealed decision that the system writes now."""
        terms = ReleaseEscrow(
            command_id=new_id(),
            objection_id=objection_id,
            plan_id=self.plan.plan_id,
            to_line_id=line_id,
            judgment_number="（2026）示0105民初1号",
            judgment_document_id=await self.world.document("plan_suit_judgment"),
            document_id=new_id(),
            amount_fen=fen,
        )
        async with self.world.db.reading() as tx:
            body = await escrow_decision(tx, await plan_row(tx, self.plan.plan_id), terms)
        return msgspec.structs.replace(terms, document_id=await self.world.document("escrow_release", body=body))

    async def close(self) -> None:
        """Close the case's account."""
        command = CloseCaseAccount(command_id=new_id(), case_id=self.world.case_id)
        await close_case_account(self.world.db, self.handler, command)


@pytest.fixture
def sale(db: Database) -> Sale:
    """A sale in a world in which nothing happened yet."""
    return Sale(World(db))


async def test_money_runs_from_the_price_to_zero(sale: Sale) -> None:
    """Plan, service, fifteen days, settlement, four payouts by four persons each: the case ends at zero and closes."""
    await sale.settled()
    world = sale.world
    assert await world.totals() == {
        "bank": PRICE,
        "taxes_payable": TAX,
        "claims_payable": MORTGAGE + ORDINARY,
        "surplus_payable": PRICE - TAX - MORTGAGE - ORDINARY,
    }

    with pytest.raises(CaseNotAtZero):
        await sale.close()
    for kind in ("sale_tax", "mortgage", "ordinary", "surplus"):
        await sale.paid(kind)
    await world.settle_bank()

    assert await world.totals() == {}
    await sale.close()
    await world.require_straight()


async def test_every_payout_leads_back_to_its_receipts(sale: Sale) -> None:
    """The first payout came from the deposit, and from the balance as far as it did not reach."""
    await sale.settled()
    await sale.paid("mortgage")
    await sale.world.settle_bank()

    async with sale.world.db.reading() as tx:
        found = await tx.session.execute(text("SELECT entry_id FROM fund.entry WHERE cause = 'payout_paid'"))
        parts = await trace_payout(tx, case_id=sale.world.case_id, payout_entry_id=found.scalar_one())

    assert sum(part.amount_fen for part in parts) == MORTGAGE
    assert {part.cause for part in parts} <= {"deposit_received", "balance_received"}


async def test_beancount_adds_up_a_whole_case(sale: Sale, tmp_path: Path) -> None:
    """From deposits to the last payout, with refunds and taxes: the real `bean-check` takes the books, and nothing is left."""
    await sale.settled()
    for kind in ("sale_tax", "mortgage", "ordinary", "surplus"):
        await sale.paid(kind)
    await sale.world.settle_bank()
    file = tmp_path / "case.beancount"
    file.write_text(await export_books(sale.world.db), encoding="utf-8")

    assert bean_check(file).returncode == 0
    assert {name: fen for name, fen in sums_of(file).items() if fen and ":House:" not in name} == {}


async def test_every_receipt_leads_to_where_it_went(sale: Sale) -> None:
    """The streams of each receipt sum to what it brought; those that left by a payout sum to that payout."""
    await sale.settled()
    await sale.paid("mortgage")
    await sale.world.settle_bank()

    async with sale.world.db.reading() as tx:
        streams = await trace_case(tx, sale.world.case_id)
        entries = {e.entry_id: e for e in await ledger.read_chain(tx, chain_of(sale.world.case_id))}
        for source in {stream.source.entry_id for stream in streams}:
            came = await trace_receipt(tx, case_id=sale.world.case_id, entry_id=source)
            brought = sum(p.amount_fen for p in entries[source].postings if p.code.endswith("/bank"))
            assert sum(stream.source.amount_fen for stream in came) == brought
        with pytest.raises(ReceiptUntraced):
            await trace_receipt(tx, case_id=sale.world.case_id, entry_id=new_id())

    paid = [stream for stream in streams if stream.end.cause == "payout_paid"]
    assert sum(stream.source.amount_fen for stream in paid) == MORTGAGE
    lying = {stream.end.account for stream in streams if stream.end.entry_id is None}
    assert lying == {"taxes_payable", "claims_payable", "surplus_payable"}


async def test_no_plan_without_taxes_but_with_a_reserve(sale: Sale) -> None:
    """A silent tax office blocks the plan until a reserve stands in; the assessment then replaces the reserve."""
    await sale.prepare()
    sale.world.tax.state = "pending"
    with pytest.raises(TaxesNotAssessed):
        await sale.draw()
    await sale.assess()
    with pytest.raises(TaxesNotAssessed):
        await sale.draw()

    reserve = ReserveTaxes(command_id=new_id(), round_id=sale.world.round_id, amount_fen=TAX * 2, reason="未复")
    await reserve_taxes(sale.world.db, sale.handler, reserve)
    await sale.draw()
    assert sale.share("sale_tax") == TAX * 2

    sale.world.tax.state = "done"
    await sale.world.look_now()
    await sale.draw()
    assert sale.share("sale_tax") == TAX


async def test_reserve_above_the_assessment_is_distributed_anew(sale: Sale) -> None:
    """A settled reserve is not paid before the assessment; then the office gets what it assessed, the next plan the rest."""
    await sale.prepare()
    sale.world.tax.state = "pending"
    await sale.assess()
    reserve = ReserveTaxes(command_id=new_id(), round_id=sale.world.round_id, amount_fen=TAX * 2, reason="未复")
    await reserve_taxes(sale.world.db, sale.handler, reserve)
    await sale.draw()
    await sale.serve()
    await move_clock(sale.world.db, to=day_start(await sale.window_end() + timedelta(days=1)))
    await sale.settle()
    await sale.record_account("tax", "6222000000099")
    with pytest.raises(ReserveWaits):
        await sale.prepared("sale_tax")

    sale.world.tax.state = "done"
    await sale.world.look_now()
    await sale.world.look_now()

    totals = await sale.world.totals()
    assert (totals["taxes_payable"], totals["proceeds"]) == (TAX, TAX)
    with pytest.raises(ShareExceeded):
        await sale.prepared("sale_tax", TAX + 1)
    await sale.prepared("sale_tax", TAX)
    await sale.draw()
    assert sum(line.share_fen for line in sale.plan.lines) == TAX
    await sale.world.require_straight()


@pytest.mark.parametrize("fen", [0, -1])
async def test_nothing_is_no_reserve(sale: Sale, fen: int) -> None:
    """Reserving nothing does not open the way to a plan without the taxes."""
    await sale.prepare()
    sale.world.tax.state = "pending"
    await sale.assess()
    reserve = ReserveTaxes(command_id=new_id(), round_id=sale.world.round_id, amount_fen=fen, reason="未复")

    with pytest.raises(AmountNotPositive):
        await reserve_taxes(sale.world.db, sale.handler, reserve)
    with pytest.raises(TaxesNotAssessed):
        await sale.draw()


async def test_taxes_of_the_sale_are_not_withdrawn_by_hand(sale: Sale) -> None:
    """What the tax office assessed is paid by the plan; no officer takes it off the record."""
    await sale.drawn()
    tax = next(line.claim_id for line in sale.plan.lines if line.kind == "sale_tax")
    assert tax is not None

    with pytest.raises(ClaimOfTaxOffice):
        await withdraw_claim(
            sale.world.db,
            sale.handler,
            WithdrawClaim(command_id=new_id(), claim_id=tax, case_id=sale.world.case_id),
        )


async def test_reserve_that_was_assessed_meanwhile_is_not_settled(sale: Sale) -> None:
    """A plan over a reserve is not booked after the assessment came: the taxes would be paid twice."""
    await sale.prepare()
    sale.world.tax.state = "pending"
    await sale.assess()
    reserve = ReserveTaxes(command_id=new_id(), round_id=sale.world.round_id, amount_fen=TAX * 2, reason="未复")
    await reserve_taxes(sale.world.db, sale.handler, reserve)
    await sale.draw()
    await sale.serve()
    sale.world.tax.state = "done"
    await sale.world.look_now()
    await move_clock(sale.world.db, to=day_start(await sale.window_end() + timedelta(days=1)))

    with pytest.raises(PlanOutdated):
        await sale.settle()


async def test_withdrawn_claim_is_not_paid(sale: Sale) -> None:
    """A creditor who withdraws after the plan was drawn is not paid by it."""
    await sale.drawn()
    await sale.serve()
    claim = next(line.claim_id for line in sale.plan.lines if line.kind == "ordinary")
    assert claim is not None
    await withdraw_claim(
        sale.world.db, sale.handler, WithdrawClaim(command_id=new_id(), claim_id=claim, case_id=sale.world.case_id)
    )
    await move_clock(sale.world.db, to=day_start(await sale.window_end() + timedelta(days=1)))

    with pytest.raises(PlanOutdated):
        await sale.settle()


@pytest.mark.parametrize("order", [0, 1000, 999_999_999])
async def test_place_in_the_order_of_seizure_is_a_place(sale: Sale, order: int) -> None:
    """A place beyond any order is refused as a number, not by the database."""
    await sale.prepare()
    command = RecordClaim(
        command_id=new_id(),
        claim_id=new_id(),
        case_id=sale.world.case_id,
        party_id=sale.parties["applicant"],
        person_id=sale.persons["applicant"],
        kind=ClaimKind.ORDINARY,
        amount_fen=ORDINARY,
        basis="示范依据",
        evidence_sha256="00",
        seizure_order=order,
    )

    with pytest.raises(SeizureOrderMalformed):
        await record_claim(sale.world.db, sale.handler, command)


async def test_no_plan_without_money(sale: Sale) -> None:
    """An empty case has nothing to distribute."""
    await sale.prepare()
    await sale.assess()
    await sale.claim("applicant", ClaimKind.ORDINARY, ORDINARY)
    empty = Sale(await World(sale.world.db).open_as("8800100200300400" + "00000009"))
    empty.handler = sale.handler
    await empty.add_party("debtor")

    with pytest.raises(NothingToDistribute):
        await empty.draw()


async def test_money_of_an_open_purchase_is_not_distributed(sale: Sale) -> None:
    """What was paid of a price that is not complete may still have to go back."""
    await sale.world.open()
    for name in ("debtor", "tax"):
        await sale.add_party(name)
    sale.handler = await sale.world.officer(Role.CASE_HANDLER)
    winner = await sale.world.bidder(DEPOSIT)
    await sale.world.pay_by_bank(winner, DEPOSIT)
    await sale.world.close(winner, PRICE)

    with pytest.raises(NothingToDistribute):
        await sale.draw()


async def test_more_forfeited_money_than_there_is_cannot_be_distributed(sale: Sale) -> None:
    """A plan takes forfeited money only as far as it is there."""
    await sale.prepare()
    await sale.assess()
    command = DrawPlan(
        command_id=new_id(),
        plan_id=new_id(),
        case_id=sale.world.case_id,
        document_id=await sale.world.document("distribution_plan"),
        debtor=DebtorAddressed(party_id=sale.parties["debtor"], person_id=sale.persons["debtor"]),
        forfeited_fen=1,
    )

    with pytest.raises(ForfeitedExceeded):
        await draw_plan(sale.world.db, sale.handler, command)


async def test_settlement_waits_for_the_last_window(sale: Sale) -> None:
    """Until everybody was served and fifteen days are over for each, nothing is settled; then it is, once."""
    await sale.drawn()
    with pytest.raises(WindowStillOpen):
        await sale.settle()
    served_on = await sale.serve("applicant", "mortgagee", "tax")
    await move_clock(sale.world.db, to=day_start(served_on + timedelta(days=40)))
    with pytest.raises(WindowStillOpen):
        await sale.settle()
    await sale.serve("debtor")
    end = await sale.window_end()
    assert end >= local_day(day_start(served_on + timedelta(days=40))) + timedelta(days=15)

    await move_clock(sale.world.db, to=day_start(end + timedelta(days=1)) - timedelta(seconds=5))
    with pytest.raises(WindowStillOpen):
        await sale.settle()
    await move_clock(sale.world.db, to=day_start(end + timedelta(days=1)))
    await sale.settle()

    with pytest.raises(PlanClosed):
        await sale.settle()
    await sale.world.require_straight()


async def test_objection_stops_settlement_and_a_suit_sets_the_amount_aside(sale: Sale) -> None:
    """An open objection blocks; with a suit the disputed amount goes to escrow and the rest is payable (Interp. 510)."""
    await sale.drawn()
    await sale.serve()
    db = sale.world.db
    person_id = PersonId(sale.persons["applicant"])
    party = Actor(account_id=AccountId(new_id()), person_id=person_id, roles=frozenset({Role.PARTY}))
    objection = ObjectToPlan(
        command_id=new_id(),
        objection_id=new_id(),
        plan_id=sale.plan.plan_id,
        party_id=sale.parties["applicant"],
        line_id=sale.line("mortgage"),
        disputed_fen=100_00,
        grounds="抵押权未登记",
    )
    early = await sale.world.document("plan_suit_notice")
    await object_to_plan(db, party, objection)
    end = await sale.window_end()
    await move_clock(db, to=day_start(end + timedelta(days=1)))
    with pytest.raises(ObjectionsOpen):
        await sale.settle()
    decision = DecideObjection(
        command_id=new_id(),
        objection_id=objection.objection_id,
        plan_id=sale.plan.plan_id,
        outcome="suit",
        document_id=await sale.world.document("plan_suit_notice"),
        notice_document_id=await sale.world.document("plan_opposition_notice"),
        filed_on=await sale.today(),
    )
    for kind in ("other", "plan_objection_record"):
        wrong = msgspec.structs.replace(decision, command_id=new_id(), document_id=await sale.world.document(kind))
        with pytest.raises(DocumentNotSealed):
            await decide_objection(db, sale.handler, wrong)
    with pytest.raises(ProofOlderThanObjection):
        await decide_objection(db, sale.handler, msgspec.structs.replace(decision, document_id=early))
    await decide_objection(db, sale.handler, decision)
    for outcome in ("withdrawn", "no_suit"):
        again = msgspec.structs.replace(decision, command_id=new_id(), outcome=outcome, filed_on=None)
        with pytest.raises(ObjectionUnknown):
            await decide_objection(db, sale.handler, again)

    sale.plan = await sale.settle()
    assert (await sale.world.totals())["escrow"] == 100_00
    await sale.record_account("debtor", "622200000000042")
    with pytest.raises(SurplusWaits):
        await sale.prepared("surplus")
    release = await sale.release(objection.objection_id, "surplus")
    with pytest.raises(DocumentNotSealed):
        await release_escrow(
            db, sale.handler, msgspec.structs.replace(release, command_id=new_id(), document_id=new_id())
        )
    await release_escrow(db, sale.handler, release)
    assert "escrow" not in await sale.world.totals()
    await sale.world.require_straight()
    with pytest.raises(ObjectionUnknown):
        await release_escrow(db, sale.handler, msgspec.structs.replace(release, command_id=new_id()))


async def test_judgment_on_one_objection_releases_no_other(sale: Sale) -> None:
    """The decision names its objection, judgment and line: on other terms it releases nothing (Interp. 510)."""
    await sale.drawn()
    await sale.serve()
    first, second = await sale.objected("mortgage", 100_00), await sale.objected("mortgage", 300_00)
    await move_clock(sale.world.db, to=day_start(await sale.window_end() + timedelta(days=1)))
    sale.plan = await sale.settle()
    release = await sale.release(first, "surplus")
    others = {
        "objection_id": second,
        "to_line_id": sale.line("mortgage"),
        "judgment_number": "（2026）示0105民初2号",
        "judgment_document_id": await sale.world.document("plan_suit_judgment", body="另一份判决"),
        "document_id": await sale.world.document("escrow_release"),
    }
    for name, value in others.items():
        wrong = msgspec.structs.replace(release, command_id=new_id(), **{name: value})
        with pytest.raises(EscrowTextDiffers):
            await release_escrow(sale.world.db, sale.handler, wrong)
    for number in ("", " ", "x" * 101):
        wrong = msgspec.structs.replace(release, command_id=new_id(), judgment_number=number)
        with pytest.raises(JudgmentNumberMalformed):
            await release_escrow(sale.world.db, sale.handler, wrong)
    assert (await sale.world.totals())["escrow"] == 400_00

    await release_escrow(sale.world.db, sale.handler, release)
    assert (await sale.world.totals())["escrow"] == 300_00
    await release_escrow(sale.world.db, sale.handler, await sale.release(second, "mortgage"))
    totals = await sale.world.totals()
    assert ("escrow" in totals, totals["claims_payable"]) == (False, MORTGAGE - 100_00 + ORDINARY)
    await sale.world.require_straight()


async def test_judgment_upholds_an_objection_in_part_and_gives_no_claim_too_much(
    sale: Sale, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The ordinary creditor lacks a ten-thousandth part of what is disputed: he gets that to the fen, the rest stays with the mortgage."""
    lack = 1_00
    await sale.drawn()
    await sale.claim("applicant", ClaimKind.ORDINARY, PRICE - TAX - MORTGAGE - ORDINARY + lack)
    await sale.draw()
    await sale.serve()
    objection = await sale.objected("mortgage", 10_000_00)
    await move_clock(sale.world.db, to=day_start(await sale.window_end() + timedelta(days=1)))
    sale.plan = await sale.settle()
    lacking = next(line for line in sale.plan.lines if line.kind == "ordinary" and line.owed_fen > line.share_fen)
    parts = {line.line_id: line.owed_fen - line.share_fen for line in sale.plan.lines if line.kind == "ordinary"}
    assert sum(parts.values()) == lack

    for fen in (parts[lacking.line_id] + 1, 10_000_00, None):
        with pytest.raises(EscrowAboveClaim):
            await sale.release_to(objection, lacking.line_id, fen)
    for fen in (0, -1, 10_000_01):
        with pytest.raises(EscrowPartWrong):
            await sale.release_to(objection, lacking.line_id, fen)
    with pytest.raises(EscrowPartWrong):
        await sale.release(objection, "mortgage", 1)
    with monkeypatch.context() as unguarded:
        unguarded.setattr("auction.fund.settlement.release_escrow.require_owed", lambda part, owed: None)
        above = await sale.release_to(objection, lacking.line_id, parts[lacking.line_id] + 1)
        with pytest.raises(DBAPIError, match="judged_above_claim"):
            await release_escrow(sale.world.db, sale.handler, above)

    release = await sale.release_to(objection, lacking.line_id, parts[lacking.line_id])
    for fen in (parts[lacking.line_id] - 1, None):
        wrong = msgspec.structs.replace(release, command_id=new_id(), amount_fen=fen)
        with pytest.raises((EscrowTextDiffers, EscrowAboveClaim)):
            await release_escrow(sale.world.db, sale.handler, wrong)
    await release_escrow(sale.world.db, sale.handler, release)
    totals = await sale.world.totals()
    assert ("escrow" in totals, totals["claims_payable"]) == (False, PRICE - TAX)
    async with sale.world.db.reading() as tx:
        owed = {row.claim_id: claim.amount.fen for row, claim in await open_claims(tx, sale.world.case_id)}
        mortgage = next(line for line in sale.plan.lines if line.kind == "mortgage")
        there = await available_in(tx, payable_account(sale.world.case_id, mortgage))
    assert lacking.claim_id not in owed
    assert (owed.get(mortgage.claim_id), there.fen) == (  # type: ignore[arg-type]  # a claim's line
        parts[lacking.line_id],
        MORTGAGE - parts[lacking.line_id],
    )
    await sale.world.require_straight()


async def test_suit_is_in_time_for_fifteen_days_from_the_opposition(sale: Sale) -> None:
    """The day of filing decides, not the day on which it is recorded; without a service no day ran (Interp. 510)."""
    await sale.drawn()
    await sale.serve()
    first, second = await sale.objects("mortgage", 100_00), await sale.objects("ordinary", 100_00)
    raised = await sale.today()
    notice, unserved = [await sale.world.document("plan_opposition_notice") for _ in range(2)]
    await sale.world.served(notice, sale.parties["applicant"], raised)
    last = legal_period(LAW.parameter("money.plan_suit_days", on=raised), raised, COURT_CALENDAR).end_day
    await move_clock(sale.world.db, to=day_start(last + timedelta(days=10)))
    wrong: list[tuple[UUID | None, date | None, type[Refusal]]] = [
        (None, last, OppositionMissing),
        (await sale.world.document("plan_objection_notice"), last, DocumentNotSealed),
        (notice, None, SuitDayWrong),
        (notice, raised - timedelta(days=1), SuitDayWrong),
        (notice, last + timedelta(days=11), SuitDayWrong),
        (notice, last + timedelta(days=1), SuitTooLate),
    ]
    for notice_id, filed_on, refusal in wrong:
        with pytest.raises(refusal):
            await sale.sued(first, notice_id, filed_on)

    await sale.sued(first, notice, last)
    await sale.sued(second, unserved, last + timedelta(days=10))
    async with sale.world.db.reading() as tx:
        rows = [await tx.session.get_one(PlanObjectionRow, one) for one in (first, second)]
    assert [(row.state, row.suit_filed_on) for row in rows] == [("suit", last), ("suit", last + timedelta(days=10))]


async def test_overlapping_objections_set_aside_no_more_than_the_line(sale: Sale) -> None:
    """Two suits over the same share set it aside once; each judgment releases what was set aside for it."""
    await sale.drawn()
    await sale.serve()
    first, second = await sale.objected("mortgage", MORTGAGE), await sale.objected("mortgage", MORTGAGE)
    await move_clock(sale.world.db, to=day_start(await sale.window_end() + timedelta(days=1)))
    sale.plan = await sale.settle()
    assert (await sale.world.totals())["escrow"] == MORTGAGE

    with pytest.raises(ObjectionUnknown):
        await sale.release(second, "surplus")
    await release_escrow(sale.world.db, sale.handler, await sale.release(first, "surplus"))
    assert "escrow" not in await sale.world.totals()
    await sale.world.require_straight()


async def test_record_of_one_objection_ends_no_other(sale: Sale) -> None:
    """What became of an objection is recorded for it alone (Interp. 510)."""
    await sale.drawn()
    await sale.serve()
    db, person_id = sale.world.db, PersonId(sale.persons["applicant"])
    party = Actor(account_id=AccountId(new_id()), person_id=person_id, roles=frozenset({Role.PARTY}))

    async def objected(line: str) -> DecideObjection:
        objection_id, plan_id = new_id(), sale.plan.plan_id
        objection = ObjectToPlan(
            command_id=new_id(),
            objection_id=objection_id,
            plan_id=plan_id,
            party_id=sale.parties["applicant"],
            line_id=sale.line(line),
            disputed_fen=1,
            grounds="示范理由",
        )
        await object_to_plan(db, party, objection)
        document_id = await sale.world.document("plan_objection_record")
        return DecideObjection(
            command_id=new_id(),
            objection_id=objection_id,
            plan_id=plan_id,
            outcome="withdrawn",
            document_id=document_id,
        )

    one, other = await objected("mortgage"), await objected("ordinary")
    later = await objected("ordinary")
    await decide_objection(db, sale.handler, msgspec.structs.replace(one, document_id=later.document_id))

    with pytest.raises(ProofOfAnotherObjection):
        await decide_objection(db, sale.handler, msgspec.structs.replace(other, document_id=later.document_id))
    await decide_objection(db, sale.handler, msgspec.structs.replace(other, command_id=new_id()))


async def test_objections_are_for_addressees_and_in_time(sale: Sale) -> None:
    """A stranger cannot object, and nobody after his fifteenth day."""
    await sale.drawn()
    await sale.serve()
    stranger = await sale.world.officer(Role.PARTY)
    command = ObjectToPlan(
        command_id=new_id(),
        objection_id=new_id(),
        plan_id=sale.plan.plan_id,
        party_id=sale.parties["applicant"],
        line_id=sale.line("mortgage"),
        disputed_fen=1,
        grounds="",
    )
    with pytest.raises(NotAddressee):
        await object_to_plan(sale.world.db, stranger, command)
    party = Actor(
        account_id=AccountId(new_id()),
        person_id=PersonId(sale.persons["applicant"]),
        roles=frozenset({Role.PARTY}),
    )
    await move_clock(sale.world.db, to=day_start(await sale.window_end() + timedelta(days=1)))

    with pytest.raises(ObjectionTooLate):
        await object_to_plan(sale.world.db, party, command)


async def test_four_natural_persons_none_the_payee(sale: Sale) -> None:
    """One person with two accounts is one person; the payee takes no step; each step has its role and its turn."""
    await sale.settled()
    db, world = sale.world.db, sale.world
    view = await sale.prepared("mortgage")
    named = {"disbursement_id": view.disbursement_id, "signed_sha256": view.signed_sha256}

    def approve(**more: object) -> ApproveDisbursement:
        return ApproveDisbursement(command_id=new_id(), **{**named, **more})  # type: ignore[arg-type]

    everything = frozenset({Role.BUREAU_HEAD, Role.FINANCE, Role.CASHIER, Role.CASE_HANDLER})
    handler_again = Actor(account_id=AccountId(new_id()), person_id=sale.handler.person_id, roles=everything)
    payee = Actor(account_id=AccountId(new_id()), person_id=PersonId(view.payee_person_id), roles=everything)
    head = Actor(account_id=AccountId(new_id()), person_id=PersonId(await world.person("院领导")), roles=everything)
    with pytest.raises(SamePersonTwice):
        await approve_disbursement(db, handler_again, approve())
    with pytest.raises(PayeeInChain):
        await approve_disbursement(db, payee, approve())
    with pytest.raises(RoleLacking):
        await approve_disbursement(db, await world.officer(Role.FINANCE), approve())
    with pytest.raises(ShownContentDiffers):
        await approve_disbursement(db, head, approve(signed_sha256="00"))
    check = CheckDisbursement(command_id=new_id(), **named)  # type: ignore[arg-type]
    with pytest.raises(StepOutOfTurn):
        await check_disbursement(db, await world.officer(Role.FINANCE), check)

    await approve_disbursement(db, head, approve())

    with pytest.raises(SamePersonTwice):
        await check_disbursement(db, head, CheckDisbursement(command_id=new_id(), **named))  # type: ignore[arg-type]
    with pytest.raises(PayeeInChain):
        await sale.prepared("ordinary", handler=Actor(
            account_id=AccountId(new_id()), person_id=PersonId(sale.persons["applicant"]), roles=everything
        ))  # fmt: skip


@pytest.mark.parametrize(
    "attack",
    [
        "UPDATE fund.disbursement SET state = 'ordered'",
        "UPDATE fund.disbursement SET amount_fen = 1",
        "UPDATE fund.disbursement SET payee_person_id = (SELECT person_id FROM fund.deposit LIMIT 1)",
        "DELETE FROM fund.disbursement_step",
        (
            "INSERT INTO fund.disbursement_step SELECT disbursement_id, 2, 'approve', person_id, gen_random_uuid(), 'x', '', at "
            "FROM fund.disbursement_step"
        ),
        (
            "INSERT INTO fund.disbursement_step SELECT disbursement_id, 2, 'approve', payee_person_id, gen_random_uuid(), 'x', "
            "'', prepared_at FROM fund.disbursement"
        ),
        (
            "INSERT INTO fund.disbursement_step SELECT disbursement_id, 3, 'check', gen_random_uuid(), gen_random_uuid(), 'x', "
            "'', prepared_at FROM fund.disbursement"
        ),
        "UPDATE fund.plan_line SET share_fen = 1",
        (
            "INSERT INTO fund.plan_line SELECT gen_random_uuid(), plan_id, 99, NULL, 'surplus', 9, 1, 1, payee_person_id "
            "FROM fund.plan_line LIMIT 1"
        ),
        "UPDATE fund.plan_addressee SET window_ends_on = '2020-01-01'",
        "INSERT INTO fund.hold_end SELECT hold_id, 'posted', NULL, now() FROM fund.hold",
    ],
)
async def test_database_guards_the_chain(sale: Sale, attack: str) -> None:
    """Straight SQL cannot skip a signature, sign twice, sign for oneself, or change what was signed."""
    await sale.settled()
    await sale.prepared("mortgage")

    with pytest.raises(DBAPIError):
        async with sale.world.db.transaction() as tx:
            await tx.session.execute(text(attack))


async def test_prepared_money_is_set_aside(sale: Sale) -> None:
    """Two disbursements of one share never exceed it, and a fen too much is refused."""
    await sale.settled()
    with pytest.raises(ShareExceeded):
        await sale.prepared("mortgage", MORTGAGE + 1)
    await sale.prepared("mortgage", MORTGAGE - 10)

    with pytest.raises(ShareExceeded):
        await sale.prepared("mortgage", 11)
    await sale.prepared("mortgage", 10)


async def test_others_than_the_applicant_need_the_panel(sale: Sale) -> None:
    """Without a panel's decision only the applicant is paid (执行款物 11)."""
    await sale.settled(panel=False)

    await sale.prepared("ordinary")
    with pytest.raises(PanelDecisionMissing):
        await sale.prepared("mortgage")


async def test_changed_account_voids_what_was_signed_and_waits_a_working_day(sale: Sale) -> None:
    """A new account needs a second officer, voids open approvals, and is not paid to before the next working day is over."""
    await sale.settled()
    db, world = sale.world.db, sale.world
    view = await sale.prepared("mortgage")
    changed = await sale.record_account("mortgagee", "62229999999999")
    confirm = ConfirmPayeeAccount(command_id=new_id(), payee_account_id=changed, case_id=world.case_id)
    with pytest.raises(SecondOfficerNeeded):
        await confirm_payee_account(db, sale.handler, confirm)

    await sale.told_of_change("mortgagee")
    confirmed = await confirm_payee_account(db, await world.officer(Role.CLERK), confirm)

    named = {"disbursement_id": view.disbursement_id, "signed_sha256": view.signed_sha256}
    with pytest.raises(StepOutOfTurn):
        await approve_disbursement(
            db,
            await world.officer(Role.BUREAU_HEAD),
            ApproveDisbursement(command_id=new_id(), **named),  # type: ignore[arg-type]
        )
    assert confirmed.usable_from is not None
    await move_clock(db, to=confirmed.usable_from - timedelta(seconds=5))
    with pytest.raises(PayeeAccountMissing):
        await sale.prepared("mortgage")
    await move_clock(db, to=confirmed.usable_from)
    await sale.prepared("mortgage")
    await world.require_straight()


@pytest.mark.parametrize("lost", [1, 2, 4])
async def test_payout_with_lost_answers_is_ordered_once(sale: Sale, lost: int) -> None:
    """However often the bank's answer is lost, the payee is paid once."""
    await sale.settled()
    before = len(sale.world.bank.orders)
    sale.world.bank.lose_answers = lost

    await sale.paid("mortgage")
    await sale.world.settle_bank()

    assert len(sale.world.bank.orders) == before + 1
    assert await sale.world.totals() == {
        "bank": PRICE - MORTGAGE,
        "taxes_payable": TAX,
        "claims_payable": ORDINARY,
        "surplus_payable": PRICE - TAX - MORTGAGE - ORDINARY,
    }
    await sale.world.require_straight()


async def test_payout_waits_in_clearing_until_the_bank_confirms(sale: Sale) -> None:
    """An accepted order is not paid; the case cannot close over it."""
    await sale.settled()
    sale.world.bank.mood = "accepted"
    await sale.paid("mortgage")
    await sale.world.run_jobs()
    assert (await sale.world.totals())["payout_clearing"] == MORTGAGE

    sale.world.bank.settle("confirmed")
    await sale.world.look_now()

    assert "payout_clearing" not in await sale.world.totals()


@pytest.mark.parametrize("mood", ["rejected", "returned"])
async def test_payout_that_comes_back_is_owed_again(sale: Sale, mood: str) -> None:
    """A rejected order, or money that comes back after it left, is owed to the payee as before; a person is called."""
    await sale.settled()
    if mood == "rejected":
        sale.world.bank.mood = "rejected"
        await sale.paid("mortgage")
        await sale.world.run_jobs()
    else:
        await sale.paid("mortgage")
        await sale.world.settle_bank()
        assert (await sale.world.totals())["bank"] == PRICE - MORTGAGE
        sale.world.bank.settle("returned")
        await sale.world.settle_bank()

    totals = await sale.world.totals()
    assert (totals["bank"], totals["claims_payable"]) == (PRICE, MORTGAGE + ORDINARY)
    assert "payout_returned" in await sale.world.alarms()
    sale.world.bank.mood = "confirmed"
    await sale.paid("mortgage")
    await sale.world.run_jobs()
    assert (await sale.world.totals())["bank"] == PRICE - MORTGAGE
    await sale.world.require_straight()


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("at", range(1, 4))
async def test_payout_ends_the_same_wherever_the_process_dies(sale: Sale, at: int, after: bool) -> None:
    """Stop after each step of a payout, start again: the payee is paid once."""
    await sale.settled()
    before = len(sale.world.bank.orders)
    sale.world.bank.mood = "accepted"
    process = sale.world.crash_at(at, after=after)

    await sale.paid("mortgage")
    await sale.world.run_jobs()
    sale.world.bank.settle("confirmed")
    await sale.world.settle_bank()
    await sale.world.look_now()

    assert len(sale.world.bank.orders) == before + 1
    assert (await sale.world.totals())["bank"] == PRICE - MORTGAGE
    assert process.count >= at, "the process did not live long enough to die there"
    await sale.world.require_straight()


async def test_plan_is_drawn_on_the_file_only(sale: Sale) -> None:
    """The surplus goes to the case's judgment debtor, on sealed documents of the case: nothing else draws a plan."""
    await sale.prepare()
    await sale.assess()
    applicant = DebtorAddressed(party_id=sale.parties["applicant"], person_id=sale.persons["applicant"])
    another = DebtorAddressed(party_id=sale.parties["debtor"], person_id=await sale.world.person("旁人"))
    elsewhere = await (await World(sale.world.db).open_as("8800100200300400" + "00000009")).document()

    with pytest.raises(NotTheDebtor):
        await sale.draw(debtor=applicant)
    with pytest.raises(PartyNotOfCase):
        await sale.draw(debtor=another)
    with pytest.raises(DocumentNotSealed):
        await sale.draw(document_id=await sale.world.document("other"))
    with pytest.raises(DocumentNotSealed):
        await sale.draw(document_id=new_id())
    for panel_document_id in (new_id(), elsewhere):
        with pytest.raises(DocumentNotSealed):
            await sale.draw(panel_document_id=panel_document_id)
    await sale.draw()


async def test_claim_is_a_partys_own_and_his_role_decides(sale: Sale) -> None:
    """A claim names a party of the case and that party's person; the applicant is who the file says."""
    await sale.prepare()
    sale.persons["mortgagee"], kept = sale.persons["tax"], sale.persons["mortgagee"]
    with pytest.raises(PartyNotOfCase):
        await sale.claim("mortgagee", ClaimKind.MORTGAGE, MORTGAGE)
    sale.persons["mortgagee"] = kept
    await sale.claim("mortgagee", ClaimKind.MORTGAGE, MORTGAGE)
    await sale.claim("applicant", ClaimKind.ORDINARY, ORDINARY)

    async with sale.world.db.reading() as tx:
        found = await tx.session.execute(text("SELECT kind FROM fund.claim WHERE by_applicant"))
        assert found.scalars().all() == ["ordinary"]


async def test_every_applicant_and_debtor_is_served(sale: Sale) -> None:
    """A second debtor without a line is an addressee as well, and settlement waits for him."""
    await sale.prepare()
    await sale.assess()
    second = await sale.world.party(await sale.world.person("第二被执行人"), "judgment_debtor")
    plan = await sale.draw()

    expected = {sale.parties["applicant"], sale.parties["debtor"], sale.parties["tax"], second}
    assert {addressee.party_id for addressee in plan.addressees} == expected


async def test_no_suit_only_after_the_notice_and_fifteen_days(sale: Sale) -> None:
    """An objection stands until its author was served with the opposition and his fifteen days are over."""
    await sale.drawn()
    await sale.serve()
    db = sale.world.db
    person_id = PersonId(sale.persons["applicant"])
    party = Actor(account_id=AccountId(new_id()), person_id=person_id, roles=frozenset({Role.PARTY}))
    objection = ObjectToPlan(
        command_id=new_id(),
        objection_id=new_id(),
        plan_id=sale.plan.plan_id,
        party_id=sale.parties["applicant"],
        line_id=sale.line("mortgage"),
        disputed_fen=100_00,
        grounds="抵押权未登记",
    )
    await object_to_plan(db, party, objection)
    notice = await sale.world.document("plan_opposition_notice")

    async def decide(document_id: UUID) -> None:
        decision = DecideObjection(
            command_id=new_id(),
            objection_id=objection.objection_id,
            plan_id=sale.plan.plan_id,
            outcome="no_suit",
            document_id=document_id,
        )
        await decide_objection(db, sale.handler, decision)

    with pytest.raises(DocumentNotSealed):
        await decide(new_id())
    with pytest.raises(SuitStillPossible):
        await decide(notice)
    async with db.reading() as tx:
        today = local_day(tx.now)
    await sale.world.served(notice, sale.parties["applicant"], today)
    last = legal_period(LAW.parameter("money.plan_suit_days", on=today), today, COURT_CALENDAR).end_day
    await move_clock(db, to=day_start(last + timedelta(days=1)) - timedelta(seconds=5))
    with pytest.raises(SuitStillPossible):
        await decide(notice)
    await move_clock(db, to=day_start(last + timedelta(days=1)))
    await decide(notice)


async def test_unopposed_only_when_everybody_was_told_and_fifteen_days_over(sale: Sale) -> None:
    """That nobody opposed is computed from services: each of the others told of the objection, and the last one's fifteen days over."""
    await sale.drawn()
    await sale.serve()
    db = sale.world.db
    party = Actor(
        account_id=AccountId(new_id()), person_id=PersonId(sale.persons["applicant"]), roles=frozenset({Role.PARTY})
    )
    early = await sale.world.document("plan_objection_notice")
    objection = ObjectToPlan(
        command_id=new_id(),
        objection_id=new_id(),
        plan_id=sale.plan.plan_id,
        party_id=sale.parties["applicant"],
        line_id=sale.line("mortgage"),
        disputed_fen=100_00,
        grounds="抵押权未登记",
    )
    await move_clock(db, to=day_start(await _today(db) + timedelta(days=1)))
    await object_to_plan(db, party, objection)
    record = await sale.world.document("plan_objection_record")
    notice = await sale.world.document("plan_objection_notice")

    async def decide(notice_id: UUID | None) -> None:
        decision = DecideObjection(
            command_id=new_id(),
            objection_id=objection.objection_id,
            plan_id=sale.plan.plan_id,
            outcome="accepted",
            document_id=record,
            notice_document_id=notice_id,
        )
        await decide_objection(db, sale.handler, decision)

    with pytest.raises(OppositionStillPossible):
        await decide(None)
    with pytest.raises(DocumentNotSealed):
        await decide(record)
    with pytest.raises(ProofOlderThanObjection):
        await decide(early)
    today = await _today(db)
    await sale.world.served(notice, sale.parties["debtor"], today)
    await sale.world.served(notice, sale.parties["mortgagee"], today)
    await move_clock(db, to=day_start(opposition_until(today) + timedelta(days=1)))
    with pytest.raises(OppositionStillPossible):  # the tax office was not told yet
        await decide(notice)
    today = await _today(db)
    await sale.world.served(notice, sale.parties["tax"], today)
    await move_clock(db, to=day_start(opposition_until(today) + timedelta(days=1)) - timedelta(seconds=5))
    with pytest.raises(OppositionStillPossible):
        await decide(notice)
    await move_clock(db, to=day_start(opposition_until(today) + timedelta(days=1)))
    await decide(notice)


async def _today(db: Database) -> date:
    async with db.reading() as tx:
        return local_day(tx.now)


@pytest.mark.parametrize("name", ["示范债权人", "", " ", "示范mortgage", "示范mortgageee"])
async def test_account_in_another_name_is_refused(sale: Sale, name: str) -> None:
    """An account that stands in any other name than the payee's is not recorded, whoever holds it (执行款物 11-14)."""
    await sale.drawn()

    with pytest.raises(AccountNameDiffers):
        await sale.record_account("mortgagee", "622200001111", account_name=name)
    await sale.record_account("mortgagee", "622200001111", account_name="示范 ｍｏｒｔｇａｇｅｅ")


async def test_account_of_somebody_who_is_no_payee_is_refused(sale: Sale) -> None:
    """A buyer, a stranger or a third party without a claim has no account in the case; claim and plan open it."""
    await sale.prepare()
    sale.persons["stranger"] = await sale.world.person("示范stranger")

    for name in ("stranger", "mortgagee"):
        with pytest.raises(NotPayeeOfCase):
            await sale.record_account(name, "622200001111")
    await sale.record_account("debtor", "622200002222")
    await sale.claim("mortgagee", ClaimKind.MORTGAGE, MORTGAGE, date(2020, 1, 1))
    await sale.record_account("mortgagee", "622200001111")


async def test_no_officer_records_his_own_account(sale: Sale) -> None:
    """The payee himself takes no step on the way of his money, not even the first."""
    await sale.drawn()
    payee = Actor(
        account_id=AccountId(new_id()),
        person_id=PersonId(sale.persons["applicant"]),
        roles=frozenset({Role.FINANCE}),
    )

    with pytest.raises(PayeeInChain):
        await sale.record_account("applicant", "622200001111", payee)


async def test_document_that_says_other_amounts_carries_no_plan(sale: Sale) -> None:
    """A sealed document whose text is not the plan's own, by a fen or by a word, is refused; the system's is taken."""
    await sale.drawn()
    wish = PlanWish(case_id=sale.world.case_id, debtor=sale.debtor(), ordinary_order="pro_rata", forfeited_fen=0)
    async with sale.world.db.reading() as tx:
        text = (await propose_plan(tx, wish)).text
    assert "示范mortgagee，债权数额 ¥600,000.00，分配数额 ¥600,000.00" in text

    for other in (text.replace("¥600,000.00", "¥600,000.01"), text + "另付¥1.00", "分配方案见附表。"):
        with pytest.raises(PlanTextDiffers):
            await sale.draw(document_id=await sale.world.document("distribution_plan", body=other))
    await sale.draw(document_id=await sale.world.document("distribution_plan", body=text))


async def test_document_written_before_another_claim_carries_no_plan(sale: Sale) -> None:
    """A claim that comes after the document was written makes it stale: it is written, sealed and served anew."""
    await sale.drawn()
    before = await sale.plan_document()
    await sale.claim("applicant", ClaimKind.ORDINARY, 1)

    with pytest.raises(PlanTextDiffers):
        await sale.draw(document_id=before)
    await sale.draw()
