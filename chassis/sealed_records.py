"""A file as a row of sealed records: each opens only at the place it was written for."""

import struct
from typing import BinaryIO

from chassis.sealing import SealBroken, Sealer


def write_record(out: BinaryIO, sealer: Sealer, plain: bytes, place: bytes) -> None:
    """Append one record, bound to its place."""
    sealed = sealer.seal(plain, place)
    out.write(struct.pack(">I", len(sealed)) + sealed)


def read_record(source: BinaryIO, sealer: Sealer, place: bytes) -> bytes:
    """The next record; SealBroken if the file ends here, was altered, or this record belongs to another place."""
    try:
        length = struct.unpack(">I", source.read(4))[0]
    except struct.error as error:
        raise SealBroken from error
    return sealer.open(source.read(length), place)
