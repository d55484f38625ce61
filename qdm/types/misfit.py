"""The error of a value that does not fit a base type, in the user's words."""

from django.utils.translation import gettext as _

from qdm.errors import InvalidValue

#: Characters of a value shown in a message.
SHOWN = 60


def misfit(raw: object, expected: str) -> InvalidValue:
    """Error that names the value (shortened) and what was expected (already translated, without a full stop)."""
    if isinstance(raw, dict):
        value = "{…}"
    elif isinstance(raw, (list, tuple, set, frozenset)):
        value = "[…]"
    else:
        try:
            value = str(raw)
        except ValueError:  # an int beyond sys.get_int_max_str_digits()
            value = _("a huge number")
    value = value.replace("\0", "␀").encode("utf-8", "replace").decode()
    if len(value) > SHOWN:
        value = value[: SHOWN - 1] + "…"
    return InvalidValue(_("“%(value)s” does not fit: expected %(expected)s.") % {"value": value, "expected": expected})
