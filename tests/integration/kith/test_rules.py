"""`kith ops rules` and `kith ops verdict`: what a rule would have done, and whether what was judged is judged so again."""

import tracemalloc
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from chassis.addresses import app_url
from chassis.ids import new_id
from chassis.settings import Settings
from contracts.activities import ActivatePlan
from contracts.area import AreaScope
from gateway.admission.evaluate import RuleSet
from gateway.admission.replaying import Kept, told
from gateway.admission.shipped import shipped_rules
from gateway.admission.verdict import Asked, Verdict
from gateway.office.store import verdicts
from kith import installing
from tests.support.admission import situation
from tests.support.hosting import fresh, settings_for
from tests.support.operating import Answer, as_owner, command

FILE = """
id: TRY-01
title: {en: No plan of the association, zh: 试用}
for: {resource: plan, action: activate}
mode: audit
on_error: open
expr: "%s"
"""


@pytest.fixture(scope="module")
def settings(database_server: str, namespace: str) -> Settings:
    settings = settings_for(database_server, fresh(f"{namespace}rules"))
    installing.install(settings)
    return settings


@pytest.fixture(scope="module")
def kept(settings: Settings) -> list[str]:
    """Ids of three verdicts: two let in and one refused."""
    rules = shipped_rules()
    body, facts = situation("plan_ok")
    engine = sa.create_engine(app_url(settings, "gateway"))
    ids = []
    with engine.begin() as connection:
        verdicts.keep_ruleset(connection, rules.version, *told(rules))
        for changed in ({}, {"lead_unit": "health_centre"}, {"budget_line": None}):
            ids.append(keep(connection, rules, {**body, **changed}, facts))
    engine.dispose()
    return ids


def keep(connection: sa.Connection, rules: RuleSet, body: dict[str, Any], facts: dict[str, Any]) -> str:
    judgement = rules.judge("plan", "activate", body, facts, facts)
    asked = Asked("activities.activate_plan", body, str(new_id()), "990101101")
    one = Verdict.of(judgement, asked, datetime.now(UTC))
    verdicts.keep(connection, [(one, ActivatePlan.spec, b"d")])
    return str(one.id)


def behind_its_back(settings: Settings, statement: str, **values: object) -> None:
    """What nobody may but whoever owns the database."""
    with as_owner(settings, "gateway") as owner:
        owner.execute(sa.text(statement), values)


def preview(settings: Settings, folder: Path, expr: str) -> Answer:
    file = folder / "try.yaml"
    file.write_text(FILE % expr, encoding="utf-8")
    return command(settings, "rules", "preview", str(file), "--json")


def test_a_file_is_tried_on_what_was_kept(settings: Settings, kept: list[str], tmp_path: Path) -> None:
    [found] = preview(settings, tmp_path, "lead_unit != 'family_planning_association'").json["items"]
    assert (found["seen"], found["failed"], found["passed"], found["unknown"]) == (3, 2, 1, 0)
    assert set(found["first"]) == {kept[0], kept[2]}
    assert (found["by_area"], found["already_refused"]) == ({"990101101": 2}, 1)


def test_a_field_that_was_not_kept_is_unknown(settings: Settings, kept: list[str], tmp_path: Path) -> None:
    [found] = preview(settings, tmp_path, "plan_id != 'x'").json["items"]
    assert (found["seen"], found["unknown"], found["failed"]) == (3, 3, 0)


def test_a_shipped_rule_is_tried_by_its_id_and_told_for_a_person(settings: Settings, kept: list[str]) -> None:
    said = command(settings, "rules", "preview", "ADM-01").out
    assert "3 verdicts, 1 would have been refused" in " ".join(said.split())
    assert kept[2] in said


@pytest.mark.parametrize("file", ["/nonexistent.yaml", "NOT-99"])
def test_what_is_no_rule_is_told_with_status_two(settings: Settings, file: str) -> None:
    assert command(settings, "rules", "preview", file).status == 2


def test_all_verdicts_are_judged_again(settings: Settings, kept: list[str]) -> None:
    found = command(settings, "verdict", "replay", "--since", "2020-01-01", "--json")
    assert (found.status, found.json) == (0, {"counted": {"same": 3}, "others": []})
    assert command(settings, "verdict", "replay", kept[2]).status == 0
    assert command(settings, "verdict", "replay").status == 2
    assert command(settings, "verdict", "replay", str(new_id())).status == 2


