"""Reads rule files: safe YAML whose words mean one thing only, and every problem of every file named at once."""

import json
from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, Final

import yaml
from pydantic import ValidationError

from gateway.admission.schema import LATER, Rule

NOWHERE: Final = Path("/nonexistent")
"""Where the fixtures of rules lie that come without any."""


class RulesRefused(ValueError):
    """Rules that may not be loaded; `problems` are sentences for their author."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems))


@dataclass(frozen=True)
class Source:
    """A rule together with the folder that its fixtures lie in."""

    rule: Rule
    file: str
    folder: Traversable

    def fixture(self, name: str) -> Mapping[str, Any]:
        """The fixture `name`: `{"body": {...}, "facts": {...}}`. Raises RulesRefused if it is absent or misshapen."""
        file = self.folder.joinpath(name)
        try:
            read = json.loads(file.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            raise RulesRefused([f"{self.file}: fixture {name} cannot be read"]) from None
        if not isinstance(read, dict) or not isinstance(read.get("body"), dict) or set(read) - {"body", "facts"}:
            raise RulesRefused([f"{self.file}: fixture {name} must be {{body: {{…}}, facts: {{…}}}}"])
        return read


class _Loader(yaml.SafeLoader):
    """Safe YAML without its traps: double keys, anchors, and words that turn into truth values or dates."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            raise yaml.constructor.ConstructorError(problem="anchors are not used in rules: write it out")
        return super().compose_node(parent, index)

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[object] = set()
        for key, _ in node.value:
            name = self.construct_object(key, deep=True)
            if not isinstance(name, str):
                raise yaml.constructor.ConstructorError(problem=f"{name!r} is no name of a field")
            if name in seen:
                raise yaml.constructor.ConstructorError(problem=f"'{name}' stands twice")
            seen.add(name)
        return super().construct_mapping(node, deep)

    def construct_truth(self, node: yaml.ScalarNode) -> bool:
        if node.value.lower() not in ("true", "false"):
            raise yaml.constructor.ConstructorError(
                problem=f"'{node.value}' is a truth value in YAML 1.1: choose another word, or put it in quotes"
            )
        return bool(node.value.lower() == "true")


_Loader.add_constructor("tag:yaml.org,2002:bool", _Loader.construct_truth)
_Loader.add_constructor("tag:yaml.org,2002:timestamp", lambda loader, node: node.value)


def shipped_files() -> tuple[Traversable, ...]:
    """The rule files that come with the package, in the order of their names."""
    folder = files("gateway.admission") / "rules"
    return tuple(sorted((f for f in folder.iterdir() if f.name.endswith(".yaml")), key=lambda f: f.name))


def read_sources(rule_files: Iterable[tuple[Traversable, Traversable]]) -> tuple[Source, ...]:
    """Read `(file, folder of its fixtures)` pairs. Raises RulesRefused with the problems of all of them."""
    sources: list[Source] = []
    problems: list[str] = []
    for file, folder in rule_files:
        try:
            sources += [Source(rule, file.name, folder) for rule in parse_rules(file.read_text(encoding="utf-8"))]
        except RulesRefused as refused:
            problems += [f"{file.name}: {problem}" for problem in refused.problems]
    if problems:
        raise RulesRefused(problems)
    return tuple(sources)


def parse_rules(text: str) -> tuple[Rule, ...]:
    """The rules of one file: a single one, or a list. Raises RulesRefused."""
    try:
        read = yaml.load(text, Loader=_Loader)  # noqa: S506 - a SafeLoader, made stricter
    except (yaml.YAMLError, RecursionError, ValueError, OverflowError) as error:
        raise RulesRefused([_where(error)]) from None
    entries = read if isinstance(read, list) else [read]
    rules: list[Rule] = []
    problems: list[str] = []
    for entry in entries:
        if isinstance(entry, dict) and (later := [word for word in LATER if word in entry]):
            problems.append(
                f"{entry.get('id', '?')}: '{later[0]}' is not judged here: this gateway knows rules over single"
                " changes, and none yet with deadlines, escalation or gates; leave the rule out"
            )
            continue
        try:
            rules.append(Rule.model_validate_json(json.dumps(entry, allow_nan=False)))
        except ValidationError as error:
            problems += _sentences(entry, error)
        except (TypeError, ValueError, RecursionError):
            problems.append("holds values that JSON does not have")
    if problems or not rules:
        raise RulesRefused(problems or ["holds no rule"])
    return tuple(rules)


def _where(error: Exception) -> str:
    problem, mark = getattr(error, "problem", None), getattr(error, "problem_mark", None)
    line = f"line {mark.line + 1}: " if mark else ""
    return f"{line}{problem or 'is no readable YAML'}"


def _sentences(entry: object, error: ValidationError) -> Iterator[str]:
    name = entry.get("id", "?") if isinstance(entry, dict) else "?"
    for problem in error.errors(include_input=False, include_url=False):
        place = ".".join(str(part) for part in problem["loc"])
        yield f"{name}: {place + ': ' if place else ''}{problem['msg'].removeprefix('Value error, ')}"
