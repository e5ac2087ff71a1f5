"""A creditor joins a distribution: at his own desk or by paper, admitted or refused, with an objection to the refusal."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import msgspec
import pytest
from sqlalchemy.exc import DBAPIError

from auction.fund.case_joins import open_applications
from auction.fund.claims.claims import ClaimKind
from auction.kernel.actors import Actor, Role, RoleLacking
from auction.kernel.clock import local
from auction.kernel.errors import Refusal
from auction.kernel.ids import AccountId, PersonId, new_id
from auction.kernel.money import AmountNotPositive
from auction.kernel.persons import record_person
from auction.sale.cases.parties import PartyRole
from auction.sale.disclosure.own_cases import own_cases
from auction.sale.joining.apply_to_join import (
    ApplyToJoin,
    RecordJoinApplication,
    apply_to_join,
    record_join_application,
)
from auction.sale.joining.decide_join import DecideJoin, JoinDecided, decide_join
from auction.sale.joining.joining import (
    CutOff,
    DebtorKindDiffers,
    JoinAgainstEnterprise,
    JoinApplicationUnknown,
    JoinCaseUnknown,
    JoinDecidedBySame,
    JoinKindRefused,
    JoinNotRefused,
    JoinNotWritten,
    JoinOwnApplication,
    JoinReasonMissing,
    JoinRecordedBySame,
    JoinTooEarly,
    JoinTooLate,
    JoinWaits,
    JoinWithoutTitle,
    ReceivedInFuture,
)
from auction.sale.joining.object_to_refusal import ObjectToJoinRefusal, object_to_join_refusal
from auction.sale.joining.set_join_cut_off import SetJoinCutOff, set_join_cut_off
from auction.sale.joining.store import applications_of_case, applications_of_person
from tests.auction.sale.title.test_title import passed
from tests.auction.sale.world import FIRST_DAY, World, actor, resident_number

TITLE = "(2026)京0105民初88号"


class Joining:
    """A case and a creditor outside it."""

    def __init__(self, world: World) -> None:
        """Make nobody yet."""
        self.world = world
        self.db = world.db
        self.creditor: Actor

    async def open(self, **changes: object) -> None:
        """Open the case and record the creditor."""
        await self.world.open(**changes)  # type: ignore[arg-type]  # of the world
        await self.outsider()

    async def outsider(self) -> None:
        """Record the creditor, who is not of the case."""
        number = resident_number(date(1980, 1, 1), 77)
        person_id = await self.world.read(
            lambda tx: record_person(tx, kind="natural", name="郑债权", identity_number=number, masked="郑**")
        )
        self.creditor = Actor(
            account_id=AccountId(new_id()), person_id=PersonId(person_id), roles=frozenset({Role.PARTY})
        )

    async def apply(self, **changes: Any) -> UUID:  # noqa: ANN401 - any field of the command
        """Apply at the creditor's own desk."""
        command = ApplyToJoin(
            command_id=new_id(),
            application_id=new_id(),
            case_number="（2026）京0105执1234号",
            debtor_name="王示例",
            kind=ClaimKind.ORDINARY,
            amount_fen=100_000_00,
            facts="被执行人另欠货款，其他财产不足清偿。",
            document_sha256="ab" * 32,
            title_number=TITLE,
        )
        return await apply_to_join(self.db, self.creditor, msgspec.structs.replace(command, **changes))

    async def paper(self, received_on: date, *, by: Actor | None = None, **changes: Any) -> UUID:  # noqa: ANN401 - any field of the command
        """Record a paper application."""
        command = RecordJoinApplication(
            command_id=new_id(),
            application_id=new_id(),
            case_id=self.world.case_id,
            applicant_kind="natural",
            name="冯债权",
            identity_number=resident_number(date(1981, 1, 1), 78),
            received_on=received_on,
            kind=ClaimKind.ORDINARY,
            amount_fen=50_000_00,
            facts="书面申请",
            document_sha256="cd" * 32,
            title_number=TITLE,
        )
        command = msgspec.structs.replace(command, **changes)
        return await record_join_application(self.db, by or self.world.clerk, command)

    async def decide(
        self,
        application_id: UUID,
        *,
        admit: bool = True,
        officer: Actor | None = None,
        **changes: Any,  # noqa: ANN401
    ) -> JoinDecided:
        """Decide on an application."""
        command = DecideJoin(
            command_id=new_id(),
            application_id=application_id,
            asset_id=self.world.asset_id,
            debtor_kind="natural",
            admit=admit,
            reason="符合参与分配的条件" if admit else "未提交执行依据",
            article="民诉法解释506",
            document_id=new_id(),
        )
        return await decide_join(self.db, officer or self.world.handler, msgspec.structs.replace(command, **changes))

    async def object(self, application_id: UUID, grounds: str = "已取得生效判决") -> UUID:
        """Object to a refusal."""
        command = ObjectToJoinRefusal(command_id=new_id(), application_id=application_id, grounds=grounds)
        return await object_to_join_refusal(self.db, self.creditor, command)

    async def state(self, application_id: UUID) -> str:
        """What became of an application, as the court reads it."""
        shown = await self.world.read(lambda tx: applications_of_case(tx, self.world.case_id))
        return next(one.state for one in shown if one.application_id == application_id)


