"""A reference with one wrong character is not taken for another one."""

from __future__ import annotations

from uuid import UUID

from auction.fund.references import ALPHABET, make_reference, references_in

DEPOSIT = UUID("8f1f7f0e-2b57-4c0e-9f5b-0d6b54c86d11")


def test_a_reference_is_found_in_small_letters_and_with_blanks() -> None:
    """People write remarks by hand."""
    reference = make_reference("deposit", DEPOSIT)
    assert references_in(f"保证金 {reference[:4].lower()} {reference[4:]}。") == [reference]


def test_every_single_wrong_character_is_noticed() -> None:
    """Each of the characters replaced by each other one of the alphabet makes no reference."""
    reference = make_reference("deposit", DEPOSIT)
    wrong = [
        reference[:place] + other + reference[place + 1 :]
        for place in range(1, len(reference))
        for other in ALPHABET
        if other != reference[place]
    ]
    assert len(wrong) == 10 * (len(ALPHABET) - 1)
    assert [text for text in wrong if references_in(text)] == []
