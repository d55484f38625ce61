from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.utils.translation import override

from qdm.access import Access, Actor
from qdm.selectors import structure
from qdm.services import workspaces
from qdm.sheets.at_once import import_file
from qdm.sheets.load import Report
from qdm.sheets.proposal import Proposal

SLUG = "books"


def access_to(slug: str = SLUG) -> Access:
    """The owner's: everything, in the structure as it is now."""
    access = Access.system(structure.schema(slug), "test", via="import")
    return Access(Actor(7, "anna"), access.schema, access.everywhere, via="import")


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    """Names and messages the program makes, in the language of the source."""
    with override("en"):
        yield


@pytest.fixture
def workspace() -> str:
    workspaces.create(SLUG, "Книги")
    return SLUG


@pytest.fixture
def take(workspace: str) -> Callable[..., tuple[Proposal, Report]]:
    """Import a file as proposed, or as ``edits`` change it."""

    def run(path: Path, **options: Any) -> tuple[Proposal, Report]:
        plan, report = import_file(path, access=access_to(), **options)
        assert report is not None
        return plan, report

    return run
