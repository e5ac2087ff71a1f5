"""A small world for tests of the fund: a provider and a bank of our own that can lose answers, and a job runner."""

from __future__ import annotations

import hashlib
import itertools
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

import msgspec
from sqlalchemy import text

from auction.fund.acts.store import ActShown
from auction.fund.agree_to_act import AgreeToAct, agree_to_act
from auction.fund.case_file import note_case_service, note_party, note_sealed_document
from auction.fund.channels.confirm_statement import TAKE_STATEMENT, handle_take_statement
from auction.fund.channels.poll_bank import poll_bank
from auction.fund.channels.read_order import READ_ORDER, handle_read_order
from auction.fund.channels.sweep_receipt import handle_sweep_receipt
from auction.fund.channels.take_provider_event import ACT_ON_EVENT, handle_act_on_event
from auction.fund.claims.tax_office import Assessment, AssessmentAsked, TaxHead, TaxOffice
from auction.fund.deposits.advance_deposit import (
    ADVANCE_DEPOSIT,
    CHECK_ADVANCE,
    OperatorAccount,
    OperatorTransfer,
    handle_advance_deposit,
    handle_check_advance,
)
from auction.fund.deposits.apply_deposit import (
    CAPTURE_PAYMENT,
    close_deposits,
    handle_apply_deposit,
)
from auction.fund.deposits.deposits import CardPolicy, DepositView
from auction.fund.deposits.move_deposit import CHECK_MOVE, handle_check_move
from auction.fund.deposits.open_deposit import open_deposit
from auction.fund.deposits.open_virtual_account import (
    ASK_VIRTUAL_ACCOUNT,
    OpenVirtualAccount,
    handle_ask_virtual_account,
    open_virtual_account,
    virtual_account_view,
)
from auction.fund.deposits.record_receipt import APPLY_DEPOSIT, SWEEP_RECEIPT
from auction.fund.deposits.release_deposit import (
    CANCEL_PAYMENT,
    CHECK_RELEASE,
    RELEASE_DEPOSIT,
    handle_check_release,
    handle_release_deposit,
)
from auction.fund.deposits.send_refund import (
    ASK_CARD_PAYMENT,
    CHECK_REFUND,
    SEND_REFUND,
    handle_check_refund,
    handle_send_refund,
)
from auction.fund.deposits.start_card_payment import (
    handle_ask_card_payment,
    handle_cancel_payment,
    handle_capture_payment,
)
from auction.fund.deposits.store import deposit_row, deposit_view
from auction.fund.gateway import (
    CARD_LEAST_FEN,
    Bank,
    BankLine,
    BankOrder,
    BankOrderSeen,
    CardBalance,
    CardCharge,
    CardEvent,
    CardGateway,
    CardLine,
    CardLinePage,
    CardPage,
    CardPayment,
    CardPayout,
    CardPayoutPage,
    CardRefund,
    EventForged,
    PayoutState,
    ProviderRefused,
    StatementPage,
    SubAccountAsked,
    Sweep,
)
from auction.fund.ledger.accounts import AccountKind
from auction.fund.ledger.check_books import check_books
from auction.fund.ledger.open_case_fund import open_case_fund
from auction.fund.ledger.store import totals_by_kind
from auction.fund.loans.answer_clock import CHECK_ANSWER, handle_check_answer
from auction.fund.loans.apply_for_loan import ASK_APPROVAL, handle_ask_approval
from auction.fund.loans.commit_loan import ASK_COMMITMENT, CANCEL_COMMITMENT, handle_ask_commitment
from auction.fund.loans.draw_clock import CHECK_DRAW, TELL_LENDER, handle_check_draw, handle_tell_lender
from auction.fund.loans.draw_loan import ASK_DRAW, handle_ask_draw, handle_cancel_commitment
from auction.fund.loans.lender import (
    Approval,
    ApprovalAsked,
    BridgeMoney,
    Commitment,
    CommitmentAsked,
    Draw,
    DrawAsked,
    Lender,
    Told,
)
from auction.fund.payouts.put_in_escrow import EscrowOrderTerms, escrow_order
from auction.fund.payouts.sign_step import ORDER_PAYOUT, handle_order_payout
from auction.fund.plans.store import settled_line
from auction.fund.rulings import ruling_body
from auction.fund.settlement.note_service import NOTE_SERVICE, handle_note_service
from auction.fund.settlement.take_tax_assessment import ASK_ASSESSMENT, handle_ask_assessment
from auction.fund.undoings.work_out_award import AwardTerms, work_out_award
from auction.fund.undoings.work_out_reversal import ReversalTerms, work_out_reversal
from auction.kernel.actors import Actor, Role
from auction.kernel.db import Database, Transaction
from auction.kernel.errors import OutcomeUnknown
from auction.kernel.ids import AccountId, PersonId, new_id
from auction.kernel.jobs import Handler, promote_due, run_job
from auction.kernel.money import Money
from auction.kernel.persons import record_person

