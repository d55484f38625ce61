"""What one write of a batch is, and what came of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from qdm.errors import QdmError
from qdm.schema import ROOT_ID

#: Requisite id, or the term's id for the main value -> what a person typed or a program sent.
Values = Mapping[int, object]


@dataclass(frozen=True, slots=True)
class Create:
    values: Values
    up: int = ROOT_ID


@dataclass(frozen=True, slots=True)
class Update:
    """``version``: the one the writer saw; None to write whatever has happened since."""

    id: int
    values: Values
    version: int | None = None


@dataclass(frozen=True, slots=True)
class Delete:
    id: int
    version: int | None = None


@dataclass(frozen=True, slots=True)
class Upsert:
    """Change the record that has in the column ``key`` (requisite id, the term's for the main value) what ``values``
    have there, or create it."""

    key: int
    values: Values
    up: int = ROOT_ID


Write = Create | Update | Delete


class Mode(StrEnum):
    """ALL: the first error undoes everything and is raised. REPORT: the same, but errors that are known before anything
    is written are all reported in the results. GOOD: writes in error are left out and reported."""

    ALL = "all"
    REPORT = "report"
    GOOD = "good"


@dataclass(slots=True)
class Result:
    """What came of one write: record id and version after it, or the error that kept it from being made."""

    id: int | None = None
    version: int | None = None
    error: QdmError | None = None
    fields: dict[int, QdmError] = field(default_factory=dict)
    """Errors of single cells, by requisite id (term id: the main value)."""

    @property
    def ok(self) -> bool:
        return self.error is None and not self.fields


class Results(list[Result]):
    """One result for each write, in their order; ``batch`` is what the history knows them by."""

    batch: int | None = None
