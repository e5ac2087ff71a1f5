"""Register for a round: the bidder's own person, his undertakings, and the deposit that he is to pay."""

from __future__ import annotations

from uuid import UUID

import msgspec

from auction.fund.deposits.open_deposit import open_deposit
from auction.kernel.actors import Actor, Role, require_role
from auction.kernel.clock import local_day
from auction.kernel.db import Command, Database, Transaction
from auction.kernel.money import Money
from auction.kernel.persons import identity_of
from auction.law.identity import parse_resident_number
from auction.sale.cases import store as cases
from auction.sale.cases.assets import AssetClass
from auction.sale.cases.cases import require_text
from auction.sale.cases.parties import PartyRole, check_name
from auction.sale.columns import add
from auction.sale.links.store import keep_traits
from auction.sale.links.traits import Contact, Origin
from auction.sale.lots import store as lots
from auction.sale.lots.lots import Terms
from auction.sale.lots.sell_off import to_take_part
from auction.sale.lots.tables import LotRow, RoundRow
from auction.sale.registers.ask_lists import ask_before
from auction.sale.registers.check_lists import check_lists, require_unlisted, standing_bans
from auction.sale.registers.declared_store import require_undeclared
from auction.sale.registers.lists import NO_KEEPERS, Keepers
from auction.sale.registers.refusals import BarredFromBidding
from auction.sale.rounds import store
from auction.sale.rounds.bidders import (
    ROLES_OF_BIDDERS,
    AgentTooLate,
    AlreadyRegistered,
    Applicant,
    IdentityNotVerified,
    RegistrationClosed,
    RegistrationState,
    SealedAgent,
    check_may_register,
    deposit_due,
)
from auction.sale.rounds.rounds import RoundState
from auction.sale.rounds.tables import RegistrationRow


class Agent(msgspec.Struct, frozen=True, kw_only=True):
    """Who bids for the bidder; ``document_ref`` names the power of attorney on file."""

    name: str
    identity_number: str
    document_ref: str


class RegisterBidder(Command, frozen=True, kw_only=True):
    """Register the account's own person for the lot's present round."""

    registration_id: UUID
    lot_id: UUID
    accepts_warnings: bool
    undertakes_eligibility: bool = False
    agent: Agent | None = None
    contact: Contact | None = None
    """What he says of himself for comparison; never a condition of his registration."""


class Registered(msgspec.Struct, frozen=True, kw_only=True):
    """The registration, and the deposit that is to be held before admission."""

    registration_id: UUID
    round_id: UUID
    deposit_id: UUID
    deposit_fen: int


async def register_bidder(
    db: Database,
    actor: Actor,
    command: RegisterBidder,
    *,
    lists: Keepers = NO_KEEPERS,
    origin: Origin | None = None,
) -> Registered:
    """Store the registration and open its deposit through fund, in one transaction; ``origin``: whence it came, if a site saw it.

    The keepers of the lists are asked before it, outside any transaction; one that is slow or down keeps nobody out.

    Raises: `IdentityNotVerified`, `RegistrationClosed`, `AlreadyRegistered`, `AgentTooLate`, `LotUnknown`, `PersonUnknown`, and the refusals of
    `check_may_register`. Source: 网拍 14, 17, 18, 24, 34; 法释〔2021〕18号 2.
    """
    require_role(actor, Role.BIDDER)
    if not actor.is_identified:
        raise IdentityNotVerified
    await ask_before(db, lists, lot_id=command.lot_id, person_id=actor.person_id, moment="registration")

    async def work(tx: Transaction) -> Registered:
        lot = await lots.open_lot(tx, command.lot_id)
        round_row = await _open_round(tx, lot)
        if await store.registration_of(tx, round_row.round_id, actor.person_id) is not None:
            raise AlreadyRegistered
        if command.agent is not None and tx.now >= round_row.opens_at:
            raise AgentTooLate
        await _check_may_register(tx, actor, command, lot)
        registered = await _store(tx, actor, command, lot, round_row)
        await keep_traits(tx, command.registration_id, contact=command.contact, origin=origin)
        return registered

    return await db.carry_out(actor, command, work, Registered)


