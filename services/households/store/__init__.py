"""All SQL of the households service; every question and change stays within an area."""

from services.households.store.areas import AreaRow, add_areas, areas
from services.households.store.consents import add_consent_history, consents, set_consents
from services.households.store.households import (
    add_history,
    add_households,
    add_needs,
    add_survey_answers,
    change_households,
    due_households,
    find_household,
    history,
    hold_registration,
    households_by_id,
    last_sequences,
    list_households,
)
from services.households.store.imports import add_import, change_import, find_import, read_import
from services.households.store.pairs import add_pair, end_pair, standing_pairs
from services.households.store.persons import (
    Registered,
    add_persons,
    change_persons,
    let_go,
    members,
    registered,
)
from services.households.store.vault import OpenPerson, Personal, PersonKey, Vault

__all__ = [
    "AreaRow",
    "OpenPerson",
    "PersonKey",
    "Personal",
    "Registered",
    "Vault",
    "add_areas",
    "add_consent_history",
    "add_history",
    "add_households",
    "add_import",
    "add_needs",
    "add_pair",
    "add_persons",
    "add_survey_answers",
    "areas",
    "change_households",
    "change_import",
    "change_persons",
    "consents",
    "due_households",
    "end_pair",
    "find_household",
    "find_import",
    "history",
    "hold_registration",
    "households_by_id",
    "last_sequences",
    "let_go",
    "list_households",
    "members",
    "read_import",
    "registered",
    "set_consents",
    "standing_pairs",
]
