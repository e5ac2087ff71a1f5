"""Bidders: who may register, and the codes under which they appear. What refuses here is a published guard (`auction.law.guards`).

1. A bidder is of full capacity (网拍 14), belongs to none of the groups of 网拍 34, did not default on this lot (24),
   is no listed dishonest debtor for a house (发改财金〔2018〕370号) and under no restriction that covers the asset: by the
   court's own file, and by what the keepers of the lists answered for this registration (`auction.sale.registers`).
2. The judgment debtor and the applicant may bid (拍变 12); the applicant's deposit is what his claim falls short (17).
3. In a city with purchase limits a bidder undertakes that he is eligible (法释〔2021〕18号 2).
4. An agent is named at registration and confirmed by the court before the opening (网拍 14(2)). Until then what the bidder
   says of him lies sealed with the registration: unconfirmed words make nobody a person on file.
5. Nobody of the court, its platform or its auxiliary bodies bids (34): not the case's handler, not a member of its panel, and
   no account with any role beyond `ROLES_OF_BIDDERS`. In production an account needs a verified identity to bid.
6. A code is random, unique in its lot, and joined to its bidder only by a sealed link until the close (网拍 18).
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

import msgspec

from auction.kernel.actors import Role
from auction.kernel.errors import Conflict, NotFound, NotPermitted, Unlawful
from auction.kernel.money import Money
from auction.law.identity import check_full_capacity
from auction.law.prices import applicant_deposit_due
from auction.sale.cases.assets import AssetClass
from auction.sale.cases.bans import holds_for
from auction.sale.registers.check_lists import barred_by_list
from auction.sale.registers.refusals import REGISTER_NAMES, BarredFromBidding

CODE_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"
CODE_DIGITS = 4
CODE_TRIES = 64
"""A free code is found at the first try almost always; a lot of a quarter million bidders would use up the space."""

CAPACITY, BARRED, DEFAULTER, LIMITS, SAME_PERSON, AGENTS, CONTROLLER, JOINT = (
    *("G10", "G11", "G12", "G13", "G16", "G17", "G18", "G19"),
)
"""Numbers of the guards at this door (`auction.law.guards`)."""
LISTED, RESTRICTED = "G14", "G15"
GUARD_OF_GROUND: Mapping[str, str] = {"listed_dishonest": LISTED, "consumption_restricted": RESTRICTED}
"""Guards of the grounds that lists give; every other ground is `BARRED`'s."""
ROLES_OF_BIDDERS = frozenset({Role.BIDDER, Role.PARTY, Role.LENDER})
"""Roles that go with bidding; each other one is of the court, its auxiliary bodies or the platform (网拍 34)."""


ON_FILE = "本院案卷"
"""Who said so, where a court's own record bars somebody."""


class RegistrationState(StrEnum):
    """Where a registration stands; the value is stored."""

    AWAITING_DEPOSIT = "awaiting_deposit"
    ADMITTED = "admitted"
    TOO_LATE = "too_late"  # the deposit came after the end
    LOST = "lost"
    WON = "won"
    LEFT = "left"  # he had his deposit back while the round was stopped
    RELEASED = "released"  # the round was withdrawn, or ended without a deposit


class RegistrationUnknown(NotFound):
    """No such registration, or it is not the caller's."""

    code = "registration_unknown"
    article = "house: a registration is known to its bidder"
    zh = "没有该报名记录。"
    en = "There is no such registration."


class RegistrationClosed(Conflict):
    """Registration is open from the notice to the end of the bidding."""

    code = "registration_closed"
    article = "网拍 18"
    zh = "该拍品当前不接受报名。"
    en = "This lot takes no registrations now."


class AlreadyRegistered(Conflict):
    """This person is registered for this round."""

    code = "already_registered"
    article = "网拍 18"
    zh = "您已报名参加该次拍卖。"
    en = "You are registered for this round already."


class IdentityNotVerified(NotPermitted):
    """Nobody vouches for the identity of this account."""

    code = "identity_not_verified"
    article = "网拍 14; house: web accounts rule 6"
    zh = "账户身份尚未核验，请先到法院窗口核验身份再报名。"
    en = "The identity of this account is not verified; have it verified at the court's counter first."


class DefaulterBarred(Unlawful):
    """Who defaulted on this lot may not take part in its re-auction."""

    code = "defaulter_barred"
    article = "网拍 24"
    zh = "悔拍人不得参加该财产的重新拍卖。"
    en = "Who defaulted on this lot may not take part in its re-auction."


class UndertakingMissing(Unlawful):
    """Purchase limits apply, and the bidder did not undertake that he is eligible."""

    code = "undertaking_missing"
    article = "法释〔2021〕18号 2"
    zh = "标的所在地实行限购，竞买人应当承诺具备购房资格。"
    en = "Purchase limits apply; a bidder undertakes to be eligible."


class WarningsNotAccepted(Unlawful):
    """The bidder did not accept the special warnings."""

    code = "warnings_not_accepted"
    article = "网拍 14"
    zh = "请阅读并接受竞买公告中的特别提示。"
    en = "Please read and accept the special warnings of the notice."


