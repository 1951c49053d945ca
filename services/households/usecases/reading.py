"""Reads an uploaded survey against the register of areas, as far as the importer's own area goes."""

from collections import Counter
from collections.abc import Mapping, Sequence

from chassis.normalise import squeeze
from chassis.workbook import open_workbook
from contracts.area import AreaLevel, AreaScope
from services.households.store import AreaRow
from services.households.workbook import County, SurveyReading, VillagesOf, read_survey


def read_upload(data: bytes, areas: Sequence[AreaRow], within: AreaScope, county_code: str) -> SurveyReading:
    """What the workbook says; Refused (`WorkbookRefused`) if it cannot be read as a whole.

    A village outside `within` is one that the importer does not have: its rows are `village-unknown`, and a
    workbook of a township without any village within is refused as `township-unknown`.
    """
    name = next((area.name for area in areas if area.code == county_code), county_code)
    workbook = open_workbook(data)
    return read_survey(workbook, county=County(county_code, name), villages_of=villages_of(areas, within))


def villages_of(areas: Sequence[AreaRow], within: AreaScope) -> VillagesOf:
    """The villages of each township by name. A name that two villages of a township share names neither."""
    townships = {squeeze(area.name): area.code for area in areas if area.level is AreaLevel.TOWNSHIP}
    villages: dict[str, list[AreaRow]] = {code: [] for code in townships.values()}
    for area in areas:
        if area.level is AreaLevel.VILLAGE and within.covers(area.code):
            villages.setdefault(area.parent_code or "", []).append(area)

    def of(township: str) -> Mapping[str, str] | None:
        mine = villages.get(townships.get(township, ""), [])
        shared = Counter(squeeze(area.name) for area in mine)
        return {squeeze(area.name): area.code for area in mine if shared[squeeze(area.name)] == 1} or None

    return of
