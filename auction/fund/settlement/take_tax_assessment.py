"""Have the taxes of a sale assessed, and take the assessment as a claim; or set a reserve aside until it comes.

Seller-side taxes of this sale come off the proceeds (网拍 30); no final plan before the assessment, or with a
reserve for it (practice 28). A reserve that was too small is corrected by a second plan, never by the tax office's money.
"""

from __future__ import annotations

from typing import Literal
from uuid import UUID

import msgspec

from auction.fund.case_file import require_party
from auction.fund.claims import store as claim_store
from auction.fund.claims.claims import OFFICERS, ClaimKind, tax_claim_id
from auction.fund.claims.tables import ClaimRow, TaxAssessmentRow
from auction.fund.claims.tax_office import Assessment, AssessmentAsked, TaxOffice
from auction.fund.deposits.purchases import purchase_view
from auction.fund.deposits.store import add, clear_alarm, raise_alarm
from auction.fund.gateway import ProviderRefused
from auction.fund.ledger.accounts import Account, AccountKind
from auction.fund.ledger.entries import Cause, Posting, book
from auction.fund.ledger.post_entry import post_entry
from auction.fund.ledger.store import available_in
from auction.fund.look_again import look_again
from auction.fund.plans import store as plan_store
from auction.fund.plans.payables import payable_account
from auction.fund.settlement.record_claim import RecordClaim, add_claim
from auction.kernel.actors import Actor, require_role
from auction.kernel.db import Command, Database, Transaction
from auction.kernel.errors import Conflict
from auction.kernel.ids import named_id
from auction.kernel.jobs import Job, enqueue
from auction.kernel.money import Money, total

ASK_ASSESSMENT = "fund.ask_assessment"
TAX_REFUSED = "tax_refused"
"""Alarm: the tax office refused to assess; an officer must ask it by letter."""


class AssessmentDiffers(Conflict):
    """The sale's taxes were assessed already."""

    code = "assessment_differs"
    article = "网拍 30"
    zh = "本次处置的税费已经核定。"
    en = "The taxes of this sale are assessed already."


class AskTaxAssessment(Command, frozen=True, kw_only=True):
    """Ask the tax office for the seller-side taxes of this purchase; it is the payee as a party of the case."""

    round_id: UUID
    tax_party_id: UUID
    tax_person_id: UUID
    asset_class: str
    seller_kind: Literal["individual", "organisation"]
    held_years: int = 0
    sole_home: bool = False
    cost_fen: int = 0


class ReserveTaxes(Command, frozen=True, kw_only=True):
    """Set this much aside for taxes that are not assessed yet."""

    round_id: UUID
    amount_fen: int
    reason: str


class TaxAsked(msgspec.Struct, frozen=True, kw_only=True):
    """Payload of the job that asks for an assessment; ``look`` counts the looks."""

    assessment_id: UUID
    look: int = 0


def tax_known(row: TaxAssessmentRow | None) -> tuple[Money | None, Money | None]:
    """Give what is reserved for a sale's taxes and what is assessed, as they stand; ``None`` where there is none."""
    if row is None or row.seller_fen is None:
        return None, None
    amount = Money(row.seller_fen)
    return (amount, None) if row.state == "reserved" else (None, amount)


async def ask_tax_assessment(db: Database, actor: Actor, command: AskTaxAssessment) -> UUID:
    """Ask, and give the assessment's id; once per purchase. Raises `PurchaseUnknown`, `PartyNotOfCase`."""
    require_role(actor, *OFFICERS)

    async def work(tx: Transaction) -> UUID:
        purchase = await purchase_view(tx, command.round_id)
        await tx.about_case(purchase.case_id)
        await require_party(
            tx, case_id=purchase.case_id, party_id=command.tax_party_id, person_id=command.tax_person_id
        )
        known = await claim_store.tax_of_round(tx, command.round_id)
        if known is not None:
            return known.assessment_id
        assessment_id = named_id("tax assessment", str(command.round_id))
        asked = AssessmentAsked(
            key=f"tax:{assessment_id}",
            sale_ref=str(command.round_id),
            asset_class=command.asset_class,
            price_fen=purchase.hammer_price_fen,
            seller_kind=command.seller_kind,
            held_years=command.held_years,
            sole_home=command.sole_home,
            cost_fen=command.cost_fen,
        )
        row = TaxAssessmentRow(
            assessment_id=assessment_id,
            case_id=purchase.case_id,
            round_id=command.round_id,
            request_key=asked.key,
            request=msgspec.to_builtins(asked),
            party_id=command.tax_party_id,
            person_id=command.tax_person_id,
            state="asked",
            asked_at=tx.now,
        )
        await add(tx, row)
        await enqueue(tx, ASK_ASSESSMENT, TaxAsked(assessment_id=assessment_id))
        return assessment_id

    return await db.carry_out(actor, command, work, UUID)


