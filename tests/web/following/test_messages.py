"""Messages about what is followed, over real HTTP to the sandbox that carries them: each thing once, whatever dies between."""

from __future__ import annotations

import asyncio
import sys
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from auction.kernel.actors import Actor
from auction.kernel.errors import Refusal
from auction.kernel.ids import new_id
from auction.kernel.jobs import MAX_ATTEMPTS, Job
from tests.auction.sale.world import OPENS_AT
from tests.web.following.sending_child import Errand
from tests.web.following.world import MAIL, MOBILE, SITE, Following, code_in
from tests.web.partners.conftest import eventually, unheard_url
from web.catalogue.store import read_waiting
from web.following.follow import Unfollow, unfollow, unfollow_by_link
from web.following.following import CODE_TRIES, CONTACTS_A_DAY, PAUSE
from web.following.keep_contact import AddContact, ConfirmContact, EndContact, add_contact, confirm_contact, end_contact
from web.following.look_for_news import look_for_news
from web.following.send_message import CHECK_MESSAGE, handle_send_message
from web.following.store import SEND_MESSAGE

SERVERS = ("messages",)
SEALER_SECRET = "a made-up secret for tests, 32 bytes or more"
ROOT = Path(__file__).parents[3]


async def announced(following: Following, **what: object) -> None:
    """Follow by mail, then let the lot be announced and its words be read."""
    contact = await following.contact()
    await following.follow(contact, **(what or {"search": "class=home"}))
    await following.sale.announced()
    await following.db.transact(read_waiting)


async def test_new_lot_that_fits_is_told_once(following: Following) -> None:
    """One mail with title, court, hour and links; looking again, and sending again, tells nothing more."""
    await announced(following)
    assert [await look_for_news(following.db) for _ in range(3)] == [1, 0, 0]
    for _ in range(2):
        assert await following.work() == []
    _, mail = await following.delivered(2)

    assert (mail["channel"], mail["recipient"]) == ("mail", MAIL.lower())
    assert f"{SITE}/lots/{following.sale.lot_id}" in mail["text"]
    assert f"{SITE}/unfollow/" in mail["text"]
    assert "class=home" not in mail["text"] + mail["subject"]
    assert (await following.states())[-1] == ("news", "accepted", "")


async def test_lot_that_does_not_fit_is_not_told(following: Following) -> None:
    """A search for something else stays silent."""
    await announced(following, search="q=深圳")

    assert await look_for_news(following.db) == 0


async def test_lot_announced_before_is_not_told(following: Following) -> None:
    """What stood in the list when it was followed is no news."""
    await following.sale.announced()
    await following.follow(await following.contact(), search="class=home")

    assert await look_for_news(following.db) == 0


async def test_state_of_delivery_is_asked_until_it_is_known(following: Following) -> None:
    """What was delivered, and what came back, stands in the message's state."""
    await announced(following)
    await look_for_news(following.db)
    await following.street.order("messages", do="message_mood", mood="bounce")
    await following.work()
    await following.delivered(2)
    await following.work(CHECK_MESSAGE)

    assert [state for _, state, _ in await following.states()] == ["delivered", "refused"]


async def test_refusal_is_final_and_shown(following: Following) -> None:
    """The carrier's refusal ends the message with its code; it is not tried again."""
    await announced(following)
    await look_for_news(following.db)
    await following.street.order("messages", do="message_mood", mood="refuse")
    assert await following.work() == []
    await following.street.order("messages", do="message_mood", mood="normal")
    assert await following.work() == []

    assert (await following.states())[-1] == ("news", "refused", "recipient_refused")
    assert len(await following.taken()) == 1


async def test_line_that_is_down_is_tried_again(following: Following) -> None:
    """The job fails and waits; the message stays to be sent, and goes out when the line is back, once."""
    await announced(following)
    await look_for_news(following.db)
    down = Following(following.sale, following.street, following.person, url=unheard_url())
    assert await down.work() == ["Unavailable"]
    assert (await following.states())[-1] == ("news", "waiting", "Unavailable")
    assert await following.work() == []

    assert len(await following.delivered(2)) == 2


