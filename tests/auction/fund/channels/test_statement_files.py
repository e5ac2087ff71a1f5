"""Statements that come as files: one officer brings, another natural person confirms, then each line is taken once."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from auction.fund.channels.bring_statement import (
    BringStatement,
    StatementGap,
    StatementRepeated,
    bring_statement,
)
from auction.fund.channels.confirm_statement import (
    TAKE_STATEMENT,
    ConfirmStatement,
    LinesNotCompared,
    OwnStatement,
    StatementDiffers,
    StatementTaken,
    StatementUnknown,
    confirm_statement,
    handle_take_statement,
    statement_files,
    with_lines,
)
from auction.fund.channels.iso20022.messages import MessageMalformed, MessageUnsafe
from auction.fund.channels.iso20022.statements import BalancesWrong
from auction.fund.channels.poll_bank import poll_bank
from auction.fund.ledger.accounts import AccountKind
from auction.kernel.actors import Actor, Role, RoleLacking
from auction.kernel.ids import AccountId, new_id
from auction.kernel.jobs import Job
from tests.auction.fund.channels.iso20022.test_messages import STATEMENT
from tests.auction.fund.world import Crashed, World

OPENING, CLOSING, LINES = 10_000, 34_999, 2
BEFORE = 4
"""Lines that the house knows before the sample statement begins."""


@pytest.fixture
async def known(world: World) -> World:
    """A world whose statement stands at line 4 and ¥100.00."""
    for _ in range(BEFORE):
        world.bank.pay_in(OPENING // BEFORE, name="某人")
    await poll_bank(world.db, world.bank)
    return world


async def brought(world: World, officer: Actor, statement: str = STATEMENT) -> BringStatement:
    """Bring a statement."""
    command = BringStatement(command_id=new_id(), file_id=new_id(), text=statement)
    await bring_statement(world.db, officer, command, bank=world.bank)
    return command


def confirming(file: BringStatement, *, compared: bool = True, **changes: int) -> ConfirmStatement:
    """Give the confirmation of a file by what the bank's paper says."""
    said = {"opening_fen": OPENING, "closing_fen": CLOSING, "line_count": LINES, **changes}
    return ConfirmStatement(command_id=new_id(), file_id=file.file_id, lines_compared=compared, **said)


async def lines(world: World) -> list[tuple[int, int]]:
    """Numbers and balances of the lines that were taken."""
    async with world.db.reading() as tx:
        found = await tx.session.execute(text("SELECT sequence, balance_fen FROM fund.bank_line ORDER BY sequence"))
        return [(row.sequence, row.balance_fen) for row in found]


async def test_second_officer_is_shown_each_line_without_names(known: World) -> None:
    """Amount and last digits of each counter account, to him alone; without his word that he compared them nothing is confirmed."""
    first, second = await known.officer(Role.FINANCE), await known.officer(Role.FINANCE)
    file = await brought(known, first)
    async with known.db.reading() as tx:
        files = await statement_files(tx)
        (his,) = await with_lines(tx, files, person_id=first.person_id, bank=known.bank)
        (others,) = await with_lines(tx, files, person_id=second.person_id, bank=known.bank)

    assert his.lines == ()
    assert [(line.is_in, line.amount_fen, line.account_end) for line in others.lines] == [
        (True, 250_00, "6222"),
        (False, 1, "6333"),
    ]
    with pytest.raises(LinesNotCompared):
        await confirm_statement(known.db, second, confirming(file, compared=False), bank=known.bank)
    assert len(await lines(known)) == BEFORE


async def test_statement_is_booked_after_the_second_officer(known: World) -> None:
    """Nothing is booked by bringing; the second officer's confirmation takes each line, once, with its numbers and balances."""
    first, second = await known.officer(Role.FINANCE), await known.officer(Role.FINANCE)
    file = await brought(known, first)
    assert len(await lines(known)) == BEFORE

    await confirm_statement(known.db, second, confirming(file), bank=known.bank)
    await known.run_jobs()

    assert (await lines(known))[BEFORE:] == [(5, 35_000), (6, 34_999)]
    assert await known.house(AccountKind.UNATTRIBUTED) == 35_000
    async with known.db.reading() as tx:
        assert [shown.confirmed for shown in await statement_files(tx)] == [True]
    await known.require_straight()


async def test_nobody_confirms_his_own_statement_whatever_his_account(known: World) -> None:
    """Two natural persons: another account of the same person is refused, by the house and by the database."""
    first = await known.officer(Role.FINANCE)
    again = Actor(account_id=AccountId(new_id()), person_id=first.person_id, roles=frozenset({Role.FINANCE}))
    file = await brought(known, first)

    for officer in (first, again):
        with pytest.raises(OwnStatement):
            await confirm_statement(known.db, officer, confirming(file), bank=known.bank)
    with pytest.raises(DBAPIError, match="statement_own"):
        async with known.db.transaction() as tx:
            await tx.session.execute(
                text(
                    "INSERT INTO fund.statement_confirmation SELECT file_id, brought_by, now() FROM fund.statement_file"
                )
            )


