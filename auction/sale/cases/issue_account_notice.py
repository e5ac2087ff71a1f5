"""Issue the notice of a changed payee account: it goes to the contact on file, so that a payee who changed nothing hears of it."""

from __future__ import annotations

from auction.contracts import PayeeAccountChanged
from auction.kernel.actors import SYSTEM
from auction.kernel.db import Database, Transaction
from auction.kernel.jobs import Job
from auction.sale.cases import store
from auction.sale.cases.documents import KINDS, DocumentKind
from auction.sale.cases.issue_document import IssueDocument, issue_in

ISSUE_ACCOUNT_NOTICE = "sale.issue_account_notice"


async def handle_payee_account_changed(db: Database, job: Job) -> None:
    """Store the notice, once; the change is confirmed only when it was served. Source: house, security 4."""
    changed = job.decode(PayeeAccountChanged)

    async def work(tx: Transaction) -> None:
        await tx.about_case(changed.case_id)
        case = await store.case_row(tx, changed.case_id)
        if any(row.document_id == changed.document_id for row, _ in await store.documents_of(tx, changed.case_id)):
            return
        kind = DocumentKind.PAYEE_ACCOUNT_NOTICE
        document = IssueDocument(
            command_id=job.command_id("issue"),
            document_id=changed.document_id,
            case_id=changed.case_id,
            kind=kind,
            title=f"{case.case_number}{KINDS[kind].zh}",
            body=notice_text(changed, case_number=case.case_number, court=case.court, telephone=case.telephone),
        )
        await issue_in(tx, SYSTEM, document)

    await db.transact(work)


def notice_text(changed: PayeeAccountChanged, *, case_number: str, court: str, telephone: str) -> str:
    """Write the notice; numbers are masked, for it may reach another's hands."""
    return f"""{court}
{case_number}
收款账户变更通知书

本院收到变更您在本案中收款账户的申请：原账户 {changed.old_masked}，新账户 {changed.new_masked}。
本通知按您此前在本院登记的联系方式送达。申请如非您本人（或者您特别授权的代理人）提出，请立即致电 {telephone}。
变更须由本院另一名工作人员核实确认；确认后满一个工作日方可向新账户发放，此前已签署而未发出的发放一律作废。
"""
