"""Reversal, setting aside and the third party who wins, from the ruling to zero (CPL 244; 网拍 31; 法释〔2025〕10号 6)."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

import msgspec
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from auction.fund.acts.store import ActShown
from auction.fund.cancel_purchase import ProceedsSpent, cancel_purchase, set_purchase_aside
from auction.fund.case_file import DocumentNotSealed, PartyNotOfCase
from auction.fund.claims.claims import ClaimKind
from auction.fund.deposits.receipts import PAYER_DIFFERS
from auction.fund.ledger.post_entry import CaseAccountClosed
from auction.fund.loans.commit_loan import CommitLoan, commit_loan
from auction.fund.loans.draw_loan import DrawLoan, draw_loan
from auction.fund.plans.store import open_claims
from auction.fund.undoings.award_proceeds import (
    AwardProceeds,
    TakeFromEscrow,
    award_proceeds,
    escrow_until,
    take_from_escrow,
)
from auction.fund.undoings.end_recovery import EndRecovery, end_recovery
from auction.fund.undoings.reverse_enforcement import ReverseEnforcement, reverse_enforcement
from auction.fund.undoings.store import RecoveryShown, UndoingShown, undoings_of_case
from auction.fund.undoings.undoings import (
    AlreadyUndone,
    AwardAbovePrice,
    EscrowExpired,
    NothingInEscrow,
    NothingLeftToRecover,
    PayoutUnderWay,
    ReasonMissing,
    RecoveriesOpen,
)
from auction.kernel.actors import Role
from auction.kernel.clock import day_start, local_day
from auction.kernel.db import Database, Transaction
from auction.kernel.ids import new_id
from auction.kernel.move_clock import move_clock
from tests.auction.fund.loans.test_loan_flow import LOAN, applied
from tests.auction.fund.settlement.test_settlement_flow import DEPOSIT, MORTGAGE, ORDINARY, PRICE, TAX, Sale
from tests.auction.fund.world import CASE_NUMBER, World
from tests.stages import staged

SURPLUS = PRICE - TAX - MORTGAGE - ORDINARY
BUYER, LENDER = "张示范", "示范商业银行"


class UndoneSale(Sale):
    """A sale that is undone after its plan was settled."""

    @staged
    async def paid_out(self) -> None:
        """Come as far as a mortgagee and an applicant who were paid; tax and surplus are still here."""
        await self.settled()
        for kind in ("mortgage", "ordinary"):
            await self.paid(kind)
        await self.world.settle_bank()

    async def reverse(self, kind: str, *, keeps: int = 0, paper: UUID | None = None, **interest: object) -> UUID:
        """Reverse what was paid on the claim of a kind; ``paper`` stands in the place of the ruling that the system writes."""
        shown = await self.propose_reversal(kind, keeps=keeps, paper=paper, **interest)
        await self.world.agree(shown)
        return UUID(shown.terms["undoing_id"])

    async def propose_reversal(
        self, kind: str, *, keeps: int = 0, paper: UUID | None = None, **interest: object
    ) -> ActShown:
        """Propose it as the first person."""
        claim_id = next(line.claim_id for line in self.plan.lines if line.kind == kind)
        assert claim_id is not None
        command = ReverseEnforcement(
            command_id=new_id(),
            undoing_id=new_id(),
            case_id=self.world.case_id,
            claim_id=claim_id,
            document_id=new_id(),
            keeps_fen=keeps,
        )
        command = msgspec.structs.replace(command, **interest)
        document_id = paper or await self.world.reversal_paper(command)
        command = msgspec.structs.replace(command, document_id=document_id)
        return await reverse_enforcement(self.db, self.handler, command)

    async def set_aside(self) -> None:
        """Set the sale aside on an objection."""
        document_id = await self.world.document("setting_aside_ruling")

        async def work(tx: Transaction) -> None:
            await tx.about_case(self.world.case_id)
            await set_purchase_aside(
                tx, undoing_id=new_id(), round_id=self.world.round_id, ground="collusion", document_id=document_id
            )

        await self.db.transact(work)
        await self.world.settle_bank()

    async def award(self, fen: int = PRICE, *, refuses: bool = False) -> UUID:
        """Give the proceeds to a third party."""
        if "owner" not in self.persons:
            self.persons["owner"] = await self.world.person("示范owner")
            self.parties["owner"] = await self.world.party(self.persons["owner"], "third_party")
        command = AwardProceeds(
            command_id=new_id(),
            undoing_id=new_id(),
            case_id=self.world.case_id,
            round_id=self.world.round_id,
            party_id=self.parties["owner"],
            person_id=self.persons["owner"],
            amount_fen=fen,
            document_id=await self.world.document("third_party_judgment"),
            refuses=refuses,
            judgment_number="（2026）示01民终1号",
        )
        command = msgspec.structs.replace(command, decision_document_id=await self.world.award_paper(command))
        await self.world.agree(await award_proceeds(self.db, self.handler, command))
        return command.undoing_id

    async def take(self, undoing_id: UUID, *, command_id: UUID | None = None) -> None:
        """Let the third party take what stands in escrow."""
        command = TakeFromEscrow(
            command_id=command_id or new_id(),
            undoing_id=undoing_id,
            case_id=self.world.case_id,
            party_id=self.parties["owner"],
        )
        await take_from_escrow(self.db, self.handler, command)

    async def undone(self) -> UndoingShown:
        """The one undoing."""
        async with self.db.reading() as tx:
            (shown,) = await undoings_of_case(tx, self.world.case_id)
        return shown

    async def owed_by(self, name: str) -> RecoveryShown:
        """What a party owes back."""
        return next(one for one in (await self.undone()).recoveries if one.person_id == self.persons[name])

    async def give_back(self, name: str, fen: int, *, under: str | None = None) -> None:
        """Pay in what is owed back, with its reference."""
        owed = await self.owed_by(name)
        self.world.bank.pay_in(
            fen, name=under or f"示范{name}", to=CASE_NUMBER, remark=f"退款{owed.reference}", account=f"62{len(name)}"
        )
        await self.world.settle_bank()

    def sent_to(self, name: str) -> int:
        """What the bank was ordered to pay to somebody."""
        return sum(order.amount_fen for order, _ in self.world.bank.orders.values() if order.to_name == name)


class LoanSale(UndoneSale):
    """A sale whose price was paid with a loan."""

    @staged
    async def prepare(self) -> None:
        """Have the price paid, seven tenths of it by the lender."""
        world = await self.world.open()
        for name in ("applicant", "mortgagee", "tax", "debtor"):
            await self.add_party(name)
        self.handler = await world.officer(Role.CASE_HANDLER)
        winner = await world.bidder(DEPOSIT)
        loan_id = await applied(world, winner)
        await world.pay_by_bank(winner, DEPOSIT)
        await world.close(winner, PRICE)
        await commit_loan(self.db, winner.actor, CommitLoan(command_id=new_id(), loan_id=loan_id, amount_fen=LOAN))
        await world.run_jobs()
        await draw_loan(self.db, winner.actor, DrawLoan(command_id=new_id(), loan_id=loan_id, amount_fen=LOAN))
        await world.settle_bank()
        await world.pay_by_bank(winner, PRICE - DEPOSIT - LOAN)


@pytest.fixture
def sale(db: Database) -> UndoneSale:
    """A sale in a world in which nothing happened yet."""
    return UndoneSale(World(db))


@pytest.fixture
def loan_sale(db: Database) -> LoanSale:
    """A sale with a loan in a world in which nothing happened yet."""
    return LoanSale(World(db))


async def test_reversed_creditor_owes_what_he_got_and_it_is_distributed_again(sale: UndoneSale) -> None:
    """His debt stands with a reference; in two parts it comes back, what is too much goes back, and a new plan gives it on."""
    await sale.paid_out()

    await sale.reverse("ordinary")
    owed = await sale.owed_by("applicant")
    assert (owed.amount_fen, owed.received_fen, owed.left_fen) == (ORDINARY, 0, ORDINARY)
    await sale.give_back("applicant", ORDINARY - 1)
    assert (await sale.owed_by("applicant")).left_fen == 1
    await sale.give_back("applicant", 5)

    assert (await sale.owed_by("applicant")).left_fen == 0
    totals = await sale.world.totals()
    assert (totals["proceeds"], totals["surplus_payable"]) == (ORDINARY, SURPLUS)
    assert sale.sent_to("示范applicant") == ORDINARY + 4
    plan = await sale.draw()
    assert [(line.kind, line.share_fen) for line in plan.lines] == [("surplus", ORDINARY)]
    await sale.world.require_straight()


async def test_what_is_still_held_for_him_never_leaves(sale: UndoneSale) -> None:
    """Before the payout nothing has to come back: his share falls at once."""
    await sale.settled()

    await sale.reverse("ordinary", keeps=ORDINARY - 7)

    shown = await sale.undone()
    assert (shown.amount_fen, shown.held_fen, shown.recoveries) == (7, 7, ())
    totals = await sale.world.totals()
    assert (totals["proceeds"], totals["claims_payable"]) == (7, MORTGAGE + ORDINARY - 7)
    async with sale.db.reading() as tx:
        assert await open_claims(tx, sale.world.case_id) == []
    await sale.world.require_straight()


async def test_a_payout_under_way_is_waited_for(sale: UndoneSale) -> None:
    """Money that is neither held nor paid cannot be reversed; nothing changes."""
    await sale.settled()
    await sale.prepared("ordinary")

    with pytest.raises(PayoutUnderWay):
        await sale.reverse("ordinary")
    async with sale.db.reading() as tx:
        assert await undoings_of_case(tx, sale.world.case_id) == ()


async def test_reversal_needs_its_own_paper_and_happens_once(sale: UndoneSale) -> None:
    """Another document does not carry it, and it is not ordered twice."""
    await sale.settled()

    with pytest.raises(DocumentNotSealed):
        await sale.reverse("ordinary", paper=await sale.world.document("setting_aside_ruling"))
    await sale.reverse("ordinary")
    with pytest.raises(AlreadyUndone):
        await sale.reverse("ordinary")


async def test_closed_account_takes_no_return(sale: UndoneSale) -> None:
    """A case that ended at zero is not opened again by an order to return: that is a case of its own."""
    await sale.settled()
    await sale.record_account("tax", "622200000009999")
    for kind in ("sale_tax", "mortgage", "ordinary", "surplus"):
        await sale.paid(kind)
    await sale.world.settle_bank()
    await sale.close()

    with pytest.raises(CaseAccountClosed):
        await sale.reverse("ordinary")


async def test_account_stays_open_for_what_is_owed(loan_sale: LoanSale) -> None:
    """At zero the account is not closed while somebody owes the case; when he has paid, it is."""
    await loan_sale.paid_out()
    await loan_sale.set_aside()
    assert await loan_sale.world.totals() == {}
    with pytest.raises(RecoveriesOpen):
        await loan_sale.close()

    await loan_sale.give_back("mortgagee", MORTGAGE)
    await loan_sale.give_back("applicant", ORDINARY)

    await loan_sale.close()


async def test_return_under_another_name_counts_and_is_a_lead(sale: UndoneSale) -> None:
    """Who pays another's debt with its reference pays it; that he is somebody else stays with the receipt."""
    await sale.paid_out()
    await sale.reverse("ordinary")

    await sale.give_back("applicant", ORDINARY, under="某某")

    assert (await sale.owed_by("applicant")).left_fen == 0
    async with sale.db.reading() as tx:
        reasons = await tx.session.scalars(text("SELECT reason FROM fund.receipt WHERE kind = 'recovery'"))
        assert list(reasons) == [PAYER_DIFFERS]


