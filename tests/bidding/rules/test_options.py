"""What a notice may announce: the second confirmation and the growing increment (rules 8 and 9 of the rule book)."""

from __future__ import annotations

import msgspec
import pytest

from auction.kernel.errors import InvariantViolated
from auction.kernel.money import BOUND_FEN
from bidding.rules.engine import (
    Refused,
    apply,
    command_of,
    confirm,
    confirm_above_fen,
    confirm_refusal,
    decide,
    floor_fen,
    increment_now,
)
from bidding.rules.options import Growth, Options, times_after
from bidding.rules.reasons import Code, refusal_of_bid, sentence
from bidding.rules.session import (
    SELL_OFF_2017,
    SPC_2016,
    Admit,
    BidAccepted,
    CatchUp,
    OpenSession,
    PlaceBid,
    RefusedBid,
    Resume,
    RuleSet,
    SessionState,
    SessionTerms,
    Stop,
)
from tests.bidding.rules.samples import (
    END,
    LAST_DAY,
    MINUTE,
    SECOND,
    START_FEN,
    STEP_FEN,
    STEPS,
    T,
    admission,
    after,
    bid,
    bid_id,
    terms,
)

THREE_STEPS = Options(confirm_steps=3)
FACTOR = Options(confirm_percent=150, reference_price_fen=1_000_001)
"""150 % of it is 1 500 001.5 fen: the first whole amount above is 1 500 002."""
GROWING = Options(growth=(Growth(after_extensions=2, times=2), Growth(after_extensions=4, times=5)))


def confirmed(command: PlaceBid, amount_fen: int | None = None) -> PlaceBid:
    """The same bid with the confirmation of its amount (or of another one) under an id of its own."""
    number = int(command.bid_id.replace("-", ""), 16) + 1_000
    return msgspec.structs.replace(
        command,
        bid_id=bid_id(number),
        confirmed_fen=command.amount_fen if amount_fen is None else amount_fen,
    )


def announced(options: Options, rules: RuleSet = SPC_2016, **ranks: int) -> SessionState:
    """A session whose notice announces options, with the bidders A and B and others with the rank given."""
    one = msgspec.structs.replace(terms(rules), options=options)
    if rules is SELL_OFF_2017:
        one = msgspec.structs.replace(one, closes_at_us=LAST_DAY)
    state = after(None, OpenSession(terms=one), T - MINUTE)
    for code, rank in {"A": 0, "B": 0, **ranks}.items():
        state = after(state, Admit(admission=admission(code, rank)), T - MINUTE)
    return state


def refusal_of(state: SessionState, command: PlaceBid, at_us: int = T) -> Refused | None:
    """The refusal of a bid."""
    return decide(state, command, at_us).refused


def steps(number: int) -> int:
    """An amount of so many announced increments above the starting price."""
    return START_FEN + number * STEP_FEN


def contest(state: SessionState, bids: int, *, at_us: int = END - MINUTE) -> SessionState:
    """Bid the lowest amount so many times, alternately, each bid extending the end."""
    for number in range(bids):
        code = "B" if state.leader == "A" else "A"
        state = after(state, bid(code, floor_fen(state), number=100 + number), at_us + number * SECOND)
    return state


