"""Re-derives the categories that change by the passage of time (H2)."""

from typing import Any

import sqlalchemy as sa

from chassis.work import Work
from services.households import store
from services.households.model import HouseholdFacts
from services.households.store import Vault
from services.households.usecases.batch import Batch, Row
from services.households.usecases.classifying import classify
from services.households.usecases.updating import tell_reclassified


def reclassify(work: Work, limit: int) -> int:
    """Up to `limit` households whose day has come; how many were looked at. Others hear only of what changed."""
    due = store.due_households(work, work.today, limit, within=work.scope)
    facts = _facts(work, due)
    batch = Batch()
    for row in due:
        now = classify(HouseholdFacts(tuple(facts.get(row.id, ()))), work.today)
        changed: Row = {
            "id": row.id,
            "version": row.version,
            "derived": list(now.derived),
            "has_minor": now.has_minor,
            "next_change_on": now.next_change_on,
        }
        batch.changed_households.append(changed)
        tell_reclassified(batch, row, {**changed, "declared": row.declared}, work.today)
    batch.write(work, work.scope)
    return len(due)


def _facts(work: Work, due: list[sa.Row[Any]]) -> dict[Any, list[Any]]:
    vault = Vault(work.runtime)
    found: dict[Any, list[Any]] = {}
    for member in store.members(work, [row.id for row in due], within=work.scope):
        found.setdefault(member.household_id, []).append(vault.open(member).facts)
    return found
