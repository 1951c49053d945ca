"""Writes real commands through the gateway, from several threads and about the same few families, whatever dies."""

import tempfile
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from random import Random
from types import TracebackType
from typing import Any, Self

import httpx

from contracts.codes import Carrier
from kith.client import Problem
from kith.journey import steps
from tests.chaos.county import TODAY, WRITERS, County
from tests.chaos.ledger import Asked, Ledger
from tests.support import households as families
from tests.support.visitor import Visitor

FEW = 5
PATIENCE_SECONDS = 20.0
AGAIN_SECONDS = 0.4
TRIES = 40
TAKEN_IN = 202
CHURN = ("referral", "messages", "visits", "pairing")
ANSWERS = ("yes", "no")


@dataclass(frozen=True)
class Habits:
    """How often a person does what, against the rest, and how long they rest in between (seconds, on average)."""

    visit: int = 50
    consent: int = 20
    two_plans_at_once: int = 8
    two_sides_at_once: int = 10
    proposals: int = 10
    import_survey: int = 1
    """Of one person alone."""

    pause: float = 0.15

    rest: float = 1.0
    """After a command that was only taken in: whoever is told to wait waits a little."""


@dataclass
class Writer:
    """Six people who work at once. Enter it to begin; leaving it waits until everybody has put down the pen."""

    county: County
    seed: str
    habits: Habits = Habits()
    ledger: Ledger = field(default_factory=Ledger)
    _stop: threading.Event = field(default_factory=threading.Event)
    _threads: list[threading.Thread] = field(default_factory=list)

    def __enter__(self) -> Self:
        people = [_Person(self, number) for number in range(WRITERS)]
        self._threads = [threading.Thread(target=each.run, name=f"writer-{n}") for n, each in enumerate(people)]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """Nothing new; what was asked is asked again until somebody answers."""
        self._stop.set()
        for thread in self._threads:
            thread.join()

    @property
    def stopped(self) -> bool:
        return self._stop.is_set()

    def rest(self, seconds: float) -> None:
        self._stop.wait(seconds)


