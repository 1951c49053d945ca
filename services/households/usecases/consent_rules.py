"""Which answer about consent counts when several were given, on paper, by phone, late or out of order. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from uuid import UUID

from contracts.codes import ConsentAnswer
from services.households.model import PersonFacts, Relation
from services.households.rules import age_on

GUARDIAN_UNTIL = 14
"""Under this age a guardian consents."""


class SaidIn(StrEnum):
    """How an answer came in."""

    SURVEY = "survey"
    ANSWER = "answer"
    WITHDRAWAL = "withdrawal"


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """The answer to one purpose as it stands."""

    answer: ConsentAnswer
    answered_on: date
    withdrawn_on: date | None = None
    said_in: SaidIn
    given_by: UUID | None = None
    guardian_verified: bool = False
    covers_children: bool = False

    @property
    def is_yes(self) -> bool:
        """Whether the purpose is consented to now."""
        return self.answer is ConsentAnswer.YES and self.withdrawn_on is None

    @property
    def last_said_on(self) -> date:
        """The day of the newest thing that was said."""
        return max(self.answered_on, self.withdrawn_on or self.answered_on)


def counts(new: Standing, current: Standing | None) -> bool:
    """Whether a new answer takes the place of the current one.

    The later day counts. On the same day a no counts; a yes does not undo a withdrawal, since what waited somewhere
    may arrive after it (withdrawals are delivered first), and a survey's paper does not undo what was said in
    another way.
    """
    if current is None or new.answered_on != current.last_said_on:
        return current is None or new.answered_on > current.last_said_on
    if new.answer is ConsentAnswer.NO:
        return current.withdrawn_on is None
    if current.withdrawn_on is not None:
        return False
    return new.said_in is not SaidIn.SURVEY or current.said_in is SaidIn.SURVEY


def withdrawn(current: Standing | None, on: date, given_by: UUID | None) -> Standing:
    """The standing after a withdrawal: it is kept even where no yes is known, for a yes may still be on its way."""
    if current is None:
        current = Standing(answer=ConsentAnswer.NO, answered_on=on, said_in=SaidIn.WITHDRAWAL, given_by=given_by)
    return replace(current, withdrawn_on=on, said_in=SaidIn.WITHDRAWAL)


def guardian_verified(members: Iterable[PersonFacts], on: date) -> bool:
    """Whether nobody's guardian is still to be recorded: true where no member is under 14 on the day."""
    return not any(_needs_guardian(member, on) for member in members)


def covers_children(members: Iterable[PersonFacts], on: date) -> bool:
    """Whether the head's answer counts for every member under 14: only for the head's children and grandchildren."""
    return all(
        member.relation in (Relation.CHILD, Relation.GRANDCHILD)
        for member in members
        if _needs_guardian(member, on)
    )


def _needs_guardian(member: PersonFacts, on: date) -> bool:
    return member.born is None or age_on(member.born, on) < GUARDIAN_UNTIL
