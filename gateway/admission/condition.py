"""What a compiled expression is: conjuncts that are judged one by one, so that each can say which fields are at fault."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from gateway.admission.values import Fault, MissingValue, Reference, Term

MAX_POINTERS: Final = 50


@dataclass(frozen=True, slots=True)
class Finding:
    """What a condition has against a body: a code, and pointers to the fields at fault."""

    code: str
    pointers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Loop:
    """`all(element for x in items)` standing alone: judged item by item so that the items at fault can be named."""

    items: Term
    element: Term


@dataclass(frozen=True, slots=True)
class Condition:
    """One conjunct of an expression."""

    holds: Term
    reads: tuple[Reference, ...]
    loop: Loop | None

    def check(self, body: Mapping[str, Any], known: Mapping[str, Any]) -> Finding | None:
        """None if it holds. Raises Fault where the gateway, not the body, lacks what is needed to tell."""
        fault: Fault | None = None
        try:
            if self.holds(body, known, None):
                return None
        except Fault as caught:
            if not caught.in_body:
                raise
            fault = caught
        return Finding(fault.code if fault else "condition-failed", self._pointers(body, known, fault))

    def _pointers(self, body: Mapping[str, Any], known: Mapping[str, Any], fault: Fault | None) -> tuple[str, ...]:
        if self.loop:
            found = tuple(dict.fromkeys(self._in_items(self.loop, body, known)))
            if found:
                return found[:MAX_POINTERS]
        return tuple(dict.fromkeys(named.pointer() for named in self._at_fault(fault)))

    def _in_items(self, loop: Loop, body: Mapping[str, Any], known: Mapping[str, Any]) -> Iterator[str]:
        try:
            items = loop.items(body, known, None)
        except Fault:
            return
        for index, item in enumerate(items):
            fault: Fault | None = None
            try:
                if loop.element(body, known, item):
                    continue
            except Fault as caught:
                fault = caught
            yield from (
                named.pointer(index)
                for named in self._at_fault(fault)
                if named.in_body and (named.in_items or isinstance(fault, MissingValue))
            )

    def _at_fault(self, fault: Fault | None) -> tuple[Reference, ...]:
        if isinstance(fault, MissingValue):
            return (fault.reference,)
        return tuple(named for named in self.reads if named.in_body)


@dataclass(frozen=True, slots=True)
class Expression:
    """A compiled expression: its conjuncts, and all that it names."""

    conditions: tuple[Condition, ...]
    reads: frozenset[Reference]
    lists: frozenset[Reference]
    literals: frozenset[str]

    def holds(self, body: Mapping[str, Any], known: Mapping[str, Any]) -> bool:
        """Whether all conjuncts hold. Raises MissingValue or UnusableValue, which are Faults."""
        return all(condition.holds(body, known, None) for condition in self.conditions)
