"""What is personal stays sealed, in its own row, in its own area, and out of everything that travels."""

from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa

from chassis.addresses import owner_url
from chassis.sealing import SealBroken
from chassis.work import begin, transact
from contracts.households import GetHousehold
from services.households import store
from services.households.store import Vault
from services.households.tables import SEALED, metadata, person, person_history, person_key
from tests.support.households import (
    OTHER_TOWNSHIP,
    TOWNSHIP,
    Office,
    head,
    member,
    number,
    officer,
    survey,
)
from tests.support.service_calls import refused

CANARIES = {
    "name": "穆容千雪",
    "id": number(date(1951, 6, 7), 995),
    "phone": "13900007654",
    "home": "石桥村七组四十四号",
    "hukou": "榆树市弓棚镇九号",
    "health": "慢性肾病二期",
    "place": "东莞市厚街镇",
    "need": "透析接送",
}
LOSS = ("失独", "lost_only_child")


@pytest.fixture
def planted(office: Office) -> Office:
    """One household full of canaries, imported, changed and read."""
    actor = officer()
    canaries = head(**CANARIES, category="失独家庭", remark="某某备注", away="是")
    office.import_survey(survey(canaries), actor)
    office.import_survey(survey(canaries, member(filled="2026.4.2")), actor)
    office.file(office.only_household(), actor)
    return office


def test_no_canary_lies_readable_anywhere_in_the_database(planted: Office) -> None:
    kept = planted.everything_kept()
    for canary in (*CANARIES.values(), *LOSS, "某某备注"):
        assert canary not in kept
        assert canary.encode().hex() not in kept


def test_control_a_name_written_in_clear_would_be_found(planted: Office) -> None:
    planted.rows("update person set sex = :name returning id", name=CANARIES["name"])
    assert CANARIES["name"] in planted.everything_kept()


def test_events_say_restricted_and_never_which_loss(planted: Office) -> None:
    (row,) = planted.rows("select string_agg(body, ' ') as told from outbox where type like '%registered%'")
    assert '"restricted"' in row["told"]
    assert not any(word in row["told"] for word in LOSS)


def test_a_list_never_shows_what_is_restricted(planted: Office) -> None:
    (row,) = planted.households()
    assert row["categories"] == ["elderly"]


def test_the_file_is_masked(planted: Office) -> None:
    file = planted.file(planted.only_household())
    shown = next(p for p in file["persons"] if p["relation"] == "head")
    assert (shown["name_masked"], shown["birth_year"]) == ("穆**", 1951)
    assert shown["id_number_masked"].startswith("990***") and len(shown["id_number_masked"]) == 18
    assert not any(canary in str(file) for canary in CANARIES.values())


def test_every_read_of_a_file_is_on_record(planted: Office) -> None:
    household_id = str(planted.only_household())
    before = len(planted.rows("select id from audit where about = :id", id=household_id))
    planted.file(planted.only_household())
    reads = planted.rows("select what, purpose from audit where about = :id", id=household_id)
    assert len(reads) == before + 1
    assert reads[-1] == {"what": "households.household_file", "purpose": "survey"}


def _members(office: Office) -> list[Any]:
    household_id = office.only_household()

    def read(work: Any) -> list[Any]:
        return store.members(work, [household_id], within=work.scope)

    return transact(office.runtime, officer(), read)


@pytest.mark.parametrize(
    ("mine", "theirs"),
    [("sealed_name", "sealed_name"), ("sealed_name", "sealed_phone"), ("sealed_facts", "sealed_details")],
)
def test_ciphertext_moved_between_rows_or_columns_does_not_open(planted: Office, mine: str, theirs: str) -> None:
    vault = Vault(planted.runtime)
    first, second = _members(planted)
    other = second if mine == theirs else first
    with planted.runtime.database.engine.begin() as connection:
        connection.execute(sa.text("select set_config('kith.area', :area, true)"), {"area": TOWNSHIP})
        moved = sa.update(person).where(person.c.id == first.id).values({mine: getattr(other, theirs)})
        connection.execute(moved)
    first, _ = _members(planted)
    with pytest.raises(SealBroken):
        vault.open(first)._open(mine)


