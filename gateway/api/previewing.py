"""What a rule would have done to the changes of the last year, before anybody puts it in force."""

import threading
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated
from uuid import UUID

import sqlalchemy as sa
from pydantic import Field
from starlette.responses import JSONResponse, Response

from contracts.gateway.rules import DECIDERS, RuleId
from contracts.messages import Message, View
from contracts.refusals import BODY_INVALID, Refused
from gateway.admission.compiled import Compiled
from gateway.admission.impact import YEAR, told
from gateway.admission.loading import RulesRefused
from gateway.admission.shipped import compiled_on_trial, shipped_rules
from gateway.api.messages import from_body
from gateway.api.operation import CHANGES, Operation, Visit
from gateway.api.refusals import RULES_REFUSED, TOO_MANY
from gateway.office import trials
from gateway.office.refusals import RULE_UNKNOWN

BOUNDS = trials.Bounds(verdicts=50_000, seconds=5.0)
"""How far it goes over HTTP; `kith ops rules preview` looks at all."""

RETRY_AFTER = 5

_one_at_a_time = threading.Lock()


class PreviewAsked(Message):
    """Either the text of a rule file, or the id of a rule that is shipped."""

    file: Annotated[str, Field(max_length=20_000)] | None = None
    rule_id: RuleId | None = None


class ImpactView(View):
    """What one rule would have found, were it enforced. `unknown`: a value that it asks for was not kept. `holds_back`
    is false over care: there it could only have warned."""

    rule: str
    resource: str
    action: str
    holds_back: bool
    seen: int
    passed: int
    failed: int
    already_refused: int
    error: int
    unknown: int
    by_command: dict[str, int]
    by_area: dict[str, int]
    by_month: dict[str, int]
    first: tuple[UUID, ...]


class PreviewView(View):
    """The rules one by one. Not `complete`: only the newest verdicts, back to `since`, were looked at."""

    since: datetime
    complete: bool
    items: tuple[ImpactView, ...]


def operations() -> list[Operation]:
    """The preview."""
    return [
        Operation("rules.preview", "POST", "/v1/rules/preview", 200,
                  "What a rule would have refused in the last year. Nothing is changed and nothing is kept.",
                  "gateway", _preview, CHANGES, DECIDERS, message=PreviewAsked, answer=PreviewView),
    ]  # fmt: skip


async def _preview(visit: Visit) -> Response:
    asked = await from_body(visit, PreviewAsked)
    if (asked.file is None) == (asked.rule_id is None):
        raise Refused(BODY_INVALID.at("/file", "/rule_id"))
    now = visit.doors.clock.now()

    def do(connection: sa.Connection) -> trials.Trial:
        if not _one_at_a_time.acquire(blocking=False):
            raise Refused(TOO_MANY.with_more(retry_after=RETRY_AFTER))
        try:
            return trials.tried(connection, _rules(asked), now - YEAR, within=visit.actor.scope, bounds=BOUNDS)
        finally:
            _one_at_a_time.release()

    trial = await visit.doors.transact(do)
    shown = PreviewView(
        since=trial.since,
        complete=trial.complete,
        items=tuple(ImpactView.model_validate(told(impact)) for impact in trial.impacts),
    )
    return JSONResponse(shown.model_dump(mode="json"))


def _rules(asked: PreviewAsked) -> Sequence[Compiled]:
    if asked.rule_id is not None:
        known = shipped_rules().rule(asked.rule_id)
        if known is None:
            raise Refused(RULE_UNKNOWN)
        return [known]
    try:
        return compiled_on_trial(asked.file or "")
    except RulesRefused as refused:
        raise Refused(RULES_REFUSED.at("/file").with_more(problems=list(refused.problems))) from None
