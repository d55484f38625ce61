"""Child processes that live as long as their parent: started, watched, started again when they die, stopped.

Each is the leader of a process group of its own, so that Ctrl-C in the terminal reaches the parent alone, which stops
the children in its order, and so that what a child has started can be ended with it.
"""

import ctypes
import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

logger = logging.getLogger("integram.processes")

POLL_INTERVAL = 0.5  #: seconds between looks at the children
STOP_TIMEOUT = 20.0  #: seconds a child has to finish what it is doing
LONGEST_DELAY = 30.0  #: seconds before a child that keeps dying is started again
HEALTHY_AFTER = 10.0  #: seconds after which a child counts as well started
PR_SET_PDEATHSIG = 1  #: linux/prctl.h


def _die_with_parent() -> None:
    """In the child, before its program: the kernel ends it with SIGTERM when the parent is killed."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


@dataclass
class Child:
    name: str
    command: Sequence[str]
    environment: dict[str, str] = field(default_factory=dict)
    _process: subprocess.Popen[bytes] | None = None
    _started: float = 0.0
    _delay: float = 1.0
    _next_start: float = 0.0

    @property
    def is_alive(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        self._process = subprocess.Popen(
            self.command,
            stdin=subprocess.DEVNULL,
            env={**os.environ, **self.environment},
            process_group=0,
            preexec_fn=_die_with_parent if sys.platform == "linux" else None,
        )
        self._started = time.monotonic()

    def restart_when_due(self) -> None:
        """Start a dead child again: at once the first time, later and later while it keeps dying."""
        now = time.monotonic()
        if not self._next_start:
            code = self._process.returncode if self._process else None
            self._delay = 1.0 if now - self._started > HEALTHY_AFTER else min(self._delay * 2, LONGEST_DELAY)
            self._next_start = now + self._delay
            logger.error("%s ended with code %s; it starts again in %.0f s", self.name, code, self._delay)
        elif now >= self._next_start:
            self._next_start = 0.0
            self.start()

    def ask_to_stop(self) -> None:
        if self._process is not None and self.is_alive:
            self._process.terminate()

    def wait(self, deadline: float) -> None:
        """Wait until it has ended, and kill it and what it has started when the time is over."""
        if self._process is None:
            return
        try:
            self._process.wait(max(deadline - time.monotonic(), 0))
        except subprocess.TimeoutExpired:
            logger.error("%s did not stop in time and is killed", self.name)
        try:
            os.killpg(self._process.pid, signal.SIGKILL)
        except ProcessLookupError:
            return
        self._process.wait()


def supervise(children: Sequence[Child], stop: threading.Event, also: Callable[[], None]) -> None:
    """Watch the children until ``stop`` is set; ``also`` is called at each look."""
    while not stop.wait(POLL_INTERVAL):
        for child in children:
            if not child.is_alive:
                child.restart_when_due()
        also()


def stop_all(children: Sequence[Child]) -> None:
    for child in children:
        child.ask_to_stop()
    deadline = time.monotonic() + STOP_TIMEOUT
    for child in children:
        child.wait(deadline)
