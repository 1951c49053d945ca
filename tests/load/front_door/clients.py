"""The people at the door: connections that each send the next request as soon as the last was answered. A process.

`<file of requests> <seconds>`: the file is a JSON list of `{"port", "expect", "raw"}`, one for each connection. Prints
how many were answered a second, how long each took, and what else was answered than expected.
"""

import asyncio
import json
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

WARM_SECONDS = 1.0


class Person(asyncio.Protocol):
    """One connection; asks as little of the processor as it can, for it shares that with what it measures."""

    def __init__(self, raw: bytes, expected: bytes, measured: tuple[float, float]) -> None:
        self._raw, self._expected = raw, b" " + expected + b" "
        self._from, self._until = measured
        self._buffer = b""
        self.took: list[float] = []
        self.answered = 0
        self.odd: Counter[str] = Counter()
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: Any) -> None:
        self._transport = transport
        self._send()

    def _send(self) -> None:
        self._sent = time.perf_counter()
        self._transport.write(self._raw)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head, sep, rest = self._buffer.partition(b"\r\n\r\n")
        if not sep or len(rest) < _length(head):
            return
        self._buffer = b""
        now = time.perf_counter()
        self.answered += 1
        if self._expected not in head[:16]:
            self.odd[head[:40].decode() + rest[:300].decode()] += 1
        elif self._from <= self._sent and now <= self._until:
            self.took.append(now - self._sent)
        if now < self._until:
            self._send()
        else:
            self._transport.close()

    def connection_lost(self, _error: Exception | None) -> None:
        if not self.done.done():
            self.done.set_result(None)


def _length(head: bytes) -> int:
    return int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])


async def measure(requests: list[dict[str, Any]], seconds: float) -> dict[str, Any]:
    """Send for a while; the first second does not count."""
    loop, start = asyncio.get_running_loop(), time.perf_counter() + WARM_SECONDS
    people = [
        (
            await loop.create_connection(
                lambda one=one: Person(one["raw"].encode(), str(one["expect"]).encode(), (start, start + seconds)),
                "127.0.0.1",
                one["port"],
            )
        )[1]
        for one in requests
    ]
    await asyncio.wait_for(asyncio.gather(*(person.done for person in people)), seconds + 30)
    took = sorted(each for person in people for each in person.took)
    odd = sum((person.odd for person in people), Counter())
    return {"rate": len(took) / seconds, "answered": sum(person.answered for person in people), "p50_ms": took[len(took) // 2] * 1e3 if took else None,
            "p99_ms": took[int(len(took) * 0.99)] * 1e3 if took else None, "odd": dict(odd.most_common(3))}  # fmt: skip


if __name__ == "__main__":
    asked = json.loads(Path(sys.argv[1]).read_text())
    sys.stdout.write(json.dumps(asyncio.run(measure(asked, float(sys.argv[2])))) + "\n")
