"""Default ledger (悔拍台账): sales that were not paid, by debtor, buyer, agency and group. Pure, nightly.

1. Counted are sales whose fate is known: paid or defaulted; one that was set aside, or is still open, counts neither way.
2. How many defaults were to be expected comes from all other sales of the same class and of as high a price against the reference
   price (in thirds of its class): whoever pays dearly defaults more often, and needs no ring for it.
3. The *Putuo pattern*: at least `LEAST_DEFAULTS` defaults on one debtor's lots by different buyers. It is told even where chance could make
   it, but then only as a weak finding, beside another one.
4. Corrected for everybody of the same kind who had at least as many sales.

Source: case of four flats in Putuo, 2018 (collusion.md 2.1); collusion.md 5.11; 网拍 24(2), 拍卖变卖规定 22.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from bidding.integrity.findings.findings import Controls, Finding
from bidding.integrity.records import RoundRecord
from bidding.integrity.screens.baselines import Baselines
from bidding.integrity.screens.chance import at_least, corrected, of_trials, strength
from bidding.integrity.screens.market import FALSE_SHARE, Market, subject_of

SCREEN = "default_ledger"
VERSION = "1"
LEAST_DEFAULTS = 2
_LEAN = 100.0
"""As many sales of the whole market are added to each class and third of price."""

Kind = Literal["debtor", "buyer", "agency", "group"]
Band = tuple[str, int]
_NAMES: Mapping[Kind, tuple[str, str]] = {
    "debtor": ("同一被执行人的标的", "lots of one debtor"),
    "buyer": ("同一买受人", "one buyer"),
    "agency": ("同一评估机构估价的标的", "lots valued by one agency"),
    "group": ("经常共同参拍的一组买受人", "buyers who keep company"),
}


@dataclass(frozen=True, slots=True)
class Account:
    """The sales of one debtor, buyer, agency or group."""

    kind: Kind
    names: tuple[str, ...]
    sales: tuple[RoundRecord, ...]
    chance: float
    """The chance of as many defaults or more."""
    expected: float

    @property
    def defaulted(self) -> tuple[RoundRecord, ...]:
        """The sales that were not paid."""
        return tuple(record for record in self.sales if record.fate == "defaulted")

    @property
    def buyers(self) -> tuple[str, ...]:
        """Who did not pay."""
        return tuple(sorted({buyer_of(record) for record in self.defaulted}))


class Rates:
    """The share of defaults by class and third of price, without the sales in question."""

    def __init__(self, sales: Sequence[RoundRecord]) -> None:
        self._band_of = _bands(sales)
        self._sold = Counter(self._band_of.values())
        self._lost = Counter(self._band_of[record.round_id] for record in sales if record.fate == "defaulted")

    def of(self, sales: Sequence[RoundRecord]) -> list[float]:
        """Give the share for each of these sales, from the others."""
        mine = Counter(self._band_of[record.round_id] for record in sales)
        lost = Counter(self._band_of[record.round_id] for record in sales if record.fate == "defaulted")
        sold_all = self._sold.total() - mine.total()
        share = (self._lost.total() - lost.total() + 1) / (sold_all + 2)
        bands = (self._band_of[record.round_id] for record in sales)
        return [
            (self._lost[band] - lost[band] + _LEAN * share) / (self._sold[band] - mine[band] + _LEAN) for band in bands
        ]


def screen(records: Sequence[RoundRecord], baselines: Baselines) -> Iterator[Finding]:
    """Give the debtors, buyers, agencies and groups with more defaults than their sales explain."""
    return find(Market(records, baselines.history.links), baselines)


def find(market: Market, baselines: Baselines) -> Iterator[Finding]:
    """Give the same on a market that is prepared."""
    del baselines  # defaults have their controls in the ledger itself
    sales = [
        record for record in market.records if record.buyer_code is not None and record.fate in {"paid", "defaulted"}
    ]
    rates = Rates(sales)
    for kind, accounts in _accounts(market, sales).items():
        yield from _of_kind(kind, accounts, rates)


def _of_kind(kind: Kind, accounts: Mapping[tuple[str, ...], list[RoundRecord]], rates: Rates) -> Iterator[Finding]:
    enough = {names: sold for names, sold in accounts.items() if len(sold) >= LEAST_DEFAULTS}
    often = [
        account_of(kind, names, sold, rates)
        for names, sold in sorted(enough.items())
        if sum(record.fate == "defaulted" for record in sold) >= LEAST_DEFAULTS
    ]
    adjusted = corrected([account.chance for account in often], len(enough)) if often else []
    for account, q_value in zip(often, adjusted, strict=True):
        if q_value <= FALSE_SHARE or is_putuo(account):
            yield _finding(account, q_value, len(enough))


def account_of(kind: Kind, names: tuple[str, ...], sales: Sequence[RoundRecord], rates: Rates) -> Account:
    """Work one account out: how many defaults were expected, and the chance of as many (rule 2)."""
    shares = rates.of(sales)
    defaults = sum(record.fate == "defaulted" for record in sales)
    return Account(
        kind=kind,
        names=names,
        sales=tuple(sales),
        chance=at_least(of_trials(shares), defaults),
        expected=sum(shares),
    )


def is_putuo(account: Account) -> bool:
    """Tell whether different buyers defaulted on one debtor's lots (rule 3)."""
    return account.kind == "debtor" and len(account.buyers) >= LEAST_DEFAULTS


