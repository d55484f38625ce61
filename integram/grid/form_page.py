"""A page that is one form: shown, filled, carried out. The same page serves as a dialog (static/js/dialog.js)."""

from collections.abc import Callable
from typing import Any

from django.forms import Form
from django.http import HttpRequest, HttpResponseBase, QueryDict
from django.shortcuts import redirect, render

from integram.grid.forms import add_error
from qdm.errors import NotFound, QdmError


def posted(request: HttpRequest) -> QueryDict | None:
    """What was sent, None where the form is only asked for; a form of nothing but a button sends nothing."""
    return request.POST if request.method == "POST" else None


def serve(
    request: HttpRequest,
    form: Form,
    carry_out: Callable[[dict[str, Any]], str],
    context: dict[str, Any],
) -> HttpResponseBase:
    """Show the form, or carry out what was sent and go where ``carry_out`` says (an address).

    ``context``: heading, submit_label, back_url and what else templates/forms/page.html knows. Domain errors come back
    in the form with status 422; what is missing stays a 404.
    """
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                return redirect(carry_out(form.cleaned_data))
            except NotFound:
                raise
            except QdmError as error:
                add_error(form, error)
    return render(request, "forms/page.html", context | {"form": form}, status=status)
