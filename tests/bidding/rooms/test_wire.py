"""What a gateway reads as a message, and what it refuses."""

from __future__ import annotations

import json
from uuid import UUID

import pytest

from auction.kernel.money import BOUND_FEN
from bidding.rooms.wire import (
    CLOSE_TEXTS,
    FRAME_LIMIT,
    BidFrame,
    Close,
    FrameMalformed,
    Hello,
    MalformedBid,
    Missed,
    Ping,
    bye,
    decode_client,
    decode_server,
    encode,
    reconnect_of,
)
from bidding.rules.reasons import Code

BID_ID = "0190a1b2-0000-7000-8000-000000000001"


def _bid(**changes: object) -> str:
    return json.dumps({"type": "bid", "bid_id": BID_ID, "amount_fen": 1_000_000, "kind": "bid"} | changes)


@pytest.mark.parametrize("amount", [1, 1_000_000, BOUND_FEN - 1])
def test_whole_fen_within_the_bound_are_an_amount(amount: int) -> None:
    """An integer from one fen to just below the bound is read as it is."""
    assert BidFrame(bid_id=BID_ID, amount_fen=amount) == decode_client(_bid(amount_fen=amount))


@pytest.mark.parametrize(
    "amount",
    [0, -1, BOUND_FEN, 10**15, 10**30, 1.0, 1.5, 1e6, True, None, "1000000", "1,000,000", "1 000 000", "壹", [1], {}],
)
def test_anything_else_is_no_amount(amount: object) -> None:
    """Zero, negative, too large, fractions, exponents, text and containers are refused as malformed amounts."""
    refused = decode_client(_bid(amount_fen=amount))

    assert MalformedBid(bid_id=BID_ID, reason=Code.AMOUNT_MALFORMED) == refused


@pytest.mark.parametrize("text", ["1e6", "1.0", "+5", "0x10", "1_000", "NaN", "Infinity", "01"])
def test_numbers_in_other_spellings_are_no_amount(text: str) -> None:
    """An amount that JSON or a lenient reader would take for a number is refused or no message at all."""
    frame = _bid(amount_fen=0).replace('"amount_fen": 0', f'"amount_fen": {text}')
    try:
        refused = decode_client(frame)
    except FrameMalformed:
        return

    assert isinstance(refused, MalformedBid)
    assert refused.reason is Code.AMOUNT_MALFORMED


@pytest.mark.parametrize(
    "changes",
    [{"max_fen": 5}, {"kind": "proxy"}, {"kind": None}, {"code": "A"}, {"confirmed_fen": 0}, {"confirmed_fen": "5"}],
)
def test_bid_with_more_or_other_than_documented_is_malformed(changes: dict[str, object]) -> None:
    """An unknown field or kind is answered as a malformed bid; nobody can name another code."""
    assert MalformedBid(bid_id=BID_ID, reason=Code.BID_MALFORMED) == decode_client(_bid(**changes))


@pytest.mark.parametrize(
    "frame",
    [
        "",
        "null",
        "[]",
        "{}",
        "{",
        '{"type":"admin"}',
        '{"type":"hello"}',
        '{"type":"ping","sent":-1}',
        '{"type":"ping","sent":1,"x":1}',
        '{"type":"missed","after":1.5}',
        _bid(bid_id="1"),
        _bid(bid_id=BID_ID.upper()),
        _bid(bid_id=BID_ID + " "),
        "[" * 4_000,
        " " * (FRAME_LIMIT + 1),
        b'{"type":"ping","sent":1}',
    ],
)
def test_anything_undocumented_is_no_message(frame: str | bytes) -> None:
    """Other JSON, unknown types and fields, foreign ids, deep nesting, long and binary frames are refused."""
    with pytest.raises(FrameMalformed):
        decode_client(frame)


def test_client_messages_come_back_as_they_were_written() -> None:
    """Each message that a client may send reads back equal."""
    for message in (
        Hello(lot_id=UUID(int=7), ticket="t", epoch=3, after=9),
        BidFrame(bid_id=BID_ID, amount_fen=5, kind="match"),
        BidFrame(bid_id=BID_ID, amount_fen=5, confirmed_fen=5),
        Missed(after=4),
        Ping(sent=2**53 - 1),
    ):
        assert message == decode_client(encode(message).decode())


def test_close_codes_say_whether_to_come_back() -> None:
    """Each range of codes has one meaning, and each code a sentence in both languages."""
    assert set(Close) == set(CLOSE_TEXTS)
    assert {40: "now", 41: "later", 42: "ticket", 43: "no"} == {c // 100: reconnect_of(c) for c in Close}
    assert ["later", "later", "no", "no"] == [reconnect_of(code) for code in (1001, 1006, 1007, 1009)]
    assert [bye(close) for close in Close] == [decode_server(encode(bye(close))) for close in Close]
