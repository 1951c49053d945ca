"""docker-compose.yml against the commands and settings that exist, and against what security.md asks."""

import copy
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from chassis.settings import Settings
from kith.commands import app
from kith.ops.commands import ops
from kith.processes import roles

ROOT = Path(__file__).parents[2]
FILE = ROOT / "docker-compose.yml"
TEXT = FILE.read_text()
COMPOSE: dict[str, Any] = yaml.safe_load(TEXT)
OURS = "kith:"
SETTINGS = {f"KITH_{name.upper()}" for name in Settings.model_fields}
READ_BY_LIBRARIES = {"SSL_CERT_FILE"}

Problems = Iterator[str]


def ours(compose: dict[str, Any]) -> dict[str, Any]:
    """The containers of our image."""
    return {name: one for name, one in compose["services"].items() if one["image"].startswith(OURS)}


def roles_without_their_one_container(compose: dict[str, Any]) -> Problems:
    run = [one["command"] for name, one in ours(compose).items() if name != "migrate"]
    wanted = list(roles().values())
    yield from (
        f"{arguments} runs {run.count(arguments)} times" for arguments in wanted if run.count(arguments) != 1
    )
    yield from (f"{arguments} is no process" for arguments in run if arguments not in wanted)


def commands_that_do_not_exist(compose: dict[str, Any]) -> Problems:
    known = {command.callback.__name__ for command in app.registered_commands if command.callback}
    known |= {f"ops {command.callback.__name__}" for command in ops.registered_commands if command.callback}
    for name, one in ours(compose).items():
        verb = " ".join(one["command"][: 2 if one["command"][0] == "ops" else 1])
        if verb not in known:
            yield f"{name}: {verb}"


def settings_that_do_not_exist(compose: dict[str, Any]) -> Problems:
    for name, one in ours(compose).items():
        yield from (f"{name}: {key}" for key in one["environment"] if key not in SETTINGS | READ_BY_LIBRARIES)
        given = (secret["target"].upper() for secret in one["secrets"])
        yield from (f"{name}: {key}" for key in given if key.startswith("KITH_") and key not in SETTINGS)


def settings_that_are_given_twice(compose: dict[str, Any]) -> Problems:
    """The environment outranks a secret, which would then never be read."""
    for name, one in ours(compose).items():
        files = {secret["target"].upper() for secret in one["secrets"]}
        yield from (f"{name}: {key}" for key in files & set(one["environment"]))


def secrets_out_of_step(compose: dict[str, Any]) -> Problems:
    used = {secret["source"] for one in compose["services"].values() for secret in one.get("secrets", ())}
    made = set(compose["secrets"])
    yield from (f"{name} is never used" for name in made - used)
    yield from (f"{name} is nowhere declared" for name in used - made)
    for name, one in compose["secrets"].items():
        if list(one) != ["file"] or not one["file"].startswith("./deploy/secrets/"):
            yield f"{name} does not lie in deploy/secrets"


SECRET_NAME = re.compile(r"(PASSWORD|SECRET|TOKEN|COOKIE|_KEY|PASS)$", re.IGNORECASE)
URL_WITH_PASSWORD = re.compile(r"://[^\s/@:]*:[^\s/@%]+@")
RANDOM = re.compile(r"(?=[A-Za-z0-9+/]*[0-9])(?=[A-Za-z0-9+/]*[A-Za-z])[A-Za-z0-9+/]{24,}={0,2}")


def secret_literals(text: str) -> Problems:
    """Lines that look as if a password, key or token stood in them."""
    for number, line in enumerate(text.splitlines(), start=1):
        key, _, value = line.strip().partition(":")
        named = SECRET_NAME.search(key) and value.strip() and not value.strip().startswith(("{", "&", "*"))
        if named or URL_WITH_PASSWORD.search(line) or RANDOM.search(line):
            yield f"line {number}"


def ports_open_to_others(compose: dict[str, Any]) -> Problems:
    for name, one in compose["services"].items():
        for port in one.get("ports", ()):
            if name != "gateway" or not str(port).startswith("127.0.0.1:"):
                yield f"{name}: {port}"
        if one.get("network_mode") or one.get("privileged"):
            yield f"{name}: outside the networks"


