"""Payouts that do not go straight: delays, escrow, unclaimed shares, returns, changed accounts, crooked books."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import msgspec
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from auction.fund.case_file import DocumentNotSealed, note_court
from auction.fund.payouts.clocks import Clock, NoDelayGround
from auction.fund.payouts.confirm_payee_account import (
    ConfirmPayeeAccount,
    RecordPayeeAccount,
    confirm_payee_account,
    record_payee_account,
)
from auction.fund.payouts.delay_payout import (
    AskPayoutDelay,
    DecidePayoutDelay,
    DelayEndWrong,
    DelayOpen,
    DelayUnknown,
    DelayView,
    EndPayoutDelay,
    ask_payout_delay,
    decide_payout_delay,
    end_payout_delay,
)
from auction.fund.payouts.disbursements import (
    AccountEvidenceMissing,
    NoticeNotServed,
    PayeeAccountMissing,
    ShareExceeded,
    SpecialAuthorityNeeded,
)
from auction.fund.payouts.escrow import (
    EscrowClaimLate,
    EscrowCostPayeeMissing,
    EscrowDecisionUsed,
    EscrowUnknown,
    NoEscrowGround,
    NothingLeftOfShare,
    OwnRequest,
    UnclaimedNotApproved,
    UnclaimedUnknown,
)
from auction.fund.payouts.escrow_order_text import EscrowOrderDiffers
from auction.fund.payouts.payout_clock import payout_clock
from auction.fund.payouts.prepare_disbursement import PrepareDisbursement, prepare_disbursement
from auction.fund.payouts.publish_unclaimed import (
    ApproveUnclaimed,
    PublishUnclaimed,
    UnclaimedView,
    approve_unclaimed,
    publish_unclaimed,
    unclaimed_shares,
)
from auction.fund.payouts.put_in_escrow import (
    ClaimEscrow,
    EscrowView,
    PutInEscrow,
    claim_escrow,
    escrow_view,
    escrows,
    put_in_escrow,
)
from auction.fund.payouts.set_payout_days import CourtUnknown, SetPayoutDays, set_payout_days
from auction.fund.settlement.reopen_case_account import NothingCameBack, ReopenCaseAccount, reopen_case_account
from auction.kernel.actors import Actor, Role, RoleLacking
from auction.kernel.clock import day_start, local_day
from auction.kernel.db import Database
from auction.kernel.ids import AccountId, new_id
from auction.kernel.move_clock import move_clock
from auction.kernel.persons import name_of
from tests.auction.fund.settlement.test_settlement_flow import MORTGAGE, ORDINARY, PRICE, Sale
from tests.auction.fund.world import World

COST = 200_00


@pytest.fixture
def sale(db: Database) -> Sale:
    """A sale in a world in which nothing happened yet."""
    return Sale(World(db))


# Clocks --------------------------------------------------------------------------------------------------------------


async def test_court_binds_itself_to_less(sale: Sale) -> None:
    """A court's own five days bind from the day on which they were set; clocks that run already keep theirs."""
    await sale.prepare()
    db, world = sale.world.db, sale.world
    vice = await world.officer(Role.VICE_PRESIDENT)
    command = SetPayoutDays(command_id=new_id(), case_id=world.case_id, days=5, basis="示范高院〔2026〕1号")
    with pytest.raises(CourtUnknown):
        await set_payout_days(db, vice, command)
    with pytest.raises(RoleLacking):
        await set_payout_days(db, sale.handler, command)
    await db.transact(lambda tx: note_court(tx, case_id=world.case_id, court="示范市中级人民法院"))

    await set_payout_days(db, vice, command)

    async with db.reading() as tx:
        clock = await payout_clock(tx, world.case_id)
        assert clock is not None
        assert (clock.binding, clock.due) == (Clock.LOCAL, clock.complete_on + timedelta(days=5))
        assert clock.local_by == clock.due
    again = SetPayoutDays(command_id=new_id(), case_id=world.case_id, days=3, basis="示范高院〔2026〕2号")
    await move_clock(db, to=day_start(clock.complete_on + timedelta(days=1)))
    await set_payout_days(db, vice, again)
    async with db.reading() as tx:
        assert await payout_clock(tx, world.case_id) == clock


