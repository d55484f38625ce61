"""The recruiting workspace of the selectors' tests, with a record of every kind of value."""

from collections.abc import Callable
from pathlib import Path

import pytest

from qdm.access import Access
from qdm.query.ast import Query
from qdm.sheets.export.writing import Written, write
from qdm.sheets.pulse import NoPulse
from tests.db.selectors.recruiting import Recruiting, build

Export = Callable[..., Path]


@pytest.fixture
def w(db: None) -> Recruiting:
    return build()


@pytest.fixture
def export(w: Recruiting, tmp_path: Path) -> Export:
    """Write the candidates, or what the options say, to a file."""

    def run(format_name: str, query: Query | None = None, access: Access | None = None, **options: object) -> Path:
        path = tmp_path / f"out.{format_name}"
        term = options.pop("term", w.candidate)
        run.written = write(  # type: ignore[attr-defined]
            path, format_name, term, query or Query(), access=access or w.owner, pulse=NoPulse(), **options
        )
        return path

    return run


def written(export: Export) -> Written:
    """What the last export said of itself."""
    return export.written  # type: ignore[attr-defined, no-any-return]
