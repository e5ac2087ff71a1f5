"""The shape of the worked examples of the reference price, and that the coverage table tells the truth."""

import re
import tomllib
from collections import Counter
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "reference_price"
FIELDS = {"name", "proves", "article", "branch", "boundary", "rule", "given", "working"}
LEAST = 150
EXAMPLES: list[dict[str, Any]] = [
    example for path in sorted(FOLDER.glob("*.toml")) for example in tomllib.loads(path.read_text("utf-8"))["example"]
]


def _articles() -> Counter[str]:
    """Examples by act and article, the paragraph left out."""
    return Counter(re.sub(r"\(\d+\)$", "", example["article"]) for example in EXAMPLES)


def _page(name: str) -> str:
    return (FOLDER / name).read_text("utf-8")


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


def test_there_are_enough() -> None:
    """The issue asks for at least this many."""
    assert len(EXAMPLES) >= LEAST


def test_names_are_unique() -> None:
    """A name is one example's."""
    assert not [name for name, n in Counter(example["name"] for example in EXAMPLES).items() if n > 1]


def test_no_two_share_article_branch_and_boundary() -> None:
    """Each example shows something that no other one shows."""
    places = Counter((example["article"], example["branch"], example["boundary"]) for example in EXAMPLES)
    assert not [place for place, n in places.items() if n > 1]


def test_rules_are_those_of_the_vocabulary() -> None:
    """Every rule used is described, every rule described is used."""
    rules_table, acts_table = _page("VOCABULARY.md").split("### Acts of")
    row = re.compile(r"^\| `([a-z_]+)` \| [^|]+ \| [^|]+ \| [^|]+ \|$", re.MULTILINE)
    assert {example["rule"] for example in EXAMPLES} == set(row.findall(rules_table))
    acts = {example["given"]["of"] for example in EXAMPLES if example["rule"] in ("deadline", "in_time")}
    assert acts <= set(row.findall(acts_table))


def test_coverage_table_counts_the_examples() -> None:
    """Each article listed has as many examples as the table claims, and each article used is listed."""
    rows = re.findall(r"^\| ([^|]+?) \| (\d+) \|", _page("COVERAGE.md"), re.MULTILINE)
    claimed = {article: int(n) for article, n in rows}
    assert len(claimed) == len(rows)
    assert claimed == _articles()


def test_every_article_with_a_rule_is_there() -> None:
    """Articles 1 to 34 each have an example."""
    assert {f"参考价 {n}" for n in range(1, 35)} <= set(_articles())


def test_readings_are_decisions() -> None:
    """What an example reads into an open text is a numbered decision of the product."""
    decisions = (Path(__file__).parents[2] / "valuation" / "DECISIONS.md").read_text("utf-8")
    readings = {example["reading"] for example in EXAMPLES if "reading" in example}
    assert readings <= set(re.findall(r"^\*\*(V\d+)\.", decisions, re.MULTILINE))
