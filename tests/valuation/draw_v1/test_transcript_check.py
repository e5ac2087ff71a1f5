from __future__ import annotations

import json
import os
import random
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import msgspec
import pytest

from tests.valuation.draw_v1.made_draws import (
    KEY,
    KEYS,
    ROUNDS,
    Made,
    entropy_of,
    make_draw,
    moment,
    sample_openings,
    sample_pool,
    secret,
    signed_again,
)
from valuation.draw_v1.canonical import fingerprint_of, written
from valuation.draw_v1.draw import BeaconOpened, Openings, PartyEntropy, SecretOpened, commitment
from valuation.draw_v1.draw_chain import DrawKey, PublishedHead, next_entry, read_keys, sign_head
from valuation.draw_v1.draw_pool import Pool, instant
from valuation.draw_v1.transcript import Continuation, Transcript, read_transcript
from valuation.draw_v1.transcript_check import Verdict, check_transcript

POOL = sample_pool()
MADE = make_draw(POOL)
OTHER_KEY = DrawKey(b"\x01" * 32)
ALL_BITS = bool(os.environ.get("FAPAI_DRAW_ALL_BITS"))


def check(transcript: bytes, head: PublishedHead | bytes, continuation: bytes | None = None) -> Verdict:
    """Verify by the sample keys."""
    kept = head if isinstance(head, bytes) else written(head)
    return check_transcript(transcript, KEYS, kept, continuation)


def code_of(verdict: Verdict) -> str:
    """Give why a verification failed, empty: it held."""
    return "" if verdict.why is None else verdict.why.code


@pytest.mark.parametrize("beacon_round", [*ROUNDS, None])
def test_transcript_made_right_holds_against_each_head_since_its_pool(beacon_round: int | None) -> None:
    """With either second source, a head kept after any entry of the file bears it out."""
    made = make_draw(sample_pool(beacon_round=beacon_round))

    assert [code_of(check(made.transcript, head)) for head in made.heads] == [""] * len(made.heads)


def test_verdict_says_whether_the_head_is_from_before_the_outcome_could_be_known() -> None:
    """A head kept before the beacon's round shows that the pool was not made to fit; at its instant or later, no more."""
    entry, tick = MADE.chain[1], timedelta(microseconds=1)
    instants = [moment(POOL.draw_at) - tick, moment(POOL.draw_at), moment(POOL.draw_at) + tick]
    found = [check(MADE.transcript, sign_head(entry, KEY, at=instant(at))).is_frozen_before for at in instants]

    assert found == [True, False, False]
    by_secret = make_draw(sample_pool(beacon_round=None))
    at = [moment(by_secret.pool.reveal_by) - tick, moment(by_secret.pool.reveal_by)]
    kept = [sign_head(by_secret.chain[0], KEY, at=instant(one)) for one in at]
    assert [check(by_secret.transcript, head).is_frozen_before for head in kept] == [True, False]


def test_transcript_made_anew_whole_fails_by_a_kept_head() -> None:
    """Even the holder of the signing key cannot make another pool or another outcome fit a head that somebody kept."""
    other_pool = msgspec.structs.replace(POOL, members=POOL.members[1:])
    other_secret = secret("better")
    steered = msgspec.structs.replace(POOL, court_commitment=commitment(POOL.draw_id, "court", other_secret))
    anew = [
        make_draw(other_pool),
        make_draw(steered, msgspec.structs.replace(MADE.openings, court_secret=other_secret)),
        make_draw(POOL, salt="another history"),
    ]
    for made in anew:
        assert code_of(check(made.transcript, made.heads[-1])) == ""
        assert {code_of(check(made.transcript, head)) for head in MADE.heads} == {"draw_head_not_of_chain"}


def test_outcome_made_anew_fails_by_a_head_kept_after_the_draw() -> None:
    """An opening left out after the draw gives another outcome, and another head than the one kept."""
    silent = msgspec.structs.replace(MADE.openings, entropy=())
    anew = make_draw(POOL, silent)

    assert anew.chain[0] == MADE.chain[0]
    assert code_of(check(anew.transcript, anew.heads[-1])) == ""
    assert code_of(check(anew.transcript, MADE.heads[-1])) == "draw_head_after_chain"
    assert code_of(check(anew.transcript, MADE.heads[2])) == "draw_head_not_of_chain"