async def asked(sale: Sale, ground: str = "money_frozen") -> DelayView:
    """Let the handler ask for a delay."""
    command = AskPayoutDelay(
        command_id=new_id(), delay_id=new_id(), case_id=sale.world.case_id, ground=ground, explanation="另案冻结"
    )
    return await ask_payout_delay(sale.world.db, sale.handler, command)


def decide(view: DelayView, decision: str = "approved") -> DecidePayoutDelay:
    """Decide a delay."""
    return DecidePayoutDelay(
        command_id=new_id(),
        delay_id=view.delay_id,
        case_id=view.case_id,
        decision=decision,  # type: ignore[arg-type]  # one of two
    )


async def test_delay_counts_when_it_is_approved(sale: Sale) -> None:
    """A request stops no clock; an approval does until the ground ends, and then ten days run (执行款物 10(2))."""
    await sale.prepare()
    db, world = sale.world.db, sale.world
    with pytest.raises(NoDelayGround):
        await asked(sale, "court_busy")
    view = await asked(sale)
    with pytest.raises(DelayOpen):
        await asked(sale)
    async with db.reading() as tx:
        before = await payout_clock(tx, world.case_id)
    assert before is not None
    assert before.due is not None
    both = msgspec.structs.replace(sale.handler, roles=frozenset({Role.CASE_HANDLER, Role.BUREAU_HEAD}))
    with pytest.raises(OwnRequest):
        await decide_payout_delay(db, both, decide(view))
    with pytest.raises(RoleLacking):
        await decide_payout_delay(db, await world.officer(Role.FINANCE), decide(view))

    await decide_payout_delay(db, await world.officer(Role.BUREAU_HEAD), decide(view))

    with pytest.raises(DelayUnknown):
        await decide_payout_delay(db, await world.officer(Role.VICE_PRESIDENT), decide(view, "refused"))
    async with db.reading() as tx:
        during = await payout_clock(tx, world.case_id)
    assert during is not None
    assert during.due is None
    late = before.due + timedelta(days=20)
    await move_clock(db, to=day_start(late))
    end = EndPayoutDelay(command_id=new_id(), delay_id=view.delay_id, case_id=view.case_id, ended_on=late)
    with pytest.raises(DelayEndWrong):
        await end_payout_delay(db, sale.handler, msgspec.structs.replace(end, ended_on=late + timedelta(days=1)))
    await end_payout_delay(db, sale.handler, end)
    async with db.reading() as tx:
        after = await payout_clock(tx, world.case_id)
    assert after is not None
    assert (after.due, after.binding) == (late + timedelta(days=10), Clock.AFTER_DELAY)


async def test_refused_delay_stops_nothing(sale: Sale) -> None:
    """After a refusal the clock is as before, and another request may be made."""
    await sale.prepare()
    view = await asked(sale)
    head = await sale.world.officer(Role.BUREAU_HEAD)

    refused = await decide_payout_delay(sale.world.db, head, decide(view, "refused"))

    assert (refused.state, refused.counts) == ("refused", None)
    await asked(sale, "case_stayed")


@pytest.mark.parametrize(
    "attack",
    [
        (
            "INSERT INTO fund.payout_delay_step SELECT delay_id, 'approved', gen_random_uuid(), 'case_handler', '2026-01-01', now() "
            "FROM fund.payout_delay"
        ),
        (
            "INSERT INTO fund.payout_delay_step SELECT delay_id, 'approved', asked_by, 'bureau_head', '2026-01-01', now() "
            "FROM fund.payout_delay"
        ),
        (
            "INSERT INTO fund.payout_delay_step SELECT delay_id, 'ended', asked_by, 'case_handler', '2026-01-01', now() "
            "FROM fund.payout_delay"
        ),
        "UPDATE fund.payout_delay SET ground = 'case_stayed'",
        "DELETE FROM fund.payout_delay",
    ],
)
async def test_database_guards_a_delay(sale: Sale, attack: str) -> None:
    """Straight SQL cannot approve without the office, for oneself, end what was not approved, or change a request."""
    await sale.prepare()
    await asked(sale)

    with pytest.raises(DBAPIError):
        async with sale.world.db.transaction() as tx:
            await tx.session.execute(text(attack))


# Escrow --------------------------------------------------------------------------------------------------------------


