"""The outside of a random run: card provider, bank, operator, lender and tax office, with books of their own.

They lose answers, refuse to answer, decide late, return what was paid, and send their events twice and in any order. What they
hold is what `judge` compares the product with: they share no rule and no sum with it.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from random import Random
from typing import Any, Protocol

import msgspec

from auction.fund.claims.tax_office import Assessment, AssessmentAsked
from auction.fund.gateway import BankLine, BankOrder, BankOrderSeen, CardCharge, CardEvent, CardPayment, CardRefund
from auction.fund.loans.lender import Approval, ApprovalAsked, Draw, DrawAsked
from auction.kernel.errors import OutcomeUnknown, Unavailable
from tests.auction.fund.world import FakeBank, FakeCards, FakeLender, FakeOperator, FakeTaxOffice

GOOD = "good"
"""The signature that a card event of ours bears."""


@dataclass(frozen=True)
class Temper:
    """How bad the outside is, as shares of its answers."""

    fails_before: float = 0.02
    loses_answer: float = 0.04
    decides_later: float = 0.5
    rejects: float = 0.03
    returns: float = 0.06


CALM = Temper(fails_before=0, loses_answer=0, decides_later=0, rejects=0, returns=0)


class Cards(FakeCards):
    """A card provider that sends an event about everything that changes."""

    def __init__(self, random: Random) -> None:
        """Know nobody."""
        super().__init__()
        self.random = random
        self.events: list[bytes] = []

    def tell(self, kind: str, object_id: str, provider_id: str) -> None:
        """Write an event; it is delivered later, twice, late or never."""
        event = CardEvent(
            event_id=f"evt_{len(self.events)}", kind=kind, object_id=object_id, payment_provider_id=provider_id
        )
        self.events.append(msgspec.json.encode(event))

    def change(self, provider_id: str, **changes: object) -> CardPayment:
        """Change a payment and tell so."""
        self.tell("payment", provider_id, provider_id)
        return super().change(provider_id, **changes)

    async def charge(self, charge: CardCharge) -> CardPayment:
        """Take a charge; what it holds was asked for with it."""
        seen = await super().charge(charge)
        self.wanted_hold[seen.provider_id] = charge.hold
        return seen

    @property
    def wanted_hold(self) -> dict[str, bool]:
        """Which payments are to be authorised only."""
        return self.__dict__.setdefault("_wanted_hold", {})  # type: ignore[no-any-return]  # ours alone

    def holder_acts(self) -> str:
        """Let the holder of some card do something with an open payment; the answer is what he did."""
        open_ones = [p.provider_id for p in self.held.values() if p.state == "open"]
        if not open_ones:
            return "nobody"
        provider_id = self.random.choice(open_ones)
        if self.random.random() < 0.1:
            self.change(provider_id, state="failed")
            return "failed"
        self.fee_fen = self.random.randrange(0, 500)
        self.pay(provider_id, hold=self.wanted_hold.get(provider_id, False))
        return "paid"

    def holder_disputes(self) -> str:
        """Let some holder take his payment back; then his bank gives it back again, or he has it for good."""
        paid = [p for p in self.held.values() if p.state == "succeeded" and not p.lost_fen]
        if not paid:
            return "nobody"
        payment = self.random.choice(paid)
        if payment.disputed_fen and self.random.random() < 0.5:
            self.change(payment.provider_id, lost_fen=payment.disputed_fen)
        else:
            self.change(payment.provider_id, disputed_fen=0 if payment.disputed_fen else payment.received_fen)
        return "disputed"

    async def refund(self, provider_id: str, *, amount_fen: int, refund_id: str, key: str) -> CardRefund:
        """Take a refund, which is done now or later."""
        self.refund_state = "pending" if self.random.random() < 0.3 else "succeeded"
        seen = await super().refund(provider_id, amount_fen=amount_fen, refund_id=refund_id, key=key)
        self.tell("refund", seen.provider_id, provider_id)
        return seen

    def refund_ends(self) -> str:
        """Let a refund that was pending succeed."""
        pending = [key for key, (_, refund) in self.refunds.items() if refund.state == "pending"]
        if not pending:
            return "nobody"
        key = self.random.choice(pending)
        ours, refund = self.refunds[key]
        self.refunds[key] = (ours, msgspec.structs.replace(refund, state="succeeded"))
        self.tell("refund", key, refund.payment_provider_id)
        return "succeeded"


class Bank(FakeBank):
    """A bank that decides orders at once or later, and sends some money back."""

    def __init__(self, random: Random) -> None:
        """Open with nothing."""
        super().__init__()
        self.random = random
        self.temper = Temper()
        self.undecided: list[str] = []
        self.first_lines: dict[str, int] = {}

    async def pay(self, order: BankOrder) -> BankOrderSeen:
        """Take an order; a key that came before gives what became of it."""
        is_new = order.key not in self.orders
        luck = self.random.random()
        later = luck < self.temper.decides_later
        self.mood = "accepted" if later else "rejected" if luck > 1 - self.temper.rejects else "confirmed"
        if is_new and later:
            self.undecided.append(order.key)
        return await super().pay(order)

    def decides(self) -> str:
        """Decide an order that waits; sometimes the money comes back, also of one that was confirmed."""
        if self.undecided:
            key = self.undecided.pop(self.random.randrange(len(self.undecided)))
            return self.decide(key, "returned" if self.random.random() < self.temper.returns else "confirmed")
        return "nobody"

    def sends_back(self) -> str:
        """Send back what was confirmed before."""
        confirmed = [key for key, (_, seen) in self.orders.items() if seen.state == "confirmed"]
        if not confirmed:
            return "nobody"
        return self.decide(self.random.choice(confirmed[-40:]), "returned")

    def decide(self, key: str, state: str) -> str:
        """Bring one order to this state; what is returned is booked back in."""
        order, _ = self.orders[key]
        self.orders[key] = (order, BankOrderSeen(key=key, state=state))  # type: ignore[arg-type]  # one of its states
        if state == "returned":
            self._book(
                "in",
                order.amount_fen,
                counter_account=order.to_account,
                counter_name=order.to_name,
                sub_account=order.from_account,
                order_key=key,
            )
        return state


class Lender(FakeLender):
    """A lender that refuses some, and sometimes pays a fen beside."""

    def __init__(self, random: Random, bank: FakeBank) -> None:
        """Pay through this bank."""
        super().__init__(bank=bank)
        self.random = random

    async def approve(self, asked: ApprovalAsked) -> Approval:
        """Approve most."""
        self.declines = self.random.random() < 0.1
        return await super().approve(asked)

    async def draw(self, asked: DrawAsked) -> Draw:
        """Pay when asked, once for a key."""
        luck = self.random.random()
        self.beside_fen = -1 if luck < 0.05 else 1 if luck > 0.95 else 0
        return await super().draw(asked)


class TaxOffice(FakeTaxOffice):
    """A tax office that is silent now and then."""

    def __init__(self, random: Random) -> None:
        """Ask of every price."""
        super().__init__()
        self.random = random

    async def assess(self, asked: AssessmentAsked) -> Assessment:
        """Assess now or later; the same price has the same tax."""
        self.state = "pending" if self.random.random() < 0.2 else "done"
        return await super().assess(asked)


class Outside(Protocol):
    """The way to the outside, whether it is in this process or in the one that started it."""

    async def call(self, who: str, verb: str, args: tuple[Any, ...], named: dict[str, Any]) -> Any:  # noqa: ANN401 - whatever the verb gives
        """Call a verb of somebody outside; it may lose the answer."""

    async def tell(self, who: str, verb: str, *args: Any, **named: Any) -> Any:  # noqa: ANN401 - as above
        """Let somebody outside do something by himself; nothing is lost."""


@dataclass
class HereOutside:
    """The outside in this process."""

    random: Random
    temper: Temper = field(default_factory=Temper)

    def __post_init__(self) -> None:
        """Let everybody begin."""
        self.cards = Cards(self.random)
        self.bank = Bank(self.random)
        self.operator = FakeOperator(bank=self.bank)
        self.lender = Lender(self.random, self.bank)
        self.tax = TaxOffice(self.random)

    def calm(self) -> None:
        """Lose nothing and decide at once from here on, so that the run comes to rest."""
        self.temper = self.bank.temper = CALM

    async def call(self, who: str, verb: str, args: tuple[Any, ...], named: dict[str, Any]) -> Any:  # noqa: ANN401 - whatever the verb gives
        """Call a verb of a port: nothing happens and it fails, or it happens and perhaps the answer is lost."""
        if self.random.random() < self.temper.fails_before:
            raise Unavailable("the line was down")
        await asyncio.sleep(0)
        result = await getattr(getattr(self, who), verb)(*args, **named)
        await asyncio.sleep(0)
        if self.random.random() < self.temper.loses_answer:
            raise OutcomeUnknown("the answer was lost")
        return result

    async def tell(self, who: str, verb: str, *args: Any, **named: Any) -> Any:  # noqa: ANN401 - whatever it gives
        """Let somebody outside act by himself."""
        return getattr(self if not who else getattr(self, who), verb)(*args, **named)

    def any_event(self) -> bytes | None:
        """Give some event: new, old, out of order."""
        events = self.cards.events
        if not events:
            return None
        newest = events[-30:] if self.random.random() < 0.8 else events
        return self.random.choice(newest)

    def any_line(self) -> BankLine | None:
        """Give a line of the statement that was read perhaps long ago."""
        return self.random.choice(self.bank.lines) if self.bank.lines else None


class Door:
    """A port of the product that leads to somebody outside."""

    def __init__(self, outside: Outside, who: str) -> None:
        """Lead to this one."""
        self._outside, self._who = outside, who

    def __getattr__(self, verb: str) -> Any:  # noqa: ANN401 - a verb of the port
        """Give the verb."""

        async def call(*args: Any, **named: Any) -> Any:  # noqa: ANN401 - as the port says
            return await self._outside.call(self._who, verb, args, named)

        return call


class CardDoor(Door):
    """The card provider's door: what an event says is read here, by its signature."""

    def read_event(self, body: bytes, signature: str) -> CardEvent:
        """Verify and read an event."""
        return FakeCards().read_event(body, signature)
