"""The proxy does what a bad network does, and nothing when nobody asks it to."""

import socket
import socketserver
import threading
import time
from collections.abc import Iterator
from random import Random

import pytest

from tests.chaos.proxy import Proxy
from tests.support.private_folders import LOOPBACK
from tests.support.waiting import eventually


class Echo(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        while data := self.request.recv(65536):
            self.request.sendall(data)


@pytest.fixture
def proxy() -> Iterator[Proxy]:
    with socketserver.ThreadingTCPServer((LOOPBACK, 0), Echo) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        with Proxy(server.server_address[1]) as proxy:
            yield proxy
        server.shutdown()


def connected(proxy: Proxy) -> socket.socket:
    link = socket.create_connection((LOOPBACK, proxy.port), timeout=5)
    assert echoed(link, b"hello") == b"hello"
    return link


def echoed(link: socket.socket, data: bytes) -> bytes:
    link.sendall(data)
    found = b""
    while len(found) < len(data):
        if not (part := link.recv(65536)):
            raise ConnectionResetError
        found += part
    return found


def test_without_a_fault_everything_passes_in_order(proxy: Proxy) -> None:
    link = connected(proxy)
    much = Random(1).randbytes(3_000_000)
    sender = threading.Thread(target=link.sendall, args=(much,))
    sender.start()
    found = b""
    while len(found) < len(much):
        found += link.recv(65536)
    sender.join(5)
    assert found == much
    link.close()
    eventually(lambda: proxy.open == 0, within=5, what="the link to end")


def test_a_cut_resets_those_that_it_strikes_and_no_others(proxy: Proxy) -> None:
    links = [connected(proxy) for _ in range(4)]
    assert proxy.cut(Random(1), 0.5) == 2
    alive = 0
    for link in links:
        try:
            alive += echoed(link, b"still?") == b"still?"
        except OSError:
            link.close()
    assert alive == 2


def test_a_blackhole_swallows_and_then_lets_go_on(proxy: Proxy) -> None:
    link = connected(proxy)
    began = time.monotonic()
    assert proxy.blackhole(Random(1), 1.0, 0.3, cut_after=False) == 1
    assert echoed(link, b"late") == b"late"
    assert time.monotonic() - began >= 0.3


def test_a_blackhole_may_end_in_a_reset(proxy: Proxy) -> None:
    link = connected(proxy)
    proxy.blackhole(Random(1), 1.0, 0.2, cut_after=True)
    with pytest.raises(OSError):
        echoed(link, b"never")


def test_a_delay_holds_up_every_byte_and_keeps_their_order(proxy: Proxy) -> None:
    link = connected(proxy)
    assert proxy.delay(Random(1), 1.0, 0.1, 5.0) == 1
    began = time.monotonic()
    assert echoed(link, b"abc" * 1000) == b"abc" * 1000
    assert time.monotonic() - began >= 0.2


def test_while_it_refuses_nobody_gets_in_and_afterwards_everybody_does(proxy: Proxy) -> None:
    link = connected(proxy)
    assert proxy.refuse() == 1
    link.close()
    with pytest.raises(OSError):
        connected(proxy)
    proxy.admit()
    connected(proxy)
