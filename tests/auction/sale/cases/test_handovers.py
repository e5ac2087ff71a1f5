"""Which court may sell: the hand-over of a first seizure, asked by rule, answered or not; no reply is not consent."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import msgspec
import pytest

from auction.kernel.actors import Role, RoleLacking
from auction.kernel.clock import local
from auction.kernel.db import Database
from auction.kernel.errors import Refusal
from auction.kernel.ids import new_id
from auction.sale.cases import store
from auction.sale.cases.ask_handover import AskHandover, RecordHandoverAnswer, ask_handover, record_handover_answer
from auction.sale.cases.assets import AssetClass
from auction.sale.cases.cases import FieldMissing
from auction.sale.cases.handovers import (
    Handover,
    HandoverAsked,
    HandoverBeforeRequest,
    HandoverConditionMissing,
    HandoverGround,
    HandoverNotNeeded,
    HandoverRefused,
    HandoverTooEarly,
    HandoverUnanswered,
    HandoverUnknown,
    answer_due,
    check_may_sell,
    check_request,
    earliest_request,
    since_when,
)
from auction.sale.cases.record_asset import record_asset
from auction.sale.cases.record_seizure import LiftSeizure, lift_seizure, record_seizure
from auction.sale.cases.seizures import FirstSeizureElsewhere, NoFirstSeizure, Seizure
from tests.auction.sale.world import FIRST_DAY, World, actor
from web.asset_file import AssetsOnFile, require_right_to_sell

OURS, THEIRS = "北京市示例区人民法院", "天津市示例区人民法院"
THEIR_FILE, OUR_FILE = "(2026)津0101执77号", "(2026)京0105执1234号"
SEIZED = date(2026, 6, 1)
DAY = timedelta(days=1)


def seizure(court: str = THEIRS, case_number: str = THEIR_FILE, **changes: Any) -> Seizure:  # noqa: ANN401 - its fields
    """Give a first seizure."""
    values: dict[str, Any] = {"rank": 1, "valid_from": SEIZED, "valid_until": date(2029, 5, 31), **changes}
    return Seizure(seizure_id=new_id(), court=court, case_number=case_number, **values)


def handover(**changes: Any) -> Handover:  # noqa: ANN401 - its fields
    """Give a request that is not answered."""
    values: dict[str, Any] = {"asked_on": date(2026, 9, 1), "answer_by": date(2026, 9, 16), **changes}
    return Handover(
        request_id=new_id(),
        court=THEIRS,
        case_number=THEIR_FILE,
        ground="priority_claim",
        document_ref="商请函",
        **values,
    )


# The rule ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("days", "lawful"), [(59, False), (60, False), (61, True), (62, True)])
def test_more_than_sixty_days_idle(days: int, lawful: bool) -> None:
    """On day 60 the first seizure is not older than 60 days, on day 61 it is (首封移送批复 1)."""
    asked_on = SEIZED + days * DAY
    if lawful:
        check_request("priority_claim", seized_on=SEIZED, asked_on=asked_on, is_final=True, sale_begun=False)
        return
    with pytest.raises(HandoverTooEarly):
        check_request("priority_claim", seized_on=SEIZED, asked_on=asked_on, is_final=True, sale_begun=False)


@pytest.mark.parametrize(
    ("asked_on", "lawful"), [(date(2027, 5, 31), False), (date(2027, 6, 1), False), (date(2027, 6, 2), True)]
)
def test_preservation_more_than_a_year_idle(asked_on: date, lawful: bool) -> None:
    """A first seizure that is a preservation: a year, and a day more (保全规定 21)."""
    assert (asked_on >= earliest_request("preservation_idle", SEIZED, on=asked_on)) == lawful


@pytest.mark.parametrize(
    ("ground", "is_final", "sale_begun", "lawful"),
    [
        ("priority_claim", True, False, True),
        ("priority_claim", False, False, False),
        ("priority_claim", True, True, False),
        ("preservation_idle", False, False, True),
        ("preservation_idle", False, True, False),
    ],
)
def test_conditions_of_a_request(ground: HandoverGround, is_final: bool, sale_begun: bool, lawful: bool) -> None:
    """A final title for the priority claim, and no sale begun by the first court (首封移送批复 1)."""
    late = date(2028, 1, 1)
    if lawful:
        check_request(ground, seized_on=SEIZED, asked_on=late, is_final=is_final, sale_begun=sale_begun)
        return
    with pytest.raises(HandoverConditionMissing):
        check_request(ground, seized_on=SEIZED, asked_on=late, is_final=is_final, sale_begun=sale_begun)


def test_fifteen_days_for_the_letter_and_no_roll_over() -> None:
    """The 15th day after the request, also when it is a Saturday (首封移送批复 2; a court's own limit does not roll)."""
    assert answer_due(date(2027, 3, 5)) == date(2027, 3, 20)
    assert date(2027, 3, 20).weekday() == 5


def test_renewals_count_into_the_idle_time() -> None:
    """A renewal does not begin the sixty days anew; after a gap they begin anew."""
    renewed = seizure(valid_from=date(2029, 6, 1), valid_until=date(2032, 5, 31))
    late = seizure(valid_from=date(2029, 6, 2), valid_until=date(2032, 5, 31))

    assert since_when([seizure(), renewed], renewed) == SEIZED
    assert since_when([seizure(), late], late) == date(2029, 6, 2)
    assert since_when([seizure(court=OURS, case_number=OUR_FILE), renewed], renewed) == date(2029, 6, 1)


@pytest.mark.parametrize(
    ("seizures", "handovers", "refusal"),
    [
        ([], [], NoFirstSeizure),
        ([seizure(rank=2, court=OURS)], [], NoFirstSeizure),
        ([seizure(lifted_on=date(2027, 3, 1))], [], NoFirstSeizure),
        ([seizure()], [], FirstSeizureElsewhere),
        ([seizure()], [handover()], HandoverUnanswered),
        ([seizure()], [handover(answer="refused", answered_on=date(2026, 9, 9))], HandoverRefused),
        ([seizure()], [handover(answer="refused"), handover(asked_on=date(2026, 12, 1))], HandoverUnanswered),
        ([seizure(case_number="(2026)津0101执78号")], [handover()], FirstSeizureElsewhere),
        ([seizure(court=OURS)], [], None),
        ([seizure(handover_ref="移送函")], [handover()], None),
        ([seizure(lifted_on=date(2027, 3, 2))], [handover(answer="refused")], HandoverRefused),
    ],
)
def test_who_may_sell(seizures: list[Seizure], handovers: list[Handover], refusal: type[Refusal] | None) -> None:
    """Our first seizure, or one that was handed over; else nobody asked, no reply, or a refusal, each by its own code."""
    if refusal is None:
        assert check_may_sell(seizures, handovers, court=OURS, on=FIRST_DAY) == seizures[0]
        return
    with pytest.raises(refusal):
        check_may_sell(seizures, handovers, court=OURS, on=FIRST_DAY)


@pytest.mark.parametrize("days_late", [-1, 0, 1, 400])
def test_no_reply_is_never_consent(days_late: int) -> None:
    """Before, on, after the last day for the letter, and a year later: silence gives no right to sell."""
    asked = handover()
    with pytest.raises(HandoverUnanswered):
        check_may_sell([seizure()], [asked], court=OURS, on=asked.answer_by + days_late * DAY)


# The file ------------------------------------------------------------------------------------------------------------


@pytest.fixture
async def world(database: Database, database_url: str) -> World:
    """A court with an asset whose first seizure another court holds, and our own waiting."""
    made = World(database, database_url)
    await made.open()
    return made


async def elsewhere(world: World) -> World:
    """Give the case an asset whose first seizure another court holds."""
    world.asset_id = new_id()
    await record_asset(world.db, world.handler, world.asset(AssetClass.HOME, asset_id=world.asset_id))
    first = world.seizure(seizure_id=new_id(), court=THEIRS, case_number=THEIR_FILE, valid_from=SEIZED)
    await record_seizure(world.db, world.handler, first)
    world.seizure_id = first.seizure_id
    waiting = world.seizure(seizure_id=new_id(), rank=2, valid_from=date(2026, 7, 1))
    await record_seizure(world.db, world.handler, waiting)
    return world


async def ask(world: World, **changes: object) -> UUID:
    """Ask for the hand-over on the first day."""
    command = AskHandover(
        command_id=new_id(),
        case_id=world.case_id,
        asset_id=world.asset_id,
        ground="priority_claim",
        asked_on=FIRST_DAY,
        claim_is_final=True,
        sale_begun=False,
        document_ref="商请移送函〔2027〕1号",
    )
    return await ask_handover(world.db, world.clerk, msgspec.structs.replace(command, **changes))


async def answer(world: World, request_id: UUID, **changes: object) -> UUID:
    """Record the first court's letter."""
    command = RecordHandoverAnswer(
        command_id=new_id(),
        case_id=world.case_id,
        asset_id=world.asset_id,
        request_id=request_id,
        answer="handed_over",
        answered_on=FIRST_DAY,
        document_ref="移送函〔2027〕9号",
    )
    return await record_handover_answer(world.db, world.clerk, msgspec.structs.replace(command, **changes))


class PriceAsked(msgspec.Struct):
    """A command that asks a price, as the door reads it."""

    case_id: UUID
    asset_id: UUID


async def door(world: World) -> str:
    """Try the door of a command that asks a price: the code of its refusal, or nothing."""
    try:
        await world.read(lambda tx: require_right_to_sell(tx, PriceAsked(world.case_id, world.asset_id)))
    except Refusal as refusal:
        return refusal.code
    return ""


async def test_door_opens_with_the_letter_only(world: World) -> None:
    """Not asked, asked, silent for a year, handed over: the code changes, and only the letter opens (首封移送批复 1, 2)."""
    own = await door(world)
    await elsewhere(world)
    said = [own, await door(world)]
    request_id = await ask(world)
    said.append(await door(world))
    await world.at(local(FIRST_DAY + 366 * DAY, 9))
    said.append(await door(world))
    await answer(world, request_id, answered_on=FIRST_DAY + 366 * DAY)
    said.append(await door(world))

    assert said == ["", "first_seizure_elsewhere", "handover_unanswered", "handover_unanswered", ""]
    (first, _waiting) = await world.read(lambda tx: store.seizures_of(tx, world.asset_id))
    assert (first.court, first.handover_ref) == (THEIRS, "移送函〔2027〕9号")


async def test_refusal_closes_and_a_new_request_may_follow(world: World) -> None:
    """A refused hand-over is its own code; another request may be put, and its silence is silence again."""
    await elsewhere(world)
    await answer(world, await ask(world), answer="refused")
    refused = await door(world)
    await ask(world)

    assert (refused, await door(world)) == ("handover_refused", "handover_unanswered")


async def test_handover_outlives_a_renewal(world: World) -> None:
    """The first court's file was handed over: its renewal is handed over too."""
    await elsewhere(world)
    await answer(world, await ask(world))
    renewal = world.seizure(
        seizure_id=new_id(), court=THEIRS, case_number=THEIR_FILE, valid_from=date(2028, 6, 1), valid_until=date(2031, 5, 31),
        renews=world.seizure_id,
    )  # fmt: skip
    await record_seizure(world.db, world.handler, renewal)
    await world.at(local(date(2028, 7, 1), 9))

    assert await door(world) == ""


async def test_lifted_first_seizure_leaves_nobody(world: World) -> None:
    """When the first seizure ends the asset has none until the register says who is first now."""
    await elsewhere(world)
    await answer(world, await ask(world))
    lifting = LiftSeizure(
        command_id=new_id(),
        seizure_id=world.seizure_id,
        case_id=world.case_id,
        lifted_on=FIRST_DAY,
        document_ref="解封裁定",
    )
    await lift_seizure(world.db, world.handler, lifting)

    assert await door(world) == "no_first_seizure"


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"asked_on": FIRST_DAY + DAY}, HandoverBeforeRequest),
        ({"claim_is_final": False}, HandoverConditionMissing),
        ({"sale_begun": True}, HandoverConditionMissing),
        ({"asked_on": SEIZED + 60 * DAY}, HandoverTooEarly),
        ({"document_ref": " "}, FieldMissing),
    ],
)
async def test_unlawful_request_is_not_recorded(world: World, changes: dict[str, Any], refusal: type[Refusal]) -> None:
    """A day to come, no final title, a sale begun, too early, no letter: refused, and nobody was asked."""
    await elsewhere(world)
    with pytest.raises(refusal):
        await ask(world, **changes)
    assert await door(world) == "first_seizure_elsewhere"


