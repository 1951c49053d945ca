"""The rules in force, and what they would say of a command that is not sent."""

from typing import Literal

import sqlalchemy as sa
from starlette.responses import JSONResponse, Response

from contracts.catalogue import COMMANDS
from contracts.messages import Message, View
from contracts.refusals import ROLE_MISSING, UNKNOWN_MESSAGE, Refused
from gateway.admission.evaluate import Judgement
from gateway.api import judging
from gateway.api.commands import ordered
from gateway.api.language import negotiated, told
from gateway.api.messages import completed
from gateway.api.operation import CHANGES, SIGNED_IN, Operation, Visit
from gateway.api.reading import json_object


class DryRun(Message):
    """Which command would be sent; the body holds all of its fields, those of its path too."""

    command: Literal[tuple(sorted(COMMANDS))]  # type: ignore[valid-type]


class FailureView(View):
    """What one rule has against a change."""

    rule: str
    version: int
    mode: str
    effect: str
    code: str
    pointers: tuple[str, ...]
    title: str
    remedy: str


class JudgementView(View):
    """What the rules would say: `allow`, `warn`, `deny` or `unavailable`; and whether somebody else would have to agree."""

    outcome: str
    failures: tuple[FailureView, ...]
    ruleset_version: str
    needs_second_person: bool


class RuleView(View):
    """One rule: what it judges and how seriously; `wished_mode` is what its file asks for."""

    rule_id: str
    version: int
    title: str
    remedy: str
    resource: str
    action: str
    mode: str
    wished_mode: str
    on_error: str


class RuleList(View):
    """All rules in force."""

    ruleset_version: str
    items: tuple[RuleView, ...]


def operations() -> list[Operation]:
    """The list and the dry run."""
    body = {"application/json": {"schema": {"type": "object"}}}
    return [
        Operation("rules.list", "GET", "/v1/rules", 200, "The rules that changes are judged by.",
                  "gateway", _rules, SIGNED_IN, answer=RuleList),
        Operation("rules.dry_run", "POST", "/v1/dry-run/{command}", 200,
                  "What the rules would say of a command. Nothing is sent and nothing is kept.",
                  "gateway", _dry_run, CHANGES, message=DryRun, answer=JudgementView, takes=body,
                  sends=("Idempotency-Key",)),
    ]  # fmt: skip


async def _rules(visit: Visit) -> Response:
    language = negotiated(visit.request.headers.get("accept-language"))
    in_force = await visit.doors.transact(visit.doors.rules.current)
    wished = {source.rule.id: source.rule.mode for source in visit.doors.rules.shipped.sources}
    items = tuple(
        RuleView(
            rule_id=rule.id,
            version=rule.version,
            **told(
                {**judging.both("title", rule.title), **judging.both("remedy", rule.remedy or rule.title)}, language
            ),
            resource=rule.subject.resource,
            action=rule.subject.action,
            mode=rule.mode,
            wished_mode=wished[rule.id],
            on_error="closed" if rule.closes_on_error else "open",
        )
        for rule in (source.rule for source in in_force.rules.sources)
    )
    return JSONResponse(RuleList(ruleset_version=in_force.rules.version, items=items).model_dump(mode="json"))


async def _dry_run(visit: Visit) -> Response:
    kind = COMMANDS.get(visit.request.path_params["command"])
    if kind is None:
        raise Refused(UNKNOWN_MESSAGE)
    if not visit.actor.has(*kind.spec.roles):
        raise Refused(ROLE_MISSING)
    command = completed(kind, {}, await json_object(visit.request))
    order = await ordered(visit, kind, command)

    def judge(connection: sa.Connection) -> Judgement:
        return visit.doors.judging.judge(connection, order)

    judgement = await visit.doors.transact(judge)
    language = negotiated(visit.request.headers.get("accept-language"))
    shown = JudgementView(
        outcome=judgement.outcome,
        failures=tuple(map(FailureView.model_validate, told(judging.told(judgement), language))),
        ruleset_version=judgement.ruleset_version,
        needs_second_person=order.needs_second,
    )
    return JSONResponse(shown.model_dump(mode="json"))
