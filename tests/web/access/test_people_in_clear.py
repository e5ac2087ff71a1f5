"""Whom a case is about stands in no table in clear, and in no line of any log (security 8, style: logs)."""

from __future__ import annotations

import base64
import json
import logging
from collections.abc import Iterator, Mapping

import pytest
from litestar import Litestar

from auction.fund.payouts.disbursements import Step
from auction.kernel.actors import Actor, Role
from auction.kernel.db import Database
from tests.web.access.matrix import door_of
from tests.web.access.surface import PEOPLE, KnownCourt, Route, known_ids, routes_of
from tests.web.access.whole_site import client_of
from tests.web.conftest import bearer
from web.demonstration.people import APPLICANT, DEBTOR, person
from web.wiring import Wiring

BUYER, LOSER = person("bidder1"), person("bidder4")
COURT = "北京市示例区人民法院"
READERS = (Role.CASE_HANDLER, Role.CLERK, Role.FINANCE, Role.SUPERVISOR, Role.PARTY, Role.BIDDER)
ACCOUNTS = [f"622200001111{number:04d}" for number in range(4)]
"""Accounts of payees, as the made-up court records them."""


class WatchedCourt(KnownCourt):
    """A court of this test alone, so that every step is taken here and none comes from a stage that was kept."""


def secrets_of_people() -> Iterator[tuple[str, str]]:
    """Give what may stand nowhere: names and numbers of parties and bidders, accounts of payees; with what it is."""
    for who, one in (("applicant", APPLICANT), ("debtor", DEBTOR), ("buyer", BUYER), ("loser", LOSER)):
        yield f"name of the {who}", one.name
        yield f"identity number of the {who}", one.identity_number
    for number, account in enumerate(ACCOUNTS, start=1):
        yield f"account of payee {number}", account


def spellings(secret: str) -> Iterator[str]:
    """Give the ways in which a text may lie in a row: as it is, escaped in JSON, in bytes, in base 64 at any offset."""
    content = secret.encode()
    yield secret
    yield json.dumps(secret)[1:-1]
    yield content.hex()
    for offset in range(3):
        inside = base64.b64encode(b"\0" * offset + content)[4 if offset else 0 :]
        yield inside[: len(content) // 3 * 4 - 4].decode()


async def columns_with(court: KnownCourt, secrets: Mapping[str, str]) -> set[tuple[str, str]]:
    """Give the columns of all tables in which one of these texts stands, with what it is."""
    columns = await court.rows(
        "SELECT c.table_schema AS of_schema, c.table_name AS of_table, c.column_name AS named FROM information_schema.columns c "
        "JOIN information_schema.tables USING (table_schema, table_name) WHERE table_type = 'BASE TABLE' "
        "AND table_schema NOT IN ('pg_catalog', 'information_schema') "
        "AND data_type IN ('text', 'character varying', 'json', 'jsonb', 'bytea', 'ARRAY', 'USER-DEFINED')"
    )
    asked = " UNION ALL ".join(
        f"SELECT '{c.of_schema}.{c.of_table}.{c.named}' AS place WHERE EXISTS "
        f'(SELECT FROM "{c.of_schema}"."{c.of_table}" WHERE "{c.named}"::text LIKE ANY (:spelt))'
        for c in columns
    )
    found: set[tuple[str, str]] = set()
    for what, secret in secrets.items():
        held = await court.rows(asked, spelt=[f"%{one}%" for one in spellings(secret)])
        found |= {(row.place, what) for row in held}
    return found


async def whole_case(court: KnownCourt) -> None:
    """Go from the opening of a case to money paid out."""
    await court.settled()
    await court.assessed()
    payout = await court.prepared("ordinary")
    await court.signed(payout, Step.APPROVE, Step.CHECK, Step.PAY)


def pages_for(app: Litestar, role: Role) -> Iterator[Route]:
    """Give the pages and queries about something that a role is let in to."""
    for route in routes_of(app):
        if route.method == "GET" and route.parameters and role.value in door_of(route.handler):
            yield route


@pytest.mark.slow
@pytest.mark.timeout(400)
async def test_nobody_stands_in_clear_in_tables_or_logs(
    surface: tuple[Wiring, Litestar],
    database: Database,
    database_url: str,
    people: dict[str, Actor],
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    """After a whole case and a look at it by officers, a party and a bidder, no column and no log line holds a name, a number or an account."""
    caplog.set_level(logging.INFO)
    court = WatchedCourt(database, database_url, people)
    await whole_case(court)
    app = surface[1]
    known = await known_ids(court)
    async with client_of(app) as client:
        for role in READERS:
            headers = await bearer(client, PEOPLE[role])
            for route in pages_for(app, role):
                await client.get(route.at(known), headers=headers)
        shown = await client.get(f"/court/cases/{court.case_id}", headers=await bearer(client, "judge1"))
        capfd_text = capfd.readouterr()
    secrets = dict(secrets_of_people())
    logged = capfd_text.out + capfd_text.err + caplog.text

    public = {"court": COURT, "id of the case": str(court.case_id)}
    assert shown.status_code == 200, "somebody has read the file"
    assert logged, "something was logged"
    in_clear = {("sale.case_file.court", "court"), ("kernel.job.payload", "id of the case")}
    assert in_clear <= await columns_with(court, public), "what may stand in clear is found, as text and in bytes"
    assert {what for what, secret in secrets.items() if any(one in logged for one in spellings(secret))} == set()
    assert await columns_with(court, secrets) == set()
