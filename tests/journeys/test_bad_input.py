"""Bad input over the HTTP API: each piece refused by its own rule, in both languages, with nothing changed."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import httpx
import msgspec
import pytest

from auction.kernel.actors import Actor, Role
from auction.kernel.clock import local
from auction.kernel.db import Transaction
from auction.kernel.ids import AccountId, new_id
from auction.sale.cases.open_case import open_case
from auction.sale.cases.parties import PartyRole
from auction.sale.disclosure.sold_lots import SoldLots
from auction.sale.lots.cast_vote import CastVote
from auction.sale.lots.list_lot import ListLot
from bidding.journal.court_reports import ReportsOfRooms
from bidding.journal.views import RoomsAtRest
from tests.auction.fund.settlement.test_settlement_flow import MORTGAGE, Sale
from tests.auction.fund.world import ADVANCED, FakeBank
from tests.auction.fund.world import World as Fund
from tests.auction.sale.world import CLOSES_AT, FIRST_DAY, OPENS_AT, REFERENCE, RESERVE, World, resident_number, terms
from tests.unchanged import picture
from tests.web.conftest import ClientMaker, bearer
from valuation.draw_v1.beacon import QUICKNET
from web.auth.open_account import add_grant
from web.auth.passwords import Passwords
from web.auth.sample_accounts import make_sample_accounts
from web.case_desk import CaseDesk
from web.dues_of_appraisals import DuesOfAppraisals
from web.offers.all_commands import commands
from web.parties_of_cases import PartiesOfCases
from web.people_of_agencies import PeopleOfAgencies
from web.sale_of_assets import SaleOfAssets
from web.services_of_documents import ServicesOfDocuments
from web.wiring import Wiring

DAY = timedelta(days=1)
BEYOND = 10**15
CHINESE = re.compile(r"[\u4e00-\u9fff]")


@dataclass
class Court:
    """The command API in front of a court, and its people with their tokens."""

    client: httpx.AsyncClient
    wiring: Wiring
    people: Mapping[str, Actor]
    tokens: dict[str, dict[str, str]]

    async def sign_in(self, username: str) -> None:
        """Sign in, the first time."""
        if username not in self.tokens:
            self.tokens[username] = await bearer(self.client, username)

    async def send(self, username: str, path: str, body: object) -> httpx.Response:
        """Send a command as a person; bytes are sent as they are."""
        await self.sign_in(username)
        content = body if isinstance(body, bytes) else msgspec.json.encode(body)
        headers = {**self.tokens[username], "content-type": "application/json"}
        return await self.client.post(f"/api/{path}", content=content, headers=headers)

    async def refusal(self, username: str, path: str, body: object) -> dict[str, Any]:
        """Send what must be refused; gives the problem, whose form and whose doing nothing are required here."""
        await self.sign_in(username)
        before = await picture(self.wiring.db)
        answer = await self.send(username, path, body)
        problem: dict[str, Any] = answer.json()
        assert answer.headers["content-type"] == "application/problem+json", answer.text
        assert 400 <= answer.status_code < 500, answer.text
        assert answer.status_code == problem["status"], answer.text
        assert CHINESE.search(problem["zh"]), problem
        assert problem["en"], problem
        assert problem["article"], problem
        after = await picture(self.wiring.db)
        assert {name: after[name] for name in after if after[name] != before[name]}.keys() <= RECORDS, problem["code"]
        return problem

    async def grant(self, username: str, role: Role) -> None:
        """Give a person one more role."""
        account_id = AccountId(self.people[username].account_id)

        async def work(tx: Transaction) -> None:
            await add_grant(tx, account_id, role, basis="sample")

        await self.wiring.db.transact(work)


@pytest.fixture
async def court(wiring: Wiring, client_of: ClientMaker, passwords: Passwords) -> AsyncIterator[Court]:
    """The site with all commands of the product."""
    people = await make_sample_accounts(wiring.db, passwords=passwords)
    world = World(wiring.db, "")
    ports: dict[str, object] = {port: () for route in commands() for port in route.ports}
    ports |= {
        "seal": world.seal,
        "platforms": (),
        "registers": {},
        "bank": FakeBank(),
        "lists": {},
        "companies": None,
        "policy": ADVANCED,
        "reports": ReportsOfRooms(),
        "rooms": RoomsAtRest(),
        "parties": PartiesOfCases(),
        "people": PeopleOfAgencies(),
        "services": ServicesOfDocuments(),
        "announcements": SaleOfAssets(),
        "case_desk": CaseDesk(),
        "draw_key": wiring.keys.draws,
        "beacon_chain": QUICKNET,
        "sale": SoldLots(),
        "appraisal_dues": DuesOfAppraisals(),
    }
    async with client_of(replace(wiring, ports=ports, commands=commands())) as client:
        yield Court(client, wiring, people, {})


@pytest.fixture
async def world(court: Court, database_url: str) -> World:
    """A case of the sample judge, with parties, an asset, a seizure, a panel and a reference price."""
    made = World(court.wiring.db, database_url)
    made.handler, made.clerk = court.people["judge1"], court.people["clerk1"]
    made.presiding = court.people["presiding1"]
    made.judges = (made.presiding, court.people["panel1"], court.people["panel2"])
    await made.open()
    await made.price()
    return made


def listing(world: World, **changes: object) -> dict[str, Any]:
    """The body that lists the lot on lawful terms, with changes to the terms as JSON values."""
    command = ListLot(
        command_id=new_id(), lot_id=world.lot_id, case_id=world.case_id, asset_id=world.asset_id, terms=terms()
    )
    body: dict[str, Any] = msgspec.to_builtins(command)
    body["terms"] |= {name: msgspec.to_builtins(value) for name, value in changes.items()}
    return body


def said(problem: dict[str, Any]) -> tuple[int, str, str]:
    """Status, code and article of a problem."""
    return problem["status"], problem["code"], problem["article"]


def anew(body: dict[str, Any], **changes: object) -> dict[str, Any]:
    """A body under a fresh command id, with changes as JSON values."""
    return {**body, "command_id": str(new_id()), **{name: msgspec.to_builtins(v) for name, v in changes.items()}}


Said = tuple[int, str, str]
SHAPE: Said = (422, "input_malformed", "house: input has the documented shape")
AMOUNT: Said = (422, "amount_malformed", "house: money is an integer number of fen below 10^14")
TERMS: Said = (422, "listing_terms_malformed", "网拍 6")
LISTING: Said = (422, "listing_unlawful", "网拍 6, 10, 12, 13, 17; 238号")

# Amounts -----------------------------------------------------------------------------------------------------------

NOT_WHOLE_FEN = (
    b"2.5",
    b"210000000.0",
    b"2.1e8",
    b'"210000000"',
    b'"2,100,000.00"',
    b'"\xc2\xa52100000"',
    b"null",
    b"true",
)


RECORDS = {"sale.guard_application"}
"""What a refusal may leave behind: which guard refused, and nothing else (auction/DECISIONS S15)."""
PRICES = ("reserve_fen", "deposit_fen", "increment_fen")
AMOUNTS = (*PRICES, "prior_claims_fen")


async def test_amount_that_is_no_whole_fen_is_refused_naming_its_field(court: Court, world: World) -> None:
    """Fractions, floats, figures as text, with separators or signs, nothing and truth are no amounts."""
    for field, written in itertools.product(AMOUNTS, NOT_WHOLE_FEN):
        body = json.dumps(listing(world, **{field: 77})).encode().replace(b": 77", b": " + written)
        problem = await court.refusal("judge1", "sale/list-lot", body)

        assert said(problem) == SHAPE, (field, written)
        assert problem["facts"]["field"] == f"terms.{field}"


async def test_amount_of_nothing_or_less_is_refused(court: Court, world: World) -> None:
    """A price, a deposit and a step are at least one fen."""
    for field, fen in itertools.product(PRICES, (-1, 0)):
        problem = await court.refusal("judge1", "sale/list-lot", listing(world, **{field: fen}))

        assert said(problem) == LISTING, (field, fen)
        assert set(problem["facts"]["codes"].split(", ")) == {"price_not_positive"}, (field, fen)


async def test_amount_beyond_the_bound_is_refused(court: Court, world: World) -> None:
    """No amount reaches 10^14 fen, however large it is, and none falls out of the database instead."""
    for field, fen in itertools.product(AMOUNTS, (10**14, BEYOND, 2**63, 2**70)):
        problem = await court.refusal("judge1", "sale/list-lot", listing(world, **{field: fen}))

        in_lint = (said(problem), problem["facts"].get("codes")) == (LISTING, "amount_malformed")
        assert said(problem) == AMOUNT or in_lint, (field, fen)
        assert str(fen) in problem["en"] + str(problem["facts"])


# Listing -----------------------------------------------------------------------------------------------------------

UNLAWFUL: dict[str, tuple[dict[str, object], str]] = {
    "69.99 % of the reference price": ({"reserve_fen": REFERENCE.fen * 6_999 // 10_000}, "reserve_below_floor"),
    "a fen below 70 %": ({"reserve_fen": REFERENCE.fen * 7 // 10 - 1}, "reserve_below_floor"),
    "a deposit of 4.99 %": ({"deposit_fen": RESERVE.fen * 499 // 10_000}, "deposit_below_minimum"),
    "a fen below 5 %": ({"deposit_fen": RESERVE.fen * 5 // 100 - 1}, "deposit_below_minimum"),
    "a deposit of 20.01 %": ({"deposit_fen": RESERVE.fen * 2_001 // 10_000}, "deposit_above_maximum"),
    "a fen above 20 %": ({"deposit_fen": RESERVE.fen * 20 // 100 + 1}, "deposit_above_maximum"),
    "an end before the opening": ({"closes_at": OPENS_AT - DAY}, "bidding_too_short"),
    "an end at the opening": ({"closes_at": OPENS_AT}, "bidding_too_short"),
    "a microsecond short of a day": ({"closes_at": OPENS_AT + DAY - timedelta(microseconds=1)}, "bidding_too_short"),
    "29 clear days of notice": ({"opens_at": local(date(2027, 3, 31), 10)}, "notice_too_short"),
    "a second confirmation of each raise by two steps": (
        {"options": {"confirm_steps": 1}},
        "confirmation_steps_out_of_bounds",
    ),
    "steps without end": ({"options": {"confirm_steps": 2**70}}, "confirmation_steps_out_of_bounds"),
    "the reference price itself": ({"options": {"confirm_percent": 100}}, "confirmation_percent_out_of_bounds"),
    "an increment that stays": (
        {"options": {"increment_growth": [{"after_extensions": 1, "times": 1}]}},
        "increment_growth_not_ascending",
    ),
    "an increment above the reserve": (
        {"options": {"increment_growth": [{"after_extensions": 1, "times": 999}]}},
        "grown_increment_too_large",
    ),
    "an opening in the past": ({"opens_at": local(date(2027, 2, 26), 10)}, "notice_too_short"),
}


async def test_unlawful_listing_is_refused_with_its_rule(court: Court, world: World) -> None:
    """The refusal names the one rule that the listing breaks, and nothing is listed."""
    for name, (changes, code) in UNLAWFUL.items():
        problem = await court.refusal("judge1", "sale/list-lot", listing(world, **changes))

        assert said(problem) == LISTING, name
        assert problem["facts"]["codes"] == code, name


EDGES: dict[str, object] = {
    "reserve_fen": REFERENCE.fen * 7 // 10,
    "opens_at": local(date(2027, 4, 1), 10),
    "closes_at": local(date(2027, 4, 2), 10),
}
"""Exactly 70 % of the reference price, 30 clear days of notice, a day of bidding."""


@pytest.mark.parametrize("deposit_fen", [RESERVE.fen * 5 // 100, RESERVE.fen * 20 // 100], ids=["5 %", "20 %"])
async def test_listing_on_every_edge_of_the_law_is_taken(court: Court, world: World, deposit_fen: int) -> None:
    """What is just lawful is listed: the refusals above are for their own reason."""
    answer = await court.send("judge1", "sale/list-lot", listing(world, deposit_fen=deposit_fen, **EDGES))

    assert answer.status_code == 200, answer.text


MALFORMED: dict[str, tuple[dict[str, object], Said]] = {
    "an instant without its zone": ({"opens_at": "2027-04-07T10:00:00"}, TERMS),
    "a day that does not exist": ({"opens_at": "2027-02-30T10:00:00+08:00"}, SHAPE),
    "no instant": ({"opens_at": "7 April"}, SHAPE),
    "an unknown kind": ({"kind": "third"}, SHAPE),
    "no days for the balance": ({"balance_days": 0}, TERMS),
    "days without end": ({"balance_days": 2**40}, TERMS),
    "options that announce nothing": ({"options": {}}, TERMS),
    "an option that there is none of": ({"options": {"confirm_step": 3}}, SHAPE),
    "a number of steps in words": ({"options": {"confirm_steps": "3"}}, SHAPE),
    "a table that is none": ({"options": {"increment_growth": {"1": 2}}}, SHAPE),
    "no title": ({"title_zh": " "}, TERMS),
    "prior claims below nothing": ({"prior_claims_fen": -1}, TERMS),
}


async def test_malformed_terms_are_refused(court: Court, world: World) -> None:
    """An instant without its zone, a day that does not exist, a kind or days out of reason are no terms."""
    for name, (changes, expected) in MALFORMED.items():
        assert said(await court.refusal("judge1", "sale/list-lot", listing(world, **changes))) == expected, name
    unknown_field = {**listing(world), "approved": True}
    assert said(await court.refusal("judge1", "sale/list-lot", unknown_field)) == SHAPE


async def test_notice_one_day_short_is_refused(court: Court, world: World) -> None:
    """Decided in time, the notice comes a day too late for 30 clear days: refused, and the lot stays unannounced."""
    listed = await world.list()
    await world.vote(listed.question_id, "approve", "approve", "approve")
    await world.decide()
    await world.rule_and_notify(local(FIRST_DAY, 9))
    await world.at(local(OPENS_AT.date() - 30 * DAY, 9))
    body = {"command_id": str(new_id()), "lot_id": str(world.lot_id), "round_id": str(world.round_id)}

    problem = await court.refusal("clerk1", "sale/publish-notice", body)

    assert said(problem) == LISTING
    assert problem["facts"]["codes"] == "notice_too_short"


async def test_notice_on_the_last_lawful_day_is_published(court: Court, world: World) -> None:
    """A day earlier the same notice is lawful."""
    listed = await world.list()
    await world.vote(listed.question_id, "approve", "approve", "approve")
    await world.decide()
    await world.rule_and_notify(local(FIRST_DAY, 9))
    await world.at(local(OPENS_AT.date() - 31 * DAY, 9))
    body = {"command_id": str(new_id()), "lot_id": str(world.lot_id), "round_id": str(world.round_id)}

    assert (await court.send("clerk1", "sale/publish-notice", body)).status_code == 200


@pytest.mark.parametrize(("short_days", "is_taken"), [(1, False), (0, True)])
async def test_seizure_must_outlast_the_sale(court: Court, world: World, short_days: int, is_taken: bool) -> None:
    """A first seizure that ends the day before the scheduled end stops the listing; one that reaches it does not."""
    ends = CLOSES_AT.date() - short_days * DAY
    await lift(court, world)
    renewed = world.seizure(seizure_id=new_id(), valid_from=FIRST_DAY, valid_until=ends, command_id=new_id())
    assert (await court.send("judge1", "sale/record-seizure", renewed)).status_code == 200
    if is_taken:
        assert (await court.send("judge1", "sale/list-lot", listing(world))).status_code == 200
        return
    problem = await court.refusal("judge1", "sale/list-lot", listing(world))

    assert said(problem) == LISTING
    assert problem["facts"]["codes"] == "seizure_ends_before"


async def lift(court: Court, world: World) -> None:
    """Lift the seizure with which the world began."""
    body = {
        "command_id": str(new_id()),
        "seizure_id": str(world.seizure_id),
        "case_id": str(world.case_id),
        "lifted_on": FIRST_DAY.isoformat(),
        "document_ref": "解除裁定",
    }
    answer = await court.send("judge1", "sale/lift-seizure", body)
    assert answer.status_code == 200, answer.text


# The file ----------------------------------------------------------------------------------------------------------

RIGHT_NUMBER = resident_number(date(1980, 2, 3), 77)
RIGHT_CODE = "91350100M000100Y43"
WRONG_DIGIT = RIGHT_NUMBER[:-1] + ("1" if RIGHT_NUMBER[-1] != "1" else "2")
IDENTITY: Said = (422, "identity_number_invalid", "house: GB 11643 identity numbers are checked on entry")
CREDIT: Said = (422, "credit_code_invalid", "house: GB 32100 credit codes are checked on entry")


NAME: Said = (422, "party_name_malformed", "house: a name has 1 to 100 characters")
WRONG_PARTIES: dict[str, tuple[dict[str, object], Said]] = {
    "a wrong check digit": ({"identity_number": WRONG_DIGIT}, IDENTITY),
    "born in the future": ({"identity_number": RIGHT_NUMBER[:6] + "20990101" + RIGHT_NUMBER[14:]}, IDENTITY),
    "a digit missing": ({"identity_number": RIGHT_NUMBER[:-1]}, IDENTITY),
    "a blank for a digit": ({"identity_number": RIGHT_NUMBER[:6] + " " + RIGHT_NUMBER[7:]}, IDENTITY),
    "a number": ({"identity_number": 110105198002030777}, SHAPE),
    "a wrong credit code": ({"kind": "organisation", "identity_number": RIGHT_CODE[:-1] + "4"}, CREDIT),
    "a person's number": ({"kind": "organisation", "identity_number": RIGHT_NUMBER}, CREDIT),
    "an organisation's number": ({"identity_number": RIGHT_CODE}, IDENTITY),
}


async def test_party_with_a_wrong_number_is_refused(court: Court, world: World) -> None:
    """A wrong check digit, a birth in the future, a missing digit: no person is recorded, and the number is not told."""
    for name, (changes, expected) in WRONG_PARTIES.items():
        body = anew(party(world), **changes)
        problem = await court.refusal("judge1", "sale/add-party", body)

        assert said(problem) == expected, name
        assert str(body["identity_number"]) not in json.dumps(problem), name
    unnumbered, unnamed = anew(party(world), identity_number=""), anew(party(world), name=" ")
    assert said(await court.refusal("judge1", "sale/add-party", unnumbered)) == IDENTITY
    assert said(await court.refusal("judge1", "sale/add-party", unnamed)) == NAME
    organisation = {"kind": "organisation", "identity_number": RIGHT_CODE}
    for right in (anew(party(world)), anew(party(world), **organisation)):
        answer = await court.send("judge1", "sale/add-party", right)
        assert answer.status_code == 200, answer.text


def party(world: World) -> dict[str, Any]:
    """The body that adds a mortgagee."""
    return {
        "party_id": str(new_id()),
        "case_id": str(world.case_id),
        "role": PartyRole.MORTGAGEE.value,
        "kind": "natural",
        "name": "李示例",
        "identity_number": RIGHT_NUMBER,
    }


FIELD: Said = (422, "case_field_missing", "网拍 13(10)")
NUMBER: Said = (422, "case_number_malformed", "案号规定 3")
WRONG_SEIZURES: dict[str, tuple[dict[str, object], Said]] = {
    "an end before the beginning": (
        {"valid_from": "2026-06-02", "valid_until": "2026-06-01"},
        (422, "seizure_ends_before_start", "Interp. 485"),
    ),
    "longer than three years": (
        {"valid_from": "2026-06-01", "valid_until": "2029-06-02"},
        (422, "seizure_too_long", "Interp. 485"),
    ),
    "no such month": ({"valid_until": "2026-13-01"}, SHAPE),
    "no rank": ({"rank": 0}, FIELD),
    "a rank without end": ({"rank": 2**70}, FIELD),
    "no file": ({"case_number": "(2026)京0105执1234"}, NUMBER),
    "no document": ({"document_ref": " "}, FIELD),
}


async def test_seizure_with_dates_out_of_order_is_refused(court: Court, world: World) -> None:
    """A seizure that ends before it begins, that lasts too long, or that names no file is not recorded."""
    body = msgspec.to_builtins(world.seizure(seizure_id=new_id(), rank=2))
    for name, (changes, expected) in WRONG_SEIZURES.items():
        assert said(await court.refusal("judge1", "sale/record-seizure", anew(body, **changes))) == expected, name
    assert (await court.send("judge1", "sale/record-seizure", anew(body))).status_code == 200


async def test_case_under_a_wrong_number_is_not_opened(court: Court, world: World) -> None:
    """A malformed number, a file in which nothing is sold, a number that is taken, and no account of the bank's open no case."""
    body = msgspec.to_builtins(world.opening(case_id=new_id(), case_account_number="880010020030040010000000"))
    wrong: dict[str, Said] = {
        "(2026)京0105执1234": NUMBER,
        "2026京0105执1234号": NUMBER,
        "(2026)京0105民初1号": (422, "case_not_a_sale_file", "案号规定 7"),
        "(2026)京0105执1234号": (409, "case_number_taken", "案号规定 3"),
    }
    for number, expected in wrong.items():
        refused = await court.refusal("judge1", "sale/open-case", anew(body, case_number=number))
        assert said(refused) == expected, number
    other = anew(body, case_number="(2026)京0105执1235号", case_account_number="6222 0000 0000 9999")
    refused = await court.refusal("judge1", "sale/open-case", other)
    assert said(refused) == (409, "case_account_not_of_bank", "执行款物 4")
    opened = await court.send("judge1", "sale/open-case", anew(body, case_number="(2026)京0105执1235号"))
    assert opened.status_code == 200, opened.text


