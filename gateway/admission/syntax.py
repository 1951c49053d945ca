"""Reads an expression's text into a tree of bounded size, and words the refusal of what is not of the language."""

import ast
from collections.abc import Mapping
from typing import Final

MAX_TEXT: Final = 1_000
MAX_NODES: Final = 200
MAX_DEPTH: Final = 16
MAX_NUMBER: Final = 10**12
FUNCTIONS: Final = frozenset({"all", "any", "len"})
REFUSED: Final[Mapping[type[ast.AST], str]] = {
    ast.Lambda: "functions cannot be defined in a rule",
    ast.JoinedStr: "text cannot be put together in a rule",
    ast.ListComp: "write all(…), any(…) or len(…) over a generator instead of a list",
    ast.SetComp: "write all(…), any(…) or len(…) over a generator instead of a set",
    ast.DictComp: "write all(…), any(…) or len(…) over a generator instead of a dictionary",
    ast.GeneratorExp: "a generator may only stand inside all(…), any(…) or len(…)",
    ast.NamedExpr: "a rule assigns nothing",
    ast.Await: "a rule waits for nothing",
    ast.Dict: "a rule builds no dictionaries",
    ast.Starred: "a rule unpacks nothing",
    ast.Slice: "a rule cuts no slices",
}


class ExpressionRefused(ValueError):
    """An expression that is not of the language; the message is for the rule's author."""


def refused(node: ast.AST, why: str) -> ExpressionRefused:
    """The refusal of `node`: the language's own sentence for its kind, else `why`."""
    return ExpressionRefused(REFUSED.get(type(node)) or f"'{ast.unparse(node)[:80]}' {why}")


def parse(text: str) -> ast.expr:
    """The tree of `text`. Raises ExpressionRefused if it cannot be read, or is longer, larger or deeper than allowed."""
    if len(text) > MAX_TEXT:
        raise ExpressionRefused(f"longer than {MAX_TEXT} characters: split it into several rules")
    try:
        tree = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        raise ExpressionRefused("cannot be read: check brackets, quotes and operators") from None
    level: list[ast.AST] = [tree]
    nodes = depth = 0
    while level:
        nodes, depth = nodes + len(level), depth + 1
        if nodes > MAX_NODES or depth > MAX_DEPTH:
            raise ExpressionRefused(
                f"more than {MAX_NODES} parts or {MAX_DEPTH} levels: split it into several rules"
            )
        level = [child for node in level for child in ast.iter_child_nodes(node)]
    return tree
