"""Files come in as a raw stream and are sealed piece by piece; commands carry their id."""

from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from uuid import UUID

import anyio
import anyio.from_thread
import anyio.to_thread
from starlette.responses import JSONResponse, Response

from chassis.files import FileMissing, Files, FileTooLarge
from chassis.sealing import SealBroken
from contracts.catalogue import COMMANDS
from contracts.messages import Answer, Command
from contracts.refusals import NOT_FOUND, Refusal, Refused
from gateway.api.operation import CHANGES, Operation, Visit
from gateway.api.reading import media_type
from gateway.api.refusals import BODY_TOO_LARGE, STALLED, TOO_MANY, WRONG_MEDIA_TYPE

MOST_BYTES = 30 * 1024 * 1024
MEDIA_TYPE = "application/octet-stream"
AT_ONCE = 8
EACH_AT_ONCE = 2
PIECE_WITHIN = 30.0
WHOLE_WITHIN = 900.0
"""Seconds. Whoever sends nothing, or almost nothing, must not hold a seat that others need."""

UPLOADERS = frozenset(
    role for kind in COMMANDS.values() if "file_id" in kind.model_fields for role in kind.spec.roles
)
"""Whoever may send a command that carries a file."""


class Uploaded(Answer):
    """The id to name in a command."""

    file_id: UUID


@dataclass(frozen=True)
class Seats:
    """How many upload at once: all together, and each of them."""

    limiter: anyio.CapacityLimiter = field(default_factory=lambda: anyio.CapacityLimiter(AT_ONCE))
    taken: Counter[str] = field(default_factory=Counter)

    @contextmanager
    def of(self, actor_id: str) -> Iterator[anyio.CapacityLimiter]:
        """A place in the queue for a seat; Refused to somebody who uploads enough already."""
        if self.taken[actor_id] >= EACH_AT_ONCE:
            raise Refused(TOO_MANY)
        self.taken[actor_id] += 1
        try:
            yield self.limiter
        finally:
            self.taken[actor_id] -= 1
            if not self.taken[actor_id]:
                del self.taken[actor_id]


def operations() -> list[Operation]:
    """The upload."""
    body = {MEDIA_TYPE: {"schema": {"type": "string", "format": "binary"}}}
    seats = Seats()

    async def upload(visit: Visit) -> Response:
        return await _upload(visit, seats)

    return [
        Operation("file.upload", "POST", "/v1/files", 201, "Upload a file of at most 30 MiB, encrypted as it comes in.",
                  "gateway", upload, (CHANGES - {404, 409}) | {408}, UPLOADERS, answer=Uploaded, takes=body),
    ]  # fmt: skip


async def _upload(visit: Visit, seats: Seats) -> Response:
    if media_type(visit.request) != MEDIA_TYPE:
        raise Refused(WRONG_MEDIA_TYPE.with_more(expected=MEDIA_TYPE))
    announced = visit.request.headers.get("content-length", "0")
    too_large = BODY_TOO_LARGE.with_more(limit=MOST_BYTES)
    if int(announced) > MOST_BYTES:
        raise Refused(too_large)
    with seats.of(visit.actor.id) as limiter:
        pieces = _Pieces(visit.request.stream(), anyio.current_time() + WHOLE_WITHIN)
        try:
            file_id = await anyio.to_thread.run_sync(
                _write, visit.doors.files, pieces, visit.actor.id, limiter=limiter
            )
        except FileTooLarge:
            raise Refused(too_large) from None
        except TimeoutError:
            raise Refused(STALLED) from None
    return JSONResponse(Uploaded(file_id=file_id).model_dump(mode="json"), 201)


def _write(files: Files, sent: "_Pieces", owner: str) -> UUID:
    """In a thread: fetch one piece at a time from the event loop, so that memory holds no more than that."""

    def pieces() -> Iterator[bytes]:
        while (piece := anyio.from_thread.run(sent.next)) is not None:
            yield piece

    return files.write(pieces(), limit=MOST_BYTES, owner=owner)


@dataclass(frozen=True)
class _Pieces:
    """What comes in, piece by piece, as long as it comes; `end` by the event loop's clock."""

    stream: AsyncIterator[bytes]
    end: float

    async def next(self) -> bytes | None:
        """The next piece, None after the last; TimeoutError if it does not come in time."""
        with anyio.fail_after(min(PIECE_WITHIN, self.end - anyio.current_time())):
            return await anext(self.stream, None)


async def refuse_foreign(visit: Visit, command: Command) -> Refusal | None:
    """Why the command may not name this file: somebody else uploaded it. None for a file that is not there any more."""
    file_id = getattr(command, "file_id", None)
    if not isinstance(file_id, UUID):
        return None
    try:
        owner = await anyio.to_thread.run_sync(visit.doors.files.owner, file_id)
    except (FileMissing, SealBroken):
        return None
    return None if owner == visit.actor.id else NOT_FOUND.at("/file_id")
