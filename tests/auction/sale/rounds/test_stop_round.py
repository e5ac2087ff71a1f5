from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

import pytest

from auction.contracts import ResumeOrder, StopOrder
from auction.kernel.clock import local
from auction.kernel.db import Transaction
from auction.kernel.errors import Refusal
from auction.kernel.ids import new_id
from auction.law.calendar import COURT_CALENDAR
from auction.sale.cases.documents import DocumentIsDraft, DocumentKind, DocumentOfOtherLot, WrongDocumentKind
from auction.sale.cases.record_seizure import LiftSeizure, lift_seizure
from auction.sale.cases.seizures import SeizureEndsBefore
from auction.sale.lots.lots import LotState
from auction.sale.rounds.bidders import RegistrationClosed
from auction.sale.rounds.open_round import handle_open_round
from auction.sale.rounds.resume_round import ResumeRound, resume_round
from auction.sale.rounds.rounds import (
    LEAST_RESUME_NOTICE,
    STOP_DOCUMENTS,
    GroundEndMisdated,
    NotStopped,
    OutcomeAfterStop,
    ResumesTooLate,
    ResumesTooSoon,
    RoundMoveNotAllowed,
    StopGroundUnknown,
    StopKind,
    check_resumption,
    end_after_stops,
)
from auction.sale.rounds.stop_round import StopRound, stop_round
from auction.sale.views import public_lot
from tests.auction.sale.world import CLOSES_AT, OPENS_AT, World

GROUND: dict[StopKind, str] = {
    "deferral": "higher_court_order",
    "stay": "third_party_claim",
    "withdrawal": "debt_paid",
}
NOW = local(date(2027, 4, 1), 9)


async def stop(world: World, kind: StopKind, **changes: object) -> None:
    """Stop the round by its proper document."""
    document_id = changes.pop("document_id", None) or await world.document(STOP_DOCUMENTS[kind])
    command = StopRound(
        command_id=new_id(),
        stop_id=new_id(),
        round_id=world.round_id,
        kind=kind,
        ground=str(changes.pop("ground", GROUND[kind])),
        reason="示例理由",
        document_id=document_id,  # type: ignore[arg-type]  # an id
    )
    await stop_round(world.db, world.presiding, command)


async def resume(world: World, **changes: object) -> None:
    """Publish the hour of resumption."""
    values: dict[str, object] = {
        "ground_ended_on": date(2027, 4, 7),
        "resumes_at": CLOSES_AT,
        "reason": "异议已经驳回",
        **changes,
    }
    command = ResumeRound(command_id=new_id(), round_id=world.round_id, **values)  # type: ignore[arg-type]  # facts of a test
    await resume_round(world.db, world.presiding, command)


@pytest.mark.parametrize("kind", ["deferral", "stay"])
async def test_stop_is_published_and_ordered_of_the_room(world: World, kind: StopKind) -> None:
    """A stop moves lot and round, shows its ground, and reaches the room as an order (网拍 28)."""
    await world.announced()

    await stop(world, kind)

    shown = await world.read(lambda tx: public_lot(tx, world.lot_id))
    assert shown.line.state is LotState.STOPPED
    assert (shown.rounds[0].stops[0].kind, shown.rounds[0].stops[0].ground) == (kind, GROUND[kind])
    (job,) = await world.jobs("bidding.stop_session")
    assert job.decode(StopOrder).kind == kind
    with pytest.raises(RegistrationClosed):
        await world.register(await world.bidder())


async def test_ruling_about_one_lot_stops_no_other(world: World) -> None:
    """A stay that was made for another lot of the case does not stop this one (practice 17)."""
    await world.announced()
    elsewhere = await world.document(STOP_DOCUMENTS["stay"], of_other_lot=True)

    with pytest.raises(DocumentOfOtherLot):
        await stop(world, "stay", document_id=elsewhere)

    assert await world.jobs("bidding.stop_session") == []


async def test_withdrawal_ends_the_round_and_frees_all_deposits(world: World) -> None:
    """After a withdrawal nobody's money is kept (网拍 23, 28)."""
    await world.announced()
    await world.admitted()
    await world.register(await world.bidder("赵示例"))

    await stop(world, "withdrawal")

    assert {row.state for row in await world.rows("SELECT state FROM sale.registration")} == {"released"}
    assert len(await world.jobs("fund.release_deposit")) == 2
    with pytest.raises(RoundMoveNotAllowed):
        await stop(world, "stay")


