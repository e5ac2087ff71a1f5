"""The checker is checked: a true record passes, and each kind of tampering is caught by its name."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable

import msgspec
import pytest

from loadtests.checker import check
from loadtests.stored import Stored, StoredEvent
from loadtests.told import ClientRecord, Told
from tests.bidding.journal.world import KEY, START_FEN, STEP_FEN
from tests.loadtests.conftest import KEYS, Small

LAST = 7
"""Number of the last event: opened, two admissions, four bids."""
Tamper = Callable[[Small], Stored]


def _kinds(small: Small, stored: Stored) -> set[str]:
    return {sentence.partition(":")[0] for sentence in check(small.clients, stored, KEYS)}


def _event(stored: Stored, number: int) -> StoredEvent:
    return next(event for event in stored.events if event.sequence == number)


def _change(stored: Stored, number: int, **body: object) -> Stored:
    """Give the journal with another body of one event, chained and headed anew as a forger would."""
    told = {**json.loads(_event(stored, number).body), **body}
    columns = {name: told[name] for name in ("at_us", "code", "bid_id") if name in body}
    text = json.dumps(told, sort_keys=True, separators=(",", ":"))
    changed = msgspec.structs.replace(_event(stored, number), body=text, **columns)
    return _chained(stored, [changed if event.sequence == number else event for event in stored.events])


def _chained(stored: Stored, events: list[StoredEvent]) -> Stored:
    row = stored.sessions[0]
    digest = hashlib.sha256(b"fapai-journal-v1\n" + row.session_id.bytes).digest()
    anew = []
    for event in sorted(events, key=lambda one: one.sequence):
        digest = hashlib.sha256(digest + event.body.encode()).digest()
        anew.append(msgspec.structs.replace(event, digest=digest))
    head = msgspec.structs.replace(row, digest=digest, sequence=len(anew))
    return msgspec.structs.replace(stored, sessions=(head,), events=tuple(anew))


async def test_true_record_passes(small: Small) -> None:
    """What the house did under its rules has no flaw, a refusal and extensions included."""
    assert check(small.clients, small.stored, KEYS) == []
    assert len(small.stored.refusals) == 1
    assert len(small.stored.events) == LAST


async def test_session_with_options_is_not_judged(small: Small) -> None:
    """The checker knows no options and says so, instead of passing what it cannot judge."""
    terms = json.loads(_event(small.stored, 1).body)["terms"]
    assert _kinds(small, _change(small.stored, 1, terms={**terms, "options": {}})) >= {"options"}


async def test_accepted_but_not_stored_is_caught(small: Small) -> None:
    """A bid that was acknowledged and is not in the journal is the worst that can happen."""
    small.clients[0].sent["lost"] = 1
    small.clients[0].heard("lost", Told(accepted=True, reason="", n=8))

    assert _kinds(small, small.stored) == {"told accepted, not stored"}


async def test_refused_but_stored_is_caught(small: Small) -> None:
    """Whoever was told *refused* must not find himself the leader."""
    bid_id = str(_event(small.stored, LAST).bid_id)
    small.clients[1].answers[bid_id] = [Told(accepted=False, reason="not_higher", n=6)]

    assert _kinds(small, small.stored) == {"told refused, but stored"}


@pytest.mark.parametrize(
    ("reason", "n"),
    [("not_higher", LAST - 1), ("own_lead", LAST - 1), ("after_end", LAST), ("stopped", 1), ("not_higher", 99)],
)
async def test_refusal_without_ground_is_caught(small: Small, reason: str, n: int) -> None:
    """A refusal that the event it names does not bear out was no right one: too low, own lead, closed, stopped."""
    client = small.clients[0] if reason != "own_lead" else small.clients[1]
    client.sent["high"] = START_FEN + 9 * STEP_FEN
    client.heard("high", Told(accepted=False, reason=reason, n=n))

    assert _kinds(small, small.stored) == {"refused without ground"}


async def test_event_that_is_shown_twice_is_caught(small: Small) -> None:
    """Nobody may be shown the same event again as if it were a new one."""
    small.clients[0].seen.insert(4, small.clients[0].seen[3])

    assert _kinds(small, small.stored) == {"view"}


async def test_two_answers_that_differ_are_caught(small: Small) -> None:
    """The same bid never gets two different final answers."""
    bid_id = str(_event(small.stored, LAST).bid_id)
    small.clients[1].heard(bid_id, Told(accepted=False, reason="not_higher", n=6))

    assert _kinds(small, small.stored) == {"told both accepted and refused"}


async def test_another_number_than_told_is_caught(small: Small) -> None:
    """The number in the answer is the number in the journal."""
    bid_id = str(_event(small.stored, LAST).bid_id)
    small.clients[1].answers[bid_id] = [Told(accepted=True, reason="", n=LAST + 1)]

    assert _kinds(small, small.stored) == {"told another number"}


async def test_bid_that_nobody_sent_is_caught(small: Small) -> None:
    """The house invents no bids."""
    bid_id = str(_event(small.stored, LAST).bid_id)
    del small.clients[1].sent[bid_id], small.clients[1].answers[bid_id]

    assert _kinds(small, small.stored) == {"stored, never sent"}


async def test_another_amount_than_sent_is_caught(small: Small) -> None:
    """What is stored is what was offered."""
    bid_id = str(_event(small.stored, LAST).bid_id)
    small.clients[1].sent[bid_id] += STEP_FEN

    assert _kinds(small, small.stored) == {"stored another amount"}


async def test_bid_stored_twice_is_caught(small: Small) -> None:
    """One bid id stands once."""
    twice = _change(small.stored, LAST, bid_id=_event(small.stored, 5).bid_id)

    assert "stored twice" in _kinds(small, twice)


async def test_missing_event_is_caught(small: Small) -> None:
    """Numbers have no gap."""
    without = msgspec.structs.replace(
        small.stored, events=tuple(event for event in small.stored.events if event.sequence != 5)
    )

    assert {"gap", "view", "chain", "receipt"} <= _kinds(small, without)


@pytest.mark.parametrize(
    ("number", "body", "kind"),
    [
        (LAST, {"amount_fen": 1_040_001, "price_fen": 1_040_001}, "ladder"),
        (LAST, {"amount_fen": 1_030_000, "price_fen": 1_030_000}, "ladder"),
        (4, {"amount_fen": 990_000, "price_fen": 990_000}, "ladder"),
        (LAST, {"code": "A", "leader": "A"}, "own lead"),
        (LAST, {"leader": "A"}, "ladder"),
        (LAST, {"extended": False}, "end"),
        (LAST, {"at_us": 1}, "time goes back"),
        (LAST, {"at_us": 1}, "late"),
    ],
)
async def test_rule_that_was_broken_is_caught(small: Small, number: int, body: dict[str, object], kind: str) -> None:
    """A forged event that is chained rightly is still against the rules."""
    assert kind in _kinds(small, _change(small.stored, number, **body))


@pytest.mark.parametrize(("after_us", "is_late"), [(-1, False), (0, True), (1, True)])
async def test_bid_at_the_end_is_late(small: Small, after_us: int, *, is_late: bool) -> None:
    """A microsecond before the end is in time; at the end is late."""
    end_us = json.loads(_event(small.stored, LAST - 1).body)["end_us"]
    at_us = end_us + after_us
    forged = _change(small.stored, LAST, at_us=at_us, end_us=at_us + 300_000_000, extended=True)
    sentences = check(small.clients, forged, KEYS)

    assert is_late == any("at or after the end" in sentence for sentence in sentences)


async def test_end_that_moved_too_far_is_caught(small: Small) -> None:
    """A bid moves the end to its own arrival plus five minutes, not a microsecond more."""
    end_us = json.loads(_event(small.stored, LAST).body)["end_us"]

    assert "end" in _kinds(small, _change(small.stored, LAST, end_us=end_us + 1))


async def test_client_that_saw_something_else_is_caught(small: Small) -> None:
    """One wrong price on one screen is enough."""
    seen = small.clients[0].seen
    seen[-1] = msgspec.structs.replace(seen[-1], price_fen=seen[-1].price_fen + 1)

    assert _kinds(small, small.stored) == {"view"}


@pytest.mark.parametrize("index", [3, -1])
async def test_client_that_missed_an_event_is_caught(small: Small, index: int) -> None:
    """Neither in the middle nor at the end may an event be missing on a screen."""
    del small.clients[0].seen[index]

    assert _kinds(small, small.stored) == {"view"}


async def test_client_that_left_early_need_not_see_the_end(small: Small) -> None:
    """Who was gone when it happened is not owed the last events, but what he saw must be right."""
    small.clients[0].watched_to_end = False
    del small.clients[0].seen[-1]

    assert check(small.clients, small.stored, KEYS) == []


async def test_broken_chain_is_caught(small: Small) -> None:
    """A digest that does not continue the chain is found, whatever the bodies say."""
    broken = msgspec.structs.replace(_event(small.stored, 5), digest=b"\x00" * 32)
    events = tuple(broken if event.sequence == 5 else event for event in small.stored.events)

    assert {"chain", "receipt"} == _kinds(small, msgspec.structs.replace(small.stored, events=events))


async def test_signature_of_another_key_is_caught(small: Small) -> None:
    """Receipts are valid under the pinned key only."""
    sentences = check(small.clients, small.stored, {KEY.key_id: b"\x01" * 32})

    assert sentences
    assert all(sentence.startswith("receipt:") for sentence in sentences)


async def test_refusal_that_was_altered_is_caught(small: Small) -> None:
    """Refusals stand outside the chain; the signed batch holds them."""
    other = msgspec.structs.replace(small.stored.refusals[0], reason="off_ladder")

    assert _kinds(small, msgspec.structs.replace(small.stored, refusals=(other,))) == {"receipt"}


async def test_batch_without_signature_is_caught(small: Small) -> None:
    """No batch, no receipt."""
    assert _kinds(small, msgspec.structs.replace(small.stored, batches=())) == {"receipt"}


async def test_session_that_is_not_stored_is_caught(small: Small) -> None:
    """A room of which nothing is stored is a gap."""
    empty = Stored(sessions=(), events=(), refusals=(), batches=())

    assert _kinds(small, empty) == {"gap"}


async def test_unknown_session_of_a_spectator_is_read_alone(small: Small) -> None:
    """A listener that sent nothing makes no stored bid look as if nobody had sent it."""
    listener = ClientRecord(small.terms.session_id, "", seen=list(small.clients[0].seen), watched_to_end=True)

    assert check([listener], small.stored, KEYS) == []
