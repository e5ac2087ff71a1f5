"""A reply on paper: nothing by one person, everything by two, once."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

import msgspec
import pytest
from sqlalchemy.exc import DBAPIError

from auction.kernel.actors import Actor, Role, RoleLacking
from auction.kernel.db import Database, Transaction
from auction.kernel.ids import AccountId, named_id, new_id
from auction.kernel.signed_questions import Gap
from tests.valuation.facts.facts_world import CASE, CLERK, HANDLER, Desk, TestRegister, desk_for, fact, officer
from valuation.facts import store
from valuation.facts.facts import FactMalformed, FactOfOtherClass, OccupancyUnclear
from valuation.facts.record_paper_answer import (
    ConfirmPaperAnswer,
    PaperConfirmed,
    PaperLookedAt,
    RecordPaperAnswer,
    SamePersonConfirms,
    confirm_paper_answer,
    record_paper_answer,
)
from valuation.facts.require_facts import missing_for_price
from valuation.facts.store import PaperUnknown

OTHER_ACCOUNT = msgspec.structs.replace(CLERK, account_id=AccountId(named_id("second account of the clerk")))


async def record(desk: Desk, actor: Actor = CLERK, **changes: Any) -> UUID:  # noqa: ANN401 - fields of the command
    """Record a reply of the title registry on paper."""
    said: dict[str, Any] = {
        "subject": "title",
        "state": "established",
        "statement_zh": "登记为被执行人单独所有",
        "statement_en": "Registered to the debtor alone",
        "source": "示例不动产登记中心复函〔2027〕3号",
        "as_of": date(2027, 2, 20),
        "scan_sha256": "d" * 64,
    }
    command = RecordPaperAnswer(command_id=new_id(), case_id=CASE, asset_id=desk.asset_id, **(said | changes))
    return await record_paper_answer(desk.db, actor, command, asset_file=desk.file)


async def confirm(desk: Desk, paper_id: UUID, actor: Actor = HANDLER, *, agrees: bool = True) -> PaperConfirmed:
    """Confirm it."""
    command = ConfirmPaperAnswer(
        command_id=new_id(), case_id=CASE, asset_id=desk.asset_id, paper_id=paper_id, agrees=agrees
    )
    return await confirm_paper_answer(desk.db, actor, command)


async def missing(desk: Desk) -> tuple[str, ...]:
    """Give what is missing."""
    async with desk.db.reading() as tx:
        return await missing_for_price(tx, desk.asset_id)


async def test_paper_of_one_person_is_unanswered(database: Database) -> None:
    """Recorded by one officer it counts for nothing; confirmed by another natural person it is a finding with the scan."""
    desk = await desk_for(database, "home")
    await desk.establish(*(fact(s) for s in ("burdens", "occupancy", "unpaid_taxes", "defects")))
    paper_id = await record(desk)
    before = await missing(desk)
    confirmed = await confirm(desk, paper_id)

    assert (before, confirmed.missing) == (("title",), ())
    newest = (await desk.facts())[-1]
    assert (newest.subject, newest.document_sha256, newest.as_of) == ("title", "d" * 64, date(2027, 2, 20))


@pytest.mark.parametrize("same", [CLERK, OTHER_ACCOUNT], ids=["same account", "another account of the same person"])
async def test_same_person_is_refused(database: Database, same: Actor) -> None:
    """One natural person is one, under whatever account (security 3)."""
    desk = await desk_for(database, "home")
    paper_id = await record(desk)

    with pytest.raises(SamePersonConfirms):
        await confirm(desk, paper_id, same)
    assert "title" in await missing(desk)


async def test_database_refuses_the_same_person_too(database: Database) -> None:
    """Not only the use case: a confirmation by who recorded it cannot be stored."""
    desk = await desk_for(database, "home")
    paper_id = await record(desk)

    async def store_it(tx: Transaction) -> None:
        paper = await store.paper(tx, desk.asset_id, paper_id)
        await store.add_confirmation(tx, paper, confirmed_by=CLERK.person_id, agrees=True)

    with pytest.raises(DBAPIError):
        await database.transact(store_it)


async def test_paper_that_says_otherwise_never_counts(database: Database) -> None:
    """The second person found a difference: it is decided, and another paper must be recorded."""
    desk = await desk_for(database, "home")
    paper_id = await record(desk)
    await confirm(desk, paper_id, agrees=False)

    with pytest.raises(PaperLookedAt):
        await confirm(desk, paper_id, officer("third"))
    assert "title" in await missing(desk)
    await confirm(desk, await record(desk))
    assert "title" not in await missing(desk)


async def test_confirmed_once(database: Database) -> None:
    """A second confirmation is refused and adds no finding."""
    desk = await desk_for(database, "home")
    paper_id = await record(desk)
    await confirm(desk, paper_id)

    with pytest.raises(PaperLookedAt):
        await confirm(desk, paper_id, officer("third"))
    assert len(await desk.facts()) == 1


async def test_paper_has_the_force_of_a_silent_registers_answer(database: Database) -> None:
    """While the registry is down its reply on paper, seen by two, establishes what it was asked; its late answer is newer."""
    desk = await desk_for(database, "home")
    registry = TestRegister("registry", Gap(reason="down", detail=""), "answer")
    asked = await desk.ask(registry)
    await desk.work(asked, registry)
    await confirm(desk, await record(desk))
    between = await missing(desk)
    await desk.work(asked, registry)

    assert between == ("burdens", "occupancy", "unpaid_taxes", "defects")
    sources = [each.source for each in await desk.facts()]
    assert sources == ["示例不动产登记中心复函〔2027〕3号", "不动产登记机构 REG-1", "不动产登记机构 REG-1"]


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"scan_sha256": "no scan"}, FactMalformed),
        ({"source": " "}, FactMalformed),
        ({"as_of": date(2027, 3, 2)}, FactMalformed),
        ({"subject": "mileage"}, FactOfOtherClass),
        ({"subject": "occupancy", "statement_zh": "占有不明"}, OccupancyUnclear),
    ],
)
async def test_malformed_paper_is_not_recorded(
    database: Database, changes: dict[str, Any], refusal: type[Exception]
) -> None:
    """Without a scan's fingerprint, a source, a day that has come, or with a forbidden phrase: refused at once."""
    desk = await desk_for(database, "home")
    with pytest.raises(refusal):
        await record(desk, **changes)


async def test_who_may_and_which_paper(database: Database) -> None:
    """Officers only; a paper of another asset is not found."""
    desk, other = await desk_for(database, "home"), Desk(database, "home")
    with pytest.raises(RoleLacking):
        await record(desk, officer("b", Role.BIDDER))
    paper_id = await record(desk)
    with pytest.raises(PaperUnknown):
        await confirm(other, paper_id)
    with pytest.raises(RoleLacking):
        await confirm(desk, paper_id, officer("p", Role.PARTY))
