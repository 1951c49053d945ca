"""One rule made ready to judge: its clauses as closures, and the list of all that it names."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, Self

from gateway.admission.condition import Condition
from gateway.admission.expression import compile_expression
from gateway.admission.schema import Each, Mode, Rule, care_problem
from gateway.admission.syntax import ExpressionRefused
from gateway.admission.values import EACH, MAX_BODY_ITEMS, Fault, Reference, is_filled, step_into
from gateway.admission.vocabulary import Vocabulary, forbidden_field, forbidden_target, never_blocked

Outcome = Literal["passed", "failed", "error"]
Effect = Literal["none", "recorded", "flagged", "exempted", "warned", "denied", "unavailable"]
Lack = tuple[str, str]
FAILED: Mapping[str, Effect] = {"disabled": "none", "audit": "recorded", "warn": "warned", "enforce": "denied"}


@dataclass(frozen=True, slots=True)
class Judged:
    """What one rule found, whatever its mode: an outcome, and pointers by code."""

    outcome: Outcome
    found: Mapping[str, tuple[str, ...]]


PASSED = Judged("passed", {})


@dataclass(frozen=True, slots=True)
class Compiled:
    """A rule ready to judge. `reads` are values that it looks at, `lists` those that it only walks through or counts.

    `care`: what it judges is never blocked (law L3).
    """

    rule: Rule
    needed: tuple[Reference, ...]
    each: Each | None
    in_each: tuple[tuple[str, ...], ...]
    conditions: tuple[Condition, ...]
    reads: frozenset[Reference]
    lists: frozenset[Reference]
    care: bool

    def in_mode(self, mode: Mode) -> Self:
        """The same rule in another mode; over care it warns where it was told to enforce, whoever told it."""
        lawful: Mode = "warn" if self.care and mode == "enforce" else mode
        return replace(self, rule=self.rule.model_copy(update={"mode": lawful}))

    def effect(self, outcome: Outcome, *, exempted: bool = False) -> Effect:
        """What the outcome does: the only place where the mode counts, and an exemption from the rule."""
        if outcome == "passed" or self.rule.mode == "disabled":
            return "none"
        if outcome == "failed":
            return "exempted" if exempted else FAILED[self.rule.mode]
        return "unavailable" if self.rule.closes_on_error else "flagged"

    def judge(self, body: Mapping[str, Any], known: Mapping[str, Any]) -> Judged:
        """Judge one body; the answer is the same in every mode. Never raises: our own fault is the outcome `error`."""
        try:
            return self._judge(body, known)
        except Fault as fault:
            return Judged("error", {f"fact-{fault.code.removeprefix('value-')}": ()})
        except Exception:
            return Judged("error", {"rule-broken": ()})

    def _judge(self, body: Mapping[str, Any], known: Mapping[str, Any]) -> Judged:
        found: dict[str, dict[str, None]] = {}
        for code, pointer in self._lacking(body):
            found.setdefault(code, {})[pointer] = None
        for finding in self._untrue(body, known, blamed_already=bool(found)):
            named = {pointer for pointers in found.values() for pointer in pointers}
            fresh = [p for p in finding.pointers if finding.code == "condition-failed" or p not in named]
            if fresh or not finding.pointers:
                found.setdefault(finding.code, {}).update(dict.fromkeys(fresh))
        if not found:
            return PASSED
        return Judged("failed", {code: tuple(pointers) for code, pointers in found.items()})

    def _lacking(self, body: Mapping[str, Any]) -> Iterator[Lack]:
        for reference in self.needed:
            if not is_filled(step_into(body, reference.path)):
                yield "field-missing", reference.pointer()
        if self.each:
            yield from _each(self.each, self.in_each, body)

    def _untrue(self, body: Mapping[str, Any], known: Mapping[str, Any], *, blamed_already: bool) -> Iterator[Any]:
        """What fails, conjunct by conjunct. What the gateway lacks counts only where nothing else has failed."""
        lacking: Fault | None = None
        failed = False
        for condition in self.conditions:
            try:
                finding = condition.check(body, known)
            except Fault as fault:
                lacking = lacking or fault
                continue
            if finding and not (failed and finding.code != "condition-failed"):
                failed = True
                yield finding
        if lacking and not failed and not blamed_already:
            raise lacking


def compile_rule(rule: Rule, words: Vocabulary, personal: frozenset[str], care: frozenset[str]) -> Compiled:
    """Compile `rule`. `personal` are dotted paths of the body that no rule of this resource may name.

    `care` adds to the resources that are never blocked. Raises ValueError with a sentence for the rule's author.
    """
    try:
        expression = compile_expression(rule.expr, words.known) if rule.expr else None
    except ExpressionRefused as refused:
        raise ValueError(f"expr: {refused}") from None
    needed = tuple(Reference(tuple(name.split(".")), in_body=True) for name in rule.require)
    each, listed = _named_by(rule.each) if rule.each else (frozenset(), frozenset())
    reads = frozenset({*needed, *each, *(expression.reads if expression else ())})
    lists = frozenset({*listed, *(expression.lists if expression else ())})
    _refuse_forbidden(rule, reads | lists, expression.literals if expression else frozenset())
    _refuse_personal(reads, lists, personal)
    _refuse_gateway_words(reads | lists, words)
    is_care = never_blocked(rule.subject.resource, care)
    if is_care:
        care_problem(rule)
    in_each = tuple(tuple(name.split(".")) for name in rule.each.require) if rule.each else ()
    conditions = expression.conditions if expression else ()
    return Compiled(rule, needed, rule.each, in_each, conditions, reads, lists, is_care)


def _named_by(each: Each) -> tuple[frozenset[Reference], frozenset[Reference]]:
    path = tuple(each.path.split("."))
    reads = frozenset(Reference((*path, EACH, *name.split(".")), in_body=True) for name in each.require)
    return reads, frozenset({Reference(path, in_body=True)})


def _each(each: Each, paths: tuple[tuple[str, ...], ...], body: Mapping[str, Any]) -> Iterator[Lack]:
    at = "/" + each.path.replace(".", "/")
    items = step_into(body, tuple(each.path.split(".")))
    if items is None:
        if each.min:
            yield "field-missing", at
    elif not isinstance(items, list | tuple) or len(items) > MAX_BODY_ITEMS:
        yield "value-unusable", at
    else:
        if len(items) < each.min:
            yield "too-few", at
        for index, item in enumerate(items):
            for path in paths:
                if not is_filled(step_into(item, path)):
                    yield "field-missing", f"{at}/{index}/{'/'.join(path)}"


def _refuse_forbidden(rule: Rule, named: frozenset[Reference], literals: frozenset[str]) -> None:
    fields = {"_".join(str(step) for step in reference.path if step != EACH) for reference in named}
    reasons = [forbidden_field(name) for name in sorted(fields)]
    reasons += [forbidden_target(word) for word in sorted(literals | {rule.subject.resource, rule.subject.action})]
    for reason in filter(None, reasons):
        raise ValueError(f"requirement G3: {reason}")


def _refuse_personal(reads: frozenset[Reference], lists: frozenset[Reference], personal: frozenset[str]) -> None:
    for reference in sorted((r for r in reads | lists if r.in_body), key=lambda r: r.name):
        path = tuple(step for step in reference.path if isinstance(step, str) and step != EACH)
        for field in sorted(personal):
            hidden = tuple(field.split("."))
            within = path[: len(hidden)] == hidden
            whole = reference in reads and hidden[: len(path)] == path
            if within or whole:
                raise ValueError(f"'{reference.name}' holds '{field}', which is personal: a rule may not name it")


def _refuse_gateway_words(named: frozenset[Reference], words: Vocabulary) -> None:
    for reference in named:
        if reference.in_body and reference.path[0] in words.known:
            raise ValueError(f"'{reference.name}' is known to the gateway: a body cannot be required to bring it")
