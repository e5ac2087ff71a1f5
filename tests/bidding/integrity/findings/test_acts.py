"""The court's acts on findings: each with reason and article, never changed; nobody is named before the close; labels follow."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from auction.contracts import RosterEntry, RoundRoster
from auction.kernel.actors import Actor, Role
from auction.kernel.db import Database, Transaction
from auction.kernel.errors import Refusal
from auction.kernel.ids import AccountId, PersonId, new_id
from auction.kernel.persons import Kind
from bidding.integrity.findings import act_store as store
from bidding.integrity.findings.act_on_finding import ActOnFinding, act_on_finding
from bidding.integrity.findings.acts import RESTS, Spoken, Word, label_of
from bidding.integrity.findings.answer_explanation import AnswerExplanation, answer_explanation
from bidding.integrity.findings.ask_explanation import AskExplanation, ask_explanation
from bidding.integrity.findings.decide_sanction import DecideSanction, decide_sanction
from bidding.integrity.findings.export_labels import export_labels
from bidding.integrity.findings.findings import Subject
from bidding.integrity.findings.open_roster import OpenRoster, open_roster
from bidding.integrity.findings.record_police_answer import RecordPoliceAnswer, record_police_answer
from bidding.integrity.findings.store import concluded_among, queue_of_cases, raise_findings
from bidding.integrity.findings.tables import RoundRecordRow
from tests.bidding.integrity.test_findings import finding

AT = datetime(2026, 9, 1, tzinfo=UTC)


def actor(*roles: Role) -> Actor:
    """Make somebody with these roles."""
    return Actor(account_id=AccountId(new_id()), person_id=PersonId(new_id()), roles=frozenset(roles))


class Behind:
    """Who stands behind which code."""

    def __init__(self, codes: dict[UUID, str]) -> None:
        """Keep the code of each person."""
        self.codes = codes
        self.kind: Kind = "organisation"

    async def own_code(self, tx: Transaction, round_id: UUID, person_id: UUID) -> str | None:
        """Give it."""
        return self.codes.get(person_id)

    async def name_behind(self, tx: Transaction, round_id: UUID, code: str) -> str:
        """Name him."""
        return f"竞买人{code}"

    async def kind_behind(self, tx: Transaction, round_id: UUID, code: str) -> Kind:
        """Say what he is."""
        return self.kind


class Bench:
    """One finding about code A0001 of one round of one case."""

    def __init__(self, db: Database) -> None:
        """Make the ids."""
        self.db = db
        self.judge, self.president = actor(Role.CASE_HANDLER), actor(Role.PRESIDENT)
        self.bidder = actor(Role.BIDDER)
        self.round_id, self.case_id = new_id(), new_id()
        self.finding = finding(str(self.round_id))
        self.behind = Behind({self.bidder.person_id: "A0001"})

    async def raised(self) -> None:
        """Raise the finding."""
        cases = {str(self.round_id): self.case_id}
        await self.db.transact(lambda tx: raise_findings(tx, [self.finding], cases))

    async def over(self) -> None:
        """Let the round end and be recorded."""
        roster = RoundRoster(
            session_id=new_id(),
            round_id=self.round_id,
            lot_id=new_id(),
            case_id=self.case_id,
            kind="first_auction",
            asset_class="home",
            place="110100",
            reserve_fen=1,
            increment_fen=1,
            deposit_fen=1,
            reference_fen=1,
            opens_at=AT,
            closes_at=AT + timedelta(days=1),
            debtors=(),
            agency="",
            previous_round_id=None,
            entries=(RosterEntry(code="A0001", party="p1"), RosterEntry(code="B0002", party="p2")),
        )

        async def work(tx: Transaction) -> None:
            row = RoundRecordRow(
                round_id=self.round_id,
                session_id=roster.session_id,
                case_id=self.case_id,
                roster=msgspec.to_builtins(roster),
                closed_at=AT + timedelta(days=1),
            )
            tx.session.add(row)

        await self.db.transact(work)

    async def act(self, act: str, *, by: Actor | None = None, **changes: Any) -> int:  # noqa: ANN401 - fields of the command
        """Take an act."""
        fields: dict[str, Any] = {"reason": "示例理由", "act": act} | changes
        command = ActOnFinding(
            command_id=new_id(),
            case_id=self.case_id,
            finding_id=self.finding.finding_id,
            **fields,
        )
        return await act_on_finding(self.db, by or self.judge, command, self.behind)

    async def ask(self, *, code: str = "A0001", days: int = 5, by: Actor | None = None) -> UUID:
        """Ask for an explanation."""
        command = AskExplanation(
            command_id=new_id(),
            request_id=new_id(),
            case_id=self.case_id,
            finding_id=self.finding.finding_id,
            round_id=self.round_id,
            code=code,
            question="请说明连续加价的原因",
            days=days,
        )
        return await ask_explanation(self.db, by or self.judge, command)

    async def answer(self, request_id: UUID, *, by: Actor | None = None) -> UUID:
        """Answer it."""
        command = AnswerExplanation(command_id=new_id(), request_id=request_id, answer="误操作")
        return await answer_explanation(self.db, by or self.bidder, command, participants=self.behind)

    async def open_roster(self, *, by: Actor | None = None, reason: str = "核实身份") -> int:
        """Open the roster."""
        command = OpenRoster(
            command_id=new_id(),
            case_id=self.case_id,
            finding_id=self.finding.finding_id,
            round_id=self.round_id,
            reason=reason,
        )
        return await open_roster(self.db, by or self.judge, command)

    async def decide(self, number: int, *, by: Actor | None = None, approves: bool = True) -> int:
        """Decide a proposed sanction."""
        command = DecideSanction(
            command_id=new_id(),
            case_id=self.case_id,
            finding_id=self.finding.finding_id,
            number=number,
            approves=approves,
            reason="同意",
        )
        return await decide_sanction(self.db, by or self.president, command)

    async def police_answered(self, number: int) -> int:
        """Record what the police answered."""
        command = RecordPoliceAnswer(
            command_id=new_id(),
            case_id=self.case_id,
            finding_id=self.finding.finding_id,
            number=number,
            answer="不予立案",
        )
        return await record_police_answer(self.db, self.judge, command)

    async def words(self) -> list[store.WordSpoken]:
        """Give the words on the finding."""
        async with self.db.reading() as tx:
            return (await store.spoken_on(tx, [self.finding.finding_id]))[self.finding.finding_id]

    def fine(self, fen: int, against: str = "person") -> dict[str, Any]:
        """Give the fields of a fine."""
        return {"fine_fen": fen, "against": against, "round_id": self.round_id, "code": "A0001"}


@pytest.fixture
async def bench(database: Database) -> Bench:
    """A raised finding of a running round."""
    made = Bench(database)
    await made.raised()
    return made


async def test_every_act_stands_with_reason_and_article(bench: Bench) -> None:
    """A stay, an examination, a clearing are numbered words with their article, and the reason is never empty."""
    for act in ("stay", "rule_31", "cleared"):
        await bench.act(act)
    with pytest.raises(Refusal, match="finding_reason_needed"):
        await bench.act("stay", reason="  ")
    words = await bench.words()

    assert [(word.number, word.act, word.article) for word in words] == [
        (1, "stay", "网拍 28"),
        (2, "rule_31", "网拍 31"),
        (3, "cleared", RESTS["cleared"].article),
    ]
    assert {word.reason for word in words} == {"示例理由"}


@pytest.mark.parametrize(
    "table", ["finding_act", "explanation_request", "roster_opening", "finding_look", "evidence_pack"]
)
async def test_no_act_is_changed_or_taken_away(bench: Bench, table: str) -> None:
    """The tables of acts are append-only: no statement changes, deletes or empties them."""
    triggers = "SELECT tgtype FROM pg_trigger WHERE tgrelid = CAST(:name AS regclass) AND tgname LIKE 'append_only%'"
    async with bench.db.reading() as tx:
        found = (await tx.session.execute(text(triggers), {"name": f"bidding.{table}"})).scalars().all()
    with pytest.raises(DBAPIError, match=r"append_only|permission denied|must be owner"):
        await bench.db.transact(lambda tx: tx.session.execute(text(f"TRUNCATE bidding.{table} CASCADE")))

    update, delete, truncate = 16, 8, 32
    assert all(any(kind & act for kind in found) for act in (update, delete, truncate))


@pytest.mark.parametrize("role", [Role.BIDDER, Role.FINANCE, Role.ADMINISTRATOR, Role.SUPERVISOR, Role.CLERK])
async def test_only_judges_act(bench: Bench, role: Role) -> None:
    """Bidders, finance, operators, supervisors and clerks take no act, ask nobody and open nothing."""
    calls: list[Callable[[Actor], Awaitable[object]]] = [
        lambda one: bench.act("cleared", by=one),
        lambda one: bench.ask(by=one),
        lambda one: bench.open_roster(by=one),
        lambda one: bench.decide(1, by=one),
    ]
    for call in calls:
        with pytest.raises(Refusal, match="role_lacking"):
            await call(actor(role))

    assert await bench.words() == []


async def test_finding_of_another_case_is_not_there(bench: Bench) -> None:
    """A judge who names another case is told that it has no such finding."""
    bench.case_id = new_id()
    with pytest.raises(Refusal, match="finding_unknown"):
        await bench.act("cleared")


async def test_bidder_is_asked_under_his_code_and_answers_once(bench: Bench) -> None:
    """The request names a code and a last day; only who holds the code answers, once; no account stands with the answer."""
    request_id = await bench.ask()
    with pytest.raises(Refusal, match="explanation_unknown"):
        await bench.answer(request_id, by=actor(Role.BIDDER))
    await bench.answer(request_id)
    with pytest.raises(Refusal, match="explanation_given"):
        await bench.answer(request_id)
    async with bench.db.reading() as tx:
        (asked,) = await store.asked_about(tx, bench.finding.finding_id, bench.case_id)
        columns = (await tx.session.execute(text("SELECT * FROM bidding.explanation"))).keys()

    assert (asked.code, asked.answer, asked.is_late) == ("A0001", "误操作", False)
    assert set(columns) == {"request_id", "answer", "answered_on"}


async def test_a_late_answer_is_taken_and_marked(bench: Bench) -> None:
    """An answer after the last day is stored and says that it is late."""
    request_id = await bench.ask(days=1)
    await bench.db.transact(lambda tx: tx.session.execute(text("UPDATE kernel.clock SET ahead = interval '3 days'")))
    await bench.answer(request_id)
    async with bench.db.reading() as tx:
        (asked,) = await store.asked_about(tx, bench.finding.finding_id, bench.case_id)

    assert asked.is_late


@pytest.mark.parametrize(("days", "is_allowed"), [(0, False), (1, True), (30, True), (31, False)])
async def test_time_for_an_answer_has_its_limits(bench: Bench, days: int, is_allowed: bool) -> None:
    """The court gives between one and thirty days."""
    if is_allowed:
        await bench.ask(days=days)
        return
    with pytest.raises(Refusal, match="finding_ask_days_not_allowed"):
        await bench.ask(days=days)


async def test_nobody_else_is_asked(bench: Bench) -> None:
    """A code of which the finding says nothing is not asked, neither while the round runs nor after."""
    with pytest.raises(Refusal, match="finding_code_unknown"):
        await bench.ask(code="B0002")
    await bench.over()
    with pytest.raises(Refusal, match="finding_code_unknown"):
        await bench.ask(code="B0002")


async def test_roster_opens_only_after_the_close_and_once(bench: Bench) -> None:
    """While the round runs the roster stays sealed; afterwards it opens once, with a reason."""
    with pytest.raises(Refusal, match="finding_roster_sealed"):
        await bench.open_roster()
    await bench.over()
    with pytest.raises(Refusal, match="finding_reason_needed"):
        await bench.open_roster(reason="")
    await bench.open_roster()
    with pytest.raises(Refusal, match="finding_roster_open"):
        await bench.open_roster()
    async with bench.db.reading() as tx:
        opening = await store.opening_of(tx, bench.round_id, bench.case_id)

    assert opening is not None
    assert (opening.reason, opening.account_id) == ("核实身份", bench.judge.account_id)


async def test_database_refuses_to_open_a_running_round(bench: Bench) -> None:
    """Not even by hand is a roster opened whose round has no record."""
    insert = "INSERT INTO bidding.roster_opening VALUES (:round_id, :case_id, :finding_id, 1, 'x', :case_id, kernel.now_at())"
    facts = {"round_id": bench.round_id, "case_id": bench.case_id, "finding_id": bench.finding.finding_id}
    await bench.act("stay")
    with pytest.raises(DBAPIError, match="violates foreign key"):
        await bench.db.transact(lambda tx: tx.session.execute(text(insert), facts))


async def test_nobody_is_fined_under_a_code(bench: Bench) -> None:
    """Before the roster is open no fine and no detention is proposed."""
    await bench.over()
    with pytest.raises(Refusal, match="finding_roster_not_open"):
        await bench.act("fine", **bench.fine(10_000_00))


@pytest.mark.parametrize(
    ("against", "fen", "is_allowed"),
    [
        ("person", 100_000_00, True),
        ("person", 100_000_01, False),
        ("unit", 49_999_99, False),
        ("unit", 50_000_00, True),
        ("unit", 1_000_000_00, True),
        ("unit", 1_000_000_01, False),
    ],
)
async def test_fine_is_within_the_law(bench: Bench, against: str, fen: int, is_allowed: bool) -> None:
    """A person at most 100,000 yuan, a unit 50,000 to 1,000,000. Source: CPL 118."""
    await bench.over()
    await bench.open_roster()
    if is_allowed:
        assert await bench.act("fine", **bench.fine(fen, against)) == 2
        return
    with pytest.raises(Refusal, match="finding_sanction_not_allowed"):
        await bench.act("fine", **bench.fine(fen, against))


async def test_natural_person_is_not_fined_as_a_unit(bench: Bench) -> None:
    """A unit's limit is ten times a person's: it is for those behind whose code an organisation stands. Source: CPL 114, 118."""
    await bench.over()
    await bench.open_roster()
    bench.behind.kind = "natural"
    with pytest.raises(Refusal, match="finding_sanction_not_of_unit"):
        await bench.act("fine", **bench.fine(50_000_00, "unit"))

    assert await bench.act("fine", **bench.fine(50_000_00, "person")) == 2


async def test_of_a_unit_those_who_answer_for_it_may_be_fined(bench: Bench) -> None:
    """The unit, and within a person's limit the one who answers for it. Source: CPL 114(2)."""
    await bench.over()
    await bench.open_roster()

    with pytest.raises(Refusal, match="finding_sanction_not_allowed"):
        await bench.act("fine", **bench.fine(100_000_01, "person"))
    assert await bench.act("fine", **bench.fine(100_000_00, "person")) == 2


