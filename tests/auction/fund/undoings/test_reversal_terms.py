"""A reversal rests on the ruling that the system wrote from its terms; with interest from the day on which he got the money (CPL 244; F83)."""

from __future__ import annotations

from datetime import date, timedelta

import msgspec
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from auction.fund.rulings import RulingTextDiffers
from auction.fund.undoings.award_proceeds import AwardProceeds, award_proceeds
from auction.fund.undoings.award_text import AwardJudgmentNumberMalformed, AwardTextDiffers
from auction.fund.undoings.reversal_interest import (
    InterestTerms,
    NothingBearsInterest,
    PaidPart,
    ReversalInterestMalformed,
    interest_terms,
    last_paid_first,
    reversal_interest,
)
from auction.fund.undoings.reverse_enforcement import ReverseEnforcement
from auction.kernel.clock import local_day
from auction.kernel.db import Database
from auction.kernel.ids import new_id
from auction.kernel.money import Money
from auction.law.title_interest import TitleInterestMalformed
from tests.auction.fund.settlement.test_settlement_flow import MORTGAGE, ORDINARY, PRICE
from tests.auction.fund.undoings.test_undoing_flow import UndoneSale
from tests.auction.fund.world import World

GOT = date(2026, 3, 10)


@pytest.fixture
def sale(db: Database) -> UndoneSale:
    """A sale in a world in which nothing happened yet."""
    return UndoneSale(World(db))


def terms(from_day: date, to_day: date, percent: str = "3.65") -> InterestTerms:
    """Give what a ruling says of interest."""
    return InterestTerms(percent, 365, from_day, to_day)


@pytest.mark.parametrize(
    ("first", "last", "days"), [(-1, 0, 1), (0, 0, 1), (0, 1, 2), (1, 1, 1), (-1, 9, 10), (0, 9, 10), (1, 9, 9)]
)
def test_interest_runs_from_the_day_he_got_it(first: int, last: int, days: int) -> None:
    """A ruling that begins a day before the payout bears nothing on that day; first and last day count."""
    found = reversal_interest(
        [PaidPart(GOT, Money(10_000_00))], terms(GOT + timedelta(days=first), GOT + timedelta(days=last))
    )

    assert [one.days for one in found.stretches] == [days]
    assert found.amount == Money(100 * days)


def test_days_before_he_got_anything_bear_none() -> None:
    """A ruling whose days all lie before the payout names interest of nothing, and is refused; so is half a fen less."""
    with pytest.raises(NothingBearsInterest):
        reversal_interest([PaidPart(GOT, Money(1))], terms(GOT - timedelta(days=9), GOT - timedelta(days=1)))
    with pytest.raises(NothingBearsInterest):
        reversal_interest([PaidPart(GOT, Money(4999))], terms(GOT, GOT))
    assert reversal_interest([PaidPart(GOT, Money(5000))], terms(GOT, GOT)).amount == Money(1)


@pytest.mark.parametrize("percent", ["0", "-1", "100.1", "abc", "3,65"])
def test_what_is_no_rate_is_refused(percent: str) -> None:
    """Neither zero nor above a hundred, and digits only."""
    with pytest.raises(TitleInterestMalformed):
        reversal_interest([PaidPart(GOT, Money(100_00))], terms(GOT, GOT, percent))


@pytest.mark.parametrize(("days", "refused"), [(-1, True), (0, False), (1, False)])
def test_the_last_day_is_not_before_the_first(days: int, *, refused: bool) -> None:
    """The day before the first is refused; the same day is one day."""

    def asked() -> InterestTerms | None:
        return interest_terms(annual_percent="3.65", year_days=365, from_day=GOT, to_day=GOT + timedelta(days=days))

    if refused:
        with pytest.raises(ReversalInterestMalformed):
            asked()
        return
    assert asked() == terms(GOT, GOT + timedelta(days=days))


