"""What every act of the demonstration stands on: the site, the plan, the clock, the teller, names and ids."""

from __future__ import annotations

import asyncio
import dataclasses
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec

from auction.kernel.clock import local, local_day
from web.demonstration.partners import PartnersStage
from web.demonstration.person import Site
from web.demonstration.plan import Plan
from web.demonstration.properties import BUILDING, FLAT, Property
from web.demonstration.telling import Teller

HANDLER, CLERK, PRESIDING, HEAD = "judge1", "clerk1", "presiding1", "head1"
PANEL = ("presiding1", "panel1", "panel2")
ADMINISTRATOR = "admin1"
SEAL_LOOKS = 60
SEAL_PAUSE_S = 0.5


@dataclass(frozen=True)
class Stage:
    """One run's means."""

    site: Site
    plan: Plan
    partners: PartnersStage
    teller: Teller
    asset: Property = FLAT

    @property
    def case_number(self) -> str:
        """The number of this stage's case."""
        return self.plan.case_number if self.asset is FLAT else self.plan.second_case_number

    def beside(self, teller: Teller) -> Stage:
        """Give the stage of the second case: the same people and days, another case, asset and lot."""
        site = Site(self.site.url, self.site.password, f"{self.site.case_key}/{BUILDING.key}", shared_with=self.site)
        return dataclasses.replace(self, site=site, asset=BUILDING, teller=teller)

    def told_by(self, teller: Teller) -> Stage:
        """Give the same stage, told by another."""
        return dataclasses.replace(self, teller=teller)

    def id_of(self, *names: str) -> UUID:
        """Give the id that this run gives a thing."""
        return self.site.id_of(*names)

    @property
    def case_id(self) -> UUID:
        """The case of this run."""
        return self.id_of("case")

    async def now(self) -> datetime:
        """Read business time."""
        return msgspec.convert(await self.site.get("", "/api/clock"), datetime, strict=False)

    async def today(self) -> date:
        """Read the court day."""
        return local_day(await self.now())

    async def wait_until(self, at: datetime) -> datetime:
        """Let business time come to ``at`` (it never goes back): the installation's clock, rooms, bank and card provider."""
        await self.site.do(ADMINISTRATOR, "demonstration/move-clock", at.isoformat(), to=at)
        now = await self.now()
        await self.partners.move_clocks(now)
        return now

    async def come_to(self, day: date, hour: int, minute: int = 0) -> datetime:
        """Let it be ``hour:minute`` Beijing time on ``day``."""
        return await self.wait_until(local(day, hour, minute))

    async def issue(
        self, kind: str, title: str, body: str, *names: str, seal: bool = True, lot_id: UUID | None = None
    ) -> UUID:
        """Have the clerk issue a document and, where it needs one, put the court's seal on it."""
        document_id = self.id_of("document", kind, *names)
        await self.site.do(
            CLERK,
            "sale/issue-document",
            kind,
            *names,
            document_id=document_id,
            case_id=self.case_id,
            kind=kind,
            title=title,
            body=body,
            lot_id=lot_id,
        )
        if seal:
            await self.seal(document_id)
        return document_id

    async def issue_drafted(self, kind: str, *, lot_id: UUID) -> UUID:
        """Have the clerk issue and seal what the record proposes for a lot."""
        draft = await self.site.get(CLERK, f"/api/sale/cases/{self.case_id}/drafts/{kind}?lot_id={lot_id}")
        return await self.issue(kind, draft["title"], draft["body"], lot_id=lot_id)

    async def seal(self, document_id: UUID) -> None:
        """Have the clerk put the court's seal on a document; where the service is slow, ask until it bears the seal."""
        for look in range(SEAL_LOOKS):
            names = (str(document_id),) if look == 0 else (str(document_id), f"look-{look}")
            answer = await self.site.do(
                CLERK, "sale/seal-document", *names, case_id=self.case_id, document_id=document_id
            )
            if answer.get("state", "sealed") == "sealed":
                return
            await asyncio.sleep(SEAL_PAUSE_S)
        raise RuntimeError("the seal service did not answer")

    def electronically(self, at: datetime, consent_at: datetime) -> dict[str, Any]:
        """Make the record of an electronic service that arrived at ``at``."""
        return {
            "method": "electronic",
            "sent_at": at,
            "consent": {"basis": "express", "given_at": consent_at},
            "address_basis": "confirmed",
            "arrived_at": at,
        }

    async def serve(self, document_id: UUID, party: str, at: datetime, *names: str) -> Any:  # noqa: ANN401 - JSON
        """Have the clerk serve a document on a party electronically at ``at``; gives the service record."""
        return await self.site.do(
            CLERK,
            "sale/serve",
            str(document_id),
            party,
            *names,
            service_id=self.id_of("service", str(document_id), party),
            case_id=self.case_id,
            document_id=document_id,
            party_id=self.id_of("party", party),
            record=self.electronically(at, local(self.plan.begun_on, 9)),
            evidence_ref=f"电子送达回执-{party}",
        )
