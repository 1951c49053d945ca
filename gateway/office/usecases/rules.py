"""Rules: put in a mode, set aside for a while, and let in force again."""

from datetime import timedelta

from chassis.ids import new_id
from chassis.work import Work
from contracts.gateway import EndExemption, ExemptFromRule, RuleMode, SetRuleMode
from contracts.messages import Created, Done
from contracts.refusals import NOT_FOUND, OUT_OF_AREA, Refusal
from gateway.admission.exemptions import LONGEST_DAYS
from gateway.admission.modes import AUDITED_FIRST, Since, audited_for, may_enforce
from gateway.admission.shipped import shipped_rules
from gateway.office.refusals import (
    EXEMPTION_ENDS_WRONG,
    EXEMPTION_OF_ALL,
    MODE_TOO_EARLY,
    RULE_OVER_CARE,
    RULE_UNKNOWN,
)
from gateway.office.store import rules as store


def set_rule_mode(work: Work, asked: SetRuleMode) -> Done | Refusal:
    """Put a rule in a mode, for the whole county. Enforced is what was watched for 14 days, or what two people agreed to enforce sooner."""
    if not work.scope.covers(work.runtime.settings.county):
        return OUT_OF_AREA
    found = shipped_rules().rule(asked.rule_id)
    if found is None:
        return RULE_UNKNOWN
    if found.care and asked.mode is RuleMode.ENFORCE:
        return RULE_OVER_CARE
    store.turn_page(work.connection)
    history = store.history(work.connection, asked.rule_id, found.rule.fingerprint)
    if history and history[-1].mode == asked.mode:
        return Done()
    if asked.mode is RuleMode.ENFORCE and not asked.before_its_time and not may_enforce(history, work.today):
        days = audited_for(history, work.today).days
        return MODE_TOO_EARLY.with_more(audited_days=days, needed_days=AUDITED_FIRST.days)
    rule, since = (asked.rule_id, found.rule.fingerprint), Since(asked.mode, work.today)
    store.add_mode(work.connection, rule, since, work.actor.id, asked.reason)
    return Done()


def exempt_from_rule(work: Work, asked: ExemptFromRule) -> Created | Refusal:
    """Set a rule aside for an area, or for what names one id. It ends by itself."""
    if shipped_rules().rule(asked.rule_id) is None:
        return RULE_UNKNOWN
    if asked.area_code is None and asked.entity_id is None:
        return EXEMPTION_OF_ALL
    if not work.today <= asked.until <= work.today + timedelta(days=LONGEST_DAYS):
        return EXEMPTION_ENDS_WRONG.with_more(longest_days=LONGEST_DAYS)
    new = store.Exempted(
        id=new_id(),
        rule_id=asked.rule_id,
        area_code=asked.area_code or work.actor.area,
        entity_id=asked.entity_id,
        reason=asked.reason,
        until=asked.until,
        made_on=work.today,
        made_by=work.actor.id,
        ended_on=None,
        ended_by=None,
    )
    store.turn_page(work.connection)
    store.add_exemption(work.connection, new)
    return Created(id=new.id)


def end_exemption(work: Work, asked: EndExemption) -> Done | Refusal:
    """Let the rule hold again from now on."""
    store.turn_page(work.connection)
    ended = store.end_exemption(work.connection, asked.exemption_id, work.today, work.actor.id, within=work.scope)
    return Done() if ended else NOT_FOUND
