from __future__ import annotations

from datetime import UTC, datetime

import pytest

from auction.kernel.errors import Refusal
from auction.sale.cases.cases import FieldMissing
from auction.sale.lots.lint import Finding, ListingUnlawful
from web.pages.steps.fields import ROWS_MOST, Field, Group, Kind, read_parts, read_value
from web.pages.steps.forms_of_file import RECORD_ASSET
from web.pages.steps.forms_of_lots import LIST_LOT
from web.pages.steps.known import Known
from web.pages.steps.shown import GroupShown, place_of, shown_parts, summary, typed_by, with_row, without_row

ROWS = Group(
    name="facts",
    label="事实",
    row_label="事项",
    fields=(
        Field(name="subject", label="事项", kind=Kind.CHOICE),
        Field(name="zh", label="情况"),
        Field(name="paper", label="文件", kind=Kind.FINGERPRINT, optional=True, null=True),
    ),
    counts=("zh",),
)


def read(kind: Kind, text: str, **more: str) -> object:
    """Read one field of a kind."""
    return read_value(Field(name="f", label="字段", kind=kind), "f", {"f": text, **more})


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        (Kind.YUAN, "1234", 123_400),
        (Kind.YUAN, "1234.50", 123_450),
        (Kind.YUAN, "0.01", 1),
        (Kind.YUAN, " 7 ", 700),
        (Kind.WHOLE, "0", 0),
        (Kind.WHOLE, "2014", 2014),
        (Kind.AREA, "89.76", 897_600),
        (Kind.AREA, "0.0001", 1),
        (Kind.AREA, "1240", 12_400_000),
        (Kind.DAY, "2028-02-29", "2028-02-29"),
        (Kind.TEXT, "  两端空格 ", "两端空格"),
        (Kind.LONG_TEXT, "第一行\r\n第二行", "第一行\n第二行"),
        (Kind.TICKS, "a\nb", ["a", "b"]),
        (Kind.FINGERPRINT, "A" * 64, "a" * 64),
    ],
)
def test_field_is_read_exactly(kind: Kind, text: str, value: object) -> None:
    """What is typed becomes exactly what the command holds: fen, square centimetres, days."""
    assert read(kind, text) == value


@pytest.mark.parametrize(
    ("kind", "text", "code"),
    [
        (Kind.YUAN, "1,234", "amount_malformed"),
        (Kind.YUAN, "1 234", "amount_malformed"),
        (Kind.YUAN, "１２", "amount_malformed"),
        (Kind.YUAN, "1.5", "amount_malformed"),
        (Kind.YUAN, "1.234", "amount_malformed"),
        (Kind.YUAN, "1e6", "amount_malformed"),
        (Kind.YUAN, "-1", "amount_malformed"),
        (Kind.YUAN, "NaN", "amount_malformed"),
        (Kind.YUAN, "1000000000000", "amount_malformed"),
        (Kind.WHOLE, "1.0", "form_whole_malformed"),
        (Kind.WHOLE, "1,000", "form_whole_malformed"),
        (Kind.WHOLE, "-1", "form_whole_malformed"),
        (Kind.WHOLE, "٣", "form_whole_malformed"),
        (Kind.AREA, "89.76000", "form_area_malformed"),
        (Kind.AREA, "8,9", "form_area_malformed"),
        (Kind.AREA, "1e2", "form_area_malformed"),
        (Kind.DAY, "2027-02-29", "form_day_malformed"),
        (Kind.DAY, "20270228", "form_day_malformed"),
        (Kind.DAY, "1899-12-31", "form_day_malformed"),
        (Kind.DAY, "2200-01-01", "form_day_malformed"),
        (Kind.DAY, "9999-12-31", "form_day_malformed"),
        (Kind.DAY, "2027-02-28T00:00", "form_day_malformed"),
        (Kind.FINGERPRINT, "a" * 63, "form_fingerprint_malformed"),
        (Kind.FINGERPRINT, "g" * 64, "form_fingerprint_malformed"),
        (Kind.TEXT, "x" * 2001, "form_text_too_long"),
        (Kind.TEXT, "   ", "form_field_needed"),
        (Kind.CHOICE, "", "form_field_needed"),
    ],
)
def test_field_is_never_guessed(kind: Kind, text: str, code: str) -> None:
    """Separators, floats, other digits and days that are none are refused by their code."""
    with pytest.raises(Refusal) as refused:
        read(kind, text)

    assert refused.value.code == code


