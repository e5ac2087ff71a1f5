"""Record an asset of the case with what is known of it so far."""

from __future__ import annotations

from uuid import UUID

from auction.kernel.actors import Actor, require_role
from auction.kernel.clock import local_day
from auction.kernel.db import Command, Database, Transaction
from auction.sale.cases import store
from auction.sale.cases.assets import AssetClass, Fact, check_fact
from auction.sale.cases.cases import OFFICERS, require_text
from auction.sale.cases.tables import AssetFactRow, AssetRow
from auction.sale.columns import add


class RecordAsset(Command, frozen=True, kw_only=True):
    """Record this asset; ``in_custody`` matters for vehicles and other movables."""

    asset_id: UUID
    case_id: UUID
    asset_class: AssetClass
    title: str
    address: str
    registry_number: str
    in_custody: bool = True
    facts: tuple[Fact, ...] = ()


class DescribeAsset(Command, frozen=True, kw_only=True):
    """Add values of fields to a recorded asset; a newer value of a field replaces the older on every page."""

    asset_id: UUID
    case_id: UUID
    facts: tuple[Fact, ...]


async def record_asset(db: Database, actor: Actor, command: RecordAsset) -> UUID:
    """Record the asset and its facts; gives its id. Raises: `FieldMissing`, `FactFieldUnknown`, `FactInFuture`."""
    require_role(actor, *OFFICERS)
    title = require_text("asset.title", command.title)

    async def work(tx: Transaction) -> UUID:
        await tx.about_case(command.case_id)
        await store.case_row(tx, command.case_id)
        row = AssetRow(
            asset_id=command.asset_id,
            case_id=command.case_id,
            asset_class=command.asset_class.value,
            title=title,
            address=command.address.strip(),
            registry_number=command.registry_number.strip(),
            in_custody=command.in_custody,
            recorded_at=tx.now,
        )
        await add(tx, row)
        await _add_facts(tx, command.asset_id, command.facts)
        return command.asset_id

    return await db.carry_out(actor, command, work, UUID)


async def describe_asset(db: Database, actor: Actor, command: DescribeAsset) -> UUID:
    """Add facts to an asset. Raises: `AssetUnknown`, `OtherCase`, `FactFieldUnknown`, `FactInFuture`."""
    require_role(actor, *OFFICERS)

    async def work(tx: Transaction) -> UUID:
        await tx.about_case(command.case_id)
        await store.asset_row(tx, command.case_id, command.asset_id)
        await _add_facts(tx, command.asset_id, command.facts)
        return command.asset_id

    return await db.carry_out(actor, command, work, UUID)


async def _add_facts(tx: Transaction, asset_id: UUID, facts: tuple[Fact, ...]) -> None:
    number = await store.fact_count(tx, asset_id)
    for fact in facts:
        check_fact(fact, today=local_day(tx.now))
        number += 1
        row = AssetFactRow(
            asset_id=asset_id,
            number=number,
            field=fact.field,
            zh=fact.zh,
            en=fact.en,
            source=fact.source,
            as_of=fact.as_of,
            recorded_at=tx.now,
        )
        await add(tx, row)
