"""What undoes a sale: the default as one transaction, the top-up, and setting aside on an objection."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import msgspec
import pytest
from sqlalchemy import text

from auction.fund.forfeits.forfeited import ForfeitedWaits
from auction.fund.rulings import RulingTextDiffers
from auction.fund.undoings.store import undoings_of_case
from auction.fund.undoings.undoings import (
    AlreadyUndone,
    NoTopUpGround,
    TopUpAboveLoss,
    TopUpGround,
)
from auction.kernel.clock import local
from auction.kernel.errors import Refusal
from auction.kernel.ids import new_id
from auction.kernel.money import Money
from auction.sale.cases.documents import DocumentIsDraft, DocumentKind, WrongDocumentKind
from auction.sale.desk import open_clocks
from auction.sale.lots import store as lots
from auction.sale.lots.lots import LotState, MoveNotAllowed
from auction.sale.lots.panel import DefaultProposal
from auction.sale.title import declare_default as declaring
from auction.sale.title.declare_default import DeclareDefault, Defaulted, declare_default
from auction.sale.title.note_full_payment import handle_receipts_complete
from auction.sale.title.order_top_up import OrderTopUp, order_top_up
from auction.sale.title.set_aside_on_objection import SetAsideOnObjection, set_aside_on_objection
from auction.sale.title.title import NotDefaulted, SettingAsideGround, balance_step, title_passed
from tests.auction.sale.title.test_title import DUE, ask, paid, passed, unpaid
from tests.auction.sale.world import DEPOSIT, RESERVE, World
from tests.stages import staged

FIRST_PRICE = Money.yuan(3_000_000)
OPEN_LOSS = FIRST_PRICE - RESERVE - DEPOSIT
"""What the deposit leaves open of the shortfall."""


@pytest.mark.parametrize(("on", "passed_on"), [(11, False), (12, True), (13, True)])
def test_title_passes_on_the_day_of_service(on: int, passed_on: bool) -> None:
    """The day before is too early; without service or without a ruling it never passes (网拍 22)."""
    day = date(2026, 11, on)

    assert title_passed(is_ruled=True, served_on=date(2026, 11, 12), on=day) is passed_on
    assert not title_passed(is_ruled=False, served_on=date(2026, 11, 12), on=day)
    assert not title_passed(is_ruled=True, served_on=None, on=day)


@pytest.mark.parametrize(
    ("seconds", "is_paid", "step"), [(-1, False, "open"), (0, False, "proposed"), (0, True, "paid"), (-1, True, "paid")]
)
def test_missed_date_proposes_only(seconds: int, is_paid: bool, step: str) -> None:
    """Without the panel's word a late balance is proposed as a default and nothing more (网拍 24)."""
    assert balance_step(DUE + timedelta(seconds=seconds), due_at=DUE, is_paid=is_paid).value == step


async def test_late_balance_stands_on_the_desk_as_the_panels(world: World) -> None:
    """From the first instant after the last day the clock says that the panel decides."""
    await unpaid(world, DUE)

    (clock,) = [one for one in await world.read(lambda tx: open_clocks(tx, world.case_id)) if one.kind == "balance"]
    assert (clock.article, clock.is_overdue) == ("网拍 24", True)
    assert "合议庭" in clock.zh


async def _question(world: World) -> DeclareDefault:
    proposal = DefaultProposal(lot_id=world.lot_id, round_id=world.round_id, outcome="declare")
    return DeclareDefault(command_id=new_id(), lot_id=world.lot_id, question_id=await ask(world, proposal))


def _dying(work: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
    """Do the work, then let the database lose its connection: what the transaction did is never committed."""

    async def die(tx: Any, *args: Any, **named: Any) -> Any:  # noqa: ANN401 - whatever the step takes and gives
        found = await work(tx, *args, **named)
        await tx.session.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))
        return found

    return die


@pytest.mark.parametrize("step", ["forfeit_deposit", "add", "move_lot"])
async def test_process_that_dies_within_the_default_changes_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    """Deposit, bar, lot and loan move together or not at all; the same command later comes to the same end."""
    await unpaid(world, DUE)
    command = await _question(world)
    place = lots if step == "move_lot" else declaring
    with monkeypatch.context() as patched:
        patched.setattr(place, step, _dying(getattr(place, step)))
        with pytest.raises(Exception, match=r"terminat|closed|connection"):
            await declare_default(world.db, world.presiding, command)

    assert await _ends(world) == ("sold", "applied", 0, 0)
    said = await declare_default(world.db, world.presiding, command)
    again = await declare_default(world.db, world.presiding, command)

    assert said == again == Defaulted(lot_id=world.lot_id, round_id=world.round_id, forfeited_fen=DEPOSIT.fen)
    assert await _ends(world) == ("defaulted", "forfeited", 1, DEPOSIT.fen)


