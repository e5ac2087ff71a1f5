"""A court with its offices, a case, a register of made-up institutions, and a clock that tests set."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

import msgspec
from sqlalchemy import text

from auction.kernel.actors import Actor, Role
from auction.kernel.clock import SHANGHAI
from auction.kernel.db import Database, Transaction
from auction.kernel.ids import AccountId, PersonId, named_id, new_id
from auction.kernel.jobs import Job
from auction.kernel.move_clock import move_clock
from valuation.agencies.decide_change import DecideChange, decide_change
from valuation.agencies.propose_entry import ProposeEntry, propose_entry
from valuation.agencies.register import Appraiser, Purpose
from valuation.appraisals import store as appraisals
from valuation.draw_v1.draw import commitment
from valuation.draw_v1.draw_chain import DrawKey
from valuation.draws.commit_court_secret import CommitCourtSecret, commit_court_secret
from valuation.draws.commit_second_secret import CommitSecondSecret, commit_second_secret
from valuation.draws.execute_draw import DrawResult, ExecuteDraw, execute_draw
from valuation.draws.fail_draw import DRAW_DUE, DrawDue
from valuation.draws.freeze_pool import FreezePool, PoolPublished, freeze_pool
from valuation.draws.open_second_secret import OpenSecondSecret, open_second_secret
from valuation.draws.request_draw import RequestDraw, request_draw
from valuation.selections.cases import CaseDesk, CaseOfDraw, PartyOfCase
from valuation.selections.open_selection import OpenSelection, open_selection
from web.sample_agencies import SAMPLE_PAPER, sample_credit_code

KEY = DrawKey(hashlib.sha256(b"key of draws in tests").digest())
KEYS = {KEY.key_id: KEY.public}
CASE, ASSET, MANDATE, DRAW = (named_id("draw test", name) for name in ("case", "asset", "mandate", "draw"))
APPLICANT, DEBTOR, TENANT = (named_id("draw test", name) for name in ("applicant", "debtor", "tenant"))
START = datetime(2027, 3, 1, 9, 0, tzinfo=SHANGHAI)
DRAW_AT = START + timedelta(days=5)
PAPER = "d" * 64


def actor(name: str, *roles: Role) -> Actor:
    """Make an officer or a party with an account and a person of his own."""
    return Actor(
        account_id=AccountId(named_id("account", name)),
        person_id=PersonId(named_id("person", name)),
        roles=frozenset(roles),
    )


HANDLER = actor("handler", Role.CASE_HANDLER)
TECHNOLOGY = actor("technology", Role.JUDICIAL_TECHNOLOGY)
TECHNOLOGY_2 = actor("technology 2", Role.JUDICIAL_TECHNOLOGY)
BUREAU = actor("bureau", Role.BUREAU_HEAD)
VICE = actor("vice", Role.VICE_PRESIDENT)
PRESIDENT = actor("president", Role.PRESIDENT)
PRESIDING = actor("presiding", Role.PRESIDING_JUDGE)
CLERK = actor("clerk", Role.CLERK)
SUPERVISOR = actor("supervisor", Role.SUPERVISOR)
PARTY_A, PARTY_B, PARTY_T = actor("applicant", Role.PARTY), actor("debtor", Role.PARTY), actor("tenant", Role.PARTY)
STRANGER = actor("stranger", Role.PARTY)


class Desk:
    """The enforcement file of the one case."""

    async def case_of_draw(self, tx: Transaction, case_id: UUID, asset_id: UUID) -> CaseOfDraw:
        """Give the case."""
        assert (case_id, asset_id) == (CASE, ASSET)
        return CaseOfDraw(
            court="示例市第一法院",
            case_no="（2027）示0101执1号",
            asset="住宅",
            handler=HANDLER.person_id,
            parties=(
                PartyOfCase(party_id=APPLICANT, person_id=PARTY_A.person_id, side="applicant"),
                PartyOfCase(party_id=DEBTOR, person_id=PARTY_B.person_id, side="judgment_debtor"),
                PartyOfCase(party_id=TENANT, person_id=PARTY_T.person_id, side=None),
            ),
        )


DESK = Desk()


def secret(name: str) -> str:
    """Give a made-up secret of 32 bytes."""
    return hashlib.sha256(f"secret of {name}".encode()).hexdigest()


def agency_id(number: int) -> UUID:
    """Give the id of a made-up institution."""
    return named_id("draw test agency", str(number))


def entry(number: int, **changes: object) -> ProposeEntry:
    """Make the entry of an institution in 示例市."""
    values: dict[str, object] = {
        "command_id": new_id(),
        "change_id": new_id(),
        "agency_id": agency_id(number),
        "name": f"示例{number:02d}房地产评估有限公司",
        "credit_code": sample_credit_code(number),
        "licence_no": f"示例证{number:02d}",
        "licence_from": START.date() - timedelta(days=400),
        "licence_until": START.date() + timedelta(days=400),
        "professions": ("real_estate",),
        "province": "示例省",
        "city": "示例市",
        "appraisers": tuple(
            Appraiser(
                name=f"样本{number}{x}",
                licence_no=f"{number}-{x}",
                licence_from=date(2020, 1, 1),
                licence_until=date(2035, 1, 1),
            )
            for x in "AB"
        ),
        "reason": "协会推荐",
        "document_sha256": SAMPLE_PAPER,
        **changes,
    }
    return ProposeEntry(**values)  # type: ignore[arg-type] # a test's own values


async def set_time(db: Database, at: datetime) -> None:
    """Freeze the one clock at an instant, forward only."""
    await move_clock(db, to=at, freeze=True)


async def confirm(db: Database, change_id: UUID) -> None:
    """Let the second person confirm."""
    await decide_change(db, TECHNOLOGY_2, DecideChange(command_id=new_id(), change_id=change_id, decision="confirmed"))


async def enter(db: Database, *entries: ProposeEntry) -> None:
    """Enter institutions by two persons."""
    for one in entries:
        await confirm(db, await propose_entry(db, TECHNOLOGY, one))


async def open_step(db: Database, mandate_id: UUID = MANDATE) -> None:
    """Let an entrusted appraisal of the asset be under way, as the order of methods leaves it."""

    async def work(tx: Transaction) -> None:
        await tx.session.execute(
            text(
                "INSERT INTO valuation.method_step (step_id, case_id, asset_id, ordinal, method, ground, opened_at) "
                "VALUES (:id, :case_id, :asset_id, 1, 'entrusted_appraisal', '参考价 14', :now)"
            ),
            {"id": mandate_id, "case_id": CASE, "asset_id": ASSET, "now": tx.now},
        )

    await db.transact(work)


async def order_choice(db: Database, choice_id: UUID) -> None:
    """Let the appraisal's history say that the court ordered another choice."""

    async def work(tx: Transaction) -> None:
        await appraisals.add_appraisal(tx, MANDATE, case_id=CASE, asset_id=ASSET, reissue_of=None)
        for number, kind, choice in ((1, "started", MANDATE), (2, "choice_ordered", choice_id)):
            await tx.session.execute(
                text(
                    "INSERT INTO valuation.appraisal_event (appraisal_id, number, kind, at, account_id, content) "
                    "VALUES (:id, :number, :kind, :now, :by, convert_to(:content, 'UTF8'))"
                ),
                {
                    "id": MANDATE,
                    "number": number,
                    "kind": kind,
                    "now": tx.now,
                    "by": BUREAU.account_id,
                    "content": f'{{"kind": "{kind}", "choice_id": "{choice}"}}',
                },
            )

    await db.transact(work)


