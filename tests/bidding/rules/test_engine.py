"""Worked examples of the rule book; numbers in brackets are rules of ``bidding.rules.engine`` or articles."""

from __future__ import annotations

from typing import ClassVar

import msgspec
import pytest

from auction.kernel.errors import InvariantViolated
from auction.kernel.money import BOUND_FEN
from bidding.rules.engine import (
    NOTHING,
    OUTSIDE_THE_BOOK,
    Refused,
    apply,
    confirm,
    confirm_refusal,
    decide,
    floor_fen,
    increment_at,
)
from bidding.rules.reasons import Code
from bidding.rules.session import (
    Admit,
    Admitted,
    BidAccepted,
    BidderCode,
    CatchUp,
    Closed,
    Command,
    OpenSession,
    PlaceBid,
    RefusedBid,
    Resume,
    Resumed,
    SessionState,
    Stop,
    Stopped,
    Tick,
)
from tests.bidding.rules.samples import (
    END,
    FROM_END,
    HOUR,
    LAST_DAY,
    MINUTE,
    OPEN_OUTCRY,
    PROXY,
    SECOND,
    START_FEN,
    STEP_FEN,
    STEPS,
    UNLIMITED,
    T,
    admission,
    after,
    bid,
    bid_id,
    sell_off,
    session,
    terms,
    told,
)


def refusal_of(state: SessionState, command: PlaceBid, at_us: int = T) -> Refused | None:
    """The refusal of a bid, which must come without any event."""
    verdict = decide(state, command, at_us)
    assert verdict.refused is None or verdict.events == ()
    return verdict.refused


class TestLadder:
    """网拍 20(1): ascending from the starting price by the increment."""

    @pytest.mark.parametrize(
        ("amount_fen", "reason"),
        [
            (START_FEN - 1, Code.BID_BELOW_START),
            (START_FEN, None),
            (START_FEN + 1, Code.OFF_LADDER),
            (START_FEN + STEP_FEN - 1, Code.OFF_LADDER),
            (START_FEN + STEP_FEN, None),
            (START_FEN + 7 * STEP_FEN, None),
        ],
    )
    def test_first_bid_starts_at_the_starting_price_on_the_ladder(self, amount_fen: int, reason: Code | None) -> None:
        """The first bid is the starting price or more, by whole increments."""
        refused = refusal_of(session(), bid("A", amount_fen))

        assert refused == (Refused(reason) if reason else None)

    @pytest.mark.parametrize(
        ("above", "reason", "depends_on"),
        [
            (-STEP_FEN, Code.NOT_HIGHER, 4),
            (0, Code.NOT_HIGHER, 4),
            (STEP_FEN - 1, Code.OFF_LADDER, 0),
            (STEP_FEN, None, 0),
            (STEP_FEN + 1, Code.OFF_LADDER, 0),
            (3 * STEP_FEN, None, 0),
        ],
    )
    def test_later_bid_is_the_leading_price_and_whole_increments(
        self, above: int, reason: Code | None, depends_on: int
    ) -> None:
        """Later bids exceed the leading price by one increment or several; a refusal names the bid it rests on."""
        state = after(session(), bid("A", START_FEN + STEP_FEN), T)

        refused = refusal_of(state, bid("B", START_FEN + STEP_FEN + above))

        assert refused == (Refused(reason, depends_on) if reason else None)

    @pytest.mark.parametrize(("amount_fen", "reason"), [(BOUND_FEN, Code.AMOUNT_MALFORMED), (0, Code.AMOUNT_MALFORMED)])
    def test_amount_out_of_bounds_is_malformed(self, amount_fen: int, reason: Code) -> None:
        """There is no cap on a price (practice 20), only the technical bound of 10^14 fen."""
        assert refusal_of(session(), bid("A", amount_fen)) == Refused(reason)

    def test_highest_amount_within_the_bound_is_a_price(self) -> None:
        """10^14 - 1 fen is decided exactly."""
        state = after(session(OPEN_OUTCRY), bid("A", BOUND_FEN - 2), T)
        state = after(state, bid("B", BOUND_FEN - 1), T)

        assert (state.price_fen, state.leader) == (BOUND_FEN - 1, "B")

    @pytest.mark.parametrize(("above", "accepted"), [(STEP_FEN - 1, False), (STEP_FEN, True), (STEP_FEN + 1, True)])
    def test_house_with_a_least_increment_takes_any_amount_from_there(self, above: int, accepted: bool) -> None:
        """``at_least_increment`` knows no multiples."""
        state = after(session(STEPS), bid("A", START_FEN + 3), T)

        refused = refusal_of(state, bid("B", START_FEN + 3 + above))

        assert refused == (None if accepted else Refused(Code.BELOW_INCREMENT, 4))

    def test_house_without_increments_takes_one_fen_more(self) -> None:
        """``any_higher`` refuses the equal amount only."""
        state = after(session(OPEN_OUTCRY), bid("A", START_FEN), T)

        assert refusal_of(state, bid("B", START_FEN)) == Refused(Code.NOT_HIGHER, 4)
        assert refusal_of(state, bid("B", START_FEN + 1)) is None

    def test_floor_is_the_lowest_amount_that_is_accepted(self) -> None:
        """What a page proposes is accepted, one fen less is not."""
        for rules in (UNLIMITED, STEPS, OPEN_OUTCRY, PROXY):
            state = session(rules)
            for code in ("A", "B", "A"):
                assert refusal_of(state, bid(code, floor_fen(state) - 1)) is not None
                state = after(state, bid(code, floor_fen(state)), T)


