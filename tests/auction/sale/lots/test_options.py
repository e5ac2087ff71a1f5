"""Options of a listing: their lint at −1/0/+1, what the notice says of them, and what the room gets."""

from __future__ import annotations

import msgspec
import pytest

from auction.contracts import BiddingOptions, BiddingTerms, IncrementLine
from auction.kernel.money import Money
from auction.sale.lots.lint import lint
from auction.sale.lots.lots import Terms, TermsMalformed, check_terms
from auction.sale.lots.options import Options, announce_options
from auction.sale.views import public_lot
from bidding.rules.options import Growth
from bidding.rules.options import Options as RoomOptions
from bidding.rules.session import terms_of
from tests.auction.sale.lots.test_lint import codes, subject
from tests.auction.sale.world import INCREMENT, REFERENCE, RESERVE, World, terms


def growing(*lines: tuple[int, int]) -> Options:
    """A table of increments."""
    return Options(increment_growth=tuple(IncrementLine(after_extensions=n, times=m) for n, m in lines))


ALL = Options(confirm_steps=20, confirm_percent=150, increment_growth=growing((10, 2), (30, 5)).increment_growth)


@pytest.mark.parametrize(("given", "found"), [(1, True), (2, False), (3, False), (1_000, False), (1_001, True)])
def test_confirmation_from_two_steps_on(given: int, *, found: bool) -> None:
    """One increment is the ordinary bid, nobody is asked about it."""
    of = subject(terms(options=Options(confirm_steps=given)))

    assert codes(of) == (["confirmation_steps_out_of_bounds"] if found else [])


@pytest.mark.parametrize(("given", "found"), [(100, True), (101, False), (100_000, False), (100_001, True)])
def test_multiple_is_above_the_reference_price(given: int, *, found: bool) -> None:
    """Exactly the reference price is no multiple of it."""
    of = subject(terms(options=Options(confirm_percent=given)))

    assert codes(of) == (["confirmation_percent_out_of_bounds"] if found else [])


@pytest.mark.parametrize(("more_fen", "found"), [(-1, False), (0, True), (1, True)])
def test_confirmation_does_not_ask_about_each_bid(more_fen: int, *, found: bool) -> None:
    """A starting price at or above the limit would have every bidder confirm every bid."""
    start = Money(REFERENCE.fen * 120 // 100 + more_fen)
    lot_terms = terms(reserve_fen=start.fen, deposit_fen=start.fen // 10, options=Options(confirm_percent=120))

    assert codes(subject(lot_terms)) == (["confirmation_of_every_bid"] if found else [])


@pytest.mark.parametrize(
    ("lines", "found"),
    [
        (((1, 2),), False),
        (((0, 2),), True),
        (((1, 1),), True),
        (((1, 2), (2, 3)), False),
        (((2, 2), (2, 3)), True),
        (((1, 3), (2, 3)), True),
        (((2, 2), (1, 3)), True),
        (((10_000, 2),), False),
        (((10_001, 2),), True),
        (tuple((n, n + 1) for n in range(1, 9)), False),
        (tuple((n, n + 1) for n in range(1, 10)), True),
    ],
)
def test_increment_only_grows(lines: tuple[tuple[int, int], ...], *, found: bool) -> None:
    """Both columns ascend from one extension and two times on, within their limits."""
    assert codes(subject(terms(options=growing(*lines)))) == (["increment_growth_not_ascending"] if found else [])


@pytest.mark.parametrize(("times", "found"), [(209, False), (210, False), (211, True)])
def test_grown_increment_shuts_nobody_out(times: int, *, found: bool) -> None:
    """The highest increment is at most the starting price, as the announced one is (网拍 31)."""
    assert RESERVE.fen == 210 * INCREMENT.fen

    of = subject(terms(options=growing((1, times))))

    assert codes(of) == (["grown_increment_too_large"] if found else [])


@pytest.mark.parametrize(("times", "hinted"), [(10, False), (11, True)])
def test_large_grown_increment_is_a_hint(times: int, *, hinted: bool) -> None:
    """Above a twentieth of the starting price the panel looks twice."""
    found = [finding.code for finding in lint(subject(terms(options=growing((1, times)))))]

    assert found == (["grown_increment_unusual"] if hinted else [])


def test_options_that_announce_nothing_are_left_out() -> None:
    """Terms say what the notice says; an empty option is malformed."""
    with pytest.raises(TermsMalformed):
        check_terms(terms(options=Options()))
    check_terms(terms(options=ALL))
    check_terms(terms())


def test_terms_without_options_are_written_as_before_there_were_any() -> None:
    """Fingerprints of what panels voted on stay what they were."""
    assert "options" not in msgspec.to_builtins(terms())
    assert msgspec.convert(msgspec.to_builtins(terms()), Terms).options is msgspec.UNSET
    assert msgspec.convert(msgspec.to_builtins(terms(options=ALL)), Terms).options == ALL


def test_notice_says_the_numbers_in_both_languages() -> None:
    """Steps, multiple, the amount that it comes to, and each line of the table with its amount."""
    zh, en = announce_options(ALL, increment=INCREMENT, reference=REFERENCE)

    for text in (zh, en):
        for number in ("20", "150", "¥3,000,000.00", "¥4,500,000.00", "10", "¥20,000.00", "30", "¥50,000.00"):
            assert number in text
    assert "二次确认" in zh
    assert "延时满 10 次后为 ¥20,000.00（2 倍）" in zh
    assert "after 30 extensions ¥50,000.00 (5 times)" in en
    only_steps, _ = announce_options(Options(confirm_steps=3), increment=INCREMENT, reference=REFERENCE)
    assert "参考价" not in only_steps
    assert "延时" not in only_steps


async def test_room_gets_what_the_panel_approved_and_the_notice_announced(world: World) -> None:
    """The options travel unchanged from the listing to the terms of the session, with the reference price."""
    await world.announced(options=ALL)
    (job,) = await world.jobs("bidding.open_session")
    handed = job.decode(BiddingTerms)
    shown = await world.read(lambda tx: public_lot(tx, world.lot_id))
    texts = {head.article: (head.text_zh, head.text_en) for head in shown.notice.disclosures}

    assert handed.options == BiddingOptions(
        confirm_steps=20,
        confirm_percent=150,
        reference_price_fen=REFERENCE.fen,
        increment_growth=ALL.increment_growth,
    )
    assert terms_of(handed).options == RoomOptions(
        confirm_steps=20,
        confirm_percent=150,
        reference_price_fen=REFERENCE.fen,
        growth=(Growth(after_extensions=10, times=2), Growth(after_extensions=30, times=5)),
    )
    announced = announce_options(ALL, increment=INCREMENT, reference=REFERENCE)
    assert all(said in told for said, told in zip(announced, texts["网拍 13(4)"], strict=True))


async def test_room_gets_no_options_where_none_are_announced(world: World) -> None:
    """Off by default: the job is written as it was before there were options."""
    await world.announced()
    (job,) = await world.jobs("bidding.open_session")

    assert job.decode(BiddingTerms).options is msgspec.UNSET
    assert b"options" not in msgspec.json.encode(job.decode(BiddingTerms))
    assert terms_of(job.decode(BiddingTerms)).options is msgspec.UNSET
