from __future__ import annotations

from datetime import date, timedelta

import msgspec
import pytest
from sqlalchemy.exc import DBAPIError

from auction.contracts import Admission, DepositHeld
from auction.kernel.actors import SYSTEM, Actor, Role
from auction.kernel.clock import local
from auction.kernel.errors import Refusal
from auction.kernel.ids import new_id
from auction.kernel.money import Money
from auction.law.identity import NotOfFullCapacity
from auction.sale.cases.assets import AssetClass
from auction.sale.cases.bans import BanGround
from auction.sale.cases.parties import PartyRole
from auction.sale.lots.confirm_first_refusal import (
    ConfirmFirstRefusal,
    FirstRefusalTooLate,
    confirm_first_refusal,
)
from auction.sale.lots.panel import FirstRefusalProposal
from auction.sale.lots.put_question import PutQuestion, put_question
from auction.sale.registers.refusals import BarredFromBidding
from auction.sale.rounds import store
from auction.sale.rounds.admit_bidder import AdmitBidder, admit_bidder
from auction.sale.rounds.bidders import (
    AgentTooLate,
    AlreadyRegistered,
    IdentityNotVerified,
    NotAdmitted,
    RegistrationClosed,
    RegistrationState,
    RegistrationUnknown,
    UndertakingMissing,
    WarningsNotAccepted,
    random_code,
)
from auction.sale.rounds.confirm_agent import ConfirmAgent, confirm_agent
from auction.sale.rounds.open_round import handle_open_round
from auction.sale.rounds.register_bidder import Agent, Registered
from auction.sale.rounds.view_registrant import SHOWN_FOR, LookIsOver, ViewRegistrant, view_registrant
from tests.auction.sale.world import DEPOSIT, OPENS_AT, World, actor, resident_number


async def test_registration_opens_its_deposit(world: World) -> None:
    """Registration and deposit are one transaction; without the deposit nobody is admitted (网拍 17)."""
    await world.announced()
    bidder = await world.bidder()

    registered = await world.register(bidder)

    assert registered.deposit_fen == DEPOSIT.fen
    (row,) = await world.rows("SELECT deposit_id, amount_fen FROM fund.deposit")
    assert (row.deposit_id, row.amount_fen) == (registered.deposit_id, DEPOSIT.fen)
    with pytest.raises(NotAdmitted):
        await world.read(lambda tx: store.ticket_right(tx, bidder.person_id, world.lot_id))


@pytest.mark.parametrize(
    ("birth", "lawful"),
    [(date(2009, 3, 4), True), (date(2009, 3, 5), True), (date(2009, 3, 6), False)],
)
async def test_bidder_is_of_age_on_his_birthday(world: World, birth: date, lawful: bool) -> None:
    """Registered on 5 March 2027: who turns eighteen that day may bid, a day younger may not (网拍 14)."""
    await world.announced()
    bidder = await world.bidder(birth=birth)
    if lawful:
        assert (await world.register(bidder)).deposit_fen == DEPOSIT.fen
        return
    with pytest.raises(NotOfFullCapacity):
        await world.register(bidder)


async def test_warnings_must_be_accepted(world: World) -> None:
    """Nobody registers without accepting the special warnings (网拍 14)."""
    await world.announced()

    with pytest.raises(WarningsNotAccepted):
        await world.register(await world.bidder(), accepts_warnings=False)


async def test_purchase_limits_need_an_undertaking(world: World) -> None:
    """In a city with purchase limits a bidder undertakes that he is eligible (法释〔2021〕18号 2)."""
    await world.announced(purchase_limited=True)
    bidder = await world.bidder()

    with pytest.raises(UndertakingMissing):
        await world.register(bidder)
    assert (await world.register(bidder, undertakes_eligibility=True)).deposit_fen == DEPOSIT.fen


async def bar(world: World, bidder: Actor, ground: BanGround) -> None:
    """Put the bidder's person on the case's list."""
    await world.rows(
        "INSERT INTO sale.barred_person VALUES (:case_id, :person_id, :ground, '名单', kernel.now_at()) RETURNING 1",
        case_id=world.case_id,
        person_id=bidder.person_id,
        ground=ground,
    )


