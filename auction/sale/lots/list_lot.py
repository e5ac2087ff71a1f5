"""List a lot: propose its terms, lint them, and put them to the panel."""

from __future__ import annotations

from uuid import UUID

import msgspec

from auction.fund.deposits.deposits import CardPolicy
from auction.fund.plans.assets import note_lot
from auction.kernel.actors import Actor, Role, require_role
from auction.kernel.db import Command, Database, Transaction
from auction.kernel.ids import named_id
from auction.sale.cases import store as cases
from auction.sale.columns import add
from auction.sale.lots import store
from auction.sale.lots.keep_applications import keep_listing, keep_refused_listing
from auction.sale.lots.lint import Finding, ListingUnlawful, lint, refuse_blocking
from auction.sale.lots.lots import AssetAlreadyListed, LotState, Terms, check_move, check_terms
from auction.sale.lots.panel import ListingProposal
from auction.sale.lots.tables import ListingRow, LotRow


class ListLot(Command, frozen=True, kw_only=True):
    """Propose these terms; the first time it also makes the lot, later (rejected, failed, defaulted) a new version."""

    lot_id: UUID
    case_id: UUID
    asset_id: UUID
    terms: Terms


class Listed(msgspec.Struct, frozen=True, kw_only=True):
    """The listing's version, the question to the panel, and the hints that remain."""

    lot_id: UUID
    version: int
    question_id: UUID
    findings: tuple[Finding, ...]


async def list_lot(db: Database, actor: Actor, command: ListLot, *, policy: CardPolicy | None = None) -> Listed:
    """Store the terms and ask the panel; ``policy`` is what was arranged for cards, ``None``: nothing.

    Raises: `TermsMalformed`, `AssetAlreadyListed`, `MoveNotAllowed`, `PanelUnknown`, and `ListingUnlawful`, which
    carries every blocking finding. Source: 网拍 6, 10, 12, 17, 27; 238号.
    """
    require_role(actor, Role.CASE_HANDLER, Role.JUDGE_ASSISTANT)
    check_terms(command.terms)

    async def work(tx: Transaction) -> Listed:
        await tx.about_case(command.case_id)
        lot = await _lot(tx, command)
        check_move(lot.state, LotState.LISTED)
        subject = await store.lint_subject(
            tx,
            case_id=command.case_id,
            asset_id=command.asset_id,
            lot_id=command.lot_id,
            terms=command.terms,
            policy=policy,
        )
        findings = lint(subject)
        refuse_blocking(findings)
        await keep_listing(
            tx, actor, findings, command_id=command.command_id, case_id=command.case_id, lot_id=command.lot_id
        )
        return await _store(tx, actor, lot, command, findings)

    try:
        return await db.carry_out(actor, command, work, Listed)
    except ListingUnlawful as refusal:
        await keep_refused_listing(
            db, actor, refusal, command_id=command.command_id, case_id=command.case_id, lot_id=command.lot_id
        )
        raise


async def _lot(tx: Transaction, command: ListLot) -> LotRow:
    """Give the asset's lot, made now if this is its first listing."""
    asset = await cases.asset_row(tx, command.case_id, command.asset_id)
    held = await store.lot_of_asset(tx, command.asset_id)
    if held is not None:
        if held.lot_id != command.lot_id:
            raise AssetAlreadyListed(lot_id=held.lot_id)
        return held
    row = LotRow(
        lot_id=command.lot_id,
        case_id=command.case_id,
        asset_id=command.asset_id,
        state=LotState.DRAFT.value,
        listing_version=0,
        created_at=tx.now,
    )
    await add(tx, row)
    await note_lot(tx, lot_id=row.lot_id, case_id=row.case_id, asset_id=row.asset_id, title=asset.title)
    return row


async def _store(tx: Transaction, actor: Actor, lot: LotRow, command: ListLot, findings: tuple[Finding, ...]) -> Listed:
    price = await cases.newest_price(tx, command.asset_id)
    assert price is not None, "the lint refused a listing without a reference price"
    version = lot.listing_version + 1
    question = await store.put(
        tx,
        question_id=named_id("listing", str(command.lot_id), str(version)),
        case_id=command.case_id,
        lot_id=command.lot_id,
        proposal=ListingProposal(lot_id=command.lot_id, version=version, terms=command.terms),
    )
    terms = command.terms
    listing = ListingRow(
        lot_id=command.lot_id,
        version=version,
        kind=terms.kind,
        reference_price_id=price.reference_price_id,
        reserve_fen=terms.reserve_fen,
        deposit_fen=terms.deposit_fen,
        increment_fen=terms.increment_fen,
        opens_at=terms.opens_at,
        closes_at=terms.closes_at,
        terms=msgspec.to_builtins(terms),
        findings=msgspec.to_builtins(findings),
        question_id=question.question_id,
        listed_by=actor.account_id,
        listed_at=tx.now,
    )
    await add(tx, listing)
    lot.listing_version = version
    await store.move_lot(tx, lot, LotState.LISTED, actor)
    return Listed(lot_id=command.lot_id, version=version, question_id=question.question_id, findings=findings)