@pytest.mark.parametrize("change", [{"opening_fen": 9_999}, {"closing_fen": 35_000}, {"line_count": 3}])
async def test_figures_that_are_not_the_files_are_refused(known: World, change: dict[str, Any]) -> None:
    """The second officer names balances and number of lines himself; a fen or a line off is refused, the right ones go through."""
    file = await brought(known, await known.officer(Role.FINANCE))
    second = await known.officer(Role.FINANCE)

    with pytest.raises(StatementDiffers):
        await confirm_statement(known.db, second, confirming(file, **change), bank=known.bank)
    await confirm_statement(known.db, second, confirming(file), bank=known.bank)
    with pytest.raises(StatementUnknown):
        await confirm_statement(known.db, second, confirming(file), bank=known.bank)


@pytest.mark.parametrize(
    ("old", "new", "refusal"),
    [
        (">100.00<", ">100.01<", BalancesWrong),
        ("<NtryRef>5</NtryRef>", "<NtryRef>6</NtryRef>", StatementGap),
        ("<NtryRef>6</NtryRef>", "<NtryRef>7</NtryRef>", StatementGap),
        ("<AcctSvcrRef>B-6</AcctSvcrRef>", "<AcctSvcrRef>B-5</AcctSvcrRef>", MessageMalformed),
        ("<AcctSvcrRef>B-6</AcctSvcrRef>", "<AcctSvcrRef>L1</AcctSvcrRef>", StatementRepeated),
        ("<Document", "<!DOCTYPE x><Document", MessageUnsafe),
    ],
)
async def test_statement_that_does_not_fit_is_not_kept(
    known: World, old: str, new: str, refusal: type[Exception]
) -> None:
    """Wrong balance, a number too high, a line twice or taken before, a document type: refused, and nothing is stored."""
    with pytest.raises(refusal):
        await brought(known, await known.officer(Role.FINANCE), STATEMENT.replace(old, new, 1))

    async with known.db.reading() as tx:
        assert await statement_files(tx) == []


async def test_statement_that_opens_at_another_balance_is_refused(world: World) -> None:
    """Before the first line the statement must open at nothing."""
    with pytest.raises(StatementGap):
        await brought(world, await world.officer(Role.FINANCE))


async def test_same_file_is_taken_once_and_numbers_follow(known: World) -> None:
    """A repetition is refused; the next statement carries the next number, or begins a new year at one."""
    first, second = await known.officer(Role.FINANCE), await known.officer(Role.FINANCE)
    file = await brought(known, first)
    with pytest.raises(StatementRepeated):
        await brought(known, second)
    await confirm_statement(known.db, second, confirming(file), bank=known.bank)
    await known.run_jobs()
    empty = STATEMENT[: STATEMENT.index("<Ntry>")] + "</Stmt></BkToCstmrStmt></Document>"
    following = empty.replace(">100.00<", ">349.99<")

    for number in (6, 7, 9):
        with pytest.raises(StatementGap):
            await brought(known, first, following.replace(">7<", f">{number}<"))
    for number in (8, 1):
        await brought(known, first, following.replace(">7<", f">{number}<"))


async def test_line_that_came_meanwhile_makes_the_file_stale(known: World) -> None:
    """What was read over the line between the two officers' steps is not booked again from the file."""
    file = await brought(known, await known.officer(Role.FINANCE))
    known.bank.pay_in(1, name="某人")
    await poll_bank(known.db, known.bank)

    with pytest.raises(StatementGap):
        await confirm_statement(known.db, await known.officer(Role.FINANCE), confirming(file), bank=known.bank)


async def test_taking_of_lines_dies_at_every_step_and_ends_the_same(known: World) -> None:
    """A worker that dies before or after any line begins again: each line is there once, the books are straight."""
    file = await brought(known, await known.officer(Role.FINANCE))
    await confirm_statement(known.db, await known.officer(Role.FINANCE), confirming(file), bank=known.bank)
    payload = msgspec.json.encode(StatementTaken(file_id=file.file_id))
    job = Job(job_id=new_id(), kind=TAKE_STATEMENT, payload=payload, attempts=0)
    for at in range(1, LINES + 1):
        for after in (False, True):
            with pytest.raises(Crashed):
                await handle_take_statement(known.crash_at(at, after=after), known.bank, job)

    for _ in range(2):
        await handle_take_statement(known.db, known.bank, job)

    assert (await lines(known))[BEFORE:] == [(5, 35_000), (6, 34_999)]
    assert await known.house(AccountKind.UNATTRIBUTED) == 35_000
    await known.require_straight()


@pytest.mark.parametrize("role", [Role.CASHIER, Role.CASE_HANDLER, Role.CLERK])
async def test_only_finance_confirms(known: World, role: Role) -> None:
    """A cashier may bring a statement, handler and clerk not even that; none of them confirms one."""
    officer = await known.officer(role)
    file = await brought(known, await known.officer(Role.FINANCE))
    with pytest.raises(RoleLacking):
        await confirm_statement(known.db, officer, confirming(file), bank=known.bank)

    another = STATEMENT.replace("<Id>S1</Id>", "<Id>S2</Id>")
    if role is Role.CASHIER:
        await brought(known, officer, another)
    else:
        with pytest.raises(RoleLacking):
            await brought(known, officer, another)


async def test_file_is_sealed(known: World) -> None:
    """Nothing of the file can be read in the database."""
    await brought(known, await known.officer(Role.FINANCE))

    async with known.db.reading() as tx:
        row = (await tx.session.execute(text("SELECT body_sealed, fingerprint FROM fund.statement_file"))).one()
    assert "张示范".encode() not in row.body_sealed
    assert len(row.fingerprint) == 64
