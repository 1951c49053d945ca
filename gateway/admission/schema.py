"""What a rule file may say: a closed schema, so that a typing error is refused rather than silently ignored."""

import hashlib
import json
from typing import Annotated, Any, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from gateway.admission.vocabulary import never_blocked

Mode = Literal["disabled", "audit", "warn", "enforce"]
OnError = Literal["open", "closed"]
Expectation = Literal["allow", "deny", "warn", "not_applicable", "error"]
FailureCode = Literal["field-missing", "too-few", "condition-failed", "value-missing", "value-unusable"]
Word = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
DottedName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_]*(\.[A-Za-z][A-Za-z0-9_]*){0,4}$")]
RuleId = Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z0-9]*(-[A-Z0-9]+)+$", max_length=32)]
Pointer = Annotated[str, StringConstraints(pattern=r"^(/[^/]+)+$")]
Effect = Literal["none", "recorded", "flagged", "warned", "denied", "unavailable"]
FixtureName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9_]+(/[a-z0-9_]+)*\.json$")]


CLAUSES: Final = ("subject", "require", "each", "expr", "on_error")
"""What a rule judges by; the rest is how it is told, and how seriously it is taken."""

LATER: Final = ("deadline", "escalate", "gate")
"""Words of rules that are no rules over a single change."""


class Part(BaseModel):
    """Closed, immutable and strict: unknown fields and other types are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, populate_by_name=False)


class Text(Part):
    """A sentence in English and, where the rule's author gave one, in Chinese."""

    en: Annotated[str, StringConstraints(min_length=1, max_length=300)]
    zh: Annotated[str, StringConstraints(min_length=1, max_length=300)] | None = None


class Subject(Part):
    """The change that a rule judges: an action on a resource, as the commands name them."""

    resource: Word
    action: Word


class Each(Part):
    """What every item of a list needs, and how many items there must be."""

    path: DottedName
    min: Annotated[int, Field(ge=0, le=1_000)] = 0
    require: tuple[DottedName, ...] = ()


class RuleTest(Part):
    """One example of what the rule says, kept inside the rule.

    `input` is a body, or the name of a fixture beside the rule file: `{"body": {...}, "facts": {...}}`. `remove` and
    `set` change the body by JSON pointers; `facts` (context too, by dotted name) stand over the fixture's, null unsets.
    `pointer` and `code` say what a failure must point at and be called, `effect` what it does: in the
    mode that the file ships, or in `mode`.
    """

    name: Annotated[str, StringConstraints(pattern=r"^[a-z0-9_]{1,64}$")]
    input: FixtureName | dict[str, Any]
    remove: Pointer | None = None
    set: dict[Pointer, Any] = Field(default_factory=dict)
    action: Word | None = None
    facts: dict[str, Any] = Field(default_factory=dict)
    expect: Expectation
    pointer: Pointer | None = None
    code: FailureCode | None = None
    effect: Effect | None = None
    mode: Mode | None = None


class Rule(Part):
    """One admission rule. It never says more than: this change needs these fields, and this must be true of them."""

    id: RuleId
    version: Annotated[int, Field(ge=1)] = 1
    title: Text
    subject: Subject = Field(alias="for")
    mode: Mode
    on_error: OnError | None = None
    require: tuple[DottedName, ...] = ()
    each: Each | None = None
    expr: Annotated[str, StringConstraints(min_length=1)] | None = None
    remedy: Text | None = None
    tests: tuple[RuleTest, ...] = ()

    @property
    def fingerprint(self) -> str:
        """The same for two rules that judge alike, whatever they are called and however seriously they are taken."""
        clauses = self.model_dump(mode="json", include=set(CLAUSES))
        return hashlib.sha256(json.dumps(clauses, sort_keys=True).encode()).hexdigest()[:16]

    @property
    def closes_on_error(self) -> bool:
        """Whether a change waits (503) when the rule cannot be judged; only an enforced rule ever makes it wait."""
        return self.mode == "enforce" and self.on_error != "open"

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not self.require and self.each is None and self.expr is None:
            raise ValueError("the rule says nothing: it needs require, each or expr")
        if self.each is not None and self.each.min == 0 and not self.each.require:
            raise ValueError("each says nothing: it needs min or require")
        return self

    @model_validator(mode="after")
    def _names_its_tests_apart(self) -> Self:
        names = [test.name for test in self.tests]
        if len(set(names)) < len(names):
            raise ValueError("two tests have one name")
        return self

    @model_validator(mode="after")
    def _never_blocks_care(self) -> Self:
        if never_blocked(self.subject.resource):
            care_problem(self)
        return self


def care_problem(rule: Rule) -> None:
    """Raises ValueError where `rule`, over a resource of law L3, could hold care back."""
    if rule.mode == "enforce":
        raise ValueError(
            f"law L3: {rule.subject.resource} is never blocked; the rule may audit or warn, not enforce"
        )
    if rule.on_error == "closed":
        raise ValueError(f"law L3: {rule.subject.resource} is never blocked; on_error must be open")
