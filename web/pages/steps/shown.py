"""How a form is shown: its fields with what stands in them, what is wrong with which, and where the summary leads."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from auction.kernel.errors import Refusal
from auction.sale.lots.lint import Finding
from web.pages import desk_words as words
from web.pages.steps.fields import ROWS_MOST, Field, Group, Kind, Option, Part, Typed
from web.pages.steps.known import Known
from web.texts import _, current_locale

_ROW_NUMBER = re.compile(r"[0-9]{1,3}")
_INDEX = re.compile(r"\[(?:\.\.\.|[0-9]+)\]")
PLACE_OF_CODE: dict[str, tuple[str, ...]] = {
    "case_number_malformed": ("case_number",),
    "case_number_not_enforcement": ("case_number",),
    "case_number_taken": ("case_number",),
    "case_not_a_sale_file": ("case_number",),
    "case_account_taken": ("case_account_number",),
    "identity_number_invalid": ("identity_number",),
    "credit_code_invalid": ("identity_number",),
    "party_name_malformed": ("name",),
    "person_name_differs": ("name",),
    "amount_not_positive": ("claim_fen", "amount_fen", "terms.reserve_fen"),
    "seizure_ends_before_start": ("valid_until",),
    "seizure_too_long": ("valid_until",),
    "first_seizure_taken": ("rank",),
    "panel_malformed": ("presiding",),
    "not_a_panel_judge": ("presiding",),
    "asset_already_listed": ("asset_id",),
    "reserve_below_floor": ("terms.reserve_fen",),
    "second_reserve_below_floor": ("terms.reserve_fen",),
    "sell_off_price_differs": ("terms.reserve_fen",),
    "sale_without_surplus": ("terms.reserve_fen",),
    "price_not_positive": ("terms.reserve_fen",),
    "deposit_below_minimum": ("terms.deposit_fen",),
    "deposit_above_maximum": ("terms.deposit_fen",),
    "increment_too_large": ("terms.increment_fen",),
    "increment_unusual": ("terms.increment_fen",),
    "confirmation_steps_out_of_bounds": ("terms.options.confirm_steps",),
    "confirmation_percent_out_of_bounds": ("terms.options.confirm_percent",),
    "confirmation_of_every_bid": ("terms.options.confirm_percent",),
    "increment_growth_not_ascending": ("terms.options.increment_growth",),
    "grown_increment_too_large": ("terms.options.increment_growth",),
    "grown_increment_unusual": ("terms.options.increment_growth",),
    "notice_too_short": ("terms.opens_at",),
    "opens_on_day_off": ("terms.opens_at",),
    "opens_outside_office_hours": ("terms.opens_at",),
    "second_round_too_late": ("terms.opens_at",),
    "bidding_too_short": ("terms.closes_at",),
    "sale_too_late_for_price": ("terms.closes_at",),
    "round_kind_out_of_turn": ("terms.kind",),
    "taxes_all_on_buyer": ("terms.tax_burden_zh",),
    "warranty_not_excluded": ("terms.warranty_excluded",),
    "fact_malformed": ("facts",),
    "occupancy_unclear": ("facts",),
    "asset_fact_in_future": ("facts",),
    "asset_field_unknown": ("facts",),
    "agreement_in_future": ("agreed_on",),
    "stop_ground_unknown": ("ground",),
    "document_kind_wrong": ("document_id",),
    "document_is_draft": ("document_id",),
    "document_not_sealed_in_case": ("document_id",),
    "ground_end_misdated": ("ground_ended_on",),
    "resumes_too_soon": ("resumes_at",),
    "resumes_too_late": ("resumes_at",),
    "not_a_creditor": ("creditor_party_id",),
    "satisfaction_price_differs": ("price_fen",),
    "claim_incomplete": ("ranked_on",),
    "forfeited_exceeded": ("forfeited_fen",),
    "forfeited_rest_undecided": ("panel_document_id",),
    "forfeited_waits_for_resale": ("forfeited_fen", "round_id"),
    "forfeited_round_not_named": ("forfeited_round_id",),
    "no_top_up_ground": ("ground",),
    "top_up_above_loss": ("amount_fen",),
    "award_above_price": ("amount_fen",),
    "payout_under_way": ("claim_id", "round_id", "lot_id"),
    "escrow_expired": ("undoing_id",),
    "nothing_in_escrow": ("undoing_id",),
    "receipt_unknown": ("number",),
    "set_off_exceeds_share": ("amount_fen",),
    "set_off_exceeds_balance": ("amount_fen",),
    "buyer_is_no_creditor": ("round_id",),
    "set_off_already_fixed": ("round_id",),
    "set_off_text_differs": ("document_id",),
    "act_other_paper": ("paper_sha256",),
    "act_unknown": ("act_id",),
    "act_lapsed": ("act_id",),
    "act_waits": ("claim_id", "round_id", "lot_id", "recovery_id"),
    "act_concerned_person": ("claim_id", "round_id", "recovery_id"),
    "already_undone": ("claim_id", "round_id", "lot_id"),
    "claim_set_off": ("claim_id",),
    "claim_unknown": ("claim_id",),
    "ruling_text_differs": ("document_id",),
    "title_not_reduced": ("keeps_fen",),
    "reversal_interest_of_nothing": ("interest_percent",),
    "title_interest_malformed": ("interest_percent",),
    "nothing_left_to_recover": ("recovery_id",),
    "claim_asset_named_already": ("claim_id",),
    "not_the_judgment_debtor": ("party_id",),
    "no_escrow_ground": ("ground",),
    "escrow_cost_wrong": ("cost_fen",),
    "escrow_cost_payee_missing": ("cost_party_id",),
    "escrow_decision_used": ("document_id",),
    "escrow_order_differs": ("document_id",),
    "nothing_left_of_share": ("line_id",),
    "surplus_waits": ("line_id",),
    "alarm_silent": ("round_id", "receipt_id"),
}
"""The field that a refusal is about, where the refusal does not say so itself; the first that the form has counts."""


class OptionShown(msgspec.Struct, frozen=True, kw_only=True):
    """One option of a field."""

    value: str
    text: str
    hint: str
    checked: bool


class FieldShown(msgspec.Struct, frozen=True, kw_only=True):
    """One field as the template draws it."""

    name: str
    kind: Kind
    label: str
    hint: str
    article: str
    optional: bool
    value: str
    second: str
    """The time of an instant; the paper chosen for a fingerprint."""
    options: tuple[OptionShown, ...]
    error: str
    none: str = ""
    """What to say where there is nothing to choose; empty: that there is nothing."""


class GroupShown(msgspec.Struct, frozen=True, kw_only=True):
    """A group with its rows."""

    name: str
    label: str
    row_label: str
    hint: str
    rows: tuple[tuple[FieldShown, ...], ...]
    may_add: bool
    error: str


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the error summary."""

    text: str
    article: str
    code: str
    target: str
    """The input that it leads to; empty: none."""


