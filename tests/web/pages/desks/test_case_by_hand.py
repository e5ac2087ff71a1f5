"""A whole case by hand: every step of an officer is a form in a browser, from opening the case to the settled plan.

What officers do not do - bidding, the arrival of money, the bank's word - happens through the use cases themselves.
"""

from __future__ import annotations

import html
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from uuid import UUID

import httpx
import pytest

from auction.contracts import RoundOutcome
from auction.fund.deposits.apply_deposit import handle_apply_deposit
from auction.fund.gateway import SubAccountAsked
from auction.fund.settlement.note_service import handle_note_service
from auction.kernel.clock import local
from auction.sale.cases.assets import MANDATORY, AssetClass
from auction.sale.title.note_full_payment import handle_receipts_complete
from auction.sale.title.pass_title import handle_title_service
from tests.auction.sale.world import CLOSES_AT, DEPOSIT, FIRST_DAY, RESERVE
from tests.web.conftest import ClientMaker, form_token, sign_in
from tests.web.pages.desks.court_world import CourtWorld
from web.auth.sample_accounts import sample_identity_number
from web.wiring import Wiring

NUMBER = "(2026)京0105执1234号"
PAPER = "e" * 64
DAY = FIRST_DAY.isoformat()


class OneNumberBank:
    """A bank that gives one number for one case."""

    async def open_sub_account(self, asked: SubAccountAsked) -> str:
        """Give the number."""
        return f"6217{asked.request_id[-8:].replace('-', '0')}"


@dataclass(frozen=True)
class QuietPlatform:
    """A listed platform that is asked and says nothing in this test."""

    platform_id: str
    name: str = "示例询价平台"


@pytest.fixture
async def office(desks: Wiring, court: CourtWorld, client_of: ClientMaker) -> AsyncIterator[Office]:
    """A browser in front of a court that has a bank and a platform."""
    ports = {**desks.ports, "bank": OneNumberBank(), "platforms": (QuietPlatform("platform-1"),)}
    async with client_of(replace(desks, ports=ports)) as client:
        yield Office(client, court)


class Office:
    """Officers at one browser, one after the other."""

    def __init__(self, client: httpx.AsyncClient, court: CourtWorld) -> None:
        """Bind to the site."""
        self.client = client
        self.court = court
        self.case = ""

    async def be(self, username: str) -> None:
        """Let another officer sit down."""
        self.client.cookies.clear()
        await sign_in(self.client, username)

    async def open(self, path: str) -> httpx.Response:
        """Open a page."""
        page = await self.client.get(path)
        assert page.status_code == 200, (path, page.status_code, page.text[-1500:])
        return page

    async def send(self, path: str, /, **fields: str | list[str]) -> str:
        """Fill in a page's form over what stands there, send it twice, and give where both lead."""
        page = await self.open(path)
        form = {**_standing(page.text), **fields, "csrf_token": form_token(page)}
        target = path.partition("?")[0]
        first, second = [await self.client.post(target, data=form) for _twice in range(2)]
        assert first.status_code == 303, (path, _said(first.text))
        assert first.headers["location"] == second.headers.get("location"), _said(second.text)
        return str(first.headers["location"])

    async def step(self, name: str, /, **fields: str | list[str]) -> None:
        """Take a step of the case that its page offers, and see it said there."""
        path = f"{self.case}/steps/{name}"
        assert f'href="{path}"' in (await self.open(self.case)).text, f"{name} is not offered"
        went_on = await self.send(path, **fields)

        assert went_on == f"{self.case}?done=step.{name}"
        assert "已办理：" in (await self.open(went_on)).text

    async def choice(self, name: str, field: str, text: str) -> str:
        """Give the value of the option of a form that says ``text``."""
        page = await self.open(f"{self.case}/steps/{name}")
        return _option(page.text, field, text)

    async def document(self, kind: str, title: str) -> str:
        """Issue a document and have the clerk seal it; gives its id."""
        await self.step("issue-document", kind=kind, title=title, body=f"{title}正文")
        return await self.sealed(title)

    async def sealed(self, title: str) -> str:
        """Put the court's seal on the document of this title."""
        found = re.search(
            rf'href="{self.case}/documents/([^"/]+)">[^<]*{re.escape(title)}', (await self.open(self.case)).text
        )
        assert found is not None, title
        path = f"{self.case}/documents/{found[1]}"
        page = await self.open(path)
        form = {**_standing(page.text), "csrf_token": form_token(page)}
        assert (await self.client.post(f"{path}/seal", data=form)).status_code == 303
        return found[1]

    async def serve(self, document: str, party: str, day: date) -> None:
        """Record that a document was handed to a party."""
        path = f"{self.case}/documents/{document}/serve"
        chosen = _option((await self.open(path)).text, "party_id", party)
        handed = {
            "method": "direct",
            "sent_on": day.isoformat(),
            "arrived_on": day.isoformat(),
            "arrived_time": "10:00",
        }
        await self.send(path, party_id=chosen, evidence_ref="送达回证", **handed)


