"""What an event costs the command that records it: the same command with and without, in turn, in one thread."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from uuid import UUID

from chassis.execution import Call, LocalExecutor
from chassis.ids import new_id
from chassis.runtime import Runtime
from chassis.service import Service
from chassis.verdicts import VerdictSigner
from contracts.actor import Actor, Role
from contracts.pairing import RecordHelperLeaving
from contracts.verdict import VerdictClaims, body_hash
from tests.load.backbone import telling
from tests.load.backbone.bench_service import SILENT, TELLING
from tests.load.backbone.consuming import Broken
from tests.load.backbone.place import Place
from tests.load.backbone.writer import NoPeers

OFFICER = Actor(id="officer", roles=frozenset({Role.TOWNSHIP_OFFICER}), area=telling.COUNTY)
SUBJECTS = 1_000


class Commander:
    """Sends one command again and again to a service in this process, with the verdict it needs."""

    def __init__(self, service: Service, place: Place) -> None:
        self._runtime = Runtime.of(service, place.settings, NoPeers())  # type: ignore[arg-type]
        self._executor = LocalExecutor(self._runtime)
        self._signer = VerdictSigner(self._runtime.keys.key("verdict"), self._runtime.clock.now)

    def seconds_of(self, helper: UUID, sequence: int) -> float:
        """How long one command takes, from the call that arrives to the reply."""
        command = RecordHelperLeaving(helper_id=helper, left_on=telling.day_of(sequence))
        name, body = command.spec.name, command.model_dump(mode="json")
        verdict = self._signer.sign(self._claims(name, body))
        call = Call(
            id=new_id(), name=name, body=body, actor=OFFICER, deadline=time.time() + 10, verdict=verdict,
            idempotency_key=str(new_id()),
        )  # fmt: skip
        started = time.perf_counter()
        reply = self._executor.execute(call)
        took = time.perf_counter() - started
        if reply.refusal:
            raise Broken(str(reply.refusal))
        return took

    def _claims(self, name: str, body: dict[str, object]) -> VerdictClaims:
        now = self._runtime.clock.now()
        return VerdictClaims(
            id=new_id(),
            command=name,
            body_sha256=body_hash(name, body),
            actor_id=OFFICER.id,
            area=OFFICER.area,
            issued_at=now,
            expires_at=now + timedelta(seconds=30),
            outcome="allow",
            ruleset_version="bench",
        )

    def close(self) -> None:
        self._runtime.database.close()


@contextmanager
def commanders(place: Place) -> Iterator[tuple[Commander, Commander]]:
    """One that records an event, one that does not; both warm."""
    place.empty()
    with_event, without = Commander(TELLING, place), Commander(SILENT, place)
    try:
        pair(with_event, without, 50)
        yield with_event, without
    finally:
        with_event.close()
        without.close()


def pair(with_event: Commander, without: Commander, commands: int) -> tuple[float, float]:
    """Mean seconds of a command with and without its event; the two take turns, and the first turn too."""
    spent = [0.0, 0.0]
    for number in range(commands):
        turns = [(0, with_event), (1, without)]
        for which, commander in turns if number % 2 else reversed(turns):
            spent[which] += commander.seconds_of(telling.subject(number % SUBJECTS), number)
    return spent[0] / commands, spent[1] / commands
