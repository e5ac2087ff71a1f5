"""Signed calls: what is answered, what was certainly not done, and what nobody knows are kept apart."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

import httpx
import msgspec
import pytest

from auction.kernel import signed_calls
from auction.kernel.clock import real_now
from auction.kernel.errors import FaultOfOthers, OutcomeUnknown, Unavailable
from auction.kernel.partners import Partner
from auction.kernel.signed_calls import PartnerAnswerMalformed, PartnerRefused, SignedClient
from auction.kernel.signing import SignatureWrong, SignedCall, check_call

PARTNER = Partner(
    url="https://bank.example/gate",
    key_id="fapai",
    callback_key_id="bank",
    secret="a made-up secret",
    public_key="00" * 32,
)


class Answer(msgspec.Struct):
    """What is asked for."""

    number: int


def client(answer: Callable[[httpx.Request], httpx.Response]) -> SignedClient:
    """Give a client whose partner answers so."""
    return SignedClient(PARTNER, transport=httpx.MockTransport(answer))


def verify(request: httpx.Request, path: str | None = None) -> SignedCall:
    """Check a call as the partner does, under the path that he sees."""
    return check_call(
        {PARTNER.key_id: PARTNER.call_key}.get,
        method=request.method,
        path=path or request.url.raw_path.decode(),
        body=request.content,
        headers=request.headers,
        now=real_now(),
    )


async def test_each_attempt_is_signed_anew_over_the_path_that_the_partner_sees() -> None:
    """Path with its prefix and query, body and business time are signed; no nonce comes twice."""
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, json={"number": 1})

    calling, business_at = client(answer), real_now()
    await calling.get("/v1/statement?after=0&limit=1", Answer)
    await calling.post("/v1/orders", {"key": "k"}, Answer, business_at=business_at)
    await calling.post("/v1/orders", {"key": "k"}, Answer, business_at=business_at)

    calls = [verify(request) for request in seen]
    assert [str(request.url) for request in seen[:2]] == [
        "https://bank.example/gate/v1/statement?after=0&limit=1",
        "https://bank.example/gate/v1/orders",
    ]
    assert len({call.nonce for call in calls}) == 3
    assert [call.business_at for call in calls] == [None, business_at, business_at]
    with pytest.raises(SignatureWrong):
        verify(seen[0], "/v1/statement?after=0&limit=1")


@pytest.mark.parametrize(
    ("fault", "outcome"),
    [
        (httpx.ConnectError("refused"), Unavailable),
        (httpx.ConnectTimeout("slow"), Unavailable),
        (httpx.PoolTimeout("busy"), Unavailable),
        (httpx.ReadTimeout("slow"), OutcomeUnknown),
        (httpx.WriteTimeout("slow"), OutcomeUnknown),
        (httpx.ReadError("cut"), OutcomeUnknown),
        (httpx.WriteError("cut"), OutcomeUnknown),
        (httpx.RemoteProtocolError("garbage"), OutcomeUnknown),
    ],
)
async def test_broken_line_is_unknown_unless_nothing_left(fault: httpx.HTTPError, outcome: type[FaultOfOthers]) -> None:
    """Only where no connection was made it is certain that nothing was done."""

    def answer(_request: httpx.Request) -> httpx.Response:
        raise fault

    with pytest.raises(FaultOfOthers) as raised:
        await client(answer).get("/", Answer)
    assert type(raised.value) is outcome


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (301, PartnerRefused),
        (400, PartnerRefused),
        (404, PartnerRefused),
        (408, OutcomeUnknown),
        (409, PartnerRefused),
        (422, PartnerRefused),
        (429, Unavailable),
        (499, PartnerRefused),
        (500, OutcomeUnknown),
        (503, OutcomeUnknown),
    ],
)
async def test_status_says_which_of_the_three_it_is(status: int, outcome: type[FaultOfOthers]) -> None:
    """A 4xx is an answer, a 5xx and 408 are unknown, 429 did nothing; a redirect is not followed."""
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(str(request.url))
        return httpx.Response(status, headers={"location": "https://elsewhere.example/"}, json={"number": 1})

    with pytest.raises(FaultOfOthers) as raised:
        await client(answer).get("/", Answer)
    assert type(raised.value) is outcome
    assert asked == ["https://bank.example/gate/"]


@pytest.mark.parametrize(
    ("body", "code", "message"),
    [
        (b'{"error": {"code": "key_reused", "message": "no"}}', "key_reused", "no"),
        (b'{"code": "key_reused"}', "key_reused", ""),
        (b'{"error": "text"}', "", ""),
        (b'["code"]', "", ""),
        (b"<html>", "", ""),
        (b"", "", ""),
    ],
)
async def test_refusal_keeps_the_partners_code(body: bytes, code: str, message: str) -> None:
    """The partner's code and message are kept; a refusal in another form is a refusal all the same."""
    with pytest.raises(PartnerRefused) as refused:
        await client(lambda _request: httpx.Response(422, content=body)).get("/", Answer)

    assert (refused.value.status, refused.value.code, refused.value.message) == (422, code, message)


@pytest.mark.parametrize("body", [b"", b"{}", b'{"number": "1"}', b'{"number": 1.5}', b"[]", b"\xff"])
async def test_answer_of_another_form_is_malformed(body: bytes) -> None:
    """An answer is decoded exactly, or not taken."""
    with pytest.raises(PartnerAnswerMalformed):
        await client(lambda _request: httpx.Response(200, content=body)).get("/", Answer)


@pytest.mark.parametrize(("excess", "is_taken"), [(-1, True), (0, True), (1, False)])
async def test_answer_has_a_limit(monkeypatch: pytest.MonkeyPatch, excess: int, is_taken: bool) -> None:
    """An answer of the limit is read; one byte more is not."""
    monkeypatch.setattr(signed_calls, "ANSWER_MAX_BYTES", 100)
    body = b'{"number": 1}'.ljust(100 + excess)
    calling = client(lambda _request: httpx.Response(200, content=body))

    if is_taken:
        assert (await calling.get("/", Answer)).number == 1
    else:
        with pytest.raises(PartnerAnswerMalformed):
            await calling.get("/", Answer)


async def test_endless_answer_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """A partner that sends without end is cut off at the limit."""
    monkeypatch.setattr(signed_calls, "ANSWER_MAX_BYTES", 1000)
    sent = 0

    class Endless(httpx.AsyncByteStream):
        async def __aiter__(self) -> AsyncIterator[bytes]:
            nonlocal sent
            while True:
                sent += 100
                yield b" " * 100

    with pytest.raises(PartnerAnswerMalformed):
        await client(lambda _request: httpx.Response(200, stream=Endless())).get("/", Answer)
    assert sent <= 1200
