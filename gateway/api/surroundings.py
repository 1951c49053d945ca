"""What rules may ask beside the body: the day and days around it, the level of the area that the body names, the
catalogue, and facts that measure knows."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa

from chassis.database import SET_SCOPE
from contracts.area import AreaScope, level_of
from gateway.api.judging import Moment
from gateway.measure.indicators import BY_CODE
from gateway.measure.lookups import entity_facts
from gateway.measure.periods import Span, period_of

KNOWN_BY = {"pair": ("match", "match_id"), "match": ("match", "match_id")}
"""First word of a fact's name -> what measure calls the entity, and the field of the body that names it."""

CATALOGUE = frozenset(BY_CODE)
MONTH, YEAR = timedelta(days=31), timedelta(days=366)


def surroundings(
    connection: sa.Connection, needed: frozenset[str], body: Mapping[str, Any], area: str, today: date
) -> Moment:
    """Context and facts of a change by somebody whose area is `area`; a fact that is not known is left out."""
    context = context_of(body, today)
    roots = {name.split(".")[0] for name in needed} & KNOWN_BY.keys()
    entities = {root: entity for root in roots if (entity := _entity(root, body))}
    if not entities:
        return Moment(context, {})
    connection.execute(SET_SCOPE, {"area": area})
    known = {entity: entity_facts(connection, entity, within=AreaScope(area)) for entity in set(entities.values())}
    return Moment(context, {root: known[entity] or {} for root, entity in entities.items()})


def _entity(root: str, body: Mapping[str, Any]) -> str | None:
    kind, field = KNOWN_BY[root]
    return f"{kind}:{body[field]}" if body.get(field) else None


def context_of(body: Mapping[str, Any], today: date) -> dict[str, Any]:
    """What is known without asking anybody."""
    year = period_of(today, Span.YEAR)
    said = body.get("area_code")
    level = level_of(said) if isinstance(said, str) else None
    return {
        "today": today,
        "this_year": today.year,
        "month_ago": today - MONTH,
        "month_ahead": today + MONTH,
        "year_ahead": today + YEAR,
        "period_start": year.first,
        "period_end": year.last,
        "catalogue": CATALOGUE,
        "area": {} if level is None else {"level": str(level)},
    }
