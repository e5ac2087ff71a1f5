"""What undoes a sale after its price was distributed: setting aside, reversal, what payees return; and refunds that are tried again."""

from __future__ import annotations

from uuid import UUID

import msgspec

from auction.fund.agree_to_act import AgreeToAct, agree_to_act
from auction.fund.cancel_purchase import set_purchase_aside
from auction.fund.claims.claims import ON_A_TITLE
from auction.fund.refunds.retry_refund import RetryRefund, retry_refund
from auction.fund.rulings import ruling_body
from auction.fund.undoings.reverse_enforcement import ReverseEnforcement, reverse_enforcement
from auction.fund.undoings.work_out_reversal import work_out_reversal
from auction.kernel.db import Transaction
from auction.kernel.ids import new_id
from tests.money.acts.purchases import note_fall
from tests.money.acts.registry import act
from tests.money.papers import seal
from tests.money.town import Case
from tests.money.worker import Worker

OWED = """
SELECT r.reference, r.amount_fen, p.name, p.number FROM fund.recovery r JOIN play.party p USING (case_id, person_id) WHERE r.case_id = $1
UNION ALL
SELECT r.reference, r.amount_fen, b.name, b.number FROM fund.recovery r JOIN play.bidder b USING (case_id, person_id)
 WHERE r.case_id = $1 AND NOT EXISTS (SELECT FROM play.party p WHERE p.case_id = r.case_id AND p.person_id = r.person_id)
"""


@act(0.5)
async def set_settled_sale_aside(worker: Worker, case: Case) -> None:
    """Set a paid sale aside on an objection; where its price was distributed, what is held goes back and payees owe the rest."""
    distributed = bool([plan for plan in case.plans if plan.state == "settled"])
    purchase = worker.pick([p for p in case.purchases if p.state == "paid" and (distributed or worker.chance(0.1))])
    document_id = await seal(worker.db, case.case_id, "setting_aside_ruling")
    undoing_id = new_id()

    async def work(tx: Transaction) -> None:
        await note_fall(tx, case.case_id, purchase.round_id, states=("paid",))
        await set_purchase_aside(
            tx, undoing_id=undoing_id, round_id=purchase.round_id, ground="collusion", document_id=document_id
        )

    await worker.db.transact(work)


@act(0.5)
async def reverse_some_claim(worker: Worker, case: Case) -> None:
    """A title falls whole or in part: the ruling is sealed, one officer proposes, another agrees."""
    paid = {line.payee_person_id for plan in case.plans if plan.state == "settled" for line in plan.lines}
    claim = worker.pick([claim for claim in case.claims if claim.person_id in paid or worker.chance(0.1)])
    keeps = 0
    if claim.kind in {kind.value for kind in ON_A_TITLE} and worker.chance(0.5):
        keeps = worker.random.randrange(claim.amount_fen)
    command = ReverseEnforcement(
        command_id=new_id(),
        undoing_id=new_id(),
        case_id=case.case_id,
        claim_id=claim.claim_id,
        document_id=new_id(),
        keeps_fen=keeps,
    )
    async with worker.db.reading() as tx:
        operative = (await work_out_reversal(tx, command)).operative
    body = ruling_body("示范理由", operative)
    command = msgspec.structs.replace(
        command, document_id=await seal(worker.db, case.case_id, "reversal_ruling", body, operative)
    )
    shown = await worker.issue(reverse_enforcement, worker.cast.handler, command)
    word = AgreeToAct(
        command_id=new_id(), act_id=shown.act_id, paper_sha256=shown.paper_sha256, agrees=worker.chance(0.9)
    )
    await worker.issue(agree_to_act, worker.cast.clerk, word)


@act(3)
async def payee_returns(worker: Worker, case: Case) -> None:
    """Somebody pays back what he owes by an undoing: all, a part, or a fen too much."""
    row = worker.pick(await worker.line.fetch(OWED, case.case_id))
    luck = worker.random.random()
    fen = row["amount_fen"]
    fen = fen if luck < 0.5 else worker.random.randrange(1, fen + 1) if luck < 0.9 else fen + 1
    await worker.outside.tell(
        "bank",
        "pay_in",
        fen,
        name=row["name"],
        to=case.account,
        remark=f"退款 {row['reference']}",
        account=f"6225{row['number']:010d}",
    )


@act(2)
async def try_refund_again(worker: Worker, case: Case) -> None:
    """Finance tries a refund again that its bank or card refused."""
    failed = "SELECT refund_id FROM fund.refund WHERE case_id = $1 AND state = 'failed' AND channel <> 'authorisation'"
    refund_id: UUID = worker.pick(await worker.line.fetch(failed, case.case_id))["refund_id"]
    await worker.issue(
        retry_refund,
        worker.cast.finance,
        RetryRefund(command_id=new_id(), refund_id=refund_id, reason="银行称已恢复"),
    )
