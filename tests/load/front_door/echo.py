"""The service behind the door, or behind its peer: a nameko process that echoes an answer, without a database.

`sealed`: in Kith's own form, for the gateway. `bare`: nameko with JSON, for the peer.
"""

import eventlet

eventlet.monkey_patch()

import signal  # noqa: E402
import sys  # noqa: E402
import threading  # noqa: E402
from collections.abc import Callable  # noqa: E402
from typing import Any  # noqa: E402

from nameko.rpc import rpc  # noqa: E402
from nameko.runners import ServiceRunner  # noqa: E402

from chassis.keys import Keys  # noqa: E402
from chassis.namespace import Namespace  # noqa: E402
from chassis.rpc import METHOD, SERIALIZER, Wire  # noqa: E402
from chassis.settings import Settings  # noqa: E402
from tests.load.front_door.place import HOUSEHOLD, listed  # noqa: E402

CREATED = {"id": HOUSEHOLD}
PAGE = listed()


def _service(name: str, methods: dict[str, Callable[..., Any]]) -> type:
    return type(name, (), {"name": name, **{method: rpc(function) for method, function in methods.items()}})


def _sealed_command(self: object, call: dict[str, Any]) -> dict[str, Any]:
    return {"answer": CREATED, "refusal": None, "repeated": False}


def _sealed_query(self: object, call: dict[str, Any]) -> dict[str, Any]:
    return {"answer": PAGE, "refusal": None, "repeated": False}


def _bare_command(self: object, call: dict[str, Any]) -> dict[str, Any]:
    return CREATED


def _bare_query(self: object, call: dict[str, Any]) -> dict[str, Any]:
    return PAGE


def main() -> None:
    """Until SIGTERM."""
    stop, settings = threading.Event(), Settings()
    names = Namespace(settings.namespace)
    for each in (_sealed_command, _sealed_query):
        each.__name__ = METHOD
    _bare_command.__name__, _bare_query.__name__ = "command", "query"
    config = {"AMQP_URI": settings.broker_url.get_secret_value(), "max_workers": 10}
    if sys.argv[1] == "sealed":
        Wire(Keys.of(settings).key("rpc")).register()
        runner = ServiceRunner({**config, "rpc_exchange": names.rpc_exchange, "serializer": SERIALIZER})
        runner.add_service(_service(names.service("activities"), {METHOD: _sealed_command}))
        runner.add_service(_service(names.service("households"), {METHOD: _sealed_query}))
    else:
        runner = ServiceRunner({**config, "rpc_exchange": f"{names.name}.bare"})
        runner.add_service(_service(names.service("bare"), {"command": _bare_command, "query": _bare_query}))
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    runner.start()
    while not stop.is_set():
        eventlet.sleep(0.1)
    runner.stop()


if __name__ == "__main__":
    main()
