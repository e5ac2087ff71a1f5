"""Seizures of before: the fund learns of the register as it stood, and old plans and claims keep what they said."""

from __future__ import annotations

from datetime import date

from migrations.run import migrate
from tests.migrations.test_forward import CONFIRMER, OFFICER, PROPOSER, SAMPLE, account, landed, run, sealed_case


def seizure(seizure_id: str, number: str, start: str, end: str, *, renews: str = "NULL", rank: int = 1) -> str:
    """A statement that lays down a seizure as the landed version did."""
    return (
        "INSERT INTO sale.seizure (seizure_id, asset_id, case_id, court, case_number, kind, rank, valid_from, valid_until, "
        f"renews, handover_ref, document_ref, recorded_at) VALUES ('{seizure_id}', '{SAMPLE}', '{SAMPLE}', '示例法院', "
        f"'{number}', 'seal', {rank}, '{start}', '{end}', {renews}, '', '裁定', now())"
    )


async def test_the_register_of_before_is_noted_in_the_fund(empty_database_url: str) -> None:
    """Own seizures and other courts', renewals and liftings stand in the fund as the register had them."""
    await landed(empty_database_url, "0031")
    await run(
        empty_database_url,
        *account(OFFICER, 3),
        sealed_case()[0],
        "INSERT INTO sale.asset (asset_id, case_id, asset_class, title, address, registry_number, in_custody, recorded_at) "
        f"VALUES ('{SAMPLE}', '{SAMPLE}', 'home', '住宅', 'a', 'n', false, now())",
        seizure(PROPOSER, "(2026)京0105执1号", "2023-01-01", "2025-12-31"),
        seizure(CONFIRMER, "(2026)京0105执1号", "2026-01-01", "2028-12-31", renews=f"'{PROPOSER}'"),
        seizure(OFFICER, "(2025)京0106执7号", "2024-01-01", "2026-12-31", rank=2),
        f"INSERT INTO sale.seizure_lift (seizure_id, lifted_on, document_ref, recorded_at) VALUES ('{OFFICER}', '2026-06-01', '裁定', now())",
    )

    await migrate(empty_database_url, "test")

    noted = await run(
        empty_database_url,
        "SELECT is_own, rank, valid_from, renews IS NOT NULL FROM fund.case_seizure ORDER BY valid_from",
    )
    assert noted == [
        (True, 1, date(2023, 1, 1), False),
        (False, 2, date(2024, 1, 1), False),
        (True, 1, date(2026, 1, 1), True),
    ]
    assert await run(empty_database_url, "SELECT lifted_on FROM fund.case_seizure_lift") == [(date(2026, 6, 1),)]
