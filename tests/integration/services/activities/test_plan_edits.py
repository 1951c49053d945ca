"""Two edit one plan: the second is told what changed since, decided in the transaction that writes."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import count
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy.exc import ProgrammingError

from contracts.activities import GetPlan, RevisePlan
from contracts.actor import Actor, Role
from contracts.codes import Carrier, UnitKind
from services.activities.usecases import plans
from tests.support.activities import OTHER_TOWNSHIP, TODAY, TOWNSHIP, VILLAGE, a_draft, an_activation, an_officer
from tests.support.service_calls import Speaker, answered, created, refused

OFFICER = an_officer()
WORKER = an_officer(VILLAGE, Role.VILLAGE_WORKER)
YEARS = count(2060)


@pytest.fixture
def plan(speaker: Speaker) -> UUID:
    return created(speaker.do(OFFICER, a_draft(Carrier.HEALTHY_BIRTH, year=next(YEARS))))


def revised(plan: UUID, version: int | None = None, **said: Any) -> RevisePlan:
    return RevisePlan(plan_id=plan, version=version, **said)


def shown(speaker: Speaker, plan: UUID, actor: Actor = OFFICER) -> dict[str, Any]:
    return answered(speaker.ask(actor, GetPlan(plan_id=plan)))


def conflict(reply: Any) -> dict[str, Any]:
    assert refused(reply) == (412, "version-conflict")
    more: dict[str, Any] = reply.refusal["more"]
    return more


def test_a_draft_is_changed_and_what_is_left_out_stays(speaker: Speaker, plan: UUID) -> None:
    answered(speaker.do(OFFICER, revised(plan, title="Another", budget_line="FP-1")))
    answer = answered(speaker.do(WORKER, revised(plan, deadline=TODAY)))
    found = shown(speaker, plan)
    assert answer == {"version": found["version"]} == {"version": 3}
    assert (found["title"], found["budget_line"], found["deadline"]) == ("Another", "FP-1", TODAY.isoformat())


def test_the_second_editor_is_told_which_fields_changed_by_which_role_and_when(
    speaker: Speaker, plan: UUID
) -> None:
    answered(speaker.do(WORKER, revised(plan, 1, title="李某的方案", budget_line="FP-1")))
    answered(speaker.do(WORKER, revised(plan, 2, lead_unit=UnitKind.HEALTH_CENTRE)))
    reply = speaker.do(OFFICER, revised(plan, 1, title="Mine"))
    told = conflict(reply)
    assert told["version"] == 3
    assert [(c["version"], c["fields"], c["roles"]) for c in told["changes"]] == [
        (2, ["title", "budget_line"], ["village_worker"]),
        (3, ["lead_unit"], ["village_worker"]),
    ]
    assert all(change["changed_at"] for change in told["changes"])
    assert "李某" not in str(reply.refusal)
    assert WORKER.id not in str(reply.refusal)
    assert shown(speaker, plan)["title"] == "李某的方案"


def test_without_a_version_the_last_word_counts(speaker: Speaker, plan: UUID) -> None:
    answered(speaker.do(WORKER, revised(plan, title="First")))
    answered(speaker.do(OFFICER, revised(plan, title="Second")))
    assert shown(speaker, plan)["title"] == "Second"


def test_a_plan_is_not_put_in_force_over_what_its_officer_has_not_seen(speaker: Speaker, plan: UUID) -> None:
    answered(speaker.do(WORKER, revised(plan, 1, title="Changed")))
    assert conflict(speaker.do(OFFICER, an_activation(plan, version=1)))["changes"][0]["fields"] == ["title"]
    answered(speaker.do(OFFICER, an_activation(plan, version=2)))
    told = conflict(speaker.do(WORKER, revised(plan, 2, title="Late")))
    assert "state" in told["changes"][0]["fields"]
    assert refused(speaker.do(WORKER, revised(plan, 3, title="Later"))) == (409, "plan-not-draft")


def test_what_changes_nothing_is_no_new_version(speaker: Speaker, plan: UUID) -> None:
    title = shown(speaker, plan)["title"]
    assert answered(speaker.do(OFFICER, revised(plan, 1, title=title))) == {"version": 1}


def test_a_version_that_never_was_is_refused(speaker: Speaker, plan: UUID) -> None:
    assert conflict(speaker.do(OFFICER, revised(plan, 99, title="x"))) == {"version": 1, "changes": []}


def test_another_townships_plan_is_neither_seen_nor_changed(speaker: Speaker, plan: UUID) -> None:
    stranger = an_officer(OTHER_TOWNSHIP)
    assert refused(speaker.do(stranger, revised(plan, 99, title="x"))) == (404, "not-found")
    assert refused(speaker.ask(stranger, GetPlan(plan_id=plan))) == (404, "not-found")
    assert shown(speaker, plan, an_officer(TOWNSHIP))["version"] == 1


def race(speaker: Speaker, plan: UUID) -> list[str]:
    """Eight who saw the same version write at once; how each was answered."""

    def write(number: int) -> str:
        reply = speaker.do(OFFICER, revised(plan, 1, title=f"Number {number}"))
        return "done" if reply.answer else refused(reply)[1]

    with ThreadPoolExecutor(8) as pool:
        return list(pool.map(write, range(8)))


def test_of_editors_who_race_one_wins_and_all_others_are_told(speaker: Speaker, plan: UUID) -> None:
    assert sorted(race(speaker, plan)) == ["done", *["version-conflict"] * 7]
    assert shown(speaker, plan)["version"] == 2


@contextmanager
def broken(monkeypatch: pytest.MonkeyPatch, name: str, instead: Callable[..., Any]) -> Iterator[None]:
    with monkeypatch.context() as patch:
        patch.setattr(plans, name, instead)
        yield


def test_control_a_service_that_does_not_look_lets_the_second_overwrite(
    speaker: Speaker, plan: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    with broken(monkeypatch, "_overtaken", lambda *_: None):
        assert race(speaker, plan).count("done") > 1


def test_the_services_role_does_not_rewrite_what_changed(speaker: Speaker, plan: UUID) -> None:
    with pytest.raises(ProgrammingError, match="permission denied"):
        speaker.rows("update plan_change set roles = '{}' returning plan_id")
