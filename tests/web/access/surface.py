"""The whole surface of the site, one case in which some people have a part, and others of the same offices who have none."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID, uuid4

from litestar import Litestar
from litestar.handlers import HTTPRouteHandler
from litestar.routes import HTTPRoute

from auction.kernel.actors import Actor, Role
from auction.kernel.db import Database, Transaction
from auction.kernel.ids import AccountId, named_id
from auction.kernel.persons import record_person
from auction.sale.cases.parties import PartyRole
from tests.web.pages.desks.court_world import CourtWorld
from web.auth.open_account import add_account, add_grant
from web.auth.sample_accounts import sample_identity_number
from web.auth.tables import AccountRow
from web.demonstration.people import APPLICANT, DEBTOR

PEOPLE: Mapping[Role, str] = {
    Role.CASE_HANDLER: "judge1",
    Role.JUDGE_ASSISTANT: "assistant1",
    Role.CLERK: "clerk1",
    Role.PRESIDING_JUDGE: "presiding1",
    Role.PANEL_MEMBER: "panel1",
    Role.BUREAU_HEAD: "head1",
    Role.VICE_PRESIDENT: "vice1",
    Role.PRESIDENT: "president1",
    Role.JUDICIAL_TECHNOLOGY: "technology1",
    Role.FINANCE: "finance1",
    Role.CASHIER: "cashier1",
    Role.PARTY: "party1",
    Role.BIDDER: "bidder1",
    Role.AGENCY: "agency1",
    Role.LENDER: "lender1",
    Role.SUPERVISOR: "supervisor1",
    Role.ADMINISTRATOR: "admin1",
}
"""Whoever has a part in the case, where his role can have one."""
STRANGERS: Mapping[Role, str] = {
    Role.CASE_HANDLER: "judge2",
    Role.PRESIDING_JUDGE: "presiding2",
    Role.PANEL_MEMBER: "panel3",
    Role.PARTY: "party3",
    Role.BIDDER: "bidder2",
    Role.AGENCY: "agency2",
    Role.LENDER: "lender2",
}
"""The same office, and no part in the case."""
_NEW = {"judge2": (Role.CASE_HANDLER,), "presiding2": (Role.PRESIDING_JUDGE,), "panel3": (Role.PANEL_MEMBER,)}
_LENDER = {"lender2": (Role.LENDER,)}
_PARTIES = {PartyRole.APPLICANT: APPLICANT, PartyRole.JUDGMENT_DEBTOR: DEBTOR}
_FIRST_FREE_SERIAL = 60
WORDS: Mapping[str, Mapping[str, str]] = {
    "/court/cases/": {"name": "add-party"},
    "/api/sale/cases/": {"kind": "stay_ruling"},
    "/court/lots/": {"step": "publish"},
    "/finance/payouts/": {"step": "approve"},
    "/my/registrations/": {"step": "draw"},
}
"""Words of addresses that name a form, by the beginning of the address."""
FORM: Mapping[str, str] = {
    "accepts": "yes",
    "amount": "1",
    "debt": "0",
    "grounds": "理由",
    "income": "9000",
    "months": "12",
    "own": "1",
    "price": "1",
    "reason": "理由",
    "understood": "yes",
    "undertakes": "yes",
    "wish": "1",
}
"""Fields of forms as a stranger fills them in; with the ids of what is on file."""


class Route(NamedTuple):
    """One method at one address."""

    method: str
    path: str
    handler: HTTPRouteHandler

    @property
    def name(self) -> str:
        """What the expectation calls it."""
        return f"{self.method} {self.path}"

    @property
    def parameters(self) -> Sequence[tuple[str, str]]:
        """Names and kinds of the parameters in its address."""
        parts = [part[1:-1].split(":") for part in self.path.split("/") if part[:1] == "{"]
        return [(name, kind) for name, kind in parts]

    def at(self, known: Mapping[str, object]) -> str:
        """Give the address with these ids; what is not known is made up."""
        path = self.path
        for name, kind in self.parameters:
            made_up = {"uuid": uuid4(), "date": date(2027, 6, 1), "int": 1}.get(kind, "unknown")
            named = next(
                (words[name] for start, words in WORDS.items() if path.startswith(start) and name in words), made_up
            )
            path = path.replace(f"{{{name}:{kind}}}", str(known.get(name, named)))
        return path


def routes_of(app: Litestar) -> Iterator[Route]:
    """Give every route of the site but those that only tell which methods an address takes."""
    for route in app.routes:
        assert isinstance(route, HTTPRoute), "the site speaks HTTP; rooms are the gateway's"
        for method, (handler, _model) in route.route_handler_map.items():
            if method not in {"OPTIONS", "HEAD"}:
                yield Route(str(method), route.path, handler)


class KnownCourt(CourtWorld):
    """A court whose parties and bidders are sample accounts too."""

    async def party(self, role: PartyRole, name: str, **changes: object) -> UUID:
        """Add a party: a sample account where there is one of this part."""
        sample = _PARTIES.get(role)
        if sample is None:
            return await super().party(role, name, **changes)
        return await super().party(role, sample.name, identity_number=sample.identity_number, **changes)

    async def bidder(self, name: str = "张示例", birth: date = date(1990, 5, 5)) -> Actor:
        """Give the next sample bidder: the first one buys."""
        self._serial += 1
        return self.actors["bidder1" if name == "张示例" else "bidder4"]


async def add_strangers(db: Database) -> None:
    """Open the accounts of officers without a part in the case."""

    async def work(tx: Transaction) -> None:
        for number, (username, roles) in enumerate({**_NEW, **_LENDER}.items(), start=_FIRST_FREE_SERIAL):
            await _add(tx, username, roles, number)

    await db.transact(work)


async def _add(tx: Transaction, username: str, roles: Sequence[Role], number: int) -> None:
    known = await tx.session.get_one(AccountRow, named_id("sample account", "judge1"))
    person_id = await record_person(
        tx, kind="natural", name=f"外人{number}", identity_number=sample_identity_number(number), masked="外**"
    )
    account_id = AccountId(named_id("stranger", username))
    opened: dict[str, Any] = {
        "account_id": account_id,
        "person_id": person_id,
        "username": username,
        "password_hash": known.password_hash,
        "locale": None,
        "is_sample": True,
        "identity_verified_by": "sample",
        "state": "open",
        "opened_at": tx.now,
    }
    await add_account(tx, AccountRow(**opened))
    for role in roles:
        await add_grant(tx, account_id, role, basis="sample", institution="lender-2" if role is Role.LENDER else None)


async def known_ids(court: KnownCourt) -> dict[str, UUID]:
    """Give one id of each kind of thing that is on file, by the column that is its key; what is a bidder's is bidder1's."""
    keys = await court.rows(
        "SELECT min(format('%s.%s', k.table_schema, k.table_name)) AS named, min(k.column_name) AS key "
        "FROM information_schema.key_column_usage k JOIN information_schema.table_constraints c "
        "ON c.constraint_name = k.constraint_name AND c.table_schema = k.table_schema "
        "AND c.constraint_type = 'PRIMARY KEY' JOIN information_schema.columns t ON t.table_schema = k.table_schema "
        "AND t.table_name = k.table_name AND t.column_name = k.column_name AND t.data_type = 'uuid' "
        "WHERE k.table_schema IN ('sale', 'fund', 'valuation', 'bidding') "
        "GROUP BY k.constraint_name, k.table_schema, k.table_name HAVING count(*) = 1"
    )
    known: dict[str, UUID] = {}
    for named, key in sorted((row.named, row.key) for row in keys):
        found = await court.rows(f"SELECT {key} AS id FROM {named} ORDER BY {key} LIMIT 1")
        if found:
            known.setdefault(key, found[0].id)
    own = await court.rows(
        "SELECT r.registration_id, d.deposit_id FROM sale.registration r JOIN fund.deposit d USING (registration_id) "
        "WHERE r.person_id = :person",
        person=court.actors["bidder1"].person_id,
    )
    mine = {name: getattr(row, name) for row in own for name in ("registration_id", "deposit_id")}
    case = {"case_id": court.case_id, "lot_id": court.lot_id, "round_id": court.round_id, "asset_id": court.asset_id}
    return {**known, **mine, **case, **({"payout_id": known["disbursement_id"]} if "disbursement_id" in known else {})}
