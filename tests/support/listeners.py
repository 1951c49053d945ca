"""Says on which addresses a process and its children listen, so that a test can see what is exposed."""

from typing import Any

import psutil


def listening_addresses(pid: int) -> set[str]:
    """IP addresses with a listening TCP socket; empty for one that only uses Unix sockets."""
    root = psutil.Process(pid)
    links = [link for each in (root, *root.children(recursive=True)) for link in _links(each)]
    return {link.laddr.ip for link in links if link.status == psutil.CONN_LISTEN}


def _links(process: psutil.Process) -> list[Any]:
    """A child may have ended since it was listed."""
    try:
        return process.net_connections("tcp")
    except psutil.NoSuchProcess:
        return []
