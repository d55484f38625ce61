"""The predicates of an ``Access``, bound: which rows of a table are seen, and in which of them a column is read.

They are bound to the whole structure and compiled without rights of their own: what decides about seeing need not be
seen. To the rule of a table this adds what no grant can lift: a row of a sub-table is seen only with its parent.
"""

from qdm.access import Access, Action
from qdm.query.ast import EVERYTHING, Op
from qdm.query.binder import Binder
from qdm.query.bound import FALSE, TRUE, Bound, Field, Hop, Special, Test, Way, all_of, any_of, linked
from qdm.schema import ROOT_ID, Requisite, Term


class Rights:
    """Bound predicates of one Access for one action, each made once."""

    def __init__(self, access: Access, action: Action = Action.VIEW) -> None:
        if not isinstance(access, Access):
            raise TypeError("no query without an Access")
        self._access = access
        self._action = action
        self._whole = access.whole or access.schema
        self._binder = Binder(self._whole, rights=True)
        self._rows: dict[int, Bound] = {}
        self._fields: dict[int, Bound] = {}
        #: Whatever is done with a row of a sub-table, its parent has to be seen, no more.
        self._viewing = self if action is Action.VIEW else Rights(access)

    def rows(self, term_id: int) -> Bound:
        """Which rows of the table may be acted on; TRUE for all."""
        if term_id not in self._rows:
            self._rows[term_id] = self._seen(term_id, frozenset())
        return self._rows[term_id]

    def field(self, requisite: Requisite) -> Bound:
        """In which rows the column may be read; TRUE for all."""
        if requisite.id not in self._fields:
            rule = self._access.field(requisite.id, self._action)
            term = self._whole.terms[requisite.term_id]
            self._fields[requisite.id] = TRUE if rule == EVERYTHING else self._binder.filter(rule, term)
        return self._fields[requisite.id]

    def table(self, term_id: int | None) -> Term | None:
        """The table as far as it is seen."""
        return None if term_id is None else self._access.schema.terms.get(term_id)

    def whole(self, term_id: int) -> Term | None:
        """The table as it is, for what its indexes hold."""
        return self._whole.terms.get(term_id)

    @property
    def indexes(self) -> frozenset[str]:
        return self._whole.indexes

    @property
    def restrict(self) -> bool:
        """Whether anything asked for so far is not seen whole."""
        return any(rule != TRUE for rule in (*self._rows.values(), *self._fields.values()))

    def _seen(self, term_id: int, below: frozenset[int]) -> Bound:
        """``below``: the terms whose parents are being looked for. Rows nested in a term of their own, deeper than
        once, are seen only where nothing restricts them."""
        if term_id not in self._access.schema.terms:
            return FALSE
        term = self._whole.terms[term_id]
        rule = self._access.rows(term_id, self._action)
        own = TRUE if rule == EVERYTHING else self._binder.filter(rule, term)
        parents = self._whole.parents_of(term_id)
        if own == FALSE or all(self._viewing._adds_nothing(parent, frozenset()) for parent in parents):
            return own
        arms: list[Bound] = [Test(Field(term, Special.UP), Op.EQ, (str(ROOT_ID),))]
        for parent in parents:
            if parent.term_id not in below:
                seen = self._viewing._parent(parent, below | {term_id})
                arms.append(linked([Hop(Way.PARENT, self._whole.terms[parent.term_id])], seen))
        return all_of([own, any_of(arms)])

    def _parent(self, parent: Requisite, below: frozenset[int]) -> Bound:
        return all_of([self._seen(parent.term_id, below), self.field(parent)])

    def _adds_nothing(self, parent: Requisite, trail: frozenset[int]) -> bool:
        """Whether every row of the parent's term is seen, and so on up; ``trail`` are the terms being asked."""
        if parent.term_id in trail:
            return True
        if parent.term_id not in self._access.schema.terms or self.field(parent) != TRUE:
            return False
        if self._access.rows(parent.term_id, self._action) != EVERYTHING:
            return False
        return all(self._adds_nothing(p, trail | {parent.term_id}) for p in self._whole.parents_of(parent.term_id))
