"""Amounts as payment forms write them: figures to the fen, and capital characters (大写) beside them."""

from __future__ import annotations

from auction.kernel import amount_words
from auction.kernel.money import Money


def capitals(amount: Money | int) -> str:
    """Give an amount in capital characters: ``壹万零贰佰元整``; ``整`` stands after yuan and jiao, never after fen."""
    return amount_words.capitals(amount if isinstance(amount, Money) else Money(amount))


def plain_yuan(fen: int) -> str:
    """Give an amount as a form field holds it: ``1234.50``, without separators."""
    yuan, part = divmod(fen, 100)
    return f"{yuan}.{part:02d}" if part else str(yuan)
