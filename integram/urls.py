"""Addresses of the whole site: each edge keeps its own list."""

from importlib.util import find_spec

from django.contrib import admin
from django.urls import include, path

from integram import health

urlpatterns = [
    path("health", health.alive),
    path("health/ready", health.ready),
    path("admin/", admin.site.urls),
    path("i18n/", include("django.conf.urls.i18n")),
    # The REST paths begin with a workspace's slug, so they come last.
    *(
        path("", include(f"{edge}.urls"))
        for edge in ("video", "integram.grid", "integram.api")
        if find_spec(f"{edge}.urls")
    ),
]
