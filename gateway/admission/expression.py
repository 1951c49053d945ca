"""The rules' expression language: read with `ast`, refused or compiled to closures at load, never evaluated as Python.

    all(i['code'] in catalogue for i in indicators) and deadline <= period_end

Names, dotted names and constant subscripts are lookups (values.py); beside them stand literals, `and or not`,
comparisons, `in`, `+ - *` on numbers, `a if b else c`, `len(list)` and `all/any/len` over one list of the input.
Everything else is refused with a sentence that says what to write instead.
"""

import ast
import operator
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from gateway.admission.condition import Condition, Expression, Loop
from gateway.admission.syntax import FUNCTIONS, MAX_NUMBER, ExpressionRefused, parse, refused
from gateway.admission.values import (
    EACH,
    Reference,
    Term,
    UnusableValue,
    contains,
    items_of,
    lookup,
    number,
    rank,
    same,
    scalar,
)

ARITHMETIC: Final[Mapping[type[ast.operator], Callable[[Any, Any], Any]]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
}
ORDER: Final[Mapping[type[ast.cmpop], Callable[[Any, Any], bool]]] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}


def compile_expression(text: str, known_roots: frozenset[str]) -> Expression:
    """Compile `text`; a name whose first word is in `known_roots` is asked of the gateway, all others of the body.

    Raises ExpressionRefused. The size of the text, the number of nodes and their depth are bounded.
    """
    tree = parse(text)
    parts = tree.values if isinstance(tree, ast.BoolOp) and isinstance(tree.op, ast.And) else [tree]
    compilers = [(_Compiler(known_roots), part) for part in parts]
    conditions = tuple(compiler.condition(part) for compiler, part in compilers)
    literals = {n.value for n in ast.walk(tree) if isinstance(n, ast.Constant) and isinstance(n.value, str)}
    return Expression(
        conditions,
        frozenset(read for compiler, _ in compilers for read in compiler.reads),
        frozenset(read for compiler, _ in compilers for read in compiler.lists),
        frozenset(literals),
    )


