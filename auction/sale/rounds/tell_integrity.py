"""Tell integrity what a round was, and who was qualified for it, when it is over (D6).

1. A roster is sent in the transaction that records the outcome, never before: until then nobody joins codes to parties (网拍 18(2)).
2. A party is a keyed token of the person: the same in every round, and nobody's name without the key. So is the appraisal agency
   whose report became the price.
3. Only admitted codes are on it, also those that never bid.
4. Declared joint bidders bear one keyed word, so that what they share counts as declared; a declared agent is told as such.
5. It is sent once; before a fate is taken, a roster that was never sent is sent (a round that ended before there were rosters).
"""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import select

from auction.contracts import PublishedRound, RosterEntry, RoundRoster
from auction.fund.deposits import store as deposits
from auction.kernel.db import Database, Transaction
from auction.kernel.ids import named_id
from auction.kernel.jobs import enqueue
from auction.kernel.persons import commitments_of
from auction.sale.cases import store as cases
from auction.sale.cases.parties import PartyRole
from auction.sale.cases.tables import AssetRow, ReferencePriceRow
from auction.sale.guards.joint import groups_by_registration
from auction.sale.guards.store import joint_groups
from auction.sale.links.store import links_among, party_token
from auction.sale.lots import store as lots
from auction.sale.lots.tables import ListingRow, LotRow, RoundRow
from auction.sale.rounds import store
from auction.sale.rounds.tables import RegistrationRow

TAKE_ROSTER = "bidding.take_roster"
_AREA_LETTERS = 3
"""A court's code begins with its province and the number of its prefecture (浙01): the area where the asset lies or is handled."""


class PublishedRounds:
    """The port through which the watch reads published terms (`bidding.integrity.watch.ports`)."""

    async def published_round(self, tx: Transaction, session_id: UUID) -> PublishedRound | None:
        """Give what everybody may read of a round, ``None`` where no round has this session."""
        row = await tx.session.scalar(select(RoundRow).where(RoundRow.session_id == session_id))
        return None if row is None else await _published(tx, row)


async def send_roster(tx: Transaction, row: RoundRow) -> None:
    """Hand over who was qualified, once. Only for a round whose outcome is recorded. Source: 网拍 18(2), 22."""
    assert await store.outcome_of(tx, row.round_id) is not None, "before the outcome nobody joins codes to parties"
    facts = await _published(tx, row)
    applicants = await _persons(tx, row.case_id, PartyRole.APPLICANT)
    debtors = await _persons(tx, row.case_id, PartyRole.JUDGMENT_DEBTOR)
    behind = await store.registrations_behind(tx, row.round_id)
    roster = RoundRoster(
        session_id=facts.session_id,
        round_id=facts.round_id,
        lot_id=facts.lot_id,
        case_id=facts.case_id,
        kind=facts.kind,
        asset_class=facts.asset_class,
        place=facts.place,
        reserve_fen=facts.reserve_fen,
        increment_fen=facts.increment_fen,
        deposit_fen=facts.deposit_fen,
        reference_fen=facts.reference_fen,
        opens_at=facts.opens_at,
        closes_at=facts.closes_at,
        debtors=tuple(sorted(party_token(tx, person_id) for person_id in debtors)),
        agency=await _agency(tx, row),
        previous_round_id=await _round_before(tx, row),
        entries=await _entries(tx, row, behind, applicants=applicants, debtors=debtors),
        links=await _links(tx, {registration.person_id for registration in behind.values()}),
    )
    await enqueue(tx, TAKE_ROSTER, roster, only_once_as=named_id("round-roster", str(row.round_id)))


async def ensure_roster(db: Database, round_id: UUID) -> None:
    """Send the roster of a round that ended before there were rosters; nothing happens where it was sent."""

    async def work(tx: Transaction) -> None:
        row = await tx.session.get(RoundRow, round_id)
        if row is not None and await store.outcome_of(tx, round_id) is not None:
            await send_roster(tx, row)

    await db.transact(work)