CASE_NUMBER = "8800100200300400" + "00000001"
ADVANCED = CardPolicy(provider_reaches_court_in=None, operator_advances=True)
FAR = timedelta(days=30)
DUE = """WITH retried AS (
  UPDATE kernel.job SET due_at = kernel.now_at() WHERE state = 'waiting' AND attempts > 0 AND due_at > kernel.now_at() RETURNING 1
)
SELECT EXISTS (SELECT FROM retried)
  OR EXISTS (SELECT FROM kernel.job WHERE state = 'queued' OR (state = 'waiting' AND due_at <= kernel.now_at()))"""
T = TypeVar("T")


@dataclass
class Line:
    """How often the next calls lose their answer after they worked, or fail before."""

    lose_answers: int = 0

    def answer(self, value: Any) -> Any:  # noqa: ANN401 - whatever the port gives
        """Give the answer, or lose it."""
        if self.lose_answers > 0:
            self.lose_answers -= 1
            raise OutcomeUnknown("the answer was lost")
        return value


@dataclass
class FakeCards(Line):
    """A card provider that keeps idempotency keys for ever and counts what it really did."""

    held: dict[str, CardPayment] = field(default_factory=dict)
    refunds: dict[str, tuple[str, CardRefund]] = field(default_factory=dict)
    keys: dict[str, Any] = field(default_factory=dict)
    fee_fen: int = 0
    capture_before: datetime | None = None
    refund_state: str = "succeeded"
    charges: list[CardLine] = field(default_factory=list)
    """Lines of the balance by which the provider charges for himself."""
    paid_out: list[CardPayout] = field(default_factory=list)
    pages: list[str | None] = field(default_factory=list)
    """Where each page of payouts that was asked for began."""
    numbers: Any = field(default_factory=lambda: itertools.count(1))

    def once(self, key: str, do: Callable[[], Any]) -> Any:  # noqa: ANN401 - a test's own books
        if key not in self.keys:
            self.keys[key] = do()
        return self.keys[key]

    async def charge(self, charge: CardCharge) -> CardPayment:
        def do() -> str:
            provider_id = f"pi_{next(self.numbers)}"
            self.held[provider_id] = CardPayment(
                provider_id=provider_id,
                payment_id=charge.payment_id,
                state="open",
                amount_fen=charge.amount_fen,
                received_fen=0,
                client_secret=f"{provider_id}_secret",
            )
            return provider_id

        found: CardPayment = self.answer(self.held[self.once(charge.key, do)])
        return found

    def change(self, provider_id: str, **changes: object) -> CardPayment:
        self.held[provider_id] = msgspec.structs.replace(self.held[provider_id], **changes)
        return self.held[provider_id]

    def pay(self, provider_id: str, *, hold: bool = False) -> None:
        """The card holder pays on the provider's page."""
        seen = self.held[provider_id]
        if hold:
            self.change(provider_id, state="authorised", capture_before=self.capture_before)
        else:
            self.change(provider_id, state="succeeded", received_fen=seen.amount_fen, fee_fen=self.fee_fen)

    async def find(self, provider_id: str) -> CardPayment:
        found: CardPayment = self.answer(self.held[provider_id])
        return found

    async def find_by_payment_id(self, payment_id: str) -> CardPayment | None:
        return next((p for p in self.held.values() if p.payment_id == payment_id), None)

    async def capture(self, provider_id: str, *, amount_fen: int, key: str) -> CardPayment:
        def do() -> int:
            if self.held[provider_id].state != "authorised":
                raise ProviderRefused("payment_intent_unexpected_state")
            if not CARD_LEAST_FEN <= amount_fen <= self.held[provider_id].amount_fen:
                raise ProviderRefused("amount_too_small_or_large")
            self.change(provider_id, state="succeeded", received_fen=amount_fen)
            return amount_fen

        if self.once(key, do) != amount_fen:
            raise ProviderRefused("idempotency_error")
        found: CardPayment = self.answer(self.held[provider_id])
        return found

    async def cancel(self, provider_id: str, *, key: str) -> CardPayment:
        def do() -> None:
            if self.held[provider_id].state == "succeeded":
                raise ProviderRefused("payment_intent_unexpected_state")
            self.change(provider_id, state="cancelled")

        self.once(key, do)
        found: CardPayment = self.answer(self.held[provider_id])
        return found

    async def refund(self, provider_id: str, *, amount_fen: int, refund_id: str, key: str) -> CardRefund:
        def do() -> str:
            refund = CardRefund(
                provider_id=f"re_{next(self.numbers)}",
                payment_provider_id=provider_id,
                state=self.refund_state,  # type: ignore[arg-type]  # a test chooses it
                amount_fen=amount_fen,
            )
            self.refunds[refund.provider_id] = (refund_id, refund)
            return refund.provider_id

        found: CardRefund = self.answer(self.refunds[self.once(key, do)][1])
        return found

    async def find_refund(self, refund_provider_id: str) -> CardRefund:
        return self.refunds[refund_provider_id][1]

    async def find_refund_by_id(self, provider_id: str, refund_id: str) -> CardRefund | None:
        found = [r for ours, r in self.refunds.values() if ours == refund_id and r.payment_provider_id == provider_id]
        return found[0] if found else None

    def settle_refunds(self, state: str) -> None:
        for key, (ours, refund) in self.refunds.items():
            self.refunds[key] = (ours, msgspec.structs.replace(refund, state=state))

    async def payments(self, *, since: datetime, after: str | None, limit: int) -> CardPage:
        del since, after, limit
        return CardPage(payments=tuple(self.held.values()), next_after=None)

    def pay_out(self, amount_fen: int, state: PayoutState = "paid") -> str:
        """The provider sends what it holds to the operator's bank account."""
        payout = CardPayout(
            provider_id=f"po_{next(self.numbers)}", state=state, amount_fen=amount_fen, arrives_on=date(2026, 11, 23)
        )
        self.paid_out.insert(0, payout)
        return payout.provider_id

    def payout_becomes(self, provider_id: str, state: PayoutState) -> None:
        """A payout arrives, or the operator's bank sends it back."""
        self.paid_out = [
            msgspec.structs.replace(payout, state=state) if payout.provider_id == provider_id else payout
            for payout in self.paid_out
        ]

    async def balance(self) -> CardBalance:
        """What was received and did not leave again; a refund leaves when it is made, one that fails comes back."""
        fen = sum(one.received_fen - one.fee_fen - one.disputed_fen for one in self.held.values())
        fen -= sum(refund.amount_fen for _, refund in self.refunds.values() if refund.state != "failed")
        fen -= sum(payout.amount_fen for payout in self.paid_out if payout.state != "failed")
        return CardBalance(available_fen=fen + sum(line.net_fen for line in self.charges), pending_fen=0)

    async def balance_lines(self, *, since: datetime, after: str | None, limit: int) -> CardLinePage:
        del since, after, limit
        return CardLinePage(lines=tuple(self.charges), next_after=None)

    async def payouts(self, *, since: datetime, after: str | None, limit: int) -> CardPayoutPage:
        del since
        self.pages.append(after)
        ids = [payout.provider_id for payout in self.paid_out]
        start = 0 if after is None else ids.index(after) + 1
        shown = tuple(self.paid_out[start : start + limit])
        more = len(ids) > start + limit
        return CardPayoutPage(payouts=shown, next_after=shown[-1].provider_id if more else None)

    def read_event(self, body: bytes, signature: str) -> CardEvent:
        if signature != "good":
            raise EventForged
        event: CardEvent = msgspec.json.decode(body, type=CardEvent)
        return event