@pytest.mark.parametrize(
    "ground",
    [
        *("enforcing_court", "platform", "auxiliary_body", "near_relative", "listed_dishonest"),
        "consumption_restricted",
    ],
)
async def test_barred_groups_do_not_bid_for_a_home(world: World, ground: BanGround) -> None:
    """The groups of 网拍 34, listed dishonest debtors and restricted consumers are kept out of a home's auction."""
    await world.announced()
    bidder = await world.bidder()
    await bar(world, bidder, ground)

    with pytest.raises(BarredFromBidding):
        await world.register(bidder)


@pytest.mark.parametrize("ground", ["listed_dishonest", "consumption_restricted"])
async def test_listed_and_restricted_persons_bid_for_goods(world: World, ground: BanGround) -> None:
    """Neither the list of dishonest debtors nor a restriction on consumption keeps anybody from bidding for goods."""
    world.asset_class = AssetClass.MOVABLE
    await world.announced()
    bidder = await world.bidder()
    await bar(world, bidder, ground)

    assert (await world.register(bidder)).deposit_fen == DEPOSIT.fen


@pytest.mark.parametrize(("restricted", "lawful"), [(False, True), (True, False)])
async def test_judgment_debtor_may_bid_unless_restricted(world: World, restricted: bool, lawful: bool) -> None:
    """The debtor may bid (拍变 12) unless an order restricting consumption covers the asset."""
    await world.announced()
    bidder = await world.bidder()
    await world.rows(
        "INSERT INTO sale.party (party_id, case_id, person_id, role, consumption_restricted, added_at) "
        "VALUES (:id, :case_id, :person_id, 'judgment_debtor', :restricted, kernel.now_at()) RETURNING 1",
        id=new_id(),
        case_id=world.case_id,
        person_id=bidder.person_id,
        restricted=restricted,
    )
    if lawful:
        assert (await world.register(bidder)).deposit_fen == DEPOSIT.fen
        return
    with pytest.raises(BarredFromBidding):
        await world.register(bidder)


@pytest.mark.parametrize(
    ("claim", "due"),
    [
        (DEPOSIT.fen - 1, 1),
        (DEPOSIT.fen, 0),
        (DEPOSIT.fen + 1, 0),
        (Money.yuan(10_000).fen, DEPOSIT.fen - Money.yuan(10_000).fen),
    ],
)
async def test_applicant_pays_what_his_claim_falls_short(world: World, claim: int, due: int) -> None:
    """The applicant for enforcement pays no deposit, or the difference to a smaller claim (网拍 17)."""
    await world.open()
    number = resident_number(date(1975, 1, 1), 500)
    party_id = await world.party(PartyRole.APPLICANT, "吴示例", identity_number=number, claim_fen=claim)
    first = await world.rows(
        "SELECT party_id FROM sale.party WHERE role = 'applicant' AND party_id <> :id", id=party_id
    )
    world.parties[PartyRole.OTHER_CREDITOR] = first[0].party_id  # so that both applicants are served and notified
    await world.price()
    listed = await world.list()
    await world.vote(listed.question_id, "approve", "approve", "approve")
    await world.decide()
    await world.rule_and_notify(local(date(2027, 3, 1), 9))
    await world.at(local(date(2027, 3, 5), 9))
    await world.publish()
    (row,) = await world.rows("SELECT person_id FROM sale.party WHERE party_id = :id", id=party_id)

    registered = await world.register(actor(Role.BIDDER, person_id=row.person_id))

    assert registered.deposit_fen == due


async def test_person_registers_once(world: World) -> None:
    """A second registration of one person is refused, from whatever account."""
    await world.announced()
    bidder = await world.bidder()
    await world.register(bidder)

    with pytest.raises(AlreadyRegistered):
        await world.register(actor(Role.BIDDER, person_id=bidder.person_id))


