"""Documents of the history as one may read them today: no column one does not see, links by what they are called."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Set
from typing import Any

from qdm.access import Access
from qdm.managers import statements
from qdm.query.compiler import Compiler
from qdm.record import HIDDEN_LINK, Link
from qdm.schema import Term


class Told:
    """``keys``: those that may be read somewhere, requisite ids as text, 'val', 'up'. ``documents``: all that will be
    asked for, so that the labels of the links in them are read at once."""

    def __init__(self, term: Term, keys: Set[str], documents: Iterable[Any], access: Access) -> None:
        self._keys = keys
        self._targets = {str(r.id): r.target for r in term.cells if r.target is not None and str(r.id) in keys}
        wanted: dict[int, set[int]] = defaultdict(set)
        for document in documents:
            for key, values in (statements.document(document) or {}).items():
                if key in self._targets and self._targets[key] in access.schema.terms:
                    wanted[self._targets[key]].update(_ids(values))
        found = statements.rows(*Compiler(access).labels(wanted)) if any(wanted.values()) else []
        self._labels: dict[int, str] = {record_id: label or "" for record_id, label in found}

    def of(self, old: Any, new: Any, denied: Collection[int] = ()) -> tuple[dict[str, object], dict[str, object]]:
        """What went and what came, by key, but for the requisites ``denied`` in this record. A link that is seen
        neither before nor after is left out."""
        was, came = self.read(old, denied), self.read(new, denied)
        unseen = {
            key
            for key in self._targets.keys() & (was.keys() | came.keys())
            if all(link == HIDDEN_LINK for side in (was, came) for link in side.get(key, ()))
        }
        return _without(was, unseen), _without(came, unseen)

    def read(self, document: Any, denied: Collection[int] = ()) -> dict[str, Any]:
        """Key -> texts, of a reference links."""
        found: Mapping[str, Any] = statements.document(document) or {}
        keys = self._keys - {str(i) for i in denied} if denied else self._keys
        return {k: self._links(v) if k in self._targets else v for k, v in found.items() if k in keys}

    def _links(self, values: Any) -> list[Link]:
        return [Link(i, self._labels[i]) if i in self._labels else HIDDEN_LINK for i in _ids(values)]


def _ids(values: Any) -> list[int]:
    return [int(value) for value in (values if isinstance(values, list) else [values]) if value is not None]


def _without(values: dict[str, object], keys: set[str]) -> dict[str, object]:
    return {key: value for key, value in values.items() if key not in keys}