@pytest.mark.parametrize("clock", ["", "9:00", "24:00", "10:60", "10"])
def test_instant_needs_its_time(clock: str) -> None:
    """A day without a time of day is no instant."""
    with pytest.raises(Refusal) as refused:
        read(Kind.INSTANT, "2027-04-06", **{"f.time": clock})

    assert refused.value.code == "form_day_malformed"


def test_instant_is_of_beijing() -> None:
    """Ten in the morning is two in the morning in Greenwich."""
    at = read(Kind.INSTANT, "2027-04-06", **{"f.time": "10:00"})

    assert at == datetime(2027, 4, 6, 2, 0, tzinfo=UTC)


def test_paper_of_the_case_stands_in_for_its_fingerprint() -> None:
    """A chosen document gives the fingerprint; one that is typed goes first."""
    assert read(Kind.FINGERPRINT, "", **{"f.of": "c" * 64}) == "c" * 64
    assert read(Kind.FINGERPRINT, "d" * 64, **{"f.of": "c" * 64}) == "d" * 64


def test_empty_rows_are_left_out() -> None:
    """A row in which nothing was typed does not count, whatever stood there at first; an empty paper is none."""
    typed = {"facts.0.subject": "title", "facts.0.zh": "", "facts.1.subject": "burdens", "facts.1.zh": "无"}
    found = read_parts((ROWS,), typed)

    assert found.refusals == []
    assert found.body == {"facts": [{"subject": "burdens", "zh": "无", "paper": None}]}


def test_row_that_counts_is_complete() -> None:
    """What is missing in a row is refused at its own input."""
    found = read_parts((ROWS,), {"facts.3.subject": "", "facts.3.zh": "无"})

    assert [refusal.facts["field"] for refusal in found.refusals] == ["facts.3.subject"]


def test_group_without_rows_is_refused_at_its_first_input() -> None:
    """A group that needs a row says so."""
    found = read_parts((ROWS,), {"facts.0.subject": "title"})

    assert [(refusal.code, refusal.facts["field"]) for refusal in found.refusals] == [
        ("form_field_needed", "facts.0.subject")
    ]


@pytest.mark.parametrize(("rows", "codes"), [(ROWS_MOST, []), (ROWS_MOST + 1, ["form_too_many_rows"])])
def test_rows_have_a_limit(rows: int, codes: list[str]) -> None:
    """At the limit a form is taken, one row more is refused."""
    typed = {f"facts.{row}.{name}": "x" for row in range(rows) for name in ("subject", "zh")}

    assert [refusal.code for refusal in read_parts((ROWS,), typed).refusals] == codes


def test_row_is_taken_away() -> None:
    """The rows after it move up, other fields stay."""
    typed = {"title": "x", "facts.0.zh": "a", "facts.1.zh": "b", "facts.2.zh": "c"}

    assert without_row(typed, "facts.1") == {"title": "x", "facts.0.zh": "a", "facts.1.zh": "c"}
    assert without_row(typed, "facts.x") == typed


@pytest.mark.parametrize("number", ["²", "9" * 5000, "-1", ""])
def test_row_that_is_none_is_not_taken_away(number: str) -> None:
    """Whatever a button is made to say, only a row's number takes a row away."""
    typed = {"facts.0.zh": "a"}

    assert without_row(typed, f"facts.{number}") == typed