class TestOwnLead:
    """The leader does not outbid himself, unless a recorded house lets him."""

    def test_leader_may_not_raise_his_own_bid(self) -> None:
        """Refused with the number of the bid by which he leads."""
        state = after(session(), bid("A", START_FEN), T)

        assert refusal_of(state, bid("A", START_FEN + STEP_FEN)) == Refused(Code.OWN_LEAD, 4)

    def test_codes_of_one_person_do_not_raise_each_other(self) -> None:
        """Once the court has decided that two codes are one person's, neither raises the other; what was bid before stands."""
        state = after(session(C=0), bid("A", START_FEN), T)
        decided = after(state, told("B", "A"), T)

        assert refusal_of(decided, bid("B", START_FEN + STEP_FEN)) == Refused(Code.SAME_PERSON_LEADS, 6)
        assert (decided.leader, decided.price_fen) == ("A", START_FEN)
        third = after(decided, bid("C", START_FEN + STEP_FEN), T)
        led = after(third, bid("B", START_FEN + 2 * STEP_FEN), T)
        assert refusal_of(led, bid("A", START_FEN + 3 * STEP_FEN)) == Refused(Code.SAME_PERSON_LEADS, 8)
        assert refusal_of(led, bid("B", START_FEN + 3 * STEP_FEN)) == Refused(Code.OWN_LEAD, 8)

    def test_three_codes_of_one_person_are_one(self) -> None:
        """Who is told to be the person of a code is the person of everybody whom that code was told to be."""
        state = after(session(C=0), told("B", "A"), T)
        led = after(after(state, told("A", "C"), T), bid("C", START_FEN), T)

        for code in "AB":
            assert refusal_of(led, bid(code, START_FEN + STEP_FEN)) == Refused(Code.SAME_PERSON_LEADS, 7)

    def test_holder_does_not_match_his_own_other_code(self) -> None:
        """A right of first refusal needs somebody else's price."""
        state = after(session(H=1), told("A", "H"), T)
        led = after(state, bid("A", START_FEN), T)

        assert refusal_of(led, bid("H", START_FEN, "match")) == Refused(Code.SAME_PERSON_LEADS, 6)

    def test_decision_taken_back_binds_nobody_any_more(self) -> None:
        """From the event on that takes it back the other code bids and matches as anybody; who leads leads on."""
        state = after(after(session(H=1), told("A", "H"), T), bid("A", START_FEN), T)
        assert refusal_of(state, bid("H", START_FEN)) == Refused(Code.SAME_PERSON_LEADS, 6)
        freed = after(state, told("A"), T)

        assert freed.admissions["A"] == admission("A")
        assert (freed.leader, freed.price_fen, freed.same_seq) == ("A", START_FEN, 7)
        assert after(freed, bid("H", START_FEN), T).leader == "H"
        assert after(freed, bid("H", START_FEN + STEP_FEN), T).leader == "H"

    def test_who_stays_one_person_stays_it(self) -> None:
        """Of three one is parted; the other two still do not raise each other, and refusals rest on the newest word."""
        state = after(after(session(C=0), told("B", "A"), T), told("C", "A"), T)
        led = after(after(state, told("C"), T), bid("A", START_FEN), T)

        assert refusal_of(led, bid("B", START_FEN + STEP_FEN)) == Refused(Code.SAME_PERSON_LEADS, 8)
        assert after(led, bid("C", START_FEN + STEP_FEN), T).leader == "C"

    def test_decided_again_after_it_was_taken_back(self) -> None:
        """The same two codes may be decided to be one person's again."""
        state = after(after(after(session(), told("B", "A"), T), told("B"), T), told("B", "A"), T)
        led = after(state, bid("A", START_FEN), T)

        assert refusal_of(led, bid("B", START_FEN + STEP_FEN)) == Refused(Code.SAME_PERSON_LEADS, 7)

    def test_what_is_told_twice_is_told_once(self) -> None:
        """The same word and the plain admission change nothing; a circle and unknown codes are refused, also for a code in between."""
        state = after(after(session(C=0), told("B", "A"), T), told("A", "C"), T)

        for again in (told("B", "A"), told("A", "C"), told("C")):
            assert decide(state, again, T) == NOTHING
        assert decide(state, Admit(admission=admission("B")), T) == NOTHING
        assert decide(state, Admit(admission=admission("B", same_as="C")), T) == NOTHING
        assert decide(state, Admit(admission=admission("B", 1)), T).refused == Refused(Code.CODE_TAKEN, 6)
        for circle in (told("C", "B"), told("A", "B"), told("A", "A")):
            assert decide(state, circle, T).refused == Refused(Code.CODE_TAKEN, 6)
        for unknown in (told("A", "Z"), told("Z", "A"), told("Z")):
            assert decide(state, unknown, T).refused == Refused(Code.NOT_ADMITTED, 6)

    def test_nobody_is_told_of_when_all_is_over(self) -> None:
        """A decision or its revocation that comes after the close changes nothing."""
        closed = after(after(session(), told("B", "A"), T), Tick(), END)

        for late in (told("B"), told("A", "B")):
            assert decide(closed, late, END).refused == Refused(Code.AFTER_END, 5)

    def test_admission_told_anew_is_replayed(self) -> None:
        """What older journals hold, and what takes it back, confirms; an admitted code with other facts, or with news that are none, does not."""
        state = session()
        joined = Admitted(seq=4, at_us=T, admission=admission("B", same_as="A"))
        parted = Admitted(seq=5, at_us=T, admission=admission("B"))
        after_both = confirm(confirm(state, joined), parted)

        assert after_both.admissions == state.admissions
        for wrong in (
            Admitted(seq=6, at_us=T, admission=admission("B")),
            Admitted(seq=6, at_us=T, admission=admission("B", 1, same_as="A")),
            Admitted(seq=6, at_us=T, admission=admission("N", same_as="A")),
        ):
            with pytest.raises(InvariantViolated):
                confirm(after_both, wrong)

    def test_leader_may_raise_where_the_house_allows_it(self) -> None:
        """The second bid of the same bidder counts."""
        state = after(session(OPEN_OUTCRY), bid("A", START_FEN), T)
        state = after(state, bid("A", START_FEN + 1), T)

        assert (state.price_fen, state.bid_count) == (START_FEN + 1, 2)


