"""What a new row has in the columns that whoever makes it does not name: the DEFAULT of each."""

from collections.abc import Mapping
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from qdm.access import Access
from qdm.errors import InvalidReference, InvalidValue, QdmError
from qdm.managers import nodes
from qdm.schema import Requisite, Term
from qdm.selectors import labels
from qdm.services.cells import Stored, constrain
from qdm.types import codec
from qdm.types.base import BaseType, Locale

TODAY, NOW = "@today", "@now"
#: Which of them a column may have: what is filled in is the moment the row is made, by the clocks of the site.
VARIABLES: Mapping[BaseType, tuple[str, ...]] = {BaseType.DATE: (TODAY,), BaseType.DATETIME: (NOW, TODAY)}


def of(term: Term, *, access: Access) -> dict[int, Stored]:
    """By requisite id, those columns of the term that have one; the actor need not see them. A default that does not
    fit any more (the type was changed, the row it names was deleted) is none."""
    found: dict[int, Stored] = {}
    for column in term.cells:
        text = column.modifier("DEFAULT")
        if text and (value := _stored(text, column, access)) is not None:
            found[column.id] = (value,)
    return found


def checked(text: str, column: Requisite, *, access: Access, locale: Locale) -> str:
    """What a person wrote as a default, as it is kept: canonical text, a variable, the id of a row.

    Raises InvalidValue, InvalidReference.
    """
    text = text.strip()
    if column.target is not None:
        return str(_target(text, column, access))
    if text in VARIABLES.get(column.base, ()):
        return text
    canonical = codec(column.base).parse(text, locale)
    if canonical is None or column.base is BaseType.PWD:
        raise InvalidValue(_("This column cannot have a default."), fields={"DEFAULT": text})
    constrain(canonical, column)
    return canonical


def _target(text: str, column: Requisite, access: Access) -> int:
    term = access.schema.terms.get(column.target or 0)
    if term is None:
        raise InvalidReference(fields={"DEFAULT": text})
    bearers = labels.ids_of(term, [text], access=access).get(text.casefold(), [])
    if len(bearers) == 1:
        return bearers[0]
    if (
        text.isascii()
        and text.isdigit()
        and len(text) < 19
        and int(text) in labels.seen(term, [int(text)], access=access)
    ):
        return int(text)
    raise InvalidReference(
        _("Several rows are called “%(label)s”.") % {"label": text[:100]} if bearers else None, fields={"DEFAULT": text}
    )


def _stored(text: str, column: Requisite, access: Access) -> str | int | None:
    if column.target is not None:
        node = nodes.get(access.schema.pg_schema, int(text)) if text.isdigit() else None
        return node.id if node is not None and node.up > 0 and node.t == column.target else None
    if text in VARIABLES.get(column.base, ()):
        return _moment(text, column.base)
    try:
        return codec(column.base).parse(text, Locale())
    except QdmError:
        return None


def _moment(text: str, base: BaseType) -> str:
    now = timezone.localtime().replace(tzinfo=None, second=0, microsecond=0)
    if base is BaseType.DATE:
        return now.date().isoformat()
    return (now if text == NOW else datetime.combine(now.date(), datetime.min.time())).isoformat()
