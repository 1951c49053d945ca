"""Entities with their facts and contributions: one statement for a whole batch, locks always in the same order."""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date

import sqlalchemy as sa

from contracts.area import AreaScope
from gateway.measure.facts import Fact, NewFact
from gateway.measure.folding import Amount, Cell
from gateway.measure.store.columns import bounds, columns, demand

CELLS = """unnest(cast(:indicators as text[]), cast(:periods as text[]), cast(:areas as text[]),
        cast(:breakdowns as text[]), cast(:nums as bigint[]), cast(:dens as bigint[]))
        as cell (indicator, period, area_code, breakdown, num, den)"""
CELL_NAMES = ("indicators", "periods", "areas", "breakdowns")
INSERT_ENTITIES = sa.text("""
    insert into entity (entity, area_code)
    select entity, area_code from unnest(cast(:entities as text[]), cast(:areas as text[])) as wanted (entity, area_code)
    order by entity collate "C" on conflict do nothing
""")
LOCK_ENTITIES = sa.text("""
    select entity from entity where entity = any(cast(:entities as text[])) and area_code >= :lower and area_code < :upper
    order by entity for update
""")
CLAIM = """
    select entity from entity
    where entity in (select entity from due where at <= :today order by at, entity limit :limit)
      and area_code >= :lower and area_code < :upper
    order by entity for update
"""
CLAIM_DUE, CLAIM_FREE = sa.text(CLAIM), sa.text(f"{CLAIM} skip locked")
KEEP_FACTS = sa.text("""
    insert into fact (entity, area_code, kind, valid_on, event_id, data)
    select entity, area_code, kind, valid_on, event_id, data
    from unnest(cast(:entities as text[]), cast(:areas as text[]), cast(:kinds as text[]), cast(:days as date[]),
        cast(:events as uuid[]), cast(:data as jsonb[])) with ordinality
        as kept (entity, area_code, kind, valid_on, event_id, data, place)
    order by place on conflict do nothing
""")
FACTS = sa.text("""
    select entity, kind, valid_on, position, data from fact
    where entity = any(cast(:entities as text[])) and area_code >= :lower and area_code < :upper
""")
CONTRIBUTIONS = sa.text("""
    select entity, indicator, period, area_code, breakdown, num, den from contrib
    where entity = any(cast(:entities as text[])) and area_code >= :lower and area_code < :upper
""")
REMOVE = sa.text("""
    delete from contrib c
    using unnest(cast(:entities as text[]), cast(:indicators as text[]), cast(:periods as text[]),
        cast(:areas as text[]), cast(:breakdowns as text[])) as gone (entity, indicator, period, area_code, breakdown)
    where c.entity = gone.entity and c.indicator = gone.indicator and c.period = gone.period
      and c.area_code = gone.area_code and c.breakdown = gone.breakdown
""")
PUT = sa.text("""
    insert into contrib (entity, indicator, period, area_code, breakdown, num, den)
    select * from unnest(cast(:entities as text[]), cast(:indicators as text[]), cast(:periods as text[]),
        cast(:areas as text[]), cast(:breakdowns as text[]), cast(:nums as bigint[]), cast(:dens as bigint[]))
    on conflict (entity, indicator, period, breakdown, area_code)
    do update set num = excluded.num, den = excluded.den
""")
ADD_TO_TOTALS = sa.text(f"""
    insert into agg (indicator, period, area_code, breakdown, num, den)
    select indicator, period, area_code, breakdown, num, den from {CELLS}
    order by indicator, period, breakdown, area_code
    on conflict (indicator, period, breakdown, area_code)
    do update set num = agg.num + excluded.num, den = agg.den + excluded.den
""")
SET_DUE = sa.text("""
    insert into due (entity, area_code, at)
    select entity, e.area_code, wanted.at
    from unnest(cast(:entities as text[]), cast(:days as date[])) as wanted (entity, at) join entity e using (entity)
    on conflict (entity) do update set at = excluded.at where due.at <> excluded.at
""")
CLEAR_DUE = sa.text("delete from due where entity = any(cast(:entities as text[]))")
SET_KNOWN = sa.text("""
    insert into admission_fact (entity, area_code, known)
    select entity, e.area_code, wanted.known
    from unnest(cast(:entities as text[]), cast(:known as jsonb[])) as wanted (entity, known)
    join entity e using (entity)
    on conflict (entity) do update set known = excluded.known where admission_fact.known <> excluded.known
""")
KNOWN = sa.text("""
    select known from admission_fact where entity = :entity and area_code >= :lower and area_code < :upper
""")

KNOWN_OF_ALL = sa.text("""
    select entity, known from admission_fact
    where entity = any(:entities) and area_code >= :lower and area_code < :upper
""")

Contributions = dict[str, dict[Cell, Amount]]


