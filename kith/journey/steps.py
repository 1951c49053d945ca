"""The steps of the programme's year as its people take them, each through HTTP."""

from datetime import date
from pathlib import Path
from typing import Literal, TypedDict

from kith.client import Client, Problem
from kith.client import shapes as s
from kith.journey.door import until, upload
from kith.refusing import BadInput

TOO_LARGE, WRONG = 413, 422
CHECKED = ("checked", "refused", "failed")
MOST = 500
MatchState = Literal["proposed", "active"]


def import_areas(officer: Client, file: Path) -> s.AreasImported:
    """The county's areas. BadInput, naming the first row, if the file is wrong."""
    try:
        return officer.import_areas(file_id=_upload(officer, file))
    except Problem as problem:
        if problem.status != WRONG:
            raise
        raise BadInput(f"{file}: {_what_is_wrong(problem)}") from problem


def import_survey(officer: Client, file: Path, year: int) -> s.SurveyImportView:
    """Dry run, then commit of what is valid; the import as it stands in the end."""
    import_id = officer.check_survey(file_id=_upload(officer, file), round_year=year)["id"]
    checked = until(lambda: officer.survey_import(import_id), *CHECKED)
    _refuse_unchecked(file, checked)
    officer.commit_survey(import_id)
    return until(lambda: officer.survey_import(import_id), "committed", "failed")


def import_helpers(officer: Client, file: Path) -> s.HelperImportView:
    """The helper register likewise."""
    import_id = officer.check_helpers(file_id=_upload(officer, file))["id"]
    checked = until(lambda: officer.helper_import(import_id), *CHECKED)
    _refuse_unchecked(file, checked)
    officer.commit_helpers(import_id)
    return until(lambda: officer.helper_import(import_id), "committed", "failed")


def _upload(officer: Client, file: Path) -> str:
    try:
        return upload(officer, file)
    except Problem as problem:
        if problem.status != TOO_LARGE:
            raise
        raise BadInput(f"{file}: {_what_is_wrong(problem)}") from problem


def _what_is_wrong(problem: Problem) -> str:
    """One line: the problem, the first row that has it, and what to do."""
    found = problem.more.get("problems", [])
    rows = [f"row {each['row']} {each['problem']}: {each['fix']}" for each in found if "row" in each]
    more = f" ({len(rows)} rows in all)" if len(rows) > 1 else ""
    return f"{problem.code}: {rows[0] if rows else problem.remedy or problem.title}{more}"


def _refuse_unchecked(file: Path, checked: s.SurveyImportView | s.HelperImportView) -> None:
    if checked["state"] == "checked":
        return
    place = next((f" at {found['sheet']}!{found['cell']}" for found in checked["problems"]), "")
    raise BadInput(f"{file}: {checked['refused_code']}{place}: {checked['refused_fix_en']}")


def match_round(officer: Client, area: str) -> s.MatchRoundView:
    """Propose pairs in an area."""
    round_id = officer.open_match_round(area_code=area)["id"]
    return until(lambda: officer.match_round(round_id), "done", "failed")


def matches(officer: Client, state: MatchState | None = None) -> list[s.MatchRow]:
    """Pairs in an order that does not depend on generated ids."""
    found = officer.list_matches(state=state, limit=MOST)
    return sorted(found, key=lambda match: (match["household_number"], match["helper_number"]))


def alternatives(officer: Client, match: s.MatchRow) -> list[s.AlternativeView]:
    """Who else could stand by the household of a match, the cheapest first."""
    return officer.alternatives(match["match_id"])["alternatives"]


def both_accept(officer: Client, match: s.MatchRow, rhythm: s.Rhythm | None) -> None:
    """The helper says yes, then the household, with the visits it wishes; recorded by an officer for both."""
    if match["state"] == "proposed":
        officer.accept_as_helper(match["match_id"])
    officer.accept_as_household(match["match_id"], rhythm=rhythm)


def report_visit(officer: Client, match: s.MatchRow, on: date, key: str) -> str:
    """A first visit; the same key is the same report. It states the consent that it rests on, if there is one."""
    answer = officer.report_visit(
        household_id=match["household_id"],
        match_id=match["match_id"],
        visited_on=on,
        channel="in_person",
        outcome="all_well",
        needs_checked=True,
        consent_ref=_consent_to_visits(officer, match["household_id"]),
        key=key,
    )
    return answer["id"]


def _consent_to_visits(officer: Client, household_id: str) -> str | None:
    file = officer.household_file(household_id)
    given = [each for each in file["consents"] if each["purpose"] == "visits" and each["answer"] == "yes"]
    return given[0]["consent_id"] if given and not given[0]["withdrawn_on"] else None


def draft_plan(officer: Client, area: str, year: int, carrier: s.Carrier = "neighbour_kinship") -> str:
    """A plan's id."""
    title = f"{year} 年生育关怀工作方案"
    return officer.draft_plan(carrier=carrier, area_code=area, year=year, title=title)["id"]


class PlanContent(TypedDict):
    """What makes a plan one that can be measured."""

    lead_unit: s.UnitKind
    implementing_units: list[s.UnitKind]
    deadline: str
    budget_line: str
    indicators: list[s.PlannedIndicator]


def plan_content(year: int) -> PlanContent:
    """The content of such a plan."""
    return {
        "lead_unit": "family_planning_association",
        "implementing_units": ["village_association", "comprehensive_governance"],
        "deadline": f"{year}-11-30",
        "budget_line": "2100799",
        "indicators": [
            {"code": "PAIR-01", "baseline": 0, "target": 95, "due": f"{year}-11-30"},
            {"code": "SURV-01", "baseline": 0, "target": 98, "due": f"{year}-04-15"},
        ],
    }
