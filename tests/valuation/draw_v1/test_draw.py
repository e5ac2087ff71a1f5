from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable
from itertools import islice, permutations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from auction.kernel.errors import Refusal
from tests.valuation.draw_v1.made_draws import ROUNDS, sample_openings, sample_pool, secret
from valuation.draw_v1.draw import (
    WORDS,
    BeaconOpened,
    Openings,
    PartyEntropy,
    SecretOpened,
    check_opening,
    commitment,
    compute_draw,
    open_beacon,
    order_of,
    seed_of,
    shuffled,
    uniform_from,
    words_of,
)
from valuation.draw_v1.draw_pool import Pool, pool_sha256

POOL = sample_pool()
OPENINGS = sample_openings(POOL)
BY_SECRET = sample_pool(beacon_round=None)


def opened(**fields: object) -> Openings:
    """Give the sample openings with other fields."""
    return msgspec.structs.replace(OPENINGS, **fields)


def test_draw_is_the_same_for_ever() -> None:
    """The sample draw has this seed and this order; a change of the specification would show here."""
    drawn = compute_draw(POOL, OPENINGS)

    assert drawn.seed == "e7169614225429b14458c9d5935f9c7ac99fc1cab4f9d428a15068804feedd3f"
    assert drawn.order == (
        "agency-007",
        "agency-006",
        "agency-001",
        "agency-002",
        "agency-005",
        "agency-004",
        "agency-003",
    )
    assert drawn.picks == drawn.order[:3]
    assert sorted(drawn.order) == [member.id for member in POOL.members]


def test_every_input_moves_the_seed() -> None:
    """Pool, court's secret, second source and each opened entropy change the seed; silence does not."""
    fingerprint = pool_sha256(POOL)
    silent = OPENINGS.entropy[1]
    again = msgspec.structs.replace(silent, commitment=secret("other"))
    seeds = [
        seed_of(fingerprint, OPENINGS),
        seed_of(pool_sha256(sample_pool(count=8)), OPENINGS),
        seed_of(fingerprint, opened(court_secret=secret("other"))),
        seed_of(fingerprint, opened(second=SecretOpened(value=secret("other")))),
        seed_of(fingerprint, opened(entropy=())),
        seed_of(fingerprint, opened(entropy=(msgspec.structs.replace(OPENINGS.entropy[0], party="applicant-2"),))),
    ]

    assert len(set(seeds)) == len(seeds)
    assert seeds[0] == seed_of(fingerprint, opened(entropy=(OPENINGS.entropy[0], again)))
    assert seeds[0] == seed_of(fingerprint, opened(entropy=OPENINGS.entropy[:1]))


def test_stream_is_sha_256_in_counter_mode() -> None:
    """The words are the digests of seed and counter, eight bytes at a time."""
    seed = bytes(range(32))
    blocks = b"".join(hashlib.sha256(seed + i.to_bytes(8, "big")).digest() for i in range(3))
    expected = [int.from_bytes(blocks[i : i + 8], "big") for i in range(0, 96, 8)]

    assert expected == list(islice(words_of(seed), 12))


@pytest.mark.parametrize("n", [1, 2, 3, 7, 2**63 - 1, 2**63, 2**63 + 1, WORDS - 1, WORDS])
def test_words_that_would_favour_small_numbers_are_thrown_away(n: int) -> None:
    """The last word below the limit is used; the first at the limit is passed over."""
    limit = WORDS - WORDS % n

    assert uniform_from(iter([limit - 1, 0]))(n) == n - 1
    if limit < WORDS:
        assert uniform_from(iter([limit, WORDS - 1, 5 % n]))(n) == 5 % n


@given(st.integers(1, 6), st.data())
def test_shuffle_gives_each_permutation_for_one_row_of_choices(count: int, data: st.DataObject) -> None:
    """Whatever is chosen, nothing is lost or doubled, and each choice lies below what is left."""
    asked: list[int] = []

    def below(n: int) -> int:
        asked.append(n)
        return data.draw(st.integers(0, n - 1))

    assert sorted(shuffled(range(count), below)) == list(range(count))
    assert asked == list(range(count, 1, -1))


