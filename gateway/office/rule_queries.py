"""What the office answers about rules, exemptions and verdicts."""

from datetime import date

from chassis.paging import asked_area, id_cursor
from chassis.work import Work
from contracts.gateway import (
    ExemptionPage,
    ExemptionRow,
    GetRuleHistory,
    ListExemptions,
    ListOmittedVerdicts,
    OmittedList,
    OmittedRow,
    ReplayVerdict,
    ReplayVerdicts,
    RuleChange,
    RuleCompared,
    RuleHistory,
    RuleMode,
    VerdictReplay,
    VerdictReplays,
)
from contracts.refusals import NOT_FOUND, Refusal
from gateway.admission.modes import audited_for
from gateway.admission.replaying import Replayed, Replayer
from gateway.admission.shipped import shipped_rules
from gateway.office import trials
from gateway.office.refusals import RULE_UNKNOWN
from gateway.office.store import rules as store
from gateway.office.store import verdicts

BOUNDS = trials.Bounds(verdicts=20_000, seconds=2.0)


def rule_history(work: Work, query: GetRuleHistory) -> RuleHistory | Refusal:
    """What was decided about a rule, the newest first."""
    found = shipped_rules().rule(query.rule_id)
    if found is None:
        return RULE_UNKNOWN
    rule = found.rule
    history = store.history(work.connection, rule.id, rule.fingerprint)
    changes = store.changes(work.connection, rule.id)
    return RuleHistory(
        rule_id=rule.id,
        mode=RuleMode(history[-1].mode if history else rule.mode),
        wished_mode=RuleMode(rule.mode),
        audited_days=audited_for(history, work.today).days,
        items=tuple(_told(one, rule.fingerprint) for one in changes),
    )


def list_exemptions(work: Work, query: ListExemptions) -> ExemptionPage:
    """The exemptions in an area, in the order they were made."""
    found = store.page(
        work.connection,
        id_cursor(query),
        query.limit + 1,
        within=asked_area(work, query),
        holding_on=work.today if query.holding else None,
    )
    rows = tuple(
        ExemptionRow.model_validate({**vars(one), "exemption_id": one.id, "holds": _holds(one, work.today)})
        for one in found[: query.limit]
    )
    return ExemptionPage(items=rows, next_cursor=str(rows[-1].exemption_id) if len(found) > query.limit else None)


def _holds(one: store.Exempted, today: date) -> bool:
    return one.ended_on is None and one.until >= today


def replay_verdict(work: Work, query: ReplayVerdict) -> VerdictReplay | Refusal:
    """A verdict of the asker's area, judged again."""
    kept = verdicts.one(work.connection, query.verdict_id, within=work.scope)
    if kept is None:
        return NOT_FOUND
    return _replayed(Replayer(lambda version: verdicts.ruleset_of(work.connection, version)).replay(kept))


def replay_verdicts(work: Work, query: ReplayVerdicts) -> VerdictReplays:
    """All verdicts of the asker's area since a moment, judged again as far as the bounds go."""
    found = trials.compared(work.connection, query.since, within=work.scope, bounds=BOUNDS)
    return VerdictReplays(
        counted=dict(found.counted),
        since=found.since,
        complete=found.complete,
        items=tuple(map(_replayed, found.others)),
    )


def list_omitted_verdicts(work: Work, query: ListOmittedVerdicts) -> OmittedList:
    """How many verdicts were counted instead of kept. Not everybody who acts has an account: those are the county's to see."""
    everybody = work.scope.covers(work.runtime.settings.county)
    found = verdicts.omitted(work.connection, query.since, query.limit, within=None if everybody else work.scope)
    return OmittedList(items=tuple(OmittedRow.model_validate(vars(one)) for one in found))


def _told(one: store.Change, fingerprint: str) -> RuleChange:
    return RuleChange(
        number=one.number,
        mode=RuleMode(one.mode),
        since=one.since,
        decided_by=one.actor_id,
        reason=one.reason,
        current=one.fingerprint == fingerprint,
    )


def _replayed(found: Replayed) -> VerdictReplay:
    kept = found.verdict
    return VerdictReplay(
        verdict_id=kept.id,
        command=kept.command,
        area_code=kept.area,
        at=kept.at,
        ruleset_version=kept.ruleset_version,
        outcome=kept.outcome,
        replayed_outcome=found.outcome,
        standing=found.standing,
        rules=tuple(RuleCompared(rule=one.rule, was=one.was, now=one.now) for one in found.rules),
    )
