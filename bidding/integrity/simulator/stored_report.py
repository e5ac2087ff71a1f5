"""The report of an evaluation as it is stored and printed: a page to read, with seed, parameters and operating point. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from bidding.integrity.simulator.recall import Found, RingRow, RingsReport

COMMAND: Final = "fapai simulate-rings --store docs/rings-measured.md"
NAMES: Final[Mapping[str, tuple[str, str]]] = {
    "silent_room": ("约定不竞价", "silent room"),
    "paid_exit": ("收钱退出", "paid exit"),
    "one_controller": ("一人多号", "one controller, many codes"),
    "one_controller_decided": ("一人多号（已认定关联）", "the same, link decided"),
    "one_controller_undecided": ("一人多号（未认定）", "the same, link not decided"),
    "rotation": ("轮流中标", "rotation"),
    "wait_second_round": ("等待二拍", "waiting for the second round"),
    "debtor_pusher": ("被执行人的托", "debtor's pusher"),
    "planned_default": ("预谋悔拍", "planned default"),
}
_HOLDS: Final = {True: "yes", False: "no", None: "–"}


def as_markdown(found: RingsReport) -> str:
    """Give the page."""
    return "\n".join([*_head(found), *_table(found), *_parts(found), *_alarms(found)]) + "\n"


def _head(found: RingsReport) -> Iterator[str]:
    yield from ("# What a review reaches of the rings, measured on a simulated market", "")
    yield f"Written by `{COMMAND}`: parameters {found.parameters} (`bidding/integrity/simulator/parameters.toml`, fixed before the screens"
    yield f"were tuned, B32), seed {found.seed}, {found.lots:,} lots, {found.rounds:,} rounds, {found.rigged:,} of the lots rigged. The same seed gives"
    yield "the same figures. Screens see records and decided links only; their controls are fitted on the same rounds, without labels."
    yield ""
    yield f"Operating point: the {found.reviewed:,} lots with the strongest findings ({found.budget:.0%} of all; combined strength from {found.threshold:g} on)."
    yield f"Of these {found.rigged_found:,} are rigged and **{found.false_alarms:,} are false alarms, {found.false_alarm_share:.2%} of the honest lots**: honest lots hold defects found at"
    yield "viewing, falling markets, friends who come together and buyers who cannot pay. This is a simulation: it shows what the screens see of"
    yield "rings as they are described there, not how many rings there are."
    yield ""


def _table(found: RingsReport) -> Iterator[str]:
    yield "| ring | lots | reached | recall | 95 % | rings with a lot reached | asked | holds | screens that pointed at the reached lots |"
    yield "|---|---|---|---|---|---|---|---|---|"
    for row in found.rows:
        aim = "–" if row.aim is None else f"≥ {row.aim:g}"
        screens = ", ".join(f"{name} {count}" for name, count in row.screens.items())
        yield (
            f"| {NAMES[row.kind][1]} | {row.all.lots} | {row.all.found} | {row.all.recall:.2f} | {_interval(row.all)} | "
            f"{row.rings_found} of {row.rings} | {aim} | {_HOLDS[row.holds]} | {screens or '–'} |"
        )
    yield ""


def _parts(found: RingsReport) -> Iterator[str]:
    yield from ("Recall by the ring's size, discipline and effect on the price (lots reached of lots):", "")
    yield from ("| ring | size | discipline | effect |", "|---|---|---|---|")
    for row in found.rows:
        yield f"| {NAMES[row.kind][1]} | {_band(row.by_size)} | {_band(row.by_discipline)} | {_band(row.by_effect)} |"
    yield ""


def _alarms(found: RingsReport) -> Iterator[str]:
    counts = ", ".join(f"{name} {count}" for name, count in found.false_alarms_by_screen.items())
    yield f"Screens that pointed at the false alarms (one lot may have several): {counts or '–'}."
    yield ""
    yield "Versions: " + ", ".join(f"{name} {version}" for name, version in found.screens.items()) + "."


def _interval(part: Found) -> str:
    return f"{part.low:.2f}–{part.high:.2f}"


def _band(parts: Mapping[str, Found]) -> str:
    return ", ".join(f"{name}: {part.found}/{part.lots}" for name, part in parts.items())


def rows_of(found: RingsReport) -> Iterator[tuple[RingRow, tuple[str, ...]]]:
    """Give each row with the cells of the printed table."""
    for row in found.rows:
        zh, en = NAMES[row.kind]
        aim = "—" if row.aim is None else f"≥ {row.aim:g}"
        holds = {True: "是 yes", False: "否 no", None: "—"}[row.holds]
        reached = f"{row.all.found}/{row.all.lots}"
        yield (
            row,
            (
                f"{zh} {en}",
                reached,
                f"{row.all.recall:.2f}",
                _interval(row.all),
                f"{row.rings_found}/{row.rings}",
                aim,
                holds,
            ),
        )
