"""The bank's door: signed calls to the sandbox over HTTP."""

from __future__ import annotations

import msgspec
import pytest

from auction.fund.channels.bank_client import BankClient, OperatorBankClient
from auction.fund.deposits.advance_deposit import OperatorTransfer
from auction.fund.gateway import (
    BankOrder,
    BankOrderSeen,
    OutcomeUnknown,
    ProviderRefused,
    StatementPage,
    SubAccountAsked,
    Sweep,
    Unavailable,
)
from auction.kernel import signed_calls
from tests.web.partners.conftest import Street, eventually, unheard_url

SERVERS = ("bank",)
FEN = 210_000_00
PAYER = "6222020000001234"
PAYEE = "6217000000009876"


class _Account(msgspec.Struct):
    balance_fen: int


class _AccountShown(msgspec.Struct):
    sub_account: _Account


def asked(number: int = 1, **changes: object) -> SubAccountAsked:
    """A sub-account to be opened."""
    base = SubAccountAsked(request_id=f"registration:{number}", purpose="registration", reference=f"R-{number}")
    return msgspec.structs.replace(base, **changes)


def order(from_account: str, **changes: object) -> BankOrder:
    """An order to pay a party."""
    base = BankOrder(
        key="payout:1",
        from_account=from_account,
        to_account=PAYEE,
        to_name="王示例",
        amount_fen=FEN,
        remark="案款发放",
    )
    return msgspec.structs.replace(base, **changes)


async def pay_in(street: Street, to_account: str, fen: int = FEN, *, key: str = "in:1") -> None:
    """Have somebody outside pay in."""
    transfer = {"from_account": PAYER, "from_name": "张示例", "to_account": to_account, "remark": "保证金"}
    await street.order("bank", do="transfer", key=key, amount_fen=fen, **transfer)


async def lines(bank: BankClient) -> StatementPage:
    """Read the whole statement."""
    return await bank.statement(after=0, limit=100)


async def balance(street: Street, number: str) -> int:
    """Read a sub-account's balance beside the door under test."""
    shown = await street.signed("bank").get(f"/v1/sub-accounts/{number}", _AccountShown)
    return shown.sub_account.balance_fen


async def settled(bank: BankClient, key: str = "payout:1") -> BankOrderSeen:
    """Read an order until the bank has done with it."""

    async def ask() -> BankOrderSeen | None:
        return await bank.find_order(key)

    seen = await eventually(ask, lambda order: order is not None and order.state not in {"accepted", "executed"})
    assert seen is not None
    return seen


async def test_same_request_is_the_same_sub_account(street: Street) -> None:
    """A request id stands for one number; another id gets another; other content under it is refused."""
    bank = BankClient(street.signed("bank"))
    first = await bank.open_sub_account(asked(1))
    again = await bank.open_sub_account(asked(1))
    other = await bank.open_sub_account(asked(2))
    with pytest.raises(ProviderRefused) as refused:
        await bank.open_sub_account(asked(1, reference="R-9"))

    assert first == again
    assert other != first
    assert refused.value.code == "idempotency_key_reused"


async def test_statement_tells_who_paid_where_without_a_gap(street: Street) -> None:
    """Lines carry number, payer, remark and running balance; pages follow each other; unattributed money has no number."""
    bank = BankClient(street.signed("bank"))
    number = await bank.open_sub_account(asked())
    await pay_in(street, number, 100, key="in:1")
    await pay_in(street, street.connections["bank"]["main_account"], 30, key="in:2")
    await pay_in(street, number, 7, key="in:3")
    first = await bank.statement(after=0, limit=2)
    second = await bank.statement(after=2, limit=2)
    beyond = await bank.statement(after=3, limit=2)

    assert [(line.sequence, line.amount_fen, line.sub_account) for line in (*first.lines, *second.lines)] == [
        (1, 100, number),
        (2, 30, ""),
        (3, 7, number),
    ]
    line = first.lines[0]
    told = (line.direction, line.counter_account, line.counter_name, line.remark)
    assert told == ("in", PAYER, "张示例", "保证金")
    assert line.booked_at.tzinfo is not None
    pages = [(page.opening_fen, page.closing_fen, page.has_more) for page in (first, second, beyond)]
    assert pages == [(0, 130, True), (130, 137, False), (137, 137, False)]
    assert beyond.lines == ()


