"""How many per second, over the last few seconds."""

import threading
import time
from collections import deque

WINDOW = 3.0


class Meter:
    """Counts events; ``rate`` is their mean per second over the last ``WINDOW`` seconds. Thread-safe."""

    def __init__(self) -> None:
        self.total = 0
        self._lock = threading.Lock()
        self._buckets: deque[tuple[float, int]] = deque()

    def add(self, count: int = 1) -> None:
        now = time.monotonic()
        with self._lock:
            self.total += count
            if self._buckets and now - self._buckets[-1][0] < 0.1:
                started, counted = self._buckets.pop()
                self._buckets.append((started, counted + count))
            else:
                self._buckets.append((now, count))
            self._forget(now)

    def rate(self) -> float:
        with self._lock:
            now = time.monotonic()
            self._forget(now)
            if not self._buckets:
                return 0.0
            span = max(now - self._buckets[0][0], 0.5)
            return round(sum(count for _, count in self._buckets) / span, 1)

    def _forget(self, now: float) -> None:
        while self._buckets and now - self._buckets[0][0] > WINDOW:
            self._buckets.popleft()
