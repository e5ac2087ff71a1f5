"""Which registrations are of one declared group of joint bidders (rule 5 of `joint`)."""

from __future__ import annotations

from uuid import UUID

from auction.sale.guards.joint import group_text, groups_by_registration

FIRST, SECOND, THIRD = UUID(int=1), UUID(int=2), UUID(int=3)


def test_a_group_has_one_text_in_whatever_order() -> None:
    """The order in which members are named does not matter; another member makes another group."""
    assert group_text(["b", "a"]) == group_text(["a", "b"])
    assert group_text(["a", "b"]) != group_text(["a", "b", "c"])


def test_a_member_apart_is_of_the_group_that_declared_him() -> None:
    """The registrant and a member with a registration of his own are of one group; who is in none is left out."""
    found = groups_by_registration({FIRST: ["a", "b"]}, {FIRST: "a", SECOND: "b", THIRD: "c"})

    assert found == {FIRST: group_text(["a", "b"]), SECOND: group_text(["a", "b"])}


def test_own_declaration_goes_first_and_then_the_earliest() -> None:
    """Who declared a group himself is of that one; who is a member of two is of the one declared first."""
    groups = {FIRST: ["a", "b", "c"], SECOND: ["b", "c"]}

    found = groups_by_registration(groups, {FIRST: "a", SECOND: "b", THIRD: "c"})

    assert found == {
        FIRST: group_text(["a", "b", "c"]),
        SECOND: group_text(["b", "c"]),
        THIRD: group_text(["a", "b", "c"]),
    }