async def test_last_attempt_gives_up_in_sight(following: Following) -> None:
    """After the last attempt the message says so; before it, it waits."""
    await announced(following)
    await look_for_news(following.db)
    down = Following(following.sale, following.street, following.person, url=unheard_url())
    row = (await following.sale.jobs(SEND_MESSAGE))[-1]
    states = []
    for attempts in (MAX_ATTEMPTS - 2, MAX_ATTEMPTS - 1):
        job = Job(job_id=row.job_id, kind=SEND_MESSAGE, payload=bytes(row.payload), attempts=attempts)
        with pytest.raises(Exception, match="Connect"):
            await handle_send_message(following.db, down.office, job)
        states.append((await following.states())[-1][1])

    assert states == ["waiting", "given_up"]


async def test_killed_between_sending_and_noting_it(following: Following, database_url: str) -> None:
    """The carrier took the message, the worker died before it knew: sent again under the same id, nothing arrives twice."""
    await announced(following)
    await look_for_news(following.db)
    await following.street.order("messages", do="fault", kind="no_answer_after", path="/v1/messages", hold_ms=60_000)
    (message,) = await following.sale.rows("SELECT message_id FROM web.message WHERE kind = 'news'")
    errand = Errand(
        database_url=database_url,
        sealer_secret=SEALER_SECRET,
        partner=following.street.connections["messages"],
        message_id=message.message_id,
    )
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.web.following.sending_child", stdin=asyncio.subprocess.PIPE, cwd=ROOT
    )
    assert child.stdin is not None
    child.stdin.write(msgspec.json.encode(errand))
    child.stdin.close()
    await eventually(following.taken, lambda rows: len(rows) == 2)
    child.kill()
    await child.wait()
    assert (await following.states())[-1][1] == "waiting"
    for _ in range(2):
        assert await following.work() == []

    assert [row["message_id"] for row in await following.delivered(2)][1] == str(message.message_id)
    assert (await following.states())[-1][1] in ("accepted", "delivered")


async def test_two_workers_look_at_once(following: Following) -> None:
    """Whoever comes second finds it told."""
    await announced(following)

    assert sorted(await asyncio.gather(*(look_for_news(following.db) for _ in range(4)))) == [0, 0, 0, 1]


async def test_followed_lot_is_reminded_of_twice(following: Following) -> None:
    """A day before it opens, and an hour before; each once, and not once it has opened."""
    await following.sale.announced()
    await following.follow(await following.contact(MOBILE), lot_id=following.sale.lot_id)
    told = []
    for before in (
        timedelta(days=1, minutes=1),
        timedelta(days=1),
        timedelta(hours=2),
        timedelta(hours=1),
        timedelta(0),
    ):
        await following.sale.at(OPENS_AT - before)
        told.append((await look_for_news(following.db), await look_for_news(following.db)))
    await following.work()
    messages = await following.delivered(3)

    assert told == [(0, 0), (1, 0), (0, 0), (1, 0), (0, 0)]
    assert {row["recipient"] for row in messages} == {"13800138000"}
    assert all(f"/lots/{following.sale.lot_id}" in row["text"] for row in messages[1:])


async def test_ended_by_its_owner_or_by_the_link_nothing_is_sent(
    following: Following, people: dict[str, Actor]
) -> None:
    """What was made but not sent is not sent either; the words that were searched for are gone."""
    await announced(following)
    await look_for_news(following.db)
    (row,) = await following.sale.rows("SELECT followed_id FROM web.followed")
    with pytest.raises(Refusal) as wrong:
        await unfollow_by_link(following.db, row.followed_id, "0" * 40)
    with pytest.raises(Refusal) as stranger:
        await unfollow(following.db, people["bidder2"], Unfollow(command_id=new_id(), followed_id=row.followed_id))
    await unfollow(following.db, following.person, Unfollow(command_id=new_id(), followed_id=row.followed_id))
    assert await following.work() == []

    assert (wrong.value.code, stranger.value.code) == ("followed_unknown", "followed_unknown")
    assert len(await following.taken()) == 1
    assert (await following.states())[-1][1] == "ended"
    assert [row.search for row in await following.sale.rows("SELECT search FROM web.followed")] == [""]


