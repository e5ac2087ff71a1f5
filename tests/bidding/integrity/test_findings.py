"""Findings: the same screen on the same records finds the same thing once; the catalogue is complete; a running round has no record."""

from __future__ import annotations

from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from auction.kernel.db import Database, Transaction
from auction.kernel.ids import new_id
from bidding.integrity.findings.findings import Controls, Finding, Subject
from bidding.integrity.findings.store import findings_of_cases, raise_findings, words_on
from bidding.integrity.screens.catalogue import catalogue


def finding(round_id: str, *, code: str = "A0001", strength: float = 3.0) -> Finding:
    """Make a finding about a code of a round."""
    return Finding(
        screen="solo_ladder",
        version="1",
        moment="live",
        subject=Subject(rounds=(round_id,), codes=(code,)),
        strength=strength,
        sign="up",
        facts={"code": code, "raises": 4, "gain": 53_000_000},
        controls=Controls(
            matched_on_zh="同类标的", matched_on_en="same class", count=120, median=0.0, high=2.0, p_value=0.001
        ),
    )


async def test_what_is_found_again_is_not_told_again(database: Database) -> None:
    """The same finding raised twice stands once; another code of the round is another finding."""
    round_id, case_id = str(new_id()), new_id()
    cases = {round_id: case_id}

    async def twice(tx: Transaction) -> tuple[tuple[UUID, ...], ...]:
        once = await raise_findings(tx, [finding(round_id)], cases)
        again = await raise_findings(tx, [finding(round_id, strength=9.0), finding(round_id, code="B0002")], cases)
        return once, again

    once, again = await database.transact(twice)

    async with database.reading() as tx:
        found = await findings_of_cases(tx, [case_id], limit=10)
        assert await words_on(tx, [row.finding_id for row in found]) == []
    assert (len(once), len(again)) == (1, 1)
    assert {row.finding_id for row in found} == {*once, *again}
    assert [row.strength for row in found] == [3.0, 3.0]


async def test_a_finding_is_never_changed(database: Database) -> None:
    """No statement weakens or deletes a finding."""
    round_id = str(new_id())
    await database.transact(lambda tx: raise_findings(tx, [finding(round_id)], {round_id: new_id()}))

    for statement in ("UPDATE bidding.finding SET strength = 0", "DELETE FROM bidding.finding"):
        with pytest.raises(DBAPIError, match=r"append_only|permission denied"):
            await database.transact(lambda tx, statement=statement: tx.session.execute(text(statement)))  # type: ignore[misc]


def test_every_screen_says_what_it_does_not_prove() -> None:
    """The catalogue loads whole, and every screen has an innocent explanation in both languages."""
    assert catalogue()
    for screen in catalogue().values():
        assert screen.innocent["zh"]
        assert len(screen.innocent["zh"]) == len(screen.innocent["en"])