def test_control_a_verdict_that_was_altered_behind_the_gateways_back_is_found(
    settings: Settings, kept: list[str]
) -> None:
    change = "update verdict set outcome = :outcome where id = :id"
    behind_its_back(settings, change, outcome="allow", id=kept[2])
    found = command(settings, "verdict", "replay", "--since", "2020-01-01", "--json")
    behind_its_back(settings, change, outcome="deny", id=kept[2])
    assert (found.status, found.json["counted"]) == (1, {"same": 2, "differs": 1})
    assert [(one["verdict_id"], one["was"], one["now"]) for one in found.json["others"]] == [
        (kept[2], "allow", "deny")
    ]


def test_control_rules_that_were_altered_behind_the_gateways_back_are_found(
    settings: Settings, kept: list[str]
) -> None:
    behind_its_back(settings, "update ruleset set rules = rules - 0")
    found = command(settings, "verdict", "replay", kept[0])
    assert found.status == 1
    assert "rules-altered" in found.out


def test_the_rules_are_listed_with_the_modes_they_are_in(settings: Settings) -> None:
    rows = {row["rule"]: row for row in command(settings, "rules", "list", "--json").json}
    assert (rows["ADM-01"]["wished"], rows["ADM-01"]["mode"]) == ("enforce", None), "no gateway ran here yet"


MANY = 20_000
FEW_MEGABYTES = 12 * 2**20
FLOOD = (
    "insert into verdict (id, at, actor_id, area_code, command, resource, action, outcome, rules, named_values,"
    " body_digest, ruleset_version) select gen_random_uuid(), now(), 'a', '990102', 'x.y', 'flood', 'rise', 'allow', '[]',"
    " jsonb_build_object('body', jsonb_build_object('text', repeat('x', 500)), 'known', '{}'::jsonb), 'd', 'v'"
    " from generate_series(1, :many)"
)


def peak(settings: Settings, look: Callable[[Iterator[Kept]], object]) -> int:
    """Bytes that were held at once while looking through them all."""
    engine = sa.create_engine(app_url(settings, "gateway"))
    with engine.connect() as connection:
        tracemalloc.start()
        look(verdicts.stream(connection, datetime(2020, 1, 1, tzinfo=UTC), within=AreaScope("990102")))
        _, found = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    engine.dispose()
    return found


def test_a_year_of_verdicts_is_looked_through_a_few_at_a_time(settings: Settings) -> None:
    behind_its_back(settings, FLOOD, many=MANY)
    seen = count()
    assert peak(settings, lambda rows: [None for _ in rows if next(seen) < 0]) < FEW_MEGABYTES
    assert next(seen) == MANY
    assert peak(settings, list) > FEW_MEGABYTES, "the control arm: held all at once they would not fit"
    behind_its_back(settings, "delete from verdict where area_code = '990102'")


def test_what_is_past_its_time_is_forgotten_a_piece_at_a_time(settings: Settings, kept: list[str]) -> None:
    now = datetime(2026, 4, 15, tzinfo=UTC)
    behind_its_back(settings, FLOOD, many=10)
    behind_its_back(
        settings, "update verdict set at = :old where area_code = '990102'", old=now - timedelta(days=401)
    )
    behind_its_back(
        settings,
        "insert into verdict_omitted values ('a', :old, 'c', 'deny', 5), ('a', :new, 'c', 'deny', 7)",
        old=now - timedelta(days=401),
        new=now - timedelta(days=399),
    )
    engine = sa.create_engine(app_url(settings, "gateway"))
    with engine.begin() as connection:
        assert verdicts.purge(connection, now - timedelta(days=settings.verdict_days)) == 10
        assert verdicts.purge(connection, now - timedelta(days=settings.verdict_days)) == 0
        left = verdicts.omitted(connection, now - timedelta(days=9_999), 10, within=None)
        assert [one.count for one in left] == [7]
        assert connection.scalar(sa.text("select count(*) from verdict")) == len(kept), "what is young stays"
    engine.dispose()
