"""Act four: balance and loan, ruling, title, delivery, distribution by rank, and the last fen paid out."""

from __future__ import annotations

from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from auction.kernel.clock import local, local_day
from bidding.journal.verify_journal import verify_journal
from web.demonstration.act_bidding import LOAN_ASKED
from web.demonstration.act_listing import Schedule
from web.demonstration.act_price import CLAIM_FEN, MORTGAGE_FEN, SHA
from web.demonstration.people import (
    APPLICANT,
    DEBTOR,
    MORTGAGEE_ACCOUNT,
    MORTGAGEE_NAME,
    TAX_OFFICE_ACCOUNT,
    TAX_OFFICE_NAME,
    WINNER,
)
from web.demonstration.plan import working_day
from web.demonstration.stage import CLERK, HANDLER, PRESIDING, Stage

LOAN_FEN = 100_000_000
COST_FEN = 380_000
KINDS = {
    "sale_cost": ("处置费用", "cost of the sale"),
    "sale_tax": ("卖方税费", "seller-side taxes"),
    "mortgage": ("抵押债权", "mortgage"),
    "ordinary": ("普通债权", "ordinary claim"),
    "surplus": ("余款退还被执行人", "surplus to the debtor"),
}
"""Plan lines as people call them."""
CHAIN = (("head1", "approve"), ("finance1", "check"), ("cashier1", "pay"))


async def pay_the_price(stage: Stage, schedule: Schedule, hammer_fen: int) -> None:
    """The buyer pays part of the balance himself; the lender pays the loan straight to the case account."""
    round_id = stage.id_of("round")
    day = working_day(local_day(schedule.closes_at), days_later=4)
    await stage.come_to(day, 10)
    path = f"/api/fund/rounds/{round_id}/purchase"
    owed = await stage.site.until("finance1", path, lambda found: found["applied_fen"] > 0)
    stage.teller.step(
        on=day,
        zh="买受人保证金冲抵成交价款（银行卡部分由平台自有资金在24小时内垫付至法院账户）",
        en="The buyer's deposit is applied to the price; the operator advances it to the court within 24 hours",
        article="网拍 23, 25",
        amount_fen=hammer_fen - owed["balance_fen"] if owed["state"] == "open" else None,
    )
    await _borrow(stage, day)
    mine = await stage.site.get(WINNER.username, f"/api/lots/{stage.id_of('lot')}/my-registration")
    own_fen = hammer_fen - mine["deposit_fen"] - LOAN_FEN
    case = await stage.site.get(HANDLER, f"/api/sale/cases/{stage.case_id}")
    await stage.partners.transfer(
        key=f"balance-{round_id}",
        from_account=WINNER.account_number,
        from_name=WINNER.name,
        to_account=case["case_account_number"],
        amount_fen=own_fen,
        remark=owed["reference"],
    )
    await stage.site.until("finance1", path, lambda found: found["state"] == "paid")
    stage.teller.step(
        on=day,
        zh="买受人以自有资金支付其余尾款，案款账户收齐成交价款",
        en="The buyer pays the rest himself; the case account holds the whole price",
        article="网拍 25",
        amount_fen=own_fen,
    )


async def _borrow(stage: Stage, day: date) -> None:
    loan = await stage.site.do(
        WINNER.username,
        "fund/apply-for-loan",  # asked again it is shown as it stands
        registration_id=stage.id_of("registration", WINNER.username),
        **LOAN_ASKED,
    )
    path = f"/api/fund/loans/{loan['loan_id']}"
    await stage.site.do(WINNER.username, "fund/commit-loan", loan_id=loan["loan_id"], amount_fen=LOAN_FEN)
    await stage.site.until(WINNER.username, path, lambda found: found["committed_fen"] == LOAN_FEN)
    await stage.site.do(WINNER.username, "fund/draw-loan", loan_id=loan["loan_id"], amount_fen=LOAN_FEN)
    await stage.site.until(WINNER.username, path, lambda found: found["received_fen"] == LOAN_FEN)
    stage.teller.step(
        on=day,
        zh="贷款银行依承诺函将法拍贷直接划入案款账户",
        en="The lender pays the auction loan straight into the case account",
        article="法〔2016〕401号 4",
        amount_fen=LOAN_FEN,
    )


