"""The addresses of the site where signing in with OpenID Connect is switched on."""

from django.urls import include, path

from integram.urls import urlpatterns as all_addresses

urlpatterns = [path("accounts/oidc/", include("mozilla_django_oidc.urls")), *all_addresses]
