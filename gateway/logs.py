"""Structured logs: one line for each request, with its id; never a value that a client or a row holds.

Messages of exceptions hold values (a driver quotes the key that is not unique), so an exception is logged by its types
and the places it went through.
"""

import io
import logging
import sys
import traceback
from typing import Any, TextIO, cast

import orjson
import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from gateway.settings import LogFormat, LogLevel


class _StandardError(io.TextIOBase):
    """Whatever is standard error at the moment."""

    def write(self, text: str) -> int:
        return sys.stderr.write(text)

    def flush(self) -> None:
        sys.stderr.flush()


_STANDARD_ERROR = cast("TextIO", _StandardError())

# One list for the life of the process: a logger in use keeps the list that it was first given.
_PROCESSORS: list[Processor] = []


def configure(level: LogLevel, format_: LogFormat) -> None:
    """Send our own logs and those of libraries to standard error, as JSON or for reading."""
    threshold = logging.getLevelNamesMapping()[level.upper()]
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        without_values,
    ]
    renderer: Processor = (
        structlog.processors.JSONRenderer(serializer=_serialize)
        if format_ is LogFormat.JSON
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    _PROCESSORS[:] = [*shared, renderer]
    structlog.configure(
        processors=_PROCESSORS,
        wrapper_class=structlog.make_filtering_bound_logger(threshold),
        # One write for a line, where printing takes two.
        logger_factory=structlog.WriteLoggerFactory(_STANDARD_ERROR),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(_STANDARD_ERROR)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.add_logger_name, *shared],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(threshold)
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access", "asyncio"):
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = name != "uvicorn.access"
    # It would log the address of every request for keys at each level.
    logging.getLogger("httpx").setLevel(logging.WARNING)


def without_values(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Replace an exception by its chain of types and the places that it went through."""
    given = event.pop("exc_info", None)
    error = given if isinstance(given, BaseException) else sys.exc_info()[1] if given is True else None
    if isinstance(given, tuple):
        error = given[1]
    if error is None:
        return event
    chain: list[str] = []
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        state = getattr(current, "sqlstate", None)
        chain.append(f"{type(current).__qualname__}({state})" if isinstance(state, str) else type(current).__qualname__)
        current = current.__cause__ or current.__context__
    event["error"] = chain
    event["where"] = [
        f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(error.__traceback__)
    ]
    return event


def _serialize(event: EventDict, **_: Any) -> str:
    return orjson.dumps(event, default=repr).decode()
