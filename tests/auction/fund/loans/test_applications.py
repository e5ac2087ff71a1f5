"""Applications for a loan: every rule is asked by the command, and its reasons reach the bidder."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta
from uuid import UUID

import msgspec
import pytest
from sqlalchemy import text

from auction.fund.deposits.apply_deposit import move_end
from auction.fund.deposits.store import deposit_of_registration
from auction.fund.loans import applications as rules
from auction.fund.loans.apply_for_loan import BorrowerNotNatural, BridgeNotOffered, apply_for_loan
from auction.fund.loans.commit_loan import CommitLoan, commit_loan
from auction.fund.loans.lender import BridgeMoney
from auction.fund.loans.limit_store import spending_plan
from auction.fund.loans.loans import LoanApprovalLapsed, LoanProductMalformed, LoanProductTaken, LoanProductUnknown
from auction.fund.loans.offer_product import (
    OfferLoanProduct,
    WithdrawLoanProduct,
    offer_loan_product,
    withdraw_loan_product,
)
from auction.fund.loans.set_spending_limit import SetSpendingLimit, set_spending_limit
from auction.fund.loans.store import loan_row, product_row, record_product
from auction.fund.loans.tell_room import TELL_LIMIT, tell_of_limits
from auction.kernel.actors import Actor, Role, RoleLacking
from auction.kernel.clock import local_day
from auction.kernel.db import Transaction
from auction.kernel.errors import Refusal
from auction.kernel.ids import AccountId, PersonId, new_id
from tests.auction.fund.loans.application import LIMIT, PRODUCT, WISH, application, basis
from tests.auction.fund.world import Bidder, World

DEPOSIT = 100_000_00
PRICE = 1_000_000_00


@pytest.fixture
async def offering(world: World) -> World:
    """A world with one product on offer."""
    await world.db.transact(lambda tx: record_product(tx, PRODUCT))
    return world


@pytest.mark.parametrize(
    ("other", "refused"),
    [
        ({"wish_fen": WISH + 1}, rules.LoanAboveValue),
        ({"price_limit_fen": WISH * 100 // 85, "wish_fen": WISH}, rules.LoanAboveValue),
        ({"born_on": date(1960, 1, 1)}, rules.BorrowerTooOld),
        ({"born_on": date(2015, 1, 1)}, rules.BirthDayMalformed),
        ({"income_fen": 7_000_00}, rules.LoanPaymentTooHigh),
        ({"income_fen": 8_000_00, "other_debt_fen": 1_000_00}, rules.LoanDebtTooHigh),
        ({"income_fen": 0}, rules.MeansMalformed),
        ({"other_debt_fen": -1}, rules.MeansMalformed),
        ({"bridge_ref": "过桥协议1号"}, rules.NothingToBridge),
    ],
)
async def test_application_outside_the_rules_reaches_no_lender(
    offering: World, other: dict[str, object], refused: type[Refusal]
) -> None:
    """What the rules refuse is not stored, and nobody is asked."""
    bidder = await offering.bidder(DEPOSIT)

    command = application(bidder.registration_id, **other)

    with pytest.raises(refused):
        await apply_for_loan(offering.db, bidder.actor, command, basis_of=basis())

    async with offering.db.reading() as tx:
        assert (await tx.session.execute(text("SELECT count(*) FROM fund.loan"))).scalar_one() == 0


async def test_loan_of_all_that_the_price_leaves_is_taken(offering: World) -> None:
    """At the least own money, to the fen, the application passes."""
    bidder = await offering.bidder(DEPOSIT)
    price = 1_000_000_00
    command = application(bidder.registration_id, price_limit_fen=price, wish_fen=price * 85 // 100)
    view = await apply_for_loan(offering.db, bidder.actor, command, basis_of=basis(price * 2))

    assert view.wish_fen == price * 85 // 100


async def test_only_natural_persons_borrow(offering: World) -> None:
    """A company is told so before anything else."""
    bidder = await offering.bidder(DEPOSIT)
    async with offering.db.transaction() as tx:
        await tx.session.execute(
            text("UPDATE kernel.person SET kind = 'organisation' WHERE person_id = :id"), {"id": bidder.actor.person_id}
        )

    with pytest.raises(BorrowerNotNatural):
        await apply_for_loan(offering.db, bidder.actor, application(bidder.registration_id), basis_of=basis())


async def test_class_and_prepaid_sale_must_fit_the_product(offering: World) -> None:
    """A home loan is not for a car, and no loan is for a prepaid sell-off unless its product bridges it."""
    bidder = await offering.bidder(DEPOSIT)
    command = application(bidder.registration_id)
    with pytest.raises(rules.LoanClassNotLent):
        await apply_for_loan(offering.db, bidder.actor, command, basis_of=basis(asset_class="vehicle"))
    with pytest.raises(rules.PricePrepaid):
        await apply_for_loan(offering.db, bidder.actor, command, basis_of=basis(is_prepaid=True))

    unbridged = application(bidder.registration_id, bridge_ref="过桥协议1号")
    with pytest.raises(BridgeNotOffered):
        await apply_for_loan(offering.db, bidder.actor, unbridged, basis_of=basis(is_prepaid=True))

    bridged = msgspec.structs.replace(PRODUCT, bridges=True)
    await offering.db.transact(lambda tx: record_product(tx, bridged))
    command = application(bidder.registration_id, bridge_ref="过桥协议1号")
    view = await apply_for_loan(offering.db, bidder.actor, command, basis_of=basis(is_prepaid=True))

    assert view.product_id == PRODUCT.product_id


@pytest.mark.parametrize(
    ("beside_fen", "beside_days", "reference", "ends"),
    [
        (0, 0, "过桥协议1号", "approved"),
        (1, 1, "过桥协议1号", "approved"),
        (-1, 0, "过桥协议1号", "refused"),
        (0, -1, "过桥协议1号", "refused"),
        (0, 0, "过桥协议2号", "refused"),
        (None, 0, "", "refused"),
    ],
)
async def test_bridge_money_is_what_the_lenders_letter_confirms(
    offering: World, beside_fen: int | None, beside_days: int, reference: str, ends: str
) -> None:
    """The very agreement, at least what is lent, at least until the bidding ends: else there is no pre-approval and no limit."""
    await offering.db.transact(lambda tx: record_product(tx, msgspec.structs.replace(PRODUCT, bridges=True)))
    bidder = await offering.bidder(DEPOSIT)
    command = application(bidder.registration_id, bridge_ref=" 过桥协议1号 ")
    async with offering.db.reading() as tx:
        deposit = await deposit_of_registration(tx, bidder.registration_id)
    if beside_fen is not None:
        offering.lender.bridge = BridgeMoney(
            reference=reference,
            amount_fen=min(command.wish_fen, command.price_limit_fen * 7 // 10) + beside_fen,
            available_until=local_day(deposit.closes_at) + timedelta(days=beside_days),
        )

    view = await apply_for_loan(offering.db, bidder.actor, command, basis_of=basis(is_prepaid=True))
    await offering.run_jobs()

    async with offering.db.reading() as tx:
        row = await loan_row(tx, view.loan_id)
    assert row.state == ends
    assert row.reason == (None if ends == "approved" else "bridge_not_confirmed")
    assert (row.approved_fen is None) is (ends == "refused")


def confirmed(reference: str, *, until: date = date(2099, 1, 1)) -> BridgeMoney:
    """Give a letter's word on an agreement."""
    return BridgeMoney(reference=reference, amount_fen=WISH, available_until=until)


