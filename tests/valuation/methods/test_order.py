"""The lawful order of the methods: what comes next, which jumps are lawful, and that no other is."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import combinations
from typing import TypeVar

import pytest

from auction.kernel.ids import new_id
from auction.kernel.sentences import Said
from valuation.methods.order import (
    CIRCUMSTANCES,
    SIDES,
    Circumstance,
    MethodOutOfOrder,
    Side,
    Standing,
    ground_for,
    judge,
    lawful_methods,
)
from valuation.methods.steps import (
    METHODS,
    Method,
    PriceStands,
    StandingPrice,
    Step,
    StepOutcome,
    StepRunning,
    check_open,
    this_way,
    way_number,
)

T = TypeVar("T")
BOTH: frozenset[Side] = frozenset(SIDES)
TODAY = date(2026, 11, 2)


def test_nothing_tried_yet_puts_agreement_first() -> None:
    """At the start only the agreement of the parties is lawful (参考价 4)."""
    assert lawful_methods(Standing()) == [("agreement", "参考价 4(1)")]


@pytest.mark.parametrize(
    ("standing", "method", "article"),
    [
        (Standing(failed=frozenset({"agreement"})), "targeted_inquiry", "参考价 5(1)"),
        (Standing(circumstances=frozenset({"party_absent"})), "targeted_inquiry", "参考价 5(1)"),
        (Standing(failed=frozenset({"agreement", "targeted_inquiry"})), "online_inquiry", "参考价 7(1)"),
        (
            Standing(failed=frozenset({"agreement"}), circumstances=frozenset({"no_official_price"})),
            "online_inquiry",
            "参考价 7(1)",
        ),
        (
            Standing(failed=frozenset({"agreement", "targeted_inquiry", "online_inquiry"})),
            "entrusted_appraisal",
            "参考价 14: 网络询价不能或者不成",
        ),
        (
            Standing(circumstances=frozenset({"party_absent", "no_official_price", "inspection_needed"})),
            "entrusted_appraisal",
            "参考价 14: 网络询价不能或者不成",
        ),
        (
            Standing(circumstances=frozenset({"party_absent", "no_official_price", "inquiry_unsuited"})),
            "entrusted_appraisal",
            "参考价 14: 网络询价不能或者不成",
        ),
        (Standing(failed=frozenset({"targeted_inquiry"})), "online_inquiry", "参考价 7(1)"),
        (
            Standing(failed=frozenset({"online_inquiry"})),
            "entrusted_appraisal",
            "参考价 14: 网络询价不能或者不成",
        ),
        (Standing(failed=frozenset({"entrusted_appraisal"})), "entrusted_appraisal", "参考价 14; 法院决定"),
        (Standing(circumstances=frozenset({"appraisal_compelled"})), "entrusted_appraisal", "参考价 14: 法定评估"),
    ],
)
def test_exactly_one_method_is_next(standing: Standing, method: Method, article: str) -> None:
    """Without a joint request each standing allows one method only, with its article."""
    assert lawful_methods(standing) == [(method, article)]


@pytest.mark.parametrize(
    ("method", "article"),
    [
        ("targeted_inquiry", "参考价 5(2)"),
        ("online_inquiry", "参考价 7(2)"),
        ("entrusted_appraisal", "参考价 14: 双方要求"),
    ],
)
def test_both_sides_together_may_jump(method: Method, article: str) -> None:
    """A written request of both sides makes a later method lawful at once; that of one side never does."""
    assert ground_for(method, Standing(requests={method: BOTH})) == article

    for side in SIDES:
        with pytest.raises(MethodOutOfOrder):
            ground_for(method, Standing(requests={method: frozenset({side})}))


@pytest.mark.parametrize("ruled_out", ["inspection_needed", "inquiry_unsuited"])
def test_joint_request_does_not_replace_the_conditions_of_online_inquiry(ruled_out: Circumstance) -> None:
    """Where an inspection is needed even both sides cannot have an online inquiry (参考价 7(2))."""
    standing = Standing(circumstances=frozenset({ruled_out}), requests={"online_inquiry": BOTH})

    with pytest.raises(MethodOutOfOrder):
        ground_for("online_inquiry", standing)


def test_joint_request_cannot_ask_for_a_price_that_does_not_exist() -> None:
    """Without a tax base, government or guide price there is nothing that a targeted inquiry could ask for (参考价 5)."""
    standing = Standing(circumstances=frozenset({"no_official_price"}), requests={"targeted_inquiry": BOTH})

    with pytest.raises(MethodOutOfOrder):
        ground_for("targeted_inquiry", standing)


def test_compelled_appraisal_leaves_nothing_else() -> None:
    """Where a law compels an appraisal no request of the sides makes another method lawful (参考价 14)."""
    asked = dict.fromkeys(METHODS, BOTH)
    standing = Standing(circumstances=frozenset({"appraisal_compelled"}), requests=asked)

    assert [method for method, _ in lawful_methods(standing)] == ["entrusted_appraisal"]


def test_sides_come_back_to_an_agreement_together() -> None:
    """After a failure an agreement needs the request of both sides (参考价 29(2))."""
    failed: frozenset[Method] = frozenset({"agreement", "targeted_inquiry"})

    assert isinstance(judge("agreement", Standing(failed=failed)), Said)
    assert ground_for("agreement", Standing(failed=failed, requests={"agreement": BOTH})) == "参考价 29(2)"


def test_some_method_is_lawful_in_every_standing() -> None:
    """Whatever failed and whatever holds, the procedure never stands without a lawful way on."""
    stuck = []
    for failed in _subsets(METHODS):
        for holding in _subsets(CIRCUMSTANCES):
            standing = Standing(failed=frozenset(failed), circumstances=frozenset(holding))
            if not lawful_methods(standing):
                stuck.append((failed, holding))

    assert stuck == []


def _subsets(of: tuple[T, ...]) -> list[tuple[T, ...]]:
    return [chosen for size in range(len(of) + 1) for chosen in combinations(of, size)]


# The steps of a way --------------------------------------------------------------------------------------------------


def _step(ordinal: int, outcome: StepOutcome | None, method: Method = "online_inquiry") -> Step:
    at = datetime(2026, 3, 2, tzinfo=UTC) + timedelta(days=ordinal)
    ended_at = None if outcome is None else at + timedelta(hours=1)
    return Step(
        step_id=new_id(),
        case_id=new_id(),
        asset_id=new_id(),
        ordinal=ordinal,
        method=method,
        ground="参考价 7(2)",
        opened_at=at,
        outcome=outcome,
        ended_at=ended_at,
    )


def test_step_is_refused_while_one_runs() -> None:
    """Two methods are never tried at once."""
    with pytest.raises(StepRunning):
        check_open([_step(1, "failed"), _step(2, None)], None, today=TODAY)


@pytest.mark.parametrize(("days", "stands"), [(-1, True), (0, True), (1, False)])
def test_valid_price_bars_a_new_way_through_its_last_day(days: int, *, stands: bool) -> None:
    """A new way begins on the day after the price's validity, not before (参考价 27)."""
    priced = _step(1, "priced")
    price = StandingPrice(step_id=priced.step_id, valid_until=TODAY - timedelta(days=days), set_aside=False)
    today = TODAY

    if stands:
        with pytest.raises(PriceStands):
            check_open([priced], price, today=today)
    else:
        check_open([priced], price, today=today)


def test_price_set_aside_bars_nothing() -> None:
    """A price that a ruling set aside is no price (参考价 25)."""
    priced = _step(1, "priced")

    check_open([priced], StandingPrice(step_id=priced.step_id, valid_until=TODAY, set_aside=True), today=TODAY)


def test_new_way_forgets_the_failures_of_the_old() -> None:
    """What failed before a price does not count after it."""
    steps = [_step(1, "failed", "agreement"), _step(2, "priced"), _step(3, "failed", "agreement")]

    assert [step.ordinal for step in this_way(steps)] == [3]
    assert way_number(steps) == 2
    assert way_number(steps[:1]) == 1
