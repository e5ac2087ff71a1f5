"""Open a session: set up its room with the terms that the notice published."""

from __future__ import annotations

import msgspec

from auction.kernel.stamp import require_pretending
from bidding.live.decision import Decision, decode_decision
from bidding.live.keys import Shard, lot_key, lots_key, shard_key, stream_key
from bidding.live.library import Call, Live
from bidding.rules.options import Options
from bidding.rules.session import Band, SessionTerms, is_lawful


async def open_session(live: Live, *, epoch: int, terms: SessionTerms) -> Decision:
    """Set up the room; bids count from the opening instant. The same terms again change nothing.

    Refused: ``session_exists`` (other terms), ``already_opened`` (the end has passed), ``wrong_epoch``.

    Raises:
        WrongInstallation: our law does not admit the rule set, and this is not a test or demo installation.
    """
    if not is_lawful(terms.rules):
        require_pretending(live.stamp, f"rule set {terms.rules.name}")
    return decode_decision(await live.call(open_call(live.shard_of(terms.lot_id), epoch=epoch, terms=terms)))


def open_call(shard: Shard, *, epoch: int, terms: SessionTerms) -> Call:
    """Write the opening as a function call."""
    return Call(
        shard=shard,
        function="open",
        keys=(shard_key(shard), stream_key(shard), lot_key(shard, terms.lot_id), lots_key(shard)),
        args=(epoch, str(terms.lot_id), *term_fields(terms)),
    )


def term_fields(terms: SessionTerms) -> tuple[str, ...]:
    """Write terms as field names and values of the room's hash."""
    rules = terms.rules
    fields: dict[str, str] = {
        "j": msgspec.json.encode(terms).decode(),
        "ladder": rules.ladder,
        "self": str(int(rules.self_raise)),
        "rule": rules.price_rule,
        "window": str(rules.extension_window_us),
        "ext": str(rules.extension_us),
        "xfrom": rules.extension_from,
        "refusal": str(int(rules.first_refusal)),
        "least": str(rules.least_left_us),
        "bands": _bands(rules.bands),
        "rps": str(rules.bids_per_s),
        "burst": str(rules.burst),
        "start": str(terms.start_price_fen),
        "inc": str(terms.increment_fen),
        "comp": "0" if rules.competition_us is msgspec.UNSET else str(rules.competition_us),
        **_option_fields(terms.options),
        "opens": str(terms.opens_at_us),
        "ends": str(terms.closes_at_us),
    }
    return tuple(text for pair in fields.items() for text in pair)


def _option_fields(options: Options | msgspec.UnsetType) -> dict[str, str]:
    """Write what the notice announces; zeros and an empty table where it announces nothing."""
    if options is msgspec.UNSET:
        return {"csteps": "0", "cfen": "0", "growth": ""}
    steps = 0 if options.confirm_steps is msgspec.UNSET else options.confirm_steps
    growth = () if options.growth is msgspec.UNSET else options.growth
    return {
        "csteps": str(steps),
        "cfen": str(options.confirm_above_fen),
        "growth": ",".join(f"{line.after_extensions}:{line.times}" for line in growth),
    }


def _bands(bands: tuple[Band, ...]) -> str:
    return ",".join(f"{band.from_fen}:{band.increment_fen}" for band in bands)
