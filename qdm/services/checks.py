"""Everything that is asked before a batch of writes is made, and once more after it."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from qdm.access import Access, Action
from qdm.errors import Conflict, Forbidden, HasDependents, InvalidRequest, QdmError, RecordNotFound
from qdm.managers import nodes
from qdm.managers.nodes import Node
from qdm.query.ast import EVERYTHING
from qdm.schema import ROOT_ID, Term
from qdm.selectors import rights, structure
from qdm.services.cells import Parsed, Parser
from qdm.services.writes import Create, Delete, Results, Update, Write
from qdm.types.base import Locale

if TYPE_CHECKING:
    from qdm.services.change_set import ChangeSet


class Checks:
    """Checked writes to one term. Keeps what it read under lock: ``nodes`` of the records, ``parsed`` values."""

    def __init__(self, term: Term, access: Access, locale: Locale) -> None:
        self.term = term
        self.access = access
        self.ws = access.schema.pg_schema
        self.writes: Sequence[Write] = ()
        self.nodes: dict[int, Node] = {}
        self.parsed: dict[int, Parsed] = {}
        self.deleted: dict[int, list[tuple[int, int]]] = {}
        self._parser = Parser(term, access, locale)

    def run(self, writes: Sequence[Write], results: Results) -> list[int]:
        """Check every write; errors go to its result. Places of the good ones."""
        self.writes = writes
        wanted = {w.id for w in writes if not isinstance(w, Create)}
        parents = {w.up for w in writes if isinstance(w, Create) and w.up != ROOT_ID}
        # All in id order, parents too: two batches over the same rows take turns.
        self.nodes = nodes.lock(self.ws, [i for i in wanted | parents if 0 < i < 2**63])
        ids = [i for i in wanted if (node := self.nodes.get(i)) and node.up > 0 and node.t == self.term.id]
        allowed = {
            action: rights.permitted(self.term, ids, action, access=self.access)
            for action in (Action.VIEW, Action.CHANGE, Action.DELETE)
        }
        versions = nodes.versions(self.ws, self.term.table, ids)
        self._parser.prepare([w.values for w in writes if not isinstance(w, Delete)])
        for at, write in enumerate(writes):
            result = results[at]
            try:
                match write:
                    case Create():
                        self._create(write)
                    case Update():
                        result.id = write.id
                        self._touch(write, allowed, Action.CHANGE, versions)
                    case Delete():
                        result.id = write.id
                        self._touch(write, allowed, Action.DELETE, versions)
                        self._delete(at, write)
                if not isinstance(write, Delete):
                    self.parsed[at] = self._parser.parse(write.values, creating=isinstance(write, Create))
                    result.fields.update(self.parsed[at].errors)
            except QdmError as error:
                result.error = error
            if isinstance(write, Update | Delete):
                result.version = versions.get(write.id)
        self._fields(results)
        return [at for at, result in enumerate(results) if result.ok]

    def whole_term(self) -> Term:
        """The term with the columns the actor does not see."""
        return structure.schema(self.access.workspace).terms.get(self.term.id, self.term)

    def table_now(self) -> str:
        """The projection, which the first record of the term may just have made."""
        return f"t_{self.term.id}"

    def _create(self, write: Create) -> None:
        self.access.require(Action.ADD, self.term.id)
        if write.up == ROOT_ID:
            return
        if write.up < ROOT_ID:
            raise InvalidRequest(_("A row cannot be put there."))
        parent = self.nodes.get(write.up)
        term = self.access.schema.terms.get(parent.t) if parent is not None and parent.up > 0 else None
        if term is None or not rights.permitted(term, [write.up], Action.VIEW, access=self.access):
            raise RecordNotFound(_("The row it belongs to is not found."))

    def _touch(
        self,
        write: Update | Delete,
        allowed: dict[Action, frozenset[int]],
        action: Action,
        versions: dict[int, int],
    ) -> None:
        if write.id not in allowed[Action.VIEW]:
            raise RecordNotFound
        if write.id not in allowed[action]:
            raise Forbidden
        if write.version is not None and versions.get(write.id) != write.version:
            raise Conflict(fields={"version": versions.get(write.id)})

    def _delete(self, at: int, write: Delete) -> None:
        """The record with all below it; whoever may not delete one of them, or leaves a link dangling, may not."""
        below = nodes.with_descendants(self.ws, [write.id])
        by_term: dict[int, list[int]] = {}
        for record_id, term_id in below:
            by_term.setdefault(term_id, []).append(record_id)
        for term_id, ids in by_term.items():
            if term_id == self.term.id:
                continue
            term = self.access.schema.terms.get(term_id)
            if term is None or len(rights.permitted(term, ids, Action.DELETE, access=self.access)) < len(ids):
                raise HasDependents
        batch = [i for i, _term in below]
        batch += [w.id for w in self.writes if isinstance(w, Delete)]
        if nodes.referred_to(self.ws, batch):
            raise HasDependents
        self.deleted[at] = below

    def _fields(self, results: Results) -> None:
        """Cells that are locked for the actor in some rows or in all."""
        by_requisite: dict[int, list[int]] = {}
        for at, parsed in self.parsed.items():
            for requisite_id in parsed.cells:
                by_requisite.setdefault(requisite_id, []).append(at)
        for requisite_id, places in by_requisite.items():
            if self.access.field(requisite_id, Action.CHANGE) == EVERYTHING:
                continue
            updates = {w.id for at in places if isinstance(w := self.writes[at], Update)}
            free = rights.writable(self.term, self.term.by_id[requisite_id], updates, access=self.access)
            for at in places:
                write = self.writes[at]
                if isinstance(write, Update) and write.id not in free:
                    results[at].fields[requisite_id] = Forbidden()

    def after(self, changes: "ChangeSet") -> None:
        """The rows as they are now must be within the actor's reach, or it would have been a way out of it."""
        for action, ids in ((Action.ADD, changes.created), (Action.CHANGE, changes.updated)):
            if ids and not rights.unrestricted(self.term, action, access=self.access):
                allowed = rights.permitted(self.term, ids, action, access=self.access)
                if len(allowed) < len(set(ids)):
                    raise Forbidden(_("With these values the row would be out of your reach."))
        for requisite_id in changes.requisites_of_created:
            if self.access.field(requisite_id, Action.CHANGE) != EVERYTHING:
                requisite = self.term.by_id[requisite_id]
                ids = changes.requisites_of_created[requisite_id]
                if len(rights.writable(self.term, requisite, ids, access=self.access)) < len(ids):
                    raise Forbidden(fields={str(requisite_id): ""})