async def test_same_key_pays_once(street: Street) -> None:
    """An order repeated under its key leaves once; another amount under the key is refused; the line names the key."""
    bank = BankClient(street.signed("bank"))
    number = await bank.open_sub_account(asked())
    await pay_in(street, number, 3 * FEN)
    await bank.pay(order(number))
    await bank.pay(order(number))
    with pytest.raises(ProviderRefused):
        await bank.pay(order(number, amount_fen=FEN + 1))
    seen = await settled(bank)
    again = await bank.pay(order(number))

    assert (seen.state, again.state) == ("confirmed", "confirmed")
    paid = [line for line in (await lines(bank)).lines if line.direction == "out"]
    assert [(line.amount_fen, line.order_key, line.counter_account) for line in paid] == [(FEN, "payout:1", PAYEE)]
    assert await balance(street, number) == 2 * FEN


async def test_main_account_is_what_our_books_leave_empty(street: Street) -> None:
    """An order from the empty account leaves the main account."""
    bank = BankClient(street.signed("bank"))
    await pay_in(street, street.connections["bank"]["main_account"])
    await bank.pay(order(""))

    assert (await settled(bank)).state == "confirmed"
    assert (await lines(bank)).closing_fen == 0


@pytest.mark.parametrize("fault", ["no_answer_after", "drop_after", "error_after"])
async def test_lost_answer_is_unknown_and_never_pays_twice(
    street: Street, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    """An order whose answer was lost is found by its key, and repeating it pays nothing more."""
    monkeypatch.setattr(signed_calls, "TIMEOUT_S", 2.0)
    bank = BankClient(street.signed("bank"))
    number = await bank.open_sub_account(asked())
    await pay_in(street, number, 3 * FEN)
    await street.order("bank", do="fault", kind=fault, method="POST", path="/v1/orders", times=1)

    with pytest.raises(OutcomeUnknown):
        await bank.pay(order(number))
    found = await bank.find_order("payout:1")
    await bank.pay(order(number))
    await settled(bank)

    assert found is not None
    assert await balance(street, number) == 2 * FEN


@pytest.mark.parametrize("fault", ["no_answer_before", "drop_before", "error_before"])
async def test_lost_order_is_unknown_and_known_to_be_absent_only_by_asking(
    street: Street, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    """An order that never arrived is unknown too; asking for its key says that there is none."""
    monkeypatch.setattr(signed_calls, "TIMEOUT_S", 2.0)
    bank = BankClient(street.signed("bank"))
    number = await bank.open_sub_account(asked())
    await pay_in(street, number, 3 * FEN)
    await street.order("bank", do="fault", kind=fault, method="POST", path="/v1/orders", times=1)

    with pytest.raises(OutcomeUnknown):
        await bank.pay(order(number))

    assert await bank.find_order("payout:1") is None
    assert await balance(street, number) == 3 * FEN


async def test_refused_connection_certainly_did_nothing(street: Street) -> None:
    """Where nobody listens, every call is `Unavailable`."""
    bank = BankClient(street.signed("bank", url=unheard_url()))

    with pytest.raises(Unavailable):
        await bank.pay(order(""))
    with pytest.raises(Unavailable):
        await bank.statement(after=0, limit=1)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"to_account": "6217000000000000"}, "account_unknown"),
        ({"amount_fen": FEN + 1}, "insufficient_funds"),
        ({"to_account": PAYER, "to_name": "另一人"}, "name_differs"),
    ],
)
async def test_rejected_order_moves_nothing_and_says_why(
    street: Street, changes: dict[str, object], reason: str
) -> None:
    """An unknown payee, too little money and another name are rejected; the money stays."""
    bank = BankClient(street.signed("bank"))
    number = await bank.open_sub_account(asked())
    await pay_in(street, number)
    await bank.pay(order(number, **changes))

    seen = await settled(bank)

    assert (seen.state, seen.reason) == ("rejected", reason)
    assert await balance(street, number) == FEN
    assert len((await lines(bank)).lines) == 1


