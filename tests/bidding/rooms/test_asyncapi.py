"""The protocol in writing says what the code does."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from bidding.rooms import wire
from bidding.rooms.wire import (
    CLOSE_TEXTS,
    EVENTS_LIMIT,
    FRAME_LIMIT,
    LOG_LIMIT,
    OUTCOMES_LIMIT,
    STANDARD_NO,
    ClientMessage,
    Close,
    ServerMessage,
    decode_client,
    decode_server,
    encode,
    reconnect_of,
)

DOCUMENT = Path(wire.__file__).with_name("asyncapi.yaml")
WORDS = {"title", "description"}


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    """The document, read."""
    return msgspec.yaml.decode(DOCUMENT.read_bytes(), type=dict[str, Any])


def _bare(schema: object) -> object:
    """A schema without its words, lists in a fixed order."""
    if isinstance(schema, dict):
        return {name: _bare(value) for name, value in schema.items() if name not in WORDS}
    if isinstance(schema, list):
        return sorted((_bare(value) for value in schema), key=str)
    return schema


def test_every_message_is_described_as_it_is_decoded(document: dict[str, Any]) -> None:
    """The schemas of the document are those of the code: fields, types, bounds, what is required, nothing unknown."""
    _, schemas = msgspec.json.schema_components(
        [ClientMessage, ServerMessage], ref_template="#/components/schemas/{name}"
    )

    assert _bare(schemas) == _bare(document["components"]["schemas"])


def test_every_example_is_a_message(document: dict[str, Any]) -> None:
    """Each described message has an example that reads and writes back as it stands."""
    messages = document["components"]["messages"]
    says = {one["$ref"].rsplit("/", 1)[1] for one in document["operations"]["say"]["messages"]}
    hears = {one["$ref"].rsplit("/", 1)[1] for one in document["operations"]["hear"]["messages"]}

    assert set(messages) == says | hears == set(document["channels"]["room"]["messages"])
    for name, message in messages.items():
        frame = msgspec.json.encode(message["examples"][0]["payload"]).decode()
        read = decode_client(frame) if name in says else decode_server(frame)
        assert name == type(read).__name__
        assert not isinstance(read, wire.MalformedBid)
        assert msgspec.json.decode(frame) == msgspec.json.decode(encode(read))


def test_limits_and_close_codes_are_those_of_the_code(document: dict[str, Any]) -> None:
    """The document's limits and close codes, with what to do after each, are the code's."""
    codes = [(one["code"], one["name"], one["reconnect"], one["zh"], one["en"]) for one in document["x-close-codes"]]

    assert [(int(c), c.name.lower(), reconnect_of(c), *CLOSE_TEXTS[c]) for c in Close] == codes
    assert sorted(STANDARD_NO) == document["x-close-codes-of-the-standard"]["reconnect_no"]
    assert {
        "frame_bytes": FRAME_LIMIT,
        "events_in_a_frame": EVENTS_LIMIT,
        "events_in_a_snapshot": LOG_LIMIT,
        "outcomes_in_a_snapshot": OUTCOMES_LIMIT,
    } == document["x-limits"]
