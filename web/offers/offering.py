"""How one use case is offered in the command API: its path, its roles, what it belongs to."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar

from auction.kernel.actors import Role
from auction.kernel.db import Command
from web.case_of import (
    by_case,
)
from web.command_route import BODY_MAX_BYTES, CaseOf, CommandRoute, DoorCheck

R = Role
OFFICERS = (R.CASE_HANDLER, R.JUDGE_ASSISTANT, R.CLERK)
PANEL = (R.PRESIDING_JUDGE, R.PANEL_MEMBER)
ASKED_AGAIN = frozenset(
    {
        *("sale/cast-vote", "sale/vote-on-objection", "sale/stop-round", "sale/view-registrant"),
        *("fund/prepare-disbursement", "fund/approve-disbursement", "fund/check-disbursement", "fund/pay-disbursement"),
        *("access/grant-role", "access/end-role", "access/reset-factors"),
    }
)
"""Steps that take a second factor proven just now (security 3)."""

T = TypeVar("T")


def offer(
    path: str,
    command: type[Command],
    use_case: Callable[..., Awaitable[T]],
    result: type[T],
    roles: Sequence[Role],
    *ports: str,
    case_of: CaseOf | None = None,
    no_case: str = "",
    by_office: Sequence[Role] = (),
    door_check: DoorCheck | None = None,
    body_max_bytes: int = BODY_MAX_BYTES,
) -> CommandRoute[Any, Any]:
    """Offer one use case at ``/api/<path>`` to ``roles``; a command that names its case needs no ``case_of``."""
    if case_of is None and not no_case and "case_id" in command.__struct_fields__:
        case_of = by_case
    return CommandRoute(
        path,
        command,
        use_case,
        result,
        frozenset(roles),
        ports,
        case_of=case_of,
        no_case=no_case,
        by_office=frozenset(by_office),
        fresh_factor=path in ASKED_AGAIN,
        door_check=door_check,
        body_max_bytes=body_max_bytes,
    )