class TestTime:
    """网拍 20(2); engine 2 and 3; bid-core 9 and 13."""

    @pytest.mark.parametrize(
        ("at_us", "reason"), [(T - 1, Code.BEFORE_OPEN), (T, None), (T + 1, None), (END - 1, None)]
    )
    def test_session_is_open_from_its_opening_instant_to_its_end(self, at_us: int, reason: Code | None) -> None:
        """Opening instant inclusive, end exclusive."""
        refused = refusal_of(session(), bid("A", START_FEN), at_us)

        assert refused == (Refused(reason, 1) if reason else None)

    @pytest.mark.parametrize("late_us", [0, 1])
    def test_bid_at_the_end_is_refused_and_closes_the_session(self, late_us: int) -> None:
        """The first call that finds the end passed appends the close; the refusal rests on it (bid-core 13)."""
        state = after(session(), bid("A", START_FEN), T)

        verdict = decide(state, bid("B", START_FEN + STEP_FEN), END + late_us)

        closed = Closed(seq=5, at_us=END + late_us, end_us=END, price_fen=START_FEN, leader="A")
        assert verdict.events == (closed,)
        assert verdict.refused == Refused(Code.AFTER_END, 5)

    def test_close_comes_once(self) -> None:
        """After the close the timer's call finds nothing to do."""
        state = after(session(), Tick(), END)

        assert (state.phase, state.seq) == ("closed", 4)
        assert decide(state, Tick(), END + SECOND).events == ()
        assert decide(session(), Tick(), END - 1).events == ()

    @pytest.mark.parametrize(
        ("before_end_us", "end_us"),
        [
            (5 * MINUTE + 1, END),
            (5 * MINUTE, END),
            (5 * MINUTE - 1, END + 1),
            (1, END - 1 + 5 * MINUTE),
        ],
    )
    def test_late_bid_moves_the_end_to_its_arrival_plus_five_minutes(self, before_end_us: int, end_us: int) -> None:
        """The extension runs from the bid's own arrival, not from the old end."""
        state = after(session(), bid("A", START_FEN), END - before_end_us)

        assert state.end_us == end_us

    def test_recorded_house_may_extend_from_the_end_as_it_stood(self) -> None:
        """Where a house counts from the end, a late bid adds the whole extension to it; one instant earlier adds none."""
        early = after(session(FROM_END), bid("A", START_FEN), END - 3 * MINUTE - 1)
        late = after(session(FROM_END), bid("A", START_FEN), END - 3 * MINUTE)
        again = after(late, bid("B", START_FEN + 1), END + 3 * MINUTE - 1)

        assert [END, END + 3 * MINUTE, END + 6 * MINUTE] == [early.end_us, late.end_us, again.end_us]

    def test_extension_repeats_without_limit(self) -> None:
        """Each late bid extends again."""
        state, at_us = session(OPEN_OUTCRY), END - 1
        for number in range(50):
            state = after(state, bid("AB"[number % 2], START_FEN + number), at_us)
            at_us = state.end_us - 1

        assert state.end_us == END - 1 + 50 * (3 * MINUTE - 1) + 1
        assert state.bid_count == 50

    def test_extension_shorter_than_its_window_never_pulls_the_end_back(self) -> None:
        """Window five minutes, extension two: a bid four minutes before the end leaves the end alone."""
        state = after(session(STEPS), bid("A", START_FEN), END - 4 * MINUTE)

        assert state.end_us == END

    @pytest.mark.parametrize("arrival_us", [T, T + 40 * HOUR, LAST_DAY - 1])
    def test_first_bid_of_a_sell_off_opens_a_day_of_competition(self, arrival_us: int) -> None:
        """The end becomes the first bid's arrival plus 24 hours, before the published last day or after it (变卖衔接 6)."""
        first = after(sell_off(), bid("A", START_FEN), arrival_us)
        second = after(first, bid("B", START_FEN + STEP_FEN), first.end_us - 5 * MINUTE - 1)
        late = after(second, bid("A", START_FEN + 2 * STEP_FEN), second.end_us - 1)

        assert (first.end_us, first.clock_seq) == (arrival_us + 24 * HOUR, first.seq)
        assert (second.end_us, second.clock_seq) == (first.end_us, first.seq)
        assert late.end_us == second.end_us - 1 + 5 * MINUTE

    def test_sell_off_without_a_bid_ends_with_its_last_day(self) -> None:
        """Nobody bid: closed at the published end; a bid at that instant is late."""
        closing = decide(sell_off(), bid("A", START_FEN), LAST_DAY)

        assert closing.refused == Refused(Code.AFTER_END, sell_off().seq + 1)
        assert isinstance(closing.events[0], Closed)

    def test_competition_of_a_sell_off_stands_with_a_stopped_clock(self) -> None:
        """A stop in the competition keeps what is left of the 24 hours."""
        first = after(sell_off(), bid("A", START_FEN), T)
        stopped = after(first, Stop(kind="stay", ground="third_party_claim"), T + 4 * HOUR)
        going_on = after(stopped, Resume(), T + 100 * HOUR)

        assert going_on.end_us == T + 120 * HOUR

    def test_hard_end_stays(self) -> None:
        """Without a window the last microsecond moves nothing."""
        assert after(session(PROXY), bid("A", START_FEN), END - 1).end_us == END

    def test_ties_in_one_microsecond_go_by_the_order_of_decision(self) -> None:
        """Of two equal bids with one stamp the first decided leads, the second is not higher."""
        state = after(session(), bid("A", START_FEN), T)

        assert refusal_of(state, bid("B", START_FEN), T) == Refused(Code.NOT_HIGHER, 4)


