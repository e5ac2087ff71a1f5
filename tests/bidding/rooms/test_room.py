"""One room without I/O: who waits for what, and what leaves when."""

from __future__ import annotations

import msgspec

from bidding.live.decision import Decision, PastDecision
from bidding.rooms.journal_port import Standing
from bidding.rooms.room import PENDING_LIMIT, REMEMBERED, Answer, Member, Room
from bidding.rooms.show import show
from bidding.rooms.tickets import Pass
from bidding.rooms.wire import LOG_LIMIT, Events, Role
from bidding.rules.engine import apply, decide
from bidding.rules.reasons import Code
from bidding.rules.session import Admit, BidderCode, BidId, Event, OpenSession, PlaceBid, SessionState, Stop
from tests.bidding.rules.samples import PROXY, SECOND, START_FEN, STEP_FEN, T, admission, terms


class Story:
    """A session that goes on by the rule book, and a room that hears of it."""

    def __init__(self, *, epoch: int = 5) -> None:
        self.terms = terms()
        self.state: SessionState | None = None
        self.at_us = T
        self.then(OpenSession(terms=self.terms))
        for code in ("A", "B"):
            self.then(Admit(admission=admission(code)))
        self.events: list[Event] = []
        self.room = Room(Standing(terms=self.terms, state=self.state, recent=()), epoch=epoch)

    def then(self, command: OpenSession | Admit | PlaceBid | Stop) -> list[Event]:
        """What comes of a command."""
        self.at_us += SECOND
        verdict = decide(self.state, command, self.at_us)
        for event in verdict.events:
            self.state = apply(self.state, event)
        return list(verdict.events)

    def enter(self, code: str) -> Member:
        """Let somebody in."""
        role: Role = "bidder" if code else "spectator"
        admits = Pass(
            lot_id=self.terms.lot_id, session_id=self.terms.session_id, role=role, code=code, origin="o", grant=code
        )
        member = Member(admits)
        self.room.enter(member)
        return member

    def answers(self) -> list[Answer]:
        """The answers that leave now."""
        return self.room.flush(server_us=self.at_us)[1]


def _bid(number: int, code: str, steps: int) -> PlaceBid:
    bid_id = BidId(f"00000000-0000-7000-8000-{number:012d}")
    return PlaceBid(bid_id=bid_id, code=BidderCode(code), amount_fen=START_FEN + steps * STEP_FEN, received_us=1)


def _decision(reason: Code | None, sequence: int, *, epoch: int = 5) -> Decision:
    return Decision(reason=reason, sequence=sequence, epoch=epoch, price_fen=0, end_us=0, at_us=T, duplicate=False)


def test_acceptance_waits_for_its_own_event() -> None:
    """An accepted bid is answered when its committed event is taken, not before."""
    story = Story()
    member, bid = story.enter("A"), _bid(1, "A", 0)
    assert story.room.ask(member, bid)
    events = story.then(bid)
    story.room.decided(member, bid, _decision(None, 4))
    assert [] == story.answers()

    story.room.take(events)
    (answer,) = story.answers()
    assert (member, True, 4, START_FEN) == (
        answer.member,
        answer.message.accepted,
        answer.message.n,
        answer.message.price_fen,
    )


def test_decision_that_comes_after_its_event_is_answered_at_once() -> None:
    """When the committed event was faster than Redis's reply, nothing waits."""
    story = Story()
    member, bid = story.enter("A"), _bid(1, "A", 0)
    story.room.ask(member, bid)
    story.room.take(story.then(bid))
    story.room.decided(member, bid, _decision(None, 4))

    assert [4] == [answer.message.n for answer in story.answers()]


def test_refusal_waits_for_the_owners_word_in_its_epoch() -> None:
    """A refusal that rests on an uncommitted price leaves with the watermark of its own epoch only (bid-core 7)."""
    story = Story()
    member, bid = story.enter("B"), _bid(2, "B", 0)
    story.room.ask(member, bid)
    story.room.decided(member, bid, _decision(Code.NOT_HIGHER, 4))
    story.room.hear_watermark(epoch=5, sequence=3)
    story.room.hear_watermark(epoch=4, sequence=4)
    assert [] == story.answers()

    story.room.hear_watermark(epoch=5, sequence=4)
    assert ["not_higher"] == [answer.message.code for answer in story.answers()]


