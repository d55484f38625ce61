"""What a reader learns about a sheet beside its rows."""

from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(slots=True)
class Formulas:
    """Formulas of one column: how many, one of them, and how many have no stored value."""

    count: int = 0
    example: str = ""
    without_value: int = 0

    def add(self, text: str, has_value: bool) -> None:
        self.count += 1
        self.without_value += not has_value
        if not self.example:
            self.example = text[:100]


@dataclass(slots=True)
class Format:
    """How a column is shown, from the number formats of its first rows, counted in cells."""

    percent: int = 0
    currency: str = ""
    zeros: int = 0  #: digits of a format like 00000
    numbers: int = 0
    padded: int = 0  #: numbers under the ``zeros`` format


@dataclass(slots=True)
class SheetFacts:
    """``rows`` and ``width`` bound the non-blank cells, ``cells`` counts them. Columns are counted from 0.

    ``merged``: (first row, first column, last row, last column), from 0.
    """

    name: str
    visible: bool = True
    rows: int = 0
    width: int = 0
    cells: int = 0
    errors: int = 0
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)
    formulas: dict[int, Formulas] = field(default_factory=dict)
    formats: dict[int, Format] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        facts = asdict(self)
        facts["formulas"] = {str(column): asdict(f) for column, f in self.formulas.items()}
        facts["formats"] = {str(column): asdict(f) for column, f in self.formats.items()}
        return facts

    @classmethod
    def from_json(cls, facts: dict[str, Any]) -> "SheetFacts":
        return cls(
            **{
                **facts,
                "merged": [tuple(area) for area in facts["merged"]],
                "formulas": {int(c): Formulas(**f) for c, f in facts["formulas"].items()},
                "formats": {int(c): Format(**f) for c, f in facts["formats"].items()},
            }
        )
