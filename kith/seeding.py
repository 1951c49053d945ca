"""Load the small sample county into a running installation, and make one account per role."""

from importlib.resources import as_file, files
from pathlib import Path
from uuid import UUID

from rich.console import Console
from rich.table import Table

from chassis.settings import Settings
from contracts.actor import Role
from kith import demo, waiting
from kith.client import Client
from kith.client import shapes as s
from kith.journey import steps
from kith.journey.door import PATIENT
from kith.ops.status import Watch

SAMPLE = files("kith.sample")
YEAR = 2026
SETTLE_SECONDS = 60.0
COUNTY_ROLES = (Role.COUNTY_OFFICER, Role.WORKING_GROUP, Role.AUDITOR, Role.OPERATOR, Role.PARTNER)


def sample(name: str) -> Path:
    """A file of the project's own synthetic sample."""
    with as_file(SAMPLE / name) as path:
        return path


def seed(url: str, settings: Settings) -> list[demo.SignIn]:
    """Areas, families, helpers and a first round of proposals; running it again changes nothing."""
    county = demo.account(settings, "county", Role.COUNTY_OFFICER, settings.county)
    officer = Client.sign_in(url, county.username, county.password, "survey", PATIENT)
    if next(officer.list_households(limit=1), None) is None:
        steps.import_areas(officer, sample("areas.csv"))
        steps.import_survey(officer, sample("survey.xlsx"), YEAR)
        steps.import_helpers(officer, sample("helpers.xlsx"))
    if not steps.matches(officer):
        _settle(settings)
        steps.match_round(officer, settings.county)
    pair = steps.matches(officer)[0]
    officer.close()
    return [county, *_accounts(settings, pair)]


def _settle(settings: Settings) -> None:
    """Until pairing has heard of every family."""
    watch = Watch(settings)
    settled = waiting.within(lambda: watch.status().settled, SETTLE_SECONDS)
    watch.close()
    if not settled:
        raise TimeoutError("the sample's events did not settle")


def _accounts(settings: Settings, pair: s.MatchRow) -> list[demo.SignIn]:
    """One for each role; the helper and the family are the two sides of one proposal."""
    village, township = pair["area_code"], pair["area_code"][:9]
    made = [demo.account(settings, role.replace("_", "-"), role, settings.county) for role in COUNTY_ROLES[1:]]
    made.append(demo.account(settings, "township", Role.TOWNSHIP_OFFICER, township))
    made.append(demo.account(settings, "unit", Role.UNIT_OFFICER, township))
    made.append(demo.account(settings, "village", Role.VILLAGE_WORKER, village))
    made.append(demo.account(settings, "helper", Role.HELPER, township, UUID(pair["helper_id"])))
    made.append(demo.account(settings, "family", Role.FAMILY_MEMBER, village, UUID(pair["household_id"])))
    return made


def show(sign_ins: list[demo.SignIn]) -> None:
    """Who can be signed in as, for a person to read."""
    table = Table("role", "username", "password", "area", title="Demo sign-ins")
    for found in sign_ins:
        table.add_row(found.role.value, found.username, found.password, found.area)
    Console().print(table)


def seed_command(url: str, settings: Settings) -> None:
    """`kith seed`."""
    show(seed(url, settings))
