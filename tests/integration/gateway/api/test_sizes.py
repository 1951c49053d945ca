"""What is too large, too deep or too many is refused before it costs anything."""

import socket
import time
from urllib.parse import urlsplit

import pytest

from contracts.actor import Role
from gateway.api import reading
from tests.support.front_door import FrontDoor

MEBIBYTE = 1024 * 1024
HUGE = 100 * MEBIBYTE
PIECE = b"x" * 65_536


def opened(door: FrontDoor, *headers: str, path: str = "/v1/plans") -> socket.socket:
    """A connection on which a POST has begun; the body is to come."""
    with door.person(Role.COUNTY_OFFICER) as http:
        token = http.headers["Authorization"]
    where = urlsplit(door.url)
    connection = socket.create_connection((str(where.hostname), int(where.port or 0)), timeout=20)
    lines = [f"POST {path} HTTP/1.1", "Host: kith", f"Authorization: {token}", *headers, "", ""]
    connection.sendall("\r\n".join(lines).encode())
    return connection


def status(connection: socket.socket) -> int:
    return int(connection.recv(65_536).split(b" ", 2)[1])


@pytest.mark.parametrize("path", ["/v1/plans", "/v1/session", "/v1/dry-run/activities.draft_plan"])
def test_100_mebibytes_that_are_announced_are_refused_unread(door: FrontDoor, path: str) -> None:
    with opened(door, "Content-Type: application/json", f"Content-Length: {HUGE}", path=path) as connection:
        assert status(connection) == 413


def test_a_file_beyond_what_is_taken_is_refused_unread(door: FrontDoor) -> None:
    media = "Content-Type: application/octet-stream"
    with opened(door, media, f"Content-Length: {HUGE}", path="/v1/files") as connection:
        assert status(connection) == 413


def sent_until_refused(connection: socket.socket) -> int:
    """How many bytes of an endless body went out before the answer came."""
    connection.setblocking(False)
    sent, end = 0, time.monotonic() + 20
    chunk = b"%x\r\n%s\r\n" % (len(PIECE), PIECE)
    left = b""
    while sent < HUGE and time.monotonic() < end:
        try:
            if connection.recv(1, socket.MSG_PEEK):
                break
        except BlockingIOError:
            pass
        left = left or chunk
        try:
            written = connection.send(left)
        except BlockingIOError:
            continue
        except ConnectionError:
            break
        left, sent = left[written:], sent + written
    connection.setblocking(True)
    return sent


def test_a_body_without_end_is_cut_off(door: FrontDoor) -> None:
    with opened(door, "Content-Type: application/json", "Transfer-Encoding: chunked") as connection:
        sent = sent_until_refused(connection)
        assert status(connection) == 413
    assert sent < HUGE / 4


def test_control_a_door_that_reads_all_of_it_is_seen(door: FrontDoor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MOST_BYTES", 10 * HUGE)
    with opened(door, "Content-Type: application/json", "Transfer-Encoding: chunked") as connection:
        assert sent_until_refused(connection) >= HUGE / 4


@pytest.mark.parametrize("begin", [b'{"a":', b"[", b'{"a":['], ids=["objects", "lists", "both"])
@pytest.mark.parametrize("depth", [65, 10_000, 100_000])
def test_depth_is_refused(door: FrontDoor, begin: bytes, depth: int) -> None:
    end = bytes(reversed(begin.replace(b'"a":', b""))).translate(bytes.maketrans(b"{[", b"}]"))
    raw = b'{"a":' + begin * depth + b"1" + end * depth + b"}"
    with door.person(Role.COUNTY_OFFICER) as http:
        answer = http.post("/v1/plans", content=raw, headers={"Content-Type": "application/json"})
    assert answer.status_code in (413, 422)
    assert answer.json()["code"] in ("too-deep", "body-too-large")


@pytest.mark.parametrize("many", ["keys", "values", "lists"])
def test_very_many_values_are_refused(door: FrontDoor, many: str) -> None:
    count = reading.MOST_VALUES
    bodies = {
        "keys": {f"k{n}": 1 for n in range(count)},
        "values": {"indicators": [1] * count},
        "lists": {"indicators": [[]] * count},
    }
    with door.person(Role.COUNTY_OFFICER) as http:
        answer = http.post("/v1/plans", json=bodies[many])
        assert (answer.status_code, answer.json()["code"]) == (413, "body-too-large")
        assert http.post("/v1/plans", json={"indicators": [1] * 1000}).status_code == 422


def test_very_many_parameters_are_refused(door: FrontDoor) -> None:
    with door.person(Role.COUNTY_OFFICER) as http:
        answer = http.get("/v1/plans?" + "&".join(f"k{n}=1" for n in range(200)))
    assert (answer.status_code, answer.json()["code"]) == (422, "body-invalid")
