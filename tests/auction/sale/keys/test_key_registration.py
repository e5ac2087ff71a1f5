"""Keys of registrations: sealed at the site, hashed by the worker, sent again when more is known, and hashed anew in a rotation."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

import msgspec
import pytest

from auction.contracts import DepositHeld, RegistrationKeys
from auction.fund.deposits.send_refund import Payer
from auction.kernel.db import Database, Transaction
from auction.kernel.ids import new_id
from auction.kernel.jobs import Job
from auction.kernel.link_keys import LinkKey, LinkKeys
from auction.sale.keys import rekey_registrations
from auction.sale.keys.key_registration import TAKE_REGISTRATION_KEYS, handle_key_registration, key_registration
from auction.sale.keys.rekey_registrations import REKEY, handle_rekey, plan_rekeying
from auction.sale.links.store import party_token
from auction.sale.links.traits import KEY_REGISTRATION, Contact, Origin
from auction.sale.rounds.admit_bidder import DEPOSIT_HELD, handle_deposit_held
from auction.sale.rounds.bidders import RegistrationUnknown
from auction.sale.rounds.confirm_agent import ConfirmAgent, confirm_agent
from auction.sale.rounds.register_bidder import Agent, RegisterBidder, Registered, register_bidder
from bidding.integrity.links.find_links import link_of, links_of_round
from bidding.integrity.links.take_keys import handle_registration_keys
from tests.auction.sale.world import World, resident_number

OLD, NEW = LinkKey("2026a", b"\x01" * 32), LinkKey("2026b", b"\x02" * 32)
ONLY_OLD, BOTH, ONLY_NEW = LinkKeys((OLD,)), LinkKeys((NEW, OLD)), LinkKeys((NEW,))
AGENTS_BIRTH = date(1985, 1, 1)
PHONE, ADDRESS = "138 0013 8000", "示例市一号路2号"


async def register(world: World, contact: Contact | None = None, origin: Origin | None = None) -> Registered:
    """Register somebody new."""
    command = RegisterBidder(
        command_id=new_id(),
        registration_id=new_id(),
        lot_id=world.lot_id,
        accepts_warnings=True,
        contact=contact,
    )
    return await register_bidder(world.db, await world.bidder(), command, origin=origin)


async def work(world: World, keys: LinkKeys) -> None:
    """Do all jobs on keys that stand, as the worker does."""
    for job in await world.jobs(KEY_REGISTRATION):
        await handle_key_registration(world.db, keys, job)
    for job in await world.jobs(TAKE_REGISTRATION_KEYS):
        await handle_registration_keys(world.db, job)


async def sent(world: World, registration_id: UUID) -> list[RegistrationKeys]:
    """Give the messages of a registration, the newest last."""
    every: Sequence[RegistrationKeys] = [
        job.decode(RegistrationKeys) for job in await world.jobs(TAKE_REGISTRATION_KEYS)
    ]
    return [message for message in every if message.registration_id == registration_id]


async def pay_from(world: World, registered: Registered, account: str) -> None:
    """Let the deposit come from an account, as the bank names it."""
    held = DepositHeld(
        registration_id=registered.registration_id,
        deposit_id=registered.deposit_id,
        case_id=world.case_id,
        amount_fen=registered.deposit_fen,
    )
    await world.pay_deposit(registered)
    job = Job(job_id=new_id(), kind=DEPOSIT_HELD, payload=msgspec.json.encode(held), attempts=0)
    for _ in range(2):
        await handle_deposit_held(world.db, job)
    sealed = world.db.sealer.seal(msgspec.json.encode(Payer(account=account, name="付款人")).decode())
    await world.rows(
        "UPDATE fund.receipt SET payer_sealed = :sealed WHERE subject_id = :deposit RETURNING 1",
        sealed=sealed,
        deposit=registered.deposit_id,
    )


def kinds(message: RegistrationKeys) -> set[str]:
    """Name the kinds of a message."""
    return {kind for kind, _, _ in message.keys}


async def test_two_who_write_one_telephone_differently_are_linked(world: World) -> None:
    """Two registrations with one telephone, written in two ways, are linked; nothing of it is to be read outside the seal."""
    await world.announced()
    one = await register(world, Contact(phone=PHONE, address=ADDRESS), Origin(device="d1", network="8.8.8.0/24"))
    other = await register(world, Contact(phone="+8613800138000"), Origin(device="d2", network="8.8.4.0/24"))

    await work(world, ONLY_OLD)

    async with world.db.reading() as tx:
        link = await link_of(tx, one.registration_id, other.registration_id)
    assert link is not None
    assert link.is_told
    assert {"phone"} == {key.kind for key in link.shared}
    assert "address" in link.unknown
    (kept,) = await world.rows(
        "SELECT (SELECT string_agg(convert_from(payload, 'utf-8'), ' ') FROM kernel.job) AS jobs, "
        "(SELECT string_agg(t::text, ' ') FROM sale.registration_traits t) AS sealed, "
        "(SELECT string_agg(v::text, ' ') FROM bidding.link_value v) AS graph"
    )
    assert not [text for text in kept if "13800138000" in text or ADDRESS in text or "8.8.8" in text]


async def test_message_names_no_person(world: World) -> None:
    """A message holds a keyed token and hashes; the same person has the same token, and it is not his id."""
    await world.announced()
    bidder = await world.bidder()
    registered = await world.register(bidder)

    await work(world, ONLY_OLD)

    (message,) = await sent(world, registered.registration_id)
    async with world.db.reading() as tx:
        assert party_token(tx, bidder.person_id) == message.party
    assert bidder.person_id.hex not in message.party.replace("-", "")


async def test_accounts_are_sent_when_fund_knows_them(world: World) -> None:
    """The paying account joins the keys once the bank has named it; two of one purse are linked by it."""
    await world.announced()
    one, other = await register(world), await register(world)
    await work(world, ONLY_OLD)
    (before,) = await sent(world, one.registration_id)
    assert set() == kinds(before)

    for registered, number in ((one, "6222 0000-1"), (other, "622200001")):
        await pay_from(world, registered, number)
    await work(world, ONLY_OLD)

    assert {"payer_account"} == kinds((await sent(world, one.registration_id))[-1])
    async with world.db.reading() as tx:
        (link,) = await links_of_round(tx, before.round_id)
    assert "payer_account" in {key.kind for key in link.counted}


async def test_agent_counts_once_the_court_has_confirmed_him(world: World) -> None:
    """An agent only named declares nothing; confirmed, he is sent as a declared relation."""
    await world.announced()
    agent = Agent(name="钱示例", identity_number=resident_number(AGENTS_BIRTH, 700), document_ref="授权委托书")
    registered = await world.register(await world.bidder(), agent=agent, contact=Contact(phone=PHONE))
    await work(world, ONLY_OLD)
    assert {"phone"} == kinds((await sent(world, registered.registration_id))[-1])

    command = ConfirmAgent(command_id=new_id(), registration_id=registered.registration_id)
    await confirm_agent(world.db, world.clerk, command)
    await work(world, ONLY_OLD)

    assert {"phone", "agent"} == kinds((await sent(world, registered.registration_id))[-1])


async def test_linked_pair_stands_when_one_withdraws(world: World) -> None:
    """A registration that has ended keeps its keys: the link stands."""
    await world.announced()
    one, other = await register(world, Contact(phone=PHONE)), await register(world, Contact(phone=PHONE))
    await world.rows(
        "UPDATE sale.registration SET state = 'released' WHERE registration_id = :id RETURNING 1",
        id=other.registration_id,
    )
    await work(world, ONLY_OLD)

    async with world.db.reading() as tx:
        link = await link_of(tx, one.registration_id, other.registration_id)
    assert link is not None
    assert link.is_told


async def test_keys_after_a_rotation_without_overlap_share_nothing(world: World) -> None:
    """Registered under the old key and under the new one alone, two are not compared, until the old one is hashed anew."""
    await world.announced()
    one = await register(world, Contact(phone=PHONE))
    await work(world, ONLY_OLD)
    other = await register(world, Contact(phone=PHONE))
    await key(world.db, ONLY_NEW, other)
    async with world.db.reading() as tx:
        assert await link_of(tx, one.registration_id, other.registration_id) is None

    await rekey(world, BOTH)

    async with world.db.reading() as tx:
        link = await link_of(tx, one.registration_id, other.registration_id)
    assert link is not None
    assert link.is_told


async def key(db: Database, keys: LinkKeys, registered: Registered) -> None:
    """Send the keys of one registration and take them."""
    await db.transact(lambda tx: key_registration(tx, keys, registered.registration_id))


async def rekey(world: World, keys: LinkKeys) -> None:
    """Hash everything of before under the present key, step by step, and take it."""
    await world.db.transact(lambda tx: plan_rekeying(tx, keys))
    done: set[UUID] = set()
    while open_steps := [job for job in await world.jobs(REKEY) if job.job_id not in done]:
        for job in open_steps:
            await handle_rekey(world.db, keys, job)
            done.add(job.job_id)
    for job in await world.jobs(TAKE_REGISTRATION_KEYS):
        await handle_registration_keys(world.db, job)


async def test_rekeying_that_dies_in_a_step_goes_on(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A step that dies half-way leaves nothing; done again, and then once more, all end under both keys, once."""
    monkeypatch.setattr(rekey_registrations, "STEP", 2)
    await world.announced()
    registered = [await register(world, Contact(phone=f"1380013800{n}")) for n in range(5)]
    await work(world, ONLY_OLD)
    await world.db.transact(lambda tx: plan_rekeying(tx, BOTH))
    (first,) = await world.jobs(REKEY)
    before = len(await world.jobs(TAKE_REGISTRATION_KEYS))
    with monkeypatch.context() as dying:
        dying.setattr(rekey_registrations, "key_registration", _dies_at(2))
        with pytest.raises(ConnectionError):
            await handle_rekey(world.db, BOTH, first)
    assert before == len(await world.jobs(TAKE_REGISTRATION_KEYS))

    await rekey(world, BOTH)
    await handle_rekey(world.db, BOTH, first)
    await rekey(world, BOTH)

    values = await world.rows("SELECT key_id, count(*) AS number FROM bidding.link_value GROUP BY key_id")
    assert {"2026a": len(registered), "2026b": len(registered)} == {row.key_id: row.number for row in values}
    assert 3 == len(await world.jobs(REKEY))


