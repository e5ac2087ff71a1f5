"""Each step of an agency is taken in its part, and a report comes to the court when two signers have confirmed it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import date
from typing import Any
from uuid import UUID

import msgspec
import pytest

from auction.kernel.actors import Actor
from auction.kernel.db import Command, Database, Transaction
from auction.kernel.errors import Refusal
from auction.kernel.ids import new_id
from tests.valuation.appraisals import stage
from tests.valuation.appraisals.stage import FIRST, RATES, officer, signer
from tests.valuation.appraisals.test_procedure import LAST, accepted
from tests.valuation.methods.ground import PAPER
from valuation.agencies.staff import staff_store
from valuation.agencies.staff.staff import Part, PartLacking
from valuation.appraisals import views
from valuation.appraisals.disputes.explain_objection import ExplainObjection, explain_objection
from valuation.appraisals.fees.claim_fee import ClaimFee, claim_fee
from valuation.appraisals.mandates.answer_mandate import AcceptMandate, DeclineMandate, accept_mandate, decline_mandate
from valuation.appraisals.mandates.ask_court import AskCourt, ask_court
from valuation.appraisals.mandates.extend_term import AskExtension, ask_extension
from valuation.appraisals.mandates.inspect_site import RecordInspection, record_inspection
from valuation.appraisals.reports import submit_report as submitting
from valuation.appraisals.reports.submit_report import ConfirmReport, SubmitReport, confirm_report, submit_report
from valuation.appraisals.rules.agency_steps import PARTS_OF, AgencyStep
from valuation.appraisals.rules.inspections import Inspection
from web.sample_agencies import sample_agency_id

UseCase = Callable[[Database, Actor, Any], Awaitable[object]]
MANAGER, APPRAISER, CLERK = (officer(1, name) for name in ("only-manager", "only-appraiser", "only-clerk"))
NOBODY = officer(1, "no-part")
PEOPLE: dict[Part, Actor] = {"manager": MANAGER, "appraiser": APPRAISER, "clerk": CLERK}
REPORT = stage.report(1, date(2027, 3, 8))
SITE = Inspection(
    held_at=stage.at(date(2027, 3, 8)), appraisers=("S",), present=(), has_witness=True, record_sha256=PAPER
)


def commands(mandate: UUID) -> dict[AgencyStep, tuple[UseCase, Command]]:
    """Give every step of an agency as its use case and a command of this mandate."""
    of: dict[str, Any] = {"command_id": new_id(), "mandate_id": mandate}
    paper: dict[str, Any] = {**of, "document_sha256": PAPER}
    return {
        "accept": (accept_mandate, AcceptMandate(**of, rates=RATES)),
        "decline": (decline_mandate, DeclineMandate(**of, ground="other", reason="忙")),
        "ask": (ask_court, AskCourt(**of, for_material=True, text="缺平面图")),
        "inspect": (record_inspection, RecordInspection(**of, inspection=SITE)),
        "extend": (ask_extension, AskExtension(**paper, days=5, reason="复杂")),
        "submit": (submit_report, SubmitReport(**of, report=REPORT)),
        "confirm": (confirm_report, ConfirmReport(**of, draft_id=new_id())),
        "correct": (submitting.correct_report, submitting.CorrectReport(**of, order_id=new_id(), report=REPORT)),
        "explain": (submitting.explain_report, submitting.ExplainReport(**paper, order_id=new_id(), text="说明")),
        "explain-objection": (explain_objection, ExplainObjection(**paper, objection_id=new_id(), text="说明")),
        "claim-fee": (claim_fee, ClaimFee(**paper, expense_fen=1)),
    }


async def begun(db: Database) -> UUID:
    """Mandate the first agency, whose three parts are three people's; gives the mandate."""
    appraisal_id = await stage.begin(db)

    async def work(tx: Transaction) -> None:
        agency_id = sample_agency_id("agency-1")
        for one in await staff_store.staff_of(tx, agency_id):
            await staff_store.end_staff(tx, one.grant_id, ended_by=FIRST.account_id)
        for part, who in PEOPLE.items():
            licence = "SAMPLE-001-A" if part == "appraiser" else ""
            named = staff_store.made(new_id(), agency_id, who.account_id, part, licence, tx)
            await staff_store.add_staff(tx, named, named_by=MANAGER.account_id)

    await db.transact(work)
    return await stage.send(db, appraisal_id)


async def test_each_step_is_taken_in_its_part_only(database: Database) -> None:
    """Whoever lacks the part is refused by it, before anything else is looked at; who has it gets on to the step's own rules."""
    mandate = await begun(database)
    assert set(commands(mandate)) == set(PARTS_OF)
    for step, needed in PARTS_OF.items():
        for part, who in PEOPLE.items():
            if part in needed:
                continue
            use_case, command = commands(mandate)[step]
            with pytest.raises(PartLacking):
                await use_case(database, who, command)
        use_case, command = commands(mandate)[step]
        with pytest.raises(PartLacking):
            await use_case(database, NOBODY, command)


