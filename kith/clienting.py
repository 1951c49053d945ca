"""Writes the client's operations and shapes from the OpenAPI document, so that they cannot differ from what is served."""

import keyword
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

Schema = dict[str, Any]
WRITTEN = "Written by `make docs` from the OpenAPI document; the declarations in contracts/ and gateway/api are what to change."
OURS = ("Idempotency-Key", "Kith-Purpose", "If-Match", "If-None-Match")
"""Headers that the client sends by itself, or a field says as well."""

SPECIAL = {"uuid": "Id", "date": "date | str", "date-time": "datetime | str"}
PLAIN = {"string": "str", "integer": "int", "number": "float", "boolean": "bool", "null": "None"}
LINE = 116
FOLLOWED = "#/components/schemas/Ticket"
"""The answer to what law L3 takes in while its service is away."""


def shapes(document: Schema) -> str:
    """The module of all shapes: what is answered, and what is sent within a body."""
    found = document["components"]["schemas"]
    wanted = sorted(_reachable(document))
    lines = [f'"""What the gateway is sent and answers, as plain dictionaries. {WRITTEN}"""', ""]
    lines += ["from typing import Any, Literal, NotRequired, TypedDict", ""]
    for name in wanted:
        lines += _shape(name, found[name])
    return "\n".join(lines).rstrip() + "\n"


def operations(document: Schema) -> str:
    """The module with one method per operation."""
    methods = [
        Method(path, method, told, document)
        for path, each in document["paths"].items()
        for method, told in each.items()
    ]
    names = [method.name for method in methods]
    if doubled := sorted({name for name in names if names.count(name) > 1}):
        raise ValueError(f"operations whose methods would have one name: {doubled}")
    body = [line for method in sorted(methods, key=lambda one: one.name) for line in method.lines()]
    text = "\n".join(body)
    return "\n".join([*_head(text), *body]).rstrip() + "\n"


def _head(text: str) -> list[str]:
    """Imports of no more than what is used."""

    def used(*names: str) -> str:
        return ", ".join(name for name in names if re.search(rf"\b{name}\b", text))

    def line(module: str, names: str) -> list[str]:
        return [f"from {module} import {names}"] if names else []

    return [
        f'"""One method per operation of the gateway. {WRITTEN}"""', "", "# ruff: noqa: PLR0913", "",
        *line("collections.abc", used("Iterator", "Mapping", "Sequence")),
        *line("datetime", used("date", "datetime")),
        *line("typing", used("Any", "Literal")),
        "", "from kith.client import shapes as s",
        *line("kith.client.calling", ", ".join(filter(None, ("Caller", used("Id", "segment"))))),
        "", "", "class Operations(Caller):", '    """All of them."""', "",
    ]  # fmt: skip


def _reachable(document: Schema) -> set[str]:
    """The shapes that methods speak of, and what those are made of."""
    found = document["components"]["schemas"]
    waiting = set(_references([_spoken(told) for each in document["paths"].values() for told in each.values()]))
    for told in (told for each in document["paths"].values() for told in each.values()):
        body = _json_body(told)
        waiting |= set(_references(found[_name(body)] if "$ref" in body else body))
    reached: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name not in reached:
            reached.add(name)
            waiting |= set(_references(found[name]))
    return reached


def _spoken(told: Schema) -> list[Any]:
    return [*(schema for _, schema in _answers(told)), *(parameter["schema"] for parameter in told["parameters"])]


def _references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield _name(node)
        for value in node.values():
            yield from _references(value)
    elif isinstance(node, list | tuple):
        for value in node:
            yield from _references(value)


def _name(reference: Schema) -> str:
    return str(reference["$ref"]).rsplit("/", 1)[1]


def _python(name: str) -> str:
    return re.sub(r"\W", "", name)


