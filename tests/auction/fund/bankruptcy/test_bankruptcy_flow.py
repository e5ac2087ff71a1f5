"""A case goes to the bankruptcy court: it stands still, and what was not paid out goes to the administrator to the fen."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import msgspec
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from auction.fund.agree_to_act import AgreeToAct, agree_to_act
from auction.fund.bankruptcy.bankruptcy import (
    AlreadyReferred,
    AnswerBeforeReferral,
    ConsentNotOfParty,
    NotForBankruptcyCourt,
    NothingToHandOver,
    PayoutUnderway,
    PurchaseUnfinished,
    ReferralUnknown,
    answer_by,
)
from auction.fund.bankruptcy.hand_over import HandOver, hand_over
from auction.fund.bankruptcy.refer_to_bankruptcy import (
    Consent,
    FindingMissing,
    RecordBankruptcyAnswer,
    ReferToBankruptcy,
    record_bankruptcy_answer,
    refer_to_bankruptcy,
)
from auction.fund.case_file import DocumentNotSealed, NotTheDebtor, PartyNotOfCase
from auction.fund.payouts.put_in_escrow import ClaimEscrow, PutInEscrow, claim_escrow, put_in_escrow
from auction.fund.plans.store import PlanView, plan_view
from auction.fund.stays.stays import CaseStayed
from auction.kernel.actors import Role, RoleLacking
from auction.kernel.clock import local_day
from auction.kernel.db import Database
from auction.kernel.errors import Refusal
from auction.kernel.ids import new_id
from tests.auction.fund.settlement.test_settlement_flow import MORTGAGE, PRICE, Sale
from tests.auction.fund.world import World
from tests.stages import staged


class EnterpriseSale(Sale):
    """A sale of an enterprise's asset, whose administrator is on the file."""

    async def today(self) -> date:
        """The court day."""
        async with self.world.db.reading() as tx:
            return local_day(tx.now)

    async def ruled(self) -> None:
        """Serve the ruling on the buyer."""
        async with self.world.db.reading() as tx:
            found = await tx.session.execute(text("SELECT person_id FROM fund.purchase"))
        buyer = await self.world.party(found.scalar_one(), "buyer")
        await self.world.served(await self.world.document("sale_ruling"), buyer, await self.today())

    @staged
    async def settled_and_ruled(self) -> None:
        """Come as far as a settled plan after the ruling was served, with an administrator on file."""
        await self.settled()
        await self.ruled()
        self.persons["administrator"] = await self.world.person("示范公司管理人")
        self.parties["administrator"] = await self.world.party(self.persons["administrator"], "third_party")

    async def refer(self, **changes: Any) -> UUID:  # noqa: ANN401 - any field of the command
        """Send the case with the applicant's consent."""
        command = ReferToBankruptcy(
            command_id=new_id(),
            referral_id=new_id(),
            case_id=self.world.case_id,
            debtor_party_id=self.parties["debtor"],
            debtor_person_id=self.persons["debtor"],
            debtor_kind="enterprise",
            is_insolvent=True,
            finding="现有财产不足清偿全部债务",
            consents=(Consent(party_id=self.parties["applicant"], document_sha256="ab" * 32),),
            bankruptcy_court="示例市中级人民法院",
            referral_document_id=await self.world.document("bankruptcy_referral"),
            stay_document_id=await self.world.document("stay_ruling"),
        )
        command = msgspec.structs.replace(command, **changes)
        return (await refer_to_bankruptcy(self.world.db, self.handler, command)).referral_id

    async def answered(self, *, accepted: bool, **changes: Any) -> UUID:  # noqa: ANN401 - any field of the command
        """Record the answer of today."""
        command = RecordBankruptcyAnswer(
            command_id=new_id(),
            case_id=self.world.case_id,
            accepted=accepted,
            answered_on=await self.today(),
            document_sha256="cd" * 32,
        )
        command = msgspec.structs.replace(command, **changes)
        return (await self.world.agree(await record_bankruptcy_answer(self.world.db, self.handler, command))).subject_id

    async def hand_over(self, **changes: Any) -> PlanView:  # noqa: ANN401 - any field of the command
        """Hand over to the administrator."""
        command = HandOver(
            command_id=new_id(),
            plan_id=new_id(),
            case_id=self.world.case_id,
            administrator_party_id=self.parties["administrator"],
            administrator_person_id=self.persons["administrator"],
            document_id=await self.world.document("bankruptcy_handover"),
        )
        command = msgspec.structs.replace(command, **changes)
        await self.world.agree(await hand_over(self.world.db, self.handler, command))
        async with self.world.db.reading() as tx:
            self.plan = await plan_view(tx, command.plan_id)
        return self.plan