async def select(db: Database, **changes: object) -> None:
    """Open the choice of institutions for the appraisal, with a day for agreement."""
    values: dict[str, object] = {
        "command_id": new_id(),
        "case_id": CASE,
        "asset_id": ASSET,
        "mandate_id": MANDATE,
        "profession": "real_estate",
        "province": "示例省",
        "city": "示例市",
        "place_reason": "登记机关的答复没有写明所在地",
        "proposals_until": START + timedelta(days=1),
        **changes,
    }
    command = OpenSelection(**values)  # type: ignore[arg-type] # a test's own values
    await open_selection(db, HANDLER, command, case_desk=DESK)


async def prepare(
    db: Database, *, agencies: Sequence[ProposeEntry] | None = None, purpose: Purpose = "valuation_agency"
) -> None:
    """Have a register of eight and the time for agreement over."""
    await set_time(db, START)
    await enter(db, *(agencies if agencies is not None else [entry(n) for n in range(1, 9)]))
    if purpose == "valuation_agency":
        await open_step(db)
    profession = "real_estate" if purpose == "valuation_agency" else "auxiliary"
    await select(db, profession=profession, purpose=purpose)
    await set_time(db, START + timedelta(days=1))


async def request(db: Database, by: Actor = HANDLER, draw_id: UUID = DRAW) -> UUID:
    """Request the draw."""
    command = RequestDraw(command_id=new_id(), case_id=CASE, mandate_id=MANDATE, draw_id=draw_id)
    return await request_draw(db, by, command, case_desk=DESK)


