"""Runs the front door: in the main thread for `kith serve`, or in a thread of its own beside embedded services."""

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator

import uvicorn

from chassis.rpc_asyncio import Services
from chassis.settings import Settings
from gateway.api.app import create_app
from gateway.api.doors import Doors
from gateway.api.oidc_provider import Client
from gateway.api.rates import Rates

GRACE_SECONDS = 10
START_SECONDS = 30.0
BACKLOG = 2048

ServicesFactory = Callable[[], Services]
"""Called in the thread that serves, before the event loop runs."""


class _Server(uvicorn.Server):
    """Ends when it is told to, and leaves signals to whoever runs it."""

    def __init__(self, config: uvicorn.Config, stop: threading.Event, serving: Callable[[], None]) -> None:
        super().__init__(config)
        self._stop = stop
        self._serving = serving

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._serving()

    async def on_tick(self, counter: int) -> bool:
        return self._stop.is_set() or await super().on_tick(counter)


def listening(settings: Settings) -> socket.socket:
    """The socket of settings.host and settings.port; OSError if it is taken. Port 0 takes any."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    bound = socket.create_server((settings.host, settings.port), family=family, backlog=BACKLOG)
    # asyncio does not see that a socket made elsewhere is TCP; without this each answer waits 40 ms for an ack
    bound.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return bound


def run(
    settings: Settings,
    services: ServicesFactory,
    stop: threading.Event,
    *,
    on: socket.socket | None = None,
    serving: Callable[[], None] = lambda: None,
    rates: Rates | None = None,
) -> None:
    """Serve until `stop` is set, then let requests under way finish for a while. `serving` is called once it answers."""
    bound = on or listening(settings)
    doors = Doors.of(settings, services(), rates=rates)
    config = uvicorn.Config(
        create_app(doors),
        log_config=None,
        access_log=False,
        server_header=False,
        lifespan="on",
        ws="none",
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
    try:
        _Server(config, stop, serving).run(sockets=[bound])
    finally:
        doors.database.close()
        bound.close()


class GatewayThread:
    """The front door in a thread; `url` is known once it was made, `start` returns when it answers."""

    def __init__(self, settings: Settings, services: ServicesFactory, *, rates: Rates | None = None) -> None:
        Client.of(settings)  # unfit settings are told to whoever starts it, not to the thread
        self._stop = threading.Event()
        self._serving = threading.Event()
        self._socket = listening(settings)
        host, port = self._socket.getsockname()[:2]
        self.url = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
        self._thread = threading.Thread(
            target=run,
            args=(settings, services, self._stop),
            kwargs={"on": self._socket, "serving": self._serving.set, "rates": rates},
            name="gateway",
            daemon=True,
        )

    def start(self) -> None:
        """Begin to serve; RuntimeError if it does not come up."""
        self._thread.start()
        while not self._serving.wait(0.05):
            if not self._thread.is_alive():
                raise RuntimeError("the gateway did not start")

    def stop(self) -> None:
        """Finish what is under way and end."""
        self._stop.set()
        self._thread.join(timeout=GRACE_SECONDS + 5)
