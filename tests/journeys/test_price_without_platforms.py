"""From seized asset to listing over the HTTP API, by agreement of the parties and by targeted inquiry."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest

from auction.kernel.clock import day_start
from auction.kernel.ids import new_id
from auction.sale.cases.documents import DocumentKind
from auction.sale.cases.parties import PartyRole
from auction.sale.cases.take_reference_price import handle_reference_price
from tests.auction.sale.world import FIRST_DAY, REFERENCE, World
from tests.journeys.test_bad_input import Court, court, listing, said
from valuation.agreements.close_agreement import handle_close_agreement
from valuation.objections.note_targeted_service import handle_note_targeted_service
from web.demonstration.people import APPLICANT, DEBTOR

__all__ = ["court"]
PAPER = "9" * 64
UNTIL = FIRST_DAY + timedelta(days=3)
SUBJECTS = ("title", "burdens", "occupancy", "unpaid_taxes", "defects")


class Way:
    """One asset on its way to a price, and the people who say something in it."""

    def __init__(self, court: Court, world: World) -> None:
        """Bind to a case that is on file."""
        self.court = court
        self.world = world
        self.mine = {"case_id": str(world.case_id), "asset_id": str(world.asset_id)}

    async def do(self, who: str, path: str, **body: object) -> dict[str, Any]:
        """Give a command that must be carried out."""
        answer = await self.court.send(who, f"valuation/{path}", {"command_id": str(new_id()), **body})
        assert answer.status_code in (200, 201), answer.text
        given: dict[str, Any] = answer.json() if answer.content and answer.json() is not None else {}
        return given

    async def typed(self, who: str, second: str, path: str, confirming: str, /, **body: object) -> None:
        """Type a party's paper and let a second officer confirm it; what is sealed he types once more."""
        answer = await self.court.send(who, f"valuation/{path}", {"command_id": str(new_id()), **body})
        assert answer.status_code in (200, 201), answer.text
        again = ("amount_fen", "valid_until", "agency_ids") if confirming != "confirm-method-paper" else ()
        seen = {name: body[name] for name in ("document_sha256", *again) if name in body}
        own = {"case_id": self.mine["case_id"], "paper_id": answer.json(), **seen}
        assert await self.refused(who, confirming, **own) == "second_person_needed"
        await self.do(second, confirming, **own)

    async def refused(self, who: str, path: str, **body: object) -> str:
        """Give a command that must be refused; gives its code."""
        return said(await self.court.refusal(who, f"valuation/{path}", {"command_id": str(new_id()), **body}))[1]

    async def establish(self, *subjects: str, state: str = "established") -> None:
        """Establish facts on these subjects."""
        fact = {
            "state": state,
            "statement_zh": "已查明",
            "statement_en": "established",
            "source": "不动产登记中心",
            "as_of": FIRST_DAY.isoformat(),
            "document_sha256": None if state == "unanswered" else PAPER,
        }
        await self.do("clerk1", "establish-facts", **self.mine, facts=[{"subject": one, **fact} for one in subjects])

    async def propose(self, who: str, step_id: str, role: PartyRole, fen: int) -> None:
        """Let a party propose at its own account."""
        party, valid = str(self.world.parties[role]), FIRST_DAY + timedelta(days=300)
        await self.do(
            who, "propose-price", step_id=step_id, party_id=party, amount_fen=fen, valid_until=valid.isoformat()
        )

    async def list(self, **changes: object) -> None:
        """Take over the price and list the lot on it, over HTTP; with changes to the terms."""
        [job] = await self.world.jobs("sale.take_reference_price")
        await handle_reference_price(self.world.db, job)
        answer = await self.court.send("judge1", "sale/list-lot", listing(self.world, **changes))
        assert answer.status_code in (200, 201), answer.text

    async def method(self) -> str:
        """Give how the price came that the sale took over."""
        [row] = await self.world.rows("SELECT method, amount_fen FROM sale.reference_price")
        assert row.amount_fen == REFERENCE.fen
        return str(row.method)


@pytest.fixture
async def way(court: Court, database_url: str) -> Way:
    """A case of the sample judge between two sample parties, with a seized home and a panel."""
    world = World(court.wiring.db, database_url)
    world.handler, world.clerk = court.people["judge1"], court.people["clerk1"]
    world.presiding = court.people["presiding1"]
    world.judges = (world.presiding, court.people["panel1"], court.people["panel2"])
    await world.open()
    return Way(court, world)


async def sit(way: Way) -> None:
    """Make the sample parties the only ones who are asked: the made-up ones hand in papers of the same price."""
    for role, one in ((PartyRole.APPLICANT, APPLICANT), (PartyRole.JUDGMENT_DEBTOR, DEBTOR)):
        await way.world.party(role, one.name, identity_number=one.identity_number)


