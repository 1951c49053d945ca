"""What is wrong with a field and what to write instead, in words for a person, in zh and en; never with what was sent."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from contracts.refusals import BODY_INVALID, Refusal

MOST_PROBLEMS = 50
"""How many are told; whoever sends more wrong fields has not written them by hand."""

OURS = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,63}")
UNNAMED = "…"
"""Stands in a pointer for a key that could be anything, a name or a number of a person too."""

WORDS: dict[str, tuple[str, str]] = {
    "missing": ("Fill this in.", "此项必填。"),
    "extra_forbidden": ("Leave this out; there is no such field.", "请去掉此项，没有这个字段。"),
    "unknown_key": ("Leave this out; there is no such field.", "请去掉此项，没有这个字段。"),
    "doubled": ("Say this once only.", "此项只能出现一次。"),
    "in_path": ("Leave this out; it stands in the address.", "请去掉此项，地址中已经写明。"),
    "cursor": (
        "Send the `next_cursor` of the page before, or leave it out.",
        "请使用上一页返回的 next_cursor，或不填。",
    ),
    "version_differs": ("Say the same version here as in If-Match.", "此处版本须与 If-Match 一致。"),
    "string_pattern_mismatch": ("Write it in the form that the document gives.", "请按文档规定的格式填写。"),
    "string_too_short": ("Write at least {min_length} characters.", "至少填写 {min_length} 个字符。"),
    "string_too_long": ("Write at most {max_length} characters.", "至多填写 {max_length} 个字符。"),
    "too_short": ("Name at least {min_length}.", "至少填写 {min_length} 项。"),
    "too_long": ("Name at most {max_length}.", "至多填写 {max_length} 项。"),
    "greater_than_equal": ("Write {ge} or more.", "不得小于 {ge}。"),
    "greater_than": ("Write more than {gt}.", "须大于 {gt}。"),
    "less_than_equal": ("Write {le} or less.", "不得大于 {le}。"),
    "less_than": ("Write less than {lt}.", "须小于 {lt}。"),
    "enum": ("Choose one of: {expected}.", "请从下列值中选择：{expected}。"),
    "literal_error": ("Choose one of: {expected}.", "请从下列值中选择：{expected}。"),
}
KINDS: tuple[tuple[str, str, str], ...] = (
    ("uuid", "Write an id as it was given to you (a UUID).", "请填写系统给出的编号（UUID）。"),
    ("datetime", "Write date, time and zone, such as 2026-04-15T08:30:00+08:00.", "请写明日期、时间和时区，如 2026-04-15T08:30:00+08:00。"),
    ("timezone", "Write date, time and zone, such as 2026-04-15T08:30:00+08:00.", "请写明日期、时间和时区，如 2026-04-15T08:30:00+08:00。"),
    ("date", "Write a day that exists, such as 2026-04-15.", "请填写真实日期，如 2026-04-15。"),
    ("int", "Write a whole number.", "请填写整数。"),
    ("float", "Write a number.", "请填写数字。"),
    ("decimal", "Write a number.", "请填写数字。"),
    ("bool", "Write true or false.", "请填写 true 或 false。"),
    ("string", "Write text.", "请填写文字。"),
    ("list", "Write a list.", "请填写列表。"),
    ("tuple", "Write a list.", "请填写列表。"),
    ("set", "Write a list.", "请填写列表。"),
    ("frozen_set", "Write a list.", "请填写列表。"),
    ("dict", "Write an object.", "请填写对象。"),
    ("model", "Write an object.", "请填写对象。"),
)  # fmt: skip
"""Where no words of its own are: by the first part of the error's name."""

ANYTHING_ELSE = ("Write it as the document says.", "请按文档要求填写。")


def wrong_fields(errors: Iterable[Mapping[str, Any]]) -> Refusal:
    """The refusal of a message that pydantic did not take: which fields, and for each what to write instead."""
    found = [wrong(pointer_at(error), str(error["type"]), error.get("ctx", {})) for error in errors]
    return refused(found[:MOST_PROBLEMS])


def refused(problems: list[dict[str, str]]) -> Refusal:
    """The refusal with these problems."""
    pointers = dict.fromkeys(problem["pointer"] for problem in problems)
    return BODY_INVALID.at(*pointers).with_more(problems=problems)


def wrong(pointer: str, code: str, bounds: Mapping[str, Any] | None = None) -> dict[str, str]:
    """One problem. `bounds` are those of the declaration, not of what was sent."""
    en, zh = _words(code)
    known = {name: str(value) for name, value in (bounds or {}).items() if isinstance(value, int | float | str)}
    try:
        return {"pointer": pointer, "code": code, "fix_en": en.format(**known), "fix_zh": zh.format(**known)}
    except (KeyError, IndexError):
        return {"pointer": pointer, "code": code, "fix_en": ANYTHING_ELSE[0], "fix_zh": ANYTHING_ELSE[1]}


def pointer_at(error: Mapping[str, Any]) -> str:
    """A JSON pointer at the field. A key that nobody declared is named only if it looks like a field's name."""
    return "/" + "/".join(
        str(part) if isinstance(part, int) or OURS.fullmatch(part) else UNNAMED for part in error["loc"]
    )


def _words(code: str) -> tuple[str, str]:
    if code in WORDS:
        return WORDS[code]
    return next(((en, zh) for kind, en, zh in KINDS if code.startswith(kind)), ANYTHING_ELSE)
