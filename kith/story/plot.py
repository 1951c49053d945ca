"""What happens in the story, and what each step found. Choices go by number, never by generated id."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any, TypeVar

from chassis.settings import Settings
from contracts.actor import Role
from kith import demo, waiting
from kith.journey import steps
from kith.journey.door import Visitor, problem_of
from kith.ops import measure
from kith.ops.status import Status, Watch
from kith.story.files import Files

SETTLE_SECONDS = 60.0
INDICATORS = ("SURV-01", "SURV-02", "SURV-04", "GOV-01", "PAIR-01", "VIS-01")
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
        self._visitors: list[Visitor] = []

    def close(self) -> None:
        for visitor in self._visitors:
            visitor.leave()
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

    def _sign_in(self, username: str, role: Role, area: str, purpose: str | None = None) -> Visitor:
        account = demo.account(self._settings, username, role, area)
        visitor = Visitor.sign_in(self._url, account.username, account.password, purpose)
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

    def _register_areas(self, county: Visitor, files: Files) -> None:
        steps.import_areas(county, files.areas)
        levels = [area["level"] for area in county.pages("/v1/areas")]
        self.told.areas = {"townships": levels.count("township"), "villages": levels.count("village")}

    def _survey(self, county: Visitor, files: Files) -> None:
        self.told.survey = steps.import_survey(county, files.survey, self._today.year)

    def _helpers(self, county: Visitor, files: Files) -> None:
        self.told.helpers = steps.import_helpers(county, files.helpers)

    def _propose(self, county: Visitor) -> None:
        found = steps.match_round(county, self._settings.county)
        self.told.matches = {name: found[name] for name in ("proposed", "unserved", "cost")}

    def _decline(self, county: Visitor) -> None:
        """One helper and one household say no; the next best is proposed to each."""
        first, second = steps.matches(county, "proposed")[:2]
        county.post(f"/v1/matches/{first['match_id']}/decline", {"by": "helper", "reason": "too_far"})
        county.post(f"/v1/matches/{second['match_id']}/helper-acceptance")
        county.post(f"/v1/matches/{second['match_id']}/decline", {"by": "household", "reason": "not_now"})
        self.told.declined = 2
        self._settle()

    def _accept(self, county: Visitor) -> None:
        rhythms = ("weekly", "fortnightly", "monthly", "quarterly", None)
        for number, match in enumerate(steps.matches(county, "proposed")):
            steps.both_accept(county, match, rhythms[number % len(rhythms)])
        self._settle()

    def _visit(self, county: Visitor) -> None:
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
        self.told.visits = len(list(county.pages("/v1/visits")))

    def _replace(self, county: Visitor) -> None:
        """A helper leaves; their families are asked about somebody new. Told of one whose families have a choice."""
        leaving = self._helper_with_successors(county)
        body = {"left_on": self._today.isoformat(), "reason": "moved"}
        county.post(f"/v1/helpers/{leaving}/leave", body)
        self._settle()
        for match in steps.matches(county, "proposed"):
            if match["replaces"]:
                steps.both_accept(county, match, "monthly")
        self._settle()
        self.told.replacements = len([match for match in steps.matches(county, "active") if match["replaces"]])

    def _helper_with_successors(self, county: Visitor) -> str:
        """By number, the first helper of several families to whom somebody else could be proposed."""
        loads: dict[str, list[dict[str, Any]]] = {}
        for match in steps.matches(county, "active"):
            loads.setdefault(match["helper_number"], []).append(match)
        for _, pairs in sorted(loads.items(), key=lambda item: (-len(item[1]), item[0])):
            if all(steps.alternatives(county, match) for match in pairs):
                return str(pairs[0]["helper_id"])
        return str(min(loads.items())[1][0]["helper_id"])

    def _withdraw(self, county: Visitor) -> None:
        """A family takes its consent back: the pair ends, nobody asks why."""
        last = steps.matches(county, "active")[-1]
        county.post(f"/v1/households/{last['household_id']}/consents/withdraw", {"purpose": "pairing"})
        self._settle()
        still = [m for m in steps.matches(county, "active") if m["household_id"] == last["household_id"]]
        self.told.withdrawn = 1 - len(still)

    def _plan(self, county: Visitor) -> None:
        """A village's plan without a budget line is refused; with it, it is in force."""
        village = min(match["area_code"] for match in steps.matches(county, "active"))
        plan = steps.draft_plan(county, village, self._today.year)
        content = steps.plan_content(self._today.year)
        unmeasurable = {name: value for name, value in content.items() if name != "budget_line"}
        answer = county.try_post(f"/v1/plans/{plan}/activate", unmeasurable)
        rule = problem_of(answer).get("rule") or problem_of(answer).get("code", "none")
        self.told.refusals.append({"rule": rule, "status": answer.status_code})
        county.post(f"/v1/plans/{plan}/activate", content)

    def _refused(self, county: Visitor) -> None:
        """What must not get through: no sign-in, another township's file, a reading without purpose."""
        household = county.get("/v1/households", limit=1)["items"][0]
        path = f"/v1/households/{household['household_id']}"
        others = [a["code"] for a in county.pages("/v1/areas") if a["level"] == "township"]
        elsewhere = next(code for code in others if not household["area_code"].startswith(code))
        stranger = self._sign_in("elsewhere", Role.TOWNSHIP_OFFICER, elsewhere, "survey")
        self._expect("out-of-area", stranger.http.get(path, headers=stranger._headers(None)).status_code)
        self._expect("not-signed-in", county.http.get(path).status_code)
        nosy = self._sign_in("nosy", Role.COUNTY_OFFICER, self._settings.county)
        self._expect("purpose-missing", nosy.http.get(path, headers=nosy._headers(None)).status_code)

    def _expect(self, rule: str, status: int) -> None:
        self.told.refusals.append({"rule": rule, "status": status})

    def _count_matches(self, county: Visitor) -> None:
        self.told.matches["active"] = len(steps.matches(county, "active"))

    def _measure(self, county: Visitor) -> None:
        for code in INDICATORS:
            value = county.get(f"/v1/indicators/{code}")
            self.told.indicators[code] = {"num": value["num"], "den": value["den"]}
        self.told.mismatches = [str(item) for item in measure.recomputed(self._settings).mismatches]