@pytest.mark.parametrize(("days", "is_allowed"), [(15, True), (16, False)])
async def test_detention_is_within_the_law(bench: Bench, days: int, is_allowed: bool) -> None:
    """At most fifteen days. Source: CPL 118."""
    await bench.over()
    await bench.open_roster()
    given: dict[str, Any] = {"detention_days": days, "round_id": bench.round_id, "code": "A0001"}
    if is_allowed:
        await bench.act("detention", **given)
        return
    with pytest.raises(Refusal, match="finding_sanction_not_allowed"):
        await bench.act("detention", **given)


async def test_president_decides_once_and_never_on_his_own_proposal(bench: Bench) -> None:
    """A fine counts when the president approved it; the proposer does not approve it, and it is decided once. Source: CPL 119."""
    both = actor(Role.CASE_HANDLER, Role.PRESIDENT)
    await bench.over()
    await bench.open_roster()
    number = await bench.act("fine", by=both, **bench.fine(10_000_00))
    with pytest.raises(Refusal, match="finding_own_proposal"):
        await bench.decide(number, by=both)
    before = label_of((word.spoken for word in await bench.words()), is_set_aside=False)
    await bench.decide(number)
    with pytest.raises(Refusal, match="finding_nothing_to_decide"):
        await bench.decide(number, approves=False)

    assert before == "open"
    assert label_of((word.spoken for word in await bench.words()), is_set_aside=False) == "acted_on"


