"""One request followed to its last reaction, through real processes: one trace, and everything names its parent."""

import os
import secrets
import threading
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from structlog.testing import capture_logs

from chassis import inbox as inbox_module
from chassis.inbox import Inbox
from chassis.settings import Settings
from chassis.tracing import child_of
from contracts.actor import Role
from contracts.catalogue import SOURCES
from kith import demo, installing, seeding, starting
from kith.journey import steps
from kith.ops.status import Watch
from kith.processes import Processes, free_port
from tests.support.canaries import Wire
from tests.support.hosting import settings_for
from tests.support.inbox_model import FOREVER, Name, Trouble
from tests.support.inbox_place import CONSUMER, Consumers, Script, envelope_of
from tests.support.private_broker import PrivateBroker, installed_script
from tests.support.servers import broker_missing
from tests.support.traces import Spoken, breaks, rows, spoken
from tests.support.visitor import Visitor
from tests.support.waiting import eventually

pytestmark = pytest.mark.timeout(400)
TODAY = date(2026, 4, 15)
JOBS = sa.text("select kind, causation, traceparent from job where position(:trace in traceparent) > 0")
RECORD = sa.text("select what, outcome from audit where decision_id = cast(:decision as uuid)")
VERDICT = sa.text("select command, outcome from verdict where id = cast(:decision as uuid)")
FACTS = sa.text("select kind from fact where event_id = cast(:event as uuid)")


@dataclass
class Stand:
    """An installation of real processes in which pairs stand."""

    settings: Settings
    county: Visitor
    wire: Wire
    watch: Watch

    def ask(self, path: str, body: dict[str, Any]) -> "Followed":
        """A change with a trace of the caller's, and all that came of it."""
        trace = secrets.token_hex(16)
        list(self.wire.passed())
        self.county.http.headers["traceparent"] = f"00-{trace}-{secrets.token_hex(8)}-01"
        answer = self.county.try_post(path, body)
        del self.county.http.headers["traceparent"]
        assert answer.status_code == 200, answer.text
        eventually(self._quiet, within=60, what="everything to be applied and every job to be done")
        return Followed(self, trace, answer, spoken(self.settings, SOURCES))

    def _quiet(self) -> bool:
        open_jobs = sa.text("select 1 from job where state in ('queued', 'running') and run_at <= now()")
        return self.watch.status().settled and not any(rows(self.settings, name, open_jobs) for name in SOURCES)


@dataclass
class Followed:
    """What carries one trace."""

    stand: Stand
    trace: str
    answer: httpx.Response
    said: list[Spoken]

    @property
    def decision(self) -> str:
        return self.answer.headers["kith-decision"]

    @property
    def own(self) -> list[Spoken]:
        return [each for each in self.said if each.trace == self.trace]

    @property
    def root(self) -> str:
        """The call's id: the cause of the first event, and itself no event."""
        ids = {each.id for each in self.said}
        causes = {str(each.cause) for each in self.own if each.cause not in ids}
        assert len(causes) == 1, causes
        return causes.pop()

    def one(self, event_type: str) -> Spoken:
        return next(each for each in self.own if each.type == event_type)

    def jobs(self, service: str) -> list[sa.Row[Any]]:
        return list(rows(self.stand.settings, service, JOBS, trace=self.trace))


@pytest.fixture(scope="module")
def stand(database_server: str, namespace: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stand]:
    if not installed_script():
        broker_missing()
    with PrivateBroker() as broker:
        more = {"mode": "broker", "broker_url": broker.url, "port": free_port()}
        settings = settings_for(database_server, f"{namespace}trace", TODAY, **more)
        installing.install(settings)
        stop = threading.Event()
        with Processes(settings, stop, tmp_path_factory.mktemp("log")) as processes:
            starting.wait_until_ready(processes.url, stop)
            account = demo.account(settings, "county", Role.COUNTY_OFFICER, settings.county)
            county = Visitor.enter(processes.url, account.username, account.password, "survey")
            watch = Watch(settings)
            found = Stand(settings, county, Wire(broker, settings), watch)
            pair_families(found)
            yield found
            found.wire.close()
            county.close()
            watch.close()


def pair_families(stand: Stand) -> None:
    """The invented county with its families and helpers, and some proposed pairs accepted by both."""
    steps.import_areas(stand.county, seeding.sample("areas.csv"))
    steps.import_survey(stand.county, seeding.sample("survey.xlsx"), TODAY.year)
    steps.import_helpers(stand.county, seeding.sample("helpers.xlsx"))
    eventually(lambda: stand.watch.status().settled, within=60, what="the seed to settle")
    steps.match_round(stand.county, stand.settings.county)
    for match in steps.matches(stand.county, "proposed")[:6]:
        steps.both_accept(stand.county, match, None)
    eventually(lambda: stand.watch.status().settled, within=60, what="the pairs to settle")


