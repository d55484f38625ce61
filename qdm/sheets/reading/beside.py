"""Work that is begun in a forked process while this one still looks whether it may be done.

calamine aborts its process on a hostile extent, which the scan of the XML knows only when it is through. Begun in a
fork it costs no time: what the scan refuses is refused in words, whatever has become of the fork by then.
"""

import os
import pickle
import resource
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Generic, NoReturn, TypeVar

from qdm.sheets.reading import limits

Given = TypeVar("Given")
Made = TypeVar("Made")


class Beside(Generic[Given, Made]):
    """``work`` runs in a fork at once; the function it gets waits for what ``finish`` is given.

    Until then it may take ``memory`` bytes more than there are now.
    """

    def __init__(self, work: Callable[[Callable[[], Given]], Made], memory: int) -> None:
        given, give = os.pipe()
        made, make = os.pipe()
        self._pid = os.fork()
        if not self._pid:
            os.close(give)
            os.close(made)
            _work(work, memory, given, make)
        os.close(given)
        os.close(make)
        self._give = give
        self._made = made

    def finish(self, given: Given) -> Made | None:
        """What the work has made of it; None where it failed, for whatever reason."""
        try:
            with os.fdopen(self._give, "wb") as out:
                pickle.dump(given, out)
        except BrokenPipeError:
            pass
        with os.fdopen(self._made, "rb") as answer:
            found = answer.read()
        _pid, status = os.waitpid(self._pid, 0)
        made: Made | None = pickle.loads(found) if status == 0 else None  # noqa: S301 -- our own fork
        return made

    def stop(self) -> None:
        """It is not wanted any more."""
        os.kill(self._pid, signal.SIGKILL)
        os.waitpid(self._pid, 0)
        os.close(self._give)
        os.close(self._made)


def _work(work: Callable[[Callable[[], Given]], Made], memory: int, given: int, make: int) -> NoReturn:
    """Nothing that goes wrong here goes up: the parent does the work again, and then it is his error."""
    status = 1
    try:
        before = resource.getrlimit(resource.RLIMIT_AS)
        _hold(memory, before)
        with os.fdopen(given, "rb") as source, os.fdopen(make, "wb") as answer:

            def wait() -> Given:
                found: Given = pickle.load(source)  # noqa: S301 -- our own parent
                resource.setrlimit(resource.RLIMIT_AS, before)
                return found

            pickle.dump(work(wait), answer)
        status = 0
    finally:
        os._exit(status)


def _hold(memory: int, before: tuple[int, int]) -> None:
    statm = Path("/proc/self/statm")
    if statm.exists():
        allowed = int(statm.read_text().split()[0]) * resource.getpagesize() + memory
        hard = before[1]
        resource.setrlimit(
            resource.RLIMIT_AS, (allowed if hard == resource.RLIM_INFINITY else min(allowed, hard), hard)
        )


def has_room() -> bool:
    """Whether there is a processor for two at once."""
    return len(os.sched_getaffinity(0)) > 1 if hasattr(os, "sched_getaffinity") else (os.cpu_count() or 1) > 1


def is_worth(size: int) -> bool:
    """Whether a sheet of so many bytes of XML takes long enough, and not too much memory to be begun on trust."""
    return limits.BESIDE_MIN <= size <= limits.BESIDE_MAX
