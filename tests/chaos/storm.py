"""Commits the planned faults, arms the crash points, and counts what really happened."""

import signal
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import cycle
from pathlib import Path
from random import Random

import pika
import psutil
import psycopg2

from tests.chaos import duplicates, journal
from tests.chaos.conditions import Conditions
from tests.chaos.county import County, processes
from tests.chaos.process import QUEUE_LENGTH
from tests.chaos.proxy import Proxy
from tests.chaos.schedule import BROKER_BOOTS, KILLS, Planned, again, draw
from tests.chaos.supervisor import Supervisor
from tests.support.waiting import eventually

FAILING = 0.03
OVERTIME = 45.0
"""Seconds that a run may go on beyond its end until each kind has happened often enough."""

RELAY_POINTS = ("relay.publish=0.3", "relay.confirm=0.3", "relay.mark=0.3")
INBOX_POINTS = ("inbox.ack=0.5", "inbox.commit=0.3")
SERVICE_POINTS = (*INBOX_POINTS, "command.commit=0.3", *INBOX_POINTS, "command.committed=0.3")
MAY_FAIL = (OSError, pika.exceptions.AMQPError, psycopg2.Error, AssertionError)
STOPPED = ("notify", "activities")
"""Whose queues are filled, by stopping them."""


class Storm:
    """One run's faults. `environment` is for the supervisor; `rage` takes as long as the run."""

    def __init__(self, county: County, seed: int, folder: Path, arm: str = "", calm: bool = False) -> None:
        self._county, self._seed, self._arm = county, seed, arm
        self._random = Random(f"storm/{seed}")
        self._crashes, self.noted = folder / "crashes", folder / "journal"
        self.armed = not calm
        self.struck: Counter[str] = Counter()
        few = [] if calm else county.seeded.households[:5]
        self.poison = str(self._random.choice(few)["household_id"]) if few and not arm else ""
        self.points = {role: cycle(_points(role)) for role in processes()}
        self._windows: list[tuple[float, float]] = []
        self._servers = ThreadPoolExecutor(2)
        self._pending: list[Future[None]] = []

    def environment(self, role: str, starts: int) -> dict[str, str]:
        """What a process is told at this start."""
        conditions = Conditions(
            arm=self._arm,
            draw=f"{self._seed}/{role}/{starts}",
            failing=FAILING if self.armed and not self._arm else 0.0,
            poison=self.poison,
            journal=self.noted,
        )
        points = next(self.points[role], "") if self.armed else ""
        return {
            **conditions.environment(),
            "KITH_CRASH_POINTS": points,
            "KITH_CRASH_JOURNAL": str(self._crashes),
        }

    # --- the course of a storm

    def rage(self, supervisor: Supervisor, seconds: float, quota: int) -> float:
        """Commit what the seed planned, and more of what is missing in the end; how long it took."""
        began = time.monotonic()
        for fault in draw(self._seed, seconds):
            _wait_until(began + self._due(fault))
            self._commit(fault.kind, supervisor, began + seconds * 2 / 3)
        _wait_until(began + seconds)
        rounds = 0
        while self._lacking(supervisor, quota) and time.monotonic() < began + seconds + OVERTIME:
            for kind in again(self._seed, rounds):
                if kind in self._lacking(supervisor, quota):
                    self._commit(kind, supervisor, 0)
            _wait_until(time.monotonic() + 0.5)
            rounds += 1
        self._kill_broker()
        return time.monotonic() - began

    def end(self, supervisor: Supervisor) -> None:
        """Disarm: the servers stand again, and nothing more is going to happen."""
        self.armed = False
        for pending in self._pending:
            pending.result()
        self._servers.shutdown()
        self._county.amqp.admit()
        for role in supervisor.roles:
            supervisor.send(role, signal.SIGCONT)
            supervisor.kill(role)

    def faults(self, supervisor: Supervisor) -> dict[str, int]:
        """Every kind and how often it happened."""
        found = Counter(self.struck)
        for point, pid in journal.crashes(self._crashes):
            found[_kind_of(point, supervisor.roles_by_pid.get(pid, ""))] += 1
        for entry in journal.read(self.noted):
            if entry.kind == "refused":
                found["queue_full"] += entry.n if self._was_full(entry.at) else 0
            else:
                found[entry.kind] += entry.n
        return dict(found)

    def _lacking(self, supervisor: Supervisor, quota: int) -> list[str]:
        found = self.faults(supervisor)
        wanted = (*KILLS, "queue_full", "duplicates", *(k for k in again(0, 0)))
        return [kind for kind in dict.fromkeys(wanted) if found.get(kind, 0) < quota]

    def _was_full(self, at: float) -> bool:
        return any(begin <= at <= end for begin, end in self._windows)

    @staticmethod
    def _due(fault: Planned) -> float:
        """In a short storm the third of it is shorter than the broker takes: it is started once it was taken away."""
        return max(fault.at - BROKER_BOOTS, fault.at / 2 + 0.5) if fault.kind == "broker_back" else fault.at

    def _commit(self, kind: str, supervisor: Supervisor, back_at: float) -> None:
        server, _, how = kind.partition("_")
        try:
            if server in ("amqp", "postgres") and how != "killed":
                self._disturb(kind, self._county.amqp if server == "amqp" else self._county.sql, how)
            else:
                self._deeds(supervisor, back_at)[kind]()
        except MAY_FAIL:
            self.struck[f"missed {kind}"] += 1

    def _deeds(self, supervisor: Supervisor, back_at: float) -> dict[str, Callable[[], None]]:
        return {
            "broker_away": lambda: self._take_broker_away(supervisor),
            "broker_back": lambda: self._bring_broker_back(back_at),
            "postgres_killed": self._kill_postgres,
            "duplicates": self.duplicate,
            "queue_full": lambda: self._fill_a_queue(supervisor),
        }

    # --- the deeds

    def _disturb(self, kind: str, proxy: Proxy, how: str) -> None:
        if how == "cut":
            struck = proxy.cut(self._random, 0.4)
        elif how == "blackhole":
            struck = proxy.blackhole(self._random, 0.4, 1.5, cut_after=self._random.random() < 0.5)
        else:
            struck = proxy.delay(self._random, 1.0, 0.05 if kind.startswith("amqp") else 0.01, 2.0)
        self.struck[kind] += bool(struck)

    def _kill_broker(self) -> None:
        self.struck["broker_killed"] += 1
        self._pending.append(self._servers.submit(self._revive_broker))

    def _revive_broker(self) -> None:
        self._county.broker.kill()
        self._county.broker.start()

    def _take_broker_away(self, supervisor: Supervisor) -> None:
        """SIGKILL, and nobody gets in until the middle third is over."""
        for pending in self._pending:
            pending.result()
        self.struck["broker_away"] += connected(supervisor, self._county.amqp.port)
        self._county.amqp.refuse()
        self._county.broker.kill()
        self.struck["broker_killed"] += 1

    def _bring_broker_back(self, at: float) -> None:
        def back() -> None:
            self._county.broker.start()
            _wait_until(at)
            self._county.amqp.admit()

        self._pending.append(self._servers.submit(back))

    def _kill_postgres(self) -> None:
        self._county.postgres.kill()
        self._county.postgres.start()
        self.struck["postgres_killed"] += 1

    def duplicate(self) -> None:
        """Twenty of the newest events to every consumer once more."""
        county = self._county
        for consumer in county.consumers():
            self.struck["duplicates"] += duplicates.deliver_again(
                county.broker.url, county.names, consumer, self._random, 20
            )

    def deliver_in_disorder(self, supervisor: Supervisor, seconds: float) -> int:
        """Let the relays stand still for a while, and hand what has gathered to every consumer, the newest first."""
        relays = [role for role in supervisor.roles if role.startswith("relay")]
        for role in relays:
            supervisor.send(role, signal.SIGSTOP)
        try:
            _wait_until(time.monotonic() + seconds)
            return sum(
                duplicates.deliver_early(self._county.broker.url, self._county.names, consumer)
                for consumer in self._county.consumers()
            )
        finally:
            for role in relays:
                supervisor.send(role, signal.SIGCONT)

    def _fill_a_queue(self, supervisor: Supervisor) -> None:
        county, name = self._county, self._random.choice(STOPPED)
        (consumer,) = (each for each in county.consumers() if each.name == name)
        before, began = self._refused(), time.time()
        supervisor.send(f"serve-{name}", signal.SIGSTOP)
        try:
            duplicates.flood(county.broker.url, county.names, consumer, self._random, QUEUE_LENGTH + 300)
            eventually(lambda: self._refused() > before, within=6, what="a refused publish")
        finally:
            self._windows.append((began, time.time()))
            supervisor.send(f"serve-{name}", signal.SIGCONT)

    def _refused(self) -> int:
        return sum(entry.n for entry in journal.read(self.noted) if entry.kind == "refused")


def connected(supervisor: Supervisor, port: int) -> int:
    """How many processes hold a connection to a port of loopback."""
    found = 0
    for role in supervisor.roles:
        try:
            links = psutil.Process(supervisor.pid(role) or 0).net_connections("tcp")
        except psutil.Error:
            continue
        found += any(link.raddr and link.raddr.port == port for link in links)
    return found


def _points(role: str) -> tuple[str, ...]:
    if role.startswith("relay"):
        return RELAY_POINTS if role == "relay" else RELAY_POINTS[::-1]
    if role.startswith("serve-measure"):
        return INBOX_POINTS if role == "serve-measure" else INBOX_POINTS[::-1]
    return SERVICE_POINTS if role.startswith("serve-") else ()


def _kind_of(point: str, role: str) -> str:
    who = "relay" if role.startswith("relay") else "measure" if role.startswith("serve-measure") else "service"
    place = point.split(".")[1]
    return f"kill_{who}_at_{'ack' if place == 'committed' else place}"


def _wait_until(moment: float) -> None:
    threading.Event().wait(max(0.0, moment - time.monotonic()))
