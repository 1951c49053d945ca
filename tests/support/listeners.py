"""Says on which addresses a process and its children listen, so that a test can see what is exposed."""

import psutil  # type: ignore[import-untyped,unused-ignore]


def listening_addresses(pid: int) -> set[str]:
    """IP addresses with a listening TCP socket; empty for one that only uses Unix sockets."""
    root = psutil.Process(pid)
    links = [link for each in (root, *root.children(recursive=True)) for link in each.net_connections("tcp")]
    return {link.laddr.ip for link in links if link.status == psutil.CONN_LISTEN}
