"""Worked examples of the law: each a situation with its article and its answer, kept as data beside this runner."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from auction.kernel.errors import REFUSALS, Refusal
from auction.kernel.money import Money
from auction.law import case_numbers, fees, identity, periods, prices, service
from auction.law.calendar import COURT_CALENDAR
from auction.law.parameters import LAW, value_text

FOLDER = Path(__file__).parent
ON = date(2026, 11, 2)
"""The day on which the examples ask for the law, where the situation has no day of its own."""

Given = Mapping[str, Any]
Rule = Callable[[Given], object]


def money(given: Given) -> dict[str, Money]:
    """Read every ``*_fen`` of a situation as money under its bare name."""
    return {name.removesuffix("_fen"): Money(fen) for name, fen in given.items() if type(fen) is int}


def lawful(check: Callable[..., None], first: str, *, dated: bool = True) -> Rule:
    """Turn a check into a rule that answers *lawful*; ``first`` names the positional argument."""

    def answer(given: Given) -> object:
        amounts = money(given)
        check(amounts.pop(first), **amounts, **({"on": ON} if dated else {}))
        return "lawful"

    return answer


def fen(compute: Callable[..., Money], *, dated: bool = True) -> Rule:
    """Turn a computation from one amount into a rule that answers in fen."""

    def answer(given: Given) -> object:
        (amount,) = money(given).values()
        return compute(amount, **({"on": ON} if dated else {})).fen

    return answer


def split_forfeited_deposit(given: Given) -> object:
    """Answer the five uses in order."""
    amounts = money(given)
    parts = prices.split_forfeited_deposit(amounts.pop("deposit"), **amounts)
    uses = (parts.costs, parts.shortfall, parts.case_debts, parts.connected_debts, parts.rest)
    return [use.fen for use in uses]


def legal_period(given: Given) -> object:
    """Answer the end of the period that a parameter fixes."""
    parameter = LAW.parameter(given["key"], on=given["start"])
    return periods.legal_period(parameter, given["start"], COURT_CALENDAR).end_day


def paused_end(given: Given) -> object:
    """Answer the end of a period with stays deducted."""
    pauses = [periods.Pause(first, last) for first, last in given["pauses"]]
    return periods.paused_end(given["start"], LAW.days(given["key"], on=ON), pauses, COURT_CALENDAR)


def doubled_interest(given: Given) -> object:
    """Answer doubled interest in fen."""
    slices = [
        fees.InterestSlice(
            principal=Money(part["principal_fen"]),
            from_day=part["from_day"],
            to_day=part["to_day"],
            deducted_days=part.get("deducted_days", 0),
        )
        for part in given["slices"]
    ]
    return fees.doubled_interest(slices).fen


def check_seizure(given: Given) -> object:
    """Answer *lawful* for a seizure that is not too long."""
    fees.check_seizure(fees.SeizedKind(given["kind"]), first_day=given["first"], until=given["until"])
    return "lawful"


def full_capacity(given: Given) -> object:
    """Answer *lawful* for somebody who may bid."""
    own_work = given.get("lives_on_own_work", False)
    identity.check_full_capacity(given["birth"], given["on"], lives_on_own_work=own_work)
    return "lawful"


OPTIONAL_RECORD_FIELDS = ("received_at", "receiver", "consent", "address_basis", "arrived_at")


def served(kind: type[service.ServiceRecord]) -> Rule:
    """Turn a kind of service record into a rule that answers the day of effect."""
    names = kind.__struct_fields__

    def answer(given: Given) -> object:
        absent = {name: None for name in OPTIONAL_RECORD_FIELDS if name in names}
        return service.effective_on(msgspec.convert({**absent, **given}, kind))

    return answer


def check_needed(given: Given) -> object:
    """Answer *lawful* where one more lot is needed for the claims."""
    prices.check_needed(**money(given), on=ON)
    return "lawful"


RULES: dict[str, Rule] = {
    "check_first_reserve": lawful(prices.check_first_reserve, "reserve"),
    "check_second_reserve": lawful(prices.check_second_reserve, "reserve"),
    "check_sell_off_price": lawful(prices.check_sell_off_price, "price"),
    "check_direct_sell_off": lawful(prices.check_direct_sell_off, "price"),
    "check_deposit": lawful(prices.check_deposit, "deposit"),
    "check_increment": lawful(prices.check_increment, "increment"),
    "check_deposit_against_reference": lawful(prices.check_deposit_against_reference, "deposit"),
    "check_needed": check_needed,
    "check_surplus": lawful(prices.check_surplus, "reserve", dated=False),
    "first_reserve_floor": fen(prices.first_reserve_floor),
    "second_reserve_floor": fen(prices.second_reserve_floor),
    "ship_reserve_floor": fen(prices.ship_reserve_floor),
    "deposit_maximum": fen(prices.deposit_maximum),
    "applicant_deposit_due": lambda given: (
        prices.applicant_deposit_due(Money(given["deposit_fen"]), claim=Money(given["claim_fen"])).fen
    ),
    "mean_price": lambda given: prices.mean_price([Money(result) for result in given["results_fen"]]).fen,
    "split_forfeited_deposit": split_forfeited_deposit,
    "resale_shortfall": lambda given: prices.resale_shortfall(**money(given)).fen,
    "legal_period": legal_period,
    "earliest_sale_day": lambda given: periods.earliest_after_clear_days(
        given["notice"], LAW.days(given["key"], on=given["notice"])
    ),
    "latest_notice_day": lambda given: periods.latest_notice_day(given["sale"], LAW.days(given["key"], on=ON)),
    "latest_request_day": lambda given: periods.latest_request_day(given["end"], LAW.days(given["key"], on=ON)),
    "paused_end": paused_end,
    "is_in_time": lambda given: periods.is_in_time(given["at"], periods.deadline_at(given["end"])),
    "hours_end": lambda given: periods.hours_end(given["event"], LAW.duration(given["key"], on=ON)),
    "enforcement_fee": fen(fees.enforcement_fee),
    "doubled_interest": doubled_interest,
    "check_seizure": check_seizure,
    "latest_seizure_end": lambda given: fees.latest_seizure_end(
        fees.SeizedKind(given["kind"]), given["first"], on=given["first"]
    ),
    "case_number": lambda given: str(case_numbers.parse_case_number(given["text"])),
    "enforcement_number": lambda given: str(case_numbers.parse_enforcement_number(given["text"])),
    "instrument_number": lambda given: str(case_numbers.parse_instrument_number(given["text"])),
    "resident_masked": lambda given: identity.parse_resident_number(given["text"]).masked,
    "credit_code": lambda given: identity.parse_credit_code(given["text"]).masked,
    "full_capacity": full_capacity,
    "DirectService": served(service.DirectService),
    "LeftService": served(service.LeftService),
    "ElectronicService": served(service.ElectronicService),
    "MailService": served(service.MailService),
    "PublicNotice": served(service.PublicNotice),
    "SaleNoticePublication": served(service.SaleNoticePublication),
    "ReportPublication": served(service.ReportPublication),
    "WrittenWaiver": served(service.WrittenWaiver),
}


def read(name: str) -> dict[str, Any]:
    """Read one file of examples."""
    return tomllib.loads((FOLDER / name).read_text(encoding="utf-8"))


EXAMPLES = [
    pytest.param(example, id=example["name"])
    for path in sorted(FOLDER.glob("*.toml"))
    if path.name != "parameters.toml"
    for example in read(path.name)["example"]
]
FIGURES = read("parameters.toml")


def answer_of(example: Mapping[str, Any]) -> object:
    """Answer one example: the value, or the code of the refusal."""
    try:
        return RULES[example["rule"]](example["given"])
    except Refusal as refusal:
        return ("refusal", refusal.code if refusal.sentence("zh") and refusal.sentence("en") else "without a sentence")


@pytest.mark.parametrize("example", EXAMPLES)
def test_worked_example_gives_the_answer_of_the_law(example: dict[str, Any]) -> None:
    """The rule gives the example's answer, or refuses with its code."""
    expected = ("refusal", example["refusal"]) if "refusal" in example else example["expect"]

    answer = answer_of(example)

    assert expected == answer, example["proves"]


