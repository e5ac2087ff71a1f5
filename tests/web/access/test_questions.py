"""How often one answer asks the database: every page and query, for one of each role, at most twelve times (W-44, W-76).

1. Counted is what the driver sends (`tests.questions`) for an answer that was given once before: a statement goes alone the first
   time. The same address is asked twice by each role and the second answer counts; nothing else runs meanwhile.
2. A route's number is the most that it needed for anybody whom it lets in. Whoever must not see the thing is counted as well.
3. `ALLOWED_MORE` says which routes still need more, and how many. It fails when a number rises, when it falls (write the lower one
   down) and when a route needs no place there any more, so it can only shrink.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from uuid import UUID

import httpx
import pytest
from litestar import Litestar

from auction.kernel.actors import Actor
from auction.kernel.db import Database
from tests.questions import put_to_postgres
from tests.web.access.matrix import EVERYBODY, door_of
from tests.web.access.surface import PEOPLE, KnownCourt, Route, known_ids, routes_of
from tests.web.conftest import SITE, bearer
from web.wiring import Wiring

QUESTIONS_MOST = 12
"""Most statements of one answer."""
ANSWERED_LEAST = 140
"""Fewest routes that answered somebody with what was asked for; with fewer the crawl would count refusals."""
ALLOWED_MORE: Mapping[str, int] = {
    "/api/cases/{case_id:uuid}/services/{service_id:uuid}/paper": 14,
    "/api/fund/cases/{case_id:uuid}": 17,
    "/api/fund/cases/{case_id:uuid}/paper": 19,
    "/api/lots/{lot_id:uuid}": 19,
    "/api/statements/{case_id:uuid}/paper": 21,
    "/api/statements/{case_id:uuid}/trace": 18,
    "/court/cases/{case_id:uuid}/assets/{asset_id:uuid}/price": 14,
    "/court/cases/{case_id:uuid}/assets/{asset_id:uuid}/price/records/{reference_price_id:uuid}": 13,
    "/court/cases/{case_id:uuid}/documents/{document_id:uuid}": 22,
    "/court/cases/{case_id:uuid}/documents/{document_id:uuid}/paper.pdf": 20,
    "/court/cases/{case_id:uuid}/documents/{document_id:uuid}/serve": 17,
    "/court/cases/{case_id:uuid}/steps/{name:str}": 15,
    "/court/lots/{lot_id:uuid}/{step:str}": 13,
    "/court/questions/{question_id:uuid}": 15,
    "/finance/cases/{case_id:uuid}/trace": 18,
    "/lots/{lot_id:uuid}/bid": 13,
    "/lots/{lot_id:uuid}/bids/{bid_id:uuid}": 16,
    "/metrics": 15,
    "/my/documents/{document_id:uuid}/paper.pdf": 16,
    "/my/registrations/{registration_id:uuid}/loan": 16,
    "/statements/{case_id:uuid}/trace": 19,
    "/supervision/figures": 13,
}
"""Routes that need more than `QUESTIONS_MOST`, with what they need."""
SERVED_BY_LITESTAR = ("/static", "/schema")
NOBODY = None


def pages_of(app: Litestar) -> Iterator[tuple[Route, list[str | None]]]:
    """Give every page and query with those who may open it; where all may, somebody who is not signed in as well."""
    for route in routes_of(app):
        if route.method == "GET" and not route.path.startswith(SERVED_BY_LITESTAR):
            door = door_of(route.handler)
            people: list[str | None] = [PEOPLE[role] for role in PEOPLE if door == (EVERYBODY,) or role.value in door]
            yield route, [NOBODY, *people] if door == (EVERYBODY,) else people


def standing_at(app: Litestar, number: int) -> httpx.AsyncClient:
    """Stand before the site at an address of this machine, each at its own: nobody uses up another's rate of the open interface."""
    transport = httpx.ASGITransport(app=app, client=(f"127.0.0.{number}", 5000))  # type: ignore[arg-type] # Litestar's own ASGI types
    return httpx.AsyncClient(transport=transport, base_url=SITE, headers={"accept": "text/html"})


async def asked_by(client: httpx.AsyncClient, address: str) -> tuple[int, int]:
    """Ask twice; gives the status and the number of statements of the second answer (rule 1)."""
    await client.get(address)
    with put_to_postgres() as asked:
        answer = await client.get(address)
    assert answer.status_code < 500 or answer.status_code == 503, f"{address}: {answer.text[:300]}"
    return answer.status_code, len(asked)


async def needed(app: Litestar, known: Mapping[str, UUID]) -> tuple[dict[str, int], set[str]]:
    """Ask every route as everybody whom it lets in; gives the most that each needed, and the routes that answered."""
    most: dict[str, int] = defaultdict(int)
    answered: set[str] = set()
    clients: dict[str | None, httpx.AsyncClient] = {
        username: standing_at(app, number) for number, username in enumerate((NOBODY, *PEOPLE.values()), start=1)
    }
    try:
        for username, client in clients.items():
            client.headers.update({} if username is None else await bearer(client, username))
        for route, people in pages_of(app):
            for username in people:
                status, count = await asked_by(clients[username], route.at(known))
                most[route.path] = max(most[route.path], count)
                answered |= {route.path} if status < 400 else set()
    finally:
        for client in clients.values():
            await client.aclose()
    return dict(most), answered


@pytest.mark.slow
@pytest.mark.timeout(400)
async def test_no_answer_asks_more_than_it_may(
    surface: tuple[Wiring, Litestar], database: Database, database_url: str, people: dict[str, Actor]
) -> None:
    """Every page and query asks the database at most twelve times, but those of the table exactly as often as it says."""
    court = KnownCourt(database, database_url, people)
    await court.settled()
    await court.prepared("ordinary")
    most, answered = await needed(surface[1], await known_ids(court))

    assert len(answered) >= ANSWERED_LEAST
    found = {path: count for path, count in most.items() if count > QUESTIONS_MOST}
    assert not (differing := found.items() ^ ALLOWED_MORE.items()), "\n".join(
        f"{path}: {ALLOWED_MORE.get(path, QUESTIONS_MOST)} allowed, {most.get(path)} asked"
        for path in sorted({path for path, _ in differing})
    )
