"""What undoes the money of a sale: who owes what back, and to whom it goes. Pure.

1. A defaulter owes more than his deposit only by a ruling that names its ground: that he knew he was not eligible for equity whose
   transfer needs approval (股权规定 15), or the general rule on auctions (拍变 22), on which courts differ for online sales. He never owes more
   than cost and shortfall leave open (auction/DECISIONS F34).
2. A sale that is set aside gives the buyer his price back, the lender first, up to what he paid in (网拍 31; practice 26).
3. A creditor whose title is set aside returns what he got; whose title is reduced, what he got above it (CPL 244), and his claim goes on at
   the smaller amount. Others keep theirs.
4. A third party who wins after the sale gets the proceeds: what is held at once, what was paid out when the payees return it. If he
   refuses, it is set aside in escrow for five years (法释〔2025〕10号 6).
5. Where a price was distributed, the shares fall from the last rank upward until its amount is reached, in proportion within a rank; what
   is still held of a share falls before what stands in escrow, and that before what was paid out.
6. It is taken out of all plans that were settled since the price was paid, in one common order of ranks: what one of them left unpaid the
   next ones paid (auction/DECISIONS F60).
7. What a creditor who bought had set off he got: he owes it back in money when his title or his rank falls. Only with the sale itself
   it falls without money: then he neither has the thing nor paid that part of its price (auction/DECISIONS F95).

Source: 网拍 31; CPL 244; 股权规定 15; 拍变 22; 法释〔2025〕10号 6.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TypeVar
from uuid import UUID

from auction.kernel.errors import Conflict, Malformed, NotFound, Unlawful
from auction.kernel.money import ZERO, Money, total

Payee = TypeVar("Payee")


class UndoingKind(StrEnum):
    """What undoes the money of a sale; the value is stored."""

    TOP_UP = "top_up"  # 补交差价
    SETTING_ASIDE = "setting_aside"  # 撤销拍卖
    REVERSAL = "reversal"  # 执行回转
    THIRD_PARTY = "third_party"  # 案外人胜诉


class TopUpGround(StrEnum):
    """Why a defaulter owes more than his deposit; the ruling names it."""

    KNEW_NOT_ELIGIBLE = "knew_not_eligible"  # 股权规定 15
    AUCTION_RULE = "auction_rule"  # 拍变 22


class NoTopUpGround(Unlawful):
    """No ruling names a ground that carries a top-up."""

    code = "no_top_up_ground"
    article = "网拍 24; 股权规定 15"
    zh = (
        "没有可以责令补交差价的依据：须由裁定写明依据；按股权规定第十五条的，须系应经批准的股权且买受人明知不符合条件。"
    )
    en = (
        "Nothing carries a top-up: a ruling must name its ground; under the rules on equity the transfer must need approval "
        "and the buyer must have known that he was not eligible."
    )


class TopUpAboveLoss(Unlawful):
    """More than what the deposit leaves open of cost and shortfall."""

    code = "top_up_above_loss"
    article = "股权规定 15; 拍变 22"
    zh = "责令补交的金额应当大于零，且不得超过保证金不足以弥补的费用损失和差价 {most}。"
    en = "A top-up is above zero and not more than the {most} of cost and shortfall that the deposit leaves open."


class UndoingUnknown(NotFound):
    """There is no such order in this case."""

    code = "undoing_unknown"
    article = "CPL 244"
    zh = "本案没有该项裁定事项。"
    en = "There is no such order in this case."


class RecoveryUnknown(NotFound):
    """Nobody owes the case this."""

    code = "recovery_unknown"
    article = "CPL 244"
    zh = "没有该笔追缴款项。"
    en = "There is no such sum to be recovered."


class AlreadyUndone(Conflict):
    """This was ordered before."""

    code = "already_undone"
    article = "house: what was ordered once is not ordered again"
    zh = "该事项已经裁定处理，不得重复。"
    en = "This was ordered before."


class PayoutUnderWay(Conflict):
    """A share that falls is being paid out just now, or lies elsewhere."""

    code = "payout_under_way"
    article = "house: money on its way is neither held nor paid"
    zh = "有关份额正在发放或者因异议之诉提存，须待发放完成、撤销发放或者诉讼终结后再办理。"
    en = "A share concerned is on its way or set aside for a suit; wait until it is paid or decided, or void the payout, first."


class TitleNotReduced(Conflict):
    """What the title gives is not less than what the claim stands at."""

    code = "title_not_reduced"
    article = "CPL 244"
    zh = "减少后的数额应当大于零，且小于该债权现有数额 {amount}；执行依据全部撤销的填0。"
    en = "The reduced amount is above zero and below the {amount} at which the claim stands; zero where the title was set aside whole."


class SetOffReversed(Conflict):
    """What the buyer had set off against the price fell by a reversal before: it is his debt, and does not fall with the sale too."""

    code = "set_off_reversed"
    article = "CPL 244; 网拍 31"
    zh = "买受人抵作价款的受偿款此前已被执行回转，须由合议庭另行裁定处理，不能直接退还价款。"
    en = "What the buyer set off against this price was reversed before; the panel must rule on it apart, the price cannot simply go back."


class AwardAbovePrice(Unlawful):
    """A third party gets what the thing brought, not more."""

    code = "award_above_price"
    article = "法释〔2025〕10号 6"
    zh = "给付案外人的金额应当大于零，且不得超过该标的物的变价款 {price}。"
    en = "What the third party gets is above zero and not more than the {price} that the thing brought."


class NothingInEscrow(Conflict):
    """Nothing stands in escrow by this order."""

    code = "nothing_in_escrow"
    article = "法释〔2025〕10号 6"
    zh = "该裁判项下没有提存的款项。"
    en = "Nothing stands in escrow by this judgment."


class EscrowExpired(Unlawful):
    """The five years are over."""

    code = "escrow_expired"
    article = "Civil Code 574"
    zh = "领取提存款的期限已于 {ended_on} 届满。"
    en = "The time to claim what stands in escrow ended on {ended_on}."


class NothingLeftToRecover(Conflict):
    """All of it was paid, or the rest was written off before."""

    code = "nothing_left_to_recover"
    article = "CPL 244"
    zh = "该笔款项已全部缴清，或者此前已认定不能返还。"
    en = "This was paid in full, or what is left of it was written off before."


class RecoveriesOpen(Conflict):
    """Somebody still owes the case something: its account stays open to take it."""

    code = "recoveries_open"
    article = "house: what is owed to a case can be paid to it"
    zh = "本案尚有应缴回的款项未缴清，也未裁定不能返还，不能销户。"
    en = "Somebody still owes this case money that is neither paid nor written off; its account stays open."


class ReasonMissing(Malformed):
    """What cannot be had is written off with a reason."""

    code = "recovery_reason_missing"
    article = "CPL 244"
    zh = "应当写明不能返还的原因。"
    en = "State why it cannot be had."


@dataclass(frozen=True, slots=True)
class ShareOfLine:
    """What one line of a settled plan has of its share: held here, in escrow for its payee, had by him (paid out, or set off)."""

    line_id: UUID
    payee_person_id: UUID
    rank: int
    held: Money
    paid: Money
    in_escrow: Money = ZERO

    @property
    def amount(self) -> Money:
        """What it has."""
        return self.held + self.in_escrow + self.paid


@dataclass(frozen=True, slots=True)
class Fallen:
    """What falls of a line: out of what is held or stands in escrow, out of what its payee got, who owes it back, and with his set-off."""

    line: ShareOfLine
    held: Money
    paid: Money
    in_escrow: Money = ZERO
    set_off: Money = ZERO

    @property
    def amount(self) -> Money:
        """All that falls of it."""
        return self.held + self.in_escrow + self.paid + self.set_off


def top_up_owed(
    ground: TopUpGround | None, *, needs_approval: bool, knew: bool, shortfall: Money, costs: Money, deposit: Money
) -> Money:
    """Give the most that a defaulter owes beyond his deposit; zero where the deposit covers the loss (rule 1).

    ``ground``: what the ruling names; ``None``: nothing. ``needs_approval``: the thing is equity whose transfer needs approval.
    Raises `NoTopUpGround`. Source: 股权规定 15; 拍变 22.
    """
    if ground is None:
        raise NoTopUpGround
    if ground is TopUpGround.KNEW_NOT_ELIGIBLE and not (needs_approval and knew):
        raise NoTopUpGround
    return max(ZERO, costs + shortfall - deposit)


def require_top_up(amount: Money, *, most: Money) -> None:
    """Refuse a top-up of nothing, or above the loss (`TopUpAboveLoss`)."""
    if not ZERO < amount <= most:
        raise TopUpAboveLoss(most=most)


def price_back(amount: Money, *, loan: Money) -> tuple[Money, Money]:
    """Split what goes back of a price into the lender's part and the buyer's; ``loan``: what the lender has not got back (rule 2)."""
    lender = min(amount, loan)
    return lender, amount - lender


def returns_of_reversal(
    paid: Mapping[Payee, Money], *, reversed_: Collection[Payee] = (), reduced: Mapping[Payee, Money] | None = None
) -> dict[Payee, Money]:
    """Say who returns what he got when titles are set aside or reduced; who returns nothing is not named (rule 3)."""
    keeps = dict.fromkeys(reversed_, ZERO) | dict(reduced or {})
    back = {payee: paid[payee] - min(paid[payee], keeps[payee]) for payee in paid if payee in keeps}
    return {payee: amount for payee, amount in back.items() if amount}


def third_party_gets(
    held: Money, paid: Mapping[Payee, Money], *, refused: bool
) -> tuple[Money, dict[Payee, Money], Money]:
    """Give what a third party who wins gets now, who returns what to him, and what stands in escrow for him (rule 4)."""
    returns = {payee: amount for payee, amount in paid.items() if amount}
    return (ZERO, returns, held) if refused else (held, returns, ZERO)


def fall_of_claim(lines: Iterable[ShareOfLine], *, keeps: Money) -> tuple[Fallen, ...]:
    """Say what falls of a reversed creditor's shares when he keeps ``keeps`` of them; what is held falls first (rules 3 and 5)."""
    shares = list(lines)
    falls = returns_of_reversal({"all": total([share.amount for share in shares])}, reduced={"all": keeps}).get(
        "all", ZERO
    )
    fallen: dict[UUID, Fallen] = {}
    for pot in ("held", "in_escrow", "paid"):
        for share in shares:
            part = min(falls, getattr(share, pot))
            falls -= part
            if part:
                so_far = fallen.get(share.line_id, Fallen(share, ZERO, ZERO))
                fallen[share.line_id] = replace(so_far, **{pot: part})
    return tuple(fallen.values())


