"""Take the keyed hashes of a registration into the party graph: late, twice, in parts and in any order, the end is the same."""

from __future__ import annotations

from sqlalchemy import text

from auction.contracts import RegistrationKeys
from auction.kernel.db import Database, Transaction
from auction.kernel.errors import Conflict, Malformed
from auction.kernel.jobs import Job

KEYS_MAX = 64
"""So many keys has one message at the most: every kind twice over under two keys of a rotation."""
HASH_BYTES = 32


class KeysMalformed(Malformed):
    """A message of keys that is none."""

    code = "registration_keys_malformed"
    article = "house: keys are hashes of 32 bytes, at most 64 in one message"
    zh = "报名关联项消息格式不符，未予登记。"
    en = "This message of keys does not have the documented form; nothing was stored."


class KeysOfOther(Conflict):
    """The same registration came with another round or party."""

    code = "registration_keys_of_other"
    article = "house: a registration is of one round and one party"
    zh = "同一报名的轮次或主体与先前登记不一致，未予登记。"
    en = "This registration came before with another round or party; nothing was stored."


async def handle_registration_keys(db: Database, job: Job) -> None:
    """Handle the job ``bidding.take_registration_keys``; a repeated message changes nothing."""
    keys: RegistrationKeys = job.decode(RegistrationKeys)
    await db.transact(lambda tx: take_keys(tx, keys))


async def take_keys(tx: Transaction, keys: RegistrationKeys) -> None:
    """Store what is new of these keys. Raises: `KeysMalformed`, `KeysOfOther`."""
    values = _values(keys)
    party_no = await _party_no(tx, keys.party)
    await _take_registration(tx, keys, party_no)
    if values:
        await _take_values(tx, keys, party_no, values)


def _values(keys: RegistrationKeys) -> list[tuple[str, str, bytes]]:
    """Give the values in one order, so that two transactions never wait for each other crosswise."""
    if len(keys.keys) > KEYS_MAX or not keys.party:
        raise KeysMalformed
    try:
        values = sorted({(kind, key_id, bytes.fromhex(hashed)) for kind, key_id, hashed in keys.keys})
    except ValueError as fault:
        raise KeysMalformed from fault
    if any(len(hashed) != HASH_BYTES or not kind or not key_id for kind, key_id, hashed in values):
        raise KeysMalformed
    return values


async def _party_no(tx: Transaction, party: str) -> int:
    await tx.session.execute(
        text("INSERT INTO bidding.link_party (party) VALUES (:party) ON CONFLICT (party) DO NOTHING"), {"party": party}
    )
    found = await tx.session.execute(
        text("SELECT party_no FROM bidding.link_party WHERE party = :party"), {"party": party}
    )
    return int(found.scalar_one())


async def _take_registration(tx: Transaction, keys: RegistrationKeys, party_no: int) -> None:
    of = {"id": keys.registration_id, "round": keys.round_id, "party": party_no, "at": keys.registered_at}
    await tx.session.execute(
        text(
            "INSERT INTO bidding.keyed_registration (registration_id, round_id, party_no, registered_at) "
            "VALUES (:id, :round, :party, :at) ON CONFLICT (registration_id) DO NOTHING"
        ),
        of,
    )
    stands = await tx.session.execute(
        text(
            "SELECT 1 FROM bidding.keyed_registration "
            "WHERE registration_id = :id AND round_id = :round AND party_no = :party"
        ),
        of,
    )
    if stands.first() is None:
        raise KeysOfOther(registration_id=keys.registration_id)


_GIVEN = "unnest(CAST(:kinds AS text[]), CAST(:ids AS text[]), CAST(:hashes AS bytea[])) AS g (kind, key_id, hash)"
_MINE = f"FROM {_GIVEN} JOIN bidding.link_value v USING (hash, kind, key_id) ORDER BY v.value_no"
_PUT_VALUES = (
    f"INSERT INTO bidding.link_value (kind, key_id, hash) SELECT kind, key_id, hash FROM {_GIVEN} "  # noqa: S608 - made of constants
    "ON CONFLICT (hash, kind, key_id) DO NOTHING"
)
_PUT_OWN = (
    "INSERT INTO bidding.registration_value (registration_id, value_no) "
    f"SELECT CAST(:id AS uuid), v.value_no {_MINE} ON CONFLICT DO NOTHING"
)
_PUT_USES = (
    "INSERT INTO bidding.link_use AS u (value_no, party_no, first_at, last_at) "
    "SELECT v.value_no, CAST(:party AS bigint), CAST(:at AS timestamptz), CAST(:at AS timestamptz) "
    f"{_MINE} ON CONFLICT (value_no, party_no) DO UPDATE "
    "SET first_at = least(u.first_at, excluded.first_at), last_at = greatest(u.last_at, excluded.last_at) "
    "WHERE excluded.first_at < u.first_at OR excluded.last_at > u.last_at"
)


async def _take_values(
    tx: Transaction, keys: RegistrationKeys, party_no: int, values: list[tuple[str, str, bytes]]
) -> None:
    given = {
        "kinds": [kind for kind, _, _ in values],
        "ids": [key_id for _, key_id, _ in values],
        "hashes": [hashed for _, _, hashed in values],
    }
    await tx.session.execute(text(_PUT_VALUES), given)
    await tx.session.execute(text(_PUT_OWN), {**given, "id": keys.registration_id})
    await tx.session.execute(text(_PUT_USES), {**given, "party": party_no, "at": keys.registered_at})