async def test_registration_needs_an_announced_round(world: World) -> None:
    """Before the notice and after the outcome nobody registers (网拍 18)."""
    published = await world.announced()
    await world.close(world.outcome(published, None))

    with pytest.raises(RegistrationClosed):
        await world.register(await world.bidder())


async def test_registration_stays_open_while_bidding(world: World) -> None:
    """Registration does not close when the bidding opens (网拍 18)."""
    await world.announced()
    await world.at(OPENS_AT)
    (job,) = await world.jobs("sale.open_round")
    await handle_open_round(world.db, job)

    (row,) = await world.rows("SELECT state FROM sale.round")
    assert row.state == "open"
    _, registered, _ = await world.admitted()
    assert registered.deposit_fen == DEPOSIT.fen


async def test_admission_draws_a_code_that_only_its_bidder_sees(world: World) -> None:
    """The code goes to the room and to its own bidder; no table joins it to the person (security 2)."""
    published = await world.announced()
    bidder, registered, code = await world.admitted()
    other, _, other_code = await world.admitted("赵示例")

    right = await world.read(lambda tx: store.ticket_right(tx, bidder.person_id, world.lot_id))
    assert (right.code, right.session_id) == (code, published.session_id)
    assert code != other_code
    other_right = await world.read(lambda tx: store.ticket_right(tx, other.person_id, world.lot_id))
    assert other_right.code == other_code
    (row,) = await world.rows("SELECT * FROM sale.bidder_code WHERE code = :code", code=code)
    assert str(registered.registration_id) not in str(row)
    results = await world.rows("SELECT result FROM kernel.command")
    assert all(code.encode() not in bytes(each.result) for each in results)


def test_codes_have_a_letter_and_four_digits() -> None:
    """Codes look like B4085 and never hold a letter that reads as a digit."""
    codes = {random_code() for _ in range(200)}

    assert len(codes) > 150
    assert all(len(code) == 5 and code[0] not in "IO" and code[1:].isdecimal() for code in codes)


async def test_deposit_held_twice_admits_once(world: World) -> None:
    """The same message twice draws one code and enqueues one admission."""
    await world.announced()
    _, registered, _ = await world.admitted()
    held = DepositHeld(
        registration_id=registered.registration_id,
        deposit_id=registered.deposit_id,
        case_id=world.case_id,
        amount_fen=registered.deposit_fen,
    )

    state = await admit_bidder(world.db, SYSTEM, AdmitBidder(command_id=new_id(), held=held))

    assert state is RegistrationState.ADMITTED
    assert len(await world.jobs("bidding.admit_bidder")) == 1


async def test_foreign_deposit_admits_nobody(world: World) -> None:
    """A deposit that is not this registration's admits nobody."""
    await world.announced()
    registered = await world.register(await world.bidder())
    held = DepositHeld(
        registration_id=registered.registration_id, deposit_id=new_id(), case_id=world.case_id, amount_fen=1
    )

    with pytest.raises(RegistrationUnknown):
        await admit_bidder(world.db, SYSTEM, AdmitBidder(command_id=new_id(), held=held))


async def test_deposit_after_the_end_admits_nobody(world: World) -> None:
    """Money that is held after the round ended goes back (网拍 18, 23)."""
    published = await world.announced()
    registered = await world.register(await world.bidder())
    await world.close(world.outcome(published, None))
    held = DepositHeld(
        registration_id=registered.registration_id,
        deposit_id=registered.deposit_id,
        case_id=world.case_id,
        amount_fen=registered.deposit_fen,
    )

    state = await admit_bidder(world.db, SYSTEM, AdmitBidder(command_id=new_id(), held=held))

    assert state is RegistrationState.RELEASED
    assert not await world.jobs("bidding.admit_bidder")
    assert len(await world.jobs("fund.release_deposit")) == 1


