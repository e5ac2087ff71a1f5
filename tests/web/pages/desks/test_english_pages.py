"""Every page that somebody can reach by links in English is English: what is left of Chinese is data, as it stands in the database.

Each kind of page (its path with ids taken out) is opened by each kind of person, on a case whose plan is settled. Text in an element that says ``lang="zh-CN"`` is quoted and does not count. Any other run of Chinese characters must stand in what the
database holds, sealed values opened (names, titles, numbers and evidence that people typed), be the full name of an act, which stands beside
its English one, or a phrase that the law forbids and that is quoted for it.
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter, deque
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import httpx
import pytest
from sqlalchemy import text

import auction.law
from auction.kernel.actors import Role
from auction.kernel.db import Transaction
from tests.web.conftest import ClientMaker, sign_in
from tests.web.pages.desks.court_world import CourtWorld
from tests.web.test_ports import partners_file
from web.acts import acts, full_name
from web.auth.sample_accounts import SAMPLES
from web.build_site import build_site
from web.cookies import LOCALE_COOKIE
from web.ports import NEEDED
from web.wiring import Wiring

RUN = re.compile(r"[\u3400-\u9fff]+")
IDS = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|[0-9a-f]{64}|(?<=/)\d+(?=/|$)")
EACH = 1
"""So many pages of one kind are opened by one person."""
MANY = 80
"""The links lead to more kinds of pages than this: a crawl that finds few has been stopped at a door."""
MOST = 400
"""No person opens more pages."""
READ_ALOUD = ("aria-label", "title", "alt", "placeholder")
SILENT = frozenset({"script", "style", "template"})
VOID = frozenset({"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"})


class Said(HTMLParser):
    """What a page says outside quoted elements, and where it leads."""

    def __init__(self) -> None:
        """Begin."""
        super().__init__()
        self.said: list[str] = []
        self.links: list[str] = []
        self._open: list[tuple[str, bool]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take what is read aloud, and the link."""
        named = dict(attrs)
        quoted = (named.get("lang") or "").startswith("zh") or tag in SILENT
        if not quoted and not self._is_quoted():
            self.said += [named.get(name) or "" for name in READ_ALOUD]
        if tag == "a" and named.get("href"):
            self.links.append(str(named["href"]))
        if tag not in VOID:
            self._open.append((tag, quoted))

    def handle_endtag(self, tag: str) -> None:
        """Close the element, and whatever stands open in it."""
        while self._open and tag in [name for name, _ in self._open]:
            if self._open.pop()[0] == tag:
                return

    def handle_data(self, data: str) -> None:
        """Take the text."""
        if not self._is_quoted():
            self.said.append(data)

    def _is_quoted(self) -> bool:
        return any(quoted for _, quoted in self._open)


async def data_of(court: CourtWorld) -> str:
    """Give all that the database holds as one text, sealed values opened."""

    async def work(tx: Transaction) -> str:
        tables = await tx.session.execute(
            text(
                "SELECT table_schema, table_name, column_name, data_type FROM information_schema.columns "
                "WHERE table_schema IN ('sale', 'fund', 'kernel', 'valuation', 'bidding', 'web') "
                "AND data_type IN ('text', 'bytea', 'jsonb', 'json', 'ARRAY')"
            )
        )
        found: list[str] = []
        for schema, table, column, kind in tables.all():
            shown = f'"{column}"' if kind == "bytea" else f'"{column}"::text'
            values = await tx.session.scalars(text(f'SELECT {shown} FROM "{schema}"."{table}"'))
            found += [_opened(tx, value) if isinstance(value, bytes) else value or "" for value in values.all()]
        return "\n".join(found)

    return await court.read(work)


def _opened(tx: Transaction, value: bytes) -> str:
    try:
        return tx.sealer.open(value)
    except Exception:  # noqa: BLE001 - whatever is not sealed text, such as a hash, says nothing in Chinese
        return ""


def forbidden_phrases() -> list[str]:
    """Give the phrases that no announcement may use (法〔2024〕238号)."""
    held = tomllib.loads((Path(auction.law.__file__).parent / "asset_facts.toml").read_text("utf-8"))
    return [phrase["text"] for phrase in held["phrase"]]


class Reader:
    """Somebody who follows every link that he finds."""

    def __init__(self, client: httpx.AsyncClient, name: str) -> None:
        """Bind."""
        self.client, self.name = client, name
        self.opened: dict[str, str] = {}
        self.broken: list[str] = []

    async def read_all(self, *starts: str) -> None:
        """Open all kinds of pages that can be reached."""
        waiting, kinds = deque(starts), Counter[str]()
        seen = set(starts)
        while waiting and len(self.opened) < MOST:
            path = waiting.popleft()
            kind = IDS.sub("*", path.split("?")[0])
            if kinds[kind] >= EACH:
                continue
            kinds[kind] += 1
            for link in await self._open(path):
                if link not in seen:
                    seen.add(link)
                    waiting.append(link)

    async def _open(self, path: str) -> list[str]:
        answer = await self.client.get(path)
        if answer.status_code >= 500:
            self.broken.append(f"{self.name} {path}: {answer.status_code}")
        if not answer.headers.get("content-type", "").startswith("text/html"):
            return [answer.headers["location"]] if answer.status_code in (302, 303, 307) else []
        page = Said()
        page.feed(answer.text)
        self.opened[path] = "\n".join(page.said)
        return [
            link.split("#")[0] for link in page.links if link.startswith("/") and not link.startswith(("//", "/api"))
        ]


@pytest.fixture
def whole_site(wiring: Wiring, desks: Wiring, tmp_path: Path) -> Wiring:
    """The site as it is built, at the court's doors."""
    site = build_site(replace(wiring.settings, partners=partners_file(tmp_path, *NEEDED)))
    return replace(wiring, routes=site.routes, entries=site.entries, ports={**site.ports, **desks.ports})


@pytest.mark.campaign
@pytest.mark.timeout(900)
async def test_pages_in_english_hold_no_chinese_but_data(
    court: CourtWorld, whole_site: Wiring, client_of: ClientMaker
) -> None:
    """Each kind of page, by each kind of person: no text of the site itself is left in Chinese, and no page breaks."""
    await court.settled()
    readers: list[Reader] = []
    roles_seen: set[frozenset[Role]] = set()
    for username, roles in [("", ()), *((sample.username, sample.roles) for sample in SAMPLES)]:
        if frozenset(roles) in roles_seen:
            continue
        roles_seen.add(frozenset(roles))
        async with client_of(whole_site) as client:
            client.cookies.set(LOCALE_COOKIE, "en")
            if username:
                await sign_in(client, username)
            reader = Reader(client, username or "visitor")
            await reader.read_all("/", "/sign-in", f"/court/cases/{court.case_id}", f"/finance/cases/{court.case_id}")
            readers.append(reader)
    quoted = [*(full_name(act) for act in acts().values()), *forbidden_phrases()]
    data = "\n".join([await data_of(court), *quoted])

    left = {
        (run, IDS.sub("*", path.split("?")[0]))
        for reader in readers
        for path, said in reader.opened.items()
        for run in RUN.findall(said)
        if run not in data
    }
    assert sorted(left) == []
    assert [one for reader in readers for one in reader.broken] == []
    kinds = {IDS.sub("*", path.split("?")[0]) for reader in readers for path in reader.opened}
    assert len(kinds) > MANY, sorted(kinds)