@pytest.fixture
def joining(world: World) -> Joining:
    """A case and a creditor outside it; nothing happened yet."""
    return Joining(world)


async def test_nobody_decides_on_his_own_application(joining: Joining) -> None:
    """An officer who is himself a creditor applies like anybody, under another account; a colleague decides."""
    await joining.open()
    application_id = await joining.apply()
    himself = Actor(
        account_id=AccountId(new_id()), person_id=joining.creditor.person_id, roles=frozenset({Role.CASE_HANDLER})
    )

    for admit in (True, False):
        with pytest.raises(JoinOwnApplication):
            await joining.decide(application_id, admit=admit, officer=himself)
    assert await joining.state(application_id) == "waits"


async def test_admitted_creditor_is_of_the_case_with_his_claim(joining: Joining) -> None:
    """Who is admitted is a party with a claim on record; the decision is sealed and served on him, and his desk shows the case."""
    await joining.open()
    application_id = await joining.apply()
    assert await joining.state(application_id) == "waits"
    assert await joining.world.read(lambda tx: own_cases(tx, joining.creditor.person_id)) == []

    decided = await joining.decide(application_id)
    assert await joining.state(application_id) == "admitted"
    [claim] = await joining.world.rows("SELECT kind, amount_fen, party_id, basis, state FROM fund.claim")
    assert tuple(claim) == ("ordinary", 100_000_00, decided.party_id, TITLE, "recorded")
    [case] = await joining.world.read(lambda tx: own_cases(tx, joining.creditor.person_id))
    assert [part.role for part in case.parts] == [PartyRole.OTHER_CREDITOR]
    await joining.world.sealed(decided.document_id)
    served = await joining.world.serve(decided.document_id, decided.party_id, local(FIRST_DAY, 9))
    assert served.effective_on == FIRST_DAY


async def test_paper_is_as_old_as_its_arrival(joining: Joining) -> None:
    """A paper of an outsider is recorded with the day on which it came; one of a day to come is refused."""
    await joining.open()
    with pytest.raises(ReceivedInFuture):
        await joining.paper(FIRST_DAY + timedelta(days=1))
    early = await joining.paper(FIRST_DAY - timedelta(days=1))
    with pytest.raises(JoinTooEarly):
        await joining.decide(early)
    await joining.decide(early, admit=False)

    await joining.decide(await joining.paper(FIRST_DAY, name="冯债权", kind=ClaimKind.MORTGAGE, ranked_on=FIRST_DAY))
    found = await joining.world.rows("SELECT role FROM sale.party WHERE role IN ('mortgagee', 'third_party')")
    assert {row.role for row in found} == {"mortgagee", "third_party"}


@pytest.mark.parametrize(
    ("applied", "decided", "refused"),
    [
        ({"title_number": ""}, {}, JoinWithoutTitle),
        ({"title_number": "  "}, {}, JoinWithoutTitle),
        ({}, {"reason": ""}, JoinReasonMissing),
        ({}, {"article": ""}, JoinReasonMissing),
        ({}, {"debtor_kind": "enterprise"}, DebtorKindDiffers),
    ],
)
async def test_who_may_not_join_is_not_admitted(
    joining: Joining, applied: dict[str, Any], decided: dict[str, Any], refused: type[Refusal]
) -> None:
    """What the law forbids the court cannot admit; nobody becomes a party and nothing is on record."""
    await joining.open()
    application_id = await joining.apply(**applied)

    with pytest.raises(refused):
        await joining.decide(application_id, **decided)
    assert await joining.state(application_id) == "waits"
    assert await joining.world.rows("SELECT 1 FROM fund.claim") == []


async def test_security_joins_without_title(joining: Joining) -> None:
    """A mortgagee needs no title (Interp. 506)."""
    await joining.open()
    application_id = await joining.apply(title_number="", kind=ClaimKind.MORTGAGE, ranked_on=date(2020, 1, 1))

    assert (await joining.decide(application_id)).admitted


async def test_enterprise_is_for_bankruptcy_or_the_order_of_seizure(joining: Joining) -> None:
    """Against an enterprise legal person an ordinary creditor is refused; with another organisation he joins."""
    await joining.world.at(local(FIRST_DAY, 9))
    await joining.open()
    await joining.world.rows("UPDATE kernel.person SET kind = 'organisation' WHERE masked = '王**' RETURNING 1")
    application_id = await joining.apply()
    with pytest.raises(JoinAgainstEnterprise):
        await joining.decide(application_id, debtor_kind="enterprise")

    assert (await joining.decide(application_id, debtor_kind="organisation")).admitted


