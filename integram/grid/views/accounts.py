"""What concerns the user himself: signing in, the password, theme and language."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm
from django.contrib.auth.views import LoginView, PasswordChangeView, PasswordResetConfirmView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse_lazy
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from rbac.models import User

THEMES = (User.Theme.LIGHT, User.Theme.DARK)
A_YEAR = 31_536_000


class SignIn(LoginView):
    """Also brings the theme the user chose to this browser, and the language where none was chosen in it yet."""

    template_name = "accounts/login.html"
    redirect_authenticated_user = True

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        response = super().form_valid(form)
        user = form.get_user()
        assert isinstance(user, User)
        if user.theme in THEMES:
            _keep_theme(response, user.theme)
        if settings.LANGUAGE_COOKIE_NAME not in self.request.COOKIES:
            _keep_language(response, user.language)
        return response


class PasswordChange(PasswordChangeView):
    template_name = "accounts/password.html"
    success_url = reverse_lazy("grid:workspaces")

    def form_valid(self, form: PasswordChangeForm) -> HttpResponse:
        messages.success(self.request, _("The password is changed."))
        return super().form_valid(form)


class PasswordChoice(PasswordResetConfirmView):
    """Where an invited person chooses the first password."""

    template_name = "accounts/choose.html"
    success_url = reverse_lazy("login")


@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    """Light or dark; anything else goes back to the system's choice."""
    chosen = request.POST.get("theme")
    theme = chosen if chosen in THEMES else User.Theme.AUTO
    _remember(request, theme=theme)
    response = _back(request)
    _keep_theme(response, theme)
    return response


@require_POST
def language(request: HttpRequest) -> HttpResponse:
    chosen = request.POST.get("language", "")
    response = _back(request)
    if chosen in User.Language.values:
        _remember(request, language=chosen)
        _keep_language(response, chosen)
    return response


def _remember(request: HttpRequest, **preference: str) -> None:
    if isinstance(request.user, User):
        User.objects.filter(pk=request.user.pk).update(**preference)


def _keep_theme(response: HttpResponse, theme: str) -> None:
    if theme in THEMES:
        response.set_cookie("theme", theme, max_age=A_YEAR, samesite="Lax")
    else:
        response.delete_cookie("theme", samesite="Lax")


def _keep_language(response: HttpResponse, language: str) -> None:
    response.set_cookie(settings.LANGUAGE_COOKIE_NAME, language, max_age=A_YEAR, samesite="Lax")


def _back(request: HttpRequest) -> HttpResponse:
    """To where the user was, if that is here."""
    target = request.POST.get("next", "/")
    if not url_has_allowed_host_and_scheme(target, allowed_hosts={request.get_host()}):
        target = "/"
    return redirect(target)
