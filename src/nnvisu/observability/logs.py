"""The server's log: one record an event, as text or as a line of JSON.

Records name a connection by its number. They never contain what users send; they contain addresses
only with ``--access-log``.
"""

import json
import logging
import sys
import threading
import traceback
from contextvars import ContextVar
from datetime import UTC, datetime
from types import TracebackType
from typing import Literal

LEVELS = ("debug", "info", "warning", "error")
FORMATS = ("text", "json")
Level = Literal["debug", "info", "warning", "error"]

CONNECTION: ContextVar[int | None] = ContextVar("connection", default=None)
"""The number of the connection that the current task or thread works for, added to its records."""
_LOGGER = logging.getLogger("nnvisu")


def configure(level: str, form: str, **always: object) -> None:
    """Write this process's records to standard error, those of libraries from warnings on.

    ``level`` is one of `LEVELS`, ``form`` one of `FORMATS`; ``always`` is added to every record.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_JsonFormatter(always) if form == "json" else _TextFormatter(always))
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    _LOGGER.setLevel(level.upper())
    logging.raiseExceptions = False
    sys.excepthook = _uncaught
    threading.excepthook = _uncaught_in_thread


def log(level: Level, event: str, **fields: object) -> None:
    """Log an event with its fields; those that are None are left out."""
    number = logging.getLevelNamesMapping()[level.upper()]
    if _LOGGER.isEnabledFor(number):
        known = {name: field for name, field in fields.items() if field is not None}
        _LOGGER.log(number, event, extra={"fields": known})


def log_exception() -> None:
    """Log the exception that is being handled: a fault of this program."""
    _LOGGER.error("fault", exc_info=True)


class _Formatter(logging.Formatter):
    def __init__(self, always: dict[str, object]) -> None:
        super().__init__()
        self._always = always

    def _fields(self, record: logging.LogRecord) -> dict[str, object]:
        """Return a record's fields: time, level and event first."""
        fields: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "event": record.getMessage(),
            **self._always,
            **({} if (number := CONNECTION.get()) is None else {"connection": number}),
            **getattr(record, "fields", {}),
        }
        if not record.name.startswith("nnvisu"):
            fields["logger"] = record.name
        if record.exc_info and record.exc_info[0] is not None:
            fields["traceback"] = "".join(traceback.format_exception(*record.exc_info))
        return fields


class _JsonFormatter(_Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return json.dumps(self._fields(record), default=str)


class _TextFormatter(_Formatter):
    def format(self, record: logging.LogRecord) -> str:
        fields = self._fields(record)
        clock = str(fields.pop("time"))[11:19]
        head = f"{clock} {fields.pop('level')}: {fields.pop('event')}"
        trace = str(fields.pop("traceback", ""))
        rest = "".join(f" {name}={field}" for name, field in fields.items())
        return f"{head}{rest}" + (f"\n{trace.rstrip()}" if trace else "")


def _uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)
    else:
        _LOGGER.error("fault", exc_info=(kind, error, trace))


def _uncaught_in_thread(hook: threading.ExceptHookArgs) -> None:
    if hook.exc_value is not None:
        _LOGGER.error("fault", exc_info=(hook.exc_type, hook.exc_value, hook.exc_traceback))
