"""The gateway on real servers: admission, answers after the commit, replay, replacement, faults of clients and servers."""

from __future__ import annotations

import asyncio
import json
import socket
from datetime import timedelta

import httpx
import msgspec
import pytest
from redis.asyncio import Redis
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from auction.kernel.clock import real_now
from auction.kernel.ids import LotId, SessionId, new_id
from bidding.live.move_clock import move_clock
from bidding.rooms import gateway as gateway_module
from bidding.rooms import sockets
from bidding.rooms.limits import FRAMES_BURST
from bidding.rooms.room import Member, Room
from bidding.rooms.tickets import TICKET_S, issue_ticket, revoke_code, revoke_grant, tell_limit
from bidding.rooms.wire import (
    Beat,
    BidFrame,
    Bye,
    Close,
    DecisionMessage,
    Events,
    Hello,
    LineState,
    Missed,
    Ping,
    Pong,
    ServerMessage,
    Snapshot,
    ToConfirm,
    encode,
)
from bidding.rules.options import Growth, Options
from bidding.rules.session import BidderCode, SessionTerms
from tests.bidding.journal.world import START_FEN, STEP_FEN, World, eventually
from tests.bidding.rooms.house import (
    KEY,
    ORIGIN,
    Client,
    RunningGateway,
    enter,
    knock,
    open_socket,
    pass_for,
    running_gateway,
    ticket_for,
)

DAY_US = 86_400_000_000


def room_of(running: RunningGateway, terms: SessionTerms) -> Room:
    """The room as that gateway has it."""
    return running.gateway.rooms(terms.lot_id).rooms[terms.session_id]


async def nothing_but_pong(client: Client) -> list[ServerMessage]:
    """What came before the answer to a ping, heartbeats aside."""
    before = len(client.seen)
    await client.send(Ping(sent=len(client.seen)))
    await client.until(Pong, lambda pong: pong.sent == before)
    return [message for message in client.seen[before:-1] if not isinstance(message, Beat | LineState)]


# Bids.


async def test_bid_is_answered_and_shown_to_everybody(house: World, gateway: RunningGateway) -> None:
    """An accepted bid is answered to its bidder and shown to all, without its id or its sender's identity."""
    terms = await house.open("A", "B")
    async with await enter(gateway, terms, "A") as a, await enter(gateway, terms, "B") as b:
        bid_id = await a.bid(0)
        answer = await a.answer(bid_id)
        shown = await b.until(Events, lambda message: message.view.price_fen > 0)

    assert (True, "", 4) == (answer.accepted, answer.code, answer.n)
    assert [(4, "A", START_FEN)] == [(e.n, e.code, e.price_fen) for e in shown.events]
    assert ("A", 1_010_000) == (shown.view.leader, shown.view.floor_fen)
    assert bid_id.encode() not in msgspec.json.encode(shown)
    assert isinstance(b.seen[0], Snapshot)
    assert [1, 2, 3] == [event.n for event in b.seen[0].log]


async def test_neither_acceptance_nor_refusal_leaves_before_the_commit(world: World) -> None:
    """While the committer holds a batch back, the bid and the refusals that rest on it are not answered or shown (bid-core 7)."""
    gate = asyncio.Event()
    gate.set()

    async def hold(_instant: str) -> None:
        await gate.wait()

    async with world.committer(checkpoint=hold):
        await world.owned()
        terms = await world.open("A", "B")
        async with (
            running_gateway(world) as running,
            await enter(running, terms, "A") as a,
            await enter(running, terms, "B") as b,
        ):
            gate.clear()
            accepted, refused = await a.bid(1), await b.bid(0)

            async def both_decided() -> bool:
                waiting = [one.pending for one in room_of(running, terms).members]
                return all(p.decision is not None for one in waiting for p in one.values()) and all(waiting)

            await eventually(both_decided)
            assert [] == await nothing_but_pong(a)
            assert [] == await nothing_but_pong(b)
            gate.set()

            assert (await a.answer(accepted)).accepted
            assert "not_higher" == (await b.answer(refused)).code


