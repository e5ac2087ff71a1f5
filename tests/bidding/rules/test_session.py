"""The nouns of a session: rule sets, terms, their lawfulness."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import msgspec
import pytest

from auction.contracts import BiddingTerms
from bidding.rules.session import PROBE_CODE, SELL_OFF_2017, SPC_2016, Admission, Band, RuleSet, is_lawful, terms_of
from tests.bidding.rules.samples import MINUTE, OPEN_OUTCRY, PROXY, terms


def test_published_rule_set_carries_the_five_minutes_of_the_law() -> None:
    """法释〔2016〕18号 art. 20(2): a bid within the last five minutes gives five minutes from its own arrival."""
    assert (SPC_2016.extension_window_us, SPC_2016.extension_us) == (5 * MINUTE, 5 * MINUTE)
    assert (SPC_2016.ladder, SPC_2016.self_raise, SPC_2016.first_refusal) == ("multiples", False, True)


def test_only_the_published_rule_set_is_lawful_term_by_term() -> None:
    """A rule set that borrows the lawful name but changes one term is not lawful."""
    assert is_lawful(SPC_2016)
    assert is_lawful(SELL_OFF_2017)
    assert not is_lawful(msgspec.structs.replace(SELL_OFF_2017, competition_us=1))
    assert not is_lawful(msgspec.structs.replace(SPC_2016, competition_us=SELL_OFF_2017.competition_us))
    assert not is_lawful(msgspec.structs.replace(SPC_2016, extension_us=SPC_2016.extension_us - 1))
    assert not is_lawful(OPEN_OUTCRY)
    assert not is_lawful(PROXY)


@pytest.mark.parametrize(
    "changes",
    [
        {"extension_us": 0},
        {"price_rule": "proxy"},
        {"name": ""},
        {"burst": 0},
        {"bands": (Band(from_fen=0, increment_fen=1),)},
        {"ladder": "any_higher", "bands": (Band(from_fen=1, increment_fen=1),)},
        {"ladder": "any_higher", "bands": (Band(from_fen=0, increment_fen=0),)},
    ],
)
def test_rule_set_whose_terms_contradict_each_other_cannot_be_made(changes: dict[str, object]) -> None:
    """Window without extension, hidden maxima with a ladder or a match, bands that do not ascend from zero."""
    with pytest.raises(AssertionError):
        msgspec.structs.replace(SPC_2016, **changes)


def test_terms_survive_their_journey_through_json() -> None:
    """Terms are written into the first event and read back equal."""
    one = terms(PROXY)

    assert msgspec.json.decode(msgspec.json.encode(one), type=type(one)) == one


def test_terms_of_the_sale_become_session_terms() -> None:
    """The contract's instants become microseconds and its rule set the published one."""
    opens = datetime(2026, 12, 1, 2, tzinfo=UTC)
    contract = BiddingTerms(
        session_id=UUID(int=1),
        lot_id=UUID(int=2),
        round_id=UUID(int=3),
        rule_set="spc-2016",
        start_price_fen=70,
        increment_fen=1,
        opens_at=opens,
        closes_at=opens + timedelta(hours=24),
    )

    one = terms_of(contract)

    assert one.rules == SPC_2016
    assert one.closes_at_us - one.opens_at_us == 24 * 60 * MINUTE


@pytest.mark.parametrize("code", ["", "x" * 33, "a b", "竞买", "a\n", PROBE_CODE])
def test_bidder_code_out_of_form_cannot_be_admitted(code: str) -> None:
    """Codes travel as Redis fields and stream texts: letters, digits and hyphens only; the probe's code is reserved."""
    with pytest.raises(AssertionError):
        Admission(code=code)  # type: ignore[arg-type]  # the very point of the test


def test_hard_end_is_a_window_of_zero() -> None:
    """A rule set without an extension window has a hard end."""
    rules: RuleSet = PROXY

    assert rules.hard_end
    assert not SPC_2016.hard_end


def test_terms_of_an_auction_are_written_as_before_there_were_sell_offs() -> None:
    """What an auction does not have is not written, so that chains of earlier sessions stay what they are."""
    assert b"competition" not in msgspec.json.encode(SPC_2016)
    assert b'"competition_us":86400000000' in msgspec.json.encode(SELL_OFF_2017)
    assert msgspec.json.decode(msgspec.json.encode(SELL_OFF_2017), type=RuleSet) == SELL_OFF_2017
