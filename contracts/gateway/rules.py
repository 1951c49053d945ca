"""What the front door is told and asked about its rules: modes, exemptions, and verdicts judged again."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints

from contracts.actor import Role
from contracts.area import AreaCode
from contracts.instants import Instant
from contracts.messages import Command, Created, Done, Page, Query, Route, Second, View, command, query

DECIDERS = frozenset({Role.COUNTY_OFFICER, Role.WORKING_GROUP})
OVERSEERS = DECIDERS | {Role.AUDITOR, Role.OPERATOR}
RuleId = Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z0-9]*(-[A-Z0-9]+)+$", max_length=32)]
Because = Annotated[str, StringConstraints(min_length=3, max_length=500, strip_whitespace=True)]
"""Why, in a sentence that names no person."""


class RuleMode(StrEnum):
    """How seriously a rule is taken: not at all, on record only, with a warning, or so that it holds a change back."""

    DISABLED = "disabled"
    AUDIT = "audit"
    WARN = "warn"
    ENFORCE = "enforce"


def _too_early(asked: "SetRuleMode") -> bool:
    return asked.before_its_time and asked.mode is RuleMode.ENFORCE


@command(
    "gateway.set_rule_mode",
    resource="rule",
    action="set_mode",
    route=Route("POST", "/v1/rules/{rule_id}/mode"),
    answer=Done,
    roles=DECIDERS,
    personal=frozenset({"reason"}),
    second=Second(DECIDERS, _too_early, sees=frozenset({"reason"})),
)
class SetRuleMode(Command):
    """Put a rule in a mode, for the whole county. It is enforced after 14 days in audit; `before_its_time` asks a second person for less."""

    rule_id: RuleId
    mode: RuleMode
    reason: Annotated[Because, Field(repr=False)]
    before_its_time: bool = False


@command(
    "gateway.exempt_from_rule",
    resource="exemption",
    action="create",
    route=Route("POST", "/v1/rules/{rule_id}/exemptions", 201),
    answer=Created,
    roles=frozenset({Role.COUNTY_OFFICER}),
    personal=frozenset({"reason"}),
)
class ExemptFromRule(Command):
    """Set one rule aside for an area, or for changes that name one id, through a day at most 90 days ahead."""

    rule_id: RuleId
    area_code: AreaCode | None = None
    entity_id: UUID | None = None
    reason: Annotated[Because, Field(repr=False)]
    until: date


@command(
    "gateway.end_exemption",
    resource="exemption",
    action="end",
    route=Route("POST", "/v1/exemptions/{exemption_id}/end"),
    answer=Done,
    roles=frozenset({Role.COUNTY_OFFICER}),
)
class EndExemption(Command):
    """Let the rule hold again before the exemption ends by itself."""

    exemption_id: UUID


class RuleChange(View):
    """One decision about a rule's mode. `current`: it is about what the rule judges by today."""

    number: int
    mode: RuleMode
    since: date
    decided_by: str
    reason: str
    current: bool


class RuleHistory(View):
    """What was decided about a rule, the newest first, and how many days it was watched."""

    rule_id: str
    mode: RuleMode
    wished_mode: RuleMode
    audited_days: int
    items: tuple[RuleChange, ...]


@query(
    "gateway.rule_history",
    answer=RuleHistory,
    roles=OVERSEERS,
    route=Route("GET", "/v1/rules/{rule_id}/modes"),
)
class GetRuleHistory(Query):
    """The modes that a rule was in."""

    rule_id: RuleId


class ExemptionRow(View):
    """One exemption; `holds`: today it does."""

    exemption_id: UUID
    rule_id: str
    area_code: str
    entity_id: UUID | None
    reason: str
    until: date
    made_on: date
    made_by: str
    ended_on: date | None
    ended_by: str | None
    holds: bool


class ExemptionPage(View):
    """A page of them in the order they were made."""

    items: tuple[ExemptionRow, ...]
    next_cursor: str | None


@query("gateway.list_exemptions", answer=ExemptionPage, roles=OVERSEERS, route=Route("GET", "/v1/exemptions"))
class ListExemptions(Page):
    """The exemptions in your area, those that are over too unless only those that hold are asked for."""

    holding: bool = False


class RuleCompared(View):
    """What one rule said then and says now; null where it did not judge."""

    rule: str
    was: str | None
    now: str | None


class VerdictReplay(View):
    """A verdict judged again. `standing`: `same`, `differs`, or that the rules of then are `rules-unknown` or `rules-altered`."""

    verdict_id: UUID
    command: str
    area_code: str
    at: datetime
    ruleset_version: str
    outcome: str
    replayed_outcome: str | None
    standing: str
    rules: tuple[RuleCompared, ...]


@query(
    "gateway.replay_verdict",
    answer=VerdictReplay,
    roles=frozenset({Role.AUDITOR}),
    route=Route("GET", "/v1/verdicts/{verdict_id}/replay"),
)
class ReplayVerdict(Query):
    """Judge again, by the rules of then and the values that were kept, and compare."""

    verdict_id: UUID


class VerdictReplays(View):
    """How many stand how, and the first that are not the same. Not `complete`: only the newest were judged again."""

    counted: dict[str, int]
    since: datetime
    complete: bool
    items: tuple[VerdictReplay, ...]


@query(
    "gateway.replay_verdicts",
    answer=VerdictReplays,
    roles=frozenset({Role.AUDITOR}),
    route=Route("GET", "/v1/verdicts/replay"),
)
class ReplayVerdicts(Query):
    """Judge all verdicts of your area again since a moment, the newest first, as many as two seconds allow."""

    since: Instant


class OmittedRow(View):
    """Verdicts that were not kept one by one, because the same actor had many refused in that minute."""

    actor_id: str
    minute: datetime
    command: str
    outcome: str
    count: int


class OmittedList(View):
    """The newest first."""

    items: tuple[OmittedRow, ...]


@query(
    "gateway.list_omitted_verdicts",
    answer=OmittedList,
    roles=frozenset({Role.AUDITOR, Role.OPERATOR}),
    route=Route("GET", "/v1/verdicts/omitted"),
)
class ListOmittedVerdicts(Query):
    """How many verdicts of your area's accounts, for the whole county of everybody who acts, were counted instead of kept."""

    since: Instant
    limit: Annotated[int, Field(ge=1, le=500)] = 100