def test_head_from_before_the_pool_proves_nothing() -> None:
    """A head that is older than the pool's entry is refused, however right it is."""
    before = next_entry(None, kind="pool", draw_id="draw-before", sha256=fingerprint_of("before"), at=POOL.frozen_at)

    assert MADE.chain[0].previous == fingerprint_of(before)
    assert code_of(check(MADE.transcript, sign_head(before, KEY, at=before.at))) == "draw_head_before_pool"


def later(made: Made, count: int) -> tuple[Continuation, list[PublishedHead]]:
    """Give a continuation of so many entries, and the heads after each of them."""
    entries = [made.chain[-1]]
    for i in range(count):
        entries.append(
            next_entry(entries[-1], kind="pool", draw_id=f"later-{i}", sha256=fingerprint_of(i), at=entries[-1].at)
        )
    return Continuation(entries=tuple(entries[1:])), [sign_head(entry, KEY, at=entry.at) for entry in entries[1:]]


def test_later_head_needs_the_continuation() -> None:
    """A head kept after the file's chain is borne out by the entries in between, which must end with it."""
    further, heads = later(MADE, 3)
    file = written(further)
    changed = file.replace(b'"later-1"', b'"later-x"')
    own = written(msgspec.structs.replace(further, entries=further.entries[:1])).replace(
        b'"later-0"', f'"{POOL.draw_id}"'.encode()
    )

    assert code_of(check(MADE.transcript, heads[2])) == "draw_head_after_chain"
    assert code_of(check(MADE.transcript, heads[2], file)) == ""
    assert code_of(check(MADE.transcript, heads[1], file)) == "draw_head_not_of_chain"
    assert code_of(check(MADE.transcript, MADE.heads[-1], file)) == "draw_head_not_of_chain"
    assert code_of(check(MADE.transcript, heads[2], changed)) == "draw_chain_broken"
    assert code_of(check(MADE.transcript, heads[0], own)) == "draw_chain_broken"
    assert code_of(check(MADE.transcript, heads[2], file[:-1])) == "draw_continuation_unreadable"


def resigned(change: Callable[[Transcript], Transcript]) -> bytes:
    """Change the sample transcript, and sign it again by the right key without touching the chain."""
    return signed_again(change(read_transcript(MADE.transcript)))


def replaced(**fields: object) -> Callable[[Transcript], Transcript]:
    """Give a change of fields."""
    return lambda transcript: msgspec.structs.replace(transcript, **fields)


CHAIN = MADE.chain


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (replaced(chain=CHAIN[1:]), "draw_pool_not_in_chain"),
        (replaced(chain=CHAIN[:-1]), "draw_not_in_chain"),
        (replaced(chain=(*CHAIN[:2], *CHAIN[3:])), "draw_chain_broken"),
        (replaced(chain=(CHAIN[0], CHAIN[2], CHAIN[1], *CHAIN[3:])), "draw_chain_broken"),
        (replaced(chain=(*CHAIN, CHAIN[-1])), "draw_chain_broken"),
        (
            replaced(
                chain=(
                    *CHAIN,
                    next_entry(CHAIN[-1], kind="draw", draw_id=POOL.draw_id, sha256="0" * 64, at=CHAIN[-1].at),
                )
            ),
            "draw_not_in_chain",
        ),
        (
            replaced(
                chain=(
                    *CHAIN,
                    next_entry(CHAIN[-1], kind="failure", draw_id=POOL.draw_id, sha256="0" * 64, at=CHAIN[-1].at),
                )
            ),
            "draw_not_in_chain",
        ),
        (replaced(pool=msgspec.structs.replace(POOL, asset="另一套住宅")), "draw_pool_not_in_chain"),
        (replaced(seed="0" * 64), "draw_not_in_chain"),
        (replaced(drawn_at=POOL.draw_at), "draw_not_in_chain"),
    ],
)
def test_what_the_chain_did_not_publish_is_refused(change: Callable[[Transcript], Transcript], code: str) -> None:
    """A signature by the right key does not help what the chain does not hold."""
    assert code == code_of(check(resigned(change), MADE.heads[0]))


def published(pool: Pool = POOL, openings: Openings | None = None, **fields: object) -> str:
    """Publish a transcript with changed outcome in a chain that fits it, and give why it is refused."""
    made = make_draw(pool, openings, outcome=lambda record: msgspec.structs.replace(record, **fields))
    return code_of(check(made.transcript, made.heads[-1]))