async def test_what_cannot_be_had_is_written_off(sale: UndoneSale) -> None:
    """It needs its ruling and a reason; later money is still taken."""
    await sale.paid_out()
    await sale.reverse("ordinary")
    await sale.give_back("applicant", 100)
    owed = await sale.owed_by("applicant")

    async def end(reason: str, paper: str = "recovery_end_ruling") -> int:
        command = EndRecovery(
            command_id=new_id(),
            recovery_id=owed.recovery_id,
            case_id=sale.world.case_id,
            document_id=await sale.world.document(paper),
            reason=reason,
        )
        return (await sale.world.agree(await end_recovery(sale.db, sale.handler, command))).effect["left_fen"]

    with pytest.raises(ReasonMissing):
        await end(" ")
    with pytest.raises(DocumentNotSealed):
        await end("下落不明", "other")
    assert await end("下落不明") == ORDINARY - 100
    with pytest.raises(NothingLeftToRecover):
        await end("下落不明")
    shown = await sale.owed_by("applicant")
    assert (shown.left_fen, shown.written_off_fen) == (0, ORDINARY - 100)

    await sale.give_back("applicant", 50)
    shown = await sale.owed_by("applicant")
    assert (shown.received_fen, shown.left_fen, shown.written_off_fen) == (150, 0, ORDINARY - 150)