def buyer_of(record: RoundRecord) -> str:
    """Give the party that bought."""
    return record.party_of[record.buyer_code or ""]


def _accounts(market: Market, sales: Iterable[RoundRecord]) -> dict[Kind, dict[tuple[str, ...], list[RoundRecord]]]:
    found: dict[Kind, defaultdict[tuple[str, ...], list[RoundRecord]]] = {kind: defaultdict(list) for kind in _NAMES}
    group_of = {party: group.members for group in market.groups for party in group.members}
    for record in sales:
        buyer = buyer_of(record)
        for debtor in record.debtors:
            found["debtor"][(debtor,)].append(record)
        found["buyer"][(buyer,)].append(record)
        if record.agency:
            found["agency"][(record.agency,)].append(record)
        if buyer in group_of:
            found["group"][group_of[buyer]].append(record)
    return {kind: dict(accounts) for kind, accounts in found.items()}


def _bands(sales: Sequence[RoundRecord]) -> dict[str, Band]:
    """Give each sale its class and its third of price against reference price (3 where there is none)."""
    ratios: defaultdict[str, list[float]] = defaultdict(list)
    for record in sales:
        if (ratio := _ratio(record)) is not None:
            ratios[record.asset_class].append(ratio)
    edges = {name: np.quantile(found, (1 / 3, 2 / 3)) for name, found in ratios.items()}

    def third(record: RoundRecord) -> int:
        ratio = _ratio(record)
        return 3 if ratio is None else int(np.searchsorted(edges[record.asset_class], ratio))

    return {record.round_id: (record.asset_class, third(record)) for record in sales}


def _ratio(record: RoundRecord) -> float | None:
    if record.hammer_fen is None or record.reference_fen <= 0:
        return None
    return record.hammer_fen / record.reference_fen


def _finding(account: Account, q_value: float, tested: int) -> Finding:
    zh, en = _NAMES[account.kind]
    is_person = account.kind in {"buyer", "group"}
    return Finding(
        screen=SCREEN,
        version=VERSION,
        moment="nightly",
        subject=subject_of(
            account.defaulted,
            parties=(*account.buyers, *(account.names if is_person else ())),
            debtors=account.names if account.kind == "debtor" else (),
        ),
        strength=strength(q_value),
        sign="stall",
        facts={
            "account_zh": zh,
            "account_en": en,
            "sales": len(account.sales),
            "defaults": len(account.defaulted),
            "buyers": len(account.buyers),
            "expected": round(account.expected, 2),
            "is_putuo": is_putuo(account),
        },
        controls=Controls(
            matched_on_zh="同类、同价位（成交价与参考价之比）的其他成交",
            matched_on_en="other sales of the same class and of as high a price against the reference price",
            count=tested,
            median=round(account.expected, 3),
            p_value=q_value,
        ),
        is_weak=q_value > FALSE_SHARE,
    )
