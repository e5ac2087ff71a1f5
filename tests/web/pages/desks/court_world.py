"""A made-up court whose officers are the sample accounts: one case, brought through the use cases to where a test needs it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from uuid import UUID

from auction.contracts import DocumentServed, PayeeAccountChanged
from auction.fund.claims.claims import ClaimKind
from auction.fund.claims.tax_office import Assessment, TaxHead
from auction.fund.deposits.apply_deposit import handle_apply_deposit
from auction.fund.payouts.confirm_payee_account import RecordPayeeAccount, record_payee_account
from auction.fund.payouts.disbursements import Step
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
from auction.fund.plans.store import PlanView
from auction.fund.settlement.draw_plan import DrawPlan, draw_plan
from auction.fund.settlement.note_service import note_service
from auction.fund.settlement.propose_plan import DebtorAddressed
from auction.fund.settlement.record_claim import RecordClaim, record_claim
from auction.fund.settlement.settle_case import SettleCase, settle_case
from auction.fund.settlement.take_tax_assessment import (
    AskTaxAssessment,
    ReserveTaxes,
    ask_tax_assessment,
    reserve_taxes,
    take_tax_assessment,
)
from auction.kernel.actors import Actor
from auction.kernel.clock import local, local_day
from auction.kernel.db import Database, Transaction
from auction.kernel.ids import new_id
from auction.kernel.money import Money
from auction.kernel.persons import name_of
from auction.sale.cases import store as cases
from auction.sale.cases.documents import DocumentKind
from auction.sale.cases.issue_account_notice import handle_payee_account_changed
from auction.sale.cases.issue_plan_document import IssuePlanDocument, issue_plan_document
from auction.sale.cases.parties import PartyRole
from auction.sale.lots.form_panel import FormPanel
from auction.sale.lots.lots import Terms
from auction.sale.lots.panel import Member, Vote
from auction.sale.title.note_full_payment import handle_receipts_complete
from tests.auction.sale.world import DEPOSIT, RESERVE, World, terms
from tests.stages import staged

MORTGAGE = Money.yuan(1_200_000)
CLAIM = Money(500_000_01)
TAX = Money.yuan(21_000)
JUDGES = ("presiding1", "panel1", "panel2")


class CourtWorld(World):
    """The court of the sample accounts."""

    def __init__(self, db: Database, url: str, actors: Mapping[str, Actor]) -> None:
        """Put the sample accounts into the officers' places."""
        super().__init__(db, url)
        self.actors = actors
        self.handler = actors["judge1"]
        self.clerk = actors["clerk1"]
        self.judge_names = JUDGES
        self.judges = tuple(actors[name] for name in JUDGES)  # type: ignore[assignment]  # three of them
        self.presiding = actors["presiding1"]
        self.question_id = new_id()
        self.plan: PlanView

    def panel(self) -> FormPanel:
        """Give the command that forms the panel of the sample judges."""
        members = tuple(
            Member(person_id=self.actors[name].person_id, name=f"示例法官{number}", is_presiding=name == "presiding1")
            for number, name in enumerate(self.judge_names, start=1)
        )
        return FormPanel(command_id=new_id(), panel_id=new_id(), case_id=self.case_id, members=members)

    @staged
    async def listed(self, **changes: object) -> Terms:
        """Come as far as a listing before the panel."""
        await self.open()
        await self.price()
        self.question_id = (await self.list(**changes)).question_id
        return terms(**changes)

    async def vote_as(self, question_id: UUID, *names: str) -> None:
        """Let these sample judges approve."""
        judges = self.judges
        self.judges = tuple(self.actors[name] for name in names)  # type: ignore[assignment]  # fewer for a moment
        approvals: list[Vote] = ["approve"] * len(names)
        await self.vote(question_id, *approvals)
        self.judges = judges

    @staged
    async def paid(self) -> None:
        """Come as far as a price that is paid in full."""
        _winner, registered = await self.sold()
        for job in await self.jobs("fund.apply_deposit"):
            await handle_apply_deposit(self.db, job)
        await self.pay_balance(registered, RESERVE - DEPOSIT)
        for job in await self.jobs("sale.receipts_complete"):
            await handle_receipts_complete(self.db, job)

    @staged
    async def planned(self) -> PlanView:
        """Come as far as a drawn plan: tax reserve, a mortgage, the applicant's claim, a surplus or none."""
        await self.paid()
        return await self.drawn()

    async def drawn(self) -> PlanView:
        """Go from a price that is paid to a drawn plan."""
        await self.party(PartyRole.MORTGAGEE, "示例商业银行", kind="organisation", identity_number="91110105MA00000012")
        await self.party(PartyRole.OTHER_CREDITOR, "周示例")
        tax = await self._person("other_creditor")
        asked = AskTaxAssessment(
            command_id=new_id(),
            round_id=self.round_id,
            tax_party_id=self.parties[PartyRole.OTHER_CREDITOR],
            tax_person_id=tax,
            asset_class="home",
            seller_kind="individual",
        )
        await ask_tax_assessment(self.db, self.handler, asked)
        reserve = ReserveTaxes(command_id=new_id(), round_id=self.round_id, amount_fen=TAX.fen, reason="税务机关未复")
        await reserve_taxes(self.db, self.handler, reserve)
        await self.claim(PartyRole.MORTGAGEE, ClaimKind.MORTGAGE, MORTGAGE, date(2021, 3, 1))
        await self.claim(PartyRole.APPLICANT, ClaimKind.ORDINARY, CLAIM)
        plan = await self._plan(new_id())
        document = IssuePlanDocument(
            command_id=new_id(), document_id=plan.document_id, case_id=self.case_id, debtor=plan.debtor
        )
        await issue_plan_document(self.db, self.handler, document)
        await self.sealed(plan.document_id)
        self.plan = await draw_plan(self.db, self.handler, plan)
        return self.plan

    async def claim(self, role: PartyRole, kind: ClaimKind, amount: Money, ranked_on: date | None = None) -> None:
        """Record a claim of a party."""
        command = RecordClaim(
            command_id=new_id(),
            claim_id=new_id(),
            case_id=self.case_id,
            party_id=self.parties[role],
            person_id=await self._person(role),
            kind=kind,
            amount_fen=amount.fen,
            basis="示例依据",
            evidence_sha256="a" * 64,
            ranked_on=ranked_on,
        )
        await record_claim(self.db, self.handler, command)

    @staged
    async def settled(self) -> PlanView:
        """Come as far as a settled plan whose payees have confirmed accounts."""
        await self.planned()
        today = await self.read(_today)
        for party_id in self.parties.values():
            served = await self.serve(self.plan.document_id, party_id, local(today, 9))
            word = DocumentServed(
                service_id=served.service_id,
                case_id=self.case_id,
                document_id=self.plan.document_id,
                document_kind="distribution_plan",
                party_id=party_id,
                effective_on=served.effective_on,
            )
            await self.db.transact(lambda tx, word=word: note_service(tx, word))  # type: ignore[misc]
        await self.at(local(today + timedelta(days=30), 9))
        self.plan = await settle_case(self.db, self.handler, SettleCase(command_id=new_id(), plan_id=self.plan.plan_id))
        for number, line in enumerate(self.plan.lines):
            await self.account(line.payee_person_id, f"622200001111{number:04d}")
        return self.plan

    async def assessed(self, amount: Money = TAX) -> None:
        """Let the tax office assess the sale."""
        [tax] = await self.rows(
            "SELECT assessment_id FROM fund.tax_assessment WHERE case_id = :case", case=self.case_id
        )
        head = TaxHead(head="vat", name="增值税", amount_fen=amount.fen)
        answer = Assessment(state="done", heads=(head,), document_sha256="ab")
        await self.db.transact(lambda tx: take_tax_assessment(tx, tax.assessment_id, answer))

    async def account(self, person_id: UUID, number: str) -> None:
        """Record a payee's account."""
        command = RecordPayeeAccount(
            command_id=new_id(),
            payee_account_id=new_id(),
            case_id=self.case_id,
            person_id=person_id,
            account_number=number,
            account_name=await self.read(lambda tx: name_of(tx, person_id)),
            evidence_sha256="b" * 64,
        )
        await record_payee_account(self.db, self.handler, command)

    async def told_of_change(self, person_id: UUID) -> None:
        """Issue the notice of a changed account and serve it on its payee."""
        for job in await self.jobs("sale.issue_account_notice"):
            await handle_payee_account_changed(self.db, job)
            notice = job.decode(PayeeAccountChanged)
            party_id = await self.read(lambda tx: _party_of(tx, self.case_id, person_id))
            await self.serve(notice.document_id, party_id, local(await self.read(_today), 0))

    async def prepared(self, kind: str = "ordinary") -> DisbursementView:
        """Take the handler's step for the line of a kind."""
        line = next(line for line in self.plan.lines if line.kind == kind)
        command = PrepareDisbursement(
            command_id=new_id(), disbursement_id=new_id(), line_id=line.line_id, amount_fen=line.share_fen
        )
        return await prepare_disbursement(self.db, self.handler, command)

    async def signed(self, payout: DisbursementView, *steps: Step) -> None:
        """Let the sample officers take these steps."""
        for step in steps:
            named = {"disbursement_id": payout.disbursement_id, "signed_sha256": payout.signed_sha256}
            if step is Step.APPROVE:
                command = ApproveDisbursement(command_id=new_id(), **named)  # type: ignore[arg-type]
                await approve_disbursement(self.db, self.actors["head1"], command)
            elif step is Step.CHECK:
                check = CheckDisbursement(command_id=new_id(), **named)  # type: ignore[arg-type]
                await check_disbursement(self.db, self.actors["finance1"], check)
            else:
                pay = PayDisbursement(command_id=new_id(), **named)  # type: ignore[arg-type]
                await pay_disbursement(self.db, self.actors["cashier1"], pay)

    async def _plan(self, document_id: UUID) -> DrawPlan:
        return DrawPlan(
            command_id=new_id(),
            plan_id=new_id(),
            case_id=self.case_id,
            document_id=document_id,
            debtor=DebtorAddressed(
                party_id=self.parties[PartyRole.JUDGMENT_DEBTOR],
                person_id=await self._person(PartyRole.JUDGMENT_DEBTOR),
            ),
            panel_document_id=await self.document(DocumentKind.OTHER),
        )

    async def _person(self, role: PartyRole | str) -> UUID:
        party_id = self.parties[PartyRole(role)]
        row = await self.read(lambda tx: cases.party_row(tx, self.case_id, party_id))
        return row.person_id


async def _party_of(tx: Transaction, case_id: UUID, person_id: UUID) -> UUID:
    return (await cases.parties_by_person(tx, case_id, person_id))[0].party_id


async def _today(tx: object) -> date:
    return local_day(tx.now)  # type: ignore[attr-defined]
