"""What a page says while a question is answered without an index: that it is slow, why, and what is done about it."""

from django.utils.translation import gettext as _

from qdm.access import Access
from qdm.query.ast import Query
from qdm.selectors import indexes


def said(term_id: int, query: Query, access: Access) -> str:
    """One sentence, empty where indexes answer it."""
    missing = indexes.unready(term_id, query, access=access)
    if not missing:
        return ""
    names = ", ".join(f"“{field.name}”" for field in missing)
    done = [field.percent for field in missing if field.percent is not None]
    if not done and all(field.inside for field in missing):
        return _("Searching inside %(columns)s reads the whole table.") % {"columns": names}
    if done:
        return _("Without an index for %(columns)s: it is being made, %(percent)d %%.") % {
            "columns": names, "percent": min(done)}  # fmt: skip
    return _("Without an index for %(columns)s: it will be made when this is asked for more often.") % {
        "columns": names}  # fmt: skip
