"""The record of a price: all five parts, fixed with the price, never changed, no name in it (参考价 34)."""

from __future__ import annotations

import hashlib
import json
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from auction.kernel.db import Database
from tests.valuation.agreements.test_agreement import PRICE, confirm, invite, propose
from tests.valuation.methods.ground import APPLICANT, ASSET, DEBTOR, THE_APPLICANT, THE_DEBTOR, find, prepare
from tests.valuation.targeted_inquiries import test_targeted_inquiry as targeted
from valuation.agreements.close_agreement import close_agreement
from valuation.record.record_store import records_of
from valuation.record.system_record import PARTS, RecordIncomplete, check_parts


async def record(db: Database) -> tuple[dict[str, Any], str]:
    """Give the only record of the asset, and its fingerprint."""
    async with db.reading() as tx:
        [held] = await records_of(tx, ASSET)
    assert hashlib.sha256(held.content).hexdigest() == held.sha256
    content: dict[str, Any] = json.loads(held.content)
    return content, held.sha256


async def agreed(db: Database) -> UUID:
    """Come to a price by agreement; gives its step."""
    await prepare(db)
    step_id = (await invite(db)).step_id
    await propose(db, step_id, THE_APPLICANT, APPLICANT)
    await propose(db, step_id, THE_DEBTOR, DEBTOR)
    await close_agreement(db, step_id)
    await confirm(db, step_id)
    return step_id


@pytest.mark.parametrize("left_out", PARTS)
def test_record_without_a_part_is_refused(left_out: str) -> None:
    """Each of the five is needed, and the refusal names the one that is missing."""
    check_parts(PARTS)
    with pytest.raises(RecordIncomplete) as refused:
        check_parts([part for part in PARTS if part != left_out])

    assert refused.value.article == "参考价 34"
    assert refused.value.sentence("zh")


async def test_record_is_fixed_with_the_price(database: Database) -> None:
    """It has the price, its steps and the agreement; what was not used stands there empty, and no proposal's figure but the price."""
    step_id = await agreed(database)
    content, _ = await record(database)

    assert set(content["parts"]) == set(PARTS)
    assert content["price"]["amount_fen"] == str(PRICE)
    assert [step["step_id"] for step in content["steps"]] == [str(step_id)]
    assert {entry["party_id"] for entry in content["parts"]["agreement"]} == {str(APPLICANT), str(DEBTOR)}
    assert [content["parts"][part] for part in ("targeted", "online", "appraisal", "lottery")] == [[], [], [], []]


async def test_record_tells_letter_answer_and_services(database: Database) -> None:
    """A targeted inquiry stands there with letter, scan, document and whom it reached; so does the circumstance before it."""
    step_id = (await targeted.start(database)).step_id
    await targeted.check(database, step_id, await targeted.record(database, step_id))
    for party in (APPLICANT, DEBTOR):
        await targeted.serve(database, party)
    content, _ = await record(database)
    [answer] = content["parts"]["targeted"]

    assert (answer["state"], answer["is_right"], len(answer["served"])) == ("priced", True, 2)
    assert answer["document_id"] == str(targeted.RESULT)
    assert [one["kind"] for one in content["circumstances"]] == ["party_absent"]


async def test_record_stays_as_it_was_made(database: Database) -> None:
    """What happens later changes nothing in it, and the database lets nobody change or delete it."""
    await agreed(database)
    before = await record(database)
    await find(database, "inspection_needed")
    for statement in (
        "UPDATE valuation.system_record SET content = ''",
        "DELETE FROM valuation.system_record",
        "TRUNCATE valuation.system_record",
    ):
        with pytest.raises(DBAPIError):
            async with database.transaction() as tx:
                await tx.session.execute(text(statement))

    assert await record(database) == before
