"""What the watch reads from a journal."""

from __future__ import annotations

from bidding.integrity.watch.assemble import qualified_of
from bidding.rules.session import Admitted
from tests.bidding.rules.samples import T, admission


def test_code_told_to_be_anothers_person_and_parted_again_is_one_bidder() -> None:
    """Admitted, joined and parted again: two qualified bidders all the while."""
    told = [("A", ""), ("B", ""), ("B", "A"), ("B", "")]
    events = [
        Admitted(seq=n, at_us=T, admission=admission(code, same_as=same)) for n, (code, same) in enumerate(told, 2)
    ]

    assert qualified_of(events) == 2
