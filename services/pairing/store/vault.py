"""Seals what is personal about a helper under a key of their own, and opens it again."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from chassis.ids import new_id
from chassis.sealing import BlindIndex, FieldSealer, KeyRing
from chassis.surroundings import Surroundings
from services.pairing.store.ranges import Row

WRAPPING_VERSION = 1


@dataclass(frozen=True, slots=True)
class Personal:
    """Who a helper is: never outside sealed columns."""

    name: str = field(repr=False)
    id_number: str = field(repr=False)
    phone: str | None = field(repr=False)


class Vault:
    """The installation's keys as this service uses them."""

    def __init__(self, runtime: Surroundings) -> None:
        wrapping = runtime.keys.key(f"field-wrap.{WRAPPING_VERSION}")
        self._ring = KeyRing({WRAPPING_VERSION: wrapping})
        self._numbers = BlindIndex(runtime.keys.key("blind.helper-id-number"))

    def seal(self, personal: Personal, helper_id: UUID) -> tuple[dict[str, Any], dict[str, Any]]:
        """The sealed columns of the helper's row, and the row of the new key that opens them."""
        key_id = new_id()
        plain, wrapped, version = self._ring.new_key(str(key_id))
        sealer = FieldSealer(plain)
        columns = {
            "key_id": key_id,
            "sealed_name": sealer.seal(personal.name, _place("sealed_name", helper_id)),
            "sealed_id_number": sealer.seal(personal.id_number, _place("sealed_id_number", helper_id)),
            "sealed_phone": personal.phone and sealer.seal(personal.phone, _place("sealed_phone", helper_id)),
            "id_number_index": self._numbers.of(personal.id_number),
        }
        return columns, {"id": key_id, "wrapping_version": version, "wrapped": wrapped}

    def phone(self, row: Row) -> str | None:
        """The phone of a row that has sealed_phone and its key. SealBroken if bytes were altered or moved."""
        if row.sealed_phone is None:
            return None
        sealer = self._ring.unwrap(row.wrapped, str(row.key_id), row.wrapping_version)
        return sealer.open(row.sealed_phone, _place("sealed_phone", row.id))


def _place(column: str, helper_id: UUID) -> str:
    return f"helper.{column}.{helper_id}"
