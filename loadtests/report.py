"""A self-contained report: one HTML file with inline pictures, nothing from elsewhere, readable without scripts."""

from __future__ import annotations

import html
import math
from collections.abc import Mapping, Sequence
from typing import Final

from loadtests.latency import Summary
from loadtests.open_model import Load
from loadtests.outcome import Outcome

WIDTH: Final = 720
HEIGHT: Final = 220
LEFT: Final = 60
BOTTOM: Final = 30
TOP: Final = 12
GOOD, BAD, BLUE, GREY, ORANGE = "#00703c", "#b10e1e", "#1d70b8", "#6f777b", "#c85b00"
STYLE: Final = """
body{font:16px/1.45 system-ui,sans-serif;color:#0b0c0c;max-width:60rem;margin:2rem auto;padding:0 1rem}
h1{font-size:1.6rem}h2{font-size:1.2rem;margin-top:2rem}
table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.25rem .75rem .25rem 0;border-bottom:1px solid #b1b4b6}
td.n{text-align:right;font-variant-numeric:tabular-nums}
.verdict{padding:.75rem 1rem;color:#fff;font-weight:600}figure{margin:1rem 0}figcaption{color:#505a5f}
svg{width:100%;height:auto}svg text{font:12px system-ui,sans-serif;fill:#0b0c0c}
"""
Point = tuple[float, float]
Line = tuple[str, str, Sequence[Point]]
"""Name, colour, points."""


def report(
    line: Mapping[str, object],
    environment: Mapping[str, str],
    loads: Mapping[str, Load],
    *,
    command: str,
    notes: Sequence[str] = (),
    runs: Sequence[Outcome] = (),
) -> str:
    """Write the page from the last line of ``--json``, the environment, and each open run.

    ``notes`` are what a reader must know of the figures; with several ``runs`` the page shows each beside the median.
    """
    verdict = str(line["verdict"])
    title = f"Load test: {line['scenario']}, seed {line['seed']}"
    pictures = "".join(_pictures(name, load) for name, load in loads.items())
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{_text(title)}</title><style>{STYLE}</style></head><body>
<h1>{_text(title)}</h1>
<p class="verdict" style="background:{GOOD if verdict == "ok" else BAD}">Verdict: {_text(verdict)}</p>
<p><code>{_text(command)}</code></p>
{"".join(f"<p>{_text(note)}</p>" for note in notes)}
<h2>Figures</h2>{_table(line["figures"], [run.figures for run in runs])}
<h2>Ratios to the baselines of this run</h2>{_table(line["ratios"], [run.ratios for run in runs])}
{pictures}
<h2>Environment</h2>{_table(environment)}
</body></html>
"""


def _table(values: object, of_runs: Sequence[Mapping[str, float | None]] = ()) -> str:
    """Write names and values, of several runs each one's beside the median."""
    assert isinstance(values, Mapping), "figures, ratios and environment are named"
    several = of_runs if len(of_runs) > 1 else ()
    head = "".join(f"<th>run {number}</th>" for number in range(1, len(several) + 1))
    rows = "".join(
        f"<tr><th>{_text(name)}</th>{_cell(value)}{''.join(_cell(one.get(name)) for one in several)}</tr>"
        for name, value in values.items()
    )
    return f"<table>{f'<tr><th></th><th>median</th>{head}</tr>' if several else ''}{rows}</table>"


def _cell(value: object) -> str:
    if isinstance(value, int | float):
        return f'<td class="n">{value:,.3f}</td>' if isinstance(value, float) else f'<td class="n">{value:,}</td>'
    return f"<td>{'not measured' if value is None else _text(value)}</td>"