@pytest.mark.parametrize(
    ("changes", "refused"),
    [
        ({"debtor_name": "别人"}, JoinCaseUnknown),
        ({"case_number": "（2026）京0105执9999号"}, JoinCaseUnknown),
        ({"facts": " "}, JoinNotWritten),
        ({"document_sha256": ""}, JoinNotWritten),
        ({"amount_fen": 0}, AmountNotPositive),
        ({"kind": ClaimKind.SALE_TAX}, JoinKindRefused),
    ],
)
async def test_malformed_application_is_not_taken(
    joining: Joining, changes: dict[str, Any], refused: type[Refusal]
) -> None:
    """Whoever knows the case's number but not its debtor learns nothing of it."""
    await joining.open()

    with pytest.raises(refused):
        await joining.apply(**changes)
    assert await joining.world.rows("SELECT 1 FROM sale.join_application") == []


async def test_one_application_waits_at_a_time_and_a_repetition_is_the_same(joining: Joining) -> None:
    """Sent twice it is one; another one waits its turn."""
    await joining.open()
    same = {"command_id": new_id(), "application_id": new_id()}
    first = await joining.apply(**same)

    assert await joining.apply(**same) == first
    with pytest.raises(JoinWaits):
        await joining.apply()
    assert len(await joining.world.rows("SELECT 1 FROM sale.join_application")) == 1


async def test_refusal_is_objected_to_once_and_another_person_decides(joining: Joining) -> None:
    """Refused with reason; the applicant objects; who refused cannot decide again, the presiding judge admits."""
    await joining.open()
    application_id = await joining.apply()
    with pytest.raises(JoinNotRefused):
        await joining.object(application_id)
    await joining.decide(application_id, admit=False)
    assert await joining.state(application_id) == "refused"
    with pytest.raises(JoinApplicationUnknown):
        await joining.decide(application_id)
    with pytest.raises(JoinNotWritten):
        await joining.object(application_id, " ")
    await joining.object(application_id)
    with pytest.raises(JoinNotRefused):
        await joining.object(application_id)
    with pytest.raises(JoinDecidedBySame):
        await joining.decide(application_id)

    await joining.decide(application_id, officer=joining.world.presiding)
    assert await joining.state(application_id) == "admitted"
    assert len(await joining.world.rows("SELECT 1 FROM fund.claim")) == 1
    with pytest.raises(JoinApplicationUnknown):
        await joining.decide(application_id, officer=joining.world.presiding)
    [own] = await joining.world.read(lambda tx: applications_of_person(tx, joining.creditor.person_id))
    assert (own.state, own.reason) == ("admitted", "符合参与分配的条件")


async def test_who_recorded_a_paper_does_not_decide_on_it(joining: Joining) -> None:
    """A handler may record an application, and another officer decides on it: neither admits nor refuses alone."""
    await joining.open()
    application_id = await joining.paper(FIRST_DAY, by=joining.world.handler)
    for admit in (True, False):
        with pytest.raises(JoinRecordedBySame):
            await joining.decide(application_id, admit=admit)
    assert await joining.state(application_id) == "waits"

    await joining.decide(application_id, officer=joining.world.presiding)
    assert await joining.state(application_id) == "admitted"


async def test_second_refusal_is_final(joining: Joining) -> None:
    """The objection is turned down: nothing waits any more; he may apply anew with his title."""
    await joining.open()
    application_id = await joining.apply(title_number="")
    await joining.decide(application_id, admit=False)
    await joining.object(application_id)
    await joining.decide(application_id, admit=False, officer=joining.world.presiding)

    assert await joining.state(application_id) == "refused_finally"
    with pytest.raises(JoinNotRefused):
        await joining.object(application_id)
    assert (await joining.decide(await joining.apply())).admitted


async def test_objection_is_the_applicants_own(joining: Joining) -> None:
    """Another creditor, or an officer, objects to nothing here."""
    await joining.open()
    application_id = await joining.apply()
    await joining.decide(application_id, admit=False)
    joining.creditor = actor(Role.PARTY)
    with pytest.raises(JoinApplicationUnknown):
        await joining.object(application_id)
    joining.creditor = joining.world.handler
    with pytest.raises(RoleLacking):
        await joining.object(application_id)


