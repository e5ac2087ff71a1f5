"""From the draw into the appraisal: the first drawn institution gets the mandate, the next one follows in the drawn order."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from auction.kernel.actors import Actor, Role
from auction.kernel.clock import SHANGHAI
from auction.kernel.db import Database, Transaction
from auction.kernel.ids import new_id
from tests.valuation.agencies import world
from tests.valuation.appraisals import stage
from tests.valuation.methods.ground import ASSET, CASE, actor, find, prepare
from valuation.agencies.views import choices_of, mandates_of
from valuation.appraisals.mandates.answer_mandate import DeclineMandate, decline_mandate
from valuation.draws.request_draw import RequestDraw, request_draw
from valuation.selections import selection_store
from valuation.selections.cases import CaseOfDraw
from valuation.selections.open_selection import OpenSelection, open_selection
from web.sample_agencies import SAMPLE_AGENCIES, make_sample_register, sample_agency_id


class Desk:
    """The file of the appraisal's case, whose parties do not speak here."""

    async def case_of_draw(self, tx: Transaction, case_id: UUID, asset_id: UUID) -> CaseOfDraw:
        """Give the case."""
        assert (case_id, asset_id) == (CASE, ASSET)
        handler = stage.HANDLER.person_id
        return CaseOfDraw(court="示例法院", case_no="（2027）示0101执2号", asset="住宅", handler=handler, parties=())


def officer_of(agency_id: UUID) -> Actor:
    """Give the officer of a drawn sample institution."""
    return Actor(
        account_id=actor("agency", Role.AGENCY).account_id,
        person_id=actor("agency", Role.AGENCY).person_id,
        roles=frozenset({Role.AGENCY}),
        institution=str(agency_id),
    )


async def test_drawn_institutions_get_the_mandate_in_their_order(database: Database) -> None:
    """An appraisal under way, its choice, the draw, the mandate; whoever declines is followed by the next one drawn."""
    await prepare(database)
    await find(database, "appraisal_compelled")
    await make_sample_register(database, stage.KEEPER, stage.SECOND)
    appraisal_id = await stage.start(database)
    async with database.reading() as tx:
        now = tx.now.astimezone(SHANGHAI)
    opening = OpenSelection(
        command_id=new_id(),
        case_id=CASE,
        asset_id=ASSET,
        mandate_id=appraisal_id,
        profession="real_estate",
        province="北京市",
        city="北京市",
        place_reason="登记机关的答复没有写明所在地",
        proposals_until=now + timedelta(hours=2),
    )
    await open_selection(database, stage.HANDLER, opening, case_desk=Desk())
    await world.set_time(database, now + timedelta(hours=2))
    asked = RequestDraw(command_id=new_id(), case_id=CASE, mandate_id=appraisal_id, draw_id=world.DRAW)
    await request_draw(database, stage.HANDLER, asked, case_desk=Desk())
    await world.commit_court(database, desk=Desk())
    await world.commit_second(database, desk=Desk())
    await world.freeze(database, draw_at=now + timedelta(days=2), desk=Desk())
    await world.set_time(database, now + timedelta(days=2))
    await world.open_second(database, desk=Desk())
    picks = [UUID(one) for one in (await world.execute(database, desk=Desk())).picks]
    mandate = await stage.send(database, appraisal_id, answer_by=(now + timedelta(days=9)).date())
    first = (await stage.read(database, appraisal_id)).mandate
    decline = DeclineMandate(command_id=new_id(), mandate_id=mandate, ground="no_capacity", reason="人员不足")
    await decline_mandate(database, officer_of(picks[0]), decline)
    following = (await stage.read(database, appraisal_id)).mandate
    async with database.reading() as tx:
        [choice] = await choices_of(tx, ASSET)
        [line] = await mandates_of(tx, picks[0])
        busy = await selection_store.open_mandates(tx)

    assert first is not None
    assert following is not None
    assert [first.agency_id, following.agency_id] == picks[:2]
    assert choice.draw_id == world.DRAW
    assert len(choice.ranks) == 2
    assert [(held.rank, held.is_replaced) for held in choice.order] == [(1, True), (2, False), (3, False)]
    assert (line.replaced_for, line.has_turn) == ("declined", False)
    assert busy == {picks[1]: 1}
    assert set(picks) <= {sample_agency_id(sample.key) for sample in SAMPLE_AGENCIES}