def lock_entities(connection: sa.Connection, areas: Mapping[str, str], *, within: AreaScope) -> None:
    """Make the entities (entity -> area code) that are missing, then lock all: a row that is not there locks nothing."""
    demand(areas.values(), within)
    connection.execute(INSERT_ENTITIES, columns(sorted(areas.items()), "entities", "areas"))
    connection.execute(LOCK_ENTITIES, {"entities": sorted(areas), **bounds(within)})


def claim_due(
    connection: sa.Connection, today: date, limit: int, *, within: AreaScope, waiting: bool = False
) -> list[str]:
    """Lock up to `limit` entities that time changes by `today`. Those that somebody else folds now are passed over,
    unless `waiting`. The entity is locked and never its due row, which only the holder of the entity writes."""
    statement = CLAIM_DUE if waiting else CLAIM_FREE
    return list(connection.scalars(statement, {"today": today, "limit": limit, **bounds(within)}))


def keep_facts(connection: sa.Connection, facts: Sequence[NewFact], *, within: AreaScope) -> None:
    """Keep facts in the order in which they came; one that is there already stays as it is."""
    demand((fact.area_code for fact in facts), within)
    rows = [(f.entity, f.area_code, f.kind, f.valid_on, str(f.event_id), json.dumps(dict(f.data))) for f in facts]
    connection.execute(KEEP_FACTS, columns(rows, "entities", "areas", "kinds", "days", "events", "data"))


def facts_about(connection: sa.Connection, entities: Sequence[str], *, within: AreaScope) -> dict[str, list[Fact]]:
    """All facts about each entity, in any order."""
    found: dict[str, list[Fact]] = defaultdict(list)
    for row in connection.execute(FACTS, {"entities": list(entities), **bounds(within)}):
        found[row.entity].append(Fact(*row))
    return found


def contributions_of(connection: sa.Connection, entities: Sequence[str], *, within: AreaScope) -> Contributions:
    """What each entity adds to the figures now."""
    found: Contributions = defaultdict(dict)
    for entity, *cell, num, den in connection.execute(
        CONTRIBUTIONS, {"entities": list(entities), **bounds(within)}
    ):
        found[entity][Cell(*cell)] = (num, den)
    return found


def remove_contributions(connection: sa.Connection, gone: Sequence[tuple[str, Cell]], *, within: AreaScope) -> None:
    """Drop what an entity no longer adds."""
    demand((cell.area_code for _, cell in gone), within)
    if gone:
        rows = [(entity, *cell) for entity, cell in gone]
        connection.execute(REMOVE, columns(rows, "entities", *CELL_NAMES))


def put_contributions(
    connection: sa.Connection, changed: Sequence[tuple[str, Cell, Amount]], *, within: AreaScope
) -> None:
    """Write what an entity adds anew or differently."""
    demand((cell.area_code for _, cell, _ in changed), within)
    if changed:
        rows = [(entity, *cell, *amount) for entity, cell, amount in changed]
        connection.execute(PUT, columns(rows, "entities", *CELL_NAMES, "nums", "dens"))


def add_to_totals(connection: sa.Connection, deltas: Mapping[Cell, Amount], *, within: AreaScope) -> None:
    """Add differences to the figures: one statement, ordered by cell, so that two of them never wait in a circle."""
    demand((cell.area_code for cell in deltas), within)
    if deltas:
        rows = [(*cell, *amount) for cell, amount in deltas.items()]
        connection.execute(ADD_TO_TOTALS, columns(rows, *CELL_NAMES, "nums", "dens"))


def set_due(connection: sa.Connection, days: Mapping[str, date | None], *, within: AreaScope) -> None:
    """Write down when time alone will next change each entity, or that it will not. Row security bounds it."""
    due = [(entity, day) for entity, day in days.items() if day is not None]
    connection.execute(CLEAR_DUE, {"entities": [entity for entity, day in days.items() if day is None]})
    connection.execute(SET_DUE, columns(due, "entities", "days"))


def set_known(connection: sa.Connection, known: Mapping[str, Mapping[str, str]], *, within: AreaScope) -> None:
    """Write down what admission may look up about each entity. Row security bounds it."""
    if known:
        rows = [(entity, json.dumps(dict(values))) for entity, values in known.items()]
        connection.execute(SET_KNOWN, columns(rows, "entities", "known"))


def known_of_all(
    connection: sa.Connection, entities: Sequence[str], *, within: AreaScope
) -> dict[str, dict[str, str]]:
    """What admission may look up about these entities, as far as something is known of them."""
    rows = connection.execute(KNOWN_OF_ALL, {"entities": list(entities), **bounds(within)})
    return {row.entity: row.known for row in rows}


def known_of(connection: sa.Connection, entity: str, *, within: AreaScope) -> dict[str, str] | None:
    """What admission may look up about one entity; None if nothing is known of it."""
    known: dict[str, str] | None = connection.scalar(KNOWN, {"entity": entity, **bounds(within)})
    return known
