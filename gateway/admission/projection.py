"""Keeps of a body what the rules named and nothing more, in its own shape, so that a verdict can be replayed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Self

from gateway.admission.values import EACH, Reference

PLAIN = frozenset({str, int, float, bool})
"""Asked of a value's type first: nearly every value is one of these, and asking whether it is a mapping takes long."""


@dataclass
class _Node:
    whole: bool = False
    steps: dict[str | int, "_Node"] = field(default_factory=dict)

    def grow(self, path: Iterable[str | int], *, whole: bool) -> None:
        node = self
        for step in path:
            node = node.steps.setdefault(step, _Node())
        node.whole = node.whole or whole

    def cut(self, value: Any) -> Any:
        """What is named below here; a list keeps its length, and what has another shape than named keeps only that."""
        kind = type(value)
        if kind in PLAIN:
            return value if self.whole else kind()
        if kind is dict or isinstance(value, Mapping):
            if self.whole:
                return dict(value)
            kept = ((step, node) for step, node in self.steps.items() if isinstance(step, str))
            return {step: node.cut(value[step]) for step, node in kept if step in value}
        if isinstance(value, (list, tuple)):
            return self._cut_list(value)
        if self.whole:
            return value
        return type(value)() if isinstance(value, str | int | float) else None

    def _cut_list(self, items: list[Any] | tuple[Any, ...]) -> list[Any]:
        if self.whole or not self.steps:
            return list(items) if self.whole else []
        each = self.steps.get(EACH, _Node())
        return [self.steps.get(index, each).cut(item) for index, item in enumerate(items)]


@dataclass(frozen=True, slots=True)
class Projection:
    """What the rules over one resource and action name, as a tree."""

    body: _Node
    known: _Node

    @classmethod
    def of(cls, reads: Iterable[Reference], lists: Iterable[Reference]) -> Self:
        """The projection that keeps `reads` whole, and of `lists` the length."""
        body, known = _Node(), _Node()
        named = [(read, read.path, True) for read in reads] + [(one, (*one.path, EACH), False) for one in lists]
        for reference, path, whole in named:
            if reference.in_body:
                body.grow(path, whole=whole)
            else:
                known.grow((reference.key, *path[len(reference.key.split(".")) :]), whole=whole)
        return cls(body, known)

    def values(self, body: Mapping[str, Any], known: Mapping[str, Any]) -> dict[str, Any]:
        """The named values as JSON: `{"body": …, "known": …}`, known ones by dotted name."""
        return {"body": self.body.cut(body), "known": {name: _plain(value) for name, value in self._kept(known)}}

    def _kept(self, known: Mapping[str, Any]) -> Iterable[tuple[str, Any]]:
        return ((name, node.cut(known[name])) for name, node in self.known.steps.items() if name in known)  # type: ignore[misc, index]


def _plain(value: Any) -> Any:
    """As JSON has it: a date is its text, a set a sorted list."""
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, set | frozenset):
        return sorted(map(_plain, value), key=str)
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list | tuple) else value
