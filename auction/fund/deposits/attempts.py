"""Attempts of a refund: each has a key of its own, and follows one whose outcome is final. Pure.

1. The first attempt's key is the refund's own; each further one has a key made from the refund and its number.
2. A further attempt is made only after the one before has failed for good, and only while the money is still owed.
3. A refund goes to the account that paid. Where that account is closed it goes to another account of the same payer, which two
   officers have confirmed on evidence, after one whole working day (practice 30; security 4).
"""

from __future__ import annotations

from uuid import UUID

from auction.kernel.errors import Conflict, NotFound
from auction.kernel.ids import named_id

MAX_ATTEMPTS = 20
"""More attempts than this show that something else is wrong."""


class RefundUnknown(NotFound):
    """There is no such refund."""

    code = "refund_unknown"
    article = "网拍 23"
    zh = "没有该笔退款。"
    en = "There is no such refund."


class RefundNotFailed(Conflict):
    """The refund is under way or done: a second order could pay twice."""

    code = "refund_not_failed"
    article = "house: a new order only after the earlier one has failed for good, auction/DECISIONS F66"
    zh = "该笔退款尚在办理或者已经办结，不能再次发起。"
    en = "This refund is under way or done; another order is made only when the earlier one has failed for good."


class RefundNotOwed(Conflict):
    """The books do not hold the money of this refund any more."""

    code = "refund_not_owed"
    article = "house: what goes back is owed in the books, auction/DECISIONS F66"
    zh = "账上已没有该笔应退款项（可能已另行处理），不能再次退款。"
    en = "The books hold no money of this refund any more; it was dealt with in another way."


class TooManyAttempts(Conflict):
    """The refund was tried too often."""

    code = "refund_too_many_attempts"
    article = "house: twenty attempts of one refund"
    zh = "该笔退款已尝试{limit}次，请先与银行或者支付机构查明原因。"
    en = "This refund was tried {limit} times; find out why at the bank or provider first."


def attempt_id_of(refund_id: UUID, attempt: int) -> UUID:
    """Give the id under which a provider knows an attempt (rule 1)."""
    return refund_id if attempt == 1 else named_id("refund attempt", str(refund_id), str(attempt))


def attempt_key(refund_id: UUID, attempt: int) -> str:
    """Give the provider's key of an attempt, whatever the channel."""
    return f"refund:{attempt_id_of(refund_id, attempt)}"


def entry_key(what: str, refund_id: UUID, attempt: int) -> str:
    """Give the key of an attempt's entry: money paid by the second attempt is not what the first one paid."""
    return f"{what}:{refund_id}" if attempt == 1 else f"{what}:{refund_id}:{attempt}"


def require_failed(state: str) -> None:
    """Raise `RefundNotFailed` unless the attempt that counts has failed for good (rule 2)."""
    if state != "failed":
        raise RefundNotFailed


def next_attempt(attempt: int) -> int:
    """Give the number of the next attempt. Raises `TooManyAttempts`."""
    if attempt >= MAX_ATTEMPTS:
        raise TooManyAttempts(limit=MAX_ATTEMPTS)
    return attempt + 1
