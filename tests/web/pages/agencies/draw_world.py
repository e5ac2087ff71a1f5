"""The court of the sample accounts with a case whose asset is to be appraised, and a sample register."""

from __future__ import annotations

import hashlib
import re
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
from sqlalchemy import text

from auction.kernel.clock import SHANGHAI, local
from auction.kernel.db import Transaction
from auction.kernel.ids import named_id
from auction.sale.cases.parties import PartyRole
from tests.auction.sale.world import FIRST_DAY
from tests.web.conftest import form_token, sign_in
from tests.web.pages.desks.court_world import CourtWorld
from valuation.draw_v1.draw import commitment
from web.auth.sample_accounts import SAMPLES, sample_identity_number
from web.sample_agencies import make_sample_register

MANDATE = named_id("appraisal of the draw's world")
DRAW_DAY = FIRST_DAY + timedelta(days=6)
SEATS = {PartyRole.APPLICANT: "party1", PartyRole.JUDGMENT_DEBTOR: "party2"}
_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def secret(name: str) -> str:
    """Give a made-up secret of 32 bytes."""
    return hashlib.sha256(f"secret of {name}".encode()).hexdigest()


def moment(name: str, day: date, time: str) -> dict[str, Any]:
    """Give the two inputs of an instant."""
    return {name: day.isoformat(), f"{name}.time": time}


class DrawWorld(CourtWorld):
    """A case with sample parties, and the register."""

    draw_id: UUID

    async def party(self, role: PartyRole, name: str, **changes: object) -> UUID:
        """Seat the sample accounts as applicant and debtor: a choice waits for every party of both sides."""
        username = SEATS.get(role)
        if username is not None and role not in self.parties:
            number = next(n for n, sample in enumerate(SAMPLES) if sample.username == username)
            changes = {**changes, "identity_number": sample_identity_number(number)}
            name = SAMPLES[number].name
        return await super().party(role, name, **changes)

    async def appraised(self) -> None:
        """Come as far as an entrusted appraisal under way, with applicant and debtor who have accounts."""
        await self.at(local(FIRST_DAY, 9))
        await self.open()

        async def open_step(tx: Transaction) -> None:
            await tx.session.execute(
                text(
                    "INSERT INTO valuation.method_step (step_id, case_id, asset_id, ordinal, method, ground, opened_at) "
                    "SELECT :id, case_id, asset_id, 1, 'entrusted_appraisal', '参考价 14', :now FROM sale.asset"
                ),
                {"id": MANDATE, "now": tx.now},
            )

        await self.db.transact(open_step)
        await make_sample_register(self.db, self.actors["technology1"], self.actors["vice1"])

    async def at_draw(self) -> None:
        """Let the time of the draw come."""
        await self.at(datetime(DRAW_DAY.year, DRAW_DAY.month, DRAW_DAY.day, 10, tzinfo=SHANGHAI))


class Hand:
    """A person who fills in the forms of the site."""

    def __init__(self, site: httpx.AsyncClient, court: DrawWorld) -> None:
        """Begin without a session."""
        self.site = site
        self.court = court

    async def sign_in(self, username: str) -> None:
        """Become somebody else."""
        self.site.cookies.clear()
        answer = await sign_in(self.site, username)
        assert answer.status_code == 303

    async def take(self, form: str, *, of_case: bool = True, **fields: Any) -> httpx.Response:  # noqa: ANN401
        """Fill in a form of the case, or of none, and send it."""
        before = f"/court/cases/{self.court.case_id}" if of_case else "/court"
        return await self.send(f"{before}/steps/{form}", **fields)

    async def send(self, path: str, **fields: Any) -> httpx.Response:  # noqa: ANN401 - what a form holds
        """Fill in a page's form and send it."""
        page = await self.site.get(path)
        assert page.status_code == 200, page.text
        command_id = page.text.split('name="command_id" value="')[1].split('"')[0]
        return await self.site.post(path, data={"csrf_token": form_token(page), "command_id": command_id, **fields})

    async def done(self, form: str, *, of_case: bool = True, **fields: Any) -> str:  # noqa: ANN401 - what a form holds
        """Take a step that is carried out; gives where it leads."""
        answer = await self.take(form, of_case=of_case, **fields)
        assert answer.status_code == 303, refused(answer)
        return answer.headers["location"]

    async def selected(self) -> None:
        """Open the choice, unless it is."""
        if await self.court.rows("SELECT 1 FROM valuation.agency_selection"):
            return
        await self.sign_in("judge1")
        await self.done(
            "open-selection",
            asset_id=str(self.court.asset_id),
            purpose="valuation_agency",
            profession="real_estate",
            province="北京市",
            city="北京市",
            place_reason="登记机关的答复没有写明所在地",
            **moment("proposals_until", FIRST_DAY + timedelta(days=2), "17:00"),
        )

    async def requested(self) -> UUID:
        """Open the choice, let the parties differ, and request the draw."""
        await self.selected()
        agencies = [row.agency_id for row in await self.court.rows("SELECT agency_id FROM valuation.register_change")]
        for username, named in (("party1", agencies[:3]), ("party2", agencies[3:6])):
            await self.sign_in(username)
            fields = {f"agency_{rank}": str(one) for rank, one in enumerate(named, start=1)}
            answer = await self.send(f"/selections/{MANDATE}", **fields)
            assert answer.status_code == 303, refused(answer)
        await self.sign_in("judge1")
        found = _ID.search(await self.done("request-draw", mandate_id=str(MANDATE)))
        assert found is not None
        self.court.draw_id = UUID(found[0])
        return self.court.draw_id

    async def frozen(self) -> UUID:
        """Let both offices commit and the drawing office freeze."""
        draw_id = await self.requested()
        for username, form, name in (
            ("technology1", "commit-court-secret", "court"),
            ("supervisor1", "commit-second-secret", "second"),
        ):
            await self.sign_in(username)
            made = commitment(str(draw_id), name, secret(name))
            await self.done(form, draw_id=str(draw_id), commitment=made)
        await self.sign_in("technology1")
        await self.done("freeze-pool", draw_id=str(draw_id), **moment("draw_at", DRAW_DAY, "10:00"))
        return draw_id

    async def drawn(self) -> UUID:
        """Open both secrets at the time of the draw."""
        await self.frozen()
        await self.court.at_draw()
        return await self.drawn_now()

    async def drawn_now(self) -> UUID:
        """Let both offices open."""
        draw_id = self.court.draw_id
        await self.sign_in("supervisor1")
        await self.done("open-second-secret", draw_id=str(draw_id), secret=secret("second"))
        await self.sign_in("technology1")
        await self.done("execute-draw", draw_id=str(draw_id), court_secret=secret("court"))
        return draw_id


def refused(answer: httpx.Response) -> str:
    """Give the code with which a form came back."""
    codes = re.findall(r"<code>([a-z_]+)</code>", answer.text)
    return f"{answer.status_code}: {', '.join(codes)}"
