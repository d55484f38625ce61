"""Statements that take long are logged, with the plan PostgreSQL has for them.

The plan is asked for afterwards, by a thread of its own on a connection of its own: nobody waits for it, and a
transaction is not touched. Values are left out of both unless SLOW_STATEMENT_VALUES is set, because they are what
people type and search for. ``auto_explain`` on a server of one's own tells more (docs/operations.md).
"""

import logging
import queue
import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import psycopg
from django.conf import settings
from django.db import Error
from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg.sql import SQL, Composable, Composed

from integram import counters
from integram.request_log import request_id
from qdm.managers import explaining

logger = logging.getLogger("integram.slow")

#: Statements that can be explained without doing anything.
_READS = re.compile(r"\s*\(*\s*(select|with)\b", re.IGNORECASE)
#: Characters of a statement and of a plan that are logged.
LONGEST = 4000
#: So many characters of one tell what kind it is: a comment goes before.
HEAD = 400
#: One statement's plan is asked for once in so many seconds.
AGAIN = 60.0
#: Plans waited for; when the server is so slow, what comes after them is logged without one.
WAITING = 20
_QUOTED = re.compile(r"'(?:[^']|'')*'")
#: Lines of a plan that have expressions: all with a name and a colon.
_CONDITIONS = re.compile(r"^\s*[A-Z][A-Za-z -]+: .*", re.MULTILINE)
_NUMBER = re.compile(r"(?<![\w.])-?\d+(?:\.\d+)?(?!\w)")


@dataclass(frozen=True, slots=True)
class Slow:
    request: str
    text: str
    parameters: Any


_queue: queue.Queue[Slow] = queue.Queue(WAITING)
_asked: dict[str, float] = {}
_lock = threading.Lock()
_thread: threading.Thread | None = None


def watch(connection: BaseDatabaseWrapper, **_of: Any) -> None:
    """Watch this connection's statements; receiver of ``connection_created``, which comes again at each reconnect."""
    if _watched not in connection.execute_wrappers:
        connection.execute_wrappers.append(_watched)


def _watched(execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: dict[str, Any]) -> Any:
    verb = _verb(sql)
    begun = time.perf_counter()
    try:
        return execute(sql, params, many, context)
    except Error:
        counters.statement_failed(verb)
        raise
    finally:
        seconds = time.perf_counter() - begun
        counters.statement_run(verb, seconds)
        spent = seconds * 1000
        if settings.SLOW_STATEMENT_MS and spent >= settings.SLOW_STATEMENT_MS:
            _tell(sql.as_string() if isinstance(sql, Composable) else str(sql), params, spent)


def _verb(statement: Any) -> str:
    """By its first words; the whole text would be put together twice."""
    while isinstance(statement, Composed):
        statement = next(iter(statement), "")
    return _verb_of((statement.as_string() if isinstance(statement, SQL) else str(statement))[:HEAD])


_verb_of = lru_cache(maxsize=1000)(counters.verb_of)


def _tell(text: str, parameters: Any, spent: float) -> None:
    shown = repr(parameters)[:LONGEST] if settings.SLOW_STATEMENT_VALUES else "-"
    logger.warning("ms=%.0f statement=%s values=%s", spent, _line(without_values(text)), shown)
    if _READS.match(text):
        now = time.monotonic()
        with _lock:
            if now - _asked.get(text, -AGAIN) < AGAIN:
                return
            if len(_asked) > 1000:
                _asked.clear()
            _asked[text] = now
        try:
            _queue.put_nowait(Slow(request_id.get(), text, parameters))
        except queue.Full:
            return
        _begin()


def without_values(text: str) -> str:
    """The statement or plan with what stands in quotes, and numbers in conditions of a plan, left out."""
    if settings.SLOW_STATEMENT_VALUES:
        return text
    text = _QUOTED.sub("'…'", text)
    return _CONDITIONS.sub(lambda line: _NUMBER.sub("…", line[0]), text)


def _line(text: str) -> str:
    return re.sub(r"\s+", " ", text)[:LONGEST]


def _begin() -> None:
    global _thread
    with _lock:
        if _thread is None or not _thread.is_alive():
            _thread = threading.Thread(target=_explain_all, name="slow-statements", daemon=True)
            _thread.start()


def _explain_all() -> None:
    """Until there is nothing to do for a minute; the next slow statement begins it again."""
    while True:
        try:
            slow = _queue.get(timeout=AGAIN)
        except queue.Empty:
            return
        token = request_id.set(slow.request)
        try:
            plan = explaining.plan(slow.text, slow.parameters)[:LONGEST]
            logger.warning("plan of statement=%s\n%s", _line(without_values(slow.text))[:200], without_values(plan))
        except psycopg.Error as error:
            logger.warning("no plan: %s", error.sqlstate)  # the message may have values in it
        finally:
            request_id.reset(token)