def _pictures(name: str, load: Load) -> str:
    corrected, uncorrected = load.latencies.corrected, load.latencies.uncorrected
    curves: list[Line] = [
        ("corrected: from the instant a bid was due", BLUE, _nines(corrected.curve())),
        ("uncorrected: from the instant it was sent", ORANGE, _nines(uncorrected.curve())),
        ("the driver's own send lag", GREY, _nines(load.lag.curve())),
    ]
    flow: list[Line] = [
        ("sent", GREY, [(at, one.sent) for at, one in enumerate(load.seconds)]),
        ("answered", BLUE, [(at, one.answered) for at, one in enumerate(load.seconds)]),
    ]
    slowest: list[Line] = [("slowest answer", BLUE, [(at, one.slowest_ms) for at, one in enumerate(load.seconds)])]
    ticks = {_nine(percent): f"{percent:g} %" for percent in (0, 50, 90, 99, 99.9, 99.99)}
    seconds = {float(at): f"{at} s" for at in _steps(len(load.seconds))}
    return (
        f"<h2>Open run: {_text(name)}</h2>{_percentiles(corrected.summary(), uncorrected.summary(), load.lag.summary())}"
        + _figure("Milliseconds by percentile", curves, ticks)
        + _figure("Bids in each second", flow, seconds)
        + _figure("Slowest answer of each second, in milliseconds", slowest, seconds)
    )


def _percentiles(corrected: Summary, uncorrected: Summary, lag: Summary) -> str:
    heads = ("", "count", "p50 ms", "p90 ms", "p99 ms", "p99.9 ms", "worst ms")
    rows = (("corrected", corrected), ("uncorrected", uncorrected), ("driver's send lag", lag))
    head = "".join(f"<th>{one}</th>" for one in heads)
    body = "".join(f"<tr><th>{name}</th>{_summary(summary)}</tr>" for name, summary in rows)
    return f"<table><tr>{head}</tr>{body}</table>"


def _summary(one: Summary) -> str:
    values = (one.count, one.p50_ms, one.p90_ms, one.p99_ms, one.p999_ms, one.worst_ms)
    return "".join(f'<td class="n">{value:,}</td>' for value in values)


def _figure(caption: str, lines: Sequence[Line], ticks: Mapping[float, str]) -> str:
    """Draw lines over one scale that begins at zero."""
    points = [point for _, _, line in lines for point in line]
    if not points:
        return ""
    most_x, most_y = max((x for x, _ in points), default=1) or 1, max((y for _, y in points), default=1) or 1
    drawn = "".join(_line(colour, line, most_x, most_y) for _, colour, line in lines)
    marks = "".join(_tick_x(at, text, most_x) for at, text in ticks.items() if at <= most_x)
    scale = "".join(_tick_y(most_y * part / 4, most_y) for part in range(5))
    keys = " ".join(f'<span style="color:{colour}">&#9632;</span> {_text(name)}' for name, colour, _ in lines)
    return (
        f'<figure><svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{_text(caption)}">{scale}{marks}{drawn}</svg>'
        f"<figcaption>{_text(caption)}. {keys}</figcaption></figure>"
    )


def _line(colour: str, points: Sequence[Point], most_x: float, most_y: float) -> str:
    placed = " ".join(f"{_x(x, most_x):.1f},{_y(y, most_y):.1f}" for x, y in points)
    return f'<polyline fill="none" stroke="{colour}" stroke-width="2" points="{placed}"/>'


def _tick_x(at: float, text: str, most_x: float) -> str:
    return f'<text x="{_x(at, most_x):.1f}" y="{HEIGHT - 8}" text-anchor="middle">{_text(text)}</text>'


def _tick_y(value: float, most_y: float) -> str:
    y = _y(value, most_y)
    return (
        f'<line x1="{LEFT}" x2="{WIDTH - 20}" y1="{y:.1f}" y2="{y:.1f}" stroke="#dee0e2"/>'
        f'<text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{value:,.3g}</text>'
    )


def _x(value: float, most: float) -> float:
    return LEFT + (WIDTH - 20 - LEFT) * value / most


def _y(value: float, most: float) -> float:
    return HEIGHT - BOTTOM - (HEIGHT - BOTTOM - TOP) * value / most


def _nines(curve: Sequence[Point]) -> list[Point]:
    """Place percentiles by their number of nines, so that the tail can be seen."""
    return [(_nine(percent), ms) for percent, ms in curve]


def _nine(percent: float) -> float:
    return -math.log10(max(1e-5, 1 - percent / 100))


def _steps(seconds: int) -> range:
    return range(0, max(1, seconds), max(1, seconds // 10))


def _text(value: object) -> str:
    return html.escape(str(value))