@dataclass
class FakeBank(Line):
    """A bank with a statement, sub-accounts and orders that are carried out at once."""

    lines: list[BankLine] = field(default_factory=list)
    accounts: dict[str, str] = field(default_factory=dict)
    orders: dict[str, tuple[BankOrder, BankOrderSeen]] = field(default_factory=dict)
    sweeps: dict[str, Sweep] = field(default_factory=dict)
    mood: str = "confirmed"
    main_account: str = "8800100200300400"

    def _book(self, direction: str, amount_fen: int, **more: str) -> BankLine:
        opening = self.lines[-1].closing_fen if self.lines else 0
        number = len(self.lines) + 1
        line = BankLine(
            line_id=f"L{number}",
            sequence=number,
            direction=direction,  # type: ignore[arg-type]  # one of two
            amount_fen=amount_fen,
            opening_fen=opening,
            closing_fen=opening + (amount_fen if direction == "in" else -amount_fen),
            booked_at=datetime.now(UTC),
            **{"sub_account": "", "remark": "", "order_key": "", **more},
        )
        self.lines.append(line)
        return line

    def pay_in(self, amount_fen: int, *, name: str, to: str = "", remark: str = "", account: str = "6222") -> BankLine:
        """Somebody outside pays in."""
        return self._book("in", amount_fen, counter_account=account, counter_name=name, sub_account=to, remark=remark)

    async def open_sub_account(self, asked: SubAccountAsked) -> str:
        number = self.accounts.setdefault(asked.request_id, f"88001002003004001{len(self.accounts):07d}")
        found: str = self.answer(number)
        return found

    async def statement(self, *, after: int, limit: int) -> StatementPage:
        before = self.lines[after - 1].closing_fen if after else 0
        shown = self.lines[after : after + limit]
        closing = shown[-1].closing_fen if shown else before
        more = len(self.lines) > after + limit
        return StatementPage(opening_fen=before, closing_fen=closing, lines=tuple(shown), has_more=more)

    async def pay(self, order: BankOrder) -> BankOrderSeen:
        if order.key not in self.orders:
            if self.mood != "rejected":
                self._book(
                    "out",
                    order.amount_fen,
                    counter_account=order.to_account,
                    counter_name=order.to_name,
                    sub_account=order.from_account,
                    remark=order.remark,
                    order_key=order.key,
                )
            self.orders[order.key] = (order, BankOrderSeen(key=order.key, state=self.mood))  # type: ignore[arg-type]
        elif self.orders[order.key][0] != order:
            raise ProviderRefused("key_reused")
        seen: BankOrderSeen = self.answer(self.orders[order.key][1])
        return seen

    def settle(self, state: str) -> None:
        """Let every order come to this state; what is returned is booked back in."""
        for key in self.orders:
            self.settle_one(key, state)

    def settle_one(self, key: str, state: str) -> None:
        """Let one order come to this state; what is returned is booked back in."""
        self.say(key, state)
        if state == "returned":
            self.book_back(key)

    def say(self, key: str, state: str) -> None:
        """Say of an order that it is in this state."""
        self.orders[key] = (self.orders[key][0], BankOrderSeen(key=key, state=state))  # type: ignore[arg-type]

    def book_back(self, key: str) -> None:
        """Show the money of an order as having come back."""
        order = self.orders[key][0]
        self._book(
            "in",
            order.amount_fen,
            counter_account=order.to_account,
            counter_name=order.to_name,
            sub_account=order.from_account,
            order_key=key,
        )

    async def find_order(self, key: str) -> BankOrderSeen | None:
        return self.orders[key][1] if key in self.orders else None

    async def sweep(self, sweep: Sweep) -> None:
        self.sweeps.setdefault(sweep.key, sweep)
        self.answer(None)


