"""A site that brings a code to the provider, to be killed between the provider's answer and its note."""

from __future__ import annotations

import asyncio
import sys
from uuid import UUID, uuid4

import msgspec

from auction.kernel.actors import Actor
from auction.kernel.db import Database
from auction.kernel.ids import AccountId, PersonId
from auction.kernel.partners import Partner
from auction.kernel.sealing import Sealer
from auction.kernel.signed_calls import SignedClient
from web.auth.provider.provider_client import ProviderClient
from web.auth.provider.verify_by_provider import ProveCheck, prove_check


class Errand(msgspec.Struct, frozen=True, kw_only=True):
    """What the child is told."""

    database_url: str
    sealer_secret: str
    partner: dict[str, str]
    account_id: UUID
    person_id: UUID
    check_id: UUID
    code: str


async def main(errand: Errand) -> None:
    """Bring the code once, as the site does."""
    db = Database(errand.database_url, Sealer(errand.sealer_secret.encode()))
    partner = msgspec.convert(errand.partner, Partner)
    actor = Actor(account_id=AccountId(errand.account_id), person_id=PersonId(errand.person_id), roles=frozenset())
    command = ProveCheck(command_id=uuid4(), check_id=errand.check_id, code=errand.code)
    await prove_check(db, actor, command, ProviderClient("identity", partner, SignedClient(partner)))


if __name__ == "__main__":
    asyncio.run(main(msgspec.json.decode(sys.stdin.buffer.read(), type=Errand)))
