"""Ours: the real host with the counting service. A process of its own."""

import eventlet

eventlet.monkey_patch()

import signal  # noqa: E402
import threading  # noqa: E402

from chassis import logging  # noqa: E402
from chassis.hosts import nameko  # noqa: E402
from chassis.service import Service  # noqa: E402
from chassis.settings import Settings  # noqa: E402
from tests.load.backbone.bench_service import COUNTING  # noqa: E402


def main(service: Service = COUNTING) -> None:
    """Host it until SIGTERM, as `kith serve` would."""
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    logging.configure("warning", "bench-consumer")
    nameko.serve(service, Settings(), stop)


if __name__ == "__main__":
    main()