async def test_setting_aside_before_the_plan_returns_everything(loan_sale: LoanSale) -> None:
    """The lender has back what he paid in, the buyer the rest, and the case holds nothing."""
    await loan_sale.prepare()

    await loan_sale.set_aside()

    assert (loan_sale.sent_to(LENDER), loan_sale.sent_to(BUYER)) == (LOAN, PRICE - LOAN)
    assert await loan_sale.world.totals() == {}
    assert (await loan_sale.undone()).recoveries == ()
    await loan_sale.world.require_straight()


async def test_setting_aside_after_payout_gives_the_lender_first(loan_sale: LoanSale) -> None:
    """What is held goes to the lender at once; what comes back goes to him until he has all, then to the buyer, to zero."""
    await loan_sale.paid_out()

    await loan_sale.set_aside()
    held = TAX + SURPLUS
    assert (loan_sale.sent_to(LENDER), loan_sale.sent_to(BUYER)) == (held, 0)
    assert await loan_sale.world.totals() == {}
    assert (await loan_sale.owed_by("mortgagee")).amount_fen == MORTGAGE

    await loan_sale.give_back("mortgagee", MORTGAGE)
    assert (loan_sale.sent_to(LENDER), loan_sale.sent_to(BUYER)) == (LOAN, held + MORTGAGE - LOAN)
    await loan_sale.give_back("applicant", ORDINARY)

    assert (loan_sale.sent_to(LENDER), loan_sale.sent_to(BUYER)) == (LOAN, PRICE - LOAN)
    assert await loan_sale.world.totals() == {}
    await loan_sale.world.require_straight()


