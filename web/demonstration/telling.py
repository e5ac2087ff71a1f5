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

    def __init__(self, console: Console | None = None) -> None:
        """Start counting at one."""
        self._console = console or Console(highlight=False, soft_wrap=True)
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


class QuietTeller:
    """Keeps what it hears; for machines and tests."""

    def __init__(self) -> None:
        """Start with nothing."""
        self.steps: list[str] = []

    def step(self, *, on: date, zh: str, en: str, article: str, amount_fen: int | None = None) -> None:
        """Keep the English line."""
        self.steps.append(f"{on.isoformat()} {en} [{article}]" + ("" if amount_fen is None else f" {amount_fen}"))
