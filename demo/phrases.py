"""Remarks in the words of different people."""

import re
from collections.abc import Sequence
from random import Random


def written(rng: Random, templates: Sequence[str], second: float = 0.15) -> str:
    """One of the templates, of each `{one|another}` one; now and then (share ``second``) with another one after it."""
    count = 2 if rng.random() < second else 1
    chosen = rng.sample(templates, min(count, len(templates)))
    said = [re.sub(r"\{([^}]*)\}", lambda m: rng.choice(m[1].split("|")), text) for text in chosen]
    return ". ".join(said)