async def _ends(world: World) -> tuple[str, str, int, int]:
    """Give lot, deposit, declarations and forfeited money as they stand."""
    (row,) = await world.rows(
        "SELECT (SELECT state FROM sale.lot WHERE lot_id = :lot) AS lot, "
        "(SELECT d.state FROM fund.deposit d JOIN fund.purchase USING (deposit_id)) AS deposit, "
        "(SELECT count(*) FROM sale.default_declaration) AS declared, (SELECT coalesce(sum(-b.balance_fen), 0) FROM fund.balance b "
        "JOIN fund.account a ON a.code = b.account_code WHERE a.kind = 'forfeited' AND a.subject_id = :round) AS kept",
        lot=world.lot_id,
        round=world.round_id,
    )
    return row.lot, row.deposit, row.declared, int(row.kept)


# Top-up --------------------------------------------------------------------------------------------------------------


@staged
async def resold(world: World) -> UUID:
    """Sell, default, sell again for less and have it paid; gives the round that was defaulted on."""
    first = await _first_sale(world)
    await resell(world)
    return first


async def resell(world: World) -> None:
    """Sell the lot again after a default, for less, and have it paid."""
    opens_at = local(date(2027, 6, 2), 10)
    listed = await world.list(kind="re_auction", opens_at=opens_at, closes_at=opens_at + timedelta(days=1))
    await world.vote(listed.question_id, "approve", "approve", "approve")
    await world.decide()
    await world.rule_and_notify(DUE)
    await world.at(local(date(2027, 4, 28), 9))
    world.round_id = new_id()
    published = await world.publish()
    _, registered, code = await world.admitted("乙示例")
    outcome = world.outcome(published, code)
    await world.close(msgspec.structs.replace(outcome, closed_at=opens_at + timedelta(days=1)))
    await world.pay_balance(registered, RESERVE - DEPOSIT)
    for job in await world.jobs("sale.receipts_complete"):
        await handle_receipts_complete(world.db, job)


async def _first_sale(world: World) -> UUID:
    published = await world.announced()
    _, registered, code = await world.admitted()
    await world.close(world.outcome(published, code, hammer_price_fen=FIRST_PRICE.fen))
    await world.pay_balance(registered, Money(1))
    await world.at(DUE)
    await declare_default(world.db, world.presiding, await _question(world))
    return world.round_id


async def top_up(world: World, round_id: UUID, **changes: Any) -> UUID:  # noqa: ANN401 - fields of the command
    """Order a top-up."""
    command = OrderTopUp(
        command_id=new_id(),
        undoing_id=new_id(),
        lot_id=world.lot_id,
        round_id=round_id,
        document_id=new_id(),
        ground=TopUpGround.AUCTION_RULE,
        amount_fen=OPEN_LOSS.fen,
    )
    command = msgspec.structs.replace(command, **changes)
    if "document_id" not in changes:
        command = msgspec.structs.replace(command, document_id=await world.top_up_ruling(command))
    return await order_top_up(world.db, world.presiding, command)


async def test_top_up_stands_as_the_defaulters_debt(world: World) -> None:
    """By a ruling that names its ground he owes what his deposit leaves open of cost and shortfall, to the fen, once."""
    first = await resold(world)

    for fen in (0, OPEN_LOSS.fen + 5_01):
        with pytest.raises(TopUpAboveLoss):
            await top_up(world, first, amount_fen=fen, costs_fen=5_00)
    await top_up(world, first, amount_fen=OPEN_LOSS.fen + 5_00, costs_fen=5_00)
    (shown,) = await world.read(lambda tx: undoings_of_case(tx, world.case_id))
    (owed,) = shown.recoveries
    assert (shown.kind, shown.ground, owed.left_fen) == ("top_up", "auction_rule", OPEN_LOSS.fen + 5_00)
    (default,) = await world.rows("SELECT buyer_person_id FROM sale.default_declaration")
    assert owed.person_id == default.buyer_person_id
    with pytest.raises(AlreadyUndone):
        await top_up(world, first)


@pytest.mark.parametrize("changed", [{"amount_fen": OPEN_LOSS.fen - 1}, {"costs_fen": 1}, {"knew": True}])
async def test_top_up_is_ordered_on_exactly_what_was_ruled(world: World, changed: dict[str, Any]) -> None:
    """Another amount, another cost, another finding: none of them is what the judge sealed."""
    first = await resold(world)
    terms = OrderTopUp(
        command_id=new_id(),
        undoing_id=new_id(),
        lot_id=world.lot_id,
        round_id=first,
        document_id=new_id(),
        ground=TopUpGround.AUCTION_RULE,
        amount_fen=OPEN_LOSS.fen,
    )
    ruling = await world.top_up_ruling(terms)

    with pytest.raises(RulingTextDiffers):
        await top_up(world, first, document_id=ruling, **changed)
    with pytest.raises(RulingTextDiffers):
        await top_up(world, first, document_id=await world.document(DocumentKind.TOP_UP_RULING))
    await top_up(world, first, document_id=ruling)


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"ground": TopUpGround.KNEW_NOT_ELIGIBLE, "needs_approval": True, "knew": True}, NoTopUpGround),
        ({"round_id": None}, NotDefaulted),
    ],
)
async def test_top_up_needs_a_default_and_its_ground(
    world: World, changes: dict[str, Any], refusal: type[Refusal]
) -> None:
    """The rule on equity does not carry one for a home, and a buyer who paid owes none."""
    first = await resold(world)
    given = dict(changes)
    round_id = given.pop("round_id", first) or world.round_id

    with pytest.raises(refusal):
        await top_up(world, round_id, **given)


