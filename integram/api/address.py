"""What stands in an address: ids of the path, numbers of the query string."""

from collections.abc import Mapping

from django.http import HttpRequest
from django.utils.translation import gettext as _

from integram.api.body import MAX_ID, Form, is_integer
from integram.api.errors import Malformed, problem

LIMIT, MAX_LIMIT = 20, 1000


def ids(path: Mapping[str, str]) -> dict[str, int]:
    """The parts of a path that are ids. Raises Malformed."""
    found, problems = {}, []
    for name, text in path.items():
        if not is_integer(text):
            problems.append(problem(("path", name), _("A whole number is expected."), "int_parsing"))
        elif abs(int(text)) > MAX_ID:
            problems.append(problem(("path", name), _("The number is too large."), "int_parsing_size"))
        else:
            found[name] = int(text)
    if problems:
        raise Malformed(problems)
    return found


def parameters(request: HttpRequest) -> dict[str, str]:
    """The query string; of a name that is repeated the last value. Raises Malformed for a NUL."""
    found = {}
    for name, values in request.GET.lists():
        if "\0" in name or "\0" in values[-1]:
            raise Malformed([problem(("query", name.replace("\0", "")), _("This text holds a NUL."))])
        found[name] = values[-1]
    return found


def numbers(parameters: Mapping[str, str]) -> Form:
    """The query string as a form, for its numbers."""
    return Form(dict(parameters), ("query",))
