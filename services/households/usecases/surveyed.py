"""What a survey says of one household, as rows and events."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from chassis.ids import new_id
from chassis.sealing import FieldSealer
from contracts.codes import CareCategoryCode, ConsentAnswer, ConsentPurpose
from contracts.households import HouseholdSurveyed
from services.households.store import Vault
from services.households.usecases.archive import missing_in
from services.households.usecases.batch import Batch, Row
from services.households.usecases.classifying import RESTRICTED, classify, in_public, union
from services.households.usecases.consent_rules import (
    SaidIn,
    Standing,
    covers_children,
    guardian_verified,
)
from services.households.usecases.recognising import Listed
from services.households.workbook import SurveyHousehold


@dataclass(frozen=True, slots=True)
class Round:
    """Which round a survey belongs to, by which import it comes, and what day it is."""

    year: int
    import_id: UUID
    today: date

    def surveyed_on(self, said: SurveyHousehold) -> date:
        """The survey's day as written, and today where none was."""
        return said.survey_date or self.today


def described(item: Listed, survey: Round) -> Row:
    """What the survey says of a household as a whole, with what follows from it today."""
    said, now = item.said, classify(item.said.facts, survey.today)
    missing = missing_in(said, {*said.declared, *now.derived}, survey.today)
    return {
        "round_year": survey.year,
        "surveyed_on": survey.surveyed_on(said),
        "declared": list(in_public(said.declared)),
        "derived": list(now.derived),
        "has_minor": now.has_minor,
        "members": said.members,
        "archive_complete": not missing,
        "missing": list(missing),
        "next_change_on": now.next_change_on,
        "digest": item.digest,
    }


def sealed_restricted(item: Listed, household_id: UUID, key_id: UUID, sealer: FieldSealer, vault: Vault) -> Row:
    """Which restricted category was declared, sealed with the head's key; nothing where none was."""
    spoken = " ".join(category for category in item.said.declared if category in RESTRICTED)
    place = vault.place("sealed_restricted", household_id, "household")
    return {"key_id": key_id, "sealed_restricted": sealer.seal(spoken, place) if spoken else None}


def categories_of(row: Row) -> tuple[CareCategoryCode, ...]:
    """Declared and derived together, as others hear of them."""
    return union(row["declared"], row["derived"])


def add_answer(batch: Batch, row: Row, survey: Round) -> None:
    """The household was asked in this round."""
    answer = {name: row[name] for name in ("round_year", "surveyed_on", "archive_complete", "missing")}
    batch.answers.append(
        {
            "household_id": row["id"],
            "area_code": row["area_code"],
            "declined": False,
            "import_id": survey.import_id,
            **answer,
        }
    )
    batch.events.append(
        HouseholdSurveyed(
            household_id=row["id"],
            area_code=row["area_code"],
            round_year=survey.year,
            surveyed_on=row["surveyed_on"],
            declined=False,
            archive_complete=row["archive_complete"],
            missing=tuple(row["missing"]),
        )
    )


def answered(item: Listed, survey: Round, head_id: UUID) -> dict[ConsentPurpose, Standing]:
    """The head's answers to the purposes that the survey asks for. A slip into the future must not outrank tomorrow."""
    on, members = min(survey.surveyed_on(item.said), survey.today), item.said.facts.members
    return {
        purpose: Standing(
            answer=ConsentAnswer.YES if yes else ConsentAnswer.NO,
            answered_on=on,
            said_in=SaidIn.SURVEY,
            given_by=head_id,
            guardian_verified=guardian_verified(members, on),
            covers_children=covers_children(members, on),
        )
        for purpose, yes in item.said.consents.items()
    }


def add_needs(batch: Batch, item: Listed, row: Row, sealer: FieldSealer, vault: Vault) -> None:
    """Open what the family said it needs, in its own words, sealed with the head's key."""
    for what in dict.fromkeys(item.said.needs):
        need_id = new_id()
        batch.needs.append(
            {
                "id": need_id,
                "household_id": row["id"],
                "area_code": row["area_code"],
                "state": "open",
                "opened_on": row["surveyed_on"],
                "key_id": row["key_id"],
                "sealed_what": sealer.seal(what, vault.place("sealed_what", need_id, "need")),
                "what_index": vault.need_index(row["id"], what),
            }
        )
