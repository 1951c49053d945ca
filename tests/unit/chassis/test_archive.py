"""An archived month: read back as it was written, in order, or not at all."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from chassis import archive as archiving
from chassis.archive import Archive, Summary
from chassis.outbox_partitions import Entry, Month
from chassis.sealing import SealBroken
from chassis.settings import Settings

KEY = os.urandom(32)
OCTOBER, NOVEMBER, DECEMBER = Month(2026, 10), Month(2026, 11), Month(2026, 12)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(archive=tmp_path)


@pytest.fixture
def archive(settings: Settings) -> Archive:
    return Archive(settings, "pairing", KEY)


def entry(number: int, subject: str = "a", body: str = "") -> Entry:
    said = json.dumps({"n": number, "said": body, "line": "one\ntwo 一"})
    return Entry(
        number, str(uuid4()), subject, 1, number, "pairing.said.v1", None, "2026-11-03T00:00:00.000000Z", said
    )


def bodies(archive: Archive, subject: str | None = None) -> list[int]:
    return [json.loads(body)["n"] for body in archive.entries(subject)]


def flipped(data: bytes, at: int) -> bytes:
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


def test_what_is_read_back_is_what_was_written(archive: Archive) -> None:
    written = [entry(n, subject="ab"[n % 2], body=os.urandom(20_000).hex()) for n in range(1, 41)]
    archive.write(NOVEMBER, iter(written))
    assert archive.months() == [NOVEMBER]
    assert archive.summary(NOVEMBER) == Summary.of(written)
    assert list(archive.entries()) == [each.body for each in written]
    assert bodies(archive, "a") == [n for n in range(1, 41) if n % 2 == 0]
    assert archive.path(NOVEMBER).stat().st_size > 2 * archiving.CHUNK_BYTES, "more than one chunk"


def test_a_month_in_which_nothing_was_said_is_archived_too(archive: Archive) -> None:
    archive.write(OCTOBER, [])
    archive.write(NOVEMBER, [entry(1)])
    assert archive.summary(OCTOBER).events == 0
    assert bodies(archive) == [1]


def test_ids_are_in_order_also_where_a_clock_was_set_back_over_the_end_of_a_month(archive: Archive) -> None:
    archive.write(NOVEMBER, [entry(n) for n in (1, 2, 5)])
    archive.write(OCTOBER, [entry(n) for n in (3, 4)])
    archive.write(DECEMBER, [entry(n) for n in (6, 7)])
    assert bodies(archive) == [1, 2, 3, 4, 5, 6, 7]


def test_the_file_tells_nothing_and_is_nobody_elses(archive: Archive) -> None:
    archive.write(NOVEMBER, [entry(1, subject="household-7", body="secret" * 50)])
    data = archive.path(NOVEMBER).read_bytes()
    assert b"household-7" not in data
    assert b"secret" not in data
    assert archive.path(NOVEMBER).stat().st_mode & 0o077 == 0
    assert archive.folder.stat().st_mode & 0o077 == 0


def test_a_cut_file_is_seen(archive: Archive) -> None:
    archive.write(NOVEMBER, [entry(n, body=os.urandom(20_000).hex()) for n in range(40)])
    data = archive.path(NOVEMBER).read_bytes()
    for end in (0, 3, 100, len(data) // 2, len(data) - 1):
        archive.path(NOVEMBER).write_bytes(data[:end])
        with pytest.raises(SealBroken):
            archive.summary(NOVEMBER)


def test_a_changed_byte_is_seen(archive: Archive) -> None:
    archive.write(NOVEMBER, [entry(n) for n in range(5)])
    data = archive.path(NOVEMBER).read_bytes()
    for at in (0, 8, 20, len(data) // 2, len(data) - 1):
        archive.path(NOVEMBER).write_bytes(flipped(data, at))
        with pytest.raises(SealBroken):
            archive.summary(NOVEMBER)


def test_a_file_put_in_another_ones_place_is_seen(settings: Settings, archive: Archive) -> None:
    archive.write(NOVEMBER, [entry(1)])
    archive.path(NOVEMBER).rename(archive.path(DECEMBER))
    other = Archive(settings, "households", KEY)
    other.write(NOVEMBER, [entry(1)])
    other.path(NOVEMBER).rename(archive.path(NOVEMBER))
    for month in (NOVEMBER, DECEMBER):
        with pytest.raises(SealBroken):
            archive.summary(month)


def test_a_month_cut_out_between_two_chunks_is_seen(archive: Archive, tmp_path: Path) -> None:
    """The control of the end mark: chunks alone would open, each at its place, and end too early."""
    archive.write(NOVEMBER, [entry(n, body=os.urandom(60_000).hex()) for n in range(12)])
    records = list(sealed_records(archive.path(NOVEMBER).read_bytes()))
    assert len(records) > 4
    for missing in range(len(records)):
        archive.path(NOVEMBER).write_bytes(b"".join(records[:missing] + records[missing + 1 :]))
        with pytest.raises(SealBroken):
            archive.summary(NOVEMBER)


def sealed_records(data: bytes) -> Iterator[bytes]:
    while data:
        end = 4 + int.from_bytes(data[:4], "big")
        yield data[:end]
        data = data[end:]


def test_another_key_does_not_open_it(settings: Settings, archive: Archive) -> None:
    archive.write(NOVEMBER, [entry(1)])
    with pytest.raises(SealBroken):
        Archive(settings, "pairing", os.urandom(32)).summary(NOVEMBER)


def test_what_was_left_unfinished_is_no_archive(archive: Archive) -> None:
    def failing() -> Iterator[Entry]:
        yield from (entry(n, body=os.urandom(20_000).hex()) for n in range(40))
        raise OSError("the disk is full")

    with pytest.raises(OSError, match="the disk is full"):
        archive.write(NOVEMBER, failing())
    assert archive.months() == []
    assert list(archive.entries()) == []
    archive.write(NOVEMBER, [entry(1)])
    assert bodies(archive) == [1]


def test_a_month_that_is_here_is_never_written_over(archive: Archive) -> None:
    archive.write(NOVEMBER, [entry(1)])
    with pytest.raises(FileExistsError):
        archive.write(NOVEMBER, [entry(2)])
    assert bodies(archive) == [1]


def test_months_count_over_the_years() -> None:
    assert Month(2026, 11).later(2) == Month(2027, 1)
    assert Month(2026, 1).later(-13) == Month(2024, 12)
    assert Month.parse("2026-11") == NOVEMBER
    assert NOVEMBER.table == "outbox_y2026m11"