def _shape(name: str, schema: Schema) -> list[str]:
    own, doc = _python(name), " ".join(str(schema.get("description", "")).split())
    if "properties" not in schema:
        return [f"{own} = {_type(schema, prefix='')}", *([f'"""{_escaped(doc)}"""'] if doc else []), ""]
    fields, required = schema["properties"], schema.get("required", ())
    typed = {field: _type(each, prefix="") for field, each in fields.items()}
    typed = {field: kind if field in required else f"NotRequired[{kind}]" for field, kind in typed.items()}
    if any(keyword.iskeyword(field) or not field.isidentifier() for field in fields):
        pairs = ", ".join(f'"{field}": {kind}' for field, kind in typed.items())
        return ["", f'{own} = TypedDict("{own}", {{{pairs}}})', "", ""]
    body = [f"    {field}: {_quoted(kind)}" for field, kind in typed.items()]
    return ["", f"class {own}(TypedDict):", f'    """{_escaped(doc) or own}"""', "", *body, "", ""]


def _quoted(kind: str) -> str:
    """Names of shapes that stand further down are not known yet."""
    return (
        f'"{kind}"' if re.search(r"\b(?!Literal|NotRequired|Any|None)[A-Z]\w+", kind) and '"' not in kind else kind
    )


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', "'")


def _type(schema: Schema, *, prefix: str = "s.", sent: bool = False) -> str:
    """The Python type of a schema; `sent`: as an argument rather than within an answer."""
    if "$ref" in schema:
        return f"{prefix}{_python(_name(schema))}"
    if "const" in schema:
        return f"Literal[{_literal(schema['const'])}]"
    if "enum" in schema:
        return f"Literal[{', '.join(map(_literal, schema['enum']))}]"
    if kinds := schema.get("anyOf") or schema.get("oneOf"):
        return " | ".join(dict.fromkeys(_type(kind, prefix=prefix, sent=sent) for kind in kinds))
    return _of_kind(schema, prefix, sent)


def _of_kind(schema: Schema, prefix: str, sent: bool) -> str:
    kind = schema.get("type")
    if kind == "array":
        inner = _type(schema["items"], prefix=prefix, sent=sent) if isinstance(schema.get("items"), dict) else "Any"
        return f"Sequence[{inner}]" if sent else f"list[{inner}]"
    if kind == "object":
        more = schema.get("additionalProperties")
        inner = _type(more, prefix=prefix, sent=sent) if isinstance(more, dict) else "Any"
        return f"Mapping[str, {inner}]" if sent else f"dict[str, {inner}]"
    if kind == "string" and sent:
        return SPECIAL.get(str(schema.get("format")), "str")
    return PLAIN.get(str(kind), "Any")


def _literal(value: object) -> str:
    return f'"{value}"' if isinstance(value, str) else repr(value)


def _json_body(told: Schema) -> Schema:
    schema: Schema = told.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
    return schema


def _answers(told: Schema) -> list[tuple[str, Schema]]:
    """What may be answered: done, or waiting for somebody else. What is only taken in is followed by the client."""
    more = [
        (media, each["schema"])
        for status, response in told["responses"].items()
        if status.startswith("2")
        for media, each in response.get("content", {}).items()
        if each["schema"].get("$ref") != FOLLOWED
    ]
    return [_answer_of(told), *more]


def _answer_of(told: Schema) -> tuple[str, Schema]:
    """(media type, schema) of what the operation answers when all is well and done; nothing for a redirection."""
    well = sorted((status for status in told["responses"] if status.startswith("2")), key=lambda s: (s == "202", s))
    content = told["responses"][well[0]].get("content", {}) if well else {}
    return next(((media, each["schema"]) for media, each in content.items()), ("", {}))


@dataclass(frozen=True)
class Argument:
    """One argument of a method; `where` is path or said (query or body)."""

    wire: str
    kind: str
    required: bool
    where: str

    @property
    def name(self) -> str:
        """As Python has it."""
        own = re.sub(r"\W", "_", self.wire)
        return f"{own}_" if keyword.iskeyword(own) or own in ("self", "key") else own

    def declared(self) -> str:
        """As it stands in the signature."""
        kind = self.kind if self.required or self.kind.endswith("None") else f"{self.kind} | None"
        return f"{self.name}: {kind}" if self.required else f"{self.name}: {kind} = None"