def fall_of_price(lines: Iterable[ShareOfLine], amount: Money) -> tuple[Fallen, ...]:
    """Say which shares fall when a price of ``amount`` is taken out of what was distributed: the last rank first (rule 5)."""
    by_rank: dict[int, list[ShareOfLine]] = {}
    for share in lines:
        if share.amount:
            by_rank.setdefault(share.rank, []).append(share)
    left = amount
    fallen: list[Fallen] = []
    for rank in sorted(by_rank, reverse=True):
        members = by_rank[rank]
        taken = min(left, total([share.amount for share in members]))
        left -= taken
        if not taken:
            break
        parts = taken.split([share.amount.fen for share in members])
        fallen += [_held_first(share, part) for share, part in zip(members, parts, strict=True) if part]
    return tuple(fallen)


def fall_with_set_off(lines: Iterable[ShareOfLine], set_off: Mapping[UUID, Money], amount: Money) -> tuple[Fallen, ...]:
    """Say what falls with a sale that is set aside: what was set off against its price (by line), and ``amount`` of money (rules 5 and 7)."""
    shares = [replace(share, paid=share.paid - set_off.get(share.line_id, ZERO)) for share in lines]
    fallen = {one.line.line_id: one for one in fall_of_price(shares, amount)}
    for share in shares:
        if part := set_off.get(share.line_id, ZERO):
            so_far = fallen.get(share.line_id, Fallen(share, ZERO, ZERO))
            fallen[share.line_id] = replace(so_far, set_off=part)
    return tuple(fallen.values())


def _held_first(share: ShareOfLine, part: Money) -> Fallen:
    held = min(part, share.held)
    in_escrow = min(part - held, share.in_escrow)
    return Fallen(share, held, part - held - in_escrow, in_escrow)


def owed_by_payee(fallen: Iterable[Fallen]) -> dict[UUID, Money]:
    """Sum by payee what was paid out and falls: he owes it back."""
    owed: dict[UUID, Money] = {}
    for one in fallen:
        if one.paid:
            owed[one.line.payee_person_id] = owed.get(one.line.payee_person_id, ZERO) + one.paid
    return owed