class _Compiler:
    """Compiles one conjunct and remembers what it names."""

    def __init__(self, known_roots: frozenset[str]) -> None:
        self.known_roots = known_roots
        self.loop: tuple[str, Reference] | None = None
        self.reads: dict[Reference, None] = {}
        self.lists: dict[Reference, None] = {}

    def condition(self, node: ast.expr) -> Condition:
        loop = self._loop_alone(node)
        holds = self._truth(node)
        if not self.reads and not self.lists:
            raise ExpressionRefused(f"'{ast.unparse(node)}' names no field: it would always say the same")
        return Condition(holds, tuple(self.reads) or tuple(self.lists), loop)

    def _loop_alone(self, node: ast.expr) -> Loop | None:
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "all"):
            return None
        items, element, test = self._generator(node)
        if test is None:
            return Loop(items, element)
        return Loop(items, lambda body, known, item: not test(body, known, item) or element(body, known, item))

    # -- what is true or false

    def _truth(self, node: ast.expr) -> Term:
        if isinstance(node, ast.BoolOp):
            return self._and_or(node)
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            inner = self._truth(node.operand)
            return lambda body, known, item: not inner(body, known, item)
        if isinstance(node, ast.Compare):
            return self._comparison(node)
        if isinstance(node, ast.IfExp):
            return self._choice(node, self._truth)
        if isinstance(node, ast.Call) and self._function(node) != "len":
            return self._quantifier(node)
        if isinstance(node, ast.Name | ast.Attribute | ast.Subscript):
            return self._flag(node)
        raise refused(node, "is no condition: compare it with something")

    def _and_or(self, node: ast.BoolOp) -> Term:
        parts = [self._truth(part) for part in node.values]
        if isinstance(node.op, ast.And):
            return lambda body, known, item: all(part(body, known, item) for part in parts)
        return lambda body, known, item: any(part(body, known, item) for part in parts)

    def _flag(self, node: ast.expr) -> Term:
        value, in_body = self._value(node), self._asks_body(node)

        def term(body: Mapping[str, Any], known: Mapping[str, Any], item: Any) -> bool:
            flag = value(body, known, item)
            if flag is True or flag is False:
                return flag
            raise UnusableValue(in_body=in_body)

        return term

    def _comparison(self, node: ast.Compare) -> Term:
        operands = [node.left, *node.comparators]
        parts = [self._compared(a, op, b) for a, op, b in zip(operands, node.ops, operands[1:], strict=False)]
        if len(parts) == 1:
            return parts[0]
        return lambda body, known, item: all(part(body, known, item) for part in parts)

    def _compared(self, left: ast.expr, op: ast.cmpop, right: ast.expr) -> Term:
        ours, theirs = self._asks_body(left), self._asks_body(right)
        if isinstance(op, ast.In | ast.NotIn):
            return self._membership(left, op, right)
        a, b = self._value(left), self._value(right)
        if isinstance(op, ast.Eq | ast.NotEq):
            wanted = isinstance(op, ast.Eq)
            return lambda body, known, item: (
                same(scalar(a(body, known, item), in_body=ours), scalar(b(body, known, item), in_body=theirs))
                is wanted
            )
        order = ORDER.get(type(op))
        if order is None:
            raise ExpressionRefused("write == or != instead of 'is'")

        def term(body: Mapping[str, Any], known: Mapping[str, Any], item: Any) -> bool:
            x = rank(a(body, known, item), in_body=ours)
            y = rank(b(body, known, item), in_body=theirs)
            try:
                return order(x, y)
            except TypeError:
                raise UnusableValue(in_body=ours or theirs) from None

        return term

    def _membership(self, left: ast.expr, op: ast.cmpop, right: ast.expr) -> Term:
        ours, theirs = self._asks_body(left), self._asks_body(right)
        if not isinstance(right, ast.Tuple | ast.List | ast.Set | ast.Name | ast.Attribute | ast.Subscript):
            raise refused(right, "cannot hold anything: 'in' asks a list of the input or a list of literals")
        a, b, wanted = self._value(left), self._collection(right), isinstance(op, ast.In)

        def term(body: Mapping[str, Any], known: Mapping[str, Any], item: Any) -> bool:
            looked_for = scalar(a(body, known, item), in_body=ours)
            return contains(b(body, known, item), looked_for, in_body=theirs) is wanted

        return term

    def _collection(self, node: ast.expr) -> Term:
        if isinstance(node, ast.Tuple | ast.List | ast.Set):
            literals = [self._literal(element) for element in node.elts]
            return lambda body, known, item: literals
        return self._value(node)

    # -- values

    def _value(self, node: ast.expr) -> Term:
        if isinstance(node, ast.Name | ast.Attribute | ast.Subscript):
            reference = self._reference(node)
            self.reads[reference] = None
            return lookup(reference)
        if isinstance(node, ast.BinOp):
            return self._arithmetic(node)
        if isinstance(node, ast.IfExp):
            return self._choice(node, self._value)
        if isinstance(node, ast.Call) and self._function(node) == "len":
            return self._count(node)
        if isinstance(node, ast.BoolOp | ast.Compare | ast.Call):
            return self._truth(node)
        literal = self._literal(node)
        return lambda body, known, item: literal

    def _literal(self, node: ast.expr) -> str | int | float:
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            value = self._literal(node.operand)
            if not isinstance(value, str):
                return -value
        elif isinstance(node, ast.Constant):
            value = node.value  # type: ignore[assignment]
            if isinstance(value, str) and len(value) <= 64:
                return value
            if isinstance(value, int | float) and abs(value) <= MAX_NUMBER:
                return value
        raise refused(node, "is no literal of the language: a short text, a number up to 10^12, True or False")

    def _arithmetic(self, node: ast.BinOp) -> Term:
        reckon = ARITHMETIC.get(type(node.op))
        if reckon is None:
            raise refused(node, "reckons with something else than + - *")
        for side in (node.left, node.right):
            if isinstance(side, ast.Constant) and type(side.value) not in (int, float):
                raise refused(node, "reckons with something else than numbers")
        ours, theirs = self._asks_body(node.left), self._asks_body(node.right)
        a, b = self._value(node.left), self._value(node.right)

        def term(body: Mapping[str, Any], known: Mapping[str, Any], item: Any) -> Any:
            x, y = number(a(body, known, item), in_body=ours), number(b(body, known, item), in_body=theirs)
            try:
                return reckon(x, y)
            except OverflowError:
                raise UnusableValue(in_body=ours or theirs) from None

        return term

    def _choice(self, node: ast.IfExp, compiled: Callable[[ast.expr], Term]) -> Term:
        test, first, second = self._truth(node.test), compiled(node.body), compiled(node.orelse)
        return lambda body, known, item: (first if test(body, known, item) else second)(body, known, item)

    # -- lists

    def _function(self, node: ast.Call) -> str:
        name = node.func.id if isinstance(node.func, ast.Name) else None
        if name not in FUNCTIONS or len(node.args) != 1 or node.keywords:
            raise refused(node, "is no call of the language: only all(…), any(…) and len(…) of one thing")
        return name

    def _quantifier(self, node: ast.Call) -> Term:
        name = self._function(node)
        items, element, test = self._generator(node)

        def each(body: Mapping[str, Any], known: Mapping[str, Any]) -> Iterator[bool]:
            for one in items(body, known, None):
                if test is None or test(body, known, one):
                    yield element(body, known, one)

        if name == "all":
            return lambda body, known, item: all(each(body, known))
        return lambda body, known, item: any(each(body, known))

    def _count(self, node: ast.Call) -> Term:
        if not isinstance(node.args[0], ast.GeneratorExp):
            items = self._list(node.args[0])
            return lambda body, known, item: len(items(body, known, item))
        items, _, test = self._generator(node, counted=True)
        if test is None:
            return lambda body, known, item: len(items(body, known, item))
        return lambda body, known, item: sum(1 for one in items(body, known, item) if test(body, known, one))

    def _generator(self, call: ast.Call, *, counted: bool = False) -> tuple[Term, Term, Term | None]:
        generator = call.args[0] if call.args else call
        if not isinstance(generator, ast.GeneratorExp):
            raise refused(call, "needs a generator: all(… for x in list)")
        if self.loop or len(generator.generators) > 1 or generator.generators[0].is_async:
            raise refused(generator, "nests: a rule looks through one list at a time")
        clause = generator.generators[0]
        items = self._list(clause.iter)
        self.loop = (self._loop_name(clause.target), self._reference(clause.iter))
        if counted and not (isinstance(generator.elt, ast.Name) and generator.elt.id == self.loop[0]):
            raise refused(generator, "counts something else than its items: write len(x for x in list if …)")
        try:
            tests = [self._truth(test) for test in clause.ifs]
            element = items if counted else self._truth(generator.elt)
        finally:
            self.loop = None
        if not tests:
            return items, element, None
        return items, element, lambda body, known, item: all(test(body, known, item) for test in tests)

    def _loop_name(self, target: ast.expr) -> str:
        if not isinstance(target, ast.Name) or target.id in self.known_roots | FUNCTIONS or target.id[0] == "_":
            raise refused(target, "cannot name an item: choose a plain word that nothing else has")
        return target.id

    def _list(self, node: ast.expr) -> Term:
        if not isinstance(node, ast.Name | ast.Attribute | ast.Subscript):
            raise refused(node, "is no list of the input")
        reference, in_body = self._reference(node), self._asks_body(node)
        self.lists[reference] = None
        read = lookup(reference)
        return lambda body, known, item: items_of(read(body, known, item), in_body=in_body)

    # -- names

    def _reference(self, node: ast.expr) -> Reference:
        path: list[str | int] = []
        while not isinstance(node, ast.Name):
            if isinstance(node, ast.Attribute):
                path.insert(0, self._word(node, node.attr))
                node = node.value
            elif isinstance(node, ast.Subscript):
                path.insert(0, self._subscript(node.slice))
                node = node.value
            else:
                raise refused(node, "holds no fields: a dotted name begins with a name of the input")
        if self.loop and node.id == self.loop[0]:
            items = self.loop[1]
            return Reference((*items.path, EACH, *path), items.in_body)
        return Reference((self._word(node, node.id), *path), node.id not in self.known_roots)

    def _word(self, node: ast.expr, word: str) -> str:
        if word.startswith("_") or word in FUNCTIONS:
            raise refused(node, f"reaches for '{word}', which is no field")
        return word

    def _subscript(self, node: ast.expr) -> str | int:
        if isinstance(node, ast.Constant):
            key = node.value
            if isinstance(key, str) and key.isidentifier():
                return self._word(node, key)
            if type(key) is int and 0 <= key < 1_000:
                return key
        raise refused(node, "is no constant key: write a field's name in quotes or a position from 0")

    def _asks_body(self, node: ast.expr) -> bool:
        own = {
            n.target.id
            for n in ast.walk(node)
            if isinstance(n, ast.comprehension) and isinstance(n.target, ast.Name)
        }
        for name in (n.id for n in ast.walk(node) if isinstance(n, ast.Name)):
            if self.loop and name == self.loop[0]:
                if self.loop[1].in_body:
                    return True
            elif name not in self.known_roots | FUNCTIONS | own:
                return True
        return False
