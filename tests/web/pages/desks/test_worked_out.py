"""What the terms in the fields come to, and when nothing is worked out (`web.pages.steps.worked_out`)."""

from __future__ import annotations

import pytest

from auction.fund.gateway import BankOrderSeen
from auction.fund.payouts.disbursements import Step
from auction.fund.payouts.note_payout import note_payout_seen
from auction.kernel.db import Transaction
from auction.kernel.money import ZERO, Money
from auction.sale.cases.documents import DocumentKind
from tests.web.pages.desks.court_world import CLAIM, MORTGAGE, CourtWorld
from web.pages.steps.all_forms import form_named
from web.pages.steps.read_known import read_known
from web.pages.steps.worked_out import EscrowShown, ReversalShown


async def shown(court: CourtWorld, name: str, **typed: str) -> dict[str, object]:
    """Give what a form shows above its fields."""
    form = form_named(name)
    assert form.shows_of is not None

    async with court.db.reading() as tx:
        known = await read_known(tx, court.case_id, court.handler.person_id, {})
        return dict(await form.shows_of(tx, known, typed))


async def paid_out(court: CourtWorld, kind: str) -> None:
    """Pay a line by four officers, and let the bank confirm it."""
    payout = await court.prepared(kind)
    await court.signed(payout, Step.APPROVE, Step.CHECK, Step.PAY)
    seen = BankOrderSeen(key=f"payout:{payout.disbursement_id}", state="confirmed")

    async def confirm(tx: Transaction) -> bool:
        return await note_payout_seen(tx, payout.disbursement_id, seen)

    await court.db.transact(confirm)


async def test_reversal_shows_what_was_paid_and_what_was_not_with_its_interest(court: CourtWorld) -> None:
    """What was paid out is owed back with the interest of its days; what is held of another claim is taken back."""
    await court.settled()
    lines = {line.kind: str(line.claim_id) for line in court.plan.lines}
    await paid_out(court, "ordinary")
    today = (await court.rows("SELECT (kernel.now_at() AT TIME ZONE 'Asia/Shanghai')::date AS today"))[
        0
    ].today.isoformat()
    terms = {"keeps_fen": "0", "interest_year_days": "365"}
    interest = {"interest_percent": "3.65", "interest_from": today, "interest_to": today}

    paid = (await shown(court, "issue-reversal-ruling", claim_id=lines["ordinary"], **terms, **interest))["worked"]
    assert isinstance(paid, ReversalShown)
    assert (paid.held, paid.paid, paid.interest) == (ZERO, CLAIM, Money(50_00))
    assert [line.paid for line in paid.lines] == [CLAIM]
    assert all(line.name for line in paid.lines)

    held = (await shown(court, "reverse-enforcement", claim_id=lines["mortgage"], **terms))["worked"]
    assert isinstance(held, ReversalShown)
    assert (held.held, held.paid, held.interest) == (MORTGAGE, ZERO, None)


async def test_terms_that_cannot_be_say_why_and_half_typed_ones_nothing(court: CourtWorld) -> None:
    """A title that is not reduced is refused with its article; what cannot be read, or is not offered, shows nothing."""
    await court.settled()
    claim_id = next(str(line.claim_id) for line in court.plan.lines if line.kind == "ordinary")
    terms = {"keeps_fen": "0", "interest_year_days": "365"}
    nothing = {"worked": None, "why_not": None}

    whole = await shown(
        court, "issue-reversal-ruling", claim_id=claim_id, **(terms | {"keeps_fen": f"{CLAIM.fen / 100:.2f}"})
    )
    assert whole["worked"] is None
    assert getattr(whole["why_not"], "code", "") == "title_not_reduced"
    assert await shown(court, "issue-reversal-ruling") == nothing
    assert await shown(court, "issue-reversal-ruling", claim_id=claim_id, **(terms | {"keeps_fen": "x"})) == nothing
    assert await shown(court, "issue-reversal-ruling", claim_id="no id", **terms) == nothing
    assert await shown(court, "put-in-escrow", line_id=claim_id, ground="refuses", cost_fen="0") == nothing


@pytest.mark.parametrize(("cost", "net"), [(0, 50_000_001), (1, 50_000_000), (50_000_000, 1)])
async def test_escrow_shows_share_cost_and_what_stands(court: CourtWorld, cost: int, net: int) -> None:
    """The cost comes off the share to the fen, and the last day to claim is five years on."""
    await court.settled()
    line = next(line for line in court.plan.lines if line.kind == "ordinary")
    payee = {"cost_party_id": str(next(iter(court.parties.values())))} if cost else {}
    typed = {"line_id": str(line.line_id), "ground": "missing", "cost_fen": f"{cost // 100}.{cost % 100:02d}"}

    found = (await shown(court, "issue-escrow-order", **typed, **payee))["worked"]
    assert isinstance(found, EscrowShown)
    assert (found.left, found.cost, found.net) == (CLAIM, Money(cost), Money(net))
    today = (await court.rows("SELECT (kernel.now_at() AT TIME ZONE 'Asia/Shanghai')::date AS today"))[0].today
    assert found.claim_until >= today.replace(year=today.year + 5)
    assert (
        await court.rows("SELECT 1 FROM sale.document WHERE kind = :kind", kind=DocumentKind.ESCROW_DECISION.value)
        == []
    )


async def test_cost_of_the_whole_share_says_why_not(court: CourtWorld) -> None:
    """Nothing would stand in escrow: the refusal is shown in place of amounts."""
    await court.settled()
    line = next(line for line in court.plan.lines if line.kind == "ordinary")
    typed = {"line_id": str(line.line_id), "ground": "missing", "cost_fen": "500000.01"}

    found = await shown(court, "issue-escrow-order", **typed, cost_party_id=str(next(iter(court.parties.values()))))
    assert getattr(found["why_not"], "code", "") == "escrow_cost_wrong"
