"""Rows of the table: what was measured, by which protocol, against which floor and reach. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import msgspec

State = Literal["measured", "missing", "too_small", "elsewhere"]

CIRCULAR_ZH = "该数据的标签由其自身特征聚类而来，属循环论证：数字只说明方法复现聚类的程度，不说明能发现托。"
CIRCULAR_EN = (
    "The labels of this data were made by clustering its own features (circular): the figures say how well a method repeats "
    "that clustering, not how well it finds shills."
)


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    """One figure: ours, the floor's method on the same splits, and what was asked for.

    ``holds`` is None where nothing was asked for. ``floor`` is the figure to beat, ``reach`` the aim; both None where none is set.
    """

    name: str
    value: float | None
    reproduced: float | None = None
    floor: float | None = None
    reach: float | None = None
    at_most: bool = False
    """The aim is a ceiling, not a floor."""

    @property
    def holds(self) -> bool | None:
        """Whether the figure reaches what was asked for: the reach, else above the floor."""
        asked = self.reach if self.reach is not None else self.floor
        if asked is None or self.value is None:
            return None
        if self.at_most:
            return self.value <= asked
        return self.value >= asked if self.reach is not None else self.value > asked


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One row of the table."""

    key: str
    data: str
    protocol_zh: str
    protocol_en: str
    state: State = "measured"
    figures: tuple[Figure, ...] = ()
    counts: Mapping[str, Any] = msgspec.field(default_factory=dict)
    choices: Mapping[str, Any] = msgspec.field(default_factory=dict)
    """Seeds, splits, models and other choices that were made beforehand."""
    notes_zh: tuple[str, ...] = ()
    notes_en: tuple[str, ...] = ()

    def as_json(self) -> dict[str, object]:
        """Give the row as one value of the JSON object."""
        written: dict[str, object] = msgspec.to_builtins(self)
        written.pop("key")
        written["figures"] = {
            one.name: {
                "value": one.value,
                "floor_reproduced": one.reproduced,
                "floor": one.floor,
                "reach": one.reach,
                "at_most": one.at_most,
                "holds": one.holds,
            }
            for one in self.figures
        }
        return written
