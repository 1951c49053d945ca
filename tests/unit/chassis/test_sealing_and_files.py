"""Ciphertext opens only where it belongs; files are sealed chunk by chunk."""

import os
from pathlib import Path

import pytest

from chassis.files import CHUNK_BYTES, FileMissing, Files, FileTooLarge
from chassis.ids import new_id
from chassis.keys import Keys, SecretTooWeak
from chassis.sealing import BlindIndex, FieldSealer, KeyRing, SealBroken, Sealer

KEY = os.urandom(32)


def test_a_sealed_message_opens_only_unaltered_and_in_its_place() -> None:
    sealer = Sealer(KEY)
    sealed = sealer.seal(b"secret", b"here")
    assert sealer.open(sealed, b"here") == b"secret"
    for altered, place in ((sealed, b"there"), (sealed[:-1] + bytes([sealed[-1] ^ 1]), b"here"), (b"", b"here")):
        with pytest.raises(SealBroken):
            sealer.open(altered, place)


def test_a_field_moved_to_another_row_or_column_does_not_open() -> None:
    sealer = FieldSealer(KEY)
    sealed = sealer.seal("王军", "person.name.1")
    assert sealer.open(sealed, "person.name.1") == "王军"
    for place in ("person.name.2", "person.phone.1"):
        with pytest.raises(SealBroken):
            sealer.open(sealed, place)


def test_data_keys_survive_a_new_wrapping_key_and_open_only_for_their_own_id() -> None:
    first = KeyRing({1: KEY})
    plain, wrapped, version = first.new_key("a")
    both = KeyRing({1: KEY, 2: os.urandom(32)})
    sealed = FieldSealer(plain).seal("x", "p")
    assert both.unwrap(wrapped, "a", version).open(sealed, "p") == "x"
    assert both.current_version == 2
    with pytest.raises(SealBroken):
        both.unwrap(wrapped, "b", version)


def test_the_blind_index_tells_equal_values_and_nothing_without_its_key() -> None:
    assert BlindIndex(KEY).of("1") == BlindIndex(KEY).of("1")
    assert BlindIndex(KEY).of("1") != BlindIndex(os.urandom(32)).of("1")


def test_keys_for_different_uses_differ_and_a_weak_secret_is_refused() -> None:
    keys = Keys(os.urandom(32))
    assert keys.key("rpc") != keys.key("verdict")
    with pytest.raises(SecretTooWeak):
        Keys(b"short")


def test_a_file_comes_back_whole_and_lies_unreadable_in_its_folder(tmp_path: Path) -> None:
    files, content = Files(tmp_path, KEY), os.urandom(CHUNK_BYTES * 2 + 17)
    file_id = files.write(iter([content[:100], content[100:]]), limit=len(content))
    assert files.read(file_id) == content
    assert content[:64] not in next(tmp_path.iterdir()).read_bytes()


def test_a_file_that_was_cut_or_altered_is_refused(tmp_path: Path) -> None:
    files = Files(tmp_path, KEY)
    file_id = files.write([b"a" * CHUNK_BYTES, b"b"], limit=10**6)
    path = tmp_path / file_id.hex
    whole = path.read_bytes()
    for broken in (whole[:-33], whole[: CHUNK_BYTES + 64], whole[:50] + b"x" + whole[51:], b""):
        path.write_bytes(broken)
        with pytest.raises(SealBroken):
            files.read(file_id)


def test_a_file_says_whose_it_is_and_nobody_can_change_that(tmp_path: Path) -> None:
    files = Files(tmp_path, KEY)
    mine, theirs = (files.write([b"x"], limit=10, owner=owner) for owner in ("me", "they"))
    assert (files.owner(mine), files.owner(theirs), files.read(mine)) == ("me", "they", b"x")
    one, other = tmp_path / mine.hex, tmp_path / theirs.hex
    other.write_bytes(one.read_bytes())
    with pytest.raises(SealBroken):
        files.owner(theirs)
    one.write_bytes(b"")
    with pytest.raises(SealBroken):
        files.owner(mine)
    with pytest.raises(FileMissing):
        files.owner(new_id())


def test_a_file_beyond_the_limit_leaves_nothing_behind(tmp_path: Path) -> None:
    files = Files(tmp_path, KEY)
    with pytest.raises(FileTooLarge):
        files.write([b"x" * 100], limit=99)
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(FileMissing):
        files.read(new_id())


def test_ids_sort_by_the_time_they_were_made() -> None:
    made = [new_id() for _ in range(3)]
    assert all(found.version == 7 for found in made)
    assert made[0].int >> 80 <= made[-1].int >> 80


def test_only_uploads_older_than_the_limit_are_forgotten(tmp_path: Path) -> None:
    files = Files(tmp_path / "not yet", KEY)
    assert files.forget_older_than(10) == 0
    old, new = files.write([b"old"], limit=10), files.write([b"new"], limit=10)
    os.utime(tmp_path / "not yet" / old.hex, (0, 0))
    assert files.forget_older_than(3600) == 1
    assert files.read(new) == b"new"
    with pytest.raises(FileMissing):
        files.read(old)