async def pass_the_title(stage: Stage, schedule: Schedule) -> None:
    """Tax assessed, ruling on the sale made, sealed and served; transfer and delivery recorded."""
    round_id, lot_id = stage.id_of("round"), stage.id_of("lot")
    day = working_day(local_day(schedule.closes_at), days_later=6)
    await stage.come_to(day, 10)
    parties = {p["party_id"]: p for p in await stage.site.get(HANDLER, f"/api/sale/cases/{stage.case_id}/parties")}
    tax_party = parties[str(stage.id_of("party", "tax_office"))]
    await stage.site.do(
        CLERK,
        "fund/ask-tax-assessment",
        round_id=round_id,
        tax_party_id=tax_party["party_id"],
        tax_person_id=tax_party["person_id"],
        asset_class="home",
        seller_kind="individual",
        held_years=9,
        sole_home=False,
        cost_fen=120_000_000,
    )
    taxes = await stage.site.until(
        "finance1", f"/api/fund/rounds/{round_id}/taxes", lambda found: found["state"] == "assessed"
    )
    stage.teller.step(
        on=day,
        zh="税务机关核定卖方税费",
        en="The tax office assesses the seller-side taxes",
        article="网拍 30",
        amount_fen=taxes["total_fen"],
    )
    ruled = await stage.site.do(
        PRESIDING,
        "sale/rule-on-sale",
        lot_id=lot_id,
        document_id=stage.id_of("document", "sale_ruling"),
        body="裁定拍卖成交，财产所有权自本裁定送达买受人时起转移。",
    )
    await stage.seal(UUID(ruled["document_id"]))
    served_on = working_day(day, days_later=1)
    await stage.come_to(served_on, 15)
    await _serve_on_buyer(stage, ruled, served_on)
    await stage.site.until(
        "", f"/api/lots/{lot_id}", lambda found: found["line"]["state"] in ("title_passed", "completed")
    )
    stage.teller.step(
        on=served_on,
        zh="成交裁定用印并送达买受人，所有权转移",
        en="The ruling on the sale is sealed and served on the buyer: title passes",
        article="网拍 22; 拍变 26",
    )
    await _deliver(stage, lot_id, served_on)


async def _serve_on_buyer(stage: Stage, ruled: dict[str, Any], served_on: date) -> None:
    at = local(served_on, 15)
    await stage.site.do(
        CLERK,
        "sale/serve",
        ruled["document_id"],
        "buyer",
        service_id=stage.id_of("service", "sale_ruling", "buyer"),
        case_id=stage.case_id,
        document_id=ruled["document_id"],
        party_id=ruled["buyer_party_id"],
        record={
            "method": "direct",
            "addressee": "person",
            "sent_at": at,
            "received_at": at,
            "receiver": "addressee",
        },
        evidence_ref="送达回证-买受人",
    )


async def _deliver(stage: Stage, lot_id: UUID, served_on: date) -> None:
    day = working_day(served_on, days_later=5)
    await stage.come_to(day, 10)
    filing = {"registry": "示例不动产登记中心", "receipt_number": f"SL{day:%Y%m%d}-{stage.plan.number}"}
    await stage.site.do(CLERK, "sale/file-registry-steps", lot_id=lot_id, old_mortgages=1, filed_on=day, **filing)
    stage.teller.step(
        on=day,
        zh="注销原抵押权、转移登记、贷款银行新抵押权一并申请，并告知贷款银行",
        en="Cancellation of the old mortgage, transfer and the lender's new mortgage are filed together; the lender is told",
        article="拍变 28",
    )
    for step, name in (("cancel", "ZX"), ("new_mortgage", "DY")):
        await stage.site.do(
            CLERK,
            "sale/record-registry-entry",
            step,
            lot_id=lot_id,
            step=step,
            certificate_number=f"{name}{day:%Y%m%d}-{stage.plan.number}",
            entered_on=day,
        )
    await stage.site.do(
        CLERK,
        "sale/record-transfer",
        lot_id=lot_id,
        registry="示例不动产登记中心",
        receipt_number=f"DJ{day:%Y%m%d}-{stage.plan.number}",
        transferred_on=day,
    )
    await stage.site.do(
        CLERK, "sale/record-delivery", lot_id=lot_id, delivered_on=day, record_ref=f"交付笔录-{stage.case_number}"
    )
    stage.teller.step(
        on=day,
        zh="登记机构回执入卷，财产移交买受人（送达后十五日内）",
        en="Registry receipt on file; the flat is handed over within fifteen days of service",
        article="拍变 27",
    )