@pytest.fixture
def sale(db: Database) -> EnterpriseSale:
    """A sale in a world in which nothing happened yet."""
    return EnterpriseSale(World(db))


async def test_what_was_paid_stays_and_the_rest_goes_to_the_administrator(sale: EnterpriseSale) -> None:
    """One creditor is paid before the referral; everything else moves in one line, by four persons, and the case closes at zero."""
    await sale.settled_and_ruled()
    await sale.paid("mortgage")
    await sale.world.settle_bank()
    prepared = await sale.prepared("ordinary")
    await sale.refer()
    with pytest.raises(CaseStayed):
        await sale.prepared("ordinary")
    await sale.answered(accepted=True)
    plan = await sale.hand_over()

    rest = PRICE - MORTGAGE
    assert [(line.kind, line.share_fen, line.payee_person_id) for line in plan.lines] == [
        ("bankruptcy_estate", rest, sale.persons["administrator"])
    ]
    assert plan.state == "settled"
    assert await sale.world.totals() == {"bank": rest, "claims_payable": rest}
    async with sale.world.db.reading() as tx:
        found = await tx.session.execute(
            text("SELECT state, reason FROM fund.disbursement WHERE disbursement_id = :id"),
            {"id": prepared.disbursement_id},
        )
    assert tuple(found.one()) == ("voided", "bankruptcy")
    await sale.record_account("administrator", "622200001111")
    await sale.paid("bankruptcy_estate")
    await sale.world.settle_bank()
    assert await sale.world.totals() == {}
    await sale.close()
    await sale.world.require_straight()


async def test_money_not_yet_distributed_goes_too(sale: EnterpriseSale) -> None:
    """A plan that was drawn and not settled binds nobody any more; the whole price goes, also what would be tax and cost."""
    await sale.drawn()
    await sale.ruled()
    sale.persons["administrator"] = await sale.world.person("示范公司管理人")
    sale.parties["administrator"] = await sale.world.party(sale.persons["administrator"], "third_party")
    drawn = sale.plan.plan_id
    await sale.refer()
    with pytest.raises(CaseStayed):
        await sale.draw()
    with pytest.raises(CaseStayed):
        await sale.settle()
    await sale.answered(accepted=True)
    await sale.hand_over()

    assert await sale.world.totals() == {"bank": PRICE, "claims_payable": PRICE}
    async with sale.world.db.reading() as tx:
        found = await tx.session.execute(text("SELECT state FROM fund.plan WHERE plan_id = :id"), {"id": drawn})
    assert found.scalar_one() == "replaced"


