"""Names of everything an installation puts on a shared broker or database server."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Namespace:
    """Two installations with different names never see each other."""

    name: str

    @property
    def events_exchange(self) -> str:
        """The topic exchange that all events pass."""
        return f"{self.name}.events"

    @property
    def rpc_exchange(self) -> str:
        """The exchange of commands and queries."""
        return f"{self.name}.rpc"

    @property
    def dead_exchange(self) -> str:
        """Where what no consumer could decode goes."""
        return f"{self.name}.dead"

    def inbox_queue(self, service: str) -> str:
        """A consumer's queue."""
        return f"{self.name}.{service}.inbox"

    def dead_queue(self, service: str) -> str:
        """A consumer's dead letters."""
        return f"{self.name}.{service}.dead"

    def service(self, service: str) -> str:
        """A service's name in RPC."""
        return f"{self.name}_{service}"

    def database(self, service: str) -> str:
        """A service's database."""
        return f"{self.name}_{service}"

    @property
    def owner_role(self) -> str:
        """The role that owns tables; migrations run as it."""
        return f"{self.name}_owner"

    @property
    def app_role(self) -> str:
        """The role that services run as; it owns nothing."""
        return f"{self.name}_app"