def test_wrong_outcome_is_refused_however_well_published() -> None:
    """Another seed, order or picks than follow, and a draw before its time, have their refusals."""
    drawn = read_transcript(MADE.transcript)
    order = drawn.order
    early = instant(moment(POOL.draw_at) - timedelta(microseconds=1))

    assert published() == ""
    assert published(drawn_at=POOL.draw_at) == ""
    assert published(drawn_at=early) == "draw_too_early"
    assert published(seed="0" * 64) == "draw_seed_differs"
    assert published(order=(order[1], order[0], *order[2:])) == "draw_order_differs"
    assert published(order=order[:-1]) == "draw_order_differs"
    assert published(picks=order[1:4]) == "draw_picks_differ"
    assert published(picks=order[:2]) == "draw_picks_differ"
    assert published(picks=order[:4]) == "draw_picks_differ"


def test_draw_waits_for_the_round_that_comes_after_its_time() -> None:
    """A draw told for a second between two rounds is made when the later one is out."""
    at = moment(POOL.draw_at) - timedelta(seconds=1)
    pool = msgspec.structs.replace(POOL, draw_at=instant(at))

    assert published(pool) == ""
    assert published(pool, drawn_at=instant(at)) == "draw_too_early"
    assert published(pool, drawn_at=POOL.draw_at) == ""


def party(name: str, *, committed_at: str, opened_at: str | None) -> PartyEntropy:
    """Give a party that committed and opened at these instants."""
    return PartyEntropy(
        party=name,
        commitment=commitment(POOL.draw_id, name, secret(name)),
        committed_at=committed_at,
        value=secret(name) if opened_at else None,
        opened_at=opened_at,
    )


def with_entropy(*entropy: PartyEntropy) -> Openings:
    """Give the sample openings with this entropy."""
    return msgspec.structs.replace(sample_openings(POOL), entropy=entropy)


def shifted(text: str, microseconds: int) -> str:
    """Give an instant a little later."""
    return instant(moment(text) + timedelta(microseconds=microseconds))


@pytest.mark.parametrize(
    ("committed_at", "opened_at", "code"),
    [
        (POOL.commit_by, POOL.reveal_by, ""),
        (shifted(POOL.commit_by, -1), shifted(POOL.commit_by, 1), ""),
        (shifted(POOL.commit_by, 1), POOL.reveal_by, "draw_entropy_not_as_published"),
        (POOL.commit_by, POOL.commit_by, "draw_entropy_not_as_published"),
        (POOL.commit_by, shifted(POOL.reveal_by, 1), "draw_entropy_not_as_published"),
        (POOL.commit_by, None, ""),
    ],
)
def test_entropy_has_its_time(committed_at: str, opened_at: str | None, code: str) -> None:
    """A commitment at the end of its time counts, an opening at the end of its own; a microsecond later they do not."""
    assert code == published(POOL, with_entropy(party("a", committed_at=committed_at, opened_at=opened_at)))


@pytest.mark.parametrize("named", [0, 1])
def test_entropy_is_all_that_was_published(named: int) -> None:
    """An opening that is left out, or made out to be silence, or added, does not fit the chain."""
    both = tuple(party(name, committed_at=POOL.commit_by, opened_at=POOL.reveal_by) for name in "ab")
    silenced = msgspec.structs.replace(both[0], value=None, opened_at=None)
    chained = entropy_of(POOL, with_entropy(*both[:named]))
    for told in (with_entropy(*both), with_entropy(silenced, both[1])):
        made = make_draw(POOL, told, chained=chained)
        assert code_of(check(made.transcript, made.heads[-1])) == "draw_entropy_not_as_published"


def test_wrong_openings_are_refused_however_well_published() -> None:
    """A secret without its commitment, the other kind of source and a beacon's wrong signature are found in the file."""
    openings, by_secret = sample_openings(POOL), sample_pool(beacon_round=None)
    other_round = BeaconOpened(
        signature=ROUNDS[32285085], randomness="d42020c3c65a4ec6adda3a69fdd41a698f31b661859e0e00f1276580a41d67ce"
    )
    for pool, told, code in (
        (POOL, msgspec.structs.replace(openings, court_secret=secret("x")), "draw_commitment_wrong"),
        (
            POOL,
            msgspec.structs.replace(openings, second=SecretOpened(value=secret("second"))),
            "draw_opening_of_other_kind",
        ),
        (POOL, msgspec.structs.replace(openings, second=other_round), "draw_beacon_signature_wrong"),
        (by_secret, openings, "draw_opening_of_other_kind"),
    ):
        made = make_draw(pool, told, is_checked=False)
        assert code == code_of(check(made.transcript, made.heads[-1]))