async def test_nothing_is_deposited_once_the_case_is_sent(sale: EnterpriseSale) -> None:
    """To deposit is to have paid: a share is not put into escrow to keep it from the administrator; what stood there before is claimed."""
    await sale.settled_and_ruled()

    def escrow(kind: str, document_id: UUID) -> PutInEscrow:
        return PutInEscrow(
            command_id=new_id(), escrow_id=new_id(), line_id=sale.line(kind), ground="missing", document_id=document_id
        )

    async def decided(kind: str) -> PutInEscrow:
        return escrow(kind, await sale.world.escrow_paper(escrow(kind, new_id())))

    before = await put_in_escrow(sale.world.db, sale.handler, await decided("mortgage"))
    decision = (await decided("ordinary")).document_id
    await sale.refer()
    with pytest.raises(CaseStayed):
        await put_in_escrow(sale.world.db, sale.handler, escrow("ordinary", decision))
    await sale.answered(accepted=True)
    with pytest.raises(CaseStayed):
        await put_in_escrow(sale.world.db, sale.handler, escrow("ordinary", decision))
    plan = await sale.hand_over()

    assert [line.share_fen for line in plan.lines] == [PRICE - MORTGAGE]
    head = await sale.world.officer(Role.BUREAU_HEAD)
    claim = ClaimEscrow(
        command_id=new_id(), escrow_id=before.escrow_id, case_id=sale.world.case_id, evidence_sha256="ee"
    )
    assert (await claim_escrow(sale.world.db, head, claim)).claimed_on is not None


async def test_of_a_line_only_what_was_deposited_passes_the_stay(sale: EnterpriseSale) -> None:
    """A part was on its way when the rest was deposited: the stay voids it, it passes no more, and goes to the administrator."""
    await sale.settled_and_ruled()
    part = MORTGAGE // 4
    await sale.prepared("mortgage", part)
    command = PutInEscrow(
        command_id=new_id(),
        escrow_id=new_id(),
        line_id=sale.line("mortgage"),
        ground="missing",
        document_id=new_id(),
    )
    command = msgspec.structs.replace(command, document_id=await sale.world.escrow_paper(command))
    escrow = await put_in_escrow(sale.world.db, sale.handler, command)
    assert escrow.net_fen == MORTGAGE - part
    await sale.refer()
    for fen in (1, part):
        with pytest.raises(CaseStayed):
            await sale.prepared("mortgage", fen)
    head = await sale.world.officer(Role.BUREAU_HEAD)
    claim = ClaimEscrow(
        command_id=new_id(), escrow_id=escrow.escrow_id, case_id=sale.world.case_id, evidence_sha256="ee"
    )
    await claim_escrow(sale.world.db, head, claim)

    with pytest.raises(CaseStayed):
        await sale.prepared("mortgage", escrow.net_fen + 1)
    await sale.prepared("mortgage", escrow.net_fen - 1)
    with pytest.raises(CaseStayed):
        await sale.prepared("mortgage", 2)
    await sale.prepared("mortgage", 1)
    with pytest.raises(CaseStayed):
        await sale.prepared("mortgage", 1)
    await sale.answered(accepted=True)
    settled = sale.plan
    plan = await sale.hand_over()

    assert [line.share_fen for line in plan.lines] == [PRICE - escrow.net_fen]
    sale.plan = settled
    await sale.prepared("mortgage", escrow.net_fen)
    await sale.world.require_straight()


async def test_declined_case_goes_on(sale: EnterpriseSale) -> None:
    """The bankruptcy court declines: the plan is settled and paid as if nothing had been; it may be sent again."""
    await sale.settled_and_ruled()
    await sale.refer()
    await sale.answered(accepted=False)

    await sale.paid("ordinary")
    with pytest.raises(ReferralUnknown):
        await sale.hand_over()
    await sale.refer()
    with pytest.raises(AlreadyReferred):
        await sale.refer()


async def test_it_is_handed_over_once_and_not_before_the_answer(sale: EnterpriseSale) -> None:
    """Neither without an answer nor twice; two answers to one referral do not exist."""
    await sale.settled_and_ruled()
    with pytest.raises(ReferralUnknown):
        await sale.answered(accepted=True)
    await sale.refer()
    with pytest.raises(ReferralUnknown):
        await sale.hand_over()
    yesterday = await sale.today() - timedelta(days=1)
    for day in (yesterday, yesterday + timedelta(days=2)):
        with pytest.raises(AnswerBeforeReferral):
            await sale.answered(accepted=True, answered_on=day)
    await sale.answered(accepted=True)
    with pytest.raises(ReferralUnknown):
        await sale.answered(accepted=False)
    for kind in ("other", "bankruptcy_referral"):
        with pytest.raises(DocumentNotSealed):
            await sale.hand_over(document_id=await sale.world.document(kind))
    await sale.hand_over()
    with pytest.raises(NothingToHandOver):
        await sale.hand_over()


