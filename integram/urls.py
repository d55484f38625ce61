"""Addresses of the whole site: each edge keeps its own list."""

from django.conf import settings
from django.contrib import admin
from django.urls import include, path

from integram import health, metrics

urlpatterns = [
    path("health", health.alive),
    path("health/ready", health.ready),
    path("metrics", metrics.metrics),
    path("admin/", admin.site.urls),
    path("i18n/", include("django.conf.urls.i18n")),
    *([path("accounts/oidc/", include("mozilla_django_oidc.urls"))] if settings.OIDC else []),
    path("", include("video.urls")),
    path("", include("integram.grid.urls")),
    path("", include("integram.intake.urls")),
    path("", include("integram.deliveries.urls")),
    # Its paths begin with the slug of a workspace, so they come last.
    path("", include("integram.api.urls")),
]