def test_what_he_got_last_falls_first() -> None:
    """Of three payouts, after thirty fell before, ninety fall of the last two; what is beyond all payouts bears none."""
    paid = [PaidPart(GOT + timedelta(days=n), Money(100)) for n in range(3)]

    def fell(before: int, now: int) -> list[tuple[int, int]]:
        found = last_paid_first(paid, fell_before=Money(before), falls=Money(now))
        return [((one.on - GOT).days, one.amount.fen) for one in found]

    assert fell(30, 90) == [(1, 20), (2, 70)]
    assert fell(30, 70) == [(2, 70)]
    assert fell(0, 300) == [(0, 100), (1, 100), (2, 100)]
    assert fell(299, 50) == [(0, 1)]


async def test_interest_is_owed_with_what_he_got(sale: UndoneSale) -> None:
    """Rate and days of the ruling, from the day of the payout: one debt, shown with its interest, and paid in it is distributed."""
    await sale.paid_out()
    async with sale.db.reading() as tx:
        paid_at = await tx.session.scalar(text("SELECT max(ended_at) FROM fund.disbursement WHERE state = 'paid'"))
    got = local_day(paid_at)
    last = got + timedelta(days=9)
    owed = ORDINARY * 365 * 10 // 3_650_000  # 3.65 % over ten days of 365: a thousandth

    await sale.reverse("ordinary", interest_percent="3.65", interest_from=date(2026, 1, 1), interest_to=last)

    assert owed * 1000 == ORDINARY
    debt = await sale.owed_by("applicant")
    assert (debt.amount_fen, debt.interest_fen, debt.left_fen) == (ORDINARY + owed, owed, ORDINARY + owed)
    async with sale.db.reading() as tx:
        (row,) = (await tx.session.execute(text("SELECT * FROM fund.reversal_interest"))).all()
    assert (row.from_day, row.to_day, row.amount_fen) == (date(2026, 1, 1), last, owed)
    assert row.stretches == [{"principal_fen": ORDINARY, "from_day": got.isoformat(), "days": 10}]
    await sale.give_back("applicant", ORDINARY + owed)
    plan = await sale.draw()
    assert [(line.kind, line.share_fen) for line in plan.lines] == [("surplus", ORDINARY + owed)]
    await sale.world.require_straight()


async def test_what_was_still_held_bears_no_interest(sale: UndoneSale) -> None:
    """He never had it: a ruling that names interest on it is refused, and so are terms in part."""
    await sale.settled()
    with pytest.raises(NothingBearsInterest):
        await sale.reverse(
            "ordinary", interest_percent="3.65", interest_from=date(2026, 1, 1), interest_to=date(2030, 1, 1)
        )
    with pytest.raises(ReversalInterestMalformed):
        await sale.reverse("ordinary", interest_percent="3.65", interest_from=date(2026, 1, 1))
    await sale.reverse("ordinary")
    assert (await sale.undone()).held_fen == ORDINARY


async def test_a_ruling_on_other_terms_reverses_nothing(sale: UndoneSale) -> None:
    """On another claim, amount or interest, in words of the court's own, or of before a payout: refused; nothing moves."""
    await sale.paid_out()
    before = await sale.world.totals()
    other = next(line.claim_id for line in sale.plan.lines if line.kind == "mortgage")
    own = next(line.claim_id for line in sale.plan.lines if line.kind == "ordinary")
    assert other is not None
    assert own is not None
    command = ReverseEnforcement(
        command_id=new_id(), undoing_id=new_id(), case_id=sale.world.case_id, claim_id=own, document_id=new_id()
    )
    papers = [
        await sale.world.reversal_paper(msgspec.structs.replace(command, claim_id=other)),
        await sale.world.reversal_paper(msgspec.structs.replace(command, keeps_fen=1)),
        await sale.world.reversal_paper(
            msgspec.structs.replace(
                command, interest_percent="3.65", interest_from=date(2026, 1, 1), interest_to=date(2040, 1, 1)
            )
        ),
        await sale.world.document("reversal_ruling", "责令申请执行人返还全部款项。"),
    ]

    for paper in papers:
        with pytest.raises(RulingTextDiffers):
            await sale.reverse("ordinary", paper=paper)
    assert await sale.world.totals() == before
    await sale.reverse("ordinary")


