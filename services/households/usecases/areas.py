"""Registering the county's areas."""

from chassis.work import Work
from contracts.area import AreaScope
from contracts.households import AreaRegistered, AreasImported, ImportAreas
from contracts.refusals import OUT_OF_AREA, Refusal
from services.households import store
from services.households.usecases.area_file import read_areas
from services.households.usecases.uploads import upload


def import_areas(work: Work, command: ImportAreas) -> AreasImported | Refusal:
    """Register the areas of a file that are not known yet; a file with any mistake changes nothing."""
    county = AreaScope(work.runtime.settings.county)
    if not work.scope.covers(county.code):
        return OUT_OF_AREA
    known = {row.code: row for row in store.areas(work, within=county)}
    told = read_areas(upload(work.runtime, command.file_id), county, known)
    new = store.add_areas(work, [row for row in told if row.code not in known], within=county)
    work.record(
        *(
            AreaRegistered(
                area_code=row.code, level=row.level, parent_code=row.parent_code, registered_on=work.today
            )
            for row in new
        )
    )
    return AreasImported(registered=len(new), unchanged=len(told) - len(new))
