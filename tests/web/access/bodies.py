"""Bodies of commands made from their types: well-formed, and naming what is on file wherever a field names something."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from typing import Any
from uuid import UUID, uuid4

import msgspec
from msgspec import inspect

Known = Mapping[str, UUID]
"""Ids of what is on file, by the name of the field or parameter that names it."""


def body_of(command_type: type[msgspec.Struct], known: Known) -> bytes:
    """Give a body that the command's decoder takes; ids that nobody knows are made up."""
    return msgspec.json.encode(_struct(inspect.type_info(command_type), known))


def _struct(shape: Any, known: Known) -> dict[str, Any]:  # noqa: ANN401 - msgspec's descriptions have no common base
    body = {field.encode_name: _value(field.type, field.encode_name, known) for field in shape.fields if field.required}
    if shape.tag is not None:
        body[shape.tag_field] = shape.tag
    return body


def _value(shape: Any, name: str, known: Known) -> Any:  # noqa: ANN401, C901 - one line for each kind of type
    match shape:
        case inspect.Metadata():
            return _value(shape.type, name, known)
        case inspect.StructType():
            return _struct(shape, known)
        case inspect.UnionType():
            return None if shape.includes_none else _value(shape.types[0], name, known)
        case inspect.LiteralType():
            return shape.values[0]
        case inspect.EnumType():
            return next(iter(shape.cls)).value
        case inspect.UUIDType():
            return known.get(name) or uuid4()
        case inspect.IntType():
            return max(1, shape.ge or 1, (shape.gt or 0) + 1)
        case inspect.FloatType() | inspect.DecimalType():
            return "1"
        case inspect.StrType():
            return "a" * max(2, shape.min_length or 2)
        case inspect.BytesType():
            return "YQ=="
        case inspect.BoolType():
            return True
        case inspect.DateType():
            return date(2027, 6, 1)
        case inspect.DateTimeType():
            return datetime(2027, 6, 1, tzinfo=UTC)
        case inspect.TimeType():
            return time(9)
        case inspect.DictType():
            return {}
        case inspect.VarTupleType() | inspect.ListType() | inspect.FrozenSetType() | inspect.SetType():
            return [_value(shape.item_type, name, known)] * (shape.min_length or 1)
        case inspect.TupleType():
            return [_value(one, name, known) for one in shape.item_types]
        case _:
            raise NotImplementedError(repr(shape))