def with_row(parts: Sequence[Part], known: Known, typed: Typed, name: str) -> dict[str, str]:
    """Give what was typed with one more, empty row in a group."""
    group = next((part for part in parts if isinstance(part, Group) and part.name == name), None)
    more = dict(typed)
    if group is not None and (row := group.rows_in(typed)) < ROWS_MOST:
        for field in group.fields:
            more[group.input_name(row, field)] = field.default_in(known)
    return more


def without_row(typed: Typed, name: str) -> dict[str, str]:
    """Give what was typed without one row (``facts.2``); the rows after it move up."""
    group, _dot, number = name.rpartition(".")
    if _ROW_NUMBER.fullmatch(number) is None:
        return dict(typed)
    left: dict[str, str] = {}
    for key, value in typed.items():
        match = re.fullmatch(rf"{re.escape(group)}\.([0-9]{{1,3}})\.(.+)", key)
        if match is None:
            left[key] = value
        elif int(match[1]) != int(number):
            row = int(match[1]) - (int(match[1]) > int(number))
            left[f"{group}.{row}.{match[2]}"] = value
    return left


def summary(refusals: Sequence[Refusal], parts: Sequence[Part]) -> tuple[Said, ...]:
    """Say everything that is wrong, each with its article and where to mend it."""
    said: list[Said] = []
    for refusal in refusals:
        findings = refusal.facts.get("findings")
        if isinstance(findings, tuple) and findings:
            said += [_finding(finding, parts) for finding in findings if isinstance(finding, Finding)]
            continue
        text = refusal.sentence(current_locale())
        target = place_of(refusal, parts)
        said.append(Said(text=text, article=refusal.article, code=refusal.code, target=target))
    return tuple(said)


def _finding(finding: Finding, parts: Sequence[Part]) -> Said:
    text = words.in_language(finding.zh, finding.en)
    return Said(text=text, article=finding.article, code=finding.code, target=_by_code(finding.code, parts))


def place_of(refusal: Refusal, parts: Sequence[Part]) -> str:
    """Find the input that a refusal is about; empty if none of this form is."""
    named = _INDEX.sub("", str(refusal.facts.get("field", "")))
    for part in parts:
        if isinstance(part, Group):
            if named.startswith(f"{part.name}."):
                return named if re.match(rf"{re.escape(part.name)}\.[0-9]+\.", named) else _first_of(part)
        elif named and named in (part.name, part.at):
            return part.name
    last = named.rpartition(".")[2]
    by_last = next((part.name for part in parts if last and part.name.rpartition(".")[2] in (last, f"{last}_fen")), "")
    return by_last or _by_code(refusal.code, parts)


