"""The judge finds an objection to a refused registration on his work list, reads its grounds and decides on it by form."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import httpx
import pytest

from auction.kernel.errors import Refusal
from auction.kernel.ids import new_id
from auction.sale.guards.object_to_refusal import ObjectToRefusal, object_to_refusal
from tests.web.conftest import sign_in
from tests.web.pages.desks.court_world import CourtWorld
from tests.web.pages.desks.test_step_pages import fill, step_at


async def test_objection_is_decided_by_form(court: CourtWorld, desk: httpx.AsyncClient) -> None:
    """The work list leads to the form, the form shows guard and grounds, and the decision is kept with its reason."""
    await court.announced()
    child = await court.bidder("周少年", date(2012, 1, 1))
    with pytest.raises(Refusal) as caught:
        await court.register(child)
    application_id = UUID(str(caught.value.facts["application_id"]))
    grounds = "身份证登记的出生日期有误。"
    await object_to_refusal(
        court.db, child, ObjectToRefusal(command_id=new_id(), application_id=application_id, grounds=grounds)
    )
    await sign_in(desk, "presiding1")

    work_list = await desk.get("/court")
    form = await desk.get(step_at(court, "decide-guard-objection"))
    objection_id = str((await court.rows("SELECT objection_id FROM sale.guard_objection"))[0].objection_id)
    fields = {"objection_id": objection_id, "found": "uphold", "reason": "经核对户籍证明。", "article": "民诉法 236"}
    sent = await desk.post(
        step_at(court, "decide-guard-objection"),
        data=await fill(desk, step_at(court, "decide-guard-objection"), **fields),
    )

    assert "steps/decide-guard-objection" in work_list.text
    assert grounds in form.text
    assert sent.status_code == 303, sent.text
    assert [row.upheld for row in await court.rows("SELECT upheld FROM sale.guard_decision")] == [True]
