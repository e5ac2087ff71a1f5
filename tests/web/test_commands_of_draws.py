"""The commands about draws, as a member of the public calls them: files only, no database, no settings."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from tests.valuation.draw_v1.made_draws import DRAW_ID, KEY, MADE_AGAIN, Made, make_draw, sample_pool
from valuation.draw_v1.canonical import written
from valuation.draw_v1.draw import commitment, compute_draw
from valuation.draw_v1.draw_pool import freeze
from web.cli import main

KEY_3797 = "9319./2.5.8.10.12./9.18.26.34.41.45./"
PICKS_3797 = [17, 7, 2, 16, 25, 23, 8, 24, 19, 13, 22, 5, 18, 9, 1, 4]


def call(*arguments: object) -> Result:
    """Run the command."""
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def last_json(result: Result) -> dict[str, Any]:
    """Give the JSON object in the last line."""
    found: dict[str, Any] = json.loads(result.stdout.splitlines()[-1])
    return found


@pytest.fixture
def made() -> Made:
    """A draw made right."""
    return make_draw(sample_pool())


@pytest.fixture
def files(tmp_path: Path, made: Made) -> dict[str, Path]:
    """What somebody keeps: transcript, keys, heads."""
    contents = {
        "transcript": made.transcript,
        "keys": json.dumps([{"key_id": KEY.key_id, "public_key": KEY.public.hex()}]).encode(),
        "head": written(made.heads[0]),
        "late_head": written(made.heads[-1]),
        "anew": MADE_AGAIN.transcript,
    }
    for name, content in contents.items():
        (tmp_path / name).write_bytes(content)
    return {name: tmp_path / name for name in contents}


def verify(files: dict[str, Path], file: str = "transcript", *, head: str = "head") -> Result:
    """Call verify-draw with JSON."""
    return call("verify-draw", files[file], "--keys", files["keys"], "--head", files[head], "--json")


def test_verify_draw_tells_what_was_drawn(files: dict[str, Path], made: Made) -> None:
    """A transcript that holds ends with status 0 and names the drawn institutions in their order."""
    result = verify(files)
    told = last_json(result)
    drawn = compute_draw(made.pool, made.openings)

    assert (result.exit_code, told["verified"], told["draw_id"], told["seed"]) == (0, True, DRAW_ID, drawn.seed)
    assert [pick["id"] for pick in told["picks"]] == list(drawn.picks)
    assert told["frozen_before"] is True
    assert last_json(verify(files, head="late_head"))["frozen_before"] is False
    for head in ("head", "late_head"):
        for_people = call("verify-draw", files["transcript"], "--keys", files["keys"], "--head", files[head])
        assert (for_people.exit_code, "已核验" in for_people.output) == (0, True)


def test_verify_draw_refuses_a_changed_byte_and_a_transcript_made_anew(files: dict[str, Path]) -> None:
    """What does not fit is named, in both languages, with its article, and the status is not 0."""
    files["transcript"].write_bytes(files["transcript"].read_bytes().replace(b"LIC-00001", b"LIC-00009"))
    changed, anew = verify(files), verify(files, "anew")

    assert (changed.exit_code, last_json(changed)["why"]) == (1, "draw_pool_not_in_chain")
    assert (anew.exit_code, last_json(anew)["why"]) == (1, "draw_head_not_of_chain")
    assert last_json(anew)["article"]
    assert "picks" not in last_json(anew)
    for_people = call("verify-draw", files["anew"], "--keys", files["keys"], "--head", files["head"])
    assert (for_people.exit_code, "未通过核验" in for_people.output, "made anew" in for_people.output) == (
        1,
        True,
        True,
    )


def test_verify_draw_needs_keys_and_head(files: dict[str, Path]) -> None:
    """Without pinned keys or a kept head nothing is verified; keys that cannot be read are told without a trace."""
    assert call("verify-draw", files["transcript"], "--keys", files["keys"]).exit_code == 2
    assert call("verify-draw", files["transcript"], "--head", files["head"]).exit_code == 2
    files["keys"].write_bytes(b"[")
    unreadable = verify(files)
    assert (unreadable.exit_code, "draw_keys_unreadable" in unreadable.output) == (1, True)


def test_draw_repeats_the_rfcs_worked_example(tmp_path: Path) -> None:
    """The published selection comes out, numbered from one, as the last line; for people with names and digests."""
    pool = tmp_path / "pool.txt"
    pool.write_text("".join(f"Name {i}\n" for i in range(1, 26)), encoding="utf-8")
    arguments = ("draw", "--mode", "rfc3797", "--pool", pool, "--key", KEY_3797, "--pick", 16)
    result = call(*arguments, "--json")

    assert (result.exit_code, last_json(result)) == (0, {"picks": PICKS_3797})
    assert "17 Name 17  [990DD0A5692A029A98B5E01AA28F3459]" in call(*arguments).output


@pytest.mark.parametrize(
    ("names", "key", "pick", "code"),
    [
        ("", KEY_3797, 1, "draw_names_empty"),
        ("a\n\nb\n", KEY_3797, 1, "draw_names_unreadable"),
        ("a\na\n", KEY_3797, 1, "draw_name_twice"),
        ("a\nb\n", KEY_3797, 3, "draw_picks_out_of_range"),
        ("a\nb\n", KEY_3797, 0, "draw_picks_out_of_range"),
        ("a\nb\n", "9319", 1, "rfc3797_key_malformed"),
    ],
)
def test_bad_input_of_a_draw_is_told_with_its_code(tmp_path: Path, names: str, key: str, pick: int, code: str) -> None:
    """Each bad input ends with status 1, a code and a sentence in both languages."""
    pool = tmp_path / "pool.txt"
    pool.write_text(names, encoding="utf-8")
    result = call("draw", "--mode", "rfc3797", "--pool", pool, "--key", key, "--pick", pick, "--json")

    assert (result.exit_code, code in result.output, "。" in result.output) == (1, True, True)
    assert '"picks"' not in result.output


def test_draw_v1_repeats_a_draw_from_its_pool_and_openings(tmp_path: Path, made: Made) -> None:
    """A frozen pool and what was opened give the transcript's seed, order and picks; a pool with a blank more does not."""
    pool, openings = tmp_path / "pool.json", tmp_path / "openings.json"
    pool.write_bytes(freeze(made.pool))
    openings.write_bytes(written(made.openings))
    drawn = compute_draw(made.pool, made.openings)
    result = call("draw", "--pool", pool, "--openings", openings, "--json")

    assert result.exit_code == 0
    assert last_json(result) == {"seed": drawn.seed, "order": list(drawn.order), "picks": list(drawn.picks)}
    assert drawn.seed in call("draw", "--pool", pool, "--openings", openings).output
    pool.write_bytes(freeze(made.pool) + b"\n")
    assert "draw_record_not_canonical" in call("draw", "--pool", pool, "--openings", openings).output
    pool.write_bytes(freeze(made.pool))
    openings.write_bytes(b"{}")
    assert "draw_record_misshapen" in call("draw", "--pool", pool, "--openings", openings).output


def test_options_of_the_other_mode_are_refused(tmp_path: Path) -> None:
    """What belongs to the other mode, or is missing, is a wrong use of the command."""
    pool = tmp_path / "pool"
    pool.write_text("a\n", encoding="utf-8")
    for arguments in (
        ("--mode", "rfc3797"),
        ("--mode", "rfc3797", "--key", "1./"),
        ("--mode", "rfc3797", "--key", "1./", "--pick", 1, "--openings", pool),
        (),
        ("--openings", pool, "--key", "1./"),
        ("--openings", pool, "--pick", 1),
    ):
        assert call("draw", "--pool", pool, *arguments).exit_code == 2


def test_secret_is_made_with_its_commitment() -> None:
    """Each call makes another secret of 32 bytes, and the commitment that opens with it."""
    first, second = (last_json(call("draw-secret", DRAW_ID, "court", "--json")) for _ in range(2))

    assert first["secret"] != second["secret"]
    assert len(bytes.fromhex(first["secret"])) == 32
    assert first["commitment"] == commitment(DRAW_ID, "court", first["secret"])
    assert call("draw-secret", DRAW_ID, "court").exit_code == 0
