"""Modifiers in a body: at its top level or in ``mods``, in any spelling."""

from collections.abc import Iterable
from typing import Any

from integram.api.body import Form
from qdm.services.modifiers import spelled


def read(form: Form, known: Iterable[str]) -> tuple[dict[str, Any], list[str]]:
    """The modifiers, and the names that are none; ``known``: the other fields of the body."""
    given = {name: value for name, value in form.content.items() if name not in {"mods", *known}}
    mods = form.content.get("mods")
    if isinstance(mods, list):
        given.update((str(name), True) for name in mods)
    else:
        mods = form.mapping("mods", required=False)
        if isinstance(mods.get("mods"), dict):  # the form IntegramDD's README shows
            mods = {**mods, **mods["mods"]}
            del mods["mods"]
        given.update(mods)
    found = {name: value for name, value in given.items() if spelled(name) is not None}
    return found, [name for name in given if name not in found]


def warned(answer: dict[str, Any], unknown: list[str]) -> dict[str, Any]:
    """The answer, saying what was not stored."""
    if unknown:
        answer["warning"] = "Unknown modifiers: " + ", ".join(unknown)
    return answer