class AgentTooLate(Unlawful):
    """An agent is confirmed before the bidding opens."""

    code = "agent_too_late"
    article = "网拍 14(2)"
    zh = "委托竞买应当在竞价程序开始前经法院确认。"
    en = "An agent must be confirmed by the court before the bidding opens."


class AgentUnknown(NotFound):
    """The registration names no agent."""

    code = "agent_unknown"
    article = "网拍 14(2)"
    zh = "该报名未委托代理人。"
    en = "The registration names no agent."


class SamePersonRegistered(Conflict):
    """A person whom the court decided to be the same is registered for this round."""

    code = "same_person_registered"
    article = "网拍 18; practice 35"
    zh = "法院已认定您与该次拍卖的另一报名人为同一人，同一人只取得一个竞买号。"
    en = "The court has decided that you and another registrant of this round are one person; one person has one code."


class AgentOfAnotherBidder(Conflict):
    """An agent acts for one bidder of a lot and does not bid there himself; declared joint bidders apart."""

    code = "agent_of_another_bidder"
    article = "网拍 14(2)"
    zh = "同一代理人不得为同一标的的两名竞买人出价，代理人本人也不得另行报名；共同竞买应当依法声明。"
    en = "One agent acts for one bidder of a lot and does not bid there himself; joint bidders declare themselves."


class NotAdmitted(NotPermitted):
    """The person is not admitted to this lot's bidding."""

    code = "bidder_not_admitted"
    article = "网拍 18"
    zh = "您未取得该拍品的竞买资格。"
    en = "You are not admitted to the bidding for this lot."


class SealedAgent(msgspec.Struct, frozen=True, kw_only=True):
    """What a bidder says of his agent, before the court has confirmed him."""

    name: str
    identity_number: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Applicant:
    """What the law looks at in somebody who wants to bid; ``birth`` is ``None`` for an organisation."""

    birth: date | None
    bans: Mapping[str, datetime]
    """Grounds that the court put on file for this case, each with the instant of its record."""
    restricted_since: datetime | None
    """Since when the court's own restriction on this debtor is on file; ``None``: he is none, or under none."""
    defaulted_on_lot: bool
    undertakes_eligibility: bool
    accepts_warnings: bool


def check_may_register(
    applicant: Applicant,
    *,
    asset_class: AssetClass,
    purchase_limited: bool,
    today: date,
    lifted: Collection[str] = (),
) -> None:
    """Refuse whoever the law keeps out, in the order of the rules above; ``lifted``: guards that he passes by decision.

    Raises: `WarningsNotAccepted`, `NotOfFullCapacity`, `BarredFromBidding`, `DefaulterBarred`, `UndertakingMissing`.
    """
    if not applicant.accepts_warnings:
        raise WarningsNotAccepted
    if applicant.birth is not None and CAPACITY not in lifted:
        check_full_capacity(applicant.birth, today)
    barred = bar_of(applicant, asset_class, lifted)
    if barred is not None:
        raise barred
    if applicant.defaulted_on_lot and DEFAULTER not in lifted:
        raise DefaulterBarred
    if purchase_limited and not applicant.undertakes_eligibility and LIMITS not in lifted:
        raise UndertakingMissing


def bar_of(applicant: Applicant, asset_class: AssetClass, lifted: Collection[str] = ()) -> BarredFromBidding | None:
    """Give the refusal of the first ban on the court's file that holds for this class, ``None`` if none does (`bans`).

    A ban whose guard he passes by decision is passed over.
    """
    restricted = applicant.restricted_since
    bans = dict(applicant.bans) | ({} if restricted is None else {"consumption_restricted": restricted})
    for ground, recorded_at in sorted(bans.items()):
        if holds_for(ground, asset_class) and GUARD_OF_GROUND.get(ground, BARRED) not in lifted:
            return _bar(ground, recorded_at)
    return None


def _bar(ground: str, recorded_at: datetime) -> BarredFromBidding:
    """Give the refusal that belongs to a ground of `auction.sale.cases.bans`."""
    if ground == "listed_dishonest":
        return barred_by_list("dishonest", source=ON_FILE, as_of=recorded_at)
    if ground == "consumption_restricted":
        return barred_by_list("restriction", source=ON_FILE, as_of=recorded_at)
    return BarredFromBidding(next(said for key, said in REGISTER_NAMES.items() if key == ground))


def deposit_due(deposit: Money, *, claim: Money | None) -> Money:
    """Give what a bidder pays: the deposit, or for an applicant what his claim falls short of it. Source: 网拍 17."""
    return deposit if claim is None else applicant_deposit_due(deposit, claim=claim)


def random_code() -> str:
    """Draw a code like ``B4085`` from the system's randomness; whether it is free is for the caller to see."""
    return secrets.choice(CODE_LETTERS) + "".join(secrets.choice("0123456789") for _ in range(CODE_DIGITS))
