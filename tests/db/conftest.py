"""The staff of the pages' tests, made once for a module."""

from tests.grid.conftest import kept_staff, staff

__all__ = ["kept_staff", "staff"]
