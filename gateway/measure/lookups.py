"""What admission rules may look up about an entity: one indexed read, nothing over the network."""

from collections.abc import Mapping, Sequence

import sqlalchemy as sa

from contracts.area import AreaScope
from gateway.measure.store import entities as store


def entity_facts(connection: sa.Connection, entity: str, *, within: AreaScope) -> dict[str, str] | None:
    """What is known of `match:<id>` (started_on, household_id, helper_id, and ended_on once it is over) or
    `plan:<id>` (state: draft or active). Dates are ISO. None if nothing is known, or it lies outside of `within`.
    """
    return store.known_of(connection, entity, within=within)


def facts_of(
    connection: sa.Connection, entities: Sequence[str], *, within: AreaScope
) -> Mapping[str, Mapping[str, str]]:
    """What is known of several, likewise; those of which nothing is known are missing."""
    return store.known_of_all(connection, entities, within=within)
