"""Every clause of every shipped rule is held by an example inside its file: take it away, or change it, and one fails."""

import ast
import json
from collections.abc import Iterator
from importlib.resources.abc import Traversable
from typing import Any

import pytest
import yaml

from gateway.admission.compiled import compile_rule
from gateway.admission.loading import RulesRefused, parse_rules, shipped_files
from gateway.admission.selftest import run, unsaid
from gateway.admission.vocabulary import Vocabulary
from tests.support.admission import ruleset

NEIGHBOURS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.LtE: ast.Lt, ast.Lt: ast.LtE, ast.GtE: ast.Gt, ast.Gt: ast.GtE,
    ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.In: ast.NotIn, ast.NotIn: ast.In,
}  # fmt: skip
MODES = ("disabled", "audit", "warn", "enforce")
SAME_WITHOUT = {"version", "tests"}
"""`version` is 1 where nothing is said; without `tests` there is nothing that could fail, and `run` says so."""

Told = dict[str, Any]


def told(file: Traversable) -> Told:
    """A rule file as it is written."""
    read: Told = yaml.safe_load(file.read_text(encoding="utf-8"))
    return read


def changed(one: Told, **clauses: Any) -> Told:
    """The rule with other clauses; None leaves one out."""
    return {name: value for name, value in {**one, **clauses}.items() if value is not None}


def mutants(one: Told) -> Iterator[tuple[str, Told]]:
    """(what was done, the rule that is left) for every clause of the rule."""
    yield from ((f"without {name}", changed(one, **{name: None})) for name in one if name not in SAME_WITHOUT)
    yield from ((f"mode {mode}", changed(one, mode=mode)) for mode in MODES if mode != one["mode"])
    if asks_the_gateway(one):
        other = "open" if one["on_error"] == "closed" else "closed"
        yield f"on_error {other}", changed(one, on_error=other)
    for name in one.get("require", ()):
        yield f"require {name}", changed(one, require=[r for r in one["require"] if r != name] or None)
    yield from _of_each(one)
    if "expr" in one:
        yield from ((f"expr {text}", changed(one, expr=text)) for text in dict.fromkeys(expressions(one["expr"])))


def asks_the_gateway(one: Told) -> bool:
    """Whether the gateway could lack what the rule asks for; otherwise it can always be judged, whatever on_error says."""
    (parsed,) = parse_rules(json.dumps([one]))
    compiled = compile_rule(parsed, Vocabulary(), frozenset(), frozenset())
    return any(not reference.in_body for reference in compiled.reads | compiled.lists)


def _of_each(one: Told) -> Iterator[tuple[str, Told]]:
    each = one.get("each")
    if not each:
        return
    if each.get("min"):
        yield "each.min", changed(one, each={**each, "min": each["min"] - 1})
    for name in each.get("require", ()):
        yield f"each {name}", changed(one, each={**each, "require": [r for r in each["require"] if r != name]})


def expressions(text: str) -> Iterator[str]:
    """Every expression that has one part less, or one part different."""
    for index, node in enumerate(ast.walk(ast.parse(text, mode="eval"))):
        for attempt in range(_variants(node)):
            tree = ast.parse(text, mode="eval")
            target = list(ast.walk(tree))[index]
            yield ast.unparse(ast.fix_missing_locations(_Replacing(target, attempt).visit(tree)))


def _variants(node: ast.AST) -> int:
    if isinstance(node, ast.BoolOp):
        return len(node.values)
    if isinstance(node, ast.Compare):
        return len(node.ops)
    return int(isinstance(node, ast.Constant) or (isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not)))


class _Replacing(ast.NodeTransformer):
    """Changes one node of a tree and leaves the others."""

    def __init__(self, target: ast.AST, attempt: int) -> None:
        self.target = target
        self.attempt = attempt

    def visit(self, node: ast.AST) -> Any:
        return self._other(node) if node is self.target else self.generic_visit(node)

    def _other(self, node: ast.AST) -> ast.AST:
        if isinstance(node, ast.BoolOp):
            left = [value for index, value in enumerate(node.values) if index != self.attempt]
            return left[0] if len(left) == 1 else ast.BoolOp(node.op, left)
        if isinstance(node, ast.Compare):
            operators = [NEIGHBOURS[type(o)]() if i == self.attempt else o for i, o in enumerate(node.ops)]
            return ast.Compare(node.left, operators, node.comparators)
        if isinstance(node, ast.Constant):
            return ast.Constant(node.value + 1 if isinstance(node.value, int) else f"not_{node.value}")
        assert isinstance(node, ast.UnaryOp)
        return node.operand


def noticed(mutant: Told) -> bool:
    """Whether anybody sees that a rule was changed: it is not taken any more, or an example of its own fails."""
    try:
        rules = ruleset(*parse_rules(json.dumps([mutant])))
    except RulesRefused:
        return True
    return bool(run(rules) or unsaid(rules))


SHIPPED = {file.name: told(file) for file in shipped_files()}
MUTANTS = [
    pytest.param(mutant, id=f"{name}: {what}") for name, one in SHIPPED.items() for what, mutant in mutants(one)
]


@pytest.mark.parametrize("mutant", MUTANTS)
def test_no_clause_of_a_shipped_rule_can_go_unnoticed(mutant: Told) -> None:
    assert noticed(mutant)


@pytest.mark.parametrize("name", SHIPPED)
def test_the_rule_itself_is_taken_and_keeps_its_examples(name: str) -> None:
    assert not noticed(SHIPPED[name])
    assert name == f"{SHIPPED[name]['id']}.yaml"


def test_the_walk_reaches_every_clause_of_every_shipped_rule() -> None:
    for name, one in SHIPPED.items():
        walked = {what for what, _ in mutants(one)}
        assert {f"without {clause}" for clause in set(one) - SAME_WITHOUT} <= walked, name
        assert {f"require {field}" for field in one.get("require", ())} <= walked
        assert {f"each {field}" for field in one.get("each", {}).get("require", ())} <= walked
        assert any(what.startswith("expr ") for what in walked) is ("expr" in one)


def test_control_a_clause_without_an_example_goes_unnoticed() -> None:
    careless = {
        "id": "TST-01", "title": {"en": "A", "zh": "甲"}, "remedy": {"en": "B", "zh": "乙"},
        "for": {"resource": "plan", "action": "activate"}, "mode": "warn", "on_error": "open", "require": ["a", "b"],
        "expr": "c == 1 or d <= today",
        "tests": [
            {"name": "ok", "input": {"a": 1, "b": 2, "c": 1}, "expect": "allow"},
            {"name": "no_a", "input": {"b": 2, "c": 1}, "expect": "warn", "pointer": "/a"},
        ],
    }  # fmt: skip
    survivors = {what for what, mutant in mutants(careless) if not noticed(mutant)}
    assert survivors == {
        "mode audit", "mode disabled", "on_error closed", "require b", "without expr", "expr c == 1",
        "expr c == 1 or d < today",
    }  # fmt: skip


def test_control_each_kind_of_change_to_an_expression_is_made() -> None:
    found = set(expressions("not a == 1 and (b in ('x', 'y') or c > 2)"))
    assert found >= {
        "b in ('x', 'y') or c > 2", "not a == 1", "a == 1 and (b in ('x', 'y') or c > 2)",
        "not a != 1 and (b in ('x', 'y') or c > 2)", "not a == 1 and c > 2", "not a == 1 and b in ('x', 'y')",
        "not a == 1 and (b in ('x', 'not_y') or c > 2)", "not a == 1 and (b in ('x', 'y') or c >= 2)",
    }  # fmt: skip
