"""Files come in as a stream, are sealed as they come, and end at 30 MiB."""

import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from uuid import UUID

import httpx
import pytest

from chassis.files import Files
from chassis.keys import Keys
from contracts.actor import Role
from contracts.catalogue import COMMANDS as CATALOGUE
from gateway.api import uploads
from gateway.api.uploads import AT_ONCE, MOST_BYTES
from tests.support.front_door import HERE, FrontDoor
from tests.support.waiting import eventually

STREAM = {"Content-Type": "application/octet-stream"}
PIECE = b"0123456789abcdef" * 4096


def pieces(total: int) -> Iterator[bytes]:
    while total > 0:
        yield PIECE[:total]
        total -= len(PIECE)


def files(door: FrontDoor) -> Files:
    return Files(door.settings.files, Keys.of(door.settings).key("files"))


def test_a_file_of_just_thirty_mebibytes_is_kept_sealed(door: FrontDoor) -> None:
    with door.person(Role.VILLAGE_WORKER, area=HERE) as http:
        answer = http.post("/v1/files", content=pieces(MOST_BYTES), headers=STREAM)
    assert answer.status_code == 201
    file_id = UUID(answer.json()["file_id"])
    assert files(door).read(file_id) == b"".join(pieces(MOST_BYTES))
    assert PIECE[:64] not in (door.settings.files / file_id.hex).read_bytes()


@pytest.mark.parametrize("announced", [True, False])
def test_one_byte_more_is_refused_and_leaves_nothing(door: FrontDoor, announced: bool) -> None:
    before = set(door.settings.files.iterdir())
    content = b"".join(pieces(MOST_BYTES + 1)) if announced else pieces(MOST_BYTES + 1)
    with door.person(Role.VILLAGE_WORKER, area=HERE) as http:
        answer = http.post("/v1/files", content=content, headers=STREAM)
    assert (answer.status_code, answer.json()["code"]) == (413, "body-too-large")
    assert set(door.settings.files.iterdir()) == before


def test_a_form_is_not_a_file(door: FrontDoor) -> None:
    with door.person(Role.VILLAGE_WORKER, area=HERE) as http:
        assert http.post("/v1/files", files={"file": b"x"}).status_code == 415


@pytest.mark.parametrize("role", [Role.HELPER, Role.FAMILY_MEMBER, Role.AUDITOR, Role.OPERATOR])
def test_who_sends_no_command_with_a_file_uploads_none(door: FrontDoor, role: Role) -> None:
    with door.person(role, area=HERE) as http:
        assert http.post("/v1/files", content=b"x", headers=STREAM).status_code == 403


COMMANDS = {"/v1/survey-imports": {"round_year": 2026}, "/v1/helper-imports": {}, "/v1/areas/import": {}}


def test_every_command_that_names_a_file_is_walked() -> None:
    naming = {kind.spec.route.path for kind in CATALOGUE.values() if "file_id" in kind.model_fields}
    assert naming == set(COMMANDS)


@pytest.mark.parametrize("path", COMMANDS)
def test_a_file_that_somebody_else_uploaded_is_not_found(door: FrontDoor, path: str) -> None:
    with door.somebody_else(Role.COUNTY_OFFICER) as mine, door.person(Role.COUNTY_OFFICER) as other:
        body = {
            **COMMANDS[path],
            "file_id": mine.post("/v1/files", content=b"PK?", headers=STREAM).json()["file_id"],
        }
        refused, own = other.post(path, json=body), mine.post(path, json=body)
    assert (refused.status_code, refused.json()["code"], refused.json()["pointers"]) == (
        404,
        "not-found",
        ["/file_id"],
    )
    assert own.status_code in (202, 422), "the control arm: whoever uploaded it gets as far as the file itself"
    assert own.json().get("code", "areas-unreadable") == "areas-unreadable"


def test_a_file_that_is_not_there_any_more_is_told_by_its_service(door: FrontDoor) -> None:
    with door.person(Role.COUNTY_OFFICER) as http:
        answer = http.post("/v1/areas/import", json={"file_id": str(UUID(int=9))})
    assert (answer.status_code, answer.json()["code"]) == (422, "file-missing")


@contextmanager
def hanging(door: FrontDoor, token: str) -> Iterator[socket.socket]:
    """An upload that has begun and sends nothing more."""
    where = httpx.URL(door.url)
    head = f"POST /v1/files HTTP/1.1\r\nHost: kith\r\nAuthorization: Bearer {token}\r\n"
    rest = "Content-Type: application/octet-stream\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"
    with socket.create_connection((where.host, where.port or 80), timeout=20) as link:
        link.sendall((head + rest).encode())
        yield link


def fresh_token(door: FrontDoor) -> str:
    return door.token(door.account(Role.VILLAGE_WORKER, area=HERE)[0])


def test_one_who_begins_uploads_without_end_does_not_stop_the_others(door: FrontDoor) -> None:
    token = fresh_token(door)
    with ExitStack() as stack, door.signed_in(token) as same, door.somebody_else(Role.COUNTY_OFFICER) as other:
        for _ in range(AT_ONCE + 2):
            stack.enter_context(hanging(door, token))
        eventually(
            lambda: same.post("/v1/files", content=b"x", headers=STREAM).status_code == 429,
            within=10,
            what="too many at once",
        )
        assert other.post("/v1/files", content=b"x", headers=STREAM, timeout=10).status_code == 201
    with door.signed_in(token) as same:
        eventually(
            lambda: same.post("/v1/files", content=b"x", headers=STREAM).status_code == 201,
            within=10,
            what="the seats that were given up",
        )


def test_an_upload_of_which_nothing_more_comes_is_ended_and_leaves_nothing(
    door: FrontDoor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "PIECE_WITHIN", 0.2)
    before = set(door.settings.files.iterdir())
    with hanging(door, fresh_token(door)) as link:
        answer = link.recv(4096).decode()
    assert answer.startswith("HTTP/1.1 408 ")
    assert set(door.settings.files.iterdir()) == before


def test_an_upload_that_drips_ends_as_well(door: FrontDoor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "WHOLE_WITHIN", 0.2)
    with hanging(door, fresh_token(door)) as link:
        assert link.recv(4096).decode().startswith("HTTP/1.1 408 ")
