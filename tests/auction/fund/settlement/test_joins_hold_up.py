"""An application to join that came in time and is undecided holds up settlement and surplus (Interp. 507-509)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import msgspec
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from auction.fund.case_joins import JoinUndecided, note_join, open_applications
from auction.fund.claims.claims import ClaimKind
from auction.fund.payouts.put_in_escrow import PutInEscrow, put_in_escrow
from auction.fund.payouts.sign_step import ApproveDisbursement, approve_disbursement
from auction.fund.plans.plan import PlanOutdated
from auction.fund.plans.planned import SurplusWaits
from auction.kernel.actors import Role
from auction.kernel.clock import day_start, local_day
from auction.kernel.db import Database, Transaction
from auction.kernel.ids import new_id
from auction.kernel.move_clock import move_clock
from tests.auction.fund.settlement.test_plan_stays_current import drawn_and_over
from tests.auction.fund.undoings.test_undoing_flow import UndoneSale
from tests.auction.fund.world import World

APPLIED = new_id()
ASKED = 700_00


@pytest.fixture
def sale(db: Database) -> UndoneSale:
    """A sale in a world in which nothing happened yet."""
    return UndoneSale(World(db))


async def tell(
    sale: UndoneSale, *, application_id: UUID = APPLIED, is_open: bool = True, is_late: bool = False
) -> None:
    """Tell the fund how an application stands."""

    async def work(tx: Transaction) -> None:
        await tx.about_case(sale.world.case_id)
        await note_join(
            tx,
            application_id=application_id,
            case_id=sale.world.case_id,
            kind="ordinary",
            amount_fen=ASKED,
            applied_on=local_day(tx.now),
            is_open=is_open,
            is_late=is_late,
        )

    await sale.db.transact(work)


async def rows(sale: UndoneSale, statement: str) -> list[Any]:
    """Read the rows of a statement."""
    async with sale.db.reading() as tx:
        return list((await tx.session.execute(text(statement))).all())


async def test_plan_waits_for_the_decision_and_is_settled_after_a_refusal(sale: UndoneSale) -> None:
    """Undecided: nothing is settled and nothing booked. Refused: the same plan goes on."""
    await drawn_and_over(sale)
    before = await sale.world.totals()
    await tell(sale)

    with pytest.raises(JoinUndecided) as refused:
        await sale.settle()
    assert refused.value.facts["count"] == 1
    assert await sale.world.totals() == before

    await tell(sale, is_open=False)
    assert (await sale.settle()).state == "settled"
    await sale.world.require_straight()


async def test_who_is_admitted_shares_in_a_new_plan(sale: UndoneSale) -> None:
    """Admitted: his claim makes the old plan outdated; nobody is paid by it."""
    await drawn_and_over(sale)
    await tell(sale)
    await sale.claim("applicant", ClaimKind.ORDINARY, ASKED)
    await tell(sale, is_open=False)

    with pytest.raises(PlanOutdated):
        await sale.settle()
    assert ASKED in [line.share_fen for line in (await sale.draw()).lines]


async def test_objection_to_a_refusal_holds_up_again(sale: UndoneSale) -> None:
    """Refused, then objected to: the court owes another decision, and the plan waits for it."""
    await drawn_and_over(sale)
    for is_open in (True, False, True):
        await tell(sale, is_open=is_open)
    with pytest.raises(JoinUndecided):
        await sale.settle()

    await tell(sale, is_open=False)
    assert (await sale.settle()).state == "settled"


async def test_words_told_twice_are_one_and_never_told_hold_nothing(sale: UndoneSale) -> None:
    """The whole standing is told each time: a repetition leaves no row, and another application is counted by itself."""
    await drawn_and_over(sale)
    for _ in range(3):
        await tell(sale)
    assert len(await rows(sale, "SELECT 1 FROM fund.case_join")) == 1
    await tell(sale, application_id=new_id())
    with pytest.raises(JoinUndecided) as refused:
        await sale.settle()
    assert refused.value.facts["count"] == 2


async def test_a_word_that_is_rolled_back_was_never_said(sale: UndoneSale) -> None:
    """The word stands in the transaction of the application: dies that, there is neither."""
    await drawn_and_over(sale)

    async def work(tx: Transaction) -> None:
        await note_join(
            tx,
            application_id=APPLIED,
            case_id=sale.world.case_id,
            kind="ordinary",
            amount_fen=ASKED,
            applied_on=date(2026, 1, 1),
            is_open=True,
            is_late=False,
        )
        raise KeyError

    with pytest.raises(KeyError):
        await sale.db.transact(work)
    assert (await sale.settle()).state == "settled"


async def test_late_application_holds_up_nothing_until_something_is_seized_or_sold_again(sale: UndoneSale) -> None:
    """Nobody may admit it; once another asset of the case is seized it may be in time for that one, and holds up."""
    await drawn_and_over(sale)
    await tell(sale, is_late=True)
    async with sale.db.reading() as tx:
        assert await open_applications(tx, sale.world.case_id) == ()

    await move_clock(sale.db, to=day_start(await sale.window_end() + timedelta(days=2)))
    async with sale.db.transaction() as tx:
        await tx.session.execute(
            text(
                "INSERT INTO fund.case_seizure (seizure_id, case_id, asset_id, is_own, rank, valid_from, valid_until, renews, noted_at)"
                " VALUES (gen_random_uuid(), :case_id, gen_random_uuid(), true, 1, '2026-01-01', '2029-01-01', NULL, :now)"
            ),
            {"case_id": sale.world.case_id, "now": tx.now},
        )
    with pytest.raises(JoinUndecided):
        await sale.settle()


async def test_no_surplus_while_somebody_is_undecided(sale: UndoneSale) -> None:
    """Applied after the plan was settled, for what else is sold: creditors are paid, the debtor waits; escrow is no way around."""
    await sale.settled()
    prepared = await sale.prepared("surplus", fen=2)
    await tell(sale)

    head = await sale.world.officer(Role.BUREAU_HEAD)
    approve = ApproveDisbursement(
        command_id=new_id(), disbursement_id=prepared.disbursement_id, signed_sha256=prepared.signed_sha256
    )
    with pytest.raises(SurplusWaits):
        await approve_disbursement(sale.db, head, approve)
    with pytest.raises(SurplusWaits):
        await sale.prepared("surplus", fen=1)
    await sale.paid("mortgage")
    await sale.world.settle_bank()
    await sale.world.require_straight()


async def test_surplus_is_not_deposited_meanwhile_either(sale: UndoneSale) -> None:
    """To deposit is to have paid (民法典 571): the debtor's surplus goes into no escrow while somebody is undecided."""
    await sale.settled()
    await tell(sale)
    line_id = next(line.line_id for line in sale.plan.lines if line.kind == "surplus")
    command = PutInEscrow(
        command_id=new_id(),
        escrow_id=new_id(),
        line_id=line_id,
        ground="refuses",
        document_id=new_id(),
    )
    for_now = msgspec.structs.replace(command, document_id=await sale.world.document("escrow_decision"))
    with pytest.raises(SurplusWaits):
        await sale.world.escrow_paper(command)
    with pytest.raises(SurplusWaits):
        await put_in_escrow(sale.db, sale.handler, for_now)

    await tell(sale, is_open=False)
    command = msgspec.structs.replace(command, document_id=await sale.world.escrow_paper(command))
    assert (await put_in_escrow(sale.db, sale.handler, command)).net_fen > 0


async def test_database_keeps_what_was_told(sale: UndoneSale) -> None:
    """Append-only, and no application has the same number twice."""
    await drawn_and_over(sale)
    await tell(sale)
    for statement in (
        "UPDATE fund.case_join SET is_open = false",
        "DELETE FROM fund.case_join",
        "INSERT INTO fund.case_join SELECT * FROM fund.case_join",
    ):
        with pytest.raises(DBAPIError):
            async with sale.db.transaction() as tx:
                await tx.session.execute(text(statement))
