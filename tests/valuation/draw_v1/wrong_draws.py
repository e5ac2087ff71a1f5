"""Transcripts made right, and made wrong in many ways, for two verifiers that must agree on each. Repeatable by seed."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import msgspec

from tests.valuation.draw_v1.made_draws import (
    KEY,
    ROUNDS,
    Made,
    entropy_of,
    make_draw,
    members,
    moment,
    sample_openings,
    sample_pool,
    secret,
    signed_again,
)
from valuation.draw_v1.canonical import fingerprint_of, written
from valuation.draw_v1.draw import BeaconOpened, Openings, PartyEntropy, SecretOpened, commitment
from valuation.draw_v1.draw_chain import DrawKey, Entry, PublishedHead, next_entry, sign_head
from valuation.draw_v1.draw_pool import (
    Excluded,
    Place,
    Pool,
    RestartOf,
    SecondSecret,
    SubList,
    instant,
)
from valuation.draw_v1.transcript import Continuation, DrawRecord, Transcript, read_transcript

STRANGER = DrawKey(b"\x07" * 32)
replace = msgspec.structs.replace


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """What a verifier is given."""

    name: str
    transcript: bytes
    head: bytes
    chain: bytes | None = None


def cases(count: int, seed: int) -> Iterator[Case]:
    """Give so many cases, each way of making them in turn."""
    chance = random.Random(seed)
    for i in range(count):
        yield MAKERS[i % len(MAKERS)](chance)


def _pool(chance: random.Random, *, beacon: float = 0.25) -> Pool:
    """Give a right pool of random size, purpose, names and second source; the browser checks a beacon slowly."""
    beacon_round = chance.choice(list(ROUNDS)) if chance.random() < beacon else None
    pool = sample_pool(count=chance.randrange(3, 20), beacon_round=beacon_round, draw_id=f"d-{chance.randrange(10**9)}")
    changes: list[dict[str, Any]] = [
        {},
        {"purpose": "audit_firm", "picks": 1},
        {"court": chance.choice(['\u2028\u0001"\\/\x7f', "é\u0301", "\U0001f3db️ 法院", "\ufeff x", "a\nb\tc"])},
        {"excluded": ()},
        {"restart_of": RestartOf(draw_id="d-0", failure_sha256="0" * 64, court="省高级人民法院", order_no="1")},
        {"sub_list": SubList(profession="land", places=(Place(name="市", count=0, threshold=0),), used="市")},
    ]
    return replace(pool, **chance.choice(changes))


def _entropy(chance: random.Random, pool: Pool) -> tuple[PartyEntropy, ...]:
    names = sorted(chance.sample(["a-1", "A-1", "b.2", "b:2", "debtor", "9"], chance.randrange(4)))
    return tuple(_party(pool, name, is_open=chance.random() < 0.7) for name in names)


def _party(pool: Pool, name: str, *, is_open: bool) -> PartyEntropy:
    return PartyEntropy(
        party=name,
        commitment=commitment(pool.draw_id, name, secret(name)),
        committed_at=pool.commit_by,
        value=secret(name) if is_open else None,
        opened_at=pool.reveal_by if is_open else None,
    )


def _openings(chance: random.Random, pool: Pool) -> Openings:
    return replace(sample_openings(pool), entropy=_entropy(chance, pool))


def _make(chance: random.Random, **more: Any) -> Made:  # noqa: ANN401
    pool = _pool(chance)
    return make_draw(pool, _openings(chance, pool), **more)


def _case(name: str, made: Made, head: PublishedHead | None = None, chain: bytes | None = None) -> Case:
    return Case(name=name, transcript=made.transcript, head=written(head or made.heads[-1]), chain=chain)


def right(chance: random.Random) -> Case:
    """Everything fits, against any head since the pool."""
    made = _make(chance)
    return _case("right", made, chance.choice(made.heads))


def right_later(chance: random.Random) -> Case:
    """Everything fits, or nearly, against a later head with a continuation."""
    made = _make(chance)
    entries: list[Entry] = [made.chain[-1]]
    for i in range(chance.randrange(1, 4)):
        draw_id = made.pool.draw_id if chance.random() < 0.1 else f"later-{i}"
        entries.append(next_entry(entries[-1], kind="pool", draw_id=draw_id, sha256="a" * 64, at=entries[-1].at))
    kept = sign_head(chance.choice(entries[-2:]), KEY, at=entries[-1].at)
    chain = written(Continuation(entries=tuple(entries[1:])))
    if chance.random() < 0.3:
        chain = _flipped(chance, chain)
    return _case("later head", made, kept, None if chance.random() < 0.2 else chain)


def _flipped(chance: random.Random, given: bytes) -> bytes:
    at = chance.randrange(len(given))
    return given[:at] + bytes([given[at] ^ chance.randrange(1, 256)]) + given[at + 1 :]


def flipped(chance: random.Random) -> Case:
    """One byte is another one."""
    case = _case("flipped", _make(chance))
    return replace(case, transcript=_flipped(chance, case.transcript))


def cut(chance: random.Random) -> Case:
    """A piece is missing, doubled, or something was put in."""
    case = _case("cut", _make(chance))
    file = case.transcript
    first, last = sorted(chance.sample(range(len(file)), 2))
    changed = chance.choice([file[:last], file[:first] + file[last:], file[:last] + file[first:], file + b"\n"])
    return replace(case, transcript=changed)


def respelled(chance: random.Random) -> Case:
    """The same values in another spelling, or nothing like it."""
    case = _case("respelled", _make(chance))
    value, text = json.loads(case.transcript), case.transcript.decode()
    other = chance.choice(
        [
            json.dumps(value, ensure_ascii=True, separators=(",", ":"), sort_keys=True),
            json.dumps(value, ensure_ascii=False, sort_keys=True),
            json.dumps(dict(reversed(value.items())), ensure_ascii=False, separators=(",", ":")),
            text.replace('"version":1', '"version":1.0', 1),
            text.replace('"version":1', '"version":1e0', 1),
            text.replace('"picks":[', '"picks":[],"picks":[', 1),
            "\ufeff" + text,
            "",
            "[" * 200 + "]" * 200,
        ]
    )
    return replace(case, transcript=other.encode())


_ANYTHING: tuple[object, ...] = (
    None, True, 0, 1, -1, 2**53 - 1, 2**53, "", "x", "a" * 64, "A" * 64, [], {}, [1], "\n", "\U0001f3db" * 1001, "2026-09-17T15:23:42Z",
)  # fmt: skip


def _somewhere(chance: random.Random, value: Any) -> None:  # noqa: ANN401
    """Change one thing somewhere inside."""
    while True:
        places = list(value.items()) if isinstance(value, dict) else list(enumerate(value))
        name, inner = chance.choice(places)
        if isinstance(inner, dict | list) and inner and chance.random() < 0.85:
            value = inner
            continue
        if isinstance(value, dict) and chance.random() < 0.2:
            del value[name]
        elif isinstance(value, dict) and chance.random() < 0.2:
            value["more"] = inner
        else:
            value[name] = chance.choice(_ANYTHING)
        return


def misshapen(chance: random.Random) -> Case:
    """Some value somewhere is another one, canonical but not signed again."""
    case = _case("misshapen", _make(chance))
    value = json.loads(case.transcript)
    _somewhere(chance, value)
    changed = json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return replace(case, transcript=changed.encode())


def resigned(chance: random.Random) -> Case:
    """What the chain does not hold is signed by the right key."""
    made = _make(chance)
    transcript = read_transcript(made.transcript)
    chain, pool = transcript.chain, transcript.pool
    again = next_entry(chain[-1], kind="failure", draw_id=pool.draw_id, sha256="0" * 64, at=chain[-1].at)
    changed: list[Transcript] = [
        replace(transcript, chain=chain[1:]) if len(chain) > 2 else transcript,
        replace(transcript, chain=chain[:-1]) if len(chain) > 2 else transcript,
        replace(transcript, chain=(chain[0], *chain[2:])) if len(chain) > 2 else transcript,
        replace(transcript, chain=(*chain, again)),
        replace(transcript, pool=replace(pool, asset="另一处")),
        replace(transcript, pool=replace(pool, frozen_at=instant(moment(pool.frozen_at) - timedelta(1)))),
        replace(transcript, seed="0" * 64),
        replace(transcript, key_id=STRANGER.key_id),
        replace(transcript, chain=(replace(chain[0], n=1), *chain[1:])),
    ]
    return replace(_case("resigned", made), transcript=signed_again(chance.choice(changed)))


def anew(chance: random.Random) -> Case:
    """Made anew as a whole, against the head that was kept."""
    pool = _pool(chance)
    openings = _openings(chance, pool)
    kept = make_draw(pool, openings)
    other = chance.choice(
        [
            make_draw(pool, openings, salt="other"),
            make_draw(replace(pool, asset="另一处"), openings),
            make_draw(pool, replace(openings, entropy=())),
        ]
    )
    return _case("anew", other, chance.choice(kept.heads))


def wrong_pool(chance: random.Random) -> Case:
    """A pool that breaks a rule, published and drawn as if it were right."""
    pool = _pool(chance, beacon=0.6)
    first, other = pool.members[0], members(30)
    barred = Excluded(id=first.id, name="甲", reason="barred", article="参考价 15", detail="")
    changes: list[dict[str, Any]] = [
        {"members": pool.members[:2], "picks": 3},
        {"members": pool.members[::-1]},
        {"members": (*pool.members, other[len(pool.members) - 1])},
        {"members": (*pool.members, replace(first, id="z"))},
        {"excluded": (barred,)},
        {"excluded": (replace(barred, id="z"), replace(barred, id="y"))},
        {"purpose": "valuation_agency", "picks": chance.choice([1, 2, 4])},
        {"sub_list": replace(pool.sub_list, used="别处")},
        {"sub_list": replace(pool.sub_list, places=(Place(name="市", count=3, threshold=3), *pool.sub_list.places))},
        {"commit_by": pool.reveal_by},
        {"reveal_by": instant(moment(pool.draw_at) - timedelta(seconds=60) + timedelta(microseconds=chance.randrange(-1, 2)))},
        {"commit_by": pool.commit_by[:8] + "31" + pool.commit_by[10:]},
        {"draw_at": instant(moment(pool.draw_at) + timedelta(microseconds=chance.randrange(-2, 3)))},
        {"second": SecondSecret(office=pool.drawn_by, commitment="0" * 64)},
        {"second": SecondSecret(office=pool.requested_by, commitment="0" * 64)},
    ]  # fmt: skip
    if not isinstance(pool.second, SecondSecret):
        changes += [
            {"second": replace(pool.second, round=pool.second.round + chance.choice([-1, 1]))},
            {"second": replace(pool.second, public_key="b" * 192)},
            {"second": replace(pool.second, period=30)},
        ]
    changed = replace(pool, **chance.choice(changes))
    made = make_draw(changed, replace(sample_openings(pool), entropy=()), is_checked=False)
    return _case("wrong pool", made)


def wrong_outcome(chance: random.Random) -> Case:
    """Another outcome than follows, well published."""
    made = _make(chance)
    record = read_transcript(made.transcript)
    order, at = record.order, moment(made.pool.draw_at)
    changes: list[dict[str, Any]] = [
        {"seed": secret("seed")},
        {"order": order[::-1]},
        {"order": order[:-1]},
        {"order": (*order, order[0])},
        {"picks": order[1 : 1 + made.pool.picks]},
        {"picks": order[: made.pool.picks + 1]},
        {"picks": ()},
        {"drawn_at": instant(at + timedelta(microseconds=chance.randrange(-2, 1)))},
    ]
    change = chance.choice(changes)

    def outcome(right_record: DrawRecord) -> DrawRecord:
        return replace(right_record, **change)

    return _case("wrong outcome", make_draw(made.pool, made.openings, outcome=outcome))


def wrong_openings(chance: random.Random) -> Case:
    """Openings that do not fit their commitments, their names, or their kind."""
    pool = _pool(chance, beacon=0.6)
    openings = _openings(chance, pool)
    party = _party(pool, "p-1", is_open=True)
    foreign = BeaconOpened(signature=ROUNDS[657413], randomness=fingerprint_of("x"))
    changes: list[dict[str, Any]] = [
        {"court_secret": secret("x")},
        {"second": SecretOpened(value=secret("x"))},
        {"second": foreign},
        {"entropy": (party, party)},
        {"entropy": (party, _party(pool, "a", is_open=True))},
        {"entropy": (_party(pool, "second", is_open=False),)},
        {"entropy": (replace(party, value=secret("x")),)},
        {"entropy": (replace(party, opened_at=None),)},
        {"entropy": (replace(party, value=None),)},
    ]
    if isinstance(openings.second, BeaconOpened):
        others = [number for number in ROUNDS if ROUNDS[number] != openings.second.signature]
        changes += [{"second": _signed_by(ROUNDS[chance.choice(others)])}, {"second": _signed_by("c0" + "00" * 47)}]
    changed = replace(openings, **chance.choice(changes))
    return _case("wrong openings", make_draw(pool, changed, is_checked=False))


def _signed_by(signature: str) -> BeaconOpened:
    import hashlib  # noqa: PLC0415

    return BeaconOpened(signature=signature, randomness=hashlib.sha256(bytes.fromhex(signature)).hexdigest())


def wrong_entropy(chance: random.Random) -> Case:
    """Entropy that was published otherwise, or out of its time."""
    pool = _pool(chance)
    party = _party(pool, "p-1", is_open=True)
    tick = timedelta(microseconds=chance.randrange(-1, 2))
    told = chance.choice(
        [
            replace(party, committed_at=instant(moment(pool.commit_by) + tick)),
            replace(party, opened_at=instant(moment(pool.commit_by) + tick)),
            replace(party, opened_at=instant(moment(pool.reveal_by) + tick)),
        ]
    )
    openings = replace(sample_openings(pool), entropy=(told,))
    chained = chance.choice([None, entropy_of(pool, openings)[:1], entropy_of(pool, openings) * 2])
    return _case("wrong entropy", make_draw(pool, openings, chained=chained))


def wrong_head(chance: random.Random) -> Case:
    """A head of another time, place, key or form."""
    made = _make(chance)
    entry = made.chain[-1]
    before = next_entry(None, kind="pool", draw_id="x", sha256="0" * 64, at=made.pool.frozen_at)
    after = next_entry(entry, kind="pool", draw_id="x", sha256="0" * 64, at=entry.at)
    head = made.heads[-1]
    changes: list[bytes] = [
        written(sign_head(before, KEY, at=before.at)),
        written(sign_head(after, KEY, at=after.at)),
        written(sign_head(entry, STRANGER, at=entry.at)),
        written(replace(head, signature=STRANGER.sign(b"x").hex())),
        written(replace(head, at=instant(moment(head.at) + timedelta(microseconds=chance.choice([-1, 1]))))),
        written(replace(head, head="0" * 64)),
        written(head) + b" \r\n",
        written(head) + b"\x0b",
        _flipped(chance, written(head)),
        b"",
        made.transcript,
    ]
    return Case(name="wrong head", transcript=made.transcript, head=chance.choice(changes))


def wrong_key(chance: random.Random) -> Case:
    """Signed by a stranger, under his name or the house's."""
    made = _make(chance, key=STRANGER)
    transcript = read_transcript(made.transcript)
    named = signed_again(replace(transcript, key_id=KEY.key_id), STRANGER)
    head = sign_head(made.chain[-1], KEY, at=made.chain[-1].at)
    return Case(name="wrong key", transcript=chance.choice([made.transcript, named]), head=written(head))


MAKERS: tuple[Callable[[random.Random], Case], ...] = (
    right,
    right_later,
    flipped,
    cut,
    respelled,
    misshapen,
    resigned,
    anew,
    wrong_pool,
    wrong_pool,
    wrong_outcome,
    wrong_openings,
    wrong_openings,
    wrong_entropy,
    wrong_head,
    wrong_key,
)
