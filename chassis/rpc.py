"""Commands and queries over the broker: nameko's message form, sealed bodies, deadlines.

A body is readable only with the installation's key, expires at its deadline, and is bound to its queue's exchange.
"""

import json
import threading
import time
from typing import Any

import kombu.serialization
import pika
from pika.exceptions import AMQPError
from pydantic import ValidationError

from chassis.execution import Call, Reply, answer_of
from chassis.ids import new_id
from chassis.namespace import Namespace
from chassis.sealing import SealBroken, Sealer
from chassis.settings import Settings
from chassis.surroundings import PeerAway
from contracts.actor import Actor
from contracts.catalogue import owner
from contracts.messages import Query, View
from contracts.refusals import Refused

SERIALIZER = "kith-sealed"
CONTENT_TYPE = "application/x-kith-sealed"
METHOD = "execute"


class ServiceAway(Exception):
    """A service did not answer before the deadline, or nobody listens for it."""


class Wire:
    """Calls and replies as sealed bytes."""

    def __init__(self, key: bytes) -> None:
        self._sealer = Sealer(key)

    def dump(self, value: Any) -> bytes:
        """Any JSON value, sealed."""
        return self._sealer.seal(json.dumps(value).encode())

    def load(self, sealed: bytes | memoryview | str) -> Any:
        """The JSON value; SealBroken if it was not sealed by us."""
        return json.loads(
            self._sealer.open(bytes(sealed) if not isinstance(sealed, str) else sealed.encode("latin-1"))
        )

    def request(self, call: Call) -> bytes:
        """What nameko's RPC entrypoint expects."""
        return self.dump({"args": [], "kwargs": {"call": call.model_dump(mode="json")}})

    def reply(self, sealed: bytes) -> Reply:
        """What nameko answered; ServiceAway if the service could not even refuse."""
        try:
            answered = self.load(sealed)
            if answered["error"] is not None:
                raise ServiceAway(answered["error"].get("exc_type", "error"))
            return Reply.model_validate(answered["result"])
        except (SealBroken, ValidationError, KeyError, TypeError) as error:
            raise ServiceAway(type(error).__name__) from error

    def register(self) -> None:
        """Make kombu, and with it nameko, speak sealed bodies in this process."""
        kombu.serialization.register(SERIALIZER, self.dump, self.load, CONTENT_TYPE, "binary")


def routing_key(names: Namespace, service: str) -> str:
    """Where a service's calls go."""
    return f"{names.service(service)}.{METHOD}"


def milliseconds_left(call: Call) -> int:
    """Until the call's deadline, at least 1."""
    return max(1, int((call.deadline - time.time()) * 1000))


class BlockingRpc:
    """One connection for plain processes; calls are made one at a time."""

    def __init__(self, settings: Settings, key: bytes) -> None:
        self._url = settings.broker_url.get_secret_value()
        self._names = Namespace(settings.namespace)
        self._wire = Wire(key)
        self._lock = threading.Lock()
        self._connection: pika.BlockingConnection | None = None
        self._replies: dict[str, bytes] = {}
        self._reply_to = ""

    def call(self, service: str, call: Call) -> Reply:
        """The service's reply; ServiceAway past the deadline or without a broker."""
        with self._lock:
            try:
                return self._call(service, call)
            except AMQPError as error:
                self._connection = None
                raise ServiceAway(type(error).__name__) from error

    def _call(self, service: str, call: Call) -> Reply:
        channel = self._ready()
        correlation = str(new_id())
        channel.basic_publish(
            self._names.rpc_exchange,
            routing_key(self._names, service),
            self._wire.request(call),
            pika.BasicProperties(
                content_type=CONTENT_TYPE,
                content_encoding="binary",
                reply_to=self._reply_to,
                correlation_id=correlation,
                expiration=str(milliseconds_left(call)),
            ),
        )
        while correlation not in self._replies:
            left = call.deadline - time.time()
            if left <= 0 or self._connection is None:
                raise ServiceAway("deadline")
            self._connection.process_data_events(time_limit=left)
        return self._wire.reply(self._replies.pop(correlation))

    def _ready(self) -> Any:
        if self._connection is None or self._connection.is_closed:
            self._connection = pika.BlockingConnection(pika.URLParameters(self._url))
            self._channel = self._connection.channel()
            self._replies.clear()
            queue = self._channel.queue_declare("", exclusive=True).method.queue
            self._reply_to = queue
            self._channel.queue_bind(queue, self._names.rpc_exchange, queue)
            self._channel.basic_consume(queue, self._on_reply, auto_ack=True)
        return self._channel

    def _on_reply(self, _channel: Any, _method: Any, properties: Any, body: bytes) -> None:
        self._replies[properties.correlation_id] = body

    def close(self) -> None:
        """Leave the broker."""
        if self._connection is not None and self._connection.is_open:
            self._connection.close()


class RpcPeers:
    """Asks other services over the broker."""

    def __init__(self, rpc: BlockingRpc, timeout: float) -> None:
        self._rpc = rpc
        self._timeout = timeout

    def ask(self, query: Query, actor: Actor, traceparent: str | None) -> View:
        """The answer; PeerAway if the service is away or refuses."""
        return ask_through(self._rpc.call, query, actor, traceparent, self._timeout)


def ask_through(call: Any, query: Query, actor: Actor, traceparent: str | None, timeout: float) -> View:
    """Make the call of a query with `call(service, Call) -> Reply` and read its answer."""
    name = query.spec.name
    message = Call(
        id=new_id(),
        name=name,
        body=query.model_dump(mode="json"),
        actor=actor,
        deadline=time.time() + timeout,
        traceparent=traceparent,
    )
    try:
        answer = answer_of(name, call(owner(name), message))
    except ServiceAway as error:
        raise PeerAway(str(error)) from error
    except Refused as refused:
        raise PeerAway(refused.refusal.code) from refused
    if not isinstance(answer, View):
        raise PeerAway("not a view")
    return answer