async def test_what_comes_back_after_the_hand_over_follows_it(sale: EnterpriseSale) -> None:
    """A payout that the bank returns later is neither stuck nor the creditor's again: it goes to the administrator too (Interp. 513)."""
    await sale.settled_and_ruled()
    await sale.paid("mortgage")
    await sale.world.settle_bank()
    await sale.refer()
    await sale.answered(accepted=True)
    await sale.hand_over()
    await sale.record_account("administrator", "622200001111")
    await sale.paid("bankruptcy_estate")
    await sale.world.settle_bank()
    mortgage = next(key for key, (order, _) in sale.world.bank.orders.items() if order.amount_fen == MORTGAGE)
    sale.world.bank.settle_one(mortgage, "returned")
    await sale.world.settle_bank()
    assert await sale.world.totals() == {"bank": MORTGAGE, "claims_payable": MORTGAGE}

    plan = await sale.hand_over()
    assert [(line.kind, line.share_fen) for line in plan.lines] == [("bankruptcy_estate", MORTGAGE)]
    with pytest.raises(NothingToHandOver):
        await sale.hand_over()
    sale.plan = plan
    await sale.paid("bankruptcy_estate")
    await sale.world.settle_bank()
    await sale.close()
    await sale.world.require_straight()


async def test_no_creditor_takes_the_administrators_place(sale: EnterpriseSale) -> None:
    """The estate goes to nobody who has a part in it: neither to a creditor or the debtor, nor to a third party who claims."""
    await sale.settled_and_ruled()
    await sale.refer()
    await sale.answered(accepted=True)

    for name in ("applicant", "mortgagee", "debtor", "tax"):
        with pytest.raises(PartyNotOfCase):
            await sale.hand_over(administrator_party_id=sale.parties[name], administrator_person_id=sale.persons[name])


async def test_same_command_twice_is_one_hand_over(sale: EnterpriseSale) -> None:
    """The answer is lost after it worked: the command comes again, the books move once."""
    await sale.settled_and_ruled()
    await sale.refer()
    await sale.answered(accepted=True)
    command = HandOver(
        command_id=new_id(),
        plan_id=new_id(),
        case_id=sale.world.case_id,
        administrator_party_id=sale.parties["administrator"],
        administrator_person_id=sale.persons["administrator"],
        document_id=await sale.world.document("bankruptcy_handover"),
    )
    act = await hand_over(sale.world.db, sale.handler, command)
    clerk = await sale.world.officer(Role.CLERK)
    agree = AgreeToAct(command_id=new_id(), act_id=act.act_id, paper_sha256=act.paper_sha256)
    done = await agree_to_act(sale.world.db, clerk, agree)

    assert await hand_over(sale.world.db, sale.handler, command) == act
    assert await agree_to_act(sale.world.db, clerk, agree) == done
    assert await sale.world.totals() == {"bank": PRICE, "claims_payable": PRICE}


@pytest.mark.parametrize(
    ("changes", "refused"),
    [
        ({"debtor_kind": "natural"}, NotForBankruptcyCourt),
        ({"debtor_kind": "organisation"}, NotForBankruptcyCourt),
        ({"is_insolvent": False}, NotForBankruptcyCourt),
        ({"consents": ()}, NotForBankruptcyCourt),
        ({"finding": " "}, FindingMissing),
        ({"bankruptcy_court": ""}, FindingMissing),
        ({"stay_document_id": UUID(int=1)}, DocumentNotSealed),
        ({"referral_document_id": UUID(int=1)}, DocumentNotSealed),
    ],
)
async def test_what_the_court_distributes_itself_is_not_sent(
    sale: EnterpriseSale, changes: dict[str, Any], refused: type[Refusal]
) -> None:
    """An enterprise legal person, insolvent, with a consent, and both papers sealed: each is needed (Interp. 511)."""
    await sale.settled()

    with pytest.raises(refused):
        await sale.refer(**changes)
    await sale.paid("ordinary")