@pytest.mark.parametrize(
    ("kind", "ground"), [("deferral", "debt_paid"), ("stay", "title_revoked"), ("withdrawal", "nonsense")]
)
async def test_each_stop_has_its_own_grounds(world: World, kind: StopKind, ground: str) -> None:
    """A ground of withdrawal does not carry a stay (拍变 17)."""
    await world.announced()

    with pytest.raises(StopGroundUnknown):
        await stop(world, kind, ground=ground)


async def test_each_stop_has_its_own_sealed_document(world: World) -> None:
    """A deferral needs a decision, not a ruling, and not a draft (practice 17)."""
    await world.announced()
    ruling = await world.document(DocumentKind.STAY_RULING)
    draft = await world.document(DocumentKind.DEFERRAL_DECISION, sealed=False)

    with pytest.raises(WrongDocumentKind):
        await stop(world, "deferral", document_id=ruling)
    with pytest.raises(DocumentIsDraft):
        await stop(world, "deferral", document_id=draft)


async def test_resumption_takes_effect_at_its_hour(world: World) -> None:
    """The round stays stopped until the published hour; then it is open again (网拍 28)."""
    await world.announced()
    await world.at(OPENS_AT + timedelta(hours=1))
    await handle_open_round(world.db, (await world.jobs("sale.open_round"))[0])
    await stop(world, "stay")

    await resume(world)

    (order,) = await world.jobs("bidding.resume_session")
    assert order.decode(ResumeOrder).resumes_at == CLOSES_AT
    opening = (await world.jobs("sale.open_round"))[-1]
    await handle_open_round(world.db, opening)
    assert (await world.rows("SELECT state FROM sale.round"))[0].state == "stopped"
    await world.at(CLOSES_AT)
    await handle_open_round(world.db, (await world.jobs("sale.open_round"))[0])
    assert (await world.rows("SELECT state FROM sale.round"))[0].state == "stopped"


async def test_resumed_round_is_open_when_the_hour_has_come(world: World) -> None:
    """The job at the published hour opens round and lot."""
    await world.announced()
    await world.at(OPENS_AT + timedelta(hours=1))
    await stop(world, "stay")
    await resume(world)
    await world.at(CLOSES_AT)

    await handle_open_round(world.db, (await world.jobs("sale.open_round"))[-1])

    assert (await world.rows("SELECT state FROM sale.round"))[0].state == "open"
    shown = await world.read(lambda tx: public_lot(tx, world.lot_id))
    assert shown.line.state is LotState.OPEN


