"""From seized asset to listing over the HTTP API, by entrusted appraisal: two agencies fail, the third's report stands."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from auction.kernel.actors import Role
from auction.kernel.clock import local
from auction.kernel.ids import new_id
from auction.sale.cases.documents import DocumentKind
from auction.sale.cases.parties import PartyRole
from tests.auction.sale.world import FIRST_DAY, REFERENCE
from tests.journeys.test_bad_input import court
from tests.journeys.test_price_without_platforms import PAPER, SUBJECTS, Way, way
from tests.valuation.methods.ground import actor
from valuation.appraisals import store
from valuation.appraisals.keep_history import LOOK
from valuation.appraisals.procedure.look_at_appraisal import handle_look_at_appraisal
from valuation.appraisals.reports.note_paper_service import handle_note_paper_service
from valuation.appraisals.rules.case_file import AppraisalFile, Mandate
from web.sample_agencies import make_sample_register, sample_agency_id

__all__ = ["court", "way"]
PARTIES = (PartyRole.APPLICANT, PartyRole.JUDGMENT_DEBTOR)
RATES = {
    "association": "示例估价师协会",
    "filed_on": "2026-01-01",
    "bands": [{"up_to_fen": 100_000_000, "ratio": "1/200"}, {"up_to_fen": None, "ratio": "1/400"}],
    "least_fen": 0,
    "document_sha256": PAPER,
}


def day(number: int) -> date:
    """Give a day, counted from the first."""
    return FIRST_DAY + timedelta(days=number)


class Appraising:
    """An appraisal on its way, and who acts in it."""

    def __init__(self, way: Way) -> None:
        """Bind to a case on its way."""
        self.way = way
        self.world = way.world
        self.parties = [str(self.world.parties[role]) for role in PARTIES]
        self.appraisal_id = ""

    async def do(self, who: str, path: str, **body: object) -> str:
        """Give a command of the court about this appraisal; gives what it made."""
        given = await self.way.do(who, path, appraisal_id=self.appraisal_id, **body)
        return str(given["made_id"])

    async def agency(self, number: int, path: str, **body: object) -> None:
        """Give a command of an agency about its own mandate."""
        mandate = await self.mandate()
        assert mandate.agency_id == sample_agency_id(f"agency-{number}")
        await self.way.do(f"agency{number}", path, mandate_id=str(mandate.mandate_id), **body)

    async def signed(self, number: int) -> None:
        """Let the second appraiser of an agency confirm the report that waits."""
        file = await self.file()
        assert file.draft is not None
        assert file.mandate is not None
        named = {"mandate_id": str(file.mandate.mandate_id), "draft_id": str(file.draft.draft_id)}
        await self.way.do(f"appraiser{number}", "confirm-report", **named)

    async def check(self) -> UUID:
        """Check the newest report, which passes, and name the document that serves it; gives the document."""
        paper = (await self.file()).paper
        assert paper is not None
        document = await self.world.document(DocumentKind.APPRAISAL_REPORT, sealed=False)
        checked = {"paper_id": str(paper.paper_id), "pdf_sha256": paper.report.pdf_sha256}
        await self.do("judge1", "check-report", **checked, document_id=str(document))
        return document

    async def refuse_papers(self) -> None:
        """Let the door refuse a document of another kind, and one that was served before the check."""
        paper = (await self.file()).paper
        assert paper is not None
        checked = {
            "appraisal_id": self.appraisal_id,
            "paper_id": str(paper.paper_id),
            "pdf_sha256": paper.report.pdf_sha256,
        }
        other = await self.world.document(DocumentKind.INQUIRY_REPORT, sealed=False)
        served = await self.world.document(DocumentKind.APPRAISAL_REPORT, sealed=False)
        await self.serve(served, self.parties[0])
        refusals = {
            other: "document_kind_wrong",
            served: "appraisal_document_served_before",
            new_id(): "document_unknown",
        }
        for document, code in refusals.items():
            assert await self.way.refused("judge1", "check-report", **checked, document_id=str(document)) == code

    async def fee_is_open(self) -> bool:
        """Whether neither outcome of the sale is taken for the fee now."""
        unsold = {"outcome": "unsold", "expense_fen": 30_000, "document_sha256": PAPER}
        given: tuple[dict[str, object], ...] = ({"outcome": "sold"}, {**unsold})
        codes = [await self.way.refused("judge1", "state-fee", appraisal_id=self.appraisal_id, **one) for one in given]
        return codes == ["appraisal_fee_not_ripe"] * 2

    async def file(self) -> AppraisalFile:
        """Read the file."""
        async with self.world.db.reading() as tx:
            return await store.file_of(tx, UUID(self.appraisal_id))

    async def mandate(self) -> Mandate:
        """Give the open mandate."""
        found = (await self.file()).mandate
        assert found is not None
        return found

    async def at(self, number: int, hour: int = 9) -> None:
        """Go to an hour of a day, and let a worker look at what fell due."""
        await self.world.at(local(day(number), hour))
        for job in (await self.world.jobs(LOOK))[-1:]:
            await handle_look_at_appraisal(self.world.db, job)

    async def start(self) -> None:
        """Start it as the only lawful method, and agree on three sample agencies in writing."""
        await self.way.establish(*SUBJECTS)
        compelled = {"kind": "appraisal_compelled", "holds": True, "statement": "已查明", "document_sha256": PAPER}
        await self.way.typed(
            "judge1", "clerk1", "record-circumstance", "confirm-method-paper", **self.way.mine, **compelled
        )
        await make_sample_register(
            self.world.db, actor("keeper", Role.JUDICIAL_TECHNOLOGY), actor("second", Role.JUDICIAL_TECHNOLOGY)
        )
        terms = {
            "purpose": "确定财产处置参考价",
            "value_type": "market_value",
            "value_date": FIRST_DAY.isoformat(),
            "scope": {
                "asset_class": "home",
                "description": "测试住宅一套",
                "place": "测试路1号2单元301",
                "fixtures": ["固定装修"],
            },
        }
        started = await self.way.do("judge1", "start-appraisal", **self.way.mine, terms=terms, parties=self.parties)
        self.appraisal_id = started["appraisal_id"]
        choice = {"profession": "real_estate", "province": "北京市", "city": "北京市", "place_reason": "登记答复未写明"}
        until = local(day(5), 18).isoformat()
        opening = {**self.way.mine, "mandate_id": self.appraisal_id, "proposals_until": until, **choice}
        await self._send("judge1", "open-selection", **opening)
        chosen = [str(sample_agency_id(f"agency-{number}")) for number in (1, 2, 3)]
        for officer, party in zip(("clerk1", "judge1"), self.parties, strict=True):
            paper = {"party_id": party, "agency_ids": chosen, "document_sha256": PAPER}
            case = {"case_id": self.way.mine["case_id"], "mandate_id": self.appraisal_id}
            await self.way.typed(
                officer, "assistant1", "record-agency-proposal", "confirm-agency-proposal", **case, **paper
            )

    async def _send(self, who: str, path: str, **body: object) -> None:
        answer = await self.way.court.send(who, f"valuation/{path}", {"command_id": str(new_id()), **body})
        assert answer.status_code in (200, 201), answer.text

    async def report(self, signed_on: date) -> dict[str, Any]:
        """Fill in the third agency's report."""
        return {
            "scope_sha256": (await self.file()).scope_sha256,
            "agency_licence_no": (await self.mandate()).licence_no,
            "signed_on": signed_on.isoformat(),
            "signers": [{"licence_no": "SAMPLE-003-A"}, {"licence_no": "SAMPLE-003-B"}],
            "basics": "测试住宅一套及固定装修",
            "methods": ["comparison", "income"],
            "standard": "GB/T 50291-2015",
            "value_fen": REFERENCE.fen,
            "valid_until": (signed_on + timedelta(days=300)).isoformat(),
            "pdf_sha256": PAPER,
        }

    async def serve(self, document: UUID, *parties: str) -> None:
        """Hand a document to these parties now; their clocks run."""
        async with self.world.db.reading() as tx:
            now = tx.now
        before = len(await self.world.jobs("valuation.note_service"))
        for party in parties:
            await self.world.serve(document, UUID(party), now)
        for job in (await self.world.jobs("valuation.note_service"))[before:]:
            await handle_note_paper_service(self.world.db, job)


