"""Texts of a file that stand for records of other tables: which records they mean."""

from collections.abc import Iterable, Mapping

from qdm.access import Access
from qdm.query.ast import Compare, Op, Query
from qdm.schema import Term
from qdm.selectors import labels, records
from qdm.sheets.forms.plan import FormPlan, Source, target_of

#: Records looked at in one statement.
RUN = 5_000


class Links:
    """Looks up the texts of each column of links, each text once."""

    def __init__(self, plan: FormPlan, term: Term, access: Access) -> None:
        self._access = access
        self._known: dict[int, dict[str, list[int]]] = {}
        found = {source: target_of(term, source.column) for source in plan.sources}
        #: Column -> the linked table.
        self.targets = {source.column: target for source, target in found.items() if target is not None}
        self.sources: Mapping[int, Source] = {s.column: s for s in plan.sources if s.column in self.targets}

    def bearers(self, column: int, text: str) -> list[int]:
        """Ids of the records that the text means, without case; to be looked up before."""
        return self._known[column].get(text.casefold(), [])

    def look_up(self, column: int, texts: Iterable[str]) -> None:
        known = self._known.setdefault(column, {})
        unknown = {text for text in texts if text.casefold() not in known}
        known.update({text.casefold(): [] for text in unknown})
        target = self._access.schema.terms.get(self.targets[column])
        if target is not None and unknown:
            known.update(self._found(target, self.sources[column].match, unknown))

    def _found(self, target: Term, match: int | None, texts: set[str]) -> Mapping[str, list[int]]:
        if match is None:
            return labels.ids_of(target, texts, access=self._access)
        found: dict[str, list[int]] = {}
        query = Query(Compare(match, Op.IN, tuple(sorted(texts))), fields=(match,))
        for run in records.walk(target.id, query, access=self._access, size=RUN):
            for record in run:
                value = record.cells.get(match)
                if isinstance(value, str):
                    found.setdefault(value.casefold(), []).append(record.id)
        return found


def texts_of(value: object) -> list[str]:
    """The texts of one value, or of several."""
    if isinstance(value, list):
        return [text for text in value if isinstance(text, str)]
    return [value] if isinstance(value, str) else []
