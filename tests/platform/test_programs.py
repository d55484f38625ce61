"""Which requests are calls by programs."""

import pytest

from integram.programs import is_call


@pytest.mark.parametrize("path", ["/office/terms", "/office/objects/113", "/нет/terms", "/x/y/z", "/wide/terms"])
def test_what_begins_with_a_workspace_is_a_call(path: str) -> None:
    assert is_call(path)


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/w/office/",
        "/accounts/login/",
        "/admin/",
        "/health/ready",
        "/video/info/x",
        "/docs",
        "/office",
        "/static/a.js",
    ],
)
def test_pages_are_none(path: str) -> None:
    assert not is_call(path)
