"""What a rule may do with the values it meets: look them up, order them, compare them; never more.

Text has no order. Where an order is asked for (`<`, `<=`, `>`, `>=`) text must be an ISO 8601 date (`2026-04-15`) or
an instant with its offset (`2026-04-15T08:00:00+08:00`), as JSON carries them; a date meets a date or its text.
A JSON null is the same as an absent field.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from math import isfinite
from typing import Any, Final

EACH: Final = "*"
MAX_BODY_ITEMS: Final = 500


@dataclass(frozen=True, slots=True)
class Reference:
    """A value that a rule names: a path into the body, or into what the gateway knows. `*` is every item of a list."""

    path: tuple[str | int, ...]
    in_body: bool

    @property
    def name(self) -> str:
        """As the rule's author reads it: `indicators.*.code`."""
        return ".".join(map(str, self.path))

    @property
    def key(self) -> str:
        """The dotted name up to the first list: what is asked of the context or of the facts."""
        words: list[str] = []
        for step in self.path:
            if isinstance(step, int) or step == EACH:
                break
            words.append(step)
        return ".".join(words)

    @property
    def in_items(self) -> bool:
        """Whether it lies inside the items of a list."""
        return EACH in self.path

    def pointer(self, index: int | None = None) -> str:
        """The JSON pointer (RFC 6901) for item `index`; without one, that of the list itself."""
        steps: list[str] = []
        for step in self.path:
            if step == EACH and index is None:
                break
            steps.append(str(index) if step == EACH else str(step))
        return "".join(f"/{step}" for step in steps)


class Fault(Exception):
    """A value could not be judged. `in_body`: the sender can mend it; otherwise the gateway lacks something."""

    code = "value-unusable"

    def __init__(self, said: str, *, in_body: bool) -> None:
        super().__init__(said)
        self.in_body = in_body


class MissingValue(Fault):
    """A named value is absent or null."""

    code = "value-missing"

    def __init__(self, reference: Reference) -> None:
        super().__init__(reference.name, in_body=reference.in_body)
        self.reference = reference


class UnusableValue(Fault):
    """A value is of a kind that the rule can do nothing with."""

    def __init__(self, *, in_body: bool) -> None:
        super().__init__("unusable", in_body=in_body)


def step_into(value: Any, path: tuple[str | int, ...]) -> Any:
    """Follow `path` through mappings by key and lists by position; None where it ends early."""
    for step in path:
        if isinstance(step, str):
            value = value.get(step) if type(value) is dict or isinstance(value, Mapping) else None
        else:
            value = value[step] if isinstance(value, (list, tuple)) and step < len(value) else None
        if value is None:
            return None
    return value


def is_filled(value: Any) -> bool:
    """Whether a required field holds something: blank text and empty lists do not count, 0 and false do."""
    if isinstance(value, str):
        return bool(value) and not value.isspace()
    if value is None or type(value) in (int, float, bool):
        return value is not None
    return len(value) > 0 if isinstance(value, (list, tuple, Mapping)) else True


def read_date(text: str) -> date | datetime | None:
    """An ISO date or instant; None for everything else, also for other spellings that ISO 8601 allows."""
    try:
        if len(text) == 10 and text[4] == text[7] == "-":
            return date.fromisoformat(text)
        if 20 <= len(text) <= 32 and text[10] == "T":
            instant = datetime.fromisoformat(text)
            return instant if instant.tzinfo else None
    except ValueError:
        pass
    return None


def rank(value: Any, *, in_body: bool) -> Any:
    """What stands for `value` in an order: a number, a date or an instant. Raises UnusableValue for all else."""
    kind = type(value)
    if kind is int or (kind is float and isfinite(value)):
        return value
    if kind is str and len(value) <= 32:
        value = read_date(value)
    if type(value) is date or (type(value) is datetime and value.tzinfo):
        return value
    raise UnusableValue(in_body=in_body)


def number(value: Any, *, in_body: bool) -> Any:
    """`value` if it may be reckoned with. Raises UnusableValue for text, truth values and infinities."""
    if type(value) is int or (type(value) is float and isfinite(value)):
        return value
    raise UnusableValue(in_body=in_body)


def scalar(value: Any, *, in_body: bool) -> Any:
    """`value` if it may be compared for equality: a date becomes its text. Raises UnusableValue for lists, objects."""
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, str | int | float):
        return value
    raise UnusableValue(in_body=in_body)


def same(a: Any, b: Any) -> bool:
    """Equality without Python's `True == 1`."""
    return bool(a == b) and (type(a) is bool) == (type(b) is bool)


def contains(collection: Any, wanted: Any, *, in_body: bool) -> bool:
    """Whether the scalar `wanted` is among a list's items or a known mapping's keys; never part of a text."""
    if isinstance(collection, list | tuple):
        if in_body and len(collection) > MAX_BODY_ITEMS:
            raise UnusableValue(in_body=True)
        return any(same(_plain(item), wanted) for item in collection)
    if isinstance(collection, set | frozenset | Mapping) and not in_body:
        return wanted in collection
    raise UnusableValue(in_body=in_body)


def _plain(item: Any) -> Any:
    return item.isoformat() if isinstance(item, date) else item


def items_of(value: Any, *, in_body: bool) -> list[Any] | tuple[Any, ...]:
    """`value` if it is a list; one from outside may hold at most MAX_BODY_ITEMS. Raises UnusableValue."""
    if isinstance(value, list | tuple) and (not in_body or len(value) <= MAX_BODY_ITEMS):
        return value
    raise UnusableValue(in_body=in_body)


Term = Callable[[Mapping[str, Any], Mapping[str, Any], Any], Any]
"""A compiled part of an expression: `(body, known, item) -> value`; `item` is the list item being looked at."""


def lookup(reference: Reference) -> Term:
    """The term that reads `reference`; it raises MissingValue where there is nothing."""
    if reference.in_items:
        after = reference.path[reference.path.index(EACH) + 1 :]
        return _found(reference, lambda body, known, item: step_into(item, after))
    if reference.in_body:
        path = reference.path
        return _found(reference, lambda body, known, item: step_into(body, path))
    key, rest = reference.key, reference.path[len(reference.key.split(".")) :]
    return _found(reference, lambda body, known, item: step_into(known.get(key), rest))


def _found(reference: Reference, read: Term) -> Term:
    def term(body: Mapping[str, Any], known: Mapping[str, Any], item: Any) -> Any:
        value = read(body, known, item)
        if value is None:
            raise MissingValue(reference)
        return value

    return term