async def confirmed_tenant(world: World) -> Actor:
    """Make a bidder who is the tenant, with a right of the first rank."""
    number = resident_number(date(1980, 1, 1), 600)
    party_id = await world.party(PartyRole.TENANT, "孙示例", identity_number=number)
    (row,) = await world.rows("SELECT person_id FROM sale.party WHERE party_id = :id", id=party_id)
    question_id = new_id()
    proposal = FirstRefusalProposal(lot_id=world.lot_id, person_id=row.person_id, basis="tenant", rank=1)
    await put_question(
        world.db, world.handler, PutQuestion(command_id=new_id(), question_id=question_id, proposal=proposal)
    )
    await world.vote(question_id, "approve", "approve", "approve")
    command = ConfirmFirstRefusal(
        command_id=new_id(),
        lot_id=world.lot_id,
        person_id=row.person_id,
        basis="tenant",
        rank=1,
        question_id=question_id,
    )
    await confirm_first_refusal(world.db, world.handler, command)
    return actor(Role.BIDDER, person_id=row.person_id)


async def test_confirmed_rank_goes_with_the_admission(world: World) -> None:
    """A holder confirmed by the panel is admitted with his rank, others with none (网拍 19, 21)."""
    await world.announced()
    holder = await confirmed_tenant(world)
    await world.pay_deposit(await world.register(holder))
    await world.admitted()

    ranks = [job.decode(Admission).first_refusal_rank for job in await world.jobs("bidding.admit_bidder")]
    assert sorted(ranks, key=str) == [1, None]


@pytest.mark.parametrize(("seconds", "lawful"), [(-1, True), (0, False), (1, False)])
async def test_first_refusal_is_confirmed_before_the_opening(world: World, seconds: int, lawful: bool) -> None:
    """From the opening instant on nobody's right is confirmed, whether or not the round's state has moved (网拍 19)."""
    await world.announced()
    await world.at(OPENS_AT + timedelta(seconds=seconds))
    if lawful:
        await confirmed_tenant(world)
        return
    with pytest.raises(FirstRefusalTooLate):
        await confirmed_tenant(world)


@pytest.mark.parametrize("role", [Role.CLERK, Role.FINANCE, Role.AGENCY, Role.ADMINISTRATOR])
async def test_no_account_with_another_role_bids(world: World, role: Role) -> None:
    """Whoever works for the court, an auxiliary body or the platform is no bidder (网拍 34)."""
    await world.announced()
    bidder = await world.bidder()

    with pytest.raises(BarredFromBidding):
        await world.register(actor(Role.BIDDER, role, person_id=bidder.person_id))


async def test_handler_and_panel_of_the_case_do_not_bid(world: World) -> None:
    """Not even by an account that is only a bidder's: the person counts (网拍 34)."""
    await world.announced()
    for one in (world.handler, *world.judges):
        with pytest.raises(BarredFromBidding):
            await world.register(actor(Role.BIDDER, person_id=one.person_id))


async def test_bidder_of_unverified_identity_is_refused(world: World) -> None:
    """Somebody must vouch for a bidder's identity (网拍 14)."""
    await world.announced()
    bidder = await world.bidder()

    with pytest.raises(IdentityNotVerified):
        await world.register(msgspec.structs.replace(bidder, is_identified=False))


async def test_unconfirmed_agent_is_no_person_on_file(world: World) -> None:
    """What a bidder says of his agent makes no person; the clerk's confirmation does (网拍 14)."""
    await world.announced()
    before = await world.rows("SELECT 1 FROM kernel.person")
    registered = await with_agent(world)
    assert len(await world.rows("SELECT 1 FROM kernel.person")) == len(before) + 1, "the bidder himself only"

    command = ConfirmAgent(command_id=new_id(), registration_id=registered.registration_id)
    await confirm_agent(world.db, world.clerk, command)

    assert len(await world.rows("SELECT 1 FROM kernel.person")) == len(before) + 2
    (row,) = await world.rows("SELECT agent_sealed, agent_person_id FROM sale.registration")
    assert row.agent_sealed is None
    assert row.agent_person_id is not None


