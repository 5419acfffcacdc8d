"""What the server says about itself: one record an event, for people or as a line of JSON.

A record says what happened to which connection, by its number. What users send is in none of them,
and their addresses are only where whoever runs the server asked for them.
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
"""The number of the connection that the running task serves; each of its records has it."""
_LOGGER = logging.getLogger("nnvisu")


def configure(level: str, form: str, **always: object) -> None:
    """Have this process's records written to standard error, those of libraries included.

    `always` is added to each of them. Libraries are quieter: uvicorn's news are not ours.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Json(always) if form == "json" else _Text(always))
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    _LOGGER.setLevel(level.upper())
    logging.raiseExceptions = False
    sys.excepthook = _uncaught
    threading.excepthook = _uncaught_in_thread


def say(level: Level, event: str, **facts: object) -> None:
    """Log an event, with what there is to know about it; None is nothing to know."""
    number = logging.getLevelNamesMapping()[level.upper()]
    if _LOGGER.isEnabledFor(number):
        known = {name: fact for name, fact in facts.items() if fact is not None}
        _LOGGER.log(number, event, extra={"facts": known})


def fault() -> None:
    """Log the exception that is being handled: a mistake of this program."""
    _LOGGER.error("fault", exc_info=True)


class _Form(logging.Formatter):
    def __init__(self, always: dict[str, object]) -> None:
        super().__init__()
        self._always = always

    def _facts(self, record: logging.LogRecord) -> dict[str, object]:
        """List what a record says: time, level and event first."""
        facts: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "event": record.getMessage(),
            **self._always,
            **({} if (number := CONNECTION.get()) is None else {"connection": number}),
            **getattr(record, "facts", {}),
        }
        if not record.name.startswith("nnvisu"):
            facts["logger"] = record.name
        if record.exc_info and record.exc_info[0] is not None:
            facts["traceback"] = "".join(traceback.format_exception(*record.exc_info))
        return facts


class _Json(_Form):
    def format(self, record: logging.LogRecord) -> str:
        return json.dumps(self._facts(record), default=str)


class _Text(_Form):
    def format(self, record: logging.LogRecord) -> str:
        facts = self._facts(record)
        clock = str(facts.pop("time"))[11:19]
        head = f"{clock} {facts.pop('level')}: {facts.pop('event')}"
        trace = str(facts.pop("traceback", ""))
        rest = "".join(f" {name}={fact}" for name, fact in facts.items())
        return f"{head}{rest}" + (f"\n{trace.rstrip()}" if trace else "")


def _uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)
    else:
        _LOGGER.error("fault", exc_info=(kind, error, trace))


def _uncaught_in_thread(hook: threading.ExceptHookArgs) -> None:
    if hook.exc_value is not None:
        _LOGGER.error("fault", exc_info=(hook.exc_type, hook.exc_value, hook.exc_traceback))