class TestSecondConfirmation:
    """Rule 8: who bids so high says it twice."""

    @pytest.mark.parametrize(("more", "asked"), [(2, False), (3, False), (4, True), (5, True)])
    def test_more_than_k_steps_above_the_present_price_are_asked_about(self, more: int, *, asked: bool) -> None:
        """K = 3: three increments pass, four are asked about; before the first bid counted from the starting price."""
        leading = after(announced(THREE_STEPS), bid("A", steps(2)), T)

        first = refusal_of(announced(THREE_STEPS), bid("A", steps(more)))
        raised = refusal_of(leading, bid("B", steps(2 + more)))

        assert first == (Refused(Code.CONFIRMATION_REQUIRED, 0) if asked else None)
        assert raised == (Refused(Code.CONFIRMATION_REQUIRED, leading.bid_seq) if asked else None)

    @pytest.mark.parametrize(
        ("reference_fen", "percent", "passes_fen"),
        [(1_000_000, 150, 1_500_000), (1_000_001, 150, 1_500_001), (1, 101, 1), (BOUND_FEN - 1, 100_000, BOUND_FEN)],
    )
    def test_multiple_of_the_reference_price_is_exact_to_the_fen(
        self, reference_fen: int, percent: int, passes_fen: int
    ) -> None:
        """Exactly the multiple passes; of a multiple between two fen the lower one does."""
        options = Options(confirm_percent=percent, reference_price_fen=reference_fen)

        assert options.confirm_above_fen == passes_fen

    def test_the_multiple_itself_passes_and_one_increment_above_is_asked_about(self) -> None:
        """150 % of 10,000 yuan: 15,000 is taken, 15,100 needs its confirmation."""
        state = announced(Options(confirm_percent=150, reference_price_fen=START_FEN))

        assert refusal_of(state, bid("A", steps(50))) is None
        assert refusal_of(state, bid("A", steps(51))) == Refused(Code.CONFIRMATION_REQUIRED, 0)

    def test_whichever_limit_is_lower_asks(self) -> None:
        """Of two limits the lower one counts, and the page is told it."""
        both = Options(confirm_steps=3, confirm_percent=102, reference_price_fen=START_FEN)

        assert confirm_above_fen(announced(both)) == steps(2)
        assert confirm_above_fen(after(announced(both), bid("A", steps(1)), T)) == steps(2)
        assert confirm_above_fen(announced(THREE_STEPS)) == steps(3)
        assert confirm_above_fen(announced(GROWING)) == 0
        assert confirm_above_fen(after(None, OpenSession(terms=terms()), T)) == 0

    def test_confirmed_bid_is_a_bid_of_its_own_and_says_so(self) -> None:
        """The confirmation comes under a new id; the event tells that it was needed and given."""
        state = announced(THREE_STEPS)
        asked = bid("A", steps(4))

        verdict = decide(state, confirmed(asked), T)

        (event,) = verdict.events
        assert isinstance(event, BidAccepted)
        assert (event.amount_fen, event.confirmed) == (steps(4), True)
        assert command_of(state, event) == confirmed(asked)

    def test_confirmation_binds_exactly_one_amount(self) -> None:
        """A confirmation of another amount is no bid at all."""
        state = announced(THREE_STEPS)
        for other in (steps(4) - 1, steps(4) + 1, START_FEN):
            assert refusal_of(state, confirmed(bid("A", steps(4)), other)) == Refused(Code.BID_MALFORMED)

    def test_confirmation_that_nobody_asked_for_leaves_no_trace(self) -> None:
        """Below the limit, and without the option, a confirmed bid makes the very event of a plain one."""
        for state in (announced(THREE_STEPS), after(announced(GROWING), bid("B", START_FEN), T)):
            plain, said = bid("A", steps(3)), confirmed(bid("A", steps(3)))
            (event,), (same,) = decide(state, plain, T).events, decide(state, said, T).events
            assert msgspec.structs.replace(same, bid_id=plain.bid_id) == event
            assert isinstance(event, BidAccepted)
            assert event.confirmed is msgspec.UNSET

    @pytest.mark.parametrize(
        ("command", "reason"),
        [
            (bid("A", steps(9)), Code.OWN_LEAD),
            (bid("B", steps(9) + 1), Code.OFF_LADDER),
            (bid("X", steps(9)), Code.NOT_ADMITTED),
            (bid("B", steps(9), "match"), Code.NO_FIRST_REFUSAL_RIGHT),
            (bid("B", BOUND_FEN), Code.AMOUNT_MALFORMED),
        ],
    )
    def test_who_would_be_refused_anyway_hears_the_true_reason(self, command: PlaceBid, reason: Code) -> None:
        """The question comes last: confirming would not have helped."""
        state = after(announced(THREE_STEPS), bid("A", steps(1)), T)

        refused = refusal_of(state, command)

        assert refused is not None
        assert refused.reason == reason

    def test_late_and_stopped_bids_are_not_asked_about(self) -> None:
        """A bid after the end is late, however high."""
        state = announced(THREE_STEPS)
        stopped = after(state, Stop(kind="deferral", ground="x"), T)

        assert refusal_of(state, bid("A", steps(9)), END) == Refused(Code.AFTER_END, state.seq + 1)
        assert refusal_of(stopped, bid("A", steps(9))) == Refused(Code.STOPPED, stopped.seq)

    def test_a_match_is_never_asked_about(self) -> None:
        """网拍 21: the same price is enough, and nobody typed it; by button or as a plain bid."""
        state = announced(Options(confirm_percent=101, reference_price_fen=START_FEN), H=1)
        state = after(state, confirmed(bid("A", steps(40))), T)

        for kind in ("match", "bid"):
            assert refusal_of(state, bid("H", steps(40), kind)) is None

    def test_no_amount_is_too_high_to_be_confirmed(self) -> None:
        """There is no cap: the highest whole step below 10^14 fen is taken once it is confirmed."""
        highest = START_FEN + (BOUND_FEN - 1 - START_FEN) // STEP_FEN * STEP_FEN
        state = announced(Options(confirm_steps=1_000, confirm_percent=100_000, reference_price_fen=BOUND_FEN - 1))

        assert refusal_of(state, bid("A", highest)) == Refused(Code.CONFIRMATION_REQUIRED, 0)
        assert refusal_of(state, confirmed(bid("A", highest))) is None

    def test_refusal_brings_the_amount_back_in_words(self) -> None:
        """In figures and words of the reader's language; without an amount the sentence stands too."""
        refused = refusal_of_bid(Code.CONFIRMATION_REQUIRED, 328_000_000)

        assert "¥3,280,000.00（人民币叁佰贰拾捌万元整）" in refused.sentence("zh")
        assert "¥3,280,000.00 (three million two hundred eighty thousand yuan)" in refused.sentence("en")
        assert "此出价超出公告" in sentence(Code.CONFIRMATION_REQUIRED, "zh")
        assert refusal_of_bid(Code.OFF_LADDER, 1).code == "off_ladder"