async def in_escrow(sale: Sale, *, cost: int = 0) -> EscrowView:
    """Put the mortgagee's share into escrow."""
    return await put_in_escrow(sale.world.db, sale.handler, await escrow_command(sale, cost=cost))


async def escrow_command(sale: Sale, *, cost: int = 0) -> PutInEscrow:
    """Write the command on a sealed decision."""
    command = PutInEscrow(
        command_id=new_id(),
        escrow_id=new_id(),
        line_id=sale.line("mortgage"),
        ground="missing",
        document_id=new_id(),
        cost_fen=cost,
        cost_party_id=sale.parties["tax"] if cost else None,
    )
    return msgspec.structs.replace(command, document_id=await sale.world.escrow_paper(command))


@pytest.mark.parametrize(
    "changed",
    [
        {"line": "ordinary"},
        {"ground": "refuses"},
        {"cost_fen": 1_01},
        {"party": "applicant"},
    ],
)
async def test_share_is_set_aside_on_exactly_what_was_sealed(sale: Sale, changed: dict[str, Any]) -> None:
    """Another payee's share, another ground, another cost and another who is paid it need a decision of their own."""
    await sale.settled()
    command = await escrow_command(sale, cost=1_00)
    other = {key: value for key, value in changed.items() if key not in ("line", "party")}
    if "line" in changed:
        other["line_id"] = sale.line(changed["line"])
    if "party" in changed:
        other["cost_party_id"] = sale.parties[changed["party"]]

    with pytest.raises(EscrowOrderDiffers):
        await put_in_escrow(sale.world.db, sale.handler, msgspec.structs.replace(command, command_id=new_id(), **other))
    assert (await put_in_escrow(sale.world.db, sale.handler, command)).cost_fen == 1_00


async def test_decision_is_useless_once_a_part_was_paid(sale: Sale) -> None:
    """The amount is in the text: what moved since it was written is not set aside on it."""
    await sale.settled()
    command = await escrow_command(sale)
    await sale.prepared("mortgage", 1)

    with pytest.raises(EscrowOrderDiffers):
        await put_in_escrow(sale.world.db, sale.handler, command)
    fresh = msgspec.structs.replace(command, document_id=await sale.world.escrow_paper(command))
    assert (await put_in_escrow(sale.world.db, sale.handler, fresh)).share_fen == MORTGAGE - 1


async def test_decision_on_one_share_moves_no_other(sale: Sale) -> None:
    """Each share that is set aside has a sealed decision of its own."""
    await sale.settled()
    command = await escrow_command(sale)
    await put_in_escrow(sale.world.db, sale.handler, command)

    other = msgspec.structs.replace(
        command, command_id=new_id(), escrow_id=new_id(), line_id=sale.line("ordinary"), ground="refuses"
    )
    with pytest.raises(EscrowDecisionUsed):
        await put_in_escrow(sale.world.db, sale.handler, other)


async def test_share_goes_into_escrow_and_comes_back_to_its_payee(sale: Sale) -> None:
    """The share less its cost stands in escrow; claimed, it is owed again and a new chain of four pays it."""
    await sale.settled()
    db, world = sale.world.db, sale.world
    good = await escrow_command(sale, cost=COST)
    for wrong, refusal in (
        ({"ground": "court_busy"}, NoEscrowGround),
        ({"document_id": await world.document()}, DocumentNotSealed),
        ({"cost_party_id": None}, EscrowCostPayeeMissing),
        ({"cost_fen": 0}, EscrowCostPayeeMissing),
    ):
        with pytest.raises(refusal):
            await put_in_escrow(db, sale.handler, msgspec.structs.replace(good, command_id=new_id(), **wrong))

    view = await put_in_escrow(db, sale.handler, good)

    assert (view.net_fen, view.cost_fen, view.cost_left_fen) == (MORTGAGE - COST, COST, COST)
    totals = await world.totals()
    assert (totals["escrow"], totals["costs_payable"], totals["claims_payable"]) == (MORTGAGE - COST, COST, ORDINARY)
    with pytest.raises(ShareExceeded):
        await sale.prepared("mortgage", 1)
    with pytest.raises(NothingLeftOfShare):
        await in_escrow(sale)
    claim = ClaimEscrow(command_id=new_id(), escrow_id=view.escrow_id, case_id=world.case_id, evidence_sha256="22" * 32)
    own = Actor(account_id=AccountId(new_id()), person_id=sale.handler.person_id, roles=frozenset({Role.BUREAU_HEAD}))
    with pytest.raises(OwnRequest):
        await claim_escrow(db, own, claim)
    await claim_escrow(db, await world.officer(Role.VICE_PRESIDENT), claim)
    again = msgspec.structs.replace(claim, command_id=new_id())
    with pytest.raises(EscrowUnknown):
        await claim_escrow(db, await world.officer(Role.BUREAU_HEAD), again)
    await sale.prepared("mortgage", MORTGAGE - COST)
    await world.require_straight()


