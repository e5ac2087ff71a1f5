"""Register for a round: the bidder's own person, his undertakings, and the deposit that he is to pay."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

import msgspec

from auction.fund.deposits.open_deposit import open_deposit
from auction.kernel.actors import Actor, Role, require_role
from auction.kernel.clock import local_day
from auction.kernel.db import Command, Database, Transaction
from auction.kernel.errors import Malformed, NotFound, Refusal
from auction.kernel.money import Money
from auction.kernel.persons import identity_commitment, identity_of
from auction.law.guards import GUARDS, Guard
from auction.law.identity import IdentityKind, parse_identity, parse_resident_number
from auction.sale.cases import store as cases
from auction.sale.cases.assets import AssetClass
from auction.sale.cases.cases import require_text
from auction.sale.cases.parties import PartyRole, check_name
from auction.sale.columns import add
from auction.sale.guards import control_store
from auction.sale.guards import store as guards
from auction.sale.guards.applications import Application, Outcome, applied
from auction.sale.guards.ask_control import ask_control_before
from auction.sale.guards.control import CompanyRegister
from auction.sale.guards.record_refusal import record_refusal
from auction.sale.links.store import keep_traits
from auction.sale.links.traits import Contact, Origin
from auction.sale.lots import store as lots
from auction.sale.lots.lots import Terms
from auction.sale.lots.sell_off import to_take_part
from auction.sale.lots.tables import LotRow, RoundRow
from auction.sale.registers.ask_lists import ask_before
from auction.sale.registers.check_lists import check_lists, refusal_of, standing_bans
from auction.sale.registers.declared_store import require_undeclared
from auction.sale.registers.lists import GROUNDS, NO_KEEPERS, Keepers, ListKey, ListsAnswer
from auction.sale.registers.refusals import BarredFromBidding
from auction.sale.rounds import store
from auction.sale.rounds.bidders import (
    AGENTS,
    BARRED,
    CAPACITY,
    DEFAULTER,
    GUARD_OF_GROUND,
    LIMITS,
    ROLES_OF_BIDDERS,
    SAME_PERSON,
    AgentTooLate,
    Applicant,
    IdentityNotVerified,
    RegistrationClosed,
    RegistrationState,
    SealedAgent,
    check_may_register,
    deposit_due,
)
from auction.sale.rounds.one_code import (
    Door,
    control_keys,
    control_of,
    require_agent_free,
    require_one_code,
    require_own_controller,
)
from auction.sale.rounds.rounds import RoundState
from auction.sale.rounds.tables import RegistrationRow

APPLIED_HERE = frozenset({CAPACITY, BARRED, DEFAULTER, LIMITS, SAME_PERSON, AGENTS})
"""Guards that every registration passes here; the controller's is kept with what the register said."""


GUARD_OF_LIST: Mapping[ListKey, str] = {key: GUARD_OF_GROUND[ground] for key, ground in GROUNDS.items()}


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
    companies: CompanyRegister | None = None,
    origin: Origin | None = None,
) -> Registered:
    """Store the registration and open its deposit through fund, in one transaction; keep which guards were applied.

    ``origin``: whence it came, if a site saw it.

    The keepers of the lists and the company register are asked before it, outside any transaction; one that is slow or down keeps nobody
    out. A refusal by a guard is kept too, after the transaction that it undid, and says by which guard (auction/DECISIONS S15).

    Raises: `IdentityNotVerified`, `RegistrationClosed`, `AlreadyRegistered`, `SamePersonRegistered`, `AgentTooLate`,
    `AgentOfAnotherBidder`, `OneControllerRegistered`, `LotUnknown`, `PersonUnknown`, and the refusals of `check_may_register`.
    Source: 网拍 14, 17, 18, 24, 34; 法释〔2021〕18号 2.
    """
    require_role(actor, Role.BIDDER)
    if not actor.is_identified:
        raise IdentityNotVerified
    if command.accepts_warnings:  # they say that the lists are asked; nobody is asked about who did not accept them
        await asyncio.gather(
            ask_before(db, lists, lot_id=command.lot_id, person_id=actor.person_id, moment="registration"),
            ask_control_before(db, companies, lot_id=command.lot_id, person_id=actor.person_id),
        )

    async def work(tx: Transaction) -> Registered:
        lot = await lots.open_lot(tx, command.lot_id)
        round_row = await _open_round(tx, lot)
        door = Door(
            actor=actor,
            round_id=round_row.round_id,
            lifted=await guards.lifted_for(tx, lot_id=lot.lot_id, person_id=actor.person_id),
        )
        await _require_outsider(tx, door, lot)
        await require_one_code(tx, door)
        if command.agent is not None:
            if tx.now >= round_row.opens_at and AGENTS not in door.lifted:
                raise AgentTooLate
            await require_agent_free(tx, door, command.agent.identity_number)
        listed = await _check_may_register(tx, actor, command, lot, door.lifted)
        control = await control_of(tx, actor.person_id)
        keys = await control_keys(tx, actor.person_id, control)
        told = await require_own_controller(tx, door, keys, clause=await _has_clause(tx, lot), control=control)
        registered = await _store(tx, actor, command, lot, round_row)
        await _keep_keys(tx, command, round_row, keys)
        source = "" if control is None else control.source
        await control_store.note_shared(tx, registration_id=command.registration_id, register=source)
        await _keep_applications(tx, actor, command, lot, door, [*_of_lists(listed, door, tx), *told])
        await keep_traits(tx, command.registration_id, contact=command.contact, origin=origin)
        return registered

    try:
        return await db.carry_out(actor, command, work, Registered)
    except Refusal as refusal:
        await _keep_refusal(db, actor, command, refusal)
        raise


