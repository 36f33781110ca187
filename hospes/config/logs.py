"""Structured logs, one JSON object a line, without personal data."""

from __future__ import annotations

import logging
import sys
from typing import Any

import structlog

# They tell of every start and stop, which the supervisor does in fewer words.
TALKATIVE = ("uvicorn", "procrastinate", "asyncio", "mail.log")
SERVICE_UNAVAILABLE = 503


class CallersMatters(logging.Filter):
    """What a caller asked in vain is told, but is nothing to act on; neither is "not yet".

    Whoever answers 503 says in a line of their own what is missing.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        status = getattr(record, "status_code", 500)
        if not record.exc_info and (status < 500 or status == SERVICE_UNAVAILABLE):
            record.levelno, record.levelname = logging.INFO, "INFO"
        return record.levelno >= logging.getLogger().level


def configure(options: dict[str, Any]) -> None:
    """Send everything to standard error as JSON, from the level given on."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(options["level"])
    for name in TALKATIVE:
        logging.getLogger(name).setLevel(max(logging.WARNING, root.level))
    answers = logging.getLogger("django.request")
    answers.filters[:] = [CallersMatters()]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
