from __future__ import annotations

from dataclasses import replace

import httpx
import msgspec
import pytest

from auction.fund.gateway import SubAccountAsked
from auction.kernel.clock import local
from auction.kernel.errors import OutcomeUnknown
from auction.kernel.ids import new_id
from auction.sale.cases.documents import DocumentKind
from auction.sale.cases.parties import PartyRole
from auction.sale.lots.list_lot import ListLot
from tests.auction.sale.world import FIRST_DAY, RESERVE, terms
from tests.web.conftest import ClientMaker, bearer, form_token, sign_in
from tests.web.pages.desks.court_world import CourtWorld
from tests.web.pages.desks.test_court_pages import send
from tests.web.pages.desks.test_panel_page import hidden
from web.auth.sample_accounts import sample_identity_number
from web.pages.steps.all_forms import FORMS, form_named, is_opening, route_of
from web.wiring import Wiring

PARTY = {
    "role": "tenant",
    "kind": "natural",
    "name": "周示例",
    "identity_number": sample_identity_number(77),
}


class SilentBank:
    """A bank that does not answer in time."""

    async def open_sub_account(self, asked: SubAccountAsked) -> str:
        """Say nothing."""
        raise OutcomeUnknown(asked.request_id)


def step_at(court: CourtWorld, name: str) -> str:
    """Give the address of a step of the court's case."""
    return f"/court/cases/{court.case_id}/steps/{name}"


async def fill(desk: httpx.AsyncClient, path: str, **fields: str) -> dict[str, str]:
    """Give a form as a browser would send it, with these fields."""
    page = await desk.get(path)
    assert page.status_code == 200, page.text
    return {"csrf_token": form_token(page), "command_id": hidden(page, "command_id"), **fields}


@pytest.mark.timeout(600)
@pytest.mark.parametrize("username", ["clerk1", "judge1", "presiding1"])
async def test_every_form_opens(court: CourtWorld, desk: httpx.AsyncClient, username: str) -> None:
    """Each form can be opened by its officers in both languages, whatever the state of the case."""
    await court.listed()
    await sign_in(desk, username)
    for form in FORMS:
        if is_opening(form) or court.actors[username].roles.isdisjoint(route_of(form).roles):
            continue
        for language in ("zh", "en"):
            page = await desk.get(step_at(court, form.name), headers={"accept-language": language})

            assert page.status_code == 200, (form.name, username)


async def test_choice_of_nothing_says_so(court: CourtWorld, desk: httpx.AsyncClient) -> None:
    """A step whose asset, lot or round there is none of says that it cannot be taken, instead of an empty choice."""
    await court.listed()
    await sign_in(desk, "judge1")

    page = await desk.get(f"/court/cases/{court.case_id}/steps/list-lot")

    assert page.status_code == 200
    assert "没有可供选择的项目" in page.text


async def test_step_is_carried_out_once(court: CourtWorld, desk: httpx.AsyncClient) -> None:
    """A double click adds one party and leads back to the case, which says what was done."""
    await court.listed()
    await sign_in(desk, "clerk1")
    answer = await send(desk, step_at(court, "add-party"), **PARTY)
    page = await desk.get(answer.headers["location"])

    assert answer.status_code == 303, answer.text
    assert answer.headers["location"] == f"/court/cases/{court.case_id}?done=step.add-party"
    assert "已办理：登记当事人。" in page.text
    assert len(await court.rows("SELECT 1 FROM sale.party WHERE role = 'tenant'")) == 1