def test_refusal_that_rests_on_nothing_leaves_at_once() -> None:
    """Sequence zero waits for nothing (bid-core 7)."""
    story = Story()
    member, bid = story.enter("B"), _bid(2, "B", 0)
    story.room.ask(member, bid)
    story.room.decided(member, bid, _decision(Code.OFF_LADDER, 0))

    assert ["off_ladder"] == [answer.message.code for answer in story.answers()]


def test_new_epoch_has_waiting_bids_decided_again() -> None:
    """When the epoch changes first, nothing is answered: the same bid is decided again (bid-core 7)."""
    story = Story()
    member = story.enter("A")
    accepted, refused = _bid(1, "A", 0), _bid(2, "A", 1)
    for bid, decision in ((accepted, _decision(None, 4)), (refused, _decision(Code.OWN_LEAD, 4))):
        story.room.ask(member, bid)
        story.room.decided(member, bid, decision)
    story.room.hear_watermark(epoch=6, sequence=4)

    _, answers, again = story.room.flush(server_us=1)
    assert [] == answers
    assert {accepted.bid_id, refused.bid_id} == {one.bid.bid_id for one in again}


def test_decision_of_an_older_epoch_is_never_answered() -> None:
    """A reply that was under way while the epoch changed is decided again, even if its number is committed."""
    story = Story(epoch=6)
    member, bid = story.enter("A"), _bid(1, "A", 0)
    story.room.ask(member, bid)
    story.room.decided(member, bid, _decision(Code.NOT_HIGHER, 3, epoch=5))

    _, answers, again = story.room.flush(server_us=1)
    assert ([], [bid]) == (answers, [one.bid for one in again])


def test_acceptance_whose_number_went_to_another_bid_is_decided_again() -> None:
    """A promoted replica may give a lost bid's number to another: the lost one is never acknowledged."""
    story = Story()
    member, other = story.enter("A"), story.enter("B")
    lost, kept = _bid(1, "A", 0), _bid(2, "B", 0)
    for who, bid in ((member, lost), (other, kept)):
        story.room.ask(who, bid)
        story.room.decided(who, bid, _decision(None, 4))
    story.room.take(story.then(kept))
    story.room.hear_watermark(epoch=5, sequence=4)

    _, answers, again = story.room.flush(server_us=1)
    assert [other] == [answer.member for answer in answers]
    assert [lost] == [one.bid for one in again]


def test_broken_line_has_waiting_refusals_decided_again() -> None:
    """After the line to Redis broke everything that waits is decided again; what was not decided yet is left alone."""
    story = Story()
    member, first, second = story.enter("A"), _bid(1, "A", 0), _bid(2, "A", 1)
    for bid in (first, second):
        story.room.ask(member, bid)
    story.room.decided(member, first, _decision(Code.OWN_LEAD, 9))
    story.room.decide_again()

    assert [first] == [one.bid for one in story.room.flush(server_us=1)[2]]


def test_same_bid_under_way_is_asked_once() -> None:
    """A bid that is sent twice while it is under way is decided once, and waiting bids are bounded."""
    story = Story()
    member = story.enter("A")

    assert [True, False] == [story.room.ask(member, _bid(1, "A", 0)) for _ in range(2)]
    assert PENDING_LIMIT - 1 == sum(story.room.ask(member, _bid(n, "A", 0)) for n in range(2, PENDING_LIMIT + 5))


def test_leaver_is_answered_nothing() -> None:
    """What a member waited for is dropped with him; a late decision for him changes nothing."""
    story = Story()
    member, bid = story.enter("A"), _bid(1, "A", 0)
    story.room.ask(member, bid)
    story.room.decided(member, bid, _decision(None, 4))
    story.room.leave(member)
    story.room.take(story.then(bid))
    story.room.decided(member, bid, _decision(None, 4))

    assert ([], []) == story.room.flush(server_us=1)[1:]


