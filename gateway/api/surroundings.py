"""What rules may ask beside the body: the day and days around it, the level of the area that the body names, the
catalogue, and facts that measure knows."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa

from chassis.database import SET_SCOPE
from contracts.area import AreaScope, level_of
from gateway.api.judging import Moment
from gateway.measure.indicators import BY_CODE
from gateway.measure.lookups import facts_of
from gateway.measure.periods import Span, period_of

KNOWN_BY = {"pair": ("match", "match_id"), "match": ("match", "match_id")}
"""First word of a fact's name -> what measure calls the entity, and the field of the body that names it."""

CATALOGUE = frozenset(BY_CODE)
MONTH, YEAR = timedelta(days=31), timedelta(days=366)


def surroundings(
    connection: sa.Connection, asked: Sequence[tuple[frozenset[str], Mapping[str, Any]]], area: str, today: date
) -> list[Moment]:
    """Context and facts of changes by people whose area is `area`; a fact that is not known is left out."""
    named = [_entities(needed, body) for needed, body in asked]
    wanted = sorted({entity for entities in named for entity in entities.values()})
    known: Mapping[str, Mapping[str, str]] = {}
    if wanted:
        connection.execute(SET_SCOPE, {"area": area})
        known = facts_of(connection, wanted, within=AreaScope(area))
    return [
        Moment(context_of(body, today), {root: known.get(entity, {}) for root, entity in entities.items()})
        for (_, body), entities in zip(asked, named, strict=True)
    ]


def _entities(needed: frozenset[str], body: Mapping[str, Any]) -> dict[str, str]:
    roots = {name.split(".")[0] for name in needed} & KNOWN_BY.keys()
    return {root: entity for root in roots if (entity := _entity(root, body))}


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
