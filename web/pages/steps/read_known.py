"""Read what forms know of a case: all of it, or what the steps about money need (rules: `known`)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias
from uuid import UUID

import msgspec

from auction.fund.acts.store import waiting_acts
from auction.fund.alarms.store import ringing_in_case
from auction.fund.bills.store import bills_of_case
from auction.fund.case_contents import contents_of_case
from auction.fund.claims import store as claim_store
from auction.fund.deposits.money_desk import purchases_shown
from auction.fund.forfeits.forfeited_of_case import forfeited_held, forfeited_shown
from auction.fund.ledger.views import case_fund_shown
from auction.fund.plans import store as plan_store
from auction.fund.plans.assets_named import lots_named, owners_recorded
from auction.fund.set_offs.views import waiting_set_offs
from auction.fund.settlement.propose_plan import distributable
from auction.fund.settlement.views import plan_objections, taxes_of_case
from auction.fund.stays.stays import referral_shown
from auction.fund.undoings.store import undoings_of_case
from auction.kernel.clock import local_day
from auction.kernel.db import Read, Transaction
from auction.kernel.errors import Refusal
from auction.kernel.money import ZERO, Money
from auction.kernel.persons import masked_of_all, name_of
from auction.sale.cases import store as cases
from auction.sale.guards.store import open_objections
from auction.sale.joining.store import applications_of_case
from auction.sale.links import store as links
from auction.sale.lots import store as lots
from auction.sale.lots.case_lots import lots_of_case, questions_of_lot, told_parties
from auction.sale.lots.panel_file import question_file
from auction.sale.registers.declared_store import declarations_of
from auction.sale.rounds import store as rounds
from auction.sale.views import rounds_of_lots
from valuation.appraisals.store import files_of_case
from valuation.facts.require_facts import missing_for_price
from valuation.facts.store import facts_of, papers_of, questions_of
from valuation.objections.supervise_price import open_supervisions
from valuation.ways.ways import way_of
from web.auth.store import holders_of
from web.pages.case_file import file_of, money_file_of
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

Parts: TypeAlias = dict[str, Any]
"""Fields of `Known` by their names."""


async def read_officers(tx: Transaction) -> tuple[OfficerKnown, ...]:
    """Give the officers whom forms name, by their real names: they stand on rulings."""
    held = await holders_of(tx, LISTED_ROLES, limit=OFFICERS_LISTED)
    names = await tx.each([person_id for person_id, _ in held], lambda person_id: name_of(tx, person_id))
    return tuple(OfficerKnown(person_id=person_id, name=names[person_id], roles=roles) for person_id, roles in held)


async def read_known(tx: Transaction, case_id: UUID, person_id: UUID, asked: Mapping[str, str]) -> Known:
    """Read what forms know of a case; whether the reader may is checked before."""
    file, known, of_case, of_assets, of_lots = await tx.together(
        file_of(tx, case_id, person_id),
        _money_known(tx, case_id, asked),
        _of_case(tx, case_id),
        _of_assets(tx, case_id),
        _of_lots(tx, case_id, person_id),
    )
    return msgspec.structs.replace(known, case_file=file, **of_case, **of_assets, **of_lots)


async def _of_case(tx: Transaction, case_id: UUID) -> Parts:
    supervisions, typed_papers, choosing, declarations, decided_links, guard_objections = await tx.together(
        open_supervisions(tx, case_id),
        read_waiting(tx, case_id),
        read_choosing(tx, case_id),
        declarations_of(tx, case_id),
        _decided_links(tx, case_id),
        open_objections(tx, [case_id]),
    )
    return {
        "supervisions": supervisions,
        "typed_papers": typed_papers,
        "choosing": choosing,
        "declarations": tuple(declarations),
        "decided_links": decided_links,
        "guard_objections": guard_objections,
    }


async def _of_assets(tx: Transaction, case_id: UUID) -> Parts:
    classes = {row.asset_id: row.asset_class for row in await cases.assets_of(tx, case_id)}
    assets = list(classes)
    (missing, facts, questions, papers), (ways, prices), (seizures, handovers) = await tx.together(
        tx.together(
            tx.each(assets, lambda one: missing_for_price(tx, one, asset_class=classes[one])),
            tx.each(assets, lambda one: facts_of(tx, one)),
            tx.each(assets, lambda one: questions_of(tx, one)),
            tx.each(assets, lambda one: papers_of(tx, one)),
        ),
        tx.together(tx.each(assets, lambda one: way_of(tx, one)), _prices(tx, assets)),
        tx.together(cases.seizures_of_assets(tx, assets), cases.handovers_of_assets(tx, assets)),
    )
    return {
        "missing_facts": missing,
        "facts": {asset: tuple(found) for asset, found in facts.items()},
        "registers_asked": {asset: tuple(found) for asset, found in questions.items()},
        "papers": {asset: tuple(found) for asset, found in papers.items()},
        "ways": ways,
        "prices": prices,
        "seizures": {asset: tuple(found) for asset, found in seizures.items()},
        "handovers": {asset: tuple(found) for asset, found in handovers.items()},
    }


async def _of_lots(tx: Transaction, case_id: UUID, person_id: UUID) -> Parts:
    lot_ids = await lots_of_case(tx, case_id)
    pasts, notified, questions, agents = await tx.together(
        tx.each(lot_ids, lambda one: lots.past_of(tx, one)),
        tx.each(lot_ids, lambda one: told_parties(tx, one)),
        _questions(tx, lot_ids, person_id),
        _agents(tx, lot_ids),
    )
    return {"pasts": pasts, "notified": notified, "questions": questions, "agents": agents}


async def read_money_known(tx: Transaction, case_id: UUID, asked: Mapping[str, str]) -> Known:
    """Read what the forms of the money stage know, and the few others that `money_next` names; the rest would find its parts empty."""
    file, known = await tx.together(money_file_of(tx, case_id), _money_known(tx, case_id, asked))
    return msgspec.structs.replace(known, case_file=file)


async def _money_known(tx: Transaction, case_id: UUID, asked: Mapping[str, str]) -> Known:
    """Give what is known of the money, without the file."""
    (appraisals, claims, taxes, joins, lot_owners), (fund, to_distribute, held, forfeits), present = await tx.together(
        tx.together(
            files_of_case(tx, case_id),
            _claims(tx, case_id),
            taxes_of_case(tx, case_id),
            applications_of_case(tx, case_id),
            owners_recorded(tx, case_id),
        ),
        tx.together(
            case_fund_shown(tx, case_id),
            _to_distribute(tx, case_id),
            forfeited_held(tx, case_id),
            forfeited_shown(tx, case_id),
        ),
        _present(tx, case_id),
    )
    return Known(
        now=tx.now,
        asked=asked,
        appraisals=tuple(appraisals),
        claims=claims,
        lot_owners=lot_owners,
        taxes=taxes,
        joins=joins,
        fund=fund,
        to_distribute=to_distribute,
        forfeited=held,
        forfeits=forfeits,
        **present,
    )


async def _present(tx: Transaction, case_id: UUID) -> Parts:
    """Read the kinds of things of which there are any (F78)."""
    there = await contents_of_case(tx, case_id)
    reads: dict[str, tuple[bool, Callable[[Transaction, UUID], Read[Any]]]] = {
        "objections": (there.objections, plan_objections),
        "bills": (there.bills, bills_of_case),
        "referral": (there.referrals, referral_shown),
        "set_offs_waiting": (there.set_off_proposals, waiting_set_offs),
        "acts_waiting": (there.acts, waiting_acts),
        "undoings": (there.undoings, undoings_of_case),
        "alarms": (there.alarms, ringing_in_case),
    }
    names = [name for name, (is_there, _) in reads.items() if is_there]
    payouts, found = await tx.together(
        read_payouts(tx, case_id, there), tx.each(names, lambda name: reads[name][1](tx, case_id))
    )
    return {"payouts": payouts, **found}


async def _prices(tx: Transaction, assets: list[UUID]) -> dict[UUID, PriceKnown]:
    found = {}
    for asset_id, row in (await tx.each(assets, lambda one: cases.newest_price(tx, one))).items():
        if row is not None:
            found[asset_id] = PriceKnown(
                amount_fen=row.amount_fen,
                valid_until=row.valid_until,
                fixed_on=local_day(row.fixed_at),
                reference_price_id=row.reference_price_id,
            )
    return found


async def _questions(tx: Transaction, lot_ids: Sequence[UUID], person_id: UUID) -> tuple[QuestionKnown, ...]:
    lines = await tx.each(lot_ids, lambda lot_id: questions_of_lot(tx, lot_id))
    others = [line.question_id for of_lot in lines.values() for line in of_lot if line.subject != "listing"]
    files = await tx.each(others, lambda question_id: question_file(tx, question_id, person_id))
    return tuple(
        QuestionKnown(
            question_id=shown.question_id,
            lot_id=shown.lot_id,
            subject=shown.subject,
            proposal=shown.proposal,
            approved=shown.approved,
            put_at=shown.put_at,
        )
        for shown in files.values()
    )


async def _agents(tx: Transaction, lot_ids: Sequence[UUID]) -> tuple[AgentWaiting, ...]:
    of_lots = await rounds_of_lots(tx, lot_ids)
    newest = [shown.round_id for lot_id in lot_ids for shown in of_lots[lot_id][-1:]]
    registered = await tx.each(newest, lambda round_id: rounds.registrations_of(tx, round_id))
    return tuple(
        AgentWaiting(
            registration_id=row.registration_id, document_ref=row.agent_document_ref, registered_at=row.registered_at
        )
        for rows in registered.values()
        for row in rows
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
    still_open, rows, reduced, named = await tx.together(
        plan_store.open_claims(tx, case_id),
        claim_store.claim_rows(tx, case_id),
        claim_store.reduced_amounts(tx, case_id),
        lots_named(tx, case_id),
    )
    owed = {row.claim_id: claim for row, claim in still_open}
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
            lot_id=named.get(row.claim_id),
        )
        for row in rows
    )


async def _to_distribute(tx: Transaction, case_id: UUID) -> Money:
    """Give what a plan could distribute now; nothing while something stands in its way."""
    if not await purchases_shown(tx, case_id):
        return ZERO
    try:
        return await distributable(tx, case_id)
    except Refusal:
        return ZERO
