"""Everything that is asked before a batch of writes is made, and once more after it."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from qdm.access import Access, Action
from qdm.errors import Conflict, Forbidden, HasDependents, InvalidRequest, QdmError, RecordNotFound
from qdm.managers import nodes
from qdm.managers.nodes import Node
from qdm.schema import ROOT_ID, Term
from qdm.selectors import labels, permissions
from qdm.selectors.permissions import Permission
from qdm.services import cell_edits, defaults
from qdm.services.cells import Parsed, Parser, Stored
from qdm.services.writes import Create, Delete, Results, Update, Write
from qdm.types.base import Locale

if TYPE_CHECKING:
    from qdm.services.change_set import ChangeSet


class Checks:
    """Checked writes to one term. Keeps what it read under lock: ``nodes`` of the records, ``cells`` of those that are
    changed (None: to be read anew); ``parsed`` values; and the ``defaults`` of new rows.

    ``whole_term``: with the columns the actor does not see.
    """

    def __init__(self, term: Term, whole_term: Term, access: Access, locale: Locale) -> None:
        self.term = term
        self.whole_term = whole_term
        self.access = access
        self.ws = access.schema.pg_schema
        self.writes: Sequence[Write] = ()
        self.nodes: dict[int, Node] = {}
        self.cells: list[Node] | None = None
        self.parsed: dict[int, Parsed] = {}
        self.deleted: dict[int, list[int]] = {}
        self.defaults: dict[int, Stored] = {}
        self._parents: set[int] = set()
        self._parser = Parser(term, access, locale)

    def run(self, writes: Sequence[Write], results: Results) -> list[int]:
        """Check every write; errors go to its result. Places of the good ones."""
        self.writes = writes
        wanted = {w.id for w in writes if not isinstance(w, Create)}
        parents = {w.up for w in writes if isinstance(w, Create) and w.up != ROOT_ID}
        changed = [w for w in writes if isinstance(w, Update)]
        cells = {key for w in changed for key in w.values if key in self.term.by_id}
        # All in id order, parents too: two batches over the same rows take turns.
        held = nodes.held(
            self.ws,
            self.term.table,
            [i for i in wanted | parents if 0 < i < 2**63],
            [w.id for w in changed if 0 < w.id < 2**63] if cells else [],
            cell_edits.asked(self.whole_term, cells),
        )
        self.nodes, self.cells = held.nodes, held.cells
        # The projection knows which of these nodes are records: a requisite has a term as its t too.
        versions = {i: version for i, version in held.versions.items() if i in wanted}
        ids = list(versions)
        may_change = self._may(ids, {w.id for w in changed}, Action.CHANGE, cells)
        may_delete = self._may(ids, {w.id for w in writes if isinstance(w, Delete)}, Action.DELETE)
        if any(isinstance(w, Create) for w in writes):
            self.defaults = defaults.of(self.whole_term, access=self.access)
            self._parents = self._seen(parents)
        self._parser.prepare([w.values for w in writes if not isinstance(w, Delete)])
        going: dict[int, int] = {}
        for at, write in enumerate(writes):
            result = results[at]
            try:
                match write:
                    case Create():
                        self._create(write)
                    case Update():
                        result.id = write.id
                        self._touch(write, may_change, versions)
                    case Delete():
                        result.id = write.id
                        self._touch(write, may_delete, versions)
                        going[at] = write.id
                if not isinstance(write, Delete):
                    creating = isinstance(write, Create)
                    self.parsed[at] = self._parser.parse(write.values, creating=creating, defaults=self.defaults)
                    result.fields.update(self.parsed[at].errors)
                if isinstance(write, Update):
                    denied = may_change[write.id].denied & self.parsed[at].cells.keys()
                    result.fields.update({requisite_id: Forbidden() for requisite_id in denied})
            except QdmError as error:
                result.error = error
            if isinstance(write, Update | Delete):
                result.version = versions.get(write.id)
        self._delete(going, results)
        return [at for at, result in enumerate(results) if result.ok]

    def table_now(self) -> str:
        """The projection, which the first record of the term may just have made."""
        return f"t_{self.term.id}"

    def _create(self, write: Create) -> None:
        self.access.require(Action.ADD, self.term.id)
        if write.up == ROOT_ID:
            return
        if write.up < ROOT_ID:
            raise InvalidRequest(_("A row cannot be put there."))
        if write.up not in self._parents:
            raise RecordNotFound(_("The row it belongs to is not found."))

    def _seen(self, parents: Collection[int]) -> set[int]:
        """Those of the rows that are there to be seen."""
        by_term: dict[int, list[int]] = defaultdict(list)
        for record_id in parents:
            node = self.nodes.get(record_id)
            if node is not None and node.up > 0 and node.t in self.access.schema.terms:
                by_term[node.t].append(record_id)
        return {
            record_id
            for term_id, ids in by_term.items()
            for record_id in labels.seen(self.access.schema.terms[term_id], ids, access=self.access)
        }

    def _may(
        self, ids: list[int], wanted: set[int], action: Action, cells: Collection[int] = ()
    ) -> Mapping[int, Permission]:
        """Permission for the action on those of the live records ``ids`` that are wanted, and on these cells."""
        inside = [i for i in ids if i in wanted]
        requisites = [self.term.by_id[i] for i in sorted(cells)]
        if not inside:
            return {}
        return permissions.of_records(self.term.id, inside, action, requisites, access=self.access)

    def _touch(self, write: Update | Delete, may: Mapping[int, Permission], versions: Mapping[int, int]) -> None:
        permission = may.get(write.id)
        if permission is None or not permission.seen:
            raise RecordNotFound
        if not permission.allowed:
            raise Forbidden
        if write.version is not None and versions.get(write.id) != write.version:
            raise Conflict(fields={"version": versions.get(write.id)})

    def _delete(self, going: dict[int, int], results: Results) -> None:
        """Records with all below them; whoever may not delete one of those, or leaves a link dangling, may not.

        ``going``: ids by place. Asked once for all of them, and again without those that stay, for what they link to.
        """
        below = nodes.with_descendants(self.ws, list(going.values()))
        kept = self._kept_below({record_id: term_id for _root, record_id, term_id in below})
        trees: dict[int, list[int]] = {root: [] for root in going.values()}
        for root, record_id, _term in below:
            trees[root].append(record_id)
        while going:
            referred = nodes.referred_to(self.ws, {i for root in going.values() for i in trees[root]})
            stay = [at for at, root in going.items() if not (kept | referred).isdisjoint(trees[root])]
            for at in stay:
                results[at].error = HasDependents()
                del going[at]
            if not stay:
                break
        self.deleted = {at: trees[root] for at, root in going.items()}

    def _kept_below(self, below: Mapping[int, int]) -> set[int]:
        """Records of other terms (id -> term) that the actor may not delete."""
        by_term: dict[int, list[int]] = defaultdict(list)
        for record_id, term_id in below.items():
            if term_id != self.term.id:
                by_term[term_id].append(record_id)
        kept: set[int] = set()
        for term_id, ids in by_term.items():
            if term_id not in self.access.schema.terms:
                kept.update(ids)
                continue
            may = permissions.of_records(term_id, ids, Action.DELETE, access=self.access)
            kept.update(i for i in ids if i not in may or not may[i].allowed)
        return kept

    def after(self, changes: "ChangeSet") -> None:
        """The rows as they are now must be within the actor's reach, or writing would be a way out of it."""
        made = changes.requisites_of_created
        requisites = [self.term.by_id[i] for i in sorted(made)]
        added = permissions.of_records(self.term.id, changes.created, Action.ADD, access=self.access)
        filled = permissions.of_records(self.term.id, changes.created, Action.CHANGE, requisites, access=self.access)
        kept = permissions.of_records(self.term.id, changes.updated, Action.CHANGE, access=self.access)
        for ids, found in ((changes.created, added), (changes.updated, kept)):
            if any(i not in found or not found[i].allowed for i in ids):
                raise Forbidden(_("With these values the row would be out of your reach."))
        for requisite_id, ids in made.items():
            if any(requisite_id in filled[i].denied for i in ids):
                raise Forbidden(fields={str(requisite_id): ""})