# The panel ---------------------------------------------------------------------------------------------------------


async def test_member_votes_once(court: Court, world: World) -> None:
    """A second vote of a member, the same or another, is refused and changes nothing; the others still vote."""
    await court.send("judge1", "sale/list-lot", listing(world))
    (question,) = await world.rows("SELECT question_id, proposal_sha256 FROM sale.question")
    vote = msgspec.to_builtins(
        CastVote(
            command_id=new_id(),
            question_id=question.question_id,
            vote="approve",
            proposal_sha256=question.proposal_sha256,
            opinion="同意",
        )
    )
    first = await court.send("presiding1", "sale/cast-vote", anew(vote))
    refusals = [
        await court.refusal("presiding1", "sale/cast-vote", anew(vote)),
        await court.refusal("presiding1", "sale/cast-vote", anew(vote, vote="reject")),
        await court.refusal("panel1", "sale/cast-vote", anew(vote, proposal_sha256="0" * 64)),
    ]
    second = await court.send("panel1", "sale/cast-vote", anew(vote))

    assert (first.status_code, second.status_code) == (200, 200)
    assert [said(problem) for problem in refusals] == [
        (409, "already_voted", "CPL 45"),
        (409, "already_voted", "CPL 45"),
        (409, "proposal_differs", "网拍 27"),
    ]


