"""Bring a testbed's lots before the public: case, asset, price, panel, notice, by the steps that a court takes.

Every step is the sale's own use case and keeps its rules. Every command has the id that it always has, so a run that was cut off is
simply made again: what was done is found done.
"""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import Final
from uuid import UUID

from auction.contracts import ReferencePrice
from auction.kernel.actors import SYSTEM, Actor, Role
from auction.kernel.clock import local_day
from auction.kernel.db import Database
from auction.kernel.ids import AccountId, PersonId
from auction.sale.cases.assets import MANDATORY, AssetClass, Fact
from auction.sale.cases.cases import OWN_ROOM, Instrument
from auction.sale.cases.choose_platform import ChoosePlatform, choose_platform
from auction.sale.cases.open_case import OpenCase, open_case
from auction.sale.cases.record_asset import RecordAsset, record_asset
from auction.sale.cases.record_seizure import RecordSeizure, record_seizure
from auction.sale.cases.take_reference_price import TakeReferencePrice, take_reference_price
from auction.sale.lots import store as lots
from auction.sale.lots.cast_vote import CastVote, cast_vote
from auction.sale.lots.decide_listing import DecideListing, decide_listing
from auction.sale.lots.form_panel import FormPanel, form_panel
from auction.sale.lots.list_lot import ListLot, list_lot
from auction.sale.lots.lots import Terms
from auction.sale.lots.panel import Member
from auction.sale.lots.publish_notice import PublishNotice, publish_notice
from auction.sale.rounds import store as rounds
from web.testbed.testbed import Schedule, id_of

COURT: Final = "北京市示例区人民法院（压测）"
JUDGES: Final = 3
REFERENCE_FEN: Final = 1_400_000_00
RESERVE_FEN: Final = 1_000_000_00
DEPOSIT_FEN: Final = 100_000_00
INCREMENT_FEN: Final = 1_000_00
PRICE_LASTS: Final = timedelta(days=360)
SEIZED_BEFORE: Final = timedelta(days=30)
SEIZED_FOR: Final = timedelta(days=700)
BALANCE_DAYS: Final = 15
NUMBERS: Final = 1_000_000
ASSET_CLASS: Final = AssetClass.MOVABLE


class Names:
    """The ids of a testbed's things; they follow from its name alone."""

    def __init__(self, name: str) -> None:
        """Keep the name."""
        self.name = name

    def case(self, number: int) -> UUID:
        """Give the id of a lot's case; each lot has one, so that more lots can be made when bidders are parties of others."""
        return id_of(self.name, "case", str(number))

    def lot(self, number: int) -> UUID:
        """Give the id of a lot."""
        return id_of(self.name, "lot", str(number))

    def round(self, number: int) -> UUID:
        """Give the id of a lot's round."""
        return id_of(self.name, "round", str(number))

    def command(self, *what: str) -> UUID:
        """Give the id of a command."""
        return id_of(self.name, "command", *what)


class Court(Names):
    """The made-up officers of a testbed, and the times at which they act."""

    def __init__(self, name: str, times: Schedule) -> None:
        """Give each officer the id that he always has."""
        super().__init__(name)
        self.times = times
        self.handler = self._officer("handler", Role.CASE_HANDLER, Role.CLERK, Role.BUREAU_HEAD)
        self.judges = tuple(
            self._officer(f"judge {number}", Role.PANEL_MEMBER, *((Role.PRESIDING_JUDGE,) if number == 0 else ()))
            for number in range(JUDGES)
        )

    def case_number(self, number: int) -> str:
        """Give the number of a lot's file, drawn from the testbed's name."""
        drawn = int.from_bytes(hashlib.sha256(self.name.encode()).digest()[:6], "big") % NUMBERS + NUMBERS
        return f"({local_day(self.times.announced_at).year})京0105执{drawn + number}号"

    def _officer(self, what: str, *roles: Role) -> Actor:
        return Actor(
            account_id=AccountId(id_of(self.name, "account", what)),
            person_id=PersonId(id_of(self.name, "person", what)),
            roles=frozenset(roles),
        )


async def _open_case(db: Database, court: Court, number: int) -> None:
    """Open a lot's case with its platform and its panel."""
    case_id = court.case(number)
    opening = OpenCase(
        command_id=court.command("open case", str(number)),
        case_id=case_id,
        case_number=court.case_number(number),
        court=COURT,
        handler_person_id=court.handler.person_id,
        handler_name="压测承办",
        telephone="010-12345678",
        supervision_telephone="010-87654321",
        instrument=Instrument(title="民事判决书", number=court.case_number(number).replace("执", "民初"), court=COURT),
        case_account_number=f"testbed-{court.name}-{number}",
    )
    await open_case(db, court.handler, opening)
    platform = ChoosePlatform(
        command_id=court.command("platform", str(number)), case_id=case_id, platform=OWN_ROOM, chosen_by="applicant"
    )
    await choose_platform(db, court.handler, platform)
    members = tuple(
        Member(person_id=judge.person_id, name=f"压测法官{which}", is_presiding=which == 0)
        for which, judge in enumerate(court.judges)
    )
    panel = FormPanel(
        command_id=court.command("panel", str(number)),
        panel_id=id_of(court.name, "panel", str(number)),
        case_id=case_id,
        members=members,
    )
    await form_panel(db, court.handler, panel)


