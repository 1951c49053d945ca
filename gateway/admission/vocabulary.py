"""The words of rules: what they may ask besides the body, what they may never block, what they may never aim at."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

CONTEXT: Final = frozenset(
    {
        "today",
        "this_year",
        "month_ago",
        "month_ahead",
        "year_ahead",
        "period_start",
        "period_end",
        "catalogue",
        "area",
    }
)
FACTS: Final = frozenset({"pair", "match", "corrective_action", "cells", "drift_cells", "inbox_lag_s"})

NEVER_BLOCKED: Final = frozenset(
    {
        "visit",
        "visit_report",
        "need",
        "pair",
        "pairing",
        "match",
        "rematch",
        "allowance",
        "application",
        "benefit_request",
        "referral",
        "appeal",
        "complaint",
        "move",
        "consent",
        "withdrawal",
        "erasure",
        "child_report",
        "child_protection",
    }
)

REPRODUCTIVE: Final = frozenset((
    "abortion", "antenatal", "birth", "births", "contraception", "contraceptive", "fertility", "folic",
    "gravida", "iud", "miscarriage", "neonatal", "newborn", "newborns", "perinatal", "postnatal",
    "postpartum", "preconception", "pregnancies", "pregnancy", "pregnant", "prenatal", "prepregnancy",
    "sterilisation", "sterilization", "stillbirth",
))  # fmt: skip
CONSENT: Final = frozenset({"consent", "consents", "consenting", "consented", "refusal", "refusals", "withdrawals"})
COUNTED: Final = frozenset((
    "count", "counts", "coverage", "number", "num", "pct", "percent", "percentage", "quota", "rank",
    "ranking", "rate", "rates", "ratio", "score", "share", "target", "total", "uptake",
))  # fmt: skip
CONSENT_RECORD: Final = frozenset({"ref", "refs", "id", "ids", "purpose", "on", "until"})
FORBIDDEN_CODES: Final = frozenset({"HLT-01", "HLT-02", "HLT-04", "IMP-01"})
FORBIDDEN_CHINESE: Final = (
    "孕",
    "生育率",
    "出生",
    "产前",
    "产后",
    "叶酸",
    "避孕",
    "节育",
    "同意率",
    "案件数",
    "查处数",
)
CARRIERS: Final = frozenset({"healthy_birth", "healthy-birth", "good_birth", "good-birth"})


@dataclass(frozen=True)
class Vocabulary:
    """First words of dotted names that the gateway answers itself; every other name is read from the body only.

    A body can therefore never pass itself off as a fact, whatever fields it carries.
    """

    context: frozenset[str] = CONTEXT
    facts: frozenset[str] = FACTS

    @property
    def known(self) -> frozenset[str]:
        """All words that the body does not answer."""
        return self.context | self.facts


def never_blocked(resource: str, more: frozenset[str] = frozenset()) -> bool:
    """Whether law L3 protects `resource`; compound and plural names count: `consent_withdrawal`, `visits`."""
    words = _words(resource)
    singular = [word[:-1] if word.endswith("s") else word for word in words]
    return any(
        _within(protected.split("_"), words) or _within(protected.split("_"), singular)
        for protected in NEVER_BLOCKED | more
    )


def forbidden_target(name: str) -> str | None:
    """Why a rule or target may not rest on `name` (a field, an indicator code or a literal), or None (G3, L2)."""
    if name in CARRIERS:
        return None
    words = _words(name)
    if name.upper() in FORBIDDEN_CODES or any(word in name for word in FORBIDDEN_CHINESE):
        return f"'{name}' is known as context only: no rule, target, ranking, gate or pay may rest on it"
    if REPRODUCTIVE & set(words):
        return f"'{name}' is about reproduction: no rule, target, ranking, gate or pay may rest on it"
    if CONSENT & set(words) and (COUNTED & set(words) or words[-1] in {"consents", "refusals", "withdrawals"}):
        return f"'{name}' counts consent: saying no costs nobody anything, so nothing may rest on it"
    if {"finding", "findings"} & set(words):
        return f"'{name}' counts findings: joint actions have no target on what they find"
    return None


def forbidden_field(name: str) -> str | None:
    """The same for a field that a rule names: of consent a rule may ask which record it is, never what was answered."""
    words = _words(name)
    if CONSENT & set(words) and words[-1] not in CONSENT_RECORD:
        return (
            f"'{name}' tells how consent was answered: saying no costs nobody anything, so nothing may rest on it"
        )
    return forbidden_target(name)


def _words(name: str) -> list[str]:
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name)
    return [word for word in re.split(r"[^a-z0-9]+", spaced.lower()) if word]


def _within(part: Iterable[str], whole: list[str]) -> bool:
    wanted = list(part)
    return any(whole[i : i + len(wanted)] == wanted for i in range(len(whole) - len(wanted) + 1))