async def test_new_owner_has_waiting_bids_decided_again(world: World) -> None:
    """A bid that no owner committed is answered once, after the next owner has: under a new epoch, by the same id (bid-core 7, 8)."""
    async with world.committer():
        await world.owned()
        terms = await world.open("A")
    async with running_gateway(world) as running, await enter(running, terms, "A") as a:
        bid_id = await a.bid(0)
        assert [] == await nothing_but_pong(a)
        async with world.committer():
            answer = await a.answer(bid_id)
            while a.epoch < answer.epoch:  # a line that had fallen silent tells the new epoch later
                await a.next()
            again = [m for m in a.seen if isinstance(m, DecisionMessage) and m.bid_id == bid_id]

    assert [answer] == again
    assert (True, 3, True) == (answer.accepted, answer.n, answer.repeated)
    assert answer.epoch == a.epoch > 1


async def test_same_bid_again_gets_the_same_answer(house: World, gateway: RunningGateway) -> None:
    """A bid that is sent again, on the same line or on another gateway's, is answered as before and counts once."""
    terms = await house.open("A")
    async with running_gateway(house) as second:
        async with await enter(gateway, terms, "A") as a:
            bid_id = await a.bid(0)
            answers = [await a.answer(bid_id)]
            await a.bid(0, bid_id=bid_id)
            answers.append(await a.answer(bid_id))
            reused = await a.bid(5, bid_id=bid_id)
            assert "bid_id_reused" == (await a.answer(reused)).code
        async with await enter(second, terms, "A") as a:
            outcomes = [one for message in a.seen if isinstance(message, Snapshot) for one in message.outcomes]
            await a.bid(0, bid_id=bid_id)
            answers.append(await a.answer(bid_id))

    assert [(True, 3)] * 3 == [(answer.accepted, answer.n) for answer in answers]
    assert [(bid_id, True, 3)] == [(one.bid_id, one.accepted, one.n) for one in outcomes]
    assert 1 == (await house.view(terms.session_id)).bid_count


async def test_rules_refuse_with_code_article_and_both_sentences(house: World, gateway: RunningGateway) -> None:
    """A refusal names its code and article and says it in Chinese and English, with what may be bid next."""
    terms = await house.open("A")
    async with await enter(gateway, terms, "A") as a:
        await a.answer(await a.bid(0))
        own = await a.answer(await a.bid(1))

    assert ("own_lead", True, START_FEN, 1_010_000) == (own.code, own.final, own.price_fen, own.floor_fen)
    assert own.article
    assert own.zh != own.en


async def test_high_bid_is_asked_about_in_words_and_counts_once_it_is_confirmed(
    house: World, gateway: RunningGateway
) -> None:
    """The question brings the amount back in both languages, also to one who comes back; the confirmed bid is a new one."""
    options = Options(confirm_steps=2, growth=(Growth(after_extensions=1, times=2),))
    recorded = msgspec.structs.replace(await house.terms(minutes=4), options=options)
    terms = await house.open("A", "B", terms=recorded)
    async with await enter(gateway, terms, "A") as a:
        question = await a.answer(await a.bid(3))
        other = BidFrame(bid_id=str(new_id()), amount_fen=START_FEN, confirmed_fen=START_FEN + STEP_FEN)
        await a.send(other)
        contradiction = await a.answer(other.bid_id)
    async with await enter(gateway, terms, "A") as again:
        snapshot = again.seen[0]
        taken = await again.answer(await again.bid(3, confirmed=True))
    async with await enter(gateway, terms, "B") as b:
        view = b.seen[0].view if isinstance(b.seen[0], Snapshot) else None
        off = await b.answer(await b.bid(4))

    words = ToConfirm(amount_fen=START_FEN + 3 * STEP_FEN, zh="壹万零叁佰元整", en="ten thousand three hundred yuan")
    assert (question.code, question.confirm, question.n, question.final) == ("confirmation_required", words, 0, True)
    assert words.zh in question.zh
    assert words.en in question.en
    assert (contradiction.code, contradiction.confirm) == ("bid_malformed", None)
    assert isinstance(snapshot, Snapshot)
    assert [one.confirm for one in snapshot.outcomes] == [words]
    assert (snapshot.view.confirm_above_fen, snapshot.view.increment_fen) == (START_FEN + 2 * STEP_FEN, STEP_FEN)
    assert taken.accepted
    assert view is not None
    assert (view.increment_fen, view.floor_fen, view.extensions) == (2 * STEP_FEN, START_FEN + 5 * STEP_FEN, 1)
    assert view.confirm_above_fen == START_FEN + 7 * STEP_FEN
    assert off.code == "off_ladder"