async def commit_court(db: Database, by: Actor = TECHNOLOGY, draw_id: UUID = DRAW, desk: CaseDesk = DESK) -> None:
    """Let the drawing office commit."""
    made = commitment(str(draw_id), "court", secret("court"))
    await commit_court_secret(
        db, by, CommitCourtSecret(command_id=new_id(), draw_id=draw_id, commitment=made), case_desk=desk
    )


async def commit_second(db: Database, by: Actor = SUPERVISOR, draw_id: UUID = DRAW, desk: CaseDesk = DESK) -> None:
    """Let the second office commit."""
    made = commitment(str(draw_id), "second", secret("second"))
    await commit_second_secret(
        db, by, CommitSecondSecret(command_id=new_id(), draw_id=draw_id, commitment=made), case_desk=desk
    )


async def freeze(
    db: Database,
    by: Actor = TECHNOLOGY,
    draw_id: UUID = DRAW,
    draw_at: datetime = DRAW_AT,
    desk: CaseDesk = DESK,
) -> PoolPublished:
    """Freeze the pool."""
    command = FreezePool(command_id=new_id(), draw_id=draw_id, draw_at=draw_at)
    return await freeze_pool(db, by, command, case_desk=desk, draw_key=KEY)


async def frozen(db: Database) -> PoolPublished:
    """Have a draw whose pool is frozen."""
    await prepare(db)
    await request(db)
    await commit_court(db)
    await commit_second(db)
    return await freeze(db)


async def open_second(
    db: Database,
    value: str | None = None,
    by: Actor = SUPERVISOR,
    draw_id: UUID = DRAW,
    desk: CaseDesk = DESK,
) -> None:
    """Let the second office open."""
    command = OpenSecondSecret(command_id=new_id(), draw_id=draw_id, secret=value or secret("second"))
    await open_second_secret(db, by, command, case_desk=desk)


async def execute(
    db: Database,
    value: str | None = None,
    by: Actor = TECHNOLOGY,
    draw_id: UUID = DRAW,
    beacon_signature: str | None = None,
    desk: CaseDesk = DESK,
) -> DrawResult:
    """Draw."""
    command = ExecuteDraw(
        command_id=new_id(), draw_id=draw_id, court_secret=value or secret("court"), beacon_signature=beacon_signature
    )
    return await execute_draw(db, by, command, case_desk=desk, draw_key=KEY)


def lapse_job() -> Job:
    """Give the job that looks whether the draw's time is over, the same each time."""
    payload = msgspec.json.encode(DrawDue(draw_id=DRAW))
    return Job(job_id=named_id("draw test", "lapse job"), kind=DRAW_DUE, payload=payload, attempts=0)


async def drawn(db: Database) -> DrawResult:
    """Have a draw from register to result."""
    await frozen(db)
    await set_time(db, DRAW_AT)
    await open_second(db)
    return await execute(db)
