"""Whether the draws so far favoured anybody: a chi-square test that knows how the pools changed. Pure.

1. In a pool of m of whom p are picked, everybody is picked with chance p/m, and is first with chance 1/m. Summed over the
   pools in which an institution stood, that is its expected count; whoever stood in more pools is expected more often.
2. Within one draw the counts depend on each other (somebody else's luck is one's own loss), so the statistic is
   (O − E)ᵀ V⁻ (O − E) with their covariance V, and its degrees of freedom are V's rank. With equal pools and one pick it
   is Pearson's chi-square. Institutions with fewer than `LEAST_EXPECTED` expected are left out until they have more.
3. Each sub-list has two such tests (picked at all; picked first), and each institution one (picked at all, one degree).
4. A look runs all tests. It raises an alarm where a p-value is below `LEVEL` divided by the number of tests, so that a look at fair
   draws raises any alarm with a chance of at most `LEVEL`; after n looks at most n × `LEVEL` false alarms are expected. Both
   figures are published with the result. An alarm is a question for people; it changes no draw.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, Literal

import msgspec

LEVEL: Final = 0.001
LEAST_EXPECTED: Final = 5.0
MOST_TOGETHER: Final = 400
"""Most institutions of one sub-list that are tested together; the work grows with their cube."""
_TINY: Final = 1e-9
_STEPS: Final = 10_000

Kind = Literal["picked", "first"]


class DrawSeen(msgspec.Struct, frozen=True, kw_only=True):
    """What the monitor looks at of one draw: a made one; failed draws picked nobody."""

    sub_list: str
    members: tuple[str, ...]
    picks: tuple[str, ...]


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """One institution on one sub-list."""

    agency_id: str
    pools: int
    expected: float
    picked: int
    expected_first: float
    first: int
    p_value: float | None
    """``None``: too few draws to say."""
    is_alarm: bool


class SubListTest(msgspec.Struct, frozen=True, kw_only=True):
    """One chi-square test of a sub-list."""

    kind: Kind
    statistic: float
    degrees: int
    p_value: float | None
    """``None``: too few draws, or too many institutions (`MOST_TOGETHER`), to say."""
    is_alarm: bool


class SubListSeen(msgspec.Struct, frozen=True, kw_only=True):
    """What was found of one sub-list."""

    sub_list: str
    draws: int
    tests: tuple[SubListTest, ...]
    agencies: tuple[Standing, ...]


class Look(msgspec.Struct, frozen=True, kw_only=True):
    """What one look at all draws found."""

    draws: int
    sub_lists: tuple[SubListSeen, ...]
    looks: int
    """How often it was looked, this time included."""
    tests: int
    """Tests of this look that could say something."""
    threshold: float
    """p-value below which a test raises an alarm."""
    false_alarms_expected: float
    """At most so many over all looks, if every draw was fair."""

    @property
    def alarms(self) -> int:
        """How many tests raised one."""
        standings = sum(one.is_alarm for seen in self.sub_lists for one in seen.agencies)
        return standings + sum(test.is_alarm for seen in self.sub_lists for test in seen.tests)


class _Counts:
    """Sums of one sub-list; equal pools are added up first, for they are most of them."""

    def __init__(self) -> None:
        self.draws = 0
        self.pools: Counter[tuple[tuple[str, ...], int]] = Counter()
        self.picked: Counter[str] = Counter()
        self.first: Counter[str] = Counter()

    def add(self, draw: DrawSeen) -> None:
        self.draws += 1
        self.pools[draw.members, len(draw.picks)] += 1
        self.picked.update(draw.picks)
        self.first[draw.picks[0]] += 1


def look_at(draws: Iterable[DrawSeen], *, looks: int) -> Look:
    """Look at all draws for the ``looks``-th time (this one included)."""
    assert looks >= 1, "this look counts"
    sums: defaultdict[str, _Counts] = defaultdict(_Counts)
    for draw in draws:
        assert draw.picks, "a draw that was made picked somebody"
        sums[draw.sub_list].add(draw)
    found = [_seen(name, counts) for name, counts in sorted(sums.items())]
    p_values = [test.p_value for seen in found for test in seen.tests]
    p_values += [one.p_value for seen in found for one in seen.agencies]
    tests = sum(p_value is not None for p_value in p_values)
    threshold = LEVEL / max(tests, 1)
    return Look(
        draws=sum(seen.draws for seen in found),
        sub_lists=tuple(_with_alarms(seen, threshold) for seen in found),
        looks=looks,
        tests=tests,
        threshold=threshold,
        false_alarms_expected=looks * LEVEL,
    )


def _with_alarms(seen: SubListSeen, threshold: float) -> SubListSeen:
    def is_alarm(p_value: float | None) -> bool:
        return p_value is not None and p_value < threshold

    return msgspec.structs.replace(
        seen,
        tests=tuple(msgspec.structs.replace(test, is_alarm=is_alarm(test.p_value)) for test in seen.tests),
        agencies=tuple(msgspec.structs.replace(one, is_alarm=is_alarm(one.p_value)) for one in seen.agencies),
    )


def _seen(name: str, counts: _Counts) -> SubListSeen:
    ids = sorted({id_ for members, _ in counts.pools for id_ in members})
    picked, first = _Moments(ids, counts, "picked"), _Moments(ids, counts, "first")
    stood = Counter[str]()
    for (members, _), times in counts.pools.items():
        for id_ in members:
            stood[id_] += times
    return SubListSeen(
        sub_list=name,
        draws=counts.draws,
        tests=(picked.test(counts.picked), first.test(counts.first)),
        agencies=tuple(
            Standing(
                agency_id=id_,
                pools=stood[id_],
                expected=picked.expected[i],
                picked=counts.picked[id_],
                expected_first=first.expected[i],
                first=counts.first[id_],
                p_value=picked.p_value_of(i, counts.picked[id_]),
                is_alarm=False,
            )
            for i, id_ in enumerate(ids)
        ),
    )


class _Moments:
    """Expected counts of one kind, and their covariance."""

    def __init__(self, ids: Sequence[str], counts: _Counts, kind: Kind) -> None:
        self.ids, self.kind = ids, kind
        place = {id_: i for i, id_ in enumerate(ids)}
        self.expected = [0.0] * len(ids)
        self.variance = [0.0] * len(ids)
        self.shared: defaultdict[tuple[int, int], float] = defaultdict(float)
        for (members, picks), times in counts.pools.items():
            self._add(sorted(place[id_] for id_ in members), picks if kind == "picked" else 1, times)

    def _add(self, places: Sequence[int], picks: int, times: int) -> None:
        """Add equal draws: of m, p are picked; variance q(1 − q) with q = p/m, covariance −q(1 − q)/(m − 1)."""
        size = len(places)
        chance = picks / size
        spread = times * chance * (1 - chance)
        for i in places:
            self.expected[i] += times * chance
            self.variance[i] += spread
        if spread == 0 or len(self.ids) > MOST_TOGETHER:
            return
        for n, i in enumerate(places):
            for j in places[n + 1 :]:
                self.shared[i, j] -= spread / (size - 1)

    def p_value_of(self, i: int, observed: int) -> float | None:
        """Give the p-value of one institution alone."""
        if self.expected[i] < LEAST_EXPECTED or self.variance[i] <= 0:
            return None
        return chi_square_tail((observed - self.expected[i]) ** 2 / self.variance[i], 1)

    def test(self, observed: Mapping[str, int]) -> SubListTest:
        """Test all institutions with enough expected counts together."""
        tested = [i for i, expected in enumerate(self.expected) if expected >= LEAST_EXPECTED]
        if not tested or len(self.ids) > MOST_TOGETHER:
            return SubListTest(kind=self.kind, statistic=0.0, degrees=0, p_value=None, is_alarm=False)
        apart = [observed.get(self.ids[i], 0) - self.expected[i] for i in tested]
        covariance = [
            [self.variance[i] if i == j else self.shared.get((min(i, j), max(i, j)), 0.0) for j in tested]
            for i in tested
        ]
        statistic, degrees = quadratic_form(apart, covariance)
        p_value = chi_square_tail(statistic, degrees) if degrees else None
        return SubListTest(kind=self.kind, statistic=statistic, degrees=degrees, p_value=p_value, is_alarm=False)


def quadratic_form(apart: Sequence[float], covariance: Sequence[Sequence[float]]) -> tuple[float, int]:
    """Give xᵀ V⁻ x and the rank of V, by symmetric elimination with the largest pivot first."""
    x, v = list(apart), [list(row) for row in covariance]
    left = set(range(len(x)))
    smallest = _TINY * max((v[i][i] for i in left), default=0.0)
    statistic, rank = 0.0, 0
    while left:
        pivot = max(left, key=lambda i: v[i][i])
        if v[pivot][pivot] <= smallest:
            break
        left.remove(pivot)
        statistic += x[pivot] ** 2 / v[pivot][pivot]
        rank += 1
        for i in left:
            factor = v[i][pivot] / v[pivot][pivot]
            if factor:
                x[i] -= factor * x[pivot]
                for j in left:
                    v[i][j] -= factor * v[pivot][j]
    return statistic, rank


def chi_square_tail(statistic: float, degrees: int) -> float:
    """Give the chance that a chi-square of so many degrees exceeds ``statistic``: the upper incomplete gamma function."""
    assert degrees >= 1, "a chi-square has a degree of freedom"
    if statistic <= 0:
        return 1.0
    shape, at = degrees / 2, statistic / 2
    scale = math.exp(shape * math.log(at) - at - math.lgamma(shape))
    if at < shape + 1:
        return max(0.0, 1 - scale * _series(shape, at))
    return min(1.0, scale * _fraction(shape, at))


def _series(shape: float, at: float) -> float:
    """Sum xⁿ / (a(a + 1)…(a + n)): the lower function, without its scale."""
    term = total = 1 / shape
    for n in range(1, _STEPS):
        term *= at / (shape + n)
        total += term
        if term < total * 1e-16:
            break
    return total


def _fraction(shape: float, at: float) -> float:
    """Give the continued fraction of the upper function, without its scale (Lentz's method)."""
    below = at + 1 - shape
    c, d = 1e300, 1 / below
    value = d
    for n in range(1, _STEPS):
        above = -n * (n - shape)
        below += 2
        d = 1 / (above * d + below)
        c = below + above / c
        value *= c * d
        if abs(c * d - 1) < 1e-15:
            break
    return value
