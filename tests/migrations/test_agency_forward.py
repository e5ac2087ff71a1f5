"""Prices of before 0067: each appraisal's price learns whose report it was, and no other price does."""

from __future__ import annotations

from uuid import UUID

import pytest
from sqlalchemy.exc import DBAPIError

from migrations.run import migrate
from tests.migrations.test_forward import landed, run

BEFORE = "0068"
"""The version under 0067 in the line."""
DIGEST = "a" * 64


def numbered(kind: int, number: int) -> str:
    """Make an id that reads in a failure: its kind and number."""
    return f"{kind:08d}-0000-7000-8000-{number:012d}"


def price(number: int, method: str, *, is_of_valuation: bool = True) -> list[str]:
    """Statements that lay down a price in both registers, with its step of the same number."""
    one, step = numbered(1, number), numbered(2, number)
    taken = (
        "INSERT INTO sale.reference_price (reference_price_id, case_id, asset_id, method, amount_fen, fixed_at, valid_until, "
        f"evidence_sha256, taken_at) VALUES ('{one}', '{one}', '{one}', '{method}', 1, now(), '2027-01-01', '{DIGEST}', now())"
    )
    fixed = (
        "INSERT INTO valuation.reference_price (reference_price_id, case_id, asset_id, method, step_id, amount_fen, fixed_at, "
        f"valid_until, evidence_sha256) VALUES ('{one}', '{one}', '{one}', '{method}', '{step}', 1, now(), '2027-01-01', '{DIGEST}')"
    )
    return [taken, fixed] if is_of_valuation else [taken]


def mandate(number: int, ordinal: int, agency: int) -> str:
    """A statement that lays down the mandate of an appraisal to an agency."""
    return (
        "INSERT INTO valuation.appraisal_mandate (mandate_id, appraisal_id, ordinal, agency_id, mandated_at) "
        f"VALUES (gen_random_uuid(), '{numbered(2, number)}', {ordinal}, '{numbered(3, agency)}', now())"
    )


async def test_appraisals_of_before_name_the_agency_of_their_newest_mandate(empty_database_url: str) -> None:
    """One mandate: its agency; three: the newest's, in whatever order they lie; another method, or no appraisal on record: none."""
    await landed(empty_database_url, BEFORE)
    await run(
        empty_database_url,
        "SET LOCAL session_replication_role = replica",  # the rows that these rest on are of no interest here
        *price(1, "entrusted_appraisal"),
        mandate(1, 1, agency=1),
        *price(2, "entrusted_appraisal"),
        *(mandate(2, ordinal, agency=ordinal) for ordinal in (2, 3, 1)),
        *price(3, "agreement"),
        mandate(3, 1, agency=1),
        *price(4, "entrusted_appraisal"),
        *price(5, "entrusted_appraisal", is_of_valuation=False),
        mandate(5, 1, agency=1),
    )

    await migrate(empty_database_url, "test")

    named = "SELECT agency_id FROM sale.reference_price ORDER BY reference_price_id"
    assert [row[0] for row in await run(empty_database_url, named)] == [
        UUID(numbered(3, 1)),
        UUID(numbered(3, 3)),
        None,
        None,
        None,
    ]


async def test_prices_are_kept_again_after_the_backfill(empty_database_url: str) -> None:
    """The trigger that was set aside for it holds again: nobody changes a price, its agency neither."""
    await landed(empty_database_url, BEFORE)
    await run(
        empty_database_url,
        "SET LOCAL session_replication_role = replica",
        *price(1, "entrusted_appraisal"),
        mandate(1, 1, 1),
    )
    await migrate(empty_database_url, "test")

    with pytest.raises(DBAPIError, match="append"):
        await run(empty_database_url, f"UPDATE sale.reference_price SET agency_id = '{numbered(3, 2)}'")
