"""One use case that the command API offers: its address, types, roles and ports."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from auction.kernel.actors import Role
from auction.kernel.db import Command

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

    def __post_init__(self) -> None:
        """Assert a path of the documented form and at least one role."""
        assert _PATH.fullmatch(self.path), f"command path {self.path!r} is not package/verb-noun"
        assert self.roles, f"command {self.path!r} is for nobody"
