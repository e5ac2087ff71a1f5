"""Act two: the listing, the panel's decision, the notifications, and thirty clear days of notice."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from auction.kernel.clock import local, local_day
from auction.kernel.money import Money
from auction.law import prices
from web.demonstration.pictures import PICTURES, drawn
from web.demonstration.plan import working_day
from web.demonstration.stage import CLERK, HANDLER, HEAD, PANEL, PRESIDING, Stage

RESERVE_PER_MILLE = 750
DEPOSIT_PER_MILLE = 100
THOUSAND_YUAN_FEN = 100_000
NOTICE_DAYS = 31
"""Thirty clear days lie between announcement and opening when it comes this many days later (网拍 12)."""


class Schedule(msgspec.Struct, frozen=True, kw_only=True):
    """The days of the sale, all from the day on which the lot was listed."""

    listed_on: date
    announced_on: date
    opens_at: datetime
    closes_at: datetime


class Terms(msgspec.Struct, frozen=True, kw_only=True):
    """The prices that the listing proposes."""

    reserve_fen: int
    deposit_fen: int
    increment_fen: int


def schedule_from(listed_on: date) -> Schedule:
    """Compute the days: notifications, three clear days, announcement, thirty clear days, opening, 24 hours."""
    announced_on = working_day(listed_on, days_later=4)
    opens_on = working_day(announced_on, days_later=NOTICE_DAYS)
    opens_at = local(opens_on, 10)
    return Schedule(
        listed_on=listed_on, announced_on=announced_on, opens_at=opens_at, closes_at=opens_at + timedelta(hours=24)
    )


def terms_for(price_fen: int, *, on: date, increment_fen: int) -> Terms:
    """Propose 75 % of the reference price as reserve and a tenth of it as deposit, in whole thousands of yuan."""
    reserve = _up(price_fen * RESERVE_PER_MILLE // 1000)
    assert reserve >= prices.first_reserve_floor(Money(price_fen), on=on).fen, "the demonstration sells lawfully"
    return Terms(reserve_fen=reserve, deposit_fen=_up(reserve * DEPOSIT_PER_MILLE // 1000), increment_fen=increment_fen)


def _up(fen: int) -> int:
    return -(-fen // THOUSAND_YUAN_FEN) * THOUSAND_YUAN_FEN


async def list_the_lot(stage: Stage, price_fen: int, schedule: Schedule) -> Terms:
    """Form the panel, list the lot, and have the panel decide."""
    listed_on = schedule.listed_on
    terms = terms_for(price_fen, on=listed_on, increment_fen=stage.asset.increment_fen)
    await stage.come_to(listed_on, 14)
    officers = {o["username"]: o for o in await stage.site.get(HANDLER, "/api/officers")}
    await stage.site.do(
        HEAD,
        "sale/form-panel",
        panel_id=stage.id_of("panel"),
        case_id=stage.case_id,
        members=[
            {
                "person_id": officers[name]["person_id"],
                "name": officers[name]["name"],
                "is_presiding": name == PRESIDING,
            }
            for name in PANEL
        ],
    )
    stage.teller.step(
        on=listed_on,
        zh="依法组成三人合议庭",
        en="A collegial panel of three is formed",
        article="CPL 40, 42",
    )
    listed = await stage.site.do(
        HANDLER,
        "sale/list-lot",
        lot_id=stage.id_of("lot"),
        case_id=stage.case_id,
        asset_id=stage.id_of("asset"),
        terms=_terms(stage, schedule, terms),
    )
    hints = [finding for finding in listed["findings"] if finding["severity"] != "blocking"]
    stage.teller.step(
        on=listed_on,
        zh=f"提交上拍方案：起拍价不低于参考价70%，保证金在5%至20%之间；合法性检查无阻断项，提示{len(hints)}项",
        en=f"Listing proposed: reserve at least 70 % of the price, deposit 5–20 %; lint: nothing blocking, {len(hints)} hints",
        article="网拍 10, 17",
        amount_fen=terms.reserve_fen,
    )
    await _decide(stage, UUID(listed["question_id"]), listed_on)
    return terms


def _terms(stage: Stage, schedule: Schedule, terms: Terms) -> dict[str, Any]:
    return {
        "kind": "first",
        "title_zh": stage.asset.title_zh,
        "title_en": stage.asset.title_en,
        "reserve_fen": terms.reserve_fen,
        "deposit_fen": terms.deposit_fen,
        "increment_fen": terms.increment_fen,
        "opens_at": schedule.opens_at,
        "closes_at": schedule.closes_at,
        "balance_days": 15,
        "tax_burden_zh": "交易税费由买卖双方依照税法规定各自承担。",
        "tax_burden_en": "Each side bears the taxes that tax law puts on it.",
        "description_zh": stage.asset.description_zh,
        "description_en": stage.asset.description_en,
        "has_lease": True,
        "deposit_channels": stage.asset.channels,
        **({"options": stage.asset.options} if stage.asset.options else {}),
    }


async def _decide(stage: Stage, question_id: UUID, day: date) -> None:
    shown = await stage.site.get(PRESIDING, f"/api/sale/questions/{question_id}")
    for member in PANEL:
        await stage.site.do(
            member,
            "sale/cast-vote",
            str(question_id),
            question_id=question_id,
            vote="approve",
            proposal_sha256=shown["proposal_sha256"],
            opinion="同意。",
        )
    await stage.site.do(PRESIDING, "sale/decide-listing", str(question_id), lot_id=stage.id_of("lot"))
    stage.teller.step(
        on=day,
        zh="合议庭三人表决通过（表决存副卷，对外只见结论）",
        en="The panel of three approves; votes lie in the closed file, outside stands the decision only",
        article="网拍 27; CPL 45",
    )


async def confirm_the_tenant(stage: Stage, day: date) -> None:
    """The panel confirms the tenant's right of first refusal."""
    lot_id = stage.id_of("lot")
    parties = await stage.site.get(HANDLER, f"/api/sale/cases/{stage.case_id}/parties")
    tenant = next(party for party in parties if party["role"] == "tenant")
    question_id = stage.id_of("question", "tenant")
    proposal = {
        "type": "first_refusal",
        "lot_id": lot_id,
        "person_id": tenant["person_id"],
        "basis": "tenant",
        "rank": 1,
    }
    await stage.site.do(HANDLER, "sale/put-question", question_id=question_id, proposal=proposal)
    shown = await stage.site.get(PRESIDING, f"/api/sale/questions/{question_id}")
    for member in PANEL:
        await stage.site.do(
            member,
            "sale/cast-vote",
            str(question_id),
            question_id=question_id,
            vote="approve",
            proposal_sha256=shown["proposal_sha256"],
        )
    await stage.site.do(
        CLERK,
        "sale/confirm-first-refusal",
        lot_id=lot_id,
        person_id=tenant["person_id"],
        basis="tenant",
        rank=1,
        question_id=question_id,
    )
    stage.teller.step(
        on=day,
        zh="合议庭确认承租人的优先购买权，顺位第一",
        en="The panel confirms the tenant's right of first refusal, rank 1",
        article="网拍 19, 27",
    )


