"""Stripe's request form: ``metadata[lot]=7``, ``expand[0]=latest_charge``; read strictly, unknown names refused."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qsl

from web.sandbox.stripe.errors import ParameterWrong

MAX_FIELDS = 500
METADATA_KEYS = 50
METADATA_KEY_LENGTH = 40
METADATA_VALUE_LENGTH = 500

_KEY = re.compile(r"[^\[\]]+")
_WHOLE = re.compile(r"-?[0-9]{1,18}")


class Form:
    """The decoded parameters of one request."""

    def __init__(self, fields: dict[str, Any]) -> None:
        """Take nested fields, as `decode_form` makes them."""
        self.fields = fields

    def only(self, *names: str) -> None:
        """Refuse parameters that this end point does not know (``expand`` is known everywhere)."""
        for name in self.fields:
            if name not in names and name != "expand":
                raise ParameterWrong(f"Received unknown parameter: {name}", code="parameter_unknown", param=name)

    def has(self, name: str) -> bool:
        """Whether the parameter was sent and is not empty."""
        return bool(self.fields.get(name))

    def text(self, name: str) -> str | None:
        """Read a text; None when it was not sent or is empty."""
        value = self.fields.get(name)
        if value is not None and not isinstance(value, str):
            raise ParameterWrong(f"Invalid string: {name}", param=name)
        return value or None

    def needed(self, name: str) -> str:
        """Read a text that must be there."""
        value = self.text(name)
        if value is None:
            raise ParameterWrong(f"Missing required param: {name}.", code="parameter_missing", param=name)
        return value

    def whole(self, name: str) -> int | None:
        """Read an integer; None when it was not sent."""
        value = self.text(name)
        if value is None:
            return None
        if _WHOLE.fullmatch(value) is None:
            raise ParameterWrong(f"Invalid integer: {value}", code="parameter_invalid_integer", param=name)
        return int(value)

    def flag(self, name: str) -> bool:
        """Read a truth value; false when it was not sent."""
        value = self.text(name)
        if value not in {None, "true", "false"}:
            raise ParameterWrong(f"Invalid boolean: {value}", param=name)
        return value == "true"

    def choice(self, name: str, *allowed: str) -> str | None:
        """Read one of a few words; None when it was not sent."""
        value = self.text(name)
        if value is not None and value not in allowed:
            raise ParameterWrong(f"Invalid {name}: must be one of {', '.join(allowed)}", param=name)
        return value

    def group(self, name: str) -> dict[str, Any]:
        """Read a nested hash; empty when it was not sent."""
        value = self.fields.get(name, {})
        if not isinstance(value, dict):
            raise ParameterWrong(f"Invalid hash: {name}", param=name)
        return value

    def items(self, name: str) -> list[str]:
        """Read a list of texts, however its places were written."""
        value = self.fields.get(name, {})
        if not isinstance(value, dict) or not all(isinstance(item, str) for item in value.values()):
            raise ParameterWrong(f"Invalid array: {name}", param=name)
        return list(value.values())

    def metadata(self, before: dict[str, str]) -> dict[str, str]:
        """Give metadata after this request: keys are merged, an empty value removes its key."""
        merged = dict(before)
        for key, value in self.group("metadata").items():
            if len(key) > METADATA_KEY_LENGTH or not isinstance(value, str) or len(value) > METADATA_VALUE_LENGTH:
                raise ParameterWrong("Metadata keys are 40 and values 500 characters at most.", param="metadata")
            merged[key] = value
        merged = {key: value for key, value in merged.items() if value != ""}
        if len(merged) > METADATA_KEYS:
            raise ParameterWrong("Metadata holds at most 50 keys.", param="metadata")
        return merged


def decode_form(encoded: str) -> Form:
    """Decode a query or a body into nested fields."""
    try:
        pairs = parse_qsl(encoded, keep_blank_values=True, strict_parsing=bool(encoded), max_num_fields=MAX_FIELDS)
    except ValueError as error:
        raise ParameterWrong(f"The request form cannot be read: {error}") from None
    fields: dict[str, Any] = {}
    for name, value in pairs:
        _put(fields, name, value)
    return Form(fields)


def _put(fields: dict[str, Any], name: str, value: str) -> None:
    steps = _KEY.findall(name) + ([""] if name.endswith("[]") else [])
    place = fields
    for step in steps[:-1]:
        place = place.setdefault(step, {})
        if not isinstance(place, dict):
            raise ParameterWrong(f"Invalid hash: {name}", param=name)
    last = steps[-1] or str(len(place))
    place[last] = value
