"""Migrations forward: what stood in a landed database is still right after the newest version."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import create_async_engine

import migrations
from migrations.run import migrate

LANDED = "0006"
OFFICER = "00000000-0000-7000-8000-00000000000a"
SAMPLE = "00000000-0000-7000-8000-00000000000b"
PROPOSER, CONFIRMER = "00000000-0000-7000-8000-00000000000c", "00000000-0000-7000-8000-00000000000d"


async def landed(url: str) -> None:
    """Bring an empty database to the version that was landed first, stamped *test*."""

    def upgrade(connection: Connection) -> None:
        config = Config()
        config.set_main_option("script_location", str(Path(migrations.__file__).parent))
        config.set_main_option("path_separator", "os")
        config.attributes["connection"] = connection
        command.upgrade(config, LANDED)

    engine = create_async_engine(url)
    async with engine.begin() as connection:
        await connection.run_sync(upgrade)
        await connection.execute(text("INSERT INTO kernel.installation (stamp) VALUES ('test')"))
    await engine.dispose()


async def run(url: str, *statements: str) -> list[tuple[object, ...]]:
    """Run statements in one transaction; gives the rows of the last one."""
    engine = create_async_engine(url)
    async with engine.begin() as connection:
        answers = [await connection.execute(text(statement)) for statement in statements]
        rows = [tuple(row) for row in answers[-1].all()] if answers[-1].returns_rows else []
    await engine.dispose()
    return rows


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