async def test_consent_is_a_partys_and_the_debtor_the_files(sale: EnterpriseSale) -> None:
    """A mortgagee's consent is none; nor is another debtor sent. The debtor's own consent is enough."""
    await sale.settled()
    other = (Consent(party_id=sale.parties["mortgagee"], document_sha256="ab" * 32),)
    with pytest.raises(ConsentNotOfParty):
        await sale.refer(consents=other)
    with pytest.raises(NotTheDebtor):
        await sale.refer(debtor_party_id=sale.parties["applicant"], debtor_person_id=sale.persons["applicant"])
    clerk = await sale.world.officer(Role.CLERK)
    sale.handler, handler = clerk, sale.handler
    with pytest.raises(RoleLacking):
        await sale.refer()
    sale.handler = handler

    await sale.refer(consents=(Consent(party_id=sale.parties["debtor"], document_sha256="ab" * 32),))


async def test_unserved_ruling_and_open_payout_come_first(sale: EnterpriseSale) -> None:
    """Before the ruling is served the asset is still the debtor's; what the bank has not answered on may be paid or not."""
    await sale.settled()
    sale.persons["administrator"] = await sale.world.person("示范公司管理人")
    sale.parties["administrator"] = await sale.world.party(sale.persons["administrator"], "third_party")
    await sale.paid("mortgage")
    await sale.refer()
    await sale.answered(accepted=True)
    with pytest.raises(PurchaseUnfinished):
        await sale.hand_over()
    await sale.ruled()
    with pytest.raises(PayoutUnderway):
        await sale.hand_over()
    await sale.world.settle_bank()
    await sale.hand_over()
    assert await sale.world.totals() == {"bank": PRICE - MORTGAGE, "claims_payable": PRICE - MORTGAGE}


async def test_nothing_left_is_not_handed_over(sale: EnterpriseSale) -> None:
    """Everything was paid out before the answer came."""
    await sale.settled_and_ruled()
    for kind in ("sale_tax", "mortgage", "ordinary", "surplus"):
        await sale.paid(kind)
    await sale.world.settle_bank()
    await sale.refer()
    await sale.answered(accepted=True)

    with pytest.raises(NothingToHandOver):
        await sale.hand_over()


@pytest.mark.parametrize(
    ("sent_on", "last"),
    [(date(2026, 3, 2), date(2026, 4, 1)), (date(2026, 9, 1), date(2026, 10, 1))],
)
def test_bankruptcy_court_has_thirty_days(sent_on: date, last: date) -> None:
    """The first day is not counted, and a day off at the end does not move the court's own limit (Interp. 512; C1)."""
    assert answer_by(sent_on) == last


async def test_database_holds_it_too(sale: EnterpriseSale) -> None:
    """Append-only; a hand-over exists only behind an answer that accepts."""
    await sale.settled_and_ruled()
    await sale.refer()
    await sale.answered(accepted=False)
    for statement in (
        "UPDATE fund.bankruptcy_referral SET finding = 'x'",
        "DELETE FROM fund.bankruptcy_answer",
        "UPDATE fund.bankruptcy_answer SET accepted = true",
        (
            "INSERT INTO fund.bankruptcy_handover (referral_id, plan_id, entry_id, handed_at) "
            "SELECT r.referral_id, p.plan_id, e.entry_id, now() FROM fund.bankruptcy_referral r, fund.plan p, "
            "(SELECT entry_id FROM fund.entry LIMIT 1) e"
        ),
    ):
        with pytest.raises(DBAPIError):
            async with sale.world.db.transaction() as tx:
                await tx.session.execute(text(statement))
