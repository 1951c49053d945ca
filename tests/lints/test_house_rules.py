"""House rules that no ready-made lint knows; each has a control arm."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROOMS = ("contracts", "chassis", "services", "gateway", "kith")
SOURCES = sorted(path for room in ROOMS for path in (ROOT / room).rglob("*.py"))
GENERATED = {ROOT / "kith" / "client" / name for name in ("operations.py", "shapes.py")}
"""Written by `make docs`; as long as there are operations."""

NEVER_NAMED = {"utils", "common", "helpers", "misc"}


def store_functions_without_within(source: str) -> Iterator[str]:
    """Public functions of a store that could forget the area."""
    for node in ast.parse(source).body:
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
            names = {argument.arg for argument in [*node.args.args, *node.args.kwonlyargs]}
            if "within" not in names:
                yield node.name


CLOCKS = {("datetime", "now"), ("datetime", "utcnow"), ("datetime", "today"), ("date", "today")}


def clock_readings(source: str) -> Iterator[int]:
    """Lines that read the clock."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Name(id=kind), attr=face)) if (kind, face) in CLOCKS:
                yield node.lineno


def _stores() -> list[Path]:
    return [
        path for path in SOURCES if "services" in path.parts and ("store" in path.stem or "store" in path.parts)
    ]


def test_every_public_function_of_a_store_takes_within() -> None:
    found = [f"{path.relative_to(ROOT)}: {name}" for path in _stores()
             for name in store_functions_without_within(path.read_text())]  # fmt: skip
    assert found == []
    assert len(_stores()) >= 4


def test_control_a_store_function_without_within_is_found() -> None:
    assert list(store_functions_without_within("def household(connection, id): ...")) == ["household"]
    assert list(store_functions_without_within("def household(connection, id, *, within): ...")) == []


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_only_the_clock_reads_the_clock(path: Path) -> None:
    if path == ROOT / "chassis" / "clock.py":
        return
    assert list(clock_readings(path.read_text())) == []


def test_control_a_clock_reading_is_found() -> None:
    assert list(clock_readings("from datetime import date\nx = date.today()")) == [2]
    assert list(clock_readings("x = datetime.now(UTC)")) == [1]


def test_no_room_is_called_a_junk_drawer() -> None:
    assert [str(path) for path in SOURCES if path.stem in NEVER_NAMED or NEVER_NAMED & set(path.parent.parts)] == []


def test_every_module_says_why_it_exists() -> None:
    silent = [str(path.relative_to(ROOT)) for path in SOURCES
              if "migrations" not in path.parts and not ast.get_docstring(ast.parse(path.read_text()))]  # fmt: skip
    assert silent == []


def test_no_file_grows_beyond_four_hundred_lines() -> None:
    long = [path for path in SOURCES if path not in GENERATED and len(path.read_text().splitlines()) > 400]
    assert [str(path.relative_to(ROOT)) for path in long] == []
