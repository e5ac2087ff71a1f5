"""Bills to the treasury: the fee follows from what was enforced, nothing is billed or paid twice, and no plan pays them."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from auction.fund.bills.bills import (
    BillAmountDiffers,
    BillEnded,
    BillIncomplete,
    BillKind,
    FeeNotTheDebtors,
    FineBilled,
    NoFeeDue,
    TreasuryReceiptUsed,
    fee_left,
    place_of,
)
from auction.fund.bills.end_bill import (
    BillEndUnexplained,
    CancelTreasuryBill,
    RecordBillPayment,
    cancel_treasury_bill,
    record_bill_payment,
)
from auction.fund.bills.issue_bill import IssueTreasuryBill, issue_treasury_bill
from auction.fund.bills.store import BillShown, bills_of_case, enforced_in_plans
from auction.kernel.actors import Actor, Role
from auction.kernel.clock import local_day
from auction.kernel.ids import new_id
from auction.kernel.money import Money
from auction.law.fees import FeeOutsideBounds, bands_of_fee, enforcement_fee
from tests.auction.fund.settlement.test_settlement_flow import ORDINARY, Sale
from tests.auction.fund.world import World

ON = date(2026, 11, 22)
FEE = enforcement_fee(Money(ORDINARY), on=ON)


@pytest.mark.parametrize("kind", BillKind)
def test_no_bill_is_a_line_of_a_plan(kind: BillKind) -> None:
    """Fees and fines go to the treasury beside the plan; the debtor bears the fee."""
    assert not place_of(kind).in_plan
    assert place_of(kind).bearer == ("fined" if kind is BillKind.FINE else "debtor")


def test_a_later_bill_asks_only_what_is_left() -> None:
    """The fee is one over all that was enforced; what earlier bills asked comes off, and nothing left is no bill."""
    whole = enforcement_fee(Money(50_000_000), on=ON)

    assert fee_left(Money(50_000_000), billed=Money(100), on=ON) == whole - Money(100)
    with pytest.raises(NoFeeDue):
        fee_left(Money(50_000_000), billed=whole, on=ON)
    with pytest.raises(NoFeeDue):
        fee_left(Money(0), billed=Money(0), on=ON)


def test_bands_of_a_bill_sum_to_its_fee() -> None:
    """What the bill shows of its bands is the amount, band by band, and gives the fee."""
    parts = bands_of_fee(Money(60_000_000), on=ON)

    assert [(part.above_fen, part.amount_fen, part.percent) for part in parts] == [
        (0, 1_000_000, "0%"),
        (1_000_000, 49_000_000, "1.5%"),
        (50_000_000, 10_000_000, "1%"),
    ]
    assert sum(part.amount_fen for part in parts) == 60_000_000
    assert enforcement_fee(Money(60_000_000), on=ON) == Money(5_000 + 735_000 + 100_000)


@pytest.fixture
def sale(world: World) -> Sale:
    """A sale on its way to settlement."""
    return Sale(world)


async def issue(sale: Sale, kind: BillKind = BillKind.ENFORCEMENT_FEE, name: str = "debtor", **more: Any) -> BillShown:  # noqa: ANN401 - fields of the command
    """Issue a bill."""
    command = IssueTreasuryBill(
        command_id=new_id(),
        bill_id=new_id(),
        case_id=sale.world.case_id,
        kind=kind,
        party_id=sale.parties[name],
        person_id=sale.persons[name],
        basis="示范依据",
        **more,
    )
    return await issue_treasury_bill(sale.db, sale.handler, command)


async def pay(
    sale: Sale, bill: BillShown, finance: Actor, *, fen: int, number: str = "国库0001", days: int = 0
) -> BillShown:
    """Record the treasury's receipt."""
    async with sale.db.reading() as tx:
        today = local_day(tx.now)
    command = RecordBillPayment(
        command_id=new_id(),
        bill_id=bill.bill_id,
        amount_fen=fen,
        receipt_number=number,
        paid_on=today + timedelta(days=days),
        evidence_sha256="00",
    )
    return await record_bill_payment(sale.db, finance, command)


async def cancel(sale: Sale, bill_id: UUID, reason: str = "示范理由") -> BillShown:
    """Cancel a bill."""
    command = CancelTreasuryBill(command_id=new_id(), bill_id=bill_id, reason=reason, evidence_sha256="00")
    return await cancel_treasury_bill(sale.db, sale.handler, command)


async def test_no_fee_is_asked_before_anything_was_enforced(sale: Sale) -> None:
    """诉讼费用办法 20: while the plan is only drawn nothing was enforced, and no fee is due."""
    await sale.drawn()

    with pytest.raises(NoFeeDue):
        await issue(sale)


