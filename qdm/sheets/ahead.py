"""Work one step ahead of whoever takes its results: while PostgreSQL writes some rows the next ones are converted.

Two threads of Python share one lock. Who sends a COPY asks for it at every piece of it, and waits each time until the
other is through with a whole list; so the next step begins when the rows have been sent, not before (``go_on``).
"""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import suppress
from contextvars import copy_context
from enum import Enum, auto
from queue import Empty, SimpleQueue
from typing import Any, TypeVar

T = TypeVar("T")
#: Seconds between looks at whether a thread that was told to stop has done so.
_TICK = 0.05


class _Word(Enum):
    ITEM = auto()
    CALL = auto()
    ERROR = auto()
    END = auto()


class Ahead:
    """Runs an iterator in a thread, in the caller's language but with no part in his transaction."""

    def __init__(self) -> None:
        self._begin()

    def _begin(self) -> None:
        self._told: SimpleQueue[tuple[_Word, Any]] = SimpleQueue()
        self._next = threading.Semaphore(0)
        self._is_asked = False
        self._is_stopped = False

    def here(self, function: Callable[[], T]) -> T:
        """What the function gives in the thread that takes the results. To be called from the work, and waits."""
        answer: Future[T] = Future()
        self._told.put((_Word.CALL, (function, answer)))
        return answer.result()

    def go_on(self) -> None:
        """The next step may begin: from here on the one who has the last result only waits for others. Needless at the
        end of it."""
        if not self._is_asked:
            self._is_asked = True
            self._next.release()

    def of(self, work: Callable[[], Iterator[T]]) -> Iterator[T]:
        """What ``work()`` yields, in its order. Its errors are raised here; left early, it stops at its next step."""
        self._begin()
        thread = threading.Thread(target=copy_context().run, args=(self._run, work), name="ahead", daemon=True)
        thread.start()
        try:
            while True:
                word, what = self._told.get()
                match word:
                    case _Word.ITEM:
                        self._is_asked = False
                        yield what
                        self.go_on()
                    case _Word.CALL:
                        _answer(*what)
                    case _Word.ERROR:
                        raise what
                    case _Word.END:
                        return
        finally:
            self._stop(thread)

    def _run(self, work: Callable[[], Iterator[Any]]) -> None:
        try:
            for item in work():
                self._told.put((_Word.ITEM, item))
                self._next.acquire()
                if self._is_stopped:
                    return
        except BaseException as error:
            self._told.put((_Word.ERROR, error))
        else:
            self._told.put((_Word.END, None))

    def _stop(self, thread: threading.Thread) -> None:
        self._is_stopped = True
        self._next.release()
        thread.join(_TICK)
        while thread.is_alive():
            with suppress(Empty):
                word, what = self._told.get(timeout=_TICK)
                if word is _Word.CALL:
                    what[1].cancel()


def _answer(function: Callable[[], T], answer: "Future[T]") -> None:
    """An error goes to who asked, and comes back from there as the error of the work."""
    try:
        answer.set_result(function())
    except BaseException as error:
        answer.set_exception(error)
