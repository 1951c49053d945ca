"""Logs are JSON lines of ids and codes: never names, numbers, addresses or free text (law L4)."""

import logging
import sys

import structlog


def configure(level: str, process: str) -> None:
    """Set up structured logging to stderr for this process."""
    logging.basicConfig(stream=sys.stderr, level=level.upper(), format="%(message)s")
    for noisy in ("pika", "kombu", "nameko", "amqp", "aiormq", "httpx", "uvicorn.access", "uvicorn.error"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _error_as_code,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
    structlog.contextvars.bind_contextvars(process=process)


def _error_as_code(_logger: object, _method: str, entry: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """An exception's message may quote a row; its class and place may not be more than code."""
    error = entry.pop("error", None)
    if isinstance(error, BaseException):
        entry["error"] = type(error).__name__
        trace, last = error.__traceback__, None
        while trace is not None:
            last, trace = trace, trace.tb_next
        if last is not None:
            entry["at"] = f"{last.tb_frame.f_globals.get('__name__')}:{last.tb_lineno}"
    return entry


def logger() -> structlog.typing.FilteringBoundLogger:
    """The process's logger."""
    found: structlog.typing.FilteringBoundLogger = structlog.get_logger()
    return found
