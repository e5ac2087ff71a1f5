"""The lists that keep a person from bidding, and what several signed answers say together. Pure.

1. A list is asked only where it can matter: of dishonest debtors for houses, of restrictions for the assets that they cover
   (`bans.holds_for`); a restriction that names kinds of assets covers no others.
2. A keeper's newest answer counts: newest by the instant as of which it speaks. A removal so counts at once, and an older
   answer that comes later changes nothing.
3. No answer is *unanswered*, never "clear" and never "listed": the person is admitted on his word and asked about again.
4. Keepers that contradict each other make nobody listed: the person is admitted, and the judge is told.
5. At the door only an answer that was given for this registration refuses (`DOOR`): who was removed since the last one
   is not kept out by it (网拍 31(5)).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Literal, Protocol, get_args
from uuid import UUID

import msgspec

from auction.kernel.sentences import Said
from auction.kernel.signed_questions import Gap
from auction.sale.cases.assets import AssetClass
from auction.sale.cases.bans import BanGround, holds_for

ListKey = Literal["dishonest", "restriction"]
LISTS: tuple[ListKey, ...] = get_args(ListKey)
Moment = Literal["registration", "opening", "ruling", "recheck"]
"""Why a question was put: at the registration, at the opening, before the ruling, or again after an answer that could not be used."""
State = Literal["clear", "listed", "contradicting", "unanswered"]
Outcome = Literal["passed", "refused", "unknown"]

DOOR = timedelta(minutes=10)
"""An answer refuses a registration only when it came within this time."""
CLOCKS_APART = timedelta(minutes=5)
OLDEST_ANSWER = timedelta(hours=72)
"""An answer as of an instant before this is none: what it says may have ended."""

GROUNDS: Mapping[ListKey, BanGround] = {"dishonest": "listed_dishonest", "restriction": "consumption_restricted"}
LIST_NAMES: Mapping[ListKey, Said] = {
    "dishonest": Said("失信被执行人名单", "list of dishonest judgment debtors"),
    "restriction": Said("限制消费名单", "list of persons under a restriction on consumption"),
}


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """One question to one keeper about one person; the same id is the same question."""

    question_id: UUID
    kind: Literal["natural", "organisation"]
    identity_number: str
    lists: tuple[ListKey, ...]


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """What a keeper says of one list; ``covers`` empty: all that the law puts under it."""

    list: ListKey
    state: Literal["listed", "clear"]
    covers: tuple[AssetClass, ...] = ()
    case_number: str = ""
    court: str = ""
    listed_on: date | None = None


class Reply(msgspec.Struct, frozen=True, kw_only=True):
    """A keeper's answer, verified: signature and fingerprint were checked by the client."""

    question_id: UUID
    identity_number: str
    answer_no: str
    as_of: datetime
    entries: tuple[Entry, ...]
    content: bytes
    """The signed document as it came, with fingerprint and signature, as JSON."""
    signature: str


class Keeper(Protocol):
    """Who keeps the lists. A call never raises for what the other side or the line does: that is a `Gap`."""

    key: str
    title: str

    async def ask(self, question: Question, *, business_at: datetime) -> Reply | Gap:
        """Ask; the keeper takes a repeated question id as the same question."""
        ...


Keepers = Mapping[str, Keeper]
NO_KEEPERS: Keepers = {}


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """What one kept answer says of one list."""

    keeper: str
    entry: Entry
    answer_no: str
    as_of: datetime
    answered_at: datetime
    fingerprint: str

    def bars(self, asset_class: AssetClass) -> bool:
        """Whether it keeps its person from bidding for an asset of this class (rule 1)."""
        covered = not self.entry.covers or asset_class in self.entry.covers
        return self.entry.state == "listed" and covered and holds_for(GROUNDS[self.entry.list], asset_class)


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """How a person stands to one list, for one class of assets."""

    list: ListKey
    state: State
    told: tuple[Told, ...]
    """Each keeper's newest answer, by keeper."""
    barred_at: datetime | None
    """Listed: when the first answer of the listing that goes on came here."""
    unanswered_since: datetime | None
    """Since when a question waits that no keeper has answered; ``None``: none waits."""

    @property
    def as_of(self) -> datetime | None:
        """The instant of the newest answer, ``None`` without one."""
        return max((each.as_of for each in self.told), default=None)


class ListsAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """How a person stands to all lists that can matter for an asset of this class."""

    asset_class: AssetClass
    standings: tuple[Standing, ...]

    @property
    def listed(self) -> Standing | None:
        """The first list on which he stands, ``None`` if he stands on none."""
        return next((each for each in self.standings if each.state == "listed"), None)

    @property
    def outcome(self) -> Outcome:
        """Refused: on a list; unknown: a list did not answer or keepers contradict each other; else passed."""
        if self.listed is not None:
            return "refused"
        return "unknown" if any(each.state != "clear" for each in self.standings) else "passed"

    @property
    def rests_on(self) -> tuple[Told, ...]:
        """The answers on which this rests, with their fingerprints."""
        return tuple(told for each in self.standings for told in each.told)


def lists_for(asset_class: AssetClass) -> tuple[ListKey, ...]:
    """Give the lists that can matter for an asset of this class; nobody is asked about the others (rule 1)."""
    return tuple(each for each in LISTS if holds_for(GROUNDS[each], asset_class))


def what_is_wrong(reply: Reply, question: Question, *, asked_at: datetime, now: datetime) -> str:
    """Say (in a code) why an answer is none to this question; empty: it is one."""
    if reply.question_id != question.question_id:
        return "other_question"
    if reply.identity_number.upper() != question.identity_number.upper():
        return "other_person"
    if sorted(entry.list for entry in reply.entries) != sorted(question.lists):
        return "other_lists"
    if reply.as_of.tzinfo is None or reply.as_of > now + CLOCKS_APART:
        return "as_of_to_come"
    return "as_of_too_old" if reply.as_of < asked_at - OLDEST_ANSWER else ""


def standing_of(
    list_: ListKey,
    told: Sequence[Told],
    *,
    asset_class: AssetClass,
    unanswered_since: datetime | None,
    came_since: datetime | None = None,
) -> Standing:
    """Say what the answers about one person say of one list (rules 2 to 5); ``came_since``: older answers do not count."""
    about = [each for each in told if each.entry.list == list_]
    counted = [each for each in about if came_since is None or each.answered_at >= came_since]
    newest = {each.keeper: each for each in sorted(counted, key=_age)}
    said = {each.bars(asset_class) for each in newest.values()}
    state: State = "unanswered"
    if said:
        state = "contradicting" if len(said) > 1 else ("listed" if said == {True} else "clear")
    return Standing(
        list=list_,
        state=state,
        told=tuple(newest[keeper] for keeper in sorted(newest)),
        barred_at=_barred_at(about, newest, asset_class) if state == "listed" else None,
        unanswered_since=unanswered_since,
    )


def _age(told: Told) -> tuple[datetime, datetime]:
    return told.as_of, told.answered_at


def _barred_at(about: Sequence[Told], newest: Mapping[str, Told], asset_class: AssetClass) -> datetime:
    """When the listing that goes on was first told: an answer that only repeats it is no new ban."""
    first = []
    for keeper in newest:
        own = sorted((each for each in about if each.keeper == keeper), key=_age)
        ended = [each.as_of for each in own if not each.bars(asset_class)]
        first += [each.answered_at for each in own if not ended or each.as_of > ended[-1]][:1]
    return min(first)