async def asks(world: World, bidder: Bidder, reference: str) -> tuple[UUID, str, str | None]:
    """Ask with an agreement; gives the loan, its state and why it was refused."""
    command = application(bidder.registration_id, bridge_ref=reference)
    view = await apply_for_loan(world.db, bidder.actor, command, basis_of=basis(is_prepaid=True))
    await world.run_jobs()
    async with world.db.reading() as tx:
        row = await loan_row(tx, view.loan_id)
    return row.loan_id, row.state, row.reason


@pytest.fixture
async def bridging(offering: World) -> World:
    """A world whose product bridges, and whose lender confirms one agreement."""
    await offering.db.transact(lambda tx: record_product(tx, msgspec.structs.replace(PRODUCT, bridges=True)))
    offering.lender.bridge = confirmed("过桥协议1号")
    return offering


async def test_mistyped_agreement_is_named_anew(bridging: World) -> None:
    """What the lender did not confirm is refused, and another number is asked for; what he approved is not asked again."""
    bidder = await bridging.bidder(DEPOSIT)

    first = await asks(bridging, bidder, "过桥协议11号")
    second = await asks(bridging, bidder, "过桥协议1号")
    third = await asks(bridging, bidder, "过桥协议1号")

    assert first[1:] == ("refused", "bridge_not_confirmed")
    assert second[1:] == ("approved", None)
    assert third == second
    assert first[0] != second[0]