class TestFirstRefusal:
    """网拍 21; engine 4."""

    def test_holder_takes_the_lead_at_the_same_price(self) -> None:
        """The same price is enough, and it extends the end like any bid (bid-core 13)."""
        state = after(session(H=2), bid("A", START_FEN), T)

        state = after(state, bid("H", START_FEN, "match"), END - 1)

        assert (state.leader, state.price_fen, state.end_us) == ("H", START_FEN, END - 1 + 5 * MINUTE)

    def test_plain_bid_of_a_holder_at_the_leading_price_is_a_match(self) -> None:
        """The law asks for the price, not for a button."""
        state = after(session(H=1), bid("A", START_FEN), T)

        (event,) = decide(state, bid("H", START_FEN), T).events

        assert isinstance(event, BidAccepted)
        assert event.kind == "match"

    @pytest.mark.parametrize(
        ("first", "second", "reason"),
        [(2, 1, None), (2, 2, Code.OUTRANKED), (2, 3, Code.OUTRANKED)],
    )
    def test_rank_decides_among_holders_then_time(self, first: int, second: int, reason: Code | None) -> None:
        """A higher rank takes over at the same price; the same or a lower one comes too late."""
        state = after(session(H1=first, H2=second), bid("A", START_FEN), T)
        state = after(state, bid("H1", START_FEN, "match"), T)

        refused = refusal_of(state, bid("H2", START_FEN, "match"))

        assert refused == (Refused(reason, 7) if reason else None)

    def test_holder_who_leads_by_a_plain_bid_keeps_his_rank(self) -> None:
        """Same price, same rank: the earlier bid wins, however it was placed."""
        state = after(session(H1=1, H2=1), bid("H1", START_FEN), T)

        assert refusal_of(state, bid("H2", START_FEN, "match")) == Refused(Code.OUTRANKED, 6)

    def test_higher_bid_ends_the_match(self) -> None:
        """A holder wins only if nobody bids higher."""
        state = after(session(H=1), bid("A", START_FEN), T)
        state = after(state, bid("H", START_FEN, "match"), T)
        state = after(state, bid("A", START_FEN + STEP_FEN), T)

        assert state.leader == "A"

    @pytest.mark.parametrize(
        ("code", "amount_fen", "reason", "depends_on"),
        [
            ("B", START_FEN, Code.NO_FIRST_REFUSAL_RIGHT, 0),
            ("H", START_FEN + STEP_FEN, Code.MATCH_NOT_AT_PRICE, 5),
            ("H", START_FEN - STEP_FEN, Code.MATCH_NOT_AT_PRICE, 5),
            ("A", START_FEN, Code.OWN_LEAD, 5),
        ],
    )
    def test_match_is_refused_without_right_or_at_another_price(
        self, code: str, amount_fen: int, reason: Code, depends_on: int
    ) -> None:
        """Only a confirmed holder, only at the leading price, only over another's bid."""
        state = after(session(H=1), bid("A", START_FEN), T)

        assert refusal_of(state, bid(code, amount_fen, "match")) == Refused(reason, depends_on)

    def test_nothing_can_be_matched_before_the_first_bid(self) -> None:
        """A holder alone bids like everybody else."""
        assert refusal_of(session(H=1), bid("H", START_FEN, "match")) == Refused(Code.NO_PRICE_TO_MATCH)
        assert refusal_of(session(H=1), bid("H", START_FEN)) is None

    def test_house_without_the_right_knows_no_match(self) -> None:
        """A rank means nothing where the rule set has no right of first refusal."""
        state = after(session(OPEN_OUTCRY, H=1), bid("A", START_FEN), T)

        assert refusal_of(state, bid("H", START_FEN, "match")) == Refused(Code.NO_FIRST_REFUSAL_RIGHT)
        assert refusal_of(state, bid("H", START_FEN)) == Refused(Code.NOT_HIGHER, 5)