def test_a_withdrawal_is_one_trace_from_the_request_to_the_end_of_the_pair(stand: Stand) -> None:
    match = steps.matches(stand.county, "active")[0]
    path = f"/v1/households/{match['household_id']}/consents/withdraw"
    found = stand.ask(path, {"purpose": "pairing"})
    withdrawn, ended = found.one("households.consent_withdrawn.v1"), found.one("pairing.match_ended.v1")
    assert found.answer.headers["traceparent"][3:35] == found.trace
    assert breaks(found.said, found.trace, found.root) == []
    assert (withdrawn.cause, ended.cause) == (found.root, withdrawn.id)
    assert {each.decision for each in found.own} == {found.decision}, "everything names the verdict that let it in"
    assert len(rows(stand.settings, "gateway", VERDICT, decision=found.decision)) == 1
    record = rows(stand.settings, "households", RECORD, decision=found.decision)
    assert [tuple(row) for row in record] == [("households.withdraw_consent", "done")]
    for event, kind in ((withdrawn, "consent_withdrawn"), (ended, "pair_ended")):
        assert kind in {row.kind for row in rows(stand.settings, "gateway", FACTS, event=event.id)}
    assert on_the_wire(stand, found.trace) == {each.type for each in found.own}


def on_the_wire(stand: Stand, trace: str) -> set[str]:
    """Types of the events that passed the broker with the trace in their headers."""
    passed = ((message.properties.get("application_headers") or {}, message) for _, message in stand.wire.passed())
    return {m.delivery_info["routing_key"] for headers, m in passed if trace in str(headers.get("traceparent"))}


def test_a_leaving_helper_is_one_trace_through_the_job_that_looks_for_somebody_new(stand: Stand) -> None:
    match = steps.matches(stand.county, "active")[0]
    found = stand.ask(f"/v1/helpers/{match['helper_id']}/leave", {"left_on": TODAY.isoformat()})
    left, ended = found.one("pairing.helper_left.v1"), found.one("pairing.match_ended.v1")
    jobs = found.jobs("pairing")
    assert breaks(found.said, found.trace, found.root) == []
    assert (left.cause, ended.cause) == (found.root, found.root)
    assert [job.causation for job in jobs] == [found.root]
    proposed = [each for each in found.own if each.type == "pairing.match_proposed.v1"]
    assert proposed, "the job found somebody"
    assert {each.cause for each in proposed} == {found.root}


# --- control arms, and what the log says, with one inbox in this process


@pytest.fixture(scope="module")
def script() -> Script:
    return Script()


@pytest.fixture(scope="module")
def place(database_server: str, namespace: str, script: Script) -> Iterator[Consumers]:
    found = Consumers(settings_for(database_server, f"{namespace}traced"), script)
    yield found
    found.close()


def react(place: Consumers, script: Script, trouble: Trouble) -> tuple[str, str, list[Spoken]]:
    """(trace, id of the event heard, what the consumer said because of it)."""
    script.begin()
    place.clear()
    trace = os.urandom(16).hex()
    item = script.history.say(Name("pairing", str(uuid.UUID(int=7))), trouble)
    heard = envelope_of(item).model_copy(update={"traceparent": f"00-{trace}-{os.urandom(8).hex()}-01"})
    Inbox(place.runtime).receive([heard])
    return trace, str(heard.id), spoken(place.runtime.settings, [CONSUMER])


def test_what_a_reaction_says_carries_the_trace_of_what_it_heard(place: Consumers, script: Script) -> None:
    trace, heard, said = react(place, script, Trouble())
    assert len(said) == 1
    assert breaks(said, trace, heard) == []


def test_control_an_inbox_that_begins_a_new_trace_is_caught(
    place: Consumers, script: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inbox_module, "child_of", lambda _: child_of(None))
    trace, heard, said = react(place, script, Trouble())
    assert breaks(said, trace, heard) == [f"{said[0].type} of {CONSUMER} has another trace than what caused it"]


def test_control_an_event_that_names_no_cause_is_caught(place: Consumers, script: Script) -> None:
    trace, _, said = react(place, script, Trouble())
    assert breaks(said, trace, str(uuid.uuid4())) == [
        f"{said[0].type} of {CONSUMER} carries the trace and names no cause in it"
    ]


def test_the_log_of_a_failed_reaction_says_which_trace_it_belongs_to(place: Consumers, script: Script) -> None:
    with capture_logs() as logged:
        trace, heard, said = react(place, script, Trouble(FOREVER))
    failed = [line for line in logged if line["event"] == "reaction_failed"]
    assert said == []
    assert [(line["trace"], line["event_id"]) for line in failed] == [(trace, heard)]
