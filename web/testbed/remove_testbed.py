"""Take a testbed away: its lots are withdrawn, its bidders' sign-ins end, their accounts are closed. Its records stay, as all records do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final
from uuid import UUID

from auction.kernel.clock import real_now
from auction.kernel.config import Settings
from auction.kernel.db import Database
from auction.kernel.errors import Conflict
from auction.kernel.move_clock import read_stamp
from auction.sale.cases.documents import DocumentKind
from auction.sale.cases.issue_document import IssueDocument, issue_document
from auction.sale.cases.seal import Seal
from auction.sale.cases.seal_document import SealDocument, seal_document
from auction.sale.rounds import store as rounds
from auction.sale.rounds.stop_round import StopRound, stop_round
from web.process import open_database
from web.testbed.announce_lots import Court, Names
from web.testbed.issue_tokens import end_accounts
from web.testbed.testbed import LOTS_LIMIT, NoSuchTestbed, Schedule, id_of, require_test

GROUND: Final = "application_withdrawn"
RUNNING: Final = ("announced", "open", "stopped")


class NotSealedYet(Conflict):
    """The seal service has not sealed the withdrawal yet."""

    code = "testbed_not_sealed_yet"
    article = "house: a withdrawal is a sealed document"
    zh = "印章服务尚未对撤回决定书用印，请稍后重试。"
    en = "The seal service has not sealed the withdrawal yet; try again in a moment."


async def remove_testbed(settings: Settings, name: str, *, seal: Seal, tell: Callable[[str], None]) -> None:
    """Withdraw what still runs, end all sign-ins, close the accounts; again it changes nothing.

    Raises: `WrongInstallation`, `NoSuchTestbed`, `NotSealedYet` (call it again), and the refusals of `seal_document`.
    """
    require_test(settings.installation)
    db = open_database(settings)
    try:
        async with db.reading() as tx:
            require_test(await read_stamp(tx.session))
            first = await rounds.newest_round(tx, Names(name).lot(0))
            if first is None:
                raise NoSuchTestbed(name=name)
        times = Schedule(announced_at=first.announced_at, opens_at=first.opens_at, closes_at=first.closes_at)
        court = Court(name, times)
        running, accounts = await _found(db, court)
        await end_accounts(db, accounts, now=real_now())
        tell(f"{len(accounts)} accounts closed")
        for number in running:
            await _withdraw(db, court, number, seal=seal)
        tell(f"{len(running)} lots withdrawn")
    finally:
        await db.close()


async def _found(db: Database, court: Court) -> tuple[list[int], list[UUID]]:
    """Give the lots whose rounds still run, and the accounts of all bidders."""
    running: list[int] = []
    accounts: list[UUID] = []
    async with db.reading() as tx:
        for number in range(LOTS_LIMIT):
            known = await rounds.newest_round(tx, court.lot(number))
            if known is None:
                break
            if known.state in RUNNING:
                running.append(number)
            accounts += [one.account_id for one in await rounds.registrations_of(tx, known.round_id)]
    return running, accounts


async def _withdraw(db: Database, court: Court, number: int, *, seal: Seal) -> None:
    """Issue the decision, have it sealed, and stop the lot's round by it (网拍 36)."""
    document_id = id_of(court.name, "withdrawal", str(number))
    document = IssueDocument(
        command_id=court.command("issue withdrawal", str(number)),
        document_id=document_id,
        case_id=court.case(number),
        kind=DocumentKind.WITHDRAWAL_DECISION,
        title="撤回拍卖决定书",
        body="压测结束，撤回拍卖。",
        lot_id=court.lot(number),
    )
    await issue_document(db, court.handler, document)
    sealing = await seal_document(
        db,
        court.handler,
        SealDocument(
            command_id=court.command("seal withdrawal", str(number)),
            case_id=court.case(number),
            document_id=document_id,
        ),
        seal=seal,
    )
    if sealing.state != "sealed":
        raise NotSealedYet
    stop = StopRound(
        command_id=court.command("withdraw", str(number)),
        stop_id=id_of(court.name, "stop", str(number)),
        round_id=court.round(number),
        kind="withdrawal",
        ground=GROUND,
        reason="压测结束",
        document_id=document_id,
    )
    await stop_round(db, court.handler, stop)