class TestProxy:
    """Second-price sessions of other houses; engine 5."""

    @pytest.mark.parametrize(
        ("bids", "price_fen", "leader"),
        [
            ([("A", 1_010_000)], 1_000_000, "A"),
            ([("A", 1_010_000), ("B", 1_001_000)], 1_001_500, "A"),
            ([("A", 1_010_000), ("B", 1_002_000)], 1_003_000, "A"),
            ([("A", 1_010_000), ("B", 1_009_500)], 1_010_000, "A"),
            ([("A", 1_010_000), ("B", 1_010_000)], 1_010_000, "A"),
            ([("A", 1_010_000), ("B", 1_010_400)], 1_010_400, "B"),
            ([("A", 1_010_000), ("B", 1_030_000)], 1_011_000, "B"),
            ([("A", 1_010_000), ("A", 1_050_000)], 1_000_000, "A"),
            ([("A", 1_010_000), ("B", 1_010_000), ("A", 1_050_000)], 1_011_000, "A"),
            ([("A", 1_010_000), ("B", 1_001_000), ("B", 1_040_000), ("A", 1_020_000)], 1_021_000, "B"),
        ],
    )
    def test_visible_price_is_the_second_maximum_and_an_increment(
        self, bids: list[tuple[str, int]], price_fen: int, leader: str
    ) -> None:
        """Never above the leader's maximum, first bid at the start, earlier of equal maxima leads."""
        state = session(PROXY)
        for code, amount_fen in bids:
            state = after(state, bid(code, amount_fen), T)

        assert (state.price_fen, state.leader) == (price_fen, leader)

    def test_own_maximum_can_only_be_raised(self) -> None:
        """The leader's own maximum is his floor; increments do not bind it."""
        state = after(session(PROXY), bid("A", 1_010_000), T)

        assert refusal_of(state, bid("A", 1_010_000)) == Refused(Code.NOT_HIGHER, 4)
        assert refusal_of(state, bid("A", 1_010_001)) is None

    def test_challenger_must_exceed_the_visible_price_by_its_band(self) -> None:
        """The increment is that of the visible price."""
        state = after(session(PROXY), bid("A", 1_010_000), T)

        assert refusal_of(state, bid("B", 1_000_499)) == Refused(Code.BELOW_INCREMENT, 4)
        assert refusal_of(state, bid("B", 1_000_500)) is None

    @pytest.mark.parametrize(("price_fen", "increment_fen"), [(0, 500), (1_001_999, 500), (1_002_000, 1_000)])
    def test_band_holds_from_its_amount_upwards(self, price_fen: int, increment_fen: int) -> None:
        """The band's first amount belongs to it."""
        assert increment_at(terms(PROXY), price_fen) == increment_fen


