"""A loopback proxy that treats its connections as a bad network would: cuts them, swallows them, holds them up."""

import asyncio
import contextlib
import socket
import threading
from collections import deque
from collections.abc import Callable
from random import Random
from types import TracebackType
from typing import Self, TypeVar

from tests.support.private_folders import LOOPBACK, free_port

T = TypeVar("T")
CONNECT_SECONDS = 5.0


class _Side(asyncio.Protocol):
    """One end of a link; what it reads goes out at the other end."""

    def __init__(self, link: "_Link") -> None:
        self._link = link
        self.other: _Side | None = None
        self.transport: asyncio.Transport | None = None
        self.held: deque[tuple[float, bytes]] = deque()
        """What was read here and has not gone out yet, with the moment from which it may."""

        self.ended = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def data_received(self, data: bytes) -> None:
        self._link.passes(self, data)

    def connection_lost(self, exc: Exception | None) -> None:
        self.ended = True
        self._link.flush(self)

    def pause_writing(self) -> None:
        if self.other and self.other.transport:
            self.other.transport.pause_reading()

    def resume_writing(self) -> None:
        if self.other and self.other.transport:
            with contextlib.suppress(RuntimeError):
                self.other.transport.resume_reading()


class _Link:
    """A client's connection and ours to the server behind it."""

    def __init__(self, proxy: "Proxy") -> None:
        self._proxy = proxy
        self.client, self.server = _Side(self), _Side(self)
        self.client.other, self.server.other = self.server, self.client
        self.dark = False
        self.lag = 0.0

    def passes(self, side: _Side, data: bytes) -> None:
        there = side.other.transport if side.other else None
        if there is not None and there.is_closing():
            return
        if there is not None and not (self.dark or self.lag or side.held):
            there.write(data)
            return
        side.held.append((self._now() + self.lag, data))
        self.flush(side)

    def flush(self, side: _Side) -> None:
        """Send on what may go now, and look again when the next may; then end what has ended."""
        there = side.other.transport if side.other else None
        if self.dark or there is None:
            return
        if there.is_closing():
            side.held.clear()
        while side.held and side.held[0][0] <= self._now():
            there.write(side.held.popleft()[1])
        if side.held:
            asyncio.get_running_loop().call_at(side.held[0][0], self.flush, side)
        elif side.ended:
            there.close()
            self._proxy.forget(self)

    def light(self) -> None:
        self.dark = False
        self.flush(self.client)
        self.flush(self.server)

    def abort(self) -> None:
        self._proxy.forget(self)
        for side in (self.client, self.server):
            side.held.clear()
            if side.transport is not None:
                side.transport.abort()

    def _now(self) -> float:
        return asyncio.get_running_loop().time()


class Proxy:
    """Stands before one server, in a thread of its own. Each fault says how many connections it struck."""

    def __init__(self, upstream_port: int) -> None:
        self.port = free_port()
        self._upstream = upstream_port
        self._links: set[_Link] = set()
        self._refusing = False
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name=f"proxy-{self.port}", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        future = asyncio.run_coroutine_threadsafe(self._listen(), self._loop)
        self._server = future.result(10)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._call(self._close)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    @property
    def open(self) -> int:
        """Connections that stand now."""
        return self._call(lambda: len(self._links))

    def cut(self, random: Random, share: float) -> int:
        """Reset a share of the connections."""
        return self._call(lambda: self._each(random, share, _Link.abort))

    def blackhole(self, random: Random, share: float, seconds: float, *, cut_after: bool) -> int:
        """Let nothing through on a share of the connections; then reset them, or let what was held go on."""
        return self._call(lambda: self._each(random, share, lambda link: self._darken(link, seconds, cut_after)))

    def delay(self, random: Random, share: float, lag: float, seconds: float) -> int:
        """Hold up every byte of a share of the connections by `lag`, for `seconds`."""
        return self._call(lambda: self._each(random, share, lambda link: self._slow(link, lag, seconds)))

    def refuse(self) -> int:
        """Reset everything and let nobody in until `admit`."""

        def shut() -> int:
            self._refusing = True
            return self._each(Random(0), 1.0, _Link.abort)

        return self._call(shut)

    def admit(self) -> None:
        """Let connections in again."""
        self._call(lambda: setattr(self, "_refusing", False))

    def forget(self, link: _Link) -> None:
        self._links.discard(link)

    # --- in the proxy's thread

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_forever()

    async def _listen(self) -> asyncio.Server:
        return await self._loop.create_server(self._accept, LOOPBACK, self.port)

    def _accept(self) -> _Side:
        link = _Link(self)
        self._loop.create_task(self._connect(link))
        return link.client

    async def _connect(self, link: _Link) -> None:
        if self._refusing:
            link.abort()
            return
        self._links.add(link)
        try:
            connecting = self._loop.create_connection(lambda: link.server, LOOPBACK, self._upstream)
            await asyncio.wait_for(connecting, CONNECT_SECONDS)
        except (OSError, TimeoutError):
            link.abort()
            return
        if self._refusing or link not in self._links:
            link.abort()
        else:
            link.flush(link.client)

    def _each(self, random: Random, share: float, strike: Callable[[_Link], None]) -> int:
        links = list(self._links)
        struck = links if share >= 1 else random.sample(links, round(len(links) * share))
        for link in struck:
            strike(link)
        return len(struck)

    def _darken(self, link: _Link, seconds: float, cut_after: bool) -> None:
        link.dark = True
        self._loop.call_later(seconds, link.abort if cut_after else link.light)

    def _slow(self, link: _Link, lag: float, seconds: float) -> None:
        link.lag = lag
        self._loop.call_later(seconds, setattr, link, "lag", 0.0)

    def _close(self) -> None:
        self._server.close()
        self._each(Random(0), 1.0, _Link.abort)

    def _call(self, do: Callable[[], T]) -> T:
        async def run() -> T:
            return do()

        return asyncio.run_coroutine_threadsafe(run(), self._loop).result(10)