# Payouts -----------------------------------------------------------------------------------------------------------


class JudgesFund(Fund):
    """The fund of a case of the sample judge; ``mortgagee`` may be somebody in particular."""

    mortgagee: UUID | None = None

    async def person(self, name: str) -> UUID:
        """Put a made-up person on record, or give the one in particular."""
        if self.mortgagee is not None and "mortgagee" in name:
            return self.mortgagee
        return await super().person(name)

    async def open(self) -> JudgesFund:
        """Do nothing: whoever opened the case opened its fund."""
        return self


async def settled(court: Court, *, mortgagee: UUID | None = None) -> Sale:
    """Give a settled plan of the judge's case, whose shares wait to be paid."""
    file, fund = World(court.wiring.db, ""), JudgesFund(court.wiring.db)
    file.handler = court.people["judge1"]
    await open_case(file.db, file.handler, file.opening())
    fund.case_id, fund.mortgagee = file.case_id, mortgagee
    sale = Sale(fund)
    await sale.settled()
    return sale


@pytest.fixture
async def sale(court: Court) -> Sale:
    """A settled plan."""
    return await settled(court)


def payment(sale: Sale, fen: object) -> dict[str, Any]:
    """The body that prepares a payment to the mortgagee."""
    return {
        "command_id": str(new_id()),
        "disbursement_id": str(new_id()),
        "line_id": str(sale.line("mortgage")),
        "amount_fen": fen,
    }


