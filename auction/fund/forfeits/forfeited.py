"""Forfeited deposits wait for the resale, then go where the law says (网拍 24).

1. A deposit that was kept waits until a resale of the same lot is paid in full: only then is the shortfall known.
2. Where there will be no resale (lot returned, taken in lieu, withdrawn), the panel's decision takes its place.
3. Its uses in order: costs that the default caused, shortfall of the resale, debts of this case's debtor; a rest goes to nobody by itself.

Source: 网拍 24; auction/DECISIONS L7.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from auction.kernel.errors import Unlawful
from auction.kernel.money import ZERO, Money, total
from auction.law.prices import Forfeiture, resale_shortfall, split_forfeited_deposit


class ForfeitedWaits(Unlawful):
    """The resale is not paid yet: what the forfeited deposit has to make good is not known."""

    code = "forfeited_waits_for_resale"
    article = "网拍 24"
    zh = "重新拍卖的价款尚未付清，差价未定，不予退还的保证金暂不得分配；现可分配 {free}。"
    en = (
        "The resale is not paid yet, so what the forfeited deposit makes good is unknown; {free} of it may be used now."
    )


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
    """A forfeited deposit, and what its resale tells of it; ``resale`` is ``None`` while it waits."""

    bought: Bought
    resale: Money | None

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


def kept_deposits(purchases: Sequence[Bought]) -> tuple[Kept, ...]:
    """Give the forfeited deposits of a case, each with the first resale of its lot that was paid."""
    return tuple(
        Kept(bought, _resale_of(bought, purchases[at + 1 :])) for at, bought in enumerate(purchases) if bought.kept
    )


def _resale_of(bought: Bought, later: Iterable[Bought]) -> Money | None:
    return next((one.price for one in later if one.lot_id == bought.lot_id and one.state == "paid"), None)


def require_resale_paid(wanted: Money, *, held: Money, deposits: Iterable[Kept], panel_decided: bool) -> None:
    """Refuse to distribute what waits for its resale, unless the panel decided (`ForfeitedWaits`)."""
    waiting = total([kept.bought.kept for kept in deposits if kept.resale is None])
    free = max(ZERO, held - waiting)
    if wanted > free and not panel_decided:
        raise ForfeitedWaits(free=free)