async def _hold_to(house: World, terms: SessionTerms, member: Member, limit_fen: int) -> None:
    """Tell the room of bidder A's own limit, and wait until his socket is held to it."""
    lot_id, session_id = LotId(terms.lot_id), SessionId(terms.session_id)
    await tell_limit(house.live, lot_id=lot_id, session_id=session_id, code=BidderCode("A"), limit_fen=limit_fen)

    async def held() -> bool:
        return member.admits.limit_fen == limit_fen

    await eventually(held)


async def test_own_limit_is_refused_at_the_door_and_told_to_nobody(house: World, gateway: RunningGateway) -> None:
    """A bid above the limit decides nothing; one decided before the limit fell gets its answer again; others bid on."""
    terms = await house.open("A", "B")
    async with await enter(gateway, terms, "A") as a, await enter(gateway, terms, "B") as b:
        first = BidFrame(bid_id=str(new_id()), amount_fen=START_FEN)
        await a.send(first)
        taken = await a.answer(first.bid_id)
        (member,) = room_of(gateway, terms).members_of("A")
        await _hold_to(house, terms, member, START_FEN - 1)
        await a.send(first)
        again = await a.answer(first.bid_id)
        above = await a.answer(await a.bid(2))
        other = await b.answer(await b.bid(1))
        await _hold_to(house, terms, member, START_FEN + 2 * STEP_FEN)
        at_limit = await a.answer(await a.bid(2))

    assert (taken.accepted, again.accepted, again.n) == (True, True, taken.n)
    assert (above.accepted, above.code, above.final, above.n) == (False, "above_own_limit", False, 0)
    assert other.accepted
    assert at_limit.accepted


async def test_rooms_without_options_say_nothing_of_them(house: World, gateway: RunningGateway) -> None:
    """A frame of a plain session is as long as it was before there were options."""
    terms = await house.open("A")
    async with await enter(gateway, terms, "A") as a:
        await a.bid(0)
        frames = [encode(await a.until(Events)), encode(a.seen[0])]

    assert not any(word in frame for word in (b"confirm", b"extensions") for frame in frames)


@pytest.mark.parametrize(
    ("amount", "code"),
    [
        (-1, "amount_malformed"),
        (0, "amount_malformed"),
        (1_000_000.0, "amount_malformed"),
        ("1,000,000", "amount_malformed"),
        (10**15, "amount_malformed"),
        (10**14, "amount_malformed"),
        (1_000_001, "off_ladder"),
        (999_999, "bid_below_start"),
    ],
)
async def test_forged_amounts_are_refused(house: World, gateway: RunningGateway, amount: object, code: str) -> None:
    """No spelling of an amount that is not a lawful step gets into the room; the line stays open."""
    terms = await house.open("A")
    async with await enter(gateway, terms, "A") as a:
        bid_id = str(new_id())
        frame = {"type": "bid", "bid_id": bid_id, "amount_fen": amount, "kind": "bid"}
        await a.connection.send(json.dumps(frame))
        assert code == (await a.answer(bid_id)).code
        assert (await a.answer(await a.bid(0))).accepted