async def test_nobody_is_asked_without_need(world: World) -> None:
    """Our own first seizure, a request that waits, a hand-over done: no request; no answer without a request or twice."""
    with pytest.raises(HandoverNotNeeded):
        await ask(world)
    await elsewhere(world)
    request_id = await ask(world)
    with pytest.raises(HandoverAsked):
        await ask(world)
    with pytest.raises(HandoverBeforeRequest):
        await answer(world, request_id, answered_on=FIRST_DAY - DAY)
    with pytest.raises(HandoverBeforeRequest):
        await answer(world, request_id, answered_on=FIRST_DAY + DAY)
    await answer(world, request_id)
    with pytest.raises(HandoverUnknown):
        await answer(world, request_id)
    with pytest.raises(HandoverNotNeeded):
        await ask(world)
    with pytest.raises(HandoverUnknown):
        await answer(world, new_id())


async def test_only_officers_ask(world: World) -> None:
    """A party neither asks nor answers."""
    await elsewhere(world)
    world.clerk = actor(Role.PARTY)
    with pytest.raises(RoleLacking):
        await ask(world)
    with pytest.raises(RoleLacking):
        await answer(world, new_id())


async def test_file_tells_valuation_class_and_number_only(world: World) -> None:
    """The port gives what registers are told: no party, no address; an asset of another case is refused."""
    told = await world.read(lambda tx: AssetsOnFile().asset(tx, world.case_id, world.asset_id))

    assert (told.asset_class, told.registry_number) == ("home", "京(2020)示例区不动产权第0000001号")
    assert set(told.__struct_fields__) == {"asset_id", "case_id", "asset_class", "registry_number"}
    with pytest.raises(Refusal):
        await world.read(lambda tx: AssetsOnFile().asset(tx, new_id(), world.asset_id))
