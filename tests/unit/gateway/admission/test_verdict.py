from datetime import UTC, datetime, timedelta

import pytest

from contracts.verdict import body_hash
from gateway.admission.evaluate import RuleSet
from gateway.admission.verdict import Asked, Verdict
from tests.support.admission import situation

NOW = datetime(2026, 3, 10, 1, 0, tzinfo=UTC)
RULES = RuleSet.load()


def verdict(**without: object) -> Verdict:
    body, facts = situation("plan_ok")
    body = {**body, **without}
    judgement = RULES.judge("plan", "activate", body, facts, facts)
    return Verdict.of(judgement, Asked("activities.activate_plan", body, "officer-1", "520201"), NOW)


def test_a_verdict_is_bound_to_the_body_and_counts_for_a_minute() -> None:
    kept = verdict()
    body, _ = situation("plan_ok")
    assert kept.body_sha256 == body_hash("activities.activate_plan", body)
    assert kept.expires_at - kept.issued_at == timedelta(seconds=60)
    assert kept.values["body"]["deadline"] == body["deadline"]


def test_what_was_let_in_has_claims_without_the_values() -> None:
    claims = verdict().claims()
    assert claims is not None
    assert (claims.outcome, claims.rules[0].rule, claims.rules[0].outcome) == ("allow", "ADM-01", "passed")
    assert "2026-04-15" not in claims.model_dump_json()


@pytest.mark.parametrize("lead_unit", ["", None])
def test_what_was_denied_is_kept_but_never_signed(lead_unit: object) -> None:
    kept = verdict(lead_unit=lead_unit)
    assert kept.outcome == "deny"
    assert kept.claims() is None


def test_a_denied_verdict_can_be_replayed_from_the_record() -> None:
    kept = verdict(lead_unit="")
    again = RULES.replay("plan", "activate", kept.values)
    assert again.outcome == "deny"
    assert again.failures[0].pointers == ("/lead_unit",)