class TestAdmission:
    """网拍 18."""

    def test_bid_without_admission_is_refused(self) -> None:
        """Whoever is not admitted learns nothing else."""
        assert refusal_of(session(), bid("X", START_FEN)) == Refused(Code.NOT_ADMITTED)

    def test_bidder_may_be_admitted_until_the_end(self) -> None:
        """Qualification arises when the deposit is confirmed before bidding ends."""
        state = after(session(), Admit(admission=admission("C")), END - 1)

        assert "C" in state.admissions
        assert decide(state, Admit(admission=admission("D")), END).refused == Refused(Code.AFTER_END, 5)

    def test_same_admission_again_changes_nothing_another_is_refused(self) -> None:
        """A repeated message is harmless; the same code with another rank is not the same admission."""
        assert decide(session(), Admit(admission=admission("A")), T) == decide(session(), Tick(), T)
        assert decide(session(), Admit(admission=admission("A", 1)), T).refused == Refused(Code.CODE_TAKEN, 3)


class TestStops:
    """网拍 28; practice 17; bid-core 11 and 12; engine 6."""

    def test_stopped_session_refuses_bids_and_never_closes(self) -> None:
        """The clock stands."""
        state = after(session(), Stop(kind="stay", ground="objection"), T + MINUTE)

        assert refusal_of(state, bid("A", START_FEN), T + MINUTE) == Refused(Code.STOPPED, 4)
        assert decide(state, Tick(), END + MINUTE).events == ()

    def test_resumed_session_has_the_time_that_was_left_from_the_published_hour(self) -> None:
        """Bids are let in from the hour, not before it."""
        state = after(session(), Stop(kind="deferral", ground="order"), END - 60 * MINUTE)
        hour = END + 600 * MINUTE
        state = after(state, Resume(resumes_at_us=hour), END)

        assert state.end_us == hour + 60 * MINUTE
        assert refusal_of(state, bid("A", START_FEN), hour - 1) == Refused(Code.BEFORE_OPEN, 5)
        assert refusal_of(state, bid("A", START_FEN), hour) is None

    @pytest.mark.parametrize(
        ("left", "after_resumption"), [(5 * MINUTE - 1, 5 * MINUTE), (5 * MINUTE + 1, 5 * MINUTE + 1)]
    )
    def test_at_least_five_minutes_remain_after_a_stop(self, left: int, after_resumption: int) -> None:
        """The least that the rule set promises."""
        state = after(session(), Stop(kind="emergency_pause", ground="fault"), END - left)
        state = after(state, Resume(), END)

        assert state.end_us == END + after_resumption

    def test_rebuilt_session_counts_its_time_left_from_the_last_committed_event(self) -> None:
        """Time left = published end - stamp of the last committed event (bid-core 12)."""
        state = after(session(), bid("A", START_FEN), T + 2 * MINUTE)

        state = after(state, Stop(kind="emergency_pause", ground="rebuild", since_us=T + 2 * MINUTE), END + MINUTE)

        assert state.left_us == END - T - 2 * MINUTE

    def test_stop_before_the_opening_keeps_the_whole_duration(self) -> None:
        """The clock of a session that has not begun has not run."""
        state = after(session(), Stop(kind="deferral", ground="order"), T - MINUTE)

        assert state.left_us == END - T

    def test_withdrawn_session_never_resumes(self) -> None:
        """A withdrawal is for ever."""
        state = after(session(), Stop(kind="withdrawal", ground="paid"), T)

        assert decide(state, Resume(), T).refused == Refused(Code.WITHDRAWN, 4)
        assert refusal_of(state, bid("A", START_FEN)) == Refused(Code.WITHDRAWN, 4)
        assert decide(state, Stop(kind="stay", ground="objection"), T).refused == Refused(Code.WITHDRAWN, 4)

    def test_second_stop_of_another_kind_keeps_the_time_left(self) -> None:
        """A court's stay may replace an emergency pause; repeating the same stop changes nothing."""
        state = after(session(), Stop(kind="emergency_pause", ground="fault"), END - 60 * MINUTE)
        state = after(state, Stop(kind="stay", ground="objection"), END)

        assert (state.stop_kind, state.left_us) == ("stay", 60 * MINUTE)
        assert decide(state, Stop(kind="stay", ground="objection"), END).events == ()

    def test_running_session_cannot_be_resumed(self) -> None:
        """Nothing to resume; repeating a resumption for the same published hour is harmless."""
        assert decide(session(), Resume(), T).refused == Refused(Code.NOT_STOPPED, 0)
        state = after(session(), Stop(kind="stay", ground="x"), T)
        state = after(state, Resume(resumes_at_us=END), T)
        assert decide(state, Resume(resumes_at_us=END), T).refused is None

    def test_stall_gives_back_the_time_that_stood_and_at_least_five_minutes(self) -> None:
        """Six minutes without commits across the end (bid-core 11)."""
        state = session()

        short = after(state, CatchUp(since_us=END - MINUTE), END + 5 * MINUTE)
        long = after(state, CatchUp(since_us=END - 60 * MINUTE), END - 54 * MINUTE)

        assert short.end_us == END + 10 * MINUTE
        assert long.end_us == END + 6 * MINUTE

    def test_stall_that_began_after_the_end_moves_nothing(self) -> None:
        """The end had passed before the clock stood."""
        assert decide(session(), CatchUp(since_us=END), END + MINUTE).events == ()
        assert decide(session(), CatchUp(since_us=END - 1), END + MINUTE).events != ()