async def test_removed_address_is_erased_and_ends_what_it_received(following: Following) -> None:
    """Nothing of the address is left, and nothing is followed by it."""
    contact = await following.contact()
    await following.follow(contact, search="class=home")
    await end_contact(following.db, following.person, EndContact(command_id=new_id(), contact_id=contact))
    await following.sale.announced()

    assert await look_for_news(following.db) == 0
    (row,) = await following.sale.rows("SELECT address_sealed, code_sealed FROM web.contact")
    assert (row.address_sealed, row.code_sealed) == (None, None)


async def test_code_may_be_tried_a_few_times_and_for_a_while(following: Following) -> None:
    """The right code after too many wrong ones, or too late, confirms nothing; a wrong one is counted though refused."""
    contacts = []
    for address in ("one@example.com", "two@example.com"):
        command = AddContact(command_id=new_id(), contact_id=new_id(), address=address)
        contacts.append(await add_contact(following.db, following.person, command))
    await following.work()
    codes = [code_in(row) for row in await following.taken()]
    wrong = f"{(int(codes[0]) + 1) % 10**6:06d}"

    async def typed(contact: object, code: str) -> bool:
        command = ConfirmContact(command_id=new_id(), contact_id=contact, typed=code)  # type: ignore[arg-type] # an id
        return await confirm_contact(following.db, following.person, command)

    assert [await typed(contacts[0], wrong) for _ in range(CODE_TRIES)] == [False] * CODE_TRIES
    assert await typed(contacts[0], codes[0]) is False
    (row,) = await following.sale.rows("SELECT code_until FROM web.contact WHERE contact_id = :id", id=contacts[1])
    await following.sale.at(row.code_until)
    assert await typed(contacts[1], codes[1]) is False


async def test_a_day_allows_few_addresses(following: Following) -> None:
    """Nobody makes the house write to many strangers; ended ones count."""
    for number in range(CONTACTS_A_DAY):
        command = AddContact(command_id=new_id(), contact_id=new_id(), address=f"a{number}@example.com")
        await add_contact(following.db, following.person, command)
    with pytest.raises(Refusal) as refused:
        await add_contact(
            following.db,
            following.person,
            AddContact(command_id=new_id(), contact_id=new_id(), address="z@example.com"),
        )

    assert refused.value.code == "too_many_contacts"


async def test_unconfirmed_address_receives_nothing(following: Following) -> None:
    """Nothing is followed by an address whose code was not typed."""
    command = AddContact(command_id=new_id(), contact_id=new_id(), address=MAIL)
    contact = await add_contact(following.db, following.person, command)
    with pytest.raises(Refusal) as refused:
        await following.follow(contact, search="class=home")

    assert refused.value.code == "contact_unconfirmed"


async def test_following_twice_is_following_once(following: Following) -> None:
    """The same search by other words of the address is the same."""
    contact = await following.contact()
    first = await following.follow(contact, search="class=home&sort=dearest")

    assert await following.follow(contact, search="class=home&page=2") == first


async def test_pause_between_messages(following: Following) -> None:
    """A lot that comes within the pause after a message is told when it is over, not lost."""
    await announced(following)
    (row,) = await following.sale.rows("UPDATE web.followed SET told_at = kernel.now_at() RETURNING told_at")
    told = []
    for after in (PAUSE - timedelta(microseconds=1), PAUSE, PAUSE * 2):
        await following.sale.at(row.told_at + after)
        told.append(await look_for_news(following.db))

    assert told == [0, 1, 0]
