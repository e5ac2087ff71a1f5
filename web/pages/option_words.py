"""What a listing announces beyond its rule set, as rows of a list of terms: labels and texts in the page's language."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import msgspec

from auction.kernel.money import Money
from auction.sale.lots.lots import Terms
from auction.sale.lots.options import Options
from web.display import figures
from web.texts import _


class OptionRow(NamedTuple):
    """One announced option."""

    label: str
    text: str


def option_rows(terms: Terms, reference_fen: int | None = None) -> list[OptionRow]:
    """Give the announced options; none are announced: none are given."""
    if terms.options is msgspec.UNSET:
        return []
    return [
        *_confirmation(terms.options, reference_fen),
        *_growth(terms.options, terms.increment_fen),
        *_one_controller(terms.options),
    ]


def _one_controller(options: Options) -> Iterator[OptionRow]:
    if options.one_controller:
        yield OptionRow(_("一控制人一竞买人"), _("受同一人控制的企业只能由其中一家报名；已声明的共同竞买除外"))


def _confirmation(options: Options, reference_fen: int | None) -> Iterator[OptionRow]:
    limits = []
    if options.confirm_steps is not None:
        limits.append(_("高出当前价超过{steps}个增价幅度").format(steps=options.confirm_steps))
    if options.confirm_percent is not None:
        limit = _("超过参考价的{percent}%").format(percent=options.confirm_percent)
        above = None if reference_fen is None else options.confirm_above(Money(reference_fen))
        limits.append(limit if above is None else _("{limit}（{amount}）").format(limit=limit, amount=figures(above)))
    if limits:
        text = _("，或者").join(limits)
        yield OptionRow(_("二次确认"), _("{limits}的出价，须再次确认金额方为有效；出价不设上限").format(limits=text))


def _growth(options: Options, increment_fen: int) -> Iterator[OptionRow]:
    lines = [
        _("延时满{after}次后{amount}（{times}倍）").format(
            after=line.after_extensions, amount=figures(increment_fen * line.times), times=line.times
        )
        for line in options.increment_growth
    ]
    if lines:
        yield OptionRow(_("增价幅度递增"), _("；").join(lines))