async def test_cost_of_an_escrow_is_paid_by_the_chain(sale: Sale) -> None:
    """The cost goes to whom the decision names, by four persons, and not a fen more."""
    await sale.settled()
    view = await in_escrow(sale, cost=COST)
    command = PrepareDisbursement(
        command_id=new_id(),
        disbursement_id=new_id(),
        line_id=view.line_id,
        amount_fen=COST + 1,
        escrow_id=view.escrow_id,
    )
    with pytest.raises(ShareExceeded):
        await prepare_disbursement(sale.world.db, sale.handler, command)
    other = msgspec.structs.replace(command, command_id=new_id(), line_id=sale.line("ordinary"))
    with pytest.raises(EscrowUnknown):
        await prepare_disbursement(sale.world.db, sale.handler, other)

    exact = msgspec.structs.replace(command, command_id=new_id(), amount_fen=COST)
    prepared = await prepare_disbursement(sale.world.db, sale.handler, exact)

    assert prepared.payee_person_id == sale.persons["tax"]
    async with sale.world.db.reading() as tx:
        assert (await escrow_view(tx, view.escrow_id)).cost_left_fen == 0
        assert [found.escrow_id for found in await escrows(tx, standing_only=True)] == [view.escrow_id]


async def test_escrow_is_claimed_within_five_years(sale: Sale) -> None:
    """On the last day it is, a day later the right is gone (民法典 574)."""
    await sale.settled()
    view = await in_escrow(sale)
    head = await sale.world.officer(Role.BUREAU_HEAD)
    claim = ClaimEscrow(command_id=new_id(), escrow_id=view.escrow_id, case_id=view.case_id, evidence_sha256="22" * 32)
    assert view.claim_until.year == view.deposited_on.year + 5
    await move_clock(sale.world.db, to=day_start(view.claim_until + timedelta(days=1)))

    with pytest.raises(EscrowClaimLate):
        await claim_escrow(sale.world.db, head, claim)


# Unclaimed money -----------------------------------------------------------------------------------------------------


async def published(sale: Sale) -> UnclaimedView:
    """Make the mortgagee's share public."""
    command = PublishUnclaimed(
        command_id=new_id(), unclaimed_id=new_id(), line_id=sale.line("mortgage"), explanation="多次通知未果"
    )
    return await publish_unclaimed(sale.world.db, sale.handler, command)


async def test_unclaimed_money_is_paid_after_approval_only(sale: Sale) -> None:
    """A share made public is on the list and is not prepared until another person of office approves it."""
    await sale.settled()
    db, world = sale.world.db, sale.world
    view = await published(sale)
    assert (await published(sale)).unclaimed_id == view.unclaimed_id
    async with db.reading() as tx:
        assert [found.left_fen for found in await unclaimed_shares(tx)] == [MORTGAGE]
    with pytest.raises(UnclaimedNotApproved):
        await sale.prepared("mortgage")
    approve = ApproveUnclaimed(
        command_id=new_id(), unclaimed_id=view.unclaimed_id, case_id=world.case_id, evidence_sha256="33" * 32
    )
    own = Actor(account_id=AccountId(new_id()), person_id=sale.handler.person_id, roles=frozenset({Role.BUREAU_HEAD}))
    with pytest.raises(OwnRequest):
        await approve_unclaimed(db, own, approve)
    with pytest.raises(RoleLacking):
        await approve_unclaimed(db, await world.officer(Role.FINANCE), approve)

    await approve_unclaimed(db, await world.officer(Role.BUREAU_HEAD), approve)

    again = msgspec.structs.replace(approve, command_id=new_id())
    with pytest.raises(UnclaimedUnknown):
        await approve_unclaimed(db, await world.officer(Role.VICE_PRESIDENT), again)
    async with db.reading() as tx:
        assert await unclaimed_shares(tx) == ()
    await sale.prepared("mortgage")