def test_form_shows_no_more_rows_than_it_takes() -> None:
    """One input with a high number does not make a page of a thousand rows, nor does a button beyond the limit."""
    known = Known(now=datetime(2027, 4, 1, tzinfo=UTC))
    (shown,) = shown_parts((ROWS,), known, {"facts.999.zh": "x"}, ())

    assert isinstance(shown, GroupShown)
    assert len(shown.rows) == ROWS_MOST
    full = {f"facts.{ROWS_MOST - 1}.zh": "x"}
    assert with_row((ROWS,), known, full, "facts") == full


def test_several_ticks_are_kept_and_files_are_not() -> None:
    """Values of one name are joined; what is no text, and what is left out by name, is gone."""
    items = [("channel", "bank"), ("channel", "card"), ("csrf_token", "x"), ("paper", object())]

    assert typed_by(items, frozenset({"csrf_token"}), 100) == {"channel": "bank\ncard"}


def test_many_values_of_one_name_are_cut() -> None:
    """However often a name is repeated, one character more than is allowed is read."""
    assert typed_by([("a", "x")] * 100_000, frozenset(), 10) == {"a": "x\nx\nx\nx\nx\nx"}


@pytest.mark.parametrize(
    ("named", "place"),
    [("asset.title", "title"), ("title", "title"), ("facts[...].as_of", "facts.0.field"), ("nothing", "")],
)
def test_refusal_leads_to_its_field(named: str, place: str) -> None:
    """A refusal that names a field of the noun or of the decoder leads to the input that it came from."""
    assert place_of(FieldMissing(field=named), RECORD_ASSET.parts) == place


def test_findings_are_said_one_by_one() -> None:
    """Each finding of a refused listing is a line of its own, with its article and the field that mends it."""
    found = (
        Finding(code="deposit_above_maximum", article="网拍 17", severity="blocking", zh="过高", en="too high"),
        Finding(code="asset_field_not_disclosed", article="238号 1, 6", severity="blocking", zh="缺", en="missing"),
    )
    said = summary([ListingUnlawful(count=2, codes="", findings=found)], LIST_LOT.parts)

    assert [(line.code, line.article, line.target) for line in said] == [
        ("deposit_above_maximum", "网拍 17", "terms.deposit_fen"),
        ("asset_field_not_disclosed", "238号 1, 6", ""),
    ]


ID = "0f8a1c1e-6f0b-4a7e-9c58-0d7f3a5b9e11"


@pytest.mark.parametrize(
    ("kind", "asked", "stands"),
    [
        (Kind.CHOICE, ID, ID),
        (Kind.HIDDEN, ID, ID),
        (Kind.CHOICE, "approve", "own"),
        (Kind.HIDDEN, "approve", "own"),
        (Kind.CHOICE, f"{{{ID}}}", "own"),
        (Kind.YUAN, "1.00", "own"),
        (Kind.TEXT, ID, "own"),
        (Kind.LONG_TEXT, "理由", "own"),
        (Kind.DAY, "2026-11-02", "own"),
        (Kind.FINGERPRINT, "a" * 64, "own"),
        (Kind.TICK, "yes", "own"),
    ],
)
def test_a_link_fills_in_ids_and_nothing_else(kind: Kind, asked: str, stands: str) -> None:
    """No link puts an amount, a text, a day or a decision into an officer's form."""
    field = Field(name="f", label="字段", kind=kind, default=lambda _known: "own")

    assert field.default_in(Known(now=datetime(2027, 4, 1, tzinfo=UTC), asked={"f": asked})) == stands


def test_a_form_may_let_its_own_pages_fill_a_field() -> None:
    """What a form says may come with the address does."""
    field = Field(name="f", label="字段", from_address=True)

    assert (
        field.default_in(Known(now=datetime(2027, 4, 1, tzinfo=UTC), asked={"f": "（2026）京0105执1号"}))
        == "（2026）京0105执1号"
    )