async def test_nobody_is_sanctioned_twice_for_the_same(bench: Bench) -> None:
    """A second fine on the same code is refused while the first waits and once it is approved; not after a refusal. Source: Interp. 184."""
    await bench.over()
    await bench.open_roster()
    refused = await bench.act("fine", **bench.fine(10_000_00))
    with pytest.raises(Refusal, match="finding_sanction_repeated"):
        await bench.act("fine", **bench.fine(20_000_00))
    await bench.decide(refused, approves=False)
    await bench.decide(await bench.act("fine", **bench.fine(5_000_00)))
    with pytest.raises(Refusal, match="finding_sanction_repeated"):
        await bench.act("fine", **bench.fine(20_000_00))
    await bench.act("detention", detention_days=3, round_id=bench.round_id, code="A0001")


async def test_who_is_sanctioned_learns_it_and_nobody_of_a_proposal(bench: Bench) -> None:
    """Only what the president approved is told, to the code that it is against, with the finding behind it."""
    await bench.over()
    await bench.open_roster()
    number = await bench.act("fine", **bench.fine(10_000_00))
    told = []
    for code in ("A0001", "B0002", "A0001"):
        async with bench.db.reading() as tx:
            told.append(await store.sanctions_of(tx, {(bench.round_id, code)}))
        if len(told) == 1:
            await bench.decide(number)

    assert told[:2] == [[], []]
    (one,) = told[2]
    assert (one.proposed.fine_fen, one.approved.of_number, one.finding.screen) == (10_000_00, number, "solo_ladder")


