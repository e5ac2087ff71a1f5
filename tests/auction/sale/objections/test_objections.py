"""Days, capacities and states of objections: pure."""

from __future__ import annotations

from datetime import date

import pytest

from auction.kernel.clock import local
from auction.kernel.errors import Refusal
from auction.sale.objections.objections import (
    Capacity,
    ObjectionKind,
    ObjectionState,
    Standing,
    decide_by,
    docket_by,
    docket_number,
    next_way_until,
    require_capacity,
    require_written,
    state_of,
)

CLAIM, ACT = ObjectionKind.THIRD_PARTY_CLAIM, ObjectionKind.ACT


def test_court_has_three_days_and_fifteen() -> None:
    """Docketing ends on the third day, the decision on the fifteenth, and neither rolls over a day off (异议复议规定 2; CPL 236)."""
    raised = local(date(2027, 3, 4), 23, 59)  # a Thursday; the third day is a Sunday

    assert docket_by(raised) == date(2027, 3, 7)
    assert decide_by(raised) == date(2027, 3, 19)


def test_term_after_the_answer_depends_on_what_was_answered() -> None:
    """Review within ten days, a suit within fifteen; a refusal to docket a claim is reviewed, not sued (CPL 236, 238; 异议复议规定 2)."""
    on = date(2027, 3, 1)

    assert next_way_until(ACT, on, was_docketed=True) == date(2027, 3, 11)
    assert next_way_until(CLAIM, on, was_docketed=True) == date(2027, 3, 16)
    assert next_way_until(CLAIM, on, was_docketed=False) == date(2027, 3, 11)


@pytest.mark.parametrize(
    ("kind", "capacity", "facts", "fits"),
    [
        (ACT, Capacity.PARTY, {"is_party": True}, True),
        (ACT, Capacity.PARTY, {}, False),
        (ACT, Capacity.BIDDER, {"is_registered": True}, True),
        (ACT, Capacity.BIDDER, {}, False),
        (ACT, Capacity.INTERESTED, {}, True),
        (ACT, Capacity.THIRD_PARTY, {}, False),
        (CLAIM, Capacity.THIRD_PARTY, {}, True),
        (CLAIM, Capacity.THIRD_PARTY, {"is_party": True}, True),
        (CLAIM, Capacity.THIRD_PARTY, {"is_proper_party": True}, False),
        (CLAIM, Capacity.THIRD_PARTY, {"has_lot": False}, False),
        (CLAIM, Capacity.PARTY, {"is_party": True}, False),
    ],
)
def test_capacity_fits_kind_and_file(
    kind: ObjectionKind, capacity: Capacity, facts: dict[str, bool], *, fits: bool
) -> None:
    """Acts are objected to by parties, interested persons, bidders; a thing is claimed by third parties, never by applicant or debtor."""
    known = {"has_lot": True, "is_party": False, "is_proper_party": False, "is_registered": False, **facts}
    try:
        require_capacity(kind, capacity, **known)
        held = True
    except Refusal:
        held = False

    assert held is fits


@pytest.mark.parametrize(
    ("asks", "grounds", "papers", "field"),
    [
        (" ", "理由", (), "asks"),
        ("请求", "", (), "grounds"),
        ("请求", "理" * 4_001, (), "grounds"),
        ("请求", "理由", ("xyz",), "papers"),
        ("请求", "理由", ("a" * 64,) * 21, "papers"),
    ],
)
def test_what_nobody_could_decide_on_is_refused(asks: str, grounds: str, papers: tuple[str, ...], field: str) -> None:
    """Both texts within the limit, papers by fingerprint; the field in question is named."""
    with pytest.raises(Refusal) as caught:
        require_written(asks, grounds, papers)

    assert caught.value.facts["field"] == field
    require_written("请求", "理" * 4_000, ("a" * 64,) * 20)


@pytest.mark.parametrize("number", ["(2026)京0105执1234号", "(2026)京0105执恢1号", "异议", ""])
def test_docket_number_is_of_its_own_type(number: str) -> None:
    """The number of the sale file does not do: an objection is a case of its own (案号规定)."""
    with pytest.raises(Refusal):
        docket_number(number)

    assert docket_number("（2027）京0105执异12号") == "(2027)京0105执异12号"


def test_state_follows_what_happened() -> None:
    """A withdrawal ends everything but nothing else is passed over."""
    assert state_of(Standing()) is ObjectionState.RAISED
    assert state_of(Standing(admitted=False)) is ObjectionState.REFUSED
    assert state_of(Standing(admitted=True)) is ObjectionState.DOCKETED
    assert state_of(Standing(admitted=True, has_panel=True)) is ObjectionState.BEFORE_PANEL
    assert state_of(Standing(admitted=True, has_panel=True, upheld=False)) is ObjectionState.REJECTED
    assert state_of(Standing(admitted=True, has_panel=True, withdrawn=True)) is ObjectionState.WITHDRAWN
