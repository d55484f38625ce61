"""Records with what they lead to, as JSON: one statement a link of the selection, however many records there are."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from integram.api.query.selection import Selection
from integram.api.wire import HIDDEN
from qdm.access import Access
from qdm.errors import TooLarge
from qdm.query.ast import UP, Compare, Op, Query
from qdm.record import Bad, CellValue, Link, Record, Value
from qdm.selectors import records as reading

#: Records of one answer, nested ones counted.
MOST_RECORDS = 10_000


class Nesting:
    """Fetches level by level and counts what it brings."""

    def __init__(self, access: Access) -> None:
        self._access = access
        self._left = MOST_RECORDS

    def shown(self, records: Sequence[Record], selection: Selection) -> list[dict[str, Any]]:
        """Raises TooLarge where the links lead to too many records."""
        self._take(len(records))
        ids = [record.id for record in records]
        counts: Mapping[int, Mapping[int, int]] = {}
        if any(r.is_subtable and r.id not in selection.links for r in selection.columns.values()):
            counts = reading.subtable_counts(selection.term.id, ids, access=self._access)
        targets, children = {}, {}
        for requisite_id, inner in selection.links.items():
            if selection.columns[requisite_id].is_subtable:
                children[requisite_id] = self._children(ids, inner)
            else:
                targets[requisite_id] = self._targets(records, requisite_id, inner)
        found = []
        for record in records:
            reqs: dict[str, Any] = {}
            for requisite in selection.columns.values():
                if requisite.id in children:
                    reqs[str(requisite.id)] = children[requisite.id].get(record.id, [])
                elif requisite.is_subtable:
                    reqs[str(requisite.id)] = counts.get(record.id, {}).get(requisite.id, 0)
                elif (value := record.cells.get(requisite.id)) is not None:
                    reqs[str(requisite.id)] = _shown(value, targets.get(requisite.id, {}))
            found.append({"id": record.id, "val": record.val, "up": record.up, "version": record.version, "reqs": reqs})
        return found

    def _take(self, number: int) -> None:
        self._left -= number
        if self._left < 0:
            raise TooLarge(_("The answer would have more than %(most)d records.") % {"most": MOST_RECORDS})

    def _targets(self, records: Iterable[Record], requisite_id: int, inner: Selection) -> dict[int, dict[str, Any]]:
        """What the reference leads to, by id."""
        ids = {link.id: None for record in records for link in _links(record.cells.get(requisite_id)) if link.id}
        found = reading.by_ids(inner.term.id, list(ids), access=self._access, fields=list(inner.columns))
        return {item["id"]: item for item in self.shown(found, inner)}

    def _children(self, parents: Sequence[int], inner: Selection) -> dict[int, list[dict[str, Any]]]:
        """Rows of the sub-table in its own order, by parent."""
        if not parents:
            return {}
        query = Query(Compare(UP, Op.IN, tuple(parents)), fields=tuple(inner.columns), limit=self._left)
        page = reading.page(inner.term.id, query, access=self._access)
        if page.next is not None:
            self._take(self._left + 1)
        by_parent: dict[int, list[dict[str, Any]]] = {}
        for item in self.shown(page.records, inner):
            by_parent.setdefault(item["up"], []).append(item)
        return by_parent


def _links(value: CellValue | None) -> list[Link]:
    values = value if isinstance(value, tuple) else (value,)
    return [one for one in values if isinstance(one, Link)]


def _shown(value: CellValue, targets: dict[int, dict[str, Any]]) -> Any:
    return [shown(v, targets) for v in value] if isinstance(value, tuple) else shown(value, targets)


def shown(value: Value, targets: dict[int, dict[str, Any]]) -> Any:
    """A reference by id and label, with more where its target was fetched."""
    if isinstance(value, Link):
        if value.id is None:
            return HIDDEN
        return targets.get(value.id) or {"id": value.id, "val": value.label}
    return value.text if isinstance(value, Bad) else value
