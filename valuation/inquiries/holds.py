"""What a ground does to a running inquiry or appraisal: stay it, or withdraw it (参考价 28, 29).

1. Stayed while the case is deferred or stayed, or while material is seriously wrong (28(1), (2)).
2. Withdrawn when the applicant withdraws, the debt is performed, or the title is revoked or not enforced (29(1)).
3. May be withdrawn when the parties agree a price or agree that nothing is sold (29(2)): the court decides.
4. What only one party wants, or a debt performed in part, changes nothing.
5. Another ground (28(3), 29(4)) is a judgement of the court: it may, and says why.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal, get_args

HoldGround = Literal[
    "case_deferred",
    "case_stayed",
    "materials_wrong",
    "application_withdrawn",
    "debt_paid",
    "title_revoked",
    "title_refused",
    "price_agreed",
    "no_sale_agreed",
    "one_party_asks",
    "partly_paid",
]
HOLD_GROUNDS: tuple[HoldGround, ...] = get_args(HoldGround)
Effect = Literal["stay", "must_withdraw", "may_withdraw", "go_on"]

_EFFECTS: Final[Mapping[HoldGround, Effect]] = {
    "case_deferred": "stay",
    "case_stayed": "stay",
    "materials_wrong": "stay",
    "application_withdrawn": "must_withdraw",
    "debt_paid": "must_withdraw",
    "title_revoked": "must_withdraw",
    "title_refused": "must_withdraw",
    "price_agreed": "may_withdraw",
    "no_sale_agreed": "may_withdraw",
    "one_party_asks": "go_on",
    "partly_paid": "go_on",
}


def effect_of(ground: HoldGround) -> Effect:
    """Say what a ground does to the valuation (rules 1 to 4). Source: 参考价 28, 29."""
    return _EFFECTS[ground]