async def test_agreement_ends_in_a_listing(way: Way) -> None:
    """Unanswered facts hold it up; sealed prices, one of them on paper, are opened together and become the reserve's base."""
    others = {role: way.world.parties[role] for role in (PartyRole.APPLICANT, PartyRole.JUDGMENT_DEBTOR)}
    await sit(way)
    await way.establish(*SUBJECTS[1:])
    await way.establish("title", state="unanswered")
    assert await way.refused("judge1", "invite-to-agree", **way.mine, until=UNTIL.isoformat()) == "facts_incomplete"
    await way.establish("title")
    step = await way.do("judge1", "invite-to-agree", **way.mine, until=UNTIL.isoformat())
    assert step["ground"] == "参考价 4(1)"

    valid = (FIRST_DAY + timedelta(days=300)).isoformat()
    paper = {"step_id": step["step_id"], "amount_fen": REFERENCE.fen, "valid_until": valid, "document_sha256": PAPER}
    for officer, party in zip(("clerk1", "assistant1"), others.values(), strict=True):
        body = {"party_id": str(party), **paper}
        await way.typed(officer, "judge1", "record-proposal", "confirm-proposal", **body)
    await way.propose("party1", step["step_id"], PartyRole.APPLICANT, REFERENCE.fen)
    own = {"party_id": str(way.world.parties[PartyRole.JUDGMENT_DEBTOR]), "step_id": step["step_id"]}
    price = {"amount_fen": REFERENCE.fen, "valid_until": valid}
    assert await way.refused("party1", "propose-price", **own, **price) == "not_that_party"
    confirmation = {"step_id": step["step_id"], "is_harmless": True, "reasons": "不损害他人"}
    assert await way.refused("judge1", "confirm-agreement", **confirmation) == "agreement_over"
    await way.propose("party2", step["step_id"], PartyRole.JUDGMENT_DEBTOR, REFERENCE.fen)
    for job in await way.world.jobs("valuation.close_agreement"):
        await handle_close_agreement(way.world.db, job)
    await way.do("judge1", "confirm-agreement", **confirmation)
    await way.list()

    assert await way.method() == "agreement"


async def test_silent_parties_then_the_authoritys_price_end_in_a_listing(way: Way) -> None:
    """Nobody proposes until the time is over; the tax office answers on paper, two officers vouch for it."""
    await way.establish(*SUBJECTS)
    letter = {
        **way.mine,
        "authority": "示例市税务局",
        "price_kind": "tax_base",
        "requirements": "请函告计税基准价",
        "until": (FIRST_DAY + timedelta(days=20)).isoformat(),
        "letter_sha256": PAPER,
    }
    assert await way.refused("judge1", "start-targeted-inquiry", **letter) == "method_out_of_order"
    agreement = await way.do("judge1", "invite-to-agree", **way.mine, until=UNTIL.isoformat())
    assert await way.refused("judge1", "start-targeted-inquiry", **letter) == "method_running"
    await way.world.at(day_start(UNTIL + timedelta(days=1)))
    for job in await way.world.jobs("valuation.close_agreement"):
        await handle_close_agreement(way.world.db, job)
    step = await way.do("judge1", "start-targeted-inquiry", **letter)
    answer = await _answered(way, step["step_id"], received_on=UNTIL + timedelta(days=1))
    document = await way.world.document(DocumentKind.TARGETED_RESULT, sealed=False)
    parties = [way.world.parties[role] for role in (PartyRole.APPLICANT, PartyRole.JUDGMENT_DEBTOR)]
    right = {"step_id": step["step_id"], "answer_id": str(answer), "document_sha256": PAPER, "is_right": True}
    named = {"document_id": str(document), "addressees": [str(parties[0])]}
    assert await way.refused("judge1", "check-targeted-answer", **right) == "targeted_service_missing"
    assert await way.refused("judge1", "check-targeted-answer", **right, **named) == "party_not_among_recipients"
    named["addressees"] = [str(party) for party in parties]
    await way.do("judge1", "check-targeted-answer", **right, **named)
    for party in parties:
        assert await way.world.jobs("sale.take_reference_price") == []
        await way.world.serve(document, party, day_start(UNTIL + timedelta(days=1)))
        for job in await way.world.jobs("valuation.note_service"):
            await handle_note_targeted_service(way.world.db, job)
    await way.list()

    assert agreement["ground"] == "参考价 4(1)"
    assert step["ground"] == "参考价 5(1)"
    assert await way.method() == "targeted_inquiry"


async def _answered(way: Way, step_id: str, *, received_on: date) -> UUID:
    said_late = {"step_id": step_id, "amount_fen": REFERENCE.fen, "document_sha256": PAPER}
    tomorrow = (received_on + timedelta(days=1)).isoformat()
    code = await way.refused("clerk1", "record-targeted-answer", **said_late, received_on=tomorrow)
    assert code == "targeted_answer_malformed"
    answer = await way.court.send(
        "clerk1",
        "valuation/record-targeted-answer",
        {"command_id": str(new_id()), **said_late, "received_on": received_on.isoformat()},
    )
    answer_id = UUID(answer.json())
    own = {"step_id": step_id, "answer_id": str(answer_id), "document_sha256": PAPER, "is_right": True}
    assert await way.refused("clerk1", "check-targeted-answer", **own) == "second_person_needed"
    return answer_id