@dataclass
class FakeOperator(Line):
    """The operator's own account; its transfers arrive at the bank."""

    bank: FakeBank = field(default_factory=FakeBank)
    sent: dict[str, OperatorTransfer] = field(default_factory=dict)

    async def send(self, transfer: OperatorTransfer) -> None:
        if transfer.key not in self.sent:
            self.sent[transfer.key] = transfer
            self.bank.pay_in(
                transfer.amount_fen, name="示范运营公司", to=transfer.to_account, remark=transfer.remark, account="7001"
            )
        self.answer(None)


@dataclass
class FakeLender(Line):
    """A lender that approves seven tenths and pays when asked, perhaps a fen beside."""

    bank: FakeBank = field(default_factory=FakeBank)
    beside_fen: int = 0
    declines: bool = False
    drawn: dict[str, DrawAsked] = field(default_factory=dict)
    cancelled: list[str] = field(default_factory=list)
    committed: list[str] = field(default_factory=list)
    refuses_commitment: bool = False
    before_commit: Callable[[], Awaitable[None]] | None = None
    """What happens between our question and his promise."""
    valid_until: date = date(2099, 1, 1)
    pays: bool = True
    """Whether a draw is paid at once; otherwise it stays asked."""
    bridge: BridgeMoney | None = None
    """What his letter confirms of bridge money."""
    told: dict[str, Told] = field(default_factory=dict)

    async def approve(self, asked: ApprovalAsked) -> Approval:
        fen = 0 if self.declines else min(asked.wish_fen, asked.price_limit_fen * 7 // 10)
        state: Any = "declined" if self.declines else "approved"
        document = {"no": "A1", "bridge": msgspec.to_builtins(self.bridge)}
        letter = None if self.declines else {"document": document, "sha256": "a" * 64, "signature": ""}
        found: Approval = self.answer(
            Approval(
                approval_no="A1",
                approved_fen=fen,
                state=state,
                valid_until=self.valid_until,
                letter=letter,
                bridge=self.bridge,
            )
        )
        return found

    async def commit(self, asked: CommitmentAsked) -> Commitment:
        if self.refuses_commitment:
            raise ProviderRefused("credit_refused", "no")
        if self.before_commit is not None:
            await self.before_commit()
        if asked.key not in self.committed:
            self.committed.append(asked.key)
        found: Commitment = self.answer(
            Commitment(commitment_no="C1", amount_fen=asked.amount_fen, letter={"no": "C1", "sha256": "c" * 64})
        )
        return found

    async def cancel(self, commitment_key: str) -> None:
        self.cancelled.append(commitment_key)
        self.answer(None)

    async def draw(self, asked: DrawAsked) -> Draw:
        if asked.key not in self.drawn and not self.pays:
            return Draw(key=asked.key, state="asked")
        if asked.key not in self.drawn:
            self.drawn[asked.key] = asked
            self.bank.pay_in(
                asked.amount_fen + self.beside_fen,
                name="示范商业银行",
                to=asked.to_account,
                remark=asked.reference,
                account="6000",
            )
        found: Draw = self.answer(Draw(key=asked.key, state="paid"))
        return found

    async def tell(self, told: Told) -> None:
        self.told[told.key] = told
        self.answer(None)


@dataclass
class FakeTaxOffice(Line):
    """A tax office that asks one head of every price."""

    state: str = "done"
    per_mille: int = 10
    asked: list[AssessmentAsked] = field(default_factory=list)

    async def assess(self, asked: AssessmentAsked) -> Assessment:
        self.asked.append(asked)
        head = TaxHead(head="vat", name="增值税", amount_fen=asked.price_fen * self.per_mille // 1000)
        heads = (head,) if self.state == "done" else ()
        found: Assessment = self.answer(Assessment(state=self.state, heads=heads, document_sha256="ab"))  # type: ignore[arg-type]
        return found


@dataclass
class Bidder:
    """A registered bidder with his deposit."""

    actor: Actor
    name: str
    registration_id: UUID
    deposit_id: UUID


class Crashed(Exception):
    """The process died here."""


class CrashingDatabase(Database):
    """The same database under a process that dies at its n-th transaction, before it or after it committed."""

    def __init__(self, real: Database, *, at: int, after: bool) -> None:
        """Share the real one's connections."""
        self.__dict__.update(real.__dict__)
        self.at, self.after, self.count = at, after, 0

    async def transact(self, work: Callable[[Transaction], Awaitable[T]]) -> T:
        """Run the work, or die."""
        self.count += 1
        if self.count == self.at and not self.after:
            raise Crashed
        result = await super().transact(work)
        if self.count == self.at:
            raise Crashed
        return result


class World:
    """A case with a fund, its channels, and the jobs."""

    def __init__(self, db: Database) -> None:
        """Wire the fakes."""
        self.db = db
        self.cards = FakeCards()
        self.bank = FakeBank()
        self.operator = FakeOperator(bank=self.bank)
        self.lender = FakeLender(bank=self.bank)
        self.tax = FakeTaxOffice()
        self.case_id, self.lot_id, self.round_id = new_id(), new_id(), new_id()
        self.numbers = itertools.count(1)
        self.lost: list[str] = []
        self.told: list[tuple[str, dict[str, Any]]] = []
        self.handlers = self.handlers_of(self.cards, self.bank, self.operator, self.lender, self.tax)

    def rewire(self, db: Database) -> None:
        """Put this world on another database, with doors of its own to it."""
        self.db = db
        self.handlers = self.handlers_of(self.cards, self.bank, self.operator, self.lender, self.tax)

    def __getstate__(self) -> dict[str, object]:
        """What a stage remembers: all but the database and what is bound to it."""
        return {name: value for name, value in vars(self).items() if name not in {"db", "handlers"}}

    def handlers_of(
        self,
        cards: CardGateway,
        bank: Bank,
        operator: OperatorAccount,
        lender: Lender,
        tax: TaxOffice,
        *,
        crashing: Database | None = None,
    ) -> dict[str, Handler]:
        """Bind the handlers of all jobs to these doors, and to a database that may crash under them."""
        db, lenders = crashing or self.db, {"lender-1": lender}
        return {
            ASK_CARD_PAYMENT: lambda job: handle_ask_card_payment(db, cards, job),
            CAPTURE_PAYMENT: lambda job: handle_capture_payment(db, cards, job),
            CANCEL_PAYMENT: lambda job: handle_cancel_payment(db, cards, job),
            ACT_ON_EVENT: lambda job: handle_act_on_event(db, cards, job),
            SEND_REFUND: lambda job: handle_send_refund(db, cards, bank, job),
            ASK_VIRTUAL_ACCOUNT: lambda job: handle_ask_virtual_account(db, bank, job),
            READ_ORDER: lambda job: handle_read_order(db, bank, job),
            SWEEP_RECEIPT: lambda job: handle_sweep_receipt(db, bank, job),
            APPLY_DEPOSIT: lambda job: handle_apply_deposit(db, job),
            RELEASE_DEPOSIT: lambda job: handle_release_deposit(db, job),
            CHECK_RELEASE: lambda job: handle_check_release(db, job),
            CHECK_REFUND: lambda job: handle_check_refund(db, job),
            CHECK_MOVE: lambda job: handle_check_move(db, job),
            CHECK_ADVANCE: lambda job: handle_check_advance(db, job),
            ADVANCE_DEPOSIT: lambda job: handle_advance_deposit(db, operator, job),
            ASK_APPROVAL: lambda job: handle_ask_approval(db, lenders, job),
            ASK_COMMITMENT: lambda job: handle_ask_commitment(db, lenders, job),
            ASK_DRAW: lambda job: handle_ask_draw(db, lenders, job),
            ASK_ASSESSMENT: lambda job: handle_ask_assessment(db, tax, job),
            NOTE_SERVICE: lambda job: handle_note_service(db, job),
            ORDER_PAYOUT: lambda job: handle_order_payout(db, bank, job),
            TAKE_STATEMENT: lambda job: handle_take_statement(db, bank, job),
            CANCEL_COMMITMENT: lambda job: handle_cancel_commitment(db, lenders, job),
            CHECK_ANSWER: lambda job: handle_check_answer(db, job),
            CHECK_DRAW: lambda job: handle_check_draw(db, job),
            TELL_LENDER: lambda job: handle_tell_lender(db, lenders, job),
        }

    def crash_at(self, at: int, *, after: bool) -> CrashingDatabase:
        """Let the process that runs the jobs die once, at its n-th transaction."""
        crashing = CrashingDatabase(self.db, at=at, after=after)
        self.handlers = self.handlers_of(self.cards, self.bank, self.operator, self.lender, self.tax, crashing=crashing)
        return crashing

    async def open(self) -> World:
        """Open the case's fund."""
        return await self.open_as(CASE_NUMBER)

    async def open_as(self, number: str) -> World:
        """Open the case's fund under this account number."""
        await self.db.transact(lambda tx: open_case_fund(tx, case_id=self.case_id, account_number=number))
        return self

    async def person(self, name: str) -> UUID:
        """Put a made-up person on record."""
        number = f"made-up-{new_id()}"
        return await self.db.transact(
            lambda tx: record_person(tx, kind="natural", name=name, identity_number=number, masked=name[0] + "*")
        )

    async def party(self, person_id: UUID, role: str) -> UUID:
        """Put a person on the case's file in this role."""
        party_id = new_id()
        await self.db.transact(
            lambda tx: note_party(tx, case_id=self.case_id, party_id=party_id, person_id=person_id, role=role)
        )
        return party_id

    async def document(self, kind: str = "other", body: str = "示范正文", operative: str | None = None) -> UUID:
        """Put a sealed document on the case's file; ``operative``: what it orders, if it is a ruling."""
        document_id = new_id()
        await self.db.transact(
            lambda tx: note_sealed_document(
                tx,
                case_id=self.case_id,
                document_id=document_id,
                kind=kind,
                body_sha256=hashlib.sha256(body.encode()).hexdigest(),
                operative=operative,
            )
        )
        return document_id

    async def reversal_paper(self, terms: ReversalTerms) -> UUID:
        """Put the sealed ruling on the file whose operative part the system writes on these terms now."""
        async with self.db.reading() as tx:
            operative = (await work_out_reversal(tx, terms)).operative
        return await self.document("reversal_ruling", ruling_body("示范理由", operative), operative)

    async def award_paper(self, terms: AwardTerms) -> UUID:
        """Put the sealed decision on the file that the system writes on these terms now."""
        async with self.db.reading() as tx:
            body = (await work_out_award(tx, terms)).text
        return await self.document("award_decision", body)

    async def escrow_paper(self, terms: EscrowOrderTerms) -> UUID:
        """Put the sealed decision on the file that the system writes on these terms now."""
        async with self.db.reading() as tx:
            line, plan = await settled_line(tx, terms.line_id)
            body = (await escrow_order(tx, line, plan, terms)).text
        return await self.document("escrow_decision", body)

    async def served(self, document_id: UUID, party_id: UUID, on: date) -> None:
        """Put a service on the case's file."""
        await self.db.transact(
            lambda tx: note_case_service(
                tx, case_id=self.case_id, document_id=document_id, party_id=party_id, effective_on=on
            )
        )

    async def officer(self, *roles: Role) -> Actor:
        """Give an officer with these roles."""
        person_id = await self.person("示范法官")
        return Actor(account_id=AccountId(new_id()), person_id=PersonId(person_id), roles=frozenset(roles))

    async def agree(self, act: ActShown, *, by: Actor | None = None, agrees: bool = True) -> ActShown:
        """Let a second officer, somebody new unless he is named, give his word to an act."""
        command = AgreeToAct(command_id=new_id(), act_id=act.act_id, paper_sha256=act.paper_sha256, agrees=agrees)
        return await agree_to_act(self.db, by or await self.officer(Role.CLERK), command)

    async def bidder(
        self, amount_fen: int, *, name: str = "张示范", closes_in: timedelta = FAR, person_id: UUID | None = None
    ) -> Bidder:
        """Register a bidder, somebody new unless he is named: his deposit is opened."""
        person_id = person_id or await self.person(name)
        registration_id = new_id()

        async def work(tx: Transaction) -> UUID:
            await tx.about_case(self.case_id)
            return await open_deposit(
                tx,
                registration_id=registration_id,
                case_id=self.case_id,
                lot_id=self.lot_id,
                round_id=self.round_id,
                person_id=person_id,
                amount=Money(amount_fen),
                closes_at=tx.now + closes_in,
            )

        deposit_id = await self.db.transact(work)
        actor = Actor(account_id=AccountId(new_id()), person_id=PersonId(person_id), roles=frozenset({Role.BIDDER}))
        return Bidder(actor, name, registration_id, deposit_id)

    async def virtual_number(self, bidder: Bidder) -> str:
        """Open the bidder's sub-account and give its number."""
        command = OpenVirtualAccount(command_id=new_id(), deposit_id=bidder.deposit_id)
        await open_virtual_account(self.db, bidder.actor, command)
        await self.run_jobs()
        async with self.db.reading() as tx:
            number = (await virtual_account_view(tx, bidder.deposit_id)).number
        assert number is not None
        return number

    async def pay_by_bank(self, bidder: Bidder, amount_fen: int, *, name: str | None = None) -> None:
        """Transfer to the bidder's sub-account."""
        number = await self.virtual_number(bidder)
        self.bank.pay_in(amount_fen, name=name or bidder.name, to=number)
        await self.settle_bank()

    async def close(self, winner: Bidder | None, price_fen: int) -> datetime:
        """Close the round: the winner's deposit is applied, the others are released."""

        async def work(tx: Transaction) -> datetime:
            await tx.about_case(self.case_id)
            await close_deposits(
                tx,
                round_id=self.round_id,
                closed_at=tx.now,
                buyer_registration_id=None if winner is None else winner.registration_id,
                hammer_price=None if winner is None else Money(price_fen),
                balance_due_on=None,
            )
            return tx.now

        closed_at = await self.db.transact(work)
        await self.settle_bank()
        return closed_at

    async def run_jobs(self, *, rounds: int = 60) -> None:
        """Run all jobs that are due, and what follows from them; failed ones are due again at once."""
        for _ in range(rounds):
            if not await self._is_any_due():
                return
            await promote_due(self.db)
            ids = await self._queued()
            for job_id, kind, payload in ids:
                if kind in self.handlers:
                    await run_job(self.db, self.handlers, job_id)
                    await self._require_only_lost_answers(job_id)
                else:
                    self.told.append((kind, json.loads(payload)))
                    await self._set_done(job_id)
        raise AssertionError("the jobs do not come to rest")

    async def _is_any_due(self) -> bool:
        """Make retries due; whether there is anything to run, asked in the same transaction for it is asked most."""
        async with self.db.transaction() as tx:
            found = await tx.session.execute(text(DUE))
            return bool(found.scalar_one())

    async def _queued(self) -> list[tuple[UUID, str, bytes]]:
        async with self.db.transaction() as tx:
            rows = await tx.session.execute(
                text("SELECT job_id, kind, payload FROM kernel.job WHERE state = 'queued' ORDER BY created_at, job_id")
            )
            return [(row.job_id, row.kind, bytes(row.payload)) for row in rows]

    async def _require_only_lost_answers(self, job_id: UUID) -> None:
        async with self.db.transaction() as tx:
            found = await tx.session.execute(
                text("SELECT last_error FROM kernel.job WHERE job_id = :id AND attempts > 0"), {"id": job_id}
            )
            error = found.scalar_one_or_none()
        self.lost += [error] if error else []
        assert error is None or "OutcomeUnknown" in error or "Unavailable" in error or "Crashed" in error, error

    async def _set_done(self, job_id: UUID) -> None:
        async with self.db.transaction() as tx:
            await tx.session.execute(text("UPDATE kernel.job SET state = 'done' WHERE job_id = :id"), {"id": job_id})

    async def look_now(self) -> None:
        """Make the next looks at open outcomes due now."""
        await self._look_in(timedelta())
        await self.run_jobs()

    async def look_later(self) -> None:
        """Put the next looks at open outcomes off, however slow the test is."""
        await self._look_in(timedelta(hours=1))

    async def _look_in(self, pause: timedelta) -> None:
        async with self.db.transaction() as tx:
            await tx.session.execute(
                text(
                    "UPDATE kernel.job SET due_at = kernel.now_at() + CAST(:pause AS interval) "
                    "WHERE state = 'waiting' AND kind = ANY(:kinds)"
                ),
                {
                    "pause": pause,
                    "kinds": [SEND_REFUND, ASK_CARD_PAYMENT, ASK_DRAW, ASK_ASSESSMENT, ORDER_PAYOUT, READ_ORDER],
                },
            )

    async def settle_bank(self) -> None:
        """Read the statement and do what follows, until nothing is new."""
        for _ in range(10):
            await self.run_jobs()
            if not await poll_bank(self.db, self.bank):
                await self.run_jobs()
                return

    async def deposit(self, bidder: Bidder) -> DepositView:
        """Show a bidder's deposit."""
        async with self.db.transaction() as tx:
            return await deposit_view(tx, await deposit_row(tx, bidder.deposit_id))

    async def totals(self) -> dict[str, int]:
        """Sums by kind of account, zeros left out."""
        async with self.db.reading() as tx:
            return {kind: m.fen for kind, m in (await totals_by_kind(tx, self.case_id)).items() if m}

    async def house(self, kind: AccountKind) -> int:
        """What a kind of house account holds in its own direction."""
        async with self.db.reading() as tx:
            found = await tx.session.execute(
                text(
                    "SELECT coalesce(sum(b.side * b.balance_fen), 0) FROM fund.balance b "
                    "JOIN fund.account a ON a.code = b.account_code WHERE a.kind = :kind AND a.case_id IS NULL"
                ),
                {"kind": kind.value},
            )
            return int(found.scalar_one())

    async def alarms(self) -> set[str]:
        """Kinds of alarms that ring."""
        async with self.db.reading() as tx:
            rows = await tx.session.execute(text("SELECT kind FROM fund.alarm WHERE cleared_at IS NULL"))
            return set(rows.scalars())

    async def require_straight(self) -> None:
        """Assert that the books are straight."""
        report = await check_books(self.db)
        assert report.differences == ()