async def test_stop_and_resumption_charge_authorised_deposits(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """What cards hold is charged when the round stops, and what was held meanwhile when it goes on (`charge_authorised`)."""
    charged: list[UUID] = []

    async def note(tx: Transaction, round_id: UUID) -> None:
        del tx
        charged.append(round_id)

    monkeypatch.setattr("auction.sale.rounds.stop_round.charge_authorised", note)
    monkeypatch.setattr("auction.sale.rounds.resume_round.charge_authorised", note)
    await world.announced()

    await stop(world, "stay")
    assert charged == [world.round_id]
    await world.at(CLOSES_AT - timedelta(days=1))
    await resume(world)
    assert charged == [world.round_id, world.round_id]


async def test_resumption_moves_the_end_of_the_deposits(world: World) -> None:
    """A round that was stopped as it opened has its whole time after the hour of its resumption; so have its deposits."""
    await world.announced()
    await world.register(await world.bidder("甲示例"))
    await world.at(OPENS_AT)
    await stop(world, "stay")
    await resume(world)

    (row,) = await world.rows("SELECT closes_at FROM fund.deposit")
    assert abs(row.closes_at - (CLOSES_AT + (CLOSES_AT - OPENS_AT))) < timedelta(minutes=5)


@pytest.mark.parametrize(
    ("stops", "hours"),
    [
        ([], 24),
        ([(6, None)], 24),  # no hour is published yet
        ([(6, 100)], 118),
        ([(-3, 100)], 124),  # stopped before it opened: the whole time is left
        ([(24, 100)], 100),
        ([(25, 100)], 100),  # extended by bids: never less than nothing is left
        ([(6, 100), (110, 200)], 208),
    ],
)
def test_end_after_stops_leaves_the_time_that_was_left(stops: list[tuple[int, int | None]], hours: int) -> None:
    """Each stop takes its time out; the rest runs from the published hour (网拍 28)."""
    told = [
        (OPENS_AT + timedelta(hours=at), None if to is None else OPENS_AT + timedelta(hours=to)) for at, to in stops
    ]

    assert end_after_stops(OPENS_AT + timedelta(hours=24), opens_at=OPENS_AT, stops=told) == OPENS_AT + timedelta(
        hours=hours
    )


async def test_running_round_is_not_resumed(world: World) -> None:
    """Only a stopped round resumes, and only once."""
    await world.announced()
    with pytest.raises(NotStopped):
        await resume(world)
    await world.at(OPENS_AT)
    await stop(world, "stay")
    await resume(world)
    with pytest.raises(NotStopped):
        await resume(world)


@pytest.mark.parametrize(("seconds", "lawful"), [(-1, False), (0, True), (1, True)])
def test_resumption_is_published_beforehand(seconds: int, lawful: bool) -> None:
    """The hour leaves time for a reminder: two hours are enough, a second less is not."""
    at = NOW + LEAST_RESUME_NOTICE + timedelta(seconds=seconds)
    _check(lawful, ResumesTooSoon, at, ended_on=date(2027, 4, 1))


@pytest.mark.parametrize(("day", "lawful"), [(5, True), (6, True), (7, False)])
def test_resumption_within_five_days(day: int, lawful: bool) -> None:
    """The ground ended on 1 April: the sale resumes at the latest on the 6th (网拍 28)."""
    _check(lawful, ResumesTooLate, local(date(2027, 4, day), 23), ended_on=date(2027, 4, 1))


@pytest.mark.parametrize(
    ("ended_on", "lawful"),
    [(date(2027, 3, 30), False), (date(2027, 3, 31), True), (date(2027, 4, 1), True), (date(2027, 4, 2), False)],
)
def test_ground_ends_between_stop_and_today(ended_on: date, lawful: bool) -> None:
    """Stopped on 31 March, resumed on 1 April: the ground ended neither before nor after (网拍 28)."""
    _check(lawful, GroundEndMisdated, NOW + LEAST_RESUME_NOTICE, ended_on=ended_on)


@pytest.mark.parametrize(("until", "lawful"), [(date(2027, 4, 8), False), (date(2027, 4, 9), True)])
async def test_seizure_outlasts_the_new_end(world: World, until: date, lawful: bool) -> None:
    """Resumed on 8 April with a day to go, the round ends on the 9th: a seizure until the 8th is too short."""
    await world.announced()
    await world.at(OPENS_AT)
    await stop(world, "stay")
    lift = LiftSeizure(
        command_id=new_id(),
        seizure_id=world.seizure_id,
        case_id=world.case_id,
        lifted_on=until + timedelta(days=1),
        document_ref="解除查封裁定",
    )
    await lift_seizure(world.db, world.handler, lift)

    if lawful:
        await resume(world)
        return
    with pytest.raises(SeizureEndsBefore):
        await resume(world)


def _check(lawful: bool, refusal: type[Refusal], at: object, *, ended_on: date) -> None:
    values = {
        "now": NOW,
        "stopped_on": date(2027, 3, 31),
        "ground_ended_on": ended_on,
        "resumes_at": at,
        "calendar": COURT_CALENDAR,
    }
    if lawful:
        check_resumption(**values)  # type: ignore[arg-type]  # facts of a test
        return
    with pytest.raises(refusal):
        check_resumption(**values)  # type: ignore[arg-type]  # facts of a test


@pytest.mark.parametrize(("seconds", "lawful"), [(-1, True), (0, False), (1, False)])
async def test_outcome_after_the_stop_calls_a_person(world: World, seconds: int, lawful: bool) -> None:
    """A session that closed before the stop reached it counts; one that ran on does not (网拍 28)."""
    published = await world.announced()
    await world.at(CLOSES_AT)
    await stop(world, "stay")
    outcome = world.outcome(published, None, closed_at=CLOSES_AT + timedelta(seconds=seconds))
    if lawful:
        assert (await world.close(outcome)).state.value == "failed"
        return
    with pytest.raises(OutcomeAfterStop):
        await world.close(outcome)
