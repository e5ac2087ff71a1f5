"""Hash what is known of a registration and hand the hashes to the party graph; sent again whenever more is known.

1. Raw values are opened here, hashed, and forgotten: nothing of them goes into a log, a job or a row.
2. Sent twice, late or in another order, the graph ends the same (`bidding.integrity.links.take_keys`).
3. What is not known is not sent: an organisation whose legal representative nobody named has none in the graph, which means unknown.
"""

from __future__ import annotations

from typing import Final
from uuid import UUID

from auction.contracts import RegistrationKeys, RegistrationNamed
from auction.fund.deposits.known_accounts import known_accounts
from auction.kernel.db import Database, Transaction
from auction.kernel.jobs import Job, enqueue
from auction.kernel.link_keys import LinkKeys
from auction.kernel.persons import PersonUnknown, identity_of
from auction.sale.links.store import party_token, traits_of
from auction.sale.links.traits import account_in_form, traits_in_form
from auction.sale.rounds import store as rounds
from auction.sale.rounds.tables import RegistrationRow

TAKE_REGISTRATION_KEYS: Final = "bidding.take_registration_keys"


async def handle_key_registration(db: Database, keys: LinkKeys, job: Job) -> None:
    """Handle the job `KEY_REGISTRATION`."""
    named: RegistrationNamed = job.decode(RegistrationNamed)
    await db.transact(lambda tx: key_registration(tx, keys, named.registration_id))


async def key_registration(tx: Transaction, keys: LinkKeys, registration_id: UUID) -> None:
    """Send all keys of a registration as they are known now. Raises: `RegistrationUnknown`."""
    row = await rounds.registration_row(tx, registration_id)
    values = dict.fromkeys(await _values(tx, row))
    message = RegistrationKeys(
        registration_id=registration_id,
        round_id=row.round_id,
        party=party_token(tx, row.person_id),
        registered_at=row.registered_at,
        keys=tuple(hashed for kind, value in values for hashed in keys.hashes(kind, value)),
    )
    await enqueue(tx, TAKE_REGISTRATION_KEYS, message)


async def _values(tx: Transaction, row: RegistrationRow) -> list[tuple[str, str]]:
    accounts = await known_accounts(tx, row.deposit_id)
    return [
        *traits_in_form(await traits_of(tx, row.registration_id)),
        *(("payer_account", account_in_form(number)) for number in accounts.payers if account_in_form(number)),
        *(("refund_account", account_in_form(number)) for number in accounts.refunds if account_in_form(number)),
        *await _agent(tx, row),
    ]


async def _agent(tx: Transaction, row: RegistrationRow) -> list[tuple[str, str]]:
    """Give the agent whom the court confirmed; one only named declares nothing yet."""
    if row.agent_person_id is None or row.agent_confirmed_at is None:
        return []
    try:
        _, number = await identity_of(tx, row.agent_person_id)
    except PersonUnknown:
        return []
    return [("agent", number)]