async def test_distributed_price_is_not_returned_by_cancelling(sale: UndoneSale) -> None:
    """The money of another lot of the case does not stand in for a price that was distributed."""
    await sale.paid_out()
    first = sale.world.round_id
    sale.world.lot_id, sale.world.round_id = new_id(), new_id()
    winner = await sale.world.bidder(DEPOSIT)
    await sale.world.pay_by_bank(winner, DEPOSIT)
    await sale.world.close(winner, PRICE)
    await sale.world.pay_by_bank(winner, PRICE - DEPOSIT)

    async def cancel(tx: Transaction) -> None:
        await tx.about_case(sale.world.case_id)
        await cancel_purchase(tx, round_id=first)

    with pytest.raises(ProceedsSpent):
        await sale.db.transact(cancel)


async def test_third_party_who_wins_before_the_plan_is_paid_first(sale: UndoneSale) -> None:
    """His is the first claim on the price; the others share what it leaves."""
    await sale.prepare()
    await sale.assess()
    await sale.claim("mortgagee", ClaimKind.MORTGAGE, MORTGAGE, date(2020, 1, 1))

    await sale.award(PRICE - 10)

    plan = await sale.draw()
    assert [(line.kind, line.share_fen) for line in plan.lines] == [
        ("third_party", PRICE - 10),
        ("sale_tax", 10),
        ("mortgage", 0),
    ]


async def test_third_party_who_wins_after_payout_gets_what_returns(sale: UndoneSale) -> None:
    """Held shares fall at once, payees return theirs, and all of it is planned for him."""
    await sale.paid_out()

    await sale.award()
    assert await sale.world.totals() == {"bank": TAX + SURPLUS, "proceeds": TAX + SURPLUS}
    await sale.give_back("mortgagee", MORTGAGE)
    await sale.give_back("applicant", ORDINARY)

    plan = await sale.draw()
    shares = {line.kind: line.share_fen for line in plan.lines}
    assert shares["third_party"] == PRICE
    assert set(shares.values()) == {PRICE, 0}
    await sale.world.require_straight()


