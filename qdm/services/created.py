"""The answer of a creation that may have found the thing already there."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Created:
    """Node id; ``existed``: nothing was written, it was there before."""

    id: int
    existed: bool = False
