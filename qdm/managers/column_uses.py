"""Statistics of which columns people ask by. Counted in the process and written down now and then: what is lost with a
process is half a minute of counting."""

import threading
import time
from collections import Counter
from collections.abc import Iterable

from qdm.managers import statements
from qdm.query.uses import Use
from qdm.sql import statement

#: Seconds between two writings of one process.
PAUSE = 30.0

_lock = threading.Lock()
_counted: Counter[tuple[str, Use]] = Counter()
_written = time.monotonic()


def note(ws: str, uses: Iterable[Use]) -> None:
    with _lock:
        _counted.update((ws, use) for use in uses)


def due() -> bool:
    return bool(_counted) and time.monotonic() - _written >= PAUSE


def write() -> None:
    """Write down what was counted since the last time."""
    global _written
    with _lock:
        counted = dict(_counted)
        _counted.clear()
        _written = time.monotonic()
    if counted:
        statements.row(
            statement("count_uses"),
            {
                "ws": [ws for ws, _use in counted],
                "terms": [use.term_id for _ws, use in counted],
                "requisites": [use.requisite_id for _ws, use in counted],
                "kinds": [use.kind for _ws, use in counted],
                "uses": list(counted.values()),
            },
        )
