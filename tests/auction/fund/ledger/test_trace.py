from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from auction.fund.ledger.accounts import Account, AccountKind
from auction.fund.ledger.stored import StoredEntry, StoredPosting
from auction.fund.ledger.trace import Slice, follow

CASE = UUID(int=1)
BANK = Account(AccountKind.BANK, CASE).code
PROCEEDS = Account(AccountKind.PROCEEDS, CASE).code
AT = datetime(2026, 11, 2, tzinfo=UTC)


def deposit(number: int) -> str:  # noqa: D103 - a builder of this file
    return Account(AccountKind.DEPOSITS, CASE, UUID(int=number)).code


def entry(number: int, *postings: tuple[str, int]) -> StoredEntry:  # noqa: D103 - a builder of this file
    return StoredEntry(
        entry_id=UUID(int=number),
        chain="c",
        number=number,
        case_id=CASE,
        cause="balance_received",
        subject_id=None,
        key=str(number),
        content_hash="",
        posting_count=len(postings),
        at=AT,
        previous="",
        digest="",
        postings=tuple(StoredPosting(code, fen) for code, fen in postings),
    )


def test_payout_leads_back_to_its_receipts_first_in_first_out() -> None:
    """A payout of 120 from 100 + 50 took all of the first receipt and 20 of the second."""
    flow = follow(
        [
            entry(1, (BANK, 100), (deposit(1), -100)),
            entry(2, (BANK, 50), (PROCEEDS, -50)),
            entry(3, (deposit(1), 100), (PROCEEDS, -100)),
            entry(4, (PROCEEDS, 120), (BANK, -120)),
        ]
    )

    # the balance came into the proceeds before the deposit was applied to them
    assert flow.left[UUID(int=4)] == (Slice(UUID(int=2), 50), Slice(UUID(int=1), 70))
    assert list(flow.held[PROCEEDS]) == [Slice(UUID(int=1), 30)]


def test_receipt_that_splits_keeps_one_source() -> None:
    """An over-payment lies in two accounts with the same source."""
    refund = Account(AccountKind.REFUNDS, CASE, UUID(int=5)).code
    flow = follow([entry(1, (BANK, 130), (deposit(1), -100), (refund, -30)), entry(2, (refund, 30), (BANK, -30))])

    assert flow.left[UUID(int=2)] == (Slice(UUID(int=1), 30),)


@given(st.lists(st.tuples(st.integers(1, 1000), st.integers(0, 3)), min_size=1, max_size=30), st.data())
def test_nothing_is_lost_on_the_way(receipts: list[tuple[int, int]], data: st.DataObject) -> None:
    """Whatever comes and goes, what is held and what left sum to what came, source by source."""
    entries: list[StoredEntry] = []
    holds: dict[str, int] = {}
    for fen, number in receipts:
        code = deposit(number)
        entries.append(entry(len(entries) + 1, (BANK, fen), (code, -fen)))
        holds[code] = holds.get(code, 0) + fen
        give = data.draw(st.integers(0, holds[code]))
        if give:
            entries.append(entry(len(entries) + 1, (BANK, -give), (code, give)))
            holds[code] -= give

    flow = follow(entries)

    came = {e.entry_id: e.postings[0].amount_fen for e in entries if e.postings[0].amount_fen > 0}
    seen: dict[UUID, int] = {}
    for parts in [*flow.held.values(), *flow.left.values()]:
        for part in parts:
            seen[part.source] = seen.get(part.source, 0) + part.amount_fen
    assert seen == came
    assert {code: sum(p.amount_fen for p in parts) for code, parts in flow.held.items()} == holds
