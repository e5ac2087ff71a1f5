"""One ranked trio per asset and way to a price: nobody draws again because a trio is unwanted."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from auction.kernel.db import Database, Transaction
from auction.kernel.errors import Refusal
from auction.kernel.ids import new_id
from tests.valuation.agencies import world
from tests.valuation.appraisals import stage
from tests.valuation.methods.ground import ASSET, CASE, PAPER
from tests.valuation.selections.test_into_appraisal import Desk
from valuation.appraisals.procedure.end_appraisal import WithdrawAppraisal, withdraw_appraisal
from valuation.selections import selection_store
from valuation.selections.open_selection import MandateNotAppraisal, OpenSelection, open_selection
from valuation.selections.ranking import replace_agency
from valuation.selections.selection import SelectionOpened
from web.sample_agencies import sample_agency_id


async def withdraw(db: Database, appraisal_id: UUID) -> None:
    """Take an appraisal back on a ground that says nothing."""
    command = WithdrawAppraisal(command_id=new_id(), appraisal_id=appraisal_id, ground="other", document_sha256=PAPER)
    await withdraw_appraisal(db, stage.JUDGE, command)


async def open_under(db: Database, mandate_id: UUID) -> None:
    """Open a choice for the asset under an id."""
    async with db.reading() as tx:
        until = tx.now + timedelta(days=1)
    command = OpenSelection(
        command_id=new_id(),
        case_id=CASE,
        asset_id=ASSET,
        mandate_id=mandate_id,
        profession="real_estate",
        province="北京市",
        city="北京市",
        place_reason="登记机关的答复没有写明所在地",
        proposals_until=until,
    )
    await open_selection(db, stage.HANDLER, command, case_desk=Desk())


async def end_step(db: Database, outcome: str = "withdrawn") -> None:
    """Let the appraisal of the world's asset end."""

    async def work(tx: Transaction) -> None:
        await tx.session.execute(
            text("UPDATE valuation.method_step SET outcome = :outcome, reason = 'other', ended_at = :now"),
            {"outcome": outcome, "now": tx.now},
        )

    await db.transact(work)


async def fail_all(db: Database, choice_id: UUID, times: int = 3) -> None:
    """Let so many of the ranked institutions fail."""

    async def work(tx: Transaction) -> None:
        for _ in range(times):
            await replace_agency(tx, appraisal_id=choice_id, reason_code="declined", document_sha256=None)

    await db.transact(work)


async def test_next_appraisal_inherits_the_trio(database: Database) -> None:
    """After a withdrawal the same three stand, and the mandate goes to the same first."""
    first = await stage.begin(database)
    await stage.send(database, first)
    await withdraw(database, first)

    again = await stage.start(database)
    for mandate_id, refused in ((again, MandateNotAppraisal), (first, SelectionOpened), (uuid4(), MandateNotAppraisal)):
        with pytest.raises(refused):
            await open_under(database, mandate_id)
    await stage.send(database, again)

    mandate = (await stage.read(database, again)).mandate
    async with database.reading() as tx:
        busy = await selection_store.open_mandates(tx)
    assert mandate is not None
    assert mandate.agency_id == sample_agency_id("agency-1")
    assert busy == {mandate.agency_id: 1}


@pytest.mark.parametrize(("failed", "inherits"), [(2, True), (3, False)])
async def test_three_failures_end_the_inheritance(database: Database, failed: int, inherits: bool) -> None:
    """Two of three failed: the third is inherited. All three failed: the next appraisal has a choice of its own."""
    first = await stage.begin(database)
    await fail_all(database, first, failed)
    await withdraw(database, first)

    again = await stage.start(database)

    assert (await stage.read(database, again)).choice_id == (first if inherits else again)


async def test_made_up_choice_is_refused_after_all_failed(database: Database) -> None:
    """Another choice in the same appraisal bears the id that the court ordered, and no other."""
    first = await stage.begin(database)
    await fail_all(database, first)

    with pytest.raises(MandateNotAppraisal):
        await open_under(database, uuid4())


async def test_database_holds_one_choice(database: Database) -> None:
    """A second choice for an asset whose three have not failed is refused below the use cases, too."""
    await stage.begin(database)

    with pytest.raises(DBAPIError, match="selection_live"):
        await stage.rank(database, uuid4(), 4, 5, 6)


async def test_draw_of_withdrawn_appraisal_stops(database: Database) -> None:
    """Neither requested nor frozen nor executed: the appraisal for which it was asked is over."""
    await world.prepare(database)
    await end_step(database)
    with pytest.raises(Refusal, match="draw_mandate_not_open"):
        await world.request(database)


async def test_frozen_pool_of_withdrawn_appraisal_is_not_drawn(database: Database) -> None:
    """The pool stays published; nothing is drawn from it."""
    await world.frozen(database)
    await world.set_time(database, world.DRAW_AT)
    await world.open_second(database)
    await end_step(database)

    with pytest.raises(Refusal, match="draw_mandate_not_open"):
        await world.execute(database)


async def test_pool_of_withdrawn_appraisal_is_not_frozen(database: Database) -> None:
    """Nothing is published for an appraisal that is over."""
    await world.prepare(database)
    await world.request(database)
    await world.commit_court(database)
    await world.commit_second(database)
    await end_step(database)

    with pytest.raises(Refusal, match="draw_mandate_not_open"):
        await world.freeze(database)


async def test_other_purposes_have_one_open_choice(database: Database) -> None:
    """A second choice of an audit firm for one asset is refused under whatever id; another purpose is free."""
    await world.set_time(database, world.START)
    await world.select(database, purpose="audit_firm", profession="audit")
    with pytest.raises(SelectionOpened):
        await world.select(database, purpose="audit_firm", profession="audit", mandate_id=uuid4())

    await world.select(database, purpose="auxiliary_provider", profession="auxiliary", mandate_id=uuid4())
