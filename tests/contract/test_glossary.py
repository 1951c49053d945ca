"""Every word of the field that the code speaks stands in the glossary, with its Chinese and a meaning."""

import re
from enum import StrEnum
from pathlib import Path

from contracts import codes
from contracts.actor import Role
from contracts.area import AreaLevel

GLOSSARY = Path(__file__).parents[2] / "docs" / "glossary.md"
MACHINERY = {codes.JobState, codes.ImportState, codes.MessageState}
NAMES = {
    "Household", "Person", "CaseFile", "CareCategory", "Consent", "SurveyRound", "Reconciliation", "Helper",
    "Match", "Rematch", "Guarantee", "Programme", "Plan", "Task", "Visit", "Benefit", "Application", "Referral",
    "Assessment", "Indicator", "Target", "Period", "Restatement", "Gate", "CorrectiveAction", "Area", "Unit",
}  # fmt: skip
"""The aggregates by the names that the field gives them."""

Entry = tuple[str, str, str, str]


def entries(text: str) -> list[Entry]:
    """(term, Chinese, word in the code or empty, meaning) for each row."""
    found = re.findall(r"^\| ([^|]+) \| ([^|]+) \| (?:`(\w+)`)? \| ([^|]+) \|$", text, re.MULTILINE)
    return [row for row in found if row[0] != "term"]


def spoken() -> set[str]:
    """Every code of the closed vocabularies that is a word of the field."""
    enums = {kind for kind in vars(codes).values() if isinstance(kind, type) and issubclass(kind, StrEnum)}
    field = (enums - MACHINERY - {StrEnum}) | {AreaLevel, Role}
    return {str(value) for kind in field for value in kind} - {Role.SYSTEM}


def lacking(text: str) -> set[str]:
    """Words that the glossary does not explain."""
    return (NAMES | spoken()) - {code for _, _, code, _ in entries(text)}


def faults(text: str) -> list[str]:
    """Rows that explain nothing, stand twice or out of order."""
    rows = entries(text)
    terms, words = [row[0] for row in rows], [row[2] for row in rows if row[2]]
    silent = [
        term for term, chinese, _, what in rows if not re.search("[一-鿿]", chinese) or not what.endswith(".")
    ]
    twice = sorted({word for word in words if words.count(word) > 1})
    return silent + twice + ([] if terms == sorted(terms, key=str.casefold) else ["not in order"])


def test_every_word_of_the_field_is_explained() -> None:
    assert lacking(GLOSSARY.read_text()) == set()


def test_every_row_has_its_chinese_and_a_meaning_once_and_in_order() -> None:
    assert faults(GLOSSARY.read_text()) == []


def test_no_line_of_the_table_is_passed_over() -> None:
    lines = [line for line in GLOSSARY.read_text().splitlines() if line.startswith("| ")]
    assert len(lines) == len(entries(GLOSSARY.read_text())) + 1


def test_no_word_in_the_code_is_explained_that_nothing_speaks() -> None:
    known = NAMES | spoken() | {kind for kind in vars(codes) if kind[0].isupper()}
    assert {code for _, _, code, _ in entries(GLOSSARY.read_text()) if code} <= known


def test_control_a_lost_row_a_silent_row_and_a_wrong_order_are_found() -> None:
    text = GLOSSARY.read_text()
    without = "\n".join(line for line in text.splitlines() if "`empty_nest`" not in line)
    assert lacking(without) == {"empty_nest"}
    assert faults("| Visit | Visit | `Visit` | Somebody came. |\n| Area | 区划 | `Area` | A place. |") == [
        "Visit",
        "not in order",
    ]