async def rule_and_notify(stage: Stage, schedule: Schedule) -> None:
    """Serve the auction ruling; notify parties and the tenant three clear days before the announcement."""
    day = schedule.listed_on
    ruling = await stage.issue_drafted("auction_ruling", lot_id=stage.id_of("lot"))
    at = local(day, 15)
    await stage.wait_until(at)
    for party in ("applicant", "judgment_debtor"):
        await stage.serve(ruling, party, at)
    stage.teller.step(
        on=day, zh="拍卖裁定书用印并送达双方当事人", en="The auction ruling is sealed and served", article="CPL 157"
    )
    notification = await stage.issue_drafted("sale_notification", lot_id=stage.id_of("lot"))
    for party in ("applicant", "judgment_debtor", "tenant"):
        await stage.site.do(
            CLERK,
            "sale/notify",
            party,
            service_id=stage.id_of("notification", party),
            lot_id=stage.id_of("lot"),
            party_id=stage.id_of("party", party),
            record=stage.electronically(at, local(stage.plan.begun_on, 9)),
            evidence_ref=f"拍卖通知送达回执-{party}",
            document_id=notification,
        )
    stage.teller.step(
        on=day,
        zh="公告前满三个完整日通知当事人和优先购买权人",
        en="Parties and the tenant are notified three clear days before the announcement",
        article="网拍 16",
    )


async def show_pictures(stage: Stage, day: date) -> None:
    """The clerk brings pictures of the asset; they are shown once they were examined."""
    found = PICTURES[stage.asset.key]
    for picture in found:
        await stage.site.do(
            CLERK,
            "sale/bring-picture",
            picture.key,
            picture_id=stage.id_of("picture", picture.key),
            lot_id=stage.id_of("lot"),
            caption_zh=picture.caption_zh,
            caption_en=picture.caption_en,
            taken_on=day,
            content=drawn(picture),
        )
    stage.teller.step(
        on=day,
        zh=f"上传标的物照片{len(found)}张：经安全检查、去除附带信息后随公告显示",
        en=f"{len(found)} pictures of the asset are brought: examined, freed of metadata, shown with the notice",
        article="网拍 13",
    )


async def publish(stage: Stage, schedule: Schedule) -> dict[str, Any]:
    """Publish the notice; thirty clear days lie before the opening."""
    await stage.come_to(schedule.announced_on, 9)
    await show_pictures(stage, schedule.announced_on)
    published: dict[str, Any] = await stage.site.do(
        CLERK, "sale/publish-notice", lot_id=stage.id_of("lot"), round_id=stage.id_of("round")
    )
    stage.teller.step(
        on=schedule.announced_on,
        zh=f"发布拍卖公告（公示十一项、特别提示七项），开拍时间 {local_day(schedule.opens_at)} 10:00",
        en=f"The notice is published (eleven heads, seven warnings); bidding opens on {local_day(schedule.opens_at)} at 10:00",
        article="网拍 12, 13, 14",
    )
    return published