def images_not_pinned(compose: dict[str, Any]) -> Problems:
    for name, one in compose["services"].items():
        if not re.fullmatch(r"[a-z]+(/[a-z]+)?:v?\d+\.\d+(\.\d+)?(-[a-z0-9]+)?", one["image"]):
            yield f"{name}: {one['image']}"


def containers_with_too_much_freedom(compose: dict[str, Any]) -> Problems:
    for name, one in compose["services"].items():
        held = (
            one.get("read_only") is True,
            one.get("cap_drop") == ["ALL"],
            "no-new-privileges:true" in one.get("security_opt", ()),
            {"mem_limit", "cpus", "pids_limit", "logging", "tmpfs"} <= set(one),
            one.get("restart") == ("no" if name == "migrate" else "unless-stopped"),
        )
        yield from (f"{name}: promise {number}" for number, kept in enumerate(held) if not kept)


def files_that_some_cannot_reach(compose: dict[str, Any]) -> Problems:
    """The gateway writes uploads; services and workers that import read them."""
    for name in ("gateway", "households", "pairing", "work-households", "work-pairing"):
        if (
            f"files:{compose['services'][name]['environment']['KITH_FILES']}"
            not in compose["services"][name]["volumes"]
        ):
            yield name


def archive_that_ends_with_its_container(compose: dict[str, Any]) -> Problems:
    """What archives and rebuilds runs in `migrate`: months that left the database must outlive it."""
    migrate = compose["services"]["migrate"]
    if f"archive:{migrate['environment']['KITH_ARCHIVE']}" not in migrate.get("volumes", ()):
        yield "migrate"


def too_well_connected(compose: dict[str, Any]) -> Problems:
    if compose["networks"]["back"] != {"internal": True}:
        yield "back leads outside"
    outside = {"gateway": {"back", "front"}, "work-notify": {"back", "out"}}
    for name, one in compose["services"].items():
        if set(one["networks"]) != outside.get(name, {"back"}):
            yield f"{name}: {one['networks']}"


def starts_too_early(compose: dict[str, Any]) -> Problems:
    for name in ours(compose).keys() - {"migrate"}:
        waits = compose["services"][name]["depends_on"]
        if waits.get("migrate") != {"condition": "service_completed_successfully"}:
            yield f"{name} does not wait for migrate"
        if waits.get("rabbitmq") != {"condition": "service_healthy"}:
            yield f"{name} does not wait for rabbitmq"
    if compose["services"]["migrate"]["depends_on"].get("postgres") != {"condition": "service_healthy"}:
        yield "migrate does not wait for postgres"


def share_a_brokers_account(compose: dict[str, Any]) -> Problems:
    """Each process has the broker's account of its service, so its rights are no wider than its work."""
    for name, one in ours(compose).items():
        account = next((s["source"] for s in one["secrets"] if s["target"] == "kith_broker_url"), None)
        wanted = None if name == "migrate" else f"broker_{name.removeprefix('work-')}"
        if account != wanted:
            yield f"{name}: {account}"


Check = Callable[[dict[str, Any]], Problems]
Break = Callable[[dict[str, Any]], object]
CHECKS: dict[Check, Break] = {
    roles_without_their_one_container: lambda c: c["services"]["relay"]["command"].pop(),
    commands_that_do_not_exist: lambda c: c["services"]["migrate"].update(command=["ops", "migrat"]),
    settings_that_do_not_exist: lambda c: c["services"]["gateway"]["environment"].update(KITH_PROT="8080"),
    settings_that_are_given_twice: lambda c: c["services"]["gateway"]["environment"].update(KITH_SECRET=""),
    secrets_out_of_step: lambda c: c["secrets"].pop("secret"),
    ports_open_to_others: lambda c: c["services"]["gateway"].update(ports=["8080:8080"]),
    images_not_pinned: lambda c: c["services"]["postgres"].update(image="postgres:latest"),
    containers_with_too_much_freedom: lambda c: c["services"]["postgres"].update(read_only=False),
    files_that_some_cannot_reach: lambda c: c["services"]["work-pairing"].update(volumes=[]),
    archive_that_ends_with_its_container: lambda c: c["services"]["migrate"].pop("volumes"),
    too_well_connected: lambda c: c["services"]["pairing"].update(networks=["back", "out"]),
    starts_too_early: lambda c: c["services"]["measure"].update(depends_on={}),
    share_a_brokers_account: lambda c: c["services"]["relay"].update(secrets=c["services"]["gateway"]["secrets"]),
}


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_the_compose_file_has_none_that(check: Check) -> None:
    assert list(check(COMPOSE)) == []


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_control_a_compose_file_that_has_some_is_found(check: Check) -> None:
    broken = copy.deepcopy(COMPOSE)
    CHECKS[check](broken)
    assert list(check(broken)) != []


