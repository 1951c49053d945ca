"""Who counts as somebody else where two people are asked for."""

from collections.abc import Collection

from chassis.work import Work
from gateway.office.store import standing_in


def had_a_part(work: Work, people: Collection[str]) -> bool:
    """Whether the actor is one of these people, stands in for one of them, or one of them for the actor."""
    mine = work.actor.people
    return not mine.isdisjoint(people) or standing_in.between(work.connection, mine, people, work.today)
