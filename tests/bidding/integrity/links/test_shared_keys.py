"""The finding of shared keys: told by codes after the close, also when one withdrew; never of what is declared, common or weak alone."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest

from bidding.integrity.links.links import Link, Share, link_between
from bidding.integrity.links.shared_keys import FOUND_MAX, SCREEN, shared_keys
from bidding.integrity.records import CodeRecord, RoundRecord
from bidding.integrity.screens.operating_point import told
from bidding.integrity.screens.sentences import seen
from tests.bidding.integrity.screens.rounds import ordinary


def record(*parties: str, joint: str = "") -> RoundRecord:
    """Make a round that is over in which these parties were qualified, each under a code of his letter."""
    codes = tuple(CodeRecord(code=f"{one.upper()}0001", party=one, joint_group=joint) for one in parties)
    return msgspec.structs.replace(ordinary(1)[0], codes=codes)


def link(*kinds: str, parties: tuple[str, str] = ("a", "b"), popularity: int = 2) -> Link:
    """Make a link over kinds."""
    shares = [Share(kind=kind, key_id="k", popularity=popularity, gap=timedelta(0)) for kind in kinds]
    made = link_between(parties, shares, known=(("phone",), ("phone",)))
    assert made is not None
    return made


@pytest.mark.parametrize("locale", ["zh", "en"])
def test_pair_is_told_by_its_codes(locale: str) -> None:
    """Two codes of one telephone are one finding, told alone, in both languages, with what could not be compared."""
    (finding,) = shared_keys(record("a", "b", "c"), [link("phone")])

    assert ("A0001", "B0001") == finding.subject.codes
    assert SCREEN == finding.screen
    assert (finding,) == told([finding])
    said = seen(finding, "zh" if locale == "zh" else "en")
    assert "A0001" in said
    assert "B0001" in said
    assert ("付款账户" if locale == "zh" else "paying account") in said


def test_who_withdrew_is_said_to_have_withdrawn() -> None:
    """One of the pair left before he was qualified: the link stands, with the other's code alone."""
    (finding,) = shared_keys(record("b", "c"), [link("phone")])

    assert ("B0001",) == finding.subject.codes
    assert finding.facts["withdrew"] is True
    assert "withdrew" in seen(finding, "en")
    assert [] == shared_keys(record("c"), [link("phone")])


def test_declared_common_and_weak_are_no_finding() -> None:
    """Joint bidders, a declared agent's clients, a common value and a household are no finding."""
    assert [] == shared_keys(record("a", "b", joint="g"), [link("phone")])
    for made in (link("phone", "agent"), link("phone", popularity=64), link("device", "address", "network")):
        assert [] == shared_keys(record("a", "b"), [made])


def test_weak_kinds_are_a_weak_finding() -> None:
    """A computer and a template together are found, and told only beside another screen's finding."""
    (finding,) = shared_keys(record("a", "b"), [link("device", "document")])

    assert finding.is_weak
    assert () == told([finding])


@pytest.mark.parametrize("pairs", [FOUND_MAX - 1, FOUND_MAX, FOUND_MAX + 1])
def test_findings_of_one_round_have_a_limit(pairs: int) -> None:
    """Of one round so many pairs are told at the most."""
    links = [link("phone", parties=("a", f"p{number}")) for number in range(pairs)]

    assert min(pairs, FOUND_MAX) == len(shared_keys(record("a"), links))


def test_same_pair_is_the_same_finding() -> None:
    """Found again, it has the same id: it is told once."""
    first, again = (shared_keys(record("a", "b"), [link("phone")])[0] for _ in range(2))

    assert first.finding_id == again.finding_id