async def test_desk_shows_the_steps_of_ones_part(database: Database) -> None:
    """The manager answers, the clerk asks, who has no part sees no mandate; another agency's manager is told there is none."""
    mandate = await begun(database)

    async def may(who: Actor) -> set[str]:
        async with database.reading() as tx:
            return set((await views.own_mandate_view(tx, who, mandate)).may)

    assert (await may(MANAGER), await may(CLERK)) == ({"accept", "decline"}, {"ask"})
    async with database.reading() as tx:
        assert await views.own_mandates(tx, NOBODY) == []
    with pytest.raises(PartLacking):
        await may(NOBODY)
    with pytest.raises(Refusal) as refused:
        await may(officer(2))
    assert refused.value.code == "appraisal_unknown"


async def ready(db: Database) -> tuple[UUID, UUID]:
    """Inspect the site on 8 March; gives appraisal and mandate."""
    appraisal_id, mandate = await accepted(db)
    await stage.inspect(db, FIRST, appraisal_id, date(2027, 3, 8))
    return appraisal_id, mandate


async def prepare(db: Database, who: Actor, mandate: UUID, **changes: object) -> UUID:
    """Lay a report before its signers; gives what waits for them."""
    report = msgspec.structs.replace(REPORT, **changes)
    made = await submit_report(db, who, SubmitReport(command_id=new_id(), mandate_id=mandate, report=report))
    assert made.made_id is not None
    return made.made_id


async def confirm(db: Database, who: Actor, mandate: UUID, draft_id: UUID) -> str:
    """Confirm what waits; gives the state of the appraisal."""
    command = ConfirmReport(command_id=new_id(), mandate_id=mandate, draft_id=draft_id)
    return (await confirm_report(db, who, command)).state


async def refused_by(db: Database, who: Actor, mandate: UUID, draft_id: UUID) -> str:
    """Confirm in vain; gives the code."""
    with pytest.raises(Refusal) as refused:
        await confirm(db, who, mandate, draft_id)
    return refused.value.code


async def test_two_accounts_sign_a_report(database: Database) -> None:
    """One signer's word, twice even, is no report; with the other's it lies before the court."""
    appraisal_id, mandate = await ready(database)
    draft = await prepare(database, FIRST, mandate)
    file = await stage.read(database, appraisal_id)
    again = await refused_by(database, FIRST, mandate, draft)
    state = await confirm(database, signer(1), mandate, draft)
    late = await refused_by(database, signer(1), mandate, draft)

    assert (file.paper, file.state) == (None, "accepted")
    assert file.draft is not None
    assert (file.draft.confirmed, file.draft.waits_for) == (["SAMPLE-001-A"], ("SAMPLE-001-B",))
    assert (again, state, late) == ("appraisal_not_a_signer", "reported", "appraisal_draft_unknown")


async def test_report_that_a_clerk_uploads_waits_for_both_signers(database: Database) -> None:
    """Who signs nothing confirms nothing: two appraisers' words are wanted besides."""
    appraisal_id, mandate = await ready(database)

    async def hire(tx: Transaction) -> None:
        named = staff_store.made(new_id(), sample_agency_id("agency-1"), CLERK.account_id, "clerk", "", tx)
        await staff_store.add_staff(tx, named, named_by=FIRST.account_id)

    await database.transact(hire)
    draft = await prepare(database, CLERK, mandate)
    with pytest.raises(PartLacking):
        await confirm(database, CLERK, mandate, draft)
    states = [await confirm(database, who, mandate, draft) for who in (signer(1), FIRST)]

    assert states == ["accepted", "reported"]
    assert len((await stage.read(database, appraisal_id)).papers) == 1


async def test_newer_report_takes_the_place_of_one_that_waits(database: Database) -> None:
    """What was confirmed of the older one does not count for the newer, and the older cannot be confirmed any more."""
    appraisal_id, mandate = await ready(database)
    older = await prepare(database, FIRST, mandate)
    newer = await prepare(database, signer(1), mandate, value_fen=stage.VALUE + 1)
    assert await refused_by(database, signer(1), mandate, older) == "appraisal_draft_unknown"
    await confirm(database, FIRST, mandate, newer)
    paper = (await stage.read(database, appraisal_id)).paper

    assert paper is not None
    assert paper.report.value_fen == stage.VALUE + 1


async def test_second_confirmation_must_be_in_time(database: Database) -> None:
    """In the last second of the thirty days it makes the report, a second later nothing does."""
    appraisal_id, mandate = await ready(database)
    draft = await prepare(database, FIRST, mandate)
    await stage.go(database, LAST, 23, 59, 59)
    in_time = await confirm(database, signer(1), mandate, draft)

    assert in_time == "reported"
    assert (await stage.read(database, appraisal_id)).paper is not None


async def test_second_confirmation_a_second_late_is_refused(database: Database) -> None:
    """The agency is late although one signer was in time; the file goes back."""
    appraisal_id, mandate = await ready(database)
    draft = await prepare(database, FIRST, mandate)
    await stage.go(database, date(2027, 4, 1), 0)
    assert await refused_by(database, signer(1), mandate, draft) == "appraisal_report_late"
    await stage.look(database, appraisal_id)

    assert (await stage.read(database, appraisal_id)).mandates[0].over is not None


async def test_appraisers_of_another_agency_confirm_nothing(database: Database) -> None:
    """To the second agency's signer there is no such mandate."""
    _appraisal_id, mandate = await ready(database)
    draft = await prepare(database, FIRST, mandate)

    assert await refused_by(database, signer(2), mandate, draft) == "appraisal_unknown"
