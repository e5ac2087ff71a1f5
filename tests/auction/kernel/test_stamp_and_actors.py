"""The stamp says what may pretend; roles say who may act."""

from __future__ import annotations

import pytest

from auction.kernel.actors import ROLE_WORDS, SYSTEM, Actor, Role, RoleLacking, require_role
from auction.kernel.errors import WrongInstallation
from auction.kernel.ids import AccountId, PersonId, new_id
from auction.kernel.sentences import Said
from auction.kernel.stamp import Stamp, require_pretending


def actor(*roles: Role) -> Actor:
    """Make an account with these roles."""
    return Actor(account_id=AccountId(new_id()), person_id=PersonId(new_id()), roles=frozenset(roles))


def test_only_production_may_not_pretend() -> None:
    """Test and demo may; production is refused, naming stamp and step."""
    for stamp in Stamp:
        assert stamp.may_pretend == (stamp in {Stamp.TEST, Stamp.DEMO})
    require_pretending(Stamp.TEST, "move the clock")
    require_pretending(Stamp.DEMO, "move the clock")
    with pytest.raises(WrongInstallation) as refused:
        require_pretending(Stamp.PRODUCTION, "move the clock")
    assert refused.value.facts == {"stamp": "production", "step": "move the clock"}


def test_one_of_the_roles_is_enough_and_none_is_not() -> None:
    """An actor with one of the roles passes; another, or one without any, is refused naming what is needed."""
    require_role(actor(Role.CLERK, Role.BIDDER), Role.CLERK, Role.CASE_HANDLER)
    for other in (actor(), actor(Role.BIDDER), actor(Role.ADMINISTRATOR), SYSTEM):
        with pytest.raises(RoleLacking) as refused:
            require_role(other, Role.CLERK, Role.CASE_HANDLER)
        assert refused.value.facts["needed"] == Said("承办法官、书记员", "Case handler, Clerk")
        assert refused.value.facts["roles"] == "case_handler, clerk"
    assert set(ROLE_WORDS) == set(Role)


def test_system_is_nobody_else() -> None:
    """The product's workers hold their own role and no officer's."""
    assert SYSTEM.roles == {Role.SYSTEM}
    assert (SYSTEM.account_id.int, SYSTEM.person_id.int) == (0, 0)


def test_role_values_are_stable() -> None:
    """Roles are stored by their values, so none is renamed."""
    assert {role.value for role in Role} == {
        *("case_handler", "judge_assistant", "clerk", "presiding_judge", "panel_member", "bureau_head"),
        *("vice_president", "president", "judicial_technology", "finance", "cashier", "party", "bidder"),
        *("agency", "lender", "supervisor", "administrator", "system"),
    }