async def distribute(stage: Stage, schedule: Schedule) -> list[dict[str, Any]]:
    """Record the claims, draw the plan, serve it, let fifteen days pass, and settle. Gives the plan's lines."""
    day = working_day(local_day(schedule.closes_at), days_later=14)
    await stage.come_to(day, 10)
    parties = {p["party_id"]: p for p in await stage.site.get(HANDLER, f"/api/sale/cases/{stage.case_id}/parties")}
    await _record_claims(stage, parties)
    document = await _draw(stage, parties, day)
    await _serve_plan(stage, document, day)
    window_end = working_day(day, days_later=15)
    settled_on = working_day(window_end, days_later=1)
    await stage.come_to(settled_on, 9)
    settled: dict[str, Any] = await stage.site.do(HANDLER, "fund/settle-case", plan_id=stage.id_of("plan"))
    stage.teller.step(
        on=settled_on,
        zh="方案送达满十五日无人异议，按方案入账，分文不差",
        en="Fifteen days after service nobody objected; the plan is booked, to the fen",
        article="Interp. 509",
        amount_fen=settled["proceeds_fen"],
    )
    lines: list[dict[str, Any]] = settled["lines"]
    return lines


async def _record_claims(stage: Stage, parties: dict[str, Any]) -> None:
    for key, party, kind, amount_fen, ranked_on in (
        ("cost", "applicant", "sale_cost", COST_FEN, None),
        ("mortgage", "mortgagee", "mortgage", MORTGAGE_FEN, date(2016, 5, 18)),
        ("claim", "applicant", "ordinary", CLAIM_FEN, None),
    ):
        who = parties[str(stage.id_of("party", party))]
        await stage.site.do(
            CLERK,
            "fund/record-claim",
            key,
            claim_id=stage.id_of("claim", key),
            case_id=stage.case_id,
            party_id=who["party_id"],
            person_id=who["person_id"],
            kind=kind,
            amount_fen=amount_fen,
            basis=stage.plan.instrument_number,
            evidence_sha256=SHA,
            ranked_on=ranked_on,
        )


async def _draw(stage: Stage, parties: dict[str, Any], day: date) -> UUID:
    """Draw the plan from what is held and who claims; gives its document."""
    panel_document = await stage.issue(
        "other", "合议庭关于案款发放对象的决定", "同意向抵押权人、税务机关及被执行人发放。"
    )
    debtor = parties[str(stage.id_of("party", "judgment_debtor"))]
    document = stage.id_of("document", "distribution_plan")
    await stage.site.do(
        CLERK,
        "sale/issue-plan-document",
        document_id=document,
        case_id=stage.case_id,
        debtor={"party_id": debtor["party_id"], "person_id": debtor["person_id"]},
    )
    await stage.seal(document)
    plan = await stage.site.do(
        HANDLER,
        "fund/draw-plan",
        plan_id=stage.id_of("plan"),
        case_id=stage.case_id,
        document_id=document,
        debtor={"party_id": debtor["party_id"], "person_id": debtor["person_id"]},
        panel_document_id=panel_document,
    )
    for line in plan["lines"]:
        stage.teller.step(
            on=day,
            zh=f"分配方案第{line['number']}项（顺位{line['rank']}，{KINDS[line['kind']][0]}）：{line['payee_masked']}",
            en=f"Plan line {line['number']} (rank {line['rank']}, {KINDS[line['kind']][1]}): {line['payee_masked']}",
            article="Interp. 508; 执行工作规定 34",
            amount_fen=line["share_fen"],
        )
    return document


async def _serve_plan(stage: Stage, document: UUID, day: date) -> None:
    for party in ("applicant", "judgment_debtor", "mortgagee", "tax_office"):
        await stage.serve(document, party, local(day, 10))
    await stage.site.until(
        "finance1",
        f"/api/fund/cases/{stage.case_id}",
        lambda found: any(
            plan["plan_id"] == str(stage.id_of("plan")) and all(a["served_on"] for a in plan["addressees"])
            for plan in found["plans"]
        ),
    )
    stage.teller.step(
        on=day,
        zh="分配方案送达全体债权人和被执行人，异议期十五日",
        en="The plan is served on all creditors and the debtor; fifteen days for objections",
        article="Interp. 509",
    )