async def _published(tx: Transaction, row: RoundRow) -> PublishedRound:
    case = await cases.case_row(tx, row.case_id)
    lot = await tx.session.get(LotRow, row.lot_id)
    listing = await tx.session.get(ListingRow, (row.lot_id, row.version))
    assert lot is not None, "a round has its lot"
    assert listing is not None, "a round has its terms"
    asset = await tx.session.get(AssetRow, lot.asset_id)
    price = await tx.session.get(ReferencePriceRow, listing.reference_price_id)
    return PublishedRound(
        session_id=row.session_id,
        round_id=row.round_id,
        lot_id=row.lot_id,
        case_id=row.case_id,
        kind=row.kind,
        asset_class="" if asset is None else asset.asset_class,
        place=case.court_code[:_AREA_LETTERS],
        reserve_fen=listing.reserve_fen,
        increment_fen=listing.increment_fen,
        deposit_fen=listing.deposit_fen,
        reference_fen=0 if price is None else price.amount_fen,
        opens_at=row.opens_at,
        closes_at=row.closes_at,
    )


async def _agency(tx: Transaction, row: RoundRow) -> str:
    """Give the keyed token of the agency whose report is the price of this round's terms; empty: no agency made it."""
    found = (
        select(ReferencePriceRow.agency_id)
        .join(ListingRow, ListingRow.reference_price_id == ReferencePriceRow.reference_price_id)
        .where(ListingRow.lot_id == row.lot_id, ListingRow.version == row.version)
    )
    agency_id = await tx.session.scalar(found)
    return "" if agency_id is None else tx.sealer.commit(f"agency:{agency_id}")


async def _entries(
    tx: Transaction,
    row: RoundRow,
    behind: Mapping[str, RegistrationRow],
    *,
    applicants: frozenset[UUID],
    debtors: frozenset[UUID],
) -> tuple[RosterEntry, ...]:
    paid = {deposit.registration_id: deposit.held_at for deposit in await deposits.deposits_of_round(tx, row.round_id)}
    ranks = {right.person_id: right.rank for right in await lots.first_refusals_of(tx, row.lot_id)}
    joint = await _joint_words(
        tx, {registration.registration_id: registration.person_id for registration in behind.values()}
    )

    def entry(code: str, registration: RegistrationRow, ranks: Mapping[UUID, int]) -> RosterEntry:
        person_id = registration.person_id
        return RosterEntry(
            code=code,
            party=party_token(tx, person_id),
            deposited_at=paid.get(registration.registration_id),
            has_agent=registration.agent_confirmed_at is not None,
            joint_group=joint.get(registration.registration_id, ""),
            first_refusal_rank=ranks.get(person_id),
            is_applicant=person_id in applicants,
            is_debtor=person_id in debtors,
        )

    return tuple(entry(code, registration, ranks) for code, registration in sorted(behind.items()))


async def _joint_words(tx: Transaction, persons: Mapping[UUID, UUID]) -> dict[UUID, str]:
    """Give the word of each registration that belongs to declared joint bidders; ``persons``: who registered."""
    commitments = await commitments_of(tx, persons.values())
    own = {registration_id: commitments[person_id] for registration_id, person_id in persons.items()}
    groups = groups_by_registration(await joint_groups(tx, persons), own)
    return {registration_id: tx.sealer.commit(text) for registration_id, text in groups.items()}


async def _links(tx: Transaction, persons: set[UUID]) -> tuple[tuple[str, str], ...]:
    pairs = [sorted((party_token(tx, low), party_token(tx, high))) for low, high in await links_among(tx, persons)]
    return tuple(sorted((pair[0], pair[1]) for pair in pairs))


async def _persons(tx: Transaction, case_id: UUID, role: PartyRole) -> frozenset[UUID]:
    return frozenset(party.person_id for party in await cases.parties_of(tx, case_id) if party.role == role.value)


async def _round_before(tx: Transaction, row: RoundRow) -> UUID | None:
    found = select(RoundRow.round_id).where(RoundRow.lot_id == row.lot_id, RoundRow.number < row.number)
    return await tx.session.scalar(found.order_by(RoundRow.number.desc()).limit(1))