@dataclass(frozen=True)
class Method:
    """One operation as a method."""

    path: str
    verb: str
    told: Schema
    document: Schema

    @property
    def name(self) -> str:
        """The operation's id, without the name of its service."""
        first, _, rest = str(self.told["operationId"]).partition(".")
        own = rest if rest and first == self.told["tags"][0] else f"{first}.{rest}" if rest else first
        return own.replace(".", "_")

    @property
    def paged(self) -> Schema | None:
        """The schema of one item, if the answer is a page."""
        shape = self._resolved(_answer_of(self.told)[1]).get("properties", {})
        if {"items", "next_cursor"} <= shape.keys():
            item: Schema = shape["items"]["items"]
            return item
        return None

    @property
    def keyed(self) -> bool:
        """Whether it is a command with a key, which repeats nothing."""
        return any(parameter["name"] == "Idempotency-Key" for parameter in self.told["parameters"])

    def lines(self) -> list[str]:
        """The whole method."""
        arguments = self._arguments()
        doc = _escaped(" ".join(str(self.told["summary"]).split()))
        return [*self._signature(arguments), f'        """{doc}"""', *self._body(arguments), ""]

    def _resolved(self, schema: Schema) -> Schema:
        found: Schema = self.document["components"]["schemas"][_name(schema)] if "$ref" in schema else schema
        return found

    def _arguments(self) -> list[Argument]:
        spoken = [one for one in self.told["parameters"] if one["name"] not in OURS]
        found = [
            Argument(
                one["name"],
                _type(one["schema"], sent=True),
                bool(one.get("required")),
                "path" if one["in"] == "path" else "said",
            )
            for one in spoken
            if not (self.paged and one["name"] == "cursor")
        ]
        shape = self._resolved(_json_body(self.told))
        required = shape.get("required", ())
        for field, schema in shape.get("properties", {}).items():
            found.append(Argument(field, _type(schema, sent=True), field in required, "said"))
        return sorted(found, key=lambda one: (one.where != "path", not one.required))

    def _free_body(self) -> str | None:
        """The media type of a body that is no declared shape."""
        content = self.told.get("requestBody", {}).get("content", {})
        if not content or self._resolved(_json_body(self.told)).get("properties"):
            return None
        return str(next(iter(content)))

    def _returns(self) -> str:
        if self.paged is not None:
            return f"Iterator[{_type(self.paged)}]"
        kinds = [_type(schema) for media, schema in _answers(self.told) if media]
        return " | ".join(dict.fromkeys(kinds)) or "None"

    def _signature(self, arguments: list[Argument]) -> list[str]:
        parts = ["self", *(one.declared() for one in arguments if one.where == "path")]
        if media := self._free_body():
            parts.append("body: Mapping[str, Any]" if media == "application/json" else "content: Any")
        rest = [one.declared() for one in arguments if one.where == "said"] + [
            "key: str | None = None"
        ] * self.keyed
        parts += ["*", *rest] if rest else []
        whole = f"    def {self.name}({', '.join(parts)}) -> {self._returns()}:"
        if len(whole) <= LINE:
            return [whole]
        return [f"    def {self.name}(", *(f"        {part}," for part in parts), f"    ) -> {self._returns()}:"]

    def _body(self, arguments: list[Argument]) -> list[str]:
        path = f'"{self.path}"'
        for one in (one for one in arguments if one.where == "path"):
            path = f"f{path}" if path[0] != "f" else path
            path = path.replace(f"{{{one.wire}}}", f"{{segment({one.name})}}")
        said = [f'"{one.wire}": {one.name},' for one in arguments if one.where == "said"]
        lines = ["        said_ = {", *(f"            {one}" for one in said), "        }"] if said else []
        call = self._call(path, "said_" if said else "{}")
        if self.paged is not None:
            return [*lines, f"        return {call}"]
        if self._returns() == "None":
            return [*lines, f"        {call}"]
        return [*lines, f"        found_: {self._returns()} = {call}", "        return found_"]

    def _call(self, path: str, said: str) -> str:
        verb, media = self.verb.upper(), self._free_body()
        if media and media != "application/json":
            return f'self.stream("{verb}", {path}, content, "{media}")'
        if verb == "GET":
            return f"self.{'pages' if self.paged is not None else 'ask'}({path}, {said})"
        if self.keyed:
            return f'self.command("{verb}", {path}, {"body" if media else said}, key)'
        return f'self.tell("{verb}", {path}{"" if said == "{}" else f", {said}"})'


def modules(document: Schema) -> Iterable[tuple[str, str]]:
    """(file, what stands in it) of the client's written modules."""
    return (("shapes.py", shapes(document)), ("operations.py", operations(document)))
