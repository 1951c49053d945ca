"""`kith ops account create`: the first operator of a new installation."""

import os
import subprocess
import sys

import pytest

from chassis.settings import Settings
from kith import installing
from tests.support.hosting import fresh, settings_for

PASSWORD = "correct horse battery"


@pytest.fixture(scope="module")
def settings(database_server: str, namespace: str) -> Settings:
    settings = settings_for(database_server, fresh(f"{namespace}acc"))
    installing.install(settings)
    return settings


def create(settings: Settings, *arguments: str, password: str = PASSWORD) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "kith", "ops", "account", "create", *arguments, "--password-stdin"],
        input=f"{password}\n",
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **settings.environment()},
    )


def test_an_operator_is_made_once_and_never_together_with_an_auditor(settings: Settings) -> None:
    made = create(settings, "anna", "--role", "operator")
    assert made.returncode == 0, made.stderr
    assert len(made.stdout.strip()) == 36
    again = create(settings, "anna", "--role", "operator")
    assert (again.returncode, again.stderr.count("\n")) == (2, 1)
    both = create(settings, "both", "--role", "operator", "--role", "auditor")
    assert (both.returncode, both.stderr.count("\n")) == (2, 1)


@pytest.mark.parametrize(
    ("arguments", "password"),
    [
        (("x", "--role", "operator"), PASSWORD),
        (("berta", "--role", "operator"), "short"),
        (("berta", "--role", "operator", "--area", "1"), PASSWORD),
        (("berta", "--role", "helper"), PASSWORD),
        (("berta", "--role", "king"), PASSWORD),
    ],
)
def test_what_makes_no_account_is_one_line_and_status_two(
    settings: Settings, arguments: tuple[str, ...], password: str
) -> None:
    refused = create(settings, *arguments, password=password)
    assert refused.returncode == 2
    assert refused.stderr.startswith("kith: ")
    assert refused.stderr.count("\n") == 1
    assert password not in refused.stderr
