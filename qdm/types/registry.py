"""One codec for each base type."""

from collections.abc import Mapping

from qdm.types.base import BaseType, Codec
from qdm.types.boolean import BooleanCodec
from qdm.types.number import FloatCodec, NumberCodec
from qdm.types.temporal import DateCodec, DateTimeCodec
from qdm.types.text import TextCodec
from qdm.types.uuids import UuidCodec

TEXTUAL = frozenset(BaseType) - {
    BaseType.NUMBER,
    BaseType.FLOAT,
    BaseType.DATE,
    BaseType.DATETIME,
    BaseType.BOOLEAN,
    BaseType.UUID,
}

_TYPED: tuple[Codec, ...] = (
    NumberCodec(),
    FloatCodec(),
    DateCodec(),
    DateTimeCodec(),
    BooleanCodec(),
    UuidCodec(),
)
_CODECS: Mapping[BaseType, Codec] = {base: TextCodec(base) for base in TEXTUAL} | {c.base: c for c in _TYPED}


def codec(base: BaseType | int) -> Codec:
    """The codec of a base type. Raises ValueError for a number outside 2-17."""
    return _CODECS[BaseType(base)]
