"""Read what forms know of a case: all of it, or what the steps about money need (rules: `known`)."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

import msgspec

from auction.fund.acts.store import waiting_acts
from auction.fund.alarms.store import ringing_in_case
from auction.fund.bills.store import bills_of_case
from auction.fund.case_contents import contents_of_case
from auction.fund.claims import store as claim_store
from auction.fund.forfeits.forfeited_of_case import forfeited_held, forfeited_shown
from auction.fund.ledger.views import case_fund_shown
from auction.fund.plans import store as plan_store
from auction.fund.set_offs.views import waiting_set_offs
from auction.fund.settlement.propose_plan import distributable
from auction.fund.settlement.views import plan_objections, taxes_of_case
from auction.fund.stays.stays import referral_shown
from auction.fund.undoings.store import undoings_of_case
from auction.kernel.clock import local_day
from auction.kernel.db import Transaction
from auction.kernel.errors import Refusal
from auction.kernel.money import ZERO, Money
from auction.kernel.persons import masked_of_all, name_of
from auction.sale.cases import store as cases
from auction.sale.guards.store import open_objections
from auction.sale.joining.store import applications_of_case
from auction.sale.links import store as links
from auction.sale.lots import store as lots
from auction.sale.lots.case_lots import told_parties
from auction.sale.lots.panel_file import question_file
from auction.sale.registers.declared_store import declarations_of
from auction.sale.rounds import store as rounds
from valuation.appraisals.store import files_of_case
from valuation.facts.require_facts import missing_for_price
from valuation.facts.store import facts_of, papers_of, questions_of
from valuation.objections.supervise_price import open_supervisions
from valuation.ways.ways import way_of
from web.auth.store import holders_of
from web.pages.case_file import CaseFile, file_of, money_file_of
from web.pages.steps.choosing import read_choosing
from web.pages.steps.known import (
    LISTED_ROLES,
    OFFICERS_LISTED,
    AgentWaiting,
    ClaimKnown,
    DecidedLinkKnown,
    Known,
    OfficerKnown,
    PriceKnown,
    QuestionKnown,
)
from web.pages.steps.payouts_known import read_payouts
from web.pages.steps.typed import read_waiting


async def read_officers(tx: Transaction) -> tuple[OfficerKnown, ...]:
    """Give the officers whom forms name, by their real names: they stand on rulings."""
    held = await holders_of(tx, LISTED_ROLES, limit=OFFICERS_LISTED)
    return tuple(
        [OfficerKnown(person_id=person_id, name=await name_of(tx, person_id), roles=roles) for person_id, roles in held]
    )


async def read_known(tx: Transaction, case_id: UUID, person_id: UUID, asked: Mapping[str, str]) -> Known:
    """Read what forms know of a case; whether the reader may is checked before."""
    file = await file_of(tx, case_id, person_id)
    assets = [asset.asset_id for asset in file.page.assets]
    lot_ids = [lot.lot.lot_id for lot in file.lots]
    return msgspec.structs.replace(
        await _money_known(tx, case_id, file, asked),
        missing_facts={
            asset.asset_id: await missing_for_price(tx, asset.asset_id, asset_class=asset.asset_class.value)
            for asset in file.page.assets
        },
        facts={asset: tuple(await facts_of(tx, asset)) for asset in assets},
        seizures={asset: tuple(found) for asset, found in (await cases.seizures_of_assets(tx, assets)).items()},
        registers_asked={asset: tuple(await questions_of(tx, asset)) for asset in assets},
        papers={asset: tuple(await papers_of(tx, asset)) for asset in assets},
        handovers={asset: tuple(found) for asset, found in (await cases.handovers_of_assets(tx, assets)).items()},
        ways={asset: await way_of(tx, asset) for asset in assets},
        supervisions=await open_supervisions(tx, case_id),
        typed_papers=await read_waiting(tx, case_id),
        choosing=await read_choosing(tx, case_id),
        prices=await _prices(tx, assets),
        pasts={lot_id: await lots.past_of(tx, lot_id) for lot_id in lot_ids},
        notified={lot_id: await told_parties(tx, lot_id) for lot_id in lot_ids},
        questions=await _questions(tx, file, person_id),
        agents=await _agents(tx, file),
        declarations=tuple(await declarations_of(tx, case_id)),
        decided_links=await _decided_links(tx, case_id),
        guard_objections=await open_objections(tx, [case_id]),
    )


async def read_money_known(tx: Transaction, case_id: UUID, asked: Mapping[str, str]) -> Known:
    """Read what the forms of the money stage know, and the few others that `money_next` names; the rest would find its parts empty."""
    return await _money_known(tx, case_id, await money_file_of(tx, case_id), asked)


async def _money_known(tx: Transaction, case_id: UUID, file: CaseFile, asked: Mapping[str, str]) -> Known:
    there = await contents_of_case(tx, case_id)
    return Known(
        now=tx.now,
        asked=asked,
        case_file=file,
        appraisals=tuple(await files_of_case(tx, case_id)),
        claims=await _claims(tx, case_id),
        taxes=await taxes_of_case(tx, case_id),
        objections=await plan_objections(tx, case_id) if there.objections else (),
        bills=await bills_of_case(tx, case_id) if there.bills else (),
        joins=await applications_of_case(tx, case_id),
        referral=await referral_shown(tx, case_id) if there.referrals else None,
        set_offs_waiting=await waiting_set_offs(tx, case_id) if there.set_off_proposals else (),
        acts_waiting=await waiting_acts(tx, case_id) if there.acts else (),
        fund=await case_fund_shown(tx, case_id),
        payouts=await read_payouts(tx, case_id, there),
        to_distribute=await _to_distribute(tx, case_id, file),
        forfeited=await forfeited_held(tx, case_id),
        forfeits=await forfeited_shown(tx, case_id),
        undoings=await undoings_of_case(tx, case_id) if there.undoings else (),
        alarms=await ringing_in_case(tx, case_id) if there.alarms else (),
    )


async def _prices(tx: Transaction, assets: list[UUID]) -> dict[UUID, PriceKnown]:
    found = {}
    for asset_id in assets:
        row = await cases.newest_price(tx, asset_id)
        if row is not None:
            found[asset_id] = PriceKnown(
                amount_fen=row.amount_fen,
                valid_until=row.valid_until,
                fixed_on=local_day(row.fixed_at),
                reference_price_id=row.reference_price_id,
            )
    return found


async def _questions(tx: Transaction, file: CaseFile, person_id: UUID) -> tuple[QuestionKnown, ...]:
    found = []
    for lot in file.lots:
        for line in lot.questions:
            if line.subject != "listing":
                shown = await question_file(tx, line.question_id, person_id)
                found.append(
                    QuestionKnown(
                        question_id=shown.question_id,
                        lot_id=shown.lot_id,
                        subject=shown.subject,
                        proposal=shown.proposal,
                        approved=shown.approved,
                        put_at=shown.put_at,
                    )
                )
    return tuple(found)


async def _agents(tx: Transaction, file: CaseFile) -> tuple[AgentWaiting, ...]:
    newest = [shown.round_id for lot in file.lots for shown in lot.lot.rounds[-1:]]
    registered = [row for round_id in newest for row in await rounds.registrations_of(tx, round_id)]
    return tuple(
        AgentWaiting(
            registration_id=row.registration_id, document_ref=row.agent_document_ref, registered_at=row.registered_at
        )
        for row in registered
        if row.agent_sealed is not None and row.agent_confirmed_at is None
    )


async def _decided_links(tx: Transaction, case_id: UUID) -> tuple[DecidedLinkKnown, ...]:
    standing = await links.standing_links_of_case(tx, case_id)
    masked = await masked_of_all(tx, {one for _, words in standing for one in words.persons()})
    return tuple(
        DecidedLinkKnown(
            link_id=row.link_id,
            masked=(masked[words.low_person_id], masked[words.high_person_id]),
            relation=row.relation,
            decided_at=row.decided_at,
        )
        for row, words in standing
    )


async def _claims(tx: Transaction, case_id: UUID) -> tuple[ClaimKnown, ...]:
    owed = {row.claim_id: claim for row, claim in await plan_store.open_claims(tx, case_id)}
    rows = await claim_store.claim_rows(tx, case_id)
    reduced = await claim_store.reduced_amounts(tx, case_id)
    masked = await masked_of_all(tx, {row.person_id for row in rows})
    return tuple(
        ClaimKnown(
            claim_id=row.claim_id,
            kind=row.kind,
            amount_fen=reduced.get(row.claim_id, Money(row.amount_fen)).fen,
            payee_masked=masked[row.person_id],
            owed=owed.get(row.claim_id),
            by_applicant=row.by_applicant,
            source_ref=row.source_ref,
        )
        for row in rows
    )


async def _to_distribute(tx: Transaction, case_id: UUID, file: CaseFile) -> Money:
    """Give what a plan could distribute now; nothing while something stands in its way."""
    if not file.purchases:
        return ZERO
    try:
        return await distributable(tx, case_id)
    except Refusal:
        return ZERO
