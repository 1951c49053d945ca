"""What every process tells Prometheus. No label ever names a person or a household."""

from prometheus_client import Counter, Gauge, Histogram

INBOX_APPLIED = Counter("kith_inbox_applied_total", "Events applied", ["consumer"])
INBOX_DUPLICATES = Counter(
    "kith_inbox_duplicates_total", "Events dropped because they were applied before", ["consumer"]
)
INBOX_FAILED = Counter(
    "kith_inbox_failed_total", "Reactions that failed and will be tried again or parked", ["consumer"]
)
INBOX_WAITING = Gauge("kith_inbox_waiting", "Events kept in the inbox, by reason", ["consumer", "reason"])
EVENT_LAG = Histogram(
    "kith_event_lag_seconds",
    "From commit at the source to applied at the consumer",
    ["consumer"],
    buckets=(0.005, 0.01, 0.03, 0.1, 0.3, 1, 3, 10, 60, 600),
)
OUTBOX_SENT = Counter("kith_outbox_sent_total", "Events confirmed by the broker", ["service"])
OUTBOX_REFUSED = Counter("kith_outbox_refused_total", "Events the broker refused or returned", ["service"])
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


def observe_lag(consumer: str, seconds: float) -> None:
    """How long an event took to be applied here; clocks that disagree never make it negative."""
    EVENT_LAG.labels(consumer).observe(max(0.0, seconds))
