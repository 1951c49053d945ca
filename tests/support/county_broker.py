"""A RabbitMQ of a test's own that is configured by the files of deploy/rabbitmq, down to TLS and rights."""

import os
import ssl
import subprocess
from pathlib import Path
from urllib.parse import urlsplit

import amqp

from chassis.namespace import Namespace
from tests.support.private_broker import PrivateBroker
from tests.support.private_folders import free_port

DEPLOY = Path(__file__).parents[2] / "deploy"
MOUNTED = {
    "broker_cert": "broker_cert.pem",
    "broker_key": "broker_key.pem",
    "broker_definitions": "broker_definitions.json",
}


def make_secrets(folder: Path) -> None:
    """Run deploy/make-secrets; the files stay with whoever runs the tests."""
    subprocess.run([DEPLOY / "make-secrets", "--keep-owner", folder], check=True, capture_output=True)


class CountyBroker(PrivateBroker):
    """The compose file's broker, but on loopback, ports and a namespace of its own."""

    def __init__(self, namespace: str) -> None:
        super().__init__()
        self.names = Namespace(namespace)
        self.metrics_port = free_port()
        self.secrets = self.folder / "secrets"
        make_secrets(self.secrets)
        self._rename("kith", namespace)

    def _rename(self, shipped: str, ours: str) -> None:
        """Rights on the names of our namespace instead of those of the compose file."""
        file = self.secrets / "broker_definitions.json"
        text = file.read_text()
        for before in ("(", "^", "|"):
            text = text.replace(f"{before}{shipped}\\\\.", f"{before}{ours}\\\\.")
        file.write_text(text.replace(f"-{shipped}_", f"-{ours}_"))

    @property
    def authority(self) -> Path:
        return self.secrets / "broker_ca.pem"

    @property
    def url(self) -> str:
        return self.url_of("gateway")

    def url_of(self, user: str) -> str:
        """What the compose file gives to a process, with this broker's place."""
        return (
            (self.secrets / f"broker_{user}.txt").read_text().replace("@rabbitmq:5671/", f"@localhost:{self.port}/")
        )

    def _answers(self) -> bool:
        if self.pid is None:
            raise RuntimeError(f"the private RabbitMQ ended while starting; see {self.folder}")
        parts = urlsplit(self.url)
        link = amqp.Connection(
            f"localhost:{self.port}",
            parts.username,
            parts.password,
            virtual_host="kith",
            ssl={"ca_certs": str(self.authority), "cert_reqs": ssl.CERT_REQUIRED, "server_hostname": "localhost"},
            connect_timeout=2,
            read_timeout=2,
        )
        try:
            link.connect()
            link.close()
        except (OSError, amqp.AMQPError):
            return False
        return True

    def _write_settings(self) -> None:
        super()._write_settings()
        text = (DEPLOY / "rabbitmq" / "rabbitmq.conf").read_text()
        text = text.replace("ssl.default = 5671", f"ssl.default = 127.0.0.1:{self.port}")
        text = text.replace("tcp.port = 15692", f"tcp.port = {self.metrics_port}\nprometheus.tcp.ip = 127.0.0.1")
        text = text.replace("disk_free_limit.absolute = 2GB", "disk_free_limit.absolute = 64MB")
        for mounted, name in MOUNTED.items():
            text = text.replace(f"/run/secrets/{mounted}\n", f"{self.secrets / name}\n")
        (self.folder / "rabbitmq.conf").write_text(text)
        (self.folder / "enabled_plugins").write_text((DEPLOY / "rabbitmq" / "enabled_plugins").read_text())
        if os.geteuid() == 0:
            owner = self.folder.stat()
            for path in (self.secrets, *self.secrets.iterdir()):
                os.chown(path, owner.st_uid, owner.st_gid)

    def _environment(self) -> dict[str, str]:
        return {
            name: value
            for name, value in super()._environment().items()
            if name not in ("RABBITMQ_NODE_IP_ADDRESS", "RABBITMQ_NODE_PORT")
        }
