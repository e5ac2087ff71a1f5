"""Structured logs: one event per line, past tense, ids as keys; never personal data or whole messages."""

from __future__ import annotations

import logging
import sys

import structlog

FORBIDDEN_KEYS = frozenset({"name", "identity_number", "account_number", "password", "body", "payload", "card"})
"""Keys under which personal or payment data would reach the log; their values are blanked."""


def _blank_personal(_logger: object, _method: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    for key in FORBIDDEN_KEYS & event.keys():
        event[key] = "[withheld]"
    return event


def configure_log(*, process: str, json_lines: bool = True) -> None:
    """Send logs to standard error as JSON lines (or coloured for a person), each with the process's name."""
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer(ensure_ascii=False) if json_lines else structlog.dev.ConsoleRenderer()
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _blank_personal,
            structlog.processors.format_exc_info,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=True,
    )
    structlog.contextvars.bind_contextvars(process=process)


def get_log(area: str) -> structlog.typing.FilteringBoundLogger:
    """Give the logger of an area (``fund.deposits``, ``bidding.journal`` …)."""
    log: structlog.typing.FilteringBoundLogger = structlog.get_logger(area=area)
    return log
