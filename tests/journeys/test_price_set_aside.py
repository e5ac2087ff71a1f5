"""Supervision of a fixed price over the HTTP API: asked in time and founded, nothing is listed on that price any more."""

from __future__ import annotations

from datetime import timedelta

from auction.kernel.db import Transaction
from auction.kernel.ids import new_id
from auction.sale.cases.parties import PartyRole
from tests.auction.sale.world import FIRST_DAY, REFERENCE
from tests.journeys.test_bad_input import court, listing, said
from tests.journeys.test_price_without_platforms import PAPER, SUBJECTS, Way, way
from valuation.methods import step_store
from valuation.objections.fix_price import fix_price

__all__ = ["court", "way"]


async def priced(way: Way) -> str:
    """Fix a price by appraisal; gives it."""
    await way.establish(*SUBJECTS)
    compelled = {"kind": "appraisal_compelled", "holds": True, "statement": "已查明", "document_sha256": PAPER}
    await way.typed("judge1", "clerk1", "record-circumstance", "confirm-method-paper", **way.mine, **compelled)

    async def work(tx: Transaction) -> str:
        await tx.about_case(way.world.case_id)
        step = await step_store.open_step(
            tx,
            case_id=way.world.case_id,
            asset_id=way.world.asset_id,
            method="entrusted_appraisal",
            step_id=new_id(),
        )
        price = await fix_price(
            tx,
            step,
            amount_fen=REFERENCE.fen,
            valid_until=FIRST_DAY + timedelta(days=300),
            evidence_sha256=PAPER,
        )
        return str(price.reference_price_id)

    return await way.world.db.transact(work)


async def test_nothing_is_listed_on_a_price_that_was_set_aside(way: Way) -> None:
    """The ground must fit the method; decided once, founded, the listing is refused with its article."""
    price = await priced(way)
    case = {"case_id": way.mine["case_id"]}
    asked = {"reference_price_id": price, "party_id": str(way.world.parties[PartyRole.JUDGMENT_DEBTOR])}
    unfit = {**case, **asked, "ground": "false_answer", "evidence_sha256": PAPER}
    assert await way.refused("clerk1", "ask-supervision", **unfit) == "price_supervision_ground_unfit"
    body = {"command_id": str(new_id()), **unfit, "ground": "wrong_outcome"}
    answer = await way.court.send("clerk1", "valuation/ask-supervision", body)
    decision = {**case, "supervision_id": answer.json(), "founded": True, "document_sha256": PAPER}
    decided = await way.court.send(
        "presiding1", "valuation/decide-supervision", {"command_id": str(new_id()), **decision}
    )

    assert (answer.status_code, decided.json()) == (200, True)
    assert await way.refused("presiding1", "decide-supervision", **decision) == "price_supervision_unknown"
    problem = await way.court.refusal("judge1", "sale/list-lot", listing(way.world))
    assert said(problem) == (409, "reference_price_set_aside", "参考价 25")