async def test_who_is_asked_reads_the_finding_only_once_the_bidding_is_over(bench: Bench) -> None:
    """A finding may tie one code to another: it is given to who is asked after the close, not before. Source: 网拍 18(2)."""
    async with bench.db.reading() as tx:
        before = await store.finding_when_over(tx, bench.finding.finding_id)
    await bench.over()
    async with bench.db.reading() as tx:
        after = await store.finding_when_over(tx, bench.finding.finding_id)

    assert (before, after) == (None, bench.finding)


async def test_a_group_that_meets_again_leads_to_what_was_said_before(bench: Bench) -> None:
    """A later finding of the same screen about the same party leads to the earlier one of its case; no other screen's does."""
    groups = [
        msgspec.structs.replace(
            bench.finding, subject=Subject(rounds=tuple(str(new_id()) for _ in range(count)), parties=("p", "q"))
        )
        for count in (3, 4)
    ]
    other = msgspec.structs.replace(groups[0], screen="value_overrun")
    for found in (groups[0], other, groups[1]):
        cases = dict.fromkeys(found.subject.rounds, bench.case_id)
        await bench.db.transact(lambda tx, found=found, cases=cases: raise_findings(tx, [found], cases))  # type: ignore[misc]
        await bench.db.transact(
            lambda tx: tx.session.execute(text("UPDATE kernel.clock SET ahead = ahead + interval '1 day'"))
        )
    async with bench.db.reading() as tx:
        row = await store.finding_in_case(tx, groups[1].finding_id, bench.case_id)
        earlier = await store.earlier_about(tx, row, bench.case_id, limit=10)
        elsewhere = await store.earlier_about(tx, row, new_id(), limit=10)

    assert [one.finding_id for one in earlier] == [groups[0].finding_id]
    assert elsewhere == []


