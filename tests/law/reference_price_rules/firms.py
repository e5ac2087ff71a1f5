"""Institutions: bars, sub-lists, the pool, the choice, whose turn it is (参考价 15–17, 19, 23; 评估规范; 资产评估法 20)."""

from __future__ import annotations

from datetime import UTC, date, datetime
from uuid import UUID

from auction.kernel.clock import MICROSECOND, day_start
from auction.law.parameters import LAW
from tests.law.reference_price_rules.shared import ON, PAPER, Adapter, Ended, Given, Word, uuid
from valuation.agencies.register import (
    Agency,
    AgencyOverpriced,
    AgencyPunished,
    Appraiser,
    Change,
    Entry,
    Recusal,
    Removal,
    check_change,
    fold,
)
from valuation.agencies.sub_lists import Level, SubListsThin, choose_sub_list
from valuation.draws.request_draw import DrawRequested, check_undrawn
from valuation.selections.pool import Asked, why_not
from valuation.selections.proposing_agencies import named_on_list
from valuation.selections.ranking import has_turn
from valuation.selections.selection import (
    Proposal,
    ProposalLate,
    ProposalMalformed,
    Selection,
    check_open,
    check_proposal,
    standing,
)
from valuation.selections.selection_store import RankRow
from valuation.sides.speaking import SIDES, Side
from web.sample_agencies import sample_credit_code

PROVINCES = {"qinghai": "青海省", "tibet": "西藏自治区", "other": "示例省"}
LEVELS: dict[str, Level] = {"city": "city", "province": "province", "professional": "national"}
NAMES = {level: name for name, level in LEVELS.items()}
CITY = "示例市"


def agency(name: str, *, province: str = "示例省", city: str = CITY) -> Agency:
    """Give an institution in good standing."""
    return Agency(
        agency_id=uuid(name),
        name=name,
        credit_code=sample_credit_code(1),
        licence_no=name,
        licence_from=date(2020, 1, 1),
        licence_until=date(2030, 1, 1),
        professions=("real_estate",),
        province=province,
        city=city,
        appraisers=tuple(
            Appraiser(
                name=letter, licence_no=name + letter, licence_from=date(2020, 1, 1), licence_until=date(2030, 1, 1)
            )
            for letter in "张李"
        ),
        entered_on=date(2020, 1, 1),
    )


def entry(name: str, given: Given | None = None) -> Entry:
    """Give the entry by which an institution comes onto the register."""
    listed = agency(name)
    told = {field: getattr(listed, field) for field in Entry.__struct_fields__ if hasattr(listed, field)}
    given = given or {}
    return Entry(
        **told,
        last_punished_on=given.get("punished_on"),
        fee_fen=given.get("fee_fen"),
        average_fee_fen=given.get("average_fee_fen"),
    )


def change(content: Entry | Removal | Recusal, on: date) -> Change:
    """Give a change that was confirmed on this day."""
    case_id = uuid("case") if isinstance(content, Recusal) else None
    return Change(
        change_id=uuid("change"),
        agency_id=uuid("甲"),
        case_id=case_id,
        content=content,
        reason="理由",
        document_sha256=PAPER,
        confirmed_at=day_start(on),
    )


def is_barred(given: Given) -> object:
    """Answer whether a removed institution is barred on a day, as the register folds its changes."""
    removed = change(Removal(ground="fraud"), given["removed_on"])
    register = fold([change(entry("甲"), date(2020, 1, 2)), removed])
    return register[uuid("甲")].is_barred(given["on"])


def sub_list(given: Given) -> object:
    """Answer the list that is drawn from."""
    province = PROVINCES[given.get("province_name", "other")]
    near = [agency(f"near {n}", province=province) for n in range(given["city"])]
    rest = max(0, given["province"] - given["city"])
    elsewhere = [agency(f"elsewhere {n}", province=province, city="样本市") for n in range(rest)]
    chosen = choose_sub_list(
        [*near, *elsewhere],
        profession="real_estate",
        province=province,
        city=CITY,
        on=ON,
        named=LEVELS.get(given.get("both_ask", "")),
    )
    return NAMES[chosen.used.level]