@pytest.mark.parametrize(
    ("kind", "sealed", "refusal"),
    [
        (DocumentKind.DEFAULT_RULING, True, WrongDocumentKind),
        (DocumentKind.TOP_UP_RULING, False, DocumentIsDraft),
    ],
)
async def test_top_up_needs_its_sealed_ruling(
    world: World, kind: DocumentKind, sealed: bool, refusal: type[Refusal]
) -> None:
    """Neither another paper nor a draft orders it."""
    first = await resold(world)

    with pytest.raises(refusal):
        await top_up(world, first, document_id=await world.document(kind, sealed=sealed))


async def test_top_up_waits_for_the_resale(world: World) -> None:
    """Before the resale is paid nobody knows what the deposit leaves open."""
    first = await _first_sale(world)

    with pytest.raises(ForfeitedWaits):
        await top_up(world, first)


# Setting aside -------------------------------------------------------------------------------------------------------


async def set_aside(
    world: World, kind: DocumentKind = DocumentKind.SETTING_ASIDE_RULING, *, sealed: bool = True
) -> None:
    """Set the sale aside on an objection."""
    command = SetAsideOnObjection(
        command_id=new_id(),
        undoing_id=new_id(),
        lot_id=world.lot_id,
        ground=SettingAsideGround.FALSE_DESCRIPTION,
        document_id=(
            await world.setting_aside_ruling(SettingAsideGround.FALSE_DESCRIPTION, sealed=sealed)
            if kind is DocumentKind.SETTING_ASIDE_RULING
            else await world.document(kind, sealed=sealed)
        ),
    )
    await set_aside_on_objection(world.db, world.presiding, command)


async def test_sale_is_set_aside_on_the_ground_that_was_ruled(world: World) -> None:
    """A ruling on another ground, or one that the system did not write, ends no sale (网拍 31)."""
    await paid(world)
    for document_id in (
        await world.setting_aside_ruling(SettingAsideGround.COLLUSION),
        await world.document(DocumentKind.SETTING_ASIDE_RULING),
    ):
        command = SetAsideOnObjection(
            command_id=new_id(),
            undoing_id=new_id(),
            lot_id=world.lot_id,
            ground=SettingAsideGround.FALSE_DESCRIPTION,
            document_id=document_id,
        )
        with pytest.raises(RulingTextDiffers):
            await set_aside_on_objection(world.db, world.presiding, command)
    assert (await world.read(lambda tx: lots.open_lot(tx, world.lot_id))).state == LotState.SOLD


async def test_sale_is_set_aside_before_its_ruling(world: World) -> None:
    """What was paid goes back whole, and the lot may be listed again (网拍 31)."""
    await paid(world)

    await set_aside(world)

    assert (await world.read(lambda tx: lots.open_lot(tx, world.lot_id))).state == LotState.SET_ASIDE
    (back,) = await world.rows("SELECT sum(amount_fen) AS fen FROM fund.refund")
    assert back.fen == RESERVE.fen
    with pytest.raises(MoveNotAllowed):
        await set_aside(world)


async def test_sale_is_set_aside_after_title_passed(world: World) -> None:
    """The buyer has his price back; the lot is withdrawn, for a sale that was ruled on is not listed again itself."""
    await passed(world)

    await set_aside(world)

    moves = await world.rows(
        "SELECT to_state FROM sale.lot_event WHERE lot_id = :lot ORDER BY number DESC", lot=world.lot_id
    )
    assert [move.to_state for move in moves][:2] == ["withdrawn", "set_aside"]
    (back,) = await world.rows("SELECT sum(amount_fen) AS fen FROM fund.refund")
    assert back.fen == RESERVE.fen
    (shown,) = await world.read(lambda tx: undoings_of_case(tx, world.case_id))
    assert (shown.kind, shown.ground, shown.recoveries) == ("setting_aside", "false_description", ())


@pytest.mark.parametrize(
    ("kind", "sealed", "refusal"),
    [
        (DocumentKind.DEFAULT_RULING, True, WrongDocumentKind),
        (DocumentKind.SETTING_ASIDE_RULING, False, DocumentIsDraft),
    ],
)
async def test_setting_aside_needs_its_sealed_ruling(
    world: World, kind: DocumentKind, sealed: bool, refusal: type[Refusal]
) -> None:
    """Neither another paper nor a draft undoes a sale."""
    await paid(world)

    with pytest.raises(refusal):
        await set_aside(world, kind, sealed=sealed)