async def test_third_report_ends_in_a_listing(way: Way) -> None:
    """The first declines, the second is late, the third's report survives two objections and a review, and is listed on."""
    one = Appraising(way)
    await one.start()
    await one.do("clerk1", "mandate-agency", answer_by=day(5).isoformat())
    await one.at(1)
    await one.agency(1, "decline-mandate", ground="no_capacity", reason="本月已满负荷")
    await one.agency(2, "accept-mandate", rates=RATES)
    await one.at(33)
    await one.agency(3, "accept-mandate", rates=RATES)
    planned = local(day(35), 10).isoformat()
    await one.do("clerk1", "tell-inspection", planned_at=planned, told=one.parties, document_sha256=PAPER)
    await one.at(35, 11)
    site = {"appraisers": ["SAMPLE-003-A"], "present": [], "has_witness": True, "record_sha256": PAPER}
    await one.agency(3, "record-inspection", inspection={"held_at": planned, **site})
    await one.agency(3, "submit-report", report=await one.report(day(35)))
    await one.signed(3)
    await one.refuse_papers()
    await one.serve(await one.check(), *one.parties)
    objection = {"against": "report", "document_sha256": PAPER}
    applicant, debtor = one.parties
    procedural = await one.do("clerk1", "object-to-report", party_id=debtor, grounds=["procedure"], **objection)
    substantive = await one.do("clerk1", "object-to-report", party_id=applicant, grounds=["result"], **objection)
    await one.do("presiding1", "decide-report-objection", objection_id=procedural, document_sha256=PAPER)
    await one.do("clerk1", "forward-objection", objection_id=substantive)
    await one.agency(
        3, "explain-objection", objection_id=substantive, text="可比案例位于同一区位", document_sha256=PAPER
    )
    await one.at(36)
    explanation = await one.world.document(DocumentKind.EXPLANATION, sealed=False)
    await one.do("clerk1", "link-explanation", objection_id=substantive, document_id=str(explanation))
    await one.serve(explanation, applicant)
    await one.do("clerk1", "dispute-explanation", objection_id=substantive, document_sha256=PAPER)
    asked = {"association": "示例估价师协会", "conclude_by": day(70).isoformat(), "document_sha256": PAPER}
    review = await one.do("judge1", "ask-review", **asked)
    await one.at(60)
    await one.do("clerk1", "record-review", review_id=review, conclusion="confirmed", document_sha256=PAPER)
    await one.at(60, 10)
    assert await one.fee_is_open(), "the price is fixed, and nothing was offered"
    await way.list(opens_at=local(day(93), 10), closes_at=local(day(94), 10))

    assert await one.fee_is_open(), "the lot is listed"
    assert await way.method() == "entrusted_appraisal"
    assert [held.over.ground for held in (await one.file()).mandates if held.over] == ["declined", "late"]