def pool_exclusion(given: Given) -> object:
    """Answer whether an institution may enter, and be drawn in a case."""
    on = given["on"]
    check_change(entry("甲", given), reason="理由", document_sha256=PAPER, today=on)
    recused = given.get("own_interest", False) or given.get("both_sides", False)
    changes = [change(entry("甲"), date(2020, 1, 2)), *([change(Recusal(), on)] if recused else [])]
    exclusion = why_not(fold(changes)[uuid("甲")], Asked(purpose="valuation_agency", case_id=uuid("case"), on=on))
    if exclusion is not None:
        assert given_article(exclusion.reason) in exclusion.article
        raise Ended(exclusion.reason)
    return "in"


def given_article(reason: str) -> str:
    """Give the article that an exclusion of the examples rests on."""
    return {"conflict": "资产评估法 20"}[reason]


def choice_of_firms(given: Given) -> object:
    """Answer the institutions agreed on, or that they are drawn."""
    until = given.get("deadline", day_start(ON)) + MICROSECOND
    at = given.get("submitted_at", until - MICROSECOND)
    proposals: dict[UUID, Proposal] = {}
    for side in SIDES[: 1 if given.get("party_missing") else 2]:
        try:
            proposals[uuid(side)] = proposed(given, at=at, until=until)
        except (ProposalLate, ProposalMalformed):
            continue
    asked: dict[UUID, Side] = {uuid(side): side for side in SIDES}
    found = standing(proposals, asked, at=until, until=until)
    if found.state == "draw":
        check_undrawn(1 if given.get("drawn_before") else 0)
        return "draw"
    names = {uuid(name): name for name in given["in_list"]}
    return [names[agency_id] for agency_id in found.agency_ids]


def proposed(given: Given, *, at: datetime, until: datetime) -> Proposal:
    """Give one side's proposal as the product takes it."""
    selection = Selection(
        mandate_id=uuid("mandate"),
        purpose="valuation_agency",
        case_id=uuid("case"),
        asset_id=uuid("asset"),
        profession="real_estate",
        province="示例省",
        city=CITY,
        opened_by=uuid("handler"),
        opened_at=datetime(2026, 10, 1, tzinfo=UTC),
        proposals_until=until,
    )
    proposal = Proposal(agency_ids=tuple(map(uuid, given["agreed"])))
    check_open(at, selection)
    check_proposal(proposal, needed=LAW.count("reference_price.firms_drawn", on=ON))
    named_on_list({uuid(name): agency(name) for name in given["in_list"]}, selection, proposal, on=ON)
    return proposal


def mandate_goes_to(given: Given) -> object:
    """Answer who has the turn."""
    rows = [
        RankRow(
            mandate_id=uuid("mandate"),
            rank=rank,
            agency_id=uuid(name),
            name=name,
            licence_no=name,
            origin="draw",
            draw_id=uuid("draw"),
            ranked_at=datetime(2026, 10, 1, tzinfo=UTC),
            replaced_for=given["out"].get(name),
            replacement_document=None,
            replaced_at=None,
        )
        for rank, name in enumerate(given["ranked"], 1)
    ]
    turn = has_turn(rows)
    return None if turn is None else turn.name


EXCLUDED: dict[str, Word] = {
    "punished": AgencyPunished,
    "fees_above_average": AgencyOverpriced,
    "conflict": "conflict",
}
RULES = {
    "sub_list": Adapter(sub_list, {"lists_thin": SubListsThin}),
    "pool_exclusion": Adapter(pool_exclusion, EXCLUDED),
    "choice_of_firms": Adapter(choice_of_firms, {"already_drawn": DrawRequested}),
    "mandate_goes_to": Adapter(mandate_goes_to),
}