def _by_code(code: str, parts: Sequence[Part]) -> str:
    for name in PLACE_OF_CODE.get(code, ()):
        for part in parts:
            if part.name == name:
                return _first_of(part) if isinstance(part, Group) else part.name
    return ""


def _first_of(group: Group) -> str:
    return group.input_name(0, group.fields[0])


def shown_parts(
    parts: Sequence[Part], known: Known, typed: Typed | None, said: Sequence[Said]
) -> list[FieldShown | GroupShown]:
    """Give what the template draws; ``typed`` is ``None`` when the form is opened."""
    errors: dict[str, str] = {}
    for line in said:
        if line.target:
            errors.setdefault(line.target, line.text)
    return [
        _group(part, known, typed, errors)
        if isinstance(part, Group)
        else _field(part, part.name, known, _standing(part, part.name, known, typed), typed or {}, errors)
        for part in parts
    ]


def _standing(field: Field, name: str, known: Known, typed: Typed | None) -> dict[str, str]:
    """What stands in a field's inputs: what was typed, else what the form puts there."""
    if typed is not None:
        return {key: typed.get(key, "") for key in (name, f"{name}.time", f"{name}.of")}
    value = field.default_in(known)
    if field.kind is Kind.INSTANT:
        day, _space, time = value.partition(" ")
        return {name: day, f"{name}.time": time or "10:00"}
    return {name: value}


def _group(group: Group, known: Known, typed: Typed | None, errors: Mapping[str, str]) -> GroupShown:
    rows = []
    if typed is None:
        given = group.rows(known) if group.rows is not None else ({},) * max(1, group.least)
        for number, at_first in enumerate(given):
            values = {field.name: at_first.get(field.name, field.default_in(known)) for field in group.fields}
            typed_row = {group.input_name(number, field): values[field.name] for field in group.fields}
            rows.append(_row(group, number, known, typed_row, errors))
    else:
        rows = [
            _row(group, number, known, typed, errors) for number in range(min(max(1, group.rows_in(typed)), ROWS_MOST))
        ]
    return GroupShown(
        name=group.name,
        label=_(group.label),
        row_label=_(group.row_label),
        hint=_(group.hint) if group.hint else "",
        rows=tuple(rows),
        may_add=len(rows) < ROWS_MOST,
        error=errors.get(group.name, ""),
    )


def _row(group: Group, number: int, known: Known, typed: Typed, errors: Mapping[str, str]) -> tuple[FieldShown, ...]:
    made = []
    for field in group.fields:
        name = group.input_name(number, field)
        made.append(_field(field, name, known, _standing(field, name, known, typed), typed, errors))
    return tuple(made)


def _field(
    field: Field, name: str, known: Known, standing: Mapping[str, str], typed: Typed, errors: Mapping[str, str]
) -> FieldShown:
    value = standing.get(name, "")
    second = standing.get(f"{name}.of" if field.kind is Kind.FINGERPRINT else f"{name}.time", "")
    note = field.note(known, typed) if field.note is not None else ""
    hint = _(field.hint) if field.hint else ""
    offered: Sequence[Option] = () if field.options is None else field.options(known)
    chosen = (
        set(value.split("\n")) if field.kind is Kind.TICKS else {second if field.kind is Kind.FINGERPRINT else value}
    )
    return FieldShown(
        name=name,
        kind=field.kind,
        label=_(field.label),
        hint=_joined(note, hint),
        article=field.article,
        optional=field.optional and field.kind is not Kind.TICK,
        value=value,
        second=second,
        options=tuple(
            OptionShown(value=option.value, text=option.text, hint=option.hint, checked=option.value in chosen)
            for option in offered
        ),
        error=errors.get(name, ""),
        none=_(field.none) if field.none else "",
    )


def _joined(*texts: str) -> str:
    return ("；" if current_locale() == "zh" else "; ").join(text for text in texts if text)


def typed_by(items: Iterable[tuple[str, Any]], left_out: frozenset[str], most: int) -> dict[str, str]:
    """Give what was typed by the names of the inputs; several values of one name are joined by line breaks.

    Of one name no more is read than shows that it is too long.
    """
    typed: dict[str, list[str]] = {}
    for name, value in items:
        if name not in left_out and isinstance(value, str):
            typed.setdefault(name, []).append(value)
    return {name: "\n".join(values)[: most + 1] for name, values in typed.items()}