def _main(text: str) -> str:
    return text.split('id="main-content"')[1]


def _standing(text: str) -> dict[str, str | list[str]]:
    """Read what stands in a page's form, as a browser would send it."""
    form: dict[str, str | list[str]] = {}
    body = _main(text)
    for tag in re.findall(r"<input[^>]*>", body):
        found = dict(re.findall(r'([a-z-]+)="([^"]*)"', tag))
        kind = found.get("type", "text")
        if "name" not in found or (kind in ("radio", "checkbox") and " checked" not in tag):
            continue
        value = html.unescape(found.get("value", ""))
        held = form.get(found["name"])
        form[found["name"]] = value if held is None else [*([held] if isinstance(held, str) else held), value]
    for name, value in re.findall(r'<textarea[^>]*name="([^"]+)"[^>]*>([^<]*)</textarea>', body):
        form[name] = html.unescape(value)
    for name, options in re.findall(r'<select[^>]*name="([^"]+)"[^>]*>(.*?)</select>', body, re.DOTALL):
        chosen = re.search(r'<option value="([^"]*)" selected', options)
        form[name] = html.unescape(chosen[1]) if chosen else ""
    return form


def _option(text: str, field: str, wanted: str) -> str:
    """Find the value of the radio, tick or option of a field that says something."""
    body = _main(text)
    select = re.search(rf'<select[^>]*name="{re.escape(field)}"[^>]*>(.*?)</select>', body, re.DOTALL)
    if select:
        options = re.findall(r'<option value="([^"]*)"[^>]*>([^<]*)<', select[1])
    else:
        inputs = rf'name="{re.escape(field)}" type="(?:radio|checkbox)" value="([^"]*)".*?<label[^>]*>(.*?)</div>\s*(?:<div id="[^"]*hint"[^>]*>(.*?)</div>)?'
        options = [(value, label + hint) for value, label, hint in re.findall(inputs, body, re.DOTALL)]
    found: list[str] = [value for value, label in options if wanted in html.unescape(label)]
    assert found, (field, wanted, options)
    return found[0]


def _said(text: str) -> str:
    """Give what a refused page says."""
    summary = re.search(r'<div class="govuk-error-summary".*?</ul>', text, re.DOTALL)
    return re.sub(r"<[^>]+>|\s+", " ", summary[0] if summary else _main(text)[:800])


async def _open_the_case(office: Office) -> None:
    await office.be("clerk1")
    assert 'href="/court/steps/open-case-account"' in (await office.open("/court")).text
    went_on = await office.send("/court/steps/open-case-account", case_number=NUMBER)
    at = await office.send(
        html.unescape(went_on),
        **{
            "court": "北京市示例区人民法院",
            "telephone": "010-12345678",
            "supervision_telephone": "010-87654321",
            "instrument.title": "民事判决书",
            "instrument.number": "(2025)京0105民初777号",
            "instrument.court": "北京市示例区人民法院",
        },
    )
    assert at == "/court?done=step.open-case"
    [row] = await office.court.rows("SELECT case_id FROM sale.case_file")
    office.court.case_id = row.case_id
    office.case = f"/court/cases/{row.case_id}"
    people = (("applicant", "李示例", 71), ("judgment_debtor", "王示例", 72))
    for role, name, number in people:
        claim = {"claim_fen": "2000000"} if role == "applicant" else {}
        await office.step(
            "add-party", role=role, kind="natural", name=name, identity_number=sample_identity_number(number), **claim
        )
    await office.step(
        "add-party", role="third_party", kind="organisation", name="示例税务局", identity_number="91110105100000001A"
    )
    await office.step("choose-platform", chosen_by="applicant")
    await office.step(
        "bar-person",
        kind="natural",
        name="吴示例",
        identity_number=sample_identity_number(73),
        ground="near_relative",
        document_ref="回避登记表",
    )


