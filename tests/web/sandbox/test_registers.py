"""The register sandboxes: once per question id, their moods, and a signed answer that anyone can check."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from auction.kernel.errors import Refusal
from auction.kernel.signing import check_document
from auction.law.asset_facts import FACT_LAW
from tests.web.sandbox.conftest import Town, eventually_async
from web.sandbox.companies.server import COMPANIES
from web.sandbox.registry.server import REGISTRY
from web.sandbox.tax.server import OFFICE
from web.sandbox.vehicles.server import VEHICLES

SERVERS = ("registry", "vehicles", "companies", "tax")
CLASS_OF = {"registry": "home", "vehicles": "vehicle", "companies": "equity", "tax": "movable"}


def question(name: str, **changes: object) -> dict[str, Any]:
    """Ask a register all that it holds of its class."""
    asset_class = CLASS_OF[name]
    asked: dict[str, Any] = {
        "question_id": str(uuid.uuid4()),
        "asset_class": asset_class,
        "identifier": "示例登记号-1",
        "subjects": list(FACT_LAW.asked_of(name, asset_class)),
        "purpose": "查明拟处置财产现状",
    }
    return asked | changes


def check(town: Town, name: str, signed: dict[str, Any]) -> None:
    """Check an answer as anybody can."""
    public_key = bytes.fromhex(town.connections[name]["public_key"])
    check_document(signed["document"], sha256=signed["sha256"], signature=signed["signature"], public_key=public_key)


@pytest.mark.parametrize("name", SERVERS)
async def test_question_is_answered_once_per_id(town: Town, name: str) -> None:
    """The answer is signed and about the asset asked; the same id gives the same, other content under it is refused."""
    register, asked = town.partner(name), question(name)
    first = (await register.post("/v1/questions", asked))["question"]
    again = (await register.post("/v1/questions", asked))["question"]
    other = await register.call("POST", "/v1/questions", {**asked, "identifier": "另一登记号"})
    shown = (await register.get(f"/v1/questions/{asked['question_id']}"))["question"]

    check(town, name, first["signed"])
    document = first["signed"]["document"]
    assert first == again == shown
    assert (document["register"], document["identifier"], document["question_id"]) == (
        name,
        asked["identifier"],
        asked["question_id"],
    )
    assert [finding["subject"] for finding in document["findings"]] == asked["subjects"]
    assert (other.status_code, other.json()["error"]["code"]) == (409, "idempotency_key_reused")
    assert await town.order(name, do="replies") == {"sandbox": True, "questions": 1, "replies": 1}


@pytest.mark.parametrize("register", [REGISTRY, VEHICLES, COMPANIES, OFFICE], ids=lambda register: register.key)
def test_register_holds_what_the_table_asks(register: Any) -> None:  # noqa: ANN401 - the sandbox's own struct
    """Each sandbox has an entry for everything that it may be asked by the table."""
    asked = {subject for subjects in FACT_LAW.registers[register.key].says.values() for subject in subjects}

    assert asked == set(register.entries)


async def test_late_down_and_refusing_register(town: Town) -> None:
    """Late answers when released, down takes nothing in, refusing gives its reason and no answer."""
    registry, asked = town.partner("registry"), question("registry")
    await town.order("registry", do="question_mood", mood="down")
    down = await registry.call("POST", "/v1/questions", asked)
    await town.order("registry", do="question_mood", mood="late")
    pending = (await registry.post("/v1/questions", asked))["question"]
    await town.order("registry", do="release_question", question_id=asked["question_id"])

    async def is_answered() -> bool:
        shown = (await registry.get(f"/v1/questions/{asked['question_id']}"))["question"]
        return bool(shown["state"] == "answered")

    await eventually_async(is_answered)
    await town.order("registry", do="question_mood", mood="refuse")
    refused = (await registry.post("/v1/questions", question("registry")))["question"]

    assert (down.status_code, down.json()["error"]["code"]) == (503, "register_down")
    assert (pending["state"], pending["signed"]) == ("pending", None)
    assert (refused["state"], refused["reason"], refused["signed"]) == ("refused", "not_on_register", None)


async def test_wrong_answers(town: Town) -> None:
    """Another asset, no findings, another key, a second answer: each mood gives what it says."""
    registry = town.partner("registry")
    given = {}
    for mood in ("wrong_property", "malformed", "wrong_signature"):
        await town.order("registry", do="question_mood", mood=mood)
        given[mood] = (await registry.post("/v1/questions", question("registry")))["question"]["signed"]
    await town.order("registry", do="question_mood", mood="duplicate")
    asked = question("registry")
    twice = [(await registry.post("/v1/questions", asked))["question"]["signed"] for _ in range(2)]

    check(town, "registry", given["wrong_property"])
    assert given["wrong_property"]["document"]["identifier"] != "示例登记号-1"
    check(town, "registry", given["malformed"])
    assert "findings" not in given["malformed"]["document"]
    with pytest.raises(Refusal):
        check(town, "registry", given["wrong_signature"])
    assert len({signed["document"]["answer_no"] for signed in twice}) == 2


async def test_what_stands_on_the_register_can_be_set(town: Town) -> None:
    """A test or the demonstration says what the register knows of one asset; others keep what they had."""
    entry = {
        "identifier": "示例登记号-1",
        "subject": "burdens",
        "state": "none_found",
        "zh": "无抵押登记",
        "en": "No mortgage",
    }
    await town.order("registry", do="know", **entry)
    registry = town.partner("registry")
    set_one = (await registry.post("/v1/questions", question("registry")))["question"]["signed"]["document"]
    other = (await registry.post("/v1/questions", question("registry", identifier="另一登记号")))["question"]["signed"]

    assert set_one["findings"][1] == {
        "subject": "burdens",
        "state": "none_found",
        "zh": "无抵押登记",
        "en": "No mortgage",
    }
    assert other["document"]["findings"][1]["state"] == "established"


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"identifier": ""}, 400),
        ({"identifier": "1" * 201}, 400),
        ({"subjects": []}, 400),
        ({"subjects": ["mileage"]}, 422),
        ({"party": "somebody"}, 400),
        ({"question_id": "1"}, 400),
    ],
)
async def test_malformed_question_is_refused(town: Town, changes: dict[str, object], status: int) -> None:
    """No number, nothing asked, what the register does not hold, or a field too many: not taken."""
    answer = await town.partner("registry").call("POST", "/v1/questions", question("registry", **changes))

    assert answer.status_code == status
    assert (await town.order("registry", do="replies"))["questions"] == 0
