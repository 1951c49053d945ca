from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.admission.expression import compile_expression
from gateway.admission.syntax import ExpressionRefused
from gateway.admission.values import MAX_BODY_ITEMS, MissingValue, UnusableValue

KNOWN = frozenset({"today", "period_end", "catalogue", "pair", "cells"})

EVIL = {
    "import": "__import__('os').system('true')",
    "dunder name": "__builtins__ == 1",
    "dunder attribute": "a.__class__ == 1",
    "attribute of a literal": "''.join == 1",
    "attribute of a call": "len(a).real == 1",
    "method": "a.lower() == 'x'",
    "hidden key": "a['__class__'] == 1",
    "computed key": "a[b] == 1",
    "negative position": "a[-1] == 1",
    "slice": "a[0:2] == 1",
    "lambda": "(lambda: a)() == 1",
    "f-string": "f'{a}' == 'x'",
    "power": "a ** 9 > 1",
    "division": "a / b > 1",
    "shift": "a << 9 > 1",
    "modulo": "'%s' % a == 'x'",
    "matrix": "a @ b == 1",
    "text times number": "'x' * 1000000000 == a",
    "number times text": "1000000000 * 'x' == a",
    "list times number": "a in [1] * 1000000000",
    "list comprehension": "len([x for x in a]) > 1",
    "set comprehension": "len({x for x in a}) > 1",
    "dictionary comprehension": "len({x: 1 for x in a}) > 1",
    "bare generator": "(x for x in a) == 1",
    "two loops in one": "all(x == y for x in a for y in b)",
    "a loop in a loop": "all(any(y == 1 for y in x.items) for x in a)",
    "async": "all(x == 1 async for x in a)",
    "loop over a range": "all(x == 1 for x in range(10))",
    "loop over a literal": "all(x == a for x in (1, 2, 3))",
    "loop name shadows a fact": "all(today == 1 for today in a)",
    "loop name shadows a function": "all(len == 1 for len in a)",
    "loop takes apart": "all(x == y for x, y in a)",
    "assignment": "(a := 1) == 1",
    "other function": "sum(a) > 1",
    "key word": "len(x=a) > 1",
    "two arguments": "len(a, b) > 1",
    "star": "len(*a) > 1",
    "identity": "a is b",
    "dictionary": "{'a': 1} == b",
    "none": "a == None",
    "bytes": "a == b'x'",
    "complex": "a == 1j",
    "ellipsis": "a == ...",
    "huge number": "a > 10000000000000000",
    "huge float": "a > 1e999",
    "long text": f"a == '{'x' * 65}'",
    "statement": "a = 1",
    "two statements": "a == 1; b == 1",
    "yield": "(yield a) == 1",
    "await": "(await a) == 1",
    "no condition": "a + 1",
    "number as condition": "a and 1",
    "length as condition": "len(a)",
    "names nothing": "1 == 1",
    "one conjunct names nothing": "a == 1 and 1 == 1",
    "membership in text": "a in 'abc'",
    "membership in arithmetic": "a in b + 1",
    "long": "a == 1 and " * 200 + "a == 1",
    "deep": "not " * 30 + "a",
    "deep brackets": "(" * 400 + "a" + ")" * 400,
    "wide": "a in (" + "1," * 199 + "1)",
    "nothing": "  ",
    "zero byte": "a == '\x00' \x00",
}  # fmt: skip


@pytest.mark.parametrize("text", EVIL.values(), ids=EVIL.keys())
def test_what_is_not_of_the_language_is_refused_at_load(text: str) -> None:
    with pytest.raises(ExpressionRefused) as refused:
        compile_expression(text, KNOWN)
    assert str(refused.value)