def test_signatures_are_by_pinned_keys() -> None:
    """A transcript or head by a key that was not pinned is refused; so is one signed by another key under a pinned name."""
    foreign = make_draw(POOL, key=OTHER_KEY)
    false_name = msgspec.structs.replace(read_transcript(foreign.transcript), key_id=KEY.key_id)
    head = MADE.heads[-1]

    assert code_of(check(foreign.transcript, head)) == "draw_key_unknown"
    assert code_of(check(written(false_name), head)) == "draw_signature_wrong"
    assert code_of(check(MADE.transcript, sign_head(CHAIN[-1], OTHER_KEY, at=head.at))) == "draw_key_unknown"
    assert code_of(check(MADE.transcript, msgspec.structs.replace(head, signature="0" * 128))) == "draw_signature_wrong"
    assert (
        code_of(check(MADE.transcript, msgspec.structs.replace(head, at=shifted(head.at, 1)))) == "draw_signature_wrong"
    )
    assert (
        code_of(check(MADE.transcript, msgspec.structs.replace(head, at=shifted(head.at, -1))))
        == "draw_head_not_of_chain"
    )


def test_head_and_keys_are_read_strictly() -> None:
    """Blanks around a kept head do no harm; a head or keys of another shape are refused."""
    head = written(MADE.heads[-1])

    assert code_of(check(MADE.transcript, b"\n" + head + b"\r\n")) == ""
    assert code_of(check(MADE.transcript, head.replace(b",", b", "))) == "draw_head_unreadable"
    assert code_of(check(MADE.transcript, b"{}")) == "draw_head_unreadable"
    assert read_keys(written([{"key_id": KEY.key_id, "public_key": KEY.public.hex(), "valid_from": "x"}])) == KEYS
    for keys in (b"", b"{}", b'[{"key_id":"a"}]', b'[{"key_id":"a","public_key":"00"}]', b"\xff"):
        with pytest.raises(Exception, match="draw_keys_unreadable"):
            read_keys(keys)


def test_file_of_any_other_shape_is_refused() -> None:
    """A field more or less, a value of another type, and another kind of file are refused before anything is believed."""
    fields = msgspec.to_builtins(read_transcript(MADE.transcript))
    less = {name: value for name, value in fields.items() if name != "seed"}
    others = ({**fields, "more": 1}, {**fields, "version": True}, {**fields, "version": 2}, {**fields, "kind": "x"})
    wrongs: list[object] = [less, *others, [], None, 1]
    for wrong in wrongs:
        assert code_of(check(written(wrong), MADE.heads[0])) == "draw_record_misshapen"
    assert code_of(check(b"not json", MADE.heads[0])) == "draw_record_not_canonical"


def fields_left_out(value: Any) -> Iterator[Any]:  # noqa: ANN401
    """Give a value again for each field of each object in it, with that field left out."""
    if isinstance(value, dict):
        for name in value:
            yield {other: inner for other, inner in value.items() if other != name}
            for changed in fields_left_out(value[name]):
                yield {**value, name: changed}
    elif isinstance(value, list):
        for i, inner in enumerate(value):
            for changed in fields_left_out(inner):
                yield [*value[:i], changed, *value[i + 1 :]]


def test_no_field_can_be_left_out() -> None:
    """Every field of every record in a transcript must be there, those with one possible value too."""
    fields = json.loads(MADE.transcript)
    found = [code_of(check(written(changed), MADE.heads[0])) for changed in fields_left_out(fields)]

    assert len(found) > 100
    assert set(found) == {"draw_record_misshapen"}


@pytest.mark.parametrize("beacon_round", [32285086, None])
def test_no_byte_can_be_changed(beacon_round: int | None) -> None:
    """At every position of a transcript, another byte makes the verification fail; so does one more, and one less.

    Two other values per position; FAPAI_DRAW_ALL_BITS=1 turns over each bit of each byte instead.
    """
    made = make_draw(sample_pool(count=4, beacon_round=beacon_round))
    file, head = made.transcript, written(made.heads[-1])
    chance = random.Random(3797)
    wrongly_held = []
    for position, byte in enumerate(file):
        flips = [1 << bit for bit in range(8)] if ALL_BITS else [1 << chance.randrange(8), chance.randrange(1, 256)]
        for flip in flips:
            changed = file[:position] + bytes([byte ^ flip]) + file[position + 1 :]
            if check(changed, head).held:
                wrongly_held.append((position, flip))

    assert wrongly_held == []
    assert check(file, head).held
    for position in range(0, len(file), 37):
        assert not check(file[:position] + file[position + 1 :], head).held
        assert not check(file[:position] + b" " + file[position:], head).held