async def test_third_party_who_refuses_has_five_years(sale: UndoneSale) -> None:
    """It stands in escrow, also what returns later; he may take it until the last day of the fifth year."""
    await sale.paid_out()
    undoing_id = await sale.award(refuses=True)
    assert (await sale.world.totals())["escrow"] == TAX + SURPLUS
    await sale.give_back("applicant", ORDINARY)
    assert (await sale.world.totals())["escrow"] == TAX + SURPLUS + ORDINARY
    async with sale.db.reading() as tx:
        last = escrow_until(local_day(tx.now))

    await move_clock(sale.db, to=day_start(last))
    await sale.take(undoing_id)

    with pytest.raises(NothingInEscrow):
        await sale.take(undoing_id)
    plan = await sale.draw()
    assert {line.kind: line.share_fen for line in plan.lines}["third_party"] == TAX + SURPLUS + ORDINARY
    await sale.give_back("mortgagee", 3)
    await move_clock(sale.db, to=day_start(last + timedelta(days=1)))
    with pytest.raises(EscrowExpired):
        await sale.take(undoing_id)
    await sale.world.require_straight()


async def test_two_equal_returns_of_one_day_are_both_taken(sale: UndoneSale) -> None:
    """What is taken from escrow leaves it each time: two returns of the same amount on one day are two moves of money."""
    await sale.paid_out()
    undoing_id = await sale.award(refuses=True)
    await sale.take(undoing_id)
    for _ in range(2):
        await sale.give_back("mortgagee", 100_00)
        await sale.take(undoing_id)

    assert "escrow" not in await sale.world.totals()
    plan = await sale.draw()
    given = sum(line.share_fen for line in plan.lines if line.kind == "third_party")
    assert given == TAX + SURPLUS + 2 * 100_00


async def test_a_repeated_order_takes_once(sale: UndoneSale) -> None:
    """The same command twice moves money once, though as much came again in between; it stays there for the next order."""
    await sale.paid_out()
    undoing_id = await sale.award(refuses=True)
    await sale.take(undoing_id)
    await sale.give_back("mortgagee", 100_00)
    first = new_id()
    await sale.take(undoing_id, command_id=first)
    await sale.give_back("mortgagee", 100_00)

    await sale.take(undoing_id, command_id=first)

    assert (await sale.world.totals())["escrow"] == 100_00
    await sale.world.require_straight()


async def test_award_names_a_party_even_when_he_refuses(sale: UndoneSale) -> None:
    """Money is never put into escrow for somebody whom the file does not have: nobody could take it."""
    await sale.prepare()
    await sale.add_party("mortgagee")
    sale.parties["owner"] = sale.parties["mortgagee"]
    sale.persons["owner"] = await sale.world.person("示范路人")

    for refuses in (False, True):
        with pytest.raises(PartyNotOfCase):
            await sale.award(refuses=refuses)


async def test_award_stays_within_the_price(sale: UndoneSale) -> None:
    """Nothing, more than the price, and a second award are refused."""
    await sale.prepare()

    for fen in (0, PRICE + 1):
        with pytest.raises(AwardAbovePrice):
            await sale.award(fen)
    await sale.award(PRICE)
    with pytest.raises(AlreadyUndone):
        await sale.award(1)


@pytest.mark.parametrize("table", ["undoing", "fallen_share", "recovery"])
async def test_orders_are_kept(sale: UndoneSale, table: str) -> None:
    """The database refuses to change or delete what was ordered, and what fell twice."""
    await sale.paid_out()
    await sale.reverse("ordinary")

    for order in (f"DELETE FROM fund.{table}", f"UPDATE fund.{table} SET undoing_id = undoing_id"):
        with pytest.raises(DBAPIError):
            async with sale.db.transaction() as tx:
                await tx.session.execute(text(order))


async def test_nothing_falls_twice(sale: UndoneSale) -> None:
    """The database refuses to let more fall of a share than there is of it."""
    await sale.paid_out()
    await sale.reverse("ordinary")
    other = (
        "INSERT INTO fund.undoing SELECT gen_random_uuid(), case_id, 'setting_aside', 'x', (SELECT round_id FROM fund.purchase), NULL, "
        "person_id, 1, false, (SELECT document_id FROM fund.case_document WHERE kind = 'distribution_plan'), ordered_at FROM fund.undoing"
    )
    async with sale.db.transaction() as tx:
        await tx.session.execute(text(other))
    again = (
        "INSERT INTO fund.fallen_share SELECT (SELECT undoing_id FROM fund.undoing WHERE kind = 'setting_aside'), line_id, 0, 1 "
        "FROM fund.fallen_share"
    )

    with pytest.raises(DBAPIError, match="fallen_twice"):
        async with sale.db.transaction() as tx:
            await tx.session.execute(text(again))
