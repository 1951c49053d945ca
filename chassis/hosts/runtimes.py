"""A service's runtime when the other services are reached over the broker."""

from chassis.keys import Keys
from chassis.rpc import BlockingRpc, RpcPeers
from chassis.runtime import Runtime
from chassis.service import Service
from chassis.settings import Settings


def over_broker(service: Service, settings: Settings, *, pool_size: int = 5) -> Runtime:
    """For `kith serve` and `kith work`."""
    rpc = BlockingRpc(settings, Keys.of(settings).key("rpc"))
    return Runtime.of(service, settings, RpcPeers(rpc, settings.call_timeout), pool_size=pool_size)