class TestGrowingIncrement:
    """Rule 9: after so many extensions the increment is so many times the announced one."""

    @pytest.mark.parametrize(("extensions", "times"), [(0, 1), (1, 1), (2, 2), (3, 2), (4, 5), (5, 5), (99, 5)])
    def test_table_is_read_by_extensions(self, extensions: int, times: int) -> None:
        """From the line's own number on; after the last line it stays."""
        assert times_after(GROWING, extensions) == times
        assert times_after(msgspec.UNSET, extensions) == times_after(THREE_STEPS, extensions) == 1

    def test_each_extension_counts_and_the_next_bid_follows_the_new_increment(self) -> None:
        """After one extension the increment is the announced one, after two it is twice that, after four five times."""
        state = announced(GROWING)
        seen = []
        for _ in range(5):
            state = contest(state, 1, at_us=max(state.last_us, END - MINUTE) + SECOND)
            seen.append((state.extensions, increment_now(state), floor_fen(state) - state.price_fen))

        assert seen == [(n, m * STEP_FEN, m * STEP_FEN) for n, m in [(1, 1), (2, 2), (3, 2), (4, 5), (5, 5)]]

    @pytest.mark.parametrize(("more", "reason"), [(0, Code.NOT_HIGHER), (1, Code.OFF_LADDER), (2, None), (4, None)])
    def test_amounts_are_the_present_price_plus_whole_increments_of_now(self, more: int, reason: Code | None) -> None:
        """After two extensions one announced step above the price is off the ladder; two and four are on it."""
        state = contest(announced(GROWING), 2)

        refused = refusal_of(state, bid("A", state.price_fen + more * STEP_FEN), state.last_us)

        assert refused == (Refused(reason, state.bid_seq) if reason else None)

    def test_refusal_for_the_ladder_rests_on_the_last_bid_where_it_grows(self) -> None:
        """bid-core 7: price and increment come from the last bid; without growth an amount is off the ladder for ever."""
        fixed = after(announced(THREE_STEPS), bid("A", START_FEN), T)
        growing = after(announced(GROWING), bid("A", START_FEN), T)

        assert refusal_of(fixed, bid("B", START_FEN + 1)) == Refused(Code.OFF_LADDER, 0)
        assert refusal_of(growing, bid("B", START_FEN + 1)) == Refused(Code.OFF_LADDER, growing.bid_seq)

    def test_only_bids_that_moved_the_end_are_counted(self) -> None:
        """A bid outside the window, a stop and its resumption, a stall: none of them is an extension."""
        state = after(announced(GROWING), bid("A", START_FEN), END - 5 * MINUTE)
        assert state.extensions == 0
        state = after(state, bid("B", steps(1), number=2), END - 5 * MINUTE + 1)
        assert state.extensions == 1
        state = after(state, Stop(kind="stay", ground="x"), END)
        state = after(state, Resume(), END + MINUTE)
        state = after(state, CatchUp(since_us=END + MINUTE), END + 2 * MINUTE)
        assert state.extensions == 1
        assert increment_now(state) == STEP_FEN

    def test_a_match_extends_and_counts(self) -> None:
        """bid-core 13: a match is a bid; it is the same price whatever the increment has become."""
        state = contest(announced(GROWING, H=1), 2)

        state = after(state, bid("H", state.price_fen, "match"), state.last_us + SECOND)

        assert (state.leader, state.extensions) == ("H", 3)

    def test_opening_the_competition_of_a_sell_off_is_no_extension(self) -> None:
        """变卖衔接 6: on the last day the first bid moves the end by a day; it is counted only from then on."""
        state = after(announced(GROWING, SELL_OFF_2017), bid("A", START_FEN), LAST_DAY - 1)
        assert state.extensions == 0
        state = after(state, bid("B", steps(1), number=2), state.end_us - 1)
        assert state.extensions == 1

    def test_steps_of_a_confirmation_are_those_of_now(self) -> None:
        """Both options together: three steps are three of the increments that hold now."""
        both = Options(confirm_steps=3, growth=GROWING.growth or ())
        state = contest(announced(both), 2)

        assert confirm_above_fen(state) == state.price_fen + 6 * STEP_FEN
        assert refusal_of(state, bid("A", state.price_fen + 6 * STEP_FEN), state.last_us) is None
        refused = refusal_of(state, bid("A", state.price_fen + 8 * STEP_FEN), state.last_us)
        assert refused == Refused(Code.CONFIRMATION_REQUIRED, state.bid_seq)


