"""SQL of checks, stays, withdrawals and fees of inquiries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal
from uuid import UUID

from sqlalchemy import text

from auction.contracts import InquiryFee, InquiryFeeShare
from auction.kernel.db import Transaction
from valuation.inquiries import correction_store

StayGround = Literal["case_deferred", "case_stayed", "materials_wrong", "other"]
WithdrawalGround = Literal[
    "application_withdrawn",
    "debt_paid",
    "title_revoked",
    "title_refused",
    "price_agreed",
    "no_sale_agreed",
    "other",
]


# Checks -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Flaw:
    """One wrong report in a check."""

    check_id: UUID
    inquiry_id: UUID
    platform_id: str
    version: int
    error: str
    note: str


async def checks_done(tx: Transaction, inquiry_id: UUID) -> int:
    """Count the checks of an inquiry."""
    found = await tx.session.execute(
        text("SELECT count(*) FROM valuation.inquiry_check WHERE inquiry_id = :id"), {"id": inquiry_id}
    )
    number: int = found.scalar_one()
    return number


async def check_is_due(tx: Transaction, inquiry_id: UUID) -> bool:
    """Whether reports wait for a check: the first ones, and what every closed demand brought."""
    return await checks_done(tx, inquiry_id) < 1 + await correction_store.demands_closed(tx, inquiry_id)


async def add_check(tx: Transaction, *, check_id: UUID, inquiry_id: UUID, checked_by: UUID) -> None:
    """Record a check; they are numbered from 1."""
    await tx.session.execute(
        text(
            "INSERT INTO valuation.inquiry_check (check_id, inquiry_id, number, checked_by, checked_at) "
            "SELECT :check_id, :inquiry_id, 1 + count(*), :checked_by, :now FROM valuation.inquiry_check "
            "WHERE inquiry_id = :inquiry_id"
        ),
        {"check_id": check_id, "inquiry_id": inquiry_id, "checked_by": checked_by, "now": tx.now},
    )


async def name_document(tx: Transaction, document_id: UUID, inquiry_id: UUID, check_id: UUID) -> bool:
    """Record by which document the reports are served after this check; ``False`` if it serves reports already."""
    found = await tx.session.execute(
        text(
            "INSERT INTO valuation.report_document (document_id, inquiry_id, check_id) "
            "VALUES (:document_id, :inquiry_id, :check_id) ON CONFLICT (document_id) DO NOTHING RETURNING 1"
        ),
        {"document_id": document_id, "inquiry_id": inquiry_id, "check_id": check_id},
    )
    return found.first() is not None


async def inquiry_served_by(tx: Transaction, document_id: UUID) -> UUID | None:
    """Give the closed inquiry whose reports, as last checked, are served by this document; ``None`` without one."""
    found = await tx.session.execute(
        text(
            "SELECT d.inquiry_id FROM valuation.report_document d JOIN valuation.inquiry i USING (inquiry_id) "
            "JOIN valuation.inquiry_check c USING (check_id) WHERE d.document_id = :id AND i.state = 'closed' "
            "AND c.number = (SELECT max(n.number) FROM valuation.inquiry_check n WHERE n.inquiry_id = d.inquiry_id)"
        ),
        {"id": document_id},
    )
    inquiry_id: UUID | None = found.scalar_one_or_none()
    return inquiry_id


async def add_flaw(tx: Transaction, flaw: Flaw) -> None:
    """Record a wrong report."""
    await tx.session.execute(
        text(
            "INSERT INTO valuation.report_flaw (check_id, inquiry_id, platform_id, version, error, note) "
            "VALUES (:check_id, :inquiry_id, :platform_id, :version, :error, :note)"
        ),
        flaw.__dict__,
    )


# Stays and withdrawal -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Stay:
    """One stay; it is open until it is ended."""

    stay_id: UUID
    inquiry_id: UUID
    ground: StayGround
    document_sha256: str


async def add_stay(tx: Transaction, stay: Stay) -> None:
    """Record that an inquiry is stayed from now."""
    await tx.session.execute(
        text(
            "INSERT INTO valuation.inquiry_stay (stay_id, inquiry_id, ground, document_sha256, stayed_at) "
            "VALUES (:stay_id, :inquiry_id, :ground, :document_sha256, :now)"
        ),
        {**stay.__dict__, "now": tx.now},
    )


async def end_stay(tx: Transaction, inquiry_id: UUID) -> bool:
    """End the open stay; ``False`` if there is none."""
    found = await tx.session.execute(
        text(
            "UPDATE valuation.inquiry_stay SET ended_at = :now WHERE inquiry_id = :id AND ended_at IS NULL RETURNING 1"
        ),
        {"id": inquiry_id, "now": tx.now},
    )
    return found.first() is not None


async def withdraw(tx: Transaction, inquiry_id: UUID, *, ground: WithdrawalGround, document_sha256: str) -> None:
    """Record that an inquiry is withdrawn, and end it."""
    await tx.session.execute(
        text(
            "INSERT INTO valuation.inquiry_withdrawal (inquiry_id, ground, document_sha256, withdrawn_at) "
            "VALUES (:id, :ground, :document_sha256, :now)"
        ),
        {"id": inquiry_id, "ground": ground, "document_sha256": document_sha256, "now": tx.now},
    )
    await tx.session.execute(
        text(
            "UPDATE valuation.inquiry SET state = 'withdrawn', amount_fen = NULL, valid_until = NULL, closed_at = :now "
            "WHERE inquiry_id = :id"
        ),
        {"id": inquiry_id, "now": tx.now},
    )


async def platforms_of(tx: Transaction, inquiry_id: UUID) -> list[tuple[str, str]]:
    """Give id and name of every platform that was asked."""
    rows = await tx.session.execute(
        text("SELECT platform_id, platform_name FROM valuation.platform_ask WHERE inquiry_id = :id ORDER BY 1"),
        {"id": inquiry_id},
    )
    return [(row.platform_id, row.platform_name) for row in rows]


async def is_reissued(tx: Transaction, inquiry_id: UUID) -> bool:
    """Whether a re-issue of this inquiry was asked, and not withdrawn."""
    found = await tx.session.execute(
        text("SELECT 1 FROM valuation.inquiry WHERE reissue_of = :id AND state <> 'withdrawn'"), {"id": inquiry_id}
    )
    return found.first() is not None


async def price_of(tx: Transaction, inquiry_id: UUID) -> tuple[UUID, date] | None:
    """Give the price that this inquiry made and the last day of its validity; ``None`` without one."""
    row = (
        await tx.session.execute(
            text("SELECT reference_price_id, valid_until FROM valuation.reference_price WHERE inquiry_id = :id"),
            {"id": inquiry_id},
        )
    ).one_or_none()
    return None if row is None else (row.reference_price_id, row.valid_until)


async def last_window_day(tx: Transaction, inquiry_id: UUID, addressees: Sequence[UUID]) -> date | None:
    """Give the last day on which anybody may object, ``None`` while an addressee is not served."""
    found = (
        await tx.session.execute(
            text(
                "SELECT count(*) AS served, max(window_ends) AS ends FROM valuation.report_service "
                "WHERE inquiry_id = :id AND party_id = ANY (:addressees)"
            ),
            {"id": inquiry_id, "addressees": list(addressees)},
        )
    ).one()
    if found.served < len(set(addressees)):
        return None
    ends: date = found.ends
    return ends


# The fee ------------------------------------------------------------------------------------------------------------


async def add_fee(tx: Transaction, fee: InquiryFee, *, document_sha256: str) -> None:
    """Record what is owed for an inquiry, once."""
    await tx.session.execute(
        text(
            "INSERT INTO valuation.inquiry_fee (inquiry_id, fee_fen, sale_price_fen, nothing_because, document_sha256, "
            "stated_at) VALUES (:inquiry_id, :fee_fen, :sale_price_fen, :nothing_because, :document_sha256, :now)"
        ),
        {
            "inquiry_id": fee.inquiry_id,
            "fee_fen": fee.fee_fen,
            "sale_price_fen": fee.sale_price_fen,
            "nothing_because": fee.nothing_because,
            "document_sha256": document_sha256,
            "now": tx.now,
        },
    )
    for share in fee.shares:
        await tx.session.execute(
            text(
                "INSERT INTO valuation.inquiry_fee_share (inquiry_id, platform_id, value_fen, difference_fen, amount_fen) "
                "VALUES (:inquiry_id, :platform_id, :value_fen, :difference_fen, :amount_fen)"
            ),
            {
                "inquiry_id": fee.inquiry_id,
                "platform_id": share.platform_id,
                "value_fen": share.value_fen,
                "difference_fen": share.difference_fen,
                "amount_fen": share.amount_fen,
            },
        )


async def fee_of(tx: Transaction, inquiry_id: UUID) -> InquiryFee | None:
    """Give what was stated to be owed for an inquiry, ``None`` before."""
    row = (
        await tx.session.execute(
            text(
                "SELECT f.*, i.case_id, i.asset_id FROM valuation.inquiry_fee f JOIN valuation.inquiry i USING (inquiry_id) "
                "WHERE f.inquiry_id = :id"
            ),
            {"id": inquiry_id},
        )
    ).one_or_none()
    if row is None:
        return None
    return InquiryFee(
        inquiry_id=inquiry_id,
        case_id=row.case_id,
        asset_id=row.asset_id,
        sale_price_fen=row.sale_price_fen,
        fee_fen=row.fee_fen,
        nothing_because=row.nothing_because,
        shares=await _shares(tx, inquiry_id),
    )


async def _shares(tx: Transaction, inquiry_id: UUID) -> tuple[InquiryFeeShare, ...]:
    rows = await tx.session.execute(
        text(
            "SELECT s.platform_id, a.platform_name, s.value_fen, s.difference_fen, s.amount_fen "
            "FROM valuation.inquiry_fee_share s JOIN valuation.platform_ask a USING (inquiry_id, platform_id) "
            "WHERE s.inquiry_id = :id ORDER BY abs(s.difference_fen), s.platform_id"
        ),
        {"id": inquiry_id},
    )
    return tuple(InquiryFeeShare(**row) for row in rows.mappings())
