"""A household as the facts up to a day tell it: what the indicators about families look at."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import ClassVar

from contracts.codes import CareCategoryCode, ConsentAnswer, ConsentPurpose, Rhythm, VisitOutcome
from gateway.measure.facts import Fact
from gateway.measure.periods import Span


@dataclass(frozen=True)
class Survey:
    """How one survey of the household went."""

    on: date
    declined: bool
    complete: bool


@dataclass(frozen=True)
class Answer:
    """The current answer to one purpose."""

    on: date
    yes: bool
    withdrawn: bool = False


@dataclass(frozen=True)
class Pair:
    """A helper who stands by the household, and how often it wished to be visited."""

    helper_kind: str
    rhythm: Rhythm | None
    started_on: date


@dataclass
class Household:
    """Grows fact by fact, in order of the days on which they hold; `day` is the day it is looked at."""

    span: ClassVar[Span] = Span.MONTH
    begins: ClassVar[str] = "registered"

    day: date = date.min
    area_code: str = ""
    categories: frozenset[str] = frozenset()
    first_surveyed: dict[int, date] = field(default_factory=dict)
    """Survey round (its year) -> the first day on which the household was asked in it."""

    survey: Survey | None = None
    answers: dict[str, Answer] = field(default_factory=dict)
    visits: list[date] = field(default_factory=list)
    _pairs: dict[str, Pair] = field(default_factory=dict)
    _over: set[str] = field(default_factory=set)

    def apply(self, fact: Fact) -> None:
        """Take in the next fact."""
        getattr(self, f"_{fact.kind}")(fact)

    @property
    def pairs(self) -> list[Pair]:
        """The pairs that stand."""
        return [pair for match_id, pair in self._pairs.items() if match_id not in self._over]

    @property
    def countable_categories(self) -> Iterator[str]:
        """The categories that a figure may be broken down by: `restricted` is never listed nor gauged (H11)."""
        return (code for code in sorted(self.categories) if code != CareCategoryCode.RESTRICTED)

    def consents_to(self, purpose: ConsentPurpose) -> bool:
        """Whether the current answer is yes."""
        answer = self.answers.get(purpose)
        return answer is not None and answer.yes

    def wished_rhythms(self) -> list[Pair]:
        """The standing pairs with a chosen rhythm that the household has not taken back.

        A withdrawn consent to visits, or a no given after the pair began, ends the wish: it counts against nobody (L1).
        """
        chosen = [pair for pair in self.pairs if pair.rhythm is not None]
        answer = self.answers.get(ConsentPurpose.VISITS)
        if answer is None or answer.yes:
            return chosen
        return [
            pair
            for pair in chosen
            if answer.on < pair.started_on or (answer.on == pair.started_on and not answer.withdrawn)
        ]

    def _registered(self, fact: Fact) -> None:
        self.area_code = fact.data["area_code"]
        self.categories = frozenset(fact.data["categories"])

    _reclassified = _registered

    def _surveyed(self, fact: Fact) -> None:
        self.first_surveyed.setdefault(fact.data["round_year"], fact.valid_on)
        self.survey = Survey(fact.valid_on, fact.data["declined"], fact.data["archive_complete"])

    def _consent_answered(self, fact: Fact) -> None:
        yes = fact.data["answer"] == ConsentAnswer.YES
        self.answers[fact.data["purpose"]] = Answer(fact.valid_on, yes)

    def _consent_withdrawn(self, fact: Fact) -> None:
        self.answers[fact.data["purpose"]] = Answer(fact.valid_on, yes=False, withdrawn=True)

    def _pair_began(self, fact: Fact) -> None:
        rhythm = fact.data["rhythm"]
        pair = Pair(fact.data["helper_kind"], Rhythm(rhythm) if rhythm else None, fact.valid_on)
        self._pairs[fact.data["match_id"]] = pair

    def _pair_ended(self, fact: Fact) -> None:
        self._over.add(fact.data["match_id"])

    def _visited(self, fact: Fact) -> None:
        if fact.data["outcome"] != VisitOutcome.NOT_HOME:
            self.visits.append(fact.valid_on)
