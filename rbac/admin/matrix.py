"""The matrix of rights: places x roles x permissions. Each tick is a button that gives or takes one permission."""

from django.contrib.admin import site
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _

from rbac.admin.door import managing
from rbac.matrix import Tick, build, toggle
from rbac.models import Guard


@managing
def matrix(request: HttpRequest, slug: str) -> HttpResponse:
    """GET shows it, with ``?role=`` for one more role; POST ``tick`` is one permission given or taken."""
    access = request.access  # type: ignore[attr-defined]
    if request.method == "POST":
        toggle(Tick.read(request.POST.get("tick", "")), access=access)
        return redirect(request.get_full_path())
    page = request.GET.get("page", "1")
    found = build(access=access, also=request.GET.getlist("role"), page=max(int(page), 1) if page.isdigit() else 1)
    context = {
        **site.each_context(request),
        "title": _("Rights in the workspace %(slug)s") % {"slug": slug},
        "opts": Guard._meta,
        "matrix": found,
        "pages": range(1, found.pages + 1),
        "slug": slug,
    }
    return TemplateResponse(request, "rbac/matrix.html", context)
