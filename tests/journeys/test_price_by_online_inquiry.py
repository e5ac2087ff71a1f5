"""From seized asset to listing by online inquiry, over the HTTP API and real HTTP to platforms in their moods."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest

from auction.kernel.clock import day_start, local
from auction.kernel.money import Money
from auction.law.calendar import COURT_CALENDAR
from auction.law.prices import first_reserve_floor
from auction.sale.cases.documents import DocumentKind
from auction.sale.cases.parties import PartyRole
from auction.sale.disclosure.sold_lots import SoldLots
from tests.auction.sale.world import FIRST_DAY, World
from tests.journeys.test_bad_input import Court
from tests.journeys.test_price_without_platforms import PAPER, SUBJECTS, Way
from tests.valuation.test_online_inquiry import FEATURES
from tests.web.conftest import ClientMaker
from tests.web.partners.conftest import Street, street
from tests.web.partners.test_inquiry_moods import SERVERS, Office
from valuation.inquiries.views import inquiry_shown
from valuation.objections.fix_reference_price import handle_fix_reference_price
from valuation.objections.note_service import handle_note_service
from web.auth.passwords import Passwords
from web.auth.sample_accounts import make_sample_accounts
from web.offers.all_commands import commands
from web.parties_of_cases import PartiesOfCases
from web.wiring import Wiring

__all__ = ["SERVERS", "street"]
ASKED = (PartyRole.APPLICANT, PartyRole.JUDGMENT_DEBTOR)


@pytest.fixture
async def way(
    wiring: Wiring, client_of: ClientMaker, passwords: Passwords, street: Street, database_url: str
) -> AsyncIterator[tuple[Way, Office]]:
    """A case of the sample judge, in front of platforms that run."""
    office = Office(wiring.db, street)
    people = await make_sample_accounts(wiring.db, passwords=passwords)
    world = World(wiring.db, database_url)
    world.handler, world.clerk = people["judge1"], people["clerk1"]
    world.presiding = people["presiding1"]
    world.judges = (world.presiding, people["panel1"], people["panel2"])
    ports: dict[str, object] = {port: () for route in commands() for port in route.ports}
    ports |= {
        "seal": world.seal,
        "platforms": tuple(office.platforms.values()),
        "sale": SoldLots(),
        "parties": PartiesOfCases(),
    }
    async with client_of(replace(wiring, ports=ports, commands=commands())) as client:
        await world.open()
        yield Way(Court(client, wiring, people, {}), world), office


async def begun(way: Way, office: Office) -> dict[str, Any]:
    """Establish the facts, take both sides' requests, and ask all platforms."""
    await way.establish(*SUBJECTS)
    for role in ASKED:
        await way.typed(
            "clerk1",
            "judge1",
            "request-method",
            "confirm-method-paper",
            **way.mine,
            method="online_inquiry",
            party_id=str(way.world.parties[role]),
            agreed_on=FIRST_DAY.isoformat(),
            document_sha256=PAPER,
        )
    addressees = [str(way.world.parties[role]) for role in ASKED]
    started = await way.do("judge1", "start-online-inquiry", **way.mine, features=FEATURES, addressees=addressees)
    office.inquiry_id = started["inquiry_id"]
    await office.work()
    return started


async def reports_of(way: Way) -> UUID:
    """File the document by which the reports will be served."""
    return await way.world.document(DocumentKind.INQUIRY_REPORT, sealed=False)


async def served(way: Way, document: UUID, on: date) -> None:
    """Serve the reports on both, and let the windows be noted."""
    await way.world.at(local(on, 9))
    for role in ASKED:
        await way.world.serve(document, way.world.parties[role], local(on, 9))
    for job in await way.world.jobs("valuation.note_service"):
        await handle_note_service(way.world.db, job)


async def priced(way: Way, on: date) -> int:
    """Let the windows pass and the price be fixed; gives it."""
    await way.world.at(day_start(on))
    for job in await way.world.jobs("valuation.fix_reference_price"):
        await handle_fix_reference_price(way.world.db, job)
    [row] = await way.world.rows("SELECT amount_fen FROM valuation.reference_price")
    amount: int = row.amount_fen
    return amount


