"""The evidence pack of a finding: eight parts, their fingerprints, one signature. Pure.

1. One JSON object in one form (sorted keys, no blanks), signed as a whole; each part has its fingerprint beside, so that a page or a
   paper can name the part it shows. One byte less and it does not verify.
2. The tape is the published journal of each round with its chain; the records are made from it and from the roster, and can be made again.
3. Parties are keyed tokens. A name stands only beside a code whose roster a judge opened on the record, with that opening.
4. What the finding says is recomputed from the records and the controls in the pack. A finding that cannot be (its controls were not
   kept) says so, and why, instead of looking as if it could.
5. What speaks against the finding is a part like the others: innocent explanations, declared relations, answers, cleared findings.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import date, datetime
from typing import Final
from uuid import UUID

import msgspec

from auction.kernel.house_key import HouseKey
from bidding.integrity.findings.findings import Controls, Finding
from bidding.integrity.records import RoundRecord

FORMAT: Final = "fapai-evidence-pack-v1"
SCHEME: Final = b"fapai-evidence-pack-v1\n"
KEY_PURPOSE: Final = "pack"
PACK_LIMIT: Final = 60_000_000
"""Largest pack, in bytes."""
ROUNDS_MOST: Final = 100
"""Most rounds of one pack."""

_encoder = msgspec.json.Encoder(order="sorted")


class _Part(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of what stands in a pack."""


class BothTexts(_Part, frozen=True, kw_only=True):
    """A text in both languages."""

    zh: str
    en: str


class Tape(_Part, frozen=True, kw_only=True):
    """The exported journal of a round's session, line by line."""

    round_id: str
    session_id: UUID
    lines: tuple[str, ...]


class OpenedBy(_Part, frozen=True, kw_only=True):
    """On which record a roster was opened."""

    account_id: UUID
    at: datetime
    reason: str


class Roster(_Part, frozen=True, kw_only=True):
    """A round by tokens; ``names`` of codes only where it was opened."""

    record: RoundRecord
    opened: OpenedBy | None
    names: Mapping[str, str]


class KeyShared(_Part, frozen=True, kw_only=True):
    """One kind of thing that two parties share: how many parties share the value, what it weighs, and whether it counts."""

    kind: str
    popularity: int
    weight: float
    counts: bool


class LinkHeld(_Part, frozen=True, kw_only=True, omit_defaults=True):
    """What two parties of a round share; ``declared`` relations are legitimate and what they explain does not count.

    A field added later is left out where it says nothing, so that a pack signed before it still has its one form.
    """

    round_id: str
    parties: tuple[str, str]
    declared: tuple[str, ...]
    keys: tuple[KeyShared, ...]
    weight: float
    unknown: tuple[str, ...]
    """Kinds that are not known of one of the two: never a sign that they share nothing."""
    is_decided: bool = False
    """A court decided that they are one person or under one controller: no likeness of keys, and nothing that this pack can prove."""


class Conduct(_Part, frozen=True, kw_only=True):
    """A finding on these rounds with what its screen publishes; ``why_not_again`` is empty where it is recomputed."""

    finding: Finding
    finding_id: UUID
    raised_at: datetime
    title: BothTexts
    sees: BothTexts
    proves_not: BothTexts
    controls: str = ""
    """Under which name the controls stand in the pack; empty: the screen needs none."""
    why_not_again: str = ""


class EarlierPrice(_Part, frozen=True, kw_only=True):
    """What the same lot did in the round before."""

    round_id: str
    reserve_fen: int
    hammer_fen: int | None


class Harm(_Part, frozen=True, kw_only=True):
    """What the price would have been among comparable rounds, with its interval; `None` where nothing comparable is known."""

    round_id: str
    reference_fen: int
    hammer_fen: int | None
    expected_fen: int | None = None
    low_fen: int | None = None
    high_fen: int | None = None
    matched: Controls | None = None
    earlier: tuple[EarlierPrice, ...] = ()


