"""The project's own source files, as the rules of this folder read them."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("integram", "video", "rbac", "qdm")
#: Everything people write by hand here; vendored and generated files are not among it.
FOLDERS = (*PACKAGES, "tests", "bench", "demo", "static", "templates", "frontend")
SUFFIXES = {".py", ".sql", ".js", ".mjs", ".css", ".html", ".sh", ".txt"}
NOT_OURS = {"vendor", "node_modules", "__pycache__", "migrations"}


def written(suffixes: set[str] = SUFFIXES, folders: tuple[str, ...] = FOLDERS) -> Iterator[Path]:
    """Files by hand, relative to the root."""
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*")):
            relative = path.relative_to(ROOT)
            if path.is_file() and path.suffix in suffixes and not NOT_OURS.intersection(relative.parts):
                yield relative


@cache
def modules() -> tuple[tuple[Path, ast.Module], ...]:
    """Python files of the packages with their syntax trees."""
    return tuple((path, syntax(path)) for path in written({".py"}, PACKAGES))


@cache
def syntax(path: Path) -> ast.Module:
    """Syntax tree of a file, relative to the root."""
    return ast.parse((ROOT / path).read_text(encoding="utf-8"), str(path))


def is_in(path: Path, places: object) -> bool:
    """Whether the file is one of the places or lies in one that is a folder."""
    return any(str(path) == place or str(path).startswith(f"{place}/") for place in places)  # type: ignore[attr-defined]
