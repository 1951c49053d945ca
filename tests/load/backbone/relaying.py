"""Ours: the real relay of the telling service. A process of its own."""

import signal
import threading

from chassis import logging
from chassis.relay import Relay
from chassis.settings import Settings


def main() -> None:
    """Relay until SIGTERM, as `kith relay` would."""
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    logging.configure("warning", "bench-relay")
    Relay("pairing", Settings(), stop).run()


if __name__ == "__main__":
    main()
