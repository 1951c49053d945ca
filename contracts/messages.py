"""How events, commands and queries are declared: once, as a class; everything else derives from it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Annotated, Any, ClassVar, TypeVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from contracts.actor import Actor, Purpose, Role
from contracts.area import AreaCode

Code = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.:-]{0,63}$")]
"""A word of a closed or configured vocabulary: never a name, a number of a person, or a sentence."""


Cursor = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$")]
"""Where a page ended, as it was answered."""


class Message(BaseModel):
    """Closed and immutable: unknown fields are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", ser_json_bytes="base64")


class Event(Message):
    """A past-tense fact: ids and codes only."""

    type: ClassVar[str]
    subject_field: ClassVar[str]
    public: ClassVar[bool]

    @property
    def subject(self) -> str:
        """The id of the aggregate that the fact is about; order is kept per subject."""
        return str(getattr(self, self.subject_field))


class Answer(Message):
    """What a command answers: ids and codes, so that it can be kept for repeated keys."""

    told_once: ClassVar[frozenset[str]] = frozenset()
    """Fields, null by default, that are answered the first time alone and kept nowhere: secrets that were just made."""


class View(BaseModel):
    """What a query answers. May hold what the asker may see; never stored, never logged."""

    model_config = ConfigDict(frozen=True)


@dataclass(frozen=True)
class Deprecated:
    """Still served, but not for long: since when, until when, and the path of what takes its place."""

    since: date
    sunset: date
    successor: str | None = None


@dataclass(frozen=True)
class Route:
    """The HTTP operation of a command or query: `{name}` in the path fills the field of that name."""

    method: str
    path: str
    status: int = 200
    deprecated: Deprecated | None = None


def _always(_: Any) -> bool:
    return True


def _never(_: Any, __: Actor) -> bool:
    return False


@dataclass(frozen=True)
class Second:
    """Somebody else, who holds one of these roles, has to agree before a command for which `needed` is true is carried out.

    `needed_from` adds those that are only too near to whoever sends them. `sees`: personal fields that one has to see
    to know what one agrees to.
    """

    roles: frozenset[Role]
    needed: Callable[[Any], bool] = _always
    needed_from: Callable[[Any, Actor], bool] = _never
    sees: frozenset[str] = frozenset()

    def asked(self, command: "Command", actor: Actor) -> bool:
        """Whether this command of this actor waits for somebody else."""
        return self.needed(command) or self.needed_from(command, actor)


@dataclass(frozen=True)
class CommandSpec:
    """What is declared about a command beside its fields."""

    name: str
    resource: str
    action: str
    route: Route
    answer: type[Answer]
    roles: frozenset[Role]
    never_blocked: bool = False
    withdrawal: bool = False
    personal: frozenset[str] = field(default_factory=frozenset)
    second: Second | None = None


@dataclass(frozen=True)
class QuerySpec:
    """What is declared about a query. Without a route it is for services only."""

    name: str
    route: Route | None
    answer: type[View]
    roles: frozenset[Role]
    purposes: frozenset[Purpose] = field(default_factory=frozenset)


class Command(Message):
    """An imperative. Fields named in `personal` never reach a rule, a log or a stored answer."""

    spec: ClassVar[CommandSpec]


class Edit(Command):
    """Changes what stands there. `version` is that of what the editor saw; without it the last word counts.

    Over HTTP the header If-Match says the same. Who saw an older one is refused with 412 and told what changed since.
    """

    version: Annotated[int, Field(ge=1, le=2**31 - 1)] | None = None


class Query(Message):
    """A question to the service that owns the answer."""

    spec: ClassVar[QuerySpec]


class Page(Query):
    """A question whose answer is a list: scoped by area, paged by cursor."""

    area_code: AreaCode | None = None
    cursor: Cursor | None = None
    limit: Annotated[int, Field(ge=1, le=500)] = 100


E_ = TypeVar("E_", bound=Event)
C_ = TypeVar("C_", bound=Command)
Q_ = TypeVar("Q_", bound=Query)


def event(type_: str, *, subject: str, public: bool = False) -> Callable[[type[E_]], type[E_]]:
    """Declare an event class: its type (`<service>.<fact>.v<n>`) and the field that is its subject."""

    def declare(cls: type[E_]) -> type[E_]:
        cls.type, cls.subject_field, cls.public = type_, subject, public
        return cls

    return declare


def command(
    name: str,
    *,
    resource: str,
    action: str,
    route: Route,
    answer: type[Answer],
    roles: frozenset[Role],
    **more: Any,
) -> Callable[[type[C_]], type[C_]]:
    """Declare a command class; `name` is `<service>.<verb_object>`."""

    def declare(cls: type[C_]) -> type[C_]:
        cls.spec = CommandSpec(name, resource, action, route, answer, roles, **more)
        return cls

    return declare


def query(
    name: str,
    *,
    answer: type[View],
    roles: frozenset[Role],
    route: Route | None = None,
    purposes: frozenset[Purpose] = frozenset(),
) -> Callable[[type[Q_]], type[Q_]]:
    """Declare a query class; with `purposes` the asker must state one of them and the read is audited."""

    def declare(cls: type[Q_]) -> type[Q_]:
        cls.spec = QuerySpec(name, route, answer, roles, purposes)
        return cls

    return declare


class Done(Answer):
    """It was done; nothing more to say."""


class Created(Answer):
    """The id of what now exists."""

    id: UUID
