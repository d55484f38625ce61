"""Statistics of which columns people ask by. Counted in the process and written down now and then: what is lost with a
process is half a minute of counting."""

import threading
import time
from collections import Counter
from collections.abc import Iterable

from qdm.managers import statements
from qdm.query.uses import RuleUse, Use
from qdm.sql import statement

#: Seconds between two writings of one process.
PAUSE = 30.0

_lock = threading.Lock()
_counted: Counter[tuple[str, Use | RuleUse]] = Counter()
_written = time.monotonic()


def note(ws: str, uses: Iterable[Use | RuleUse]) -> None:
    with _lock:
        _counted.update((ws, use) for use in uses if not (isinstance(use, Use) and use.kind == "n"))


def due() -> bool:
    return bool(_counted) and time.monotonic() - _written >= PAUSE


def write() -> None:
    """Write down what was counted since the last time."""
    global _written
    with _lock:
        counted = dict(_counted)
        _counted.clear()
        _written = time.monotonic()
    columns = [(ws, use, number) for (ws, use), number in counted.items() if isinstance(use, Use)]
    if columns:
        statements.row(
            statement("count_uses"),
            {
                "ws": [ws for ws, _use, _number in columns],
                "terms": [use.term_id for _ws, use, _number in columns],
                "requisites": [use.requisite_id for _ws, use, _number in columns],
                "kinds": [use.kind for _ws, use, _number in columns],
                "uses": [number for _ws, _use, number in columns],
            },
        )
    rules = [(ws, use, number) for (ws, use), number in counted.items() if isinstance(use, RuleUse)]
    if rules:
        statements.row(
            statement("count_rule_uses"),
            {
                "ws": [ws for ws, _use, _number in rules],
                "terms": [use.term_id for _ws, use, _number in rules],
                "rules": [use.rule_id for _ws, use, _number in rules],
                "requisites": [use.requisite_id for _ws, use, _number in rules],
                "uses": [number for _ws, _use, number in rules],
            },
        )
