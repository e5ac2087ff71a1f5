"""Lists, search and expansion."""

from __future__ import annotations

import json
import operator
import re
from collections.abc import Callable
from typing import Any

from web.sandbox.book import Document
from web.sandbox.stripe.errors import ParameterWrong
from web.sandbox.stripe.forms import Form
from web.sandbox.stripe.till import Condition, Till

MAX_LIMIT = 100
DEFAULT_LIMIT = 10
MAX_EXPANSIONS = 10

PATHS = {
    "payment_intent": "payment_intents",
    "payment_method": "payment_methods",
    "refund": "refunds",
    "charge": "charges",
    "balance_transaction": "balance_transactions",
    "event": "events",
    "webhook_endpoint": "webhook_endpoints",
    "dispute": "disputes",
    "payout": "payouts",
}
_FILTERS = {
    "refund": ("charge", "payment_intent"),
    "charge": ("payment_intent", "customer"),
    "payment_intent": ("customer",),
    "balance_transaction": ("source", "type", "currency"),
    "event": ("type",),
    "dispute": ("charge", "payment_intent"),
    "payment_method": ("type", "customer"),
    "payout": ("status",),
}
_COMPARE: dict[str, Callable[[int, int], bool]] = {
    "gt": operator.gt,
    "gte": operator.ge,
    "lt": operator.lt,
    "lte": operator.le,
}
_COMPARE_SQL = {"": "=", "gt": ">", "gte": ">=", "lt": "<", "lte": "<="}
_EVENT_FAMILY = re.compile(r"[a-z_.]+\.\*")
_CLAUSE = re.compile(
    r"""\s*(?P<not>-)?(?P<field>[a-z_]+)(?:\[(?P<kq>["'])(?P<key>[^"']+)(?P=kq)\])?"""
    r"""(?P<op>:|>=|<=|>|<)(?:(?P<q>["'])(?P<text>(?:\\.|(?!(?P=q)).)*)(?P=q)|(?P<number>[0-9]+))\s*"""
)
_OPS = {">": "gt", ">=": "gte", "<": "lt", "<=": "lte"}


def list_objects(till: Till, form: Form, kind: str) -> Document:
    """List a kind, newest first, page by page."""
    form.only("limit", "starting_after", "ending_before", "created", "types", *_FILTERS.get(kind, ()))
    limit = _limit(form)
    where = _conditions(form, kind)
    after, before = form.text("starting_after"), form.text("ending_before")
    if after is not None:
        where.append(("seq < ?", _place(till, after, "starting_after")))
    if before is not None:
        where.append(("seq > ?", _place(till, before, "ending_before")))
    found = till.select(kind, where, limit=limit + 1, newest_first=before is None)
    page = found[:limit] if before is None else found[:limit][::-1]
    return {"object": "list", "url": f"/v1/{PATHS[kind]}", "has_more": len(found) > limit, "data": page}


def search_objects(till: Till, form: Form, kind: str) -> Document:
    """Search by Stripe's query language (clauses joined by AND); as at Stripe, the newest may not be found yet."""
    form.only("query", "limit", "page")
    clauses = _clauses(form.needed("query"))
    seen_until = till.now - till.tx.value("search_lag_s", 0)
    limit = _limit(form)
    start = _page_start(form)
    found = [
        item for item in till.all_of(kind) if item["created"] <= seen_until and all(clause(item) for clause in clauses)
    ]
    has_more = len(found) > start + limit
    return {
        "object": "search_result",
        "url": f"/v1/{PATHS[kind]}/search",
        "has_more": has_more,
        "next_page": str(start + limit) if has_more else None,
        "total_count": len(found),
        "data": found[start : start + limit],
    }


def show_balance(till: Till) -> Document:
    """Sum the balance lines into available and pending."""
    shown = {
        name: [
            {"amount": amount, "currency": currency, "source_types": {"card": amount}}
            for currency, amount in side.items()
        ]
        for name, side in _sums(till).items()
    }
    return {"object": "balance", "livemode": False, "connect_reserved": [], **shown}


def available(till: Till) -> dict[str, int]:
    """Give what can be paid out now, by currency."""
    return _sums(till)["available"]