async def test_lender_is_asked_about_agreements_five_times_and_no_more(bridging: World) -> None:
    """The sixth application gives the fifth one's answer; nobody is asked."""
    bidder = await bridging.bidder(DEPOSIT)

    answers = [await asks(bridging, bidder, f"过桥协议{number}号") for number in (2, 3, 4, 5, 6, 1)]

    assert {answer[1:] for answer in answers} == {("refused", "bridge_not_confirmed")}
    assert len({loan_id for loan_id, _, _ in answers}) == rules.MOST_ASKED
    assert answers[-1] == answers[-2]


async def test_decline_is_final_and_two_applications_at_once_are_one(bridging: World) -> None:
    """A lender who declines is not asked again; two applications after a mistyped number ask him once."""
    bridging.lender.declines = True
    declined = await bridging.bidder(DEPOSIT)
    assert (await asks(bridging, declined, "过桥协议1号"))[1] == "refused"
    bridging.lender.declines = False
    assert (await asks(bridging, declined, "过桥协议1号"))[2] == "declined"

    bidder = await bridging.bidder(DEPOSIT)
    await asks(bridging, bidder, "过桥协议9号")
    views = await asyncio.gather(
        *(
            apply_for_loan(
                bridging.db,
                bidder.actor,
                application(bidder.registration_id, bridge_ref="过桥协议1号"),
                basis_of=basis(is_prepaid=True),
            )
            for _ in range(2)
        )
    )
    assert views[0].loan_id == views[1].loan_id


@pytest.mark.parametrize(("days", "counts"), [(-1, True), (0, True), (1, False)])
async def test_bridge_is_measured_by_the_end_that_stands(bridging: World, days: int, counts: bool) -> None:
    """A stop moved the end of the sell-off: to the last day of the bridge money the loan counts, a day later it does not, and the room is told."""
    bidder = await bridging.bidder(DEPOSIT)
    stated = SetSpendingLimit(
        command_id=new_id(), registration_id=bidder.registration_id, own_fen=DEPOSIT, enforced=True
    )
    await set_spending_limit(bridging.db, bidder.actor, stated)
    async with bridging.db.reading() as tx:
        closes_at = (await deposit_of_registration(tx, bidder.registration_id)).closes_at
    until = local_day(closes_at) + timedelta(days=5)
    bridging.lender.bridge = confirmed("过桥协议1号", until=until)
    assert (await asks(bridging, bidder, "过桥协议1号"))[1] == "approved"
    told = [kind for kind, _ in bridging.told].count(TELL_LIMIT)

    async def moved(tx: Transaction) -> None:
        await move_end(tx, bridging.round_id, closes_at=closes_at + timedelta(days=5 + days))
        await tell_of_limits(tx, bridging.round_id)

    await bridging.db.transact(moved)
    await bridging.run_jobs()
    async with bridging.db.reading() as tx:
        plan = await spending_plan(tx, bidder.actor.person_id, bidder.registration_id)
    assert plan is not None
    assert plan.approved.fen == (WISH if counts else 0)
    assert [kind for kind, _ in bridging.told].count(TELL_LIMIT) == told + 1


@pytest.mark.parametrize(("beside", "is_late"), [(-1, True), (0, False), (1, False)])
async def test_application_leaves_the_lender_his_working_days(offering: World, beside: int, is_late: bool) -> None:
    """A day less than the product's working days before registration ends is refused, the very day is in time."""
    async with offering.db.reading() as tx:
        today = local_day(tx.now)
    ends = next(
        day
        for days in range(1, 40)
        if rules.last_day_to_ask(day := today + timedelta(days=days), PRODUCT.cutoff_working_days) >= today
    )
    bidder = await offering.bidder(DEPOSIT, closes_in=timedelta(days=(ends - today).days + beside))
    command = application(bidder.registration_id)

    if is_late:
        with pytest.raises(rules.LoanAskedTooLate):
            await apply_for_loan(offering.db, bidder.actor, command, basis_of=basis())
    else:
        await apply_for_loan(offering.db, bidder.actor, command, basis_of=basis())


async def approved(world: World, bidder: Bidder) -> UUID:
    """Come as far as the pre-approval."""
    command = application(bidder.registration_id)
    view = await apply_for_loan(world.db, bidder.actor, command, basis_of=basis())
    await world.run_jobs()
    return view.loan_id


