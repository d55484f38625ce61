"""Telemetry messages of a drone, stored as rows of the table attached to its source."""

from collections.abc import Mapping
from datetime import datetime

from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from qdm.access import Access
from qdm.errors import InvalidRequest, UnknownField
from qdm.schema import ROOT_ID, Term
from qdm.selectors import records as reading
from qdm.services import records as writing
from qdm.types.base import BaseType
from video import rights
from video.callers import Caller
from video.capture import Rate
from video.errors import LimitReached
from video.models import Source


class TelemetryTooFast(LimitReached):
    code = "telemetry_too_fast"
    default = _("Too many telemetry messages a second: this one was not stored.")


class Telemetry:
    """Of one socket. The rights are the caller's, asked for at each message."""

    def __init__(self, source_id: int, caller: Caller, per_second: float) -> None:
        self._source_id = source_id
        self._caller = caller
        self._rate = Rate(per_second, burst=per_second)

    def store(self, values: object, now: float) -> int:
        """Write one message, ``{column: value}``, as a row, and return its id.

        Columns are named as people call them, or by id; the main value by the name of the table. A main value of the
        type DATETIME that is not given is the time of arrival. Raises the errors of ``qdm.services.records``,
        InvalidRequest where no table is attached, TelemetryTooFast.
        """
        try:
            if not isinstance(values, Mapping):
                raise InvalidRequest(_("Telemetry is an object of columns and values."))
            if not self._rate.due(now):
                raise TelemetryTooFast
            caller = self._caller.renewed()
            source = rights.by_id(self._source_id, caller)
            if source.telemetry_term_id is None or source.workspace is None:
                raise InvalidRequest(_("No table is attached to this stream."))
            access = rights.access(caller, source.workspace.slug)
            term = access.term(source.telemetry_term_id)
            cells = {_column(term, str(name)): value for name, value in values.items()}
            if term.base == BaseType.DATETIME:
                cells.setdefault(term.id, _now())
            created = writing.create(term.id, _parent(source, term, access), cells, access=access)
            assert created.id is not None, "create raises what went wrong"
            return created.id
        finally:
            connection.close()


def _column(term: Term, name: str) -> int:
    if name.isdecimal() and (int(name) == term.id or int(name) in term.by_id):
        return int(name)
    folded = name.casefold()
    if folded in (term.name.casefold(), term.title.casefold()):
        return term.id
    if folded in term.by_name:
        return term.by_name[folded].id
    raise UnknownField(fields={name: str(UnknownField.default)})


def _parent(source: Source, term: Term, access: Access) -> int:
    """The stream's record where the table is a sub-table of it."""
    if source.record_id is None:
        return ROOT_ID
    record = reading.get(source.record_id, access=access)
    above = {requisite.term_id for requisite in access.schema.parents_of(term.id)}
    return record.id if record.term_id in above else ROOT_ID


def _now() -> str:
    """Wall clock without zone: the canonical text of DATETIME."""
    moment: datetime = timezone.localtime()
    return moment.strftime("%Y-%m-%dT%H:%M:%S")
