"""Ports and folders for private servers: on loopback, short, and the server account's own."""

import os
import random
import socket
import tempfile
from pathlib import Path

LOOPBACK = "127.0.0.1"
PORTS = range(15000, 30000)  # below the ephemeral range: a client retrying there could connect to itself


def free_port() -> int:
    """A port of PORTS that nothing on loopback holds now."""
    for port in random.sample(PORTS, 100):
        if _is_free(port):
            return port
    raise RuntimeError("a hundred ports were tried and none is free")


def private_folder() -> Path:
    """A new folder that another account may pass through, with a path short enough for sockets."""
    folder = Path(tempfile.mkdtemp(prefix="kith-", dir="/tmp" if os.geteuid() == 0 else None))
    folder.chmod(0o755)
    return folder


def _is_free(port: int) -> bool:
    with socket.socket() as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((LOOPBACK, port))
        except OSError:
            return False
    return True