async def test_payment_of_a_wrong_amount_is_not_prepared(court: Court, sale: Sale) -> None:
    """Nothing, less than nothing, more than the share, beyond the bound, and what is no whole fen."""
    exceeded: Said = (409, "share_exceeded", "执行款物 12")
    expected = {
        -1: exceeded,
        0: exceeded,
        MORTGAGE + 1: exceeded,
        BEYOND: AMOUNT,
        2**70: AMOUNT,
        0.5: SHAPE,
        "600,000.00": SHAPE,
    }

    for fen, refused in expected.items():
        assert said(await court.refusal("judge1", "fund/prepare-disbursement", payment(sale, fen))) == refused, fen
    assert (await court.send("judge1", "fund/prepare-disbursement", payment(sale, MORTGAGE))).status_code == 200


async def test_one_natural_person_takes_one_step_of_a_payment(court: Court, sale: Sale) -> None:
    """Whoever has all roles may still take one step: at each next step he is refused, until four people have signed."""
    steps = {
        "approve-disbursement": (Role.BUREAU_HEAD, "head1"),
        "check-disbursement": (Role.FINANCE, "finance1"),
        "pay-disbursement": (Role.CASHIER, "cashier1"),
    }
    prepared = (await court.send("judge1", "fund/prepare-disbursement", payment(sale, MORTGAGE))).json()
    named = {name: prepared[name] for name in ("disbursement_id", "signed_sha256")}
    taken = ["judge1"]
    for path, (role, officer) in steps.items():
        for username in taken:
            await court.grant(username, role)
            problem = await court.refusal(username, f"fund/{path}", anew(named))
            assert said(problem) == (403, "same_person_twice", "执行款物 12-14"), (path, username)
        answer = await court.send(officer, f"fund/{path}", anew(named))
        assert answer.status_code == 200, answer.text
        taken.append(officer)

    assert len(taken) == 4


async def test_payee_takes_no_step_of_his_own_payment(court: Court) -> None:
    """The officer who is the payee is refused, however right his role; another is not."""
    sale = await settled(court, mortgagee=court.people["head1"].person_id)
    prepared = (await court.send("judge1", "fund/prepare-disbursement", payment(sale, MORTGAGE))).json()
    named = {name: prepared[name] for name in ("disbursement_id", "signed_sha256")}

    problem = await court.refusal("head1", "fund/approve-disbursement", anew(named))

    assert said(problem) == (403, "payee_in_chain", "house: practice 31, none of the four is the payee")
    assert (await court.send("vice1", "fund/approve-disbursement", anew(named))).status_code == 200


async def test_command_of_another_role_is_refused_before_it_is_looked_at(court: Court, world: World) -> None:
    """A bidder lists nothing and a clerk pays nothing, whatever the body says."""
    assert said(await court.refusal("bidder1", "sale/list-lot", listing(world)))[:2] == (403, "role_lacking")
    assert said(await court.refusal("clerk1", "fund/pay-disbursement", {}))[:2] == (403, "role_lacking")