def test_shuffle_reaches_every_permutation_once() -> None:
    """The 24 rows of choices for four things give the 24 permutations, each one once."""
    found = Counter(shuffled("abcd", _row([a, b, c])) for a in range(4) for b in range(3) for c in range(2))

    assert found == Counter(permutations("abcd"))


def _row(choices: list[int]) -> Callable[[int], int]:
    left = iter(choices)
    return lambda _: next(left)


def test_one_member_needs_no_choice() -> None:
    """A single thing is its own order, and takes nothing from the stream; none is an empty order."""
    assert order_of(b"", ["a"]) == ("a",)
    assert order_of(b"", []) == ()


def test_commitment_binds_draw_name_and_secret() -> None:
    """Another draw, another committer or another secret has another commitment, and opens nothing."""
    given = commitment("d1", "court", secret("x"))

    assert given == hashlib.sha256(f"fapai-entropy-v1\nd1\ncourt\n{secret('x')}".encode()).hexdigest()
    check_opening("d1", "court", secret=secret("x"), committed=given)
    for draw_id, party, opened_secret in (
        ("d2", "court", secret("x")),
        ("d1", "second", secret("x")),
        ("d1", "court", secret("y")),
    ):
        with pytest.raises(Refusal, match="draw_commitment_wrong"):
            check_opening(draw_id, party, secret=opened_secret, committed=given)


def entropy(party: str, *, value: str | None = None, opened_at: str | None = None) -> PartyEntropy:
    """Give one party's entropy."""
    return PartyEntropy(
        party=party,
        commitment=commitment(POOL.draw_id, party, secret(party)),
        committed_at=POOL.commit_by,
        value=value,
        opened_at=opened_at,
    )


WRONG = [
    (POOL, opened(court_secret=secret("other")), "draw_commitment_wrong"),
    (POOL, opened(second=SecretOpened(value=secret("second"))), "draw_opening_of_other_kind"),
    (POOL, opened(second=BeaconOpened(signature="0" * 96, randomness="0" * 64)), "draw_commitment_wrong"),
    (BY_SECRET, OPENINGS, "draw_opening_of_other_kind"),
    (BY_SECRET, opened(second=SecretOpened(value=secret("other"))), "draw_commitment_wrong"),
    (POOL, opened(entropy=OPENINGS.entropy[::-1]), "draw_entropy_names_wrong"),
    (POOL, opened(entropy=OPENINGS.entropy[:1] * 2), "draw_entropy_names_wrong"),
    (POOL, opened(entropy=(entropy("court"),)), "draw_entropy_names_wrong"),
    (POOL, opened(entropy=(entropy("second"),)), "draw_entropy_names_wrong"),
    (POOL, opened(entropy=(entropy("a", value=secret("b"), opened_at=POOL.reveal_by),)), "draw_commitment_wrong"),
    (POOL, opened(entropy=(entropy("a", value=secret("a")),)), "draw_record_misshapen"),
    (POOL, opened(entropy=(entropy("a", opened_at=POOL.reveal_by),)), "draw_record_misshapen"),
]


@pytest.mark.parametrize(("pool", "openings", "code"), WRONG)
def test_opening_that_does_not_fit_its_commitment_draws_nothing(pool: Pool, openings: Openings, code: str) -> None:
    """Another secret, another kind of source, unsorted, doubled or reserved parties have their refusals."""
    with pytest.raises(Refusal) as refused:
        compute_draw(pool, openings)

    assert code == refused.value.code


def test_beacon_is_opened_by_its_signature_only() -> None:
    """The named round's signature opens it; another round's, or a round for a pool without beacon, does not."""
    assert open_beacon(POOL, ROUNDS[32285086]) == OPENINGS.second
    with pytest.raises(Refusal, match="draw_beacon_signature_wrong"):
        open_beacon(POOL, ROUNDS[32285085])
    with pytest.raises(Refusal, match="draw_opening_of_other_kind"):
        open_beacon(BY_SECRET, ROUNDS[32285086])
