"""One process each: serve, relay, work, gateway."""

import threading

from chassis import logging
from chassis.settings import Settings
from kith import waiting
from kith.refusing import BadInput


def _configure(settings: Settings, process: str) -> None:
    logging.configure(settings.log_level, process)
    from chassis import crash_points, health

    crash_points.arm(settings)
    health.expose(settings)


def _check(names: list[str], known: set[str]) -> None:
    for name in names:
        if name not in known:
            raise BadInput(f"no service is called {name!r}; there are {', '.join(sorted(known))}")


def serve(service: str, settings: Settings, stop: threading.Event) -> None:
    """Host one consumer on the broker."""
    from chassis.hosts import nameko
    from kith.registry import CONSUMERS

    _check([service], set(CONSUMERS))
    _configure(settings, f"serve-{service}")
    if waiting.for_database(_app_url(settings, CONSUMERS[service].database_name), stop, known_as=service):
        nameko.serve(CONSUMERS[service], settings, stop)


def relay(services: list[str], settings: Settings, stop: threading.Event) -> None:
    """Relay outboxes, a thread each."""
    from chassis.relay import Relay
    from chassis.watching import OutboxWatch
    from kith.registry import SERVICES, listeners

    _check(services, set(SERVICES))
    _configure(settings, "relay")
    if not all(waiting.for_database(_app_url(settings, name), stop, known_as=name) for name in services):
        return
    threads = [
        threading.Thread(target=Relay(name, settings, stop, listeners(name)).run, name=f"relay-{name}")
        for name in services
    ]
    threads.append(threading.Thread(target=OutboxWatch(services, settings, stop).run, name="outbox-watch"))
    _run(threads)


def work(service: str, settings: Settings, stop: threading.Event) -> None:
    """Do background jobs of one service."""
    from chassis.hosts.runtimes import over_broker
    from chassis.worker import Worker
    from kith.registry import SERVICES

    _check([service], {name for name, found in SERVICES.items() if found.jobs})
    _configure(settings, f"work-{service}")
    if waiting.for_database(_app_url(settings, service), stop, known_as=service):
        Worker(over_broker(SERVICES[service], settings), stop).run()


def gateway(settings: Settings, stop: threading.Event) -> None:
    """Serve HTTP, with services over the broker."""
    from chassis.keys import Keys
    from chassis.rpc_asyncio import RpcServices
    from gateway import serving

    _configure(settings, "gateway")
    if waiting.for_database(_app_url(settings, "gateway"), stop):
        serving.run(settings, lambda: RpcServices(settings, Keys.of(settings).key("rpc")), stop)


def _app_url(settings: Settings, database: str) -> str:
    from chassis.addresses import app_url

    return app_url(settings, database).render_as_string(hide_password=False)


def _run(threads: list[threading.Thread]) -> None:
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