class TestReplay:
    """bid-core 5: a replay decides options again."""

    def test_replay_agrees_and_forged_events_do_not_pass(self) -> None:
        """A confirmation left out or made up, a wrong count of extensions: each contradicts the rule book."""
        both = Options(confirm_steps=3, growth=(Growth(after_extensions=1, times=2),))
        state = contest(announced(both), 1)
        command = confirmed(bid("B", state.price_fen + 8 * STEP_FEN))
        (event,) = decide(state, command, state.last_us).events
        assert isinstance(event, BidAccepted)

        assert confirm(state, event) == apply(state, event)
        assert apply(state, event).extensions == 1
        for changes in ({"confirmed": msgspec.UNSET}, {"extensions": 2}, {"extensions": msgspec.UNSET}):
            with pytest.raises(InvariantViolated):
                confirm(state, msgspec.structs.replace(event, **changes))
        below = decide(state, bid("B", floor_fen(state)), state.last_us).events[0]
        assert isinstance(below, BidAccepted)
        with pytest.raises(InvariantViolated):
            confirm(state, msgspec.structs.replace(below, confirmed=True))

    def test_listed_questions_are_judged_like_refusals(self) -> None:
        """A question that the rule book would not ask stops the lot."""

        def listed(amount_fen: int) -> RefusedBid:
            return RefusedBid(
                bid_id=bid_id(9), code=admission("A").code, amount_fen=amount_fen, kind="bid",
                reason=Code.CONFIRMATION_REQUIRED, depends_on=0, at_us=T, received_us=0, suppressed=0,
            )  # fmt: skip

        confirm_refusal(announced(THREE_STEPS), listed(steps(4)))
        with pytest.raises(InvariantViolated):
            confirm_refusal(announced(THREE_STEPS), listed(steps(3)))