async def test_courts_setting_moves_the_end(joining: Joining) -> None:
    """By default the ruling's service ends it; where the court reads it so, the plan's first service does."""
    world = joining.world
    await passed(world)
    await joining.outsider()
    application_id = await joining.apply()
    with pytest.raises(JoinTooLate):
        await joining.decide(application_id)
    setting = SetJoinCutOff(
        command_id=new_id(),
        setting_id=new_id(),
        case_id=world.case_id,
        cut_off=CutOff.PLAN_FIRST_SERVED,
        basis="示例高级人民法院执行工作规程",
    )
    with pytest.raises(RoleLacking):
        await set_join_cut_off(joining.db, world.handler, setting)
    await set_join_cut_off(joining.db, actor(Role.VICE_PRESIDENT), setting)

    assert (await joining.decide(application_id)).admitted
    [row] = await world.rows("SELECT cut_off FROM sale.join_decision")
    assert row.cut_off == "plan_first_served"


async def test_a_later_setting_moves_no_end_that_was(joining: Joining) -> None:
    """Which reading counts is that of the day of the application: a setting of the day after changes nothing for it."""
    world = joining.world
    await passed(world)
    await joining.outsider()
    application_id = await joining.apply()
    [applied] = await world.rows("SELECT applied_on FROM sale.join_application")
    await world.at(local(applied.applied_on + timedelta(days=1), 9))
    setting = SetJoinCutOff(
        command_id=new_id(),
        setting_id=new_id(),
        case_id=world.case_id,
        cut_off=CutOff.PLAN_FIRST_SERVED,
        basis="示例高级人民法院执行工作规程",
    )
    await set_join_cut_off(joining.db, actor(Role.VICE_PRESIDENT), setting)

    with pytest.raises(JoinTooLate):
        await joining.decide(application_id)


async def test_a_title_that_fell_with_its_sale_ends_nothing(joining: Joining) -> None:
    """The sale is set aside after the ruling was served: the asset is enforced into again, and creditors join again."""
    world = joining.world
    await passed(world)
    await joining.outsider()
    application_id = await joining.apply()
    for state in ("set_aside", "withdrawn"):
        await world.rows(f"UPDATE sale.lot SET state = '{state}' RETURNING 1")

    assert (await joining.decide(application_id)).admitted


async def test_clerk_does_not_decide(joining: Joining) -> None:
    """The court decides by its handler or presiding judge."""
    await joining.open()
    application_id = await joining.apply()

    with pytest.raises(RoleLacking):
        await joining.decide(application_id, officer=joining.world.clerk)


async def test_database_holds_it_too(joining: Joining) -> None:
    """Append-only; nothing follows an admission."""
    await joining.open()
    await joining.decide(await joining.apply())
    for statement in (
        "UPDATE sale.join_application SET amount_fen = 1",
        "DELETE FROM sale.join_decision",
        (
            "INSERT INTO sale.join_decision SELECT application_id, 2, false, asset_id, debtor_kind, cut_off, reason, article, party_id, "
            "NULL, gen_random_uuid(), gen_random_uuid(), decided_at FROM sale.join_decision"
        ),
    ):
        with pytest.raises(DBAPIError):
            await joining.world.rows(statement)


async def waiting(joining: Joining) -> list[UUID]:
    """What holds up the case's money, as the fund knows it."""
    found = await joining.world.read(lambda tx: open_applications(tx, joining.world.case_id))
    return [one.application_id for one in found]


async def test_fund_knows_each_standing_of_an_application(joining: Joining) -> None:
    """Waiting and objected to it holds the money up; refused, admitted or refused for good it does not."""
    await joining.open()
    same = {"command_id": new_id(), "application_id": new_id()}
    application_id = await joining.apply(**same)
    await joining.apply(**same)
    assert await waiting(joining) == [application_id]
    await joining.decide(application_id, admit=False)
    assert await waiting(joining) == []
    await joining.object(application_id)
    assert await waiting(joining) == [application_id]
    await joining.decide(application_id, officer=joining.world.presiding)

    assert await waiting(joining) == []
    assert len(await joining.world.rows("SELECT 1 FROM fund.case_join")) == 4


async def test_paper_holds_up_like_an_application_at_the_desk(joining: Joining) -> None:
    """A paper of an outsider is told to the fund when it is recorded."""
    await joining.open()

    application_id = await joining.paper(FIRST_DAY)
    assert await waiting(joining) == [application_id]


async def test_late_application_holds_up_nothing_unless_the_courts_reading_changes_that_day(joining: Joining) -> None:
    """After the ruling was served nobody joins, so nothing waits for it; read by the plan's service it is in time, and all waits."""
    world = joining.world
    await passed(world)
    await joining.outsider()
    application_id = await joining.apply()
    assert await waiting(joining) == []
    setting = SetJoinCutOff(
        command_id=new_id(),
        setting_id=new_id(),
        case_id=world.case_id,
        cut_off=CutOff.PLAN_FIRST_SERVED,
        basis="示例高级人民法院执行工作规程",
    )
    await set_join_cut_off(joining.db, actor(Role.VICE_PRESIDENT), setting)

    assert await waiting(joining) == [application_id]