@pytest.mark.parametrize(
    ("field", "typed", "code"),
    [
        ("claim_fen", "12,000", "amount_malformed"),
        ("claim_fen", "1e5", "amount_malformed"),
        ("claim_fen", "0.5", "amount_malformed"),
        ("claim_fen", "-3", "amount_malformed"),
        ("claim_fen", "0", "amount_not_positive"),
        ("e_service_consent_on", "2026-02-30", "form_day_malformed"),
        ("e_service_consent_on", "1 March", "form_day_malformed"),
        ("name", "", "form_field_needed"),
        ("identity_number", "110105", "identity_number_invalid"),
        ("role", "buyer", "buyer_not_added_by_hand"),
        ("role", "king", "input_malformed"),
    ],
)
async def test_bad_input_is_refused_by_its_field(
    court: CourtWorld, desk: httpx.AsyncClient, field: str, typed: str, code: str
) -> None:
    """The summary names the code and leads to the field; what was typed stands there again; nothing is added."""
    await court.open()
    await sign_in(desk, "clerk1")
    answer = await send(desk, step_at(court, "add-party"), **{**PARTY, field: typed})

    assert answer.status_code in (409, 422), answer.text
    assert f"<code>{code}</code>" in answer.text
    if code != "buyer_not_added_by_hand":
        assert f'href="#{field}"' in answer.text
    assert 'value="周示例"' in answer.text or field == "name"
    assert await court.rows("SELECT 1 FROM sale.party WHERE role = 'tenant'") == []


async def test_everything_wrong_is_said_at_once(court: CourtWorld, desk: httpx.AsyncClient) -> None:
    """Two wrong fields are two lines of the summary."""
    await court.open()
    await sign_in(desk, "clerk1")
    answer = await send(desk, step_at(court, "add-party"), **{**PARTY, "name": "", "claim_fen": "1.2.3"})

    assert 'href="#name"' in answer.text
    assert 'href="#claim_fen"' in answer.text


async def test_strangers_find_no_case(court: CourtWorld, desk: httpx.AsyncClient) -> None:
    """A handler without a part in the case is told that there is none, on showing the form and on sending it."""
    court.handler = msgspec.structs.replace(court.handler, person_id=court.actors["finance1"].person_id)
    await court.open()
    await sign_in(desk, "judge1")
    path = step_at(court, "add-party")
    shown = await desk.get(path)
    own = await desk.get("/court/steps/open-case-account")
    sent = await desk.post(path, data={"csrf_token": form_token(own), "command_id": str(court.case_id), **PARTY})

    assert (shown.status_code, sent.status_code) == (404, 404)
    assert await court.rows("SELECT 1 FROM sale.party WHERE role = 'tenant'") == []


async def test_other_roles_are_refused(court: CourtWorld, desk: httpx.AsyncClient) -> None:
    """Who may not give the command gets neither the form nor the step."""
    await court.listed()
    for username in ("panel1", "finance1", "bidder1", "supervisor1"):
        desk.cookies.clear()
        await sign_in(desk, username)

        assert (await desk.get(step_at(court, "add-party"))).status_code == 403, username


async def test_case_page_offers_what_fits(court: CourtWorld, desk: httpx.AsyncClient) -> None:
    """The clerk finds the steps of the file; the platform, once chosen, is not offered again; a supervisor finds none."""
    await court.listed()
    await sign_in(desk, "clerk1")
    clerk = await desk.get(f"/court/cases/{court.case_id}")
    desk.cookies.clear()
    await sign_in(desk, "supervisor1")
    supervisor = await desk.get(f"/court/cases/{court.case_id}")

    assert step_at(court, "add-party") in clerk.text
    assert step_at(court, "choose-platform") not in clerk.text
    assert "/steps/" not in supervisor.text


async def test_rows_are_added_and_removed(court: CourtWorld, desk: httpx.AsyncClient) -> None:
    """A button adds a row and keeps what was typed; another takes one away; neither gives a command."""
    await court.open()
    await sign_in(desk, "clerk1")
    path = step_at(court, "record-asset")
    form = await fill(
        desk, path, title="示例房屋", **{"facts.0.field": "title", "facts.0.zh": "单独所有", "add": "facts"}
    )
    more = await desk.post(path, data=form)
    del form["add"]
    form.update({"facts.1.field": "burdens", "facts.1.zh": "无抵押", "remove": "facts.0"})
    less = await desk.post(path, data=form)

    assert (more.status_code, less.status_code) == (200, 200)
    assert 'name="facts.1.zh"' in more.text
    assert 'value="示例房屋"' in more.text
    assert "单独所有" in more.text
    assert 'name="facts.1.zh"' not in less.text
    assert "无抵押" in less.text
    assert "单独所有" not in less.text