async def test_rekeying_under_a_key_that_is_gone_ends(world: World) -> None:
    """A step of a key that stands in no setting any more sends nothing."""
    await world.announced()
    await register(world, Contact(phone=PHONE))
    await world.db.transact(lambda tx: plan_rekeying(tx, ONLY_NEW))
    (step,) = await world.jobs(REKEY)

    await handle_rekey(world.db, ONLY_OLD, step)

    assert [] == await world.jobs(TAKE_REGISTRATION_KEYS)


async def test_erased_traits_are_unknown(world: World) -> None:
    """Once the seal was erased nothing is sent of it, and nothing fails; it cannot be written over."""
    await world.announced()
    registered = await register(world, Contact(phone=PHONE))
    await world.rows("UPDATE sale.registration_traits SET traits_sealed = NULL RETURNING 1")

    await work(world, ONLY_OLD)

    (message,) = await sent(world, registered.registration_id)
    assert set() == kinds(message)


async def test_registration_that_is_none_is_refused(database: Database) -> None:
    """Keys are sent of registrations only."""
    with pytest.raises(RegistrationUnknown):
        await database.transact(lambda tx: key_registration(tx, ONLY_OLD, new_id()))


def _dies_at(count: int) -> object:
    """Make a sender whose connection is lost at a call."""
    calls = 0

    async def send(tx: Transaction, keys: LinkKeys, registration_id: UUID) -> None:
        nonlocal calls
        calls += 1
        if calls >= count:
            raise ConnectionError("the machine went away")
        await key_registration(tx, keys, registration_id)

    return send