async def test_a_ruling_of_before_the_payout_is_issued_anew(sale: UndoneSale) -> None:
    """What was held when it was written and is paid now is another order."""
    await sale.settled()
    own = next(line.claim_id for line in sale.plan.lines if line.kind == "ordinary")
    assert own is not None
    command = ReverseEnforcement(
        command_id=new_id(), undoing_id=new_id(), case_id=sale.world.case_id, claim_id=own, document_id=new_id()
    )
    paper = await sale.world.reversal_paper(command)
    await sale.paid("ordinary")
    await sale.world.settle_bank()

    with pytest.raises(RulingTextDiffers):
        await sale.reverse("ordinary", paper=paper)


async def test_an_award_rests_on_the_decision_that_names_its_judgment(sale: UndoneSale) -> None:
    """Another judgment, amount, number or way, or no decision at all: refused; nothing moves."""
    await sale.settled()
    sale.persons["owner"] = await sale.world.person("示范owner")
    sale.parties["owner"] = await sale.world.party(sale.persons["owner"], "third_party")
    command = AwardProceeds(
        command_id=new_id(),
        undoing_id=new_id(),
        case_id=sale.world.case_id,
        round_id=sale.world.round_id,
        party_id=sale.parties["owner"],
        person_id=sale.persons["owner"],
        amount_fen=PRICE,
        document_id=await sale.world.document("third_party_judgment"),
        judgment_number="（2026）示01民终1号",
    )
    paper = await sale.world.award_paper(command)
    before = await sale.world.totals()
    for change in (
        {"amount_fen": PRICE - 1},
        {"judgment_number": "（2026）示01民终2号"},
        {"refuses": True},
        {"document_id": await sale.world.document("third_party_judgment", "另一份判决")},
        {"decision_document_id": None},
    ):
        wrong = {"command_id": new_id(), "decision_document_id": paper, **change}
        with pytest.raises(AwardTextDiffers):
            await award_proceeds(sale.db, sale.handler, msgspec.structs.replace(command, **wrong))
    with pytest.raises(AwardJudgmentNumberMalformed):
        await sale.world.award_paper(msgspec.structs.replace(command, judgment_number=" "))
    assert await sale.world.totals() == before

    right = msgspec.structs.replace(command, command_id=new_id(), decision_document_id=paper)
    await sale.world.agree(await award_proceeds(sale.db, sale.handler, right))
    assert (await sale.undone()).amount_fen == PRICE


async def test_database_holds_what_a_ruling_orders_and_its_interest(sale: UndoneSale) -> None:
    """Append-only; a debt of a reversal is what fell with its interest, and not a fen else."""
    await sale.paid_out()
    await sale.reverse("mortgage", interest_percent="5", interest_from=date(2026, 1, 1), interest_to=date(2040, 1, 1))
    assert (await sale.owed_by("mortgagee")).interest_fen > 0
    assert (await sale.owed_by("mortgagee")).amount_fen > MORTGAGE
    more = (
        "INSERT INTO fund.recovery SELECT gen_random_uuid(), r.undoing_id, r.case_id, p.person_id, {fen}, 'X' || r.reference, r.ordered_at "
        "FROM fund.recovery r JOIN fund.case_party p ON p.case_id = r.case_id AND p.role = 'judgment_debtor'"
    )
    for statement, refused in (
        ("UPDATE fund.case_ruling SET operative_sha256 = repeat('0', 64)", "append"),
        ("DELETE FROM fund.case_ruling", "append"),
        ("UPDATE fund.reversal_interest SET amount_fen = 1", "append"),
        ("DELETE FROM fund.reversal_interest", "append"),
        (more.format(fen="r.amount_fen + 1"), "reversal_recovery"),
        (more.format(fen="r.amount_fen - 1"), "reversal_recovery"),
    ):
        with pytest.raises(DBAPIError, match=refused):
            async with sale.db.transaction() as tx:
                await tx.session.execute(text(statement))
