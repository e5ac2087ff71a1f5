"""Commands over HTTP: ``POST /api/<package>/<verb-noun>`` with the command struct as its body.

1. One `CommandRoute` makes one route; its types stand in the OpenAPI document exactly as the structs declare them.
2. The body is decoded strictly: unknown fields, numbers as text and the like are refused, naming the field.
3. Whoever repeats a command id gets the first result (`Database.carry_out`), so a client retries freely; hence 200.
4. The checks are those of `web.command_door`, which the forms of officers pass too.
5. The use case gets its ports from `Wiring.ports` by name; a missing one stops the start, not the request.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import msgspec
from litestar import Response, Router, post
from litestar.di import NamedDependency
from litestar.dto import AbstractDTO
from litestar.enums import MediaType, RequestEncodingType
from litestar.handlers import HTTPRouteHandler
from litestar.openapi.datastructures import ResponseSpec
from litestar.openapi.spec import Schema
from litestar.params import BodyKwarg, SkipValidation
from litestar.typing import FieldDefinition

from auction.kernel.actors import Actor
from auction.kernel.db import Command, Database
from web.auth.guards import roles as for_roles
from web.command_door import carry_out as at_the_door
from web.command_door import decode_command, ports_of
from web.command_route import BODY_MAX_BYTES, CommandRoute
from web.errors import InputMalformed, Problem


class StrictBody(AbstractDTO[Any]):
    """Decodes a request's body exactly (rule 2); made for one command type by `strict_body`."""

    command_type: type[Command] = Command

    def decode_bytes(self, value: bytes) -> Command:
        """Decode the body; raises `InputMalformed`."""
        return decode_command(value, self.command_type)

    def decode_builtins(self, value: dict[str, Any]) -> Command:
        """Never used: commands come as JSON only."""
        raise InputMalformed(field="body", reason="JSON")

    @classmethod
    def create_for_field_definition(
        cls, field_definition: FieldDefinition, handler_id: str, backend_cls: type[Any] | None = None
    ) -> None:
        """Nothing to prepare: msgspec decodes the struct itself."""

    @classmethod
    def create_openapi_schema(
        cls,
        field_definition: FieldDefinition,
        handler_id: str,
        schema_creator: Any,  # noqa: ANN401 - Litestar's own
    ) -> Schema:
        """Describe the struct itself."""
        described: Schema = schema_creator.for_field_definition(field_definition)
        return described

    @classmethod
    def generate_field_definitions(cls, model_type: type[Any]) -> Any:  # noqa: ANN401 - never called
        """Have no transfer model of its own."""
        raise NotImplementedError

    @classmethod
    def detect_nested_field(cls, field_definition: FieldDefinition) -> bool:
        """Have no transfer model of its own."""
        return False


def strict_body(command_type: type[Command]) -> type[StrictBody]:
    """Make the decoder of one command type."""
    return type(f"{command_type.__name__}Body", (StrictBody,), {"command_type": command_type})


def command_router(commands: Sequence[CommandRoute[Any, Any]], db: Database, ports: Mapping[str, object]) -> Router:
    """Make the routes of all commands; asserts that no path comes twice and every port is there."""
    paths = [command.path for command in commands]
    assert len(paths) == len(set(paths)), f"command paths come twice: {sorted(paths)}"
    handlers = [_handler_of(command, db, ports) for command in commands]
    return Router(path="/api", route_handlers=handlers, request_max_body_size=BODY_MAX_BYTES)


def _handler_of(command: CommandRoute[Any, Any], db: Database, ports: Mapping[str, object]) -> HTTPRouteHandler:
    given = ports_of(command, ports)

    async def carry_out(data: Command, actor: Actor) -> Response[bytes]:
        result = await at_the_door(command, db, actor, data, given)
        return Response(msgspec.json.encode(result), media_type=MediaType.JSON)

    carry_out.__annotations__ = {
        "data": Annotated[command.command_type, BodyKwarg(media_type=RequestEncodingType.JSON)],
        "actor": NamedDependency[SkipValidation[Actor]],
        "return": command.result_type,
    }
    carry_out.__name__ = carry_out.__qualname__ = command.path.replace("/", "_").replace("-", "_")
    carry_out.__doc__ = command.use_case.__doc__
    package, _slash, verb = command.path.partition("/")
    return post(
        f"/{command.path}",
        status_code=200,
        request_max_body_size=command.body_max_bytes,
        media_type=MediaType.JSON,
        opt=dict(for_roles(*command.roles)),
        dto=strict_body(command.command_type),
        return_dto=None,
        tags=[package],
        summary=verb.replace("-", " ").capitalize(),
        description=_description_of(command),
        operation_id=carry_out.__name__,
        responses={
            status: ResponseSpec(Problem, media_type="application/problem+json") for status in (401, 403, 404, 409, 422)
        },
        raises=[],
    )(carry_out)


def _description_of(command: CommandRoute[Any, Any]) -> str:
    said = (command.use_case.__doc__ or "").strip().partition("\n")[0]
    return f"{said}\n\nRoles: {', '.join(sorted(command.roles))}. Repeating a command id gives the first result."
