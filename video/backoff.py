"""How long to wait before the next try: doubling, with jitter, so that a hundred cameras behind one switch do not
all come back in the same second."""

import random


class Backoff:
    """``first`` and ``last`` in seconds. Each delay is drawn from the upper half of the doubled one."""

    def __init__(self, first: float, last: float) -> None:
        self.first = first
        self.last = last
        self._delay = first

    def next(self) -> float:
        delay = self._delay * random.uniform(0.5, 1.0)
        self._delay = min(self._delay * 2, self.last)
        return delay

    def reset(self) -> None:
        self._delay = self.first
