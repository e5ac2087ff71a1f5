from __future__ import annotations

import httpx
import msgspec
import pytest

from tests.web.conftest import form_token, sign_in
from tests.web.pages.desks.court_world import CourtWorld
from tests.web.pages.desks.test_court_pages import send
from tests.web.pages.desks.test_panel_page import hidden
from web.auth.sample_accounts import sample_identity_number
from web.pages.steps.all_forms import FORMS, is_opening, route_of

PARTY = {
    "role": "tenant",
    "kind": "natural",
    "name": "周示例",
    "identity_number": sample_identity_number(77),
}


def step_at(court: CourtWorld, name: str) -> str:
    """Give the address of a step of the court's case."""
    return f"/court/cases/{court.case_id}/steps/{name}"


async def fill(desk: httpx.AsyncClient, path: str, **fields: str) -> dict[str, str]:
    """Give a form as a browser would send it, with these fields."""
    page = await desk.get(path)
    assert page.status_code == 200, page.text
    return {"csrf_token": form_token(page), "command_id": hidden(page, "command_id"), **fields}


async def test_every_form_opens(court: CourtWorld, desk: httpx.AsyncClient) -> None:
    """Each form can be opened by its officers in both languages, whatever the state of the case."""
    await court.listed()
    for username in ("clerk1", "judge1", "presiding1"):
        desk.cookies.clear()
        await sign_in(desk, username)
        for form in FORMS:
            if is_opening(form) or court.actors[username].roles.isdisjoint(route_of(form).roles):
                continue
            for language in ("zh", "en"):
                page = await desk.get(step_at(court, form.name), headers={"accept-language": language})

                assert page.status_code == 200, (form.name, username)


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
