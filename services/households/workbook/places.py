"""Tells in which county a written place lies, as far as the words say it."""

import re

from services.households.model import HERE

# A unit's name ends where the sign stands, unless the sign belongs to something smaller: 白旗镇, 铁西社区, 红旗街.
SMALLER = r"(?:镇|乡|街|路|村|屯|社区|小区|大队|组|场|城|委|巷|胡同|苏木|嘎查|楼)"
UNIT = re.compile(
    rf".*?(?:省|自治区|特别行政区|地区|州(?![市区县里])|盟|市|县|旗|(?<![社小园校厂库])区)(?!{SMALLER})"
)
TOWNSHIP = re.compile(r"镇|乡|街道|苏木|村|屯|社区")
OWN = re.compile(r"[本我](?:省|市|县|区|旗)")
COUNTY_SIGNS = ("自治县", "自治旗", "市", "县", "区", "旗")


def county_key(place: str, county_name: str) -> str | None:
    """The county key (see `model.PersonFacts`) of a place without spaces; None where nothing is written.

    A place without a province, city, county, district or banner of its own, or one that names this county, is
    here. Any other is told by its units from the province down: `吉林省/长春市/榆树市`.
    """
    if not place:
        return None
    if _stem(county_name) in place:
        return HERE
    return "/".join(_units(place)) or HERE


def _stem(county_name: str) -> str:
    stem = county_name
    for sign in COUNTY_SIGNS:
        stem = stem.removesuffix(sign)
    return stem if len(stem) > 1 else county_name


def _units(place: str) -> list[str]:
    units, at = [], 0
    while found := UNIT.match(place, at):
        unit = found.group()
        if TOWNSHIP.search(unit):
            break
        if len(unit) > 1 and not OWN.fullmatch(unit):
            units.append(unit)
        at = found.end()
    return units
