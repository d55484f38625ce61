"""Values as written -> what the cells are to hold: parsed, linked and held against the column's constraints.

A cell is to hold a tuple of stored forms: texts for a plain column, target ids for a reference; () empties it.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from qdm.access import Access
from qdm.errors import InvalidReference, InvalidValue, QdmError, UnknownField, ValueRequired
from qdm.record import Link
from qdm.schema import Requisite, Term
from qdm.selectors import labels as linking
from qdm.services import modifiers
from qdm.services.writes import Values
from qdm.types import codec
from qdm.types.base import Locale

Stored = tuple[str | int, ...]
#: A link nobody changed, sent back as it was shown: the cell stays.
HIDDEN = {"hidden": True}


@dataclass(frozen=True, slots=True)
class Parsed:
    """Main value (None: not written) and cells to write, with the errors of single fields."""

    val: str | None
    cells: dict[int, Stored]
    errors: dict[int, QdmError]


class Parser:
    """Parses the values of many writes to one term; references are looked up for all of them at once."""

    def __init__(self, term: Term, access: Access, locale: Locale) -> None:
        self._term = term
        self._access = access
        self._locale = locale
        self._ids: dict[int, frozenset[int]] = {}
        self._labels: dict[int, Mapping[str, list[int]]] = {}

    def prepare(self, writes: Iterable[Values]) -> None:
        """Look up the targets of every reference named in these values: one statement a target and spelling."""
        ids: dict[int, set[int]] = {}
        texts: dict[int, set[str]] = {}
        for values in writes:
            for key, raw in values.items():
                requisite = self._term.by_id.get(key)
                if requisite is None or requisite.target is None:
                    continue
                for item in _items(raw):
                    if isinstance(item, int) and not isinstance(item, bool):
                        ids.setdefault(requisite.target, set()).add(item)
                    elif isinstance(item, str) and item.strip():
                        texts.setdefault(requisite.target, set()).add(item.strip())
        for target, labels in texts.items():
            ids.setdefault(target, set()).update(int(t) for t in labels if _is_id(t))
        for target, wanted in ids.items():
            term = self._access.schema.terms.get(target)
            if term is not None:
                self._ids[target] = linking.seen(term, wanted, access=self._access)
        for target, labels in texts.items():
            term = self._access.schema.terms.get(target)
            if term is not None:
                self._labels[target] = linking.ids_of(term, labels, access=self._access)

    def parse(self, values: Values, *, creating: bool, defaults: Collection[int] = ()) -> Parsed:
        """``defaults``: columns that a new row has filled where it is not said otherwise.

        Raises UnknownField for a key that is no column of the term; errors of values are in the answer.
        """
        val: str | None = None
        cells: dict[int, Stored] = {}
        errors: dict[int, QdmError] = {}
        for key, raw in values.items():
            try:
                if key == self._term.id:
                    val = self._main(raw)
                    continue
                requisite = self._term.by_id.get(key)
                if requisite is None or requisite.is_subtable:
                    raise UnknownField(fields={str(key): ""})
                if _is_hidden(raw):
                    continue
                cells[key] = self._cell(requisite, raw)
            except UnknownField:
                raise
            except QdmError as error:
                errors[key] = error
        if creating:
            if val is None and self._term.id not in errors:
                errors[self._term.id] = ValueRequired(fields={str(self._term.id): ""})
            for requisite in self._term.cells:
                filled = cells.get(requisite.id, requisite.id in defaults)
                if requisite.required and requisite.id not in errors and not filled:
                    errors[requisite.id] = _required(requisite)
        return Parsed(val, cells, errors)

    def _main(self, raw: object) -> str:
        text = codec(self._term.base).parse(raw, self._locale)
        if text is None or not text.strip():
            raise ValueRequired(fields={str(self._term.id): ""})
        constrain(text, self._term)
        return text

    def _cell(self, requisite: Requisite, raw: object) -> Stored:
        # Links that are not shown stay in a cell of several (cell_edits), so they need not be said.
        items = [item for item in _items(raw) if not (requisite.is_reference and _is_hidden(item))]
        if len(items) > 1 and not requisite.multiple:
            raise InvalidValue(
                _("“%(column)s” takes one value.") % {"column": requisite.name}, fields={str(requisite.id): ""}
            )
        found: list[str | int] = []
        for item in items:
            stored = self._link(requisite, item) if requisite.is_reference else self._plain(requisite, item)
            if stored is not None and not (requisite.is_reference and stored in found):
                found.append(stored)
        if requisite.required and not found:
            raise _required(requisite)
        return tuple(found)

    def _plain(self, requisite: Requisite, raw: object) -> str | None:
        text = codec(requisite.base).parse(raw, self._locale)
        if text is not None:
            constrain(text, requisite)
        return text

    def _link(self, requisite: Requisite, raw: object) -> int | None:
        target = requisite.target
        assert target is not None
        if isinstance(raw, Link):
            raw = raw.id
        if raw is None or (isinstance(raw, str) and not raw.strip()):
            return None
        known = self._ids.get(target, frozenset())
        if isinstance(raw, bool) or not isinstance(raw, int | str):
            raise InvalidReference(fields={str(requisite.id): ""})
        if isinstance(raw, int):
            if raw in known:
                return raw
            raise InvalidReference(fields={str(requisite.id): str(raw)})
        text = raw.strip()
        bearers = self._labels.get(target, {}).get(text.casefold(), [])
        if len(bearers) == 1:
            return bearers[0]
        if _is_id(text) and int(text) in known:
            return int(text)
        if bearers:
            raise InvalidReference(
                _("Several rows are called “%(label)s”: choose one from the list.") % {"label": text[:100]},
                fields={str(requisite.id): text},
            )
        raise InvalidReference(fields={str(requisite.id): text})


def _is_hidden(raw: object) -> bool:
    return raw == HIDDEN or (isinstance(raw, Link) and raw.hidden)


def _items(raw: object) -> list[object]:
    if isinstance(raw, list | tuple):
        return list(raw)
    return [raw]


def _is_id(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 19


def _required(requisite: Requisite) -> ValueRequired:
    return ValueRequired(
        _("“%(column)s” must be filled in.") % {"column": requisite.name}, fields={str(requisite.id): ""}
    )


def constrain(text: str, owner: Term | Requisite) -> None:
    """SIZE and VALIDATION of a column or of a main value."""
    name = owner.name
    size = owner.modifier("SIZE")
    if size and len(text) > int(size):
        raise InvalidValue(
            _("“%(column)s” takes %(size)s characters at most, this has %(length)d.")
            % {"column": name, "size": size, "length": len(text)},
            fields={str(owner.id): text[:100]},
        )
    pattern = owner.modifier("VALIDATION")
    if pattern and modifiers.compiled(pattern).fullmatch(text) is None:
        raise InvalidValue(
            _("“%(value)s” does not match the rule of “%(column)s”: %(pattern)s")
            % {"value": text[:100], "column": name, "pattern": pattern},
            fields={str(owner.id): text[:100]},
        )