async def _know_the_asset(office: Office) -> None:
    await office.step(
        "record-asset",
        asset_class="home",
        title="示例路1号住宅",
        address="示例路1号",
        registry_number="京(2020)示例0001号",
    )
    facts = {
        f"facts.{row}.{name}": value
        for row, _field in enumerate(MANDATORY[AssetClass.HOME])
        for name, value in (("zh", "已查明，无异常"), ("en", "established"), ("source", "现场调查"))
    }
    await office.step("describe-asset", **facts)
    await office.step("record-seizure", kind="seal", valid_until="2030-02-28", document_ref="查封裁定")
    rows = {
        f"facts.{row}.{name}": value
        for row in range(5)
        for name, value in (
            ("statement_zh", "已查明"),
            ("statement_en", "established"),
            ("source", "调查笔录"),
            ("document_sha256", PAPER),
        )
    }
    await office.step("establish-facts", **rows)


async def _ask_for_the_price(office: Office) -> None:
    for role in ("申请执行人", "被执行人"):
        party = await office.choice("request-method", "party_id", role)
        await office.step("request-method", party_id=party, document_sha256=PAPER)
    await office.be("judge1")
    for role in ("申请执行人", "被执行人"):
        paper = await office.choice("confirm-method-paper", "paper_id", role)
        await office.step("confirm-method-paper", paper_id=paper, document_sha256=PAPER, found="agrees")
    await office.step(
        "start-online-inquiry",
        **{
            "features.city": "北京市",
            "features.district": "示例区",
            "features.area_cm2": "89.76",
            "features.built_year": "2014",
            "features.floor": "12",
            "features.floors": "18",
            "features.orientation": "南北",
            "features.decoration": "简装",
        },
    )
    [asset] = await office.court.rows("SELECT asset_id FROM sale.asset")
    office.court.asset_id = asset.asset_id
    await office.court.price()


async def _list_the_lot(office: Office) -> None:
    court = office.court
    await office.be("head1")
    names = {"presiding": "示例丁审判", "members.0.person_id": "示例戊合议", "members.1.person_id": "示例己合议"}
    chosen = {field: await office.choice("form-panel", field, name) for field, name in names.items()}
    await office.step("form-panel", **chosen)
    await office.be("judge1")
    await office.step(
        "list-lot",
        **{
            "terms.increment_fen": "10000",
            "terms.deposit_fen": "210000",
            "terms.title_en": "A home",
            "terms.description_zh": "房屋现状出售",
            "terms.description_en": "Sold as it stands",
            "terms.opens_at": "2027-04-07",
            "terms.closes_at": "2027-04-08",
            "terms.options.confirm_steps": "20",
            "terms.options.increment_growth.0.after_extensions": "10",
            "terms.options.increment_growth.0.times": "2",
        },
    )
    [lot] = await court.rows("SELECT lot_id FROM sale.lot")
    [question] = await court.rows("SELECT question_id FROM sale.question")
    court.lot_id = lot.lot_id
    for member in ("presiding1", "panel1", "panel2"):
        await office.be(member)
        assert "延时满10次后¥20,000（2倍）" in (await office.open(f"/court/questions/{question.question_id}")).text
        await _press(office, f"/court/questions/{question.question_id}", "vote", vote="approve")
    await office.be("clerk1")
    await _press(office, f"/court/questions/{question.question_id}", "close")


async def _press(office: Office, path: str, action: str, /, **fields: str) -> None:
    page = await office.open(path)
    form = {**_standing(page.text), **fields, "csrf_token": form_token(page)}
    answer = await office.client.post(f"{path}/{action}", data=form)
    assert answer.status_code == 303, _said(answer.text)


async def _tell_and_publish(office: Office) -> UUID:
    ruling = await office.document("auction_ruling", "拍卖裁定书")
    notification = await office.document("sale_notification", "拍卖通知书")
    for party in ("申请执行人", "被执行人"):
        await office.serve(ruling, party, FIRST_DAY)
        chosen = await office.choice("notify", "party_id", party)
        await office.step(
            "notify",
            party_id=chosen,
            method="direct",
            document_id=notification,
            sent_on=DAY,
            arrived_on=DAY,
            receiver="addressee",
            evidence_ref="送达回证",
            **{"sent_on.time": "09:00", "arrived_on.time": "09:30"},
        )
    await office.court.at(local(date(2027, 3, 5), 9))
    await office.send(f"/court/lots/{office.court.lot_id}/publish")
    [notice] = await office.court.rows("SELECT content FROM sale.notice")
    assert "超过 20 个增价幅度的出价，须经竞买人对该金额二次确认" in str(notice.content)
    [row] = await office.court.rows("SELECT round_id, session_id FROM sale.round")
    office.court.round_id = row.round_id
    session_id: UUID = row.session_id
    return session_id


