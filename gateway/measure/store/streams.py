"""Streams for the recomputation: everything in one snapshot, entity by entity, a thousand rows at a time."""

from collections.abc import Iterator

import sqlalchemy as sa

from contracts.area import AreaScope
from gateway.measure.store.columns import Row, bounds

IN_AREA = "area_code >= :lower and area_code < :upper"
SNAPSHOT = sa.text("set transaction isolation level repeatable read, read only")
SCOPE = sa.text("select set_config('kith.area', :area, true)")
ENTITIES = sa.text(f"""
    select e.entity, d.at, a.known
    from entity e left join due d using (entity) left join admission_fact a using (entity)
    where e.{IN_AREA.replace("and ", "and e.")} order by entity
""")
FACTS = sa.text(f"""
    select entity, kind, valid_on, position, data from fact where {IN_AREA} order by entity, position
""")
CONTRIBUTIONS = sa.text(f"""
    select entity, indicator, period, area_code, breakdown, num, den from contrib where {IN_AREA} order by entity
""")
TOTALS = sa.text(f"""
    select indicator, period, area_code, breakdown, a.num, a.den, c.num as added_num, c.den as added_den
    from (select * from agg where {IN_AREA}) a full join (
        select indicator, period, area_code, breakdown, sum(num)::bigint as num, sum(den)::bigint as den
        from contrib where {IN_AREA} group by indicator, period, area_code, breakdown
    ) c using (indicator, period, area_code, breakdown)
    order by indicator, period, area_code, breakdown
""")


def begin_transaction(connection: sa.Connection, *, within: AreaScope, snapshot: bool = False) -> None:
    """The first statements of a transaction: see only the area, and with `snapshot` only what is committed by now."""
    if snapshot:
        connection.execute(SNAPSHOT)
    connection.execute(SCOPE, {"area": within.code})


def entities(connection: sa.Connection, *, within: AreaScope) -> Iterator[Row]:
    """Every entity with its due day and what admission may look up."""
    return _stream(connection, ENTITIES, within)


def facts(connection: sa.Connection, *, within: AreaScope) -> Iterator[Row]:
    """Every fact, by entity."""
    return _stream(connection, FACTS, within)


def contributions(connection: sa.Connection, *, within: AreaScope) -> Iterator[Row]:
    """Every stored contribution, by entity."""
    return _stream(connection, CONTRIBUTIONS, within)


def totals(connection: sa.Connection, *, within: AreaScope) -> Iterator[Row]:
    """Every stored figure beside the sum of the stored contributions to it; either may be missing."""
    return _stream(connection, TOTALS, within)


def _stream(connection: sa.Connection, statement: sa.TextClause, within: AreaScope) -> Iterator[Row]:
    return iter(connection.execute(statement.execution_options(yield_per=1000), bounds(within)))
