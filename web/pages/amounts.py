"""Amounts as payment forms write them: figures to the fen, and capital characters (大写) beside them."""

from __future__ import annotations

import cn2an

from auction.kernel.money import Money


def capitals(amount: Money | int) -> str:
    """Give an amount in capital characters: ``壹万零贰佰元整``; ``整`` stands after yuan and jiao, never after fen."""
    fen = amount.fen if isinstance(amount, Money) else amount
    yuan, part = divmod(abs(fen), 100)
    text = str(cn2an.an2cn(f"{yuan}.{part:02d}" if part else str(yuan), "rmb"))
    whole = text if text.endswith(("整", "分")) else f"{text}整"
    return f"负{whole}" if fen < 0 else whole


def plain_yuan(fen: int) -> str:
    """Give an amount as a form field holds it: ``1234.50``, without separators."""
    yuan, part = divmod(fen, 100)
    return f"{yuan}.{part:02d}" if part else str(yuan)
