"""Issue the notice of a draw: time, place, and how a party takes part; written by the system, served like any paper."""

from __future__ import annotations

from datetime import datetime

from auction.contracts import DrawAnnounced
from auction.kernel.actors import SYSTEM
from auction.kernel.clock import SHANGHAI
from auction.kernel.db import Database, Transaction
from auction.kernel.jobs import Job
from auction.sale.cases import store
from auction.sale.cases.documents import KINDS, DocumentKind
from auction.sale.cases.issue_document import IssueDocument, issue_in

ISSUE_DRAW_NOTICE = "sale.issue_draw_notice"
OFFICES = {"judicial_technology": "司法技术部门", "bureau": "执行局"}
SECONDS = {"drand": "事先指定轮次的公共随机信标（drand quicknet）", "secret": "监督部门事先承诺的第二份秘密"}


async def handle_draw_announced(db: Database, job: Job) -> None:
    """Store the notice, once; the parties' clocks run from its service. Source: practice 9."""
    announced = job.decode(DrawAnnounced)

    async def work(tx: Transaction) -> None:
        await tx.about_case(announced.case_id)
        case = await store.case_row(tx, announced.case_id)
        if any(row.document_id == announced.document_id for row, _ in await store.documents_of(tx, announced.case_id)):
            return
        kind = DocumentKind.DRAW_NOTICE
        document = IssueDocument(
            command_id=job.command_id("issue"),
            document_id=announced.document_id,
            case_id=announced.case_id,
            kind=kind,
            title=f"{case.case_number}{KINDS[kind].zh}",
            body=notice_text(announced, case_number=case.case_number, court=case.court),
        )
        await issue_in(tx, SYSTEM, document)

    await db.transact(work)


def notice_text(announced: DrawAnnounced, *, case_number: str, court: str) -> str:
    """Write the notice."""
    office = OFFICES.get(announced.office, announced.office)
    second = SECONDS.get(announced.second, announced.second)
    draw_at, commit_by, reveal_by = (_said(at) for at in (announced.draw_at, announced.commit_by, announced.reveal_by))
    return f"""{court}
{case_number}
摇号通知书

就本案财产（{announced.asset}）选定评估机构或者其他机构，定于{draw_at}公开摇号，由本院{office}执行。
地点：本院执行信息系统，公开页 /draws/{announced.draw_id}，任何人可以在线查看；结果产生后立即公布。
候选名单共{announced.members}家，已经冻结并公布，指纹（SHA-256）{announced.pool_sha256}。
第二随机来源：{second}。
您可以（不是必须）为种子加入自己的随机数：{commit_by}前提交承诺，此后至{reveal_by}揭示。不提交、不揭示的，不影响摇号。
您可以自行保存公布的公钥和链首，摇号后离线重新计算结果。
"""


def _said(at: datetime) -> str:
    here = at.astimezone(SHANGHAI)
    return f"{here.year}年{here.month}月{here.day}日{here:%H:%M:%S}"