async def test_police_answer_is_recorded_once(bench: Bench) -> None:
    """The written answer belongs to its referral, and comes once."""
    number = await bench.act("police")
    command = RecordPoliceAnswer(
        command_id=new_id(),
        case_id=bench.case_id,
        finding_id=bench.finding.finding_id,
        number=number,
        answer="不予立案",
    )
    await record_police_answer(bench.db, bench.judge, command)
    again = msgspec.structs.replace(command, command_id=new_id())
    with pytest.raises(Refusal, match="finding_no_referral"):
        await record_police_answer(bench.db, bench.judge, again)

    assert [(word.act, word.of_number) for word in await bench.words()] == [("police", None), ("police_answered", 1)]


async def test_another_case_neither_reads_nor_decides_what_is_asked_and_proposed(database: Database) -> None:
    """A finding across two cases: each court asks of its own round, and decides and answers its own proposals alone."""
    bench, other_case, other_round = Bench(database), new_id(), new_id()
    subject = Subject(rounds=(str(bench.round_id), str(other_round)), codes=("A0001",))
    bench.finding = msgspec.structs.replace(bench.finding, subject=subject)
    cases = {str(bench.round_id): bench.case_id, str(other_round): other_case}
    await database.transact(lambda tx: raise_findings(tx, [bench.finding], cases))
    await bench.over()
    await bench.ask()
    await bench.open_roster()
    fined, referred = await bench.act("fine", **bench.fine(10_000_00)), await bench.act("police")
    await bench.act("cleared")
    own, bench.case_id = bench.case_id, other_case
    with pytest.raises(Refusal, match="finding_code_unknown"):
        await bench.ask()
    with pytest.raises(Refusal, match="finding_nothing_to_decide"):
        await bench.decide(fined)
    with pytest.raises(Refusal, match="finding_no_referral"):
        await bench.police_answered(referred)
    async with database.reading() as tx:
        asked = await store.asked_about(tx, bench.finding.finding_id, other_case)
        labels = [(await export_labels(tx, [case])).findings[0].label for case in (own, other_case)]

    assert asked == []
    assert labels == ["cleared", "open"]
    assert len(store.said_in(await bench.words(), own)) == 5
    assert store.said_in(await bench.words(), other_case) == []