def _sums(till: Till) -> dict[str, dict[str, int]]:
    sums: dict[str, dict[str, int]] = {"available": {}, "pending": {}}
    for line in till.all_of("balance_transaction"):
        side = sums["available" if line["available_on"] <= till.now else "pending"]
        side[line["currency"]] = side.get(line["currency"], 0) + line["net"]
    return sums


def expand(till: Till, content: Document, paths: list[str]) -> Document:
    """Replace ids by their objects along ``expand`` paths (``data.`` goes into a list's items)."""
    if len(paths) > MAX_EXPANSIONS:
        raise ParameterWrong("Too many expansions.", param="expand")
    copy: Document = json.loads(json.dumps(content))
    for path in paths:
        _expand(till, copy, path.split("."))
    return copy


def _expand(till: Till, content: Any, steps: list[str]) -> None:  # noqa: ANN401  # walks JSON
    if isinstance(content, list):
        for item in content:
            _expand(till, item, steps)
        return
    if not isinstance(content, dict) or not steps:
        return
    if steps[0] not in content:
        raise ParameterWrong(f"This property cannot be expanded ({steps[0]}).", param="expand")
    if isinstance(content[steps[0]], str):
        content[steps[0]] = till.find(content[steps[0]]) or content[steps[0]]
    _expand(till, content[steps[0]], steps[1:])


def _conditions(form: Form, kind: str) -> list[Condition]:
    """Turn the filters of a list into conditions; names come from `_FILTERS`, values are bound."""
    where: list[Condition] = []
    for name in _FILTERS.get(kind, ()):
        wanted = form.text(name)
        if wanted is not None and wanted.endswith(".*") and _EVENT_FAMILY.fullmatch(wanted):
            where.append((f"json_extract(body, '$.{name}') GLOB ?", wanted))
        elif wanted is not None:
            where.append((f"json_extract(body, '$.{name}') = ?", wanted))
    if form.has("types"):
        types = json.dumps(form.items("types"))
        where.append(("json_extract(body, '$.type') IN (SELECT value FROM json_each(?))", types))
    return where + _created(form)


def _created(form: Form) -> list[Condition]:
    given = form.fields.get("created", {})
    limits = given if isinstance(given, dict) else {"": given}
    where: list[Condition] = []
    for word, limit in limits.items():
        if word not in _COMPARE_SQL or not str(limit).isdecimal():
            raise ParameterWrong("Invalid created range.", param="created")
        where.append((f"created {_COMPARE_SQL[word]} ?", int(limit)))
    return where


def _place(till: Till, id_: str, param: str) -> int:
    place = till.place_of(id_)
    if place is None:
        raise ParameterWrong(f"No such object: '{id_}'", code="resource_missing", param=param)
    return place


def _limit(form: Form) -> int:
    limit = form.whole("limit")
    if limit is not None and not 1 <= limit <= MAX_LIMIT:
        raise ParameterWrong(f"limit is 1 to {MAX_LIMIT}.", code="parameter_invalid_integer", param="limit")
    return limit or DEFAULT_LIMIT


def _page_start(form: Form) -> int:
    page = form.text("page") or "0"
    if not page.isdecimal():
        raise ParameterWrong("Invalid page.", param="page")
    return int(page)


def _clauses(query: str) -> list[Callable[[Document], bool]]:
    clauses: list[Callable[[Document], bool]] = []
    place = 0
    while place < len(query):
        match = _CLAUSE.match(query, place)
        if match is None:
            raise ParameterWrong("We were unable to parse your search query.", param="query")
        clauses.append(_clause(match))
        place = match.end()
        if query[place : place + 3].upper() == "AND":
            place += 3
        elif place < len(query):
            raise ParameterWrong("The sandbox joins search clauses by AND only.", param="query")
    return clauses


def _clause(match: re.Match[str]) -> Callable[[Document], bool]:
    field, key, op = match["field"], match["key"], match["op"]
    text = re.sub(r"\\(.)", r"\1", match["text"]) if match["text"] is not None else match["number"]

    def holds(item: Document) -> bool:
        given = item.get(field)
        if key is not None:
            given = (given or {}).get(key)
        if op == ":":
            result = given is not None and str(given) == text
        else:
            result = isinstance(given, int) and _COMPARE[_OPS[op]](given, int(text))
        return not result if match["not"] else result

    return holds
