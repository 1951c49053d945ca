"""The steps of the programme's year as its people take them, each through HTTP."""

from datetime import date
from pathlib import Path
from typing import Any

from kith.journey.door import Unexpected, Visitor, problem_of
from kith.refusing import BadInput

TOO_LARGE, WRONG = 413, 422


def import_areas(officer: Visitor, file: Path) -> dict[str, Any]:
    """The county's areas; (registered, unchanged). BadInput, naming the first row, if the file is wrong."""
    answer = officer.try_post("/v1/areas/import", {"file_id": _upload(officer, file)})
    if answer.status_code == WRONG:
        raise BadInput(f"{file}: {_what_is_wrong(problem_of(answer))}")
    return officer.read(answer)


def import_survey(officer: Visitor, file: Path, year: int) -> dict[str, Any]:
    """Dry run, then commit of what is valid; the import as it stands in the end."""
    return _import(officer, "/v1/survey-imports", file, {"round_year": year})


def import_helpers(officer: Visitor, file: Path) -> dict[str, Any]:
    """The helper register likewise."""
    return _import(officer, "/v1/helper-imports", file, {})


def _upload(officer: Visitor, file: Path) -> str:
    try:
        return officer.upload(file)
    except Unexpected as refused:
        if refused.response.status_code != TOO_LARGE:
            raise
        raise BadInput(f"{file}: {_what_is_wrong(problem_of(refused.response))}") from refused


def _what_is_wrong(problem: dict[str, Any]) -> str:
    """One line: the problem, the first row that has it, and what to do."""
    rows = [f"row {found['row']} {found['problem']}: {found['fix']}" for found in problem.get("problems", [])]
    more = f" ({len(rows)} rows in all)" if len(rows) > 1 else ""
    return f"{problem['code']}: {rows[0] if rows else problem.get('detail', problem['title'])}{more}"


def _import(officer: Visitor, path: str, file: Path, more: dict[str, Any]) -> dict[str, Any]:
    body = {"file_id": _upload(officer, file), **more}
    where = f"{path}/{officer.post(path, body)['id']}"
    checked = officer.until(where, ("checked", "refused", "failed"))
    if checked["state"] != "checked":
        place = next((f" at {found['sheet']}!{found['cell']}" for found in checked["problems"]), "")
        raise BadInput(f"{file}: {checked['refused_code']}{place}: {checked['refused_fix_en']}")
    officer.post(f"{where}/commit")
    return officer.until(where, ("committed", "failed"))


def match_round(officer: Visitor, area: str) -> dict[str, Any]:
    """Propose pairs in an area."""
    round_id = officer.post("/v1/match-rounds", {"area_code": area})["id"]
    return officer.until(f"/v1/match-rounds/{round_id}", ("done", "failed"))


def matches(officer: Visitor, state: str | None = None, **filters: Any) -> list[dict[str, Any]]:
    """Pairs in an order that does not depend on generated ids."""
    found = officer.pages("/v1/matches", state=state, **filters)
    return sorted(found, key=lambda match: (match["household_number"], match["helper_number"]))


def alternatives(officer: Visitor, match: dict[str, Any]) -> list[dict[str, Any]]:
    """Who else could stand by the household of a match, the cheapest first."""
    found: list[dict[str, Any]] = officer.get(f"/v1/matches/{match['match_id']}/alternatives")["alternatives"]
    return found


def both_accept(officer: Visitor, match: dict[str, Any], rhythm: str | None) -> None:
    """The helper says yes, then the household, with the visits it wishes; recorded by an officer for both."""
    where = f"/v1/matches/{match['match_id']}"
    if match["state"] == "proposed":
        officer.post(f"{where}/helper-acceptance")
    officer.post(f"{where}/household-acceptance", {"rhythm": rhythm})


def report_visit(officer: Visitor, match: dict[str, Any], on: date, key: str) -> str:
    """A first visit; the same key is the same report. It states the consent that it rests on, if there is one."""
    answer = officer.post(
        "/v1/visits",
        {
            "household_id": match["household_id"],
            "match_id": match["match_id"],
            "visited_on": on.isoformat(),
            "channel": "in_person",
            "outcome": "all_well",
            "needs_checked": True,
            "consent_ref": _consent_to_visits(officer, match["household_id"]),
        },
        key,
    )
    return str(answer["id"])


def _consent_to_visits(officer: Visitor, household_id: str) -> str | None:
    file = officer.get(f"/v1/households/{household_id}")
    given = [each for each in file["consents"] if each["purpose"] == "visits" and each["answer"] == "yes"]
    return str(given[0]["consent_id"]) if given and not given[0]["withdrawn_on"] else None


def draft_plan(officer: Visitor, area: str, year: int, carrier: str = "neighbour_kinship") -> str:
    """A plan's id."""
    body = {"carrier": carrier, "area_code": area, "year": year, "title": f"{year} 年生育关怀工作方案"}
    return str(officer.post("/v1/plans", body)["id"])


def plan_content(year: int) -> dict[str, Any]:
    """What makes a plan one that can be measured."""
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
