"""Many writes to one table in one body.

``{"mode": "all", "operations": [{"op": "create", "up": 1, "attrs": {...}}, {"op": "update", "id": 5, "version": 7,
"attrs": {...}}, {"op": "delete", "id": 6}, {"op": "upsert", "key": "email", "attrs": {...}}]}``
"""

from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from integram.api import attributes, names
from integram.api.body import BODY, Form
from integram.api.errors import Malformed, problem
from qdm.errors import TooLarge
from qdm.query.ast import MAIN
from qdm.schema import ROOT_ID, Term
from qdm.services.records import LIMIT
from qdm.services.writes import Create, Delete, Mode, Update, Upsert, Write

MODES = {"all": Mode.REPORT, "good": Mode.GOOD}


@dataclass
class Operations:
    """``unknown``: names of attributes that mean nothing, by operation."""

    mode: Mode
    writes: list[Write | Upsert] = field(default_factory=list)
    unknown: list[list[str]] = field(default_factory=list)


def read(sent: dict[str, Any], term: Term) -> Operations:
    """Raises Malformed with every operation that is of no right form, TooLarge, UnknownField."""
    items, mode = sent.get("operations"), sent.get("mode", "all")
    if not isinstance(items, list):
        raise Malformed([problem((*BODY, "operations"), _("A list is expected."), "list_type")])
    if mode not in ("all", "good"):
        raise Malformed([problem((*BODY, "mode"), _("all or good is expected."))])
    if len(items) > LIMIT:
        raise TooLarge(_("At most %(most)d operations can be carried out at once.") % {"most": LIMIT})
    found, problems = Operations(MODES[mode]), []
    for at, item in enumerate(items):
        form = Form(item if isinstance(item, dict) else {}, (*BODY, "operations", at))
        write, unknown = _one(form, term)
        problems += form.problems
        found.writes.append(write)
        found.unknown.append(unknown)
    if problems:
        raise Malformed(problems)
    return found


def _one(form: Form, term: Term) -> tuple[Write | Upsert, list[str]]:
    op = form.content.get("op")
    if op not in ("create", "update", "delete", "upsert"):
        form.fail("op", _("create, update, delete or upsert is expected."))
        return Create({}), []
    version = form.integer("version", minimum=0) if form.given("version") else None
    if op == "delete":
        return Delete(form.integer("id"), version), []
    given = attributes.read(form.mapping("attrs"), term)
    if op == "update":
        return Update(form.integer("id"), given.values, version), given.unknown
    values = {key: value for key, value in given.values.items() if value != "" or key == term.id}
    up = form.optional_integer("up", ROOT_ID)
    if op == "create":
        return Create(values, up), given.unknown
    key = names.field(form.content["key"], term) if form.given("key") else MAIN
    if not isinstance(key, int) and key != MAIN and str(key).casefold() != term.name.casefold():
        form.fail("key", _("The name of a column is expected."))
    return Upsert(key if isinstance(key, int) else term.id, given.values, up), given.unknown