# Returned payouts ----------------------------------------------------------------------------------------------------


async def emptied(sale: Sale) -> None:
    """Pay everything and close the account."""
    for kind in ("mortgage", "ordinary", "sale_tax", "surplus"):
        await sale.paid(kind)
    await sale.world.settle_bank()
    await sale.close()


async def returned_last(sale: Sale) -> UUID:
    """Let the bank send the mortgagee's money back."""
    async with sale.world.db.reading() as tx:
        found = await tx.session.execute(
            text("SELECT disbursement_id, bank_key FROM fund.disbursement WHERE amount_fen = :fen"), {"fen": MORTGAGE}
        )
        row = found.one()
    sale.world.bank.settle_one(row.bank_key, "returned")
    await sale.world.settle_bank()
    return UUID(str(row.disbursement_id))


async def test_alarm_of_a_return_ends_with_the_new_payment(sale: Sale) -> None:
    """What came back calls a person until it is paid anew; then nothing rings."""
    await sale.settled()
    await sale.paid("mortgage")
    await sale.world.settle_bank()
    await returned_last(sale)
    assert "payout_returned" in await sale.world.alarms()

    await sale.paid("mortgage")
    await sale.world.settle_bank()

    assert "payout_returned" not in await sale.world.alarms()
    assert (await sale.world.totals())["bank"] == PRICE - MORTGAGE


async def test_return_after_the_close_is_not_lost(sale: Sale) -> None:
    """It waits with the court's pooled money and rings; an order opens the account, it is paid anew, and the case closes at zero."""
    await sale.settled()
    await emptied(sale)
    payout = await returned_last(sale)
    db, world = sale.world.db, sale.world
    assert await world.totals() == {}
    assert "payout_returned_after_close" in await world.alarms()
    await world.require_straight()
    head = await world.officer(Role.BUREAU_HEAD)
    command = ReopenCaseAccount(command_id=new_id(), disbursement_id=payout, reason="收款账户已销户，款项退回")

    await reopen_case_account(db, head, command)

    with pytest.raises(NothingCameBack):
        await reopen_case_account(db, head, msgspec.structs.replace(command, command_id=new_id()))
    assert await world.totals() == {"bank": MORTGAGE, "claims_payable": MORTGAGE}
    await sale.paid("mortgage")
    await world.settle_bank()
    await sale.close()
    assert await world.totals() == {}
    await world.require_straight()


async def test_account_stays_closed_without_an_order(sale: Sale) -> None:
    """Straight SQL cannot open a closed account."""
    await sale.settled()
    await emptied(sale)

    with pytest.raises(DBAPIError):
        async with sale.world.db.transaction() as tx:
            await tx.session.execute(text("UPDATE fund.case_fund SET closed_at = NULL"))


async def test_return_that_the_bank_books_first_is_read_until_it_says_so(sale: Sale) -> None:
    """The line of the statement comes before the order's new state: the order is read again until it is known as returned."""
    await sale.settled()
    await sale.paid("mortgage")
    await sale.world.settle_bank()
    bank = sale.world.bank
    key = next(key for key, (order, _) in bank.orders.items() if order.amount_fen == MORTGAGE)
    bank.book_back(key)
    await sale.world.settle_bank()
    assert (await sale.world.totals())["bank"] == PRICE - MORTGAGE

    bank.say(key, "returned")
    await sale.world.look_now()

    assert (await sale.world.totals())["bank"] == PRICE
    await sale.world.require_straight()


# Accounts ------------------------------------------------------------------------------------------------------------


async def recorded(sale: Sale, **changes: object) -> UUID:
    """Record another account of the mortgagee."""
    async with sale.world.db.reading() as tx:
        own_name = await name_of(tx, sale.persons["mortgagee"])
    command = RecordPayeeAccount(
        command_id=new_id(),
        payee_account_id=new_id(),
        case_id=sale.world.case_id,
        person_id=sale.persons["mortgagee"],
        account_number="62229999999999",
        account_name=own_name,
        evidence_sha256="44" * 32,
    )
    command = msgspec.structs.replace(command, **changes)
    return (await record_payee_account(sale.world.db, sale.handler, command)).payee_account_id


