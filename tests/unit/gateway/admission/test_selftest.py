import ast
from collections.abc import Iterator
from typing import Any

import pytest

from gateway.admission.evaluate import RuleSet
from gateway.admission.schema import Rule
from gateway.admission.selftest import run
from tests.support.admission import rule, ruleset

SHIPPED = RuleSet.load()
NEIGHBOURS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.LtE: ast.Lt, ast.Lt: ast.LtE, ast.GtE: ast.Gt, ast.Gt: ast.GtE,
    ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.In: ast.NotIn, ast.NotIn: ast.In,
}  # fmt: skip


def changed(one: Rule, **said: Any) -> Rule | None:
    """The rule with other clauses; None if nothing would be left of it."""
    told = {**one.model_dump(mode="json", by_alias=True), **said}
    told["tests"] = [test.model_dump(mode="json") for test in one.tests]
    if told["each"] and not told["each"]["min"] and not told["each"]["require"]:
        told["each"] = None
    if not (told["require"] or told["each"] or told["expr"]):
        return None
    return rule(**told)


def weakened(one: Rule) -> Iterator[tuple[str, Rule | None]]:
    """Every rule that lacks one clause of `one`, or has one comparison shifted."""
    for name in one.require:
        yield f"require {name}", changed(one, require=[r for r in one.require if r != name])
    if one.each:
        each = one.each.model_dump(mode="json")
        yield "each", changed(one, each=None)
        yield "each.min", changed(one, each={**each, "min": max(0, each["min"] - 1)}) if each["min"] else one
        for name in each["require"]:
            yield f"each {name}", changed(one, each={**each, "require": [r for r in each["require"] if r != name]})
    if one.expr:
        yield from ((text, changed(one, expr=text or None)) for text in without_a_conjunct(one.expr))
        yield from ((text, changed(one, expr=text)) for text in shifted(one.expr))


def without_a_conjunct(expr: str) -> Iterator[str]:
    tree = ast.parse(expr, mode="eval").body
    parts = tree.values if isinstance(tree, ast.BoolOp) and isinstance(tree.op, ast.And) else [tree]
    for left_out in parts:
        yield " and ".join(f"({ast.unparse(part)})" for part in parts if part is not left_out)


def shifted(expr: str) -> Iterator[str]:
    count = sum(isinstance(node, ast.Compare) for node in ast.walk(ast.parse(expr)))
    for index in range(count):
        tree = ast.parse(expr)
        node = [node for node in ast.walk(tree) if isinstance(node, ast.Compare)][index]
        node.ops = [NEIGHBOURS[type(op)]() for op in node.ops]
        yield ast.unparse(tree)


MUTANTS = [
    pytest.param(mutant, id=f"{source.rule.id}: {what}")
    for source in SHIPPED.sources
    for what, mutant in weakened(source.rule)
    if mutant is not None and mutant is not source.rule
]


def test_the_shipped_rules_keep_their_own_examples() -> None:
    assert {"ADM-01", "VIS-DQ-02"} <= {source.rule.id for source in SHIPPED.sources}
    assert run(SHIPPED) == []


def test_the_walk_reaches_every_clause_of_the_shipped_rules() -> None:
    clauses = sum(len(s.rule.require) + len(s.rule.each.require if s.rule.each else ()) for s in SHIPPED.sources)
    assert len(MUTANTS) > clauses


@pytest.mark.parametrize("mutant", MUTANTS)
def test_no_clause_of_a_shipped_rule_can_go_unnoticed(mutant: Rule) -> None:
    assert run(ruleset(mutant)) != []


def test_control_a_clause_without_an_example_goes_unnoticed() -> None:
    careless = rule(
        require=["a", "b"],
        tests=[
            {"name": "ok", "input": {"a": 1, "b": 2}, "expect": "allow"},
            {"name": "no_a", "input": {"b": 2}, "expect": "deny", "pointer": "/a"},
        ],
    )
    survivors = [what for what, mutant in weakened(careless) if mutant and run(ruleset(mutant)) == []]
    assert survivors == ["require b"]


@pytest.mark.parametrize(
    ("test", "said"),
    [
        ({"input": {"a": 1}, "expect": "deny"}, "passed"),
        ({"input": {}, "expect": "allow"}, "failed"),
        ({"input": {}, "expect": "warn"}, "makes it deny"),
        ({"input": {}, "expect": "deny", "pointer": "/b"}, "said field-missing at /a"),
        ({"input": {}, "expect": "deny", "code": "too-few"}, "expected too-few"),
        ({"input": {}, "expect": "deny", "action": "read"}, "does not apply"),
        ({"input": {}, "expect": "not_applicable"}, "not_applicable"),
        ({"input": {}, "expect": "error"}, "expected error"),
        ({"input": {"a": 1}, "expect": "deny", "remove": "/z"}, "cannot be set up"),
        ({"input": "fixtures/nowhere.json", "expect": "allow"}, "cannot be read"),
    ],
)
def test_an_example_that_does_not_hold_is_named(test: dict[str, Any], said: str) -> None:
    broken = [one for one in run(ruleset(rule(require=["a"], tests=[{"name": "t", **test}]))) if one.test == "t"]
    assert len(broken) == 1
    assert said in broken[0].said


def test_a_rule_without_examples_is_broken() -> None:
    assert [one.said for one in run(ruleset(rule(require=["a"])))] == [
        "no test expects allow",
        "no test expects deny or warn",
    ]


@pytest.mark.parametrize("mode", ["audit", "disabled"])
def test_a_rule_keeps_its_examples_while_it_is_only_tried_out(mode: str) -> None:
    shipped = SHIPPED.sources[0].rule
    assert run(ruleset(shipped.model_copy(update={"mode": mode}))) == []
    assert run(ruleset(shipped.model_copy(update={"mode": mode, "require": ()}))) != []
