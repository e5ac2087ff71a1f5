"""Give a testbed's lots their bidders: accounts of made-up people, applicants for enforcement, registered and exempt from the deposit.

The installation's own worker admits them, draws their codes and lets them into their rooms, as it does with everybody.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from typing import Final
from uuid import UUID

from sqlalchemy import func, select

from auction.kernel.actors import Actor, Role
from auction.kernel.db import Database, Transaction
from auction.kernel.ids import AccountId, PersonId
from auction.kernel.persons import identity_of, record_person
from auction.sale.cases.add_party import AddParty, add_party
from auction.sale.cases.parties import PartyRole
from auction.sale.rounds import store as rounds
from auction.sale.rounds.bidders import RegistrationUnknown
from auction.sale.rounds.register_bidder import RegisterBidder, register_bidder
from web.auth import store
from web.auth.accounts import mask_name
from web.auth.open_account import add_account, add_grant
from web.auth.passwords import Passwords
from web.auth.tables import AccountRow
from web.testbed.announce_lots import DEPOSIT_FEN, Court
from web.testbed.testbed import PREFIX, id_of, identity_number, username

NAME: Final = "压测竞买人"
CLAIM_FEN: Final = 10 * DEPOSIT_FEN
AT_ONCE: Final = 100
"""Accounts opened in one transaction."""


def account_of(name: str, number: int) -> AccountId:
    """Give the id of a testbed's account."""
    return AccountId(id_of(name, "bidder account", str(number)))


def registration_of(name: str, number: int) -> UUID:
    """Give the id of a testbed's registration."""
    return id_of(name, "registration", str(number))


async def open_accounts(db: Database, name: str, *, bidders: int, passwords: Passwords) -> list[Actor]:
    """Open the accounts that are missing; gives all actors. Nobody knows their password: they sign in by token only."""
    password_hash = await passwords.hash(secrets.token_urlsafe(32))
    actors: list[Actor] = []
    for first in range(0, bidders, AT_ONCE):
        numbers = range(first, min(first + AT_ONCE, bidders))
        actors += await db.transact(partial(_open, name=name, numbers=numbers, password_hash=password_hash))
    return actors


async def _open(tx: Transaction, *, name: str, numbers: Sequence[int], password_hash: str) -> list[Actor]:
    """Open the accounts of these numbers that are missing; a made-up person belongs to one account of one testbed."""
    await tx.lock("web.account")
    opened = int(await tx.session.scalar(select(func.count()).where(AccountRow.username.like(f"{PREFIX}%"))) or 0)
    actors: list[Actor] = []
    for number in numbers:
        row = await store.account_by_id(tx, account_of(name, number))
        if row is None:
            row = await _open_one(tx, name, number, identity_number(opened), password_hash)
            opened += 1
        actors.append(
            Actor(
                account_id=AccountId(row.account_id),
                person_id=PersonId(row.person_id),
                roles=frozenset({Role.BIDDER}),
            )
        )
    return actors


async def _open_one(tx: Transaction, name: str, number: int, identity: str, password_hash: str) -> AccountRow:
    row = AccountRow(
        account_id=account_of(name, number),
        person_id=await record_person(tx, kind="natural", name=NAME, identity_number=identity, masked=mask_name(NAME)),
        username=username(name, number),
        password_hash=password_hash,
        locale=None,
        is_sample=False,
        identity_verified_by="sample",
        state="open",
        opened_at=tx.now,
    )
    await add_account(tx, row)
    await add_grant(tx, row.account_id, Role.BIDDER, basis="opening")
    return row


async def register(db: Database, court: Court, number: int, lot: int, bidder: Actor) -> None:
    """Make a bidder an applicant of the case, whom his claim exempts from the deposit (网拍 17), and register him."""
    async with db.reading() as tx:
        with suppress(RegistrationUnknown):
            await rounds.registration_row(tx, registration_of(court.name, number))
            return
        _, identity = await identity_of(tx, bidder.person_id)
    party = AddParty(
        command_id=court.command("party", str(number)),
        party_id=id_of(court.name, "party", str(number)),
        case_id=court.case(lot),
        role=PartyRole.APPLICANT,
        kind="natural",
        name=NAME,
        identity_number=identity,
        claim_fen=CLAIM_FEN,
    )
    await add_party(db, court.handler, party)
    registration = RegisterBidder(
        command_id=court.command("register", str(number)),
        registration_id=registration_of(court.name, number),
        lot_id=court.lot(lot),
        accepts_warnings=True,
        undertakes_eligibility=True,
    )
    await register_bidder(db, bidder, registration)