async def list_lot(way: Way, price_fen: int, on: date) -> None:
    """List the lot at its floor on the price."""
    floor = first_reserve_floor(Money(price_fen), on=on)
    reserve = -(-floor.fen // 100_000) * 100_000
    opens_at = local(COURT_CALENDAR.first_working_day(on + timedelta(days=60)), 10)
    await way.list(
        reserve_fen=reserve,
        deposit_fen=reserve // 10,
        increment_fen=reserve // 200,
        opens_at=opens_at,
        closes_at=opens_at + timedelta(days=1),
    )


async def test_extension_wrong_property_and_silence_end_in_a_listing(way: tuple[Way, Office]) -> None:
    """Nobody answers usably in time, one asked for more: its report, checked and served, becomes the price of a listing."""
    taken, office = way
    await office.moods("asks_extension", "wrong_property", "silent")
    await begun(taken, office)

    async def knows() -> bool:
        await office.poll_once()
        return bool(await taken.world.rows("SELECT 1 FROM valuation.extension_request"))

    for _ in range(200):
        if await knows():
            break
    await office.at_deadline()
    assert await office.state() == "asking"
    await office.street.order("platform-1", do="release", request_id=str(office.inquiry_id))
    await office.poll_until(1)
    await office.at_deadline()
    assert await office.why() == ["in_time", "silent", "silent"]
    document = await reports_of(taken)
    mine = {"inquiry_id": str(office.inquiry_id)}
    checked = await taken.do("judge1", "check-reports", **mine, document_id=str(document))
    [now] = await taken.world.rows("SELECT kernel.now_at() AS at")
    day = now.at.date() + timedelta(days=1)
    await served(taken, document, day)
    price = await priced(taken, day + timedelta(days=20))
    await list_lot(taken, price, day)

    assert checked["amount_fen"] == price


async def test_absurd_value_and_an_objection_end_in_a_listing(way: tuple[Way, Office]) -> None:
    """Ten times the value is found wrong, an objection to a second report fails: the third's figure is the price."""
    taken, office = way
    await office.moods("absurd", "on_time", "duplicate")
    await begun(taken, office)
    await office.poll_until(3)
    await office.work()
    mine = {"inquiry_id": str(office.inquiry_id)}
    flaw = {"platform_id": "platform-1", "error": "other", "note": "结果为同类价格的十倍"}
    document = await reports_of(taken)
    other = await taken.world.document(DocumentKind.AUCTION_RULING)
    naming = {**mine, "flaws": [flaw], "document_id": str(document)}
    assert (
        await taken.refused("judge1", "check-reports", **{**naming, "document_id": str(other)}) == "document_kind_wrong"
    )
    await taken.do("judge1", "check-reports", **naming)
    assert await taken.refused("judge1", "check-reports", **mine) == "inquiry_check_not_due"
    day = FIRST_DAY + timedelta(days=1)
    await served(taken, document, day)
    await taken.world.at(local(day + timedelta(days=1), 9))
    objection = {
        **mine,
        "party_id": str(taken.world.parties[PartyRole.JUDGMENT_DEBTOR]),
        "platform_id": "platform-2",
        "ground": "basics_wrong",
        "document_sha256": PAPER,
    }
    raised = await taken.do("clerk1", "raise-objection", **objection)
    assert await taken.refused("clerk1", "raise-objection", **objection) == "objection_repeated"
    decision = {**mine, "objection_id": raised["objection_id"], "decision": "rejected"}
    await taken.do("presiding1", "decide-objection", **decision)
    price = await priced(taken, day + timedelta(days=20))
    await list_lot(taken, price, day)

    async with taken.world.db.reading() as tx:
        course = await inquiry_shown(tx, office.inquiry_id)
    assert [one.why for one in course.platforms] == ["flawed", "objected", "not_objected"]
    assert course.branch == "objections_to_some"
    assert price == course.platforms[2].value_fen
