"""One use case that the command API offers: its address, types, roles, ports, and how to find the case that it is of.

An officer of the court has a role and a part: the role lets him take a step, the part says in which case. A route for
officers therefore says how its case is found (`CommandRoute.case_of`), or why it has none (`CommandRoute.no_case`).
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar
from uuid import UUID

from auction.kernel.actors import Role
from auction.kernel.db import Command, Transaction

COURT_ROLES = frozenset(
    {
        *(Role.CASE_HANDLER, Role.JUDGE_ASSISTANT, Role.CLERK, Role.PRESIDING_JUDGE, Role.PANEL_MEMBER),
        *(Role.BUREAU_HEAD, Role.VICE_PRESIDENT, Role.PRESIDENT, Role.JUDICIAL_TECHNOLOGY),
        *(Role.FINANCE, Role.CASHIER, Role.SUPERVISOR),
    }
)
"""Officers: their part in a case is checked before each command and each reading of it."""

BODY_MAX_BYTES = 256 * 1024
"""Largest command that carries no file."""

CaseOf = Callable[[Transaction, Any], Awaitable[UUID | None]]
"""Finds the case of a command; ``None``: it is of no case as things stand."""
DoorCheck = Callable[[Transaction, Any], Awaitable[None]]
"""Refuses a command for what only the web knows, such as the roles of the accounts that it names."""

_PATH = re.compile(r"[a-z]+(/[a-z]+(-[a-z]+)*)+")

C = TypeVar("C", bound=Command)
R = TypeVar("R")


@dataclass(frozen=True)
class CommandRoute(Generic[C, R]):
    """One use case that the API offers."""

    path: str
    """``package/verb-noun``, below ``/api/``."""
    command_type: type[C]
    use_case: Callable[..., Awaitable[R]]
    """``async def verb_noun(db, actor, command, **ports) -> Result``."""
    result_type: type[R]
    roles: frozenset[Role]
    ports: Sequence[str] = field(default=())
    """Keyword arguments that the use case takes from `Wiring.ports`."""
    case_of: CaseOf | None = None
    """How to find the case in which an officer must have a part; ``None`` only with ``no_case``, or for no officer."""
    no_case: str = ""
    """Why an officer's command is of no case that exists already."""
    by_office: frozenset[Role] = frozenset()
    """Roles whose office takes this one step in every case of the court, without a part in any."""
    fresh_factor: bool = False
    """Whether the step asks for the second factor again (`web.auth.factors.fresh`)."""
    door_check: DoorCheck | None = None
    """What is checked at the door besides, before the use case."""
    body_max_bytes: int = BODY_MAX_BYTES
    """Largest request that brings it."""

    def __post_init__(self) -> None:
        """Assert a path of the documented form and at least one role."""
        assert _PATH.fullmatch(self.path), f"command path {self.path!r} is not package/verb-noun"
        assert self.roles, f"command {self.path!r} is for nobody"
        says = self.case_of is not None or bool(self.no_case) or self.roles.isdisjoint(COURT_ROLES)
        assert says, f"command {self.path!r} is for officers and says neither its case nor why it has none"