async def test_silence_of_a_partner_keeps_the_command(court: CourtWorld, desks: Wiring, client_of: ClientMaker) -> None:
    """When the bank's answer is unknown, the form comes back with the same command id, so sending it again finds out."""
    wiring = replace(desks, ports={**desks.ports, "bank": SilentBank()})
    async with client_of(wiring) as desk:
        await sign_in(desk, "clerk1")
        form = await fill(desk, "/court/steps/open-case-account", case_number="(2026)京0105执1234号")
        answer = await desk.post("/court/steps/open-case-account", data=form)

    assert answer.status_code == 503
    assert hidden(answer, "command_id") == form["command_id"]
    assert "(2026)京0105执1234号" in answer.text


async def test_registrant_is_shown_once_and_logged(court: CourtWorld, desk: httpx.AsyncClient) -> None:
    """The clerk sees the name on the answer itself, never a code; a double click is one look in the log."""
    await court.announced()
    _bidder, registered, code = await court.admitted()
    await sign_in(desk, "clerk1")
    path = step_at(court, "view-registrant")
    form = await fill(desk, path, purpose="eligibility", number=str(registered.registration_id))
    first, second = [await desk.post(path, data=form) for _twice in range(2)]

    assert (first.status_code, second.status_code) == (200, 200)
    assert "张示例" in first.text
    assert code not in first.text
    assert len(await court.rows("SELECT 1 FROM sale.registrant_view")) == 1


async def test_number_of_no_receipt_is_refused_by_its_field(court: CourtWorld, desk: httpx.AsyncClient) -> None:
    """A receipt is named by the number that finance gave; another number is refused where it was typed."""
    await court.open()
    await sign_in(desk, "clerk1")
    answer = await send(desk, step_at(court, "propose-attribution"), number="4711", belongs="return")

    assert (answer.status_code, 'href="#number"' in answer.text) == (404, True)


async def test_numbers_of_receipts_do_not_count_deposits(court: CourtWorld, desk: httpx.AsyncClient) -> None:
    """A receipt that is no longer to be claimed is as unknown as none, whatever else is typed beside its number."""
    await court.paid()
    (receipt,) = await court.rows("SELECT min(number) AS number FROM fund.receipt WHERE state <> 'unattributed'")
    await sign_in(desk, "clerk1")
    path = step_at(court, "propose-attribution")
    for number in (receipt.number, 4711):
        answer = await send(desk, path, number=str(number), belongs="deposit", reference="x")

        assert (answer.status_code, 'href="#number"' in answer.text) == (404, True)


async def test_technology_finds_a_case_by_its_number(court: CourtWorld, desk: httpx.AsyncClient) -> None:
    """By office the inquiry may be started in every case: found by its number, without the file."""
    await court.open()
    await sign_in(desk, "technology1")
    found = await desk.get("/court/inquiries", params={"case_number": "（2026）京0105执1234号"})
    unknown = await desk.get("/court/inquiries", params={"case_number": "(2026)京0105执9号"})
    shown = await desk.get(found.headers["location"])
    other = await desk.get(step_at(court, "add-party"))

    assert found.headers["location"] == step_at(court, "start-online-inquiry")
    assert (unknown.status_code, shown.status_code, other.status_code) == (404, 200, 403)


async def test_finance_finds_its_steps(court: CourtWorld, desk: httpx.AsyncClient) -> None:
    """Finance, who reads no file, finds the closing of the account with the case's money, and comes back there."""
    await court.planned()
    await sign_in(desk, "finance1")
    page = await desk.get(f"/finance/cases/{court.case_id}")
    step = await desk.get(step_at(court, "close-case-account"))

    assert step_at(court, "close-case-account") in page.text
    assert f'href="/finance/cases/{court.case_id}"' in step.text