async def test_returned_order_brings_its_money_back_under_its_key(street: Street) -> None:
    """An order that the payee's bank returns leaves and comes back, both lines under our key."""
    bank = BankClient(street.signed("bank"))
    number = await bank.open_sub_account(asked())
    await pay_in(street, number)
    await street.order("bank", do="orders", mood="return")
    await bank.pay(order(number))

    seen = await settled(bank)

    assert seen.state == "returned"
    moved = [(line.direction, line.order_key == "payout:1") for line in (await lines(bank)).lines]
    assert moved == [("in", False), ("out", True), ("in", True)]
    assert await balance(street, number) == FEN


async def test_late_order_is_accepted_until_the_bank_goes_on(street: Street) -> None:
    """An order that the bank is slow with stays accepted; nothing moves before."""
    bank = BankClient(street.signed("bank"))
    number = await bank.open_sub_account(asked())
    await pay_in(street, number)
    await street.order("bank", do="orders", mood="late")
    taken = await bank.pay(order(number))
    before = await balance(street, number)
    await street.order("bank", do="release_order", key="payout:1")

    assert (taken.state, before) == ("accepted", FEN)
    assert (await settled(bank)).state == "confirmed"


async def test_sweep_moves_once_inside_the_court(street: Street) -> None:
    """A sweep repeated under its key moves once; the statement does not change; too much is refused."""
    bank = BankClient(street.signed("bank"))
    number = await bank.open_sub_account(asked(1))
    case = await bank.open_sub_account(asked(2, purpose="case"))
    await pay_in(street, number)
    sweep = Sweep(key="sweep:1", from_account=number, to_account=case, amount_fen=FEN - 1)
    await street.order("bank", do="fault", kind="drop_after", method="POST", path="/v1/sweeps", times=1)
    with pytest.raises(OutcomeUnknown):
        await bank.sweep(sweep)
    await bank.sweep(sweep)
    with pytest.raises(ProviderRefused):
        await bank.sweep(msgspec.structs.replace(sweep, key="sweep:2"))

    assert (await balance(street, number), await balance(street, case)) == (1, FEN - 1)
    assert len((await lines(bank)).lines) == 1


async def test_unattributed_money_is_swept_from_the_main_account(street: Street) -> None:
    """Money that came without a number is brought under the case's number."""
    bank = BankClient(street.signed("bank"))
    case = await bank.open_sub_account(asked(1, purpose="case"))
    await pay_in(street, street.connections["bank"]["main_account"])
    await bank.sweep(Sweep(key="sweep:1", from_account="", to_account=case, amount_fen=FEN))

    assert await balance(street, case) == FEN


async def test_operator_sends_his_own_money_once(street: Street) -> None:
    """The operator's transfer arrives under his name, once per key, also when its answer was lost."""
    bank = BankClient(street.signed("bank"))
    operator = OperatorBankClient(street.signed("operator"))
    case = await bank.open_sub_account(asked(1, purpose="case"))
    transfer = OperatorTransfer(key="advance:1", to_account=case, amount_fen=FEN, remark="垫付保证金")
    await street.order("bank", do="fault", kind="drop_after", method="POST", path="/v1/transfers", times=1)
    with pytest.raises(OutcomeUnknown):
        await operator.send(transfer)
    await operator.send(transfer)

    (line,) = (await lines(bank)).lines
    assert (line.direction, line.amount_fen, line.sub_account, line.remark) == ("in", FEN, case, "垫付保证金")
    assert line.counter_name == street.connections["operator"]["title"]


async def test_each_key_does_its_own_business_only(street: Street) -> None:
    """The operator cannot order the court's money away, and the court's key sends no customer's transfer."""
    pretender = BankClient(street.signed("operator"))
    court = OperatorBankClient(street.signed("bank"))

    with pytest.raises(ProviderRefused):
        await pretender.pay(order(""))
    with pytest.raises(ProviderRefused):
        await court.send(OperatorTransfer(key="advance:1", to_account=PAYEE, amount_fen=1, remark=""))


async def test_wrong_secret_is_refused_not_unknown(street: Street) -> None:
    """A signature that does not verify is an answer: nothing was done."""
    bank = BankClient(street.signed("bank", secret="another secret of sixteen"))

    with pytest.raises(ProviderRefused) as refused:
        await bank.open_sub_account(asked())
    assert refused.value.code == "signature_wrong"
