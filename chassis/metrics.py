"""What every process tells Prometheus. No label ever names a person or a household.

Names and labels that begin with `messaging` are those of OpenTelemetry's semantic conventions for messaging, written
as Prometheus writes them; what they have no name for begins with `kith`. docs/operations/metrics.md lists all.
"""

from prometheus_client import Counter, Gauge, Histogram

from chassis.settings import Settings

OPERATION_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10)
"""As the conventions ask for."""

SENT = Counter(
    "messaging_client_sent_messages_total",
    "Events the broker was given; with an error_type those it refused or returned",
    ["service", "messaging_system", "messaging_destination_name", "messaging_operation_name", "error_type"],
)
SEND_DURATION = Histogram(
    "messaging_client_operation_duration_seconds",
    "From giving the broker a batch of events to its last confirm",
    [
        "service",
        "messaging_system",
        "messaging_destination_name",
        "messaging_operation_name",
        "messaging_operation_type",
    ],
    buckets=OPERATION_BUCKETS,
)
CONSUMED = Counter(
    "messaging_client_consumed_messages_total",
    "Events delivered to a consumer, repetitions among them",
    [
        "messaging_system",
        "messaging_destination_name",
        "messaging_consumer_group_name",
        "messaging_operation_name",
    ],
)
PROCESS_DURATION = Histogram(
    "messaging_process_duration_seconds",
    "Reactions to an event; with an error_type those that failed",
    [
        "messaging_system",
        "messaging_destination_name",
        "messaging_consumer_group_name",
        "messaging_operation_name",
        "error_type",
    ],
    buckets=(0.0005, 0.001, 0.0025, *OPERATION_BUCKETS),
)
INBOX_APPLIED = Counter("kith_inbox_applied_total", "Events applied", ["consumer"])
INBOX_DUPLICATES = Counter(
    "kith_inbox_duplicates_total", "Events dropped because they were applied before", ["consumer"]
)
INBOX_FAILED = Counter(
    "kith_inbox_failed_total", "Reactions that failed and will be tried again or parked", ["consumer"]
)
INBOX_REPAIRS = Counter(
    "kith_inbox_repairs_total", "Gaps for which the source was asked, by what came of it", ["consumer", "outcome"]
)
INBOX_WAITING = Gauge("kith_inbox_waiting", "Events kept in the inbox, by reason", ["consumer", "reason"])
INBOX_OLDEST = Gauge(
    "kith_inbox_oldest_age_seconds", "Age of the oldest event kept in the inbox, by reason", ["consumer", "reason"]
)
INBOX_GAP = Gauge(
    "kith_inbox_oldest_gap_seconds", "For how long the oldest missing event has been waited for", ["consumer"]
)
EVENT_LAG = Histogram(
    "kith_event_lag_seconds",
    "From commit at the source to applied at the consumer",
    ["consumer"],
    buckets=(0.005, 0.01, 0.02, 0.03, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.5, 1, 3, 10, 60, 600),
)
OUTBOX_OLDEST = Gauge("kith_outbox_oldest_age_seconds", "Age of the oldest event not yet sent", ["service"])
CALLS = Histogram(
    "kith_call_seconds",
    "Commands and queries carried out, by outcome",
    ["service", "name", "outcome"],
    buckets=(0.005, 0.01, 0.03, 0.1, 0.3, 1, 3, 10),
)
JOBS_FAILED = Counter(
    "kith_jobs_failed_total", "Background jobs that failed and will be tried again or given up", ["service", "kind"]
)

REFUSED = "refused"
"""The error_type of events that the broker refused or returned."""


def messaging_system(settings: Settings) -> str:
    """What carries events in this installation, as `messaging.system` says it."""
    return "rabbitmq" if settings.mode == "broker" else "in_process"


class SentMeter:
    """Counts for one source's events on their way out. Both series exist from the start, so that a first rise shows."""

    def __init__(self, service: str, settings: Settings, exchange: str) -> None:
        labels = (service, messaging_system(settings), exchange, "publish")
        self._taken, self._refused = SENT.labels(*labels, ""), SENT.labels(*labels, REFUSED)
        self._duration = SEND_DURATION.labels(*labels, "send")

    def sent(self, taken: int, refused: int, seconds: float) -> None:
        """A batch was given away."""
        self._taken.inc(taken)
        self._refused.inc(refused)
        self._duration.observe(seconds)