@pytest.mark.parametrize("key", FIGURES["values"])
def test_figure_agrees_with_its_second_entry(key: str) -> None:
    """A figure of the law equals the one typed a second time from the text, and cites the same article."""
    parameter = LAW.parameter(key, on=FIGURES["on"])

    assert FIGURES["values"][key] == [value_text(parameter), parameter.cite]


def test_examples_say_what_they_prove() -> None:
    """Every example has a sentence, an article, exactly one answer, and a name of its own."""
    examples = [parameter.values[0] for parameter in EXAMPLES]
    names = [example["name"] for example in examples]  # type: ignore[index]  # parameters are untyped

    assert len(names) == len(set(names))
    assert len(names) >= 60
    for example in examples:
        assert isinstance(example, dict)
        assert example["proves"]
        assert example["article"]
        assert ("expect" in example) != ("refusal" in example)
        assert example.get("refusal", "reserve_below_floor") in REFUSALS


def test_every_period_of_an_instant_is_aware() -> None:
    """Instants in the examples carry their zone, so no example depends on the machine's."""
    for parameter in EXAMPLES:
        example = parameter.values[0]
        assert isinstance(example, dict)
        instants = [value for value in example["given"].values() if isinstance(value, datetime)]
        assert all(instant.tzinfo is not None for instant in instants)
