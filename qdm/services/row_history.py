"""A row, or one cell of it, goes back to what it held, by the way every row is written."""

from qdm.access import Access
from qdm.selectors import reverts
from qdm.services import records
from qdm.services.writes import Result


def restore(record_id: int, to: int, key: str | None = None, *, access: Access, version: int | None = None) -> Result:
    """Write into the row what it held at the stamp ``to``; ``key``: into that cell alone ('val': the main value).

    Raises Conflict when the row is no longer at ``version``, RecordNotFound, Forbidden, and as ``records.update`` for
    what cannot stand there any more: a link to a row that is gone, a text that does not fit its column by now.
    """
    record, back = reverts.of_row(record_id, to, key, access=access)
    values = {record.term_id if one.key == "val" else int(one.key): one.wanted for one in back}
    return records.update(record_id, values, access=access, version=version, note="restore")
