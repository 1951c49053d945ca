"""What happens in the story, and what each step found. Choices go by number, never by generated id."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal, TypeVar

from chassis.settings import Settings
from contracts.actor import Role
from kith import demo, waiting
from kith.client import Client, Problem
from kith.client import shapes as s
from kith.journey import steps
from kith.journey.door import PATIENT
from kith.ops import measure
from kith.ops.status import Status, Watch
from kith.story.files import Files

SETTLE_SECONDS = 60.0
INDICATORS = ("SURV-01", "SURV-02", "SURV-04", "GOV-01", "PAIR-01", "VIS-01")
COUNTED: tuple[Literal["proposed", "unserved", "cost"], ...] = ("proposed", "unserved", "cost")
T = TypeVar("T")


@dataclass
class Told:
    """The figures of the story, as `build/story.json` holds them."""

    areas: dict[str, int] = field(default_factory=dict)
    survey: dict[str, Any] = field(default_factory=dict)
    helpers: dict[str, Any] = field(default_factory=dict)
    matches: dict[str, int] = field(default_factory=dict)
    declined: int = 0
    withdrawn: int = 0
    replacements: int = 0
    visits: int = 0
    refusals: list[dict[str, Any]] = field(default_factory=list)
    indicators: dict[str, dict[str, int | None]] = field(default_factory=dict)
    events: Status | None = None
    mismatches: list[str] = field(default_factory=list)
    seconds: float = 0.0
    steps: list[tuple[str, float]] = field(default_factory=list)


def tell(settings: Settings, url: str, files: Files, today: date) -> Told:
    """The whole story in an installation that has just begun."""
    story = _Story(settings, url, today)
    try:
        story.tell(files)
    finally:
        story.close()
    return story.told


class _Story:
    def __init__(self, settings: Settings, url: str, today: date) -> None:
        self.told = Told()
        self._settings, self._url, self._today = settings, url, today
        self._watch = Watch(settings)
        self._visitors: list[Client] = []

    def close(self) -> None:
        for visitor in self._visitors:
            visitor.close()
        self._watch.close()

    def tell(self, files: Files) -> None:
        county = self._sign_in("county", Role.COUNTY_OFFICER, self._settings.county, "survey")
        self._step("areas", lambda: self._register_areas(county, files))
        self._step("survey", lambda: self._survey(county, files))
        self._step("helpers", lambda: self._helpers(county, files))
        self._settle()
        self._step("proposals", lambda: self._propose(county))
        self._step("declines", lambda: self._decline(county))
        self._step("acceptances", lambda: self._accept(county))
        self._step("visits", lambda: self._visit(county))
        self._step("a helper leaves", lambda: self._replace(county))
        self._step("a consent is withdrawn", lambda: self._withdraw(county))
        self._step("plans", lambda: self._plan(county))
        self._step("refusals", lambda: self._refused(county))
        self._settle()
        self._count_matches(county)
        self._step("indicators", lambda: self._measure(county))
        self.told.events = self._watch.status()

    # --- the machinery of telling

    def _sign_in(self, username: str, role: Role, area: str, purpose: str | None = None) -> Client:
        account = demo.account(self._settings, username, role, area)
        visitor = Client.sign_in(self._url, account.username, account.password, purpose, PATIENT)
        self._visitors.append(visitor)
        return visitor

    def _step(self, name: str, do: Callable[[], T]) -> T:
        import time

        began = time.monotonic()
        result = do()
        self.told.steps.append((name, round(time.monotonic() - began, 2)))
        return result

    def _settle(self) -> None:
        """Wait until every event was heard and every job is done: the next step builds on it."""
        if not waiting.within(lambda: self._watch.status().settled, SETTLE_SECONDS):
            raise TimeoutError(f"events did not settle: {self._watch.status()}")

    # --- the steps

    def _register_areas(self, county: Client, files: Files) -> None:
        steps.import_areas(county, files.areas)
        levels = [area["level"] for area in county.list_areas()]
        self.told.areas = {"townships": levels.count("township"), "villages": levels.count("village")}

    def _survey(self, county: Client, files: Files) -> None:
        self.told.survey = {**steps.import_survey(county, files.survey, self._today.year)}

    def _helpers(self, county: Client, files: Files) -> None:
        self.told.helpers = {**steps.import_helpers(county, files.helpers)}

    def _propose(self, county: Client) -> None:
        found = steps.match_round(county, self._settings.county)
        self.told.matches = {name: found[name] for name in COUNTED}

    def _decline(self, county: Client) -> None:
        """One helper and one household say no; the next best is proposed to each."""
        first, second = steps.matches(county, "proposed")[:2]
        county.decline_match(first["match_id"], by="helper", reason="too_far")
        county.accept_as_helper(second["match_id"])
        county.decline_match(second["match_id"], by="household", reason="not_now")
        self.told.declined = 2
        self._settle()

    def _accept(self, county: Client) -> None:
        rhythms: tuple[s.Rhythm | None, ...] = ("weekly", "fortnightly", "monthly", "quarterly", None)
        for number, match in enumerate(steps.matches(county, "proposed")):
            steps.both_accept(county, match, rhythms[number % len(rhythms)])
        self._settle()

    def _visit(self, county: Client) -> None:
        """Every third pair is visited today; one report is sent twice, as a phone does when the answer is lost."""
        seen: set[str] = set()
        for match in steps.matches(county, "active")[::3]:
            key = f"visit-{match['household_number']}-{self._today}"
            first = steps.report_visit(county, match, self._today, key)
            if not seen:
                again = steps.report_visit(county, match, self._today, key)
                if again != first:
                    raise AssertionError("the same report became two visits")
            seen.add(first)
        self.told.visits = len(list(county.list_visits()))

    def _replace(self, county: Client) -> None:
        """A helper leaves; their families are asked about somebody new. Told of one whose families have a choice."""
        leaving = self._helper_with_successors(county)
        county.record_helper_leaving(leaving, left_on=self._today, reason="moved")
        self._settle()
        for match in steps.matches(county, "proposed"):
            if match["replaces"]:
                steps.both_accept(county, match, "monthly")
        self._settle()
        self.told.replacements = len([match for match in steps.matches(county, "active") if match["replaces"]])

    def _helper_with_successors(self, county: Client) -> str:
        """By number, the first helper of several families to whom somebody else could be proposed."""
        loads: dict[str, list[s.MatchRow]] = {}
        for match in steps.matches(county, "active"):
            loads.setdefault(match["helper_number"], []).append(match)
        for _, pairs in sorted(loads.items(), key=lambda item: (-len(item[1]), item[0])):
            if all(steps.alternatives(county, match) for match in pairs):
                return str(pairs[0]["helper_id"])
        return str(min(loads.items())[1][0]["helper_id"])

    def _withdraw(self, county: Client) -> None:
        """A family takes its consent back: the pair ends, nobody asks why."""
        last = steps.matches(county, "active")[-1]
        county.withdraw_consent(last["household_id"], purpose="pairing")
        self._settle()
        still = [m for m in steps.matches(county, "active") if m["household_id"] == last["household_id"]]
        self.told.withdrawn = 1 - len(still)

    def _plan(self, county: Client) -> None:
        """A village's plan without a budget line is refused; with it, it is in force."""
        village = min(match["area_code"] for match in steps.matches(county, "active"))
        plan = steps.draft_plan(county, village, self._today.year)
        content = steps.plan_content(self._today.year)
        lead, deadline, indicators = content["lead_unit"], content["deadline"], content["indicators"]
        self._expect_no(
            None,
            lambda: county.activate_plan(plan, lead_unit=lead, deadline=deadline, indicators=indicators),
        )
        county.activate_plan(plan, **content)

    def _refused(self, county: Client) -> None:
        """What must not get through: no sign-in, another township's file, a reading without purpose."""
        household = next(county.list_households(limit=1))
        file = household["household_id"]
        others = [a["code"] for a in county.list_areas() if a["level"] == "township"]
        elsewhere = next(code for code in others if not household["area_code"].startswith(code))
        stranger = self._sign_in("elsewhere", Role.TOWNSHIP_OFFICER, elsewhere, "survey")
        self._expect_no("out-of-area", lambda: stranger.household_file(file))
        nobody = Client.at(self._url)
        self._visitors.append(nobody)
        self._expect_no("not-signed-in", lambda: nobody.household_file(file))
        nosy = self._sign_in("nosy", Role.COUNTY_OFFICER, self._settings.county)
        self._expect_no("purpose-missing", lambda: nosy.household_file(file))

    def _expect_no(self, rule: str | None, do: Callable[[], object]) -> None:
        """What was tried is refused; the report names the rule, by default the one that the gateway names."""
        try:
            do()
        except Problem as problem:
            named = rule or problem.more.get("rule") or problem.code
            self.told.refusals.append({"rule": named, "status": problem.status})
        else:
            self.told.refusals.append({"rule": rule or "none", "status": 200})

    def _count_matches(self, county: Client) -> None:
        self.told.matches["active"] = len(steps.matches(county, "active"))

    def _measure(self, county: Client) -> None:
        for code in INDICATORS:
            value = county.indicators_get(code)
            self.told.indicators[code] = {"num": value["num"], "den": value["den"]}
        self.told.mismatches = [str(item) for item in measure.recomputed(self._settings).mismatches]
