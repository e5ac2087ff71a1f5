"""Migrations forward: what stood in a landed database is still right after the newest version."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine

import migrations
from auction.kernel.actors import Actor, Role
from auction.kernel.db import Database
from auction.kernel.ids import AccountId, PersonId, named_id, new_id
from auction.kernel.move_clock import move_clock
from auction.kernel.sealing import Sealer
from migrations.run import migrate
from valuation.inquiries.corrections.check_reports import CheckReports, check_reports
from valuation.objections.fix_reference_price import fix_reference_price

LANDED = "0006"
OFFICER = "00000000-0000-7000-8000-00000000000a"
SAMPLE = "00000000-0000-7000-8000-00000000000b"
PROPOSER, CONFIRMER = "00000000-0000-7000-8000-00000000000c", "00000000-0000-7000-8000-00000000000d"


async def landed(url: str, version: str = LANDED) -> None:
    """Bring an empty database to a version that was landed (the first of them), stamped *test*."""

    def upgrade(connection: Connection) -> None:
        config = Config()
        config.set_main_option("script_location", str(Path(migrations.__file__).parent))
        config.set_main_option("path_separator", "os")
        config.attributes["connection"] = connection
        command.upgrade(config, version)

    engine = create_async_engine(url)
    async with engine.begin() as connection:
        await connection.run_sync(upgrade)
        await connection.execute(text("INSERT INTO kernel.installation (stamp) VALUES ('test')"))
    await engine.dispose()


async def run(url: str, *statements: str) -> list[tuple[object, ...]]:
    """Run statements in one transaction; gives the rows of the last one."""
    engine = create_async_engine(url)
    try:
        async with engine.begin() as connection:
            answers = [await connection.execute(text(statement)) for statement in statements]
            return [tuple(row) for row in answers[-1].all()] if answers[-1].returns_rows else []
    finally:
        await engine.dispose()


def account(account_id: str, number: int, *, is_sample: bool = False) -> tuple[str, str]:
    """Statements that lay down a person and his account as the landed version did."""
    person = (
        "INSERT INTO kernel.person (person_id, kind, identity_commitment, masked, created_at) "
        f"VALUES ('{account_id}', 'natural', 'c{number}', '某**', now())"
    )
    opened = (
        "INSERT INTO web.account (account_id, person_id, username, password_hash, is_sample, opened_at) "
        f"VALUES ('{account_id}', '{account_id}', 'person{number}', '$argon2id$x', {is_sample}, now())"
    )
    return person, opened


async def test_lenders_before_institutions_were_named(empty_database_url: str) -> None:
    """A product keeps its one lender, the sample officer acts for it, and a real grant of before opens nothing."""
    people = [account(PROPOSER, 1), account(CONFIRMER, 2), account(OFFICER, 3), account(SAMPLE, 4, is_sample=True)]
    await landed(empty_database_url)
    await run(
        empty_database_url,
        *(statement for pair in people for statement in pair),
        "INSERT INTO web.role_grant VALUES (gen_random_uuid(), "
        f"'{SAMPLE}', 'lender', 'sample', NULL, now(), NULL, now(), NULL, NULL)",
        "INSERT INTO web.role_grant VALUES (gen_random_uuid(), "
        f"'{OFFICER}', 'lender', 'two_administrators', '{PROPOSER}', now(), '{CONFIRMER}', now(), NULL, NULL)",
        "INSERT INTO fund.loan_product VALUES "
        "('home-30', '示范商业银行', '法拍贷', 'auction loan', 'equal_instalments', '385/10000', '7/10', 360, true)",
    )

    await migrate(empty_database_url, "test")

    assert await run(empty_database_url, "SELECT lender_id FROM fund.loan_product") == [("lender-1",)]
    grants = await run(empty_database_url, "SELECT basis, institution FROM web.role_grant ORDER BY basis")
    assert grants == [("sample", "lender-1"), ("two_administrators", None)]


def sealed_case() -> list[str]:
    """Statements that lay down one sealed document, and one that was asked for, as the landed version did."""
    case = (
        "INSERT INTO sale.case_file (case_id, case_number, court, court_code, handler_person_id, handler_name, telephone, "
        "supervision_telephone, instrument, instrument_number, instrument_court, instrument_is_secret, "
        "case_account_number, opened_at) "
        f"VALUES ('{SAMPLE}', '(2026)京0105执1号', '示例法院', '京0105', '{OFFICER}', '李示例', '1', '2', '判决书', 'n', "
        "'示例法院', false, '6222', now())"
    )
    paper = (
        "INSERT INTO sale.document (document_id, case_id, kind, title, body_sealed, body_sha256, needs_seal, issued_by, "
        "issued_at) VALUES ('{}', '"
        + SAMPLE
        + "', 'other', '函', 'x', repeat('a', 64), true, '"
        + OFFICER
        + "', now())"
    )
    return [
        case,
        *(paper.format(document) for document in (PROPOSER, CONFIRMER)),
        *(f"INSERT INTO sale.seal_request VALUES ('{document}', now())" for document in (PROPOSER, CONFIRMER)),
        f"INSERT INTO sale.document_seal VALUES ('{PROPOSER}', 'sandbox-1', 'signature', now())",
    ]


async def test_marks_before_the_seal_service_are_kept(empty_database_url: str) -> None:
    """A mark of before stays as it was, an asking of before is a first attempt, and code that knows no attempts still asks."""
    await landed(empty_database_url)
    await run(empty_database_url, *account(OFFICER, 3), *sealed_case())

    await migrate(empty_database_url, "test")
    await run(
        empty_database_url,
        sealed_case()[1].replace(PROPOSER, SAMPLE, 1),
        f"INSERT INTO sale.seal_request (document_id, requested_at) VALUES ('{SAMPLE}', now())",
    )

    marks = await run(
        empty_database_url, "SELECT seal_ref, signature, signed_document, public_key FROM sale.document_seal"
    )
    assert marks == [("sandbox-1", "signature", None, None)]
    assert await run(empty_database_url, "SELECT attempt FROM sale.seal_request") == [(1,), (1,), (1,)]


FEATURES = (
    '{"asset_class": "home", "city": "c", "district": "d", "address": "a", "area_cm2": 1, "built_year": 2009, '
    '"floor": 1, "floors": 1, "orientation": "o", "decoration": "n"}'
)
INQUIRY, PARTY = "00000000-0000-7000-8000-00000000000e", "00000000-0000-7000-8000-00000000000f"


def served_inquiry() -> list[str]:
    """Statements that lay down an inquiry whose one report was served, as the version before its completion did."""
    inquiry = (
        "INSERT INTO valuation.inquiry (inquiry_id, case_id, asset_id, ground, features, addressees, state, started_at, "
        f"closed_at, amount_fen, valid_until) VALUES ('{INQUIRY}', '{SAMPLE}', '{SAMPLE}', '参考价 7', '{FEATURES}', "
        f"ARRAY['{PARTY}'::uuid], 'closed', '2026-09-01T01:00Z', '2026-09-04T16:00Z', 500, '2027-06-30')"
    )
    ask = (
        f"INSERT INTO valuation.platform_ask VALUES ('{INQUIRY}', 'p1', '平台', '2026-09-01T01:00Z', '2026-09-01T01:00Z', "
        "'2026-09-04T16:00Z', 'in_time')"
    )
    report = (
        f"INSERT INTO valuation.platform_report VALUES ('{INQUIRY}', 'p1', '2026-09-02T01:00Z', true, 500, '2027-06-30', "
        "ARRAY['past_deals'], '{}', repeat('a', 64))"
    )
    service = (
        "INSERT INTO valuation.report_service (inquiry_id, party_id, service_id, effective_on, window_ends) "
        f"VALUES ('{INQUIRY}', '{PARTY}', '{PROPOSER}', '2026-09-07', '2026-09-12')"
    )
    return [inquiry, ask, report, service]


async def test_inquiry_served_before_its_check_comes_to_its_price(empty_database_url: str, sealer: Sealer) -> None:
    """Reports of before are checked, and what was served before needs no second service: the price is due at once."""
    await landed(empty_database_url, "0015")
    await run(empty_database_url, *served_inquiry())
    await migrate(empty_database_url, "test")
    db = Database(empty_database_url, sealer)
    try:
        await move_clock(db, to=datetime(2027, 3, 1, tzinfo=UTC), freeze=True)
        handler = Actor(
            account_id=AccountId(UUID(OFFICER)), person_id=PersonId(UUID(OFFICER)), roles=frozenset({Role.CASE_HANDLER})
        )
        document_id = named_id("reports")
        checked = CheckReports(command_id=new_id(), inquiry_id=UUID(INQUIRY), document_id=document_id)
        await check_reports(db, handler, checked)
        price = await fix_reference_price(db, UUID(INQUIRY))
    finally:
        await db.close()

    planned = await run(
        empty_database_url, "SELECT due_at FROM kernel.job WHERE kind = 'valuation.fix_reference_price'"
    )
    assert planned == [(datetime(2027, 3, 1, tzinfo=UTC),)]
    assert price.amount_fen == 500


async def test_documents_that_served_reports_before_serve_nothing_else(empty_database_url: str) -> None:
    """What a check of before named is on file: the first report that it served, and none where the check named none."""
    first, second, document = (f"00000000-0000-7000-8000-0000000000{end}" for end in ("a1", "a2", "a3"))
    passed = (
        "INSERT INTO valuation.appraisal_event VALUES ('"
        + SAMPLE
        + "', {}, '{}', {}, NULL, '2026-09-0{}T01:00Z', '"
        + OFFICER
        + "', '{}')"
    )
    named = f'{{"event": "check_passed", "document_id": "{document}"}}'
    await landed(empty_database_url, "0022")
    await run(
        empty_database_url,
        "INSERT INTO valuation.method_step (step_id, case_id, asset_id, ordinal, method, ground, opened_at) VALUES "
        f"('{SAMPLE}', '{SAMPLE}', '{SAMPLE}', 1, 'entrusted_appraisal', '参考价 14', now())",
        f"INSERT INTO valuation.appraisal VALUES ('{SAMPLE}', '{SAMPLE}', '{SAMPLE}', NULL, now())",
        passed.format(1, "started", "NULL", 1, "{}"),
        passed.format(2, "check_passed", f"'{first}'", 2, named),
        passed.format(3, "check_passed", f"'{second}'", 3, named),
        passed.format(4, "check_passed", f"'{PROPOSER}'", 4, '{"event": "check_passed", "document_id": null}'),
    )
    await migrate(empty_database_url, "test")

    found = await run(
        empty_database_url, "SELECT document_id, paper_id, objection_id FROM valuation.appraisal_service_document"
    )
    assert found == [(UUID(document), UUID(first), None)]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE valuation.inquiry SET addressees = ARRAY[gen_random_uuid()]",
        "UPDATE valuation.platform_ask SET asked_at = now()",
        "UPDATE valuation.platform_ask SET received_at = now()",
        "DELETE FROM valuation.platform_ask",
        "DELETE FROM valuation.inquiry",
        "TRUNCATE valuation.inquiry CASCADE",
        "TRUNCATE valuation.inquiry_stay",
        "TRUNCATE valuation.correction_demand CASCADE",
    ],
)
async def test_inquiries_only_move_on(database_url: str, statement: str) -> None:
    """Who was asked about what, and when it reached him, stays; no row disappears."""
    await run(database_url, *served_inquiry()[:2])

    with pytest.raises(DBAPIError):
        await run(database_url, statement)
