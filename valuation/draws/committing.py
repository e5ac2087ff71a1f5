"""What both offices' commitments have in common: made by an outsider of the case, before the pool is frozen, once."""

from __future__ import annotations

import re
from datetime import datetime
from uuid import UUID

from auction.kernel.actors import Actor
from auction.kernel.db import Transaction
from auction.kernel.errors import Conflict, Malformed, Unlawful
from valuation.draws.acting import require_hand
from valuation.selections import store_of_draws
from valuation.selections.cases import CaseDesk
from valuation.selections.store_of_draws import Draw, Whose

_COMMITMENT = re.compile(r"[0-9a-f]{64}")


class CommitmentMisshapen(Malformed):
    """A commitment or a secret is 32 bytes in lower-case hexadecimal."""

    code = "draw_commitment_misshapen"
    article = "house: Draw v1, 4"
    zh = "承诺和秘密应当为64位小写十六进制数。"
    en = "A commitment or a secret is 64 lower-case hexadecimal digits."


class CommitmentMade(Conflict):
    """This office has committed; a commitment is never exchanged."""

    code = "draw_commitment_made"
    article = "house: Draw v1, 4"
    zh = "该承诺已提交，不得更换。"
    en = "This commitment was made and is never exchanged."


class PoolFrozen(Conflict):
    """The pool is frozen; nothing of it changes any more."""

    code = "draw_pool_frozen"
    article = "house: Draw v1, 2"
    zh = "名单已冻结并公布，不得更改。"
    en = "The pool is frozen and published; nothing of it changes."


class DrawLapsed(Unlawful):
    """The draw ended before its pool was frozen: its term is over, or its appraisal ended."""

    code = "draw_lapsed"
    article = "house: Draw v1, 4; a draw that is not frozen in time has failed"
    zh = "本次摇号已经终止：未在 {until} 前冻结名单，或者已随委托评估程序撤回。"
    en = "The draw has ended: its pool was not frozen before {until}, or it was withdrawn with its appraisal."


async def commit_secret(
    tx: Transaction, actor: Actor, made: Draw, whose: Whose, commitment: str, case_desk: CaseDesk
) -> UUID:
    """Keep an office's commitment; gives the draw.

    Raises: what `require_hand` raises, `PoolFrozen`, `DrawLapsed`, `CommitmentMade`, `CommitmentMisshapen`.
    """
    require_hex(commitment)
    await require_hand(tx, actor, made, whose, case_desk)
    own = made.court_commitment if whose == "court" else made.second_commitment
    require_unfrozen(made, tx.now)
    if own is not None:
        raise CommitmentMade
    await store_of_draws.add_commitment(tx, made.draw_id, whose, commitment, by=actor.person_id)
    return made.draw_id


def require_unfrozen(made: Draw, at: datetime) -> None:
    """Refuse what belongs before the freezing: `PoolFrozen`, or `DrawLapsed` from the end of the term on."""
    if made.pool is not None:
        raise PoolFrozen
    if not made.is_open or at >= made.freeze_due:
        raise DrawLapsed(until=made.freeze_due.isoformat(timespec="minutes"))


def require_hex(text: str) -> str:
    """Give 32 bytes in lower-case hexadecimal, or refuse (`CommitmentMisshapen`)."""
    if _COMMITMENT.fullmatch(text) is None:
        raise CommitmentMisshapen
    return text