class TestTerms:
    """Options in the terms of a session."""

    def test_terms_without_options_are_written_as_before_there_were_any(self) -> None:
        """Bytes of earlier sessions, of their events and of their stored states stay what they were."""
        state = after(after(None, OpenSession(terms=terms()), T), Admit(admission=admission("A")), T)
        (event,) = decide(state, bid("A", START_FEN), END - 1).events

        written = msgspec.json.encode((terms(), event, apply(state, event)))

        assert not any(word in written for word in (b"options", b"confirmed", b"extensions"))
        assert event == BidAccepted(
            seq=3, at_us=END - 1, bid_id=bid_id(1), code=admission("A").code, amount_fen=START_FEN, kind="bid",
            price_fen=START_FEN, leader=admission("A").code, end_us=END - 1 + 5 * MINUTE, extended=True, received_us=0,
        )  # fmt: skip

    def test_terms_with_options_survive_their_journey_through_json(self) -> None:
        """Only what is announced is written."""
        one = msgspec.structs.replace(terms(), options=GROWING)

        written = msgspec.json.encode(one)

        assert b'"options":{"growth":[{"after_extensions":2,"times":2},' in written
        assert b"confirm" not in written
        assert msgspec.json.decode(written, type=SessionTerms) == one

    @pytest.mark.parametrize(
        "options",
        [
            {},
            {"confirm_steps": 1},
            {"confirm_steps": 1_001},
            {"confirm_percent": 150},
            {"confirm_percent": 100, "reference_price_fen": 1},
            {"confirm_percent": 100_001, "reference_price_fen": 1},
            {"confirm_percent": 150, "reference_price_fen": 0},
            {"confirm_steps": 2, "reference_price_fen": 1},
            {"growth": ()},
            {"growth": (Growth(after_extensions=0, times=2),)},
            {"growth": (Growth(after_extensions=1, times=1),)},
            {"growth": (Growth(after_extensions=2, times=2), Growth(after_extensions=2, times=3))},
            {"growth": (Growth(after_extensions=2, times=3), Growth(after_extensions=3, times=2))},
            {"growth": tuple(Growth(after_extensions=n, times=n + 1) for n in range(1, 10))},
        ],
    )
    def test_options_that_make_no_sense_cannot_be_made(self, options: dict[str, object]) -> None:
        """Nothing announced, a question about each bid, a multiple without its price, a table that does not grow."""
        with pytest.raises(AssertionError):
            Options(**options)  # type: ignore[arg-type]  # the very point of the test

    def test_options_need_a_ladder_and_an_increment_within_the_bound(self) -> None:
        """Other houses' records have no options; the highest increment is an amount."""
        with pytest.raises(AssertionError):
            msgspec.structs.replace(terms(STEPS), options=THREE_STEPS)
        with pytest.raises(AssertionError):
            msgspec.structs.replace(terms(step_fen=BOUND_FEN // 5), options=GROWING)
        assert msgspec.structs.replace(terms(step_fen=BOUND_FEN // 5 - 1), options=GROWING).grows