async def test_pre_approval_keeps_its_letter_and_ends_on_its_last_day(offering: World) -> None:
    """The letter's fingerprint is kept; after its last day nothing is committed under it, on the day it is."""
    async with offering.db.reading() as tx:
        today = local_day(tx.now)
    offering.lender.valid_until = today - timedelta(days=1)
    first, second = await offering.bidder(DEPOSIT), await offering.bidder(DEPOSIT)
    lapsed = await approved(offering, first)
    offering.lender.valid_until = today
    holds = await approved(offering, second)
    async with offering.db.reading() as tx:
        assert (await loan_row(tx, lapsed)).approval_sha256 == "a" * 64
    await offering.pay_by_bank(first, DEPOSIT)
    await offering.close(first, PRICE)

    with pytest.raises(LoanApprovalLapsed):
        await commit_loan(
            offering.db, first.actor, CommitLoan(command_id=new_id(), loan_id=lapsed, amount_fen=LIMIT // 2)
        )
    async with offering.db.reading() as tx:
        assert (await loan_row(tx, holds)).approved_until == today


async def test_terms_of_a_product_stay_with_the_loans_that_were_asked_for(offering: World) -> None:
    """Replacing a product's terms changes no loan."""
    bidder = await offering.bidder(DEPOSIT)
    loan_id = await approved(offering, bidder)
    dearer = msgspec.structs.replace(PRODUCT, annual_rate="9/100", max_share="1/2", draw_working_days=1)
    await offering.db.transact(lambda tx: record_product(tx, dearer))

    async with offering.db.reading() as tx:
        row = await loan_row(tx, loan_id)
    assert (row.annual_rate, row.max_share, row.draw_working_days) == ("385/10000", "7/10", 5)


async def test_means_are_sealed(offering: World) -> None:
    """Income and day of birth are told to the lender and stand nowhere in the clear."""
    await approved(offering, await offering.bidder(DEPOSIT))

    async with offering.db.reading() as tx:
        found = await tx.session.execute(text("SELECT to_jsonb(l)::text AS row FROM fund.loan l"))
        row = found.scalar_one()
    assert "3000000" not in row
    assert "1992" not in row


def officer(institution: str | None) -> Actor:
    """An officer of a lender."""
    return Actor(
        account_id=AccountId(new_id()),
        person_id=PersonId(new_id()),
        roles=frozenset({Role.LENDER}),
        institution=institution,
    )


def offer(**other: object) -> OfferLoanProduct:
    """Offer a product for shops, but for what is said otherwise."""
    given: dict[str, object] = {
        "command_id": new_id(),
        "product_id": "shop-10",
        "name_zh": "法拍商铺贷",
        "name_en": "Auction shop loan",
        "method": "equal_principal",
        "annual_rate_percent": "4.35",
        "max_share_percent": 50,
        "max_months": 120,
        "asset_classes": ("building",),
        "cutoff_working_days": 7,
        "max_age_and_term_years": 65,
        "draw_working_days": 3,
        "approval_working_days": 3,
        "commitment_working_days": 3,
        "bridges": False,
    }
    return OfferLoanProduct(**{**given, **other})  # type: ignore[arg-type] # of the fields' types, as given above


async def test_lender_offers_and_withdraws_his_own_products_only(world: World) -> None:
    """A product bears its lender's name; another lender neither takes its id over nor takes it off."""
    names = {"lender-1": "示范商业银行"}
    stands = await offer_loan_product(world.db, officer("lender-1"), offer(), lender_names=names)
    assert (stands.product.lender, stands.product.annual_rate, stands.product.max_share) == (
        "示范商业银行",
        "87/2000",
        "50/100",
    )

    with pytest.raises(LoanProductTaken):
        await offer_loan_product(world.db, officer("lender-2"), offer(), lender_names=names)
    taken_off = WithdrawLoanProduct(command_id=new_id(), product_id="shop-10")
    with pytest.raises(LoanProductUnknown):
        await withdraw_loan_product(world.db, officer("lender-2"), taken_off)
    assert not (await withdraw_loan_product(world.db, officer("lender-1"), taken_off)).offered
    async with world.db.reading() as tx:
        with pytest.raises(LoanProductUnknown):
            await product_row(tx, "shop-10")


@pytest.mark.parametrize(
    "other",
    [
        {"max_share_percent": 0},
        {"max_share_percent": 101},
        {"max_months": 481},
        {"asset_classes": ()},
        {"cutoff_working_days": 0},
        {"draw_working_days": 61},
        {"name_zh": " "},
        {"product_id": "A"},
    ],
)
async def test_product_out_of_its_bounds_is_refused(world: World, other: dict[str, object]) -> None:
    """Nothing is offered that nobody could apply for."""
    with pytest.raises(LoanProductMalformed):
        await offer_loan_product(world.db, officer("lender-1"), offer(**other), lender_names={})
    with pytest.raises(RoleLacking):
        await offer_loan_product(world.db, await world.officer(Role.CLERK), offer(), lender_names={})
