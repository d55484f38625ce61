"""What the browser's builder needs to ask in which rows a right shall hold (static/js/rows-builder.js)."""

from collections.abc import Iterator
from typing import Any

from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from integram.grid import filter_words, reading_locale, sentence, wire
from integram.grid.templatetags.interface import sprite_url
from integram.grid.view_words import view_words
from integram.grid.words import sheet_words
from qdm.access import Access
from qdm.errors import QdmError
from qdm.query.ast import Op
from qdm.query.parser import parse
from qdm.schema import Term
from qdm.types import presentation


def config(term: Term, access: Access) -> dict[str, Any]:
    vocabulary = filter_words.vocabulary()
    # Who may see which rows is told by what a cell is, hardly by what is in its text, and never by the day.
    vocabulary["operators"]["text"].sort(key=lambda one: one[0] != Op.IN)
    return {
        "language": get_language() or "ru",
        "months": presentation.MONTHS[reading_locale.current().language],
        "icons": sprite_url(),
        "columns": [*wire.columns(term, access, {}), *_through_links(term, access)],
        "urls": {"values": reverse("grid:values", args=[access.workspace, term.id, 0])},
        "vocabulary": vocabulary | {"periods": [], "persons": list(map(list, who().items()))},
        "words": sheet_words() | view_words() | {"allRows": _("In all rows.")},
    }


def _through_links(term: Term, access: Access) -> Iterator[dict[str, Any]]:
    """The columns of the tables that links lead to, as paths: the manager of the shop of an order."""
    for link in term.cells:
        target = access.schema.terms.get(link.target) if link.target is not None else None
        if target is None:
            continue
        for column in wire.columns(target, access, {})[1:]:
            yield {name: column[name] for name in ("type", "kind", "format") if name in column} | {
                "id": f"{link.name}.{column['name']}",
                "name": f"{link.name} → {column['name']}",
                "values": reverse("grid:values", args=[access.workspace, target.id, column["id"]]),
            }


def who() -> dict[str, str]:
    """The variables of a rule in words."""
    return {"me": _("whoever looks"), "groups": _("the roles of whoever looks")}


def told(rows: str, shown: str, term: Term, access: Access) -> str:
    """A rule in words, links by what they show; as it was typed (``shown``) where it is broken."""
    try:
        return sentence.text(parse(rows), term, access, who())
    except QdmError:
        return shown
