"""Forfeited deposits wait for the resale, then go where the law says (网拍 24).

1. A deposit that was kept waits until a resale of the same lot is paid in full: only then is the shortfall known.
2. Where there will be no resale (lot returned, taken in lieu, withdrawn), the panel's decision takes its place.
3. Its uses in order: costs that the default caused, shortfall of the resale, debts of this case's debtor; a rest goes to nobody by itself.
4. Each lot's money waits for its own resale: what is taken names the round whose deposit it is, and the panel's decision frees the
   deposit of the round that it names, no other.

Source: 网拍 24; auction/DECISIONS L7.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from auction.kernel.errors import Malformed, Unlawful
from auction.kernel.money import ZERO, Money
from auction.law.prices import Forfeiture, resale_shortfall, split_forfeited_deposit


class ForfeitedWaits(Unlawful):
    """The resale is not paid yet: what the forfeited deposit has to make good is not known."""

    code = "forfeited_waits_for_resale"
    article = "网拍 24"
    zh = "重新拍卖的价款尚未付清，差价未定，不予退还的保证金暂不得分配；现可分配 {free}。"
    en = (
        "The resale is not paid yet, so what the forfeited deposit makes good is unknown; {free} of it may be used now."
    )


class ForfeitedRoundNotNamed(Malformed):
    """Several deposits wait for their resales: a decision of the panel names the one that it frees."""

    code = "forfeited_round_not_named"
    article = "网拍 24"
    zh = "本案有多笔不予退还的保证金尚待重新拍卖，合议庭的决定应当写明涉及哪一次拍卖。"
    en = "Several forfeited deposits of this case wait for their resales; the panel's decision names the round that it is about."


@dataclass(frozen=True, slots=True)
class Bought:
    """One purchase of a lot, in the order of opening, with what of its deposit was kept."""

    round_id: UUID
    lot_id: UUID
    price: Money
    state: str
    kept: Money


@dataclass(frozen=True, slots=True)
class Kept:
    """A forfeited deposit, and what its resale tells of it; ``resale`` is ``None`` while it waits, ``held`` what no plan has used."""

    bought: Bought
    resale: Money | None
    held: Money

    @property
    def shortfall(self) -> Money | None:
        """What the resale brought less; ``None`` before it is paid."""
        return (
            None if self.resale is None else resale_shortfall(first_hammer=self.bought.price, resale_hammer=self.resale)
        )

    def uses(self, *, costs: Money, case_debts: Money, loss: Money | None = None) -> Forfeiture | None:
        """Give its uses in the order of the law; ``None`` before the resale is paid.

        ``loss``: what of the lot's loss earlier deposits left; a defaulter answers for no more than his own shortfall.
        """
        if self.shortfall is None:
            return None
        shortfall = self.shortfall if loss is None else min(loss, self.shortfall)
        return split_forfeited_deposit(
            self.bought.kept, costs=costs, shortfall=shortfall, case_debts=case_debts, connected_debts=ZERO
        )


@dataclass(frozen=True, slots=True)
class Taken:
    """What a plan takes of one forfeited deposit; ``decided``: the panel freed it, for no resale of its lot is paid."""

    round_id: UUID
    amount: Money
    decided: bool


def kept_deposits(purchases: Sequence[Bought], *, spent: Mapping[UUID, Money] | None = None) -> tuple[Kept, ...]:
    """Give the forfeited deposits of a case, each with the first resale of its lot that was paid.

    ``spent``: what plans have used of each, by round; ``None``: nothing yet.
    """
    used = spent or {}
    return tuple(
        Kept(bought, _resale_of(bought, purchases[at + 1 :]), bought.kept - used.get(bought.round_id, ZERO))
        for at, bought in enumerate(purchases)
        if bought.kept
    )


def _resale_of(bought: Bought, later: Iterable[Bought]) -> Money | None:
    return next((one.price for one in later if one.lot_id == bought.lot_id and one.state == "paid"), None)


def spend_in_order(spent: Money, deposits: Iterable[tuple[UUID, Money]]) -> dict[UUID, Money]:
    """Lay what plans took of an account of several deposits upon them, the first one first.

    So books are read from before each deposit had an account of its own.
    """
    laid: dict[UUID, Money] = {}
    for round_id, kept in deposits:
        laid[round_id] = min(spent, kept)
        spent -= laid[round_id]
    return laid


def decided_round(deposits: Sequence[Kept], *, is_decided: bool, named: UUID | None) -> UUID | None:
    """Give the round whose deposit the panel freed; ``None``: it decided nothing. Raises `ForfeitedRoundNotNamed` (rule 4)."""
    if not is_decided:
        return None
    waiting = [kept.bought.round_id for kept in deposits if kept.resale is None and kept.held]
    if named is None and len(waiting) > 1:
        raise ForfeitedRoundNotNamed
    if named is not None:
        return named
    return waiting[0] if waiting else None


def take_forfeited(wanted: Money, deposits: Iterable[Kept], *, decided: UUID | None) -> tuple[Taken, ...]:
    """Say of which deposits ``wanted`` is taken: those whose resale is paid, the first one first, then the one that the panel freed.

    Raises `ForfeitedWaits` where they do not hold that much (rules 1, 2 and 4).
    """
    kept = list(deposits)
    free = [(one, False) for one in kept if one.resale is not None]
    free += [(one, True) for one in kept if one.resale is None and one.bought.round_id == decided]
    taken: list[Taken] = []
    left = wanted
    for one, is_decided in free:
        part = min(left, one.held)
        left -= part
        if part:
            taken.append(Taken(one.bought.round_id, part, is_decided))
    if left:
        raise ForfeitedWaits(free=wanted - left)
    return tuple(taken)


def require_still_free(taken: Iterable[Taken], deposits: Iterable[Kept]) -> None:
    """Refuse what a plan took when its resale does not stand any more (`ForfeitedWaits`)."""
    waits = {kept.bought.round_id for kept in deposits if kept.resale is None}
    if any(part.round_id in waits and not part.decided for part in taken):
        raise ForfeitedWaits(free=ZERO)
