"""Who has the next step before a payee has his money: pure rules of `own_money`."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from auction.fund.payouts.views import PayeeAccountShown
from auction.fund.settlement.own_money import OwnPayout, OwnShare, WaitsFor, waits_for
from auction.kernel.ids import new_id

NOW = datetime(2027, 4, 1, 2, tzinfo=UTC)


def share(left: int = 0, aside: int = 0, **paid: int) -> OwnShare:
    """Make a share of 100 fen with one payout for each state named."""
    payouts = tuple(
        OwnPayout(
            amount_fen=fen,
            state=state,
            account_masked="****0001",
            reason=None,
            prepared_at=NOW - timedelta(days=1),
            ended_at=None,
        )
        for state, fen in paid.items()
    )
    return OwnShare(
        line_id=new_id(),
        plan_number=1,
        number=1,
        kind="ordinary",
        share_fen=100,
        paid_fen=paid.get("paid", 0),
        under_way_fen=sum(fen for state, fen in paid.items() if state not in ("paid", "returned")),
        left_fen=left,
        set_aside_fen=aside,
        payouts=payouts,
    )


def account(state: str = "confirmed", masked: str = "****0001", *, usable: datetime = NOW) -> PayeeAccountShown:
    """Make the payee's account, recorded two days ago."""
    return PayeeAccountShown(
        payee_account_id=new_id(),
        person_id=new_id(),
        payee_masked="示*",
        masked=masked,
        state=state,
        recorded_by=new_id(),
        usable_from=usable,
        recorded_at=NOW - timedelta(days=2),
        signed_by="payee",
        notice_id=None,
        notice_served=False,
    )


@pytest.mark.parametrize(
    ("own", "accounts", "expected"),
    [
        (share(left=100), (), WaitsFor.ACCOUNT),
        (share(left=100), (account(),), WaitsFor.OFFICERS),
        (share(left=100), (account(usable=NOW + timedelta(microseconds=1)),), WaitsFor.CHANGE),
        (share(left=100), (account(), account("proposed")), WaitsFor.CHANGE),
        (share(left=100, returned=100), (account(),), WaitsFor.RETURNED),
        (share(left=100, returned=100), (account(masked="****0002"),), WaitsFor.OFFICERS),
        (share(prepared=100), (account(),), WaitsFor.OFFICERS),
        (share(checked=50, ordered=50), (account(),), WaitsFor.OFFICERS),
        (share(ordered=100), (account(),), WaitsFor.BANK),
        (share(paid=60, aside=40), (account(),), WaitsFor.SET_ASIDE),
        (share(paid=100), (account(),), WaitsFor.NOTHING),
        (share(paid=40), (account(),), WaitsFor.NOTHING),
    ],
)
def test_next_step_is_named(own: OwnShare, accounts: tuple[PayeeAccountShown, ...], expected: WaitsFor) -> None:
    """What the payee himself can do comes first; what was set off or judged away waits for nobody."""
    assert waits_for((own,), accounts, NOW) is expected


def test_columns_of_a_share_add_up() -> None:
    """A share and what adjusted it are what is paid, under way, left and set aside."""
    judged_to = share(left=60, paid=60)
    set_off = share(paid=30)

    assert (judged_to.adjusted_fen, set_off.adjusted_fen) == (20, -70)