async def with_agent(world: World) -> Registered:
    """Register a bidder who names an agent."""
    agent = Agent(name="钱示例", identity_number=resident_number(date(1985, 1, 1), 700), document_ref="授权委托书")
    return await world.register(await world.bidder(), agent=agent)


async def test_agent_is_confirmed_before_the_opening(world: World) -> None:
    """A confirmed agent goes with the admission; at the opening it is too late (网拍 14)."""
    await world.announced()
    registered = await with_agent(world)
    await confirm_agent(
        world.db, world.clerk, ConfirmAgent(command_id=new_id(), registration_id=registered.registration_id)
    )
    await world.pay_deposit(registered)

    (job,) = await world.jobs("bidding.admit_bidder")
    assert job.decode(Admission).has_agent
    late = ConfirmAgent(command_id=new_id(), registration_id=registered.registration_id)
    await world.at(OPENS_AT)
    with pytest.raises(AgentTooLate):
        await confirm_agent(world.db, world.clerk, late)
    with pytest.raises(AgentTooLate):
        await with_agent(world)


async def test_each_look_at_a_registrant_is_logged(world: World) -> None:
    """The clerk sees person and agent, never the code, and every look leaves a row (practice 34)."""
    await world.announced()
    registered = await with_agent(world)
    view = ViewRegistrant(
        command_id=new_id(), view_id=new_id(), registration_id=registered.registration_id, purpose="agent"
    )

    seen = await view_registrant(world.db, world.clerk, view)

    assert (seen.name, seen.agent_name, seen.agent_confirmed) == ("张示例", "钱示例", False)
    assert not any("code" in field for field in seen.__struct_fields__)
    (row,) = await world.rows("SELECT account_id, purpose FROM sale.registrant_view")
    assert (row.account_id, row.purpose) == (world.clerk.account_id, "agent")


@pytest.mark.parametrize(("later_us", "is_shown"), [(-1, True), (0, True), (1, False)])
async def test_old_look_at_a_registrant_is_not_shown_again(world: World, later_us: int, is_shown: bool) -> None:
    """A repeated call shows the names for ten minutes, for an answer that was lost; then it takes a new row of the log."""
    await world.announced()
    registered = await with_agent(world)
    view = ViewRegistrant(
        command_id=new_id(), view_id=new_id(), registration_id=registered.registration_id, purpose="agent"
    )
    await view_registrant(world.db, world.clerk, view)
    (row,) = await world.rows("SELECT viewed_at FROM sale.registrant_view")
    await world.at(row.viewed_at + SHOWN_FOR + timedelta(microseconds=later_us))

    if is_shown:
        assert (await view_registrant(world.db, world.clerk, view)).name == "张示例"
        return
    with pytest.raises(LookIsOver):
        await view_registrant(world.db, world.clerk, view)
    again = msgspec.structs.replace(view, command_id=new_id(), view_id=new_id())
    assert (await view_registrant(world.db, world.clerk, again)).name == "张示例"


@pytest.mark.parametrize("role", [Role.FINANCE, Role.CASE_HANDLER, Role.PRESIDING_JUDGE, Role.BIDDER])
async def test_only_the_clerk_sees_registrants(world: World, role: Role) -> None:
    """Finance, judges and other bidders see no registrant."""
    await world.announced()
    registered = await world.register(await world.bidder())
    view = ViewRegistrant(
        command_id=new_id(), view_id=new_id(), registration_id=registered.registration_id, purpose="eligibility"
    )

    with pytest.raises(Refusal) as refused:
        await view_registrant(world.db, actor(role), view)
    assert refused.value.code == "role_lacking"


async def test_database_keeps_a_registration_as_it_is(world: World) -> None:
    """Neither person nor deposit of a registration can be exchanged."""
    await world.announced()
    await world.register(await world.bidder())

    with pytest.raises(DBAPIError, match="registration_fixed"):
        await world.rows("UPDATE sale.registration SET deposit_fen = 1 RETURNING 1")
    with pytest.raises(DBAPIError, match="registration_move_unlawful"):
        await world.rows("UPDATE sale.registration SET state = 'won' RETURNING 1")
