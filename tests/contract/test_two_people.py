"""What may ask for a second person, and who may be one (security 13, law L3)."""

from dataclasses import replace

import pytest

from contracts.actor import Role
from contracts.catalogue import COMMANDS
from contracts.gateway import Approve, CreateAccount, DeclineApproval, GetApproval, ListApprovals, TakeBackApproval
from contracts.gateway.commands import PRIVILEGED
from contracts.messages import CommandSpec, Second
from gateway.api import commands

ASKING = {name: kind.spec for name, kind in COMMANDS.items() if kind.spec.second}
LOOKING = (Approve, DeclineApproval, GetApproval, ListApprovals)


def faults(spec: CommandSpec) -> list[str]:
    """Why this command may not ask for a second person in this way."""
    if spec.second is None:
        return []
    found = ["care waits for nobody (L3)"] if spec.never_blocked or spec.withdrawal else []
    found += ["nobody may agree"] if not spec.second.roles else []
    found += (
        ["who asked may not look"] if not spec.roles <= GetApproval.spec.roles & TakeBackApproval.spec.roles else []
    )
    found += (
        ["who agrees may not look"] if any(not spec.second.roles <= kind.spec.roles for kind in LOOKING) else []
    )
    found += ["a secret told once would be told to the wrong one"] if spec.answer.told_once else []
    return found


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_a_command_asks_for_a_second_person_only_where_that_is_possible(name: str) -> None:
    assert faults(COMMANDS[name].spec) == []


def test_control_each_fault_is_found() -> None:
    spec = CreateAccount.spec
    assert faults(spec) == []
    assert faults(replace(spec, never_blocked=True)) == ["care waits for nobody (L3)"]
    assert faults(replace(spec, second=Second(frozenset()))) == ["nobody may agree"]
    assert faults(replace(spec, second=Second(frozenset({Role.HELPER})))) == ["who agrees may not look"]
    assert faults(replace(spec, roles=frozenset({Role.FAMILY_MEMBER}))) == ["who asked may not look"]


def test_deciding_about_an_approval_asks_for_no_third_person() -> None:
    assert not any(kind.spec.second for kind in (Approve, DeclineApproval, TakeBackApproval))


def test_every_command_that_may_wait_says_so_in_openapi() -> None:
    told = {operation.id: operation.also for operation in commands.operations()}
    assert {name for name, also in told.items() if 202 in also and also[202] is commands.ApprovalTicket} == set(
        ASKING
    )
    assert ASKING


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.SYSTEM}))
def test_only_accounts_with_roles_that_reach_far_wait(role: Role) -> None:
    new = CreateAccount(
        username="somebody", password="long enough to sign in", roles=frozenset({role}), area_code="990101"
    )
    second = CreateAccount.spec.second
    assert second is not None
    assert second.needed(new) == (role in PRIVILEGED)