@pytest.mark.parametrize(
    ("frame", "close"),
    [
        ('{"type":"ping","sent":1,"role":"admin"}', Close.MALFORMED),
        ('{"type":"hello","lot_id":"00000000-0000-0000-0000-000000000001"}', Close.MALFORMED),
        (b'{"type":"ping","sent":1}', Close.MALFORMED),
        ("{" * 3_000, Close.MALFORMED),
        ("x" * 1_000_000, 1009),
    ],
)
async def test_forged_frames_close_the_line(
    house: World, gateway: RunningGateway, frame: str | bytes, close: int
) -> None:
    """A frame that is no documented message, or is too large, closes the socket with a code that says not to come back."""
    terms = await house.open("A", "B")
    async with await enter(gateway, terms, "A") as a, await enter(gateway, terms, "B") as b:
        await a.connection.send(frame)
        assert close == await a.until_closed()
        assert (await b.answer(await b.bid(0))).accepted


async def test_too_many_messages_close_the_line(house: World, gateway: RunningGateway) -> None:
    """Beyond the published rate of messages a socket is closed: come back later."""
    terms = await house.open()
    async with await enter(gateway, terms) as a:
        for number in range(FRAMES_BURST + 20):
            await a.send(Ping(sent=number))

        assert Close.TOO_FAST == await a.until_closed()
        assert [("later", int(Close.TOO_FAST))] == [(m.reconnect, m.code) for m in a.seen if isinstance(m, Bye)]


# Admission.


async def test_ticket_admits_once_here_and_now_only(house: World, gateway: RunningGateway) -> None:
    """Used, expired, forged and foreign tickets are refused, each with its code (bid-core 17)."""
    terms, other = await house.open("A"), await house.open("A")
    used = ticket_for(terms, "A")
    async with await enter(gateway, terms, "A", ticket=used):
        pass
    old = issue_ticket(KEY, pass_for(terms, "A"), now=real_now() - timedelta(seconds=TICKET_S))
    elsewhere = issue_ticket(KEY, pass_for(terms, "A", origin="https://evil.example"), now=real_now())
    mixed = issue_ticket(
        KEY, msgspec.structs.replace(pass_for(terms, "A"), session_id=other.session_id), now=real_now()
    )
    unknown = issue_ticket(KEY, msgspec.structs.replace(pass_for(terms, "A"), session_id=new_id()), now=real_now())

    assert Close.TICKET_USED == await knock(gateway, Hello(lot_id=terms.lot_id, ticket=used))
    assert Close.TICKET_EXPIRED == await knock(gateway, Hello(lot_id=terms.lot_id, ticket=old))
    for lot, ticket in (
        (other.lot_id, ticket_for(terms, "A")),
        (terms.lot_id, elsewhere),
        (terms.lot_id, mixed),
        (terms.lot_id, unknown),
        (terms.lot_id, "forged.ticket"),
    ):
        assert Close.TICKET_REFUSED == await knock(gateway, Hello(lot_id=lot, ticket=ticket))
    for hello in (Hello(lot_id=terms.lot_id), Hello(lot_id=terms.lot_id, ticket="a", resume="b")):
        assert Close.MALFORMED == await knock(gateway, hello)


async def test_two_sockets_race_for_one_ticket(house: World, gateway: RunningGateway) -> None:
    """Of two uses of a ticket at two gateways at the same time exactly one is admitted (bid-core 17)."""
    terms = await house.open("A")
    async with running_gateway(house) as second:
        hello = Hello(lot_id=terms.lot_id, ticket=ticket_for(terms, "A"))
        clients = [Client(await open_socket(one)) for one in (gateway, second)]
        await asyncio.gather(*(client.send(hello) for client in clients))
        first = [await client.next() for client in clients]
        for client in clients:
            await client.connection.close()

    assert 1 == sum(isinstance(message, Snapshot) for message in first)
    assert [Close.TICKET_USED] == [message.code for message in first if isinstance(message, Bye)]


