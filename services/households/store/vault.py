"""Seals what is personal under one key per person, and opens it again."""

import json
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from chassis.ids import new_id
from chassis.sealing import BlindIndex, FieldSealer, KeyRing
from chassis.surroundings import Surroundings
from services.households.model import PersonFacts, Relation, ReturnExpected, Sex

WRAPPING_VERSION = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Personal:
    """What is known of a person and is sealed, with the plain relation and sex that the facts need."""

    name: str = field(repr=False)
    id_number: str = field(repr=False)
    phone: str | None = field(repr=False)
    details: dict[str, str] = field(repr=False)
    facts: PersonFacts = field(repr=False)

    def told(self) -> list[object]:
        """Everything in a fixed order, for a digest."""
        born = self.facts.born.isoformat() if self.facts.born else None
        plain = [self.name, self.id_number, self.phone, self.details, born, self.facts.relation, self.facts.sex]
        return [*plain, _facts_told(self.facts)]

    def sealed(self, person_id: UUID, sealer: FieldSealer) -> dict[str, bytes | None]:
        """The sealed columns of the person's row."""
        born = self.facts.born
        plain = {
            "sealed_name": self.name,
            "sealed_id_number": self.id_number,
            "sealed_birth": born.isoformat() if born else "",
            "sealed_phone": self.phone,
            "sealed_facts": json.dumps(_facts_told(self.facts), ensure_ascii=False),
            "sealed_details": json.dumps(self.details, ensure_ascii=False),
        }
        return {
            column: None if text is None else sealer.seal(text, Vault.place(column, person_id))
            for column, text in plain.items()
        }


class OpenPerson:
    """A person's row with the sealer that opens it; each field is opened only when it is asked for.

    SealBroken where the bytes were altered or belong to another row or column.
    """

    def __init__(self, row: sa.Row[Any], sealer: FieldSealer) -> None:
        self.row = row
        self._sealer = sealer

    @property
    def name(self) -> str:
        """As written, without spaces."""
        return self._open("sealed_name") or ""

    @property
    def id_number(self) -> str:
        """Eighteen characters."""
        return self._open("sealed_id_number") or ""

    @property
    def phone(self) -> str | None:
        """Eleven digits, if any."""
        return self._open("sealed_phone")

    @property
    def born(self) -> date | None:
        """The day of birth."""
        return _day(self._open("sealed_birth"))

    @property
    def facts(self) -> PersonFacts:
        """The facts that categories rest on."""
        away, since, back, hukou, home, home_since = json.loads(self._open("sealed_facts") or "[]")
        return PersonFacts(
            relation=Relation(self.row.relation),
            born=self.born,
            sex=Sex(self.row.sex) if self.row.sex else None,
            away=away,
            away_since=_day(since),
            return_expected=ReturnExpected(back),
            hukou_county=hukou,
            home_county=home,
            home_since=_day(home_since),
        )

    def _open(self, column: str) -> str | None:
        value = getattr(self.row, column)
        return None if value is None else self._sealer.open(value, Vault.place(column, self.row.id))


@dataclass(frozen=True, slots=True)
class PersonKey:
    """A person's key in use: its id, how it is kept, and the sealer that it makes."""

    id: UUID
    version: int
    wrapped: bytes
    sealer: FieldSealer


class Vault:
    """The installation's keys as this service uses them."""

    def __init__(self, runtime: Surroundings) -> None:
        keys = runtime.keys
        self._ring = KeyRing({WRAPPING_VERSION: keys.key(f"field-wrap.{WRAPPING_VERSION}")})
        self._numbers = BlindIndex(keys.key("blind.id-number"))
        self._needs = BlindIndex(keys.key("blind.need"))
        self._digests = BlindIndex(keys.key("digest.survey"))

    def number_index(self, id_number: str) -> bytes:
        """What an identity number is looked up by."""
        return self._numbers.of(id_number)

    def need_index(self, household_id: UUID, what: str) -> bytes:
        """What tells whether a family has said this need before; differs between families."""
        return self._needs.of(f"{household_id}:{what}")

    def digest(self, told: object) -> bytes:
        """A keyed hash: the same for the same content, and it says nothing else."""
        return self._digests.of(json.dumps(told, ensure_ascii=False, sort_keys=True))

    def new_key(self) -> PersonKey:
        """A fresh key for a person."""
        key_id = new_id()
        plain, wrapped, version = self._ring.new_key(str(key_id))
        return PersonKey(key_id, version, wrapped, FieldSealer(plain))

    def sealer(self, row: sa.Row[Any]) -> FieldSealer:
        """The sealer of a row that has key_id, wrapped and wrapping_version."""
        return self._ring.unwrap(row.wrapped, str(row.key_id), row.wrapping_version)

    def open(self, row: sa.Row[Any]) -> OpenPerson:
        """A person's row, ready to be opened field by field."""
        return OpenPerson(row, self.sealer(row))

    @staticmethod
    def place(column: str, row_id: UUID, table: str = "person") -> str:
        """Where sealed bytes belong: they open nowhere else."""
        return f"{table}.{column}.{row_id}"


def _facts_told(facts: PersonFacts) -> list[object]:
    since, home_since = (day.isoformat() if day else None for day in (facts.away_since, facts.home_since))
    return [facts.away, since, facts.return_expected, facts.hukou_county, facts.home_county, home_since]


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
