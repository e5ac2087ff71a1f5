"""A person of the demonstration: signs in, gives commands, asks for what stands; patient when a part is down.

1. A command is repeated under its id until it is answered; an answer of 4xx is final and raises `StepRefused`.
2. Nothing here knows the database: what the driver learns, it learns over HTTP.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar
from uuid import UUID

import httpx
import msgspec

from auction.kernel.ids import named_id

PATIENCE_S = 90.0
"""How long a step is repeated while a part is down or its outcome has not come."""
PAUSE_S = 0.1
LONGEST_PAUSE_S = 1.0
REQUEST_S = 20.0

T = TypeVar("T")


class StepRefused(Exception):
    """The site refused a step of the demonstration: its code, article and sentence."""

    def __init__(self, path: str, status: int, problem: dict[str, Any]) -> None:
        """Keep the problem document."""
        super().__init__(f"{path}: {status} {problem.get('code', '')} {problem.get('en', problem)}")
        self.problem = problem
        self.status = status


class TooSlow(Exception):
    """What a step waits for did not come in time."""


class Site:
    """The site as seen from outside: one HTTP client and one token per person."""

    def __init__(self, url: str, password: str, case_key: str, *, shared_with: Site | None = None) -> None:
        """Bind to the site; ``case_key`` is what all command ids of this run are made from.

        ``shared_with``: use another's client and sign-ins.
        """
        self.url = url
        self.case_key = case_key
        self.password = password
        self._tokens: dict[str, str] = {}
        if shared_with is not None:
            self._http: httpx.AsyncClient = shared_with._http
            self._tokens = shared_with._tokens
        else:
            self._http = httpx.AsyncClient(base_url=url, timeout=REQUEST_S, trust_env=False)

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    def id_of(self, *names: str) -> UUID:
        """Give the id that this run gives a thing: the same on every run of the same case."""
        return named_id("demonstration", self.case_key, *names)

    async def do(self, person: str, path: str, *key: str, **fields: object) -> Any:  # noqa: ANN401 - JSON
        """Have ``person`` carry out the command at ``/api/<path>``; ``key`` tells repeated uses apart."""
        command = {"command_id": self.id_of("command", path, person, *key), **fields}
        return await self.ask(person, "POST", f"/api/{path}", command)

    async def get(self, person: str, path: str) -> Any:  # noqa: ANN401 - JSON
        """Have ``person`` read ``path``; an empty person is the public."""
        return await self.ask(person, "GET", path, None)

    async def ask(self, person: str, method: str, path: str, body: object) -> Any:  # noqa: ANN401 - JSON
        """Ask until it is answered (rule 1)."""

        async def once() -> Any:  # noqa: ANN401 - JSON
            return await self._once(person, method, path, body)

        return await patiently(once, what=f"{method} {path}")

    async def download(self, path: str) -> str:
        """Download a public file."""

        async def once() -> str:
            answer = await self._http.get(path)
            if answer.status_code >= 500:
                raise _NotYet
            if answer.status_code != httpx.codes.OK:
                raise StepRefused(path, answer.status_code, _json(answer))
            return answer.text

        return await patiently(once, what=f"GET {path}")

    async def until(self, person: str, path: str, ready: Callable[[Any], bool]) -> Any:  # noqa: ANN401 - JSON
        """Read ``path`` until ``ready`` says yes; `TooSlow` after `PATIENCE_S`."""

        async def once() -> Any:  # noqa: ANN401 - JSON
            found = await self._once(person, "GET", path, None)
            if not ready(found):
                raise _NotYet
            return found

        return await patiently(once, what=f"GET {path}")

    async def _once(self, person: str, method: str, path: str, body: object) -> Any:  # noqa: ANN401 - JSON
        headers = {"content-type": "application/json", "accept": "application/json"}
        if person:
            headers["authorization"] = f"Bearer {await self._token(person)}"
        content = None if body is None else msgspec.json.encode(body)
        answer = await self._http.request(method, path, content=content, headers=headers)
        if answer.status_code == httpx.codes.UNAUTHORIZED and person:
            self._tokens.pop(person, None)
            raise _NotYet
        if answer.status_code >= 500:
            raise _NotYet
        if answer.status_code >= 400:
            raise StepRefused(path, answer.status_code, _json(answer))
        return _json(answer)

    async def _token(self, person: str) -> str:
        if person not in self._tokens:
            answer = await self._http.post("/api/sign-in", json={"username": person, "password": self.password})
            if answer.status_code >= 500 or answer.status_code == httpx.codes.TOO_MANY_REQUESTS:
                raise _NotYet
            if answer.status_code != httpx.codes.OK:
                raise StepRefused("/api/sign-in", answer.status_code, _json(answer))
            self._tokens[person] = _json(answer)["token"]
        return self._tokens[person]


class _NotYet(Exception):
    """Ask again."""


async def patiently(once: Callable[[], Awaitable[T]], *, what: str, patience_s: float = PATIENCE_S) -> T:
    """Call ``once`` until it answers; transport faults and `_NotYet` are tried again, anything else is raised."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + patience_s
    pause = PAUSE_S
    while True:  # bounded by the deadline
        try:
            return await once()
        except (_NotYet, httpx.TransportError) as fault:
            if loop.time() > deadline:
                raise TooSlow(f"{what} ({fault!r})") from fault
        await asyncio.sleep(pause)
        pause = min(pause * 1.5, LONGEST_PAUSE_S)


def _json(answer: httpx.Response) -> Any:  # noqa: ANN401 - JSON
    if not answer.content:
        return None
    try:
        return msgspec.json.decode(answer.content)
    except msgspec.DecodeError:
        return {"en": answer.text[:300]}