class TestOpening:
    """A session is set up once, by its first event."""

    def test_same_terms_again_change_nothing_others_are_refused(self) -> None:
        """A repeated opening is harmless."""
        assert decide(session(), OpenSession(terms=terms()), T).refused is None
        assert decide(session(), OpenSession(terms=terms(STEPS)), T).refused == Refused(Code.SESSION_EXISTS, 1)

    @pytest.mark.parametrize(("at_us", "refused"), [(END - 1, None), (END, Refused(Code.ALREADY_OPENED))])
    def test_session_whose_end_has_passed_cannot_be_set_up(self, at_us: int, refused: Refused | None) -> None:
        """Up to the end a late set-up is possible (a rebuilt site repeats its commands)."""
        assert decide(None, OpenSession(terms=terms()), at_us).refused == refused

    def test_nothing_can_be_decided_before_the_opening_event(self) -> None:
        """A room that does not exist says so."""
        assert decide(None, bid("A", START_FEN), T).refused == Refused(Code.ROOM_MISSING)


class TestReplay:
    """bid-core 5: the rule book decides every event again."""

    HISTORY: ClassVar[tuple[tuple[Command, int], ...]] = (
        (OpenSession(terms=terms(UNLIMITED)), T),
        (Admit(admission=admission("A")), T),
        (Admit(admission=admission("H", 1)), T),
        (bid("A", START_FEN), T + 1),
        (bid("H", START_FEN), T + 2),
        (CatchUp(since_us=T + 3), T + 4),
        (Stop(kind="stay", ground="objection"), T + 5),
        (Resume(), T + 6),
        (Tick(), 2 * END),
    )

    def test_every_event_leads_back_to_its_command_and_is_confirmed(self) -> None:
        """Events of all kinds replay to the same state."""
        state: SessionState | None = None
        replayed: SessionState | None = None
        for command, at_us in self.HISTORY:
            (event,) = decide(state, command, at_us).events
            state = apply(state, event)
            replayed = confirm(replayed, event)

        assert state == replayed
        assert state is not None
        assert (state.phase, state.seq) == ("closed", len(self.HISTORY))

    def test_forged_event_is_not_confirmed(self) -> None:
        """A price, an end, a leader that the rules do not give stops the lot."""
        state = session()
        (event,) = decide(state, bid("A", START_FEN), T).events
        assert isinstance(event, BidAccepted)
        forged: list[dict[str, object]] = [
            {"amount_fen": START_FEN + 1, "price_fen": START_FEN + 1},
            {"end_us": END + 1},
            {"leader": BidderCode("B")},
            {"code": BidderCode("X")},
            {"seq": event.seq + 1},
            {"at_us": END},
            {"kind": "match"},
        ]
        for changes in forged:
            with pytest.raises(InvariantViolated):
                confirm(state, msgspec.structs.replace(event, **changes))

    def test_event_out_of_order_or_back_in_time_does_not_apply(self) -> None:
        """Numbers have no gap and stamps never fall."""
        state = session()
        with pytest.raises(InvariantViolated):
            apply(state, Resumed(seq=state.seq, at_us=T, resumes_at_us=T, end_us=END))
        with pytest.raises(InvariantViolated):
            apply(
                state, Stopped(seq=state.seq + 1, at_us=T - 2 * MINUTE, kind="stay", ground="x", since_us=T, left_us=1)
            )

    def test_refusals_of_the_stream_are_judged_too(self) -> None:
        """A refusal that the rule book would not give stops the lot; reasons outside the book are not judged."""
        state = after(session(), bid("A", START_FEN), T)

        def listed(reason: Code, depends_on: int) -> RefusedBid:
            return RefusedBid(
                bid_id=bid_id(9), code=BidderCode("A"), amount_fen=START_FEN + STEP_FEN, kind="bid",
                reason=reason, depends_on=depends_on, at_us=T, received_us=0, suppressed=0,
            )  # fmt: skip

        confirm_refusal(state, listed(Code.OWN_LEAD, 4))
        for reason in OUTSIDE_THE_BOOK:
            confirm_refusal(state, listed(reason, 0))
        for wrong in (listed(Code.OWN_LEAD, 3), listed(Code.NOT_HIGHER, 4)):
            with pytest.raises(InvariantViolated):
                confirm_refusal(state, wrong)
