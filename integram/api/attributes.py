"""Attributes of a record as a program sends them: ``t{id}`` or a name, with a value of any JSON type."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from qdm.schema import Term

_BY_ID = re.compile(r"t([0-9]{1,18})", re.ASCII)


@dataclass
class Attributes:
    """``values`` by requisite id (the term's for the main value); ``unknown``: names that mean no column that holds
    values, a hidden one among them."""

    values: dict[int, Any] = field(default_factory=dict)
    unknown: list[str] = field(default_factory=list)

    def warned(self, answer: dict[str, Any]) -> dict[str, Any]:
        """The answer, saying what was not stored."""
        if self.unknown:
            answer["warning"] = "Unknown attributes: " + ", ".join(self.unknown)
        return answer


def read(sent: Mapping[str, Any], term: Term) -> Attributes:
    """Null says nothing about a value, so it is left out."""
    found = Attributes()
    for name, value in sent.items():
        column = _column(name, term)
        if column is None:
            found.unknown.append(name)
        elif value is not None:
            found.values[column] = _by_id(value) if column != term.id and term.by_id[column].is_reference else value
    return found


def _column(name: str, term: Term) -> int | None:
    if match := _BY_ID.fullmatch(name):
        wanted = int(match[1])
        if wanted == term.id or (wanted in term.by_id and not term.by_id[wanted].is_subtable):
            return wanted
    folded = name.strip().casefold()
    requisite = term.by_name.get(folded)
    if requisite is not None:
        return None if requisite.is_subtable else requisite.id
    return term.id if folded in term.names else None


def _by_id(value: Any) -> Any:
    """A reference is given by id, so digits are one, whatever the records are called."""
    if isinstance(value, list):
        return [_by_id(item) for item in value]
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 18:
        return int(value)
    return value
