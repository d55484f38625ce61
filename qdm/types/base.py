"""The closed list of base types 2-17 and what a codec of one of them does."""

from dataclasses import dataclass
from enum import IntEnum
from typing import Protocol


class BaseType(IntEnum):
    """Seeded node ids of the base types (docs/contract.md, section 1)."""

    HTML = 2
    CHARS = 3
    DATETIME = 4
    TERM = 5
    PWD = 6
    BUTTON = 7
    MEDIA = 8
    DATE = 9
    FILE = 10
    BOOLEAN = 11
    MEMO = 12
    NUMBER = 13
    FLOAT = 14
    CALCULATABLE = 15
    UUID = 16
    PATH = 17


@dataclass(frozen=True, slots=True)
class Locale:
    """How a user writes numbers and dates. ``language`` is 'ru' or 'en'; ``day_first`` decides 01/02/2025."""

    language: str = "ru"
    day_first: bool = True


class Codec(Protocol):
    """One base type. Canonical text is what ``node.val`` holds and what REST speaks; it is locale-free.

    ``sql_type`` is the type of the projection column ('text', 'numeric', 'double precision', 'date', 'timestamp',
    'boolean', 'uuid'). What a projection gives back (Decimal, float, date, datetime, bool, UUID) parses to the
    canonical text it came from.
    """

    @property
    def base(self) -> BaseType: ...

    @property
    def sql_type(self) -> str: ...

    def parse(self, raw: object, locale: Locale) -> str | None:
        """What a person typed or a program sent -> canonical text; None for empty.

        Raises InvalidValue, whose message names the value and what was expected.
        """

    def display(self, canonical: str, locale: Locale) -> str:
        """Canonical text -> what a person reads."""