async def pay_out(stage: Stage, lines: list[dict[str, Any]]) -> int:
    """Take each payout through the chain of four natural persons; the bank confirms. Gives the sum paid out."""
    accounts = _payee_accounts()
    parties = await stage.site.get(HANDLER, f"/api/sale/cases/{stage.case_id}/parties")
    roles = {party["person_id"]: party["role"] for party in parties}
    for person_id in dict.fromkeys(line["payee_person_id"] for line in lines if line["share_fen"]):
        await stage.site.do(
            CLERK,
            "fund/record-payee-account",
            person_id,
            payee_account_id=stage.id_of("payee account", person_id),
            case_id=stage.case_id,
            person_id=person_id,
            account_number=accounts[roles[person_id]].number,
            account_name=accounts[roles[person_id]].name,
            evidence_sha256=SHA,
        )
    total = 0
    for line in lines:
        if line["share_fen"]:
            total += await _pay_one(stage, line)
    await stage.site.until(
        "finance1",
        f"/api/fund/cases/{stage.case_id}",
        lambda found: found["disbursements"] and all(d["state"] == "paid" for d in found["disbursements"]),
    )
    now = await stage.now()
    await stage.site.do("finance1", "fund/close-case-account", case_id=stage.case_id)
    stage.teller.step(
        on=local_day(now),
        zh="银行逐笔确认，本案各账户余额为零，案款账号销户",
        en="The bank has confirmed every payment; every account of the case is at zero and its number is closed",
        article="执行款物 4, 10",
        amount_fen=total,
    )
    return total


class _PayeeAccount(NamedTuple):
    number: str
    name: str


def _payee_accounts() -> dict[str, _PayeeAccount]:
    return {
        "applicant": _PayeeAccount(APPLICANT.account_number, APPLICANT.name),
        "judgment_debtor": _PayeeAccount(DEBTOR.account_number, DEBTOR.name),
        "mortgagee": _PayeeAccount(MORTGAGEE_ACCOUNT, MORTGAGEE_NAME),
        "third_party": _PayeeAccount(TAX_OFFICE_ACCOUNT, TAX_OFFICE_NAME),
    }


async def _pay_one(stage: Stage, line: dict[str, Any]) -> int:
    disbursement_id = stage.id_of("disbursement", line["line_id"])
    shown = await stage.site.do(
        HANDLER,
        "fund/prepare-disbursement",
        line["line_id"],
        disbursement_id=disbursement_id,
        line_id=line["line_id"],
        amount_fen=line["share_fen"],
    )
    for officer, step in CHAIN:
        await stage.site.do(
            officer,
            f"fund/{step}-disbursement",
            line["line_id"],
            disbursement_id=disbursement_id,
            signed_sha256=shown["signed_sha256"],
        )
    stage.teller.step(
        on=local_day(await stage.now()),
        zh=f"案款发放：承办申请、局长审批、财务审核、出纳支付，四人四关 → {shown['payee_masked']} {shown['account_masked']}",
        en=f"Paid out through four natural persons to {shown['payee_masked']} {shown['account_masked']}",
        article="执行款物 11–14",
        amount_fen=shown["amount_fen"],
    )
    amount: int = shown["amount_fen"]
    return amount


async def books_are_straight(stage: Stage) -> bool:
    """Check every invariant of the books."""
    report = await stage.site.get("finance1", "/api/fund/books")
    return not report["differences"]


async def verify_the_journal(stage: Stage, *, sold_for_fen: int) -> bool:
    """Download the closed session's journal as anybody can, and verify it off line against the published keys."""
    lines = (await stage.site.download(f"/lots/{stage.id_of('lot')}/journal")).splitlines()
    keys = await stage.site.get("", "/api/journal-keys")
    found = verify_journal(lines, {key["key_id"]: bytes.fromhex(key["public_key"]) for key in keys})
    verified = found.is_right and found.is_closed and found.price_fen == sold_for_fen
    stage.teller.step(
        on=await stage.today(),
        zh="下载竞价日志并离线核验：链、签名、规则逐行一致" if verified else "竞价日志未通过核验",
        en="The bidding journal is downloaded and verified off line" if verified else "The journal does NOT verify",
        article="网拍 20(3), 29",
    )
    return verified