@given(st.text(alphabet="ab_.()[]{}'\"0123456789+-*/<>=!, :lenaliyorfntodx\\\n", max_size=60))
def test_any_text_is_compiled_or_refused_and_nothing_else_happens(text: str) -> None:
    try:
        compile_expression(text, KNOWN)
    except ExpressionRefused:
        return


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("n == 3", True),
        ("n != 3", False),
        ("n + 2 * m - 1 == 12", True),
        ("0 - n < -2", True),
        ("1 < n <= 3", True),
        ("1 < n < 3", False),
        ("not n == 3", False),
        ("n == 4 or m == 5", True),
        ("kind in ('radio', 'poster')", True),
        ("kind not in ['radio']", False),
        ("kind in catalogue", True),
        ("yes", True),
        ("not no", True),
        ("yes if n == 3 else no", True),
        ("(n if no else m) == 5", True),
        ("nested.deep.value == 'x'", True),
        ("nested['deep']['value'] == 'x'", True),
        ("rows[1].n == 2", True),
        ("all(r.n >= 1 for r in rows)", True),
        ("all(r['n'] > 1 for r in rows)", False),
        ("any(r.n == 2 for r in rows)", True),
        ("any(r.n == 9 for r in rows)", False),
        ("all(r.n == 2 for r in rows if r.n > 1)", True),
        ("len(rows) == 2", True),
        ("len(r for r in rows if r.n > 1) == 1", True),
        ("len(r for r in rows) == 2", True),
        ("all(t in catalogue for t in tags)", True),
        ("all(c.state == 'complete' for c in cells)", False),
        ("pair.started_on <= on", True),
        ("one == yes", False),
        ("all(r.n == 1 for r in none)", True),
        ("any(r.n == 1 for r in none)", False),
    ],
)
def test_an_expression_means_what_it_says(text: str, expected: bool) -> None:
    body = {"n": 3, "m": 5, "one": 1, "kind": "radio", "yes": True, "no": False, "on": "2026-04-15",
            "nested": {"deep": {"value": "x"}}, "rows": [{"n": 1}, {"n": 2}], "tags": ["radio"], "none": []}  # fmt: skip
    known = {"catalogue": frozenset({"radio"}), "cells": [{"state": "open"}], "pair.started_on": date(2026, 4, 15)}
    assert compile_expression(text, KNOWN).holds(body, known) is expected


@given(st.dates(), st.dates())
def test_a_date_and_the_text_of_a_date_are_ordered_as_days(a: date, b: date) -> None:
    at_most = compile_expression("day <= today", KNOWN)
    assert at_most.holds({"day": a.isoformat()}, {"today": b}) is (a <= b)
    assert at_most.holds({"day": a.isoformat()}, {"today": b.isoformat()}) is (a <= b)
    assert compile_expression("day == today", KNOWN).holds({"day": a.isoformat()}, {"today": b}) is (a == b)


def test_instants_are_ordered_as_instants_and_not_as_text() -> None:
    before = compile_expression("a < b", KNOWN)
    assert before.holds({"a": "2026-04-15T07:00:00+08:00", "b": "2026-04-15T00:00:00+00:00"}, {})


@pytest.mark.parametrize(
    "day", ["soon", "2026-4-15", "20260415", "2026-02-30", "2026-W16-3", 20260415, True, 1.5, [], {}, "9" * 99]
)
def test_what_is_no_day_is_not_compared_with_one(day: object) -> None:
    with pytest.raises(UnusableValue):
        compile_expression("day <= today", KNOWN).holds({"day": day}, {"today": date(2026, 4, 15)})


def test_text_has_no_order() -> None:
    with pytest.raises(UnusableValue):
        compile_expression("a < b", KNOWN).holds({"a": "x", "b": "y"}, {})


@pytest.mark.parametrize(("text", "missing"), [("a.b == 1", "a.b"), ("pair.x == 1", "pair.x"), ("all(r.n == 1 for r in rows)", "rows.*.n")])  # fmt: skip
def test_a_missing_value_is_named(text: str, missing: str) -> None:
    with pytest.raises(MissingValue) as caught:
        compile_expression(text, KNOWN).holds({"a": {"b": None}, "rows": [{}]}, {"pair.y": 1})
    assert caught.value.reference.name == missing


def test_a_dotted_name_never_reaches_an_attribute() -> None:
    class Loaded:
        secret = 1

    with pytest.raises(MissingValue):
        compile_expression("a.secret == 1", KNOWN).holds({"a": Loaded()}, {})


@pytest.mark.parametrize("text", ["a + b == 1", "a * 3 == 1", "a - 1 == 0"])
def test_only_numbers_are_reckoned_with(text: str) -> None:
    for value in ("x", [1], True, float("inf")):
        with pytest.raises(UnusableValue):
            compile_expression(text, KNOWN).holds({"a": value, "b": value}, {})


def test_a_list_from_outside_is_bounded_and_one_of_ours_is_not() -> None:
    many = [{"n": 1}] * (MAX_BODY_ITEMS + 1)
    with pytest.raises(UnusableValue):
        compile_expression("all(r.n == 1 for r in rows)", KNOWN).holds({"rows": many}, {})
    assert compile_expression("all(c.n == 1 for c in cells)", KNOWN).holds({}, {"cells": many})