class _Person:
    """One writer with an account, chances and habits of their own."""

    def __init__(self, writer: Writer, number: int) -> None:
        self._writer, self._number = writer, number
        self._random = Random(f"{writer.seed}/{number}")
        self._count = 0
        account = writer.county.account(number)
        self._visitor = Visitor.enter(writer.county.url, account.username, account.password, "survey")
        self._visitor.http.timeout = httpx.Timeout(PATIENCE_SECONDS)
        self._few = writer.county.seeded.households[:FEW]
        ours = writer.habits
        self._deeds: dict[Callable[[], object], int] = {
            self._visit: ours.visit,
            self._consent: ours.consent,
            self._two_plans_at_once: ours.two_plans_at_once,
            self._two_sides_at_once: ours.two_sides_at_once,
            self._proposals: ours.proposals,
            self._import: ours.import_survey if number == 0 else 0,
        }

    def run(self) -> None:
        while not self._writer.stopped:
            (deed,) = self._random.choices(list(self._deeds), list(self._deeds.values()))
            try:
                deed()
            except (Problem, httpx.HTTPError, TimeoutError, LookupError, ValueError):
                self._writer.rest(AGAIN_SECONDS)  # a reading that failed is no promise
            self._writer.rest(self._writer.habits.pause * self._random.uniform(0.5, 1.5))
        self._visitor.close()

    # --- what people do

    def _visit(self) -> None:
        household = self._random.choice(self._few)
        outcome = self._random.choice(("all_well", "not_home"))
        body = {
            "household_id": household["household_id"],
            "visited_on": date(2026, 4, self._random.randint(1, TODAY.day)).isoformat(),
            "outcome": outcome,
        }
        self._ask("visit", "/v1/visits", body, never_blocked=True)

    def _consent(self) -> None:
        self._answer(self._random.choice(self._few), self._random.choice(CHURN), self._random.choice(ANSWERS))

    def _answer(self, household: dict[str, Any], purpose: str, answer: str) -> None:
        body = {"purpose": purpose, "answer": answer, "answered_on": TODAY.isoformat()}
        self._ask("consent", f"/v1/households/{household['household_id']}/consents", body, never_blocked=True)

    def _two_plans_at_once(self) -> None:
        """Two plans of one village come into force at one moment: the village must count once."""
        area = self._random.choice(self._writer.county.seeded.villages)
        body = {"area_code": area, "year": TODAY.year, "title": "x"}
        carriers = self._random.sample(list(Carrier), 2)
        plans = [self._ask("plan", "/v1/plans", {**body, "carrier": carrier}).id for carrier in carriers]
        self._at_once(
            *(
                lambda plan=plan: self._ask(
                    "plan in force", f"/v1/plans/{plan}/activate", steps.plan_content(TODAY.year)
                )
                for plan in plans
                if plan
            )
        )

    def _two_sides_at_once(self) -> None:
        """A family takes back its wish for visits while its pair ends: both touch the same figure."""
        active = self._matches("active")
        match = self._random.choice(active) if active else None
        if match is None:
            return
        household = {"household_id": match["household_id"]}
        self._at_once(
            lambda: self._answer(household, "visits", "no"),
            lambda: self._answer(household, "pairing", "no"),
        )
        self._answer(household, "visits", "yes")
        self._answer(household, "pairing", "yes")

    def _proposals(self) -> None:
        """Somebody says yes or no to what is proposed; where nothing is, a round is opened."""
        proposed = self._matches("proposed")
        if not proposed:
            self._ask("round", "/v1/match-rounds", {"area_code": self._writer.county.settings.county})
            return
        for match in self._random.sample(proposed, min(3, len(proposed))):
            where = f"/v1/matches/{match['match_id']}"
            if self._random.random() < 0.2:
                self._ask("decline", f"{where}/decline", {"by": "helper", "reason": "too_far"}, never_blocked=True)
                continue
            rhythm = self._random.choice(("weekly", "monthly"))
            self._ask("helper's yes", f"{where}/helper-acceptance", {}, never_blocked=True)
            self._ask("household's yes", f"{where}/household-acceptance", {"rhythm": rhythm}, never_blocked=True)

    def _import(self) -> None:
        """A small workbook with families that nobody knew."""
        self._count += 1
        rows = []
        for n in range(3):
            born = date(1950 + self._count % 40, 1 + n, 1 + self._number)
            identity = families.number(born, 2 * self._random.randint(100, 499) + 1)
            rows.append(families.head(no=f"{self._count:02d}{n}", name="王某", id=identity))
        with tempfile.NamedTemporaryFile(suffix=".xlsx") as file:
            file.write(families.survey(*rows))
            file.flush()
            steps.import_survey(self._visitor, Path(file.name), TODAY.year)

    # --- how they do it

    def _matches(self, state: str) -> list[dict[str, Any]]:
        page = self._visitor.get("/v1/matches", state=state, limit=30)
        return list(page["items"])

    def _at_once(self, *asks: Callable[[], object]) -> None:
        with ThreadPoolExecutor(len(asks) or 1) as pool:
            for done in [pool.submit(ask) for ask in asks]:
                done.result()

    def _ask(self, what: str, path: str, body: dict[str, Any], *, never_blocked: bool = False) -> Asked:
        """Under one key, again and again until somebody answers; then put down what."""
        asked = Asked(what, f"{self._writer.seed}-{self._number}-{self._random.getrandbits(64):x}", never_blocked)
        while asked.tries < TRIES:
            asked.tries += 1
            try:
                answer = self._visitor.try_post(path, body, asked.key)
            except httpx.HTTPError:
                time.sleep(AGAIN_SECONDS)
                continue
            asked.status = answer.status_code
            if answer.status_code < 500:
                if answer.status_code < 300:
                    asked.id = answer.json().get("id") or answer.headers.get("location", "").rsplit("/", 1)[-1]
                if answer.status_code == TAKEN_IN:
                    self._writer.rest(self._writer.habits.rest)
                break
            if not never_blocked:
                break
            time.sleep(AGAIN_SECONDS)
        self._writer.ledger.put(asked)
        return asked
