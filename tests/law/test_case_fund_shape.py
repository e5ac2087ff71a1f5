"""The shape of the worked examples of case money, and that the coverage table tells the truth."""

import re
import tomllib
from collections import Counter
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "case_fund"
LAW = Path(__file__).parents[2] / "auction"
FIELDS = {"name", "proves", "article", "branch", "boundary", "rule", "given", "working"}
FILES = {
    "deposits",
    "purchases",
    "default",
    "settlement",
    "taxes",
    "interest_and_fees",
    "clocks",
    "loans",
    "payouts",
}
LEAST = 120
EXAMPLES: list[dict[str, Any]] = [
    example for path in sorted(FOLDER.glob("*.toml")) for example in tomllib.loads(path.read_text("utf-8"))["example"]
]


def _page(name: str) -> str:
    return (FOLDER / name).read_text("utf-8")


def _rows() -> list[tuple[str, str]]:
    """Article and number of the coverage table."""
    return re.findall(r"^\| ([^|]+?) \| (\d+) \|", _page("COVERAGE.md"), re.MULTILINE)


def _acts() -> dict[str, str]:
    """Short names and texts of the acts of the vocabulary."""
    table = _page("VOCABULARY.md").split("## Acts")[1].split("## Conventions")[0]
    return dict(re.findall(r"^\| `([^`]+)` \| ([^|]+) \|$", table, re.MULTILINE))


def _given_fen(value: object) -> list[object]:
    """Every amount in a given."""
    if isinstance(value, dict):
        own = [v for k, v in value.items() if k == "fen" or k.endswith("_fen")]
        return own + [fen for v in value.values() for fen in _given_fen(v)]
    if isinstance(value, list):
        return [fen for v in value for fen in _given_fen(v)]
    return []


def test_the_files_are_there() -> None:
    """One file for each subject, none empty."""
    assert {path.stem for path in FOLDER.glob("*.toml")} == FILES
    assert all(tomllib.loads(_page(f"{name}.toml"))["example"] for name in FILES)


def test_every_example_has_its_fields() -> None:
    """Each has all fields, filled in, and either a value or a refusal."""
    for example in EXAMPLES:
        name = example["name"]
        assert set(example) - {"expect", "refused", "reading"} == FIELDS, name
        assert ("expect" in example) != ("refused" in example), name
        assert isinstance(example["given"], dict), name
        assert all(isinstance(example[field], str) for field in FIELDS - {"given"}), name
        assert all(example[field].strip() for field in FIELDS - {"given"}), name
        assert re.fullmatch(r"[a-z][a-z0-9_]*", name), name
        assert re.fullmatch(r"[a-z][a-z_]*", example.get("refused", "word")), name
        assert all(type(fen) is int and fen >= 0 for fen in _given_fen(example["given"])), name


def test_there_are_enough() -> None:
    """The issue asks for at least this many."""
    assert len(EXAMPLES) >= LEAST


def test_names_are_unique() -> None:
    """A name is one example's."""
    assert not [name for name, n in Counter(example["name"] for example in EXAMPLES).items() if n > 1]


def test_no_two_are_alike() -> None:
    """No two share article, branch and boundary; no two ask the same question."""
    places = Counter((example["article"], example["branch"], example["boundary"]) for example in EXAMPLES)
    assert not [place for place, n in places.items() if n > 1]
    questions = Counter((example["rule"], repr(example["given"])) for example in EXAMPLES)
    assert not [question for question, n in questions.items() if n > 1]


def test_money_adds_up() -> None:
    """What goes in comes out: plans, forfeited deposits, sell-off defaults, schedules, set-offs, disputed plans."""
    for example in EXAMPLES:
        given, expect = example["given"], example.get("expect")
        if expect is None:
            continue
        match example["rule"]:
            case "distribute" | "distribute_criminal":
                assert set(expect) == {line["id"] for line in given["lines"]} | {"debtor"}, example["name"]
                assert sum(expect.values()) == given["proceeds_fen"], example["name"]
                assert all(expect[line["id"]] <= line["fen"] for line in given["lines"]), example["name"]
            case "distribute_assets":
                ids = {line["id"] for line in given["lines"]}
                assert set(expect) == ids | {sale["id"] for sale in given["sales"]}, example["name"]
                assert sum(expect.values()) == sum(sale["fen"] for sale in given["sales"]), example["name"]
                assert all(expect[line["id"]] <= line["fen"] for line in given["lines"]), example["name"]
            case "split_forfeited":
                assert sum(expect.values()) == given["deposit_fen"], example["name"]
            case "sell_off_default":
                assert sum(expect.values()) == given["prepaid_fen"], example["name"]
            case "loan_schedule":
                assert sum(principal for principal, _ in expect) == given["principal_fen"], example["name"]
                assert len(expect) == given["months"], example["name"]
            case "set_off":
                assert sum(expect.values()) == given["hammer_fen"], example["name"]
            case "plan_outcome":
                assert sum(expect["pay"].values()) + expect["escrow_fen"] == sum(given["plan"].values()), example[
                    "name"
                ]
            case _:
                """The other rules' answers are no sums."""


def test_rules_are_those_of_the_vocabulary() -> None:
    """Every rule and act of a period used is described, every one described is used."""
    rules_table, periods_table = _page("VOCABULARY.md").split("## Rules")[1].split("### Acts of")
    rules = set(re.findall(r"^\| `([a-z_]+)` \| [^|]+ \| [^|]+ \|$", rules_table, re.MULTILINE))
    assert {example["rule"] for example in EXAMPLES} == rules
    periods = set(re.findall(r"^\| `([a-z_]+)` \| [^|]+ \| [^|]+ \| [^|]+ \|$", periods_table, re.MULTILINE))
    used = {example["given"]["of"] for example in EXAMPLES if example["rule"] in {"deadline", "in_time"}}
    assert used == periods


def test_coverage_table_counts_the_examples() -> None:
    """Each article listed has as many examples as the table claims, and each article used is listed."""
    claimed = {article: int(n) for article, n in _rows()}
    assert len(claimed) == len(_rows())
    assert claimed == Counter(re.sub(r"\(\d+\)$", "", example["article"]) for example in EXAMPLES)
    assert f" {len(EXAMPLES)} examples." in _page("COVERAGE.md")


def test_every_article_is_of_a_known_act() -> None:
    """Each article of the table names an act of the vocabulary, each act there is used; numbers agree with the law table."""
    acts = _acts()
    assert {article.rsplit(" ", 1)[0] for article, _ in _rows()} == set(acts)
    known = tomllib.loads((LAW / "law" / "parameters.toml").read_text("utf-8"))["acts"]
    for short, text in acts.items():
        number = known.get(short, {}).get("number", "")
        if "号" in number:
            assert text.startswith(number), short


def test_readings_are_written_down() -> None:
    """What an example reads into an open text is a point of the coverage page; decisions named there exist."""
    points = re.findall(r"^- \*\*(C\d+)\.\*\*", _page("COVERAGE.md"), re.MULTILINE)
    assert len(points) == len(set(points))
    assert {example["reading"] for example in EXAMPLES if "reading" in example} <= set(points)
    named = set(re.findall(r"\b([LFS]\d+)\)", _page("COVERAGE.md")))
    decisions = re.findall(r"^\*\*([LFS]\d+)\.", (LAW / "DECISIONS.md").read_text("utf-8"), re.MULTILINE)
    assert named <= set(decisions)