@pytest.mark.parametrize(
    "signed",
    [
        {"authority": "general", "authority_sha256": "55" * 32},
        {"authority": "none"},
        {"authority": "special", "authority_sha256": " "},
    ],
)
async def test_agent_needs_a_special_authority_on_paper(sale: Sale, signed: dict[str, str]) -> None:
    """An agent without, with a general one, or without its paper records nothing; with a special one he does (执行款物 14)."""
    await sale.settled()
    with pytest.raises(SpecialAuthorityNeeded):
        await recorded(sale, signed_by="agent", **signed)

    await recorded(sale, signed_by="agent", authority="special", authority_sha256="55" * 32)


async def test_account_without_evidence_is_refused(sale: Sale) -> None:
    """No paper, no account."""
    await sale.settled()

    with pytest.raises(AccountEvidenceMissing):
        await recorded(sale, evidence_sha256=" ")


async def test_changed_account_waits_for_the_notice_to_the_old_contact(sale: Sale) -> None:
    """A second officer confirms only when the payee was told at the contact on file; a service on another tells nobody."""
    await sale.settled()
    db, world = sale.world.db, sale.world
    changed = await recorded(sale)
    await world.run_jobs()
    told = [payload for kind, payload in world.told if kind == "sale.issue_account_notice"]
    notice = UUID(told[0]["document_id"])
    confirm = ConfirmPayeeAccount(command_id=new_id(), payee_account_id=changed, case_id=world.case_id)
    clerk = await world.officer(Role.CLERK)
    async with db.reading() as tx:
        today = local_day(tx.now)
    with pytest.raises(NoticeNotServed):
        await confirm_payee_account(db, clerk, confirm)
    await world.served(notice, sale.parties["applicant"], today)
    with pytest.raises(NoticeNotServed):
        await confirm_payee_account(db, clerk, confirm)

    await world.served(notice, sale.parties["mortgagee"], today + timedelta(days=1))
    with pytest.raises(NoticeNotServed):
        await confirm_payee_account(db, clerk, confirm)  # an announcement tells him when its days are over
    await move_clock(db, to=day_start(today + timedelta(days=1)))
    await confirm_payee_account(db, clerk, confirm)

    assert told[0]["old_masked"] != told[0]["new_masked"]
    assert "62229999999999" not in str(told)
    with pytest.raises(PayeeAccountMissing):
        await sale.prepared("mortgage")


async def test_foreign_money_under_a_payouts_key_keeps_no_account_open(sale: Sale) -> None:
    """A payee who writes the key of his payout on another transfer pays in like anybody; the case closes at zero all the same."""
    await sale.settled()
    for kind in ("sale_tax", "mortgage", "ordinary", "surplus"):
        await sale.paid(kind)
    await sale.world.settle_bank()
    line = sale.world.bank.pay_in(3, name="示范mortgagee")
    key = next(key for key in sale.world.bank.orders if key.startswith("payout:"))
    sale.world.bank.lines[-1] = msgspec.structs.replace(line, order_key=key)
    await sale.world.settle_bank()

    await sale.close()
    assert "receipt_unattributed" in await sale.world.alarms()


# Books ---------------------------------------------------------------------------------------------------------------


async def test_nothing_is_ordered_on_crooked_books(sale: Sale) -> None:
    """A payout run on crooked books sends no order and rings; when they are straight again it goes on by itself."""
    await sale.settled()
    db, world = sale.world.db, sale.world
    before = len(world.bank.orders)
    await sale.paid("mortgage")
    async with db.transaction() as tx:
        await tx.session.execute(text("SET LOCAL session_replication_role = replica"))
        await tx.session.execute(text("UPDATE fund.balance SET posting_count = posting_count + 1"))
    await world.run_jobs()
    assert len(world.bank.orders) == before
    assert "payouts_stopped" in await world.alarms()

    async with db.transaction() as tx:
        await tx.session.execute(text("SET LOCAL session_replication_role = replica"))
        await tx.session.execute(text("UPDATE fund.balance SET posting_count = posting_count - 1"))
    await world.look_now()

    assert len(world.bank.orders) == before + 1
    assert "payouts_stopped" not in await world.alarms()
    await world.require_straight()
