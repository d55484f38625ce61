"""What was wrong in a file, cell by cell: the first thousand in full, the rest counted."""

from dataclasses import dataclass, field
from typing import Any

KEPT = 1_000
_SHOWN = 100


@dataclass(slots=True)
class Problems:
    """``items`` as stored with the job: sheet, row (from 1, as in the file), column, value, problem."""

    items: list[dict[str, Any]] = field(default_factory=list)
    count: int = 0

    def add(self, sheet: str, row: int, column: str, value: str, problem: str) -> None:
        """``row`` from 0."""
        self.count += 1
        if len(self.items) < KEPT:
            self.items.append(
                {"sheet": sheet, "row": row + 1, "column": column, "value": value[:_SHOWN], "problem": problem}
            )
