"""Static SQL over the tables of rights, one statement or script per file, its purpose in the first line."""

from functools import cache
from pathlib import Path


@cache
def text(name: str) -> str:
    """Text of ``<name>.sql``."""
    return (Path(__file__).parent / f"{name}.sql").read_text(encoding="utf-8")
