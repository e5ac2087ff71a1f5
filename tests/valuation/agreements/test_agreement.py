"""Agreement of the parties: sealed proposals, equal prices, silence, and the court's look at third parties."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Literal
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from auction.contracts import ReferencePrice
from auction.kernel.actors import Actor, RoleLacking
from auction.kernel.clock import SHANGHAI
from auction.kernel.db import Database
from auction.kernel.ids import named_id, new_id
from auction.kernel.move_clock import move_clock
from tests.valuation.methods.ground import (
    APPLICANT,
    ASSET,
    CASE,
    CLERK,
    DEBTOR,
    HANDLER,
    JUDGE,
    PAPER,
    TENANT,
    THE_APPLICANT,
    THE_DEBTOR,
    CaseFile,
    find,
    prepare,
)
from valuation.agreements.agreement import (
    AgreementOver,
    AgreementTimeWrong,
    NotInvited,
    Proposal,
    ProposalLate,
    ProposalMalformed,
    ProposalRepeated,
    SideMissing,
    check_proposal,
    result_of,
)
from valuation.agreements.close_agreement import close_agreement
from valuation.agreements.invite_to_agree import AgreementInvited, InviteToAgree, invite_to_agree
from valuation.agreements.propose_price import ProposalTaken, ProposePrice, propose_price
from valuation.agreements.record_proposal import (
    BothSidesByOne,
    ConfirmProposal,
    RecordProposal,
    confirm_proposal,
    record_proposal,
)
from valuation.methods import step_store
from valuation.methods.order import MethodOutOfOrder
from valuation.methods.steps import PriceStands, StepRunning
from valuation.objections.confirm_agreement import ConfirmAgreement, confirm_agreement
from valuation.papers.typed_papers import PaperOfOtherScan, SecondPersonNeeded, TypedPaperLookedAt
from valuation.parties import NotThatParty
from valuation.sides.speaking import SpeaksThroughOther
from valuation.sides.state_representative import (
    ConfirmRepresentative,
    StateRepresentative,
    confirm_representative,
    state_representative,
)
from valuation.ways.ways import way_of
from valuation.ways.withdraw_method import WithdrawMethod, withdraw_method

FILE = CaseFile()
UNTIL = date(2027, 3, 8)
VALID = date(2027, 12, 31)
PRICE = 3_000_000_00


async def invite(db: Database, *, until: date = UNTIL, file: CaseFile = FILE) -> AgreementInvited:
    """Invite both sides."""
    command = InviteToAgree(command_id=new_id(), case_id=CASE, asset_id=ASSET, until=until)
    return await invite_to_agree(db, HANDLER, command, parties=file)


async def propose(
    db: Database,
    step_id: UUID,
    actor: Actor,
    party: UUID,
    amount_fen: int = PRICE,
    *,
    valid_until: date = VALID,
) -> ProposalTaken:
    """Propose a price as a party."""
    own = ProposePrice(
        command_id=new_id(), step_id=step_id, party_id=party, amount_fen=amount_fen, valid_until=valid_until
    )
    return await propose_price(db, actor, own, parties=FILE)


async def typed(db: Database, step_id: UUID, actor: Actor, party: UUID, amount_fen: int = PRICE) -> UUID:
    """Type the paper of a party; gives it."""
    recorded = RecordProposal(
        command_id=new_id(),
        step_id=step_id,
        party_id=party,
        amount_fen=amount_fen,
        valid_until=VALID,
        document_sha256=PAPER,
    )
    return await record_proposal(db, actor, recorded)


async def seconded(
    db: Database, paper_id: UUID, actor: Actor, amount_fen: int = PRICE, *, paper: str = PAPER
) -> Literal["counts", "differs"]:
    """Type a paper once more, as the second person; gives whether it counts."""
    command = ConfirmProposal(
        command_id=new_id(),
        case_id=CASE,
        paper_id=paper_id,
        amount_fen=amount_fen,
        valid_until=VALID,
        document_sha256=paper,
    )
    return (await confirm_proposal(db, actor, command)).state


async def confirm(db: Database, step_id: UUID, *, is_harmless: bool = True) -> ReferencePrice | None:
    """Have the court look at equal prices."""
    command = ConfirmAgreement(
        command_id=new_id(), step_id=step_id, is_harmless=is_harmless, reasons="未损害他人合法权益"
    )
    return (await confirm_agreement(db, HANDLER, command)).price


async def withdraw(db: Database, step_id: UUID) -> None:
    """Withdraw the agreement."""
    command = WithdrawMethod(command_id=new_id(), step_id=step_id, ground="debt_paid", document_sha256=PAPER)
    await withdraw_method(db, JUDGE, command)


async def outcome(db: Database) -> tuple[str | None, str | None]:
    """Give how the newest step ended, and why."""
    async with db.reading() as tx:
        step = (await step_store.steps_of(tx, ASSET))[-1]
    return step.outcome, step.reason


async def test_equal_proposals_become_the_price(database: Database) -> None:
    """Both propose the same, the court sees no harm, and the price is fixed until the earlier day (参考价 4, 27)."""
    await prepare(database)
    invited = await invite(database)
    await propose(database, invited.step_id, THE_APPLICANT, APPLICANT)
    taken = await propose(database, invited.step_id, THE_DEBTOR, DEBTOR, valid_until=date(2027, 11, 30))

    closed = await close_agreement(database, invited.step_id)
    price = await confirm(database, invited.step_id)

    assert invited.ground == "参考价 4(1)"
    assert set(invited.invited) == {APPLICANT, DEBTOR}
    assert taken == ProposalTaken(proposed=2, invited=2)
    assert closed is not None
    assert closed.agreed == Proposal(amount_fen=PRICE, valid_until=date(2027, 11, 30))
    assert price is not None
    assert (price.method, price.amount_fen, price.valid_until) == ("agreement", PRICE, date(2027, 11, 30))
    assert await outcome(database) == ("priced", None)
    with pytest.raises(PriceStands):
        await invite(database)


async def test_one_fen_apart_fails_and_the_next_method_opens(database: Database) -> None:
    """Prices that differ by a fen are no agreement; targeted inquiry is next."""
    await prepare(database)
    step_id = (await invite(database)).step_id
    await propose(database, step_id, THE_APPLICANT, APPLICANT, PRICE)
    await propose(database, step_id, THE_DEBTOR, DEBTOR, PRICE + 1)

    await close_agreement(database, step_id)

    assert await outcome(database) == ("failed", "prices_differ")
    with pytest.raises(AgreementOver):
        await confirm(database, step_id)
    assert await find(database, "party_absent", holds=False) == ("targeted_inquiry",)


async def test_nobody_can_read_a_proposal_before_all_are_in(database: Database) -> None:
    """What lies in the database is sealed, and an early close opens nothing."""
    await prepare(database)
    step_id = (await invite(database)).step_id
    await propose(database, step_id, THE_APPLICANT, APPLICANT)

    closed = await close_agreement(database, step_id)

    async with database.reading() as tx:
        rows = (await tx.session.execute(text("SELECT * FROM valuation.agreement_proposal"))).all()
        audit = (await tx.session.execute(text("SELECT kernel.command.* FROM kernel.command"))).all()
    assert closed is None
    assert str(PRICE) not in f"{rows}{audit}"
    assert await outcome(database) == (None, None)


@pytest.mark.parametrize(("offset_us", "in_time"), [(-1, True), (0, False), (1, False)])
async def test_proposal_counts_through_the_last_instant_of_the_last_day(
    database: Database, offset_us: int, *, in_time: bool
) -> None:
    """The time ends at midnight after the last day, to the microsecond."""
    await prepare(database)
    invited = await invite(database)
    end = datetime(2027, 3, 9, tzinfo=SHANGHAI)
    await move_clock(database, to=end + timedelta(microseconds=offset_us), freeze=True)

    assert invited.deadline_at == end
    if in_time:
        assert (await propose(database, invited.step_id, THE_APPLICANT, APPLICANT)).proposed == 1
    else:
        with pytest.raises(ProposalLate):
            await propose(database, invited.step_id, THE_APPLICANT, APPLICANT)


async def test_silence_of_one_side_fails_at_the_end_of_the_time(database: Database) -> None:
    """At the deadline the seals are opened; who proposed nothing has not agreed. A second close changes nothing."""
    await prepare(database)
    invited = await invite(database)
    await propose(database, invited.step_id, THE_APPLICANT, APPLICANT)
    await move_clock(database, to=invited.deadline_at, freeze=True)

    closed = await close_agreement(database, invited.step_id)
    again = await close_agreement(database, invited.step_id)

    assert closed is not None
    assert (closed.agreed, closed.silent, again) == (None, (DEBTOR,), None)
    assert await outcome(database) == ("failed", "silent")


async def test_court_refuses_an_agreement_that_harms_others(database: Database) -> None:
    """Equal prices that harm somebody else are no reference price (参考价 4)."""
    await prepare(database)
    step_id = (await invite(database)).step_id
    await propose(database, step_id, THE_APPLICANT, APPLICANT, 1)
    await propose(database, step_id, THE_DEBTOR, DEBTOR, 1)
    await close_agreement(database, step_id)

    assert await confirm(database, step_id, is_harmless=False) is None
    assert await outcome(database) == ("failed", "harms_others")


async def test_party_acts_for_himself_only_and_once(database: Database) -> None:
    """Nobody proposes for another, twice, or without having been asked; an officer records a signed paper."""
    await prepare(database)
    step_id = (await invite(database)).step_id

    with pytest.raises(NotThatParty):
        await propose(database, step_id, THE_APPLICANT, DEBTOR)
    with pytest.raises(NotInvited):
        await typed(database, step_id, HANDLER, named_id("test party", "unknown"))
    with pytest.raises(NotInvited):
        await typed(database, step_id, CLERK, TENANT)
    with pytest.raises(RoleLacking):
        await propose(database, step_id, CLERK, DEBTOR)
    assert await seconded(database, await typed(database, step_id, CLERK, DEBTOR), HANDLER) == "counts"
    with pytest.raises(ProposalRepeated):
        await propose(database, step_id, THE_DEBTOR, DEBTOR, PRICE + 100)


async def test_invitation_needs_both_sides_a_time_and_its_turn(database: Database) -> None:
    """Without a debtor, with a time that is over, beside a running method or against the order nothing is opened."""
    await prepare(database)

    with pytest.raises(SideMissing):
        await invite(database, file=CaseFile((APPLICANT, "applicant", "applicant")))
    with pytest.raises(AgreementTimeWrong):
        await invite(database, until=date(2027, 3, 1))
    command = InviteToAgree(command_id=new_id(), case_id=CASE, asset_id=ASSET, until=UNTIL)
    with pytest.raises(RoleLacking):
        await invite_to_agree(database, THE_DEBTOR, command, parties=FILE)
    await find(database, "party_absent")
    with pytest.raises(MethodOutOfOrder):
        await invite(database)
    await find(database, "party_absent", holds=False)
    await invite(database, until=date(2027, 3, 2))
    with pytest.raises(StepRunning):
        await invite(database)


@pytest.mark.parametrize(
    ("amount_fen", "valid_until", "is_right"),
    [
        (0, VALID, False),
        (1, VALID, True),
        (10**14 - 1, VALID, True),
        (10**14, VALID, False),
        (PRICE, date(2027, 2, 28), False),
        (PRICE, date(2027, 3, 1), True),
        (PRICE, date(2028, 3, 1), True),
        (PRICE, date(2028, 3, 2), False),
    ],
)
def test_proposal_is_a_price_valid_for_a_year_at_most(amount_fen: int, valid_until: date, *, is_right: bool) -> None:
    """Amount and validity at their bounds (参考价 4, 27)."""
    proposal = Proposal(amount_fen=amount_fen, valid_until=valid_until)

    if is_right:
        check_proposal(proposal, today=date(2027, 3, 1))
    else:
        with pytest.raises(ProposalMalformed):
            check_proposal(proposal, today=date(2027, 3, 1))


def test_three_parties_agree_only_all_together() -> None:
    """With several on a side all prices must be equal."""
    one, two, three = new_id(), new_id(), new_id()
    same = Proposal(amount_fen=PRICE, valid_until=VALID)

    assert result_of([one, two, three], {one: same, two: same}).agreed is None
    assert result_of([one, two, three], {one: same, two: same, three: same}).agreed == same


async def test_one_officer_cannot_make_both_sides_agree(database: Database) -> None:
    """Whoever typed one side's paper types none of the other's, and does not decide on the result."""
    await prepare(database)
    step_id = (await invite(database)).step_id
    first = await typed(database, step_id, CLERK, APPLICANT)

    with pytest.raises(BothSidesByOne):
        await typed(database, step_id, CLERK, DEBTOR)
    await seconded(database, first, HANDLER)
    with pytest.raises(BothSidesByOne):
        await typed(database, step_id, CLERK, DEBTOR)
    await seconded(database, await typed(database, step_id, HANDLER, DEBTOR), CLERK)
    await close_agreement(database, step_id)
    with pytest.raises(BothSidesByOne):
        await confirm(database, step_id)


async def test_withdrawn_seals_stay_closed(database: Database) -> None:
    """After a withdrawal nobody reads what was proposed; one that was opened before counts like a failure."""
    await prepare(database)
    first = (await invite(database)).step_id
    await propose(database, first, THE_APPLICANT, APPLICANT)
    await withdraw(database, first)
    async with database.reading() as tx:
        way = await way_of(tx, ASSET)
    assert way.agreement is not None
    assert [party.proposal for party in way.agreement.invited] == [None, None]

    second = (await invite(database)).step_id
    await propose(database, second, THE_APPLICANT, APPLICANT)
    await propose(database, second, THE_DEBTOR, DEBTOR)
    await close_agreement(database, second)
    await withdraw(database, second)
    with pytest.raises(MethodOutOfOrder):
        await invite(database)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE valuation.agreement SET deadline_at = deadline_at + interval '1 day'",
        "DELETE FROM valuation.agreement",
        "UPDATE valuation.agreement_invited SET side = 'applicant'",
        "DELETE FROM valuation.method_step",
        "UPDATE valuation.method_step SET ground = '参考价 7(2)'",
        "TRUNCATE valuation.method_step CASCADE",
    ],
)
async def test_database_keeps_the_way_to_a_price(database: Database, statement: str) -> None:
    """What was opened stays as it was opened, whoever writes to the database."""
    await prepare(database)
    await invite(database)

    with pytest.raises(DBAPIError, match=r"row_kept|append_only|opened once"):
        async with database.transaction() as tx:
            await tx.session.execute(text(statement))


async def test_typed_price_counts_only_behind_a_second_person(database: Database) -> None:
    """Nothing is opened while a paper waits; who typed it, another scan and another figure confirm nothing."""
    await prepare(database)
    step_id = (await invite(database)).step_id
    await propose(database, step_id, THE_APPLICANT, APPLICANT)
    paper = await typed(database, step_id, CLERK, DEBTOR)
    await move_clock(database, to=datetime(2027, 3, 9, tzinfo=SHANGHAI), freeze=True)

    assert await close_agreement(database, step_id) is None
    with pytest.raises(SecondPersonNeeded):
        await seconded(database, paper, CLERK)
    with pytest.raises(PaperOfOtherScan):
        await seconded(database, paper, HANDLER, paper="0" * 64)
    assert await seconded(database, paper, HANDLER, PRICE + 1) == "differs"
    with pytest.raises(TypedPaperLookedAt):
        await seconded(database, paper, HANDLER)
    closed = await close_agreement(database, step_id)
    assert closed is not None
    assert closed.silent == (DEBTOR,)


async def test_typed_price_in_time_counts_though_confirmed_late(database: Database) -> None:
    """What was typed on the last day agrees when it is confirmed on the next: the second person makes nobody late."""
    await prepare(database)
    step_id = (await invite(database)).step_id
    await propose(database, step_id, THE_APPLICANT, APPLICANT)
    await move_clock(database, to=datetime(2027, 3, 8, 23, 59, 59, tzinfo=SHANGHAI), freeze=True)
    paper = await typed(database, step_id, CLERK, DEBTOR)
    await move_clock(database, to=datetime(2027, 3, 9, 9, tzinfo=SHANGHAI), freeze=True)

    assert await seconded(database, paper, HANDLER) == "counts"
    closed = await close_agreement(database, step_id)
    assert closed is not None
    assert closed.agreed == Proposal(amount_fen=PRICE, valid_until=VALID)


async def test_database_keeps_an_unchecked_price_out(database: Database) -> None:
    """Even past the use case no proposal rests on a paper that nobody found right."""
    await prepare(database)
    step_id = (await invite(database)).step_id
    paper = await typed(database, step_id, CLERK, DEBTOR)
    with pytest.raises(DBAPIError, match="typed_paper_unchecked"):
        async with database.transaction() as tx:
            await tx.session.execute(
                text(
                    "INSERT INTO valuation.agreement_proposal (step_id, party_id, sealed, proposed_at, paper_id) "
                    "VALUES (:step, :party, '', :now, :paper)"
                ),
                {"step": step_id, "party": DEBTOR, "now": tx.now, "paper": paper},
            )


async def test_represented_party_is_not_asked(database: Database) -> None:
    """Of two debtors one stated the other by a paper of two persons: that one speaks, and his price makes the agreement."""
    await prepare(database)
    second = named_id("test party", "second debtor")
    file = CaseFile(
        (APPLICANT, "applicant", "applicant"), (DEBTOR, "debtor", "judgment_debtor"), (second, "two", "judgment_debtor")
    )
    stating = StateRepresentative(
        command_id=new_id(), case_id=CASE, party_id=second, representative_id=DEBTOR, document_sha256=PAPER
    )
    paper = await state_representative(database, HANDLER, stating, parties=file)
    seen = ConfirmRepresentative(command_id=new_id(), case_id=CASE, paper_id=paper, document_sha256=PAPER)
    await confirm_representative(database, CLERK, seen, parties=file)
    invited = await invite(database, file=file)
    with pytest.raises(SpeaksThroughOther):
        await typed(database, invited.step_id, CLERK, second)
    await propose(database, invited.step_id, THE_APPLICANT, APPLICANT)
    await propose(database, invited.step_id, THE_DEBTOR, DEBTOR)
    closed = await close_agreement(database, invited.step_id)

    assert set(invited.invited) == {APPLICANT, DEBTOR}
    assert closed is not None
    assert closed.agreed is not None
