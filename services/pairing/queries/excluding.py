"""The hard rules that keep helpers from a household, counted and in words."""

from uuid import UUID

from contracts.pairing import ExcludedView
from services.pairing import engine
from services.pairing.rules import REASON_WORDS_EN, REASON_WORDS_ZH, ReasonCode


def excluded_of(problem: engine.Problem, household_id: UUID) -> tuple[ExcludedView, ...]:
    """How many of the problem's helpers each rule excludes, by code; a helper counts once for every rule."""
    return tuple(in_words(code, number) for code, number in engine.excluded(problem, household_id).items())


def in_words(code: ReasonCode, helpers: int) -> ExcludedView:
    """One rule with its number of helpers."""
    return ExcludedView(
        code=code, helpers=helpers, reason_en=REASON_WORDS_EN[code], reason_zh=REASON_WORDS_ZH[code]
    )
