"""Tell each step of the demonstration: number, day, what happened, amount, article; Chinese first, English below."""

from __future__ import annotations

from datetime import date
from typing import Protocol

from rich.console import Console
from rich.text import Text

from auction.kernel.money import Money


class Teller(Protocol):
    """Hears of every step that was carried out."""

    def step(self, *, on: date, zh: str, en: str, article: str, amount_fen: int | None = None) -> None:
        """One step is done."""
        ...


class ConsoleTeller:
    """Prints steps for a person."""

    def __init__(self, *, to_error: bool = False) -> None:
        """Start counting at one; ``to_error`` leaves standard output to somebody else."""
        self._console = Console(highlight=False, soft_wrap=True, stderr=to_error)
        self._count = 0

    def step(self, *, on: date, zh: str, en: str, article: str, amount_fen: int | None = None) -> None:
        """Print two lines: number, day, Chinese, amount and article; then English."""
        self._count += 1
        line = Text(f"{self._count:>3}  {on.isoformat()}  ", style="dim")
        line.append(zh, style="bold")
        if amount_fen is not None:
            line.append(f"  {Money(amount_fen)}", style="green")
        line.append(f"  [{article}]", style="cyan")
        self._console.print(line)
        self._console.print(Text(f"     {' ' * 10}  {en}", style="dim"))


class SilentTeller:
    """Says nothing: for what happens beside the main case."""

    def step(self, *, on: date, zh: str, en: str, article: str, amount_fen: int | None = None) -> None:
        """Say nothing."""