async def reserve_taxes(db: Database, actor: Actor, command: ReserveTaxes) -> UUID:
    """Set a reserve aside while the office is silent, and give the assessment's id.

    Raises `AmountNotPositive` (nothing set aside is no reserve), `AssessmentDiffers`.
    """
    require_role(actor, *OFFICERS)
    Money.positive(command.amount_fen)

    async def work(tx: Transaction) -> UUID:
        purchase = await purchase_view(tx, command.round_id)
        await tx.about_case(purchase.case_id)
        row = await claim_store.tax_of_round(tx, command.round_id)
        if row is None or row.state != "asked":
            raise AssessmentDiffers(round_id=command.round_id)
        row.state, row.seller_fen = "reserved", command.amount_fen
        row.claim_id = await claim_for_office(
            tx, row, command.amount_fen, state=row.state, basis=f"税费预留：{command.reason}", sha256="-"
        )
        await tx.session.flush()
        return row.assessment_id

    return await db.carry_out(actor, command, work, UUID)


async def handle_ask_assessment(db: Database, office: TaxOffice, job: Job) -> None:
    """Ask the office, take its answer, and look again while it is pending."""
    asked = job.decode(TaxAsked)
    async with db.reading() as tx:
        row = await tx.session.get(TaxAssessmentRow, asked.assessment_id)
    if row is None or row.state == "assessed":
        return
    try:
        seen = await office.assess(msgspec.convert(row.request, AssessmentAsked))
    except ProviderRefused:
        seen = Assessment(state="refused")
    if seen.state == "pending":
        again = TaxAsked(assessment_id=asked.assessment_id, look=asked.look + 1)
        await db.transact(lambda tx: look_again(tx, ASK_ASSESSMENT, again, look=asked.look))
    else:
        await db.transact(lambda tx: take_tax_assessment(tx, asked.assessment_id, seen))


async def take_tax_assessment(tx: Transaction, assessment_id: UUID, seen: Assessment) -> None:
    """Take the office's answer once: the claim replaces a reserve that no plan has settled yet."""
    found = await tx.session.get(TaxAssessmentRow, assessment_id)
    if found is None or found.state == "assessed":
        return
    await tx.about_case(found.case_id)
    row = await tx.session.get(TaxAssessmentRow, assessment_id, populate_existing=True)
    assert row is not None, "an assessment is never deleted"
    if row.state == "assessed":
        return
    if seen.state == "refused":
        await raise_alarm(tx, TAX_REFUSED, assessment_id, case_id=row.case_id, detail="refused")
        return
    total_fen = sum(head.amount_fen for head in seen.heads)
    reserve = row.claim_id
    settled_fen = await withdraw_office_claim(tx, row)
    await _free_reserve(tx, row, reserve, Money(max(0, settled_fen - total_fen)))
    row.state, row.seller_fen, row.assessed_at = "assessed", total_fen, tx.now
    row.lines, row.document_sha256 = msgspec.to_builtins(seen.heads), seen.document_sha256
    row.claim_id = await claim_for_office(
        tx, row, total_fen - settled_fen, state=row.state, basis="税费核定", sha256=seen.document_sha256
    )
    await tx.session.flush()
    await clear_alarm(tx, TAX_REFUSED, assessment_id)


async def _free_reserve(tx: Transaction, row: TaxAssessmentRow, claim_id: UUID | None, above: Money) -> None:
    """Give what was reserved above the assessment back to the proceeds, for the next plan; a reserve is not paid before."""
    if claim_id is None or not above:
        return
    postings: list[Posting] = []
    for line in await plan_store.settled_lines_of_claim(tx, claim_id):
        account = payable_account(row.case_id, line)
        freed = Money(min(above.fen, (await available_in(tx, account)).fen))
        above -= freed
        postings += [Posting(account, freed)] if freed else []
    freed_in_all = total([posting.amount for posting in postings])
    if freed_in_all:
        postings.append(Posting(Account(AccountKind.PROCEEDS, row.case_id), -freed_in_all))
        key = f"reserve-freed:{row.assessment_id}"
        await post_entry(tx, book(key, Cause.SHARE_FALLEN, postings, case_id=row.case_id, subject_id=row.assessment_id))


async def withdraw_office_claim(tx: Transaction, row: TaxAssessmentRow) -> int:
    """Withdraw the office's claim, or the reserve, and give what settled plans already paid on it, in fen."""
    if row.claim_id is None:
        return 0
    settled = await plan_store.paid_on_claim(tx, row.claim_id)
    claim = await tx.session.get(ClaimRow, row.claim_id)
    if claim is not None and claim.state == "recorded":
        claim.state = "withdrawn"
        await tx.session.flush()
    return settled.fen


async def claim_for_office(
    tx: Transaction, row: TaxAssessmentRow, fen: int, *, state: str, basis: str, sha256: str
) -> UUID | None:
    """Record what the tax office is owed and give the claim; nothing owed is no claim. ``state`` names what it stands for."""
    if fen <= 0:
        return None
    claim_id = tax_claim_id(row.assessment_id, state)
    claim = RecordClaim(
        command_id=claim_id,
        claim_id=claim_id,
        case_id=row.case_id,
        party_id=row.party_id,
        person_id=row.person_id,
        kind=ClaimKind.SALE_TAX,
        amount_fen=fen,
        basis=basis,
        evidence_sha256=sha256,
    )
    await add_claim(tx, claim)
    return claim_id