def test_events_of_one_tick_share_a_message() -> None:
    """Events that were taken before a flush leave in one message, with the state after the last (bid-core 19)."""
    story = Story()
    story.enter("")
    for number, code in enumerate("ABAB"):
        story.room.take(story.then(_bid(number, code, number)))
    message = story.room.flush(server_us=7)[0]

    assert isinstance(message, Events)
    assert (4, 7, [4, 5, 6, 7]) == (message.first, message.n, [event.n for event in message.events])
    assert START_FEN + 3 * STEP_FEN == message.view.price_fen
    assert story.room.is_quiet


def test_who_comes_back_gets_what_he_missed() -> None:
    """From any number that is at hand exactly the later events follow; otherwise the last ones, said to be incomplete."""
    story = Story()
    for number in range(60):
        story.room.take(story.then(_bid(number, "AB"[number % 2], number)))
    n = story.room.n

    assert [n - 1, n] == [event.n for event in story.room.missed(n - 2).events]
    assert ((), True) == story.room.missed(n)
    assert ((), True) == story.room.missed(n + 3)
    assert list(range(4, n + 1)) == [event.n for event in story.room.missed(3).events]
    assert (False, LOG_LIMIT) == (story.room.missed(2).complete, len(story.room.missed(2).events))
    assert not story.room.missed(0).complete


def test_fetched_events_complete_what_is_at_hand() -> None:
    """Older events that fit are remembered; others are left alone, and the newest are never pushed out."""
    story = Story()
    all_events = [event for number in range(40) for event in story.then(_bid(number, "AB"[number % 2], number))]
    story.room = Room(Standing(terms=story.terms, state=story.state, recent=tuple(all_events[30:])), epoch=5)
    story.room.remember(all_events[5:20])
    assert not story.room.missed(8).complete
    story.room.remember(all_events[5:35])

    assert [event.seq for event in all_events[6:]] == [event.n for event in story.room.missed(9).events]
    assert len(story.room.missed(9).events) < REMEMBERED


def test_outcomes_tell_only_what_is_committed() -> None:
    """The join snapshot lists committed outcomes of this epoch, at most the last of them."""
    story = Story()
    member, bid = story.enter("A"), _bid(1, "A", 0)
    story.room.take(story.then(bid))
    past = [
        PastDecision(bid_id=bid.bid_id, amount_fen=bid.amount_fen, decision=_decision(None, 4)),
        PastDecision(bid_id=_bid(2, "A", 1).bid_id, amount_fen=1, decision=_decision(Code.OWN_LEAD, 4)),
        PastDecision(bid_id=_bid(3, "A", 2).bid_id, amount_fen=1, decision=_decision(None, 5)),
        PastDecision(bid_id=_bid(4, "A", 2).bid_id, amount_fen=1, decision=_decision(Code.OWN_LEAD, 4, epoch=4)),
        PastDecision(bid_id=_bid(5, "A", 0).bid_id, amount_fen=1, decision=_decision(None, 4)),
    ]
    told = story.room.snapshot(member, story.room.missed(0), past, server_us=1, resume="r", line="live").outcomes

    assert [(bid.bid_id, ""), (past[1].bid_id, "own_lead")] == [(one.bid_id, one.code) for one in told]


def test_hidden_maximum_is_never_shown() -> None:
    """In a proxy session the amount of a bid appears in no message."""
    story = Story()
    story.terms, story.state = terms(PROXY), None
    story.then(OpenSession(terms=story.terms))
    for code in ("A", "B"):
        story.then(Admit(admission=admission(code)))
    story.room = Room(Standing(terms=story.terms, state=story.state, recent=()), epoch=5)
    secret = 1_234_567
    bid = msgspec.structs.replace(_bid(1, "A", 0), amount_fen=secret)
    story.room.take(story.then(bid))
    member = story.enter("B")
    texts = [
        msgspec.json.encode(story.room.flush(server_us=1)[0]),
        msgspec.json.encode(story.room.snapshot(member, story.room.missed(3), [], server_us=1, resume="", line="live")),
    ]

    assert [text for text in texts if str(secret).encode() in text] == []
    assert START_FEN == story.room.view.price_fen


def test_time_of_an_admission_is_never_shown() -> None:
    """An admission is shown with its number only: not whose it is, and not when (security 2)."""
    shown = [show(event) for event in Story().then(Admit(admission=admission("C")))]

    assert [("admitted", 0, "")] == [(one.event, one.at_us, one.code) for one in shown]
    assert [4] == [one.n for one in shown]