async def test_what_is_done_with_or_weak_hides_no_open_finding(bench: Bench) -> None:
    """The queue has its limit: concluded findings come last in it, and weak ones after the others, however strong they are."""
    strong = [
        msgspec.structs.replace(bench.finding, screen=f"screen_{number}", strength=9.0 + number, is_weak=number > 0)
        for number in range(3)
    ]
    cases = {str(bench.round_id): bench.case_id}
    await bench.db.transact(lambda tx: raise_findings(tx, strong, cases))
    open_one, bench.finding = bench.finding, strong[0]
    await bench.act("cleared")
    async with bench.db.reading() as tx:
        queue = [row.finding_id for row in await queue_of_cases(tx, [bench.case_id], limit=3)]

    assert queue == [open_one.finding_id, strong[2].finding_id, strong[1].finding_id]


@pytest.mark.parametrize(
    ("acts", "label"),
    [
        ([], "open"),
        (["ask", "stay"], "open"),
        (["cleared"], "cleared"),
        (["rule_31"], "open"),
        (["rule_31", "cleared"], "cleared"),
        (["cleared", "police"], "cleared"),
        (["cleared", "police", "police_answered"], "acted_on"),
        (["fine"], "open"),
        (["fine", "not_approved"], "open"),
        (["fine", "approved"], "acted_on"),
    ],
)
def test_newest_concluding_word_labels(acts: list[Word], label: str) -> None:
    """A stay or a question concludes nothing, a fine only once it is approved (rule 4)."""
    assert label_of((Spoken(number=at, act=act) for at, act in enumerate(acts, 1)), is_set_aside=False) == label


@pytest.mark.parametrize("fate", ["open", "paid", "set_aside"])
async def test_examined_sale_labels_once_it_is_set_aside(bench: Bench, fate: str) -> None:
    """An examination under art. 31 is no result: the finding stays open, in labels and queue, until the sale is set aside."""
    other = msgspec.structs.replace(bench.finding, screen="other", strength=0.1)
    await bench.db.transact(lambda tx: raise_findings(tx, [other], {str(bench.round_id): bench.case_id}))
    await bench.over()
    await bench.act("rule_31")

    async def ended(tx: Transaction) -> None:
        row = await tx.session.get_one(RoundRecordRow, bench.round_id)
        row.fate, row.fate_at = fate, None if fate == "open" else tx.now

    await bench.db.transact(ended)
    async with bench.db.reading() as tx:
        labels = {one.finding_id: one.label for one in (await export_labels(tx, [bench.case_id])).findings}
        queue = [row.finding_id for row in await queue_of_cases(tx, [bench.case_id], limit=2)]
        concluded = await concluded_among(tx, [bench.finding.finding_id, other.finding_id])

    is_result = fate == "set_aside"
    assert labels[bench.finding.finding_id] == ("acted_on" if is_result else "open")
    assert (queue[-1] == bench.finding.finding_id) is is_result
    assert concluded == ({(bench.finding.finding_id, bench.case_id)} if is_result else set())


async def test_clearing_is_concluded_in_its_own_case_alone(bench: Bench) -> None:
    """What one case's court clears is off its judge's desk, and no other's."""
    await bench.act("cleared")
    async with bench.db.reading() as tx:
        concluded = await concluded_among(tx, [bench.finding.finding_id])

    assert concluded == {(bench.finding.finding_id, bench.case_id)}


async def test_labels_name_nobody(bench: Bench) -> None:
    """The export has screen, version, facts, strength and label; codes and rounds are not in it; cleared ones are controls."""
    await bench.act("cleared")
    async with bench.db.reading() as tx:
        labels = await export_labels(tx, [bench.case_id])

    (one,) = labels.findings
    assert (labels.cleared, one.label, one.is_control, one.screen) == (1, "cleared", True, "solo_ladder")
    assert b"A0001" not in msgspec.json.encode(labels)
    assert str(bench.round_id).encode() not in msgspec.json.encode(labels)
    assert one.facts["raises"] == 4