def test_control_what_was_not_moved_opens(planted: Office) -> None:
    first, _ = _members(planted)
    opened = Vault(planted.runtime).open(first)
    assert (opened.name, opened.phone, opened.id_number) == (
        CANARIES["name"],
        CANARIES["phone"],
        CANARIES["id"],
    )


def test_each_person_has_a_key_of_their_own(planted: Office) -> None:
    first, second = _members(planted)
    assert first.key_id != second.key_id
    with pytest.raises(SealBroken):
        Vault(planted.runtime)._ring.unwrap(second.wrapped, str(first.key_id), second.wrapping_version)


def test_a_number_is_looked_up_by_a_keyed_hash_alone(planted: Office) -> None:
    vault = Vault(planted.runtime)

    def look(work: Any) -> Any:
        return store.registered(work, [vault.number_index(CANARIES["id"]), bytes(32)], within=work.scope)

    assert [where.household_id for where in transact(planted.runtime, officer(), look).values()] == [
        planted.only_household()
    ]


def test_another_township_sees_no_row_of_any_table(planted: Office) -> None:
    with begin(planted.runtime, officer(OTHER_TOWNSHIP)) as work:
        for name, table in metadata.tables.items():
            if name != "area":
                assert work.connection.scalar(sa.select(sa.func.count()).select_from(table)) == 0, name
    stranger = officer(OTHER_TOWNSHIP)
    assert planted.households(stranger) == []
    asked = planted.ask(stranger, GetHousehold(household_id=planted.only_household()))
    assert refused(asked) == (404, "not-found")


@pytest.mark.parametrize("scope", [None, "", "%"])
def test_a_reused_connection_without_scope_sees_no_row(planted: Office, scope: str | None) -> None:
    engine = planted.runtime.database.engine
    with engine.connect() as connection:
        with connection.begin():
            connection.execute(sa.text("select set_config('kith.area', :area, true)"), {"area": TOWNSHIP})
            assert connection.scalar(sa.select(sa.func.count()).select_from(person)) == 2
        with connection.begin():
            if scope is not None:
                connection.execute(sa.text("select set_config('kith.area', :area, true)"), {"area": scope})
            for name, table in metadata.tables.items():
                assert connection.scalar(sa.select(sa.func.count()).select_from(table)) == 0, name


def test_a_row_cannot_be_written_into_another_area(planted: Office) -> None:
    with (
        pytest.raises(sa.exc.ProgrammingError, match="row-level security"),
        begin(planted.runtime, officer(OTHER_TOWNSHIP)) as work,
    ):
        work.connection.execute(
            sa.text("insert into area (area_code, name, level) values ('990101101299', '某村', 'village')")
        )


def test_what_was_known_before_is_kept_and_opens_as_the_same_persons(planted: Office) -> None:
    changed = head(**{**CANARIES, "phone": "13900009999"}, category="失独家庭", filled="2026.4.3")
    planted.import_survey(survey(changed, member()))

    def read(work: Any) -> Any:
        joined = person_history.join(person, person.c.id == person_history.c.person_id).join(
            person_key, person_key.c.id == person.c.key_id
        )
        columns = [person_history.c[name] for name in SEALED]
        return work.connection.execute(
            sa.select(
                person.c.id,
                person.c.key_id,
                person_key.c.wrapped,
                person_key.c.wrapping_version,
                person_history.c.actor_id,
                *columns,
            )
            .select_from(joined)
            .where(person.c.relation == "head")
        ).one()

    before = transact(planted.runtime, officer(), read)
    assert before.actor_id == officer().id
    assert Vault(planted.runtime).open(before).phone == CANARIES["phone"]


def test_the_owner_of_the_tables_is_bound_as_well(planted: Office) -> None:
    engine = sa.create_engine(owner_url(planted.runtime.settings, "households"))
    with engine.connect() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(person)) == 0
    engine.dispose()
