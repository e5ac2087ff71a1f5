"""Act one: the case, its asset, and the reference price by online inquiry of all platforms."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from auction.kernel.clock import local, local_day
from web.demonstration.people import (
    APPLICANT,
    DEBTOR,
    MORTGAGEE_CREDIT_CODE,
    MORTGAGEE_NAME,
    TAX_OFFICE_CREDIT_CODE,
    TAX_OFFICE_NAME,
    TENANT,
)
from web.demonstration.plan import working_day
from web.demonstration.stage import CLERK, HANDLER, Stage

COURT = "北京市朝阳区人民法院（示例）"
LATE_PLATFORM = "platform-3"
CLAIM_FEN = 86_000_000
MORTGAGE_FEN = 105_000_000
SHA = "0123456789abcdef" * 4


async def open_the_case(stage: Stage) -> None:
    """Put the enforcement file on record with its parties."""
    await stage.come_to(stage.plan.begun_on, 9)
    officers = {o["username"]: o for o in await stage.site.get(HANDLER, "/api/officers")}
    opened = await stage.site.do(CLERK, "fund/open-case-account", case_id=stage.case_id, case_number=stage.case_number)
    await stage.site.do(
        CLERK,
        "sale/open-case",
        case_id=stage.case_id,
        case_number=stage.case_number,
        court=COURT,
        handler_person_id=officers[HANDLER]["person_id"],
        handler_name="示例甲承办",
        telephone="010-85990001",
        supervision_telephone="010-85990002",
        instrument={"title": "民事判决书", "number": stage.plan.instrument_number, "court": COURT},
        case_account_number=opened["account_number"],
    )
    stage.teller.step(
        on=stage.plan.begun_on,
        zh=f"执行案件立案：{stage.case_number}，依据{stage.plan.instrument_number}",
        en=f"Enforcement case {stage.case_number} is opened on judgment {stage.plan.instrument_number}",
        article="CPL 247",
    )
    await _add_parties(stage)


async def _add_parties(stage: Stage) -> None:
    consent = stage.plan.begun_on
    natural = (("applicant", APPLICANT), ("judgment_debtor", DEBTOR), ("tenant", TENANT))
    for role, who in natural:
        await stage.site.do(
            CLERK,
            "sale/add-party",
            role,
            party_id=stage.id_of("party", role),
            case_id=stage.case_id,
            role=role,
            kind="natural",
            name=who.name,
            identity_number=who.identity_number,
            telephone="13800000000",
            address="北京市朝阳区示例路1号",
            e_service_consent_on=consent,
            e_service_address=f"{who.username}@example.invalid",
            claim_fen=CLAIM_FEN if role == "applicant" else None,
        )
    await stage.site.do(
        CLERK,
        "sale/add-party",
        "mortgagee",
        **_organisation(stage, "mortgagee", "mortgagee", MORTGAGEE_NAME, MORTGAGEE_CREDIT_CODE),
    )
    await stage.site.do(
        CLERK,
        "sale/add-party",
        "tax_office",
        **_organisation(stage, "tax_office", "third_party", TAX_OFFICE_NAME, TAX_OFFICE_CREDIT_CODE),
    )
    stage.teller.step(
        on=consent,
        zh="登记当事人：申请执行人、被执行人、抵押权人、承租人（均确认送达地址并同意电子送达）",
        en="Parties on record: applicant, judgment debtor, mortgagee, tenant; all consent to electronic service",
        article="CPL 90",
    )


def _organisation(stage: Stage, key: str, role: str, name: str, credit_code: str) -> dict[str, Any]:
    return {
        "party_id": stage.id_of("party", key),
        "case_id": stage.case_id,
        "role": role,
        "kind": "organisation",
        "name": name,
        "identity_number": credit_code,
        "telephone": "010-66660000",
        "address": "北京市西城区示例街2号",
        "e_service_consent_on": stage.plan.begun_on,
        "e_service_address": f"{key}@example.invalid",
    }


async def record_the_asset(stage: Stage) -> None:
    """Record the flat, its first seizure in force, and the platform that the applicant chose."""
    day = stage.plan.begun_on
    seized = day - timedelta(days=12)
    await stage.site.do(
        CLERK,
        "sale/record-asset",
        asset_id=stage.id_of("asset"),
        case_id=stage.case_id,
        asset_class=stage.asset.asset_class,
        title=stage.asset.title_zh,
        address=stage.asset.address,
        registry_number=f"京(2014)朝阳不动产权第{stage.plan.number:05d}{len(stage.asset.key):02d}号",
        facts=_asset_facts(stage),
    )
    await stage.site.do(
        CLERK,
        "sale/record-seizure",
        seizure_id=stage.id_of("seizure"),
        asset_id=stage.id_of("asset"),
        case_id=stage.case_id,
        court=COURT,
        case_number=stage.case_number,
        kind="seal",
        rank=1,
        valid_from=seized,
        valid_until=seized.replace(year=seized.year + 3) - timedelta(days=1),
        document_ref=f"{stage.case_number}之一查封裁定",
    )
    stage.teller.step(
        on=day,
        zh=f"查明首先查封在有效期内（自{seized}起三年）",
        en=f"First seizure in force since {seized}, for three years",
        article="Interp. 485; 查扣冻 26",
    )
    await stage.site.do(CLERK, "sale/choose-platform", case_id=stage.case_id, platform="fapai", chosen_by="applicant")
    stage.teller.step(
        on=day, zh="申请执行人选定拍卖平台并记录", en="The applicant chooses the platform; on record", article="网拍 5"
    )


def _asset_facts(stage: Stage) -> list[dict[str, Any]]:
    source, as_of = "不动产登记中心查询及现场勘查笔录", stage.plan.begun_on
    known = stage.asset.facts.items()
    return [{"field": name, "zh": zh, "en": en, "source": source, "as_of": as_of} for name, (zh, en) in known]


async def establish_the_facts(stage: Stage) -> None:
    """Ask the registers for title, burdens and unpaid taxes, and find occupancy and defects on the spot."""
    day = stage.plan.begun_on
    for register in ("registry", "tax"):
        await stage.site.do(
            HANDLER,
            "valuation/ask-register",
            register,
            case_id=stage.case_id,
            asset_id=stage.id_of("asset"),
            register=register,
        )
    stage.teller.step(
        on=day,
        zh="向不动产登记机构、税务机关查询权属、权利负担、欠缴税费；未获答复不等于没有",
        en="Title registry and tax office are asked for title, burdens and unpaid taxes; unanswered is not no",
        article="参考价 3",
    )
    said = {
        "occupancy": ("由承租人依租赁合同居住，合同及付款凭证已核", "Let; contract and payments verified"),
        "defects": ("门锁损坏，西墙渗水痕迹", "Broken lock, water stain"),
    }
    facts = [
        {
            "subject": subject,
            "state": "established",
            "statement_zh": zh,
            "statement_en": en,
            "source": "现场勘查笔录",
            "as_of": day,
            "document_sha256": SHA,
        }
        for subject, (zh, en) in said.items()
    ]
    await stage.site.do(
        HANDLER,
        "valuation/establish-facts",
        case_id=stage.case_id,
        asset_id=stage.id_of("asset"),
        facts=facts,
    )
    path = f"/api/valuation/cases/{stage.case_id}/assets/{stage.id_of('asset')}/facts"
    shown = await stage.site.until(HANDLER, path, lambda found: not found["missing"])
    numbers = ", ".join(question["answer_no"] for question in shown["questions"])
    stage.teller.step(
        on=day,
        zh=f"查明财产现状：权属、权利负担、占有、欠缴税费、瑕疵，逐项附来源和日期；登记机关签名答复 {numbers}",
        en=f"Facts established: title, burdens, occupancy, unpaid taxes, defects; signed answers {numbers}",
        article="参考价 3; 238号 1",
    )


async def agree_and_ask(stage: Stage) -> UUID:
    """Both sides agree in writing to go straight to online inquiry; all platforms are asked at once."""
    day = stage.plan.begun_on
    for side in ("applicant", "judgment_debtor"):
        paper = await stage.site.do(
            CLERK,
            "valuation/request-method",
            side,
            case_id=stage.case_id,
            asset_id=stage.id_of("asset"),
            party_id=stage.id_of("party", side),
            agreed_on=day,
            document_sha256=SHA,
        )
        seen = {"case_id": stage.case_id, "paper_id": paper, "document_sha256": SHA}
        await stage.site.do(HANDLER, "valuation/confirm-method-paper", side, **seen)
    stage.teller.step(
        on=day,
        zh="双方当事人书面同意直接进行网络询价，由两名工作人员先后核对",
        en="Both parties agree in writing to go straight to online inquiry; two officers vouch for the papers",
        article="参考价 7(2)",
    )
    await stage.partners.make_late(LATE_PLATFORM)
    started = await stage.site.do(
        HANDLER,
        "valuation/start-online-inquiry",
        case_id=stage.case_id,
        asset_id=stage.id_of("asset"),
        features=stage.asset.features,
        addressees=[stage.id_of("party", role) for role in ("applicant", "judgment_debtor", "mortgagee", "tenant")],
    )
    stage.teller.step(
        on=day,
        zh=f"同时委托名单库全部{len(started['platforms'])}家平台询价，期限三日",
        en=f"All {len(started['platforms'])} listed platforms are asked at the same moment; three days to answer",
        article="参考价 10, 11(1)",
    )
    return UUID(started["inquiry_id"])


async def await_reports(stage: Stage, inquiry_id: UUID) -> None:
    """Wait for the reports of the platforms that answer in time, before business time moves on."""
    path = f"/api/valuation/inquiries/{inquiry_id}"

    def on_time_ones_are_in(shown: Any) -> bool:  # noqa: ANN401 - JSON
        return all(p["value_fen"] is not None for p in shown["platforms"] if p["platform_id"] != LATE_PLATFORM)

    shown = await stage.site.until(HANDLER, path, on_time_ones_are_in)
    for platform in shown["platforms"]:
        if platform["platform_id"] != LATE_PLATFORM:
            arrived = local_day(datetime.fromisoformat(platform["arrived_at"]))
            stage.teller.step(
                on=arrived,
                zh=f"{platform['platform_name']} 在期限内出具询价报告",
                en=f"{platform['platform_name']} reports in time",
                article="参考价 8, 11(1)",
                amount_fen=platform["value_fen"],
            )


async def take_the_mean(stage: Stage, inquiry_id: UUID) -> int:
    """Wait for the deadline; the mean of those in time; the late platform is counted late. Gives the mean in fen."""
    path = f"/api/valuation/inquiries/{inquiry_id}"
    shown = await stage.site.get(HANDLER, path)
    deadline = datetime.fromisoformat(shown["platforms"][0]["deadline_at"])
    now = await stage.wait_until(deadline + timedelta(hours=9))
    day = local_day(deadline)
    closed = await stage.site.until(HANDLER, path, lambda found: found["state"] != "asking")
    await stage.partners.release_late(LATE_PLATFORM, inquiry_id, at=now)
    await stage.site.until(HANDLER, path, lambda found: any(p["outcome"] == "late" for p in found["platforms"]))
    late = next(p["platform_name"] for p in shown["platforms"] if p["platform_id"] == LATE_PLATFORM)
    stage.teller.step(
        on=day,
        zh=f"{late} 逾期出具报告，记为迟延，不计入均值",
        en=f"{late} answers late: counted as late, left out of the mean",
        article="参考价 9, 13(1)",
    )
    mean: int = closed["amount_fen"]
    stage.teller.step(
        on=day,
        zh="期限内报告的平均值",
        en="Arithmetic mean of the reports in time",
        article="参考价 13(1)",
        amount_fen=mean,
    )
    return mean


async def serve_the_reports(stage: Stage, inquiry_id: UUID) -> None:
    """Serve the reports on parties and interested persons: the objection windows run."""
    day = await _served_on(stage, inquiry_id)
    await stage.come_to(day, 10)
    report = await stage.issue("inquiry_report", "网络询价报告", "各平台询价报告及汇总，见附件。", seal=False)
    await _check_the_reports(stage, inquiry_id, report, day)
    for party in ("applicant", "judgment_debtor", "mortgagee", "tenant"):
        await stage.serve(report, party, local(day, 10))
    stage.teller.step(
        on=day,
        zh="询价报告送达当事人及利害关系人，异议期五日",
        en="The reports are served on parties and interested persons; five days for objections",
        article="参考价 21, 22",
    )


async def _check_the_reports(stage: Stage, inquiry_id: UUID, report: UUID, day: date) -> None:
    """Check what came in time before it is served: no report is wrong."""
    await stage.site.do(HANDLER, "valuation/check-reports", inquiry_id=inquiry_id, flaws=[], document_id=report)
    stage.teller.step(
        on=day,
        zh="法院审查各平台报告，未发现错误",
        en="The court checks the reports and finds no error",
        article="参考价 12",
    )


async def fix_the_price(stage: Stage, inquiry_id: UUID) -> int:
    """Let the objection window pass and see the price fixed. Gives it in fen."""
    fixed_on = await day_after_price(stage, inquiry_id)
    await stage.come_to(fixed_on, 8)
    shown = await stage.site.until(
        HANDLER, f"/api/valuation/inquiries/{inquiry_id}", lambda found: found["state"] == "fixed"
    )
    price: int = shown["amount_fen"]
    stage.teller.step(
        on=fixed_on,
        zh="异议期满无人异议，参考价确定",
        en="No objection was raised: the reference price is fixed",
        article="参考价 13, 22",
        amount_fen=price,
    )
    return price


async def day_after_price(stage: Stage, inquiry_id: UUID) -> date:
    """Give the first working day after the objection window."""
    window_end = working_day(await _served_on(stage, inquiry_id), days_later=5)
    return working_day(window_end, days_later=1)


async def _served_on(stage: Stage, inquiry_id: UUID) -> date:
    """Give the working day on which the reports are served: the first after the platforms' deadline."""
    shown = await stage.site.get(HANDLER, f"/api/valuation/inquiries/{inquiry_id}")
    return working_day(local_day(datetime.fromisoformat(shown["platforms"][0]["deadline_at"])))