@pytest.mark.parametrize("username", ["judge1", "finance1"])
async def test_account_is_not_closed_while_a_lot_is_on_its_way(
    court: CourtWorld, desk: httpx.AsyncClient, username: str
) -> None:
    """From the listing on nobody ends the sale by closing the account, and the refusal tells no sum (security 2)."""
    await court.listed()
    await sign_in(desk, username)

    answer = await send(desk, step_at(court, "close-case-account"))

    assert answer.status_code == 409
    assert "竞价结束前不得销户" in answer.text
    assert "¥" not in answer.text.partition('class="govuk-error-summary')[2].partition("</div>")[0]


async def test_unlawful_listing_is_readable_over_the_api(
    court: CourtWorld, desks: Wiring, client_of: ClientMaker
) -> None:
    """A program reads each finding with its article as fields of their own."""
    await court.open()
    await court.price()
    wiring = replace(desks, commands=[route_of(form_named("list-lot"))])
    command = ListLot(
        command_id=new_id(),
        lot_id=new_id(),
        case_id=court.case_id,
        asset_id=court.asset_id,
        terms=terms(reserve_fen=RESERVE.fen - 1),
    )
    async with client_of(wiring) as client:
        headers = await bearer(client, "judge1")
        answer = await client.post("/api/sale/list-lot", content=msgspec.json.encode(command), headers=headers)

    assert answer.status_code == 422, answer.text
    assert [finding["code"] for finding in answer.json()["facts"]["findings"]] == ["reserve_below_floor"]
    assert answer.json()["facts"]["findings"][0]["article"] == "网拍 10"


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"method": "mail", "address_basis": "confirmed", "opponent": "yes"}, "opponent_signed"),
        (
            {"method": "mail", "address_basis": "confirmed", "returned": "receipt_refused", "without_fault": "yes"},
            "mail_return_not_deemed",
        ),
        ({"method": "left", "refused": "yes"}, "leaving_without_refusal"),
        ({"method": "sale_notice_publication", "ground": "missing"}, ""),
        ({"method": "waiver"}, ""),
    ],
)
async def test_notification_is_judged_by_the_law(
    court: CourtWorld, desk: httpx.AsyncClient, fields: dict[str, str], code: str
) -> None:
    """What happened is filled in; whether it counts is said by the law, with its code."""
    await court.listed()
    await court.at(local(FIRST_DAY, 12))
    notification = await court.document(DocumentKind.SALE_NOTIFICATION)
    await sign_in(desk, "clerk1")
    told = {
        "party_id": str(court.parties[PartyRole.APPLICANT]),
        "lot_id": str(court.lot_id),
        "sent_on": FIRST_DAY.isoformat(),
        "sent_on.time": "11:00",
        "arrived_on": FIRST_DAY.isoformat(),
        "arrived_on.time": "11:30",
        "receiver": "addressee",
        "evidence_ref": "凭证",
        "reason": "本人书面放弃或者下落不明",
        **({} if fields["method"] in ("waiver", "sale_notice_publication") else {"document_id": str(notification)}),
        **fields,
    }
    path = step_at(court, "notify")
    answer = await desk.post(path, data=await fill(desk, path, **told))

    assert (answer.status_code == 303) == (not code), answer.text
    assert (f"<code>{code}</code>" in answer.text) == bool(code)


async def test_words_that_no_form_offers_are_refused_in_words(court: CourtWorld, desk: httpx.AsyncClient) -> None:
    """A choice, a day or a row's number typed by hand is refused by the form or the door, and is no fault of ours."""
    await court.paid()
    await sign_in(desk, "judge1")
    typed = {
        "propose-attribution": {"number": "1", "belongs": "elsewhere", "reference": "x"},
        "resume-round": {"ground_ended_on": "9999-12-31", "again": "yes"},
        "describe-asset": {"remove": "facts.²"},
    }
    for name, fields in typed.items():
        path = step_at(court, name)
        answer = await desk.post(path, data=await fill(desk, path, **fields))

        assert answer.status_code in (200, 404, 422), (name, answer.status_code)