async def _open_round(tx: Transaction, lot: LotRow) -> RoundRow:
    round_row = await store.newest_round(tx, lot.lot_id)
    if round_row is None or round_row.state not in (RoundState.ANNOUNCED, RoundState.OPEN):
        raise RegistrationClosed
    return round_row


async def _check_may_register(tx: Transaction, actor: Actor, command: RegisterBidder, lot: LotRow) -> None:
    asset = await cases.asset_row(tx, lot.case_id, lot.asset_id)
    terms = lots.terms_of(await lots.listing_row(tx, lot))
    if not actor.roles <= ROLES_OF_BIDDERS or await store.is_of_court(tx, lot.case_id, actor.person_id):
        raise BarredFromBidding
    kind, number = await identity_of(tx, actor.person_id)
    roles = await cases.parties_by_person(tx, lot.case_id, actor.person_id)
    applicant = Applicant(
        birth=parse_resident_number(number).birth_date if kind == "natural" else None,
        bans=await standing_bans(tx, await cases.bans_of(tx, lot.case_id, actor.person_id), actor.person_id),
        restricted_since=min(
            (p.added_at for p in roles if p.role == PartyRole.JUDGMENT_DEBTOR and p.consumption_restricted),
            default=None,
        ),
        defaulted_on_lot=await store.has_defaulted(tx, lot.lot_id, actor.person_id),
        undertakes_eligibility=command.undertakes_eligibility,
        accepts_warnings=command.accepts_warnings,
    )
    await require_undeclared(tx, lot.case_id, actor.person_id)
    require_unlisted(await check_lists(tx, actor.person_id, AssetClass(asset.asset_class)))
    check_may_register(
        applicant,
        asset_class=AssetClass(asset.asset_class),
        purchase_limited=terms.purchase_limited,
        today=local_day(tx.now),
    )


async def _store(
    tx: Transaction, actor: Actor, command: RegisterBidder, lot: LotRow, round_row: RoundRow
) -> Registered:
    terms = lots.terms_of(await lots.listing_row(tx, lot))
    amount = await _deposit(tx, actor, lot, terms)
    deposit_id = await open_deposit(
        tx,
        registration_id=command.registration_id,
        case_id=lot.case_id,
        lot_id=lot.lot_id,
        round_id=round_row.round_id,
        person_id=actor.person_id,
        amount=amount,
        closes_at=await store.scheduled_end(tx, lot, round_row),
    )
    row = RegistrationRow(
        registration_id=command.registration_id,
        round_id=round_row.round_id,
        lot_id=lot.lot_id,
        case_id=lot.case_id,
        person_id=actor.person_id,
        account_id=actor.account_id,
        state=RegistrationState.AWAITING_DEPOSIT.value,
        deposit_id=deposit_id,
        deposit_fen=amount.fen,
        agent_person_id=None,
        agent_sealed=_agent(tx, command.agent),
        agent_document_ref="" if command.agent is None else command.agent.document_ref.strip(),
        agent_confirmed_at=None,
        undertook_eligibility=command.undertakes_eligibility,
        registered_at=tx.now,
    )
    await add(tx, row)
    return Registered(
        registration_id=command.registration_id,
        round_id=round_row.round_id,
        deposit_id=deposit_id,
        deposit_fen=amount.fen,
    )


async def _deposit(tx: Transaction, actor: Actor, lot: LotRow, terms: Terms) -> Money:
    """What this person pays: an applicant for enforcement only what his claim falls short of it."""
    party = await cases.party_in_role(tx, lot.case_id, actor.person_id, PartyRole.APPLICANT)
    claim = None if party is None or party.claim_fen is None else Money(party.claim_fen)
    return deposit_due(to_take_part(terms, on=local_day(tx.now)), claim=claim)


def _agent(tx: Transaction, agent: Agent | None) -> bytes | None:
    """Seal what the bidder says of his agent; nobody becomes a person on file by it."""
    if agent is None:
        return None
    name = check_name(agent.name)
    require_text("agent.document_ref", agent.document_ref)
    identity = parse_resident_number(agent.identity_number)
    named = SealedAgent(name=name, identity_number=identity.number)
    return tx.sealer.seal(msgspec.json.encode(named).decode())