class SpokenWord(_Part, frozen=True, kw_only=True):
    """One word of the court."""

    number: int
    act: str
    article: str
    reason: str
    account_id: UUID
    at: datetime
    of_number: int | None


class Earlier(_Part, frozen=True, kw_only=True):
    """A finding on the same rounds or parties, cleared ones too, with what the court said to it."""

    finding_id: UUID
    screen: str
    strength: float
    raised_at: datetime
    label: str
    words: tuple[SpokenWord, ...]


class JointRound(_Part, frozen=True, kw_only=True):
    """A round that is over in which two or more of the parties were qualified."""

    round_id: str
    parties: tuple[str, ...]
    fate: str


class History(_Part, frozen=True, kw_only=True):
    """What was before."""

    findings: tuple[Earlier, ...]
    joint_rounds: tuple[JointRound, ...]


class Declared(_Part, frozen=True, kw_only=True):
    """A relation that a bidder declared, or that the law gives him."""

    round_id: str
    code: str
    what: str


class Answer(_Part, frozen=True, kw_only=True):
    """What a bidder was asked and what he answered; no answer is no confession."""

    round_id: str
    code: str
    question: str
    due_on: date
    answer: str | None
    answered_on: date | None


class Counter(_Part, frozen=True, kw_only=True):
    """What speaks against the finding."""

    innocent: tuple[BothTexts, ...]
    declared: tuple[Declared, ...]
    answers: tuple[Answer, ...]


class Access(_Part, frozen=True, kw_only=True):
    """Who saw what, when."""

    what: str
    round_id: str
    account_id: UUID
    at: datetime


class Parts(_Part, frozen=True, kw_only=True):
    """The eight parts, and the controls on which conduct and harm rest."""

    tape: tuple[Tape, ...]
    roster: tuple[Roster, ...]
    links: tuple[LinkHeld, ...]
    conduct: tuple[Conduct, ...]
    controls: Mapping[str, msgspec.Raw]
    harm: tuple[Harm, ...]
    history: History
    counter: Counter
    access: tuple[Access, ...]


class EvidencePack(_Part, frozen=True, kw_only=True):
    """Everything."""

    format: str
    pack_id: UUID
    case_id: UUID
    finding_id: UUID
    made_by: UUID
    made_at: datetime
    not_held: tuple[str, ...]
    """Rounds that the finding names and that are not in the pack: they still run, or there are too many."""
    parts: Parts
    fingerprints: Mapping[str, str]
    key_id: str = ""
    signature: str = ""
    """Over everything else."""


class PackKey(HouseKey):
    """The house's private key for evidence packs."""

    def __init__(self, seed: bytes) -> None:
        """Make it from its seed of 32 bytes."""
        super().__init__(seed, KEY_PURPOSE)

    def sign_pack(self, pack: EvidencePack) -> EvidencePack:
        """Write the fingerprints of the parts and sign the whole."""
        named = msgspec.structs.replace(
            pack, fingerprints=fingerprints_of(pack.parts), key_id=self.key_id, signature=""
        )
        return msgspec.structs.replace(named, signature=self.sign(covered(named)).hex())


def encode_pack(pack: EvidencePack) -> bytes:
    """Write the pack in its one form."""
    return _encoder.encode(pack)


def covered(pack: EvidencePack) -> bytes:
    """Give the bytes that the signature covers: all but itself."""
    return SCHEME + encode_pack(msgspec.structs.replace(pack, signature=""))


def fingerprints_of(parts: Parts) -> dict[str, str]:
    """Give the fingerprint of each part: SHA-256 of its one form, in hex."""
    return {name: hashlib.sha256(_encoder.encode(getattr(parts, name))).hexdigest() for name in parts.__struct_fields__}


def fingerprint(written: bytes) -> str:
    """Give the fingerprint of a written pack."""
    return hashlib.sha256(written).hexdigest()
