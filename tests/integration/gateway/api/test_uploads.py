"""Files come in as a stream, are sealed as they come, and end at 30 MiB."""

from collections.abc import Iterator
from uuid import UUID

import pytest

from chassis.files import Files
from chassis.keys import Keys
from contracts.actor import Role
from gateway.api.uploads import MOST_BYTES
from tests.support.front_door import HERE, FrontDoor

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