def test_control_a_port_of_the_database_is_found_even_on_loopback() -> None:
    broken = copy.deepcopy(COMPOSE)
    broken["services"]["postgres"]["ports"] = ["127.0.0.1:5432:5432"]
    assert list(ports_open_to_others(broken)) == ["postgres: 127.0.0.1:5432:5432"]


def test_no_secret_stands_in_the_compose_file_or_in_deploy() -> None:
    texts = [
        FILE,
        *(path for path in (ROOT / "deploy").rglob("*") if path.is_file() and path.parent.name != "secrets"),
    ]
    assert {str(path.relative_to(ROOT)): list(secret_literals(path.read_text())) for path in texts} == {
        str(path.relative_to(ROOT)): [] for path in texts
    }
    assert len(texts) >= 8


def test_the_relay_carries_events_without_the_secret_that_opens_records() -> None:
    holders = {name for name, one in ours(COMPOSE).items() if "secret" in {s["source"] for s in one["secrets"]}}
    assert set(ours(COMPOSE)) - holders == {"relay"}


@pytest.mark.parametrize(
    "line",
    [
        "      POSTGRES_PASSWORD: county",
        "      KITH_BROKER_URL: amqp://guest:guest@rabbitmq:5672/",
        "      VALUE: q83vEjRWeJq83vEjRWeJq83vEjRWeJ4=",
    ],
)
def test_control_a_secret_in_the_compose_file_is_found(line: str) -> None:
    assert list(secret_literals(TEXT + line)) != []


def test_what_make_secrets_makes_is_never_committed() -> None:
    rules = (ROOT / "deploy" / "secrets" / ".gitignore").read_text().splitlines()
    assert [rule for rule in rules if not rule.startswith("#")] == ["*", "!.gitignore"]


def test_every_process_is_scraped_where_it_exposes_its_metrics() -> None:
    config = yaml.safe_load((ROOT / "deploy" / "prometheus" / "prometheus.yml").read_text())
    kith = next(job for job in config["scrape_configs"] if job["job_name"] == "kith")
    ports = {name: one["environment"].get("KITH_METRICS_PORT") for name, one in ours(COMPOSE).items()}
    assert sorted(kith["static_configs"][0]["targets"]) == sorted(f"{n}:{p}" for n, p in ports.items() if p)
    assert {name for name, port in ports.items() if port is None} == {"migrate"}


def test_the_image_is_built_from_names_without_a_registry_and_runs_as_nobody() -> None:
    lines = (ROOT / "deploy" / "Dockerfile").read_text().splitlines()
    assert {line.split()[1] for line in lines if line.startswith("FROM")} == {"python:3.11-slim-bookworm"}
    assert "USER 10001:10001" in lines
    assert 'ENTRYPOINT ["kith"]' in lines
    copied = [line.split()[1:-1] for line in lines if line.startswith("COPY") and "--from" not in line]
    missing = [source for sources in copied for source in sources if not (ROOT / source).exists()]
    assert missing == []


def test_docker_itself_reads_the_compose_file(tmp_path: Path) -> None:
    docker = shutil.which("docker")
    if (
        docker is None
        or subprocess.run([docker, "compose", "version"], capture_output=True, check=False).returncode
    ):
        pytest.skip("no docker compose here: its shape is held by the other tests of this file alone")
    environment = tmp_path / ".env"
    environment.write_text("KITH_COUNTY=990101\n")
    command = [docker, "compose", "--env-file", str(environment), "-f", str(FILE), "config", "-q"]
    found = subprocess.run(command, capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stderr
