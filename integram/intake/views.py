"""Where the owner of a form says who may send it letters, and from which address on the web its file is fetched."""

from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy

from integram.grid import form_page, shell
from integram.grid.door import in_workspace
from integram.grid.forms import add_error
from integram.intake import web
from integram.intake.models import MailDoor, WebSource
from qdm.access import Access
from qdm.errors import Forbidden, QdmError
from qdm.models import UploadForm
from qdm.sheets.forms import definitions

OFTEN = [
    (15, gettext_lazy("every 15 minutes")),
    (60, gettext_lazy("every hour")),
    (360, gettext_lazy("every 6 hours")),
    (1440, gettext_lazy("once a day")),
]


class DoorsForm(forms.Form):
    senders = forms.CharField(
        label=gettext_lazy("Who may send files by e-mail"),
        required=False,
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy("Addresses, or whole domains as @plant.example, one a line. Empty: nobody."),
    )
    url = forms.CharField(
        label=gettext_lazy("Address of a file on the web"),
        required=False,
        max_length=2000,
        help_text=gettext_lazy("A sheet of Google published as CSV or XLSX, or any other file. Empty: none."),
    )
    minutes = forms.TypedChoiceField(label=gettext_lazy("How often it is fetched"), choices=OFTEN, coerce=int)


@in_workspace
def doors(request: HttpRequest, access: Access, form_id: int) -> HttpResponseBase:
    upload = definitions.get(form_id, access=access)
    if not definitions.may_change(upload, access=access):
        raise Forbidden
    mail = MailDoor.objects.filter(form=upload).first()
    source = WebSource.objects.filter(form=upload).first()
    known = {
        "senders": mail.senders if mail else "",
        "url": source.url if source else "",
        "minutes": source.minutes if source else 60,
    }
    form = DoorsForm(form_page.posted(request), initial=known)
    if form.is_valid():
        try:
            _save(upload, form.cleaned_data["senders"], form.cleaned_data["url"], form.cleaned_data["minutes"])
            return redirect("grid:form", access.workspace, form_id)
        except QdmError as error:
            add_error(form, error)
    context = shell.workspace_page(
        access, upload=upload, form=form, source=source, mailbox=settings.IMAP_USER if settings.IMAP_HOST else ""
    )
    return render(request, "upload_forms/doors.html", context, status=422 if form.errors else 200)


def _save(form: UploadForm, senders: str, url: str, minutes: int) -> None:
    """Raises AddressRefused."""
    address = web.address_of(url) if url.strip() else ""
    if senders.strip():
        MailDoor.objects.update_or_create(form=form, defaults={"senders": senders.strip()})
    else:
        MailDoor.objects.filter(form=form).delete()
    if not address:
        WebSource.objects.filter(form=form).delete()
    elif not WebSource.objects.filter(form=form, url=address).update(minutes=minutes):
        WebSource.objects.filter(form=form).delete()  # what was known of the address before is not true of this one
        WebSource.objects.create(form=form, url=address, minutes=minutes)
