"""What every operation has at hand: database, services, rules, keys, clock."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TypeVar

import anyio
import anyio.to_thread
import sqlalchemy as sa

from chassis.addresses import app_url
from chassis.clock import Clock
from chassis.database import SET_SCOPE, Database, again_if_transient, away
from chassis.execution import Call, LocalExecutor, Reply
from chassis.files import Files
from chassis.keys import Keys
from chassis.logging import logger
from chassis.rpc_asyncio import InProcessServices, Services
from chassis.sealing import BlindIndex
from chassis.settings import Settings
from chassis.verdicts import VerdictSigner
from contracts.refusals import UNAVAILABLE, Refused
from gateway.admission.evaluate import RuleSet
from gateway.admission.shipped import shipped_rules
from gateway.api.approvals import Approvals
from gateway.api.intake import Intake
from gateway.api.judging import FactReader, Judging
from gateway.api.oidc_attempt import Attempts
from gateway.api.oidc_provider import Client, Provider
from gateway.api.passwords import PasswordDesk
from gateway.api.rates import Rates
from gateway.api.rules import Rulebook
from gateway.api.sharing import I_, O_, SharedTransactions, Step
from gateway.api.surroundings import surroundings
from gateway.api.tokens import Tokens
from gateway.office import running
from gateway.office.proofs import Proofs
from gateway.office.service import OFFICE
from gateway.office.store import approvals

POOL = 10
T = TypeVar("T")


class WithOffice:
    """The services, and the office that works in this process."""

    def __init__(self, services: Services, office: LocalExecutor) -> None:
        self._services = services
        self._office = InProcessServices({OFFICE.name: office})

    async def call(self, service: str, call: Call) -> Reply:
        """The reply of a service or of the office."""
        return await (self._office if service == OFFICE.name else self._services).call(service, call)

    async def close(self) -> None:
        """Let go of connections."""
        await self._services.close()


@dataclass(frozen=True)
class Doors:
    """One front door. Replicas share nothing but the database and the services."""

    settings: Settings
    clock: Clock
    keys: Keys
    database: Database
    files: Files
    services: Services
    rules: Rulebook
    judging: Judging
    tokens: Tokens
    intake: Intake
    approvals: Approvals
    rates: Rates
    attempts: Attempts
    provider: Provider | None
    proofs: Proofs
    shared: SharedTransactions
    passwords: PasswordDesk = field(default_factory=PasswordDesk)
    _seats: anyio.CapacityLimiter = field(default_factory=lambda: anyio.CapacityLimiter(POOL), repr=False)

    @classmethod
    def of(
        cls,
        settings: Settings,
        services: Services,
        *,
        rules: RuleSet | None = None,
        facts: FactReader | None = None,
        rates: Rates | None = None,
    ) -> "Doors":
        """The front door that the settings ask for."""
        keys, clock = Keys.of(settings), Clock.of(settings)
        database = Database(app_url(settings, "gateway"), pool_size=POOL // 2)
        book = Rulebook.fixed(rules) if rules else Rulebook(shipped_rules(), clock.today)
        signer = VerdictSigner(keys.key("verdict"), clock.now)
        digests = BlindIndex(keys.key("body"))
        return cls(
            settings=settings,
            clock=clock,
            keys=keys,
            database=database,
            files=Files(settings.files, keys.key("files")),
            services=WithOffice(services, LocalExecutor(running.runtime(settings, database))),
            rules=book,
            judging=Judging(book, facts or surroundings, signer, clock, digests),
            tokens=Tokens(keys.key("token"), f"kith:{settings.namespace}:{settings.county}"),
            intake=Intake(keys.key("intake"), keys.key("intake-about"), digests),
            approvals=Approvals(keys.key(approvals.KEY), digests, timedelta(days=settings.approval_days)),
            rates=rates or Rates(),
            attempts=Attempts(keys.key("oidc-attempt")),
            provider=Provider(client) if (client := Client.of(settings)) else None,
            proofs=Proofs(keys),
            shared=SharedTransactions(database),
        )

    async def transact(self, do: Callable[[sa.Connection], T], *, area: str | None = None) -> T:
        """`do` in a transaction, off the event loop, within row security of `area`; Refused if the database is away."""
        return await anyio.to_thread.run_sync(self._transact, do, area, limiter=self._seats)

    async def share(self, step: Step[I_, O_], item: I_, *, area: str | None = None) -> O_:
        """Like `transact`, together with what others ask at this moment: for the short steps that every request takes."""
        return await self.shared.do(step, item, area, alone=self.transact)

    def _transact(self, do: Callable[[sa.Connection], T], area: str | None) -> T:
        def once() -> T:
            with self.database.begin() as connection:
                if area is not None:
                    connection.execute(SET_SCOPE, {"area": area})
                return do(connection)

        try:
            return again_if_transient(once)()
        except (sa.exc.DBAPIError, sa.exc.TimeoutError) as error:
            if away(error) or isinstance(error, sa.exc.TimeoutError):
                logger().warning("database_away", error=error)
                raise Refused(UNAVAILABLE) from None
            raise
