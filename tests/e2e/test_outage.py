"""Law L3 with real processes: a service or the broker away never blocks care, and nothing happens late or twice."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import httpx
import pytest

from chassis.settings import Settings
from contracts.actor import Role
from kith import demo, installing, seeding, starting, waiting
from kith.client import Problem
from kith.journey import steps
from kith.ops.status import Watch
from kith.processes import Processes, free_port
from tests.support.hosting import settings_for
from tests.support.private_broker import PrivateBroker
from tests.support.servers import broker_missing, installed_script
from tests.support.visitor import Visitor
from tests.support.waiting import eventually

TODAY = date(2026, 4, 15)


@dataclass
class Stand:
    """An installation of real processes on a broker of its own."""

    settings: Settings
    broker: PrivateBroker
    processes: Processes
    watch: Watch
    county: Visitor

    def visit(self, key: str) -> httpx.Response:
        """A visit report as a phone sends it."""
        household = self.county.get("/v1/households", limit=1)["items"][0] if not self.household else self.household
        self.household = household
        body = {"household_id": household["household_id"], "visited_on": TODAY.isoformat(), "outcome": "all_well"}
        return self.county.try_post("/v1/visits", body, key)

    def visits(self) -> int:
        """How many visits the household has; asks again while the service is coming back."""
        return eventually(self._visits, within=30, what="the activities service to answer") - 1

    def _visits(self) -> int:
        try:
            return 1 + len(list(self.county.items("/v1/visits", household_id=self.household["household_id"])))
        except Problem as problem:
            assert problem.status == 503
            return 0

    def delivered(self, kept: httpx.Response) -> bool:
        """Whether a command that was taken in has been carried out."""
        return bool(self.county.get(kept.headers["location"])["state"] == "delivered")

    household: Any = None


@pytest.fixture(scope="module")
def stand(database_server: str, namespace: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stand]:
    if not installed_script():
        broker_missing()
    with PrivateBroker() as broker:
        more = {"mode": "broker", "broker_url": broker.url, "port": free_port(), "call_timeout": 2.0}
        settings = settings_for(database_server, f"{namespace}out", TODAY, **more)
        installing.install(settings)
        stop = threading.Event()
        with Processes(settings, stop, tmp_path_factory.mktemp("log")) as processes:
            starting.wait_until_ready(processes.url, stop)
            account = demo.account(settings, "county", Role.COUNTY_OFFICER, settings.county)
            county = Visitor.enter(processes.url, account.username, account.password, "survey")
            steps.import_areas(county, seeding.sample("areas.csv"))
            steps.import_survey(county, seeding.sample("survey.xlsx"), TODAY.year)
            watch = Watch(settings)
            eventually(lambda: watch.status().settled, within=30, what="the seed to settle")
            yield Stand(settings, broker, processes, watch, county)
            county.close()
            watch.close()


def test_a_visit_reported_while_its_service_hangs_is_taken_in_and_delivered_once(stand: Stand) -> None:
    stand.visit("before-the-hang")
    before, pid = stand.visits(), stand.processes.pid("serve-activities")
    os.kill(pid, signal.SIGSTOP)
    try:
        kept = stand.visit("during-the-hang")
        again = stand.visit("during-the-hang")
    finally:
        os.kill(pid, signal.SIGCONT)
    assert kept.status_code == again.status_code == 202
    assert kept.headers["location"] == again.headers["location"]
    eventually(lambda: stand.delivered(kept), within=30, what="the visit to be delivered")
    assert stand.visits() == before + 1
    assert stand.visit("during-the-hang").status_code == 201
    assert stand.visits() == before + 1


def test_with_the_broker_away_care_is_taken_in_and_the_rest_is_told_to_come_back(stand: Stand) -> None:
    stand.visit("warm-up")
    before = stand.visits()
    household = stand.household["household_id"]
    stand.broker.stop()
    try:
        visit = stand.visit("while-the-broker-is-away")
        withdrawal = stand.county.try_post(
            f"/v1/households/{household}/consents/withdraw", {"purpose": "visits"}, "withdrawal"
        )
        plan = stand.county.try_post(
            "/v1/plans", {"carrier": "happy_family", "area_code": "990101", "year": 2026, "title": "x"}
        )
    finally:
        stand.broker.start()
    assert visit.status_code == withdrawal.status_code == 202
    assert plan.status_code == 503
    assert int(plan.headers["retry-after"]) > 0
    assert plan.json()["code"] == "unavailable"
    for kept in (withdrawal, visit):
        eventually(lambda kept=kept: stand.delivered(kept), within=60, what="delivery after the broker is back")
    assert stand.visits() == before + 1
    eventually(lambda: stand.watch.status().settled, within=60, what="events to drain")
    assert stand.watch.status().parked == 0


def test_a_service_that_was_killed_is_started_again_and_loses_nothing(stand: Stand) -> None:
    stand.visit("before-the-kill")
    before = stand.visits()
    os.kill(stand.processes.pid("serve-activities"), signal.SIGKILL)
    answer = stand.visit("around-the-kill")
    assert answer.status_code in (201, 202)
    eventually(lambda: stand.visits() == before + 1, within=60, what="the visit")
    eventually(lambda: stand.watch.status().settled, within=60, what="events to drain")


def test_a_service_waits_for_its_database_with_one_line_and_no_stack_trace(tmp_path: Path) -> None:
    port = free_port()
    settings = settings_for(f"postgresql+psycopg2://postgres@127.0.0.1:{port}/postgres", "nowhere")
    log = tmp_path / "log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "kith", "serve", "households"],
            env={**os.environ, **settings.environment()},
            stdout=out,
            stderr=out,
        )
    try:
        assert waiting.within(lambda: "does not answer" in log.read_text(), 30)
    finally:
        process.terminate()
        process.wait(10)
    said = [line for line in log.read_text().splitlines() if line.strip()]
    assert said == [f"kith: PostgreSQL at 127.0.0.1:{port} does not answer; trying again every 2 s"]
