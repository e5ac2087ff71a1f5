"""The door that every command passes, whether it came as JSON or from a form: decode it exactly, check, carry it out.

1. A command is decoded strictly: unknown fields, numbers as text and the like are refused, naming the field.
2. Who takes the step holds one of its roles (`RoleLacking`), and has just proven a second factor if it asks for that (`SecondFactorStale`).
3. An officer without a part in the command's case is told that there is none, before the use case (`CaseUnknown`).
4. What only the web knows is checked last (`CommandRoute.door_check`); then the use case, which checks the actor again.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar
from uuid import UUID

import msgspec

from auction.kernel.actors import Actor, require_role
from auction.kernel.db import Command, Database, Transaction
from auction.sale.case_access import require_part
from web.auth.factors.fresh import require_fresh_factor
from web.command_route import COURT_ROLES, CommandRoute
from web.errors import malformed_by

C = TypeVar("C", bound=Command)


def decode_command(content: bytes, command_type: type[C]) -> C:
    """Decode a command from its JSON (rule 1); raises `InputMalformed`."""
    try:
        return msgspec.json.decode(content, type=command_type)
    except msgspec.DecodeError as fault:
        raise malformed_by(fault) from None


def ports_of(route: CommandRoute[Any, Any], ports: Mapping[str, object]) -> dict[str, object]:
    """Give the ports that a route's use case takes; asserts that they are wired."""
    missing = [name for name in route.ports if name not in ports]
    assert not missing, f"command {route.path!r} lacks its ports {missing}"
    return {name: ports[name] for name in route.ports}


async def carry_out(
    route: CommandRoute[Any, Any], db: Database, actor: Actor, command: Command, given: Mapping[str, object]
) -> Any:  # noqa: ANN401 - the route's own result
    """Check the command at the door (rules 2 to 4) and carry it out with its ports ``given``."""
    await check_at_door(route, db, actor, command)
    return await route.use_case(db, actor, command, **given)


async def check_at_door(route: CommandRoute[Any, Any], db: Database, actor: Actor, command: Command) -> None:
    """Refuse who may not give this command: `RoleLacking`, `SecondFactorStale`, `CaseUnknown`, and what the route checks besides."""
    require_role(actor, *sorted(route.roles))
    if route.fresh_factor:
        require_fresh_factor(actor)
    if route.case_of is None and route.door_check is None:
        return
    async with db.reading() as tx:
        if route.case_of is not None and needs_part(route, actor):
            case_id = await route.case_of(tx, command)
            if case_id is not None:
                await require_part_for(tx, route, actor, case_id)
        if route.door_check is not None:
            await route.door_check(tx, command)


def needs_part(route: CommandRoute[Any, Any], actor: Actor) -> bool:
    """Whether the actor takes this step by his part in the case: as an officer, and not by his office."""
    acts_by = actor.roles & route.roles
    return acts_by <= COURT_ROLES and acts_by.isdisjoint(route.by_office)


async def require_part_for(tx: Transaction, route: CommandRoute[Any, Any], actor: Actor, case_id: UUID) -> None:
    """Refuse an officer who has, by the roles in which he takes this step, no part in the case (rule 3)."""
    await require_part(tx, msgspec.structs.replace(actor, roles=actor.roles & route.roles), case_id)
