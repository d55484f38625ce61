"""Pages of deliveries: “Send…” above a sheet, the list, one with its log, and the way out for recipients."""

from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from integram.deliveries import ordering, sending
from integram.deliveries.models import Delivery
from integram.grid import as_shown, form_page, presenting, shell
from integram.grid.door import in_workspace
from integram.grid.forms import add_error
from qdm.access import Access, Action
from qdm.errors import QdmError


class DeliveryForm(forms.Form):
    title = forms.CharField(label=gettext_lazy("Subject of the letter"), max_length=200)
    people = forms.CharField(
        label=gettext_lazy("Recipients"),
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("Sign-in names or addresses of people here, one a line. Each gets what he may see."),
    )
    frequency = forms.ChoiceField(label=gettext_lazy("How often"), choices=Delivery.Frequency.choices)
    weekday = forms.TypedChoiceField(
        label=gettext_lazy("Day of the week, if every week"), choices=list(WEEKDAYS.items()), coerce=int
    )
    monthday = forms.IntegerField(label=gettext_lazy("Day of the month, if every month"), min_value=1, max_value=31)
    hour = forms.TypedChoiceField(label=gettext_lazy("At"), choices=[(n, f"{n:02}:00") for n in range(24)], coerce=int)
    time_zone = forms.CharField(label=gettext_lazy("Time zone"), max_length=64)

    def clean_time_zone(self) -> str:
        zone = str(self.cleaned_data["time_zone"]).strip()
        if zone not in available_timezones():
            raise ValidationError(_("A time zone such as Europe/Moscow is expected."))
        return zone


class ChangeForm(DeliveryForm):
    is_active = forms.BooleanField(label=gettext_lazy("Is sent"), required=False)


@in_workspace
def create(request: HttpRequest, access: Access, term_id: int) -> HttpResponseBase:
    """For the rows that the sheet's address asks for."""
    term = access.term(term_id)
    access.require(Action.EXPORT, term_id)
    asked = {name: request.GET[name] for name in ("view", *presenting.SAID) if name in request.GET}
    as_shown.read(term, asked, access=access)
    first = {
        "title": term.title,
        "people": getattr(request.user, "email", "") or access.actor.name,
        "frequency": Delivery.Frequency.DAILY,
        "weekday": 0,
        "monthday": 1,
        "hour": 9,
        "time_zone": settings.TIME_ZONE,
    }
    form = DeliveryForm(form_page.posted(request), initial=first)
    if form.is_valid():
        when = dict(form.cleaned_data)
        try:
            delivery = ordering.create(term_id, asked, when, when.pop("people"), access=access)
            return redirect("deliveries:one", access.workspace, delivery.pk)
        except QdmError as error:
            add_error(form, error)
    return _page(request, access, form, term=term)


@in_workspace
def one(request: HttpRequest, access: Access, delivery_id: int) -> HttpResponseBase:
    delivery = ordering.get(delivery_id, access=access)
    first: dict[str, Any] = {name: getattr(delivery, name) for name in ChangeForm.base_fields if name != "people"}
    recipients = list(delivery.recipients.select_related("user"))
    first["people"] = "\n".join(recipient.user.email or recipient.user.username for recipient in recipients)
    form = ChangeForm(form_page.posted(request), initial=first)
    if form.is_valid():
        when = dict(form.cleaned_data)
        is_active = when.pop("is_active")
        try:
            ordering.change(delivery_id, when, when.pop("people"), access=access, is_active=is_active)
            return redirect("deliveries:one", access.workspace, delivery_id)
        except QdmError as error:
            add_error(form, error)
    return _page(
        request,
        access,
        form,
        term=access.term(delivery.term),
        delivery=delivery,
        log=ordering.log(delivery),
        gone=[recipient.user.email for recipient in recipients if recipient.unsubscribed_at],
    )


def _page(request: HttpRequest, access: Access, form: DeliveryForm, **more: Any) -> HttpResponse:
    context = shell.workspace_page(access, form=form, has_mail=bool(settings.EMAIL_HOST), **more)
    return render(request, "deliveries/one.html", context, status=422 if form.errors else 200)


@require_safe
@in_workspace
def index(request: HttpRequest, access: Access) -> HttpResponseBase:
    context = shell.workspace_page(access, deliveries=ordering.of_workspace(access=access))
    return render(request, "deliveries/list.html", context)


@require_POST
@in_workspace
def act(request: HttpRequest, access: Access, delivery_id: int) -> HttpResponseBase:
    """Send it now, or delete it."""
    if request.POST.get("act") == "delete":
        ordering.delete(delivery_id, access=access)
        return redirect("deliveries:list", access.workspace)
    ordering.send_now(delivery_id, access=access)
    return redirect("deliveries:one", access.workspace, delivery_id)


@csrf_exempt  # programs of e-mail send it by themselves, RFC 8058
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """Asks first: what merely opens addresses in letters must not unsubscribe anybody."""
    recipient = sending.recipient_of(token)
    if recipient is None:
        raise Http404
    if request.method == "POST" and recipient.unsubscribed_at is None:
        recipient.unsubscribed_at = timezone.now()
        recipient.save(update_fields=["unsubscribed_at"])
    with override(recipient.delivery.language):
        return render(request, "deliveries/unsubscribe.html", {"recipient": recipient})