async def _sell(office: Office, session_id: UUID) -> None:
    """Let one bidder buy at the reserve and pay: no officer has a part in it."""
    court = office.court
    _bidder, registered, code = await court.admitted()
    outcome = RoundOutcome(
        session_id=session_id,
        lot_id=court.lot_id,
        round_id=court.round_id,
        result="sold",
        hammer_price_fen=RESERVE.fen,
        buyer_code=code,
        closed_at=CLOSES_AT,
        bid_count=1,
        last_sequence=9,
        chain_head="c" * 64,
    )
    await court.close(outcome)
    for job in await court.jobs("fund.apply_deposit"):
        await handle_apply_deposit(court.db, job)
    await court.pay_balance(registered, RESERVE - DEPOSIT)
    for job in await court.jobs("sale.receipts_complete"):
        await handle_receipts_complete(court.db, job)


async def _pass_the_title(office: Office) -> None:
    court, day = office.court, CLOSES_AT.date()
    await office.be("presiding1")
    await office.send(f"/court/lots/{court.lot_id}/rule", body="裁定拍卖成交，所有权自送达买受人时起转移。")
    await office.be("clerk1")
    ruling = await office.sealed("执行裁定书（拍卖成交）")
    await office.serve(ruling, "买受人", day)
    for job in await court.jobs("sale.note_title_service"):
        await handle_title_service(court.db, job)
    lot = f"/court/lots/{court.lot_id}"
    await office.send(f"{lot}/transfer", day=day.isoformat(), registry="示例登记中心", receipt_number="DJ-1")
    await office.send(f"{lot}/delivery", day=day.isoformat(), record_ref="交付笔录1")


async def _distribute(office: Office) -> None:
    court, day = office.court, CLOSES_AT.date()
    tax = await office.choice("ask-tax-assessment", "tax_party_id", "示例税务局")
    await office.step("ask-tax-assessment", tax_party_id=tax, seller_kind="individual")
    await office.step("reserve-taxes", amount_fen="21000", reason="税务机关未复")
    applicant = await office.choice("record-claim", "party_id", "申请执行人")
    claim = {"kind": "ordinary", "basis": "判决书", "evidence_sha256": PAPER, "party_id": applicant}
    await office.step("record-claim", amount_fen="500000.01", **claim)
    await office.step("record-claim", amount_fen="7", **claim)
    wrong = await office.choice("withdraw-claim", "claim_id", "¥7")
    await office.step("withdraw-claim", claim_id=wrong)
    await office.step("issue-plan-document")
    plan = await office.sealed(f"{NUMBER}执行财产分配方案")
    decision = await office.document("other", "合议庭关于发放对象的决定")
    await office.step("draw-plan", panel_document_id=decision)
    for party in ("申请执行人", "被执行人", "示例税务局"):
        await office.serve(plan, party, day)
    for job in await court.jobs("fund.note_service"):
        await handle_note_service(court.db, job)
    await court.at(local(day + timedelta(days=30), 9))
    await office.step("settle-case")


async def test_case_is_done_by_hand(office: Office) -> None:
    """From opening the case to the settled plan every step of an officer is a form, and each is carried out once."""
    await office.court.at(local(FIRST_DAY, 11))
    await _open_the_case(office)
    await _know_the_asset(office)
    await _ask_for_the_price(office)
    await _list_the_lot(office)
    session_id = await _tell_and_publish(office)
    await _sell(office, session_id)
    await _pass_the_title(office)
    await _distribute(office)
    refused = await office.client.post(
        f"{office.case}/steps/close-case-account", data=await _form_of(office, "close-case-account")
    )
    [plan] = await office.court.rows("SELECT state, proceeds_fen FROM fund.plan")
    lines = await office.court.rows("SELECT kind, share_fen FROM fund.plan_line ORDER BY number")

    assert (plan.state, plan.proceeds_fen) == ("settled", RESERVE.fen)
    assert [(line.kind, line.share_fen) for line in lines] == [
        ("sale_tax", 2_100_000),
        ("ordinary", 50_000_001),
        ("surplus", RESERVE.fen - 52_100_001),
    ]
    assert (refused.status_code, "<code>case_not_at_zero</code>" in refused.text) == (409, True)


async def _form_of(office: Office, name: str) -> dict[str, str | list[str]]:
    await office.be("judge1")
    page = await office.open(f"{office.case}/steps/{name}")
    return {**_standing(page.text), "csrf_token": form_token(page)}