async def _keep_refusal(db: Database, actor: Actor, command: RegisterBidder, refusal: Refusal) -> None:
    """Keep a guard's refusal of this registration; a lot that does not exist was refused by none."""
    if isinstance(refusal, NotFound | Malformed):
        return
    case_id = await db.transact(lambda tx: lots.lot_case(tx, command.lot_id))
    await record_refusal(db, actor, refusal, command_id=command.command_id, case_id=case_id, lot_id=command.lot_id)


async def _has_clause(tx: Transaction, lot: LotRow) -> bool:
    options = lots.terms_of(await lots.listing_row(tx, lot)).options
    return options is not msgspec.UNSET and options.one_controller


async def _keep_keys(tx: Transaction, command: RegisterBidder, round_row: RoundRow, keys: Collection[str]) -> None:
    """Keep by what the next registrant is compared: the agent's commitment, and those of registrant and controllers."""
    if command.agent is not None:
        await guards.keep_agent_key(
            tx,
            registration_id=command.registration_id,
            round_id=round_row.round_id,
            commitment=identity_commitment(
                tx, parse_identity(IdentityKind.RESIDENT, command.agent.identity_number).number
            ),
        )
    await control_store.keep_keys(tx, registration_id=command.registration_id, round_id=round_row.round_id, keys=keys)


async def _keep_applications(
    tx: Transaction, actor: Actor, command: RegisterBidder, lot: LotRow, door: Door, more: Sequence[Application]
) -> None:
    """Keep every guard of this door that was applied, ``more``: those that rest on an answer from outside."""
    today = local_day(tx.now)
    applied_here = [
        applied(guard, "passed", asked_on=today.isoformat(), objection=_by_decision(door, guard.number))
        for guard in GUARDS.in_force(today, "registration")
        if guard.number in APPLIED_HERE
    ]
    await guards.keep(
        tx,
        actor,
        [*applied_here, *more],
        command_id=command.command_id,
        place="registration",
        case_id=lot.case_id,
        lot_id=lot.lot_id,
        person_id=actor.person_id,
    )


def _of_lists(answer: ListsAnswer, door: Door, tx: Transaction) -> list[Application]:
    """Say what each list's guard came to: passed by an answer or a decision, unknown while nobody answered or they contradict."""
    found = []
    for standing in answer.standings:
        guard = _in_force(GUARD_OF_LIST[standing.list], tx)
        decision = _by_decision(door, GUARD_OF_LIST[standing.list])
        outcome: Outcome = "passed" if standing.state == "clear" or decision is not None else "unknown"
        as_of = None if standing.as_of is None else standing.as_of.isoformat()
        fingerprints = ",".join(told.fingerprint for told in standing.told)
        found.append(
            applied(guard, outcome, list=standing.list, as_of=as_of, fingerprints=fingerprints, objection=decision)
        )
    return found


def _in_force(number: str, tx: Transaction) -> Guard:
    return GUARDS.named(number, on=local_day(tx.now))


def _by_decision(door: Door, number: str) -> str | None:
    """Name the objection by whose decision the guard was passed."""
    return str(door.lifted[number]) if number in door.lifted else None


async def _open_round(tx: Transaction, lot: LotRow) -> RoundRow:
    round_row = await store.newest_round(tx, lot.lot_id)
    if round_row is None or round_row.state not in (RoundState.ANNOUNCED, RoundState.OPEN):
        raise RegistrationClosed
    return round_row


async def _require_outsider(tx: Transaction, door: Door, lot: LotRow) -> None:
    """Refuse whoever is of the court, its auxiliary bodies or the platform (`BarredFromBidding`). Source: 网拍 34."""
    actor = door.actor
    of_court = not actor.roles <= ROLES_OF_BIDDERS or await store.is_of_court(tx, lot.case_id, actor.person_id)
    if of_court and BARRED not in door.lifted:
        raise BarredFromBidding


async def _check_may_register(
    tx: Transaction, actor: Actor, command: RegisterBidder, lot: LotRow, lifted: Collection[str]
) -> ListsAnswer:
    asset = await cases.asset_row(tx, lot.case_id, lot.asset_id)
    terms = lots.terms_of(await lots.listing_row(tx, lot))
    kind, number = await identity_of(tx, actor.person_id)
    roles = await cases.parties_by_person(tx, lot.case_id, actor.person_id)
    applicant = Applicant(
        birth=parse_resident_number(number).birth_date if kind == "natural" else None,
        bans=await standing_bans(tx, lot.case_id, actor.person_id),
        restricted_since=min(
            (p.added_at for p in roles if p.role == PartyRole.JUDGMENT_DEBTOR and p.consumption_restricted),
            default=None,
        ),
        defaulted_on_lot=await store.has_defaulted(tx, lot.lot_id, actor.person_id),
        undertakes_eligibility=command.undertakes_eligibility,
        accepts_warnings=command.accepts_warnings,
    )
    if BARRED not in lifted:
        await require_undeclared(tx, lot.case_id, actor.person_id)
    listed = await check_lists(tx, actor.person_id, AssetClass(asset.asset_class))
    for standing in listed.standings:
        if standing.state == "listed" and GUARD_OF_LIST[standing.list] not in lifted:
            raise refusal_of(standing)
    check_may_register(
        applicant,
        asset_class=AssetClass(asset.asset_class),
        purchase_limited=terms.purchase_limited,
        today=local_day(tx.now),
        lifted=lifted,
    )
    return listed


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
    identity = parse_identity(IdentityKind.RESIDENT, agent.identity_number)
    named = SealedAgent(name=name, identity_number=identity.number)
    return tx.sealer.seal(msgspec.json.encode(named).decode())
