"""The gateway's way to the services: whatever the broker does, a call is answered or its service is away."""

import asyncio
import time

import aiormq.abc
import pytest

from chassis.execution import Call
from chassis.ids import new_id
from chassis.keys import Keys
from chassis.rpc import ServiceAway
from chassis.rpc_asyncio import RpcServices
from contracts.actor import Actor
from tests.support.hosting import settings_for


class LosesTheBroker(RpcServices):
    """Its connection ends between being found ready and being used."""

    async def _ready(self) -> aiormq.abc.AbstractChannel:
        channel = await super()._ready()
        await channel.connection.close()
        return channel


class LosesItsChannel(LosesTheBroker):
    """Likewise, when it has just seen that the service is present."""

    async def _check_presence(self, channel: aiormq.abc.AbstractChannel, service: str) -> None:
        return


@pytest.mark.parametrize("kind", [LosesTheBroker, LosesItsChannel])
def test_a_connection_that_ends_at_the_wrong_moment_means_that_the_service_is_away(
    kind: type[RpcServices], broker_server: str, database_server: str, namespace: str
) -> None:
    settings = settings_for(database_server, f"{namespace}rpc", broker_url=broker_server, mode="broker")
    call = Call(
        id=new_id(), name="pairing.x", body={}, actor=Actor.system("gateway", "990101"), deadline=time.time() + 5
    )

    async def ask() -> None:
        services = kind(settings, Keys.of(settings).key("rpc"))
        try:
            await services.call("pairing", call)
        finally:
            await services.close()

    with pytest.raises(ServiceAway):
        asyncio.run(ask())