async def announce_lot(db: Database, court: Court, number: int) -> None:
    """Bring lot ``number`` to its notice, unless it has one."""
    async with db.reading() as tx:
        if await rounds.newest_round(tx, court.lot(number)) is not None:
            return
    asset_id = id_of(court.name, "asset", str(number))
    await _open_case(db, court, number)
    await _record(db, court, number, asset_id)
    listing = ListLot(
        command_id=court.command("list", str(number)),
        lot_id=court.lot(number),
        case_id=court.case(number),
        asset_id=asset_id,
        terms=_terms(court, number),
    )
    await _decide(db, court, number, (await list_lot(db, court.handler, listing)).question_id)
    notice = PublishNotice(
        command_id=court.command("notice", str(number)), lot_id=court.lot(number), round_id=court.round(number)
    )
    await publish_notice(db, court.handler, notice)


async def _record(db: Database, court: Court, number: int, asset_id: UUID) -> None:
    """Record the asset with its seizure and its reference price."""
    on = local_day(court.times.announced_at)
    facts = tuple(
        Fact(field=field, zh="压测标的，无实物", en="a made-up asset", source="压测环境", as_of=on)
        for field in MANDATORY[ASSET_CLASS]
    )
    asset = RecordAsset(
        command_id=court.command("asset", str(number)),
        asset_id=asset_id,
        case_id=court.case(number),
        asset_class=ASSET_CLASS,
        title=f"压测标的 {court.name} {number + 1}",
        address="示例区示例路 1 号",
        registry_number=f"testbed-{court.name}-{number}",
        facts=facts,
    )
    await record_asset(db, court.handler, asset)
    seizure = RecordSeizure(
        command_id=court.command("seizure", str(number)),
        seizure_id=id_of(court.name, "seizure", str(number)),
        asset_id=asset_id,
        case_id=court.case(number),
        court=COURT,
        case_number=court.case_number(number),
        kind="detain",
        rank=1,
        valid_from=on - SEIZED_BEFORE,
        valid_until=on - SEIZED_BEFORE + SEIZED_FOR,
        document_ref="查封裁定",
    )
    await record_seizure(db, court.handler, seizure)
    price = ReferencePrice(
        reference_price_id=id_of(court.name, "price", str(number)),
        case_id=court.case(number),
        asset_id=asset_id,
        method="agreement",
        amount_fen=REFERENCE_FEN,
        fixed_at=court.times.announced_at,
        valid_until=on + PRICE_LASTS,
        evidence_sha256=hashlib.sha256(str(asset_id).encode()).hexdigest(),
    )
    await take_reference_price(
        db, SYSTEM, TakeReferencePrice(command_id=court.command("price", str(number)), price=price)
    )


def _terms(court: Court, number: int) -> Terms:
    return Terms(
        kind="first",
        title_zh=f"压测标的 {court.name} {number + 1}",
        title_en=f"Load test lot {court.name} {number + 1}",
        reserve_fen=RESERVE_FEN,
        deposit_fen=DEPOSIT_FEN,
        increment_fen=INCREMENT_FEN,
        opens_at=court.times.opens_at,
        closes_at=court.times.closes_at,
        balance_days=BALANCE_DAYS,
        tax_burden_zh="税费依照税法规定由买卖双方各自承担。",
        tax_burden_en="Each side bears the taxes that tax law puts on it.",
        description_zh="压测环境的拍品，并无实物。",
        description_en="A lot of a testbed; there is no such thing.",
    )


async def _decide(db: Database, court: Court, number: int, question_id: UUID) -> None:
    """Let the panel vote and decide."""
    async with db.reading() as tx:
        proposal_sha256 = (await lots.open_question(tx, question_id)).proposal_sha256
    for which, judge in enumerate(court.judges):
        vote = CastVote(
            command_id=court.command("vote", str(number), str(which)),
            question_id=question_id,
            vote="approve",
            proposal_sha256=proposal_sha256,
            opinion="同意",
        )
        await cast_vote(db, judge, vote)
    decision = DecideListing(command_id=court.command("decide", str(number)), lot_id=court.lot(number))
    await decide_listing(db, court.judges[0], decision)
