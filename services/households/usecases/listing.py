"""Turns what a survey says into what can be registered: what to seal, what to look up, what to compare."""

from collections.abc import Iterable

from services.households.store import Personal, Vault
from services.households.usecases.recognising import Listed, Member
from services.households.workbook import SurveyHousehold, SurveyPerson


def listed(households: Iterable[SurveyHousehold], round_year: int, vault: Vault) -> list[Listed]:
    """The valid households of a survey, in its order."""
    return [
        _listed(said, said.village_code, round_year, vault)
        for said in households
        if said.valid and said.village_code
    ]


def _listed(said: SurveyHousehold, village_code: str, round_year: int, vault: Vault) -> Listed:
    members = tuple(_member(person, vault) for person in said.persons)
    told = [
        round_year,
        village_code,
        said.survey_date.isoformat() if said.survey_date else None,
        said.declared,
        dict(said.consents),
        said.needs,
        [member.digest.hex() for member in members],
    ]
    return Listed(said, village_code, members, vault.digest(told))


def _member(person: SurveyPerson, vault: Vault) -> Member:
    personal = Personal(
        name=person.name,
        id_number=person.identity_number or "",
        phone=person.phone,
        details={
            "nation": person.nation,
            "hukou": person.hukou,
            "home": person.home,
            "health": person.health,
            "away_place": person.away_place,
        },
        facts=person.facts,
    )
    index = vault.number_index(personal.id_number)
    return Member(person.row, person.relation, personal, index, vault.digest(personal.told()))