async def test_fee_follows_from_what_a_settled_plan_gave_the_applicants(sale: Sale) -> None:
    """After enforcement the debtor owes the fee on the applicants' shares, once; what was paid outside adds to it."""
    await sale.settled()
    async with sale.db.reading() as tx:
        assert await enforced_in_plans(tx, sale.world.case_id) == Money(ORDINARY)
    bill = await issue(sale)

    assert (bill.number, bill.enforced_fen, bill.amount_fen, bill.state) == (1, ORDINARY, FEE.fen, "open")
    with pytest.raises(NoFeeDue):
        await issue(sale)
    more = await issue(sale, paid_outside_fen=1_000_00)
    assert Money(more.amount_fen) == enforcement_fee(Money(ORDINARY + 1_000_00), on=ON) - FEE


async def test_only_the_debtor_is_billed_for_the_fee(sale: Sale) -> None:
    """诉讼费用办法 38: the fee is the judgment debtor's; a fine is whoever's was fined."""
    await sale.settled()

    with pytest.raises(FeeNotTheDebtors):
        await issue(sale, name="applicant")
    fine = await issue(sale, BillKind.FINE, "mortgagee", amount_fen=10_000_00, document_id=await sale.world.document())
    assert fine.amount_fen == 10_000_00


async def test_a_bill_names_its_amount_just_where_it_is_fixed(sale: Sale) -> None:
    """The fee by bands takes no amount, the others need one; a fine needs its decision and is billed once."""
    await sale.settled()
    decision = await sale.world.document()

    for kind, more in (
        (BillKind.ENFORCEMENT_FEE, {"amount_fen": 1}),
        (BillKind.FEE_WITHOUT_AMOUNT, {}),
        (BillKind.FINE, {"amount_fen": 1}),
        (BillKind.FINE, {"document_id": decision}),
        (BillKind.ENFORCEMENT_FEE, {"paid_outside_fen": -1}),
    ):
        with pytest.raises(BillIncomplete):
            await issue(sale, kind, **more)
    with pytest.raises(FeeOutsideBounds):
        await issue(sale, BillKind.FEE_WITHOUT_AMOUNT, amount_fen=4_999)
    assert (await issue(sale, BillKind.FEE_WITHOUT_AMOUNT, amount_fen=5_000)).enforced_fen is None
    await issue(sale, BillKind.FINE, amount_fen=1, document_id=decision)
    with pytest.raises(FineBilled):
        await issue(sale, BillKind.FINE, amount_fen=1, document_id=decision)


async def test_a_bill_is_paid_whole_and_once(sale: Sale) -> None:
    """Only the exact amount of a day that has come pays; one receipt pays one bill; what is paid is not cancelled."""
    await sale.settled()
    finance = await sale.world.officer(Role.FINANCE)
    bill = await issue(sale)

    for fen, days in ((bill.amount_fen - 1, 0), (bill.amount_fen + 1, 0), (bill.amount_fen, 1)):
        with pytest.raises(BillAmountDiffers):
            await pay(sale, bill, finance, fen=fen, days=days)
    with pytest.raises(BillEndUnexplained):
        await pay(sale, bill, finance, fen=bill.amount_fen, number=" ")
    paid = await pay(sale, bill, finance, fen=bill.amount_fen)
    assert (paid.state, paid.receipt_number) == ("paid", "国库0001")
    with pytest.raises(BillEnded):
        await pay(sale, bill, finance, fen=bill.amount_fen, number="国库0002")
    with pytest.raises(BillEnded):
        await cancel(sale, bill.bill_id)
    other = await issue(sale, BillKind.FEE_WITHOUT_AMOUNT, amount_fen=5_000)
    with pytest.raises(TreasuryReceiptUsed):
        await pay(sale, other, finance, fen=5_000)


async def test_the_same_command_twice_issues_one_bill(sale: Sale) -> None:
    """A command that comes again gives the bill that it made, and no second one."""
    await sale.settled()
    command = IssueTreasuryBill(
        command_id=new_id(),
        bill_id=new_id(),
        case_id=sale.world.case_id,
        kind=BillKind.ENFORCEMENT_FEE,
        party_id=sale.parties["debtor"],
        person_id=sale.persons["debtor"],
        basis="示范依据",
    )
    first = await issue_treasury_bill(sale.db, sale.handler, command)

    assert await issue_treasury_bill(sale.db, sale.handler, command) == first
    async with sale.db.reading() as tx:
        assert len(await bills_of_case(tx, sale.world.case_id)) == 1


async def test_a_cancelled_bill_can_be_issued_anew_and_nothing_is_changed_behind(sale: Sale) -> None:
    """What a cancelled bill asked is due again under the next number; the database lets nobody change a bill."""
    await sale.settled()
    bill = await issue(sale)
    with pytest.raises(BillEndUnexplained):
        await cancel(sale, bill.bill_id, reason="")
    assert (await cancel(sale, bill.bill_id)).state == "cancelled"
    again = await issue(sale)

    assert (again.number, again.amount_fen) == (2, bill.amount_fen)
    for statement in ("UPDATE fund.treasury_bill SET amount_fen = 1", "DELETE FROM fund.treasury_bill_end"):
        with pytest.raises(DBAPIError):
            async with sale.db.transaction() as tx:
                await tx.session.execute(text(statement))
