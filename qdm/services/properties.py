"""The properties of a column, which are modifiers of it: what may be set, and in which words it is refused."""

from collections.abc import Mapping

from django.utils.translation import gettext as _

from qdm.access import Access
from qdm.errors import InvalidValue
from qdm.schema import Requisite
from qdm.services import defaults
from qdm.types import presentation
from qdm.types.base import Locale


def checked(
    wanted: Mapping[str, str | None], column: Requisite, *, access: Access, locale: Locale
) -> dict[str, str | None]:
    """Parsed modifiers with those of presentation and the default held against the column.

    Raises InvalidValue, InvalidReference.
    """
    found = dict(wanted)
    if (default := found.get("DEFAULT")) is not None:
        found["DEFAULT"] = defaults.checked(default, column, access=access, locale=locale)
    code = found.get("FORMAT")
    if code is not None and (column.is_reference or not presentation.fits(code, column.base)):
        raise InvalidValue(_("“%(format)s” is no format of such a column.") % {"format": code}, fields={"FORMAT": code})
    side = found.get("ALIGN")
    if side is not None and side not in presentation.ALIGNMENTS:
        raise InvalidValue(
            _("Values stand %(known)s, not “%(side)s”.") % {"known": ", ".join(presentation.ALIGNMENTS), "side": side},
            fields={"ALIGN": side},
        )
    return found