async def test_foreign_pages_and_paths_get_no_socket(house: World, gateway: RunningGateway) -> None:
    """A handshake from another origin, from none, or to another path is refused before any frame."""
    del house
    for origin, path, status in ((("https://evil.example"), "", 403), (None, "", 403), (ORIGIN, "/x", 404)):
        with pytest.raises(InvalidStatus) as refused:
            await connect(gateway.url + path, origin=origin)  # type: ignore[arg-type] # a plain text is an origin
        assert status == refused.value.response.status_code


async def test_silent_socket_is_closed(house: World, gateway: RunningGateway, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who shows no ticket in time is closed."""
    del house
    monkeypatch.setattr(gateway_module, "HELLO_S", 0.05)
    async with Client(await open_socket(gateway)) as client:
        assert Close.HELLO_LATE == await client.until_closed()


async def test_newer_socket_replaces_the_older_at_any_gateway(house: World, gateway: RunningGateway) -> None:
    """A code has one socket: the newer one stays, wherever it is, and the older is told not to come back."""
    terms = await house.open("A", "B")
    async with running_gateway(house) as second, await enter(gateway, terms, "B") as b:
        async with await enter(gateway, terms, "A") as older, await enter(second, terms, "A") as newer:
            assert Close.REPLACED == await older.until_closed()
            assert (await newer.answer(await newer.bid(0))).accepted
            async with await enter(gateway, terms, "A") as newest:
                assert Close.REPLACED == await newer.until_closed()
                assert [] == await nothing_but_pong(newest)
        await b.until_n(4)


async def test_sign_out_and_bar_close_sockets_and_void_tokens(house: World, gateway: RunningGateway) -> None:
    """A revoked sign-in or code loses its socket, its resume token and its unused tickets; others stay."""
    terms = await house.open("A", "B", "C")
    async with (
        await enter(gateway, terms, "A", grant="sign-in-1") as a,
        await enter(gateway, terms, "B") as b,
        await enter(gateway, terms, "C") as c,
    ):
        unused = ticket_for(terms, "A", grant="sign-in-1")
        await revoke_grant(house.live, "sign-in-1")
        await revoke_code(
            house.live, lot_id=LotId(terms.lot_id), session_id=SessionId(terms.session_id), code=BidderCode("B")
        )
        assert [Close.REVOKED] * 2 == [await client.until_closed() for client in (a, b)]
        assert [] == await nothing_but_pong(c)

    for hello in (
        Hello(lot_id=terms.lot_id, resume=a.resume),
        Hello(lot_id=terms.lot_id, ticket=unused),
        Hello(lot_id=terms.lot_id, resume=b.resume),
    ):
        assert Close.REVOKED == await knock(gateway, hello)


async def test_spectator_sees_everything_and_bids_nothing(house: World, gateway: RunningGateway) -> None:
    """A spectator gets events but no outcomes, and his bids are refused without asking the room (bid-core 18)."""
    terms = await house.open("A")
    async with await enter(gateway, terms, "A") as a, await enter(gateway, terms) as spectator:
        refused = await spectator.answer(await spectator.bid(0))
        await a.answer(await a.bid(0))
        await spectator.until_n(3)

    assert "not_admitted" == refused.code
    async with (
        running_gateway(house, roles=frozenset({"spectator"})) as spectators,
        await enter(spectators, terms) as other,
    ):
        assert {1, 2, 3} == set(other.log)
        hello = Hello(lot_id=terms.lot_id, ticket=ticket_for(terms, "A"))
        assert Close.ROLE_ELSEWHERE == await knock(spectators, hello)


# Coming back.


async def test_no_event_is_missed_or_doubled_while_coming_and_going(house: World, gateway: RunningGateway) -> None:
    """A page that changes gateways again and again during a rush of bids sees each event once, in order (bid-core 20)."""
    terms = await house.open("A", "B")
    async with running_gateway(house) as second:

        async def rush() -> None:
            async with await enter(gateway, terms, "A") as a, await enter(second, terms, "B") as b:
                for step in range(60):
                    who = (a, b)[step % 2]
                    await who.answer(await who.bid(step))

        rushing = asyncio.create_task(rush())
        log: dict[int, str] = {}
        repeated: list[int] = []
        turns = 0
        resume = ""
        while len(log) < 63:
            one = (gateway, second)[turns % 2]
            async with await enter(one, terms, resume=resume, after=max(log, default=0)) as page:
                snapshot = page.seen[0]
                assert isinstance(snapshot, Snapshot)
                assert snapshot.complete
                await page.until_n(min(63, max(page.log, default=max(log, default=0)) + 3))
                assert [] == page.repeated
                repeated += [n for n in page.log if n in log]
                log |= {n: event.event for n, event in page.log.items()}
                resume = page.resume
            turns += 1
        await rushing

    assert list(range(1, 64)) == sorted(log)
    assert [] == repeated
    assert turns > 3


async def test_resume_token_is_good_once_and_for_its_lot(house: World, gateway: RunningGateway) -> None:
    """A resume token works at another gateway, once, for its own room."""
    terms, other = await house.open("A"), await house.open("A")
    async with running_gateway(house) as second:
        async with await enter(gateway, terms, "A") as a:
            token = a.resume
        async with await enter(second, terms, resume=token) as a:
            assert a.resume != token
            fresh = a.resume
            assert (await a.answer(await a.bid(0))).accepted
        assert Close.RESUME_UNKNOWN == await knock(gateway, Hello(lot_id=terms.lot_id, resume=token))
        assert Close.TICKET_REFUSED == await knock(gateway, Hello(lot_id=other.lot_id, resume=fresh))


async def test_gap_is_sent_on_demand(house: World, gateway: RunningGateway) -> None:
    """A page that noticed a gap gets all later events in one message; one that is too far behind gets the last ones."""
    terms = await house.open("A", "B")
    async with await enter(gateway, terms, "A") as a, await enter(gateway, terms, "B") as b:
        for step in range(4):
            who = (a, b)[step % 2]
            await who.answer(await who.bid(step))
        await a.until_n(7)
        await a.send(Missed(after=2))
        sent = await a.until(Events, lambda message: message.first == 3)

    assert (7, [3, 4, 5, 6, 7]) == (sent.n, [event.n for event in sent.events])


async def test_who_asks_again_and_again_for_a_gap_is_served_now_and_then(house: World, gateway: RunningGateway) -> None:
    """Forty bytes may ask for a thousand events, so a client's asks are answered twice a second, by the last one."""
    terms = await house.open("A", "B")
    async with await enter(gateway, terms, "A") as a:
        await a.answer(await a.bid(0))
        await a.until_n(4)
        await a.send(Missed(after=1))
        await a.until(Events, lambda message: message.first == 2)
        for after in (1, 1, 2):
            await a.send(Missed(after=after))
        second = await a.until(Events)

    assert second.first == 3


async def test_draining_gateway_answers_and_sends_everybody_on(house: World, gateway: RunningGateway) -> None:
    """On the stop signal what waits is answered, sockets are told to come back at once, and another gateway takes over (bid-core 20)."""
    terms = await house.open("A")
    async with running_gateway(house) as leaving:
        async with await enter(leaving, terms, "A") as a:
            bid_id = await a.bid(0)
            leaving.stop.set()
            assert Close.DRAINING == await a.until_closed()
        answered = [m for m in a.seen if isinstance(m, DecisionMessage)]
        assert ["now"] == [m.reconnect for m in a.seen if isinstance(m, Bye)]
        with pytest.raises((OSError, InvalidStatus)):
            await open_socket(leaving)
    async with await enter(gateway, terms, resume=a.resume, after=max(a.log)) as back:
        await back.bid(0, bid_id=bid_id)
        assert (await back.answer(bid_id)).accepted

    assert all(answer.accepted for answer in answered)


# Clients that are gone or slow.


async def test_dead_line_is_dropped_and_a_quiet_one_kept(house: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Everybody is asked whether he is there; a page answers by itself, a line that is dead does not."""
    monkeypatch.setattr(gateway_module, "KEEPALIVE_S", 0.2)
    terms = await house.open("A", "B")
    async with running_gateway(house) as running:
        quiet, dead = await enter(running, terms, "A"), await enter(running, terms, "B")
        room = room_of(running, terms)
        dead.connection.transport.pause_reading()

        async def is_alone() -> bool:
            return len(room.members) == 1

        await eventually(is_alone)
        assert [member.admits.code for member in room.members] == ["A"]
        await asyncio.sleep(0.5)
        assert (await quiet.answer(await quiet.bid(0))).accepted
        dead.connection.transport.abort()
        await quiet.connection.close()


async def test_leaver_does_not_end_the_tick(
    house: World, gateway: RunningGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A socket that raises when written to, or is gone, keeps nobody else from a frame."""
    terms = await house.open("A")
    pages = [await enter(gateway, terms) for _ in range(4)]
    async with await enter(gateway, terms, "A") as a:
        members = list(gateway.gateway.rooms(terms.lot_id).sockets())
        broken = members[0].connection.transport

        def fail(_frame: bytes) -> None:
            raise RuntimeError("the handler is closed")

        monkeypatch.setattr(broken, "write", fail)
        pages[1].connection.transport.abort()
        await a.answer(await a.bid(0))
        for page in (pages[2], pages[3]):
            await page.until_n(3)
        monkeypatch.undo()
    for page in pages:
        await page.connection.close()


async def test_slow_reader_is_cut_off_with_a_way_back(
    house: World, gateway: RunningGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A page that does not read is closed with a code that says: come back at once; others notice nothing."""
    monkeypatch.setattr(sockets, "SLOW_BYTES", 64 * 1024)
    terms = await house.open("A")
    raw = socket.create_connection(("127.0.0.1", int(gateway.url.rsplit(":", 1)[1].split("/")[0])))
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    slow = Client(await connect(gateway.url, sock=raw, origin=ORIGIN, compression=None, max_queue=1))  # type: ignore[arg-type] # a plain text is an origin
    await slow.send(Hello(lot_id=terms.lot_id, ticket=ticket_for(terms, "")))
    await slow.next()
    async with await enter(gateway, terms, "A") as a:
        rooms = gateway.gateway.rooms(terms.lot_id)

        async def is_cut() -> bool:
            for _ in range(200):
                await rooms.beat()
            return len(list(rooms.sockets())) == 1

        reading = asyncio.create_task(a.until(Pong))
        await eventually(is_cut, 60)
        await a.send(Ping(sent=1))
        await reading
        assert (await a.answer(await a.bid(0))).accepted
        assert Close.SLOW_READER == await slow.until_closed()
    await slow.connection.close()


# Servers.


async def test_moved_clock_is_told_at_once(house: World, gateway: RunningGateway) -> None:
    """When the clock of a demonstration jumps by months, pages hear the new time within a second or so."""
    terms = await house.open("A")
    async with await enter(gateway, terms, "A") as a:
        snapshot = a.seen[0]
        assert isinstance(snapshot, Snapshot)
        assert abs(snapshot.server_us - await house.now_us()) < 1_000_000
        await house.settled(terms)
        await move_clock(house.live, offset_us=90 * DAY_US)
        loop = asyncio.get_running_loop()
        asked = loop.time()
        beat = await a.until(Beat, lambda m: m.server_us > snapshot.server_us + 89 * DAY_US)
        assert loop.time() - asked < 2

    assert beat.server_us - snapshot.server_us < 91 * DAY_US


async def test_silence_of_the_owner_is_told(world: World) -> None:
    """After a second without the owner's word pages are told that the state may be stale, and when it is fresh again."""
    async with running_gateway(world) as running:
        async with world.committer():
            await world.owned()
            terms = await world.open("A")
            a = await enter(running, terms, "A")
            await a.until(Beat, lambda beat: beat.line == "live")
        assert "stale" == (await a.until(LineState)).line
        async with world.committer():
            assert "live" == (await a.until(LineState)).line
            await a.connection.close()


async def test_room_heals_after_redis_lost_everything(house: World, gateway: RunningGateway, valkey: Redis) -> None:
    """After FLUSHALL the room is rebuilt, pauses, wakes because a bidder is there, and takes bids; nothing is missed."""
    terms = await house.open("A", "B")
    async with await enter(gateway, terms, "A") as a, await enter(gateway, terms, "B") as b:
        first = await a.bid(0)
        await a.answer(first)
        await valkey.flushall()
        await a.until(Events, lambda m: any(event.event == "resumed" for event in m.events))
        second = await b.bid(1)
        assert (await b.answer(second)).accepted
        await a.bid(0, bid_id=first)
        again = await a.answer(first)
        await a.until_n(max(b.log))

    assert (True, True) == (again.accepted, again.repeated)
    assert ["opened", "admitted", "admitted", "bid", "stopped", "resumed", "bid"] == [
        a.log[n].event for n in sorted(a.log)
    ]
    assert [] == a.repeated


async def test_bid_sent_while_redis_has_lost_the_room_is_decided_afterwards(
    house: World, gateway: RunningGateway, valkey: Redis
) -> None:
    """A bid into the emergency is answered: refused by the pause or taken after it, never lost in silence."""
    terms = await house.open("A")
    async with await enter(gateway, terms, "A") as a:
        await valkey.flushall()
        answer = await a.answer(await a.bid(0))
        while not answer.accepted:
            assert answer.code in {"stopped", "room_rebuilding", "room_missing"}
            answer = await a.answer(await a.bid(0))

    assert 1 == (await house.view(terms.session_id)).bid_count


async def test_next_session_of_a_lot_closes_the_last_ones_sockets(house: World, gateway: RunningGateway) -> None:
    """When a lot is auctioned again, sockets of the session that is over are closed and not called back."""
    terms = await house.open("A")
    async with await enter(gateway, terms, "A") as a:
        await house.settled(terms)
        await move_clock(house.live, offset_us=DAY_US)
        await a.until(Events, lambda m: m.view.phase == "closed")
        later = await house.terms(lot=terms.lot_id)
        later = msgspec.structs.replace(later, closes_at_us=later.closes_at_us + 2 * DAY_US)
        await house.open("A", terms=later)
        assert Close.SESSION_OVER == await a.until_closed()
    async with await enter(gateway, later, "A") as a:
        assert (await a.answer(await a.bid(0))).accepted


# The port's other answers.


async def test_health_and_counters_on_the_same_port(house: World, gateway: RunningGateway) -> None:
    """The port answers whether the gateway serves, and counts for this machine only; no label names lot or code."""
    terms = await house.open("A")
    async with await enter(gateway, terms, "A") as a, httpx.AsyncClient(base_url=gateway.http, trust_env=False) as web:
        await a.answer(await a.bid(0))

        async def is_live() -> bool:
            return gateway.gateway.rooms(terms.lot_id).line == "live"

        await eventually(is_live)
        health = (await web.get("/healthz")).json()
        counted = (await web.get("/metrics")).text
        proxied = await web.get("/metrics", headers={"X-Forwarded-For": "203.0.113.9"})

    assert (False, 1, "live") == (health["draining"], health["sockets"], health["lines"]["0"])
    assert 'fapai_room_bids_total{result="accepted"} 1.0' in counted
    assert str(terms.lot_id) not in counted
    assert 404 == proxied.status_code


async def test_many_may_come_at_once_while_the_gateway_is_busy(gateway: RunningGateway) -> None:
    """Connections that arrive in one moment wait for a busy gateway; their first packets are not lost."""
    port = int(gateway.http.rpartition(":")[2])
    lines: list[socket.socket] = []
    try:
        # Nothing here gives the gateway, which lives in this loop, a chance to accept.
        lines.extend(socket.create_connection(("127.0.0.1", port), timeout=0.5) for _ in range(300))

        assert len(lines) == 300
    finally:
        for line in lines:
            line.close()
